//! The address of a target, read once and sent to ever after.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use reqwest::Url;
use thiserror::Error;

use super::secrets::masked_address;

/// For a name service to say where a name leads.
const LOOK_UP: Duration = Duration::from_secs(5);

/// An address that could be read: scheme, host, port, and a path to put before every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host, port and base path, without a final slash.
    base: String,
    base_path_len: usize,
    host: String,
    name: String,
    /// The addresses that are connected to; none where the name is looked up for each connection.
    addresses: Vec<IpAddr>,
    port: u16,
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
        let unusable = |reason| EndpointError::Unusable { text: masked_address(&text), reason };
        let url = Url::parse(&text).map_err(|error| EndpointError::Unreadable {
            text: masked_address(&text),
            reason: error.to_string(),
        })?;
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
        let name = name.trim_matches(['[', ']']).to_owned();
        let addresses = name.parse().into_iter().collect();
        let base_path = url.path().trim_end_matches('/');
        let base = format!("{}://{host}{base_path}", url.scheme());
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Self { base, base_path_len: base_path.len(), host, name, addresses, port, secure })
    }

    /// Looks its name up where it has one. Where all that it leads to is this machine, it is never looked up again:
    /// what was judged is what is connected to. `localhost` is this machine where nothing else is said of it.
    #[must_use]
    pub fn resolved(self) -> Self {
        // Where the service itself is, is known.
        let is_aws = self.name.ends_with(".amazonaws.com") || self.name.ends_with(".amazonaws.com.cn");
        if is_aws || !self.addresses.is_empty() {
            return self;
        }
        let found = look_up(&self.name);
        self.leading_to(found)
    }

    fn leading_to(mut self, mut found: Vec<IpAddr>) -> Self {
        if found.is_empty() && self.name == "localhost" {
            found = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        if self.addresses.is_empty() && found.iter().all(IpAddr::is_loopback) {
            // To connect to one that this machine doesn't have would look as if it had run out of ports.
            let (here, missing): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|ip| TcpListener::bind((*ip, 0)).is_ok());
            self.addresses = if here.is_empty() { missing } else { here };
        }
        self
    }

    /// Whether it can only be this machine: 127.0.0.0/8 or `::1`, and a name once it was looked up.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        !self.addresses.is_empty() && self.addresses.iter().all(IpAddr::is_loopback)
    }

    /// The name that leads to addresses which were looked up once for all.
    pub(super) fn pinned(&self) -> Option<(&str, Vec<SocketAddr>)> {
        let is_named = self.name.parse::<IpAddr>().is_err() && !self.addresses.is_empty();
        // Without a port, so that the one of each URL is taken: several may have the name.
        is_named.then(|| (self.name.as_str(), self.addresses.iter().map(|ip| SocketAddr::new(*ip, 0)).collect()))
    }

    /// The name or address of the host, without a port.
    pub(super) fn name(&self) -> &str {
        &self.name
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

    /// The addresses to connect to; none where the name was not found to be this machine.
    pub(super) fn sockets(&self) -> Vec<SocketAddr> {
        self.addresses.iter().map(|ip| SocketAddr::new(*ip, self.port)).collect()
    }

    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.addresses.first().copied()
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

/// The addresses that a name leads to; none where nobody says so in time.
fn look_up(name: &str) -> Vec<IpAddr> {
    let (tell, told) = mpsc::channel();
    let name = name.to_owned();
    // The system takes as long as it likes.
    thread::spawn(move || {
        let found = (name, 0).to_socket_addrs();
        let _ = tell.send(found.map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default());
    });
    told.recv_timeout(LOOK_UP).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, EndpointError};

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text, "eu-west-1").unwrap()
    }

    #[test]
    fn only_this_machine_counts_as_loopback() {
        for text in ["http://127.0.0.1:5000", "http://127.9.9.9", "https://[::1]:1"] {
            assert!(endpoint(text).is_loopback(), "{text}");
        }
        assert!(endpoint("http://LOCALHOST:4566/").leading_to(Vec::new()).is_loopback());
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
    fn a_name_is_this_machine_where_all_that_it_leads_to_is() {
        let leads = |name: &str, to: &[&str]| {
            let found = to.iter().map(|ip| ip.parse().unwrap()).collect();
            endpoint(&format!("http://{name}:5000")).leading_to(found)
        };
        for name in ["localhost", "moto.test"] {
            let here = leads(name, &["127.0.0.1", "::1"]);
            assert!(here.is_loopback());
            let (pinned, to) = here.pinned().unwrap();
            assert_eq!((pinned, to[0].to_string()), (name, "127.0.0.1:0".to_owned()));
            assert_eq!(here.sockets()[0].to_string(), "127.0.0.1:5000");
            for elsewhere in [&["10.0.0.1"][..], &["127.0.0.1", "10.0.0.1"], &["::ffff:10.0.0.1"]] {
                assert!(!leads(name, elsewhere).is_loopback(), "{elsewhere:?}");
                assert!(leads(name, elsewhere).pinned().is_none());
            }
        }
        assert!(!leads("moto.test", &[]).is_loopback());
        // A machine has 127.0.0.1 at least; what it lacks is not tried.
        assert_eq!(leads("localhost", &["127.0.0.1"]).resolved().sockets().len(), 1);
        // An address is not looked up.
        assert!(!leads("10.0.0.1", &["127.0.0.1"]).is_loopback());
        assert!(leads("127.0.0.1", &["127.0.0.1"]).pinned().is_none());
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
        for text in [
            "http://me:hunter2@127.0.0.1",
            "http://me:a@hunter2@127.0.0.1/",
            "http://me:hunter2?@127.0.0.1",
            "http://me:hunter2#@127.0.0.1",
            "me:hunter2@127.0.0.1",
            "http://127.0.0.1/?password=hunter2",
            "http://127.0.0.1/#hunter2",
            "ftp://me:hunter2@127.0.0.1",
            "http://me:hunter2@",
        ] {
            let error = Endpoint::parse(text, "us-east-1").unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }
}
