//! The reasons for which a call brought no answer, and whether the target is to blame for it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use thiserror::Error;

use super::guard::GuardRefusal;

/// The point that a call had come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStage {
    /// No connection yet.
    Connecting,
    /// Connected; the head of the answer not yet complete.
    Answer,
    /// In the body of the answer.
    Body,
}

/// Why there is no answer. Fits after "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No server listens there, or the network does not lead there.
    #[error(
        "connect to {endpoint}: {detail}; start the target, give it time to start (--wait TIME), or correct the endpoint"
    )]
    Unreachable {
        /// Where.
        endpoint: String,
        /// The words of the system.
        detail: String,
    },
    /// The parties could not agree on TLS.
    #[error("agree on TLS with {endpoint}: {detail}; if it made its own certificate, name that: --ca FILE")]
    Tls {
        /// Where.
        endpoint: String,
        /// The failure.
        detail: String,
    },
    /// The target speaks plain HTTP where TLS was spoken to it, or the other way about.
    #[error(
        "get an answer from {endpoint}: what listens there speaks {spoken}; begin the endpoint with {scheme}://"
    )]
    OtherScheme {
        /// Where.
        endpoint: String,
        /// The protocol that it speaks.
        spoken: &'static str,
        /// The scheme to use.
        scheme: &'static str,
    },
    /// A time limit ran out.
    #[error("{} {endpoint} within {limit:?}; if it is merely slow, give it more time: --request-timeout TIME", phase.goal())]
    Timeout {
        /// Where.
        endpoint: String,
        /// The stage that the call had reached.
        phase: CallStage,
        /// The limit that ran out.
        limit: Duration,
    },
    /// The connection ended before the head of an answer was complete.
    #[error("get an answer from {endpoint}: it closed the connection without one{}; look at its log for a crash", note(*reused))]
    ClosedEarly {
        /// Where.
        endpoint: String,
        /// Whether an earlier call had used the connection: then it may have been closed before this call was seen.
        reused: bool,
    },
    /// The connection ended in the middle of a body whose length was announced.
    #[error(
        "get the whole answer from {endpoint}: it closed the connection after {received} bytes of the body, short of what it announced"
    )]
    CutShort {
        /// Where.
        endpoint: String,
        /// The bytes of the body that had come.
        received: usize,
    },
    /// The body is larger than the limit.
    #[error("read the answer from {endpoint}: its body is larger than {limit} bytes")]
    BodyTooLarge {
        /// Where.
        endpoint: String,
        /// The limit.
        limit: usize,
    },
    /// The body holds more values than anything reads.
    #[error("read the answer from {endpoint}: its body holds more than {limit} values")]
    TooManyValues {
        /// Where.
        endpoint: String,
        /// The limit.
        limit: usize,
    },
    /// The head of the answer has too many headers, or too long ones.
    #[error(
        "read the answer from {endpoint}: its headers are more than an HTTP client takes (100 lines, 400 KiB)"
    )]
    HeadersTooLarge {
        /// Where.
        endpoint: String,
    },
    /// The bytes are not HTTP.
    #[error("read the answer from {endpoint} as HTTP: {detail}")]
    NotHttp {
        /// Where.
        endpoint: String,
        /// The fault in them.
        detail: String,
    },
    /// This machine has no local port left for another connection. Says nothing about the target.
    #[error(
        "open another connection to {endpoint}: this machine has no local port left; wait a minute, or lower --workers"
    )]
    PortsExhausted {
        /// Where.
        endpoint: String,
    },
    /// The guard let nothing be sent.
    #[error(transparent)]
    Refused(#[from] GuardRefusal),
    /// There are no keys to sign with: their source, or STS, gave none.
    #[error("{0}")]
    NoKeys(String),
    /// The request can't be put on the wire unchanged.
    #[error("send the request to {endpoint} as it is: {reason}")]
    Unsendable {
        /// Where to.
        endpoint: String,
        /// Why not.
        reason: String,
    },
    /// The connection failed in a way that says nothing more.
    #[error("finish the call to {endpoint}: {detail}")]
    Interrupted {
        /// Where.
        endpoint: String,
        /// The words of the system.
        detail: String,
    },
}

