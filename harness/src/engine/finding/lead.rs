//! A divergence as it was first seen, before it is looked into: data only.

use std::sync::Arc;

use super::super::execution::{ExecutedStep, Execution, FoundDivergence};
use super::super::settings::Phase;
use crate::generate::{CastNaming, LawCase};
use passmuster_contract::domain::Scenario;

/// A divergence as it was first seen.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Lead {
    pub(in crate::engine) found: FoundDivergence,
    pub(in crate::engine) scenario: Scenario,
    /// The calls made until it showed, and their answers.
    pub(in crate::engine) steps: Vec<ExecutedStep>,
    /// The names that the accounts had.
    pub(in crate::engine) names: CastNaming,
    pub(in crate::engine) calls_before: u64,
    /// The law that it breaks: both sides have to be run to see it again.
    pub(in crate::engine) case: Option<Arc<LawCase>>,
    pub(in crate::engine) phase: Phase,
    /// The number of the scenario, or of the law's case.
    pub(in crate::engine) number: u64,
    /// After how many calls of what has this number it was seen.
    pub(in crate::engine) calls: u64,
}

/// The calls until a divergence showed, with as much of their answers as a report shows; the read that gave a second
/// opinion belongs to the proof, though not to the plan.
pub(in crate::engine) fn steps_until(execution: &Execution, found: &FoundDivergence) -> Vec<ExecutedStep> {
    let second = found.divergence.of_state && execution.steps.len() > found.steps;
    execution.steps.iter().take(found.steps + usize::from(second)).map(ExecutedStep::clipped).collect()
}
