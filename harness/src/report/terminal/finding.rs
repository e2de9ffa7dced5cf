//! Writes one finding, so that a stranger can understand it and try it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{abbreviated, copied, count, hanging, labelled, plural, shown};
use crate::record::{Disposition, DivergenceRecord, StepRecord};
use passmuster_contract::domain::printable;

/// The most characters that are shown of a request.
const REQUEST: usize = 600;

/// The most characters that are shown of an answer.
const ANSWER: usize = 240;

/// The most characters that are shown of names of classes or operations.
const SEEN: usize = 160;

/// The most characters that are shown of an expected or observed value.
const VALUE: usize = 900;

/// All there is to say.
pub(super) fn full(out: &mut dyn Write, style: TerminalStyle, found: &DivergenceRecord) -> io::Result<()> {
    heading(out, style, found)?;
    let rules = found.rules.join(", ");
    labelled(out, style, "rules", if rules.is_empty() { "none names it" } else { &rules })?;
    if !found.ignored_rules.is_empty() {
        let text = format!("the target behaves as if there were no {}", found.ignored_rules.join(", "));
        labelled(out, style, "cause", &text)?;
    }
    for (index, step) in found.scenario.steps.iter().enumerate() {
        self::step(out, style, index, step)?;
    }
    compared(out, style, found)?;
    clients(out, style, found)?;
    let mut reproduced = format!("{} of {}", found.reproduced.hits, found.reproduced.of);
    if found.found_after_calls > 0 {
        reproduced.push_str(&format!("; first seen after {}", plural(found.found_after_calls, "call")));
    }
    if !found.is_malformed() && found.shrunk_from > found.scenario.steps.len() {
        reproduced.push_str(&format!(", in a scenario of {} steps", count(found.shrunk_from as u64)));
    }
    labelled(out, style, "reproduced", &reproduced)?;
    seen(out, style, found)?;
    if !found.also.is_empty() {
        labelled(out, style, "also", &format!("the same cause shows as {}", found.also.join("; ")))?;
    }
    copied(out, style, "replay", &found.replay)?;
    if found.curl.is_empty() { Ok(()) } else { copied(out, style, "curl", &found.curl) }
}

/// Its text, and the command that shows it.
pub(super) fn short(out: &mut dyn Write, style: TerminalStyle, found: &DivergenceRecord) -> io::Result<()> {
    // Of a malformed request the bytes are the proof; its operation says next to nothing.
    if found.is_malformed() {
        return full(out, style, found);
    }
    heading(out, style, found)?;
    labelled(out, style, "rules", &found.rules.join(", "))?;
    let calls: Vec<String> =
        found.scenario.steps.iter().map(|step| format!("{} {}", who(step), step.operation)).collect();
    if !calls.is_empty() {
        labelled(out, style, "scenario", &calls.join(", "))?;
    }
    compared(out, style, found)?;
    seen(out, style, found)?;
    copied(out, style, "replay", &found.replay)
}

/// What was seen and not confirmed: all that is needed to try it again.
pub(super) fn unconfirmed(
    out: &mut dyn Write,
    style: TerminalStyle,
    found: &DivergenceRecord,
    why: &str,
) -> io::Result<()> {
    heading(out, style, found)?;
    labelled(out, style, "not certain", why)?;
    labelled(out, style, "rules", &found.rules.join(", "))?;
    for (index, step) in found.scenario.steps.iter().enumerate() {
        self::step(out, style, index, step)?;
    }
    compared(out, style, found)?;
    if found.curl.is_empty() { Ok(()) } else { copied(out, style, "curl", &found.curl) }
}

/// That it is there.
pub(super) fn line(
    out: &mut dyn Write,
    style: TerminalStyle,
    found: &DivergenceRecord,
    why: &str,
) -> io::Result<()> {
    let id = printable(&found.id);
    let head = format!("  {}  ", style.bold(&id));
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    hanging(out, style, &head, id.chars().count() + 4, &format!("{}{why}", found.summary))
}

fn heading(out: &mut dyn Write, style: TerminalStyle, found: &DivergenceRecord) -> io::Result<()> {
    let severity = super::severity(style, found.severity);
    let id = style.bold(&printable(&found.id));
    writeln!(out)?;
    writeln!(out, "{id}  {severity} ({}), {}", found.grade.name(), found.disposition)?;
    hanging(out, style, "  ", 2, &found.summary)?;
    if found.disposition == Disposition::Changed {
        let text = "it was reviewed, but shows in another way now; `passmuster review` takes the new one";
        labelled(out, style, "changed", text)?;
    }
    Ok(())
}

fn compared(out: &mut dyn Write, style: TerminalStyle, found: &DivergenceRecord) -> io::Result<()> {
    if !found.pointer.is_empty() {
        labelled(out, style, "at", &found.pointer)?;
    }
    labelled(out, style, "expected", &abbreviated(&shown(&found.expected), VALUE))?;
    labelled(out, style, "observed", &abbreviated(&shown(&found.observed), VALUE))
}

/// Which malformed requests show it.
fn seen(out: &mut dyn Write, style: TerminalStyle, found: &DivergenceRecord) -> io::Result<()> {
    if found.seen.is_empty() {
        return Ok(());
    }
    let operations: BTreeSet<&str> = found.seen.values().flatten().map(String::as_str).collect();
    let list = |names: Vec<&str>| abbreviated(&names.join(", "), SEEN);
    let classes = list(found.seen.keys().map(String::as_str).collect());
    let operations = list(operations.into_iter().collect());
    labelled(out, style, "seen", &format!("with {classes} on {operations}"))
}

/// The readings of clients, where some of them don't see the error that it is; those that read alike together.
fn clients(out: &mut dyn Write, style: TerminalStyle, found: &DivergenceRecord) -> io::Result<()> {
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (client, reading) in &found.sdk_impact {
        alike.entry(reading).or_default().push(client);
    }
    if alike.keys().all(|reading| reading.contains("(typed)")) {
        return Ok(());
    }
    let told: Vec<String> =
        alike.into_iter().map(|(reading, clients)| format!("{}: {reading}", clients.join(", "))).collect();
    labelled(out, style, "clients", &told.join("; "))
}

fn who(step: &StepRecord) -> String {
    match &step.region {
        Some(region) => format!("{} in {region}", step.principal),
        None => step.principal.clone(),
    }
}

fn step(out: &mut dyn Write, style: TerminalStyle, index: usize, step: &StepRecord) -> io::Result<()> {
    let label = if index == 0 { "scenario" } else { "" };
    let number = format!("{}. ", index + 1);
    let pad = " ".repeat(super::text::INDENT.saturating_sub(2 + label.len()));
    let head = format!("  {}{pad}{number}", style.dim(label));
    let indent = super::text::INDENT + number.len();
    let request = abbreviated(&step.request.to_string(), REQUEST);
    hanging(out, style, &head, indent, &format!("{} {} {request}", who(step), step.operation))?;
    if step.response.is_empty() {
        return Ok(());
    }
    let head = format!("{}{} ", " ".repeat(indent), style.dim("→"));
    hanging(out, style, &head, indent + 2, &abbreviated(&step.response, ANSWER))
}
