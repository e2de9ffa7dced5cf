//! The results of a run, for a reader who sees it for the first time.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::{abbreviated, count, hanging, labelled, plural};
use super::{TerminalStyle, causes, finding, screen};
use crate::baseline::Ending;
use crate::record::{
    Disposition, DivergenceRecord, GoalRecord, OperationSupport, RuleRecord, RuleStatus, RunRecord, SdkRecord,
    Stopped, Uncertainty, UnstableRecord, WalkRecord, WireRecord,
};
use passmuster_contract::domain::{Severity, printable};

/// Writes the summary of a run, in full or as much as fits on a screen; the verdict is its last line.
///
/// # Errors
///
/// Those of the writer.
pub fn summary(record: &RunRecord, style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    if !style.verbose {
        return screen::screen(record, style, out);
    }
    headline(out, style, record)?;
    coverage(out, style, record)?;
    causes::causes(out, style, record, usize::MAX)?;
    findings(out, style, record)?;
    unstable(out, style, record)?;
    walk(out, style, &record.walk)?;
    wire(out, style, &record.wire)?;
    rules(out, style, record)?;
    questions(out, style, record)?;
    goals(out, style, record)?;
    sdk(out, style, &record.sdk)?;
    inconclusive(out, style, record)?;
    if !record.remarks.is_empty() {
        section(out, style, "remarks")?;
        for remark in &record.remarks {
            hanging(out, style, "  ", 2, remark)?;
        }
    }
    writeln!(out)?;
    last_line(out, style, record)?;
    out.flush()
}

/// The verdict in its colour.
pub(super) fn last_line(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let verdict = verdict(record);
    let coloured = match Ending::from_code(record.exit_code) {
        Some(Ending::Clean) => style.green(&verdict),
        Some(Ending::NewDivergence) | None => style.red(&verdict),
        Some(Ending::NoVerdict | Ending::NothingChecked | Ending::Stale | Ending::Interrupted) => {
            style.yellow(&verdict)
        }
    };
    writeln!(out, "{coloured}")
}

/// The ending of a run in one line: the exit code with its meaning, then divergence and coverage, never added up.
#[must_use]
pub fn verdict(record: &RunRecord) -> String {
    let violated = number_of(&record.rules, RuleStatus::Violated);
    let checked = violated + number_of(&record.rules, RuleStatus::Held);
    let new = |severity: Severity| {
        let listed = |found: &&DivergenceRecord| {
            found.severity == severity && found.disposition == Disposition::New && !record.is_lone(found)
        };
        record.divergences.iter().filter(listed).count() as u64
    };
    let changed = record.divergences.iter().filter(|found| found.disposition == Disposition::Changed).count();
    let meaning = match Ending::from_code(record.exit_code) {
        Some(Ending::NewDivergence) if new(Severity::Divergence) == 0 && changed > 0 => "changed divergence",
        ending => ending.map_or("the run failed", Ending::meaning),
    };
    let changed = if changed == 0 { String::new() } else { format!(", {changed} changed") };
    let suspicions = match new(Severity::Suspicion) {
        0 => String::new(),
        some => format!(" and {}", plural(some, "suspicion")),
    };
    let missed: Vec<&str> =
        record.goals.iter().filter(|goal| goal.is_missed()).map(|goal| goal.id.as_str()).collect();
    let missed = match missed.len() {
        0 => String::new(),
        some => format!("; {} missed: {}", plural(some as u64, "goal"), printable(&missed.join(", "))),
    };
    let malformed = match record.wire.requests {
        0 => String::new(),
        _ => format!(", {} of {} classes of malformed requests", record.wire.classes, record.wire.catalogue),
    };
    let (violated, checked) = if is_malformed_alone(record) {
        (String::new(), String::new())
    } else {
        let (of, all) = (plural(checked, "checked rule"), record.rules.len());
        (format!(", {violated} of {of} violated"), format!(", {checked} of {all} rules"))
    };
    let mut unsure: BTreeMap<Uncertainty, u64> = BTreeMap::new();
    let weighs = |unstable: &&UnstableRecord| unstable.severity > Severity::Note;
    for unstable in record.unstable.iter().filter(weighs) {
        *unsure.entry(unstable.why).or_default() += 1;
    }
    let unsure: String = unsure.into_iter().map(|(why, number)| format!(", {number} {why}")).collect();
    // Others say so themselves.
    let may_be_cut = matches!(Ending::from_code(record.exit_code), Some(Ending::Clean | Ending::NewDivergence));
    let is_cut = may_be_cut && record.stopped.as_ref().is_some_and(Stopped::is_cut);
    let cut = if is_cut { " (stopped early)" } else { "" };
    format!(
        "exit {}, {meaning}{cut}: {} new{suspicions}{changed}{unsure}{violated}; coverage: {} of {} operations{checked}{malformed}{missed}",
        record.exit_code,
        new(Severity::Divergence),
        supported(record),
        record.operations.len(),
    )
}

