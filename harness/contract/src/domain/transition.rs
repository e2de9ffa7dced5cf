//! One thing to do, and a planned sequence of them.

use super::{Account, Region, Request};

/// One thing to do: who calls what, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Transition {
    /// The calling account.
    pub caller: Account,
    /// The Region called.
    pub region: Region,
    /// The call.
    pub request: Request,
}

/// A planned sequence of transitions by the accounts of a cast.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scenario {
    /// The calls, in order.
    pub transitions: Vec<Transition>,
}

impl Scenario {
    /// Every account the scenario mentions, each once, in order of number.
    #[must_use]
    pub fn cast(&self) -> Vec<Account> {
        let named = |transition: &Transition| {
            let mut accounts = transition.request.named_accounts();
            accounts.push(transition.caller);
            accounts
        };
        let mut cast: Vec<Account> = self.transitions.iter().flat_map(named).collect();
        cast.sort_unstable();
        cast.dedup();
        cast
    }

    /// The number of Regions that the scenario touches.
    #[must_use]
    pub fn regions(&self) -> usize {
        let mut regions: Vec<Region> = self.transitions.iter().map(|transition| transition.region).collect();
        regions.sort_unstable();
        regions.dedup();
        regions.len()
    }
}
