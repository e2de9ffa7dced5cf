//! A divergence as text that is the same in every run that finds it.

use serde_json::Value;

use super::snapshot::places;
use crate::record::{DivergenceRecord, StepRecord};
use passmuster_contract::domain::printable;

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
    // As `replay` reads it.
    lines.extend([String::new(), "passmuster scenario 1".to_owned()]);
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
