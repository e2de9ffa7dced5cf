//! The settings of random generation, all in one place.

use passmuster_contract::domain::Operation;

/// The first of the accounts that are created in an organization while a scenario runs.
pub(super) const NEWCOMER: u64 = 50;

/// The settings of random scenarios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerateSettings {
    /// Accounts in the cast, at least one.
    pub cast: u64,
    /// Regions in play, at least one.
    pub regions: u8,
    /// Intents in a scenario: least and greatest number.
    pub steps: (usize, usize),
    /// Operations that may be called; the others are left out.
    pub operations: Vec<Operation>,
    /// Whether all calls come from the first account of the cast.
    pub single_caller: bool,
    /// The percentage of intents that ignore what would be sensible in the state reached.
    pub odd: u32,
    /// The percentage of scenarios that leave out a random half of the operations (swarm testing).
    pub swarm: u32,
    /// The percentage of scenarios that begin with the shortest path to some rule, each path in its turn.
    pub guided: u32,
    /// Intents after such a beginning: least and greatest number.
    pub guided_steps: (usize, usize),
    /// The percentage of scenarios that use more than one Region.
    pub several_regions: u32,
    /// The percentage of scenarios that take place in an organization, where one can be set up.
    pub organization: u32,
    /// Whether something stands before the intents: an organization can't be set up any more, but may be there.
    pub begun: bool,
    /// The number of accounts of the cast that are created in the organization, from the first on.
    pub colleagues: u64,
}

impl GenerateSettings {
    /// Whether scenarios can set an organization up.
    #[must_use]
    pub fn has_organization(&self) -> bool {
        let needed = [Operation::CreateOrganization, Operation::CreateAccount, Operation::EnableAWSServiceAccess];
        needed.iter().all(|operation| self.operations.contains(operation))
    }
}

impl Default for GenerateSettings {
    fn default() -> Self {
        Self {
            cast: 4,
            regions: 2,
            steps: (6, 40),
            operations: [Operation::ALL, Operation::SETUP].concat(),
            single_caller: false,
            odd: 15,
            swarm: 30,
            guided: 60,
            guided_steps: (1, 8),
            several_regions: 20,
            organization: 30,
            begun: false,
            colleagues: 3,
        }
    }
}
