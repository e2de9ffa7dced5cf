//! A divergence as text that is the same in every run that finds it.

use serde_json::Value;

use super::snapshot::places;
use crate::record::{DivergenceRecord, StepRecord};
use passmuster_contract::domain::printable;

/// The line before the scenario.
const SCENARIO: &str = "passmuster scenario 1";
/// The end of the name of an instant without a zone.
const NO_ZONE: &str = ", no zone>";
/// The line of a divergence that doesn't show each time.
const FLAKY: &str = "flaky: it shows in some of several tries";

/// Whether what was reviewed is what was found: it fails in the same way. Words of our own don't matter, nor does another
/// scenario that shows the same.
pub(super) fn is_same(reviewed: &str, found: &str) -> bool {
    // Of an instant it was not always told that it says no zone.
    let (reviewed, found) = (reviewed.replace(NO_ZONE, ">"), found.replace(NO_ZONE, ">"));
    let (before, after) = (Parts::of(&reviewed), Parts::of(&found));
    // By chance, a flaky one shows each time.
    let steady = before.is_flaky || !after.is_flaky;
    let as_before = if before.scenario == after.scenario {
        before.observed == after.observed
    } else {
        anyones(before.observed) == anyones(after.observed) && anyones(before.expected) == anyones(after.expected)
    };
    steady && as_before
}

/// Whether what was reviewed does not show each time.
pub(super) fn is_flaky(reviewed: &str) -> bool {
    Parts::of(reviewed).is_flaky
}

/// The parts of a text under review.
struct Parts<'t> {
    is_flaky: bool,
    scenario: &'t str,
    expected: &'t str,
    observed: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Self {
        let (head, rest) = text.split_once(SCENARIO).unwrap_or((text, ""));
        let (scenario, rest) = rest.split_once("\n\nexpected:\n").unwrap_or((rest, ""));
        let (expected, observed) = rest.split_once("\n\nobserved:\n").unwrap_or((rest, ""));
        Self {
            is_flaky: head.lines().any(|line| line == FLAKY),
            scenario,
            expected,
            observed: observed.trim_end(),
        }
    }
}

/// A value without what depends on the scenario: whole documents and the names of accounts.
fn anyones(value: &str) -> String {
    let value = value.split(['{', '[']).next().unwrap_or_default();
    value.split('<').map(|part| part.split_once('>').map_or(part, |(_, after)| after)).collect()
}

/// The text under review: what diverges, and how to see it. No counters, no answers on the way, nothing that a
/// second run would find otherwise.
#[must_use]
pub fn body(found: &DivergenceRecord) -> String {
    let mut lines = vec![
        format!("{} ({}), {}", found.severity.name(), found.grade.name(), found.kind),
        found.summary.clone(),
        String::new(),
        format!("fingerprint: {}", found.fingerprint),
        format!("rules: {}", found.rules.join(", ")),
    ];
    if !found.ignored_rules.is_empty() {
        lines.push(format!("explained by ignoring: {}", found.ignored_rules.join(", ")));
    }
    if !found.seen.is_empty() {
        lines.push(format!("shown by: {}", places(&found.seen)));
    }
    if !found.pointer.is_empty() {
        lines.push(format!("at: {}", found.pointer));
    }
    if found.is_flaky() {
        lines.push(FLAKY.to_owned());
    }
    // As `replay` reads it.
    lines.extend([String::new(), SCENARIO.to_owned()]);
    lines.extend(found.scenario.steps.iter().map(step));
    for (label, value) in [("expected:", &found.expected), ("observed:", &found.observed)] {
        lines.extend([String::new(), label.to_owned()]);
        lines.extend(shown(value).lines().map(|line| format!("  {line}")));
    }
    let lines: Vec<String> = lines.iter().map(|line| printable(line).trim_end().to_owned()).collect();
    lines.join("\n").trim_end().to_owned()
}

fn step(step: &StepRecord) -> String {
    let region = step.region.as_deref().map_or_else(String::new, |region| format!("@{region}"));
    format!("{}{region} {} {}", step.principal, step.operation, step.request)
}

/// Words as they are; anything else as JSON with a member a line, so that a review shows what changed.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn an_instant_without_a_zone_is_what_was_reviewed_before_that_was_told() {
        let text = |instant: &str| {
            format!(
                "a finding\n\npassmuster scenario 1\na DescribeHub {{}}\n\nexpected:\nnone\n\nobserved:\n{instant}\n"
            )
        };
        assert!(is_same(&text("<instant-1>"), &text("<instant-1, no zone>")));
        assert!(!is_same(&text("<instant-1>"), &text("<instant-2, no zone>")));
    }
}
