//! The run for GitHub Actions: commands that become annotations, and a text for the summary of a job.

use std::borrow::Cow;
use std::io::{self, Write};

use super::markdown;
use super::standing::{Weight, is_green, meaning, standing, uncertain};
use super::terminal;
use super::terminal::text::plural;
use crate::record::{CauseRecord, DivergenceRecord, RunRecord};
use passmuster_contract::domain::printable;

/// GitHub shows no more errors of one step.
const MOST_ERRORS: usize = 10;

/// The most bytes of a summary; GitHub refuses one of more than a mebibyte.
const MOST_BYTES: usize = 900_000;

/// Writes the annotations of a run.
pub(super) fn render(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    let verdict = terminal::verdict(record);
    let title = format!("passmuster {}: {}", record.target.name, meaning(record));
    writeln!(out, "{}", command(if is_green(record) { "notice" } else { "error" }, &title, &verdict))?;
    let errors = errors(record);
    // The first one is the verdict.
    let shown = if errors.len() < MOST_ERRORS { errors.len() } else { MOST_ERRORS - 2 };
    for (title, message) in errors.iter().take(shown) {
        writeln!(out, "{}", command("error", title, message))?;
    }
    if let left @ 1.. = errors.len() - shown {
        let text = "the summary of the job and the other reports have them";
        writeln!(out, "{}", command("error", &format!("{left} more"), text))?;
    }
    let light = record.divergences.iter().filter(|found| standing(record, found) == Weight::Light).count();
    if light > 0 {
        let text = format!("{} that do not fail the run", plural(light as u64, "suspicion or note"));
        writeln!(out, "{}", command("warning", "passmuster", &text))?;
    }
    Ok(())
}

/// The summary of a job in Markdown: as much of the run as there is room for, causes first.
///
/// # Errors
///
/// Never: a buffer takes everything.
pub fn job_summary(record: &RunRecord) -> io::Result<String> {
    let mut text = Vec::new();
    markdown::head(&mut text, record)?;
    let fails = |found: &&DivergenceRecord| standing(record, found) == Weight::Fails;
    let mut left = 0_u64;
    for found in record.divergences.iter().filter(fails) {
        let mut one = Vec::new();
        markdown::folded(&mut one, found)?;
        if left > 0 || text.len() + one.len() > MOST_BYTES {
            left += 1;
        } else {
            text.extend(one);
        }
    }
    if left > 0 {
        writeln!(text, "{left} more findings are in the other reports.")?;
    }
    // A head that is too long by itself is cut at the end of a line.
    let mut summary = String::from_utf8_lossy(&text).into_owned();
    if summary.len() > MOST_BYTES {
        let room = summary.char_indices().map(|(at, _)| at).take_while(|at| *at <= MOST_BYTES).last().unwrap_or(0);
        let end = summary.get(..room).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
        summary.truncate(end);
    }
    Ok(summary)
}

/// An error for each cause of what fails, for each finding that fails without one, and for what is not certain.
fn errors(record: &RunRecord) -> Vec<(String, String)> {
    let fails: Vec<&DivergenceRecord> =
        record.divergences.iter().filter(|found| standing(record, found) == Weight::Fails).collect();
    let of = |cause: &CauseRecord| fails.iter().filter(|found| cause.findings.contains(&found.id)).count();
    let mut errors: Vec<(String, String)> = Vec::new();
    for cause in &record.causes {
        let number = of(cause);
        if number > 0 {
            let proof = record.divergences.iter().find(|found| found.id == cause.proof);
            let proof = proof.map_or_else(String::new, |found| format!("\n{}\n{}", found.summary, found.replay));
            let message = format!("explains {}{proof}", plural(number as u64, "finding"));
            errors.push((format!("{}: {}", cause.id, cause.title), message));
        }
    }
    let is_explained =
        |found: &DivergenceRecord| record.causes.iter().any(|cause| cause.findings.contains(&found.id));
    for found in fails.iter().filter(|found| !is_explained(found)) {
        let message = format!("{}\nrules: {}\n{}", found.summary, found.rules.join(", "), found.replay);
        errors.push((format!("{}: {} {}", found.id, found.operation, found.kind), message));
    }
    if !is_green(record) {
        errors.extend(uncertain(record).map(|one| {
            let message = format!("{}: {}", one.fingerprint.trim_end(), one.why.meaning());
            (format!("not certain: {}", one.why), message)
        }));
    }
    errors
}

/// A command of a workflow. What it says is data: a line of its own would be another command.
fn command(name: &str, title: &str, message: &str) -> String {
    let title = escaped(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{name} title={title}::{}", escaped(message))
}

/// A text as the runner reads it back; what is no line of ours is made visible first.
fn escaped(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(printable).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_whatever_it_says() {
        assert_eq!(command("error", "a:b,c", "100%\nx\r::stop"), "::error title=a%3Ab%2Cc::100%25%0Ax\\r::stop");
    }
}
