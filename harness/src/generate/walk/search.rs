//! Breadth-first search of the model, up to the symmetry of accounts.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::facts::{Facts, MOST_PLACES};
use super::situation::{Argument, Circumstance, Parties, Scene, Seen, Shape};
use super::stage::Stage;
use passmuster_contract::domain::{Input, InvitationRef, Operation, QuestionId, Timestamp, Transition};
use passmuster_contract::model::{Answers, Learned, Mint, Observer, State, choose, step};

/// More states than these are not kept of one stage.
const MOST_STATES: usize = 40_000;

/// The number of a situation in its catalogue.
pub type SituationId = u32;

/// The situations that were met, over all stages.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    numbers: FxHashMap<Circumstance, SituationId>,
    pub(super) situations: Vec<Situation>,
}

/// A situation.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    pub(super) circumstance: Circumstance,
    pub(super) seen: Seen,
}

/// How an account's place in one state is found in another: at `n`, where the account at place `n` was.
pub(super) type Places = [u8; MOST_PLACES];

/// The states that can be reached, and what there is to be called in each.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) stage: Stage,
    pub(super) nodes: Vec<Node>,
    /// Whether there were too many states for all of them to be kept.
    pub(super) truncated: bool,
}

/// A state, one for all that differ only in who is who.
#[derive(Debug)]
pub(super) struct Node {
    /// The state and the call it was first reached by.
    pub(super) parent: Option<(u32, u16)>,
    pub(super) depth: u8,
    /// The situation of each call.
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

impl Situation {
    /// Whether a scenario is to come by it: to judge the call, or what can be read behind it.
    pub(super) fn is_sought(&self) -> bool {
        self.is_judged() || self.circumstance.operation.is_mutating()
    }

    /// Whether the call is one that is judged, and not only made to set a stage.
    pub(super) const fn is_judged(&self) -> bool {
        !self.circumstance.operation.is_setup()
    }
}

impl Catalogue {
    pub(super) fn number(&self, circumstance: &Circumstance) -> Option<SituationId> {
        self.numbers.get(circumstance).copied()
    }

    fn note(
        &mut self,
        circumstance: Circumstance,
        stage: &Stage,
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
        self.situations.push(Situation { circumstance, seen });
        number
    }
}

impl Graph {
    /// Searches the stage as deep as it says, and takes note of all situations in the catalogue.
    pub(super) fn search(stage: Stage, answers: &Answers, catalogue: &mut Catalogue) -> Self {
        let start =
            stage.seed.iter().fold(State::default(), |state, transition| next(&state, transition, answers));
        let facts = Facts::of(&start, &stage.cast, stage.regions);
        let groups = Group::all(&stage);
        let (canonical, places) = canonical(&facts, &stage.orders);
        let mut search = Search {
            graph: Self { stage, nodes: Vec::new(), truncated: false },
            answers,
            catalogue,
            scenes: FxHashMap::default(),
            known: FxHashMap::from_iter([(canonical, (0, places))]),
            deeper: Vec::new(),
        };
        search.graph.nodes.push(Node { parent: None, depth: 0, calls: Vec::new(), edges: Vec::new() });
        let mut level = vec![(0_u32, start, facts)];
        while !level.is_empty() {
            for (number, state, facts) in level {
                search.expand(number, &state, &facts, &groups);
            }
            level = std::mem::take(&mut search.deeper);
        }
        search.graph
    }

    /// The calls that lead from the start of the stage to a state.
    pub(super) fn path(&self, node: u32) -> Vec<u16> {
        let mut path = Vec::new();
        let mut at = node;
        while let Some((parent, call)) = self.nodes[at as usize].parent {
            path.push(call);
            at = parent;
        }
        path.reverse();
        path
    }
}

/// Whether the search goes on behind a call: others lead to states that these lead to as well.
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
    fn all(stage: &Stage) -> Vec<Self> {
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

/// A search under way.
struct Search<'a> {
    graph: Graph,
    answers: &'a Answers,
    catalogue: &'a mut Catalogue,
    /// The situations of the calls of a kind of group, by scene.
    scenes: FxHashMap<(usize, Scene), Arc<[SituationId]>>,
    known: FxHashMap<Facts, (u32, Places)>,
    deeper: Vec<(u32, State, Facts)>,
}

impl Search<'_> {
    fn expand(&mut self, number: u32, state: &State, facts: &Facts, groups: &[Group]) {
        let stage = &self.graph.stage;
        let last = self.graph.nodes[number as usize].depth >= stage.depth;
        let mut calls = vec![SituationId::MAX; stage.calls.len()];
        let mut edges = Vec::new();
        for group in groups {
            let seen = self.catalogue.situations.len();
            let Some(situations) = self.situations(group, state, facts) else { continue };
            for ((index, shape), situation) in group.calls.iter().zip(situations.iter().copied()) {
                calls[*index] = situation;
                let held = &self.catalogue.situations[situation as usize];
                let transition = &self.graph.stage.calls[*index];
                // What leads nowhere new is only followed where the situation is.
                let goes_on = !last && is_followed(transition) || situation as usize >= seen;
                if held.seen.certain && held.seen.moves && goes_on && !facts.has_used(shape) {
                    let after = next(state, transition, self.answers);
                    edges.extend(self.edge(number, *index, after, facts, is_followed(transition)));
                }
            }
        }
        let node = &mut self.graph.nodes[number as usize];
        (node.calls, node.edges) = (calls, edges);
    }

