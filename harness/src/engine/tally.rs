//! Counts over scenarios. Adding up is commutative, so that the order of workers doesn't show.

use std::collections::{BTreeMap, BTreeSet};

use crate::sdk::Impact;
use passmuster_contract::domain::{Answer, Cause, Operation, QuestionId, RuleId, clipped};

/// The most bytes that are kept of a reason why something could not be judged.
const MOST_OF_REASON: usize = 1 << 10;
/// So many different ones are kept of an operation.
const MOST_REASONS: usize = 40;
/// The others.
const OTHER_REASONS: &str = "for other reasons, each another one";

/// Counts of a run or of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// HTTP calls made.
    pub calls: u64,
    /// Answers judged.
    pub judged: u64,
    /// The answers of each operation that could be judged, whatever was selected.
    pub told: BTreeMap<Operation, u64>,
    /// Scenarios run.
    pub scenarios: u64,
    /// Calls by operation.
    pub operations: BTreeMap<Operation, u64>,
    /// The conforming answers that rested on each rule, counted.
    pub rules: BTreeMap<RuleId, u64>,
    /// The answers to each open question, counted by operation as different ones may answer differently.
    pub answers: BTreeMap<(QuestionId, Operation), BTreeMap<&'static str, u64>>,
    /// The goals that were visited, by id.
    pub goals: BTreeSet<&'static str>,
    /// The answers that were late, by the rule that names the lag.
    pub late: BTreeMap<(Operation, RuleId), u64>,
    /// The reasons for which something could not be judged.
    pub inconclusive: BTreeMap<(Operation, String), u64>,
    /// The lists that were left before they had ended, by operation.
    pub unending: BTreeMap<Operation, u64>,
    /// The readings of answers that are errors or can't be read by SDKs.
    pub sdk: Impact,
}

impl Tally {
    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.judged += other.judged;
        self.scenarios += other.scenarios;
        for (key, times) in &other.operations {
            *self.operations.entry(*key).or_default() += times;
        }
        for (key, times) in &other.told {
            *self.told.entry(*key).or_default() += times;
        }
        for (key, times) in &other.unending {
            *self.unending.entry(*key).or_default() += times;
        }
        for (key, times) in &other.rules {
            *self.rules.entry(*key).or_default() += times;
        }
        for (key, seen) in &other.answers {
            let mine = self.answers.entry(*key).or_default();
            for (answer, times) in seen {
                *mine.entry(answer).or_default() += times;
            }
        }
        for (key, times) in &other.late {
            *self.late.entry(*key).or_default() += times;
        }
        self.goals.extend(&other.goals);
        self.sdk.add(&other.sdk);
        for ((operation, reason), times) in &other.inconclusive {
            self.note_reason(*operation, reason, *times);
        }
    }

    pub(super) fn answered(&mut self, answer: Answer, operation: Operation) {
        let seen = self.answers.entry((answer.question, operation)).or_default();
        *seen.entry(answer.answer).or_default() += 1;
    }

    pub(super) fn could_not_judge(&mut self, operation: Operation, reason: &str) {
        self.note_reason(operation, reason, 1);
    }

    /// Takes note of malformed requests that were throttled.
    pub(super) fn was_throttled(&mut self, operation: Operation, times: u64) {
        self.note_reason(operation, Cause::Throttling.in_words(), times);
    }

    /// Counts a reason: one of the first few of the operation by itself, the others together.
    fn note_reason(&mut self, operation: Operation, reason: &str, times: u64) {
        let mut key = (operation, clipped(reason, MOST_OF_REASON).into_owned());
        if !self.inconclusive.contains_key(&key) {
            let known = self.inconclusive.keys().filter(|(known, _)| *known == operation).count();
            if known >= MOST_REASONS {
                key.1 = OTHER_REASONS.to_owned();
            }
        }
        *self.inconclusive.entry(key).or_default() += times;
    }

    /// Takes note that an answer which seemed to tell something does not, after all.
    pub(super) fn did_not_tell(&mut self, operation: Operation, reason: &str) {
        if let Some(told) = self.told.get_mut(&operation) {
            *told = told.saturating_sub(1);
        }
        self.could_not_judge(operation, reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_reasons_there_are_few_are_kept_and_all_are_counted() {
        let mut tally = Tally::default();
        for number in 0..1_000 {
            tally.could_not_judge(Operation::CreateMembers, &format!("{number}: {}", "x".repeat(100_000)));
        }
        let mut sum = Tally::default();
        sum.add(&tally);
        sum.add(&tally);
        assert!(sum.inconclusive.len() <= MOST_REASONS + 1);
        assert_eq!(sum.inconclusive.values().sum::<u64>(), 2_000);
        assert!(sum.inconclusive.keys().all(|(_, reason)| reason.len() < 2_000));
    }
}
