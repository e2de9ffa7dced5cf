//! Calls that set a scenario up, to AWS Organizations: they are believed, never judged.

use serde_json::Value;

use crate::domain::{Account, Document, Transition};
use crate::model::{Expect, State, step};

/// Whether the model has a call of the set-up refused.
#[must_use]
pub fn is_refused(state: &State, transition: &Transition) -> bool {
    let branches = step(state, transition);
    branches.admissible.iter().all(|branch| matches!(branch.expect, Expect::Refused(_)))
}

/// The id that AWS Organizations has given to a new account.
#[must_use]
pub fn assigned_id(document: &Document) -> Option<Account> {
    status_member(document, "AccountId").and_then(Account::from_digits)
}

/// A member of what AWS Organizations says of the creation of an account.
#[must_use]
pub fn status_member<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    document.get("CreateAccountStatus")?.get(name).and_then(Value::as_str)
}
