//! Deliberate violations, one rule each, to test the harness with. The tables are the catalogue.

mod any;
mod around;
mod membership;
mod paging;
mod refusing;
mod sabotage;
mod wire;

use std::fmt;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::Reply;
use passmuster_contract::domain::{
    Account, Document, ErrorKind, MemberStatus, Operation, RuleId, ServiceError, Transition,
};
use passmuster_contract::model::RegionState;

pub use any::AnyFault;
pub use wire::WireFault;

/// A deliberate violation of one rule.
#[derive(Clone, Copy)]
pub struct Fault(&'static FaultEntry);

/// A row of the catalogue.
struct FaultEntry {
    name: &'static str,
    rule: RuleId,
    summary: &'static str,
    sabotage: Sabotage,
}

/// A table of faults: name, rule violated, summary, sabotage.
macro_rules! faults {
    ($($name:literal, $rule:ident, $summary:literal, $sabotage:expr;)*) => {
        pub(super) static FAULTS: &[$crate::server::fault::FaultEntry] = &[$($crate::server::fault::FaultEntry {
            name: $name,
            rule: passmuster_contract::model::rules::$rule,
            summary: $summary,
            sabotage: $sabotage,
        },)*];
    };
}
use faults;

/// The means by which a fault changes the behaviour.
enum Sabotage {
    /// The server doesn't apply a rule.
    Ignores,
    /// The request is read wrongly.
    Request(fn(&mut Transition)),
    /// The state says afterwards something else than what happened.
    State(fn(&RegionState, &mut RegionState, &Transition)),
    /// The state of another Region spills over, before the call is answered.
    Leak(fn(&RegionState, &mut RegionState)),
    /// The whole call is refused, and nothing happens.
    Refusal(fn(&RegionState, &Transition) -> Option<ErrorKind>),
    /// The answer is spoilt.
    Reply(fn(&RegionState, &Transition, &mut Reply)),
}

/// There is no fault of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fault is called {0:?}; `passmuster serve --list-faults` lists them")]
pub struct UnknownFault(pub String);

impl Fault {
    /// Every fault.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Fault>> = LazyLock::new(|| {
            let tables = [membership::FAULTS, around::FAULTS, refusing::FAULTS, paging::FAULTS];
            tables.into_iter().flatten().map(Fault).collect()
        });
        &ALL
    }

    /// The name that `serve --fault` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The rule it violates.
    #[must_use]
    pub const fn rule(self) -> RuleId {
        self.0.rule
    }

    /// Its effect, in one sentence.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        self.0.summary
    }

    /// Finds a fault by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownFault> {
        Self::all().iter().copied().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }

    /// Whether it is that its rule isn't applied.
    #[must_use]
    pub fn is_of_omission(self) -> bool {
        self.ignores().is_some()
    }

    pub(super) fn ignores(self) -> Option<RuleId> {
        matches!(self.0.sabotage, Sabotage::Ignores).then(|| self.rule())
    }

    pub(super) fn leaks(self) -> Option<fn(&RegionState, &mut RegionState)> {
        if let Sabotage::Leak(leak) = self.0.sabotage { Some(leak) } else { None }
    }

    /// The error with which it refuses a call that the contract lets through.
    pub(super) fn refuses(self, before: &RegionState, transition: &Transition) -> Option<Reply> {
        let Sabotage::Refusal(refuses) = self.0.sabotage else { return None };
        refuses(before, transition).map(refusal)
    }

    pub(super) fn spoil_request(self, transition: &mut Transition) {
        if let Sabotage::Request(spoil) = self.0.sabotage {
            spoil(transition);
        }
    }

    pub(super) fn spoil_state(self, before: &RegionState, after: &mut RegionState, transition: &Transition) {
        if let Sabotage::State(spoil) = self.0.sabotage {
            spoil(before, after, transition);
        }
    }

    pub(super) fn spoil_reply(self, before: &RegionState, transition: &Transition, reply: &mut Reply) {
        if let Sabotage::Reply(spoil) = self.0.sabotage {
            spoil(before, transition, reply);
        }
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Fault {}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) fn is(transition: &Transition, operation: Operation) -> bool {
    transition.request.operation == operation
}

fn is_accept(transition: &Transition) -> bool {
    is(transition, Operation::AcceptAdministratorInvitation) || is(transition, Operation::AcceptInvitation)
}

pub(super) fn is_leave(transition: &Transition) -> bool {
    is(transition, Operation::DisassociateFromAdministratorAccount)
        || is(transition, Operation::DisassociateFromMasterAccount)
}

pub(super) fn is_get_administrator(transition: &Transition) -> bool {
    is(transition, Operation::GetAdministratorAccount) || is(transition, Operation::GetMasterAccount)
}

pub(super) fn on_success(
    transition: &Transition,
    operation: Operation,
    reply: &mut Reply,
    spoil: impl FnOnce(&mut Document),
) {
    if let Reply::Success(document) = reply
        && is(transition, operation)
    {
        spoil(document);
    }
}

fn on_error(
    transition: &Transition,
    operation: Operation,
    reply: &mut Reply,
    spoil: impl FnOnce(&mut ServiceError),
) {
    if let Reply::Error(error) = reply
        && is(transition, operation)
    {
        spoil(error);
    }
}

pub(super) fn each(reply: &mut Reply, list: &str, mut spoil: impl FnMut(&mut Document)) {
    let Reply::Success(document) = reply else { return };
    let entries = document.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
    entries.filter_map(Value::as_object_mut).for_each(&mut spoil);
}

fn refusal(kind: ErrorKind) -> Reply {
    let message = Some("The request is rejected.".to_owned());
    Reply::Error(ServiceError { status: kind.status(), kind, message })
}

/// Reports entries as unprocessed that were to be processed.
fn refuse_entries(
    before: &RegionState,
    transition: &Transition,
    reply: &mut Reply,
    operation: Operation,
    refuses: fn(&RegionState, Account, Account) -> bool,
) {
    on_success(transition, operation, reply, |document| {
        let Some(list) = document.get_mut("UnprocessedAccounts").and_then(Value::as_array_mut) else { return };
        let mut refused = transition.request.named_accounts();
        refused.retain(|member| refuses(before, transition.caller, *member));
        refused.sort_unstable();
        refused.dedup();
        for member in refused {
            list.push(json!({ "AccountId": member.to_string(), "ProcessingResult": "The request is rejected." }));
        }
    });
}

fn keep_deleted(
    before: &RegionState,
    after: &mut RegionState,
    transition: &Transition,
    statuses: &[MemberStatus],
) {
    if !is(transition, Operation::DeleteMembers) {
        return;
    }
    for (key, entry) in &before.members {
        let gone = after.members.get(key).is_some_and(|now| now.status.is_none());
        if gone && entry.status.is_some_and(|status| statuses.contains(&status)) {
            after.members.insert(*key, entry.clone());
        }
    }
}
