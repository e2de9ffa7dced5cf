//! Query strings: percent-encoding and its reverse.

use std::borrow::Cow;

use serde_json::Value;

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
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            query.push(char::from(byte));
        } else {
            query.push('%');
            query.push(HEX[usize::from(byte >> 4)]);
            query.push(HEX[usize::from(byte & 15)]);
        }
    }
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
