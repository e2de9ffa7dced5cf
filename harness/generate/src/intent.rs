//! Intents: what a random scenario means to do. A selector becomes an account only when the intent runs, so that an
//! intent makes sense in whatever state it meets.

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rand::RngExt;

use super::GenerateSettings;
use passmuster_contract::domain::{Family, Operation};

/// An action to take.
pub type Action = Operation;

/// One thing a random scenario means to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The operation.
    pub action: Action,
    /// Selects the caller, or the pair of accounts.
    pub first: u32,
    /// Selects another account, or the shape of the arguments.
    pub second: u32,
    /// Selects oddities of the arguments.
    pub flavour: u32,
    /// The Region, by its place.
    pub region: u8,
    /// Whether to ignore what would be sensible.
    pub odd: bool,
}

/// The strategy of random scenarios.
#[derive(Clone, Debug)]
pub struct Intents {
    /// Its knobs.
    pub settings: GenerateSettings,
}

/// A drawn scenario. Intents are not shrunk: the scenario they resolved to is (see [`super::ScenarioTree`]).
#[derive(Debug)]
pub struct Drawn(Vec<Intent>);

impl ValueTree for Drawn {
    type Value = Vec<Intent>;

    fn current(&self) -> Vec<Intent> {
        self.0.clone()
    }
    fn simplify(&mut self) -> bool {
        false
    }
    fn complicate(&mut self) -> bool {
        false
    }
}

impl Strategy for Intents {
    type Tree = Drawn;
    type Value = Vec<Intent>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let settings = &self.settings;
        let rng = runner.rng();
        let mut operations: Vec<(Operation, u32)> =
            settings.operations.iter().map(|operation| (*operation, weight(*operation))).collect();
        if rng.random_range(0..100) < settings.swarm {
            // Leaving operations out lets the others go further (Groce et al., "Swarm Testing").
            for entry in &mut operations {
                let essential = matches!(entry.0, Operation::EnableSecurityHub);
                if !essential && rng.random_bool(0.3) {
                    entry.1 = 0;
                }
            }
        }
        let in_organization = settings.has_organization() && rng.random_range(0..100) < settings.organization;
        if !in_organization {
            // Without an organization these calls have little to say.
            for entry in &mut operations {
                let rare = entry.0.family() == Family::Organization || entry.0.is_setup();
                entry.1 = if entry.0.is_setup() { 0 } else { entry.1.min(if rare { 1 } else { u32::MAX }) };
            }
        }
        let regions =
            if rng.random_range(0..100) < settings.several_regions { settings.regions.max(1) } else { 1 };
        let length = rng.random_range(settings.steps.0..=settings.steps.1);
        let total: u32 = operations.iter().map(|(_, weight)| weight).sum();
        let enable = settings.operations.contains(&Operation::EnableSecurityHub);
        let prelude = if enable { rng.random_range(0..=4) * usize::from(regions) } else { 0 };
        let mut intents =
            if in_organization && !settings.begun { organization(settings, rng) } else { Vec::new() };
        for step in 0..length {
            let action = if step < prelude || total == 0 {
                Operation::EnableSecurityHub
            } else {
                pick(&operations, rng.random_range(0..total))
            };
            intents.push(Intent {
                action,
                first: rng.random(),
                second: rng.random(),
                flavour: rng.random(),
                // What is to be told apart needs a hub on either side.
                region: if step < prelude { region_of(step, regions) } else { rng.random_range(0..regions) },
                odd: rng.random_range(0..100) < settings.odd && step >= prelude,
            });
        }
        Ok(Drawn(intents))
    }
}

/// The intents that set an organization up, now and then without something that it should have.
fn organization(settings: &GenerateSettings, rng: &mut impl RngExt) -> Vec<Intent> {
    let call = |action, second| Intent { action, first: 0, second, flavour: 0, region: 0, odd: false };
    let mut intents = vec![call(Operation::CreateOrganization, 0)];
    for number in 1..=settings.colleagues.min(settings.cast) {
        intents.push(call(Operation::CreateAccount, u32::try_from(number).unwrap_or(u32::MAX)));
    }
    if rng.random_range(0..100) < 95 {
        intents.push(call(Operation::EnableAWSServiceAccess, 0));
    }
    if rng.random_range(0..100) < 80 {
        intents.push(call(Operation::EnableOrganizationAdminAccount, 0));
    }
    intents
}

fn region_of(step: usize, regions: u8) -> u8 {
    u8::try_from(step % usize::from(regions)).unwrap_or(0)
}

fn pick(operations: &[(Operation, u32)], mut place: u32) -> Operation {
    for (operation, weight) in operations {
        if place < *weight {
            return *operation;
        }
        place -= weight;
    }
    Operation::EnableSecurityHub
}

/// The weight of an operation, relative to the others.
fn weight(operation: Operation) -> u32 {
    match operation {
        Operation::CreateMembers | Operation::InviteMembers => 14,
        Operation::AcceptAdministratorInvitation => 9,
        Operation::AcceptInvitation | Operation::DisassociateMembers | Operation::DeleteMembers => 7,
        Operation::EnableSecurityHub | Operation::DeclineInvitations | Operation::DeleteInvitations => 6,
        Operation::DisassociateFromAdministratorAccount => 5,
        Operation::DisableSecurityHub | Operation::ListMembers | Operation::GetMembers => 4,
        Operation::DisassociateFromMasterAccount | Operation::UpdateSecurityHubConfiguration => 3,
        Operation::UpdateOrganizationConfiguration | Operation::BatchImportFindings => 4,
        Operation::GetFindings => 3,
        Operation::DisableAWSServiceAccess
        | Operation::RemoveAccountFromOrganization
        | Operation::CloseAccount
        | Operation::EnableAWSServiceAccess => 1,
        Operation::CreateOrganization
        | Operation::ListAccounts
        | Operation::LeaveOrganization
        | Operation::RegisterDelegatedAdministrator
        | Operation::DeregisterDelegatedAdministrator
        | Operation::CreateFindingAggregator => 0,
        Operation::DescribeHub
        | Operation::ListInvitations
        | Operation::GetInvitationsCount
        | Operation::GetAdministratorAccount
        | Operation::GetMasterAccount
        | Operation::EnableOrganizationAdminAccount
        | Operation::DisableOrganizationAdminAccount
        | Operation::ListOrganizationAdminAccounts
        | Operation::DescribeOrganizationConfiguration
        | Operation::GetEnabledStandards
        | Operation::BatchEnableStandards
        | Operation::BatchDisableStandards
        | Operation::CreateAccount => 2,
    }
}
