//! The smallest set of causes that explains most: greedily, the family that explains the most findings first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::bench::Showing;
use super::family::{Candidate, ChangeFamily};

/// A family, its members that are needed, and the cases that they explain, all by number.
pub(super) struct Choice {
    pub(super) family: ChangeFamily,
    pub(super) parts: Vec<usize>,
    pub(super) cases: Vec<usize>,
}

impl Choice {
    /// Whether nothing speaks against it, and it shows just what the target showed.
    pub(super) fn is_firm(&self, showings: &Showings) -> bool {
        let tried = || self.parts.iter().filter_map(|part| showings.get(part));
        let shows = |case: &usize| {
            tried().filter_map(|tried| tried.shown.get(case)).any(|showing| showing.exact && !showing.refuted)
        };
        tried().all(|tried| tried.refuted == 0) && self.cases.iter().all(shows)
    }
}

/// What came of trying one candidate.
#[derive(Default)]
pub(super) struct Tried {
    /// How each case shows that it shows.
    pub(super) shown: BTreeMap<usize, Showing>,
    /// How much speaks against it: answers in other cases that the target gives as it should and that it changes.
    pub(super) refuted: usize,
}

/// What decides between families: their score, how few changes it takes, how little these change, and whether it is one
/// by itself.
type Worth = (i64, Reverse<usize>, Reverse<usize>, bool);

/// What came of trying each candidate.
pub(super) type Showings = BTreeMap<usize, Tried>;

/// Chooses families until no case is left that any candidate shows.
pub(super) fn cover(candidates: &[Candidate], showings: &Showings) -> Vec<Choice> {
    let mut open: BTreeSet<usize> = showings.values().flat_map(|tried| tried.shown.keys()).copied().collect();
    let mut families: BTreeMap<ChangeFamily, Vec<usize>> = BTreeMap::new();
    for candidate in showings.keys() {
        for family in candidates.get(*candidate).map(Candidate::families).unwrap_or_default() {
            families.entry(family).or_default().push(*candidate);
        }
    }
    let mut choices = Vec::new();
    // Each round closes a case at least.
    while !open.is_empty() {
        let mut chosen: Option<(Worth, &ChangeFamily, Vec<usize>)> = None;
        for (family, members) in &families {
            let parts = needed(members, showings, &open);
            if parts.is_empty() {
                continue;
            }
            let breadth = parts.iter().filter_map(|part| candidates.get(*part)).map(Candidate::breadth).sum();
            let single = matches!(family, ChangeFamily::Single(_));
            let worth = (score(&parts, showings, &open), Reverse(parts.len()), Reverse(breadth), single);
            if chosen.as_ref().is_none_or(|(known, ..)| worth > *known) {
                chosen = Some((worth, family, parts));
            }
        }
        let Some((_, family, parts)) = chosen else { break };
        let cases: Vec<usize> = best(&parts, showings, &open).into_keys().collect();
        for case in &cases {
            open.remove(case);
        }
        choices.push(Choice { family: family.clone(), parts, cases });
    }
    choices
}

/// The worth of the way in which a case shows: best where just what the target showed, and nothing speaks against it.
const fn weight(showing: Showing) -> i64 {
    match (showing.exact, showing.refuted) {
        (true, false) => 6,
        (false, false) | (true, true) => 2,
        (false, true) => 1,
    }
}

/// The worth of candidates: what they show, less what speaks against them.
fn score(parts: &[usize], showings: &Showings, open: &BTreeSet<usize>) -> i64 {
    let shown: i64 = best(parts, showings, open).into_values().map(weight).sum();
    let refuted: usize = parts.iter().filter_map(|part| showings.get(part)).map(|tried| tried.refuted).sum();
    shown - 2 * i64::try_from(refuted).unwrap_or(i64::MAX / 4) - i64::try_from(parts.len()).unwrap_or(1)
}

/// The members of a family that it takes to show what all of them do, those that show most first. What costs more than
/// it explains is left to others.
fn needed(members: &[usize], showings: &Showings, open: &BTreeSet<usize>) -> Vec<usize> {
    let mut left = open.clone();
    let mut parts: Vec<usize> = Vec::new();
    loop {
        let worth = |member: &usize| (score(&[*member], showings, &left), Reverse(*member));
        let shows = |member: &usize| {
            showings.get(member).is_some_and(|tried| tried.shown.keys().any(|case| left.contains(case)))
        };
        let next = members.iter().copied().filter(shows).max_by_key(worth);
        let Some(next) = next.filter(|next| parts.is_empty() || worth(next).0 > 0) else { return parts };
        for case in showings.get(&next).into_iter().flat_map(|tried| tried.shown.keys()) {
            left.remove(case);
        }
        parts.push(next);
    }
}

/// How the open cases show best with these candidates.
fn best(parts: &[usize], showings: &Showings, open: &BTreeSet<usize>) -> BTreeMap<usize, Showing> {
    let mut best: BTreeMap<usize, Showing> = BTreeMap::new();
    for (case, showing) in parts.iter().filter_map(|part| showings.get(part)).flat_map(|tried| &tried.shown) {
        if open.contains(case) {
            let known = best.entry(*case).or_insert(*showing);
            if weight(*showing) > weight(*known) {
                *known = *showing;
            }
        }
    }
    best
}
