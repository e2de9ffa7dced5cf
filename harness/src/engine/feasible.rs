//! The scenarios that a target allows to run, by its operations and by where an organization comes from.

use super::executor::is_possible;
use super::settings::RunSettings;
use super::support::SupportTable;
use passmuster_contract::domain::{Scenario, Transition};

/// Whether this target allows to make every step.
pub(super) fn is_feasible(scenario: &Scenario, settings: &RunSettings, support: &SupportTable) -> bool {
    let supported = |transition: &Transition| support.has(transition.request.operation);
    scenario.transitions.iter().all(|transition| supported(transition) && settings.is_within_cast(transition))
        && is_possible(scenario, &settings.organization)
}
