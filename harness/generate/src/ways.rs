//! The shortest path to each rule: a breadth-first search of the model with a cast of three.
//!
//! A divergence names the rule it violates; the shortest scenario in which the model says that rule decides is the
//! first candidate for its smallest proof.

use std::collections::BTreeMap;

use super::alphabet::{CAST, alphabet, call, organization_alphabet, organization_seeds, seeds};
use super::play::{Side, bind, next, play};
use super::search::{Bound, Search};
use super::{regions, unsearched};
use passmuster_contract::domain::{
    Account, AccountRef, Input, InvitationRef, Operation, Page, Request, RuleId, Scenario, Transition,
};
use passmuster_contract::model::{
    Answers, Branch, Expect, MemberList, Presence, State, rules, step, step_ignoring,
};

/// More states than these are not visited from one seed.
const MOST_STATES: usize = 400;
/// Likewise in an organization, where the seeds lie closer together.
const MOST_ORGANIZATION_STATES: usize = 60;

/// The shortest path to each pair of operation and rule.
#[derive(Debug, Default)]
pub struct Ways {
    shortest: BTreeMap<(Operation, RuleId), Vec<Transition>>,
}

impl Ways {
    /// The paths known, searched for once a process.
    #[must_use]
    pub fn get() -> &'static Self {
        static WAYS: std::sync::LazyLock<Ways> = std::sync::LazyLock::new(Ways::search);
        &WAYS
    }

    /// The shortest scenario whose last step is a call of the operation decided by the rule.
    #[must_use]
    pub fn to(&self, operation: Operation, rule: RuleId) -> Option<Scenario> {
        let transitions = self.shortest.get(&(operation, rule))?.clone();
        Some(Scenario { transitions })
    }

    /// The shortest scenario that exercises the rule by any operation.
    #[must_use]
    pub fn to_rule(&self, rule: RuleId) -> Option<Scenario> {
        let of_rule = self.shortest.iter().filter(|((_, known), _)| *known == rule);
        let transitions = of_rule.map(|(_, way)| way).min_by_key(|way| way.len())?.clone();
        Some(Scenario { transitions })
    }

    /// The paths whose every step is a call of these operations by these many accounts in these many Regions, each
    /// once, and a stage set over two Regions.
    #[must_use]
    pub fn within(&self, operations: &[Operation], cast: u64, regions: u8) -> Vec<Scenario> {
        let allowed = |way: &&Vec<Transition>| is_within(way, operations, cast, regions);
        let stage = listed(&regions::stage()).transitions;
        let mut ways: Vec<_> = self.shortest.values().chain([&stage]).filter(allowed).cloned().collect();
        // Different rules may be decided by one and the same path.
        ways.sort();
        ways.dedup();
        ways.into_iter().map(|transitions| Scenario { transitions }).collect()
    }

    /// The rules that decide the steps of a path, the last step left out.
    #[must_use]
    pub fn deciding(way: &Scenario) -> Vec<RuleId> {
        let Some((_, before)) = way.transitions.split_last() else { return Vec::new() };
        let mut state = State::default();
        let mut rules = Vec::new();
        for transition in before {
            rules.extend(decisive(&state, transition).iter().take(1).flat_map(rules_of));
            state = preferred(&state, transition);
        }
        rules
    }

    fn search() -> Self {
        let alphabet = alphabet();
        let mut ways = Self::default();
        for seed in seeds() {
            ways.search_from(&seed, &alphabet, MOST_STATES);
        }
        let alphabet = organization_alphabet();
        for seed in organization_seeds() {
            ways.search_from(&seed, &alphabet, MOST_ORGANIZATION_STATES);
        }
        for way in regions::ways() {
            if let Some((last, before)) = way.split_last() {
                ways.note(&preferred_after(before), before, last);
            }
        }
        for ((operation, rule), way) in &mut ways.shortest {
            shorten(way, *operation, *rule);
            *way = with_lists(way);
        }
        // Each step of these is there for a reason that the search doesn't see.
        for (rule, way) in unsearched::ways() {
            if let Some(last) = way.last() {
                ways.shortest.insert((last.request.operation, rule), with_lists(&way));
            }
        }
        ways
    }

    fn search_from(&mut self, seed: &[Transition], alphabet: &[Transition], most: usize) {
        let start = preferred_after(seed);
        // A rule may be decided by anything that a state holds, so that states are told apart by all of it.
        let mut search = Search::new(Bound { depth: u8::MAX, states: most }, start.clone(), start);
        while let Some((number, state)) = search.next() {
            let calls = search.tree().path(number).into_iter().map(|call| &alphabet[usize::from(call)]);
            let way: Vec<Transition> = seed.iter().chain(calls).cloned().collect();
            for (call, transition) in alphabet.iter().enumerate() {
                self.note(&state, &way, transition);
                let crowded = transition.request.named_accounts().len() > CAST.len();
                if crowded || !transition.request.operation.is_mutating() || search.is_full() {
                    continue;
                }
                let next = preferred(&state, transition);
                if !next.lost {
                    search.reach(number, call, next.clone(), true, next);
                }
            }
        }
    }

    fn note(&mut self, state: &State, way: &[Transition], transition: &Transition) {
        for branch in &decisive(state, transition) {
            for rule in rules_of(branch) {
                let key = (transition.request.operation, rule);
                if self.shortest.get(&key).is_none_or(|known| known.len() > way.len() + 1) {
                    let mut way = way.to_vec();
                    way.push(transition.clone());
                    self.shortest.insert(key, way);
                }
            }
        }
    }
}

