//! One cause as a text for those who can mend it: what it is, how to see it, what AWS does and who says so.

use std::fmt::Write as _;

use serde_json::Value;

use crate::record::{CauseRecord, DivergenceRecord, RunRecord};
use passmuster_contract::catalogue::{self, Rule};
use passmuster_contract::domain::printable;

/// The most rules whose sources are cited.
const MOST_RULES: usize = 6;

/// The text on one cause; `None` where the run has no such cause.
#[must_use]
pub fn issue(record: &RunRecord, id: &str) -> Option<String> {
    let cause = record.causes.iter().find(|cause| cause.id == id)?;
    let proof = record.divergences.iter().find(|found| found.id == cause.proof)?;
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, record, cause, proof);
    Some(text)
}

fn write(
    text: &mut String,
    record: &RunRecord,
    cause: &CauseRecord,
    proof: &DivergenceRecord,
) -> std::fmt::Result {
    writeln!(text, "# Security Hub: {}\n", printable(&cause.title))?;
    let version = record.target.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    let target = format!("{}{version}", record.target.name);
    writeln!(text, "Seen with {}, by passmuster {}.\n", printable(&target), record.version)?;
    writeln!(text, "## To see it\n")?;
    for (index, step) in proof.scenario.steps.iter().enumerate() {
        let region = step.region.as_deref().map_or_else(String::new, |region| format!(" in {region}"));
        writeln!(text, "{}. {}{region}: {} `{}`", index + 1, step.principal, step.operation, step.request)?;
        writeln!(text, "   answers `{}`", printable(&step.response))?;
    }
    writeln!(text, "\nAWS: {}", shown(&proof.expected))?;
    writeln!(text, "\nThis server: {}", shown(&proof.observed))?;
    if !proof.curl.is_empty() {
        writeln!(text, "\n```sh\n{}\n```", printable(&proof.curl))?;
    }
    if !proof.python.is_empty() {
        writeln!(text, "\n```python\n{}\n```", proof.python.trim_end())?;
    }
    writeln!(text, "\n## What AWS does\n")?;
    for rule in cause.rules.iter().take(MOST_RULES).filter_map(|id| catalogue::rule(id)) {
        sources(text, rule)?;
    }
    writeln!(text, "\n## What users of SDKs notice\n\n{}.", cause.effect)?;
    for (client, reading) in &proof.sdk_impact {
        writeln!(text, "- {}: {}", printable(client), printable(reading))?;
    }
    let others: Vec<&DivergenceRecord> = record
        .divergences
        .iter()
        .filter(|found| found.id != proof.id && cause.findings.contains(&found.id))
        .collect();
    if !others.is_empty() {
        writeln!(text, "\n## Where else it shows\n")?;
    }
    for found in others {
        writeln!(text, "- {}", printable(&found.summary))?;
    }
    Ok(())
}

/// A rule with the places that say so.
fn sources(text: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(text, "{} ({}, {})\n", rule.statement, rule.id, rule.grade.name())?;
    for citation in &rule.citations {
        let source = &citation.source;
        let link = source.link.as_ref().map_or_else(String::new, |link| format!(": {link}"));
        let date = source.date.as_ref().map_or_else(String::new, |date| format!(" ({date})"));
        writeln!(text, "- {}{date}{link}", source.title)?;
    }
    writeln!(text)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text).into_owned(),
        other => other.to_string(),
    }
}
