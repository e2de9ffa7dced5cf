//! The effects of a call on the state. They are data: an expectation carries them, and the branch that was observed
//! is applied.

use std::sync::Arc;

use super::rules;
use super::state::{
    Administrator, Because, Hub, InvitationState, Learned, Member, Mint, NamedSince, RegionState, Standards, State,
};
use crate::domain::{Account, MemberStatus, Region, RuleId};

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
    /// Lists that an account had before its hub was switched off are there once more, or gone for good.
    BringBack(Account, bool),
    /// The hub is switched off, and with it go the account's associations.
    DisableHub(Account),
    /// The account is gone from the lists of others.
    Unlist(Account),
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
    /// The invitation has this id, as its acceptance shows.
    Identify(Account, Account, Arc<str>),
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
    /// That membership came about without a delegated administrator, for an account that was given this address.
    Undelegated(Account, Account, Option<String>),
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
    /// Whether something is otherwise afterwards, and reads can show that it is.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        !self.is_doubt() && !matches!(self, Self::Affirm(..) | Self::AffirmHub(_))
    }

    /// The administrator and the member whose relation it is on; `None` for what is on more, or on something else.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other effects are on more than a pair of accounts")]
    #[must_use]
    pub const fn pair(&self) -> Option<(Account, Account)> {
        match self {
            Self::Create(administrator, member, _)
            | Self::Invite(administrator, member)
            | Self::Accept(administrator, member)
            | Self::Decline(administrator, member)
            | Self::Leave(administrator, member)
            | Self::Remove(administrator, member)
            | Self::Delete(administrator, member)
            | Self::DropInvitation(administrator, member)
            | Self::Affirm(administrator, member)
            | Self::Doubt(administrator, member)
            | Self::DoubtEntry(administrator, member)
            | Self::DoubtInvited(administrator, member)
            | Self::DoubtDeleted(administrator, member)
            | Self::DoubtAnswered(administrator, member)
            | Self::Enroll(administrator, member)
            | Self::EnrollAlone(administrator, member)
            | Self::Undelegated(administrator, member, _)
            | Self::EnrollSuspended(administrator, member)
            | Self::Release(administrator, member, _) => Some((*administrator, *member)),
            _ => None,
        }
    }

    /// The rule that says what is shown after it, whatever rule let it happen.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what other effects give is what the rule that has them says"
    )]
    #[must_use]
    pub const fn value(&self) -> Option<RuleId> {
        match self {
            Self::Create(..) => Some(rules::CREATE_NEW),
            Self::Invite(..) => Some(rules::INVITE_CREATED),
            Self::Accept(..) => Some(rules::ACCEPT_ENABLES),
            Self::Decline(..) => Some(rules::DECLINE_RESIGNS),
            Self::Leave(..) => Some(rules::LEAVE_ENDS_MEMBERSHIP),
            Self::Remove(..) => Some(rules::DISASSOCIATE_ENABLED),
            Self::Delete(..) => Some(rules::GET_DELETED),
            _ => None,
        }
    }

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
            Effect::Accept(administrator, member) => {
                let of = |account: &Account| self.organization_of(*account).map(|(management, _)| management);
                let apart = of(administrator).is_none() || of(administrator) != of(member);
                let region = self.region_mut(region);
                region.apply(effect, because, mint);
                if let Some(entry) = region.members.get_mut(&(*administrator, *member)) {
                    // It was a colleague once, and may be one again.
                    entry.organization &= !apart;
                    entry.either_kind = entry.organization;
                }
            }
            _ => self.region_mut(region).apply(effect, because, mint),
        }
    }
}

impl RegionState {
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply_around` names all other effects")]
    fn apply(&mut self, effect: &Effect, because: Because, mint: &mut impl Mint) {
        let because = effect.value().map_or(because, |value| because.giving(value));
        match effect {
            Effect::EnableHub { account, generator, standards, restore } => {
                self.enable(*account, generator.as_deref(), Standards::given(*standards), because, mint);
                self.unarchive(*account, *restore, mint);
            }
            Effect::BringBack(account, restore) => self.unarchive(*account, *restore, mint),
            Effect::DisableHub(account) => self.disable(*account, because, mint),
            Effect::Unlist(account) => self.unlist(*account),
            Effect::Configure { account, auto_enable_controls, generator } => {
                self.configure(*account, *auto_enable_controls, generator.as_deref(), because);
            }
            Effect::Create(administrator, member, email) => {
                self.create(*administrator, *member, email.as_ref(), because, mint);
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
            Effect::Identify(administrator, member, id) => {
                if let Some(invitation) = self.invitations.get_mut(&(*member, *administrator)) {
                    invitation.id = Learned::Is(id.clone());
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
            Effect::Undelegated(administrator, member, email) => {
                self.undelegated(*administrator, *member, email.clone(), because, mint);
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
            | Effect::BringBack(..)
            | Effect::DisableHub(_)
            | Effect::Unlist(_)
            | Effect::Configure { .. }
            | Effect::Create(..)
            | Effect::Invite(..)
            | Effect::Accept(..)
            | Effect::Decline(..)
            | Effect::Leave(..)
            | Effect::Remove(..)
            | Effect::Delete(..)
            | Effect::DropInvitation(..)
            | Effect::Identify(..)
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
        if let Some(entry) = self.members.get_mut(&(administrator, member)) {
            if !entry.invited {
                // The invitation outlived the entry it belonged to.
                entry.invited = true;
                entry.stamped = !entry.doubt;
                entry.invited_at = mint.now();
            }
            if std::mem::take(&mut entry.doubt) {
                // It may be another entry than the one that was read.
                entry.email = Learned::Unseen;
                entry.invited_at = Learned::Unseen;
                entry.stamped = false;
            }
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

    pub(super) fn unarchive(&mut self, account: Account, restore: bool, mint: &impl Mint) {
        let archived: Vec<_> = self.archive.keys().filter(|key| key.0 == account).copied().collect();
        for key in archived {
            // What was begun anew while the hub was off isn't undone.
            let anew = self.members.get(&key).is_some_and(|entry| entry.status.is_some());
            if let Some(entry) = self.archive.remove(&key).filter(|_| restore && !anew) {
                // No source says whether it comes back as it was (SH-ENABLE-010).
                let because = Because::of(rules::ENABLE_AGAIN).giving(entry.because.2);
                self.members.insert(key, Member { because, ..entry });
                // Nor whether the invitation to it, if that was gone, does.
                let invitation = self.invitations.get_mut(&(key.1, key.0)).filter(|_| !mint.decides());
                if let Some(invitation) = invitation.filter(|invitation| invitation.withdrawn.is_some()) {
                    invitation.state = invitation.withdrawn.take();
                    invitation.doubt = true;
                    invitation.because = because;
                }
            }
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
            either_kind: false,
            invited: false,
            stamped: false,
            named_since: NamedSince(false),
            invited_at: Learned::Unseen,
            updated_at: Learned::Unseen,
            doubt: false,
            because,
        }
    }
}
