//! The accounts of a run: one range of slots for each part of it, and no two of them overlap.
//!
//! A slot is as many account ids as a scenario may use, counted up from where the ids of the run begin. A caller that
//! runs something asks here for its names; account ids are added up nowhere else.

use std::ops::Range;
use std::sync::Arc;

use super::settings::{Phase, RunSettings};
use crate::generate::CastNaming;
use passmuster_contract::domain::Account;

/// So many account ids belong to one run. Blocks of them are tried until one is unused.
pub(super) const BLOCK: u64 = 100_000_000;
/// So many slots belong to one run.
const SLOTS: u64 = BLOCK / CastNaming::ACCOUNTS;

/// So many blocks there are, one more for where they begin. Ids that begin with a nine are left to the accounts that the
/// reference server creates.
const BLOCKS: u64 = 7_999;
/// The lowest account id.
const LOWEST: u64 = 100_000_000_000;

/// Where the account ids of a run begin, the `attempt`-th time that it looks for some that are unused. Two runs with
/// different nonces are as good as sure to have none in common.
pub(super) const fn base(seed: u64, nonce: u64, attempt: u64) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let spread = nonce.wrapping_mul(SPREAD);
    let block = (seed.wrapping_mul(SPREAD) >> 32).wrapping_add(spread >> 32).wrapping_add(attempt) % BLOCKS;
    LOWEST + block * BLOCK + (spread >> 16) % SLOTS * CastNaming::ACCOUNTS
}

/// A part of a run that takes accounts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountUse {
    /// The probe, and a saved scenario that is run again.
    Probe,
    Boundary,
    Laws,
    Walk,
    Random,
    Malformed,
    /// Scenarios that are run again to look into what was found.
    Investigation,
    /// Command lines that show what was found. They are never sent by the harness.
    CommandLines,
}

impl AccountUse {
    const ALL: [Self; 8] = [
        Self::Probe,
        Self::Boundary,
        Self::Laws,
        Self::Walk,
        Self::Random,
        Self::Malformed,
        Self::Investigation,
        Self::CommandLines,
    ];

    /// The slots of this part.
    const fn range(self) -> Range<u64> {
        match self {
            Self::Probe => 0..1_000,
            Self::Boundary => 1_000..10_000,
            Self::Laws => 10_000..20_000,
            Self::Walk => 20_000..200_000,
            Self::Random => 200_000..300_000,
            Self::Malformed => 300_000..400_000,
            Self::Investigation => 400_000..450_000,
            Self::CommandLines => 450_000..490_000,
        }
    }

    /// The number of slots.
    pub(super) const fn slots(self) -> u64 {
        let range = self.range();
        range.end - range.start
    }

    /// The place of a slot among all slots of the run. Beyond the last slot of the part it begins again with the
    /// first one: accounts may be used up, but never those of another part.
    pub(super) const fn place(self, slot: u64) -> u64 {
        self.range().start + slot % self.slots()
    }
}

impl From<Phase> for AccountUse {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Probe => Self::Probe,
            Phase::Boundary => Self::Boundary,
            Phase::Laws => Self::Laws,
            Phase::Walk => Self::Walk,
            Phase::Random => Self::Random,
            Phase::Malformed => Self::Malformed,
        }
    }
}

/// Whether each range ends before the next begins, and the last one within the block.
const fn is_sound(uses: &[AccountUse]) -> bool {
    let (mut index, mut end) = (0, 0);
    while index < uses.len() {
        let range = uses[index].range();
        if range.start < end || range.end <= range.start {
            return false;
        }
        end = range.end;
        index += 1;
    }
    end <= SLOTS
}

const _: () = assert!(is_sound(&AccountUse::ALL), "two parts of a run would share accounts");

