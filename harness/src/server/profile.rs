//! The errors of a front end: the names that a profile has for a request that no operation takes.
//!
//! Generated servers are known by the tests of restJson1. Of the service itself were seen: status 403 with
//! `AccessDeniedException` for an address without operation, and status 400 with `InvalidInputException` for a member
//! of a wrong type.

use passmuster_contract::domain::{ErrorKind, Profile, ServiceError};
use passmuster_contract::wire::{self, HttpResponse, Violation};

/// The answer to a request that no operation answers to.
pub(super) fn unrouted(profile: Profile, message: String) -> HttpResponse {
    match profile {
        Profile::Union => wire::encode_error(&unknown_operation(message)),
        Profile::Aws => {
            let message = "Unable to determine service/operation name to be authorized".to_owned();
            wire::encode_error(&error(ErrorKind::AccessDenied, message))
        }
        Profile::Smithy => {
            let response = wire::encode_error(&unknown_operation(message));
            HttpResponse { body: b"{}".to_vec(), ..response }
        }
    }
}

/// The error that generated servers have for it.
pub(super) fn unknown_operation(message: String) -> ServiceError {
    error(ErrorKind::UnknownOperation, message)
}

/// The error of an input that can't be read as what the API model says.
pub(super) fn unreadable(profile: Profile, message: String) -> ServiceError {
    match profile {
        Profile::Smithy | Profile::Union => error(ErrorKind::Serialization, message),
        Profile::Aws => error(ErrorKind::InvalidInput, message),
    }
}

/// The error of an input that breaks constraints of the API model; `None` where it is the model's to say.
pub(super) fn constrained(profile: Profile, violations: &[Violation]) -> Option<ServiceError> {
    let first = violations.first()?;
    match profile {
        Profile::Union => None,
        Profile::Aws => Some(invalid(first)),
        Profile::Smithy => {
            let Violation { pointer, problem } = first;
            let count = violations.len();
            let errors = if count == 1 { "error" } else { "errors" };
            let message = format!(
                "{count} validation {errors} detected. Value at '{pointer}' failed to satisfy constraint: \
                 Member {problem}"
            );
            Some(error(ErrorKind::Validation, message))
        }
    }
}

/// The error of the service for a broken constraint.
pub(super) fn invalid(violation: &Violation) -> ServiceError {
    error(ErrorKind::InvalidInput, format!("Invalid parameter in the input: {violation}"))
}

/// An error that the API model doesn't have, with the status that goes with it.
pub(super) fn unmodelled(code: &str, status: u16, message: &str) -> ServiceError {
    ServiceError { kind: ErrorKind::Other(code.to_owned()), status, message: Some(message.to_owned()) }
}

fn error(kind: ErrorKind, message: String) -> ServiceError {
    ServiceError { status: kind.status(), kind, message: Some(message) }
}
