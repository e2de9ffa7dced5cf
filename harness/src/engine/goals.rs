//! Interesting states that a run must have visited before it calls itself clean: one row of a table for each.
//!
//! A goal only asks for what every admissible implementation shows: no answer to an open question is a goal.

use passmuster_contract::domain::{
    Account, ErrorKind, Input, MemberStatus, Operation, Outcome, Region, Transition,
};
use passmuster_contract::model::{InvitationState, Member, RegionState, State, rules};
use passmuster_contract::oracle::Belief;

/// Something a run should have come across.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// Its id, in reports.
    pub id: &'static str,
    /// The goal, as a noun phrase.
    pub title: &'static str,
    /// The operations without which it can't be reached.
    pub operations: &'static [Operation],
    /// Its further conditions.
    pub needs: Needs,
    visited: fn(&Visit<'_>) -> bool,
}

/// A condition of a goal beside operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// One account will do.
    OneCaller,
    /// Several accounts have to call.
    Callers,
    /// A second Region.
    Regions,
    /// An organization that the scripted path to the goal can be gone in.
    Organization,
}

/// A call that was answered as the contract admits, and what was believed before it.
pub(super) struct Visit<'a> {
    pub(super) before: &'a RegionState,
    pub(super) whole: &'a State,
    pub(super) transition: &'a Transition,
    pub(super) outcome: &'a Outcome,
    pub(super) pages: usize,
    /// Who called what where so far, this call included.
    pub(super) so_far: &'a [(Account, Region, Operation)],
}

use Operation as O;

/// The goals, in the order of reports.
pub const GOALS: &[Goal] = &[
    goal("conflict", "a ResourceConflictException", &[O::EnableSecurityHub], Needs::OneCaller, |m| {
        m.refused(&ErrorKind::ResourceConflict)
    }),
    goal("hub-off", "an InvalidAccessException", &[O::DescribeHub], Needs::OneCaller, |m| {
        m.refused(&ErrorKind::InvalidAccess)
    }),
    goal(
        "no-administrator",
        "a BadRequestException",
        &[O::DisassociateFromAdministratorAccount],
        Needs::OneCaller,
        |m| m.refused(&ErrorKind::BadRequest),
    ),
    goal("full-batch", "a batch of 50 new members", &[O::CreateMembers], Needs::OneCaller, |m| {
        m.done(O::CreateMembers) && m.named().len() == 50
    }),
    goal(
        "second-page",
        "a list of more than one page",
        &[O::CreateMembers, O::ListMembers],
        Needs::OneCaller,
        |m| m.pages > 1,
    ),
    goal(
        "created-anew",
        "a member created again after its deletion",
        &[O::CreateMembers, O::DeleteMembers],
        Needs::OneCaller,
        |m| {
            let deleted = |member: &Account| {
                let entry = m.before.members.get(&(m.transition.caller, *member));
                entry.is_some_and(|entry| entry.status.is_none() && rules::is_deletion(entry.because.0))
            };
            m.done(O::CreateMembers) && m.named().iter().any(deleted)
        },
    ),
    goal(
        "disabled-with-list",
        "a hub disabled with members on its list",
        &[O::DisableSecurityHub, O::CreateMembers],
        Needs::OneCaller,
        |m| {
            m.done(O::DisableSecurityHub)
                && m.before.list(m.transition.caller).any(|(_, entry)| entry.status.is_some())
        },
    ),
    goal("accepted", "an invitation accepted", &ACCEPTING, Needs::Callers, |m| {
        m.accepts(|state| state == InvitationState::Open)
    }),
    goal("accepted-anew", "a resigned member accepted again", &ACCEPTING, Needs::Callers, |m| {
        let from = m.inviter();
        m.accepts(|_| true)
            && from.is_some_and(|from| m.status(from, m.transition.caller) == Some(MemberStatus::Resigned))
    }),
    goal("invited-anew", "a removed member invited again", &ACCEPTING, Needs::Callers, |m| {
        let removed = |member: &Account| m.status(m.transition.caller, *member) == Some(MemberStatus::Removed);
        m.done(O::InviteMembers) && m.named().iter().any(removed)
    }),
    goal("moved", "a member moved from one administrator to another", &ACCEPTING, Needs::Callers, |m| {
        let own = m.transition.caller;
        let from = m.inviter();
        let left = |administrator: &Account| {
            Some(*administrator) != from
                && matches!(m.status(*administrator, own), Some(MemberStatus::Resigned | MemberStatus::Removed))
        };
        m.accepts(|_| true)
            && m.before.members.keys().any(|(administrator, member)| *member == own && left(administrator))
    }),
    goal(
        "three-administrators",
        "three administrators in one scenario",
        &[O::CreateMembers],
        Needs::Callers,
        |m| {
            let creating = m.so_far.iter().filter(|(_, _, operation)| *operation == O::CreateMembers);
            distinct(creating.map(|(caller, _, _)| caller.0)) >= 3
        },
    ),
    goal("two-regions", "two Regions in one scenario", &[], Needs::Regions, |m| {
        distinct(m.so_far.iter().map(|(_, region, _)| u64::from(region.0))) >= 2
    }),
    goal(
        "added-anew",
        "an account of an organization added again after its disassociation",
        &ENROLLING,
        Needs::Organization,
        |m| {
            let released = |member: &Account| {
                let entry = m.entry(*member);
                entry.is_some_and(|entry| {
                    entry.status != Some(MemberStatus::Enabled)
                        && entry.because.0 == rules::DISASSOCIATE_ORGANIZATION_MEMBER
                })
            };
            m.done(O::CreateMembers) && m.named().iter().any(released)
        },
    ),
    goal(
        "joined",
        "an account that joined its organization while AutoEnable was on",
        &[O::EnableOrganizationAdminAccount, O::UpdateOrganizationConfiguration, O::ListMembers],
        Needs::Organization,
        |m| {
            let mut listed = m.before.list(m.transition.caller);
            m.done(O::ListMembers) && listed.any(|(_, entry)| entry.because.0 == rules::JOIN_AUTO_ENABLED)
        },
    ),
    goal("kept", "a member by its organization that tried to leave", &ENROLLING, Needs::Organization, |m| {
        let leaves = matches!(
            m.transition.request.operation,
            O::DisassociateFromAdministratorAccount | O::DisassociateFromMasterAccount
        );
        leaves && m.is_error() && m.before.is_organization_member(m.transition.caller)
    }),
    goal(
        "designated-twice",
        "an administrator designated in a second Region, or refused there",
        &[O::EnableOrganizationAdminAccount],
        Needs::Organization,
        |m| {
            m.transition.request.operation == O::EnableOrganizationAdminAccount
                && m.whole.regions().filter(|region| *region != m.transition.region).any(|region| {
                    let designation = m.whole.region(region).designations.get(&m.transition.caller);
                    designation.is_some_and(|held| held.administrator.is_some())
                })
        },
    ),
    goal(
        "finding-seen",
        "a finding of a member that its administrator may see",
        &[O::BatchImportFindings, O::GetFindings],
        Needs::Callers,
        |m| m.asks_for_findings(|owner| m.before.administrator(owner) == Some(m.transition.caller)),
    ),
    goal(
        "finding-hidden",
        "a finding of a former member that its administrator could see before",
        &[O::BatchImportFindings, O::GetFindings, O::DisassociateMembers],
        Needs::Callers,
        |m| {
            let removed = [rules::DISASSOCIATE_ENABLED, rules::DISASSOCIATE_ORGANIZATION_MEMBER];
            m.asks_for_findings(|owner| {
                m.before.administrator(owner) != Some(m.transition.caller)
                    && m.entry(owner).is_some_and(|entry| removed.contains(&entry.because.0))
            })
        },
    ),
    goal(
        "central",
        "an organization's switch to central configuration",
        &[O::EnableOrganizationAdminAccount, O::UpdateOrganizationConfiguration],
        Needs::Organization,
        |m| {
            let central = Some("CENTRAL".to_owned());
            let asked = matches!(&m.transition.request.input,
                Input::Organize { configuration, .. } if *configuration == central);
            asked && m.before.designated_by(m.transition.caller).is_some()
        },
    ),
];