/// The names that a run gives to accounts and Regions.
#[derive(Clone, Debug)]
pub(super) struct AccountPlan {
    base: u64,
    /// A target that is reset between scenarios may see the same accounts again.
    fresh: bool,
    /// The only account that calls, where there is but one.
    single: Option<Account>,
    /// The accounts of the cast, where no others may be made up.
    cast: Option<Arc<[Account]>>,
    regions: Arc<[Arc<str>]>,
}

impl AccountPlan {
    /// The plan of a run whose account ids begin at `base`.
    pub(super) fn new(base: u64, settings: &RunSettings) -> Self {
        Self {
            base,
            fresh: settings.fresh_accounts,
            single: settings.single_account,
            cast: settings.cast.clone(),
            regions: settings.regions.clone(),
        }
    }

    /// Where the account ids begin.
    pub(super) const fn base(&self) -> u64 {
        self.base
    }

    /// The names of one scenario of a part.
    pub(super) fn naming(&self, part: impl Into<AccountUse>, slot: u64) -> CastNaming {
        let place = if self.fresh { part.into().place(slot) } else { 0 };
        let naming = CastNaming::new(self.base, place, self.regions.clone());
        match (&self.cast, self.single) {
            (Some(cast), _) => naming.with_cast(cast),
            (None, Some(account)) => naming.with_single_caller(account),
            (None, None) => naming,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use passmuster_contract::domain::Naming;

    /// The ids of the first and the last account of a slot.
    fn ids(plan: &AccountPlan, part: AccountUse, slot: u64) -> (u64, u64) {
        let naming = plan.naming(part, slot);
        let id = |account: u64| naming.account(Account(account)).parse().unwrap();
        (id(0), id(CastNaming::ACCOUNTS - 1))
    }

    #[test]
    fn no_two_parts_of_a_run_share_an_account_however_many_slots_they_ask_for() {
        let base = 3 * BLOCK;
        let plan = AccountPlan::new(base, &RunSettings::default());
        let mut taken: Vec<(u64, u64)> = Vec::new();
        for part in AccountUse::ALL {
            let asked = [0, 1, part.slots() - 1, part.slots(), 190_000, 2 * SLOTS + 7];
            let ids: Vec<_> = asked.into_iter().map(|slot| ids(&plan, part, slot)).collect();
            let first = ids.iter().map(|(first, _)| *first).min().unwrap();
            let last = ids.iter().map(|(_, last)| *last).max().unwrap();
            assert!(first >= base && last < base + BLOCK, "{part:?} leaves the block");
            for other in &taken {
                assert!(last < other.0 || other.1 < first, "{part:?} shares {first} to {last} with {other:?}");
            }
            taken.push((first, last));
        }
    }

    #[test]
    fn ids_follow_from_seed_and_nonce_and_leave_those_that_begin_with_a_nine() {
        assert_eq!(base(1, 0, 0), base(1, 0, 0));
        assert_eq!(base(1, 0, 0) % BLOCK, LOWEST % BLOCK);
        let mut seen: Vec<u64> = (0..2_000).map(|nonce| base(1, nonce, 0)).collect();
        assert!(seen.iter().all(|base| (LOWEST..=900_000_000_000 - BLOCK).contains(base)));
        seen.extend([base(2, 0, 0), base(1, 0, 1), base(1, u64::MAX, u64::MAX)]);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 2_003);
    }

    #[test]
    fn ranges_that_overlap_or_leave_the_block_are_not_sound() {
        assert!(is_sound(&AccountUse::ALL));
        assert!(!is_sound(&[AccountUse::Random, AccountUse::Walk]));
        assert!(!is_sound(&[AccountUse::Random, AccountUse::Random]));
    }

    #[test]
    fn a_target_that_is_reset_sees_the_same_accounts_again() {
        let settings = RunSettings { fresh_accounts: false, ..RunSettings::default() };
        let plan = AccountPlan::new(BLOCK, &settings);
        assert_eq!(ids(&plan, AccountUse::Random, 5), ids(&plan, AccountUse::Probe, 0));
    }
}
