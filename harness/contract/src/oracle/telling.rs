//! The rules that a conforming answer shows to hold: those without which it would have been another one.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalogue;
use crate::domain::{AccountRef, Document, Grade, MemberStatus, Naming, Outcome, QuestionId, RuleId, Transition};
use crate::model::{
    Branch, Branches, Effect, Expect, InvitationState, Learned, MemberList, Presence, RegionState, State,
    questions, rules, step, step_ignoring,
};

use super::Observed;
use super::batch::unprocessed;
use super::finding::Continuation;

/// The rules that an answer shows to hold, which goes with all these ways. That a change was accepted does not show that
/// it was made: the reads after it do. Of a hub that is off, each call that is refused for it is a read.
pub(super) fn shown<N: Naming>(
    state: &State,
    ways: &[&Continuation],
    transition: &Transition,
    observed: &Observed<'_, N>,
) -> Vec<RuleId> {
    let Some((first, others)) = ways.split_first() else { return Vec::new() };
    let branches = step(state, transition);
    let silent = match observed.outcome {
        _ if ways.iter().any(|way| way.is_anything) => first.rules.iter().copied().collect(),
        Outcome::Success(document) => {
            // What goes with a way that rests on another rule could be without this one.
            let is_common = |rule: &RuleId| others.iter().all(|way| way.rules.contains(rule));
            let made = first.rules.iter().filter(|rule| ways.iter().any(|way| is_made(way, **rule)));
            let mut silent = silent(&branches, state.region(transition.region), transition, document);
            silent.extend(of_batches(&branches, document, observed.naming));
            silent.extend(made.copied().chain(first.rules.iter().copied().filter(|rule| !is_common(rule))));
            silent
        }
        Outcome::Error(_) | Outcome::Undecodable { .. } => unrefused(&branches, ways, state, transition),
    };
    let tells = |rule: &RuleId| !silent.contains(rule) || catalogue::grade(*rule) == Grade::Unknown;
    let mut shown: Vec<RuleId> = Vec::new();
    // That an old name does what the new one does is shown by reads, too.
    for rule in first.rules.iter().filter(|rule| tells(rule) && **rule != rules::ACCEPT_OLD_NAME) {
        if !shown.contains(rule) {
            shown.push(*rule);
        }
    }
    let off = [rules::MEMBERSHIP_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB];
    if matches!(observed.outcome, Outcome::Error(_)) && shown.iter().any(|rule| off.contains(rule)) {
        let disabled = [rules::DISABLE_STANDALONE, rules::DISABLE_WITHOUT_ENABLED_MEMBERS];
        let because = state.region(transition.region).hubs.get(&transition.caller).map(|hub| hub.because.0);
        shown.extend(because.filter(|because| disabled.contains(because)));
    }
    shown
}

/// Whether the rule says what a change does, which only a read shows; what is imported is counted at once.
fn is_made(way: &Continuation, rule: RuleId) -> bool {
    way.effects.iter().any(|(effect, by)| {
        let is_counted = matches!(effect, Effect::Import(..));
        effect.is_change() && !is_counted && effect.value().unwrap_or(*by) == rule
    })
}

/// The rules of which a refusal tells nothing: without one of them the call would have been refused all the same, or a
/// success that rests on it is admitted as well; or it is, or may be, another that speaks where they are to.
fn unrefused(
    branches: &Branches,
    ways: &[&Continuation],
    state: &State,
    transition: &Transition,
) -> BTreeSet<RuleId> {
    let is_refused =
        |branches: &Branches| branches.admissible.first().is_some_and(|first| is_refusal(&first.expect));
    let is_either_way = branches.counterfactual.iter().any(|through| match through.ignored[..] {
        [rule] => is_refused(&step_ignoring(state, transition, &[rule])),
        _ => true,
    });
    let guards: BTreeSet<RuleId> =
        branches.counterfactual.iter().flat_map(|through| through.ignored.iter().copied()).collect();
    let is_guard = |branch: &&Branch| branch.rules.first().is_some_and(|rule| guards.contains(rule));
    let of_list =
        ways.first().is_some_and(|way| way.answers.iter().any(|answer| ODD_LISTS.contains(&answer.question)));
    let (refusals, successes): (Vec<_>, Vec<_>) =
        branches.admissible.iter().partition(|branch| is_refusal(&branch.expect));
    let mut silent = BTreeSet::new();
    for branch in refusals {
        let is_besides = !guards.is_empty() && !is_guard(&branch);
        let of_success = |rule: &RuleId| successes.iter().any(|other| other.rules.contains(rule));
        // Beside a success, another rule may be what it is refused for.
        let of_another = |rule: &RuleId| {
            !(successes.is_empty() || is_guard(&branch) || ways.iter().all(|way| way.rules.contains(rule)))
        };
        let open = branch.rules.iter().filter(|rule| of_success(rule) || of_another(rule));
        let all = is_either_way || of_list || is_besides;
        silent.extend(open.chain(branch.rules.iter().filter(|_| all)));
    }
    if !is_either_way {
        // The guard's own, though another may speak in its place.
        for branch in branches.admissible.iter().filter(is_guard) {
            silent.retain(|rule| !branch.rules.contains(rule));
        }
    }
    silent
}

