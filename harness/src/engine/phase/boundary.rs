//! The boundary phase: each constraint on either side of its edge.

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::execution::Attempt;
use super::super::executor::Executor;
use super::super::feasible::is_feasible;
use super::super::settings::Phase;
use super::super::supply::Supply;
use super::plan::PhasePlan;
use crate::generate::Case;

/// More calls than steps are made where a case walks through a list: so many, in the middle.
const CALLS_OF_A_WALK: u64 = 12;
/// More cases would take the accounts of another phase.
const MOST_CASES: usize = AccountUse::Boundary.slots() as usize;

/// The cases that this target allows, as many as the budget does.
pub(in crate::engine) struct Boundary {
    cases: Vec<Case>,
}

impl Boundary {
    /// As many cases as take about so many calls.
    pub(in crate::engine) fn plan<S: Supply>(context: &RunContext<S>, calls: u64) -> Self {
        let settings = &context.settings;
        let mut left = if context.only_one() { 0 } else { calls };
        let generate = &settings.generate;
        let mut cases = Case::all(&generate.operations, settings.callers(), generate.regions);
        cases.retain(|case| is_feasible(&case.scenario, settings, &context.support));
        let within = |case: &Case| {
            let rest = left.checked_sub(cost(case));
            left = rest.unwrap_or(0);
            rest.is_some()
        };
        let cases = cases.into_iter().take(MOST_CASES).take_while(within).collect();
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

impl PhasePlan for Boundary {
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

    async fn run<S: Supply>(&self, number: u64, context: &RunContext<S>) -> Result<Attempt, String> {
        let Some(case) = self.get(number) else { return Ok(Attempt::default()) };
        let scenario = async |executor: Executor<'_, S::Sut>| executor.scenario(&case.scenario).await;
        Ok(context.run(Self::PHASE, number, scenario).await?.into())
    }
}
