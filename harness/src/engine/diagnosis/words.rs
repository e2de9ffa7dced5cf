//! The words for deviations and their families.

use super::case::Case;
use super::family::{Candidate, ChangeFamily};
use super::names::{leaf, operation};
use crate::server::{Change, Fault, GuardKind, Sight, StatePart, Suspect, Trait, ValueSource, Writing};
use passmuster_contract::catalogue::{self, is_open};
use passmuster_contract::domain::{DivergenceKind, Operation, RuleId};

/// The kind of a deviation in records.
pub(super) const fn kind(suspect: &Suspect) -> &'static str {
    match suspect {
        Suspect::Fault(_) => "fault",
        Suspect::Change(change) => match change {
            Change::Ignores(..) => "ignored-guard",
            Change::Refuses(..) => "wrong-error",
            Change::Keeps(..) => "missing-effect",
            Change::Drops(..) => "extra-effect",
            Change::Rejects(..) => "extra-guard",
            Change::Gives(..) | Change::Writes(..) => "wrong-value",
            Change::Lists(..) => "wrong-filter",
            Change::Overlooks(..) => "ignored-state",
            Change::ShowsDelegate(_) => "wrong-account",
        },
    }
}

/// The title of a cause of these deviations, all of one family.
pub(super) fn title(family: &ChangeFamily, parts: &[&Candidate], whole: bool) -> String {
    let mut operations: Vec<Operation> = parts.iter().filter_map(|part| operation(&part.suspect)).collect();
    operations.sort_unstable();
    operations.dedup();
    let names = list(&operations);
    let not = if operations.len() == 1 { "does not" } else { "do not" };
    if let [only] = parts {
        return single(&only.suspect);
    }
    match family {
        ChangeFamily::Single(_) => parts.first().map_or_else(String::new, |part| single(&part.suspect)),
        ChangeFamily::Guards(GuardKind::Hub) if whole => "no call checks that the hub is on".to_owned(),
        ChangeFamily::Guards(GuardKind::Hub) => format!("{names} {not} check that the hub is on"),
        ChangeFamily::Guards(GuardKind::Request) => {
            format!("{names} {not} check the members of the request: {} rules", parts.len())
        }
        ChangeFamily::Guards(GuardKind::Entry | GuardKind::Standing) => {
            format!("{names} {not} check what stands against an account")
        }
        ChangeFamily::Operation(operation) if whole => format!("{operation} checks nothing"),
        ChangeFamily::Operation(operation) => {
            format!("{operation} leaves out {} of the checks that it should make", parts.len())
        }
        ChangeFamily::Part(part) => format!("{names} leave {} as they are", part_words(*part)),
        ChangeFamily::Effects(operation) => {
            let kept = |part: &&Candidate| match &part.suspect {
                Suspect::Change(Change::Keeps(_, part)) => Some(part_words(*part)),
                _ => None,
            };
            let all: Option<Vec<&str>> = parts.iter().map(kept).collect();
            match all.as_deref() {
                Some([most @ .., last]) => {
                    format!("{operation} leaves {} and {last} as they are", most.join(", "))
                }
                _ => format!("{operation} does only a part of what it should"),
            }
        }
        ChangeFamily::Member(name, writing) => member(name, writing),
        ChangeFamily::Status(status) => {
            format!("members are {status} at once, whatever {names} should make of them")
        }
        ChangeFamily::Sight(sight) => format!("{names} {not} look at {}", sight_words(*sight)),
        ChangeFamily::Rule(rule) => format!("{names} {}", omitted(*rule, operations.len() == 1)),
        ChangeFamily::View(operation) => format!("{operation} filters by status wrongly"),
        ChangeFamily::Delegate => {
            "the administrator is taken from the organization, not from the membership".to_owned()
        }
        ChangeFamily::Error(operation) => format!("{operation} refuses with errors of its own"),
    }
}

/// The title of a single deviation.
fn single(suspect: &Suspect) -> String {
    let change = match suspect {
        Suspect::Fault(fault) => return fault.summary().trim_end_matches('.').to_owned(),
        Suspect::Change(change) => change,
    };
    match change {
        Change::Ignores(operation, rule) => omission(*operation, *rule),
        Change::Refuses(operation, None, _, kind) => format!("{operation} refuses every call with {kind}"),
        Change::Refuses(operation, Some(rule), _, kind) => {
            format!("{operation} answers {kind} where this decides: {}", rule_title(*rule))
        }
        Change::Keeps(operation, StatePart::All) => format!("{operation} changes nothing"),
        Change::Keeps(operation, part) => format!("{operation} leaves {} as they are", part_words(*part)),
        Change::Gives(operation, due, given) => {
            format!("{operation} makes a member {given} that should become {due}")
        }
        Change::Writes(operation, pointer, writing) => {
            format!("{operation}: {}", member(leaf(pointer), writing))
        }
        Change::Drops(operation, status) => format!("{operation} removes entries that are {status}"),
        Change::Rejects(operation, which) => format!("{operation} refuses accounts {}", trait_words(*which)),
        Change::Overlooks(operation, sight) => format!("{operation} does not look at {}", sight_words(*sight)),
        Change::Lists(operation, status, true) => format!("{operation} lists entries that are {status}"),
        Change::Lists(operation, status, false) => format!("{operation} leaves out entries that are {status}"),
        Change::ShowsDelegate(operation) => {
            format!("{operation} takes the administrator from the organization, not from the membership")
        }
    }
}

