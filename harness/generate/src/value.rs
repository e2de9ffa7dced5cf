//! The value of a scenario: what it is predicted to show that no scenario before it does, for each call that it costs.
//! It rests on the model alone and knows no fault.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::BuildHasher as _;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::boundary::WalkedList;
use super::effect::{Kinship, RecordKind, Sharing, Stage};
use super::play::{Side, bind, play};
use passmuster_contract::domain::{Account, Input, MemberStatus, Operation, RuleId, Transition};
use passmuster_contract::model::{
    Answers, BatchEntry, Branches, Expect, InvitationState, RegionState, Standing, State, step,
};

/// A feature of a scenario: something that it shows, by its hash, which is quick to compare, with its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    hash: u64,
    weight: u8,
}

/// Something that a scenario shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shown {
    /// A rule that decides a call by itself.
    Rule(Operation, RuleId),
    /// A call in a coarse state.
    Scene(Operation, CoarseScene),
    /// A form of input, and the outcome of it.
    Form(Operation, u8, Fate),
    /// A value of a member of an input at the edge of what it may be, by a hash of the member's name, and the outcome.
    Member(Operation, u64, Fate),
    /// A read of a record that a change altered from one stage to another.
    Effect(Effect, EffectForm),
    /// The same, by this operation with an input of this form.
    EffectBy(Effect, Operation, u8),
    /// The same, of a change whose input has this form.
    EffectOf(Effect, u8),
    /// A read of a record that a change left alone.
    LeftAlone(Operation, RecordKind, Kinship),
    /// The same, by this operation.
    LeftAloneBy(Operation, RecordKind, Kinship, Operation),
    /// The same, of what a change with an input of this form named.
    LeftAloneOf(Operation, RecordKind, u8),
    /// A call whose outcome would be another one in another Region, by this rule.
    Apart(Operation, Fate, Option<RuleId>),
    /// A read that should not show what looks like a record that is there, of an account in this stage.
    Absent(Operation, RecordKind, Sharing, Stage),
    /// The same, by a read of this form.
    AbsentBy(Operation, RecordKind, Sharing, u8),
    /// A walk through the pages of a list.
    Pages { read: Operation, is_filtered: bool, is_longer: bool, is_full: bool },
}

impl Feature {
    /// The feature of a walk through a list.
    #[must_use]
    pub fn of_walk(read: Operation, list: WalkedList) -> Self {
        let WalkedList { is_filtered, is_longer, is_full, .. } = list;
        Shown::Pages { read, is_filtered, is_longer, is_full }.into()
    }

    /// The feature of a call about one member of its input, after these.
    #[must_use]
    pub fn of_member(before: &[Transition], call: &Transition, member: &str, answers: &Answers) -> Self {
        let state = play(before, answers, Side::Implementation);
        let branches = step(&state, &bind(&state, call));
        Shown::Member(call.request.operation, FxBuildHasher.hash_one(member), Fate::of(&branches)).into()
    }
}

impl From<Shown> for Feature {
    fn from(shown: Shown) -> Self {
        Self { hash: FxBuildHasher.hash_one(shown), weight: shown.weight() }
    }
}

impl Shown {
    /// The weight of it beside others. Most weighs a rule, then a form of input and a read of what a change did: those are
    /// what calls are made for. What differs from the latter in one respect (the state, the place in a list, the time, the
    /// Region) may break a rule that was kept, and weighs half; who reads it, or in which form, a quarter or less.
    fn weight(&self) -> u8 {
        match self {
            // Of several pages each has its size, its token, and its part of the whole.
            Self::Pages { is_longer: true, .. } => 24,
            Self::Rule(..) => 16,
            Self::Form(..) | Self::Pages { .. } | Self::Effect(_, EffectForm::Plain) => 8,
            // That Regions are apart is a rule of every operation (SH-XX-004).
            Self::Apart(..) => 8,
            Self::LeftAlone(_, _, kinship) if kinship.is_elsewhere() => 6,
            Self::Scene(operation, _) if operation.is_mutating() => 4,
            Self::Absent(..) => 6,
            Self::Scene(..) => 2,
            Self::Effect(..) | Self::LeftAlone(..) | Self::AbsentBy(..) | Self::Member(..) => 4,
            Self::EffectBy(..) => 2,
            Self::LeftAloneBy(..) | Self::EffectOf(..) | Self::LeftAloneOf(..) => 1,
        }
    }
}

