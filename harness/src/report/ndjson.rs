//! The run as a stream of events, one JSON object a line: what is told while it goes on, then its results, the verdict
//! last. A stream without a verdict is one of a run that did not end.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::standing::meaning;
use super::terminal;
use crate::event::Event;
use crate::record::{RunRecord, TargetRecord};

/// The schema of the stream.
pub const EVENTS_SCHEMA: &str = "passmuster.events/1";

/// Writes a run that is over.
pub(super) fn render(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    begin(&record.version, record.seed, &record.target, out)?;
    results(record, out)
}

/// Writes the beginning of a stream.
///
/// # Errors
///
/// Those of the writer.
pub fn begin(version: &str, seed: u64, target: &TargetRecord, out: &mut dyn Write) -> io::Result<()> {
    line(out, "run", &json!({ "schema": EVENTS_SCHEMA, "version": version, "seed": seed, "target": target }))
}

/// Writes what a run tells while it goes on. The conversations of a run are for traces.
///
/// # Errors
///
/// Those of the writer.
pub fn event(event: &Event, elapsed: Duration, out: &mut dyn Write) -> io::Result<()> {
    let seconds = (elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0;
    match event {
        Event::PhaseStarted { phase, budget } => {
            line(out, "phase", &json!({ "seconds": seconds, "phase": phase, "budget": budget }))
        }
        Event::Progress { calls, scenarios, findings } => {
            let so_far =
                json!({ "seconds": seconds, "calls": calls, "scenarios": scenarios, "findings": findings });
            line(out, "progress", &so_far)
        }
        Event::Found { id, severity, summary } => {
            let found = json!({ "seconds": seconds, "id": id, "severity": severity.name(), "summary": summary });
            line(out, "found", &found)
        }
        Event::Remark(text) => line(out, "remark", &json!({ "seconds": seconds, "text": text })),
        Event::Recorded(_) => Ok(()),
    }
}

/// Writes the results of a run, as its record has them, and the verdict.
///
/// # Errors
///
/// Those of the writer.
pub fn results(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    each(out, "operation", &record.operations)?;
    each(out, "divergence", &record.divergences)?;
    each(out, "cause", &record.causes)?;
    each(out, "unstable", &record.unstable)?;
    each(out, "rule", &record.rules)?;
    each(out, "question", &record.open_questions)?;
    each(out, "inconclusive", &record.inconclusive)?;
    let verdict = json!({
        "exit_code": record.exit_code,
        "meaning": meaning(record),
        "text": terminal::verdict(record),
        "stopped": record.stopped,
        "totals": record.totals,
    });
    line(out, "verdict", &verdict)
}

fn each<T: Serialize>(out: &mut dyn Write, name: &str, all: &[T]) -> io::Result<()> {
    all.iter().try_for_each(|one| line(out, name, &serde_json::to_value(one)?))
}

/// An event: its name, and what it tells.
fn line(out: &mut dyn Write, name: &str, told: &Value) -> io::Result<()> {
    let mut text = serde_json::to_string(&json!({ "event": name, name: told }))?;
    // Some readers end a line at these, too.
    for (end, escaped) in [("\u{85}", "\\u0085"), ("\u{2028}", "\\u2028"), ("\u{2029}", "\\u2029")] {
        if text.contains(end) {
            text = text.replace(end, escaped);
        }
    }
    text.push('\n');
    out.write_all(text.as_bytes())
}
