//! A scenario as a sequence diagram: a lane for each account and one for the service, calls and answers as arrows.

use maud::{Markup, html};

use super::words::{ANSWER, REQUEST, lines};
use crate::record::{DivergenceRecord, StepRecord};
use crate::report::terminal::text::abbreviated;

/// The most lanes for accounts; further accounts share the last one.
const MOST_LANES: usize = 8;

/// The most steps that are drawn.
const MOST_STEPS: usize = 60;

/// The heads of the arrows, which all diagrams of a page share.
pub(super) fn heads() -> Markup {
    html! {
        svg class="heads" width="0" height="0" aria-hidden="true" {
            defs {
                @for name in ["tip", "tip-wrong"] {
                    marker id=(name) viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto" {
                        path class=(name) d="M0 0L8 4L0 8z" {}
                    }
                }
            }
        }
    }
}

/// The diagram of a finding's scenario.
pub(super) fn diagram(found: &DivergenceRecord) -> Markup {
    let steps = &found.scenario.steps;
    let lanes = Columns::of(steps);
    let wrong = steps.iter().rposition(|step| step.operation == found.operation);
    let wrong = wrong.or(steps.len().checked_sub(1));
    html! {
        div.sequence {
            div.lanes aria-hidden="true" {
                @for name in &lanes.names { span { (name) } }
                span.service { "service" }
            }
            svg.life aria-hidden="true" {
                @for lane in 0..=lanes.names.len() {
                    line x1=(lanes.middle(lane)) x2=(lanes.middle(lane)) y1="0" y2="100%" {}
                }
            }
            ol {
                @for (index, step) in steps.iter().enumerate().take(MOST_STEPS) {
                    (self::step(&lanes, step, wrong == Some(index)))
                }
            }
            @if steps.len() > MOST_STEPS {
                p.note { (steps.len() - MOST_STEPS) " more steps are in the JSON report." }
            }
        }
    }
}

fn step(lanes: &Columns<'_>, step: &StepRecord, is_wrong: bool) -> Markup {
    let (from, to) = (lanes.middle(lanes.lane(&step.principal)), lanes.middle(lanes.names.len()));
    let tip = if is_wrong { "url(#tip-wrong)" } else { "url(#tip)" };
    let request = match &step.request {
        serde_json::Value::Object(members) if members.is_empty() => String::new(),
        request => request.to_string(),
    };
    html! {
        li class=[is_wrong.then_some("wrong")] {
            div.call {
                b { (step.principal) }
                @if let Some(region) = &step.region { " in " (region) }
                " " code.operation { (step.operation) }
                @if !step.request.get("bytes").is_some_and(serde_json::Value::is_string) && !request.is_empty() {
                    " " code { (abbreviated(&request, REQUEST)) }
                }
            }
            svg.arrow aria-hidden="true" { line x1=(from) x2=(to) y1="6" y2="6" marker-end=(tip) {} }
            svg.arrow.back aria-hidden="true" { line x1=(to) x2=(from) y1="6" y2="6" marker-end=(tip) {} }
            div.answer {
                @if is_wrong { strong.mark { "✗ wrong here" } " " }
                @if step.response.is_empty() { span.note { "no answer was kept" } }
                @else { code { (lines(&abbreviated(&step.response, ANSWER))) } }
            }
        }
    }
}

/// The accounts that call, in the order of their first calls.
struct Columns<'a> {
    names: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(steps: &'a [StepRecord]) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for step in steps {
            let name = step.principal.as_str();
            if names.contains(&name) || names.len() > MOST_LANES {
                continue;
            }
            names.push(if names.len() == MOST_LANES { "others" } else { name });
        }
        Self { names }
    }

    fn lane(&self, principal: &str) -> usize {
        let known = self.names.iter().position(|name| *name == principal);
        known.unwrap_or(self.names.len().saturating_sub(1))
    }

    /// The middle of a lane, the last of which is the service's.
    fn middle(&self, lane: usize) -> String {
        let lanes = self.names.len() + 1;
        format!("{:.2}%", (lane as f64 + 0.5) * 100.0 / lanes as f64)
    }
}
