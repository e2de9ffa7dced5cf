//! The boundary phase: each constraint on either side of its edge.

use super::execute::Execution;
use super::lane::{Plan, Stage};
use super::random::can_go;
use super::settings::{Phase, RunSettings};
use super::{Supply, SupportTable};
use crate::generate::Case;

/// More calls than steps are made where a case walks through a list: so many, in the middle.
const CALLS_OF_A_WALK: u64 = 12;

/// The cases that this target allows, as many as the budget does.
pub(super) struct Boundary {
    cases: Vec<Case>,
}

impl Boundary {
    /// As many cases as take about so many calls.
    pub(super) fn plan(settings: &RunSettings, support: &SupportTable, calls: u64, only_one: bool) -> Self {
        let mut left = if only_one { 0 } else { calls };
        let generate = &settings.generate;
        let mut cases = Case::all(&generate.operations, settings.callers(), generate.regions);
        cases.retain(|case| can_go(&case.scenario, settings, support));
        let within = |case: &Case| {
            let rest = left.checked_sub(cost(case));
            left = rest.unwrap_or(0);
            rest.is_some()
        };
        let cases = cases.into_iter().take_while(within).collect();
        Self { cases }
    }

    fn get(&self, number: u64) -> Option<&Case> {
        self.cases.get(usize::try_from(number).ok()?)
    }
}

fn cost(case: &Case) -> u64 {
    let walk = if case.is_walk() { CALLS_OF_A_WALK } else { 0 };
    case.scenario.transitions.len() as u64 + walk
}

impl Plan for Boundary {
    const PHASE: Phase = Phase::Boundary;

    fn scenarios(&self) -> u64 {
        self.cases.len() as u64
    }

    fn calls(&self) -> u64 {
        self.cases.iter().map(cost).sum()
    }

    fn title(&self, slot: u64) -> String {
        self.get(slot).map_or_else(String::new, |case| format!("boundary, {}", case.id))
    }

    async fn run<S: Supply>(&self, number: u64, stage: &Stage<S>) -> Result<Execution, String> {
        let Some(case) = self.get(number) else { return Ok(Execution::default()) };
        stage.run(Self::PHASE, number, async |executor| executor.scenario(&case.scenario).await).await
    }
}
