//! Servers whose parser, column or language falls short where few requests go.

use serde_json::{Value, json};

use super::WireSabotage::{Bytes, Service};
use super::connection::head_lines;
use super::reading::{Pairs, first_copies, is_text};
use super::{answer, body, has_body, is_broken, is_unreadable, mended, wire_faults, with_body};
use passmuster_contract::domain::shape::{Location, ShapeKind};
use passmuster_contract::wire::{self, HttpRequest, HttpResponse};

/// The most digits that Python turns into an integer.
const DIGITS: usize = 4_300;
/// The most characters of a column.
const COLUMN: usize = 255;

wire_faults! {
    "wire-vast-number-500", "I03", "A body with a number of more than 4,300 digits is answered with status 500.",
        Service(|request, serve| if has_vast_number(&request.body) { failed() } else { serve(request) });
    "wire-vast-parameter-500", "I03", "A query with a number of more than 4,300 digits is answered with status 500.",
        Service(|request, serve| if has_vast_number(request.query.as_bytes()) { failed() } else { serve(request) });
    "wire-first-copy-checked", "D67", "Of a member given twice, the first copy is checked and the last one taken.",
        Service(|request, serve| match first_copies(request) {
            Some(first) if !is_unreadable(&first) && refuses(request) => {
                answer(200, "application/json", "{\"UnprocessedAccounts\":[]}")
            }
            _ => serve(request),
        });
    "wire-last-copy-500", "I03", "A member whose last copy can't be read is answered with status 500.",
        Service(|request, serve| {
            let is_first_right = first_copies(request).is_some_and(|first| !is_unreadable(&first));
            if is_first_right && is_unreadable(request) { failed() } else { serve(request) }
        });
    "wire-first-copy-500", "I03", "A member whose first copy alone can't be read is answered with status 500.",
        Service(|request, serve| {
            let is_first_wrong = first_copies(request).is_some_and(|first| is_unreadable(&first));
            if is_first_wrong && !is_unreadable(&last_copies(request)) { failed() } else { serve(request) }
        });
    "wire-second-value-500", "I03", "A query whose key has a wrong second value is answered with status 500.",
        Service(|request, serve| if has_wrong_second(request) { failed() } else { serve(request) });
    "wire-capital-names-unknown", "I22", "Header lines whose names are written in capitals are not seen.",
        Bytes(|bytes| head_lines(bytes, |line| {
            if line.starts_with(b"CONTENT-TYPE:") || line.starts_with(b"AUTHORIZATION:") {
                line[0] = b'x';
            }
        }));
    "wire-form-read", "D38", "A form is read as the input of the operation.",
        Service(|request, serve| {
            let is_form = request.header("content-type").is_some_and(|value| value.contains("form"));
            if is_form && is_broken(request) { done() } else { serve(request) }
        });
    "wire-long-text-500", "I03", "A text of more than 255 characters fails in the database.",
        Service(|request, serve| if has_text(request, |text| text.chars().count() > COLUMN) { failed() } else { serve(request) });
    "wire-foreign-blanks-500", "I03", "A text of blanks beyond ASCII is answered with status 500.",
        Service(|request, serve| {
            let is_blank = |text: &str| !text.is_empty() && !text.is_ascii() && text.trim().is_empty();
            if has_text(request, is_blank) { failed() } else { serve(request) }
        });
    "wire-text-as-number", "D77", "A text of digits is read as an integer of the body.",
        Service(|request, serve| serve(&mended(request, text_to_number)));
    "wire-underscores-in-numbers", "D90", "Underscores between the digits of a query parameter are left out.",
        Service(|request, serve| {
            let pairs: Vec<String> = request.query.split('&').map(without_underscores).collect();
            serve(&HttpRequest { query: pairs.join("&"), ..request.clone() })
        });
    "wire-escapes-read-twice", "D27", "The values of a query are unescaped twice.",
        Service(|request, serve| serve(&HttpRequest { query: request.query.replace("%25", "%"), ..request.clone() }));
    "wire-zero-width-500", "I03", "A text with a character without width is answered with status 500.",
        Service(|request, serve| {
            let has_none = |text: &str| text.contains(['\u{200b}', '\u{202e}']);
            if has_text(request, has_none) { failed() } else { serve(request) }
        });
}

fn failed() -> HttpResponse {
    answer(500, "application/json", "{\"message\":\"Internal Server Error\"}")
}

fn done() -> HttpResponse {
    answer(200, "application/json", "{}")
}

/// Whether there are more digits in a row than some languages can turn into a number.
fn has_vast_number(text: &[u8]) -> bool {
    let before_string = text.split(|byte| *byte == b'"').step_by(2);
    before_string.flat_map(|part| part.split(|byte| !byte.is_ascii_digit())).any(|digits| digits.len() > DIGITS)
}

/// Whether an input can't be read, or breaks a constraint.
fn refuses(request: &HttpRequest) -> bool {
    wire::route(request).is_some()
        && wire::decode_request(request)
            .map_or(true, |(operation, members)| !wire::violations(operation, &members).is_empty())
}

/// The request with the last of each repeated member.
fn last_copies(request: &HttpRequest) -> HttpRequest {
    match serde_json::from_slice(&request.body) {
        Ok(Pairs(pairs)) => with_body(request, Value::Object(pairs.into_iter().collect()).to_string()),
        Err(_) => request.clone(),
    }
}

/// Whether a key is there twice, and only its last value can't be read.
fn has_wrong_second(request: &HttpRequest) -> bool {
    let pairs: Vec<&str> = request.query.split('&').collect();
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let with = |pair: &str| HttpRequest { query: pair.to_owned(), ..request.clone() };
    pairs.iter().enumerate().any(|(at, last)| {
        let first = pairs[..at].iter().find(|first| name(first) == name(last));
        first.is_some_and(|first| !is_unreadable(&with(first)) && is_unreadable(&with(last)))
    })
}

/// Whether a text that the operation reads is such.
fn has_text(request: &HttpRequest, is_such: impl Fn(&str) -> bool) -> bool {
    let (Some(operation), Some(value)) = (wire::route(request).filter(|_| has_body(request)), body(request))
    else {
        return false;
    };
    let is_such: &dyn Fn(&str) -> bool = &is_such;
    has_text_in(&ShapeKind::Structure(operation.shape().input), &value, is_such)
}

/// As deep as the API model goes.
fn has_text_in(kind: &ShapeKind, value: &Value, is_such: &dyn Fn(&str) -> bool) -> bool {
    match (kind, value) {
        (kind, Value::String(text)) => is_text(kind) && is_such(text),
        (ShapeKind::List { item, .. }, Value::Array(items)) => {
            items.iter().any(|value| has_text_in(item, value, is_such))
        }
        (ShapeKind::Structure(known), Value::Object(members)) => {
            let mut in_body = known.iter().filter(|member| member.location == Location::Body);
            in_body.any(|member| {
                members.get(member.name).is_some_and(|value| has_text_in(&member.kind, value, is_such))
            })
        }
        _ => false,
    }
}

fn text_to_number(kind: &ShapeKind, value: &mut Value) {
    if matches!(kind, ShapeKind::Integer(_))
        && let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok())
    {
        *value = json!(number);
    }
}

fn without_underscores(pair: &str) -> String {
    let is_number = |value: &str| value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    match pair.split_once('=') {
        Some((name, value)) if is_number(value) => format!("{name}={}", value.replace('_', "")),
        _ => pair.to_owned(),
    }
}
