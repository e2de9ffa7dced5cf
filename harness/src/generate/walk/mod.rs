//! The systematic walk: every situation that the model can reach, and few long scenarios that come by them all.

mod amend;
mod facts;
mod plan;
mod search;
mod situation;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::domain::{Operation, RuleId, Scenario, Transition};
use crate::model::{Answers, State};
use amend::{Amendments, Key};
use facts::{Facts, MOST_PLACES};
use plan::{Planner, Tour};
use search::{Catalogue, Graph};
use situation::{Circumstance, Shape};
use stage::Stage;

pub use amend::Habits;
pub use search::SituationId;

/// The most accounts that a walk takes: beyond, there are too many states.
pub const MOST_CAST: u64 = 4;
/// The greatest depth.
pub const MOST_DEPTH: u8 = 12;

/// What is walked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WalkSettings {
    /// Accounts that invite each other.
    pub cast: u64,
    /// The most steps from the start to a situation.
    pub depth: u8,
    /// How many of the accounts may call, from the first on.
    pub callers: u64,
    /// Regions there are.
    pub regions: u8,
    /// The operations that may be called.
    pub operations: Vec<Operation>,
}

/// All situations that can be reached, and the scenarios that come by them.
#[derive(Debug)]
pub struct Walk {
    graphs: Vec<Graph>,
    catalogue: Catalogue,
    /// So many situations can be reached where nothing is amended; they have the lowest numbers.
    of_model: SituationId,
    tours: Vec<Tour>,
    answers: Answers,
}

/// What has been asked a target so far, to learn what it does otherwise than the model says.
#[derive(Debug, Default)]
pub struct Lessons {
    asked: BTreeSet<Key>,
    /// What was learnt.
    pub habits: Habits,
}

/// One step of the walk as it is to be made.
#[derive(Clone, Debug)]
pub struct WalkStep {
    /// The call.
    pub transition: Transition,
    /// The situation, where this is where it is to be seen.
    pub new: Option<SituationId>,
    /// Whether to look at what the call did.
    pub look: bool,
}

/// A scenario of the walk.
#[derive(Clone, Debug)]
pub struct WalkScenario {
    /// Its steps.
    pub steps: Vec<WalkStep>,
    /// The tour, where each step of the tour is found among the steps.
    tour: Tour,
    seed: usize,
}

impl WalkScenario {
    /// The situations that it is to come by.
    pub fn wanted(&self) -> impl Iterator<Item = SituationId> + '_ {
        self.steps.iter().filter_map(|step| step.new)
    }

    /// The stage that it is played on.
    #[must_use]
    pub const fn stage(&self) -> usize {
        self.tour.stage
    }
}

impl Walk {
    /// The walk with these settings, on a target of which this is known. It is planned once a process.
    #[must_use]
    pub fn get(settings: &WalkSettings, habits: &Habits) -> Arc<Self> {
        type Known = Mutex<Vec<((WalkSettings, Habits), Arc<Walk>)>>;
        static KNOWN: LazyLock<Known> = LazyLock::new(Known::default);
        /// So many are remembered.
        const MOST: usize = 4;
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (settings.clone(), habits.clone());
        if let Some((_, walk)) = known.iter().find(|(held, _)| *held == key) {
            return walk.clone();
        }
        let walk = Arc::new(Self::plan(settings, habits));
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push((key, walk.clone()));
        walk
    }

    /// Searches the model, and plans the scenarios, the most valuable first: those that come by a rule for the first
    /// time, then those that come by a situation. Where the target is known to do something otherwise, both are
    /// sought as the target goes, and what is left then as the model does.
    #[must_use]
    pub fn plan(settings: &WalkSettings, habits: &Habits) -> Self {
        let Habits { answers, amendments } = habits;
        let mut catalogue = Catalogue::default();
        let mut search = |amendments: &Amendments| {
            let stages = Stage::all(settings).into_iter();
            let search = |stage| Graph::search(stage, amendments.clone(), answers, &mut catalogue);
            let graphs: Vec<Graph> = stages.map(search).collect();
            let situations = SituationId::try_from(catalogue.situations.len()).unwrap_or(SituationId::MAX);
            (graphs, situations)
        };
        let (mut graphs, of_model) = search(&Amendments::default());
        if !amendments.is_empty() {
            graphs.extend(search(amendments).0);
        }
        let mut walk = Self { graphs, catalogue, of_model, tours: Vec::new(), answers: answers.clone() };
        let mut unseen: Vec<bool> = walk.catalogue.situations.iter().map(search::Situation::is_sought).collect();
        let firsts = walk.first_of_each_rule();
        let none = BTreeSet::new();
        let mut tours = Vec::new();
        for first in [true, false] {
            let mut wanted = if first { firsts.clone() } else { unseen.clone() };
            for (stage, graph) in walk.as_it_goes() {
                let planner = Planner::new(graph, stage, &walk.catalogue, &none);
                tours.extend(planner.tours(&mut wanted, &mut unseen, usize::MAX));
            }
        }
        walk.tours = tours;
        walk
    }

