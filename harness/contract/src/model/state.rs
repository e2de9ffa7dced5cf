//! The state that the model remembers: every record says which rule made it so. Changes are in `effect` and `enroll`.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::rules;
use crate::domain::{Account, MemberStatus, QuestionId, Region, RuleId, Timestamp};

/// A value that the model cannot foretell: unknown until a read shows it, fixed from then on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Learned<T> {
    /// No read has shown it since it may have changed.
    #[default]
    Unseen,
    /// A read has shown it.
    Is(T),
}

impl<T> Learned<T> {
    /// The value, once seen.
    pub const fn seen(&self) -> Option<&T> {
        match self {
            Self::Unseen => None,
            Self::Is(value) => Some(value),
        }
    }
}

/// The rule that a record's present value rests on. It explains a value and is no part of it: two states that
/// differ in nothing else are the same state.
#[derive(Clone, Copy, Debug)]
pub struct Because(
    /// The rule.
    pub RuleId,
    /// Whether a read has agreed since: then what comes later is to blame for what a later read shows.
    pub bool,
    /// The rule that gives the value, which may be firmer: that of the change itself, whatever let it happen, and
    /// whatever was to leave it alone since.
    pub RuleId,
);

impl Because {
    /// Rests on a rule, and no read has shown it yet.
    #[must_use]
    pub const fn of(rule: RuleId) -> Self {
        Self(rule, false, rule)
    }

    /// The value is the one that this rule gives.
    pub(super) const fn giving(self, value: RuleId) -> Self {
        Self(self.0, self.1, value)
    }

    /// A call was to leave the record alone, by this rule.
    pub(super) fn affirm(&mut self, by: Self) {
        if self.1 {
            *self = by.giving(self.2);
        }
    }
}

impl PartialEq for Because {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Because {}
impl Hash for Because {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Whether a record was named by calls that changed nothing of it. It explains a value and is no part of it, as
/// [`Because`] does.
#[derive(Clone, Copy, Debug, Default)]
pub struct NamedSince(pub bool);

impl PartialEq for NamedSince {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for NamedSince {}
impl Hash for NamedSince {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A hub of one account in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hub {
    /// Whether it is on.
    pub on: bool,
    /// `SubscribedAt`
    pub subscribed_at: Learned<Timestamp>,
    /// `AutoEnableControls`
    pub auto_enable_controls: Learned<bool>,
    /// `ControlFindingGenerator`
    pub generator: Learned<String>,
    /// The standards that are enabled.
    pub standards: Standards,
    /// The reason that it is so.
    pub because: Because,
}

/// The standards of a hub.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Standards {
    /// The ends of their ARNs, from the name on.
    pub enabled: Learned<BTreeSet<String>>,
    /// The reason that it is so.
    pub because: Because,
}

/// An organization, as far as Security Hub looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Organization {
    /// Its accounts, the management account among them.
    pub accounts: BTreeMap<Account, Standing>,
    /// Accounts that have left it, as they were then.
    pub gone: BTreeMap<Account, Standing>,
    /// Whether Security Hub has trusted access.
    pub trusted: bool,
    /// The account that AWS Organizations itself was told to take for delegated administrator of Security Hub.
    pub registered: Option<Account>,
}

/// The standing of an account in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Whatever it wants.
    Active,
    /// Nothing: it is closed.
    Suspended,
}

/// The delegated administrator of an organization in one Region, and the settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Designation {
    /// The delegated administrator; `None` after it was removed.
    pub administrator: Option<Account>,
    /// The delegated administrator before, until it was removed.
    pub before: Option<Account>,
    /// `AutoEnable`
    pub auto_enable: Learned<bool>,
    /// `AutoEnableStandards`
    pub standards: Learned<String>,
    /// `ConfigurationType`
    pub configuration: Learned<String>,
    /// Nothing is known for sure any more.
    pub doubt: bool,
    /// The reason that it is so.
    pub because: Because,
}

/// A finding of the account that imported it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImportedFinding {
    /// The administrator that the account has had all the time since the import.
    pub under: Option<Account>,
    /// Whether it is still there is not known.
    pub doubt: bool,
}

