//! The changes of the relation between an administrator and a member: its list, its invitations, and what is in doubt
//! of them.

use std::collections::BTreeSet;

use super::effect::raise;
use super::questions;
use super::rules;
use super::state::{
    Administrator, Because, ImportedFinding, Invitation, InvitationState, Learned, Member, Mint, NamedSince,
    RegionState,
};
use crate::domain::{Account, MemberStatus, QuestionId};

impl RegionState {
    /// SH-DISABLE-008. What the other side of a relation is shown afterwards is open (N03, N04, N48).
    pub(super) fn disable(&mut self, account: Account, because: Because, mint: &mut impl Mint) {
        if let Some(hub) = self.hubs.get_mut(&account) {
            hub.on = false;
            hub.because = because;
        }
        // Only one that is no member can switch it off.
        if let Some(held) = self.administrators.get_mut(&account).filter(|held| held.doubt) {
            *held = Administrator { account: None, doubt: false, because };
        }
        self.forget_findings(account);
        let own: Vec<_> = self.members.keys().filter(|key| key.0 == account).copied().collect();
        for key in own {
            let Some(entry) = self.members.get_mut(&key) else { continue };
            if entry.status.is_some() {
                self.archive.insert(key, entry.clone());
            }
            *entry = Member::new(Because::of(rules::DISABLE_ENDS_ASSOCIATIONS));
        }
        let related: Vec<_> =
            self.invitations.keys().filter(|key| key.0 == account || key.1 == account).copied().collect();
        for key in related {
            let received = key.0 == account;
            let question =
                if received { questions::RECEIVED_AFTER_DISABLE } else { questions::SENT_AFTER_DISABLE };
            if !received && let Some(invitation) = self.invitations.get_mut(&key) {
                invitation.state = invitation.state.and(Some(InvitationState::Orphaned));
            }
            self.settle_invitation(key, question, because, mint);
        }
    }

    /// Takes an account off the lists of others, as it has switched its hub off.
    pub(super) fn unlist(&mut self, account: Account) {
        let entries = self.members.iter_mut().filter(|(key, entry)| key.1 == account && entry.status.is_some());
        for (_, entry) in entries {
            *entry = Member::new(Because::of(rules::DISABLE_ENDS_ASSOCIATIONS));
        }
    }

    pub(super) fn create(
        &mut self,
        administrator: Account,
        member: Account,
        email: Option<&String>,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let mut entry = Member::new(because);
        entry.status = Some(MemberStatus::Created);
        entry.email = Learned::Is(email.cloned());
        entry.updated_at = mint.now();
        self.members.insert((administrator, member), entry);
        let before = self.invitations.get_mut(&(member, administrator));
        let Some(invitation) = before.filter(|invitation| invitation.state.is_some()) else { return };
        // No source says what becomes of an invitation to the entry that was there before.
        invitation.state = Some(InvitationState::Orphaned);
        if mint.decides() {
            invitation.withdraw(because);
        } else {
            invitation.doubt = true;
            invitation.because = because;
        }
    }

    pub(super) fn invite(
        &mut self,
        administrator: Account,
        member: Account,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let fresh = mint.invitation_id();
        let now = mint.now();
        let entry = self.members.entry((administrator, member)).or_insert_with(|| Member::new(because));
        let again = entry.invited;
        let keep = again && mint.answer(questions::REINVITE) == Some("same-id");
        entry.status = Some(MemberStatus::Invited);
        entry.invited = true;
        entry.stamped = true;
        entry.named_since = NamedSince(false);
        entry.doubt = false;
        entry.because = because;
        if !keep {
            entry.invited_at = now.clone();
        }
        raise(&mut entry.updated_at, now);
        let before = self.invitations.get(&(member, administrator));
        let earlier_id = before.filter(|_| again).and_then(|before| before.id.seen().cloned());
        let id = before.filter(|_| keep).map_or(fresh, |before| before.id.clone());
        let state = Some(InvitationState::Open);
        let invitation = Invitation { state, withdrawn: None, id, earlier_id, doubt: false, because };
        self.invitations.insert((member, administrator), invitation);
    }

