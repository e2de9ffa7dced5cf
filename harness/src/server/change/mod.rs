//! Deviations from the contract that are put together from parts of the model: a rule, a part of the state, a member of
//! an answer. A [`Fault`](super::Fault) is one that somebody has written down; these are all that could be.

mod suspects;
mod writing;

use std::collections::BTreeMap;

use super::Reply;
use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, ErrorKind, Input, MemberStatus, Operation, Region, RuleId, ServiceError,
    Transition,
};
use passmuster_contract::model::{Branch, Expect, RegionState, State};

pub use suspects::{GuardKind, Seen, Suspect};
pub(super) use suspects::{Moment, Suspects};
pub use writing::{ValueSource, Writing};

/// One deviation of one operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// A rule that refuses calls isn't applied.
    Ignores(Operation, RuleId),
    /// What rests on a rule, or everything that the contract lets through, is refused with this error.
    Refuses(Operation, Option<RuleId>, u16, ErrorKind),
    /// A part of the state is as it was before.
    Keeps(Operation, StatePart),
    /// An entry on a list comes to another status than it should.
    Gives(Operation, MemberStatus, MemberStatus),
    /// A member of the answer, by its pointer without indices, is written otherwise.
    Writes(Operation, String, Writing),
    /// Entries of a status are listed that should not be, or are not though they should.
    Lists(Operation, MemberStatus, bool),
    /// The call is answered as if there were no such thing.
    Overlooks(Operation, Sight),
    /// Entries of this status that the call names are gone.
    Drops(Operation, MemberStatus),
    /// Accounts that are so are listed as unprocessed, and nothing is done with them.
    Rejects(Operation, Trait),
    /// Any account of an organization is shown the delegated administrator as its own.
    ShowsDelegate(Operation),
}

/// A part of the state of one Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatePart {
    /// Whether hubs are on, and their settings.
    Hubs,
    /// Which standards hubs have enabled.
    Standards,
    /// The lists of members.
    Members,
    /// The invitations received.
    Invitations,
    /// Which administrator a member has.
    Administrators,
    /// The delegated administrators, and the settings of organizations.
    Designations,
    /// The findings.
    Findings,
    /// All of these.
    All,
}

/// What a call looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// Organizations, and who administers them.
    Organizations,
    /// The lists of members.
    Members,
    /// The invitations received.
    Invitations,
    /// Which administrator a member has.
    Administrators,
    /// In which Region something is.
    Regions,
}

impl Sight {
    /// All there is to look at.
    pub const ALL: [Self; 5] =
        [Self::Organizations, Self::Members, Self::Invitations, Self::Administrators, Self::Regions];

    /// The state as if there were no such thing, or no such difference.
    fn without(self, state: &State, here: Region) -> State {
        let mut state = state.clone();
        if self == Self::Regions {
            let others: Vec<_> = state.regions().filter(|region| *region != here).collect();
            for other in others {
                let there = state.region(other).clone();
                join(state.region_mut(here), there);
            }
            return state;
        }
        if self == Self::Organizations {
            state.organizations.clear();
        }
        let regions: Vec<_> = state.regions().collect();
        for region in regions {
            let region = state.region_mut(region);
            match self {
                Self::Organizations => region.designations.clear(),
                Self::Members => region.members.clear(),
                Self::Invitations => region.invitations.clear(),
                Self::Administrators => region.administrators.clear(),
                Self::Regions => {}
            }
        }
        state
    }
}

/// Adds what is in another Region.
fn join(here: &mut RegionState, there: RegionState) {
    for (account, hub) in there.hubs {
        here.hubs.entry(account).or_insert(hub);
    }
    for (key, entry) in there.members {
        here.members.entry(key).or_insert(entry);
    }
    for (key, held) in there.invitations {
        here.invitations.entry(key).or_insert(held);
    }
    for (member, held) in there.administrators {
        here.administrators.entry(member).or_insert(held);
    }
    for (key, finding) in there.findings {
        here.findings.entry(key).or_insert(finding);
    }
}

/// Leaves an account as it was, and what it has to do with the caller.
fn leave(before: &RegionState, after: &mut RegionState, caller: Account, member: Account) {
    fn restore<K: Ord, V: Clone>(before: &BTreeMap<K, V>, after: &mut BTreeMap<K, V>, key: K) {
        match before.get(&key) {
            Some(old) => after.insert(key, old.clone()),
            None => after.remove(&key),
        };
    }
    restore(&before.members, &mut after.members, (caller, member));
    restore(&before.invitations, &mut after.invitations, (member, caller));
    restore(&before.administrators, &mut after.administrators, member);
    restore(&before.hubs, &mut after.hubs, member);
}

/// A property of an account that a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// It has an email address.
    Email,
    /// It has none.
    NoEmail,
    /// Its hub is on.
    Hub,
    /// Its hub is off.
    NoHub,
}

impl Trait {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Email, Self::NoEmail, Self::Hub, Self::NoHub];

    /// The accounts that a call names and that are so.
    fn among(self, before: &RegionState, transition: &Transition) -> Vec<Account> {
        let mut named = transition.request.named_accounts();
        named.sort_unstable();
        named.dedup();
        let given = |account: Account| match &transition.request.input {
            Input::Create(Some(details)) => {
                let own = |detail: &&AccountDetail| detail.account == Some(AccountRef::Account(account));
                details.iter().filter(own).any(|detail| detail.email.is_some())
            }
            _ => {
                let entry = before.members.get(&(transition.caller, account));
                entry.is_some_and(|entry| entry.email.seen().is_some_and(Option::is_some))
            }
        };
        named.retain(|account| match self {
            Self::Email => given(*account),
            Self::NoEmail => !given(*account),
            Self::Hub => before.is_on(*account),
            Self::NoHub => !before.is_on(*account),
        });
        named
    }
}

