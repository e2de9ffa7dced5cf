//! The states of a stage up to the symmetry of accounts, and the abstract states (situations) of the calls in each.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::play::{Side, bind, next, next_with, play};
use super::super::search::{Bound, Search, SearchTree};

use super::facts::{Facts, MOST_PLACES};
use super::situation::{Argument, Circumstance, JudgedCall, Parties, Scene, Shape};
use super::stage::WalkStage;
use passmuster_contract::domain::{Operation, Transition};
use passmuster_contract::model::{Answers, Observer, State, step};

/// More states than these are not kept of one stage.
const MOST_STATES: usize = 40_000;

/// The number of an abstract state in its catalogue.
pub type SituationId = u32;

/// The abstract states that were met, over all stages.
#[derive(Debug, Default)]
pub(super) struct SituationTable {
    numbers: FxHashMap<Circumstance, SituationId>,
    pub(super) situations: Vec<ReachedSituation>,
}

/// An abstract state.
#[derive(Clone, Debug)]
pub(super) struct ReachedSituation {
    pub(super) circumstance: Circumstance,
    pub(super) seen: JudgedCall,
}

/// A map from each account's place in one state to another: at `n`, where the account at place `n` was.
pub(super) type Places = [u8; MOST_PLACES];

/// The states that can be reached, and what there is to be called in each.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) stage: WalkStage,
    /// The path to each state.
    pub(super) tree: SearchTree,
    /// The calls that each offers.
    pub(super) nodes: Vec<StateNode>,
}

/// A state, one for all that differ only in who is who.
#[derive(Debug)]
pub(super) struct StateNode {
    /// The abstract state of each call.
    pub(super) calls: Vec<SituationId>,
    /// Calls that lead to other states, and how places there are to be found here.
    pub(super) edges: Vec<Edge>,
}

/// A call that leads to another state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) call: u16,
    pub(super) to: u32,
    pub(super) places: Places,
}

impl ReachedSituation {
    /// Whether a scenario is to cover it: to judge the call, or what can be read after it.
    pub(super) fn is_sought(&self) -> bool {
        self.is_judged() || self.circumstance.operation.is_mutating()
    }

    /// Whether the call is one that is judged, and not only made to set a stage.
    pub(super) const fn is_judged(&self) -> bool {
        !self.circumstance.operation.is_setup()
    }
}

impl SituationTable {
    pub(super) fn number(&self, circumstance: &Circumstance) -> Option<SituationId> {
        self.numbers.get(circumstance).copied()
    }

    /// The number of those whose calls are judged.
    pub(super) fn judged(&self) -> usize {
        self.situations.iter().filter(|situation| situation.is_judged()).count()
    }

    fn note(
        &mut self,
        circumstance: Circumstance,
        stage: &WalkStage,
        state: &State,
        transition: &Transition,
        answers: &Answers,
    ) -> SituationId {
        if let Some(known) = self.numbers.get(&circumstance) {
            return *known;
        }
        let seen = seen(stage, state, transition, answers);
        let number = SituationId::try_from(self.situations.len()).unwrap_or(SituationId::MAX);
        self.numbers.insert(circumstance.clone(), number);
        self.situations.push(ReachedSituation { circumstance, seen });
        number
    }
}

impl Graph {
    /// Searches the stage as deep as it says, and takes note of all abstract states in the catalogue.
    pub(super) fn explore(stage: WalkStage, answers: &Answers, catalogue: &mut SituationTable) -> Self {
        let start = play(&stage.seed, answers, Side::Implementation);
        let facts = Facts::of(&start, &stage.cast, stage.regions);
        let groups = Group::all(&stage);
        let (canonical, places) = canonical(&facts, &stage.orders);
        // Scenarios only have to reach what rules tell apart: states that differ in who is who are one.
        let bound = Bound { depth: stage.depth, states: MOST_STATES };
        let search = Search::new(bound, canonical, (start, facts));
        let mut exploration = GraphSearch {
            stage: &stage,
            answers,
            catalogue,
            search,
            places: vec![places],
            scenes: FxHashMap::default(),
        };
        let mut nodes = Vec::new();
        while let Some((number, (state, facts))) = exploration.search.next() {
            nodes.push(exploration.look(number, &state, &facts, &groups));
        }
        let tree = exploration.search.into_tree();
        Self { stage, tree, nodes }
    }
}

/// Whether the search follows a call: the others lead to no further states.
fn is_followed(transition: &Transition) -> bool {
    let named = transition.request.named_accounts();
    named.len() < 2
        && !named.contains(&transition.caller)
        && !matches!(
            transition.request.operation,
            Operation::AcceptInvitation | Operation::DisassociateFromMasterAccount
        )
}

/// Calls with the same parties.
struct Group {
    /// Groups of one kind have the same calls but for who takes part.
    kind: usize,
    parties: Parties,
    calls: Vec<(usize, Shape)>,
}

