//! The value of a scenario: what it is predicted to show that no scenario before it does, for each call that it costs.
//! It rests on the model alone and knows no fault.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashSet;

use super::play::{Side, bind, next};
use passmuster_contract::domain::{Account, Input, MemberStatus, Operation, RuleId, Transition};
use passmuster_contract::model::{Answers, BatchEntry, Branches, Expect, RegionState, State, step};

/// Something that a scenario shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Feature {
    /// A rule that decides a call by itself.
    Rule(Operation, RuleId),
    /// A rule that may decide a call, where others may as well.
    Possible(Operation, RuleId),
    /// A call in a coarse state.
    Scene(Operation, Scene),
    /// A form of input, and the outcome of it.
    Form(Operation, u8, Outcome),
    /// A read after a change, which says what that left alone; for a change that was made before, what is left of then.
    Frame { change: Operation, again: bool, read: Operation, from: Viewpoint },
}

/// A coarse outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Done,
    Refused,
    /// Some accounts of a batch are left unprocessed.
    Mixed,
    /// All are.
    Unprocessed,
}

/// A coarse state of a call: who calls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scene {
    on: bool,
    role: Role,
    /// Of the account named first.
    named: Option<Relation>,
}

/// The caller's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Alone,
    Member,
    Administrator,
    Delegate,
}

/// The relation of the caller to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Relation {
    on: bool,
    /// The status of the account on the caller's list, and of the caller on the account's.
    status: [Option<MemberStatus>; 2],
    invited: bool,
}

/// Where a read is made from, seen from the change before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Viewpoint {
    by: Reader,
    elsewhere: bool,
}

/// The account that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reader {
    Changer,
    Named,
    Third,
}

/// What these calls show of an implementation with these answers.
pub(crate) fn features<'c>(calls: impl IntoIterator<Item = &'c Transition>, answers: &Answers) -> Vec<Feature> {
    let mut found = Vec::new();
    let mut state = State::default();
    let mut changes: Vec<&Transition> = Vec::new();
    for call in calls {
        let operation = call.request.operation;
        if !operation.is_setup() {
            let branches = step(&state, &bind(&state, call));
            add_rules(&mut found, operation, &branches);
            found.push(Feature::Form(operation, form(&call.request.input), Outcome::of(&branches)));
            found.push(Feature::Scene(operation, Scene::of(state.region(call.region), call)));
        }
        if operation.is_mutating() {
            state = next(&state, call, answers, Side::Implementation);
            changes.push(call);
        } else if let Some((change, before)) = changes.split_last() {
            found.push(Feature::Frame {
                change: change.request.operation,
                again: before.contains(change),
                read: operation,
                from: Viewpoint::of(call, change),
            });
        }
    }
    found
}

/// The form of an input: the members that are there, and whether a list is empty, has one entry, or has more.
fn form(input: &Input) -> u8 {
    let bits = |members: &[bool]| members.iter().fold(0, |bits, there| bits << 1 | u8::from(*there));
    let entries = |entries: Option<usize>| entries.map_or(0, |entries| 1 + entries.min(2) as u8);
    match input {
        Input::Empty | Input::Open(_) => 0,
        Input::Enable { standards, generator, tags } => {
            bits(&[*standards == Some(true), *standards == Some(false), generator.is_some(), tags.is_some()])
        }
        Input::Describe(hub) => bits(&[hub.is_some()]),
        Input::Configure { auto_enable_controls, generator } => {
            bits(&[auto_enable_controls.is_some(), generator.is_some()])
        }
        Input::Create(details) => entries(details.as_ref().map(Vec::len)),
        Input::Accounts(accounts) => entries(accounts.as_ref().map(Vec::len)),
        Input::Page(page) => {
            bits(&[page.only_associated.is_some(), page.max_results.is_some(), page.next_token.is_some()])
        }
        Input::Accept { administrator, invitation } => bits(&[administrator.is_some(), invitation.is_some()]),
        Input::Account(account) => bits(&[account.is_some()]),
        Input::Organize { auto_enable, standards, configuration } => {
            bits(&[auto_enable.is_some(), standards.is_some(), configuration.is_some()])
        }
        Input::Standards(arns) => entries(arns.as_ref().map(Vec::len)),
        Input::Import(findings) => entries(findings.as_ref().map(Vec::len)),
    }
}

impl Outcome {
    fn of(branches: &Branches) -> Self {
        let expect = branches.admissible.first().map(|branch| &branch.expect);
        match expect {
            Some(Expect::Refused(_)) => Self::Refused,
            Some(Expect::Batch(entries)) => {
                let left =
                    |entry: &&BatchEntry| entry.alternatives.first().is_some_and(|one| one.unprocessed.0 > 0);
                match entries.iter().filter(left).count() {
                    0 => Self::Done,
                    left if left == entries.len() => Self::Unprocessed,
                    _ => Self::Mixed,
                }
            }
            _ => Self::Done,
        }
    }
}

