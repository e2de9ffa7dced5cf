//! A JSON reader that takes whatever any of the clients takes, and says what about it not all of them do.

use std::iter::Peekable;
use std::str::CharIndices;

/// An object with three hundred lists in each other inside was read by every client; what lies deeper was not measured.
const MOST_DEPTH: usize = 301;

/// A JSON value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LenientJson {
    Null,
    Bool(bool),
    /// A number, or one of Python's constants, in the characters that stand there.
    Number(String),
    String(LenientText),
    Array(Vec<Self>),
    /// Members in their order, those given twice included.
    Object(Vec<(LenientText, Self)>),
}

/// A JSON string.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LenientText {
    /// Its meaning; a lone surrogate is a replacement character.
    pub(super) text: String,
    /// Whether it was written with an escape.
    pub(super) escaped: bool,
    /// Whether it holds half of a surrogate pair.
    pub(super) lone_surrogate: bool,
}

/// The properties of a text that are no JSON by the book, or not read alike by all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    pub(super) byte_order_mark: bool,
    /// `NaN`, `Infinity` or `-Infinity`.
    pub(super) constant: bool,
    /// A number such as `01` or `1.`.
    pub(super) loose_number: bool,
    /// `\u` without four hexadecimal digits.
    pub(super) broken_escape: bool,
    pub(super) lone_surrogate: bool,
    /// Something after the value.
    pub(super) text_behind: bool,
}

/// Why a text can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnreadableJson {
    /// By no client.
    NotJson,
    /// It is not measured how clients cope with such depth.
    Deep,
}

impl LenientJson {
    /// The member of this exact name; of several the last.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(known, _)| known.text == name).map(|(_, value)| value)
    }

    /// The members of an object; nothing has none.
    pub(super) fn members(&self) -> &[(LenientText, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::Array(_) => &[],
        }
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(&text.text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// Whether clients of strict types take it for a string that may be missing.
    pub(super) const fn is_text_or_null(&self) -> bool {
        matches!(self, Self::String(_) | Self::Null)
    }
}

impl From<&str> for LenientJson {
    fn from(text: &str) -> Self {
        Self::String(LenientText { text: text.to_owned(), ..LenientText::default() })
    }
}

/// Reads a text, as the first value in it.
pub(super) fn read(text: &str) -> Result<(LenientJson, Oddities), UnreadableJson> {
    let (bare, byte_order_mark) = text.strip_prefix('\u{feff}').map_or((text, false), |bare| (bare, true));
    let odd = Oddities { byte_order_mark, ..Oddities::default() };
    let mut reader = LenientReader { text: bare, rest: bare.char_indices().peekable(), odd };
    let value = reader.value(0)?;
    reader.skip_blanks();
    reader.odd.text_behind = reader.rest.peek().is_some();
    Ok((value, reader.odd))
}

struct LenientReader<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    odd: Oddities,
}