    /// The situations of a group's calls.
    fn situations(&mut self, group: &Group, state: &State, facts: &Facts) -> Option<Arc<[SituationId]>> {
        let stage = &self.graph.stage;
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
    fn edge(&mut self, number: u32, call: usize, after: State, before: &Facts, followed: bool) -> Option<Edge> {
        let stage = &self.graph.stage;
        let facts = Facts::of(&after, &stage.cast, stage.regions);
        if facts == *before {
            return None;
        }
        let (canonical, places) = canonical(&facts, &stage.orders);
        let call = u16::try_from(call).ok()?;
        let depth = self.graph.nodes[number as usize].depth + 1;
        if let Some((to, there)) = self.known.get(&canonical) {
            return Some(Edge { call, to: *to, places: through(there, &places) });
        }
        if depth > stage.depth || !followed {
            return None;
        }
        if self.graph.nodes.len() >= MOST_STATES {
            self.graph.truncated = true;
            return None;
        }
        let to = u32::try_from(self.graph.nodes.len()).ok()?;
        self.known.insert(canonical, (to, places));
        self.graph.nodes.push(Node { parent: Some((number, call)), depth, calls: Vec::new(), edges: Vec::new() });
        self.deeper.push((to, after, facts));
        Some(Edge { call, to, places: through(&places, &places) })
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

/// A mint that gives each invitation an id of its own and lets no time pass.
struct Counter<'a> {
    answers: &'a Answers,
    handed_out: u64,
}

impl Mint for Counter<'_> {
    fn invitation_id(&mut self) -> Learned<Arc<str>> {
        self.handed_out += 1;
        Learned::Is(format!("{:032x}", self.handed_out).into())
    }
    fn now(&mut self) -> Learned<Timestamp> {
        Learned::Is(Timestamp(0))
    }
    fn answer(&self, question: QuestionId) -> Option<&'static str> {
        self.answers.to(question)
    }
}

/// What is seen of a call.
pub(super) fn seen(stage: &Stage, state: &State, transition: &Transition, answers: &Answers) -> Seen {
    let mut seen = Seen::of(&step(state, &bind(state, transition)), &answers.of(transition.request.operation));
    if seen.certain && seen.moves {
        // Other doubts are settled by a look at what is there.
        let after = after(state, transition, answers, &mut Observer);
        seen.certain = !Facts::of(&after, &stage.cast, stage.regions).delegation_in_doubt();
    }
    seen
}

/// The state after a call.
pub(super) fn next(state: &State, transition: &Transition, answers: &Answers) -> State {
    let handed_out = state.region(transition.region).invitations.len() as u64;
    after(state, transition, answers, &mut Counter { answers, handed_out })
}

fn after(state: &State, transition: &Transition, answers: &Answers, mint: &mut impl Mint) -> State {
    let mut next = state.clone();
    let branches = step(state, &bind(state, transition));
    let answers = &answers.of(transition.request.operation);
    let Some(branch) = choose::branch(&branches, answers) else { return next };
    for (effect, rule) in choose::effects(branch, answers) {
        next.apply(transition.region, &effect, rule, mint);
    }
    next
}

/// The call with the id in place of the name of an invitation.
fn bind(state: &State, transition: &Transition) -> Transition {
    let mut bound = transition.clone();
    if let Input::Accept { invitation: Some(invitation), .. } = &mut bound.request.input
        && let InvitationRef::Latest(inviter) = invitation
    {
        let region = state.region(transition.region);
        let held = region.invitations.get(&(transition.caller, *inviter));
        // Who never had a hub can't have listed its invitations.
        let held = held.filter(|_| region.hubs.contains_key(&transition.caller));
        let id = held.and_then(|held| held.id.seen()).map_or(InvitationRef::UNKNOWN, |id| id);
        *invitation = InvitationRef::Text(id.to_owned());
    }
    bound
}
