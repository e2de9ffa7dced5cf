//! How aws-sdk-js-v3 reads an answer. Measured; `@aws-sdk/core`, `AwsRestJsonProtocol`, and `@smithy/core`,
//! `HttpBindingProtocol` and `loadRestJsonErrorCode`.

use super::answer::{Answer, Body, SERVICE_ERRORS};
use super::json::{Json, Oddities};
use super::output;
use super::verdict::{Sdk, Verdict};

pub(super) fn read(answer: &Answer<'_>) -> Verdict {
    if answer.status() < 300 {
        return output::read(Sdk::JavaScript, answer);
    }
    let nothing = Json::Null;
    let body = match &answer.body {
        Body::Empty => &nothing,
        Body::Deep => return Verdict::NotPredicted,
        Body::Json(value, odd) if can_read(*odd) => value,
        Body::Json(..) | Body::Blank | Body::Other => return Verdict::Crash("SyntaxError"),
    };
    match code(answer, body) {
        Some(code) if SERVICE_ERRORS.contains(&code.as_str()) => Verdict::Typed(code),
        Some(code) => Verdict::Generic(code),
        None => Verdict::Crash("TypeError"),
    }
}

/// Whether `JSON.parse` reads it. Bytes that are not UTF-8 are replaced before.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.constant || odd.loose_number || odd.broken_escape || odd.text_behind)
}

/// The code; `None` where looking for it fails.
fn code(answer: &Answer<'_>, body: &Json) -> Option<String> {
    let header: Vec<&str> = answer.error_types().map(|line| line.trim_matches([' ', '\t'])).collect();
    if !header.is_empty() {
        return Some(cut(&header.join(", ")).to_owned());
    }
    // A member keeps the place of its first appearance and has the value of its last.
    let first = body.members().iter().find(|(name, _)| name.text.to_lowercase() == "code");
    let code = first.and_then(|(name, _)| body.member(&name.text)).or_else(|| body.member("__type"));
    match code {
        None => Some("Unknown".to_owned()),
        Some(Json::String(text)) => Some(cut(&text.text).to_owned()),
        Some(number @ Json::Number(_)) => Some(number.javascript_text()),
        // A list has the methods that a string is searched with, and finds its items.
        Some(list @ Json::Array(items)) => {
            let found = |mark: &str| items.iter().any(|item| item.text() == Some(mark));
            (![",", ":", "#"].into_iter().any(found)).then(|| list.javascript_text())
        }
        Some(Json::Null | Json::Bool(_) | Json::Object(_)) => None,
    }
}

/// What stands before the first comma and the first colon, and there between the first two number signs.
fn cut(code: &str) -> &str {
    let name = code.split(',').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    name.split('#').nth(usize::from(name.contains('#'))).unwrap_or_default()
}