const ENROLLING: [Operation; 3] =
    [O::EnableOrganizationAdminAccount, O::CreateMembers, O::DisassociateFromAdministratorAccount];

const ACCEPTING: [Operation; 5] = [
    O::EnableSecurityHub,
    O::CreateMembers,
    O::InviteMembers,
    O::ListInvitations,
    O::AcceptAdministratorInvitation,
];

const fn goal(
    id: &'static str,
    title: &'static str,
    operations: &'static [Operation],
    needs: Needs,
    visited: fn(&Visit<'_>) -> bool,
) -> Goal {
    Goal { id, title, operations, needs, visited }
}

fn distinct(numbers: impl Iterator<Item = u64>) -> usize {
    numbers.collect::<std::collections::BTreeSet<_>>().len()
}

/// The goals that a call reaches, beside those known to be reached.
pub(super) fn reached(moment: &Visit<'_>, known: impl Fn(&str) -> bool) -> Vec<&'static str> {
    GOALS.iter().filter(|goal| !known(goal.id) && (goal.visited)(moment)).map(|goal| goal.id).collect()
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        belief: &'a Belief,
        transition: &'a Transition,
        outcome: &'a Outcome,
        pages: usize,
        so_far: &'a [(Account, Region, Operation)],
    ) -> Self {
        let whole = belief.state();
        Self { before: whole.region(transition.region), whole, transition, outcome, pages, so_far }
    }

    fn done(&self, operation: Operation) -> bool {
        self.transition.request.operation == operation && matches!(self.outcome, Outcome::Success(_))
    }

    fn is_error(&self) -> bool {
        matches!(self.outcome, Outcome::Error(_))
    }

    /// The state of a member on the caller's list, or the one that it remembers.
    fn entry(&self, member: Account) -> Option<&Member> {
        self.before.members.get(&(self.transition.caller, member))
    }

    /// Whether findings are asked for while an account of this kind has some.
    fn asks_for_findings(&self, of: impl Fn(Account) -> bool) -> bool {
        self.done(O::GetFindings) && self.before.findings.keys().any(|(owner, _)| of(*owner))
    }

    fn refused(&self, kind: &ErrorKind) -> bool {
        matches!(self.outcome, Outcome::Error(error) if error.kind == *kind)
    }

    fn named(&self) -> Vec<Account> {
        let mut named = self.transition.request.named_accounts();
        named.sort_unstable();
        named.dedup();
        named
    }

    fn status(&self, administrator: Account, member: Account) -> Option<MemberStatus> {
        self.before.status(administrator, member)
    }

    fn inviter(&self) -> Option<Account> {
        match &self.transition.request.input {
            Input::Accept { administrator, .. } => administrator.as_ref()?.account(),
            _ => None,
        }
    }

    /// An invitation in such a state is accepted by an account that is no member.
    fn accepts(&self, state: fn(InvitationState) -> bool) -> bool {
        let invitee = self.transition.caller;
        let (true, Some(inviter)) = (matches!(self.outcome, Outcome::Success(_)), self.inviter()) else {
            return false;
        };
        let held = self.before.invitations.get(&(invitee, inviter)).and_then(|held| held.state);
        self.before.administrator(invitee).is_none() && held.is_some_and(state)
    }
}
