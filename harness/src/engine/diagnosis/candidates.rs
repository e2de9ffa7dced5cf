//! The deviations that may be behind a finding: those of the catalogue, and those that its place and its values suggest.

use serde_json::Value;

use super::case::Case;
use crate::server::{Change, Fault, Sight, StatePart, Suspect, Trait, ValueSource, Writing};
use passmuster_contract::domain::{DivergenceKind, ErrorKind, MemberStatus, Operation};

/// The statuses that an entry of a list may have.
const STATUSES: [MemberStatus; 6] = [
    MemberStatus::Created,
    MemberStatus::Invited,
    MemberStatus::Enabled,
    MemberStatus::Removed,
    MemberStatus::Resigned,
    MemberStatus::AccountSuspended,
];

/// The faults of the catalogue that do more than leave a rule out: each rule is left out by a change of its own.
pub(super) fn of_catalogue() -> Vec<Suspect> {
    Fault::all().iter().filter(|fault| !fault.is_of_omission()).map(|fault| Suspect::Fault(*fault)).collect()
}

/// The deviations that a finding itself suggests.
pub(super) fn of_case(case: &Case) -> Vec<Change> {
    let mut changes = refusals(case);
    changes.extend(values(case));
    changes.extend(lists(case));
    changes.extend(Sight::ALL.map(|sight| Change::Overlooks(case.operation, sight)));
    for operation in case.changing() {
        changes.extend(Sight::ALL.map(|sight| Change::Overlooks(operation, sight)));
        changes.extend(STATUSES.map(|status| Change::Drops(operation, status)));
        changes.extend(Trait::ALL.map(|which| Change::Rejects(operation, which)));
        changes.extend(StatePart::ALL.map(|part| Change::Keeps(operation, part)));
        changes.extend(statuses(case).into_iter().map(|(due, given)| Change::Gives(operation, due, given)));
    }
    changes
}

/// Errors in the place of what the contract wants.
fn refusals(case: &Case) -> Vec<Change> {
    let Some((status, kind)) = error(&case.observed) else { return Vec::new() };
    let refuses = |rule| Change::Refuses(case.operation, rule, status, kind.clone());
    let mut changes: Vec<Change> = case.rules.iter().map(|rule| refuses(Some(*rule))).collect();
    if case.kind == DivergenceKind::UnexpectedRefusal {
        changes.push(refuses(None));
    }
    changes
}

/// Status and type of an error.
fn error(text: &str) -> Option<(u16, ErrorKind)> {
    let (status, rest) = text.split_once(' ')?;
    let status: u16 = status.parse().ok().filter(|status| (300..600).contains(status))?;
    let code = rest.split(':').next().unwrap_or(rest);
    let is_name = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| (status, ErrorKind::from_code(code)))
}

/// Members of the answer that are written otherwise.
fn values(case: &Case) -> Vec<Change> {
    let leaf = case.pointer.rsplit('/').next().unwrap_or_default();
    if leaf.is_empty() || leaf == "-" || case.pointer.starts_with("/code") {
        return Vec::new();
    }
    let mut writings = vec![Writing::LeftOut, Writing::Upper, Writing::Lower, Writing::Other];
    if leaf.ends_with("Id") {
        writings
            .extend([ValueSource::Delegate, ValueSource::Management, ValueSource::Caller].map(Writing::Account));
    }
    if let Some(literal) = literal(&case.observed) {
        writings.extend([Writing::Literal(literal.clone()), Writing::Filled(literal)]);
    }
    let pointer = pointer(case.operation, &case.pointer);
    let mut changes: Vec<Change> =
        writings.into_iter().map(|writing| Change::Writes(case.operation, pointer.clone(), writing)).collect();
    if matches!(case.operation, Operation::GetAdministratorAccount | Operation::GetMasterAccount) {
        changes.push(Change::ShowsDelegate(case.operation));
    }
    changes
}

/// The pointer in the answer of the operation itself: the judge speaks of both names of one thing alike.
fn pointer(operation: Operation, pointer: &str) -> String {
    match pointer.strip_prefix("/Administrator") {
        Some(rest) if operation == Operation::GetMasterAccount => format!("/Master{rest}"),
        _ => pointer.to_owned(),
    }
}

/// The value observed as JSON, where it is the same in every run.
fn literal(observed: &str) -> Option<String> {
    if observed.contains('<') || observed.len() > 100 {
        return None;
    }
    if serde_json::from_str::<Value>(observed).is_ok() {
        return Some(observed.to_owned());
    }
    let is_word = !observed.is_empty() && observed.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_word && observed != "absent").then(|| format!("{observed:?}"))
}

/// Entries that are listed though they should not be, or the other way round.
fn lists(case: &Case) -> Vec<Change> {
    if !case.pointer.starts_with("/Members/-") {
        return Vec::new();
    }
    let both = STATUSES
        .iter()
        .flat_map(|status| [true, false].map(|shown| Change::Lists(case.operation, *status, shown)));
    both.collect()
}

/// The statuses due and given that the finding speaks of.
fn statuses(case: &Case) -> Vec<(MemberStatus, MemberStatus)> {
    let told = |text: &str| STATUSES.into_iter().find(|status| mentions(text, status.name()));
    match (told(&case.expected), told(&case.observed)) {
        (Some(due), Some(given)) if due != given => vec![(due, given)],
        (None, Some(given)) => STATUSES.into_iter().filter(|due| *due != given).map(|due| (due, given)).collect(),
        (Some(due), None) => {
            STATUSES.into_iter().filter(|given| *given != due).map(|given| (due, given)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the word stands in a text, in whatever case.
fn mentions(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|found| found.eq_ignore_ascii_case(word))
}
