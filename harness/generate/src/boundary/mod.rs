//! Scenarios at the edge of each constraint: one case on either side of it, and cases of two faults in one request.
//!
//! A case is put where its constraint decides, and is followed by the reads that show what it did, or that it did
//! nothing. Its id is its name for ever: operation, member, form.

mod batches;
mod create;
mod findings;
mod forms;
mod frames;
mod hub;
mod invitations;
mod organization;
mod pages;
mod stage;
mod standards;
mod walks;

use std::collections::BTreeMap;

use super::alphabet::{self, ids};
use super::ways::is_within;
use passmuster_contract::domain::{Family, Operation, Scenario, Transition};
use stage::{BATCH, everybody};

/// One scenario at the edge of a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The name of its trial, such as `CreateMembers/AccountDetails/entries-51`.
    pub id: String,
    /// The calls.
    pub scenario: Scenario,
    /// The number of steps that set it up: the next one is the call that it is about.
    pub stage: usize,
}

impl Case {
    /// The cases whose every step is a call of these operations by these many accounts in these many Regions: by
    /// turns of each operation, the short ones first, walks through many pages at the end. A read after a case that
    /// takes more is left out of it.
    #[must_use]
    pub fn all(operations: &[Operation], callers: u64, regions: u8) -> Vec<Self> {
        let is_within =
            |transition: &Transition| is_within(std::slice::from_ref(transition), operations, callers, regions);
        let mut cases = Cases { found: Vec::new(), is_within: &is_within };
        batches::add(&mut cases);
        create::add(&mut cases);
        findings::add(&mut cases);
        frames::add(&mut cases);
        hub::add(&mut cases);
        invitations::add(&mut cases);
        organization::add(&mut cases);
        pages::add(&mut cases);
        standards::add(&mut cases);
        walks::add(&mut cases);
        in_turns(cases.found)
    }

    /// Whether it walks through a list page by page, which takes many more calls than it has steps.
    #[must_use]
    pub fn is_walk(&self) -> bool {
        self.id.contains("/pages/")
    }

    /// The list that it walks through, if it does.
    #[must_use]
    pub fn walked(&self) -> Option<WalkedList> {
        let (_, walk) = self.id.split_once("/pages/")?;
        let (list, size) = walk.split_once("/size-")?;
        let mut list = list.split('-').skip(1);
        let (length, size): (u64, u64) = (list.next()?.parse().ok()?, size.parse().ok()?);
        Some(WalkedList {
            is_filtered: list.next().is_some(),
            is_longer: length > size,
            is_full: length.is_multiple_of(size),
            pages: length.div_ceil(size),
        })
    }

    /// The member of the input that it is about, and the call, after those that set it up.
    #[must_use]
    pub fn member(&self) -> Option<(&str, &Transition, &[Transition])> {
        let (_, form) = self.id.split_once('/')?;
        let (member, _) = form.split_once('/').filter(|(member, _)| !["pair", "pages"].contains(member))?;
        let (before, rest) = self.scenario.transitions.split_at_checked(self.stage)?;
        Some((member, rest.first()?, before))
    }

    /// Whether it is of two faults in one request.
    #[must_use]
    pub fn is_pair(&self) -> bool {
        self.id.contains("/pair/")
    }

    /// The operation that it is about.
    fn operation(&self) -> &str {
        self.id.split_once('/').map_or("", |(operation, _)| operation)
    }
}

/// A list, as it is walked through page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkedList {
    /// Some entries are left out.
    pub is_filtered: bool,
    /// It is longer than a page.
    pub is_longer: bool,
    /// Its last page is full.
    pub is_full: bool,
    /// The pages that it has.
    pub pages: u64,
}

/// The cases so far.
struct Cases<'w> {
    found: Vec<Case>,
    /// Whether a call can be made at all.
    is_within: &'w dyn Fn(&Transition) -> bool,
}

impl Cases<'_> {
    /// Adds a case: what sets it up, the call that it is about, and the reads that show what that did.
    fn add(&mut self, form: &str, stage: &[Transition], call: Transition, reads: &[Transition]) {
        let id = format!("{}/{form}", call.request.operation);
        let reads = by_both_reads(&call, reads, self.found.len());
        let mut transitions = [stage, &[call]].concat();
        if transitions.iter().all(self.is_within) {
            transitions.extend(reads.into_iter().filter(|read| (self.is_within)(read)));
            self.found.push(Case { id, scenario: Scenario { transitions }, stage: stage.len() });
        }
    }
}

/// Two reads show members, and either may be wrong: where one shows what a call did to them, so does the other. What
/// the first of them shows is believed by the second, so that they take turns in going first.
fn by_both_reads(call: &Transition, reads: &[Transition], turn: usize) -> Vec<Transition> {
    let mut reads = reads.to_vec();
    let shows = |read: &Transition| {
        let shows_members = matches!(read.request.operation, Operation::GetMembers | Operation::ListMembers);
        shows_members && read.caller == call.caller
    };
    let operation = call.request.operation;
    if operation.family() != Family::Members || !operation.is_mutating() {
        return reads;
    }
    let Some(place) = reads.iter().position(shows) else { return reads };
    let mut named = call.request.named_accounts();
    named.truncate(BATCH);
    let other = if reads[place].request.operation == Operation::GetMembers {
        everybody(call.caller)
    } else if named.is_empty() {
        return reads;
    } else {
        alphabet::call(call.caller, Operation::GetMembers, ids(&named))
    };
    reads.insert(place + turn % 2, other);
    reads
}

/// Long as they are, cases of what a call must leave alone come before the finer points of what it takes.
const FRAME_TURN: usize = 4;

/// The first case of each operation, then the second of each, and so on; walks come last.
fn in_turns(mut cases: Vec<Case>) -> Vec<Case> {
    let length = |case: &Case| case.scenario.transitions.len();
    cases.sort_by(|one, other| (length(one), &one.id).cmp(&(length(other), &other.id)));
    let mut turns: BTreeMap<String, usize> = BTreeMap::new();
    let mut ranked: Vec<(bool, usize, Case)> = Vec::new();
    for case in cases {
        let turn = turns.entry(case.operation().to_owned()).or_default();
        *turn += 1;
        let turn = if frames::is_one(&case.id) { FRAME_TURN.min(*turn) } else { *turn };
        ranked.push((case.is_walk(), turn, case));
    }
    // Stable: within a turn the short ones stay first.
    ranked.sort_by_key(|(is_walk, turn, _)| (*is_walk, *turn));
    ranked.into_iter().map(|(_, _, case)| case).collect()
}
