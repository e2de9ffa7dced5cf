//! The run in the Static Analysis Results Interchange Format, 2.1.0, as code scanning reads it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::standing::{Weight, is_green, meaning, standing, uncertain};
use super::terminal;
use crate::baseline::Ending;
use crate::record::{AcceptedRecord, Disposition, DivergenceRecord, RunRecord, UnstableRecord};
use passmuster_contract::catalogue::{self, Rule};
use passmuster_contract::domain::{Severity, printable};

/// The schema of what is written.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The id of the result that says that a run has no verdict.
const VERDICT: &str = "passmuster/verdict";

/// The id of results that say that something was seen and is not certain.
const UNCERTAIN: &str = "passmuster/uncertain";

/// Writes a run.
pub(super) fn render(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    let mut results: Vec<Value> = record.divergences.iter().map(|found| finding(record, found)).collect();
    results.extend(uncertain(record).map(|one| unsure(record, one)));
    let fails = record.divergences.iter().any(|found| standing(record, found) == Weight::Fails);
    let is_told = fails && record.exit_code == Ending::NewDivergence.code();
    if !is_green(record) && !is_told {
        let text = terminal::verdict(record);
        results.push(result(record, VERDICT, "error", &text, "run", "verdict", Disposition::New));
    }
    let ids: BTreeSet<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    let rules: Vec<Value> = ids.into_iter().map(descriptor).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "passmuster",
                "semanticVersion": printable(&record.version),
                "rules": rules,
            } },
            "automationDetails": { "id": format!("passmuster/{}/", safe(&record.target.name)) },
            "invocations": [invocation(record)],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// The run itself: one that could not judge did not succeed.
fn invocation(record: &RunRecord) -> Value {
    let judged = [Ending::Clean, Ending::NewDivergence, Ending::Stale].map(Ending::code);
    let told =
        record.inconclusive.iter().map(|entry| format!("{}, {}×: {}", entry.operation, entry.times, entry.reason));
    let stopped = record.stopped.iter().map(|reason| format!("stopped early: {}", reason.as_str()));
    let note = |text: String, level: &str| json!({ "level": level, "message": { "text": printable(&text) } });
    let notes = stopped.map(|text| note(text, "error")).chain(told.map(|text| note(text, "warning")));
    json!({
        "executionSuccessful": judged.contains(&record.exit_code),
        "exitCode": record.exit_code,
        "exitCodeDescription": meaning(record),
        "toolExecutionNotifications": notes.collect::<Vec<_>>(),
        "properties": { "seed": record.seed, "nonce": record.nonce, "target": printable(&record.target.name) },
    })
}

fn finding(record: &RunRecord, found: &DivergenceRecord) -> Value {
    let rule = found.rules.first().map_or_else(|| format!("passmuster/{}", found.kind), Clone::clone);
    let is_fatal = standing(record, found) == Weight::Fails;
    let level = match found.severity {
        _ if found.disposition == Disposition::Resolved && !is_fatal => "none",
        Severity::Divergence => "error",
        Severity::Suspicion if is_fatal => "error",
        Severity::Suspicion => "warning",
        Severity::Note => "note",
    };
    let text = text(record, found);
    let mut result = result(record, &rule, level, &text, &found.operation, &found.fingerprint, found.disposition);
    if found.disposition == Disposition::Known
        && let Some(members) = result.as_object_mut()
    {
        let accepted = || "reviewed and accepted into the snapshots of this target".to_owned();
        let reason = found.accepted.as_ref().map_or_else(accepted, AcceptedRecord::in_words);
        members.insert(
            "suppressions".to_owned(),
            json!([{ "kind": "external", "status": "accepted", "justification": printable(&reason) }]),
        );
    }
    result
}

fn unsure(record: &RunRecord, one: &UnstableRecord) -> Value {
    let level = if is_green(record) || one.severity == Severity::Note { "note" } else { "error" };
    let text = format!("{}: {} ({})", one.fingerprint.trim_end(), one.why.meaning(), one.why);
    result(record, UNCERTAIN, level, &text, &one.operation, &one.fingerprint, Disposition::New)
}

/// All that somebody needs who sees nothing but the result.
fn text(record: &RunRecord, found: &DivergenceRecord) -> String {
    let cause = record.causes.iter().find(|cause| cause.findings.contains(&found.id));
    let cause = cause.map_or_else(String::new, |cause| format!(" Cause: {} ({}).", cause.title, cause.id));
    let shown = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        terminal::text::abbreviated(&text, 500)
    };
    format!(
        "{}. Expected: {}; observed: {}.{cause} Again: {}",
        found.summary,
        shown(&found.expected),
        shown(&found.observed),
        found.replay
    )
}

fn result(
    record: &RunRecord,
    rule: &str,
    level: &str,
    text: &str,
    operation: &str,
    fingerprint: &str,
    disposition: Disposition,
) -> Value {
    let state = match disposition {
        Disposition::New => "new",
        Disposition::Known => "unchanged",
        Disposition::Changed => "updated",
        Disposition::Resolved => "absent",
    };
    let (target, operation) = (printable(&record.target.name), printable(operation));
    // Code scanning wants a file: that is where the finding is reviewed.
    let place = format!("snapshots/targets/{}", safe(&record.target.name));
    json!({
        "ruleId": printable(rule),
        "kind": if level == "none" { "pass" } else { "fail" },
        "level": level,
        "message": { "text": printable(text) },
        "baselineState": state,
        "partialFingerprints": { "passmuster/v1": printable(fingerprint.trim_end()) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": place }, "region": { "startLine": 1 } },
            "logicalLocations": [{ "name": operation, "fullyQualifiedName": format!("{target}/{operation}"), "kind": "function" }],
        }],
    })
}

/// What is said of a rule, and who says so.
fn descriptor(id: &str) -> Value {
    let Some(rule) = catalogue::rule(id) else {
        let text = match id {
            VERDICT => "the run has no verdict, or none that passes".to_owned(),
            UNCERTAIN => "something was seen and is not certain".to_owned(),
            other => format!("`passmuster explain {other}` says what it is"),
        };
        return json!({ "id": id, "shortDescription": { "text": text } });
    };
    let mut descriptor = json!({
        "id": id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.statement },
        "help": { "text": sources(rule) },
        "properties": { "grade": rule.grade.name(), "tags": ["security-hub", rule.section.name()] },
    });
    let links = rule.citations.iter().filter_map(|citation| citation.source.link.as_deref());
    if let (Some(link), Some(members)) =
        (links.into_iter().find(|link| link.starts_with("https://")), descriptor.as_object_mut())
    {
        members.insert("helpUri".to_owned(), link.into());
    }
    descriptor
}

fn sources(rule: &Rule) -> String {
    let told = rule.citations.iter().map(|citation| {
        let link = citation.source.link.as_deref().map_or_else(String::new, |link| format!(" {link}"));
        format!("{}{link}", citation.source.title)
    });
    let told: Vec<String> = told.collect();
    format!("{}\n\n{}\n\n{}", rule.statement, rule.impact, told.join("\n"))
}

/// A name as a part of an address.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect()
}
