//! The address of a target, read once and sent to ever after.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::Url;
use thiserror::Error;

/// An address that could be read: scheme, host, port, and a path to put before every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host, port and base path, without a final slash.
    base: String,
    base_path_len: usize,
    host: String,
    ip: Option<IpAddr>,
    port: u16,
    loopback: bool,
    secure: bool,
}

/// Why an address can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// It is no URL.
    #[error("read the endpoint `{text}`: {reason}; write it like http://127.0.0.1:5000")]
    Unreadable {
        /// The address as given.
        text: String,
        /// The fault in it.
        reason: String,
    },
    /// It is a URL, but not one to send to.
    #[error("use the endpoint `{text}`: {reason}")]
    Unusable {
        /// The address as given.
        text: String,
        /// The fault in it, and its remedy.
        reason: &'static str,
    },
}

impl Endpoint {
    /// Reads an address after putting `region` where it says `{region}`.
    ///
    /// # Errors
    /// When it is no `http` or `https` URL, or has parts that no request could carry on (a query, a password).
    pub fn parse(text: &str, region: &str) -> Result<Self, EndpointError> {
        let text = text.replace("{region}", region);
        let unusable = |reason| EndpointError::Unusable { text: redacted(&text), reason };
        let url = Url::parse(&text)
            .map_err(|error| EndpointError::Unreadable { text: redacted(&text), reason: error.to_string() })?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(unusable("only http and https can be spoken; begin it with http://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable(
                "it holds a user name or password; leave them out and set the keys to sign with",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("it has a query or fragment; leave off everything from `?` or `#`"));
        }
        let name =
            url.host_str().ok_or_else(|| unusable("it names no host; write it like http://127.0.0.1:5000"))?;
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let ip: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
        let loopback = ip.map_or_else(|| name == "localhost", |ip| ip.is_loopback());
        let base_path = url.path().trim_end_matches('/');
        let base = format!("{}://{host}{base_path}", url.scheme());
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Self { base, base_path_len: base_path.len(), host, ip, port, loopback, secure })
    }

    /// Whether it can only be this machine: 127.0.0.0/8, `::1` or `localhost`.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The value of the `host` header: the port is left out where the scheme implies it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Scheme, host, port and base path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The address for a raw connection, as far as it is known without a name service or TLS.
    pub(super) fn socket(&self) -> Option<SocketAddr> {
        let ip = self.ip.or_else(|| self.loopback.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST)))?;
        (!self.secure && self.base_path_len == 0).then(|| SocketAddr::new(ip, self.port))
    }

    pub(super) const fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    pub(super) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The path that goes before the path of every request; empty for most.
    pub(super) fn base_path(&self) -> &str {
        &self.base[self.base.len() - self.base_path_len..]
    }

    /// The URL of a path and query, if it would be sent exactly as given.
    pub(super) fn join(&self, path: &str, query: &str) -> Option<Url> {
        let separator = if query.is_empty() { "" } else { "?" };
        let text = format!("{}{path}{separator}{query}", self.base);
        let url = Url::parse(&text).ok()?;
        // The URL type tidies up what it reads; what it changed would not be what was asked for, nor what was signed.
        let same_path = url.path().strip_prefix(self.base_path()) == Some(path);
        let same_query = url.query().unwrap_or_default() == query;
        (same_path && same_query && url.fragment().is_none()).then_some(url)
    }
}

/// An address fit for a message: a password in it is not.
fn redacted(text: &str) -> String {
    match (text.find("://"), text.find('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &text[..scheme], &text[at..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, EndpointError};

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text, "eu-west-1").unwrap()
    }

    #[test]
    fn only_this_machine_counts_as_loopback() {
        for text in ["http://127.0.0.1:5000", "http://127.9.9.9", "https://[::1]:1", "http://LOCALHOST:4566/"] {
            assert!(endpoint(text).is_loopback(), "{text}");
        }
        for text in [
            "http://10.0.0.1",
            "https://securityhub.us-east-1.amazonaws.com",
            "http://localhost.example",
            "http://127.0.0.1.nip.io",
            "http://0.0.0.0:5000",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(!endpoint(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn the_region_is_put_into_the_address() {
        let endpoint = endpoint("https://securityhub.{region}.amazonaws.com");
        assert_eq!(endpoint.host(), "securityhub.eu-west-1.amazonaws.com");
        assert!(endpoint.is_secure());
    }

    #[test]
    fn a_base_path_goes_before_every_path() {
        let endpoint = endpoint("http://127.0.0.1:80/hub/");
        assert_eq!(endpoint.base_path(), "/hub");
        assert_eq!(endpoint.host(), "127.0.0.1");
        assert_eq!(endpoint.join("/members", "a=b").unwrap().as_str(), "http://127.0.0.1/hub/members?a=b");
    }

    #[test]
    fn a_path_that_would_be_changed_on_the_way_is_not_sent() {
        let endpoint = endpoint("http://127.0.0.1:5000");
        for (path, query) in [
            ("/a b", ""),
            ("/a/../b", ""),
            ("/ü", ""),
            ("/a", "q=\"x\""),
            ("members", ""),
            ("/a#b", ""),
            ("/a?b", ""),
            ("", ""),
        ] {
            assert_eq!(endpoint.join(path, query), None, "{path}?{query}");
        }
        for (path, query) in
            [("/", ""), ("//a", ""), ("/a%20b%2fC", "x=%zz&&=&+"), ("/members", "NextToken=a%2Bb%3D")]
        {
            assert!(endpoint.join(path, query).is_some(), "{path}?{query}");
        }
    }

    #[test]
    fn an_address_nobody_could_send_to_is_refused_without_telling_its_password() {
        for text in ["", "127.0.0.1:5000", "ftp://127.0.0.1", "http://", "http://a/?x", "http://a/#x"] {
            assert!(Endpoint::parse(text, "us-east-1").is_err(), "{text}");
        }
        let error = Endpoint::parse("http://me:hunter2@127.0.0.1", "us-east-1").unwrap_err();
        assert!(matches!(error, EndpointError::Unusable { .. }));
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
