//! The systematic walk: every abstract state of a call (a situation) that the model can reach, and few long scenarios
//! that cover them all.

mod facts;
mod graph;
mod plan;
mod situation;
mod stage;
#[cfg(test)]
mod tests;
mod tour;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;

use facts::{Facts, MOST_PLACES};
use graph::{Graph, ReachedSituation, SituationTable};
use passmuster_contract::domain::{Operation, RuleId, Scenario, Transition};
use passmuster_contract::model::{Answers, State};
use plan::{PlannedPath, Planner};
use situation::{Circumstance, Shape};
use stage::WalkStage;

pub use graph::SituationId;

/// The most accounts that a walk takes: beyond, there are too many states.
pub const MOST_CAST: u64 = 4;
/// The greatest depth.
pub const MOST_DEPTH: u8 = 12;

/// The settings of the walk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WalkSettings {
    /// Accounts that invite each other.
    pub cast: u64,
    /// The most steps from the start to an abstract state.
    pub depth: u8,
    /// The number of accounts that may call, from the first on.
    pub callers: u64,
    /// Regions there are.
    pub regions: u8,
    /// The operations that may be called.
    pub operations: Vec<Operation>,
    /// An organization with trusted access is there from the start, and no call changes who is in it.
    pub organization_given: bool,
}

/// All abstract states that can be reached, and the scenarios that cover them.
#[derive(Debug)]
pub struct Walk {
    graphs: Vec<Graph>,
    catalogue: SituationTable,
    tours: Vec<Scenario>,
    paths: Vec<PlannedPath>,
    /// So many paths cover a rule for the first time.
    firsts: usize,
}

/// One step of the walk as it is to be made.
#[derive(Clone, Debug)]
pub struct WalkStep {
    /// The call.
    pub transition: Transition,
    /// The abstract state, where this is where it is to be seen.
    pub new: Option<SituationId>,
    /// Whether to look at what the call did.
    pub look: bool,
}

/// A scenario of the walk.
#[derive(Clone, Debug)]
pub struct WalkScenario {
    /// Its steps.
    pub steps: Vec<WalkStep>,
    /// The path, where each step of the path is found among the steps.
    path: PlannedPath,
    seed: usize,
}

impl WalkScenario {
    /// The abstract states that it is to cover.
    pub fn wanted(&self) -> impl Iterator<Item = SituationId> + '_ {
        self.steps.iter().filter_map(|step| step.new)
    }

    /// The stage that it is played on.
    #[must_use]
    pub const fn stage(&self) -> usize {
        self.path.stage
    }
}

/// What was planned in this process.
static KNOWN: LazyLock<Mutex<Vec<KnownWalk>>> = LazyLock::new(Mutex::default);

type KnownWalk = ((WalkSettings, Answers), Arc<Walk>);

/// Searches the model.
fn explore(settings: &WalkSettings, answers: &Answers) -> (Vec<Graph>, SituationTable) {
    let mut catalogue = SituationTable::default();
    let stages = WalkStage::all(settings).into_iter();
    let graphs = stages.map(|stage| Graph::explore(stage, answers, &mut catalogue)).collect();
    (graphs, catalogue)
}

impl Walk {
    /// The walk with these settings, on an implementation that gives these answers. It is planned once a process.
    #[must_use]
    pub fn get(settings: &WalkSettings, answers: &Answers) -> Arc<Self> {
        /// So many are remembered.
        const MOST: usize = 4;
        if let Some(walk) = Self::known(settings, answers) {
            return walk;
        }
        let walk = Arc::new(Self::plan(settings, answers));
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push(((settings.clone(), answers.clone()), walk.clone()));
        walk
    }

    fn known(settings: &WalkSettings, answers: &Answers) -> Option<Arc<Self>> {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter();
        let (_, walk) = known.find(|((held, theirs), _)| held == settings && theirs == answers)?;
        Some(walk.clone())
    }

    /// The number of abstract states of the walk with these settings, which takes no plan.
    #[must_use]
    pub fn count(settings: &WalkSettings, answers: &Answers) -> usize {
        let known = Self::known(settings, answers).map(|walk| walk.catalogue.judged());
        known.unwrap_or_else(|| explore(settings, answers).1.judged())
    }