/// Whether every step is a call of these operations by these many accounts in these many Regions.
pub(super) fn is_within(way: &[Transition], operations: &[Operation], cast: u64, regions: u8) -> bool {
    way.iter().all(|transition| {
        (transition.caller.0 <= cast || cast > 1)
            && transition.region.0 < regions
            && operations.contains(&transition.request.operation)
    })
}

/// The scenario with all the reads that show the ids it uses.
pub(super) fn listed(scenario: &Scenario) -> Scenario {
    Scenario { transitions: with_lists(&scenario.transitions) }
}

/// The path with a `ListInvitations` where an invitee must have seen the id that it accepts later.
fn with_lists(way: &[Transition]) -> Vec<Transition> {
    let mut state = State::default();
    let mut unseen: Vec<(Account, Account)> = Vec::new();
    let mut listed = Vec::new();
    for (index, transition) in way.iter().enumerate() {
        state = preferred(&state, transition);
        listed.push(transition.clone());
        if transition.request.operation == Operation::DisassociateMembers && index + 1 < way.len() {
            // What a member by its organization shows now is open (Q16), and later calls depend on it.
            let read = Request { operation: Operation::GetMembers, ..transition.request.clone() };
            listed.push(Transition { request: read, ..transition.clone() });
        }
        if transition.request.operation == Operation::InviteMembers {
            unseen.extend(transition.request.named_accounts().iter().map(|invitee| (*invitee, transition.caller)));
        }
        unseen.retain(|(invitee, inviter)| {
            let accepts = way[index + 1..].iter().any(|later| {
                let latest = Some(InvitationRef::Latest(*inviter));
                later.caller == *invitee
                    && matches!(&later.request.input, Input::Accept { invitation, .. } if *invitation == latest)
            });
            let now = accepts && state.region(transition.region).is_on(*invitee);
            if now {
                let page = Input::Page(Page::default());
                listed.push(call(*invitee, Operation::ListInvitations, page));
            }
            !now
        });
    }
    listed
}

/// The state after a call that is answered as preferred.
fn preferred(state: &State, transition: &Transition) -> State {
    next(state, transition, &Answers::default(), Side::Observer)
}

fn preferred_after(calls: &[Transition]) -> State {
    play(calls, &Answers::default(), Side::Observer)
}

/// The admissible branches of a call, unless it would be refused without its first guard too: then
/// that one is not seen to decide.
fn decisive(state: &State, transition: &Transition) -> Vec<Branch> {
    let branches = step(state, &bind(state, transition));
    let redundant = branches.counterfactual.iter().any(|through| {
        // Without its first guard the call would be refused all the same.
        let rest = step_ignoring(state, &bind(state, transition), &through.ignored[..1]);
        matches!(rest.admissible.first().map(|branch| &branch.expect), Some(Expect::Refused(_)))
    });
    if redundant {
        return Vec::new();
    }
    let mut admissible = branches.admissible;
    // Where anything may follow, nothing decides.
    admissible.retain(|branch| !matches!(branch.expect, Expect::Anything) && is_preferred(branch));
    let idle = |branch: &Branch| {
        matches!(&branch.expect, Expect::Batch(entries)
            if !entries.is_empty() && entries.iter().all(|entry| entry.alternatives.iter().all(|left| left.ignored.is_some())))
    };
    for branch in &mut admissible {
        if let Expect::Batch(entries) = &mut branch.expect {
            for entry in entries {
                entry.alternatives.retain(|alternative| {
                    let refused = alternative.unprocessed.0 > 0 && alternative.ignored.is_none();
                    !refused || !stays_refused(state, transition, &entry.account, alternative.rules[0])
                });
            }
        }
    }
    if admissible.iter().any(idle) { Vec::new() } else { admissible }
}

/// Whether a server that answers as preferred could answer so.
fn is_preferred(branch: &Branch) -> bool {
    branch.answers.iter().all(|answer| Answers::default().gives(*answer))
}

