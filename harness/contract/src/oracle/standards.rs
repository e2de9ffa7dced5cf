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
    pages(base, view, observed);
    if view.loose || observed.partial {
        return;
    }
    let shown = document.get("StandardsSubscriptions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut enabled = BTreeSet::new();
    let mut settled = view.only.is_none();
    for entry in shown {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let status = text("StandardsStatus");
        // What is on its way out may be there or not.
        settled &= status != "DELETING";
        let unasked = status == "DELETING" && view.standards.is_as_enabled();
        if !STATUSES.contains(&status) || unasked {
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
        Some(expected) if asked(view, expected) == enabled => {
            note(base, rules::STANDARDS_OWN_ONLY, because);
            if !enabled.is_empty() {
                note(base, rules::STANDARDS_BECOME_READY, rules::WIRE_STANDARDS_ARNS);
            }
            base.learned.extend(view.only.is_none().then_some(learn));
        }
        Some(expected) => {
            let expected = &asked(view, expected);
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
            base.adopted.extend(view.only.is_none().then_some(learn));
        }
    }
}

/// Compares the sizes of the pages with the one asked for.
fn pages<N: Naming>(base: &mut Continuation, view: &StandardsView, observed: &Observed<'_, N>) {
    if let Some(size) = observed.pages.iter().find(|size| **size > view.page) {
        let expected = format!("at most {} entries a page", view.page);
        let found = format!("{size} entries on one page");
        let rules = [rules::WIRE_PAGE_BOUNDS];
        let kind = DivergenceKind::WrongValue;
        base.mismatches.push(Mismatch::new(kind, &rules, "/StandardsSubscriptions", expected, found));
    }
}

/// Those of the standards that were asked for.
fn asked(view: &StandardsView, enabled: &BTreeSet<String>) -> BTreeSet<String> {
    let asked = |name: &&String| view.only.as_ref().is_none_or(|only| only.contains(*name));
    enabled.iter().filter(asked).cloned().collect()
}

/// The end of a standard's ARN, from the name on (SH-WIRE-018).
fn end(arn: &str) -> &str {
    arn.rsplit(':').next().and_then(|rest| rest.split_once('/')).map_or(arn, |(_, name)| name)
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() { "none".to_owned() } else { names.iter().cloned().collect::<Vec<_>>().join(", ") }
}
