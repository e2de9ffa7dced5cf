//! What a target does otherwise than the model says, so that the walk can reckon with it.

use std::collections::BTreeMap;

use super::search::Situation;
use super::situation::Seen;
use crate::domain::{Account, MemberStatus, Operation, RuleId, Transition};
use crate::model::{Administrator, Answers, Because, InvitationState, Member, RegionState, State};

/// What a target is known to do: the walk reckons with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// How it answers open questions.
    pub answers: Answers,
    /// What it does otherwise than the model says.
    pub amendments: Amendments,
}

/// What calls do on a target instead of what the model says, by operation and what the model says of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amendments(BTreeMap<Key, Vec<Change>>);

/// Calls that are amended alike: the operation, what the model says of it, and whose hubs are on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    operation: Operation,
    seen: Seen,
    hubs: Vec<bool>,
}

/// Who takes part in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Caller,
    /// The only other account that is named; where none is, the caller's administrator.
    Other,
}

/// A record that is otherwise than the model says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Change {
    Hub(Role, bool),
    Administrator(Role, Option<Role>),
    /// An entry on the first one's list; whether it is one by its organization.
    Entry(Role, Role, Option<MemberStatus>, bool),
    /// An invitation by the first one.
    Invitation(Role, Role, Option<InvitationState>),
}

/// The accounts that take part in a call.
struct Parties {
    caller: Account,
    other: Option<Account>,
}

impl Amendments {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes note of what a call did in a state, where the model would have led to another than was seen.
    pub(super) fn learn(
        &mut self,
        key: Key,
        transition: &Transition,
        before: &State,
        planned: &State,
        seen: &State,
    ) {
        let Some(parties) = Parties::of(transition, before) else { return };
        let region = transition.region;
        let changes = parties.changes(planned.region(region), seen.region(region));
        if !changes.is_empty() {
            self.0.entry(key).or_insert(changes);
        }
    }

    /// Whether calls in this situation do something else on the target than the model says.
    pub(super) fn has(&self, situation: &Situation) -> bool {
        !self.0.is_empty() && self.0.contains_key(&Key::of(situation))
    }

    /// Makes the state after a call what it is on the target.
    pub(super) fn apply(&self, situation: &Situation, transition: &Transition, before: &State, after: &mut State) {
        if self.0.is_empty() {
            return;
        }
        if let Some(changes) = self.0.get(&Key::of(situation))
            && let Some(parties) = Parties::of(transition, before)
        {
            let because = Because::of(situation.seen.rules.first().copied().unwrap_or(RuleId("-")));
            let region = after.region_mut(transition.region);
            changes.iter().for_each(|change| parties.change(change, region, because));
        }
    }
}

impl Key {
    pub(super) fn of(situation: &Situation) -> Self {
        let circumstance = &situation.circumstance;
        Self { operation: circumstance.operation, seen: situation.seen.clone(), hubs: circumstance.hubs() }
    }
}

impl Parties {
    /// `None` where more accounts take part.
    fn of(transition: &Transition, before: &State) -> Option<Self> {
        let caller = transition.caller;
        let named = transition.request.named_accounts();
        let other = match named[..] {
            [] => before.region(transition.region).administrator(caller),
            [other] => (other != caller).then_some(other),
            _ => return None,
        };
        Some(Self { caller, other })
    }

    fn account(&self, role: Role) -> Option<Account> {
        match role {
            Role::Caller => Some(self.caller),
            Role::Other => self.other,
        }
    }

    fn role(&self, account: Account) -> Option<Role> {
        [Role::Caller, Role::Other].into_iter().find(|role| self.account(*role) == Some(account))
    }

    /// What was seen otherwise than planned, and not doubted.
    fn changes(&self, planned: &RegionState, seen: &RegionState) -> Vec<Change> {
        let mut changes = Vec::new();
        let roles = [Role::Caller, Role::Other];
        for role in roles {
            let Some(account) = self.account(role) else { continue };
            if planned.is_on(account) != seen.is_on(account) {
                changes.push(Change::Hub(role, seen.is_on(account)));
            }
            let doubt = seen.administrators.get(&account).is_some_and(|held| held.doubt);
            let administrator = seen.administrator(account);
            if planned.administrator(account) != administrator && !doubt {
                match administrator.map(|account| self.role(account)) {
                    None => changes.push(Change::Administrator(role, None)),
                    Some(Some(by)) => changes.push(Change::Administrator(role, Some(by))),
                    Some(None) => {}
                }
            }
        }
        for (from, to) in [(Role::Caller, Role::Other), (Role::Other, Role::Caller)] {
            let (Some(above), Some(below)) = (self.account(from), self.account(to)) else { continue };
            let status = |region: &RegionState| region.members.get(&(above, below)).and_then(|entry| entry.status);
            let entry = seen.members.get(&(above, below));
            if status(planned) != status(seen) && entry.is_some_and(|entry| !entry.doubt) {
                let organization = entry.is_some_and(|entry| entry.organization);
                changes.push(Change::Entry(from, to, status(seen), organization));
            }
            let state = |region: &RegionState| region.invitations.get(&(below, above)).and_then(|held| held.state);
            let held = seen.invitations.get(&(below, above));
            if state(planned) != state(seen) && held.is_some_and(|held| !held.doubt) {
                changes.push(Change::Invitation(from, to, state(seen)));
            }
        }
        changes
    }

    fn change(&self, change: &Change, region: &mut RegionState, because: Because) {
        match *change {
            Change::Hub(role, on) => {
                if let Some(account) = self.account(role).filter(|account| region.is_on(*account) != on) {
                    region.switch_hub(account);
                }
            }
            Change::Administrator(role, by) => {
                if let Some(account) = self.account(role) {
                    let held = by.and_then(|by| self.account(by));
                    region.administrators.insert(account, Administrator { account: held, doubt: false, because });
                }
            }
            Change::Entry(from, to, status, organization) => {
                if let (Some(above), Some(below)) = (self.account(from), self.account(to)) {
                    let entry = region.members.entry((above, below)).or_insert_with(|| Member::new(because));
                    (entry.status, entry.organization, entry.because) = (status, organization, because);
                }
            }
            Change::Invitation(from, to, state) => {
                if let (Some(above), Some(below)) = (self.account(from), self.account(to))
                    && let Some(held) = region.invitations.get_mut(&(below, above))
                {
                    (held.state, held.because) = (state, because);
                }
            }
        }
    }
}
