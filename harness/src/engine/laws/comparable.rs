//! The result of one side of a law, without anything that may differ from run to run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::execution::Execution;
use super::super::symbols::SymbolicNames;
use crate::generate::CastNaming;
use passmuster_contract::domain::{
    Account, AccountRef, Document, Input, Naming, Operation, Outcome, Scenario, Transition,
};

/// The members of an answer that laws speak of. When and under which id something happened differs from run to run;
/// whether it has an instant or an id doesn't.
const COMPARED: [&str; 8] = [
    "AccountId",
    "AdministratorId",
    "AutoEnableControls",
    "ControlFindingGenerator",
    "Email",
    "InvitationsCount",
    "MasterId",
    "MemberStatus",
];

/// The result of one side, as far as it can be compared.
#[derive(Debug, Default)]
pub(super) struct Comparable {
    /// Each call of the law: what it answered, or that it was refused.
    pub(super) answers: Vec<String>,
    pub(super) refused: Vec<bool>,
    /// The accounts that a refused call names: nothing was said of them.
    pub(super) unanswered: BTreeSet<AccountRef>,
    /// The results of the calls that succeeded, for each account that they name.
    pub(super) results: BTreeMap<AccountRef, Said>,
    /// The contents of the views, piece by piece.
    pub(super) pieces: BTreeMap<ViewPiece, String>,
    /// Those of them that changed with nothing in between: they are no evidence.
    pub(super) moving: BTreeSet<ViewPiece>,
}

/// The result of a batch for one account.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Why it is listed as unprocessed.
    pub(super) reasons: BTreeSet<String>,
    /// The part of it that a read shows.
    pub(super) entry: Option<String>,
}

/// A part of what a view shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ViewPiece {
    /// Which view, counted from 0.
    pub(super) view: usize,
    pub(super) caller: Account,
    pub(super) operation: Operation,
    /// Whose entry of a list it is; `None` for the answer as a whole.
    pub(super) entry: Option<AccountRef>,
}

impl ViewPiece {
    /// The accounts, other than the one that made the calls of the law, that the piece tells of.
    pub(super) fn about(&self, caller: Account) -> Vec<AccountRef> {
        let own = AccountRef::Account(caller);
        let asked = AccountRef::Account(self.caller);
        self.entry.iter().cloned().chain([asked]).filter(|account| *account != own).collect()
    }
}

impl Comparable {
    /// `None` where the side was not judged to its end, or the model has found something in it already.
    pub(super) fn of(
        scenario: &Scenario,
        calls: usize,
        views: usize,
        execution: &Execution,
        naming: &CastNaming,
    ) -> Option<Self> {
        let steps = &execution.steps;
        let whole = steps.len() == scenario.transitions.len() && execution.ended.is_none();
        if !whole || !execution.found.is_empty() {
            return None;
        }
        let (before, views) = steps.split_at(steps.len().checked_sub(views)?);
        let (_, calls) = before.split_at(before.len().checked_sub(calls)?);
        let mut seen = Self::default();
        for step in calls {
            seen.call(&step.transition, step.answer.as_ref().ok()?, naming);
        }
        for (index, step) in views.iter().enumerate() {
            seen.view(index, &step.transition, step.answer.as_ref().ok()?, naming);
        }
        Some(seen)
    }

    /// Takes out what the views from this one on show, which are the first ones read again, and notes where they differ.
    pub(super) fn set_moving_apart(&mut self, views: usize) {
        let again = self.pieces.extract_if(.., |piece, _| piece.view >= views);
        let again: BTreeMap<ViewPiece, String> =
            again.map(|(piece, shown)| (ViewPiece { view: piece.view - views, ..piece }, shown)).collect();
        let all = self.pieces.keys().chain(again.keys());
        self.moving = all.filter(|piece| self.pieces.get(piece) != again.get(piece)).cloned().collect();
    }

    fn call(&mut self, transition: &Transition, outcome: &Outcome, naming: &CastNaming) {
        let named = named(&transition.request.input);
        let Outcome::Success(document) = outcome else {
            self.answers.push("refused".to_owned());
            self.refused.push(true);
            self.unanswered.extend(named);
            return;
        };
        self.refused.push(false);
        self.answers.push(words(&Value::Object(document.clone()), naming));
        let mut entries: BTreeMap<AccountRef, String> = list(document, "Members", naming).collect();
        for account in &named {
            let result = self.results.entry(account.clone()).or_default();
            result.entry = entries.remove(account).or_else(|| result.entry.take());
        }
        for (account, entry) in array(document, "UnprocessedAccounts", naming) {
            let reason = entry.get("ProcessingResult").and_then(Value::as_str).unwrap_or("no reason given");
            let reason = SymbolicNames::new(naming.clone()).symbolic(reason);
            if let Some(result) = self.results.get_mut(&account) {
                result.reasons.insert(reason);
            }
        }
    }

    fn view(&mut self, view: usize, transition: &Transition, outcome: &Outcome, naming: &CastNaming) {
        let operation = transition.request.operation;
        let whole = ViewPiece { view, caller: transition.caller, operation, entry: None };
        let Outcome::Success(document) = outcome else {
            self.pieces.insert(whole, "refused".to_owned());
            return;
        };
        let of_members = matches!(operation, Operation::ListMembers | Operation::GetMembers).then_some("Members");
        let of_invitations = (operation == Operation::ListInvitations).then_some("Invitations");
        let Some(name) = of_members.or(of_invitations) else {
            self.pieces.insert(whole, words(&Value::Object(document.clone()), naming));
            return;
        };
        for (account, entry) in list(document, name, naming) {
            self.pieces.insert(ViewPiece { entry: Some(account), ..whole.clone() }, entry);
        }
        self.pieces.insert(whole, "a list".to_owned());
    }
}

/// The accounts that a request names, each once.
pub(super) fn named(input: &Input) -> BTreeSet<AccountRef> {
    match input {
        Input::Create(Some(details)) => details.iter().filter_map(|detail| detail.account.clone()).collect(),
        Input::Accounts(Some(accounts)) => accounts.iter().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

fn list<'d>(
    document: &'d Document,
    name: &str,
    naming: &'d CastNaming,
) -> impl Iterator<Item = (AccountRef, String)> + 'd {
    array(document, name, naming).map(|(account, entry)| (account, words(entry, naming)))
}

fn array<'d>(
    document: &'d Document,
    name: &str,
    naming: &'d CastNaming,
) -> impl Iterator<Item = (AccountRef, &'d Value)> + 'd {
    let entries = document.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    entries.iter().map(|entry| {
        let text = entry.get("AccountId").and_then(Value::as_str).unwrap_or_default();
        let account =
            naming.account_from(text).map_or_else(|| AccountRef::Text(text.to_owned()), AccountRef::from);
        (account, entry)
    })
}

/// The members that are compared, in the order of their names, a deprecated name read as the current one.
fn words(value: &Value, naming: &CastNaming) -> String {
    let mut shown: BTreeMap<&str, String> = BTreeMap::new();
    if let Value::Object(members) = value {
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let name = name.as_str();
            match (name, value) {
                ("Administrator" | "Master", Value::Object(_)) => {
                    shown.insert("Administrator", format!("{{{}}}", words(value, naming)));
                }
                ("InvitedAt" | "InvitationId", _) => {
                    shown.insert(name, "given".to_owned());
                }
                _ if COMPARED.contains(&name) => {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    shown.insert(name, SymbolicNames::new(naming.clone()).symbolic(&text));
                }
                _ => {}
            }
        }
    }
    shown.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}
