//! Calls that the model has no place for: passed over, or what depends on them is not judged any more.

use std::collections::BTreeSet;

use serde_json::Value;

use super::exchange::Exchange;
use crate::domain::shape::{MemberShape, ShapeKind};
use crate::domain::{Account, Document, ErrorKind, Operation, Outcome, ServiceError, near};
use crate::model::State;

/// The beginnings of the names of operations that read.
const READS: [&str; 8] = ["BatchDescribe", "BatchGet", "Describe", "Get", "List", "Lookup", "Search", "Simulate"];

/// Operations that change nothing which this contract speaks of: neither hubs, members and invitations nor the
/// accounts of an organization and who administers it.
const APART: &[&str] = &[
    "AttachPolicy",
    "BatchDeleteAutomationRules",
    "BatchUpdateAutomationRules",
    "BatchUpdateFindings",
    "BatchUpdateStandardsControlAssociations",
    "CancelHandshake",
    "CreateActionTarget",
    "CreateAutomationRule",
    "CreateInsight",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeclineHandshake",
    "DeleteActionTarget",
    "DeleteFindingAggregator",
    "DeleteInsight",
    "DeleteOrganizationalUnit",
    "DeletePolicy",
    "DetachPolicy",
    "DisableImportFindingsForProduct",
    "DisablePolicyType",
    "EnableAllFeatures",
    "EnableImportFindingsForProduct",
    "EnablePolicyType",
    "InviteAccountToOrganization",
    "MoveAccount",
    "TagResource",
    "UntagResource",
    "UpdateActionTarget",
    "UpdateFindingAggregator",
    "UpdateInsight",
    "UpdateOrganizationalUnit",
    "UpdatePolicy",
    "UpdateSecurityControl",
    "UpdateStandardsControl",
];

/// More edits than these make another name.
const MOST_EDITS: usize = 2;

/// The accounts of which nothing is known any more, and the call that is the reason.
#[derive(Debug, Default)]
pub(super) struct Clouds {
    accounts: BTreeSet<Account>,
    reason: String,
}

impl Clouds {
    /// Nothing is known any more of any organization: an account that is in none may have come into one.
    pub(super) fn spread_to_organizations(&mut self, states: &State) {
        let all = states.organizations.values().flat_map(|organization| organization.accounts.keys());
        self.accounts.extend(all);
    }

    /// Nothing is known any more of an account, and of those that have to do with it.
    pub(super) fn spread(&mut self, from: impl IntoIterator<Item = Account>, states: &State, reason: String) {
        for account in from {
            self.accounts.insert(account);
            if let Some((_, organization)) = states.organization_of(account) {
                self.accounts.extend(organization.accounts.keys());
            }
            for region in states.regions().map(|region| states.region(region)) {
                let pairs = region.members.keys().filter(|(one, other)| *one == account || *other == account);
                self.accounts.extend(pairs.flat_map(|(one, other)| [*one, *other]));
            }
        }
        self.reason = reason;
    }

    /// Why a call can't be judged: it is made by such an account, or names one. Then nothing is known of its caller,
    /// either.
    pub(super) fn over(&mut self, exchange: &Exchange<'_>) -> Option<String> {
        if self.accounts.is_empty() {
            return None;
        }
        let named = exchange.transition.as_ref().map(|call| call.request.named_accounts()).unwrap_or_default();
        let caller = exchange.call.account;
        let clouded =
            self.accounts.contains(&caller) || named.iter().any(|account| self.accounts.contains(account));
        if clouded {
            self.accounts.insert(caller);
            self.accounts.extend(named);
        }
        clouded.then(|| format!("what {} did before can't be known", self.reason))
    }
}

/// The meaning of a call that the model has no place for.
pub(super) enum Beside {
    /// It makes no difference.
    Passed,
    /// It makes no difference, but looks like a slip.
    Slip(String),
    /// What it did can't be known.
    Unknown(String),
}

/// The meaning of a call to an operation of this name.
pub(super) fn meaning(name: &str, outcome: &Outcome) -> Beside {
    let all = [Operation::ALL, Operation::SETUP, Operation::BESIDE].concat();
    let names = all.iter().map(|operation| operation.name());
    // What a name begins counts as near to it, however long the whole is.
    let is_near = |edits, candidate: &str| edits <= MOST_EDITS && candidate.len() <= name.len() + MOST_EDITS;
    let meant = near(name, names, is_near).first().copied().filter(|_| !name.ends_with("V2"));
    let slip = meant.map(|meant| format!("no operation is called {name:?}; did you mean {meant}?"));
    let changes_nothing = matches!(outcome, Outcome::Error(_)) || is_apart(name);
    match slip {
        Some(slip) if changes_nothing => Beside::Slip(slip),
        Some(slip) => Beside::Unknown(slip),
        None if changes_nothing => Beside::Passed,
        None => Beside::Unknown(format!("the model knows no {name}")),
    }
}

/// Whether an operation of this name changes nothing that this contract speaks of.
pub(super) fn is_apart(name: &str) -> bool {
    READS.iter().any(|read| name.starts_with(read)) || APART.contains(&name)
}

/// Whether a request is refused as a whole for members that the API doesn't have, or whose type is another one than
/// the API's (SH-CREATE-038, Q39).
pub(super) fn is_refused_as_unreadable(outcome: &Outcome) -> bool {
    let unreadable = |error: &ServiceError| {
        error.status == 400
            && matches!(
                error.kind,
                ErrorKind::BadRequest | ErrorKind::InvalidInput | ErrorKind::Serialization | ErrorKind::Validation
            )
    };
    matches!(outcome, Outcome::Error(error) if unreadable(error))
}

/// Whether a request has a member, at any depth, that the API doesn't have.
pub(super) fn has_unknown_members(known: &[MemberShape], request: &Document) -> bool {
    request.iter().any(|(name, value)| {
        let Some(member) = known.iter().find(|member| member.name == *name) else { return true };
        let inside = |value: &Value, kind: &ShapeKind| match (kind, value) {
            (ShapeKind::Structure(known), Value::Object(inner)) => has_unknown_members(known, inner),
            _ => false,
        };
        match (&member.kind, value) {
            (ShapeKind::List { item, .. }, Value::Array(items)) => items.iter().any(|value| inside(value, item)),
            (kind, value) => inside(value, kind),
        }
    })
}

/// Every account id that stands anywhere in a request.
pub(super) fn mentioned(value: &Value, found: &mut Vec<Account>) {
    match value {
        Value::String(text) => found.extend(Account::from_digits(text)),
        Value::Array(items) => items.iter().for_each(|item| mentioned(item, found)),
        Value::Object(members) => members.values().for_each(|value| mentioned(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
