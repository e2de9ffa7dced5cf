//! JSON as it was written: a strict reader of RFC 8259 that keeps what other readers throw away.
//!
//! It shares nothing with the reader that [`decode_request`](passmuster_contract::wire::decode_request) uses, so that
//! the two can be held against each other. Duplicate members stay, numbers stay text, and every value knows where it
//! stands: what servers may read in different ways is still visible, and a mutation can replace exactly one value.

use std::ops::Range;

/// The most levels of nesting. Table row D69: from 128 levels on each server decides for itself.
pub const MOST_DEPTH: usize = 128;

/// Why a text can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON.
    NotJson {
        /// The first byte that has no place there; the length of the text when it ends too early.
        at: usize,
    },
    /// It is nested deeper than [`MOST_DEPTH`]; what follows was not read.
    TooDeep,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonNode {
    /// Its bytes.
    pub span: Range<usize>,
    /// The value.
    pub value: LosslessJson,
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LosslessJson {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; its digits are those of the span.
    Number,
    /// A string.
    String(JsonText),
    /// An array.
    Array(Vec<JsonNode>),
    /// An object, with members of the same name as often as they were written.
    Object(Vec<JsonMember>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonMember {
    /// From the quote before the name to the end of the value.
    pub span: Range<usize>,
    /// The name.
    pub name: JsonText,
    /// The value.
    pub value: JsonNode,
}

/// The text between two quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonText {
    /// Characters.
    Plain(String),
    /// An escape of half a character (`\ud800`), which readers treat in different ways.
    LoneSurrogate,
    /// Bytes that are not UTF-8.
    NotUtf8,
}

impl JsonText {
    /// The characters, where there are any.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::LoneSurrogate | Self::NotUtf8 => None,
        }
    }
}

impl JsonNode {
    /// This value and all inside it, from the outside in.
    #[must_use]
    pub fn all(&self) -> Vec<&Self> {
        let mut found = vec![self];
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            next += 1;
            match &node.value {
                LosslessJson::Array(items) => found.extend(items),
                LosslessJson::Object(members) => found.extend(members.iter().map(|member| &member.value)),
                LosslessJson::Null | LosslessJson::Bool(_) | LosslessJson::Number | LosslessJson::String(_) => {}
            }
        }
        found
    }

    /// All members of all objects.
    #[must_use]
    pub fn members(&self) -> Vec<&JsonMember> {
        let objects = self.all().into_iter().filter_map(|node| match &node.value {
            LosslessJson::Object(members) => Some(members),
            _ => None,
        });
        objects.flatten().collect()
    }
}

/// Reads a text that is one value, without a byte order mark.
///
/// # Errors
///
/// When it isn't JSON, or too deep to be sure.
pub fn read(bytes: &[u8]) -> Result<JsonNode, JsonError> {
    let mut reader = JsonReader { bytes, at: 0 };
    reader.blanks();
    let node = reader.value(MOST_DEPTH)?;
    reader.blanks();
    if reader.at == bytes.len() { Ok(node) } else { Err(reader.stuck()) }
}

