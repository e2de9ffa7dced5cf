//! The plan of a phase: its scenarios by their numbers, each of which can be run without any other.

use std::sync::Arc;

use super::super::context::RunContext;
use super::super::execution::Attempt;
use super::super::settings::Phase;
use crate::generate::LawCase;

/// The scenarios of a phase. Each can be run without any other having been run before.
pub(in crate::engine) trait PhasePlan: Send + Sync + 'static {
    /// The phase.
    const PHASE: Phase;

    /// The number of scenarios, over all shards.
    fn scenarios(&self) -> u64;

    /// About how many calls the scenario of this number takes, rather too many than too few.
    fn cost(&self, number: u64) -> u64;

    /// The title of what is run with the accounts of this slot, so that it can be found again.
    fn title(&self, slot: u64) -> String;

    /// The slot in the phase whose accounts the scenario of this number takes.
    fn slot(&self, number: u64) -> u64 {
        number
    }

    /// The law that is tried under this number, where one is.
    fn case(&self, _number: u64) -> Option<&Arc<LawCase>> {
        None
    }

    /// Runs the scenario of this number.
    ///
    /// # Errors
    ///
    /// When the target can't be made to forget, in words that fit after "failed to …".
    fn run(&self, number: u64, context: &RunContext) -> impl Future<Output = Result<Attempt, String>> + Send;
}