/// The words for a rule that an operation does not apply.
fn omission(operation: Operation, rule: RuleId) -> String {
    let known = Fault::all().iter().find(|fault| {
        fault.is_of_omission() && fault.rule() == rule && fault.summary().starts_with(operation.name())
    });
    match known {
        Some(fault) => fault.summary().trim_end_matches('.').to_owned(),
        None => format!("{operation} {}", omitted(rule, true)),
    }
}

/// What one operation, or several, do with a rule that they don't apply.
fn omitted(rule: RuleId, is_one: bool) -> String {
    let title = rule_title(rule);
    match (is_open(&title), is_one) {
        // The rule says that it is refused, and not how.
        (true, true) => format!("goes through where it should be refused ({rule})"),
        (true, false) => format!("go through where they should be refused ({rule})"),
        (false, true) => format!("ignores that {title}"),
        (false, false) => format!("ignore that {title}"),
    }
}

fn rule_title(rule: RuleId) -> String {
    catalogue::rule(rule.0).map_or_else(|| rule.to_string(), |rule| rule.title.clone())
}

fn member(name: &str, writing: &Writing) -> String {
    match writing {
        Writing::LeftOut => format!("{name} is left out"),
        Writing::Literal(text) => format!("{name} is always {text}"),
        Writing::Filled(text) => format!("{name} is {text} where it should be absent"),
        Writing::Upper => format!("{name} is written in upper case"),
        Writing::Lower => format!("{name} is written in lower case"),
        Writing::Other => format!("{name} is another than it should be"),
        Writing::Account(ValueSource::Delegate) => {
            format!("{name} is taken from the organization, not from the membership")
        }
        Writing::Account(ValueSource::Management) => format!("{name} is the management account"),
        Writing::Account(ValueSource::Caller) => format!("{name} is the caller"),
    }
}

const fn part_words(part: StatePart) -> &'static str {
    match part {
        StatePart::Hubs => "hubs",
        StatePart::Standards => "the standards of hubs",
        StatePart::Members => "lists of members",
        StatePart::Invitations => "invitations",
        StatePart::Administrators => "the administrators of members",
        StatePart::Designations => "the settings of the organization",
        StatePart::Findings => "findings",
        StatePart::All => "all things",
    }
}

const fn trait_words(which: Trait) -> &'static str {
    match which {
        Trait::Email => "with an Email",
        Trait::NoEmail => "without an Email",
        Trait::Hub => "whose hub is on",
        Trait::NoHub => "whose hub is off",
    }
}

const fn sight_words(sight: Sight) -> &'static str {
    match sight {
        Sight::Organizations => "the organization",
        Sight::Members => "the list of members",
        Sight::Invitations => "the invitations",
        Sight::Administrators => "who has which administrator",
        Sight::Regions => "the Region",
    }
}

/// "A, B and C"; of more than four the number.
fn list(operations: &[Operation]) -> String {
    match operations {
        [] => "calls".to_owned(),
        [only] => only.to_string(),
        [most @ .., last] if most.len() < 4 => {
            let most: Vec<&str> = most.iter().map(|operation| operation.name()).collect();
            format!("{} and {last}", most.join(", "))
        }
        many => format!("{} operations", many.len()),
    }
}

/// What the user of an SDK notices, by the gravest of the findings.
pub(super) fn effect(cases: &[&Case]) -> String {
    let is = |kind: DivergenceKind| cases.iter().any(|case| case.kind == kind);
    let text = if is(DivergenceKind::MissingRefusal) {
        "code that should fail passes its tests: a call succeeds that AWS refuses"
    } else if is(DivergenceKind::UnexpectedRefusal) {
        "code that works fails its tests: a call is refused that AWS lets through"
    } else if is(DivergenceKind::WrongError) {
        "code that catches AWS's error does not catch this one"
    } else if is(DivergenceKind::MissingEffect) {
        "what a call should have done is not to be seen afterwards"
    } else if is(DivergenceKind::ExtraEffect) {
        "a read shows what AWS would not show"
    } else if is(DivergenceKind::WrongValue) {
        "code that compares the value takes another branch than it would on AWS"
    } else {
        "an answer differs in a detail"
    };
    text.to_owned()
}