impl TransportError {
    /// What the target did wrong, in words that are the same whenever it does so. None where that can't be told:
    /// unreachable, too slow, too much, or a kept connection that may have been closed before the call was seen.
    #[must_use]
    pub fn fault_of_target(&self) -> Option<String> {
        match self {
            Self::NotHttp { detail, .. } => Some(format!("an answer that can't be read as HTTP: {detail}")),
            Self::CutShort { .. } => {
                Some("it closed the connection within the body, short of what it announced".to_owned())
            }
            Self::ClosedEarly { reused: false, .. } => {
                Some("it closed the connection without an answer".to_owned())
            }
            Self::ClosedEarly { reused: true, .. }
            | Self::Unreachable { .. }
            | Self::Tls { .. }
            | Self::OtherScheme { .. }
            | Self::Timeout { .. }
            | Self::BodyTooLarge { .. }
            | Self::TooManyValues { .. }
            | Self::HeadersTooLarge { .. }
            | Self::PortsExhausted { .. }
            | Self::Refused(_)
            | Self::NoKeys(_)
            | Self::Unsendable { .. }
            | Self::Interrupted { .. } => None,
        }
    }

    /// Whether the target closed the connection under the call, as it does with all of them when it ends.
    #[must_use]
    pub const fn is_hang_up(&self) -> bool {
        matches!(self, Self::CutShort { .. } | Self::ClosedEarly { .. })
    }

    /// Names the cause of a failed connection, request or answer head.
    pub(super) fn before_body(
        error: &reqwest::Error,
        endpoint: &str,
        connect_limit: Duration,
        reused: bool,
    ) -> Self {
        let endpoint = endpoint.to_owned();
        let detail = innermost(error);
        if let Some(hyper) = find::<hyper::Error>(error) {
            if hyper.is_parse_too_large() {
                return Self::HeadersTooLarge { endpoint };
            }
            if hyper.is_parse() {
                return Self::NotHttp { endpoint, detail };
            }
            if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
                return Self::ClosedEarly { endpoint, reused };
            }
        }
        if let Some(failure) = find::<rustls::Error>(error) {
            return Self::of_tls(failure, endpoint);
        }
        let io = find::<io::Error>(error).map(io::Error::kind);
        if !error.is_connect() {
            return match io {
                Some(kind) if is_hang_up(kind) => Self::ClosedEarly { endpoint, reused },
                _ => Self::Interrupted { endpoint, detail },
            };
        }
        match io {
            // Connecting says the first when every port to this address is taken, binding beforehand the second.
            Some(io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse) => Self::PortsExhausted { endpoint },
            _ if error.is_timeout() => {
                Self::Timeout { endpoint, phase: CallStage::Connecting, limit: connect_limit }
            }
            _ => Self::Unreachable { endpoint, detail },
        }
    }

    /// Names the cause of a handshake that failed.
    pub(super) fn of_tls(failure: &rustls::Error, endpoint: String) -> Self {
        let detail = match failure {
            rustls::Error::InvalidMessage(_) => {
                "what it speaks is no TLS, so the endpoint may begin with http://".to_owned()
            }
            other => other.to_string().to_lowercase(),
        };
        Self::Tls { endpoint, detail }
    }

    /// Names the cause of a failure within the body.
    pub(super) fn within_body(error: &reqwest::Error, endpoint: &str, received: usize) -> Self {
        let endpoint = endpoint.to_owned();
        let incomplete = find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message);
        match find::<io::Error>(error).map(io::Error::kind) {
            _ if incomplete => Self::CutShort { endpoint, received },
            Some(kind) if is_hang_up(kind) => Self::CutShort { endpoint, received },
            Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                Self::NotHttp { endpoint, detail: innermost(error) }
            }
            _ => Self::Interrupted { endpoint, detail: innermost(error) },
        }
    }
}

impl CallStage {
    const fn goal(self) -> &'static str {
        match self {
            Self::Connecting => "connect to",
            Self::Answer => "get an answer from",
            Self::Body => "get the whole answer from",
        }
    }
}

const fn note(reused: bool) -> &'static str {
    if reused { " (an earlier call had used that connection, so it may not have seen this one)" } else { "" }
}

const fn is_hang_up(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}

/// The causes of an error from the outside in. Bounded, for nothing promises that the chain ends.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An I/O error hides what it wraps from `source`, yet that is where TLS puts its reasons.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    })
    .take(16)
}

fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(String::new, |cause| cause.to_string().to_lowercase())
}
