//! Accounts as the model sees them, and how a run gives them real ids.

use std::fmt;

/// An AWS account, by the number its twelve-digit id spells.
///
/// In a scenario the numbers are those of its cast (1, 2, 3, …); a [`Naming`] gives each a real id for one run.
/// Inside the reference server the number is the real id itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(pub u64);

impl Account {
    /// The largest number that twelve digits can hold.
    pub const MAX: u64 = 999_999_999_999;

    /// Reads a string of exactly twelve ASCII digits; anything else is not an account id.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let well_formed = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        well_formed.then(|| text.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

/// The value in the place of an account id. Requests may be wrong on purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountRef {
    /// A well-formed id.
    Account(Account),
    /// Text that is not twelve digits, sent as it is.
    Text(String),
}

impl AccountRef {
    /// The account, when the id is well formed.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Text(_) => None,
        }
    }
}

impl From<Account> for AccountRef {
    fn from(account: Account) -> Self {
        Self::Account(account)
    }
}

/// Gives the accounts and invitations of a scenario the strings that one run uses for them, and back.
pub trait Naming {
    /// The string that stands for an account.
    fn account(&self, account: Account) -> String;
    /// The account that a string stands for; `None` for strings this run did not hand out.
    fn account_from(&self, text: &str) -> Option<Account>;
    /// The string that stands for an invitation, as seen by `caller`.
    fn invitation(&self, caller: Account, invitation: &super::InvitationRef) -> String;
    /// The invitation that a string stands for.
    fn invitation_from(&self, text: &str) -> super::InvitationRef {
        super::InvitationRef::Text(text.to_owned())
    }
    /// The real name of the scenario's `n`-th Region.
    fn region(&self, region: Region) -> String;
    /// The Region that a string names.
    fn region_from(&self, text: &str) -> Option<Region>;
    /// Whether findings are written with every member that the API demands.
    fn findings_in_full(&self) -> bool {
        true
    }
}

/// A Region of a run, by its place in the run's list of Regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(pub u8);

/// Accounts and Regions by their numbers alone: what the reference server and the scenario-free parts use.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainNaming;

impl Naming for PlainNaming {
    fn account(&self, account: Account) -> String {
        account.to_string()
    }
    fn account_from(&self, text: &str) -> Option<Account> {
        Account::from_digits(text)
    }
    fn invitation(&self, _caller: Account, invitation: &super::InvitationRef) -> String {
        match invitation {
            super::InvitationRef::Text(text) => text.clone(),
            super::InvitationRef::Latest(_)
            | super::InvitationRef::Previous(_)
            | super::InvitationRef::Unknown => super::InvitationRef::UNKNOWN.to_owned(),
        }
    }
    fn region(&self, region: Region) -> String {
        format!("region-{}", region.0)
    }
    fn region_from(&self, text: &str) -> Option<Region> {
        text.strip_prefix("region-")?.parse().ok().map(Region)
    }
}
