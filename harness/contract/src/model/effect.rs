//! The effects of a call on the state. They are data: an expectation carries them, and the branch that was observed
//! is applied.

use super::state::{
    Administrator, Because, Hub, Invitation, InvitationState, Learned, Member, Mint, RegionState, Standards, State,
};
use super::{questions, rules};
use crate::domain::{Account, MemberStatus, QuestionId, Region, RuleId};

/// One change, resting on a rule. The administrator always comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The hub is switched on; lists it had may come back (Q27).
    EnableHub {
        /// The owner of the hub.
        account: Account,
        /// `ControlFindingGenerator`, where the request gave one.
        generator: Option<String>,
        /// `EnableDefaultStandards`
        standards: bool,
        /// Whether the lists of before are restored.
        restore: bool,
    },
    /// The hub is switched off, and with it go the account's associations.
    DisableHub(Account),
    /// Settings of the hub change; `None` leaves one alone.
    Configure {
        /// The owner of the hub.
        account: Account,
        /// `AutoEnableControls`
        auto_enable_controls: Option<bool>,
        /// `ControlFindingGenerator`
        generator: Option<String>,
    },
    /// An entry is put on the list, as new.
    Create(Account, Account, Option<String>),
    /// An invitation is sent.
    Invite(Account, Account),
    /// An invitation is accepted: the account becomes an enabled member.
    Accept(Account, Account),
    /// An invitation is declined.
    Decline(Account, Account),
    /// The member leaves, or is made to by an answer to an invitation.
    Leave(Account, Account),
    /// The administrator disassociates the member.
    Remove(Account, Account),
    /// The entry is taken off the list.
    Delete(Account, Account),
    /// The invitation disappears from the invitee's list.
    DropInvitation(Account, Account),
    /// The call was refused, or reported nothing to do: the pair stays as it was.
    Affirm(Account, Account),
    /// The hub stays as it was.
    AffirmHub(Account),
    /// Nothing is known any more of the pair until it is read.
    Doubt(Account, Account),
    /// Nothing is known any more of the entry on the list.
    DoubtEntry(Account, Account),
    /// Nothing is known any more of the entry on the list and of the invitation.
    DoubtInvited(Account, Account),
    /// As [`Effect::Doubt`], and an invitation may have lost its entry.
    DoubtDeleted(Account, Account),
    /// As [`Effect::Doubt`], but an invitation that has lost its entry stays one that has.
    DoubtAnswered(Account, Account),
    /// Nothing is known any more of the hub's settings until they are read.
    DoubtHub(Account),
    /// An account founds an organization, and manages it.
    Found(Account),
    /// An account is created in the organization of this management account.
    Join {
        /// The management account of the organization.
        management: Account,
        /// The account that is new in it.
        account: Account,
    },
    /// An account leaves its organization; what its administrator's list shows of it then, if anything.
    Depart(Account, Option<MemberStatus>),
    /// An account is closed.
    Suspend(Account),
    /// All members of an administrator that is closed are removed.
    Dissolve(Account),
    /// AWS Organizations takes the account for delegated administrator of Security Hub in the organization of this
    /// management account.
    Register(Account, Account),
    /// It does so no more, in any Region.
    Deregister(Account, Account),
    /// Nothing is known any more of who is delegated administrator in this Region.
    DoubtDesignation(Account),
    /// Nothing is known any more of the settings of the organization.
    DoubtConfiguration(Account),
    /// Trusted access is given to Security Hub in the organization of this management account, or taken away.
    Trust(Account, bool),
    /// An account becomes delegated administrator in this Region.
    Designate {
        /// The management account of the organization.
        management: Account,
        /// The account that is to administer it.
        administrator: Account,
    },
    /// The organization of this management account has no delegated administrator in this Region any more.
    Undesignate(Account),
    /// Settings of the organization change; `None` leaves one alone.
    Organize {
        /// The management account of the organization.
        management: Account,
        /// `AutoEnable`
        auto_enable: bool,
        /// `AutoEnableStandards`
        standards: Option<String>,
        /// `ConfigurationType`
        configuration: Option<String>,
    },
    /// The account becomes a member by its organization; where its hub is off, that is switched on.
    Enroll(Account, Account),
    /// The account becomes a member by its organization; its hub is left as it is.
    EnrollAlone(Account, Account),
    /// A closed account is put on the list.
    EnrollSuspended(Account, Account),
    /// A membership by the organization ends; what the list shows then, if anything.
    Release(Account, Account, Option<MemberStatus>),
    /// Standards are enabled and disabled, by the ends of their ARNs.
    Subscribe {
        /// The owner of the hub.
        account: Account,
        /// Those that are enabled.
        enable: Vec<String>,
        /// Those that are disabled.
        disable: Vec<String>,
    },
    /// An aggregator shows the account findings of other Regions in this one.
    LinkRegions(Account),
    /// Findings are imported, by `Id`.
    Import(Account, Vec<String>),
    /// The model cannot follow any further.
    Lose,
}