    /// The stages with their numbers, those first on which the target goes as it is known to.
    fn as_it_goes(&self) -> impl Iterator<Item = (usize, &Graph)> + '_ {
        let numbered = || self.graphs.iter().enumerate();
        let amended = numbered().filter(|(_, graph)| !graph.amendments.is_empty());
        amended.chain(numbered().filter(|(_, graph)| graph.amendments.is_empty()))
    }

    /// Scenarios whose last call nobody has asked the target for yet, each of another operation or about other
    /// rules: at most those that take about so many calls.
    #[must_use]
    pub fn lessons(&self, lessons: &mut Lessons, calls: u64) -> Vec<WalkScenario> {
        let mut scenarios = Vec::new();
        let mut left = calls;
        for (stage, graph) in self.as_it_goes() {
            for (node, call, situation) in graph.calls() {
                let held = &self.catalogue.situations[situation as usize];
                let key = Key::of(held);
                let is_for_it = held.circumstance.operation.is_mutating() && held.is_judged();
                if !is_for_it || lessons.asked.contains(&key) {
                    continue;
                }
                let tour = graph.straight(stage, node, call);
                let Some(rest) = left.checked_sub(self.cost_of(&tour)) else { return scenarios };
                left = rest;
                lessons.asked.insert(key);
                scenarios.push(self.play(tour));
            }
        }
        scenarios
    }

    /// Takes note of what the last call of a scenario did.
    pub fn learn(&self, scenario: &WalkScenario, before: &State, after: &State, lessons: &mut Lessons) {
        let Some(WalkStep { transition, .. }) = scenario.steps.last() else { return };
        if let Some(number) = self.situation(scenario.stage(), before, transition) {
            let key = Key::of(&self.catalogue.situations[number as usize]);
            let planned = search::next(before, transition, &self.answers);
            lessons.habits.amendments.learn(key, transition, before, &planned, after);
        }
    }

    /// Whether the target is known to do something else in a state than the model says.
    #[must_use]
    pub fn is_amended(&self, stage: usize, state: &State, transition: &Transition) -> bool {
        let amendments = &self.graphs[stage].amendments;
        !amendments.is_empty()
            && self
                .situation(stage, state, transition)
                .is_some_and(|number| amendments.has(&self.catalogue.situations[number as usize]))
    }

    /// The first situation of each pair of operation and rule.
    fn first_of_each_rule(&self) -> Vec<bool> {
        let mut seen: BTreeSet<(Operation, RuleId)> = BTreeSet::new();
        let mut new = |situation: &search::Situation| {
            let operation = situation.circumstance.operation;
            let rules = &situation.seen.rules;
            situation.is_judged() && rules.iter().filter(|rule| seen.insert((operation, **rule))).count() > 0
        };
        self.catalogue.situations.iter().map(&mut new).collect()
    }

    /// How many situations there are that the model can reach.
    #[must_use]
    pub fn situations(&self) -> usize {
        let of_model = self.catalogue.situations.iter().take(self.of_model as usize);
        of_model.filter(|situation| situation.is_judged()).count()
    }

    /// The number from which on situations can only be reached by what the target does otherwise.
    #[must_use]
    pub const fn of_model(&self) -> SituationId {
        self.of_model
    }

    /// How many states were searched.
    #[must_use]
    pub fn states(&self) -> usize {
        self.graphs.iter().map(|graph| graph.nodes.len()).sum()
    }

    /// How many scenarios there are.
    #[must_use]
    pub fn scenarios(&self) -> usize {
        self.tours.len()
    }

    /// The scenario of this number.
    #[must_use]
    pub fn scenario(&self, number: usize) -> Option<WalkScenario> {
        Some(self.play(self.tours.get(number)?.clone()))
    }

    fn play(&self, tour: Tour) -> WalkScenario {
        let seed = &self.graphs[tour.stage].stage.seed;
        let set =
            seed.iter().map(|transition| WalkStep { transition: transition.clone(), new: None, look: false });
        let judged = |situation: &SituationId| self.catalogue.situations[*situation as usize].is_judged();
        let gone = tour.steps.iter().map(|leg| WalkStep {
            transition: leg.transition.clone(),
            new: leg.new.filter(judged),
            look: leg.new.is_some(),
        });
        WalkScenario { steps: set.chain(gone).collect(), seed: seed.len(), tour }
    }

    /// Scenarios that come by these situations without a call that one of the rules decides: at most so many.
    #[must_use]
    pub fn around(
        &self,
        stage: usize,
        situations: &BTreeSet<SituationId>,
        rules: &BTreeSet<RuleId>,
        most: usize,
    ) -> Vec<WalkScenario> {
        let mut wanted = vec![false; self.catalogue.situations.len()];
        for situation in situations {
            wanted[*situation as usize] = true;
        }
        let planner = Planner::new(&self.graphs[stage], stage, &self.catalogue, rules);
        let mut unseen = wanted.clone();
        planner.tours(&mut wanted, &mut unseen, most).into_iter().map(|tour| self.play(tour)).collect()
    }

    /// The shortest way to what the step of a scenario is to see, that step included.
    #[must_use]
    pub fn shortest(&self, scenario: &WalkScenario, step: usize) -> Option<Scenario> {
        let leg = scenario.tour.steps.get(step.checked_sub(scenario.seed)?)?;
        Some(Scenario { transitions: self.graphs[scenario.tour.stage].shortest(leg) })
    }

    /// The situation of a call in a state; `None` for one that can't be reached.
    #[must_use]
    pub fn situation(&self, stage: usize, state: &State, transition: &Transition) -> Option<SituationId> {
        let stage = &self.graphs[stage].stage;
        let facts = Facts::of(state, &stage.cast, stage.regions);
        let shape = Shape::of(transition, &stage.cast)?;
        let number = self.catalogue.number(&Circumstance::of(&facts, stage.cast.len(), &shape)?);
        number.filter(|number| self.catalogue.situations[*number as usize].is_judged())
    }

    /// Whether the call is in this situation, as far as anybody can tell: where something is in doubt, it may be.
    #[must_use]
    pub fn may_be(&self, stage: usize, state: &State, transition: &Transition, situation: SituationId) -> bool {
        let stage = &self.graphs[stage].stage;
        let facts = Facts::of(state, &stage.cast, stage.regions);
        let here = Shape::of(transition, &stage.cast)
            .and_then(|shape| Circumstance::of(&facts, stage.cast.len(), &shape));
        let planned = self.catalogue.situations.get(situation as usize);
        here.zip(planned).is_some_and(|(here, planned)| here.may_be(&planned.circumstance))
    }

    /// Whether something of the stage's accounts is in doubt.
    #[must_use]
    pub fn is_in_doubt(&self, stage: usize, state: &State) -> bool {
        let stage = &self.graphs[stage].stage;
        Facts::of(state, &stage.cast, stage.regions).is_in_doubt()
    }

    /// The greatest number of an account that takes part in a stage, newcomers of an organization left out.
    #[must_use]
    pub fn cast(&self, stage: usize) -> u64 {
        let cast = self.graphs[stage].stage.cast.iter().map(|account| account.0);
        cast.filter(|account| *account <= MOST_PLACES as u64).max().unwrap_or(1)
    }

    /// About how many calls the scenario of this number takes, its views included.
    #[must_use]
    pub fn cost(&self, number: usize) -> Option<u64> {
        self.tours.get(number).map(|tour| self.cost_of(tour))
    }

    fn cost_of(&self, tour: &Tour) -> u64 {
        /// What is looked at after a call that changes something.
        const VIEWS: u64 = 3;
        let looks = |leg: &&plan::Leg| leg.new.is_some() && leg.transition.request.operation.is_mutating();
        let views = tour.steps.iter().filter(looks).count() as u64 * VIEWS;
        (self.graphs[tour.stage].stage.seed.len() + tour.steps.len()) as u64 + views
    }

    /// The answers that the walk reckons with.
    #[must_use]
    pub const fn answers(&self) -> &Answers {
        &self.answers
    }
}
