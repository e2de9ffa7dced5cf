//! Invariants: what holds for the answer to any bytes. It asks neither the model nor the rows of the decision table.

use serde_json::Value;

use super::complaint::{Aspect, Complaint, InvariantId};
use super::message::Message;
use passmuster_contract::domain::{ErrorKind, Outcome};
use passmuster_contract::wire::{self, HttpResponse};

/// Texts that only the inside of a server has.
const INTERNALS: &[&str] = &[
    "Traceback (most recent call last)",
    "\tat java.",
    "\n    at ",
    "goroutine ",
    "panicked at",
    "RUST_BACKTRACE",
    "File \"/",
    "/run-packages/",
    "SQLSTATE",
];

/// The header lines that a malformed request tries to have the server send.
const INJECTED: &[&str] = &["x-a", "x-injected", "set-cookie"];

/// Codes that are no type of the API model, and yet fit any answer of it.
const COMMON: &[&str] = &[
    "SerializationException",
    "ValidationException",
    "UnsupportedMediaTypeException",
    "NotAcceptableException",
    "UnknownOperationException",
    "BadRequestException",
    "TooManyRequestsException",
    "ThrottlingException",
    "MalformedHttpRequestException",
    "RequestEntityTooLargeException",
    "RequestTimeoutException",
    "RequestAbortedException",
    "InternalFailure",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "RequestExpired",
    "ExpiredTokenException",
    "InvalidInputException",
    "InvalidAccessException",
    "AccessDeniedException",
    "ResourceNotFoundException",
    "ResourceConflictException",
    "LimitExceededException",
    "InternalException",
    "ServiceQuotaExceededException",
];

/// Adds what is wrong with an answer whatever was asked.
pub fn check_invariants(response: &HttpResponse, canary: &str, sent: &Message, complaints: &mut Vec<Complaint>) {
    let body = String::from_utf8_lossy(&response.body);
    if let Some(trace) = INTERNALS.iter().find(|trace| body.contains(**trace)) {
        let observed = format!("the answer holds {trace:?}");
        complaints.push(Complaint::by_invariant(
            InvariantId::I14,
            Aspect::Leak,
            "nothing of the server's inside",
            &observed,
        ));
    }
    let bears_canary = sent.headers.iter().any(|line| contains(line, canary.as_bytes()))
        || contains(&sent.target(), canary.as_bytes());
    let echoed = response.headers.iter().any(|(_, value)| value.contains(canary)) || body.contains(canary);
    if bears_canary && echoed {
        let expected = "nothing of what stands where a secret would";
        complaints.push(Complaint::by_invariant(
            InvariantId::I15,
            Aspect::Echo,
            expected,
            "the answer repeats the secret",
        ));
    }
    let injected = |name: &str| {
        INJECTED.contains(&name) && !sent.headers.iter().any(|line| line.starts_with(name.as_bytes()))
    };
    if contains(&sent.target(), b"%0d%0a") && response.headers.iter().any(|(name, _)| injected(name)) {
        let expected = "no header line out of the request";
        complaints.push(Complaint::by_invariant(
            InvariantId::I16,
            Aspect::Injection,
            expected,
            "a line break of the request made one",
        ));
    }
    if sent.method != b"HEAD" {
        note_form(response, complaints);
    }
}

/// Notes flaws that a client can live with, and that the operator of the server would like to know.
fn note_form(response: &HttpResponse, complaints: &mut Vec<Complaint>) {
    let mut note = |id: InvariantId, expected: &str, observed: String| {
        complaints.push(Complaint::by_invariant(id, Aspect::Note, expected, &observed));
    };
    if response.header("x-amzn-requestid").is_none() {
        note(InvariantId::I11, "a header x-amzn-requestid", "none".to_owned());
    }
    let json = serde_json::from_slice::<Value>(&response.body).is_ok();
    let declared = response.header("content-type").unwrap_or_default();
    let media = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if json && media != "application/json" && !media.starts_with("application/x-amz-json") {
        let observed = if media.is_empty() { "none".to_owned() } else { media };
        note(InvariantId::I17, "content-type application/json for JSON", observed);
    }
    if (200..300).contains(&response.status) {
        return;
    }
    let lines = response.headers.iter().filter(|(name, _)| name == "x-amzn-errortype").collect::<Vec<_>>();
    match lines.as_slice() {
        [] => note(InvariantId::I06, "the code in one header x-amzn-errortype", "no such header".to_owned()),
        [(_, value)] if value.contains(['#', ':', ',', ' ']) => {
            note(
                InvariantId::I06,
                "the bare code in x-amzn-errortype",
                "a code with something around it".to_owned(),
            );
        }
        [_] => {}
        _ => note(InvariantId::I06, "the code in one header x-amzn-errortype", "several of them".to_owned()),
    }
    let Outcome::Error(error) = wire::decode_error(response) else { return };
    let code = error.kind.to_string();
    // Generated servers answer an unknown operation with an empty object: row D20.
    let is_unrouted = code == "UnknownOperationException";
    if !COMMON.contains(&code.as_str()) {
        note(InvariantId::I08, "a code that the API or AWS in general knows", code);
    } else if !goes_with(&error.kind, error.status) {
        note(
            InvariantId::I09,
            &format!("{code} with {}", error.kind.status()),
            format!("{code} with {}", error.status),
        );
    }
    if error.message.is_none() && !is_unrouted {
        note(InvariantId::I10, "a message", "none that is a text".to_owned());
    }
}

/// Whether an error goes with a status: as the model says, as was seen, or as the rows on rates and signatures admit.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others go with one status alone")]
fn goes_with(kind: &ErrorKind, status: u16) -> bool {
    let others: &[u16] = match kind {
        ErrorKind::Other(_) => return true,
        ErrorKind::InvalidInput | ErrorKind::ResourceConflict => &[401],
        ErrorKind::Throttling | ErrorKind::UnrecognizedClient => &[400],
        _ => &[],
    };
    status == kind.status() || others.contains(&status)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
