//! The reading of an answer by aws-sdk-rust. Measured; `json_errors.rs` of the generated crates and `aws-smithy-json`.

use super::answer::{AnswerBody, SdkAnswer, bare};
use super::json::{LenientJson, LenientText, Oddities};
use super::output;
use super::verdict::{Sdk, SdkVerdict};

pub(super) fn read(answer: &SdkAnswer<'_>) -> SdkVerdict {
    if answer.is_success() {
        return output::read(Sdk::Rust, answer);
    }
    if !answer.is_utf8 {
        return SdkVerdict::NoCode;
    }
    let body = match &answer.body {
        AnswerBody::Deep => return SdkVerdict::NotPredicted,
        AnswerBody::Other => return SdkVerdict::NoCode,
        AnswerBody::Empty | AnswerBody::Blank => None,
        AnswerBody::Json(_, odd) if odd.broken_escape => return SdkVerdict::NotPredicted,
        AnswerBody::Json(_, odd) if !can_read(*odd) => return SdkVerdict::NoCode,
        AnswerBody::Json(value, _) => Some(value),
    };
    let members = body.map_or(&[][..], LenientJson::members);
    let Some(found) = FoundCode::among(members) else { return SdkVerdict::NoCode };
    let code = answer.error_type().or(found.code).or(found.kind).map(bare);
    match code {
        None => SdkVerdict::NoCode,
        Some(code) if !answer.declares(code) => match answer.body {
            // Only what becomes of a modelled error was measured.
            AnswerBody::Blank => SdkVerdict::NotPredicted,
            _ => SdkVerdict::Generic(code.to_owned()),
        },
        Some(_) if !is_modelled_error(&answer.body) => SdkVerdict::NoCode,
        Some(code) => SdkVerdict::Typed(code.to_owned()),
    }
}

/// Whether its own JSON reader gets through. Numbers are looked at no further than their characters; what lone
/// surrogates do depends on whether the text is wanted.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.constant || odd.text_behind)
}

/// The code and the message in the body of an error.
#[derive(Default)]
struct FoundCode<'a> {
    code: Option<&'a str>,
    kind: Option<&'a str>,
}

impl<'a> FoundCode<'a> {
    /// The last string of each name; `None` where one of those can't be had. Names are compared as they are written.
    fn among(members: &'a [(LenientText, LenientJson)]) -> Option<Self> {
        let mut found = Self::default();
        for (name, value) in members.iter().filter(|(name, _)| !name.escaped) {
            let LenientJson::String(text) = value else { continue };
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
fn is_modelled_error(body: &AnswerBody) -> bool {
    let is_fine = |(name, value): &(LenientText, LenientJson)| {
        let known = matches!(name.text.as_str(), "Code" | "Message");
        !name.lone_surrogate && (!known || is_text(value))
    };
    match body {
        AnswerBody::Empty => true,
        AnswerBody::Json(LenientJson::Object(members), _) => members.iter().all(is_fine),
        AnswerBody::Json(..) | AnswerBody::Blank | AnswerBody::Other | AnswerBody::Deep => false,
    }
}

/// Whether a value is read where a string may be missing.
pub(super) fn is_text(value: &LenientJson) -> bool {
    match value {
        LenientJson::String(text) => !text.lone_surrogate,
        LenientJson::Null => true,
        LenientJson::Bool(_) | LenientJson::Number(_) | LenientJson::Array(_) | LenientJson::Object(_) => false,
    }
}
