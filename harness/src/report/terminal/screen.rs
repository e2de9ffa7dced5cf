//! The last screen of a run: what is wrong, what to mend first, and what to do next, in so many lines and no more.

use std::io::{self, Write};

use super::text::{INDENT, count, cut, labelled, plural};
use super::{TerminalStyle, causes, finding, summary};
use crate::record::{
    Disposition, DivergenceRecord, OperationRecord, OperationSupport, RunRecord, Uncertainty, UnstableRecord,
};
use passmuster_contract::domain::Severity;

/// The most lines of the screen, as a terminal breaks them.
const MOST_LINES: usize = 30;

/// The most reasons that are given for classes of malformed requests that were not sent.
const MOST_REASONS: usize = 3;

/// The most lines of a remark; all of it is in the report.
const LINES_OF_REMARK: usize = 3;

/// The number of entries that each part of the screen gets.
#[derive(Clone, Copy, Debug)]
struct Room {
    causes: usize,
    left: usize,
    proofs: usize,
    unsure: usize,
    remarks: usize,
}

impl Room {
    const MOST: Self = Self { causes: 12, left: 8, proofs: 3, unsure: 6, remarks: 4 };

    /// A little less, as long as there is anything to leave out.
    fn less(mut self) -> Option<Self> {
        if self.proofs > 0 {
            self.proofs -= 1;
            return Some(self);
        }
        // Causes go last.
        let parts = [(2, &mut self.causes), (1, &mut self.left), (1, &mut self.unsure), (1, &mut self.remarks)];
        let longest =
            parts.into_iter().filter(|(_, part)| **part > 1).max_by_key(|(worth, part)| **part / worth)?;
        *longest.1 -= 1;
        Some(self)
    }
}

/// Writes the screen, with as much as there is room for.
pub(super) fn screen(record: &RunRecord, style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut room = Room::MOST;
    loop {
        let mut text = Vec::new();
        write(&mut text, style, record, room)?;
        let less = if lines(&text, style) > MOST_LINES { room.less() } else { None };
        match less {
            Some(less) => room = less,
            None => {
                out.write_all(&text)?;
                return out.flush();
            }
        }
    }
}

/// The lines of a text on a terminal of the width, where colours take no room.
fn lines(text: &[u8], style: TerminalStyle) -> usize {
    let text = String::from_utf8_lossy(text);
    let columns = |line: &str| {
        let mut parts = line.split('\u{1b}');
        let first = parts.next().map_or(0, |part| part.chars().count());
        let coloured = parts.map(|part| part.split_once('m').map_or(0, |(_, rest)| rest.chars().count()));
        first + coloured.sum::<usize>()
    };
    text.lines().map(|line| columns(line).div_ceil(style.width.max(1)).max(1)).sum()
}

fn write(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord, room: Room) -> io::Result<()> {
    summary::headline(out, style, record)?;
    causes::causes(out, style, record, room.causes)?;
    causes::left(out, style, record, room.left)?;
    let mut proofs = proofs(record);
    proofs.truncate(room.proofs);
    proofs.into_iter().try_for_each(|found| finding::short(out, style, found))?;
    others(out, style, record)?;
    unsure(out, style, record, room.unsure)?;
    coverage(out, style, record)?;
    remarks(out, style, record, room.remarks)?;
    next(out, style, record)?;
    writeln!(out)?;
    summary::last_line(out, style, record)
}

/// The findings that show best what is wrong: the proofs of causes, then those that none explains.
fn proofs(record: &RunRecord) -> Vec<&DivergenceRecord> {
    let is_news = |found: &&DivergenceRecord| causes::is_news(found) && found.severity > Severity::Note;
    let news: Vec<&DivergenceRecord> = record.divergences.iter().filter(is_news).collect();
    let of_causes =
        record.causes.iter().filter_map(|cause| news.iter().copied().find(|found| found.id == cause.proof));
    of_causes.chain(news.iter().copied().filter(|found| found.cause.is_none())).collect()
}

/// The findings that were reviewed and are gone, and those that weigh nothing: their number.
fn others(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let gone: Vec<&str> = record
        .divergences
        .iter()
        .filter(|found| found.disposition == Disposition::Resolved)
        .map(|found| found.id.as_str())
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    let text = format!("{}, reviewed and no longer seen: {}", count(gone.len() as u64), gone.join(", "));
    writeln!(out)?;
    row(out, style, "resolved", &text)
}

