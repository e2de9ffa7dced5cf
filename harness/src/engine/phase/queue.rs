//! The queue of a run: the scenarios of all phases in one order, by what each adds for the calls that it costs. A short
//! run is the beginning of a long one. Nothing in it depends on what the target answers, so that every shard of a run
//! plans alike.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::context::RunContext;
use super::super::execution::Attempt;
use super::super::settings::Phase;
use super::boundary::Boundary;
use super::laws::Laws;
use super::plan::PhasePlan;
use super::random::Random;
use super::walk::Walking;
use crate::generate::{Candidate, Feature, LawCase, by_value, features};
use crate::record::WalkRecord;

/// About so many calls are made of the first boundary cases, while the walk is planned.
const HEAD_CALLS: u64 = 100;
/// After so many calls the goals are gone to, whatever else shows anything new: a run that is as long as that misses none.
const CALLS_BEFORE_GOALS: u64 = 3_000;

/// The phases with scenarios, and the share of the calls that each gets behind what shows something new, as long as it
/// has scenarios.
const SHARES: [(Phase, u64); 4] =
    [(Phase::Boundary, 30), (Phase::Laws, 10), (Phase::Walk, 45), (Phase::Random, 15)];

/// Scenarios of all phases, in the order in which they are run.
pub(in crate::engine) struct Queue {
    boundary: Option<Boundary>,
    laws: Option<Laws>,
    walk: Option<Walking>,
    random: Option<Random>,
    /// The place of its first scenario in the whole order.
    first: u64,
    order: Vec<Queued>,
    calls: u64,
}

/// A scenario of a phase, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Queued {
    pub(in crate::engine) phase: Phase,
    pub(in crate::engine) number: u64,
}

/// The plan of the phase of a scenario, to do something with it.
macro_rules! with_plan {
    ($queue:expr, $phase:expr, $plan:ident => $do:expr, $otherwise:expr) => {
        match $phase {
            Phase::Boundary => match &$queue.boundary {
                Some($plan) => $do,
                None => $otherwise,
            },
            Phase::Laws => match &$queue.laws {
                Some($plan) => $do,
                None => $otherwise,
            },
            Phase::Walk => match &$queue.walk {
                Some($plan) => $do,
                None => $otherwise,
            },
            Phase::Random => match &$queue.random {
                Some($plan) => $do,
                None => $otherwise,
            },
            Phase::Probe | Phase::Malformed => $otherwise,
        }
    };
}

/// The scenarios of one phase, as far as they have been taken.
#[derive(Clone, Debug)]
struct PhaseStream {
    phase: Phase,
    share: u64,
    /// Calls of the scenarios taken so far.
    spent: u64,
    /// The next scenario.
    number: u64,
}

impl Queue {
    /// What comes first, whatever else there is: as much of it as takes no long plan.
    pub(in crate::engine) fn head(context: &RunContext) -> Self {
        let mut queue = Self::empty(0);
        if context.settings.phases.contains(&Phase::Boundary) {
            queue.boundary = Some(Boundary::plan(context));
        }
        let cases = queue.boundary.as_ref().map_or(0, Boundary::scenarios);
        let plain = |number: &u64| queue.boundary.as_ref().is_some_and(|boundary| !boundary.is_pair(*number));
        let plain: Vec<u64> = (0..cases).filter(plain).collect();
        for number in plain {
            if queue.calls >= HEAD_CALLS || !queue.add(Queued { phase: Phase::Boundary, number }, context) {
                break;
            }
        }
        queue
    }

    /// The rest, which takes a search of the model.
    pub(in crate::engine) fn rest(context: &RunContext, head: &Self) -> Self {
        let wanted = |phase| context.settings.phases.contains(&phase);
        let mut queue = Self::empty(head.end());
        queue.calls = head.calls;
        queue.boundary = wanted(Phase::Boundary).then(|| Boundary::plan(context));
        queue.laws = wanted(Phase::Laws).then(|| Laws::plan(context));
        queue.walk = wanted(Phase::Walk).then(|| Walking::plan(context));
        queue.random = wanted(Phase::Random).then(|| Random::plan(context));
        let mut first = queue.valuable(context, head);
        let goals = queue.random.as_ref().map_or(0, Random::to_goals);
        let goals = (0..goals).map(|number| Queued { phase: Phase::Random, number });
        let mut calls = queue.calls;
        let before = first.iter().take_while(|queued| {
            calls += queue.cost(**queued);
            calls <= CALLS_BEFORE_GOALS
        });
        let before = before.count();
        first.splice(before..before, goals);
        for queued in &first {
            if !queue.add(*queued, context) {
                return queue;
            }
        }
        queue.add_in_turns(context, &[&head.order[..], &first].concat());
        queue
    }

