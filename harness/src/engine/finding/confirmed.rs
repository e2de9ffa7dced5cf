//! A divergence that was tried again, and what became of each lead.

use super::super::execution::ExecutedStep;
use super::blame;
use super::lead::Lead;
use crate::generate::CastNaming;
use crate::record::{Reproduced, Uncertainty};
use passmuster_contract::domain::{Divergence, Fingerprint, Operation, Scenario, Severity};
use passmuster_contract::wire::HttpResponse;

/// A divergence with the smallest scenario found that shows it.
#[derive(Clone, Debug)]
pub struct ConfirmedFinding {
    /// The divergence, as the smallest scenario shows it.
    pub divergence: Divergence,
    /// The smallest scenario.
    pub scenario: Scenario,
    /// The calls made in it, and their answers.
    pub steps: Vec<ExecutedStep>,
    /// The names its accounts had when it was run last.
    pub names: CastNaming,
    /// The number of times that it showed again.
    pub reproduced: Reproduced,
    /// After how many calls of the run it was first seen.
    pub found_after_calls: u64,
    /// The length of the scenario it was first seen in.
    pub shrunk_from: usize,
    /// Other fingerprints of the same cause.
    pub also: Vec<Fingerprint>,
    /// The answer that shows it and the operation called, where it is an error.
    pub answer: Option<(Operation, HttpResponse)>,
}

impl ConfirmedFinding {
    /// The divergence as it was first seen, as the finding that it may be: it was tried again so many times, in vain.
    pub(in crate::engine) fn as_seen(lead: &Lead, tries: u32) -> Self {
        Self {
            divergence: lead.found.divergence.clone(),
            scenario: lead.scenario.clone(),
            steps: lead.steps.clone(),
            names: lead.names.clone(),
            reproduced: Reproduced { hits: 0, of: tries },
            found_after_calls: lead.calls_before + lead.found.calls,
            shrunk_from: lead.scenario.transitions.len(),
            also: Vec::new(),
            answer: lead.found.answer.clone(),
        }
    }

    /// The cause: findings that have it in common are told as one.
    pub(in crate::engine) fn cause(&self) -> String {
        match self.divergence.rules.first() {
            // One leak between Regions shows in every operation.
            Some(rule) if blame::is_isolation(*rule) => rule.0.to_owned(),
            _ => self.divergence.fingerprint().0,
        }
    }

    /// Takes in another finding of the same cause, and says whether that is now the one to tell: the smallest proof of
    /// a cause is.
    pub(in crate::engine) fn take_in(&mut self, other: &Self) -> bool {
        let steps = |found: &Self| (found.reproduced.is_flaky(), found.steps.len());
        let is_smaller = steps(other) < steps(self);
        let mut also: Vec<_> = self.also.iter().chain(&other.also).cloned().collect();
        let mut hidden = other.divergence.fingerprint();
        if is_smaller {
            hidden = self.divergence.fingerprint();
            *self = Self { found_after_calls: self.found_after_calls, ..other.clone() };
        }
        if hidden != self.divergence.fingerprint() && !also.contains(&hidden) {
            also.push(hidden);
        }
        self.also = also;
        is_smaller
    }
}

/// The result of a lead.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Followed {
    pub(in crate::engine) lead: Lead,
    /// Calls that it took.
    pub(in crate::engine) took: u64,
    /// The finding, or why it could not be confirmed.
    pub(in crate::engine) outcome: Result<ConfirmedFinding, Uncertainty>,
}

/// Whether it is worth an investigation: what the contract leaves open is only recorded.
pub(in crate::engine) fn is_worth_it(divergence: &Divergence) -> bool {
    divergence.severity() > Severity::Note
}
