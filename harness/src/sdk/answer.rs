//! An answer as all clients see it, before each begins to look for a code.

use super::json::{self, LenientJson, Oddities, UnreadableJson};
use passmuster_contract::domain::Operation;
use passmuster_contract::wire::HttpResponse;

/// The header that names the type of an error (Smithy specification, restJson1).
const ERROR_TYPE: &str = "x-amzn-errortype";

/// An answer.
pub(super) struct SdkAnswer<'a> {
    pub(super) operation: Operation,
    pub(super) response: &'a HttpResponse,
    pub(super) body: AnswerBody,
    /// Whether the body is UTF-8.
    pub(super) is_utf8: bool,
}

/// A body, as far as it can be read.
pub(super) enum AnswerBody {
    /// No bytes.
    Empty,
    /// Nothing but blanks.
    Blank,
    /// JSON, by the book but for the oddities.
    Json(LenientJson, Oddities),
    /// Something else.
    Other,
    /// JSON too deep to tell what becomes of it.
    Deep,
}

impl<'a> SdkAnswer<'a> {
    pub(super) fn new(operation: Operation, response: &'a HttpResponse) -> Self {
        let text = String::from_utf8_lossy(&response.body);
        let body = if text.is_empty() {
            AnswerBody::Empty
        } else if text.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
            AnswerBody::Blank
        } else {
            match json::read(&text) {
                Ok((value, odd)) => AnswerBody::Json(value, odd),
                Err(UnreadableJson::NotJson) => AnswerBody::Other,
                Err(UnreadableJson::Deep) => AnswerBody::Deep,
            }
        };
        // What is not UTF-8 was copied to be made so.
        let is_utf8 = matches!(text, std::borrow::Cow::Borrowed(_));
        Self { operation, response, body, is_utf8 }
    }

    pub(super) const fn status(&self) -> u16 {
        self.response.status
    }

    pub(super) const fn is_success(&self) -> bool {
        self.status() >= 200 && self.status() < 300
    }

    /// The lines of the header that names the type, as received.
    pub(super) fn error_types(&self) -> impl Iterator<Item = &'a str> {
        self.values(ERROR_TYPE)
    }

    /// The first line of the header that names the type, without the blanks around it, which a transport takes away.
    pub(super) fn error_type(&self) -> Option<&'a str> {
        self.error_types().next().map(|value| value.trim_matches([' ', '\t']))
    }

    pub(super) fn values(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let lines = self.response.headers.iter();
        lines.filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of a body that can be read, oddities and all.
    pub(super) const fn json(&self) -> Option<&LenientJson> {
        match &self.body {
            AnswerBody::Json(value, _) => Some(value),
            AnswerBody::Empty | AnswerBody::Blank | AnswerBody::Other | AnswerBody::Deep => None,
        }
    }

    /// The member of a body that can be read, by its exact name; of several the last.
    pub(super) fn member(&self, name: &str) -> Option<&LenientJson> {
        self.json()?.member(name)
    }

    /// The oddities of a body that can be read.
    pub(super) fn oddities(&self) -> Oddities {
        match self.body {
            AnswerBody::Json(_, odd) => odd,
            AnswerBody::Empty | AnswerBody::Blank | AnswerBody::Other | AnswerBody::Deep => Oddities::default(),
        }
    }

    /// Whether the operation has an error of this exact name.
    pub(super) fn declares(&self, code: &str) -> bool {
        self.operation.shape().errors.iter().any(|kind| kind.code() == code)
    }
}

/// Every error that the API model of Security Hub has (2018-10-26, botocore 1.43.11).
pub(super) const SERVICE_ERRORS: [&str; 15] = [
    "AccessDeniedException",
    "ConflictException",
    "InternalException",
    "InternalServerException",
    "InvalidAccessException",
    "InvalidInputException",
    "LimitExceededException",
    "OrganizationNotFoundException",
    "OrganizationalUnitNotFoundException",
    "ResourceConflictException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ThrottlingException",
    "ValidationException",
];

/// The part before the first colon, and of that the one after the first number sign: the order of Rust, Go and Java.
pub(super) fn bare(code: &str) -> &str {
    let name = code.split(':').next().unwrap_or_default();
    name.split_once('#').map_or(name, |(_, name)| name)
}
