//! Makes a scenario smaller. As the model has an answer to every call in every state, any part of a scenario is a
//! scenario: steps can be left out without making the rest invalid.

use proptest::strategy::ValueTree;

use crate::domain::{Account, Family, Input, Operation, Region, Request, Scenario, Transition};

/// The value tree of a scenario: leaves out ever smaller runs of steps, then entries of batches, then Regions.
#[derive(Clone, Debug)]
pub struct ScenarioTree {
    current: Scenario,
    before: Option<Scenario>,
    plan: Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// Do without an organization.
    Alone,
    /// That has been tried; leave out `length` steps from the first on.
    Begin { length: usize },
    /// Leave out `length` steps behind `from`.
    Steps { from: usize, length: usize },
    /// Leave out an entry of a step's batch.
    Entries { step: usize, entry: usize },
    /// Do everything in one Region.
    Region,
    /// Nothing is left to try.
    Done,
}

impl ScenarioTree {
    /// The tree of a scenario whose last step shows the divergence.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        Self { current: scenario, before: None, plan: Plan::Alone }
    }

    /// The next smaller scenario of the plan, and the plan after it if that is not taken.
    fn attempt(&self) -> Option<(Scenario, Plan)> {
        let mut plan = self.plan;
        loop {
            match plan {
                Plan::Alone => {
                    let length = self.current.transitions.len().saturating_sub(1).div_ceil(2).max(1);
                    plan = Plan::Steps { from: 0, length };
                    if let Some(alone) = alone(&self.current) {
                        return Some((alone, plan));
                    }
                }
                Plan::Begin { length } => plan = Plan::Steps { from: 0, length },
                Plan::Steps { from, length } => {
                    // The last step is the one that shows it.
                    let removable = self.current.transitions.len().saturating_sub(1);
                    if from < removable {
                        let mut smaller = self.current.clone();
                        smaller.transitions.drain(from..(from + length).min(removable));
                        without_its_organization(&mut smaller);
                        return Some((smaller, Plan::Steps { from: from + length, length }));
                    }
                    plan = if length > 1 {
                        Plan::Steps { from: 0, length: length / 2 }
                    } else {
                        Plan::Entries { step: 0, entry: 0 }
                    };
                }
                Plan::Entries { step, entry } => match self.current.transitions.get(step) {
                    None => plan = Plan::Region,
                    Some(_) => match self.without_entry(step, entry) {
                        Some(smaller) => return Some((smaller, Plan::Entries { step, entry: entry + 1 })),
                        None => plan = Plan::Entries { step: step + 1, entry: 0 },
                    },
                },
                Plan::Region if self.current.regions() > 1 => {
                    let mut smaller = self.current.clone();
                    for transition in &mut smaller.transitions {
                        transition.region = Region(0);
                    }
                    return Some((smaller, Plan::Done));
                }
                Plan::Region | Plan::Done => return None,
            }
        }
    }

    fn without_entry(&self, step: usize, entry: usize) -> Option<Scenario> {
        let mut smaller = self.current.clone();
        match &mut smaller.transitions.get_mut(step)?.request.input {
            Input::Create(Some(details)) if details.len() > 1 && entry < details.len() => {
                details.remove(entry);
            }
            Input::Accounts(Some(accounts)) if accounts.len() > 1 && entry < accounts.len() => {
                accounts.remove(entry);
            }
            _ => return None,
        }
        Some(smaller)
    }
}

/// The scenario outside any organization: those whose hubs that may have switched on do so themselves.
fn alone(scenario: &Scenario) -> Option<Scenario> {
    let around = |transition: &Transition| {
        let operation = transition.request.operation;
        operation.is_setup() || operation.family() == Family::Organization
    };
    let (founded, rest): (Vec<_>, Vec<_>) = scenario.transitions.iter().cloned().partition(around);
    if !founded.iter().any(|transition| transition.request.operation.is_setup()) || rest.is_empty() {
        return None;
    }
    let mut hubs: Vec<_> = rest.iter().map(|transition| (transition.caller, transition.region)).collect();
    hubs.sort_unstable();
    hubs.dedup();
    let enables = |(caller, region): &(Account, Region)| {
        rest.iter().any(|transition| {
            let enabling = transition.request.operation == Operation::EnableSecurityHub;
            enabling && (transition.caller, transition.region) == (*caller, *region)
        })
    };
    hubs.retain(|hub| !enables(hub));
    let enable = |(caller, region)| {
        let input = Input::Enable { standards: None, generator: None, tags: None };
        Transition { caller, region, request: Request { operation: Operation::EnableSecurityHub, input } }
    };
    Some(Scenario { transitions: hubs.into_iter().map(enable).chain(rest).collect() })
}

/// Where nobody founds the organization any more, there is none to set up.
fn without_its_organization(scenario: &mut Scenario) {
    let is = |operation| move |transition: &Transition| transition.request.operation == operation;
    if !scenario.transitions.iter().any(is(Operation::CreateOrganization)) {
        scenario.transitions.retain(|transition| !transition.request.operation.is_setup());
    }
}

impl ValueTree for ScenarioTree {
    type Value = Scenario;

    fn current(&self) -> Scenario {
        self.current.clone()
    }

    /// Takes the next smaller scenario for current, as the current one shows the divergence.
    fn simplify(&mut self) -> bool {
        let Some((smaller, otherwise)) = self.attempt() else {
            self.plan = Plan::Done;
            return false;
        };
        // Where leaving something out is right, the same place holds what came behind it.
        let again = match (self.plan, otherwise) {
            (Plan::Alone, Plan::Steps { length, .. }) => Plan::Begin { length },
            (Plan::Steps { .. }, Plan::Steps { from, length }) => Plan::Steps { from: from - length, length },
            (_, Plan::Steps { from, length }) => Plan::Steps { from: from.saturating_sub(length), length },
            (_, Plan::Entries { step, entry }) => Plan::Entries { step, entry: entry.saturating_sub(1) },
            (_, plan) => plan,
        };
        self.before = Some(std::mem::replace(&mut self.current, smaller));
        self.plan = again;
        true
    }

    /// Goes back, as the current scenario doesn't show the divergence, and on to the next candidate.
    fn complicate(&mut self) -> bool {
        let Some(before) = self.before.take() else { return false };
        self.current = before;
        self.plan = match self.plan {
            Plan::Begin { length } => Plan::Steps { from: 0, length },
            Plan::Steps { from, length } => Plan::Steps { from: from + length, length },
            Plan::Entries { step, entry } => Plan::Entries { step, entry: entry + 1 },
            plan => plan,
        };
        true
    }
}
