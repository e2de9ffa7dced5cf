//! The value of a scenario: what it is predicted to show that no scenario before it does, for each call that it costs.
//! It rests on the model alone and knows no fault.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::boundary::WalkedList;
use super::play::{Side, bind, next};
use passmuster_contract::domain::{Account, Input, MemberStatus, Operation, Region, RuleId, Transition};
use passmuster_contract::model::{
    Answers, BatchEntry, Branches, Expect, InvitationState, RegionState, State, step,
};

/// Something that a scenario shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Feature {
    /// A rule that decides a call by itself.
    Rule(Operation, RuleId),
    /// A rule that may decide a call, where others may as well.
    Possible(Operation, RuleId),
    /// A call in a coarse state.
    Scene(Operation, CoarseScene),
    /// A form of input, and the outcome of it.
    Form(Operation, u8, Fate),
    /// A read after a change, which shows what it did and what it left alone; for a change that was made before, what is
    /// left of then.
    Frame { change: Operation, outcome: Fate, again: bool, read: Operation, from: Viewpoint },
    /// A walk through the pages of a list.
    Pages { read: Operation, is_filtered: bool, is_longer: bool, is_full: bool },
}

impl Feature {
    /// The feature of a walk through a list.
    pub(crate) const fn of_walk(read: Operation, list: WalkedList) -> Self {
        let WalkedList { is_filtered, is_longer, is_full, .. } = list;
        Self::Pages { read, is_filtered, is_longer, is_full }
    }

    /// The weight of it beside others. A rule and a form of input are what a call is made for; in a new state a call may
    /// break a rule that it kept in another; a read shows all that was done since the last one.
    const fn weight(&self) -> u64 {
        match self {
            Self::Rule(..) | Self::Form(..) | Self::Pages { .. } => 8,
            Self::Scene(..) => 4,
            Self::Frame { .. } => 1,
            Self::Possible(..) => 0,
        }
    }
}

/// A coarse outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fate {
    Done,
    Refused,
    /// Some accounts of a batch are left unprocessed.
    Mixed,
    /// All are.
    Unprocessed,
}

/// A coarse state of a call: who calls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CoarseScene {
    on: bool,
    role: CallerRole,
    /// Of the account named first.
    named: Option<Relation>,
    /// The caller has more than one member on its list, and more than one invitation.
    many: [bool; 2],
    /// Where none is named: the statuses on the caller's list, and the stages of its invitations, as bits.
    held: u32,
}

/// The caller's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum CallerRole {
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
    /// The account named has to do with somebody else: an administrator, or an invitation.
    engaged: bool,
}

/// Where a read is made from, seen from the change before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Viewpoint {
    by: Viewer,
    elsewhere: bool,
}

/// The account that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Viewer {
    Changer,
    Named,
    Third,
}

/// A scenario as it is told call by call: what is known of it, and what no read has shown yet.
#[derive(Clone)]
pub(crate) struct Story<'a> {
    answers: &'a Answers,
    pub(super) state: State,
    /// Its changes, with their outcomes.
    changes: Vec<(Transition, Fate)>,
    /// So many of the changes each view has shown: the reads of one kind by one account in one Region.
    shown: FxHashMap<(Account, Region, Operation), usize>,
}

impl<'a> Story<'a> {
    /// A scenario on an implementation with these answers.
    pub(crate) fn new(answers: &'a Answers) -> Self {
        Self { answers, state: State::default(), changes: Vec::new(), shown: FxHashMap::default() }
    }

    /// Adds the features of a call if it were the next one, which the model judges by these branches.
    pub(super) fn add_features(&self, call: &Transition, branches: &Branches, found: &mut Vec<Feature>) {
        let operation = call.request.operation;
        let region = self.state.region(call.region);
        let outcome = Fate::of(branches);
        if operation.is_setup() {
            return;
        }
        add_rules(found, operation, branches);
        // Who has no hub is told that, whatever else is so.
        if outcome == Fate::Refused && !region.is_on(call.caller) {
            return;
        }
        found.push(Feature::Form(operation, form(&call.request.input), outcome));
        found.push(Feature::Scene(operation, CoarseScene::of(region, call)));
        if !operation.is_mutating() && outcome != Fate::Refused {
            let seen = self.shown.get(&view(call)).copied().unwrap_or(0);
            // What was changed again since then is not shown by this read.
            let from = seen.max(self.changes.len().saturating_sub(MOST_SHOWN));
            for (number, (change, outcome)) in self.changes.iter().enumerate().skip(from) {
                found.push(Feature::Frame {
                    change: change.request.operation,
                    outcome: *outcome,
                    again: self.changes[..number].iter().any(|(before, _)| before == change),
                    read: operation,
                    from: Viewpoint::of(call, change),
                });
            }
        }
    }

