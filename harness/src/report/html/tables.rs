//! The tables of the page: operations, rules, answers to open questions, and what the run says of itself.

use maud::{Markup, html};

use super::words::{citation, lines, rule_link};
use crate::record::{RuleRecord, RuleStatus, RunRecord};
use crate::report::terminal;
use crate::report::terminal::text::{abbreviated, count};
use passmuster_contract::catalogue;

/// The most characters that are shown of an example.
const EXAMPLE: usize = 200;

/// The operations and how each fared.
pub(super) fn operations(record: &RunRecord) -> Markup {
    html! {
        section #operations {
            h2 { "Operations" }
            div.scroll tabindex="0" role="region" aria-label="operations" {
                table {
                    thead { tr { th { "operation" } th { "support" } th { "calls" } th { "divergences" } th { "reason" } } }
                    tbody {
                        @for operation in &record.operations {
                            tr {
                                td { (operation.name) } td { (operation.support.name()) }
                                td.n { (count(operation.calls)) } td.n { (count(operation.divergences)) }
                                td { (operation.reason.as_deref().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
            (walk(record))
        }
    }
}

fn walk(record: &RunRecord) -> Markup {
    let walk = &record.walk;
    html! {
        @if walk.situations > 0 {
            h3 { "Situations that " (walk.cast) " accounts can come to in " (walk.depth) " steps" }
            dl {
                @for (label, number) in [
                    ("exercised", walk.exercised),
                    ("blocked", walk.blocked),
                    ("unsupported", walk.unsupported),
                    ("in doubt", walk.otherwise),
                    ("not reached", walk.not_reached),
                ] {
                    dt { (label) } dd { (count(number)) " of " (count(walk.situations)) }
                }
            }
            @if walk.truncated { p.note { "There are more: the search stopped at " (count(walk.states)) " states." } }
        }
    }
}

/// The rules with their grades, their evidence, and how each fared.
pub(super) fn rules(record: &RunRecord) -> Markup {
    html! {
        @if !record.rules.is_empty() && !terminal::is_malformed_alone(record) {
            section #rules {
                h2 { "Rules" }
                p.legend {
                    @for status in RuleStatus::ALL {
                        @let number = record.rules.iter().filter(|rule| rule.status == *status).count();
                        @if number > 0 {
                            span class={ "key " (status.name()) } title=(status.meaning()) { (number) " " (status.name()) } " "
                        }
                    }
                }
                p #filter hidden {
                    label { "Filter " input type="search" autocomplete="off" aria-controls="rule-rows"; }
                    " " output {}
                }
                div.scroll tabindex="0" role="region" aria-label="rules" {
                    table {
                        thead { tr { th { "rule" } th { "result" } th { "grade" } th { "evidence" } } }
                        tbody #rule-rows { @for rule in &record.rules { (self::rule(rule)) } }
                    }
                }
            }
        }
    }
}

fn rule(rule: &RuleRecord) -> Markup {
    let known = catalogue::rule(&rule.id);
    html! {
        tr id=(rule.id) {
            td { code { (rule.id) } br; (known.map_or("", |known| known.title.as_str())) }
            td {
                span class={ "key " (rule.status.name()) } { (rule.status.name()) }
                @if rule.exercised > 0 { " " small { (count(rule.exercised)) "×" } }
                @if let Some(id) = &rule.blocked_by {
                    br; @if id.starts_with("D-") { a href={ "#" (id) } { (id) } } @else { (id) }
                }
                @if let Some(reason) = &rule.reason { br; small { (reason) } }
            }
            td { @if let Some(known) = known { (known.grade.name()) } }
            td {
                @if let Some(known) = known {
                    @if known.citations.is_empty() { (known.no_source.as_deref().unwrap_or_default()) }
                    @for (index, place) in known.citations.iter().enumerate() {
                        @if index > 0 { br; }
                        (citation(place))
                    }
                }
            }
        }
    }
}

/// The answers to open questions.
pub(super) fn questions(record: &RunRecord) -> Markup {
    html! {
        @if !record.open_questions.is_empty() {
            section #questions {
                h2 { "Open questions, as this target answers them" }
                p.note { "Nobody knows what AWS does here: any of these answers is admitted." }
                div.scroll tabindex="0" role="region" aria-label="open questions" {
                    table {
                        thead { tr { th { "question" } th { "answer" } th { "rules" } } }
                        tbody {
                            @for answered in &record.open_questions {
                                @let known = catalogue::question(&answered.id);
                                tr {
                                    td { code { (answered.id) } " " (known.map_or("", |known| known.question.as_str())) }
                                    td {
                                        b { (answered.answer) }
                                        @if let Some(text) = known.and_then(|known| known.answer(&answered.answer)) {
                                            ": " (text.meaning)
                                        }
                                        @if !answered.consistent {
                                            br; strong.mark { "not the same each time" } ": "
                                            @for (answer, times) in &answered.seen { (answer) " " (count(*times)) "× " }
                                        }
                                    }
                                    td {
                                        @for rule in known.into_iter().flat_map(|known| &known.rules) { (rule_link(rule.0)) " " }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The answers that SDKs misread.
pub(super) fn clients(record: &RunRecord) -> Markup {
    let mut misread: Vec<_> = record.sdk.misleading().collect();
    misread.sort_by_key(|(id, lint)| (std::cmp::Reverse(lint.times), *id));
    html! {
        @if !misread.is_empty() {
            section #clients {
                h2 { "Answers that SDKs misread" }
                div.scroll tabindex="0" role="region" aria-label="answers that SDKs misread" {
                    table {
                        thead { tr { th { "lint" } th { "the answer has" } th { "times" } th { "which means" } th { "example" } } }
                        tbody {
                            @for (id, lint) in misread {
                                tr {
                                    td { code { (id) } } td { (lint.what) } td.n { (count(lint.times)) } td { (lint.misread) }
                                    td {
                                        (lint.example.operation) " " (lint.example.status) " "
                                        code { (lines(&abbreviated(&lint.example.body, EXAMPLE))) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What could not be judged, what was missed, and remarks.
pub(super) fn remarks(record: &RunRecord) -> Markup {
    let missed: Vec<_> = record.goals.iter().filter(|goal| goal.is_missed()).collect();
    html! {
        section #run {
            h2 { "The run itself" }
            @if !missed.is_empty() {
                h3 { "Goals missed: the run did not come to see" }
                ul { @for goal in missed { li { (goal.title) " (" (goal.id) ")" } } }
            }
            @for (title, entries) in [("Late", &record.late), ("Could not be judged", &record.inconclusive)] {
                @if !entries.is_empty() {
                    h3 { (title) }
                    ul {
                        @for entry in entries {
                            li { (entry.operation) ", " (count(entry.times)) "×: " (abbreviated(&entry.reason, EXAMPLE)) }
                        }
                    }
                }
            }
            @if !record.remarks.is_empty() {
                h3 { "Remarks" }
                ul { @for remark in &record.remarks { li { (remark) } } }
            }
            p.note { "passmuster " (record.version) ", schema " (record.schema) ", nonce " (record.nonce) "." }
        }
    }
}
