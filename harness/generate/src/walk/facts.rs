//! A state in small numbers: what the model looks at when it judges a call, by places in a cast.

use std::hash::{Hash, Hasher};

use super::situation::Shape;
use passmuster_contract::domain::{Account, MemberStatus, Operation, Region};
use passmuster_contract::model::{InvitationState, Learned, Member, RegionState, Standing, State, rules};

/// The most accounts in a cast.
pub(super) const MOST_PLACES: usize = 5;

/// The facts that are known of a state, for one cast.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Facts {
    /// Each Region in its turn.
    pub(super) regions: Vec<Here>,
    /// Whether Security Hub has trusted access in the organization.
    trusted: bool,
}

/// One Region.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Here {
    /// Each account by itself.
    pub(super) own: [Own; MOST_PLACES],
    /// The relations between administrator or inviter, and member or invitee.
    pub(super) pairs: [[PairFacts; MOST_PLACES]; MOST_PLACES],
    /// The configuration of the organization.
    pub(super) settings: SettingsFacts,
}

/// One account in one Region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Own {
    pub(super) hub: HubFact,
    pub(super) under: Under,
    pub(super) place: PlaceFact,
    /// Whether it has findings, and whether they are its present administrator's to see.
    findings: (bool, bool),
}

/// The relation between an administrator or inviter, and a member or invitee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PairFacts {
    /// The first one's list, as far as it concerns the second.
    pub(super) entry: EntryFact,
    /// The invitation that the second holds from the first.
    pub(super) invitation: InvitationFact,
}

// A search looks states up by the million: each record is hashed as one number.
impl Hash for Own {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let under = match self.under {
            Under::Nobody => 0,
            Under::Left => 1,
            Under::Doubt => 2,
            Under::Member(place) => 3 + u32::from(place),
        };
        let findings = u32::from(self.findings.0) | u32::from(self.findings.1) << 1;
        hasher.write_u32(self.hub as u32 | (self.place as u32) << 8 | findings << 12 | under << 16);
    }
}

impl Hash for PairFacts {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let entry = match self.entry {
            EntryFact::Never => 0,
            EntryFact::Gone => 1,
            EntryFact::Deleted => 2,
            EntryFact::Doubt => 3,
            EntryFact::Is(status, organization, invited) => {
                4 + (u32::from(status) << 2 | u32::from(organization) << 1 | u32::from(invited))
            }
        };
        let invitation = match self.invitation {
            InvitationFact::Never => 0,
            InvitationFact::Gone => 1,
            InvitationFact::Doubt => 2,
            InvitationFact::Is(state) => 3 + state as u32,
        };
        hasher.write_u32(entry << 8 | invitation);
    }
}

/// The progress of a hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum HubFact {
    #[default]
    Never,
    Off,
    On,
}

/// Whose member an account is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Under {
    #[default]
    Nobody,
    /// No account's since it left.
    Left,
    /// Of the account at this place.
    Member(u8),
    Doubt,
}

/// The place of an account in its organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PlaceFact {
    #[default]
    Outside,
    Colleague,
    Management,
    Delegate,
    FormerDelegate,
    Closed,
}

/// The entry of a list for an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum EntryFact {
    #[default]
    Never,
    Gone,
    Deleted,
    /// A status; whether it is a member by its organization; whether it was ever invited.
    Is(Status, bool, bool),
    Doubt,
}

/// [`MemberStatus`], in an order.
pub(super) type Status = u8;

/// The progress of an invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum InvitationFact {
    #[default]
    Never,
    Gone,
    Is(InvitationState),
    Doubt,
}

/// The configuration of an organization in one Region; a value not seen yet is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SettingsFacts {
    auto_enable: u8,
    standards: u8,
    configuration: u8,
    doubt: bool,
}

impl Facts {
    /// The facts of these accounts in a state, each at its place, in so many Regions.
    pub(super) fn of(state: &State, cast: &[Account], regions: u8) -> Self {
        let regions = (0..regions).map(|region| Here::of(state, state.region(Region(region)), cast)).collect();
        let organization = cast.iter().find_map(|account| state.organization_of(*account));
        Self { regions, trusted: organization.is_some_and(|(_, organization)| organization.trusted) }
    }

    /// Whether anything is in doubt.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.regions.iter().any(|here| {
            let pair =
                |pair: &PairFacts| pair.entry == EntryFact::Doubt || pair.invitation == InvitationFact::Doubt;
            here.settings.doubt
                || here.own.iter().any(|own| own.under == Under::Doubt)
                || here.pairs.iter().flatten().any(pair)
        })
    }

    /// Whether an account that is to be created has been used before: then the target can't give it an id any more.
    pub(super) fn has_used(&self, shape: &Shape) -> bool {
        let used = |here: &Here, account: usize| {
            let named = |pairs: &[PairFacts; MOST_PLACES]| pairs[account] != PairFacts::default();
            here.own[account].hub != HubFact::Never || here.pairs.iter().any(named)
        };
        shape.operation == Operation::CreateAccount
            && shape.parties.targets.iter().any(|account| self.regions.iter().any(|here| used(here, *account)))
    }

    /// Whether it is not known if an organization still has its delegated administrator.
    pub(super) fn delegation_in_doubt(&self) -> bool {
        self.regions.iter().any(|here| here.settings.doubt)
    }

    /// The same with the accounts at other places: the one at place `order[n]` is put at place `n`.
    pub(super) fn permuted(&self, order: &[u8]) -> Self {
        let regions = self.regions.iter().map(|here| here.permuted(order)).collect();
        Self { regions, trusted: self.trusted }
    }
}

