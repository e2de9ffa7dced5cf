//! Makes a scenario smaller and plainer. As the model has an answer to every call in every state, any part of a
//! scenario is a scenario: steps can be left out without making the rest invalid.

use proptest::strategy::ValueTree;

use passmuster_contract::domain::{
    Account, AccountDetail, Family, Input, Operation, Page, Region, Request, Scenario, Transition,
};

/// The value tree of a scenario: leaves out ever smaller runs of steps, then entries of batches, then what
/// need not be said, then Regions.
#[derive(Clone, Debug)]
pub struct ScenarioTree {
    current: Scenario,
    before: Option<Scenario>,
    plan: ShrinkPlan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShrinkPlan {
    /// Do without an organization.
    Alone,
    /// That has been tried; leave out `length` steps from the first on.
    Begin { length: usize },
    /// Leave out `length` steps after `from`.
    Steps { from: usize, length: usize },
    /// Leave out an entry of a step's batch.
    Entries { step: usize, entry: usize },
    /// Leave out what a step's call says besides.
    Plain { step: usize },
    /// Do everything in one Region.
    Region,
    /// Nothing is left to try.
    Done,
}

impl ScenarioTree {
    /// The tree of a scenario whose last step shows the divergence.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        Self { current: scenario, before: None, plan: ShrinkPlan::Alone }
    }

