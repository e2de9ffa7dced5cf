//! Wraps text for a terminal.

/// The widest line of an explanation.
pub(super) const WIDTH: usize = 100;

/// The widest line of a listing.
pub(super) const NARROW: usize = 80;

/// Appends `text` to `out`, wrapped at word boundaries: the first line after `first`, the others after as many
/// blanks. A word that is too long for a line gets one of its own.
pub fn paragraph(out: &mut String, first: &str, text: &str) {
    paragraph_within(out, first, text, WIDTH);
}

/// As [`paragraph`], for lines of another width.
pub(super) fn paragraph_within(out: &mut String, first: &str, text: &str, width: usize) {
    let indent = first.chars().count();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (index, line) in wrap(&text, width.saturating_sub(indent), Breaks::Words).into_iter().enumerate() {
        let head = if index == 0 { first } else { &" ".repeat(indent) };
        out.extend([head, line, "\n"]);
    }
}

/// The places where a line may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaks {
    /// Before words: one that is too long for a line gets one of its own.
    Words,
    /// Before words if they can, else after commas, else anywhere: no line is too long.
    Anywhere,
}

/// Breaks a text into lines of at most `width` characters, in time linear to its length.
#[must_use]
pub fn wrap(text: &str, width: usize, breaks: Breaks) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    // More than the width are left: the line ends within the first ones, or right after them.
    while let Some((end, next)) = rest.char_indices().nth(width) {
        let head = &rest[..end];
        let at = match breaks {
            _ if next == ' ' => Some(end),
            Breaks::Words => head.rfind(' ').or_else(|| Some(end + rest[end..].find(' ')?)),
            Breaks::Anywhere => {
                // A break in the first third would waste the line.
                let late = |at: &usize| head[..*at].chars().count() > width / 3;
                let after = |wanted: char| head.rfind(wanted).filter(late).map(|at| at + 1);
                Some(after(' ').or_else(|| after(',')).unwrap_or(end))
            }
        };
        let Some(at) = at else { break };
        let (line, left) = rest.split_at(at);
        lines.push(line.trim_end());
        rest = left.trim_start_matches(' ');
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let mut out = String::new();
        paragraph(&mut out, "  - ", &"word ".repeat(30));
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("  - word") && lines[1].starts_with("    word"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH && !line.ends_with(' ')));
    }

    #[test]
    fn a_long_word_is_not_broken() {
        let mut out = String::new();
        let link = "x".repeat(150);
        paragraph(&mut out, "  ", &format!("see {link} there"));
        assert_eq!(out, format!("  see\n  {link}\n  there\n"));
    }

    #[test]
    fn no_line_is_wider_than_asked_and_no_character_is_lost() {
        let texts = [
            "a word and another word",
            "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}",
            "unbreakablyverylongword",
            "日本語日本語日本語日本",
        ];
        for text in texts {
            let lines = wrap(text, 10, Breaks::Anywhere);
            assert!(lines.iter().all(|line| line.chars().count() <= 10), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn an_empty_text_is_one_empty_line() {
        assert_eq!([wrap("", 10, Breaks::Anywhere), wrap("", 10, Breaks::Words)], [[""], [""]]);
    }

    /// Time that grows with the square of the length would be minutes here.
    #[test]
    fn a_long_text_is_broken_without_ado() {
        let text = "some words, ".repeat(200_000);
        let began = std::time::Instant::now();
        assert!(wrap(&text, 80, Breaks::Anywhere).len() > 25_000);
        assert!(began.elapsed() < std::time::Duration::from_secs(20));
    }
}
