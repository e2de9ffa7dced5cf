//! What deviations have in common: one cause may be behind all of a family.

use crate::server::{Change, GuardKind, Sight, StatePart, Suspect, ValueSource, Writing};
use passmuster_contract::domain::{MemberStatus, Operation, RuleId};

use super::names;

/// A deviation that may be behind findings, and what it looks at where it is a rule that is left out.
pub(super) struct Candidate {
    pub(super) suspect: Suspect,
    pub(super) guard: Option<GuardKind>,
}

/// A family of deviations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ChangeFamily {
    /// One deviation by itself, by name.
    Single(String),
    /// Rules of one kind are not applied.
    Guards(GuardKind),
    /// An operation applies none of its rules.
    Operation(Operation),
    /// A part of the state is never changed.
    Part(StatePart),
    /// An operation changes nothing.
    Effects(Operation),
    /// A member of answers is always written so, by its last name.
    Member(String, Writing),
    /// Members are given a status at once.
    Status(MemberStatus),
    /// An operation lists the wrong entries.
    View(Operation),
    /// Operations do not look at something.
    Sight(Sight),
    /// No operation applies a rule.
    Rule(RuleId),
    /// The administrator is taken from the organization.
    Delegate,
    /// An operation refuses with an error of its own.
    Error(Operation),
}

impl Candidate {
    /// The families that it belongs to, the narrowest first.
    pub(super) fn families(&self) -> Vec<ChangeFamily> {
        let mut families = vec![ChangeFamily::Single(self.name())];
        let Suspect::Change(change) = &self.suspect else { return families };
        match change {
            Change::Ignores(operation, rule) => {
                families.push(ChangeFamily::Rule(*rule));
                families.push(ChangeFamily::Operation(*operation));
                families.extend(self.guard.filter(|kind| *kind != GuardKind::Standing).map(ChangeFamily::Guards));
            }
            Change::Refuses(operation, ..) => families.push(ChangeFamily::Error(*operation)),
            Change::Keeps(operation, part) => {
                families.push(ChangeFamily::Effects(*operation));
                families.extend((*part != StatePart::All).then_some(ChangeFamily::Part(*part)));
            }
            Change::Gives(_, _, given) => families.push(ChangeFamily::Status(*given)),
            Change::Writes(_, pointer, writing) => {
                families.push(ChangeFamily::Member(names::leaf(pointer).to_owned(), writing.clone()));
                if *writing == Writing::Account(ValueSource::Delegate) {
                    families.push(ChangeFamily::Delegate);
                }
            }
            Change::Overlooks(_, sight) => families.push(ChangeFamily::Sight(*sight)),
            Change::Lists(operation, ..) => families.push(ChangeFamily::View(*operation)),
            Change::Drops(operation, _) => families.push(ChangeFamily::Effects(*operation)),
            Change::Rejects(..) => {}
            Change::ShowsDelegate(_) => families.push(ChangeFamily::Delegate),
        }
        families
    }

    /// How much it changes, where the same shows of less.
    pub(super) const fn breadth(&self) -> usize {
        match &self.suspect {
            Suspect::Change(Change::Keeps(_, StatePart::All)) => 2,
            // What is given is shown as well, unless something speaks against it.
            Suspect::Change(Change::Keeps(_, StatePart::Hubs) | Change::Writes(_, _, Writing::Literal(_))) => 1,
            _ => 0,
        }
    }

    /// A name that is the same in every run.
    pub(super) fn name(&self) -> String {
        names::name(&self.suspect)
    }
}
