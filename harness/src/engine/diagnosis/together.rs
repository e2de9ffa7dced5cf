//! Findings that no change shows by itself: where one cause hides what another would show, it takes both.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::bench::Bench;
use super::case::Case;
use super::cover::Choice;
use super::family::{Candidate, ChangeFamily};
use super::names;
use crate::server::{Change, Suspect};

/// The most further changes that are tried together with all causes, for each finding.
const MOST_FURTHER: usize = 400;

/// Explains what is left by several causes at once: adds it to the cause without which it does not show, or adds a
/// further cause. Gives the cases that took more than one.
pub(super) fn explain(
    bench: &Bench,
    cases: &[Case],
    candidates: &[Candidate],
    choices: &mut Vec<Choice>,
) -> BTreeSet<usize> {
    let mut joint = BTreeSet::new();
    let explained: BTreeSet<usize> = choices.iter().flat_map(|choice| &choice.cases).copied().collect();
    for (number, case) in cases.iter().enumerate().filter(|(number, _)| !explained.contains(number)) {
        let needed = needed(bench, case, candidates, choices);
        if bench.is_cut() {
            break;
        }
        if let Some(place) = needed {
            if let Some(choice) = choices.get_mut(place) {
                choice.cases.push(number);
                joint.insert(number);
            }
            continue;
        }
        let places: Vec<usize> = (0..choices.len()).collect();
        let further = further(bench, case, candidates, &parts(choices, &places));
        if bench.is_cut() {
            break;
        }
        if let Some(further) = further {
            joint.insert(number);
            add(candidates, choices, further, number);
        }
    }
    for choice in choices.iter_mut() {
        choice.cases.sort_unstable();
    }
    joint
}

/// The changes of the causes at these places.
fn parts(choices: &[Choice], places: &[usize]) -> Vec<usize> {
    let mut parts: Vec<usize> =
        places.iter().filter_map(|place| choices.get(*place)).flat_map(|choice| &choice.parts).copied().collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The cause to tell of a case that shows with all causes: of those without which it does not show, the one that has to
/// do with the place, else the first.
fn needed(bench: &Bench, case: &Case, candidates: &[Candidate], choices: &[Choice]) -> Option<usize> {
    let mut places: Vec<usize> = (0..choices.len()).collect();
    let all = bench.show(case, &suspects(candidates, &parts(choices, &places)))?;
    let shows = |places: &[usize]| {
        let shown = bench.show(case, &suspects(candidates, &parts(choices, places)));
        shown.is_some_and(|shown| shown.exact >= all.exact)
    };
    for place in (0..choices.len()).rev() {
        let rest: Vec<usize> = places.iter().copied().filter(|kept| *kept != place).collect();
        if shows(&rest) {
            places = rest;
        }
    }
    let likeness = |place: &&usize| {
        let parts = choices.get(**place).map(|choice| &choice.parts);
        let parts = parts.into_iter().flatten().filter_map(|part| candidates.get(*part));
        let alike = parts.map(|part| likeness(case, &part.suspect)).max().unwrap_or(0);
        // Of equal ones the first.
        (alike, Reverse(**place))
    };
    places.iter().max_by_key(likeness).copied()
}

/// How much a change has to do with the place where a case shows.
fn likeness(case: &Case, suspect: &Suspect) -> u8 {
    match suspect {
        Suspect::Change(Change::Writes(operation, pointer, _))
            if *operation == case.operation && names::leaf(pointer) == names::leaf(&case.pointer) =>
        {
            2
        }
        Suspect::Change(Change::Ignores(operation, _) | Change::Refuses(operation, ..))
            if *operation == case.operation =>
        {
            1
        }
        _ => 0,
    }
}

/// A change that shows the case together with all causes, best where just what the target showed.
fn further(bench: &Bench, case: &Case, candidates: &[Candidate], all: &[usize]) -> Option<usize> {
    let mut best: Option<(bool, usize)> = None;
    let bearing = candidates.iter().enumerate().filter(|(_, candidate)| bears_on(case, &candidate.suspect));
    for (number, _) in bearing.filter(|(number, _)| !all.contains(number)).take(MOST_FURTHER) {
        let with: Vec<usize> = all.iter().copied().chain([number]).collect();
        if let Some(showing) = bench.show(case, &suspects(candidates, &with))
            && best.is_none_or(|(exact, _)| showing.exact && !exact)
        {
            best = Some((showing.exact, number));
        }
    }
    best.map(|(_, number)| number)
}

/// Whether a change is of an operation that the case calls.
fn bears_on(case: &Case, suspect: &Suspect) -> bool {
    let called = |operation| {
        case.scenarios()
            .iter()
            .flat_map(|scenario| &scenario.transitions)
            .any(|transition| transition.request.operation == operation)
    };
    match suspect {
        Suspect::Fault(fault) => case.rules.contains(&fault.rule()),
        Suspect::Change(Change::Writes(operation, ..) | Change::Lists(operation, ..)) => {
            *operation == case.operation
        }
        Suspect::Change(change) => called(change.operation()),
    }
}

/// Adds a change to a cause of its family, or as a cause of its own.
fn add(candidates: &[Candidate], choices: &mut Vec<Choice>, part: usize, case: usize) {
    let families = candidates.get(part).map(Candidate::families).unwrap_or_default();
    let kin = choices.iter_mut().find(|choice| {
        let own: Vec<ChangeFamily> = choice
            .parts
            .first()
            .and_then(|first| candidates.get(*first))
            .map(Candidate::families)
            .unwrap_or_default();
        families.contains(&choice.family) || own.iter().any(|family| families.contains(family))
    });
    match kin {
        Some(choice) => {
            if matches!(choice.family, ChangeFamily::Single(_)) {
                let own = choice.parts.first().and_then(|first| candidates.get(*first)).map(Candidate::families);
                let common = own.into_iter().flatten().find(|family| families.contains(family));
                choice.family = common.unwrap_or_else(|| choice.family.clone());
            }
            choice.parts.push(part);
            choice.cases.push(case);
        }
        None => {
            let family = families.into_iter().next().unwrap_or_else(|| ChangeFamily::Single(String::new()));
            choices.push(Choice { family, parts: vec![part], cases: vec![case] });
        }
    }
}

fn suspects<'a>(candidates: &'a [Candidate], parts: &[usize]) -> Vec<&'a Suspect> {
    parts.iter().filter_map(|part| candidates.get(*part)).map(|candidate| &candidate.suspect).collect()
}
