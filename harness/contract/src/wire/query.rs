//! Query strings: percent-encoding and its reverse.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// All that has to be escaped in a name or a value (RFC 3986, section 2.3).
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Appends `name=value`. A null can't be said in a query string, so it is left out.
pub(super) fn append(query: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    if !query.is_empty() {
        query.push('&');
    }
    percent_encode(query, name);
    query.push('=');
    match value {
        Value::Null => {}
        Value::Bool(flag) => query.push_str(if *flag { "true" } else { "false" }),
        Value::String(text) => percent_encode(query, text),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => percent_encode(query, &value.to_string()),
    }
}

fn percent_encode(query: &mut String, text: &str) {
    query.extend(utf8_percent_encode(text, RESERVED));
}

/// Splits a query string into its encoded names and values; a name without `=` has the empty value.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Undoes percent-encoding, a plus standing for a space; `None` for a broken escape or bytes that are not UTF-8.
pub(super) fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => 16 * digit(bytes.next()?)? + digit(bytes.next()?)?,
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}
