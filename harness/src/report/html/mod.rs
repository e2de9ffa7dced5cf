//! The run as one page for a browser: no file beside it, no script that is needed to read it, nothing remote.

mod cause;
mod finding;
mod history;
mod lifecycle;
mod policy;
mod sequence;
mod tables;
pub(super) mod words;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::history::History;
use super::standing::{is_green, meaning, uncertain};
use super::terminal;
use super::terminal::text::{count, plural};
use crate::baseline::Ending;
use crate::record::{
    DivergenceRecord, OperationSupport, RuleStatus, RunRecord, Uncertainty, UnstableRecord, WireRecord,
};
use passmuster_contract::domain::Severity;

/// The look of the page.
const STYLE: &str = include_str!("style.css");

/// Filters the rules, and opens what a link leads to: the page is whole without it.
const SCRIPT: &str = include_str!("page.js");

/// Findings beyond so many are told in a line each.
const MOST_IN_FULL: usize = 1_000;

/// Writes a run.
pub(super) fn render(record: &RunRecord, history: Option<&History>, out: &mut dyn Write) -> io::Result<()> {
    // Markup is escaped where it is put together. What could turn text around or hide it is made visible here, once
    // for whatever comes from anywhere; the page itself has nothing of the kind.
    let page = page(record, history.filter(|history| history.is_of_several())).into_string();
    out.write_all(words::lines(&page).as_bytes())?;
    out.write_all(b"\n")
}

fn page(record: &RunRecord, history: Option<&History>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy::policy(SCRIPT, STYLE));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (meaning(record)) ": " (record.target.name) " against the Security Hub membership contract" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (sequence::heads())
                a.skip href="#main" { "to the results" }
                (headline(record))
                (contents(record, history.is_some()))
                main #main {
                    (history::history(history))
                    (cause::causes(record))
                    (findings(record))
                    (malformed(record))
                    (unsure(record))
                    (lifecycle_of(record))
                    (tables::rules(record))
                    (tables::questions(record))
                    (tables::operations(record))
                    (tables::clients(record))
                    (tables::remarks(record))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// The verdict, and the two numbers that are never added up.
fn headline(record: &RunRecord) -> Markup {
    let colour = match Ending::from_code(record.exit_code) {
        Some(Ending::Clean) if is_green(record) => "green",
        Some(Ending::NewDivergence) => "red",
        _ => "amber",
    };
    let number = |status: RuleStatus| record.rules.iter().filter(|rule| rule.status == status).count();
    let violated = number(RuleStatus::Violated);
    let checked = violated + number(RuleStatus::Held);
    let supported =
        record.operations.iter().filter(|operation| operation.support == OperationSupport::Supported).count();
    let target = &record.target;
    html! {
        header class={ "verdict " (colour) } {
            p.target {
                (target.name) @if let Some(version) = &target.version { " " (version) }
                " against the Security Hub membership contract"
            }
            h1 { (meaning(record)) span.code { "exit " (record.exit_code) } }
            p { (terminal::verdict(record)) }
            @if let Some(reason) = &record.stopped { p { strong { "Stopped early: " (reason.as_str()) } } }
            dl.tiles {
                div { dt { "divergence" } dd { (violated) " of " (plural(checked as u64, "checked rule")) " violated" } }
                div {
                    dt { "coverage" }
                    dd { (supported) " of " (record.operations.len()) " operations, " (checked) " of " (record.rules.len()) " rules" }
                }
                div { dt { "calls" } dd { (count(record.totals.calls)) " in " (count(record.totals.scenarios)) " scenarios, " (format!("{:.1}", record.totals.seconds)) " s" } }
                div { dt { "target" } dd { (target.endpoint) } }
                div { dt { "started" } dd { (record.started) ", seed " (record.seed) } }
            }
        }
    }
}

