//! The boundary phase: each constraint on either side of its edge.

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::erased::ErasedSystem;
use super::super::execution::Attempt;
use super::super::executor::Executor;
use super::super::feasible::is_feasible;
use super::super::settings::Phase;
use super::plan::PhasePlan;
use crate::generate::{Case, Feature, WalkedList};
use passmuster_contract::domain::{Operation, Scenario};
use passmuster_contract::model::Answers;

/// More cases would take the accounts of another phase.
const MOST_CASES: usize = AccountUse::Boundary.slots() as usize;

/// The cases that this target allows.
pub(in crate::engine) struct Boundary {
    cases: Vec<Case>,
}

impl Boundary {
    pub(in crate::engine) fn plan(context: &RunContext) -> Self {
        let settings = &context.settings;
        let generate = &settings.generate;
        let mut cases = Case::all(&generate.operations, settings.callers(), generate.regions);
        cases.retain(|case| !context.only_one() && is_feasible(&case.scenario, settings, &context.support));
        cases.truncate(MOST_CASES);
        Self { cases }
    }

    /// The calls of a case, but for the further pages that it reads.
    pub(super) fn scenario(&self, number: u64) -> Option<&Scenario> {
        self.get(number).map(|case| &case.scenario)
    }

    /// The list that the case walks through, and the read of it.
    pub(super) fn walk(&self, number: u64) -> Option<(Operation, WalkedList)> {
        let case = self.get(number)?;
        Some((case.scenario.transitions.get(case.stage)?.request.operation, case.walked()?))
    }

    /// What the case shows of a member of an input.
    pub(super) fn member(&self, number: u64, answers: &Answers) -> Option<Feature> {
        let (member, call, before) = self.get(number)?.member()?;
        Some(Feature::of_member(before, call, member, answers))
    }

    /// Whether the case is of two faults in one request.
    pub(super) fn is_pair(&self, number: u64) -> bool {
        self.get(number).is_some_and(Case::is_pair)
    }

    fn get(&self, number: u64) -> Option<&Case> {
        self.cases.get(usize::try_from(number).ok()?)
    }
}

impl PhasePlan for Boundary {
    const PHASE: Phase = Phase::Boundary;

    fn scenarios(&self) -> u64 {
        self.cases.len() as u64
    }

    fn cost(&self, number: u64) -> u64 {
        let of_case = |case: &Case| {
            // More calls than steps are made where a case walks through a list.
            let pages = case.walked().map_or(0, |list| list.pages);
            case.scenario.transitions.len() as u64 + pages
        };
        self.get(number).map_or(0, of_case)
    }

    fn title(&self, slot: u64) -> String {
        self.get(slot).map_or_else(String::new, |case| format!("boundary, {}", case.id))
    }

    async fn run(&self, number: u64, context: &RunContext) -> Result<Attempt, String> {
        let Some(case) = self.get(number) else { return Ok(Attempt::default()) };
        let scenario = async |executor: Executor<'_, ErasedSystem>| executor.scenario(&case.scenario).await;
        Ok(context.run(Self::PHASE, number, scenario).await?.into())
    }
}
