//! Compares two sides of a law, and names a difference that the law forbids.
//!
//! Differences that the evidence leaves open are tolerated:
//!
//! | law | tolerated | because |
//! | --- | --- | --- |
//! | all | that a batch is refused as a whole: nothing is then said of the accounts it names | Q04, Q05, Q06, Q09, Q12,
//! Q13, Q14, Q24, N22 to N24, N30, N35, SH-XX-001 |
//! | all | another error, and another order of lists | Q22, N01, Q30 |
//! | all | what changes with nothing in between | it is no evidence |
//! | all | other instants and ids; only that there are some is compared | Q11, Q34 |
//! | `duplicate` | that what was processed is also listed as unprocessed, and any reason | Q04, N30 |
//! | `partition` | that nothing is said of an id that is none, of the caller itself, or of what is on no list | Q05,
//! Q12, Q13, Q24, N34 |
//! | `spelling` | that another text or type of error is sent; that one name is refused is a suspicion | Q01, Q22, Q20,
//! N33 |

use std::collections::BTreeSet;

use super::comparable::{Comparable, Said, ViewPiece};
use crate::generate::{Law, LawCase, principal_name, step_request};
use passmuster_contract::domain::{
    Account, AccountRef, Divergence, DivergenceKind, Grade, Operation, Place, Transition,
};

/// The expected value, and the one observed in its place.
type LawDifference = (String, String);

pub(super) fn difference(case: &LawCase, left: &Comparable, right: &Comparable) -> Option<Divergence> {
    let operation = case.operation()?;
    let caller = case.right.first()?.caller;
    let (expected, observed) = match case.law {
        Law::Permute | Law::Split | Law::Neighbour => entries(left, right, caller, Said::differs),
        Law::Duplicate => entries(left, right, caller, Said::differs_when_repeated),
        Law::Partition => partition(case, left, right, operation, caller),
        Law::Refusal => {
            right.refused.iter().all(|refused| *refused).then(|| effects(left, right, |_| true)).flatten()
        }
        Law::Spelling => answers(left, right).or_else(|| effects(left, right, |_| true)),
    }?;
    // That two names do the same is documented of what they do; an open question may be answered by name (Q20, N33).
    let by_name = case.law == Law::Spelling && left.refused != right.refused;
    Some(Divergence {
        operation,
        kind: DivergenceKind::Law,
        rules: vec![case.rule],
        ignored: Vec::new(),
        place: Place::Law(case.law.name()),
        expected: format!("{expected}, as {}", instead(&case.left)),
        observed,
        grade: if by_name { case.grade.min(Grade::Inferred) } else { case.grade },
        of_state: false,
    })
}

/// The other side, in words.
fn instead(left: &[Transition]) -> String {
    let calls: Vec<String> = left
        .iter()
        .map(|transition| format!("{} {}", transition.request.operation, step_request(transition)))
        .collect();
    if calls.is_empty() { "without the call".to_owned() } else { format!("after {}", calls.join(", then ")) }
}

/// Compares the effects on each account that both sides name, and on those that neither does.
fn entries(
    left: &Comparable,
    right: &Comparable,
    caller: Account,
    differs: fn(&Said, &Said) -> bool,
) -> Option<LawDifference> {
    let apart = |account: &&AccountRef| !left.results.contains_key(*account);
    let mut unsaid: BTreeSet<&AccountRef> = right.results.keys().filter(apart).collect();
    unsaid.extend(left.unanswered.iter().chain(&right.unanswered));
    for (account, result) in &left.results {
        if let Some(other) = right.results.get(account)
            && !unsaid.contains(account)
            && differs(result, other)
        {
            return Some((result.words(account), other.words(account)));
        }
    }
    effects(left, right, |piece| {
        let about = piece.about(caller);
        // A part that is about no single account sums all of them up; an empty list may even be refused (Q28).
        if about.is_empty() { unsaid.is_empty() } else { about.iter().all(|account| !unsaid.contains(account)) }
    })
}

impl Said {
    fn differs(&self, other: &Self) -> bool {
        self != other
    }

    fn differs_when_repeated(&self, other: &Self) -> bool {
        let lost = !self.reasons.is_empty() && other.reasons.is_empty();
        let hidden = self.entry.is_some() && other.entry.is_none() && other.reasons.is_empty();
        let changed = self.entry.is_some() && other.entry.is_some() && self.entry != other.entry;
        lost || hidden || changed
    }

