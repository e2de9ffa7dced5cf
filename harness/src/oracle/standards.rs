//! Reads of the standards of a hub.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::{DivergenceKind, Document};
use crate::model::{StandardsView, rules};

use super::finding::{Continuation, Mismatch};
use super::learn::Learn;
use super::members::note;

pub(super) fn compare(base: &mut Continuation, view: &StandardsView, document: &Document) {
    if view.loose {
        return;
    }
    let shown = document.get("StandardsSubscriptions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut enabled = BTreeSet::new();
    let mut settled = true;
    for entry in shown {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        // What is on its way out may be there or not.
        settled &= text("StandardsStatus") != "DELETING";
        enabled.insert(end(text("StandardsArn")).to_owned());
    }
    let because = view.standards.because.0;
    let learn = Learn::Standards { account: view.account, enabled: enabled.clone() };
    match view.standards.enabled.seen() {
        None => base.learned.extend(settled.then_some(learn)),
        Some(expected) if *expected == enabled => {
            note(base, rules::STD_006, because);
            if !enabled.is_empty() {
                note(base, rules::STD_002, because);
            }
            base.learned.push(learn);
        }
        Some(expected) => {
            let kind = match () {
                () if expected.is_subset(&enabled) => DivergenceKind::ExtraEffect,
                () if enabled.is_subset(expected) => DivergenceKind::MissingEffect,
                () => DivergenceKind::WrongValue,
            };
            let rules = [because, rules::STD_006];
            base.mismatches.push(Mismatch::new(
                kind,
                &rules,
                "/StandardsSubscriptions/-",
                list(expected),
                list(&enabled),
            ));
            base.adopted.push(learn);
        }
    }
}

/// The end of a standard's ARN, from the name on (SH-WIRE-018).
fn end(arn: &str) -> &str {
    arn.rsplit(':').next().and_then(|rest| rest.split_once('/')).map_or(arn, |(_, name)| name)
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() { "none".to_owned() } else { names.iter().cloned().collect::<Vec<_>>().join(", ") }
}
