//! The circumstances in which a rule was seen to hold: where two unusual ones meet that no source shows together, what
//! it says is inferred at most.

use std::collections::BTreeSet;

use crate::catalogue;
use crate::domain::{Account, Divergence, Grade, Oddity, RuleId, Transition};
use crate::model::{State, oddities};

/// Lessens the grade of what goes beyond the evidence.
pub(super) fn weigh(found: &mut [Divergence], state: &State, transition: &Transition) {
    let meeting = meeting(state, transition);
    if meeting.is_empty() {
        return;
    }
    for divergence in found {
        if goes_beyond(&meeting, &divergence.rules) {
            divergence.grade = divergence.grade.min(Grade::Inferred);
        }
    }
}

/// Whether some of these rules are bound to circumstances, and none was seen in a pair that meets here.
fn goes_beyond(meeting: &BTreeSet<(Oddity, Oddity)>, rules: &[RuleId]) -> bool {
    let seen: Vec<&[Oddity]> =
        rules.iter().filter_map(|rule| catalogue::rule(rule.0)?.seen_with.as_deref()).collect();
    let together =
        |(one, other): &(Oddity, Oddity)| seen.iter().any(|seen| seen.contains(one) && seen.contains(other));
    !seen.is_empty() && !meeting.iter().all(together)
}

/// The pairs of unusual circumstances that meet in a call: those of one account with each other and the caller's.
fn meeting(state: &State, transition: &Transition) -> BTreeSet<(Oddity, Oddity)> {
    let region = transition.region;
    let caller = oddities(state, region, transition.caller);
    let mut pairs = BTreeSet::new();
    for account in about(state, transition) {
        let mut all = oddities(state, region, account);
        all.extend(&caller);
        pairs.extend(all.iter().flat_map(|one| all.range(one..).skip(1).map(|other| (*one, *other))));
    }
    pairs
}

/// The accounts that a call is about: those it names, else those that its caller has to do with.
fn about(state: &State, transition: &Transition) -> Vec<Account> {
    let mut accounts = transition.request.named_accounts();
    if accounts.is_empty() {
        let here = state.region(transition.region);
        accounts.extend(here.list(transition.caller).map(|(member, _)| member));
        accounts.extend(here.administrator(transition.caller));
        accounts.push(transition.caller);
    }
    accounts
}