    pub(super) fn remove(
        &mut self,
        administrator: Account,
        member: Account,
        because: Because,
        mint: &mut impl Mint,
    ) {
        self.set_status(administrator, member, MemberStatus::Removed, because, mint);
        if self.administrator(member) == Some(administrator) {
            self.set_administrator(member, None, because);
        }
        if let Some(invitation) = self.invitations.get_mut(&(member, administrator)) {
            invitation.state = invitation.state.and(Some(InvitationState::Removed));
        }
        self.settle_invitation((member, administrator), questions::AFTER_REMOVAL, because, mint);
    }

    pub(super) fn delete(
        &mut self,
        administrator: Account,
        member: Account,
        because: Because,
        mint: &mut impl Mint,
    ) {
        self.members.insert((administrator, member), Member::new(because));
        if let Some(invitation) = self.invitations.get_mut(&(member, administrator)) {
            invitation.state = invitation.state.and(Some(InvitationState::Orphaned));
        }
        self.settle_invitation((member, administrator), questions::AFTER_DELETION, because, mint);
    }

    /// An invitation of which the evidence does not say whether it survives.
    pub(super) fn settle_invitation(
        &mut self,
        key: (Account, Account),
        question: QuestionId,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let Some(invitation) = self.invitations.get_mut(&key).filter(|invitation| invitation.state.is_some())
        else {
            return;
        };
        match mint.answer(question) {
            Some("dropped") => invitation.withdraw(because),
            Some(_) => {}
            None => {
                invitation.doubt = true;
                invitation.because = because;
            }
        }
    }

    pub(super) fn affirm(&mut self, administrator: Account, member: Account, because: Because) {
        // Nobody has put it on the list.
        let nothing = || Member::new(because.giving(rules::GET_UNKNOWN));
        let entry = self.members.entry((administrator, member)).or_insert_with(nothing);
        entry.because.affirm(because);
        entry.named_since = NamedSince(entry.stamped && entry.invited_at.seen().is_none());
        if let Some(invitation) = self.invitations.get_mut(&(member, administrator)) {
            invitation.because.affirm(because);
        }
        if let Some(held) = self.administrators.get_mut(&member) {
            held.because.affirm(because);
        }
    }

    pub(super) fn doubt_entry(&mut self, administrator: Account, member: Account, because: Because) {
        let entry = self.members.entry((administrator, member)).or_insert_with(|| Member::new(because));
        entry.doubt = true;
        entry.because = because;
    }

    pub(super) fn doubt_invitation(&mut self, administrator: Account, member: Account, because: Because) {
        self.doubt_entry(administrator, member, because);
        let invitation = Invitation { doubt: true, ..Invitation::new(because) };
        let invitation = self.invitations.entry((member, administrator)).or_insert(invitation);
        // What may be done with an invitation without an entry is open: that reading admits the most.
        let orphaned =
            [Some(InvitationState::Orphaned), Some(InvitationState::Removed)].contains(&invitation.state);
        invitation.state = orphaned.then_some(InvitationState::Orphaned);
        invitation.doubt = true;
        invitation.because = because;
    }

    /// A member of either kind: as one by invitation it may have one that it accepted.
    pub(super) fn doubt_acceptance(&mut self, administrator: Account, member: Account, because: Because) {
        let none = Invitation::new(because);
        let held = self.invitations.entry((member, administrator)).or_insert(none);
        held.state.get_or_insert(InvitationState::Accepted);
        held.doubt = true;
        held.because = because;
    }

    pub(super) fn doubt(&mut self, administrator: Account, member: Account, because: Because) {
        self.doubt_invitation(administrator, member, because);
        let held = Administrator { account: None, doubt: true, because };
        let held = self.administrators.entry(member).or_insert(held);
        held.doubt = true;
        held.because = because;
    }

    /// Doubts these pairs of accounts, for the reason that each entry has.
    pub(super) fn doubt_pairs(&mut self, pairs: impl IntoIterator<Item = (Account, Account)>) {
        for pair in pairs {
            let because = self.members.get(&pair).map_or(Because::of(rules::GET_UNKNOWN), |entry| entry.because);
            self.doubt(pair.0, pair.1, because);
        }
    }

