//! The causes of what was found, in the order in which to mend them.

use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{count, cut, hanging, plural};
use crate::record::{CauseRecord, Disposition, DivergenceRecord, RunRecord};
use passmuster_contract::domain::{Severity, printable};

/// The most characters of a title that stands in a sentence.
const MOST_TITLE: usize = 90;

/// Writes the first causes of what is new, one a line; where all is to be told every cause, with each finding's id.
pub(super) fn causes(
    out: &mut dyn Write,
    style: TerminalStyle,
    record: &RunRecord,
    most: usize,
) -> io::Result<()> {
    if record.causes.is_empty() {
        return Ok(());
    }
    let (told, known): (Vec<&CauseRecord>, Vec<&CauseRecord>) =
        record.causes.iter().partition(|cause| style.verbose || number_of_news(record, cause) > 0);
    writeln!(out)?;
    let title = style.bold(&causes_of_findings(&record.causes.iter().collect::<Vec<_>>()));
    if told.is_empty() {
        return writeln!(out, "{title}, known");
    }
    writeln!(out, "{title}")?;
    let shown = told.len().min(most);
    for cause in told.iter().take(shown) {
        line(out, style, record, cause)?;
    }
    if shown < told.len() {
        hanging(out, style, "  ", 2, &format!("and {} more", causes_of_findings(&told[shown..])))?;
    }
    if !known.is_empty() {
        hanging(out, style, "  ", 2, &format!("{} known", causes_of_findings(&known)))?;
    }
    let Some(first) = told.first() else { return Ok(()) };
    let goes = match first.goes_away.unwrap_or(first.findings.len() as u64) {
        1 => "1 finding goes away".to_owned(),
        many => format!("{} findings go away", count(many)),
    };
    let frees = match first.blocks {
        0 => String::new(),
        blocked => format!(", {} become reachable", plural(blocked, "situation")),
    };
    let text = format!("{} {} ({goes}{frees})", first.id, cut(&first.title, MOST_TITLE));
    hanging(out, style, &style.bold("mend this first: "), 17, &text)
}

fn causes_of_findings(causes: &[&CauseRecord]) -> String {
    let findings: usize = causes.iter().map(|cause| cause.findings.len()).sum();
    format!("{} of {}", plural(causes.len() as u64, "cause"), plural(findings as u64, "finding"))
}

pub(super) fn is_news(found: &DivergenceRecord) -> bool {
    matches!(found.disposition, Disposition::New | Disposition::Changed)
}

/// The number of findings of a cause that nobody has reviewed.
pub(super) fn number_of_news(record: &RunRecord, cause: &CauseRecord) -> usize {
    let its_own = |found: &&DivergenceRecord| cause.findings.contains(&found.id) && is_news(found);
    record.divergences.iter().filter(its_own).count()
}

fn line(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord, cause: &CauseRecord) -> io::Result<()> {
    let number = count(cause.findings.len() as u64);
    let head = format!("  {}  {number:>3}  ", style.bold(&printable(&cause.id)));
    let indent = cause.id.chars().count() + 9;
    let room = style.width.saturating_sub(indent).max(20);
    let news = match number_of_news(record, cause) {
        0 => "known: ".to_owned(),
        all if all == cause.findings.len() => String::new(),
        some => format!("{some} new: "),
    };
    let title = format!("{news}{}", cause.title);
    if style.verbose {
        hanging(out, style, &head, indent, &title)?;
        return hanging(out, style, &" ".repeat(indent), indent, &cause.findings.join(", "));
    }
    writeln!(out, "{head}{}", cut(&title, room))
}

/// What no cause explains, each in a line.
pub(super) fn left(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord, most: usize) -> io::Result<()> {
    let is_left = |found: &&DivergenceRecord| {
        found.cause.is_none() && found.severity > Severity::Note && found.disposition != Disposition::Resolved
    };
    let all: Vec<&DivergenceRecord> = record.divergences.iter().filter(is_left).collect();
    let (malformed, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| found.is_malformed());
    let title = |number: usize| match record.causes.is_empty() {
        true => plural(number as u64, "finding"),
        false => format!("no cause explains {}", plural(number as u64, "finding")),
    };
    listed(out, style, &title(others.len()), &others, most)?;
    let title = format!("{} by malformed requests", plural(malformed.len() as u64, "finding"));
    listed(out, style, &title, &malformed, most)
}

fn listed(
    out: &mut dyn Write,
    style: TerminalStyle,
    title: &str,
    found: &[&DivergenceRecord],
    most: usize,
) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let (news, known): (Vec<&DivergenceRecord>, Vec<&DivergenceRecord>) =
        found.iter().copied().partition(|found| is_news(found));
    if news.is_empty() {
        return writeln!(out, "{}, known", style.bold(title));
    }
    writeln!(out, "{}", style.bold(title))?;
    for found in news.iter().take(most) {
        let room = style.width.saturating_sub(found.id.chars().count() + 4).max(20);
        writeln!(out, "  {}  {}", style.bold(&printable(&found.id)), cut(&found.summary, room))?;
    }
    if news.len() > most {
        writeln!(out, "  and {} more", news.len() - most)?;
    }
    if !known.is_empty() {
        writeln!(out, "  {} known", known.len())?;
    }
    Ok(())
}
