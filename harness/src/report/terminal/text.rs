//! Text for columns: broken where it may be, cut where it is too long, and harmless.

use std::io::{self, Write};

use serde_json::Value;

use super::TerminalStyle;
use passmuster_contract::catalogue::{Breaks, wrap};
use passmuster_contract::domain::printable;

/// The distance of the text of a labelled line from the left.
pub(super) const INDENT: usize = 15;

/// Writes a text after a label; all its lines stand below each other.
pub(super) fn labelled(out: &mut dyn Write, style: TerminalStyle, label: &str, text: &str) -> io::Result<()> {
    let mut head = format!("  {}", style.dim(label));
    head.push_str(&" ".repeat(INDENT.saturating_sub(2 + label.len())));
    hanging(out, style, &head, INDENT, text)
}

/// Writes a text after a head that fills `indent` columns; all its lines stand below each other.
pub(super) fn hanging(
    out: &mut dyn Write,
    style: TerminalStyle,
    head: &str,
    indent: usize,
    text: &str,
) -> io::Result<()> {
    let text = printable(text);
    let lines = wrap(&text, style.width.saturating_sub(indent).max(20), Breaks::Anywhere);
    for (index, line) in lines.iter().enumerate() {
        if index == 0 {
            writeln!(out, "{head}{line}")?;
        } else {
            writeln!(out, "{}{line}", " ".repeat(indent))?;
        }
    }
    Ok(())
}

/// Writes a command line to be copied: in one line, for a second one would run by itself in a shell.
pub(super) fn copied(out: &mut dyn Write, style: TerminalStyle, label: &str, text: &str) -> io::Result<()> {
    let pad = " ".repeat(INDENT.saturating_sub(2 + label.len()));
    writeln!(out, "  {}{pad}{}", style.dim(label), printable(text.trim()))
}

/// A text, cut to `limit` characters, with how long it was.
pub(in crate::report) fn abbreviated(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit).collect();
    format!("{head}… ({} characters)", count(length as u64))
}

/// A text in one line of at most so many columns.
pub(super) fn cut(text: &str, room: usize) -> String {
    let text = printable(text);
    let mut kept: String = text.chars().take(room).collect();
    if kept.len() < text.len() {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// A value: words as they are, anything else as compact JSON.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A number with its thousands apart.
pub(in crate::report) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 call", "2 calls".
pub(in crate::report) fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }
}
