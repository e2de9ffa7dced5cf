//! The reaction of a parser or a server to a request.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::reader::RefusalKind;
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::wire::{HttpRequest, HttpResponse, RequestError, decode_request};

/// The reaction of a parser or a server to a request. Whatever turns into one can be fuzzed.
#[derive(Clone, Debug, PartialEq)]
pub enum Reaction {
    /// A parser read it: the operation called, and its members by the names of the API model.
    Read(Operation, Document),
    /// A parser refused it.
    Refused(RefusalKind),
    /// A server answered it.
    Answered(HttpResponse),
    /// It panicked, with these words.
    Panicked(String),
}

impl From<Result<(Operation, Document), RefusalKind>> for Reaction {
    fn from(read: Result<(Operation, Document), RefusalKind>) -> Self {
        match read {
            Ok((operation, members)) => Self::Read(operation, members),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

impl From<HttpResponse> for Reaction {
    fn from(response: HttpResponse) -> Self {
        Self::Answered(response)
    }
}

impl From<&RequestError> for RefusalKind {
    fn from(error: &RequestError) -> Self {
        match error {
            RequestError::UnknownOperation { .. } => Self::Route,
            RequestError::Serialization { .. } => Self::Parse,
        }
    }
}

/// The decoder of the reference server, as a subject of fuzzing like any other.
///
/// # Errors
///
/// The reason why the request is refused.
pub fn reference(request: &HttpRequest) -> Result<(Operation, Document), RefusalKind> {
    decode_request(request).map_err(|error| RefusalKind::from(&error))
}

/// Shows a request to a subject. A panic is one more thing that it can do.
pub(super) fn show<R: Into<Reaction>>(
    subject: &mut impl FnMut(&HttpRequest) -> R,
    request: &HttpRequest,
) -> Reaction {
    match catch_unwind(AssertUnwindSafe(|| subject(request).into())) {
        Ok(reaction) => reaction,
        Err(panic) => Reaction::Panicked(words(panic.as_ref())),
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}
