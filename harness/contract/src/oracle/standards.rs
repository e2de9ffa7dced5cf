//! Compares reads of the standards of a hub with those that the model expects.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::{Account, DivergenceKind, Document, Input, Naming, Region, RuleId, Transition};
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
        let status = text(entry, "StandardsStatus");
        // What is on its way out may be there or not.
        settled &= status != "DELETING";
        let is_unasked = status == "DELETING" && view.standards.is_as_enabled();
        let name = subscription(base, entry, is_unasked, (view.region, view.account), observed);
        if !enabled.insert(name.to_owned()) {
            let rules = [rules::STANDARDS_OWN_ONLY, rules::STANDARDS_BECOME_READY];
            let pointer = "/StandardsSubscriptions/-";
            let found = format!("{name} twice");
            let kind = DivergenceKind::WrongValue;
            base.mismatches.push(Mismatch::new(kind, &rules, pointer, "each subscription once", found));
        }
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

/// Holds the subscriptions that an answer to a change of them shows.
pub(super) fn changed<N: Naming>(
    base: &mut Continuation,
    transition: &Transition,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let Input::Standards(Some(named)) = &transition.request.input else { return };
    let shown = document.get("StandardsSubscriptions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for entry in shown {
        let name = subscription(base, entry, false, (transition.region, transition.caller), observed);
        if !named.iter().any(|arn| end(arn) == name) {
            let rules = [rules::WIRE_STANDARDS_ARNS, rules::STANDARDS_OWN_ONLY];
            let expected = "only standards of the request";
            let pointer = "/StandardsSubscriptions/-/StandardsArn";
            let found = format!("{name:?}");
            base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, &rules, pointer, expected, found));
        }
    }
}

/// Holds the parts of a subscription that are the same whatever is enabled, and gives the name of its standard.
fn subscription<'e, N: Naming>(
    base: &mut Continuation,
    entry: &'e Value,
    is_unasked: bool,
    (region, account): (Region, Account),
    observed: &Observed<'_, N>,
) -> &'e str {
    let mut wrong = |rules: &[RuleId], name: &str, expected: String, found: &str| {
        let pointer = format!("/StandardsSubscriptions/-/{name}");
        base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, rules, pointer, expected, found));
    };
    let status = text(entry, "StandardsStatus");
    if !STATUSES.contains(&status) || is_unasked {
        wrong(
            &[rules::STANDARDS_BECOME_READY],
            "StandardsStatus",
            STATUSES.join(" or "),
            &shown(entry, "StandardsStatus"),
        );
    }
    let of_arns = [rules::WIRE_STANDARDS_ARNS, rules::STANDARDS_BECOME_READY];
    let (region, account) = (observed.naming.region(region), observed.naming.account(account));
    let standard = text(entry, "StandardsArn");
    let name = end(standard);
    let forms = [format!(":securityhub:{region}::standards/{name}"), format!(":securityhub:::ruleset/{name}")];
    if !(standard.starts_with("arn:") && forms.iter().any(|form| standard.ends_with(form))) {
        wrong(
            &of_arns,
            "StandardsArn",
            format!("arn:aws{} or arn:aws{}", forms[0], forms[1]),
            &shown(entry, "StandardsArn"),
        );
    }
    if !entry.get("StandardsInput").is_some_and(Value::is_object) {
        let rules = [rules::STANDARDS_BECOME_READY];
        wrong(&rules, "StandardsInput", "an object".to_owned(), &shown(entry, "StandardsInput"));
    }
    let expected = format!(":securityhub:{region}:{account}:subscription/{name}");
    let arn = text(entry, "StandardsSubscriptionArn");
    if !(arn.starts_with("arn:") && arn.ends_with(&expected)) {
        wrong(
            &of_arns,
            "StandardsSubscriptionArn",
            format!("arn:aws{expected}"),
            &shown(entry, "StandardsSubscriptionArn"),
        );
    }
    name
}

fn shown(entry: &Value, name: &str) -> String {
    entry.get(name).map_or_else(|| "absent".to_owned(), Value::to_string)
}

fn text<'e>(entry: &'e Value, name: &str) -> &'e str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
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
