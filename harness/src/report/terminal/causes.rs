//! The causes of what was found, in the order in which to mend them.

use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{count, hanging, plural};
use crate::record::{CauseRecord, DivergenceRecord, RunRecord};
use passmuster_contract::domain::{Severity, printable};

/// The most causes that are told where each finding isn't.
const MOST_CAUSES: usize = 12;

/// Writes the causes, one a line; with each finding's id where all is to be told.
pub(super) fn causes(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let causes = &record.causes;
    let Some(first) = causes.first() else { return Ok(()) };
    let explained: usize = causes.iter().map(|cause| cause.findings.len()).sum();
    let (causes_told, findings_told) = (plural(causes.len() as u64, "cause"), plural(explained as u64, "finding"));
    writeln!(out)?;
    writeln!(out, "{}", style.bold(&format!("{causes_told} of {findings_told}")))?;
    let shown = if style.verbose { causes.len() } else { causes.len().min(MOST_CAUSES) };
    for cause in causes.iter().take(shown) {
        line(out, style, cause)?;
    }
    if shown < causes.len() {
        let rest: usize = causes.iter().skip(shown).map(|cause| cause.findings.len()).sum();
        let text = format!("and {} more, of {}", causes.len() - shown, plural(rest as u64, "finding"));
        hanging(out, style, "  ", 2, &text)?;
    }
    let goes = match first.findings.len() {
        1 => "1 finding goes away".to_owned(),
        many => format!("{} findings go away", count(many as u64)),
    };
    let frees = match first.blocks {
        0 => String::new(),
        blocked => format!(", {} become reachable", plural(blocked, "situation")),
    };
    let text = format!("{} {} ({goes}{frees})", first.id, first.title);
    hanging(out, style, &style.bold("mend this first: "), 17, &text)
}

fn line(out: &mut dyn Write, style: TerminalStyle, cause: &CauseRecord) -> io::Result<()> {
    let number = count(cause.findings.len() as u64);
    let head = format!("  {}  {number:>3}  ", style.bold(&printable(&cause.id)));
    let indent = cause.id.chars().count() + 9;
    let room = style.width.saturating_sub(indent).max(20);
    if style.verbose {
        hanging(out, style, &head, indent, &cause.title)?;
        return hanging(out, style, &" ".repeat(indent), indent, &cause.findings.join(", "));
    }
    let mut title: String = cause.title.chars().take(room).collect();
    if title.len() < cause.title.len() {
        title.pop();
        title.push('…');
    }
    writeln!(out, "{head}{}", printable(&title))
}

/// What no cause explains, and where the rest is told.
pub(super) fn left(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let left: Vec<&DivergenceRecord> = record
        .divergences
        .iter()
        .filter(|found| found.cause.is_none() && found.severity > Severity::Note && !found.is_malformed())
        .collect();
    if !left.is_empty() {
        writeln!(out)?;
        writeln!(out, "{}", style.bold(&format!("no cause explains {}", plural(left.len() as u64, "finding"))))?;
    }
    if !left.is_empty() {
        let ids: Vec<&str> = left.iter().map(|found| found.id.as_str()).collect();
        hanging(out, style, "  ", 2, &ids.join(", "))?;
    }
    writeln!(out)?;
    let text = "each finding in full: -v, or --report json=FILE and `passmuster explain ID --from FILE`";
    hanging(out, style, "", 0, text)
}