/// An entry of an administrator's list, or the memory of one that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// `MemberStatus`; `None` when the entry is gone.
    pub status: Option<MemberStatus>,
    /// `Email`, as given on creation.
    pub email: Learned<Option<String>>,
    /// Whether that may have been dropped since, where nobody knows (Q35).
    pub email_open: bool,
    /// Whether it is a member by its organization, without an invitation.
    pub organization: bool,
    /// Whether it is open which kind of member it is: one that became such by its organization without a delegated
    /// administrator (Q41), one from outside whose administrator was delegated later (T50), or one that accepted an
    /// invitation after its organization had made it a member.
    pub either_kind: bool,
    /// Whether an invitation was ever sent.
    pub invited: bool,
    /// Whether `InvitedAt` is surely the instant of that: some servers show one all the same (Q34).
    pub stamped: bool,
    /// Whether calls have named it since that changed nothing of it: then `UpdatedAt` may be later (Q34).
    pub named_since: NamedSince,
    /// `InvitedAt`
    pub invited_at: Learned<Timestamp>,
    /// The greatest `UpdatedAt` seen.
    pub updated_at: Learned<Timestamp>,
    /// Nothing is known for sure until the next read.
    pub doubt: bool,
    /// The reason that it is so.
    pub because: Because,
}

/// The stage that an invitation has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvitationState {
    /// Sent, not answered.
    Open,
    /// Accepted; the invitee is a member.
    Accepted,
    /// Declined by the invitee.
    Declined,
    /// Accepted once; the member left by itself since.
    Left,
    /// Accepted once; the administrator removed the member since.
    Removed,
    /// The administrator has deleted the entry it belongs to, or one side has switched its hub off.
    Orphaned,
}

/// An invitation as the invitee holds it, or the memory of one that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invitation {
    /// The stage that it has reached; `None` when it is gone.
    pub state: Option<InvitationState>,
    /// The stage at which the administrator ended the relation, where it is no longer listed since.
    pub withdrawn: Option<InvitationState>,
    /// `InvitationId`
    pub id: Learned<Arc<str>>,
    /// The id before the last re-invitation, where that may have changed it.
    pub earlier_id: Option<Arc<str>>,
    /// Nothing is known for sure until the next read.
    pub doubt: bool,
    /// The reason that it is so.
    pub because: Because,
}

/// The administrator of a member, as the member knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Administrator {
    /// The administrator; `None` when there is none any more.
    pub account: Option<Account>,
    /// Nothing is known for sure until the next read.
    pub doubt: bool,
    /// The reason that it is so.
    pub because: Because,
}

/// Everything in one Region. Nothing crosses Regions (SH-XX-004).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RegionState {
    /// Hubs, by account.
    pub hubs: BTreeMap<Account, Hub>,
    /// Lists of members, by administrator and member.
    pub members: BTreeMap<(Account, Account), Member>,
    /// Invitations, by invitee and inviter.
    pub invitations: BTreeMap<(Account, Account), Invitation>,
    /// Administrators, by member.
    pub administrators: BTreeMap<Account, Administrator>,
    /// Lists of accounts whose hub is off, for answers under which they come back (Q27).
    pub archive: BTreeMap<(Account, Account), Member>,
    /// Delegated administrators, by management account.
    pub designations: BTreeMap<Account, Designation>,
    /// The management accounts that have designated an account, by the one designated: an index of the above.
    delegates: BTreeMap<Account, Account>,
    /// Findings, by the account that imported them and `Id`.
    pub findings: BTreeMap<(Account, String), ImportedFinding>,
    /// The accounts that see findings of other Regions here.
    pub aggregators: BTreeSet<Account>,
}

/// A state that the contract excludes.
#[derive(Clone, Debug)]
pub(crate) struct Impossible {
    /// The rule that does.
    pub(crate) rule: RuleId,
    /// The accounts it is about.
    pub(crate) accounts: Vec<Account>,
}

