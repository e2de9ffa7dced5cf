//! The phase of laws: two runs that may not differ, each with accounts of its own.

mod differ;
mod seen;

use std::sync::Arc;

use super::execute::{Execution, Found};
use super::lane::{Plan, Stage};
use super::random::can_go;
use super::settings::{Phase, RunSettings};
use super::{Supply, SupportTable};
use crate::generate::{CastNaming, LawCase};
use passmuster_contract::domain::{Divergence, Scenario, Transition};
use seen::Seen;

/// The cases of the laws, in the order of their calls.
pub(super) struct Laws {
    cases: Vec<Arc<LawCase>>,
}

/// One side of a case as it ran, and the names that its accounts had.
pub(super) struct Side<'a> {
    pub(super) execution: &'a Execution,
    pub(super) naming: CastNaming,
}

impl Laws {
    /// The cases that this target allows, as many as take about so many calls. Where all scenarios share one set of
    /// accounts that nothing clears, no two runs can be held against each other.
    pub(super) fn plan(settings: &RunSettings, support: &SupportTable, calls: u64, only_one: bool) -> Self {
        let mut left = if only_one { 0 } else { calls };
        let mut cases = Vec::new();
        for case in LawCase::all().into_iter().filter_map(|case| within(case, settings, support)) {
            let Some(rest) = left.checked_sub(case.calls()) else { break };
            left = rest;
            cases.push(Arc::new(case));
        }
        Self { cases }
    }

    fn get(&self, number: u64) -> Option<&Arc<LawCase>> {
        self.cases.get(usize::try_from(number).ok()?)
    }
}

/// The case with the views that this target has; `None` where it lacks something else.
fn within(mut case: LawCase, settings: &RunSettings, support: &SupportTable) -> Option<LawCase> {
    let alone = settings.callers() == 1;
    let callable = |transition: &Transition| {
        support.has(transition.request.operation)
            && settings.generate.operations.contains(&transition.request.operation)
            && (!alone || transition.caller.0 == 1)
    };
    case.views.retain(callable);
    let possible =
        |scenario: &Scenario| scenario.transitions.iter().all(callable) && can_go(scenario, settings, support);
    (possible(&case.left_scenario()) && possible(&case.right_scenario())).then_some(case)
}

impl Plan for Laws {
    const PHASE: Phase = Phase::Laws;

    fn scenarios(&self) -> u64 {
        self.cases.len() as u64
    }

    fn calls(&self) -> u64 {
        self.cases.iter().map(|case| case.calls()).sum()
    }

    fn title(&self, slot: u64) -> String {
        let side = if slot.is_multiple_of(2) { "left" } else { "right" };
        self.get(slot / 2).map_or_else(String::new, |case| format!("{}, {side} side", case.id))
    }

    fn slot(&self, number: u64) -> u64 {
        number * 2
    }

    fn case(&self, number: u64) -> Option<&Arc<LawCase>> {
        self.get(number)
    }

    async fn run<S: Supply>(&self, number: u64, stage: &Stage<S>) -> Result<Execution, String> {
        let Some(case) = self.get(number) else { return Ok(Execution::default()) };
        let slot = self.slot(number);
        let side = |slot, scenario: Scenario| async move {
            stage.run(Self::PHASE, slot, async |executor| executor.scenario(&scenario).await).await
        };
        let left = side(slot, case.left_scenario()).await?;
        if left.ended.is_some() {
            return Ok(left);
        }
        let mut right = side(slot + 1, case.right_scenario()).await?;
        let named = |execution, slot| {
            let naming = stage.grounds.naming_in(Self::PHASE, slot, &stage.settings);
            Side { execution, naming }
        };
        if let Some(divergence) = violation(case, &named(&left, slot), &named(&right, slot + 1)) {
            let (steps, calls) = (right.steps.len(), right.tally.calls);
            right.found.push(Found { divergence, steps, calls, shortest: None, answer: None });
        }
        right.before = Some(Box::new(left));
        Ok(right)
    }
}

/// How two sides break the law of their case. Where the model has something to say against one of them, that is
/// found as it always is, and the law is silent.
pub(super) fn violation(case: &LawCase, left: &Side<'_>, right: &Side<'_>) -> Option<Divergence> {
    let left = Seen::of(&case.left_scenario(), case.left.len(), case.views.len(), left)?;
    let right = Seen::of(&case.right_scenario(), case.right.len(), case.views.len(), right)?;
    differ::difference(case, &left, &right)
}
