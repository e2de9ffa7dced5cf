//! Words for what is wrong with a message: places, types and excerpts.

use std::fmt;

use serde_json::Value;

/// A place in a document. It lives on the stack of the walk, so that only a complaint costs an allocation.
#[derive(Clone, Copy)]
pub(super) enum DocumentPlace<'a> {
    Root,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl<'a> DocumentPlace<'a> {
    /// The same place in any entry of its lists: each index is a dash.
    pub(super) fn general(self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(parent, _) => format!("{}{}", parent.general(), Self::Member(&Self::Root, self.name())),
            Self::Item(parent, _) => format!("{}/-", parent.general()),
        }
    }

    const fn name(self) -> &'a str {
        match self {
            Self::Member(_, name) => name,
            Self::Root | Self::Item(..) => "",
        }
    }
}

impl fmt::Display for DocumentPlace<'_> {
    /// Writes the place as a JSON pointer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(parent, name) => {
                write!(f, "{parent}/")?;
                name.chars().try_for_each(|character| match character {
                    '~' => f.write_str("~0"),
                    '/' => f.write_str("~1"),
                    other => write!(f, "{other}"),
                })
            }
            Self::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// The JSON type of a value, with its article.
pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "a JSON null",
        Value::Bool(_) => "a JSON boolean",
        Value::Number(_) => "a JSON number",
        Value::String(_) => "a JSON string",
        Value::Array(_) => "a JSON array",
        Value::Object(_) => "a JSON object",
    }
}

/// The most characters of a foreign text that a reason repeats.
const EXCERPT: usize = 80;

/// The beginning of a foreign text in quotes, made printable.
pub(super) fn excerpt(text: &[u8]) -> String {
    // No character of UTF-8 is longer than four bytes.
    let head = String::from_utf8_lossy(text.get(..4 * EXCERPT).unwrap_or(text));
    let printable = |character: char| match character {
        ' ' => ' ',
        _ if character.is_ascii_graphic() || character.is_alphanumeric() => character,
        _ => '.',
    };
    let mut quoted: String = std::iter::once('"').chain(head.chars().take(EXCERPT).map(printable)).collect();
    quoted.push('"');
    if head.chars().nth(EXCERPT).is_some() {
        quoted.push_str(" and more");
    }
    quoted
}

/// Describes a body that isn't JSON, with its beginning.
pub(super) fn not_json(body: &[u8], error: &serde_json::Error) -> String {
    let reason = unreadable(body, error);
    if reason.starts_with(NOT_JSON) { format!("{reason}: {}", excerpt(body)) } else { reason }
}

const NOT_JSON: &str = "a body that is not JSON";

/// Describes a body that isn't JSON, without repeating any of it.
pub(super) fn unreadable(body: &[u8], error: &serde_json::Error) -> String {
    if body.trim_ascii().is_empty() {
        "a blank body".to_owned()
    } else if is_html(body) {
        "an HTML page".to_owned()
    } else if is_markup(body) {
        "an XML document".to_owned()
    } else if let Err(error) = std::str::from_utf8(body) {
        format!("a body that is not UTF-8 from byte {}", error.valid_up_to())
    } else {
        format!("{NOT_JSON} ({error})")
    }
}

/// Whether a body begins like XML or HTML.
pub(super) fn is_markup(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// Whether a body is an HTML page.
pub(super) fn is_html(body: &[u8]) -> bool {
    let has = |head: &[u8], word: &[u8]| head.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let head = body.get(..256).unwrap_or(body);
    is_markup(body) && (has(head, b"<html") || has(head, b"<!doctype html"))
}