impl Here {
    fn of(state: &State, here: &RegionState, cast: &[Account]) -> Self {
        let mut facts = Self::default();
        let place = |account: Account| cast.iter().position(|known| *known == account).map_or(u8::MAX, narrow);
        for (index, account) in cast.iter().enumerate() {
            let hub = here
                .hubs
                .get(account)
                .map_or(HubFact::Never, |hub| if hub.on { HubFact::On } else { HubFact::Off });
            let under = here.administrators.get(account).map_or(Under::Nobody, |held| match held.account {
                _ if held.doubt => Under::Doubt,
                Some(administrator) => Under::Member(place(administrator)),
                None if here.has_left(*account) => Under::Left,
                None => Under::Nobody,
            });
            let mut findings = here.findings_of(*account).peekable();
            let findings = (findings.peek().is_some(), findings.any(|(_, _, finding)| finding.under.is_some()));
            facts.own[index] = Own { hub, under, place: PlaceFact::of(state, here, *account), findings };
            for (other, member) in cast.iter().enumerate() {
                let entry = here.members.get(&(*account, *member)).map_or(EntryFact::Never, EntryFact::of);
                let held = here.invitations.get(&(*member, *account));
                let invitation = held.map_or(InvitationFact::Never, |held| match held.state {
                    _ if held.doubt => InvitationFact::Doubt,
                    Some(state) => InvitationFact::Is(state),
                    None => InvitationFact::Gone,
                });
                facts.pairs[index][other] = PairFacts { entry, invitation };
            }
        }
        if let Some(held) = here.designations.values().next() {
            facts.settings = SettingsFacts {
                auto_enable: held.auto_enable.seen().map_or(0, |on| 1 + u8::from(*on)),
                standards: word(&held.standards),
                configuration: word(&held.configuration),
                doubt: held.doubt,
            };
        }
        facts
    }

    fn permuted(&self, order: &[u8]) -> Self {
        let mut facts = Self { settings: self.settings, ..Self::default() };
        for (new, old) in order.iter().enumerate() {
            facts.own[new] = self.own[usize::from(*old)];
            if let Under::Member(administrator) = &mut facts.own[new].under {
                *administrator = order.iter().position(|old| old == administrator).map_or(u8::MAX, narrow);
            }
            for (other, old_other) in order.iter().enumerate() {
                facts.pairs[new][other] = self.pairs[usize::from(*old)][usize::from(*old_other)];
            }
        }
        facts
    }

    /// The content of an account's list, for any account.
    pub(super) fn list(&self, account: usize) -> List {
        self.pairs[account].iter().map(|pair| List::of(pair.entry)).max().unwrap_or_default()
    }
}

/// The content of a list, in steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum List {
    #[default]
    Empty,
    /// Entries that are members no more.
    Listed,
    /// An entry that may still become a member.
    Pending,
    /// An enabled member.
    Administers,
    Doubt,
}

impl List {
    pub(super) fn of(entry: EntryFact) -> Self {
        match entry {
            EntryFact::Never | EntryFact::Gone | EntryFact::Deleted => Self::Empty,
            EntryFact::Is(status, ..) if status == MemberStatus::Enabled as Status => Self::Administers,
            EntryFact::Is(status, ..) if status <= MemberStatus::Invited as Status => Self::Pending,
            EntryFact::Is(..) => Self::Listed,
            EntryFact::Doubt => Self::Doubt,
        }
    }
}

impl List {
    /// Where it only counts whether there is anything on it.
    pub(super) fn in_short(self) -> Self {
        if self == Self::Pending { Self::Listed } else { self }
    }
}

impl EntryFact {
    fn of(member: &Member) -> Self {
        match member.status {
            _ if member.doubt => Self::Doubt,
            Some(status) => Self::Is(status as Status, member.organization, member.invited),
            None if rules::is_deletion(member.because.0) => Self::Deleted,
            None => Self::Gone,
        }
    }
}

impl PlaceFact {
    fn of(state: &State, here: &RegionState, account: Account) -> Self {
        let Some((management, organization)) = state.organization_of(account) else { return Self::Outside };
        let former = here.designations.values().any(|held| held.before == Some(account));
        match organization.accounts.get(&account) {
            Some(Standing::Suspended) => Self::Closed,
            _ if here.designated_by(account).is_some() => Self::Delegate,
            _ if former => Self::FormerDelegate,
            _ if management == account => Self::Management,
            _ => Self::Colleague,
        }
    }
}

/// The few words that a setting can be.
fn word(value: &Learned<String>) -> u8 {
    match value.seen().map(String::as_str) {
        None => 0,
        Some("DEFAULT" | "LOCAL") => 1,
        Some(_) => 2,
    }
}

fn narrow(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(u8::MAX)
}
