//! The smallest set of causes that explains most: greedily, the family that explains the most findings first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::bench::Showing;
use super::family::{Candidate, Family};

/// A family, its members that are needed, and the cases that they explain, all by number.
pub(super) struct Choice {
    pub(super) family: Family,
    pub(super) parts: Vec<usize>,
    pub(super) cases: Vec<usize>,
}

/// How each case shows with each candidate that shows it.
pub(super) type Showings = BTreeMap<usize, BTreeMap<usize, Showing>>;

/// Chooses families until no case is left that any candidate shows; `showings` is by candidate.
pub(super) fn cover(candidates: &[Candidate], showings: &Showings) -> Vec<Choice> {
    let mut open: BTreeSet<usize> = showings.values().flat_map(BTreeMap::keys).copied().collect();
    let mut families: BTreeMap<Family, Vec<usize>> = BTreeMap::new();
    for candidate in showings.keys() {
        for family in candidates.get(*candidate).map(Candidate::families).unwrap_or_default() {
            families.entry(family).or_default().push(*candidate);
        }
    }
    let mut choices = Vec::new();
    // Each round closes a case at least.
    while !open.is_empty() {
        let worth = |family: &Family| {
            let parts = families.get(family).map(|members| needed(members, showings, &open)).unwrap_or_default();
            let shown = best(&parts, showings, &open);
            let weight: usize = shown.values().map(|showing| 2 + usize::from(showing.exact)).sum();
            let otherwise: usize = shown.values().map(|showing| showing.otherwise).sum();
            let single = matches!(family, Family::Single(_));
            ((weight, Reverse(parts.len()), Reverse(otherwise), single), parts, shown)
        };
        let mut chosen: Option<(_, Family)> = None;
        for family in families.keys() {
            let found = worth(family);
            if !found.2.is_empty() && chosen.as_ref().is_none_or(|(known, _): &((_, _, _), _)| found.0 > known.0) {
                chosen = Some((found, family.clone()));
            }
        }
        let Some(((_, parts, shown), family)) = chosen else { break };
        let cases: Vec<usize> = shown.keys().copied().collect();
        cases.iter().for_each(|case| {
            open.remove(case);
        });
        choices.push(Choice { family, parts, cases });
    }
    choices
}

/// The members of a family that it takes to show what all of them do, those that show most first.
fn needed(members: &[usize], showings: &Showings, open: &BTreeSet<usize>) -> Vec<usize> {
    let mut left = open.clone();
    let mut parts = Vec::new();
    loop {
        let worth = |member: &usize| {
            let shown = showings.get(member).into_iter().flatten().filter(|(case, _)| left.contains(case));
            let (mut weight, mut otherwise) = (0, 0);
            for (_, showing) in shown {
                weight += 2 + usize::from(showing.exact);
                otherwise += showing.otherwise;
            }
            (weight, Reverse(otherwise), Reverse(*member))
        };
        let Some(next) = members.iter().copied().max_by_key(worth).filter(|next| worth(next).0 > 0) else {
            return parts;
        };
        for case in showings.get(&next).into_iter().flat_map(BTreeMap::keys) {
            left.remove(case);
        }
        parts.push(next);
    }
}

/// How the open cases show best with these candidates.
fn best(parts: &[usize], showings: &Showings, open: &BTreeSet<usize>) -> BTreeMap<usize, Showing> {
    let mut best: BTreeMap<usize, Showing> = BTreeMap::new();
    for (case, showing) in parts.iter().filter_map(|part| showings.get(part)).flatten() {
        if open.contains(case) {
            let known = best.entry(*case).or_insert(*showing);
            if (showing.exact, Reverse(showing.otherwise)) > (known.exact, Reverse(known.otherwise)) {
                *known = *showing;
            }
        }
    }
    best
}
