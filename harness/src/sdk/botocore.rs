//! How botocore 1.43 reads an answer. Measured; `botocore/parsers.py`, `ResponseParser` and `RestJSONParser`.

use super::answer::{Answer, Body, SERVICE_ERRORS};
use super::json::{Json, Oddities};
use super::output;
use super::verdict::{Sdk, Verdict};

pub(super) fn read(answer: &Answer<'_>) -> Verdict {
    if answer.status() <= 300 {
        let verdict = output::read(Sdk::Botocore, answer);
        // Parsed as an output, and raised as an error without a code behind that.
        let raised = answer.status() == 300 && verdict == Verdict::Success;
        return if raised { Verdict::Generic("Unknown".to_owned()) } else { verdict };
    }
    if is_from_elsewhere(answer) {
        return Verdict::Generic(answer.status().to_string());
    }
    if !answer.is_utf8 {
        return Verdict::Crash("UnicodeDecodeError");
    }
    let nothing = Json::Object(Vec::new());
    let body = match &answer.body {
        Body::Deep => return Verdict::NotPredicted,
        Body::Json(value, odd) if can_read(*odd) => value,
        // A body that is not JSON is taken for the message.
        Body::Json(..) | Body::Empty | Body::Blank | Body::Other => &nothing,
    };
    match code(answer, body) {
        Ok(Json::String(code)) if SERVICE_ERRORS.contains(&code.text.as_str()) => Verdict::Typed(code.text),
        Ok(Json::String(code)) => Verdict::Generic(code.text),
        Ok(other) => other.python_text().map_or(Verdict::Crash("TypeError"), Verdict::Generic),
        Err(error) => Verdict::Crash(error),
    }
}

/// Whether what Python's JSON reader makes of a text is its value: constants and lone surrogates are.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.loose_number || odd.broken_escape || odd.text_behind)
}

/// Whether the answer is taken for that of a proxy: then neither body nor headers are looked at.
pub(super) fn is_from_elsewhere(answer: &Answer<'_>) -> bool {
    let body = answer.response.body.trim_ascii();
    answer.status() >= 500 && (body.is_empty() || body.starts_with(b"<html>"))
}

/// The code, which need not be a string; the type of an error that reaches the user.
fn code(answer: &Answer<'_>, body: &Json) -> Result<Json, &'static str> {
    if !matches!(body, Json::Object(_)) {
        return Err("AttributeError");
    }
    let name = |text: &str| Json::from(cut(text));
    let header: Vec<&str> = answer.error_types().map(|line| line.trim_start_matches([' ', '\t'])).collect();
    // Of types that are no string only containers can be searched for a mark; where they have it, they can't be cut.
    let first = match body.member("__type") {
        None => Json::from(answer.status().to_string().as_str()),
        Some(Json::Null) => Json::from(""),
        Some(Json::String(kind)) => name(&kind.text),
        Some(Json::Number(_) | Json::Bool(_)) => return Err("TypeError"),
        Some(container) if [":", "#"].into_iter().any(|mark| has(container, mark)) => {
            return Err("AttributeError");
        }
        Some(container) => container.clone(),
    };
    if !header.is_empty() {
        // Its lines arrive as one, with the blanks behind each.
        return Ok(name(&header.join(", ")));
    }
    match body.member("code").or_else(|| body.member("Code")) {
        None | Some(Json::Null) => Ok(first),
        Some(Json::String(code)) => Ok(name(&code.text)),
        Some(other) => Ok(other.clone()),
    }
}

/// What Python's `in` says of a list or an object.
fn has(container: &Json, text: &str) -> bool {
    match container {
        Json::Array(items) => items.iter().any(|item| item.text() == Some(text)),
        other => other.member(text).is_some(),
    }
}

/// What stands before the first colon, and there behind the last number sign.
fn cut(code: &str) -> &str {
    let name = code.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default()
}