/// Whether an account of a batch would be refused without the rule too.
fn stays_refused(state: &State, transition: &Transition, account: &AccountRef, rule: RuleId) -> bool {
    let rest = step_ignoring(state, &bind(state, transition), &[rule]);
    let Some(Expect::Batch(entries)) = rest.admissible.first().map(|branch| &branch.expect) else { return true };
    let entry = entries.iter().find(|entry| entry.account == *account);
    let first = entry.and_then(|entry| entry.alternatives.first());
    // What is refused by the same rule all the same has no guard that could be left out.
    first.is_some_and(|first| first.unprocessed.0 > 0 && first.rules[0] != rule)
}

/// Leaves out every step that the last one can do without.
fn shorten(way: &mut Vec<Transition>, operation: Operation, rule: RuleId) {
    let decides = |way: &[Transition]| {
        let Some((last, before)) = way.split_last() else { return false };
        let state = preferred_after(before);
        let branches = decisive(&state, last);
        last.request.operation == operation && branches.iter().any(|branch| rules_of(branch).contains(&rule))
    };
    // What one step needs another for is only seen once the first is gone.
    let mut before = usize::MAX;
    while way.len() < before {
        before = way.len();
        for index in (0..way.len().saturating_sub(1)).rev() {
            let mut shorter = way.clone();
            shorter.remove(index);
            if decides(&shorter) {
                *way = shorter;
            }
        }
    }
}

/// The rules that an answer as the branch expects would rest on.
fn rules_of(branch: &Branch) -> Vec<RuleId> {
    let mut rules = branch.rules.clone();
    match &branch.expect {
        Expect::Batch(entries) => {
            for alternative in entries.iter().flat_map(|entry| &entry.alternatives) {
                rules.extend(alternative.rules.iter().filter(|_| alternative.ignored.is_none()));
            }
        }
        Expect::Members(list) => members_show(list, &mut rules),
        Expect::Invitations(list) => {
            rules.push(list.rule);
            let shown = list.slots.iter().filter(|slot| slot.presence == Presence::Must).count();
            rules.extend((shown > 1).then_some(rules::INVITATIONS_ONE_EACH));
            for slot in &list.slots {
                rules.extend([slot.rule, slot.record.because.0, rules::WIRE_INVITATION_IDS]);
            }
        }
        Expect::Administrator(view) => rules.extend([view.rule, view.because.0]),
        Expect::Hub(_, hub) => rules.extend([hub.because.0, rules::DESCRIBE_HUB, rules::WIRE_HUB_ARNS]),
        Expect::AdminAccounts(view) => rules.extend(view.because),
        Expect::Configuration(view) => rules.push(view.because),
        Expect::Standards(view) => {
            rules.extend([view.standards.because.0, rules::STANDARDS_BECOME_READY, rules::WIRE_STANDARDS_ARNS])
        }
        Expect::Findings(view) => rules.extend(view.slots.iter().map(|slot| slot.rule)),
        Expect::Anything
        | Expect::AnySuccess
        | Expect::AnyRefusal
        | Expect::Refused(_)
        | Expect::Done
        | Expect::Count(..)
        | Expect::Imported(_)
        | Expect::Setup => {}
    }
    rules
}

fn members_show(list: &MemberList, found: &mut Vec<RuleId>) {
    found.push(list.rule);
    let shown = list.slots.iter().filter(|slot| slot.presence == Presence::Must).count();
    if shown > 0 {
        found.extend([rules::WIRE_ADMINISTRATOR_TWICE, rules::WIRE_TIMESTAMPS, rules::WIRE_MEMBER_STATUSES]);
    }
    found.extend((shown > list.page).then_some(rules::LIST_PAGE_SIZE));
    for slot in &list.slots {
        found.extend([slot.rule, slot.record.because.0]);
        if slot.record.invited && slot.presence == Presence::Must {
            found.push(rules::INVITE_INSTANTS);
        }
        if rules::is_deletion(slot.record.because.0) {
            found.push(rules::GET_DELETED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ways;
    use passmuster_contract::domain::Operation;
    use passmuster_contract::model::rules;

    #[test]
    fn the_shortest_way_to_an_already_enabled_hub_is_two_calls() {
        let way = Ways::get().to(Operation::EnableSecurityHub, rules::ENABLE_TWICE);
        assert_eq!(way.map(|way| way.transitions.len()), Some(2));
    }

    #[test]
    fn the_shortest_way_to_the_refusal_of_a_second_administrator_is_known() {
        let way = Ways::get().to(Operation::AcceptAdministratorInvitation, rules::ACCEPT_SECOND_ADMINISTRATOR);
        // Three hubs, two entries, two invitations, both listed, one accept, and the refused one.
        assert_eq!(way.map(|way| way.transitions.len()), Some(11));
    }
}
