//! Few long scenarios that cover every abstract state (situation), the most valuable first.

use std::collections::BTreeSet;

use super::graph::{Graph, Places, SituationId, SituationTable};
use passmuster_contract::domain::{Account, HubArn, Input, InvitationRef, RuleId, Transition};

/// A scenario is not led on after so many steps.
const MOST_STEPS: usize = 40;

/// A scenario of the walk.
#[derive(Clone, Debug)]
pub(super) struct PlannedPath {
    /// Which stage it is played on.
    pub(super) stage: usize,
    /// Its steps after those that set the stage.
    pub(super) steps: Vec<Leg>,
}

/// A step of a path.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) transition: Transition,
    /// The abstract state, where this is where it is to be seen.
    pub(super) new: Option<SituationId>,
    /// The state that it is made in, and where the accounts of that are found.
    node: u32,
    places: Places,
}

const AS_FOUND: Places = [0, 1, 2, 3, 4];

/// Abstract states that are still to be seen.
pub(super) type Wanted = Vec<bool>;

/// Plans paths over a graph.
pub(super) struct Planner<'a> {
    graph: &'a Graph,
    stage: usize,
    catalogue: &'a SituationTable,
    /// Rules that are avoided: no call may be decided by one.
    blocked: &'a BTreeSet<RuleId>,
    /// The shortest path to each state: the state before and the call; `None` where it can't be reached.
    before: Vec<Option<(u32, u16)>>,
    /// States in the order of their distance, those that can't be reached left out.
    order: Vec<u32>,
}

impl<'a> Planner<'a> {
    /// A planner that goes around blocked rules.
    pub(super) fn new(
        graph: &'a Graph,
        stage: usize,
        catalogue: &'a SituationTable,
        blocked: &'a BTreeSet<RuleId>,
    ) -> Self {
        let mut planner = Self { graph, stage, catalogue, blocked, before: Vec::new(), order: Vec::new() };
        planner.before = (0..).take(graph.tree.len()).map(|number| graph.tree.parent(number)).collect();
        planner.order = (0..).take(graph.nodes.len()).collect();
        if !blocked.is_empty() {
            // Parents come before their children: one look at each is enough.
            let mut open = vec![true; graph.nodes.len()];
            for (number, before) in planner.before.iter().enumerate() {
                if let Some((parent, call)) = *before {
                    open[number] = open[parent as usize] && planner.is_open(parent, call);
                }
            }
            planner.order.retain(|node| open[*node as usize]);
        }
        planner
    }

    /// Whether no blocked rule decides a call.
    fn is_open(&self, node: u32, call: u16) -> bool {
        let situation = self.graph.nodes[node as usize].calls[usize::from(call)];
        self.rules(situation).iter().all(|rule| !self.blocked.contains(rule))
    }

    fn rules(&self, situation: SituationId) -> &[RuleId] {
        self.catalogue.situations.get(situation as usize).map_or(&[], |held| &held.seen.rules)
    }

    /// Paths that cover all that is wanted; what they cover is wanted no more, nor is it `unseen`.
    pub(super) fn paths(&self, wanted: &mut Wanted, unseen: &mut Wanted, most: usize) -> Vec<PlannedPath> {
        let mut paths = Vec::new();
        for node in &self.order {
            // What is left at a state takes a path of its own each time.
            while paths.len() < most && self.has_any(*node, wanted) {
                paths.push(self.path(*node, wanted, unseen));
            }
        }
        paths
    }

    fn has_any(&self, node: u32, wanted: &Wanted) -> bool {
        self.wanted_at(node, wanted).next().is_some()
    }