    /// Makes a call.
    pub(super) fn make(&mut self, call: &Transition, branches: &Branches) {
        if call.request.operation.is_mutating() {
            self.state = next(&self.state, call, self.answers, Side::Implementation);
            self.changes.push((call.clone(), Fate::of(branches)));
        } else {
            self.shown.insert(view(call), self.changes.len());
        }
    }
}

/// A read shows so many changes at most: what is older has been written over, or would be blamed on something else.
const MOST_SHOWN: usize = 6;

const fn view(read: &Transition) -> (Account, Region, Operation) {
    (read.caller, read.region, read.request.operation)
}

/// What these calls show of an implementation with these answers.
pub(crate) fn features<'c>(calls: impl IntoIterator<Item = &'c Transition>, answers: &Answers) -> Vec<Feature> {
    let mut found = Vec::new();
    let mut story = Story::new(answers);
    for call in calls {
        let branches = step(&story.state, &bind(&story.state, call));
        story.add_features(call, &branches, &mut found);
        story.make(call, &branches);
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
        Input::Create(details) => {
            let given = details.iter().flatten().any(|detail| detail.email.is_some());
            entries(details.as_ref().map(Vec::len)) << 1 | u8::from(given)
        }
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

impl Fate {
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

impl CoarseScene {
    fn of(state: &RegionState, call: &Transition) -> Self {
        let caller = call.caller;
        let listed = state.list(caller).filter(|(_, entry)| entry.status.is_some()).count();
        let role = if state.designated_by(caller).is_some() {
            CallerRole::Delegate
        } else if state.administrator(caller).is_some() {
            CallerRole::Member
        } else if listed > 0 {
            CallerRole::Administrator
        } else {
            CallerRole::Alone
        };
        let named = call.request.named_accounts().first().map(|named| Relation::of(state, caller, *named));
        let held = if named.is_some() { 0 } else { held(state, caller) };
        let many = [listed > 1, invitations(state, caller).count() > 1];
        Self { on: state.is_on(caller), role, named, many, held }
    }
}

/// The invitations that an account holds: who invites, and how far that has come.
fn invitations(state: &RegionState, account: Account) -> impl Iterator<Item = (Account, InvitationState)> + '_ {
    let all = state.invitations.iter().filter(move |((invited, _), _)| *invited == account);
    all.filter_map(|((_, inviter), invitation)| Some((*inviter, invitation.state?)))
}

/// The statuses on an account's list, and the stages of the invitations that it holds, as bits.
fn held(state: &RegionState, account: Account) -> u32 {
    let statuses = state.list(account).filter_map(|(_, entry)| entry.status).map(|status| status as u32);
    let stages = invitations(state, account).map(|(_, stage)| 16 + stage as u32);
    statuses.chain(stages).fold(0, |bits, bit| bits | 1 << bit)
}

impl Relation {
    fn of(state: &RegionState, caller: Account, named: Account) -> Self {
        let invitation = state.invitations.get(&(caller, named));
        let under = state.administrator(named).is_some_and(|administrator| administrator != caller);
        Self {
            on: state.is_on(named),
            status: [state.status(caller, named), state.status(named, caller)],
            invited: invitation.is_some_and(|invitation| invitation.state.is_some()),
            engaged: under || invitations(state, named).any(|(inviter, _)| inviter != caller),
        }
    }
}

impl Viewpoint {
    fn of(read: &Transition, change: &Transition) -> Self {
        let by = if read.caller == change.caller {
            Viewer::Changer
        } else if change.request.named_accounts().contains(&read.caller) {
            Viewer::Named
        } else {
            Viewer::Third
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

/// The weight of the features among these that are new.
pub(super) fn weight(features: &[Feature], seen: &FxHashSet<Feature>) -> u64 {
    let new: FxHashSet<&Feature> = features.iter().filter(|feature| !seen.contains(*feature)).collect();
    new.into_iter().map(Feature::weight).sum()
}

/// The candidates that show anything that has not been seen, by their numbers, each time the one that shows most for
/// each call.
pub(crate) fn by_value(candidates: &[Candidate], seen: impl IntoIterator<Item = Feature>) -> Vec<usize> {
    let mut seen: FxHashSet<Feature> = seen.into_iter().collect();
    let worth = |number: usize, seen: &FxHashSet<Feature>| {
        let candidate = &candidates[number];
        // In a fraction that compares exactly enough.
        weight(&candidate.features, seen).saturating_mul(1 << 20) / candidate.cost.max(1)
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
