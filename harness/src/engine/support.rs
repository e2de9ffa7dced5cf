//! The operations that a target has, as its answers show them.

use std::collections::BTreeMap;

use crate::record::OperationSupport;
use passmuster_contract::domain::{ErrorKind, Operation, Outcome, ServiceError};
use passmuster_contract::wire::HttpResponse;

/// Whether a target has an operation, by its answer to one well-formed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Support {
    /// It answers as one that knows the operation.
    Supported,
    /// It says, in one of the many ways stand-ins have, that it doesn't.
    Unsupported(String),
    /// It fails on a well-formed call.
    Broken(String),
    /// It lacks the operation, and what that would do is taken to be done; what it answered.
    Given(String),
}

impl Support {
    /// The word in records.
    #[must_use]
    pub const fn word(&self) -> OperationSupport {
        match self {
            Self::Supported => OperationSupport::Supported,
            Self::Unsupported(_) => OperationSupport::Unsupported,
            Self::Broken(_) => OperationSupport::Broken,
            Self::Given(_) => OperationSupport::Given,
        }
    }

    /// The observation that says so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Supported => None,
            Self::Unsupported(reason) | Self::Broken(reason) | Self::Given(reason) => Some(reason),
        }
    }

    /// Judges the answer to a well-formed call.
    #[must_use]
    pub fn of(outcome: &Outcome, response: &HttpResponse) -> Self {
        let shown = outcome.summary();
        match outcome {
            Outcome::Success(_) => Self::Supported,
            Outcome::Error(error) if error.status == 501 || says_unknown(&error.kind) => Self::Unsupported(shown),
            Outcome::Error(error) if error.status >= 500 => Self::Broken(shown),
            // Frameworks answer so where there is no route.
            Outcome::Error(ServiceError { status: 404 | 405, kind: ErrorKind::Other(_), .. }) => {
                Self::Unsupported(shown)
            }
            Outcome::Error(_) => Self::Supported,
            // It has the operation, and what it answers is there to be judged.
            Outcome::Undecodable { status: 200..300, pointer, .. } if !pointer.is_empty() => Self::Supported,
            Outcome::Undecodable { status, .. } => {
                let body = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
                let html = body.trim_start().starts_with('<');
                let unnamed = response.header("x-amzn-requestid").is_none();
                // moto answers a path it knows with a page of HTML and status 500 where it lacks the operation; whether
                // the target is one that does, the probe knows.
                let not_there = match status {
                    404 | 405 | 501 => true,
                    500 => html && unnamed,
                    400 => body.contains("unsupported service") || body.contains("not enabled"),
                    _ => false,
                };
                if not_there { Self::Unsupported(shown) } else { Self::Broken(shown) }
            }
        }
    }
}

/// Error types with which servers say that they don't know an operation or a service.
fn says_unknown(kind: &ErrorKind) -> bool {
    match kind {
        ErrorKind::UnknownOperation | ErrorKind::NotImplemented => true,
        ErrorKind::Other(code) => {
            ["InvalidAction", "UnknownService", "NotImplementedException", "NotImplementedError", "ActionNotFound"]
                .contains(&code.as_str())
        }
        _ => false,
    }
}

/// Which operations a target has; an operation never probed counts as supported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportTable {
    known: BTreeMap<Operation, Support>,
}

impl SupportTable {
    /// Notes what a probe found.
    pub fn set(&mut self, operation: Operation, support: Support) {
        self.known.insert(operation, support);
    }

    /// The support of an operation, as far as it is known.
    #[must_use]
    pub fn get(&self, operation: Operation) -> Option<&Support> {
        self.known.get(&operation)
    }

    /// Whether it makes sense to plan with the operation: it can be called, or what it does is given.
    #[must_use]
    pub fn has(&self, operation: Operation) -> bool {
        self.can_call(operation) || self.is_given(operation)
    }

    /// Whether it makes sense to call the operation.
    #[must_use]
    pub fn can_call(&self, operation: Operation) -> bool {
        self.known.get(&operation).is_none_or(|support| *support == Support::Supported)
    }

    /// Whether the operation is not there, and what it would do is taken to be done.
    #[must_use]
    pub fn is_given(&self, operation: Operation) -> bool {
        matches!(self.known.get(&operation), Some(Support::Given(_)))
    }

    /// The number of operations under test that are supported.
    #[must_use]
    pub fn supported(&self) -> usize {
        let tested = |(operation, support): &(&Operation, &Support)| {
            !operation.is_setup() && **support == Support::Supported
        };
        self.known.iter().filter(tested).count()
    }
}
