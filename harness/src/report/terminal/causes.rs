//! The causes of what was found, in the order in which to mend them.

use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{count, hanging, plural};
use crate::record::{CauseRecord, Disposition, DivergenceRecord, RunRecord};
use passmuster_contract::domain::{Severity, printable};

/// The most causes that are told where each finding isn't.
const MOST_CAUSES: usize = 12;

/// Of what no cause explains, so many findings are told in a line each.
const MOST_LEFT: usize = 8;

/// Writes the causes of what is new, one a line; where all is to be told every cause, with each finding's id.
pub(super) fn causes(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    if record.causes.is_empty() {
        return Ok(());
    }
    let (told, known): (Vec<&CauseRecord>, Vec<&CauseRecord>) =
        record.causes.iter().partition(|cause| style.verbose || number_of_news(record, cause) > 0);
    writeln!(out)?;
    writeln!(out, "{}", style.bold(&causes_of_findings(&record.causes.iter().collect::<Vec<_>>())))?;
    let shown = if style.verbose { told.len() } else { told.len().min(MOST_CAUSES) };
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
    let text = format!("{} {} ({goes}{frees})", first.id, first.title);
    hanging(out, style, &style.bold("mend this first: "), 17, &text)
}

fn causes_of_findings(causes: &[&CauseRecord]) -> String {
    let findings: usize = causes.iter().map(|cause| cause.findings.len()).sum();
    format!("{} of {}", plural(causes.len() as u64, "cause"), plural(findings as u64, "finding"))
}

fn is_news(found: &DivergenceRecord) -> bool {
    matches!(found.disposition, Disposition::New | Disposition::Changed)
}

/// The number of findings of a cause that nobody has reviewed.
fn number_of_news(record: &RunRecord, cause: &CauseRecord) -> usize {
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

fn cut(text: &str, room: usize) -> String {
    let mut kept: String = text.chars().take(room).collect();
    if kept.len() < text.len() {
        kept.pop();
        kept.push('…');
    }
    printable(&kept).into_owned()
}

/// What no cause explains, and where the rest is told.
pub(super) fn left(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let is_left = |found: &&DivergenceRecord| {
        found.cause.is_none() && found.severity > Severity::Note && !found.is_malformed()
    };
    let (news, known): (Vec<_>, Vec<_>) =
        record.divergences.iter().filter(is_left).partition(|found| is_news(found));
    let number = news.len() + known.len();
    if number > 0 {
        writeln!(out)?;
        writeln!(out, "{}", style.bold(&format!("no cause explains {}", plural(number as u64, "finding"))))?;
    }
    for found in news.iter().take(MOST_LEFT) {
        let head = format!("  {}  ", style.bold(&printable(&found.id)));
        let room = style.width.saturating_sub(found.id.chars().count() + 4).max(20);
        writeln!(out, "{head}{}", cut(&found.summary, room))?;
    }
    if news.len() > MOST_LEFT {
        hanging(out, style, "  ", 2, &format!("and {} more", news.len() - MOST_LEFT))?;
    }
    if !known.is_empty() {
        hanging(out, style, "  ", 2, &format!("{} known", known.len()))?;
    }
    writeln!(out)?;
    let text = "each finding in full: -v, or --report json=FILE and `passmuster explain ID --from FILE`";
    hanging(out, style, "", 0, text)
}