impl LenientReader<'_> {
    fn value(&mut self, depth: usize) -> Result<LenientJson, UnreadableJson> {
        if depth > MOST_DEPTH {
            return Err(UnreadableJson::Deep);
        }
        self.skip_blanks();
        let (at, first) = self.rest.peek().copied().ok_or(UnreadableJson::NotJson)?;
        match first {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => self.string().map(LenientJson::String),
            _ => {
                let is_part = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
                while self.rest.next_if(|(_, character)| is_part(*character)).is_some() {}
                let end = self.rest.peek().map_or(self.text.len(), |(end, _)| *end);
                self.word(self.text.get(at..end).unwrap_or_default())
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<LenientJson, UnreadableJson> {
        match word {
            "null" => return Ok(LenientJson::Null),
            "true" => return Ok(LenientJson::Bool(true)),
            "false" => return Ok(LenientJson::Bool(false)),
            "NaN" | "Infinity" | "-Infinity" => self.odd.constant = true,
            _ if is_number(word) => {}
            _ if is_loose_number(word) => self.odd.loose_number = true,
            _ => return Err(UnreadableJson::NotJson),
        }
        Ok(LenientJson::Number(word.to_owned()))
    }

    fn array(&mut self, depth: usize) -> Result<LenientJson, UnreadableJson> {
        let mut items = Vec::new();
        self.expect('[')?;
        if self.takes(']') {
            return Ok(LenientJson::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.takes(']') {
                return Ok(LenientJson::Array(items));
            }
            self.expect(',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<LenientJson, UnreadableJson> {
        let mut members = Vec::new();
        self.expect('{')?;
        if self.takes('}') {
            return Ok(LenientJson::Object(members));
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.expect(':')?;
            members.push((name, self.value(depth + 1)?));
            if self.takes('}') {
                return Ok(LenientJson::Object(members));
            }
            self.expect(',')?;
        }
    }

    fn string(&mut self) -> Result<LenientText, UnreadableJson> {
        let mut read = LenientText::default();
        self.rest.next_if(|(_, character)| *character == '"').ok_or(UnreadableJson::NotJson)?;
        loop {
            match self.next()? {
                '"' => break,
                '\\' => {
                    read.escaped = true;
                    let character = self.escape()?;
                    read.lone_surrogate |= character.is_none();
                    read.text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                '\0'..='\x1f' => return Err(UnreadableJson::NotJson),
                other => read.text.push(other),
            }
        }
        self.odd.lone_surrogate |= read.lone_surrogate;
        Ok(read)
    }

    /// The character of an escape after its backslash; `None` for a lone surrogate.
    fn escape(&mut self) -> Result<Option<char>, UnreadableJson> {
        Ok(Some(match self.next()? {
            literal @ ('"' | '\\' | '/') => literal,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(),
            _ => return Err(UnreadableJson::NotJson),
        }))
    }

    fn unicode(&mut self) -> Result<Option<char>, UnreadableJson> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first));
        }
        let behind = self.rest.peek().map_or("", |(at, _)| self.text.get(*at..).unwrap_or_default());
        let low = behind.strip_prefix("\\u").and_then(|digits| digits.get(..4));
        let low = low.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(low) = low.filter(|low| (0xdc00..0xe000).contains(low)) else { return Ok(None) };
        self.rest.nth("\\uxxxx".len() - 1);
        Ok(char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00)))
    }

    fn unit(&mut self) -> Result<u32, UnreadableJson> {
        let mut unit = 0;
        for _ in 0..4 {
            match self.next()? {
                '"' | '\\' => return Err(UnreadableJson::NotJson),
                character => match character.to_digit(16) {
                    Some(digit) => unit = 16 * unit + digit,
                    None => self.odd.broken_escape = true,
                },
            }
        }
        Ok(unit)
    }

    fn next(&mut self) -> Result<char, UnreadableJson> {
        self.rest.next().map(|(_, character)| character).ok_or(UnreadableJson::NotJson)
    }

    fn skip_blanks(&mut self) {
        while self.rest.next_if(|(_, character)| matches!(character, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        self.rest.next_if(|(_, character)| *character == wanted).is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), UnreadableJson> {
        if self.takes(wanted) { Ok(()) } else { Err(UnreadableJson::NotJson) }
    }
}

/// Whether it is a number by the book.
fn is_number(word: &str) -> bool {
    let (mantissa, exponent) = word.split_once(['e', 'E']).map_or((word, None), |(head, tail)| (head, Some(tail)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(head, tail)| (head, Some(tail)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// Whether it is a number to the reader of aws-sdk-rust, which looks no further than its characters.
fn is_loose_number(word: &str) -> bool {
    let begins = word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let shape = word.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    begins && shape && word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oddities(text: &str) -> Oddities {
        read(text).unwrap().1
    }

    #[test]
    fn json_by_the_book_has_no_oddities() {
        for text in ["{}", " [1, -0.5e+3, \"a\\u00e9\\ud83d\\ude00\", null, true, false] ", "\"x\"", "0"] {
            assert_eq!(oddities(text), Oddities::default(), "{text}");
        }
    }

    #[test]
    fn each_oddity_is_told_apart() {
        assert!(oddities("\u{feff}{}").byte_order_mark);
        assert!(oddities("[NaN]").constant && oddities("-Infinity").constant);
        assert!(oddities("[01]").loose_number && oddities("1.").loose_number && oddities("2.e3").loose_number);
        assert!(oddities(r#""\ud800x""#).lone_surrogate && oddities(r#""\udc00""#).lone_surrogate);
        assert!(oddities(r#""\u12G4""#).broken_escape);
        assert!(oddities("{}x").text_behind && !oddities("{}\n").text_behind);
    }

    #[test]
    fn what_no_client_reads_is_not_json() {
        for text in ["", " ", "{", "[1,]", "{\"a\":1,}", "bad request", "'a'", "\"\\q\"", "\"\n\"", "1-2", "+1"] {
            assert_eq!(read(text), Err(UnreadableJson::NotJson), "{text}");
        }
    }

    #[test]
    fn depth_beyond_what_was_measured_is_told() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&format!("{{\"x\":{}}}", nested(300))).is_ok());
        assert_eq!(read(&nested(100_000)), Err(UnreadableJson::Deep));
    }

    #[test]
    fn of_a_member_given_twice_both_are_kept_and_the_last_counts() {
        let (value, _) = read(r#"{"a":1,"\u0061":2}"#).unwrap();
        assert_eq!(value.members().len(), 2);
        assert_eq!(value.member("a"), Some(&LenientJson::Number("2".to_owned())));
        assert!(value.members()[1].0.escaped);
    }

    #[test]
    fn a_pair_of_surrogates_is_one_character() {
        let (value, _) = read(r#""\ud83d\ude00.\ud83d\n""#).unwrap();
        assert_eq!(value.text(), Some("\u{1f600}.\u{fffd}\n"));
    }
}
