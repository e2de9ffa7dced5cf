//! Text from strangers, made harmless to look at.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with everything escaped that could move a cursor, colour a terminal, or reorder what is read.
///
/// Targets are hostile until proved otherwise, and what they answer ends up on terminals and in reviews.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if is_unprintable(c) && u32::from(c) <= 0xffff => {
                // Writing to a string can't fail.
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c if is_unprintable(c) => {
                let _ = write!(escaped, "\\U{:08x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and the format characters that are invisible or change the direction of reading.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn plain_text_of_any_language_stays_as_it_is() {
        for text in ["", "plain", "Zürich", "日本語", "{\"a\":1}", "🙂"] {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(printable("\u{1b}[2Jgone"), "\\u001b[2Jgone");
        assert_eq!(printable("\u{9b}31m"), "\\u009b31m");
        assert_eq!(printable("a\nb\rc\td"), "a\\nb\\rc\\td");
    }

    #[test]
    fn text_can_not_be_hidden_or_turned_around() {
        assert_eq!(printable("a\u{202e}b\u{200b}c\u{e0041}"), "a\\u202eb\\u200bc\\U000e0041");
    }
}