    /// The next smaller scenario of the plan, and the plan after it if that is not taken.
    fn attempt(&self) -> Option<(Scenario, ShrinkPlan)> {
        let mut plan = self.plan;
        loop {
            match plan {
                ShrinkPlan::Alone => {
                    let length = self.current.transitions.len().saturating_sub(1).div_ceil(2).max(1);
                    plan = ShrinkPlan::Steps { from: 0, length };
                    if let Some(alone) = alone(&self.current) {
                        return Some((alone, plan));
                    }
                }
                ShrinkPlan::Begin { length } => plan = ShrinkPlan::Steps { from: 0, length },
                ShrinkPlan::Steps { from, length } => {
                    // The last step is the one that shows it.
                    let removable = self.current.transitions.len().saturating_sub(1);
                    if from < removable {
                        let mut smaller = self.current.clone();
                        smaller.transitions.drain(from..(from + length).min(removable));
                        without_its_organization(&mut smaller);
                        return Some((smaller, ShrinkPlan::Steps { from: from + length, length }));
                    }
                    plan = if length > 1 {
                        ShrinkPlan::Steps { from: 0, length: length / 2 }
                    } else {
                        ShrinkPlan::Entries { step: 0, entry: 0 }
                    };
                }
                ShrinkPlan::Entries { step, entry } => match self.current.transitions.get(step) {
                    None => plan = ShrinkPlan::Plain { step: 0 },
                    Some(_) => match self.without_entry(step, entry) {
                        Some(smaller) => return Some((smaller, ShrinkPlan::Entries { step, entry: entry + 1 })),
                        None => plan = ShrinkPlan::Entries { step: step + 1, entry: 0 },
                    },
                },
                ShrinkPlan::Plain { step } => match self.current.transitions.get(step) {
                    None => plan = ShrinkPlan::Region,
                    Some(transition) => {
                        plan = ShrinkPlan::Plain { step: step + 1 };
                        if let Some(input) = plain(&transition.request.input) {
                            let mut smaller = self.current.clone();
                            smaller.transitions[step].request.input = input;
                            return Some((smaller, plan));
                        }
                    }
                },
                ShrinkPlan::Region if self.current.regions() > 1 => {
                    let mut smaller = self.current.clone();
                    for transition in &mut smaller.transitions {
                        transition.region = Region(0);
                    }
                    return Some((smaller, ShrinkPlan::Done));
                }
                ShrinkPlan::Region | ShrinkPlan::Done => return None,
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

/// The input without what need not be said, if there is such.
fn plain(input: &Input) -> Option<Input> {
    let plain = match input {
        Input::Enable { .. } => Input::Enable { standards: None, generator: None, tags: None },
        Input::Page(_) => Input::Page(Page::default()),
        Input::Create(Some(details)) => {
            let plain = |detail: &AccountDetail| AccountDetail { email: None, ..detail.clone() };
            Input::Create(Some(details.iter().map(plain).collect()))
        }
        _ => return None,
    };
    (plain != *input).then_some(plain)
}

/// Where no step founds the organization any more, there is none to set up.
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
            self.plan = ShrinkPlan::Done;
            return false;
        };
        // Where leaving something out is right, the same place holds what came after it.
        let again = match (self.plan, otherwise) {
            (ShrinkPlan::Alone, ShrinkPlan::Steps { length, .. }) => ShrinkPlan::Begin { length },
            (ShrinkPlan::Steps { .. }, ShrinkPlan::Steps { from, length }) => {
                ShrinkPlan::Steps { from: from - length, length }
            }
            (_, ShrinkPlan::Steps { from, length }) => {
                ShrinkPlan::Steps { from: from.saturating_sub(length), length }
            }
            (_, ShrinkPlan::Entries { step, entry }) => {
                ShrinkPlan::Entries { step, entry: entry.saturating_sub(1) }
            }
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
            ShrinkPlan::Begin { length } => ShrinkPlan::Steps { from: 0, length },
            ShrinkPlan::Steps { from, length } => ShrinkPlan::Steps { from: from + length, length },
            ShrinkPlan::Entries { step, entry } => ShrinkPlan::Entries { step, entry: entry + 1 },
            plan => plan,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MANAGEMENT;

    fn call(caller: Account, operation: Operation, input: Input) -> Transition {
        Transition { caller, region: Region(0), request: Request { operation, input } }
    }

    fn sample() -> Scenario {
        let a = Account(1);
        let enable = Input::Enable { standards: Some(false), generator: None, tags: None };
        let detail = AccountDetail { account: Some(Account(2).into()), email: Some("b@example.com".to_owned()) };
        Scenario {
            transitions: vec![
                call(MANAGEMENT, Operation::CreateOrganization, Input::Empty),
                call(MANAGEMENT, Operation::CreateAccount, Input::Account(Some(a.into()))),
                call(MANAGEMENT, Operation::EnableOrganizationAdminAccount, Input::Account(Some(a.into()))),
                call(Account(2), Operation::EnableSecurityHub, enable),
                call(a, Operation::CreateMembers, Input::Create(Some(vec![detail]))),
            ],
        }
    }

    /// The smallest scenario for which the condition holds.
    fn shrunk(holds: impl Fn(&Scenario) -> bool) -> Vec<Operation> {
        let mut tree = ScenarioTree::new(sample());
        while tree.simplify() {
            if !holds(&tree.current()) {
                assert!(tree.complicate());
            }
        }
        tree.current().transitions.iter().map(|transition| transition.request.operation).collect()
    }

    fn has(scenario: &Scenario, operation: Operation) -> bool {
        scenario.transitions.iter().any(|transition| transition.request.operation == operation)
    }

    #[test]
    fn an_organization_is_left_out_where_the_hub_it_switches_on_is_all_that_matters() {
        use Operation::{CreateMembers, CreateOrganization, EnableOrganizationAdminAccount, EnableSecurityHub};
        let on = |scenario: &Scenario| {
            let own = |transition: &Transition| {
                transition.caller == Account(1) && transition.request.operation == EnableSecurityHub
            };
            scenario.transitions.iter().any(own) || has(scenario, EnableOrganizationAdminAccount)
        };
        assert_eq!(shrunk(on), [EnableSecurityHub, CreateMembers]);
        let organized = |scenario: &Scenario| has(scenario, CreateOrganization);
        assert_eq!(shrunk(organized), [CreateOrganization, CreateMembers]);
    }

    #[test]
    fn what_need_not_be_said_is_left_out() {
        let mut tree = ScenarioTree::new(sample());
        while tree.simplify() {}
        let input = tree.current().transitions.pop().map(|transition| transition.request.input);
        let bare = AccountDetail { account: Some(Account(2).into()), email: None };
        assert_eq!(input, Some(Input::Create(Some(vec![bare]))));
    }
}
