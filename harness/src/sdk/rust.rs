//! How aws-sdk-rust reads an answer. Measured; `json_errors.rs` of the generated crates and `aws-smithy-json`.

use super::answer::{Answer, Body, bare};
use super::json::{Json, Oddities, Text};
use super::output;
use super::verdict::{Sdk, Verdict};

pub(super) fn read(answer: &Answer<'_>) -> Verdict {
    if answer.is_success() {
        return output::read(Sdk::Rust, answer);
    }
    if !answer.is_utf8 {
        return Verdict::NoCode;
    }
    let body = match &answer.body {
        Body::Deep => return Verdict::NotPredicted,
        Body::Other => return Verdict::NoCode,
        Body::Empty | Body::Blank => None,
        Body::Json(_, odd) if odd.broken_escape => return Verdict::NotPredicted,
        Body::Json(_, odd) if !can_read(*odd) => return Verdict::NoCode,
        Body::Json(value, _) => Some(value),
    };
    let members = body.map_or(&[][..], Json::members);
    let Some(found) = Found::among(members) else { return Verdict::NoCode };
    let code = answer.error_type().or(found.code).or(found.kind).map(bare);
    match code {
        None => Verdict::NoCode,
        Some(code) if !answer.declares(code) => match answer.body {
            // Only what becomes of a modelled error was measured.
            Body::Blank => Verdict::NotPredicted,
            _ => Verdict::Generic(code.to_owned()),
        },
        Some(_) if !is_modelled_error(&answer.body) => Verdict::NoCode,
        Some(code) => Verdict::Typed(code.to_owned()),
    }
}

/// Whether its own JSON reader gets through. Numbers are looked at no further than their characters; what lone
/// surrogates do hangs on whether anybody wants the text.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.constant || odd.text_behind)
}

/// What is found in the body of an error.
#[derive(Default)]
struct Found<'a> {
    code: Option<&'a str>,
    kind: Option<&'a str>,
}

impl<'a> Found<'a> {
    /// The last string of each name; `None` where one of those can't be had. Names are compared as they are written.
    fn among(members: &'a [(Text, Json)]) -> Option<Self> {
        let mut found = Self::default();
        for (name, value) in members.iter().filter(|(name, _)| !name.escaped) {
            let Json::String(text) = value else { continue };
            let wanted = match name.text.as_str() {
                "code" => &mut found.code,
                "__type" => &mut found.kind,
                "message" | "Message" | "errorMessage" => &mut None,
                _ => continue,
            };
            if text.lone_surrogate {
                return None;
            }
            *wanted = Some(text.text.as_str());
        }
        Some(found)
    }
}

/// Whether a body can be read as one of the errors, whose members `Code` and `Message` are strings.
fn is_modelled_error(body: &Body) -> bool {
    let is_fine = |(name, value): &(Text, Json)| {
        let known = matches!(name.text.as_str(), "Code" | "Message");
        !name.lone_surrogate && (!known || is_text(value))
    };
    match body {
        Body::Empty => true,
        Body::Json(Json::Object(members), _) => members.iter().all(is_fine),
        Body::Json(..) | Body::Blank | Body::Other | Body::Deep => false,
    }
}

/// Whether a value is read where a string may be missing.
pub(super) fn is_text(value: &Json) -> bool {
    match value {
        Json::String(text) => !text.lone_surrogate,
        Json::Null => true,
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => false,
    }
}
