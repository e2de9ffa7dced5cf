//! The causes on the page, each with its smallest proof and the findings that it explains.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::finding;
use super::words::{citation, commas, rule_link};
use crate::record::{CauseRecord, DivergenceRecord, RunRecord};
use crate::report::terminal::text::plural;
use passmuster_contract::catalogue;

/// So many causes at the head are open from the start.
const OPEN: usize = 1;

/// The causes, the one to mend first at the head.
pub(super) fn causes(record: &RunRecord) -> Markup {
    let by_id: BTreeMap<&str, &DivergenceRecord> =
        record.divergences.iter().map(|found| (found.id.as_str(), found)).collect();
    html! {
        @if !record.causes.is_empty() {
            section #causes {
                h2 { "Causes" }
                p.note { "The one to mend first at the head; each with the smallest scenario that shows it." }
                @for (index, cause) in record.causes.iter().enumerate() {
                    details.cause id=(cause.id) open[index < OPEN] {
                        summary {
                            span.number { (index + 1) } " "
                            span.sentence { (cause.title) } " "
                            span.badge { (plural(cause.findings.len() as u64, "finding")) }
                        }
                        (body(cause, &by_id))
                    }
                }
            }
        }
    }
}

fn body(cause: &CauseRecord, by_id: &BTreeMap<&str, &DivergenceRecord>) -> Markup {
    let proof = by_id.get(cause.proof.as_str());
    let others = cause.findings.iter().filter(|id| **id != cause.proof).filter_map(|id| by_id.get(id.as_str()));
    html! {
        dl {
            dt { "cause" } dd { code { (cause.id) } ", " (cause.change.kind) }
            dt { "operations" } dd { (cause.change.operations.join(", ")) }
            @if !cause.effect.is_empty() { dt { "effect" } dd { (cause.effect) } }
            @if cause.blocks > 0 {
                dt { "in the way" } dd { "of " (plural(cause.blocks, "situation")) " that nobody could look at" }
            }
            @if let Some(number) = cause.goes_away {
                dt { "mending it" } dd { "takes " (plural(number, "finding")) " away" }
            }
            @if !cause.verified {
                dt { "shared" } dd { "some of its findings take other causes besides" }
            }
            dt { "rules" } dd { (commas(&cause.rules, rule_link)) }
        }
        (evidence(cause))
        @if let Some(found) = proof {
            div.proof id=(found.id) {
                h3 { "Smallest proof: " (finding::title(found)) }
                (finding::body(found))
            }
        }
        @if cause.findings.len() > 1 {
            h3 { "Also explains" }
            @for found in others { (finding::folded(found, &found.id)) }
        }
    }
}

/// What the rules say, and who says so.
fn evidence(cause: &CauseRecord) -> Markup {
    let rules: Vec<_> = cause.rules.iter().filter_map(|id| catalogue::rule(id)).collect();
    html! {
        @if !rules.is_empty() {
            details open[rules.len() == 1] {
                summary { "What AWS does, and who says so" }
                @for rule in rules {
                    p {
                        (rule_link(rule.id.0)) " " (rule.statement) " "
                        span class={ "badge " (rule.grade.name()) } { (rule.grade.name()) }
                    }
                    ul { @for place in &rule.citations { li { (citation(place)) } } }
                }
            }
        }
    }
}