/// What a change does to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Effect {
    pub(super) change: Operation,
    pub(super) kind: RecordKind,
    pub(super) stages: [Stage; 2],
    /// Who keeps the record sees it, rather than the account that it is about.
    pub(super) is_keeper: bool,
}

/// The form in which a change has an effect on a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EffectForm {
    /// Once, on what the request names first.
    Plain,
    /// The account that the record is about stands behind another one in the request.
    Later,
    /// The record was in this stage before the one that it is altered from.
    After(Stage),
    /// It was altered so before.
    Again,
    /// Another record that the same account keeps was.
    Another,
    /// It is in another Region than the call.
    Elsewhere,
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
    /// It manages an organization.
    manages: bool,
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
    /// The account's standing in the caller's organization.
    standing: Option<Standing>,
    /// The status of the account on the caller's list, and of the caller on the account's.
    status: [Option<MemberStatus>; 2],
    invited: bool,
    /// The account named has to do with somebody else: an administrator, or an invitation.
    engaged: bool,
}

/// The form of an input: the members that are there, and whether a list is empty, has one entry, or has more.
pub(super) fn form_of(input: &Input) -> u8 {
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
            let only = page.only_associated.as_deref();
            let [some, no] = [only.is_some(), only == Some("false")];
            bits(&[some, no, page.max_results.is_some(), page.next_token.is_some()])
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
    pub(super) fn of(branches: &Branches) -> Self {
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

/// Adds the rules that decide a call by themselves.
pub(super) fn add_rules(found: &mut Vec<Shown>, operation: Operation, branches: &Branches) {
    let mut add = |rules: &[RuleId]| found.extend(rules.iter().map(|rule| Shown::Rule(operation, *rule)));
    let [branch] = &branches.admissible[..] else { return };
    add(&branch.rules);
    if let Expect::Batch(entries) = &branch.expect {
        for entry in entries {
            if let [only] = &entry.alternatives[..] {
                add(&only.rules);
            }
        }
    }
}

impl CoarseScene {
    pub(super) fn of(whole: &State, call: &Transition) -> Self {
        let (caller, state) = (call.caller, whole.region(call.region));
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
        let named = call.request.named_accounts().first().map(|named| Relation::of(whole, state, caller, *named));
        let held = if named.is_some() { 0 } else { held(state, caller) };
        let many = [listed > 1, invitations(state, caller).count() > 1];
        let manages = whole.organizations.contains_key(&caller);
        Self { on: state.is_on(caller), role, manages, named, many, held }
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
    fn of(whole: &State, state: &RegionState, caller: Account, named: Account) -> Self {
        let organization = whole.organization_of(caller);
        let invitation = state.invitations.get(&(caller, named));
        let under = state.administrator(named).is_some_and(|administrator| administrator != caller);
        Self {
            on: state.is_on(named),
            standing: organization.and_then(|(_, organization)| organization.accounts.get(&named).copied()),
            status: [state.status(caller, named), state.status(named, caller)],
            invited: invitation.is_some_and(|invitation| invitation.state.is_some()),
            engaged: under || invitations(state, named).any(|(inviter, _)| inviter != caller),
        }
    }
}

/// A scenario that could be run next.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The features that it shows.
    pub features: Vec<Feature>,
    /// About how many calls it takes.
    pub cost: u64,
}

/// Features that were shown.
#[derive(Clone, Default)]
pub(super) struct FeatureSet(FxHashSet<u64>);

impl FeatureSet {
    pub(super) fn extend<'f>(&mut self, features: impl IntoIterator<Item = &'f Feature>) {
        self.0.extend(features.into_iter().map(|feature| feature.hash));
    }

    /// The weight of the features among these that are new.
    pub(super) fn weight_beside(&self, features: &[Feature]) -> u64 {
        let mut new: Vec<&Feature> = features.iter().filter(|feature| !self.0.contains(&feature.hash)).collect();
        new.sort_unstable_by_key(|feature| feature.hash);
        new.dedup();
        new.iter().map(|feature| u64::from(feature.weight)).sum()
    }
}

/// The candidates that show anything that has not been seen, by their numbers, each time the one that shows most for
/// each call.
pub fn by_value(candidates: &[Candidate], seen: &[Feature]) -> Vec<usize> {
    let mut shown = FeatureSet::default();
    shown.extend(seen);
    let worth = |number: usize, shown: &FeatureSet| {
        let candidate = &candidates[number];
        // In a fraction that compares exactly enough.
        shown.weight_beside(&candidate.features).saturating_mul(1 << 20) / candidate.cost.max(1)
    };
    let mut queue: BinaryHeap<(u64, Reverse<usize>)> =
        (0..candidates.len()).map(|number| (worth(number, &shown), Reverse(number))).collect();
    let mut order = Vec::new();
    // What a candidate adds only gets less: it is looked at again when it comes first.
    while let Some((value, Reverse(number))) = queue.pop() {
        let now = worth(number, &shown);
        if now == 0 {
            continue;
        }
        if now < value {
            queue.push((now, Reverse(number)));
            continue;
        }
        shown.extend(&candidates[number].features);
        order.push(number);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::super::alphabet::{call, detail, enable, ids};
    use super::super::story::features;
    use super::*;
    use passmuster_contract::domain::{Page, Region};

    fn ids_of(account: Account) -> Input {
        ids(&[account])
    }

    fn candidate(rules: &[&'static str], cost: u64) -> Candidate {
        let rule = |rule: &&'static str| Shown::Rule(Operation::GetMembers, RuleId(rule));
        Candidate { features: rules.iter().map(rule).map(Feature::from).collect(), cost }
    }

    fn shown(calls: &[Transition]) -> Vec<Feature> {
        features(calls, &Answers::default())
    }

    /// What the last of these calls shows that the others don't.
    fn shown_last(calls: &[Transition]) -> Vec<Feature> {
        let before = shown(&calls[..calls.len() - 1]);
        shown(calls).into_iter().filter(|feature| !before.contains(feature)).collect()
    }

    #[test]
    fn a_read_shows_what_was_done_and_left_alone_since_the_last_one_like_it() {
        let [a, b, c] = [1, 2, 3].map(Account);
        let on = |account| call(account, Operation::EnableSecurityHub, enable(None));
        let create =
            |from, to| call(from, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(to), None)])));
        let delete = |from, to| call(from, Operation::DeleteMembers, ids_of(to));
        let list = |of| {
            call(
                of,
                Operation::ListMembers,
                Input::Page(Page { only_associated: Some("false".into()), ..Page::default() }),
            )
        };
        let [nothing, created] = [0, 1 + MemberStatus::Created as Stage];
        let effect = |change, stages, form| {
            let effect = Effect { change, kind: RecordKind::Entry, stages, is_keeper: true };
            Feature::from(Shown::Effect(effect, form))
        };
        let creation = effect(Operation::CreateMembers, [nothing, created], EffectForm::Plain);
        let told = shown_last(&[on(a), create(a, b), list(a)]);
        assert!(told.contains(&creation), "{told:?}");
        let again = shown_last(&[on(a), create(a, b), list(a), list(a)]);
        assert!(again.is_empty(), "{again:?}");
        // The other entry is left alone, and is in the stage that this one was in.
        let deleted = shown_last(&[on(a), create(a, b), create(a, c), list(a), delete(a, c), list(a)]);
        let kinship = Kinship { sharing: Sharing::Keeper, is_twin: true };
        let twin = Shown::LeftAlone(Operation::DeleteMembers, RecordKind::Entry, kinship).into();
        let deletion = effect(Operation::DeleteMembers, [created, nothing], EffectForm::Plain);
        assert!(deleted.contains(&deletion) && deleted.contains(&twin), "{deleted:?}");
        // Anew, it is in the stage that it was in before, but comes from another.
        let calls = [on(a), create(a, b), list(a), delete(a, b), list(a), create(a, b), list(a)];
        let anew = shown_last(&calls);
        let renewal = effect(Operation::CreateMembers, [nothing, created], EffectForm::After(created));
        assert!(anew.contains(&renewal), "{anew:?}");
    }

    #[test]
    fn a_read_elsewhere_shows_that_nothing_is_there() {
        let [a, b] = [1, 2].map(Account);
        let on = call(a, Operation::EnableSecurityHub, enable(None));
        let there = |transition: &Transition| Transition { region: Region(1), ..transition.clone() };
        let create = call(a, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(b), None)])));
        let get = call(a, Operation::GetMembers, ids_of(b));
        let elsewhere = shown_last(&[on.clone(), there(&on), create, there(&get)]);
        assert!(
            elsewhere.contains(&Shown::Absent(Operation::GetMembers, RecordKind::Entry, Sharing::Both, 0).into()),
            "{elsewhere:?}"
        );
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
        assert_eq!(by_value(&candidates, &[]), [2, 4, 0, 3]);
        assert_eq!(by_value(&candidates, &candidates[1].features), [3]);
        assert!(by_value(&[], &[]).is_empty());
    }
}
