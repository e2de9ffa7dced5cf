//! The reading of an answer by botocore 1.43. Measured; `botocore/parsers.py`, `ResponseParser` and `RestJSONParser`.

use super::answer::{AnswerBody, SERVICE_ERRORS, SdkAnswer};
use super::json::{LenientJson, Oddities};
use super::output;
use super::verdict::{Sdk, SdkVerdict};

pub(super) fn read(answer: &SdkAnswer<'_>) -> SdkVerdict {
    if answer.status() <= 300 {
        let verdict = output::read(Sdk::Botocore, answer);
        // Parsed as an output, and raised as an error without a code after that.
        let raised = answer.status() == 300 && verdict.kind() == "success";
        return if raised { SdkVerdict::Generic("Unknown".to_owned()) } else { verdict };
    }
    if is_from_elsewhere(answer) {
        return SdkVerdict::Generic(answer.status().to_string());
    }
    if !answer.is_utf8 {
        return SdkVerdict::Crash("UnicodeDecodeError");
    }
    let nothing = LenientJson::Object(Vec::new());
    let body = match &answer.body {
        AnswerBody::Deep => return SdkVerdict::NotPredicted,
        AnswerBody::Json(value, odd) if can_read(*odd) => value,
        // A body that is not JSON is taken for the message.
        AnswerBody::Json(..) | AnswerBody::Empty | AnswerBody::Blank | AnswerBody::Other => &nothing,
    };
    match code(answer, body) {
        Ok(LenientJson::String(code)) if SERVICE_ERRORS.contains(&code.text.as_str()) => {
            SdkVerdict::Typed(code.text)
        }
        Ok(LenientJson::String(code)) => SdkVerdict::Generic(code.text),
        Ok(other) => other.python_text().map_or(SdkVerdict::Crash("TypeError"), SdkVerdict::Generic),
        Err(error) => SdkVerdict::Crash(error),
    }
}

/// Whether what Python's JSON reader makes of a text is its value: constants and lone surrogates are.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.loose_number || odd.broken_escape || odd.text_behind)
}

/// Whether the answer is taken for that of a proxy: then neither body nor headers are looked at.
pub(super) fn is_from_elsewhere(answer: &SdkAnswer<'_>) -> bool {
    let body = answer.response.body.trim_ascii();
    answer.status() >= 500 && (body.is_empty() || body.starts_with(b"<html>"))
}

/// The code, which need not be a string; the type of an error that reaches the user.
fn code(answer: &SdkAnswer<'_>, body: &LenientJson) -> Result<LenientJson, &'static str> {
    if !matches!(body, LenientJson::Object(_)) {
        return Err("AttributeError");
    }
    let name = |text: &str| LenientJson::from(cut(text));
    let header: Vec<&str> = answer.error_types().map(|line| line.trim_start_matches([' ', '\t'])).collect();
    // Of types that are no string only containers can be searched for a mark; where they have it, they can't be cut.
    let first = match body.member("__type") {
        None => LenientJson::from(answer.status().to_string().as_str()),
        Some(LenientJson::Null) => LenientJson::from(""),
        Some(LenientJson::String(kind)) => name(&kind.text),
        Some(LenientJson::Number(_) | LenientJson::Bool(_)) => return Err("TypeError"),
        Some(container) if [":", "#"].into_iter().any(|mark| has(container, mark)) => {
            return Err("AttributeError");
        }
        Some(container) => container.clone(),
    };
    if !header.is_empty() {
        // Its lines arrive as one, with the blanks after each.
        return Ok(name(&header.join(", ")));
    }
    match body.member("code").or_else(|| body.member("Code")) {
        None | Some(LenientJson::Null) => Ok(first),
        Some(LenientJson::String(code)) => Ok(name(&code.text)),
        Some(other) => Ok(other.clone()),
    }
}

/// The result of Python's `in` for a list or an object.
fn has(container: &LenientJson, text: &str) -> bool {
    match container {
        LenientJson::Array(items) => items.iter().any(|item| item.text() == Some(text)),
        other => other.member(text).is_some(),
    }
}

/// The part before the first colon, and of that the one after the last number sign.
fn cut(code: &str) -> &str {
    let name = code.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default()
}