/// What a request is refused for as a whole, whatever is in it.
const ODD_LISTS: [QuestionId; 4] =
    [questions::EMPTY_LIST, questions::LONG_LIST, questions::DUPLICATE, questions::MALFORMED_ID];

fn is_refusal(expect: &Expect) -> bool {
    matches!(expect, Expect::Refused(_) | Expect::AnyRefusal)
}

/// The rules that a success says nothing of, though it rests on them.
#[expect(clippy::wildcard_enum_match_arm, reason = "other reads say something of all that they rest on")]
fn silent(
    branches: &Branches,
    here: &RegionState,
    transition: &Transition,
    document: &Document,
) -> BTreeSet<RuleId> {
    let caller = transition.caller;
    let mut silent = BTreeSet::new();
    for branch in &branches.admissible {
        match &branch.expect {
            Expect::Members(list) => silent.extend(of_members(list, here, document)),
            Expect::Hub(_, hub) if hub.generator.seen().is_none() => {
                silent.insert(rules::DESCRIBE_GENERATOR_OF_MEMBER);
            }
            Expect::Count(..) => {
                let accepted = |state| state == Some(InvitationState::Accepted);
                let is_told = here.received(caller).any(|(_, held)| accepted(held.state) && !held.doubt);
                silent.extend((!is_told).then_some(rules::INVITATIONS_COUNT));
            }
            Expect::Findings(view) if view.slots.iter().all(|slot| slot.presence == Presence::May) => {
                silent.extend(&branch.rules);
            }
            // What is hidden from a member as one; its own findings are no such.
            Expect::Findings(view) if view.slots.iter().all(|slot| slot.rule != rules::FINDINGS_AS_MEMBER) => {
                silent.insert(rules::FINDINGS_AS_MEMBER);
            }
            Expect::Standards(view) if matches!(view.standards.enabled, Learned::Unseen) => {
                silent.insert(rules::STANDARDS_OWN_ONLY);
            }
            _ => {}
        }
    }
    silent
}

/// Where all or none were processed, nothing is told of mixed lists. Of an account that may be processed as well as not,
/// being processed tells nothing; nor does anything of what is no id, which is refused as such.
fn of_batches(branches: &Branches, document: &Document, naming: &impl Naming) -> BTreeSet<RuleId> {
    let listed: BTreeSet<AccountRef> =
        unprocessed(document, naming).into_iter().map(|(account, _)| account).collect();
    let mut silent = BTreeSet::new();
    let mut told = BTreeSet::new();
    for branch in &branches.admissible {
        let Expect::Batch(entries) = &branch.expect else { continue };
        if listed.is_empty() || listed.len() >= entries.len() {
            silent.insert(rules::CREATE_MIXED_BATCH);
        }
        for entry in entries {
            let admitted = || entry.alternatives.iter().filter(|alternative| alternative.ignored.is_none());
            let is_processed = admitted().any(|alternative| alternative.unprocessed.0 == 0);
            let is_reported = admitted().any(|alternative| alternative.unprocessed.0 > 0);
            let is_anything =
                admitted().any(|alternative| alternative.unprocessed.0 == 0 && alternative.unprocessed.1 > 0);
            let is_open = is_processed && is_reported && !listed.contains(&entry.account);
            let of_entry = admitted().flat_map(|alternative| alternative.rules.iter().copied());
            if is_open || is_anything || entry.account.account().is_none() {
                silent.extend(of_entry);
            } else {
                told.extend(of_entry);
            }
        }
    }
    silent.retain(|rule| !told.contains(rule));
    silent
}

/// Filters tell of what they leave out, or don't.
fn of_members(list: &MemberList, here: &RegionState, document: &Document) -> BTreeSet<RuleId> {
    let shown = document.get("Members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_enabled = |entry: &Value| entry.get("MemberStatus").and_then(Value::as_str) == Some("Enabled");
    let others = shown.iter().any(|entry| !is_enabled(entry));
    let is_left_out = here
        .list(list.administrator)
        .any(|(_, entry)| !entry.doubt && entry.status.is_some_and(|status| status != MemberStatus::Enabled));
    let mut silent = BTreeSet::new();
    if shown.is_empty() {
        silent.insert(rules::GET_PARTICULARS);
    }
    if !others {
        silent.insert(rules::LIST_EVERY_ENTRY);
    }
    if !is_left_out {
        silent.extend([rules::LIST_ENABLED_ONLY, rules::LIST_DEFAULT_FILTER]);
    }
    if !(others || is_left_out) {
        silent.insert(rules::WIRE_FILTER_PARAMETER);
    }
    silent
}
