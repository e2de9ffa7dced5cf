//! Real ids for the accounts and invitations of one scenario run.

use std::collections::BTreeMap;
use std::sync::Arc;

use passmuster_contract::domain::{Account, Input, InvitationRef, Naming, Region, Transition};

/// The account ids that one scenario may use.
const BLOCK: u64 = CastNaming::ACCOUNTS;

/// The account of the cast that founds the organization, where a scenario needs one.
pub const MANAGEMENT: Account = Account(99);

/// An account that never calls, and whose id begins with a zero.
pub(super) const WITH_ZERO: Account = Account(98);

/// Ids from here on don't begin with a zero.
const LOWEST_WITHOUT_ZERO: u64 = 100_000_000_000;

/// The accounts that may call, with a cast of so many.
pub fn callers(cast: u64) -> impl Iterator<Item = Account> + Clone {
    (1..=cast.max(STAGED)).map(Account).chain([MANAGEMENT])
}

/// The accounts of the cast that planned scenarios call with, whatever its size.
const STAGED: u64 = 5;

/// The names that one run of a scenario uses: account ids counted up from a base or assigned by the target, real
/// Regions, invitation ids as they are observed.
#[derive(Clone, Debug)]
pub struct CastNaming {
    base: u64,
    fixed: Option<Account>,
    assigned: BTreeMap<Account, Account>,
    regions: Arc<[Arc<str>]>,
    seen: BTreeMap<(Region, Account, Account), Vec<Arc<str>>>,
}

impl CastNaming {
    /// The number of account ids that one scenario may use.
    pub const ACCOUNTS: u64 = 200;

    /// Names for the scenario in the `slot`-th place after `base`.
    #[must_use]
    pub fn new(base: u64, slot: u64, regions: Arc<[Arc<str>]>) -> Self {
        Self { base: base + slot * BLOCK, fixed: None, assigned: BTreeMap::new(), regions, seen: BTreeMap::new() }
    }

    /// With this id for the first account of the cast, the only one that calls.
    #[must_use]
    pub fn with_single_caller(mut self, account: Account) -> Self {
        self.fixed = Some(account);
        self
    }

    /// With these ids for the accounts of the cast, from the first on.
    #[must_use]
    pub fn with_cast(mut self, cast: &[Account]) -> Self {
        self.assigned = (1..).map(Account).zip(cast.iter().copied()).collect();
        self
    }

    /// Gives an account of the cast the id that the target has assigned; from now on it has no other. Returns false,
    /// and changes nothing, where the id belongs to another account of the cast already.
    pub fn bind_account(&mut self, account: Account, id: Account) -> bool {
        let owner = self.account_from(&id.to_string());
        let free = owner.is_none_or(|owner| owner == account);
        if free {
            self.assigned.insert(account, id);
        }
        free
    }

    /// Whether the target has assigned the id of the account.
    #[must_use]
    pub fn is_assigned(&self, account: Account) -> bool {
        self.assigned.contains_key(&account)
    }

    /// Remembers the id of an invitation that `invitee` was shown.
    pub fn learn_invitation(&mut self, region: Region, invitee: Account, inviter: Account, id: &str) {
        let ids = self.seen.entry((region, invitee, inviter)).or_default();
        if ids.last().is_none_or(|last| **last != *id) {
            ids.push(id.into());
        }
    }

    /// The transition with the ids of invitations in place of the words for them.
    #[must_use]
    pub fn bind(&self, transition: &Transition) -> Transition {
        let mut bound = transition.clone();
        if let Input::Accept { invitation: Some(invitation), .. } = &mut bound.request.input {
            let (region, caller) = (transition.region, transition.caller);
            let of = |inviter: Account| self.seen.get(&(region, caller, inviter)).map_or(&[][..], Vec::as_slice);
            let id = match &*invitation {
                InvitationRef::Latest(inviter) => of(*inviter).last().cloned(),
                InvitationRef::Previous(inviter) => of(*inviter).iter().rev().nth(1).cloned(),
                InvitationRef::Unknown => None,
                InvitationRef::Text(text) => Some(text.as_str().into()),
            };
            let id = id.map_or_else(|| InvitationRef::UNKNOWN.to_owned(), |id| id.to_string());
            *invitation = InvitationRef::Text(id);
        }
        bound
    }
}

impl CastNaming {
    /// The id that an account has where none was given to it.
    const fn counted(&self, account: Account) -> Account {
        let id = self.base + account.0;
        Account(if account.0 == WITH_ZERO.0 { id % LOWEST_WITHOUT_ZERO } else { id })
    }
}

impl Naming for CastNaming {
    fn account(&self, account: Account) -> String {
        match (self.assigned.get(&account), self.fixed) {
            (Some(assigned), _) => assigned.to_string(),
            (None, Some(fixed)) if account == Account(1) => fixed.to_string(),
            (None, _) => self.counted(account).to_string(),
        }
    }

    fn account_from(&self, text: &str) -> Option<Account> {
        let id = Account::from_digits(text)?;
        if let Some((account, _)) = self.assigned.iter().find(|(_, assigned)| **assigned == id) {
            return Some(*account);
        }
        if self.fixed == Some(id) {
            return Some(Account(1));
        }
        let account =
            if id == self.counted(WITH_ZERO) { WITH_ZERO } else { Account(id.0.checked_sub(self.base)?) };
        let is_so_called = account.0 < BLOCK && self.counted(account) == id;
        (is_so_called && !self.assigned.contains_key(&account)).then_some(account)
    }

    fn invitation(&self, _: Account, invitation: &InvitationRef) -> String {
        match invitation {
            InvitationRef::Text(text) => text.clone(),
            InvitationRef::Latest(_) | InvitationRef::Previous(_) | InvitationRef::Unknown => {
                InvitationRef::UNKNOWN.to_owned()
            }
        }
    }

    fn region(&self, region: Region) -> String {
        self.regions.get(usize::from(region.0)).map_or_else(String::new, ToString::to_string)
    }

    fn region_from(&self, text: &str) -> Option<Region> {
        let index = self.regions.iter().position(|known| **known == *text)?;
        u8::try_from(index).ok().map(Region)
    }
}

/// The name of an account of the cast in reports and saved scenarios.
#[must_use]
pub fn principal_name(account: Account) -> String {
    match account.0 {
        1 => "administrator".to_owned(),
        number if number == MANAGEMENT.0 => "management".to_owned(),
        number @ 2..99 => format!("member-{}", number - 1),
        number => format!("outsider-{number}"),
    }
}

/// The account of the cast with this name.
pub(super) fn principal_from(name: &str) -> Option<Account> {
    let number = |prefix: &str| name.strip_prefix(prefix)?.parse::<u64>().ok();
    match name {
        "administrator" => return Some(Account(1)),
        "management" => return Some(MANAGEMENT),
        _ => {}
    }
    let member = number("member-").filter(|number| (1..98).contains(number)).map(|number| number + 1);
    member.or_else(|| number("outsider-").filter(|number| (100..BLOCK).contains(number))).map(Account)
}
