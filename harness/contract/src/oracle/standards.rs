//! Compares reads of the standards of a hub with those that the model expects.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::{DivergenceKind, Document, Naming};
use crate::model::{StandardsView, rules};

use super::Observed;
use super::finding::{Continuation, Mismatch};
use super::learn::Learn;
use super::members::note;

/// The words of `StandardsStatus` in the API model.
const STATUSES: [&str; 5] = ["PENDING", "READY", "INCOMPLETE", "FAILED", "DELETING"];

pub(super) fn compare<N: Naming>(
    base: &mut Continuation,
    view: &StandardsView,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    if view.loose || observed.partial {
        return;
    }
    let shown = document.get("StandardsSubscriptions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut enabled = BTreeSet::new();
    let mut settled = true;
    for entry in shown {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let status = text("StandardsStatus");
        // What is on its way out may be there or not.
        settled &= status != "DELETING";
        if !STATUSES.contains(&status) {
            let found = format!("{status:?}");
            let pointer = "/StandardsSubscriptions/-/StandardsStatus";
            let rules = [rules::STANDARDS_BECOME_READY];
            let kind = DivergenceKind::WrongValue;
            base.mismatches.push(Mismatch::new(kind, &rules, pointer, STATUSES.join(" or "), found));
        }
        let name = end(text("StandardsArn"));
        let (region, account) = (observed.naming.region(view.region), observed.naming.account(view.account));
        let expected = format!(":securityhub:{region}:{account}:subscription/{name}");
        let arn = text("StandardsSubscriptionArn");
        if !(arn.starts_with("arn:") && arn.ends_with(&expected)) {
            let pointer = "/StandardsSubscriptions/-/StandardsSubscriptionArn";
            let rules = [rules::WIRE_STANDARDS_ARNS, rules::STANDARDS_BECOME_READY];
            let expected = format!("arn:aws{expected}");
            let kind = DivergenceKind::WrongValue;
            base.mismatches.push(Mismatch::new(kind, &rules, pointer, expected, format!("{arn:?}")));
        }
        enabled.insert(name.to_owned());
    }
    let because = view.standards.because.0;
    let learn = Learn::Standards { account: view.account, enabled: enabled.clone() };
    match view.standards.enabled.seen() {
        None => base.learned.extend(settled.then_some(learn)),
        Some(expected) if *expected == enabled => {
            note(base, rules::STANDARDS_OWN_ONLY, because);
            if !enabled.is_empty() {
                note(base, rules::STANDARDS_BECOME_READY, rules::WIRE_STANDARDS_ARNS);
            }
            base.learned.push(learn);
        }
        Some(expected) => {
            let kind = match () {
                () if expected.is_subset(&enabled) => DivergenceKind::ExtraEffect,
                () if enabled.is_subset(expected) => DivergenceKind::MissingEffect,
                () => DivergenceKind::WrongValue,
            };
            // What a read has agreed with before is no doing of what happened then.
            let rules = if view.standards.because.1 {
                [rules::STANDARDS_OWN_ONLY, because]
            } else {
                [because, rules::STANDARDS_OWN_ONLY]
            };
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
