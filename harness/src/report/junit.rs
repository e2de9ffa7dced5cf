//! The run as JUnit's XML: a case for each finding, each rule that was checked or could not be, and the verdict.

use std::io::{self, Write};

use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use super::html::words::lines;
use super::standing::{Weight, is_green, meaning, standing, uncertain};
use super::terminal;
use super::terminal::text::abbreviated;
use crate::baseline::Ending;
use crate::record::{DivergenceRecord, RuleRecord, RuleStatus, RunRecord, UnstableRecord};
use passmuster_contract::catalogue;
use passmuster_contract::domain::{Severity, printable};

/// The most characters of a request or an answer.
const LONGEST: usize = 1_000;

/// Writes a run.
pub(super) fn render(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    let xml = document(record).into_string();
    // XML knows no way to write most control characters: they are made visible, as for people.
    let xml = lines(&xml).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    writeln!(out, "{xml}")
}

/// The result of a case: a kind with a message, and a text.
enum CaseResult {
    Passed,
    Failure { kind: &'static str, message: String, text: String },
    Error { kind: &'static str, message: String, text: String },
    Skipped { message: String },
}

/// One case.
struct Case {
    class: String,
    name: String,
    result: CaseResult,
}

fn document(record: &RunRecord) -> Markup {
    let suites = [
        ("verdict", vec![verdict(record)]),
        ("findings", record.divergences.iter().map(|found| finding(record, found)).collect()),
        ("not certain", uncertain(record).map(|one| unsure(record, one)).collect()),
        ("rules", record.rules.iter().filter_map(|known| rule(record, known)).collect::<Vec<_>>()),
    ];
    let [tests, failures, errors, _] = counts(suites.iter().flat_map(|(_, cases)| cases));
    let target = &record.target.name;
    html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
        testsuites name={ "passmuster " (target) } tests=(tests) failures=(failures) errors=(errors) time=(seconds(record.totals.seconds)) {
            @for (index, (name, cases)) in suites.iter().enumerate() {
                @let [tests, failures, errors, skipped] = counts(cases.iter());
                (PreEscaped("\n"))
                testsuite name={ "passmuster " (target) ": " (name) } tests=(tests) failures=(failures) errors=(errors)
                    skipped=(skipped) time=(seconds(if index == 0 { record.totals.seconds } else { 0.0 })) timestamp=(timestamp(record)) {
                    @if index == 0 { (properties(record)) }
                    @for case in cases { (self::case(case)) }
                }
            }
        }
    }
}

/// The facts that it takes to run it again.
fn properties(record: &RunRecord) -> Markup {
    let version = record.target.version.clone().unwrap_or_default();
    html! {
        properties {
            @for (name, value) in [
                ("exit_code", record.exit_code.to_string()),
                ("seed", record.seed.to_string()),
                ("nonce", record.nonce.to_string()),
                ("passmuster", record.version.clone()),
                ("target_version", version),
                ("endpoint", record.target.endpoint.clone()),
            ] {
                property name=(name) value=(value) {}
            }
        }
    }
}

fn case(case: &Case) -> Markup {
    html! {
        (PreEscaped("\n"))
        testcase classname=(case.class) name=(case.name) time="0" {
            @match &case.result {
                CaseResult::Passed => {}
                CaseResult::Failure { kind, message, text } => { failure type=(kind) message=(message) { (text) } }
                CaseResult::Error { kind, message, text } => { error type=(kind) message=(message) { (text) } }
                CaseResult::Skipped { message } => { skipped message=(message) {} }
            }
        }
    }
}

/// The run as a whole: whoever counts cases must not miss that there was no verdict.
fn verdict(record: &RunRecord) -> Case {
    let (message, text) = (meaning(record).to_owned(), terminal::verdict(record));
    let result = if is_green(record) {
        CaseResult::Passed
    } else if record.exit_code == Ending::NewDivergence.code() {
        CaseResult::Failure { kind: "verdict", message, text }
    } else {
        CaseResult::Error { kind: "verdict", message, text }
    };
    Case { class: class(record, "run"), name: "verdict".to_owned(), result }
}

fn finding(record: &RunRecord, found: &DivergenceRecord) -> Case {
    let rules = found.rules.first().map_or_else(String::new, |rule| format!("{rule} "));
    let name = format!("{rules}{} ({})", found.kind, found.id);
    let message = found.summary.clone();
    let result = match standing(record, found) {
        Weight::Fails => CaseResult::Failure { kind: found.kind.name(), message, text: text(record, found) },
        Weight::Light => CaseResult::Skipped { message: format!("{}: {message}", found.severity.name()) },
        Weight::Reviewed => {
            let terms =
                found.accepted.as_ref().map_or_else(String::new, |terms| format!(" ({})", terms.in_words()));
            CaseResult::Skipped { message: format!("reviewed{terms}: {message}") }
        }
        Weight::Gone => CaseResult::Skipped { message: format!("no longer seen: {message}") },
    };
    Case { class: class(record, &found.operation), name, result }
}

fn unsure(record: &RunRecord, one: &UnstableRecord) -> Case {
    let message = format!("{}: {}", one.why, one.why.meaning());
    let result = if is_green(record) || one.severity == Severity::Note {
        CaseResult::Skipped { message }
    } else {
        let text = one.finding.as_deref().map_or_else(String::new, |found| text(record, found));
        CaseResult::Error { kind: "inconclusive", message, text }
    };
    Case { class: class(record, &one.operation), name: one.fingerprint.trim_end().to_owned(), result }
}

/// A rule that held, or that could not be checked; what violates one is a finding.
fn rule(record: &RunRecord, rule: &RuleRecord) -> Option<Case> {
    let result = match rule.status {
        RuleStatus::Violated => return None,
        RuleStatus::Held => CaseResult::Passed,
        other => {
            let why = rule.blocked_by.as_deref().or(rule.reason.as_deref());
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            CaseResult::Skipped { message: format!("{other}: {}{why}", other.meaning()) }
        }
    };
    let title = catalogue::rule(&rule.id).map_or_else(String::new, |known| format!(": {}", known.title));
    Some(Case { class: class(record, "rules"), name: format!("{}{title}", rule.id), result })
}

/// All that somebody needs who sees nothing but the case.
fn text(record: &RunRecord, found: &DivergenceRecord) -> String {
    let mut text = format!("{}\n", found.summary);
    if let Some(cause) = record.causes.iter().find(|cause| cause.findings.contains(&found.id)) {
        text.push_str(&format!("cause: {} {}\n", cause.id, cause.title));
    }
    text.push_str(&format!("rules: {} ({})\n", found.rules.join(", "), found.grade.name()));
    for (index, step) in found.scenario.steps.iter().enumerate() {
        let region = step.region.as_deref().map_or_else(String::new, |region| format!(" in {region}"));
        let request = abbreviated(&step.request.to_string(), LONGEST);
        text.push_str(&format!("{}. {}{region} {} {request}\n", index + 1, step.principal, step.operation));
        text.push_str(&format!("   answers {}\n", printable(&abbreviated(&step.response, LONGEST))));
    }
    text.push_str(&format!("expected: {}\nobserved: {}\n", shown(&found.expected), shown(&found.observed)));
    text.push_str(&format!("again: {}\n", found.replay));
    text
}

fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    printable(&abbreviated(&text, LONGEST)).into_owned()
}

/// Dots part the packages that CI systems fold cases by.
fn class(record: &RunRecord, part: &str) -> String {
    format!("passmuster.{}.{part}", record.target.name.replace('.', "_"))
}

/// The start without fractions of seconds and Zulu, which the schema of some readers refuses.
fn timestamp(record: &RunRecord) -> &str {
    record.started.split(['.', 'Z']).next().unwrap_or_default()
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3}")
}

/// Cases, failures, errors, skipped ones.
fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> [usize; 4] {
    let mut counts = [0; 4];
    for case in cases {
        let kind = match case.result {
            CaseResult::Passed => 0,
            CaseResult::Failure { .. } => 1,
            CaseResult::Error { .. } => 2,
            CaseResult::Skipped { .. } => 3,
        };
        for (at, count) in counts.iter_mut().enumerate() {
            *count += usize::from(at == 0 || at == kind);
        }
    }
    counts
}
