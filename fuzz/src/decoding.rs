//! The codec: whatever comes is read, or refused in words that can be shown.

use passmuster::domain::{Outcome, PlainNaming, Region, Request};
use passmuster::sdk::{LINTS, lint, predict};
use passmuster::wire::{
    RequestError, decode_error, decode_request, decode_response, encode_error, encode_request, violations,
};

use crate::message;

/// Longer than any reason: an excerpt of 80 characters and the words around it.
const LONGEST_REASON: usize = 250;

/// Any answer to any operation is read, or called unreadable in words that can be shown.
pub fn response_decoding_never_panics(bytes: &[u8]) {
    let (operation, response) = message::response(bytes);
    let success = (200..300).contains(&response.status);
    match decode_response(operation, &response) {
        Outcome::Success(_) => assert!(success),
        Outcome::Error(error) => {
            assert!(!success);
            assert_printable(error.kind.code());
        }
        Outcome::Undecodable { reason, .. } => assert_printable(&reason),
    }
}

/// Any error answer is read or called unreadable; what is read is read the same when it is written again.
pub fn error_decoding_never_panics_and_is_stable(bytes: &[u8]) {
    let (operation, response) = message::response(bytes);
    assert_eq!(predict(operation, &response), predict(operation, &response));
    let lints = lint(operation, &response);
    assert!(lints.len() <= LINTS.len());
    match decode_error(&response) {
        Outcome::Error(error) => {
            let again = decode_error(&encode_error(&error));
            assert_eq!(again, Outcome::Error(error));
        }
        Outcome::Undecodable { reason, status, .. } => {
            assert_eq!(status, response.status);
            assert_printable(&reason);
        }
        Outcome::Success(members) => panic!("an error answer was read as the success {members:?}"),
    }
}

/// Any request is read or refused; what is read is read the same when it is written again, on the wire and typed.
pub fn request_decoding_never_panics(bytes: &[u8]) {
    let request = message::request(bytes);
    match decode_request(&request) {
        Ok((operation, members)) => {
            assert!(violations(operation, &members).len() <= 100);
            if let Ok(typed) = Request::from_document(operation, &members, &PlainNaming) {
                let caller = passmuster::domain::Account(1);
                let again = typed.to_document(caller, Region(0), &PlainNaming);
                assert_eq!(Request::from_document(operation, &again, &PlainNaming), Ok(typed));
            }
            let again = encode_request(operation, &members);
            assert_eq!(decode_request(&again), Ok((operation, members)));
        }
        Err(RequestError::UnknownOperation { path, .. }) => assert_printable(&path),
        Err(RequestError::Serialization { problem, .. }) => assert_printable(&problem),
    }
}

fn assert_printable(text: &str) {
    assert!(!text.is_empty(), "nothing is said");
    assert!(text.chars().count() <= LONGEST_REASON, "too long: {text:?}");
    assert!(!text.contains(char::is_control), "can't be shown: {text:?}");
}
