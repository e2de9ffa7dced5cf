//! HTTP messages as plain data. Nothing here sends or receives them.

use std::borrow::Cow;

use crate::domain::shape::Method;

/// Header lines, names in lower case, in the order sent or received.
pub(crate) type Headers = Vec<(Cow<'static, str>, String)>;

/// The header in which the protocol of AWS Organizations (awsJson1_1) names the operation.
pub(crate) const TARGET_HEADER: &str = "x-amz-target";

/// The prefix of the operation's name in that header.
pub(crate) const ORGANIZATIONS: &str = "AWSOrganizationsV20161128.";

/// The media type of the protocol of STS.
const FORM: &str = "application/x-www-form-urlencoded";

/// A request before it is given an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded where needed, always beginning with `/`.
    pub path: Cow<'static, str>,
    /// The query string without its `?`, percent-encoded; empty when there is none.
    pub query: String,
    /// Header lines.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response as received; its receiver bounds its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header lines.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The first value of a header, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The service it is meant for, as a credential scope names it.
    #[must_use]
    pub fn service(&self) -> &'static str {
        let organizations = self.header(TARGET_HEADER).is_some_and(|target| target.starts_with(ORGANIZATIONS));
        let form = || self.header("content-type").is_some_and(|kind| kind.starts_with(FORM));
        if organizations {
            return "organizations";
        }
        // STS speaks a protocol of forms (awsQuery), which no operation under test does.
        if self.method == Method::Post && self.path == "/" && form() { "sts" } else { "securityhub" }
    }
}

impl HttpResponse {
    /// The first value of a header, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn find<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
