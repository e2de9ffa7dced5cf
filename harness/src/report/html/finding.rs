//! A finding on the page: its scenario, what was expected and observed, and how to see it again.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::sequence;
use super::words::{COMMAND, command, commas, lines, rule_link, value};
use crate::record::{Disposition, DivergenceRecord};
use crate::report::terminal::text::abbreviated;

/// The most characters that are shown of names of classes or operations.
const SEEN: usize = 400;

/// A finding that opens where somebody wants to see it.
pub(super) fn folded(found: &DivergenceRecord, id: &str) -> Markup {
    html! {
        details.finding id=(id) {
            summary { (title(found)) }
            (body(found))
        }
    }
}

/// Its name, its standing, and its sentence.
pub(super) fn title(found: &DivergenceRecord) -> Markup {
    html! {
        code.id { (found.id) } " "
        span class={ "badge " (found.severity.name()) } { (found.severity.name()) } " "
        span class={ "badge " (found.disposition.name()) } { (found.disposition.name()) }
        @if found.is_flaky() { " " span.badge.flaky { "flaky" } }
        " " span.sentence { (found.summary) }
    }
}

/// All there is to say.
pub(super) fn body(found: &DivergenceRecord) -> Markup {
    if found.disposition == Disposition::Resolved {
        return html! { p { "It was reviewed, and is no longer seen." } };
    }
    html! {
        @if found.disposition == Disposition::Changed {
            p { "It was reviewed, but shows in another way now; " code { "passmuster review" } " takes the new one." }
        }
        @if !found.scenario.steps.is_empty() { (sequence::diagram(found)) }
        dl {
            @if !found.pointer.is_empty() { dt { "at" } dd { code { (found.pointer) } } }
            dt { "expected" } dd { pre { (value(&found.expected)) } }
            dt { "observed" } dd.observed { pre { (value(&found.observed)) } }
            dt { "rules" }
            dd {
                @if found.rules.is_empty() { "none names it" } @else { (commas(&found.rules, rule_link)) }
                " (" (found.grade.name()) ")"
                @if !found.ignored_rules.is_empty() {
                    "; the target behaves as if there were no " (commas(&found.ignored_rules, rule_link))
                }
            }
            (clients(found))
            (seen(found))
            @if let Some(terms) = &found.accepted { dt { "accepted" } dd { (terms.in_words()) } }
            dt { "reproduced" } dd { (found.reproduced.hits) " of " (found.reproduced.of) }
            (bytes(found))
            (command("curl", &found.curl))
            (command("replay", &found.replay))
        }
    }
}

/// The bytes of a malformed request.
fn bytes(found: &DivergenceRecord) -> Markup {
    let steps = found.scenario.steps.iter();
    let sent = steps.filter_map(|step| step.request.get("bytes").and_then(serde_json::Value::as_str));
    html! {
        @for bytes in sent {
            dt { "bytes" }
            dd { pre tabindex="0" { (abbreviated(&sent_lines(bytes), COMMAND)) } }
        }
    }
}

/// Bytes as lines, each with its end: what ends a line may be what is wrong.
fn sent_lines(bytes: &str) -> String {
    let ended = bytes.replace('\r', "␍").replace('\n', "␊\n");
    lines(&ended)
}

/// The readings of clients, those that read alike together.
fn clients(found: &DivergenceRecord) -> Markup {
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (client, reading) in &found.sdk_impact {
        alike.entry(reading).or_default().push(client);
    }
    html! {
        @if !alike.is_empty() {
            dt { "clients" }
            dd { @for (reading, clients) in alike { div { (clients.join(", ")) ": " (reading) } } }
        }
    }
}

/// Which malformed requests show it.
fn seen(found: &DivergenceRecord) -> Markup {
    let operations: BTreeSet<&str> = found.seen.values().flatten().map(String::as_str).collect();
    let list = |names: Vec<&str>| abbreviated(&names.join(", "), SEEN);
    html! {
        @if !found.seen.is_empty() {
            dt { "seen" }
            dd {
                "with " (list(found.seen.keys().map(String::as_str).collect()))
                " on " (list(operations.into_iter().collect()))
            }
        }
    }
}
