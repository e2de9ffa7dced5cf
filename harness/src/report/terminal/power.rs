//! A measurement of the harness's power, for people: the figures, then what falls short.

use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{count, hanging, plural};
use crate::record::{Blamed, CurvePoint, FaultRecord, Missed, PairRecord, PowerRecord};
use passmuster_contract::domain::printable;

/// The width of the names of the figures.
const NAMES: usize = 27;

/// The width of the names of faults; a longer one has a line of its own.
const FAULT: usize = 28;

/// Writes a measurement; `ending` says what its exit code means.
///
/// # Errors
///
/// Those of the writer.
pub fn power(record: &PowerRecord, ending: &str, style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    figures(record, style, out)?;
    let of = |wanted: fn(&FaultRecord) -> bool| record.faults.iter().filter(move |fault| wanted(fault));
    list(out, style, "survived", of(|fault| !fault.killed).map(|fault| (fault.id.as_str(), survivor(fault))))?;
    let wrongly = of(|fault| fault.blamed == Blamed::Other);
    list(out, style, "blamed on another rule", wrongly.map(|fault| (fault.id.as_str(), blame(fault))))?;
    let longer = of(FaultRecord::is_longer);
    list(
        out,
        style,
        "longer than the shortest way to the rule",
        longer.map(|fault| (fault.id.as_str(), length(fault))),
    )?;
    let pairs = record.pairs.incomplete.iter().map(|pair| (pair.faults.join(" + "), missed(pair)));
    list(out, style, "pairs of which not both were found", pairs)?;
    writeln!(out)?;
    let verdict = format!(
        "exit {}, {ending}: {} of {} killed, {} blamed on their rule",
        record.exit_code,
        record.totals.killed,
        plural(record.totals.faults as u64, "fault"),
        record.totals.right,
    );
    let coloured = match record.exit_code {
        0 => style.green(&verdict),
        1 => style.red(&verdict),
        _ => style.yellow(&verdict),
    };
    writeln!(out, "{coloured}")?;
    out.flush()
}

fn figures(record: &PowerRecord, style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    let (totals, pairs) = (&record.totals, &record.pairs);
    let share = |part: usize| match totals.faults {
        0 => "none".to_owned(),
        faults => format!("{part} of {faults} ({:.1} %)", part as f64 * 100.0 / faults as f64),
    };
    let worst = record.faults.iter().find(|fault| fault.calls == Some(totals.calls_worst));
    let worst = worst.map_or_else(String::new, |fault| format!(" ({})", printable(&fault.id)));
    let drawn = match pairs.runs {
        0 => "none".to_owned(),
        runs => format!(
            "{} of {} in {} of {} possible; {} one, {} neither",
            pairs.both,
            runs,
            plural(runs as u64, "run"),
            count(pairs.possible as u64),
            pairs.one,
            pairs.none
        ),
    };
    for (name, figure) in [
        ("killed", share(totals.killed)),
        ("blamed on their rule", share(totals.right)),
        (
            "calls until found",
            format!("median {}, worst {}{worst}", count(totals.calls_median), count(totals.calls_worst)),
        ),
        ("found by so many calls", curve(record)),
        (
            "steps that show it",
            format!("median {}; {} longer than the shortest way to the rule", totals.steps_median, totals.longer),
        ),
        ("blame on other rules, too", share(totals.collateral)),
        ("pairs, both found", drawn),
        (
            "a run",
            format!(
                "seed {}, at most {} calls, phases {}",
                record.seed,
                count(record.max_calls),
                record.phases.join(", ")
            ),
        ),
        ("time", format!("{:.1} s", totals.seconds)),
    ] {
        hanging(out, style, &format!("{name:<NAMES$}"), NAMES, &figure)?;
    }
    Ok(())
}

/// The faults found by so many calls, and of those the ones blamed on their rule.
fn curve(record: &PowerRecord) -> String {
    let point =
        |point: &CurvePoint| format!("{}: {} ({} on their rule)", count(point.calls), point.killed, point.right);
    let points: Vec<String> = record.curve.iter().map(point).collect();
    if points.is_empty() { "none".to_owned() } else { points.join(", ") }
}

/// A list under its title; nothing where there is nothing to list.
fn list<N: AsRef<str>>(
    out: &mut dyn Write,
    style: TerminalStyle,
    title: &str,
    rows: impl Iterator<Item = (N, String)>,
) -> io::Result<()> {
    let mut titled = false;
    for (name, text) in rows {
        if !titled {
            writeln!(out, "\n{}", style.bold(title))?;
            titled = true;
        }
        let name = printable(name.as_ref());
        if name.chars().count() > FAULT {
            writeln!(out, "  {name}")?;
            hanging(out, style, "    ", 4, &text)?;
        } else {
            hanging(out, style, &format!("  {name:<FAULT$}  "), FAULT + 4, &text)?;
        }
    }
    Ok(())
}

fn survivor(fault: &FaultRecord) -> String {
    let why = fault.stopped.as_ref().map_or_else(String::new, |why| format!("; {why}"));
    format!("{} ({}){why}", fault.rule, fault.grade.name())
}

fn blame(fault: &FaultRecord) -> String {
    let blamed = fault.blamed_rule.as_deref().unwrap_or("no rule");
    format!(
        "{} ({}), blamed on {blamed}; all blamed: {}",
        fault.rule,
        fault.grade.name(),
        fault.other_rules.join(", ")
    )
}

fn length(fault: &FaultRecord) -> String {
    let steps = |steps: Option<usize>| steps.unwrap_or_default();
    format!("{}: {} steps, shortest {}", fault.rule, steps(fault.steps), steps(fault.shortest_steps))
}

fn missed(pair: &PairRecord) -> String {
    let missed = pair.missed.iter().map(|missed| {
        let why = match missed.why {
            Missed::Alone => "not found alone, either",
            Missed::Masked => "masked: what shows it alone doesn't show it here",
            Missed::Overlooked => "overlooked: what shows it alone shows it here, too",
        };
        format!("{} ({}) {why}", missed.id, missed.rule)
    });
    let missed: Vec<String> = missed.collect();
    let blamed = if pair.blamed_rules.is_empty() { "nothing".to_owned() } else { pair.blamed_rules.join(", ") };
    format!("{}; blamed: {blamed}", missed.join("; "))
}