/// Everything the model remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    regions: Vec<RegionState>,
    /// Organizations, by management account.
    pub organizations: BTreeMap<Account, Organization>,
    /// The management account of each account's organization.
    managed: BTreeMap<Account, Account>,
    /// Something was admitted that the model cannot follow: nothing can be judged any more.
    pub lost: bool,
}

/// The source of values that the contract leaves to the implementation.
pub trait Mint {
    /// The id of a new invitation.
    fn invitation_id(&mut self) -> Learned<Arc<str>>;
    /// The present instant.
    fn now(&mut self) -> Learned<Timestamp>;
    /// The answer chosen for an open question; `None` leaves it open.
    fn answer(&self, question: QuestionId) -> Option<&'static str>;
    /// Whether it decides everything, so that nothing is in doubt.
    fn decides(&self) -> bool {
        true
    }
}

/// The mint of an observer, who foretells nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Observer;

impl Mint for Observer {
    fn invitation_id(&mut self) -> Learned<Arc<str>> {
        Learned::Unseen
    }
    fn now(&mut self) -> Learned<Timestamp> {
        Learned::Unseen
    }
    fn answer(&self, _: QuestionId) -> Option<&'static str> {
        None
    }
    fn decides(&self) -> bool {
        false
    }
}

impl State {
    /// The state of a Region; empty when nothing happened there.
    #[must_use]
    pub fn region(&self, region: Region) -> &RegionState {
        static EMPTY: RegionState = RegionState::empty();
        self.regions.get(usize::from(region.0)).unwrap_or(&EMPTY)
    }

    /// The state of a Region, to be changed.
    pub fn region_mut(&mut self, region: Region) -> &mut RegionState {
        let index = usize::from(region.0);
        if self.regions.len() <= index {
            self.regions.resize_with(index + 1, RegionState::default);
        }
        &mut self.regions[index]
    }

    /// The management account of the organization that an account belongs to, and that organization.
    #[must_use]
    pub fn organization_of(&self, account: Account) -> Option<(Account, &Organization)> {
        let management = *self.managed.get(&account)?;
        Some((management, self.organizations.get(&management)?))
    }

    /// Puts an account into an organization.
    pub(super) fn join(&mut self, management: Account, account: Account) {
        self.organizations.entry(management).or_default().accounts.insert(account, Standing::Active);
        self.managed.insert(account, management);
    }

    /// Takes an account out of its organization.
    pub(super) fn depart(&mut self, account: Account) {
        if let Some(organization) =
            self.managed.remove(&account).and_then(|management| self.organizations.get_mut(&management))
        {
            let standing = organization.accounts.remove(&account).unwrap_or(Standing::Active);
            organization.gone.insert(account, standing);
        }
    }

    /// What no service may come to, whatever it was asked: an account in two roles, or with two administrators.
    pub(crate) fn impossible(&self) -> Option<Impossible> {
        self.regions.iter().find_map(RegionState::impossible)
    }

    /// Doubts the relations of these accounts in every Region.
    pub(crate) fn doubt_all_of(&mut self, accounts: &[Account]) {
        for region in &mut self.regions {
            region.doubt_all_of(accounts);
        }
    }

    /// Doubts what is otherwise in any of the other states. Says whether that is all they differ in.
    pub(crate) fn blur(&mut self, others: &[Self]) -> bool {
        let mut is_all = true;
        for other in others {
            is_all &= self.organizations == other.organizations && self.managed == other.managed && !other.lost;
            is_all &= self.regions.len() == other.regions.len();
            for (own, other) in self.regions.iter_mut().zip(&other.regions) {
                is_all &= own.blur(other);
            }
        }
        is_all
    }

    /// Every Region something happened in, to be changed.
    pub(super) fn regions_mut(&mut self) -> impl Iterator<Item = &mut RegionState> {
        self.regions.iter_mut()
    }

    /// The Regions something happened in.
    pub fn regions(&self) -> impl Iterator<Item = Region> + '_ {
        (0..self.regions.len()).filter_map(|index| u8::try_from(index).ok().map(Region))
    }

    /// The first broken invariant, in words; `None` in every state that conforming calls can reach.
    #[must_use]
    pub fn broken_invariant(&self) -> Option<String> {
        self.regions.iter().find_map(RegionState::broken_invariant)
    }
}

