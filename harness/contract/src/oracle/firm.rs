//! Answers to open questions that are expected of a target, held against those it gives.

use std::collections::BTreeSet;

use crate::catalogue;
use crate::domain::{Answer, Divergence, DivergenceKind, Grade, Operation, Place, QuestionId, Region, RuleId};
use crate::model::{Answers, rules};

use super::Candidate;

/// An answer to an open question, and the operation that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The answer.
    pub answer: Answer,
    /// The operation that left the question open; what settles it may be a later read by another.
    pub operation: Operation,
}

impl Given {
    /// The answer that was expected in place of this one.
    fn expected(self, answers: &Answers) -> Option<&'static str> {
        answers.expected(self.answer.question, self.operation).filter(|expected| *expected != self.answer.answer)
    }
}

/// Where settled answers are other than expected, and where each answer that is still possible is. A question on
/// which some state agrees with what is expected is left for later.
pub(super) fn others(settled: &[Given], candidates: &mut [Candidate], answers: &Answers) -> Vec<Divergence> {
    let mut found: Vec<Divergence> = settled
        .iter()
        .filter_map(|given| Some(divergence(*given, given.expected(answers)?, &[given.answer])))
        .collect();
    for given in candidates.first().map(|first| first.assumed.clone()).unwrap_or_default() {
        let Some(expected) = given.expected(answers) else { continue };
        let same =
            |other: &Given| other.answer.question == given.answer.question && other.operation == given.operation;
        let other = |assumed: &Given| same(assumed) && assumed.answer.answer != expected;
        if !candidates.iter().all(|candidate| candidate.assumed.iter().any(other)) {
            continue;
        }
        let mut possible: Vec<Answer> = Vec::new();
        for candidate in candidates.iter_mut() {
            possible
                .extend(candidate.assumed.iter().filter(|assumed| other(assumed)).map(|assumed| assumed.answer));
            candidate.assumed.retain(|assumed| !same(assumed));
        }
        possible.sort_unstable();
        possible.dedup();
        found.push(divergence(given, expected, &possible));
    }
    found
}

/// What rested on a rule that leaves a question open rests on what was shown, once the question is settled: whatever
/// contradicts it then is forbidden in every alternative.
pub(super) fn rest_on_reads(settled: &[Given], candidates: &mut [Candidate], region: Region) {
    let of = |given: &Given| catalogue::question(given.answer.question.0).map(|question| &question.rules);
    let is_open = |rule: &RuleId| catalogue::grade(*rule) == Grade::Unknown;
    let open: BTreeSet<RuleId> = settled.iter().filter_map(of).flatten().copied().filter(is_open).collect();
    if open.is_empty() {
        return;
    }
    for candidate in candidates {
        let region = candidate.state.region_mut(region);
        let members = region.members.values_mut().map(|entry| &mut entry.because);
        let administrators = region.administrators.values_mut().map(|held| &mut held.because);
        let invitations = region.invitations.values_mut().map(|held| &mut held.because);
        for because in members.chain(administrators).chain(invitations).filter(|held| open.contains(&held.2)) {
            because.2 = rules::GET_PARTICULARS;
        }
    }
}

fn divergence(given: Given, expected: &'static str, seen: &[Answer]) -> Divergence {
    let Given { answer: Answer { question, .. }, operation } = given;
    let seen: Vec<String> = seen.iter().map(|answer| in_words(*answer)).collect();
    Divergence {
        operation,
        kind: DivergenceKind::OtherAnswer,
        rules: rule_of(question, operation).into_iter().collect(),
        ignored: Vec::new(),
        place: Place::Question(question),
        expected: in_words(Answer { question, answer: expected }),
        observed: seen.join(", or "),
        // The answer that is expected was seen.
        grade: Grade::Observed,
        of_state: false,
    }
}

/// The rule that the question leaves open for the operation.
fn rule_of(question: QuestionId, operation: Operation) -> Option<RuleId> {
    let rules = &catalogue::question(question.0)?.rules;
    let speaks_of =
        |rule: &&RuleId| catalogue::rule(rule.0).is_some_and(|rule| rule.operations.contains(&operation));
    rules.iter().find(speaks_of).or(rules.first()).copied()
}

/// An answer with its meaning.
fn in_words(answer: Answer) -> String {
    let known = catalogue::question(answer.question.0).and_then(|question| question.answer(answer.answer));
    match known {
        Some(known) => format!("{}: {}", answer.answer, known.meaning),
        None => answer.answer.to_owned(),
    }
}
