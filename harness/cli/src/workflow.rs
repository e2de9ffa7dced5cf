//! Keeps text in the log of a job from being taken for commands: GitHub Actions obeys lines that look like one.

/// As much of a line as decides whether a command begins in it: `::` before any other text, or `##[` anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogLine {
    /// Nothing was written that is text: the runner leaves out white space of any kind.
    is_blank: bool,
    /// The first of two colons was written, and nothing before it.
    colon: bool,
    /// Hashes in a row.
    hashes: u8,
}

impl LogLine {
    pub(super) const START: Self = Self { is_blank: true, colon: false, hashes: 0 };

    /// The text as it may be shown: what would begin a command is written as JSON and programs write it escaped, so that
    /// a document in JSON means what it meant.
    pub(super) fn escaped(&mut self, text: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(text.len());
        for byte in text {
            match byte {
                b':' if self.colon => shown.extend(b"\\u003a"),
                b'[' if self.hashes >= 2 => shown.extend(b"\\u005b"),
                other => shown.push(*other),
            }
            *self = self.after(*byte);
        }
        shown
    }

    const fn after(self, byte: u8) -> Self {
        match byte {
            b'\n' | b'\r' => Self::START,
            b':' => Self { is_blank: false, colon: self.is_blank, hashes: 0 },
            b'#' => Self { is_blank: false, colon: false, hashes: self.hashes.saturating_add(1) },
            // White space that is no ASCII is not told from other text that is none: either may be before a command.
            _ => Self { is_blank: self.is_blank && !byte.is_ascii_graphic(), colon: false, hashes: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(parts: &[&str]) -> String {
        let mut line = LogLine::START;
        parts.iter().map(|part| String::from_utf8(line.escaped(part.as_bytes())).unwrap()).collect()
    }

    #[test]
    fn what_would_be_a_command_is_text() {
        for (text, shown) in [
            ("::error::x", ":\\u003aerror::x"),
            (" \t\u{a0}\u{2003}::error::x", " \t\u{a0}\u{2003}:\\u003aerror::x"),
            ("a\n::stop-commands::x\r::error::", "a\n:\\u003astop-commands::x\r:\\u003aerror::"),
            ("done ##[error]x", "done ##\\u005berror]x"),
            ("####[group]", "####\\u005bgroup]"),
            ("日本::x", "日本:\\u003ax"),
        ] {
            assert_eq!(escaped(&[text]), shown);
            let bytes: Vec<String> = text.chars().map(String::from).collect();
            assert_eq!(escaped(&bytes.iter().map(String::as_str).collect::<Vec<_>>()), shown, "bit by bit");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["a::b", "a: b", ": :", "std::fmt\n  - x::y", "# [x]", "#[x]", "{\"a\":\"::\"}", "x日本::"] {
            assert_eq!(escaped(&[text]), text, "{text}");
        }
    }
}