/// Whether malformed requests are all that was sent: then no rule was to be checked.
pub(in crate::report) fn is_malformed_alone(record: &RunRecord) -> bool {
    record.wire.catalogue > 0 && record.totals.scenarios == 0
}

fn number_of(rules: &[RuleRecord], status: RuleStatus) -> u64 {
    rules.iter().filter(|rule| rule.status == status).count() as u64
}

fn supported(record: &RunRecord) -> usize {
    record.operations.iter().filter(|operation| operation.support == OperationSupport::Supported).count()
}

fn section(out: &mut dyn Write, style: TerminalStyle, title: &str) -> io::Result<()> {
    writeln!(out)?;
    writeln!(out, "{}", style.bold(title))
}

pub(super) fn headline(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let version = record.target.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    let totals = &record.totals;
    let target = format!("{}{version} ({})", record.target.name, record.target.endpoint);
    let mut sent = plural(totals.calls, "call");
    if !is_malformed_alone(record) {
        sent.push_str(&format!(" in {}", plural(totals.scenarios, "scenario")));
    }
    if record.wire.requests > 0 {
        sent.push_str(&format!(" and {}", plural(record.wire.requests, "malformed request")));
    }
    let nonce = if record.nonce == 0 { String::new() } else { format!(", nonce {}", record.nonce) };
    let text = format!(
        "passmuster {} against {target}: {sent}, {:.1} s, seed {}{nonce}",
        record.version, totals.seconds, record.seed,
    );
    hanging(out, style, "", 0, &text)?;
    match &record.stopped {
        Some(reason) => hanging(out, style, &style.yellow("stopped early: "), 15, reason.as_str()),
        None => Ok(()),
    }
}

fn coverage(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    section(out, style, "coverage")?;
    let (supported, all) = (supported(record), record.operations.len());
    labelled(out, style, "supported", &format!("{supported} of {all} operations"))?;
    for support in [OperationSupport::Given, OperationSupport::Broken, OperationSupport::Unsupported] {
        // Operations that fail alike are told together.
        let mut alike: Vec<(&str, Vec<&str>)> = Vec::new();
        for operation in record.operations.iter().filter(|operation| operation.support == support) {
            let reason = operation.reason.as_deref().unwrap_or("no reason given");
            match alike.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(&operation.name),
                None => alike.push((reason, vec![&operation.name])),
            }
        }
        for (reason, names) in alike {
            labelled(out, style, support.name(), &format!("{}: {}", names.join(", "), abbreviated(reason, 200)))?;
        }
    }
    let unchecked: Vec<&str> = record
        .operations
        .iter()
        .filter(|operation| operation.support == OperationSupport::NotChecked)
        .map(|operation| operation.name.as_str())
        .collect();
    match unchecked.len() {
        0 => Ok(()),
        some if some == all => labelled(out, style, "not checked", "any"),
        _ => labelled(out, style, "not checked", &unchecked.join(", ")),
    }
}