    const fn empty(first: u64) -> Self {
        Self { boundary: None, laws: None, walk: None, random: None, first, order: Vec::new(), calls: 0 }
    }

    /// The plan of the walk among it, if there is one.
    pub(in crate::engine) fn walk(&self) -> Option<WalkRecord> {
        self.walk.as_ref().map(Walking::size)
    }

    /// Adds a scenario, if there is such a one, and calls are left for it.
    fn add(&mut self, queued: Queued, context: &RunContext) -> bool {
        let is_there = self.calls < context.settings.max_calls && queued.number < self.scenarios(queued.phase);
        if is_there {
            self.calls += self.cost(queued);
            self.order.push(queued);
        }
        is_there
    }

    fn scenarios(&self, phase: Phase) -> u64 {
        with_plan!(self, phase, plan => plan.scenarios(), 0)
    }

    fn cost(&self, Queued { phase, number }: Queued) -> u64 {
        with_plan!(self, phase, plan => plan.cost(number), 0)
    }

    /// Of the boundary cases and the first paths of the walk those that show anything new, by their value.
    fn valuable(&self, context: &RunContext, head: &Self) -> Vec<Queued> {
        let answers = &context.settings.answers;
        let mut found = Vec::new();
        let mut candidates = Vec::new();
        // What comes first has been seen.
        let first = head.order.iter().filter_map(|queued| head.boundary.as_ref()?.scenario(queued.number));
        let seen: Vec<Feature> = first.flat_map(|scenario| features(&scenario.transitions, answers)).collect();
        let mut consider = |phase, number, features| {
            let queued = Queued { phase, number };
            candidates.push(Candidate { features, cost: self.cost(queued) });
            found.push(queued);
        };
        if let Some(boundary) = &self.boundary {
            for number in 0..boundary.scenarios() {
                let Some(scenario) = boundary.scenario(number) else { break };
                if head.order.contains(&Queued { phase: Phase::Boundary, number }) {
                    continue;
                }
                let mut features = features(&scenario.transitions, answers);
                features.extend(boundary.walk(number).map(|(read, list)| Feature::of_walk(read, list)));
                features.extend(boundary.member(number, answers));
                consider(Phase::Boundary, number, features);
            }
        }
        if let Some(walk) = &self.walk {
            for number in 0..walk.scenarios() {
                let Some(scenario) = walk.first(number) else { break };
                consider(Phase::Walk, number, features(&scenario.transitions, answers));
            }
        }
        by_value(&candidates, &seen).into_iter().map(|number| found[number]).collect()
    }

    /// Adds all that is left, each phase by its share, until the calls are spent.
    fn add_in_turns(&mut self, context: &RunContext, taken: &[Queued]) {
        let taken: BTreeSet<&Queued> = taken.iter().collect();
        let mut lanes = SHARES.map(|(phase, share)| PhaseStream { phase, share, spent: 0, number: 0 }).to_vec();
        while let Some(lane) = lanes.iter_mut().min_by_key(|lane| lane.spent * 100 / lane.share) {
            let queued = Queued { phase: lane.phase, number: lane.number };
            lane.number += 1;
            if taken.contains(&queued) {
                continue;
            }
            if self.add(queued, context) {
                lane.spent += self.cost(queued);
            } else {
                lanes.retain(|lane| lane.phase != queued.phase);
            }
        }
    }

    /// The place after its last scenario.
    const fn end(&self) -> u64 {
        self.first + self.order.len() as u64
    }

    /// The scenarios with their places in the whole order.
    pub(super) fn places(&self) -> impl Iterator<Item = (u64, Queued)> + Send + 'static + use<> {
        (self.first..).zip(self.order.clone())
    }

    /// About how many calls there are to be made until its end.
    pub(in crate::engine) const fn calls(&self) -> u64 {
        self.calls
    }

    /// The title of what is run with the accounts of this slot of a phase, so that it can be found again.
    pub(super) fn title(&self, phase: Phase, slot: u64) -> String {
        with_plan!(self, phase, plan => plan.title(slot), String::new())
    }

    /// The slot in the phase whose accounts the scenario takes.
    pub(super) fn slot(&self, Queued { phase, number }: Queued) -> u64 {
        with_plan!(self, phase, plan => plan.slot(number), number)
    }

    /// The law that is tried, where one is.
    pub(super) fn case(&self, Queued { phase, number }: Queued) -> Option<&Arc<LawCase>> {
        with_plan!(self, phase, plan => plan.case(number), None)
    }

    /// Runs a scenario.
    ///
    /// # Errors
    ///
    /// When the target can't be made to forget, in words that fit after "failed to …".
    pub(super) async fn run(
        &self,
        Queued { phase, number }: Queued,
        context: &RunContext,
    ) -> Result<Attempt, String> {
        with_plan!(self, phase, plan => plan.run(number, context).await, Ok(Attempt::default()))
    }
}
