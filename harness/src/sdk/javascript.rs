//! The reading of an answer by aws-sdk-js-v3. Measured; `@aws-sdk/core`, `AwsRestJsonProtocol`, and `@smithy/core`,
//! `HttpBindingProtocol` and `loadRestJsonErrorCode`.

use super::answer::{AnswerBody, SERVICE_ERRORS, SdkAnswer};
use super::json::{LenientJson, Oddities};
use super::output;
use super::verdict::{Sdk, SdkVerdict};

pub(super) fn read(answer: &SdkAnswer<'_>) -> SdkVerdict {
    if answer.status() < 300 {
        return output::read(Sdk::JavaScript, answer);
    }
    let nothing = LenientJson::Null;
    let body = match &answer.body {
        AnswerBody::Empty => &nothing,
        AnswerBody::Deep => return SdkVerdict::NotPredicted,
        AnswerBody::Json(value, odd) if can_read(*odd) => value,
        AnswerBody::Json(..) | AnswerBody::Blank | AnswerBody::Other => return SdkVerdict::Crash("SyntaxError"),
    };
    match code(answer, body) {
        Some(code) if SERVICE_ERRORS.contains(&code.as_str()) => SdkVerdict::Typed(code),
        Some(code) => SdkVerdict::Generic(code),
        None => SdkVerdict::Crash("TypeError"),
    }
}

/// Whether `JSON.parse` reads it. Bytes that are not UTF-8 are replaced before.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.constant || odd.loose_number || odd.broken_escape || odd.text_behind)
}

/// The code; `None` where looking for it fails.
fn code(answer: &SdkAnswer<'_>, body: &LenientJson) -> Option<String> {
    let header: Vec<&str> = answer.error_types().map(|line| line.trim_matches([' ', '\t'])).collect();
    if !header.is_empty() {
        return Some(cut(&header.join(", ")).to_owned());
    }
    // A member keeps the place of its first appearance and has the value of its last.
    let first = body.members().iter().find(|(name, _)| name.text.to_lowercase() == "code");
    let code = first.and_then(|(name, _)| body.member(&name.text)).or_else(|| body.member("__type"));
    match code {
        None => Some("Unknown".to_owned()),
        Some(LenientJson::String(text)) => Some(cut(&text.text).to_owned()),
        Some(number @ LenientJson::Number(_)) => Some(number.javascript_text()),
        // A list has the methods that a string is searched with, and finds its items.
        Some(list @ LenientJson::Array(items)) => {
            let found = |mark: &str| items.iter().any(|item| item.text() == Some(mark));
            (![",", ":", "#"].into_iter().any(found)).then(|| list.javascript_text())
        }
        Some(LenientJson::Null | LenientJson::Bool(_) | LenientJson::Object(_)) => None,
    }
}

/// The part before the first comma and the first colon, and of that the one between the first two number signs.
fn cut(code: &str) -> &str {
    let name = code.split(',').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    name.split('#').nth(usize::from(name.contains('#'))).unwrap_or_default()
}