/// What is not certain, each in a line.
fn unsure(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord, most: usize) -> io::Result<()> {
    let number = record.unstable.len() + record.late.len() + record.inconclusive.len();
    if number == 0 {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "{}", style.bold(&format!("{} not certain", count(number as u64))))?;
    let unstable = record.unstable.iter().map(uncertain);
    let late = record.late.iter().map(|late| (late, "late"));
    let unjudged = record.inconclusive.iter().map(|one| (one, "could not be judged"));
    let calls = late.chain(unjudged).map(|(calls, what)| {
        format!("{} {what}: {} ({})", plural(calls.times, "call"), calls.operation, calls.reason)
    });
    let told: Vec<String> = unstable.chain(calls).collect();
    for text in told.iter().take(most) {
        writeln!(out, "  {}", cut(text, style.width.saturating_sub(2)))?;
    }
    match told.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

fn uncertain(unstable: &UnstableRecord) -> String {
    let times = match unstable.why {
        Uncertainty::NeverJudged => String::new(),
        _ => format!(", seen {} of {} times", count(unstable.sightings), count(unstable.judged)),
    };
    let what = unstable.finding.as_ref().map_or_else(
        || unstable.fingerprint.trim_end().to_owned(),
        |found| format!("{}  {}", found.id, found.summary),
    );
    format!("{}{times}: {what}", unstable.why)
}

/// How much of the API was tested, and why not all of it.
fn coverage(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    writeln!(out)?;
    let with = |support: OperationSupport| -> Vec<&OperationRecord> {
        record.operations.iter().filter(|operation| operation.support == support).collect()
    };
    let supported = with(OperationSupport::Supported).len();
    let mut text = format!("{supported} of {} operations", record.operations.len());
    if record.walk.situations > 0 {
        let (exercised, all) = (count(record.walk.exercised), count(record.walk.situations));
        text.push_str(&format!(", {exercised} of {all} situations of {}", plural(record.walk.cast, "account")));
    }
    row(out, style, "tested", &text)?;
    for support in [
        OperationSupport::Given,
        OperationSupport::Broken,
        OperationSupport::Unsupported,
        OperationSupport::NotChecked,
    ] {
        let such = with(support);
        let Some(first) = such.first() else { continue };
        let names: Vec<&str> = such.iter().map(|operation| operation.name.as_str()).collect();
        let reason = first.reason.as_deref().map_or_else(String::new, |reason| format!(" ({})", cut(reason, 40)));
        let text = format!("{}{reason}: {}", plural(such.len() as u64, "operation"), names.join(", "));
        row(out, style, support.name(), &text)?;
    }
    let wire = &record.wire;
    if wire.catalogue > 0 {
        let (classes, all) = (count(wire.classes), count(wire.catalogue));
        let text = format!("{} of {classes} of {all} classes", plural(wire.requests, "malformed request"));
        row(out, style, "sent", &text)?;
    }
    for (why, classes) in wire.not_sent.iter().take(MOST_REASONS) {
        let number = count(classes.len() as u64);
        row(out, style, "not sent", &format!("{number}: {why} ({})", classes.join(", ")))?;
    }
    Ok(())
}

fn remarks(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord, most: usize) -> io::Result<()> {
    for remark in record.remarks.iter().take(most) {
        let columns = style.width.saturating_sub(INDENT) * LINES_OF_REMARK;
        labelled(out, style, "remark", &cut(remark, columns))?;
    }
    match record.remarks.len().saturating_sub(most) {
        0 => Ok(()),
        more => row(out, style, "remark", &format!("and {more} more")),
    }
}

/// What to do next, with the id of what comes first.
fn next(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let first = proofs(record).first().map(|found| found.id.as_str());
    let cause = record.causes.iter().find(|cause| causes::number_of_news(record, cause) > 0);
    let text = match (cause, first) {
        (Some(cause), _) => format!(
            "-v tells each finding; with --report json=FILE, `passmuster explain {id} --from FILE` tells more of a cause \
             and `passmuster report FILE --issue {id}` writes it up",
            id = cause.id,
        ),
        (None, Some(id)) => format!(
            "-v tells each finding; with --report json=FILE, `passmuster explain {id} --from FILE` tells more of one"
        ),
        (None, None) if summary::is_malformed_alone(record) => {
            "-v tells what else was sent, and what SDKs make of the answers".to_owned()
        }
        (None, None) => "-v tells what each rule did, and how open questions are answered".to_owned(),
    };
    labelled(out, style, "next", &text)
}

/// A labelled text in one line.
fn row(out: &mut dyn Write, style: TerminalStyle, label: &str, text: &str) -> io::Result<()> {
    let room = style.width.saturating_sub(INDENT).max(20);
    labelled(out, style, label, &cut(text, room))
}