fn findings(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let with = |severity: Severity, dispositions: &[Disposition]| -> Vec<&DivergenceRecord> {
        let listed =
            |found: &&DivergenceRecord| found.severity == severity && dispositions.contains(&found.disposition);
        record.divergences.iter().filter(listed).collect()
    };
    let divergences = with(Severity::Divergence, &[Disposition::New, Disposition::Changed]);
    if !divergences.is_empty() {
        section(out, style, &plural(divergences.len() as u64, "divergence"))?;
    }
    for found in divergences {
        finding::full(out, style, found)?;
    }
    let suspicions = with(Severity::Suspicion, &[Disposition::New, Disposition::Changed]);
    if !suspicions.is_empty() {
        section(
            out,
            style,
            &format!("{}: the contract is inferred here", plural(suspicions.len() as u64, "suspicion")),
        )?;
    }
    for found in suspicions {
        finding::short(out, style, found)?;
    }
    lines(
        out,
        style,
        "note",
        &with(Severity::Note, &[Disposition::New, Disposition::Changed, Disposition::Known]),
        "",
    )?;
    let known: Vec<&DivergenceRecord> = [Severity::Divergence, Severity::Suspicion]
        .into_iter()
        .flat_map(|severity| with(severity, &[Disposition::Known]))
        .collect();
    lines(out, style, "known finding", &known, "reviewed")?;
    let resolved: Vec<&DivergenceRecord> =
        record.divergences.iter().filter(|found| found.disposition == Disposition::Resolved).collect();
    lines(out, style, "resolved finding", &resolved, "reviewed, and no longer seen")
}

/// What is not certain, each with the reason; flaky ones are among the findings.
fn unstable(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    if record.unstable.is_empty() {
        return Ok(());
    }
    section(out, style, &format!("{} not certain", count(record.unstable.len() as u64)))?;
    for unstable in &record.unstable {
        let times = match unstable.why {
            Uncertainty::NeverJudged => String::new(),
            _ => format!(", seen {} of {} times", count(unstable.sightings), count(unstable.judged)),
        };
        let why = format!("{}{times}: {}", unstable.why, unstable.why.meaning());
        match &unstable.finding {
            Some(found) => finding::unconfirmed(out, style, found, &why)?,
            None => hanging(out, style, "  ", 4, &format!("{} ({why})", unstable.fingerprint.trim_end()))?,
        }
    }
    Ok(())
}

fn lines(
    out: &mut dyn Write,
    style: TerminalStyle,
    noun: &str,
    found: &[&DivergenceRecord],
    why: &str,
) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    section(out, style, &plural(found.len() as u64, noun))?;
    found.iter().try_for_each(|found| finding::line(out, style, found, why))
}

fn rules(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    if record.rules.is_empty() || is_malformed_alone(record) {
        return Ok(());
    }
    section(out, style, "what each rule did")?;
    for status in RuleStatus::ALL {
        let number = number_of(&record.rules, *status);
        if number > 0 || matches!(status, RuleStatus::Held | RuleStatus::Violated) {
            let head = format!("  {status:<13} {:>5}  ", count(number));
            hanging(out, style, &head, head.chars().count(), status.meaning())?;
        }
    }
    let violated: Vec<&str> = record
        .rules
        .iter()
        .filter(|rule| rule.status == RuleStatus::Violated)
        .map(|rule| rule.id.as_str())
        .collect();
    if !violated.is_empty() {
        hanging(out, style, "  ", 2, &format!("violated: {}", violated.join(", ")))?;
    }
    let mut blocked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in record.rules.iter().filter(|rule| rule.status == RuleStatus::Blocked) {
        blocked.entry(rule.blocked_by.as_deref().unwrap_or("an earlier finding")).or_default().push(&rule.id);
    }
    for (by, rules) in blocked {
        hanging(out, style, "  ", 2, &format!("blocked by {by}: {}", rules.join(", ")))?;
    }
    Ok(())
}

fn questions(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    if record.open_questions.is_empty() {
        return Ok(());
    }
    section(out, style, "open questions, as this target answers them")?;
    for question in &record.open_questions {
        let mut text = question.answer.clone();
        if !question.consistent {
            let seen: Vec<String> =
                question.seen.iter().map(|(answer, times)| format!("{answer} {}×", count(*times))).collect();
            text.push_str(&format!("  INCONSISTENT: {}", seen.join(", ")));
        }
        labelled(out, style, &printable(&question.id), &text)?;
    }
    Ok(())
}