    /// Doubts each pair of accounts whose relation is another in the other state, and the settings of each hub. Says
    /// whether that is all they differ in.
    pub(super) fn blur(&mut self, other: &Self) -> bool {
        let mut pairs: BTreeSet<(Account, Account)> = BTreeSet::new();
        let apart = |one: &Self, other: &Self, pairs: &mut BTreeSet<(Account, Account)>| {
            pairs.extend(
                one.members.iter().filter(|(key, held)| other.members.get(key) != Some(held)).map(|(key, _)| *key),
            );
            let invitations =
                one.invitations.iter().filter(|(key, held)| other.invitations.get(key) != Some(held));
            pairs.extend(invitations.map(|((invitee, inviter), _)| (*inviter, *invitee)));
        };
        apart(self, other, &mut pairs);
        apart(other, self, &mut pairs);
        self.doubt_pairs(pairs);
        let of_administrators =
            |account: &Account| self.administrators.get(account) != other.administrators.get(account);
        let all = self.administrators.keys().chain(other.administrators.keys());
        let members: BTreeSet<Account> = all.copied().filter(of_administrators).collect();
        for member in members {
            let none = Administrator { account: None, doubt: true, because: Because::of(rules::GET_UNKNOWN) };
            self.administrators.entry(member).or_insert(none).doubt = true;
        }
        for (account, hub) in &other.hubs {
            if self.hubs.get(account).is_some_and(|own| own.on == hub.on && own != hub) {
                self.doubt_hub(*account);
            }
        }
        for (management, held) in &other.designations {
            if let Some(own) = self.designations.get_mut(management).filter(|own| *own != held) {
                own.doubt = true;
            }
        }
        for (key, held) in &other.findings {
            match self.findings.get_mut(key) {
                Some(own) => own.doubt |= own != held,
                None => drop(self.findings.insert(key.clone(), ImportedFinding { doubt: true, ..held.clone() })),
            }
        }
        for (_, own) in self.findings.iter_mut().filter(|(key, _)| !other.findings.contains_key(*key)) {
            own.doubt = true;
        }
        let on = |state: &Self| -> Vec<Account> {
            state.hubs.iter().filter(|(_, hub)| hub.on).map(|(account, _)| *account).collect()
        };
        on(self) == on(other)
            && self.archive == other.archive
            && self.designations.keys().eq(other.designations.keys())
    }

    pub(super) fn doubt_hub(&mut self, account: Account) {
        if let Some(hub) = self.hubs.get_mut(&account) {
            hub.standards.enabled = Learned::Unseen;
            hub.subscribed_at = Learned::Unseen;
            hub.auto_enable_controls = Learned::Unseen;
            hub.generator = Learned::Unseen;
        }
    }

    pub(super) fn set_doubtful_invitation(
        &mut self,
        administrator: Account,
        member: Account,
        state: Option<InvitationState>,
    ) {
        if let Some(held) = self.invitations.get_mut(&(member, administrator)) {
            held.state = state;
        }
    }

    pub(super) fn set_status(
        &mut self,
        administrator: Account,
        member: Account,
        status: MemberStatus,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let entry = self.members.entry((administrator, member)).or_insert_with(|| Member::new(because));
        // An entry in doubt stays so: whether it was there at all, and what else it says, no change of status tells.
        entry.status = Some(status);
        entry.because = because;
        raise(&mut entry.updated_at, mint.now());
    }

    pub(super) fn set_invitation(
        &mut self,
        administrator: Account,
        member: Account,
        to: InvitationState,
        because: Because,
    ) {
        if let Some(invitation) = self.invitations.get_mut(&(member, administrator)) {
            invitation.state = Some(to);
            invitation.doubt = false;
            invitation.because = because;
        }
    }
}

impl Invitation {
    /// The memory of an invitation that is gone, or never was.
    pub(crate) const fn new(because: Because) -> Self {
        Self { state: None, withdrawn: None, id: Learned::Unseen, earlier_id: None, doubt: false, because }
    }

    /// It is no longer listed; where the administrator ended the relation, its id may be good all the same.
    pub(crate) fn withdraw(&mut self, because: Because) {
        let ended = [InvitationState::Removed, InvitationState::Orphaned];
        self.withdrawn = self.state.take().filter(|state| ended.contains(state));
        self.because = because;
    }
}