struct JsonReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl JsonReader<'_> {
    const fn stuck(&self) -> JsonError {
        JsonError::NotJson { at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let taken = self.peek() == Some(wanted);
        self.at += usize::from(taken);
        taken
    }

    fn expect(&mut self, wanted: u8) -> Result<(), JsonError> {
        if self.take(wanted) { Ok(()) } else { Err(self.stuck()) }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<JsonNode, JsonError> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth == 0 => return Err(JsonError::TooDeep),
            Some(b'{') => LosslessJson::Object(self.object(depth)?),
            Some(b'[') => LosslessJson::Array(self.array(depth)?),
            Some(b'"') => LosslessJson::String(self.string()?),
            Some(b'n') => self.word(b"null", LosslessJson::Null)?,
            Some(b't') => self.word(b"true", LosslessJson::Bool(true))?,
            Some(b'f') => self.word(b"false", LosslessJson::Bool(false))?,
            _ => self.number()?,
        };
        Ok(JsonNode { span: start..self.at, value })
    }

    fn word(&mut self, word: &[u8], value: LosslessJson) -> Result<LosslessJson, JsonError> {
        word.iter().try_for_each(|byte| self.expect(*byte)).map(|()| value)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<JsonNode>, JsonError> {
        self.expect(b'[')?;
        self.blanks();
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            self.blanks();
            items.push(self.value(depth - 1)?);
            self.blanks();
            if self.take(b']') {
                return Ok(items);
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<JsonMember>, JsonError> {
        self.expect(b'{')?;
        self.blanks();
        let mut members = Vec::new();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            self.blanks();
            let start = self.at;
            let name = self.string()?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            let value = self.value(depth - 1)?;
            members.push(JsonMember { span: start..self.at, name, value });
            self.blanks();
            if self.take(b'}') {
                return Ok(members);
            }
            self.expect(b',')?;
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.stuck()) }
    }

    fn number(&mut self) -> Result<LosslessJson, JsonError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(LosslessJson::Number)
    }

    fn string(&mut self) -> Result<JsonText, JsonError> {
        self.expect(b'"')?;
        let start = self.at;
        while matches!(self.peek(), Some(byte) if byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
        if self.take(b'"') {
            let text = std::str::from_utf8(&self.bytes[start..self.at - 1]);
            return Ok(text.map_or(JsonText::NotUtf8, |text| JsonText::Plain(text.to_owned())));
        }
        let mut text = self.bytes[start..self.at].to_vec();
        let mut lone = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => match self.escape()? {
                    Some(character) => text.extend(character.encode_utf8(&mut [0; 4]).bytes()),
                    None => lone = true,
                },
                Some(byte) if byte >= b' ' => {
                    text.push(byte);
                    self.at += 1;
                }
                _ => return Err(self.stuck()),
            }
        }
        self.at += 1;
        // Bad bytes make the text no JSON at all; half a character only makes it unpredictable.
        Ok(match String::from_utf8(text) {
            Err(_) => JsonText::NotUtf8,
            Ok(_) if lone => JsonText::LoneSurrogate,
            Ok(text) => JsonText::Plain(text),
        })
    }

    /// The character that an escape means, or nothing for half of one.
    fn escape(&mut self) -> Result<Option<char>, JsonError> {
        self.expect(b'\\')?;
        let Some(byte) = self.peek() else { return Err(self.stuck()) };
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.stuck()),
        };
        self.at += 1;
        Ok(Some(character))
    }

    fn unicode(&mut self) -> Result<Option<char>, JsonError> {
        let unit = self.hex()?;
        if !(0xd800..0xdc00).contains(&unit) {
            return Ok(char::from_u32(unit));
        }
        let behind = self.at;
        if self.take(b'\\') && self.take(b'u') {
            let low = self.hex()?;
            if (0xdc00..0xe000).contains(&low) {
                return Ok(char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)));
            }
        }
        // Whatever follows half a character stands for itself.
        self.at = behind;
        Ok(None)
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        (0..4).try_fold(0, |unit, _| {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16)).ok_or_else(|| self.stuck())?;
            self.at += 1;
            Ok(16 * unit + digit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonError, JsonText, LosslessJson, read};

    fn string(text: &str) -> JsonText {
        match read(text.as_bytes()).unwrap().value {
            LosslessJson::String(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_rfc_8259_allows_is_read_and_nothing_else() {
        for text in
            ["0", "-0", "1.5e+3", "1E400", " [ ] ", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "\"\u{7f}\"", "null"]
        {
            assert!(read(text.as_bytes()).is_ok(), "{text}");
        }
        for text in [
            "",
            " ",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "0x10",
            "NaN",
            "-Infinity",
            "tru",
            "nulll",
            "[1,]",
            "{,}",
            "{a:1}",
            "'a'",
            "\"\\q\"",
            "\"\\u12G4\"",
            "\"\t\"",
            "[1]x",
            "{}\0",
            "\u{feff}{}",
            "[1,/**/2]",
            "\u{c}1",
            "{\"a\"}",
        ] {
            assert!(matches!(read(text.as_bytes()), Err(JsonError::NotJson { .. })), "{text}");
        }
    }

    #[test]
    fn escapes_mean_their_characters() {
        assert_eq!(string(r#""\u0041\n\ud83d\ude00\/""#), JsonText::Plain("A\n\u{1f600}/".to_owned()));
        for lone in [r#""\ud800""#, r#""\udc00\ud800""#, r#""\ud800\u0041""#, r#""\ud800x""#] {
            assert_eq!(string(lone), JsonText::LoneSurrogate, "{lone}");
        }
    }

    #[test]
    fn bad_bytes_are_seen_in_a_string_only() {
        assert_eq!(read(b"\"\xff\"").unwrap().value, LosslessJson::String(JsonText::NotUtf8));
        assert_eq!(read(b"\"\xed\xa0\x80\\n\"").unwrap().value, LosslessJson::String(JsonText::NotUtf8));
        assert_eq!(read(b"[\xff]"), Err(JsonError::NotJson { at: 1 }));
    }

    #[test]
    fn a_text_that_is_nested_too_deep_is_not_judged() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(read(&nested(128)).is_ok());
        assert_eq!(read(&nested(129)), Err(JsonError::TooDeep));
        assert_eq!(read(&vec![b'['; 1_000_000]), Err(JsonError::TooDeep));
    }

    #[test]
    fn every_value_knows_where_it_stands() {
        let text = br#" {"a": [1, {"b":null}]} "#;
        let root = read(text).unwrap();
        let spans: Vec<&str> =
            root.all().iter().map(|node| std::str::from_utf8(&text[node.span.clone()]).unwrap()).collect();
        assert_eq!(spans, [r#"{"a": [1, {"b":null}]}"#, r#"[1, {"b":null}]"#, "1", r#"{"b":null}"#, "null"]);
        assert_eq!(root.members().len(), 2);
    }
}