impl Effect {
    /// Whether it only says what an observer can't know from now on.
    #[must_use]
    pub const fn is_doubt(&self) -> bool {
        matches!(
            self,
            Self::Doubt(..)
                | Self::DoubtEntry(..)
                | Self::DoubtInvited(..)
                | Self::DoubtAnswered(..)
                | Self::DoubtDeleted(..)
                | Self::DoubtHub(_)
                | Self::DoubtDesignation(_)
                | Self::DoubtConfiguration(_)
                | Self::Lose
        )
    }
}

impl State {
    /// Applies an effect that rests on `rule`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other effects are on one Region")]
    pub fn apply(&mut self, region: Region, effect: &Effect, rule: RuleId, mint: &mut impl Mint) {
        let because = Because::of(rule);
        match effect {
            Effect::Lose => self.lost = true,
            Effect::Found(management) => self.join(*management, *management),
            Effect::Join { management, account } => self.enter(*management, *account, mint),
            Effect::Depart(account, shown) => self.leave(*account, *shown, because, mint),
            Effect::Dissolve(account) => self.dissolve(*account, because, mint),
            Effect::Register(management, account) => self.register(*management, *account),
            Effect::Deregister(management, account) => self.deregister(*management, *account, because, mint),
            Effect::Suspend(account) => self.suspend(*account),
            Effect::Trust(management, trusted) => self.trust(*management, *trusted, because, mint),
            Effect::Designate { management, administrator } => {
                self.designate(region, *management, *administrator, because, mint);
            }
            _ => self.region_mut(region).apply(effect, because, mint),
        }
    }
}

