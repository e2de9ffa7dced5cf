//! Compares imports and reads of findings with what the model expects.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{
    Account, Divergence, DivergenceKind, Document, Input, Naming, Operation, Outcome, Place, Region, RuleId,
    Transition,
};
use crate::model::{FindingsView, Presence, rules};

use super::finding::{Continuation, Mismatch};
use super::members::note;
use super::{Candidate, Observed};

/// The findings whose import was refused, by Region, owner and id, with the rule that refused them.
#[derive(Clone, Debug, Default)]
pub(super) struct Withheld(BTreeMap<(Region, Account, String), RuleId>);

/// More of them are not remembered.
const MOST_WITHHELD: usize = 64;

impl Withheld {
    /// Takes note of what was refused and of what was let in later, and holds a read against it.
    pub(super) fn look<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        candidates: &[Candidate],
    ) -> Option<Divergence> {
        let Transition { caller, region, ref request } = *transition;
        match (&request.input, observed.outcome) {
            (Input::Import(Some(findings)), Outcome::Error(_)) => {
                let room = MOST_WITHHELD.saturating_sub(self.0.len());
                let owned = findings.iter().filter_map(|finding| Some((finding.account.account()?, finding)));
                for (owner, finding) in owned.take(room) {
                    let key = (owner, finding.id.clone());
                    let may_be = |other: &Candidate| other.state.region(region).findings.contains_key(&key);
                    if !candidates.iter().any(may_be) {
                        let own = owner == caller;
                        let rule = if own { rules::IMPORT_OWN_FINDINGS } else { rules::IMPORT_FOREIGN_FINDING };
                        self.0.insert((region, owner, finding.id.clone()), rule);
                    }
                }
                None
            }
            (Input::Import(_), _) => {
                self.0.retain(|(place, owner, _), _| (*place, *owner) != (region, caller));
                None
            }
            (_, Outcome::Success(document)) if request.operation == Operation::GetFindings => {
                self.shown(region, document, observed)
            }
            _ => None,
        }
    }

    fn shown<N: Naming>(
        &self,
        region: Region,
        document: &Document,
        observed: &Observed<'_, N>,
    ) -> Option<Divergence> {
        let shown = document.get("Findings").and_then(Value::as_array)?;
        let refused = shown.iter().find_map(|finding| {
            let text = |name: &str| finding.get(name).and_then(Value::as_str);
            let owner = observed.naming.account_from(text("AwsAccountId")?)?;
            let rule = self.0.get(&(region, owner, text("Id")?.to_owned()))?;
            Some((owner, *rule))
        });
        let (owner, rule) = refused?;
        Some(Divergence {
            operation: Operation::GetFindings,
            kind: DivergenceKind::ExtraEffect,
            rules: vec![rule],
            ignored: Vec::new(),
            place: Place::Member("/Findings/-".to_owned()),
            expected: format!("no finding of {} whose import was refused", observed.name(owner)),
            observed: "shown".to_owned(),
            grade: (observed.grade)(rule),
            of_state: false,
        })
    }
}

pub(super) fn imported(base: &mut Continuation, count: usize, document: &Document) {
    let expected = [("SuccessCount", count as u64), ("FailedCount", 0)];
    for (name, expected) in expected {
        let shown = document.get(name);
        if shown.and_then(Value::as_u64) != Some(expected) {
            let found = shown.map_or_else(|| "absent".to_owned(), Value::to_string);
            base.mismatches.push(Mismatch::new(
                DivergenceKind::WrongValue,
                &[rules::IMPORT_OWN_FINDINGS],
                format!("/{name}"),
                expected.to_string(),
                found,
            ));
        }
    }
    let failed = document.get("FailedFindings").and_then(Value::as_array);
    if failed.is_some_and(|failed| !failed.is_empty()) {
        let rules = [rules::IMPORT_OWN_FINDINGS];
        let kind = DivergenceKind::ExtraEffect;
        base.mismatches.push(Mismatch::new(kind, &rules, "/FailedFindings/-", "no failure", "failures"));
    }
}

/// Findings of accounts that are none of the caller's business, whoever made them.
fn strangers<N: Naming>(
    base: &mut Continuation,
    view: &FindingsView,
    shown: &[Value],
    observed: &Observed<'_, N>,
) {
    if observed.circumstances.is_stand_in {
        return;
    }
    // What was let in though it is of somebody else is told where it was.
    let is_imported = |id: Option<&str>| view.slots.iter().any(|slot| Some(slot.id.as_str()) == id);
    for finding in shown {
        let text = |name: &str| finding.get(name).and_then(Value::as_str);
        let Some(owner) = text("AwsAccountId").and_then(|id| observed.naming.account_from(id)) else { continue };
        if view.owners.contains(&owner) || is_imported(text("Id")) {
            continue;
        }
        let rule = view.hiding.get(&owner).copied().unwrap_or(view.rule);
        let by = if rule == view.rule { vec![rule] } else { vec![rule, view.rule] };
        let expected = format!("no finding of {}", observed.name(owner));
        let kind = DivergenceKind::ExtraEffect;
        base.mismatches.push(Mismatch::new(kind, &by, "/Findings/-", expected, "shown"));
    }
}

pub(super) fn compare<N: Naming>(
    base: &mut Continuation,
    view: &FindingsView,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let shown = document.get("Findings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(size) = observed.pages.iter().find(|size| **size > view.page) {
        let expected = format!("at most {} entries a page", view.page);
        let found = format!("{size} entries on one page");
        let rules = [rules::WIRE_PAGE_BOUNDS];
        base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, &rules, "/Findings", expected, found));
    }
    if view.loose {
        return;
    }
    strangers(base, view, shown, observed);
    if observed.partial {
        return;
    }
    let is_shown = |owner: &str, id: &str| {
        let is = |entry: &Value, name: &str, text: &str| entry.get(name).and_then(Value::as_str) == Some(text);
        shown.iter().any(|entry| is(entry, "AwsAccountId", owner) && is(entry, "Id", id))
    };
    for slot in &view.slots {
        let owner = observed.name(slot.owner);
        let words = format!("finding {} of {owner}", slot.id);
        let by = [slot.rule, view.rule];
        match (slot.presence, is_shown(&owner, &slot.id)) {
            (Presence::Must, false) => base.mismatches.push(Mismatch::new(
                DivergenceKind::MissingEffect,
                &by,
                "/Findings/-",
                words,
                "not shown",
            )),
            (Presence::MustNot, true) => base.mismatches.push(Mismatch::new(
                DivergenceKind::ExtraEffect,
                &by,
                "/Findings/-",
                format!("no {words}"),
                "shown",
            )),
            (Presence::May, _) => {}
            (Presence::Must, true) | (Presence::MustNot, false) => note(base, slot.rule, view.rule),
        }
    }
}