impl RegionState {
    const fn empty() -> Self {
        Self {
            hubs: BTreeMap::new(),
            members: BTreeMap::new(),
            invitations: BTreeMap::new(),
            administrators: BTreeMap::new(),
            archive: BTreeMap::new(),
            designations: BTreeMap::new(),
            delegates: BTreeMap::new(),
            findings: BTreeMap::new(),
            aggregators: BTreeSet::new(),
        }
    }

    /// The management account that has designated this account in this Region.
    #[must_use]
    pub fn designated_by(&self, account: Account) -> Option<Account> {
        let (management, held) = self.delegated(account)?;
        (held.administrator == Some(account)).then_some(management)
    }

    /// The designation by which the account is delegated administrator in this Region, or was, and who manages it.
    pub(super) fn delegated(&self, account: Account) -> Option<(Account, &Designation)> {
        let management = *self.delegates.get(&account)?;
        Some((management, self.designations.get(&management)?))
    }

    /// Makes an account delegated administrator.
    pub(super) fn delegate(&mut self, management: Account, held: Designation) {
        if let Some(administrator) = held.administrator {
            self.delegates.insert(administrator, management);
        }
        self.designations.insert(management, held);
    }

    /// Whether the account is an enabled member by its organization.
    #[must_use]
    pub fn is_organization_member(&self, member: Account) -> bool {
        let administrator = self.administrator(member);
        let entry = administrator.and_then(|administrator| self.members.get(&(administrator, member)));
        entry.is_some_and(|entry| entry.organization)
    }

    /// Whether the account has no administrator, and has left one whose list still says so.
    #[must_use]
    pub fn has_left(&self, member: Account) -> bool {
        self.administrator(member).is_none()
            && self.members.iter().any(|((_, left), entry)| {
                *left == member
                    && entry.status == Some(MemberStatus::Resigned)
                    && entry.because.0 == rules::LEAVE_ENDS_MEMBERSHIP
                    && !entry.doubt
            })
    }

    /// Whether the account's hub is on.
    #[must_use]
    pub fn is_on(&self, account: Account) -> bool {
        self.hubs.get(&account).is_some_and(|hub| hub.on)
    }

    /// Whether the account is on the list of another.
    pub(super) fn is_listed(&self, account: Account) -> bool {
        self.members.iter().any(|(key, entry)| key.1 == account && entry.status.is_some())
    }

    /// Takes an account's hub to be on, of which nothing else is known.
    pub(crate) fn give_hub(&mut self, account: Account) {
        let because = Because::of(rules::ENABLE_SWITCHES_ON);
        let standards = Standards { enabled: Learned::Unseen, because };
        let hub = Hub {
            on: true,
            subscribed_at: Learned::Unseen,
            auto_enable_controls: Learned::Unseen,
            generator: Learned::Unseen,
            standards,
            because,
        };
        self.hubs.insert(account, hub);
    }

    /// Takes an account's hub to be on instead of off, or off instead of on, as a target shows it to be.
    pub fn switch_hub(&mut self, account: Account) {
        let Some(hub) = self.hubs.get_mut(&account) else { return };
        hub.on = !hub.on;
        if !hub.on {
            return;
        }
        let archived: Vec<_> = self.archive.keys().filter(|key| key.0 == account).copied().collect();
        for key in archived {
            if let Some(entry) = self.archive.remove(&key) {
                self.members.insert(key, Member { doubt: true, ..entry });
            }
        }
    }

    /// The status of a member on an administrator's list.
    #[must_use]
    pub fn status(&self, administrator: Account, member: Account) -> Option<MemberStatus> {
        self.members.get(&(administrator, member))?.status
    }

    /// The administrator that an account is an enabled member of.
    #[must_use]
    pub fn administrator(&self, member: Account) -> Option<Account> {
        self.administrators.get(&member)?.account
    }

