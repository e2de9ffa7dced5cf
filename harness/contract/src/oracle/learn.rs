//! The lessons of a read: values the contract leaves open, and values adopted after a divergence.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Account, MemberStatus, Region, RuleId, Timestamp};
use crate::model::{Administrator, Because, Invitation, InvitationState, Learned, Member, State};

/// One thing a read has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Learn {
    /// The hub's settings.
    Hub { account: Account, subscribed_at: Timestamp, auto_enable_controls: bool, generator: Option<String> },
    /// The standards of a hub, by the ends of their ARNs.
    Standards { account: Account, enabled: BTreeSet<String> },
    /// An entry of a list, as shown.
    Entry { administrator: Account, member: Account, seen: SeenEntry },
    /// An entry is not on the list.
    NoEntry { administrator: Account, member: Account },
    /// An invitation, as shown.
    Invitation { invitee: Account, inviter: Account, id: Option<Arc<str>>, status: Option<InvitationState> },
    /// An invitation is not listed.
    NoInvitation { invitee: Account, inviter: Account },
    /// A pair that is gone is shown to be gone, in the list and among the invitations.
    Seen { administrator: Account, member: Account },
    /// A member is shown the administrator expected, or none.
    SeenMember(Account),
    /// The administrator that a member is shown, if any.
    Administrator { member: Account, account: Option<Account> },
}

/// The members of an entry that could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenEntry {
    pub(super) status: Option<MemberStatus>,
    pub(super) email: Option<Option<String>>,
    pub(super) invited_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
}

impl Learn {
    /// Writes it into the state; where that changes a record, the record rests on `rule` from now on.
    pub(super) fn apply(&self, state: &mut State, region: Region, rule: RuleId) {
        let region = state.region_mut(region);
        let because = Because::of(rule);
        match self {
            Self::Hub { account, subscribed_at, auto_enable_controls, generator } => {
                let Some(hub) = region.hubs.get_mut(account) else { return };
                hub.because.1 = true;
                hub.subscribed_at = Learned::Is(*subscribed_at);
                hub.auto_enable_controls = Learned::Is(*auto_enable_controls);
                hub.generator = generator.clone().map_or_else(|| hub.generator.clone(), Learned::Is);
            }
            Self::Standards { account, enabled } => {
                let Some(hub) = region.hubs.get_mut(account) else { return };
                hub.standards.enabled = Learned::Is(enabled.clone());
                hub.standards.because.1 = true;
            }
            Self::Entry { administrator, member, seen } => {
                let entry =
                    region.members.entry((*administrator, *member)).or_insert_with(|| Member::new(because));
                seen.write(entry, because);
            }
            Self::NoEntry { administrator, member } => {
                region.members.insert((*administrator, *member), Member::new(because));
            }
            Self::Invitation { invitee, inviter, id, status } => {
                let free =
                    region.administrators.get(invitee).is_none_or(|held| !held.doubt && held.account.is_none());
                let nothing = Invitation { doubt: true, ..Invitation::new(because) };
                let held = region.invitations.entry((*invitee, *inviter)).or_insert(nothing);
                if let Some(id) = id {
                    held.id = Learned::Is(id.clone());
                }
                if held.doubt || held.state.is_none() {
                    held.state = Some(told(held.state, *status, free));
                    held.doubt = false;
                    held.because = because;
                }
                held.because.1 = true;
            }
            Self::NoInvitation { invitee, inviter } => {
                let enabled = region.administrator(*invitee) == Some(*inviter);
                // A member that may have come without an invitation may have none.
                let entry = region.members.get(&(*inviter, *invitee));
                let may_have_none = enabled && entry.is_some_and(|entry| entry.either_kind);
                if let Some(held) = region.invitations.get_mut(&(*invitee, *inviter)) {
                    held.withdraw(because);
                    held.state = enabled.then_some(InvitationState::Accepted);
                    held.doubt &= may_have_none;
                }
            }
            Self::Seen { administrator, member } => {
                if let Some(entry) = region.members.get_mut(&(*administrator, *member)) {
                    entry.because.1 = true;
                }
                if let Some(held) = region.invitations.get_mut(&(*member, *administrator)) {
                    held.because.1 = true;
                }
            }
            Self::SeenMember(member) => {
                if let Some(held) = region.administrators.get_mut(member) {
                    held.because.1 = true;
                }
            }
            Self::Administrator { member, account } => {
                region.associate(*member, Administrator { account: *account, doubt: false, because });
            }
        }
    }
}

/// The state of a doubtful invitation, from the one before and the word it is shown with. One word may stand for
/// several states: where it fits the one before, that one it is. An invitee who is `free` is no member.
fn told(before: Option<InvitationState>, shown: Option<InvitationState>, free: bool) -> InvitationState {
    use InvitationState::{Accepted, Declined, Left, Open, Orphaned, Removed};
    match (shown, before) {
        (Some(Accepted), Some(before @ (Left | Orphaned))) if free => before,
        (Some(Accepted), _) => Accepted,
        // Of what is left of an invitation no source tells the word.
        (Some(Declined), Some(before @ (Left | Orphaned))) => before,
        (Some(Declined), _) => Declined,
        (Some(Removed), Some(Orphaned)) => Orphaned,
        (Some(Removed), _) => Removed,
        (_, Some(before)) => before,
        _ => Open,
    }
}

impl SeenEntry {
    fn write(&self, entry: &mut Member, because: Because) {
        if entry.status != self.status || entry.doubt {
            entry.because = because;
        }
        if entry.doubt {
            // A new entry may show an instant without any invitation (Q34).
            entry.invited = self.invited_at.is_some() && self.status != Some(MemberStatus::Created);
            entry.stamped =
                entry.invited && matches!(self.status, Some(MemberStatus::Invited | MemberStatus::Resigned));
            entry.invited_at = Learned::Unseen;
        }
        entry.because.1 = true;
        entry.doubt = false;
        if self.status.is_some() {
            entry.status = self.status;
        }
        if let Some(email) = &self.email {
            entry.email = Learned::Is(email.clone());
            entry.email_open = false;
        }
        if let Some(at) = self.invited_at {
            entry.invited_at = Learned::Is(at);
        }
        if let Some(at) = self.updated_at {
            let later = entry.updated_at.seen().is_none_or(|before| at > *before);
            if later {
                entry.updated_at = Learned::Is(at);
            }
        }
    }
}