/// The progress of the walk; parts that aren't there are left out.
fn walk(out: &mut dyn Write, style: TerminalStyle, walk: &WalkRecord) -> io::Result<()> {
    if walk.situations == 0 {
        return Ok(());
    }
    let steps = plural(walk.depth, "step");
    section(out, style, &format!("situations that {} can come to in {steps}", plural(walk.cast, "account")))?;
    let all = if walk.complete { "all " } else { "" };
    labelled(out, style, "exercised", &format!("{all}{} of {}", count(walk.exercised), count(walk.situations)))?;
    let mut by: Vec<_> = walk.blocked_by.iter().collect();
    by.sort_by_key(|(id, situations)| (std::cmp::Reverse(**situations), *id));
    let by: Vec<String> =
        by.into_iter().map(|(id, situations)| format!("{id} ({})", count(*situations))).collect();
    for (label, situations, text) in [
        ("blocked", walk.blocked, format!("by {}", by.join(", "))),
        ("unsupported", walk.unsupported, "the target lacks an operation on the way".to_owned()),
        ("in doubt", walk.otherwise, "an answer before could not be judged, or left open where it led".to_owned()),
        ("not reached", walk.not_reached, "the run had no calls or no time left for them".to_owned()),
    ] {
        if situations > 0 {
            labelled(out, style, label, &format!("{}: {text}", count(situations)))?;
        }
    }
    if walk.truncated {
        let text = format!("there are more: the search stopped at {} states", count(walk.states));
        labelled(out, style, "unknown", &text)?;
    }
    Ok(())
}

/// The malformed requests that were sent; where none were, nothing is said.
fn wire(out: &mut dyn Write, style: TerminalStyle, wire: &WireRecord) -> io::Result<()> {
    if wire.catalogue == 0 {
        return Ok(());
    }
    section(out, style, &format!("malformed requests, judged by the profile {}", printable(&wire.profile)))?;
    let compositions = match wire.compositions {
        0 => String::new(),
        some => format!(", {} of them random compositions", count(some)),
    };
    labelled(out, style, "sent", &format!("{}{compositions}", plural(wire.requests, "request")))?;
    labelled(out, style, "classes", &format!("{} of {}", count(wire.classes), count(wire.catalogue)))?;
    for (why, classes) in &wire.not_sent {
        let text = format!("{}: {why} ({})", count(classes.len() as u64), abbreviated(&classes.join(", "), 120));
        labelled(out, style, "not sent", &text)?;
    }
    Ok(())
}

fn goals(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    let missed: Vec<&GoalRecord> = record.goals.iter().filter(|goal| goal.is_missed()).collect();
    if missed.is_empty() {
        return Ok(());
    }
    section(out, style, "goals missed: the run did not come to see")?;
    for goal in missed {
        hanging(out, style, "  ", 4, &format!("{} ({})", goal.title, goal.id))?;
    }
    Ok(())
}

/// The answers that SDKs misread, the most frequent first.
fn sdk(out: &mut dyn Write, style: TerminalStyle, sdk: &SdkRecord) -> io::Result<()> {
    if sdk.answers == 0 {
        return Ok(());
    }
    section(out, style, "what SDKs make of errors, and of what they can't read")?;
    let graded = plural(sdk.answers, "answer");
    let mut misread: Vec<_> = sdk.misleading().collect();
    misread.sort_by_key(|(id, lint)| (std::cmp::Reverse(lint.times), *id));
    if misread.is_empty() {
        return hanging(out, style, "  ", 2, &format!("{graded}: every SDK reads code and message"));
    }
    hanging(out, style, "  ", 2, &format!("{graded}; `passmuster explain` has how to mend what is misread"))?;
    for (id, lint) in misread {
        let example = &lint.example;
        let text = format!(
            "{}× {}: {} ({}, status {}: {})",
            count(lint.times),
            lint.what,
            lint.misread,
            example.operation,
            example.status,
            abbreviated(&example.body, 80),
        );
        labelled(out, style, &printable(id), &text)?;
    }
    Ok(())
}

fn inconclusive(out: &mut dyn Write, style: TerminalStyle, record: &RunRecord) -> io::Result<()> {
    for (title, entries) in [("late", &record.late), ("could not be judged", &record.inconclusive)] {
        if !entries.is_empty() {
            section(out, style, title)?;
        }
        for entry in entries {
            let reason = abbreviated(&entry.reason, 300);
            hanging(out, style, "  ", 2, &format!("{}, {}×: {reason}", entry.operation, count(entry.times)))?;
        }
    }
    Ok(())
}