    /// The entries of one administrator's list, those that are gone included.
    pub fn list(&self, administrator: Account) -> impl Iterator<Item = (Account, &Member)> {
        entries(&self.members, administrator)
    }

    /// The invitations of one invitee, by inviter, those that are gone included.
    pub fn received(&self, invitee: Account) -> impl Iterator<Item = (Account, &Invitation)> {
        entries(&self.invitations, invitee)
    }

    /// The findings that an account has imported, by `Id`.
    pub fn findings_of(&self, owner: Account) -> impl Iterator<Item = (Account, &str, &ImportedFinding)> {
        let all = (owner, String::new())..(Account(owner.0 + 1), String::new());
        self.findings.range(all).map(|((owner, id), held)| (*owner, id.as_str(), held))
    }

    /// Whether the administrator's list has an entry with one of these states.
    pub fn has(&self, administrator: Account, statuses: &[MemberStatus]) -> bool {
        self.list(administrator).any(|(_, member)| member.status.is_some_and(|status| statuses.contains(&status)))
    }

    /// An account in two roles, or with two administrators. Doubtful records are left out.
    fn impossible(&self) -> Option<Impossible> {
        let found = |rule, accounts: [Account; 2]| Some(Impossible { rule, accounts: accounts.to_vec() });
        let certain = |account: &Account| {
            self.administrators.get(account).filter(|held| !held.doubt).and_then(|held| held.account)
        };
        let mut leaders: BTreeMap<Account, Account> = BTreeMap::new();
        for ((administrator, member), entry) in &self.members {
            if entry.status != Some(MemberStatus::Enabled) || entry.doubt {
                continue;
            }
            if certain(administrator).is_some() {
                return found(rules::ONE_ROLE_AT_ONCE, [*administrator, *member]);
            }
            let other = leaders.insert(*member, *administrator).or_else(|| certain(member));
            if other.is_some_and(|other| other != *administrator) {
                return found(rules::ONE_ADMINISTRATOR_AT_ONCE, [*administrator, *member]);
            }
        }
        for held in self.designations.values().filter(|held| !held.doubt) {
            if let Some(administrator) = held.administrator
                && let Some(other) = certain(&administrator)
            {
                return found(rules::ONE_ROLE_AT_ONCE, [administrator, other]);
            }
        }
        None
    }

    fn doubt_all_of(&mut self, accounts: &[Account]) {
        let all = self.members.keys().copied();
        let pairs: Vec<(Account, Account)> =
            all.filter(|(one, other)| accounts.contains(one) || accounts.contains(other)).collect();
        self.doubt_pairs(pairs);
        for account in accounts {
            if let Some(held) = self.administrators.get_mut(account) {
                held.doubt = true;
            }
        }
    }

    /// SH-XX-005 and SH-XX-006, and that both sides of a membership agree. Doubtful records are left out.
    fn broken_invariant(&self) -> Option<String> {
        if let Some(found) = self.impossible() {
            return Some(format!("{} is broken by {:?}", found.rule, found.accounts));
        }
        for ((administrator, member), record) in &self.members {
            if record.status != Some(MemberStatus::Enabled) || record.doubt {
                continue;
            }
            let held = self.administrators.get(member);
            if held.is_none_or(|held| !held.doubt && held.account != Some(*administrator)) {
                return Some(format!("{member} is an enabled member of {administrator}, which it does not know"));
            }
        }
        for (member, held) in self.administrators.iter().filter(|(_, held)| !held.doubt) {
            let Some(administrator) = held.account else { continue };
            let entry = self.members.get(&(administrator, *member));
            if entry.is_none_or(|entry| !entry.doubt && entry.status != Some(MemberStatus::Enabled)) {
                return Some(format!("{member} has the administrator {administrator}, which does not list it"));
            }
        }
        None
    }
}

fn entries<T>(map: &BTreeMap<(Account, Account), T>, first: Account) -> impl Iterator<Item = (Account, &T)> {
    let bounds = (first, Account(0))..=(first, Account(u64::MAX));
    map.range(bounds).map(|((_, second), record)| (*second, record))
}
