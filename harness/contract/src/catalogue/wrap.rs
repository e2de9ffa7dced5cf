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
    let mut column = indent;
    let mut fresh = true;
    out.push_str(first);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !fresh && column + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
        fresh = false;
    }
    out.push('\n');
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
}
