//! A scenario as it ran, and what was run under one number of a plan: data only.

use std::collections::{BTreeMap, BTreeSet};

use super::tally::Tally;
use crate::generate::{CastNaming, SituationId};
use passmuster_contract::domain::{Account, Divergence, Fingerprint, Operation, Outcome, Scenario, Transition};
use passmuster_contract::oracle::Given;
use passmuster_contract::wire::HttpResponse;

/// So many scenarios in a row without any answer, and the target counts as gone.
pub(super) const MOST_UNREACHABLE: u32 = 3;

/// An executed transition.
#[derive(Clone, Debug)]
pub struct ExecutedStep {
    /// The call.
    pub transition: Transition,
    /// The answer, or why there is no whole answer, in words.
    pub answer: Result<Outcome, String>,
    /// The number of entries on each page of a list.
    pub pages: Vec<usize>,
    /// Whether the contract admits the answer.
    pub conforms: bool,
    /// Whether the call was not made, as what it does is given.
    pub given: bool,
}

impl ExecutedStep {
    /// The step with as much of its answer as a report shows.
    pub(super) fn clipped(&self) -> Self {
        let answer = match &self.answer {
            Ok(outcome) => Ok(outcome.clipped()),
            Err(reason) => Err(reason.clone()),
        };
        let Self { transition, pages, conforms, given, .. } = self;
        Self { transition: transition.clone(), answer, pages: pages.clone(), conforms: *conforms, given: *given }
    }
}

/// A divergence and where it showed.
#[derive(Clone, Debug)]
pub struct FoundDivergence {
    /// The divergence.
    pub divergence: Divergence,
    /// The number of steps that had been made, the one that shows it included.
    pub steps: usize,
    /// The number of calls that had been made.
    pub calls: u64,
    /// The shortest path to it that the model knows, where the walk covered it.
    pub shortest: Option<Scenario>,
    /// The answer that shows it and the operation called, where it is an error.
    pub answer: Option<(Operation, HttpResponse)>,
    /// Whether the target hung up: what one that is about to end does to whatever it was asked last.
    pub hung_up: bool,
}

/// A scenario as it ran.
#[derive(Clone, Debug, Default)]
pub struct Execution {
    /// The calls and their answers.
    pub steps: Vec<ExecutedStep>,
    /// The divergences.
    pub found: Vec<FoundDivergence>,
    /// The answers to open questions, each with how many steps it took to settle it first.
    pub answered: Vec<(Given, usize)>,
    /// Counts.
    pub tally: Tally,
    /// Why it ended before its time.
    pub ended: Option<String>,
    /// No call brought an answer: the target can't be reached.
    pub unreachable: bool,
    /// Already the first call could not be judged.
    pub fruitless: bool,
    /// The ids that the target has assigned to accounts it was told to create.
    pub assigned: Vec<(Account, Account)>,
    /// The abstract states of the walk that it covered.
    pub(super) exercised: BTreeSet<SituationId>,
}

impl Execution {
    /// The names that were used in the end, given those it began with.
    #[must_use]
    pub fn names(&self, mut naming: CastNaming) -> CastNaming {
        for (account, id) in &self.assigned {
            naming.bind_account(*account, *id);
        }
        naming
    }

    /// The scenario that ran, up to some step.
    #[must_use]
    pub fn scenario(&self, steps: usize) -> Scenario {
        Scenario { transitions: self.steps.iter().take(steps).map(|step| step.transition.clone()).collect() }
    }
}

/// The executions under one number of a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempt {
    /// The scenarios in the order in which they ran, each with the accounts of the next slot: both sides of a law, or
    /// a path of the walk and the alternative paths after it.
    pub(super) parts: Vec<Execution>,
    /// The abstract states of the walk that it was to cover and didn't, and the divergence in the way with the number.
    pub(super) missed: BTreeMap<SituationId, Option<(u64, Fingerprint)>>,
}

impl From<Execution> for Attempt {
    fn from(execution: Execution) -> Self {
        Self { parts: vec![execution], missed: BTreeMap::new() }
    }
}
