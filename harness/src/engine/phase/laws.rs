//! The phase of laws: two runs that may not differ, each with accounts of its own.

use std::sync::Arc;

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::erased::ErasedSystem;
use super::super::execution::{Attempt, FoundDivergence};
use super::super::executor::Executor;
use super::super::feasible::is_feasible;
use super::super::laws::{LawSide, violation};
use super::super::settings::Phase;
use super::plan::PhasePlan;
use crate::generate::LawCase;
use passmuster_contract::domain::{Scenario, Transition};

/// Slots of accounts for a case: one for each side.
const SLOTS: u64 = 2;
/// More cases would take the accounts of another phase.
const MOST_CASES: usize = (AccountUse::Laws.slots() / SLOTS) as usize;

/// The cases of the laws, in the order of their calls.
pub(in crate::engine) struct Laws {
    cases: Vec<Arc<LawCase>>,
}

impl Laws {
    /// The cases that this target allows. Where all scenarios share one set of accounts that nothing clears, no two
    /// runs can be held against each other.
    pub(in crate::engine) fn plan(context: &RunContext) -> Self {
        let cases = if context.only_one() { Vec::new() } else { LawCase::all() };
        let cases = cases.into_iter().filter_map(|case| within(case, context)).take(MOST_CASES);
        Self { cases: cases.map(Arc::new).collect() }
    }

    fn get(&self, number: u64) -> Option<&Arc<LawCase>> {
        self.cases.get(usize::try_from(number).ok()?)
    }
}

/// The case with the views that this target has; `None` where it lacks something else.
fn within(mut case: LawCase, context: &RunContext) -> Option<LawCase> {
    let RunContext { settings, support, .. } = context;
    let alone = settings.callers() == 1;
    let callable = |transition: &Transition| {
        support.has(transition.request.operation)
            && settings.generate.operations.contains(&transition.request.operation)
            && (!alone || transition.caller.0 == 1)
    };
    case.views.retain(callable);
    let possible = |scenario: &Scenario| {
        scenario.transitions.iter().all(callable) && is_feasible(scenario, settings, support)
    };
    (possible(&case.left_scenario()) && possible(&case.right_scenario())).then_some(case)
}

impl PhasePlan for Laws {
    const PHASE: Phase = Phase::Laws;

    fn scenarios(&self) -> u64 {
        self.cases.len() as u64
    }

    fn cost(&self, number: u64) -> u64 {
        self.get(number).map_or(0, |case| case.calls())
    }

    fn title(&self, slot: u64) -> String {
        let side = if slot.is_multiple_of(SLOTS) { "left" } else { "right" };
        self.get(slot / SLOTS).map_or_else(String::new, |case| format!("{}, {side} side", case.id))
    }

    fn slot(&self, number: u64) -> u64 {
        number * SLOTS
    }

    fn case(&self, number: u64) -> Option<&Arc<LawCase>> {
        self.get(number)
    }

    async fn run(&self, number: u64, context: &RunContext) -> Result<Attempt, String> {
        let Some(case) = self.get(number) else { return Ok(Attempt::default()) };
        let slot = self.slot(number);
        let side = |slot, scenario: Scenario| async move {
            let run = async |executor: Executor<'_, ErasedSystem>| executor.scenario(&scenario).await;
            context.run(Self::PHASE, slot, run).await
        };
        let left = side(slot, case.left_scenario()).await?;
        if left.ended.is_some() {
            return Ok(left.into());
        }
        let mut right = side(slot + 1, case.right_scenario()).await?;
        let named = |execution, slot| LawSide { execution, naming: context.accounts.naming(Self::PHASE, slot) };
        if let Some(divergence) = violation(case, &named(&left, slot), &named(&right, slot + 1)) {
            let (steps, calls) = (right.steps.len(), right.tally.calls);
            right.found.push(FoundDivergence {
                divergence,
                steps,
                calls,
                shortest: None,
                answer: None,
                hung_up: false,
            });
        }
        Ok(Attempt { parts: vec![left, right], ..Attempt::default() })
    }
}