impl StatePart {
    /// Every part.
    pub const ALL: [Self; 8] = [
        Self::Hubs,
        Self::Standards,
        Self::Members,
        Self::Invitations,
        Self::Administrators,
        Self::Designations,
        Self::Findings,
        Self::All,
    ];

    /// Makes the part what it was.
    fn restore(self, before: &RegionState, after: &mut RegionState) {
        match self {
            Self::Hubs => {
                let now = std::mem::take(&mut after.hubs);
                after.hubs.clone_from(&before.hubs);
                for (account, hub) in now {
                    // A hub that stays on keeps the standards that it has now.
                    if let Some(kept) = after.hubs.get_mut(&account).filter(|kept| kept.on && hub.on) {
                        kept.standards = hub.standards;
                    }
                }
            }
            Self::Standards => {
                for (account, hub) in &mut after.hubs {
                    if let Some(old) = before.hubs.get(account).filter(|old| old.on) {
                        hub.standards.clone_from(&old.standards);
                    }
                }
            }
            Self::Members => {
                after.members.clone_from(&before.members);
                after.archive.clone_from(&before.archive);
            }
            Self::Invitations => after.invitations.clone_from(&before.invitations),
            Self::Administrators => after.administrators.clone_from(&before.administrators),
            Self::Designations => after.designations.clone_from(&before.designations),
            Self::Findings => after.findings.clone_from(&before.findings),
            Self::All => *after = before.clone(),
        }
    }
}

impl Change {
    /// The operation that deviates.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Ignores(operation, _)
            | Self::Refuses(operation, ..)
            | Self::Keeps(operation, _)
            | Self::Gives(operation, ..)
            | Self::Writes(operation, ..)
            | Self::Lists(operation, ..)
            | Self::Overlooks(operation, _)
            | Self::Drops(operation, _)
            | Self::Rejects(operation, _)
            | Self::ShowsDelegate(operation) => *operation,
        }
    }

    /// The rule that it does without in calls of the operation.
    pub(super) fn ignores(&self, operation: Operation) -> Option<RuleId> {
        match self {
            Self::Ignores(own, rule) if *own == operation => Some(*rule),
            _ => None,
        }
    }

    /// The state as calls of the operation see it, where that is another.
    pub(super) fn overlooks(&self, operation: Operation, region: Region, state: &State) -> Option<State> {
        let Self::Overlooks(own, sight) = self else { return None };
        (*own == operation).then(|| sight.without(state, region))
    }

    /// The error in the place of what the branch says.
    pub(super) fn refuses(&self, operation: Operation, branch: &Branch) -> Option<Reply> {
        let Self::Refuses(own, rule, status, kind) = self else { return None };
        let meant = match rule {
            Some(rule) => branch.rules.contains(rule),
            None => !matches!(branch.expect, Expect::Refused(_)),
        };
        let message = Some("The request is rejected.".to_owned());
        (*own == operation && meant)
            .then(|| Reply::Error(ServiceError { status: *status, kind: kind.clone(), message }))
    }

    /// Makes the state afterwards what it should not be.
    pub(super) fn spoil_state(&self, before: &RegionState, after: &mut RegionState, transition: &Transition) {
        if self.operation() != transition.request.operation {
            return;
        }
        match self {
            Self::Keeps(_, part) => part.restore(before, after),
            Self::Drops(_, status) => {
                for member in transition.request.named_accounts() {
                    let key = (transition.caller, member);
                    if before.status(key.0, key.1) == Some(*status)
                        && let Some(entry) = after.members.get_mut(&key)
                    {
                        entry.status = None;
                    }
                }
            }
            Self::Rejects(_, which) => {
                for member in which.among(before, transition) {
                    leave(before, after, transition.caller, member);
                }
            }
            Self::Gives(_, due, given) => {
                for (key, entry) in &mut after.members {
                    let old = before.members.get(key).and_then(|old| old.status);
                    if entry.status == Some(*due) && old != Some(*due) {
                        entry.status = Some(*given);
                    }
                }
            }
            Self::Ignores(..)
            | Self::Refuses(..)
            | Self::Writes(..)
            | Self::Lists(..)
            | Self::Overlooks(..)
            | Self::ShowsDelegate(_) => {}
        }
    }

    /// Makes the answer what it should not be; `whole` is the state before.
    pub(super) fn spoil_reply(
        &self,
        whole: &State,
        before: &RegionState,
        transition: &Transition,
        reply: &mut Reply,
    ) {
        let operation = transition.request.operation;
        let Reply::Success(document) = reply else { return };
        if self.operation() != operation {
            return;
        }
        match self {
            Self::Writes(_, pointer, writing) => {
                writing.write(document, pointer, whole, before, transition.caller);
            }
            Self::Rejects(_, which) => writing::reject(document, &which.among(before, transition)),
            Self::Lists(_, status, shown) => writing::list(document, before, transition, *status, *shown),
            Self::ShowsDelegate(_) => writing::show_delegate(document, whole, before, transition),
            Self::Ignores(..)
            | Self::Refuses(..)
            | Self::Keeps(..)
            | Self::Gives(..)
            | Self::Drops(..)
            | Self::Overlooks(..) => {}
        }
    }
}