    /// Searches the model, and plans the scenarios: those that cover a rule for the first time, then those that cover
    /// an abstract state, the ones that cover most for each call first.
    #[must_use]
    pub fn plan(settings: &WalkSettings, answers: &Answers) -> Self {
        let ((graphs, catalogue), tours) = thread::scope(|scope| {
            let tours = scope.spawn(|| tour::tours(settings, answers));
            let explored = explore(settings, answers);
            (explored, tours.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let mut walk = Self { graphs, catalogue, tours, paths: Vec::new(), firsts: 0 };
        let mut unseen: Vec<bool> = walk.catalogue.situations.iter().map(ReachedSituation::is_sought).collect();
        let firsts = walk.first_of_each_rule();
        let none = BTreeSet::new();
        for first in [true, false] {
            let mut wanted = if first { firsts.clone() } else { unseen.clone() };
            for (stage, graph) in walk.graphs.iter().enumerate() {
                let planner = Planner::new(graph, stage, &walk.catalogue, &none);
                walk.paths.extend(planner.paths(&mut wanted, &mut unseen, usize::MAX));
            }
            if first {
                walk.firsts = walk.paths.len();
            }
        }
        let mut later = walk.paths.split_off(walk.firsts);
        later.sort_by_key(|path| {
            let new = path.steps.iter().filter(|leg| leg.new.is_some()).count() as u64;
            Reverse(new * (1 << 20) / walk.cost_of(path).max(1))
        });
        walk.paths.extend(later);
        walk
    }

    /// The tours, which come before all scenarios that cover abstract states.
    #[must_use]
    pub fn tours(&self) -> &[Scenario] {
        &self.tours
    }

    /// The number of scenarios, from the first on, that cover a rule for the first time.
    #[must_use]
    pub const fn firsts(&self) -> usize {
        self.firsts
    }

    /// The first abstract state of each pair of operation and rule.
    fn first_of_each_rule(&self) -> Vec<bool> {
        let mut seen: BTreeSet<(Operation, RuleId)> = BTreeSet::new();
        let mut new = |situation: &ReachedSituation| {
            let operation = situation.circumstance.operation;
            let rules = &situation.seen.rules;
            situation.is_judged() && rules.iter().filter(|rule| seen.insert((operation, **rule))).count() > 0
        };
        self.catalogue.situations.iter().map(&mut new).collect()
    }

    /// The number of abstract states.
    #[must_use]
    pub fn situations(&self) -> usize {
        self.catalogue.judged()
    }

    /// Whether there were so many states that some, and what they lead to, were left out.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.graphs.iter().any(|graph| graph.tree.is_truncated())
    }

    /// The number of states that were searched.
    #[must_use]
    pub fn states(&self) -> usize {
        self.graphs.iter().map(|graph| graph.tree.len()).sum()
    }

    /// The number of scenarios.
    #[must_use]
    pub fn scenarios(&self) -> usize {
        self.paths.len()
    }

    /// The scenario of this number.
    #[must_use]
    pub fn scenario(&self, number: usize) -> Option<WalkScenario> {
        Some(self.play(self.paths.get(number)?.clone()))
    }

    fn play(&self, path: PlannedPath) -> WalkScenario {
        let seed = &self.graphs[path.stage].stage.seed;
        let set =
            seed.iter().map(|transition| WalkStep { transition: transition.clone(), new: None, look: false });
        let judged = |situation: &SituationId| self.catalogue.situations[*situation as usize].is_judged();
        let gone = path.steps.iter().map(|leg| WalkStep {
            transition: leg.transition.clone(),
            new: leg.new.filter(judged),
            look: leg.new.is_some(),
        });
        WalkScenario { steps: set.chain(gone).collect(), seed: seed.len(), path }
    }

    /// Alternative paths: scenarios that cover these abstract states without a call that one of the rules decides, at
    /// most so many.
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
        planner.paths(&mut wanted, &mut unseen, most).into_iter().map(|path| self.play(path)).collect()
    }

    /// The shortest path to what the step of a scenario is to see, that step included.
    #[must_use]
    pub fn shortest(&self, scenario: &WalkScenario, step: usize) -> Option<Scenario> {
        let leg = scenario.path.steps.get(step.checked_sub(scenario.seed)?)?;
        Some(Scenario { transitions: self.graphs[scenario.path.stage].shortest(leg) })
    }

    /// The abstract state of a call in a state; `None` for one that can't be reached.
    #[must_use]
    pub fn situation(&self, stage: usize, state: &State, transition: &Transition) -> Option<SituationId> {
        let stage = &self.graphs[stage].stage;
        let facts = Facts::of(state, &stage.cast, stage.regions);
        let shape = Shape::of(transition, &stage.cast)?;
        let number = self.catalogue.number(&Circumstance::of(&facts, stage.cast.len(), &shape)?);
        number.filter(|number| self.catalogue.situations[*number as usize].is_judged())
    }

    /// Whether the call is in this abstract state, as far as can be told: where something is in doubt, it may be.
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
        Some(self.cost_of(self.paths.get(number)?))
    }

    fn cost_of(&self, path: &PlannedPath) -> u64 {
        /// The reads after a call that changes something.
        const VIEWS: u64 = 3;
        let looks = |leg: &&plan::Leg| leg.new.is_some() && leg.transition.request.operation.is_mutating();
        let views = path.steps.iter().filter(looks).count() as u64 * VIEWS;
        (self.graphs[path.stage].stage.seed.len() + path.steps.len()) as u64 + views
    }
}