impl Group {
    fn all(stage: &WalkStage) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (index, transition) in stage.calls.iter().enumerate() {
            let Some(shape) = Shape::of(transition, &stage.cast) else { continue };
            match groups.iter_mut().find(|group| group.parties == shape.parties) {
                Some(group) => group.calls.push((index, shape)),
                None => groups.push(Self { kind: 0, parties: shape.parties.clone(), calls: vec![(index, shape)] }),
            }
        }
        let mut kinds: Vec<Vec<(Operation, Argument)>> = Vec::new();
        for group in &mut groups {
            let calls = group.calls.iter().map(|(_, shape)| (shape.operation, shape.argument.clone())).collect();
            group.kind = kinds.iter().position(|kind| *kind == calls).unwrap_or_else(|| {
                kinds.push(calls);
                kinds.len() - 1
            });
        }
        groups
    }
}

/// A search of one stage.
struct GraphSearch<'a> {
    stage: &'a WalkStage,
    answers: &'a Answers,
    catalogue: &'a mut SituationTable,
    search: Search<Facts, (State, Facts)>,
    /// The order of the cast by which each state became the one that stands for all like it.
    places: Vec<Places>,
    /// The abstract states of the calls of a kind of group, by scene.
    scenes: FxHashMap<(usize, Scene), Arc<[SituationId]>>,
}

impl GraphSearch<'_> {
    /// Tries all calls in a state.
    fn look(&mut self, number: u32, state: &State, facts: &Facts, groups: &[Group]) -> StateNode {
        let mut calls = vec![SituationId::MAX; self.stage.calls.len()];
        let mut edges = Vec::new();
        for group in groups {
            let seen = self.catalogue.situations.len();
            let Some(situations) = self.situations(group, state, facts) else { continue };
            for ((index, shape), situation) in group.calls.iter().zip(situations.iter().copied()) {
                calls[*index] = situation;
                let held = &self.catalogue.situations[situation as usize];
                let transition = &self.stage.calls[*index];
                // What leads nowhere new is only followed where the abstract state is.
                let goes_on =
                    self.search.may_follow(number) && is_followed(transition) || situation as usize >= seen;
                if held.seen.certain && held.seen.moves && goes_on && !facts.has_used(shape) {
                    let after = next(state, transition, self.answers, Side::Implementation);
                    edges.extend(self.edge(number, *index, after, facts));
                }
            }
        }
        StateNode { calls, edges }
    }

    /// The abstract states of a group's calls.
    fn situations(&mut self, group: &Group, state: &State, facts: &Facts) -> Option<Arc<[SituationId]>> {
        let stage = self.stage;
        let scene = (group.kind, Scene::of(facts, stage.cast.len(), &group.parties)?);
        if let Some(known) = self.scenes.get(&scene) {
            return Some(known.clone());
        }
        let mut situations = Vec::with_capacity(group.calls.len());
        for (index, shape) in &group.calls {
            let circumstance = Circumstance::of(facts, stage.cast.len(), shape)?;
            situations.push(self.catalogue.note(circumstance, stage, state, &stage.calls[*index], self.answers));
        }
        let situations: Arc<[SituationId]> = situations.into();
        self.scenes.insert(scene, situations.clone());
        Some(situations)
    }

    /// The edge to the state after a call; `None` where that is the same state, or one that isn't kept.
    fn edge(&mut self, number: u32, call: usize, after: State, before: &Facts) -> Option<Edge> {
        let facts = Facts::of(&after, &self.stage.cast, self.stage.regions);
        if facts == *before {
            return None;
        }
        let (canonical, places) = canonical(&facts, &self.stage.orders);
        let followed = is_followed(&self.stage.calls[call]);
        let to = self.search.reach(number, call, canonical, followed, (after, facts))?;
        if to as usize == self.places.len() {
            self.places.push(places);
        }
        Some(Edge { call: u16::try_from(call).ok()?, to, places: through(&self.places[to as usize], &places) })
    }
}

/// The same facts for all states that differ only in who is who, and the places at which each was found.
fn canonical(facts: &Facts, orders: &[Places]) -> (Facts, Places) {
    let permuted = orders.iter().map(|order| (facts.permuted(order), *order));
    permuted.min_by(|(one, _), (other, _)| one.cmp(other)).unwrap_or_else(|| (facts.clone(), [0, 1, 2, 3, 4]))
}

/// From places in one state to those in another, where both have the same canonical facts.
fn through(node: &Places, here: &Places) -> Places {
    let mut places = [0, 1, 2, 3, 4];
    for (at_node, at_here) in node.iter().zip(here) {
        places[usize::from(*at_node)] = *at_here;
    }
    places
}

/// Judges a call by the model.
pub(super) fn seen(stage: &WalkStage, state: &State, transition: &Transition, answers: &Answers) -> JudgedCall {
    let mut seen =
        JudgedCall::of(&step(state, &bind(state, transition)), &answers.of(transition.request.operation));
    if seen.certain && seen.moves {
        // Other doubts are settled by a look at what is there.
        let after = next_with(state, transition, answers, Side::Implementation, &mut Observer);
        seen.certain = !Facts::of(&after, &stage.cast, stage.regions).delegation_in_doubt();
    }
    seen
}
