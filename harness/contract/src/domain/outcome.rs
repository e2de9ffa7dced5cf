//! The outcome of a call, at the level of the API. HTTP belongs to `wire`.

use std::fmt;

use serde_json::{Map, Value};

/// A JSON object: the members of a request or a response.
pub type Document = Map<String, Value>;

macro_rules! error_kinds {
    ($($variant:ident = $name:literal / $status:literal, $doc:literal;)*) => {
        /// The type of an API error, by the name on the wire. Unknown names are kept, not dropped.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorKind {
            $(#[doc = $doc] $variant,)*
            /// Any other name.
            Other(String),
        }

        impl ErrorKind {
            /// Reads a sanitised code (no namespace, no URI suffix).
            #[must_use]
            pub fn from_code(code: &str) -> Self {
                match code {
                    $($name => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// The code as it stands on the wire.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(code) => code,
                }
            }

            /// The HTTP status that the API model, or failing that common usage, gives the error.
            #[must_use]
            pub const fn status(&self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                    Self::Other(_) => 400,
                }
            }
        }
    };
}

error_kinds! {
    InvalidInput = "InvalidInputException" / 400, "The request holds a value the service refuses.";
    InvalidAccess = "InvalidAccessException" / 401, "The hub is off, or the caller's role forbids the call.";
    AccessDenied = "AccessDeniedException" / 403, "Not authorised; newer servers also say it when the hub is off.";
    ResourceNotFound = "ResourceNotFoundException" / 404, "There is no such thing.";
    ResourceConflict = "ResourceConflictException" / 409, "The thing exists already.";
    LimitExceeded = "LimitExceededException" / 429, "A quota is reached, or the caller is throttled.";
    Internal = "InternalException" / 500, "The service failed.";
    BadRequest = "BadRequestException" / 400, "The unmodelled error of the membership calls.";
    Validation = "ValidationException" / 400, "A constraint is broken (generated servers).";
    Serialization = "SerializationException" / 400, "The body can't be read as the input shape.";
    Throttling = "ThrottlingException" / 429, "The caller is throttled.";
    TooManyRequests = "TooManyRequestsException" / 429, "The caller is throttled (gateway).";
    DataUnavailable = "DataUnavailableException" / 400, "Organization data is still syncing.";
    UnrecognizedClient = "UnrecognizedClientException" / 403, "The security token isn't valid here.";
    UnknownOperation = "UnknownOperationException" / 404, "No operation at this address.";
    InternalFailure = "InternalFailure" / 500, "The front end failed; many mocks say it for what they don't implement.";
    NotImplemented = "NotImplemented" / 501, "A mock doesn't have the operation.";
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An error answer that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// Its type.
    pub kind: ErrorKind,
    /// The HTTP status it came with.
    pub status: u16,
    /// Its text, where it has one.
    pub message: Option<String>,
}

/// The answer of a target, at the level of the API. A failed connection is not an outcome.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A 2xx answer and its members; operations without output have none.
    Success(Document),
    /// An error answer whose type could be resolved.
    Error(ServiceError),
    /// An answer that no client could read as either.
    Undecodable {
        /// The HTTP status.
        status: u16,
        /// The place of what can't be read, as a JSON pointer with a dash for each index; empty where that is the whole.
        pointer: String,
        /// The problem with it, in words that fit after "the answer can't be read: ".
        reason: String,
    },
}

impl Outcome {
    /// One line for people: status, and type and text of an error, as much of it as anybody reads.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.clipped() {
            Self::Success(document) if document.is_empty() => "200".to_owned(),
            Self::Success(document) => format!("200 {}", Value::Object(document.clone())),
            Self::Error(error) => match &error.message {
                Some(message) => format!("{} {}: {message}", error.status, error.kind),
                None => format!("{} {}", error.status, error.kind),
            },
            Self::Undecodable { status, reason, .. } => format!("{status}, unreadable: {reason}"),
        }
    }
}