impl RegionState {
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply_around` names all other effects")]
    fn apply(&mut self, effect: &Effect, because: Because, mint: &mut impl Mint) {
        match effect {
            Effect::EnableHub { account, generator, standards, restore } => {
                self.enable(*account, generator.as_deref(), Standards::given(*standards), because, mint);
                self.unarchive(*account, *restore);
            }
            Effect::DisableHub(account) => self.disable(*account, because, mint),
            Effect::Configure { account, auto_enable_controls, generator } => {
                self.configure(*account, *auto_enable_controls, generator.as_deref(), because);
            }
            Effect::Create(administrator, member, email) => {
                let mut entry = Member::new(because);
                entry.status = Some(MemberStatus::Created);
                entry.email = Learned::Is(email.clone());
                entry.updated_at = mint.now();
                self.members.insert((*administrator, *member), entry);
            }
            Effect::Invite(administrator, member) => self.invite(*administrator, *member, because, mint),
            Effect::Accept(administrator, member) => self.accept(*administrator, *member, because, mint),
            Effect::Decline(administrator, member) => {
                self.set_status(*administrator, *member, MemberStatus::Resigned, because, mint);
                self.set_invitation(*administrator, *member, InvitationState::Declined, because);
            }
            Effect::Leave(administrator, member) => {
                self.set_status(*administrator, *member, MemberStatus::Resigned, because, mint);
                self.set_invitation(*administrator, *member, InvitationState::Left, because);
                self.set_administrator(*member, None, because);
            }
            Effect::Remove(administrator, member) => self.remove(*administrator, *member, because, mint),
            Effect::Delete(administrator, member) => self.delete(*administrator, *member, because, mint),
            Effect::DropInvitation(administrator, member) => {
                if let Some(invitation) = self.invitations.get_mut(&(*member, *administrator)) {
                    invitation.state = None;
                    invitation.because = because;
                }
            }
            Effect::Affirm(administrator, member) => self.affirm(*administrator, *member, because),
            Effect::AffirmHub(account) => {
                if let Some(hub) = self.hubs.get_mut(account) {
                    hub.because.affirm(because);
                }
            }
            Effect::Doubt(administrator, member) => self.doubt(*administrator, *member, because),
            Effect::DoubtEntry(administrator, member) => self.doubt_entry(*administrator, *member, because),
            Effect::DoubtInvited(administrator, member) => self.doubt_invitation(*administrator, *member, because),
            Effect::DoubtAnswered(administrator, member) => {
                let state = self.invitations.get(&(*member, *administrator)).and_then(|held| held.state);
                self.doubt(*administrator, *member, because);
                self.set_doubtful_invitation(*administrator, *member, state);
            }
            Effect::DoubtDeleted(administrator, member) => {
                let before = self.invitations.get(&(*member, *administrator)).and_then(|held| held.state);
                self.doubt(*administrator, *member, because);
                self.set_doubtful_invitation(*administrator, *member, before.and(Some(InvitationState::Orphaned)));
            }
            Effect::DoubtHub(account) => self.doubt_hub(*account),
            _ => self.apply_around(effect, because, mint),
        }
    }

    /// The effects on what surrounds membership.
    fn apply_around(&mut self, effect: &Effect, because: Because, mint: &mut impl Mint) {
        match effect {
            Effect::DoubtDesignation(management) => self.doubt_designation(*management, because),
            Effect::DoubtConfiguration(management) => self.doubt_configuration(*management),
            Effect::Undesignate(management) => self.undesignate(*management, because, mint),
            Effect::Organize { management, auto_enable, standards, configuration } => {
                self.organize(*management, *auto_enable, standards.as_ref(), configuration.as_ref(), because);
            }
            Effect::Enroll(administrator, member) => {
                let standards = Standards::given(true).resting_on(Because::of(rules::STANDARDS_OF_NEW_HUB));
                self.enroll(*administrator, *member, standards, because, mint);
            }
            Effect::EnrollAlone(administrator, member) => {
                self.enroll_alone(*administrator, *member, because, mint);
            }
            Effect::EnrollSuspended(administrator, member) => {
                self.set_status(*administrator, *member, MemberStatus::AccountSuspended, because, mint);
                if self.administrator(*member) == Some(*administrator) {
                    self.set_administrator(*member, None, because);
                }
            }
            Effect::Release(administrator, member, status) => {
                self.release(*administrator, *member, *status, because, mint);
            }
            Effect::Subscribe { account, enable, disable } => {
                self.subscribe(*account, enable, disable, because, mint);
            }
            Effect::LinkRegions(account) => {
                self.aggregators.insert(*account);
            }
            Effect::Import(account, ids) => self.import(*account, ids),
            // Those on the whole state, and those on membership.
            Effect::Lose
            | Effect::Found(_)
            | Effect::Join { .. }
            | Effect::Depart(..)
            | Effect::Dissolve(_)
            | Effect::Register(..)
            | Effect::Deregister(..)
            | Effect::Suspend(_)
            | Effect::Trust(..)
            | Effect::Designate { .. }
            | Effect::EnableHub { .. }
            | Effect::DisableHub(_)
            | Effect::Configure { .. }
            | Effect::Create(..)
            | Effect::Invite(..)
            | Effect::Accept(..)
            | Effect::Decline(..)
            | Effect::Leave(..)
            | Effect::Remove(..)
            | Effect::Delete(..)
            | Effect::DropInvitation(..)
            | Effect::Affirm(..)
            | Effect::AffirmHub(_)
            | Effect::Doubt(..)
            | Effect::DoubtEntry(..)
            | Effect::DoubtInvited(..)
            | Effect::DoubtAnswered(..)
            | Effect::DoubtDeleted(..)
            | Effect::DoubtHub(_) => {}
        }
    }

    fn configure(
        &mut self,
        account: Account,
        auto_enable_controls: Option<bool>,
        generator: Option<&str>,
        because: Because,
    ) {
        let Some(hub) = self.hubs.get_mut(&account) else { return };
        if let Some(value) = auto_enable_controls {
            hub.auto_enable_controls = Learned::Is(value);
        }
        if let Some(value) = generator {
            hub.generator = Learned::Is(value.to_owned());
        }
        hub.because = because;
    }

    fn accept(&mut self, administrator: Account, member: Account, because: Because, mint: &mut impl Mint) {
        self.set_status(administrator, member, MemberStatus::Enabled, because, mint);
        if let Some(entry) = self.members.get_mut(&(administrator, member)).filter(|entry| !entry.invited) {
            // The invitation outlived the entry it belonged to.
            entry.invited = true;
            entry.stamped = true;
            entry.invited_at = mint.now();
        }
        self.set_invitation(administrator, member, InvitationState::Accepted, because);
        self.set_administrator(member, Some(administrator), because);
        if let Some(hub) = self.hubs.get_mut(&member) {
            hub.standards.because.affirm(Because::of(rules::ACCEPT_KEEPS_STANDARDS));
        }
    }

    pub(super) fn enable(
        &mut self,
        account: Account,
        generator: Option<&str>,
        standards: Standards,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let generator = generator.map_or(Learned::Unseen, |value| Learned::Is(value.to_owned()));
        let subscribed_at = mint.now();
        self.hubs.insert(
            account,
            Hub { on: true, subscribed_at, auto_enable_controls: Learned::Unseen, generator, standards, because },
        );
    }

    fn unarchive(&mut self, account: Account, restore: bool) {
        let archived: Vec<_> = self.archive.keys().filter(|key| key.0 == account).copied().collect();
        for key in archived {
            // What was begun anew while the hub was off isn't undone.
            let anew = self.members.get(&key).is_some_and(|entry| entry.status.is_some());
            if let Some(entry) = self.archive.remove(&key).filter(|_| restore && !anew) {
                // No source says whether it comes back as it was (SH-ENABLE-010).
                self.members.insert(key, Member { because: Because::of(rules::ENABLE_AGAIN), ..entry });
            }
        }
    }

    /// SH-DISABLE-008. What the other side of a relation is shown afterwards is open (N03, N04, N48).
    fn disable(&mut self, account: Account, because: Because, mint: &mut impl Mint) {
        if let Some(hub) = self.hubs.get_mut(&account) {
            hub.on = false;
            hub.because = because;
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
        let listed: Vec<_> = self.members.keys().filter(|key| key.1 == account).copied().collect();
        for key in listed {
            match mint.answer(questions::LISTED_AFTER_DISABLE) {
                Some("dropped") => {
                    self.members.insert(key, Member::new(Because::of(rules::DISABLE_ENDS_ASSOCIATIONS)))
                }
                Some(_) => None,
                None => self.members.get_mut(&key).and_then(|entry| {
                    entry.doubt |= entry.status.is_some();
                    None
                }),
            };
        }
    }

    fn invite(&mut self, administrator: Account, member: Account, because: Because, mint: &mut impl Mint) {
        let fresh = mint.invitation_id();
        let now = mint.now();
        let entry = self.members.entry((administrator, member)).or_insert_with(|| Member::new(because));
        let again = entry.invited;
        let keep = again && mint.answer(questions::REINVITE) == Some("same-id");
        entry.status = Some(MemberStatus::Invited);
        entry.invited = true;
        entry.stamped = true;
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
        let invitation = Invitation { state, id, earlier_id, doubt: false, because };
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

    fn delete(&mut self, administrator: Account, member: Account, because: Because, mint: &mut impl Mint) {
        self.members.insert((administrator, member), Member::new(because));
        if let Some(invitation) = self.invitations.get_mut(&(member, administrator)) {
            invitation.state = invitation.state.and(Some(InvitationState::Orphaned));
        }
        self.settle_invitation((member, administrator), questions::AFTER_DELETION, because, mint);
    }

    /// An invitation of which the evidence does not say whether it survives.
    fn settle_invitation(
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
            Some("dropped") => {
                invitation.state = None;
                invitation.because = because;
            }
            Some(_) => {}
            None => {
                invitation.doubt = true;
                invitation.because = because;
            }
        }
    }

    fn affirm(&mut self, administrator: Account, member: Account, because: Because) {
        let entry = self.members.entry((administrator, member)).or_insert_with(|| Member::new(because));
        entry.because.affirm(because);
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

    fn doubt_invitation(&mut self, administrator: Account, member: Account, because: Because) {
        self.doubt_entry(administrator, member, because);
        let invitation = Invitation { state: None, id: Learned::Unseen, earlier_id: None, doubt: true, because };
        let invitation = self.invitations.entry((member, administrator)).or_insert(invitation);
        // What may be done with an invitation without an entry is open: that reading admits the most.
        let orphaned =
            [Some(InvitationState::Orphaned), Some(InvitationState::Removed)].contains(&invitation.state);
        invitation.state = orphaned.then_some(InvitationState::Orphaned);
        invitation.doubt = true;
        invitation.because = because;
    }

    pub(super) fn doubt(&mut self, administrator: Account, member: Account, because: Because) {
        self.doubt_invitation(administrator, member, because);
        let held = Administrator { account: None, doubt: true, because };
        let held = self.administrators.entry(member).or_insert(held);
        held.doubt = true;
        held.because = because;
    }

    fn doubt_hub(&mut self, account: Account) {
        if let Some(hub) = self.hubs.get_mut(&account) {
            hub.standards.enabled = Learned::Unseen;
            hub.subscribed_at = Learned::Unseen;
            hub.auto_enable_controls = Learned::Unseen;
            hub.generator = Learned::Unseen;
        }
    }

    fn set_doubtful_invitation(
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

    fn set_invitation(&mut self, administrator: Account, member: Account, to: InvitationState, because: Because) {
        if let Some(invitation) = self.invitations.get_mut(&(member, administrator)) {
            invitation.state = Some(to);
            invitation.doubt = false;
            invitation.because = because;
        }
    }

    pub(super) fn set_administrator(&mut self, member: Account, account: Option<Account>, because: Because) {
        self.part_findings(member);
        self.associate(member, Administrator { account, doubt: false, because });
    }

    /// Binds a member to its administrator, whose setting its hub shows meanwhile (SH-HUB-006). No source says which it
    /// shows afterwards.
    pub(crate) fn associate(&mut self, member: Account, administrator: Administrator) {
        if let Some(hub) = self.hubs.get_mut(&member) {
            hub.generator = Learned::Unseen;
        }
        self.administrators.insert(member, administrator);
    }
}

/// `UpdatedAt` is minted anew by a server; an observer keeps the greatest it has seen, as it may not go backwards.
pub(super) fn raise(updated_at: &mut Learned<crate::domain::Timestamp>, now: Learned<crate::domain::Timestamp>) {
    if let Learned::Is(_) = now {
        *updated_at = now;
    }
}

impl Member {
    /// The memory of an entry that is gone, or never was.
    #[must_use]
    pub const fn new(because: Because) -> Self {
        Self {
            status: None,
            email: Learned::Is(None),
            email_open: false,
            organization: false,
            invited: false,
            stamped: false,
            invited_at: Learned::Unseen,
            updated_at: Learned::Unseen,
            doubt: false,
            because,
        }
    }
}