/// Adds the rules by which a call may be answered.
fn add_rules(found: &mut Vec<Feature>, operation: Operation, branches: &Branches) {
    let mut add = |alone: bool, rules: &[RuleId]| {
        let feature = if alone { Feature::Rule } else { Feature::Possible };
        found.extend(rules.iter().map(|rule| feature(operation, *rule)));
    };
    for branch in &branches.admissible {
        let alone = branches.admissible.len() == 1;
        add(alone, &branch.rules);
        if let Expect::Batch(entries) = &branch.expect {
            for entry in entries {
                let alone = alone && entry.alternatives.len() == 1;
                entry.alternatives.iter().for_each(|alternative| add(alone, &alternative.rules));
            }
        }
    }
}

impl Scene {
    fn of(state: &RegionState, call: &Transition) -> Self {
        let caller = call.caller;
        let role = if state.designated_by(caller).is_some() {
            Role::Delegate
        } else if state.administrator(caller).is_some() {
            Role::Member
        } else if state.list(caller).any(|(_, entry)| entry.status.is_some()) {
            Role::Administrator
        } else {
            Role::Alone
        };
        let named = call.request.named_accounts().first().map(|named| Relation::of(state, caller, *named));
        Self { on: state.is_on(caller), role, named }
    }
}

impl Relation {
    fn of(state: &RegionState, caller: Account, named: Account) -> Self {
        let invitation = state.invitations.get(&(caller, named));
        Self {
            on: state.is_on(named),
            status: [state.status(caller, named), state.status(named, caller)],
            invited: invitation.is_some_and(|invitation| invitation.state.is_some()),
        }
    }
}

impl Viewpoint {
    fn of(read: &Transition, change: &Transition) -> Self {
        let by = if read.caller == change.caller {
            Reader::Changer
        } else if change.request.named_accounts().contains(&read.caller) {
            Reader::Named
        } else {
            Reader::Third
        };
        Self { by, elsewhere: read.region != change.region }
    }
}

/// A scenario that could be run next.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// The features that it shows.
    pub(crate) features: Vec<Feature>,
    /// About how many calls it takes.
    pub(crate) cost: u64,
}

impl Candidate {
    /// The same with no features but rules and forms.
    pub(crate) fn basic(&self) -> Self {
        let is_basic = |feature: &&Feature| matches!(feature, Feature::Rule(..) | Feature::Form(..));
        Self { features: self.features.iter().filter(is_basic).copied().collect(), cost: self.cost }
    }
}

/// The candidates that show anything that has not been seen, by their numbers, each time the one that shows most for
/// each call.
pub(crate) fn by_value(candidates: &[Candidate], seen: impl IntoIterator<Item = Feature>) -> Vec<usize> {
    let mut seen: FxHashSet<Feature> = seen.into_iter().collect();
    let worth = |number: usize, seen: &FxHashSet<Feature>| {
        let candidate = &candidates[number];
        let new: FxHashSet<&Feature> =
            candidate.features.iter().filter(|feature| !seen.contains(*feature)).collect();
        // In a fraction that compares exactly enough.
        (new.len() as u64).saturating_mul(1 << 20) / candidate.cost.max(1)
    };
    let mut queue: BinaryHeap<(u64, Reverse<usize>)> =
        (0..candidates.len()).map(|number| (worth(number, &seen), Reverse(number))).collect();
    let mut order = Vec::new();
    // What a candidate adds only gets less: it is looked at again when it comes first.
    while let Some((value, Reverse(number))) = queue.pop() {
        let now = worth(number, &seen);
        if now == 0 {
            continue;
        }
        if now < value {
            queue.push((now, Reverse(number)));
            continue;
        }
        seen.extend(&candidates[number].features);
        order.push(number);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(rules: &[&'static str], cost: u64) -> Candidate {
        let rule = |rule: &&'static str| Feature::Rule(Operation::GetMembers, RuleId(rule));
        Candidate { features: rules.iter().map(rule).collect(), cost }
    }

    #[test]
    fn what_adds_most_for_each_call_comes_first_and_what_adds_nothing_never() {
        let candidates = [
            candidate(&["a", "b"], 4),
            candidate(&["a", "b", "c"], 4),
            candidate(&["c", "c"], 1),
            candidate(&["d"], 10),
            candidate(&["a"], 1),
            candidate(&[], 1),
        ];
        // The third and the fifth add one a call; then a "b" is left to the first two, which add it for four.
        assert_eq!(by_value(&candidates, []), [2, 4, 0, 3]);
        assert_eq!(by_value(&candidates, candidates[1].features.clone()), [3]);
        assert!(by_value(&[], []).is_empty());
    }
}
