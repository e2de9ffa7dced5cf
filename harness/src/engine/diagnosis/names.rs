//! Names of deviations: the same in every run, and for ever.

use crate::server::{Change, Sight, StatePart, Suspect, Trait, ValueSource, Writing};
use passmuster_contract::domain::Operation;

/// The name of a deviation, from which it can be made again.
pub(super) fn name(suspect: &Suspect) -> String {
    let change = match suspect {
        Suspect::Fault(fault) => return format!("fault {fault}"),
        Suspect::Change(change) => change,
    };
    match change {
        Change::Ignores(operation, rule) => format!("ignores {operation} {rule}"),
        Change::Refuses(operation, rule, status, kind) => {
            format!("refuses {operation} {} {status} {kind}", rule.map_or("-", |rule| rule.0))
        }
        Change::Keeps(operation, part) => format!("keeps {operation} {}", part_name(*part)),
        Change::Gives(operation, due, given) => format!("gives {operation} {due} {given}"),
        Change::Writes(operation, pointer, writing) => {
            format!("writes {operation} {pointer} {}", writing_name(writing))
        }
        Change::Overlooks(operation, sight) => format!("overlooks {operation} {}", sight_name(*sight)),
        Change::Drops(operation, status) => format!("drops {operation} {status}"),
        Change::Rejects(operation, which) => format!("rejects {operation} {}", trait_name(*which)),
        Change::Lists(operation, status, shown) => {
            format!("{} {operation} {status}", if *shown { "lists" } else { "hides" })
        }
        Change::ShowsDelegate(operation) => format!("shows-delegate {operation}"),
    }
}

fn writing_name(writing: &Writing) -> String {
    match writing {
        Writing::LeftOut => "left-out".to_owned(),
        Writing::Literal(text) => format!("literal {text}"),
        Writing::Filled(text) => format!("filled {text}"),
        Writing::Upper => "upper".to_owned(),
        Writing::Lower => "lower".to_owned(),
        Writing::Other => "other".to_owned(),
        Writing::Account(ValueSource::Delegate) => "account delegate".to_owned(),
        Writing::Account(ValueSource::Management) => "account management".to_owned(),
        Writing::Account(ValueSource::Caller) => "account caller".to_owned(),
    }
}

const fn trait_name(which: Trait) -> &'static str {
    match which {
        Trait::Email => "email",
        Trait::NoEmail => "no-email",
        Trait::Hub => "hub",
        Trait::NoHub => "no-hub",
    }
}

const fn sight_name(sight: Sight) -> &'static str {
    match sight {
        Sight::Organizations => "organizations",
        Sight::Members => "members",
        Sight::Invitations => "invitations",
        Sight::Administrators => "administrators",
        Sight::Regions => "regions",
    }
}

const fn part_name(part: StatePart) -> &'static str {
    match part {
        StatePart::Hubs => "hubs",
        StatePart::Standards => "standards",
        StatePart::Members => "members",
        StatePart::Invitations => "invitations",
        StatePart::Administrators => "administrators",
        StatePart::Designations => "designations",
        StatePart::Findings => "findings",
        StatePart::All => "all",
    }
}

/// The last name in a pointer that is no dash.
pub(super) fn leaf(pointer: &str) -> &str {
    pointer.rsplit('/').find(|name| !name.is_empty() && *name != "-").unwrap_or(pointer)
}

/// The operation that a deviation is of; those of the catalogue may be of several.
pub(super) const fn operation(suspect: &Suspect) -> Option<Operation> {
    match suspect {
        Suspect::Fault(_) => None,
        Suspect::Change(change) => Some(change.operation()),
    }
}