    fn words(&self, account: &AccountRef) -> String {
        let name = name(account);
        let reasons: Vec<&str> = self.reasons.iter().map(String::as_str).collect();
        match (&self.entry, reasons.is_empty()) {
            (Some(entry), true) => format!("{name} shown with {entry}"),
            (Some(entry), false) => format!("{name} shown with {entry} and listed as unprocessed"),
            (None, true) => format!("{name} not listed as unprocessed"),
            (None, false) => format!("{name} listed as unprocessed: {}", reasons.join("; ")),
        }
    }
}

/// The first piece of a view in which the sides differ.
fn effects(left: &Comparable, right: &Comparable, concerns: impl Fn(&ViewPiece) -> bool) -> Option<LawDifference> {
    let pieces: BTreeSet<&ViewPiece> = left.pieces.keys().chain(right.pieces.keys()).collect();
    let moves = |piece: &ViewPiece| left.moving.contains(piece) || right.moving.contains(piece);
    let differing = |piece: &&&ViewPiece| {
        concerns(piece) && !moves(piece) && left.pieces.get(piece) != right.pieces.get(piece)
    };
    let piece = *pieces.iter().find(differing)?;
    Some((shown(piece, left), shown(piece, right)))
}

fn shown(piece: &ViewPiece, seen: &Comparable) -> String {
    let what = match (seen.pieces.get(piece), &piece.entry) {
        (Some(text), Some(account)) => format!("{} with {text}", name(account)),
        (Some(text), None) if text.is_empty() => "nothing".to_owned(),
        (Some(text), None) => text.clone(),
        (None, Some(account)) => format!("no {}", name(account)),
        (None, None) => "nothing".to_owned(),
    };
    format!("{} shows <{}> {what}", piece.operation, principal_name(piece.caller))
}

fn name(account: &AccountRef) -> String {
    match account {
        AccountRef::Account(account) => format!("<{}>", principal_name(*account)),
        AccountRef::Text(text) => format!("{text:?}"),
    }
}

fn answers(left: &Comparable, right: &Comparable) -> Option<LawDifference> {
    let (expected, observed) = left.answers.iter().zip(&right.answers).find(|(left, right)| left != right)?;
    let words = |text: &str| if text.is_empty() { "200".to_owned() } else { text.to_owned() };
    Some((words(expected), words(observed)))
}

/// Each account is processed or listed as unprocessed; the left side never made the call.
fn partition(
    case: &LawCase,
    left: &Comparable,
    right: &Comparable,
    operation: Operation,
    caller: Account,
) -> Option<LawDifference> {
    for (account, result) in right.results.iter().filter(|(account, _)| **account != AccountRef::Account(caller)) {
        if account.account().is_none() {
            continue;
        }
        if !result.reasons.is_empty() {
            if result.entry.is_some() {
                return Some((format!("{} processed or unprocessed", name(account)), result.words(account)));
            }
            let own = |piece: &ViewPiece| piece.about(caller).contains(account);
            if let Some((expected, observed)) = effects(left, right, own) {
                return Some((expected, format!("{}, but {observed}", result.words(account))));
            }
        } else if let Some(observed) = unprocessed(case, right, operation, account) {
            let expected = format!("{} processed or listed as unprocessed", name(account));
            return Some((expected, observed));
        }
    }
    None
}

/// Why an account that is not listed as unprocessed can't have been processed.
fn unprocessed(case: &LawCase, right: &Comparable, operation: Operation, account: &AccountRef) -> Option<String> {
    let view = case.views.iter().position(|view| view.request.operation == Operation::ListMembers)?;
    let tells = |piece: &ViewPiece| piece.entry.as_ref().is_none_or(|entry| entry == account);
    if right.moving.iter().any(|piece| piece.view == view && tells(piece)) {
        return None;
    }
    let listed =
        right.pieces.iter().find(|(piece, _)| piece.view == view && piece.entry.as_ref() == Some(account));
    let listed = listed.map(|(_, text)| text.as_str());
    let invited = listed.is_some_and(|text| text.contains("MemberStatus Invited"));
    let is_left_out = || listed.is_some() && right.results.get(account).is_some_and(|said| said.entry.is_none());
    let missed = operation == Operation::CreateMembers && listed.is_none()
        || operation == Operation::InviteMembers && !invited
        || operation == Operation::DeleteMembers && listed.is_some()
        || operation == Operation::GetMembers && is_left_out();
    missed.then(|| match listed {
        Some(text) => format!("{} not listed as unprocessed, and on the list with {text}", name(account)),
        None => format!("{} not listed as unprocessed, and on no list", name(account)),
    })
}
