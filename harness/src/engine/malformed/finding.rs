//! Findings of a campaign: suspects, which are complaints by their cause, and confirmed ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lane::{Recipe, Sighting};
use crate::generate::CastNaming;
use crate::record::{Reproduced, Uncertainty};
use passmuster_contract::domain::{Operation, Severity};
use passmuster_malformed::{Aspect, Cause, Class, Complaint, Malformed};

/// The causes that a complaint may have instead, as its request has other faults, too.
pub(super) fn other_causes(complaint: &Complaint, recipe: &dyn Recipe) -> BTreeSet<Cause> {
    let class = recipe.class();
    let rows = class.rows.iter().chain(recipe.others().iter().flat_map(|class| class.rows));
    let by = |fault: &&'static str| {
        let row = if complaint.row == class.blamed() { fault } else { complaint.row };
        Cause::by_row(complaint, row, fault)
    };
    let mut others: BTreeSet<Cause> = rows.map(by).collect();
    others.remove(&Cause::of(complaint, class.blamed()));
    others
}

/// A complaint that is to be looked into, with all that was seen of its cause.
#[derive(Clone, Debug)]
pub(super) struct Suspect {
    pub(super) cause: Cause,
    /// The causes that it may have instead.
    pub(super) may_be: BTreeSet<Cause>,
    pub(super) complaint: Complaint,
    pub(super) class: &'static Class,
    pub(super) operation: Operation,
    pub(super) recipe: Arc<dyn Recipe>,
    /// Whether only random compositions showed it.
    pub(super) composed: bool,
    /// Which classes show it, on which operations.
    pub(super) seen: BTreeMap<String, BTreeSet<Operation>>,
    /// The round, the operation and the request of it that showed it first, by number.
    pub(super) place: (u64, u64, u64),
}

/// Puts what was seen in one job with what was seen before.
pub(super) fn gather(findings: &mut Vec<Suspect>, seen: Vec<Sighting>, (round, job): (u64, u64)) {
    for Sighting { complaint, class, operation, recipe, order } in seen {
        let cause = Cause::of(&complaint, class.blamed());
        let may_be = other_causes(&complaint, &*recipe);
        let composed = recipe.is_composed();
        let index = findings.iter().position(|finding| finding.cause == cause).unwrap_or_else(|| {
            findings.push(Suspect {
                cause,
                may_be: may_be.clone(),
                complaint,
                class,
                operation,
                recipe,
                composed,
                seen: BTreeMap::new(),
                place: (round, job, order as u64),
            });
            findings.len() - 1
        });
        findings[index].may_be.retain(|other| may_be.contains(other));
        // Compositions come last, and show in one run what they don't in another.
        if composed && !findings[index].composed {
            continue;
        }
        findings[index].seen.entry(class.id.to_string()).or_default().insert(operation);
    }
}

/// A finding that could not be tried again.
#[derive(Clone, Debug)]
pub struct Doubtful {
    pub(super) unconfirmed: Confirmed,
    pub(super) why: Uncertainty,
}

/// A finding that was looked into.
#[derive(Clone, Debug)]
pub struct Confirmed {
    pub(super) finding: Suspect,
    /// The smallest request found.
    pub(super) malformed: Malformed,
    pub(super) title: String,
    pub(super) naming: CastNaming,
    pub(super) caller: String,
    pub(super) reproduced: Reproduced,
    /// The length of the request at first, in bytes.
    pub(super) shrunk_from: usize,
}

impl Suspect {
    pub(super) fn severity(&self) -> Severity {
        self.complaint.severity()
    }

    /// The faults of the request in words.
    fn title(&self) -> String {
        let others = self.recipe.others().iter().map(|class| class.title);
        std::iter::once(self.class.title).chain(others).collect::<Vec<_>>().join(", and ")
    }

    /// One sentence.
    pub(super) fn sentence(&self) -> String {
        let (operation, title) = (self.operation, self.title());
        let observed = &self.complaint.observed;
        match self.complaint.aspect {
            Aspect::Panic => format!("{operation} panics on: {title}"),
            Aspect::RoundTrip => format!("{operation} does not read again what it has read: {title}"),
            Aspect::Hang => format!("{operation} brings no answer to: {title}"),
            Aspect::Busy => format!("{operation} keeps the server busy when the client has gone: {title}"),
            Aspect::NotHttp => format!("{operation} answers in broken HTTP to: {title}"),
            Aspect::NoAnswer => format!("{operation} closes the connection without an answer to: {title}"),
            Aspect::Crash => format!("{operation} fails with {observed} on: {title}"),
            Aspect::Accepted => format!("{operation} accepts what it should refuse: {title}"),
            Aspect::WrongAnswer => format!("{operation} answers {observed} to: {title}"),
            Aspect::Misread => format!("{operation} takes it for something else: {title}"),
            Aspect::Form => format!("{operation} refuses without a code ({observed}): {title}"),
            Aspect::State if self.recipe.procedure().is_some() => {
                format!("{operation} leaves a state behind that it should not: {title}")
            }
            Aspect::Desync if self.recipe.procedure().is_some() => {
                format!("{operation} is answered otherwise over a connection that was used before: {title}")
            }
            Aspect::Aftermath => {
                format!("{operation} leaves a state behind that well-formed reads fail on: {title}")
            }
            Aspect::State => format!("{operation} changes something though it refuses: {title}"),
            Aspect::Desync => format!("{operation} mistakes where the request ends: {title}"),
            Aspect::Leak => format!("{operation} tells what is inside the server: {observed}"),
            Aspect::Echo => format!("{operation} repeats a secret in its answer: {title}"),
            Aspect::Injection => format!("{operation} turns a line break of the request into a header line"),
            Aspect::Note if self.complaint.row.starts_with('D') => {
                format!("{operation} answers {observed} to: {title}; this is tolerated")
            }
            Aspect::Note => format!("answers have {observed} where there should be {}", self.complaint.expected),
        }
    }
}
