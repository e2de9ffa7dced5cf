//! A finding of a record, as far as its cause is sought.

use crate::generate::{LawCase, parse_scenario};
use crate::record::{Disposition, DivergenceRecord, RunRecord};
use passmuster_contract::catalogue;
use passmuster_contract::domain::{DivergenceKind, Fingerprint, Operation, RuleId, Scenario, Severity};

/// The most findings that causes are sought of.
const MOST_CASES: usize = 300;

/// A finding whose cause is sought.
pub(super) struct Case {
    /// Its place in the record.
    pub(super) place: usize,
    pub(super) id: String,
    fingerprints: Vec<Fingerprint>,
    pub(super) operation: Operation,
    pub(super) kind: DivergenceKind,
    pub(super) severity: Severity,
    pub(super) rules: Vec<RuleId>,
    pub(super) pointer: String,
    pub(super) expected: String,
    pub(super) observed: String,
    pub(super) scenario: Scenario,
    /// What the target answered to each step of it.
    pub(super) answers: Vec<String>,
    pub(super) law: Option<LawCase>,
}

/// The findings of a record whose causes can be sought, and the number of those that were too many.
pub(super) fn cases(record: &RunRecord) -> (Vec<Case>, usize) {
    let is_meant = |found: &&DivergenceRecord| {
        // A cause says what is always so.
        !found.is_malformed()
            && !found.is_flaky()
            && found.disposition != Disposition::Resolved
            && found.severity > Severity::Note
            && found.kind != DivergenceKind::OtherAnswer
    };
    let laws = LawCase::all();
    let found = record.divergences.iter().enumerate().filter(|(_, found)| is_meant(found));
    let mut cases: Vec<Case> = found.filter_map(|(place, found)| Case::of(place, found, &laws)).collect();
    let excess = cases.len().saturating_sub(MOST_CASES);
    cases.truncate(MOST_CASES);
    (cases, excess)
}

impl Case {
    fn of(place: usize, found: &DivergenceRecord, laws: &[LawCase]) -> Option<Self> {
        let scenario = parse_scenario(&found.scenario.to_text()).ok()?;
        let law = (found.kind == DivergenceKind::Law)
            .then(|| laws.iter().find(|law| law.law.name() == found.pointer && law.right_scenario() == scenario))
            .flatten()
            .cloned();
        let known = |rule: &String| catalogue::rule(rule).map(|rule| rule.id);
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(Self {
            place,
            id: found.id.clone(),
            fingerprints: [&found.fingerprint].into_iter().chain(&found.also).cloned().map(Fingerprint).collect(),
            operation: Operation::from_name(&found.operation)?,
            kind: found.kind,
            severity: found.severity,
            rules: found.rules.iter().filter_map(known).collect(),
            pointer: found.pointer.clone(),
            expected: text(&found.expected),
            observed: text(&found.observed),
            scenario,
            answers: found.scenario.steps.iter().map(|step| step.response.clone()).collect(),
            law,
        })
    }

    /// Whether it is this divergence.
    pub(super) fn is(&self, fingerprint: &Fingerprint) -> bool {
        self.fingerprints.contains(fingerprint)
    }

    /// The scenarios that have to be run to see it.
    pub(super) fn scenarios(&self) -> Vec<Scenario> {
        match &self.law {
            Some(law) => vec![law.left_scenario(), law.right_scenario()],
            None => vec![self.scenario.clone()],
        }
    }

    /// The operations before the last step that change something, each once.
    pub(super) fn changing(&self) -> Vec<Operation> {
        let mut operations: Vec<Operation> = self
            .scenarios()
            .iter()
            .flat_map(|scenario| &scenario.transitions)
            .map(|transition| transition.request.operation)
            .filter(|operation| operation.is_mutating())
            .collect();
        operations.sort_unstable();
        operations.dedup();
        operations
    }

    /// Whether a call of the operation was let through in it.
    pub(super) fn succeeds(&self, operation: Operation) -> bool {
        let steps = self.scenario.transitions.iter().zip(&self.answers);
        steps.into_iter().any(|(step, answer)| step.request.operation == operation && answer.starts_with('2'))
    }

    /// Whether it is more than a detail of an answer.
    pub(super) const fn is_grave(&self) -> bool {
        !matches!(
            self.kind,
            DivergenceKind::WrongValue
                | DivergenceKind::WrongMessage
                | DivergenceKind::WrongStatus
                | DivergenceKind::OtherAnswer
        )
    }
}

/// An error without its message: status and type; anything else as it is.
pub(super) fn without_message(text: &str) -> &str {
    let is_error = text.len() > 4 && text.as_bytes()[..3].iter().all(u8::is_ascii_digit) && !text.starts_with('2');
    if is_error { text.split(": ").next().unwrap_or(text) } else { text }
}