    fn wanted_at<'w>(
        &'w self,
        node: u32,
        wanted: &'w Wanted,
    ) -> impl Iterator<Item = (u16, SituationId, Leads)> + 'w {
        let held = &self.graph.nodes[node as usize];
        (0..).zip(&held.calls).filter_map(move |(call, situation)| {
            let is_wanted = wanted.get(*situation as usize).copied().unwrap_or(false);
            (is_wanted && self.is_open(node, call)).then(|| (call, *situation, self.leads(node, call, *situation)))
        })
    }

    /// Where a call leads.
    fn leads(&self, node: u32, call: u16, situation: SituationId) -> Leads {
        let edge = self.graph.nodes[node as usize].edges.iter().find(|edge| edge.call == call);
        match (edge, &self.catalogue.situations[situation as usize]) {
            (Some(edge), _) => Leads::To(edge.to, edge.places),
            (None, held) if held.seen.certain && !held.seen.moves => Leads::Nowhere,
            _ => Leads::Away,
        }
    }

    /// One path, from the start to the state, and on from there as long as there is something to be seen.
    fn path(&self, node: u32, wanted: &mut Wanted, unseen: &mut Wanted) -> PlannedPath {
        let mut steps = Vec::new();
        let mut go = |at: u32, places: &Places, call: u16, wanted: &mut Wanted| {
            let situation = self.graph.nodes[at as usize].calls[usize::from(call)];
            let index = situation as usize;
            let new = unseen.get(index).copied().unwrap_or(false);
            for list in [&mut *wanted, &mut *unseen] {
                if let Some(entry) = list.get_mut(index) {
                    *entry = false;
                }
            }
            let transition = self.graph.renamed(&self.graph.stage.calls[usize::from(call)], places);
            steps.push(Leg { transition, new: new.then_some(situation), node: at, places: *places });
            steps.len()
        };
        let mut there = Vec::new();
        let mut at = node;
        while let Some((parent, call)) = self.before[at as usize] {
            there.push((parent, call));
            at = parent;
        }
        for (parent, call) in there.into_iter().rev() {
            go(parent, &AS_FOUND, call, wanted);
        }
        let (mut at, mut places, mut length) = (node, AS_FOUND, 0);
        loop {
            let here: Vec<_> = self.wanted_at(at, wanted).collect();
            for (call, situation, leads) in &here {
                if matches!(leads, Leads::Nowhere) && wanted[*situation as usize] {
                    length = go(at, &places, *call, wanted);
                }
            }
            if length >= MOST_STEPS {
                break;
            }
            let on = here.iter().find_map(|(call, _, leads)| match leads {
                Leads::To(to, through) => Some((*call, *to, *through)),
                Leads::Nowhere | Leads::Away => None,
            });
            let away = here.iter().find(|(_, _, leads)| matches!(leads, Leads::Away)).map(|(call, ..)| *call);
            let on = on.or_else(|| self.neighbour(at, wanted).filter(|_| away.is_none()));
            let Some((call, to, through)) = on else {
                if let Some(call) = away {
                    go(at, &places, call, wanted);
                }
                break;
            };
            length = go(at, &places, call, wanted);
            places = compose(&places, &through);
            at = to;
        }
        PlannedPath { stage: self.stage, steps }
    }

    /// A call that leads to a state where something is wanted.
    fn neighbour(&self, node: u32, wanted: &Wanted) -> Option<(u16, u32, Places)> {
        let edges = &self.graph.nodes[node as usize].edges;
        let edge = edges.iter().find(|edge| self.is_open(node, edge.call) && self.has_any(edge.to, wanted))?;
        Some((edge.call, edge.to, edge.places))
    }
}

/// Where a call leads.
enum Leads {
    /// The state stays as it is.
    Nowhere,
    /// To another state that is known.
    To(u32, Places),
    /// To one that isn't.
    Away,
}

/// First from a state's places to another's, then to where those are.
fn compose(places: &Places, through: &Places) -> Places {
    through.map(|place| places[usize::from(place)])
}

impl Graph {
    /// The shortest path to where a step is made, that step included.
    pub(super) fn shortest(&self, leg: &Leg) -> Vec<Transition> {
        let calls = self.tree.path(leg.node).into_iter().map(|call| &self.stage.calls[usize::from(call)]);
        let mut path = self.stage.seed.clone();
        path.extend(calls.map(|call| self.renamed(call, &leg.places)));
        path.push(leg.transition.clone());
        path
    }

    /// The call with other accounts of the cast.
    fn renamed(&self, transition: &Transition, places: &Places) -> Transition {
        let cast = &self.stage.cast;
        let name = |account: Account| {
            let place = cast.iter().position(|known| *known == account);
            place.and_then(|place| cast.get(usize::from(places[place]))).copied().unwrap_or(account)
        };
        if *places == AS_FOUND { transition.clone() } else { rename(transition, name) }
    }
}

fn rename(transition: &Transition, name: impl Fn(Account) -> Account) -> Transition {
    let mut renamed = transition.clone();
    renamed.caller = name(renamed.caller);
    let name_in = |account: &mut passmuster_contract::domain::AccountRef| {
        if let passmuster_contract::domain::AccountRef::Account(account) = account {
            *account = name(*account);
        }
    };
    match &mut renamed.request.input {
        Input::Create(Some(details)) => {
            details.iter_mut().flat_map(|detail| &mut detail.account).for_each(name_in)
        }
        Input::Accounts(Some(accounts)) => accounts.iter_mut().for_each(name_in),
        Input::Accept { administrator, invitation } => {
            administrator.iter_mut().for_each(name_in);
            if let Some(InvitationRef::Latest(inviter) | InvitationRef::Previous(inviter)) = invitation {
                *inviter = name(*inviter);
            }
        }
        Input::Account(account) => account.iter_mut().for_each(name_in),
        Input::Import(Some(findings)) => {
            findings.iter_mut().for_each(|finding| name_in(&mut finding.account));
        }
        Input::Describe(Some(HubArn::Of(owner, _))) => *owner = name(*owner),
        _ => {}
    }
    renamed
}
