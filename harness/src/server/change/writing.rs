//! The ways in which a member of an answer is written that it should not be.

use serde_json::{Value, json};

use passmuster_contract::domain::{Account, Document, Input, MemberStatus, Operation, Transition};
use passmuster_contract::model::{RegionState, State};

/// The way in which a value is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writing {
    /// It is left out.
    LeftOut,
    /// It is always this, as JSON.
    Literal(String),
    /// It is this where it should not be there, as JSON.
    Filled(String),
    /// It is in upper case.
    Upper,
    /// It is in lower case.
    Lower,
    /// It is some other value of its type.
    Other,
    /// It is an account that it should not be.
    Account(ValueSource),
}

/// An account that a value is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueSource {
    /// The delegated administrator of the caller's organization; nothing where there is none.
    Delegate,
    /// The management account of the caller's organization; nothing where there is none.
    Management,
    /// The caller.
    Caller,
}

impl ValueSource {
    /// The account, where there is one.
    fn account(self, whole: &State, before: &RegionState, caller: Account) -> Option<Account> {
        match self {
            Self::Caller => Some(caller),
            Self::Management => whole.organization_of(caller).map(|(management, _)| management),
            Self::Delegate => delegate(whole, before, caller).map(|(_, delegate)| delegate),
        }
    }
}

/// The management account and the delegated administrator of an account's organization.
fn delegate(whole: &State, before: &RegionState, caller: Account) -> Option<(Account, Account)> {
    let (management, _) = whole.organization_of(caller)?;
    let delegate = before.designations.get(&management)?.administrator?;
    Some((management, delegate))
}

impl Writing {
    /// Writes what stands at the pointer, wherever its dashes lead.
    pub(super) fn write(
        &self,
        document: &mut Document,
        pointer: &str,
        whole: &State,
        before: &RegionState,
        caller: Account,
    ) {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let Some((name, way)) = steps.split_last() else { return };
        let account = match self {
            Self::Account(source) => source.account(whole, before, caller),
            _ => None,
        };
        for_each(document, way, &mut |object| self.write_member(object, name, account));
    }

    fn write_member(&self, object: &mut Document, name: &str, account: Option<Account>) {
        let parsed = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let old = object.get(name).cloned();
        let new = match (self, old) {
            (Self::LeftOut, _) => None,
            (Self::Literal(text), _) | (Self::Filled(text), None) => Some(parsed(text)),
            (Self::Filled(_), kept) => kept,
            (Self::Upper, Some(Value::String(text))) => Some(text.to_ascii_uppercase().into()),
            (Self::Lower, Some(Value::String(text))) => Some(text.to_ascii_lowercase().into()),
            (Self::Other, Some(old)) => Some(other(&old)),
            (Self::Account(_), _) => account.map(|account| account.to_string().into()),
            (Self::Upper | Self::Lower | Self::Other, kept) => kept,
        };
        match new {
            Some(new) => object.insert(name.to_owned(), new),
            None => object.remove(name),
        };
    }
}

/// Some other value of the same type.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => json!(!yes),
        Value::Number(number) => json!(number.as_u64().unwrap_or(0) + 1),
        Value::String(text) if text.contains("T") && text.ends_with('Z') => json!("2018-11-28T22:14:06.770Z"),
        Value::String(text) => json!(format!("{text}-other")),
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
        Value::Null => json!(""),
    }
}

/// Does something with each object that a way through a document leads to; a dash stands for each index of a list.
fn for_each(document: &mut Document, way: &[&str], act: &mut impl FnMut(&mut Document)) {
    let Some((first, rest)) = way.split_first() else { return act(document) };
    match (document.get_mut(*first), rest) {
        (Some(Value::Object(inner)), _) => for_each(inner, rest, act),
        (Some(Value::Array(list)), ["-", rest @ ..]) => {
            list.iter_mut().filter_map(Value::as_object_mut).for_each(|inner| for_each(inner, rest, act));
        }
        _ => {}
    }
}

/// Lists accounts as unprocessed that are not yet.
pub(super) fn reject(document: &mut Document, accounts: &[Account]) {
    let Some(list) = document.get_mut("UnprocessedAccounts").and_then(Value::as_array_mut) else { return };
    for account in accounts {
        let id = account.to_string();
        if !list.iter().any(|entry| entry.get("AccountId").and_then(Value::as_str) == Some(&id)) {
            list.push(json!({ "AccountId": id, "ProcessingResult": "The request is rejected." }));
        }
    }
}

/// Lists entries of a status, or leaves them out.
pub(super) fn list(
    document: &mut Document,
    before: &RegionState,
    transition: &Transition,
    status: MemberStatus,
    shown: bool,
) {
    let Some(entries) = document.get_mut("Members").and_then(Value::as_array_mut) else { return };
    if !shown {
        entries.retain(|entry| entry.get("MemberStatus").and_then(Value::as_str) != Some(status.name()));
        return;
    }
    let caller = transition.caller;
    // What is asked for by its id is not left out by its status.
    if !matches!(transition.request.input, Input::Page(_)) {
        return;
    }
    let listed: Vec<Account> = entries
        .iter()
        .filter_map(|entry| entry.get("AccountId").and_then(Value::as_str).and_then(Account::from_digits))
        .collect();
    for (member, held) in before.list(caller) {
        if held.status == Some(status) && !listed.contains(&member) {
            let email = held.email.seen().cloned().flatten();
            let mut entry = json!({ "AccountId": member.to_string(), "AdministratorId": caller.to_string(),
                "MasterId": caller.to_string(), "MemberStatus": status.name(), "UpdatedAt": "2018-11-28T22:14:06.770Z" });
            if let (Some(email), Some(entry)) = (email, entry.as_object_mut()) {
                entry.insert("Email".to_owned(), email.into());
            }
            entries.push(entry);
        }
    }
}

/// Shows the delegated administrator to any other account of its organization but the management account.
pub(super) fn show_delegate(
    document: &mut Document,
    whole: &State,
    before: &RegionState,
    transition: &Transition,
) {
    let caller = transition.caller;
    let name =
        if transition.request.operation == Operation::GetMasterAccount { "Master" } else { "Administrator" };
    document.remove(name);
    if let Some((management, delegate)) = delegate(whole, before, caller)
        && caller != management
        && caller != delegate
    {
        let shown = json!({ "AccountId": delegate.to_string(), "MemberStatus": "Enabled",
            "InvitationId": "0123456789abcdef0123456789abcdef", "InvitedAt": "2018-11-28T22:14:06.770Z" });
        document.insert(name.to_owned(), shown);
    }
}