fn contents(record: &RunRecord, with_history: bool) -> Markup {
    let malformed = record.divergences.iter().any(DivergenceRecord::is_malformed);
    let links = [
        ("history", "History", with_history),
        ("causes", "Causes", !record.causes.is_empty()),
        ("findings", "Findings", others(record).next().is_some()),
        ("malformed", "Malformed requests", malformed || record.wire.catalogue > 0),
        ("uncertain", "Not certain", !record.unstable.is_empty()),
        ("lifecycle", "Lifecycle", !terminal::is_malformed_alone(record)),
        ("rules", "Rules", !record.rules.is_empty() && !terminal::is_malformed_alone(record)),
        ("questions", "Open questions", !record.open_questions.is_empty()),
        ("operations", "Operations", true),
        ("run", "The run", true),
    ];
    html! {
        nav aria-label="contents" {
            @for (id, title, _) in links.iter().filter(|(_, _, is_there)| *is_there) { a href={ "#" (id) } { (title) } " " }
        }
    }
}

fn lifecycle_of(record: &RunRecord) -> Markup {
    if terminal::is_malformed_alone(record) {
        html! {}
    } else {
        lifecycle::lifecycle(record)
    }
}

/// The findings that no cause explains, malformed requests apart.
fn others(record: &RunRecord) -> impl Iterator<Item = &DivergenceRecord> {
    let is_explained =
        |found: &DivergenceRecord| record.causes.iter().any(|cause| cause.findings.contains(&found.id));
    record.divergences.iter().filter(move |found| !found.is_malformed() && !is_explained(found))
}

fn findings(record: &RunRecord) -> Markup {
    let found: Vec<&DivergenceRecord> = others(record).collect();
    let title = if record.causes.is_empty() { "Findings" } else { "Findings without a cause" };
    html! {
        @if !found.is_empty() {
            section #findings { h2 { (title) } (listed(&found)) }
        }
    }
}

/// Findings, the heaviest first.
fn listed(found: &[&DivergenceRecord]) -> Markup {
    let mut sorted = found.to_vec();
    sorted.sort_by_key(|found| std::cmp::Reverse(found.severity));
    html! {
        @for found in sorted.iter().take(MOST_IN_FULL) { (finding::folded(found, &found.id)) }
        @if sorted.len() > MOST_IN_FULL {
            p.note { "The JSON report has the rest in full." }
            ul { @for found in sorted.iter().skip(MOST_IN_FULL) { li id=(found.id) { (finding::title(found)) } } }
        }
    }
}

fn malformed(record: &RunRecord) -> Markup {
    let found: Vec<&DivergenceRecord> = record.divergences.iter().filter(|found| found.is_malformed()).collect();
    let WireRecord { profile, requests, classes, catalogue, .. } = &record.wire;
    html! {
        @if *catalogue > 0 || !found.is_empty() {
            section #malformed {
                h2 { "Malformed requests" }
                p.note {
                    (count(*requests)) " sent, " (classes) " of " (catalogue) " classes, judged by the profile " (profile)
                    "; each finding with its bytes. " code { "passmuster explain" } " has what a class or a row means."
                }
                (listed(&found))
            }
        }
    }
}

/// What was seen and is not certain: it is neither right nor wrong, and never passes unseen.
fn unsure(record: &RunRecord) -> Markup {
    html! {
        @if !record.unstable.is_empty() {
            section #uncertain {
                h2 { "Not certain" }
                ul { @for one in &record.unstable { li { (doubt(one)) } } }
                @for found in uncertain(record).filter_map(|one| one.finding.as_deref()) {
                    (finding::folded(found, &format!("unsure-{}", found.id)))
                }
            }
        }
    }
}

fn doubt(one: &UnstableRecord) -> Markup {
    html! {
        (one.fingerprint.trim_end()) ": " b { (one.why.name()) }
        @if one.why != Uncertainty::NeverJudged { ", seen " (count(one.sightings)) " of " (count(one.judged)) " times" }
        "; " (one.why.meaning())
        @if one.severity == Severity::Note { " (a note)" }
    }
}
