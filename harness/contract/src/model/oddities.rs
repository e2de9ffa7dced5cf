//! The unusual circumstances of an account, as far as the state tells them.

use std::collections::BTreeSet;

use super::state::{Standing, State};
use crate::domain::{Account, Oddity, Region};

/// The unusual circumstances that an account is in, in a Region.
#[must_use]
pub fn oddities(state: &State, region: Region, account: Account) -> BTreeSet<Oddity> {
    let here = state.region(region);
    let own = state.organization_of(account);
    let organization = own.map(|(_, organization)| organization);
    let designation = own.and_then(|(management, _)| here.designations.get(&management));
    let leader = here.administrator(account);
    let entry = leader.and_then(|leader| here.members.get(&(leader, account)));
    let is = |oddity: Oddity| match oddity {
        Oddity::Suspended => state
            .organizations
            .values()
            .any(|held| held.accounts.get(&account).or(held.gone.get(&account)) == Some(&Standing::Suspended)),
        Oddity::Departed => state.organizations.values().any(|held| held.gone.contains_key(&account)),
        Oddity::Undesignated => {
            designation.is_some_and(|held| held.administrator.is_none() && held.before.is_some())
        }
        Oddity::Untrusted => organization.is_some_and(|held| !held.trusted),
        Oddity::Registered => organization.is_some_and(|held| held.registered.is_some()),
        Oddity::Central => {
            designation.and_then(|held| held.configuration.seen()).is_some_and(|value| value == "CENTRAL")
        }
        Oddity::Converted => entry.is_some_and(|entry| entry.organization && entry.invited),
    };
    Oddity::ALL.into_iter().filter(|oddity| is(*oddity)).collect()
}
