//! Answers to open questions, as they were chosen, or as a target was seen to give them.
//! `choose` applies them; the oracle admits every answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::questions;
use crate::domain::{Answer, Operation, QuestionId};

/// One admissible answer to each of some open questions.
///
/// The reference server gives them, and the preferred answer to each other question. The judge holds a target to
/// them, and to nothing about other questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    chosen: BTreeMap<QuestionId, Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    answer: &'static str,
    /// The answers of single operations; where there are any, nothing is expected of the others.
    operations: BTreeMap<Operation, &'static str>,
}

/// The reason why an answer can't be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswersError {
    /// There is no such question.
    #[error("no open question {0}; `passmuster rules --open` lists them")]
    NoSuchQuestion(String),
    /// The question has no such answer.
    #[error("{question} can't be answered {answer:?}; it admits {admitted}")]
    NotAdmissible {
        /// The question.
        question: &'static str,
        /// The answer given.
        answer: String,
        /// Those it admits.
        admitted: String,
    },
}

impl Answers {
    /// Chooses one answer, whatever the operation.
    ///
    /// # Errors
    ///
    /// When there is no such question, or it doesn't admit the answer.
    pub fn choose(&mut self, question: &str, answer: &str) -> Result<(), AnswersError> {
        self.choose_for_all(admissible(question, answer)?);
        Ok(())
    }

    /// Chooses an admissible answer, whatever the operation.
    pub fn choose_for_all(&mut self, answer: Answer) {
        self.chosen.insert(answer.question, Choice { answer: answer.answer, operations: BTreeMap::new() });
    }

    /// Chooses the answer that one operation was seen to give. The first answer chosen for a question is also what
    /// the server gives where another operation asks.
    pub fn choose_for(&mut self, operation: Operation, answer: Answer) {
        let new = || Choice { answer: answer.answer, operations: BTreeMap::new() };
        let choice = self.chosen.entry(answer.question).or_insert_with(new);
        choice.operations.insert(operation, answer.answer);
    }

    /// Whether any answer was chosen at all.
    #[must_use]
    pub fn are_chosen(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// The answer given to a question: the one chosen, else the preferred one.
    #[must_use]
    pub fn to(&self, question: QuestionId) -> Option<&'static str> {
        self.chosen.get(&question).map(|choice| choice.answer).or_else(|| {
            let (_, answers) = questions::ALL.iter().find(|(known, _)| *known == question)?;
            answers.first().copied()
        })
    }

    /// Whether an answer is the one given.
    #[must_use]
    pub fn gives(&self, answer: Answer) -> bool {
        self.to(answer.question) == Some(answer.answer)
    }

    /// The answer that an operation is held to; `None` where it may give any that is admissible.
    #[must_use]
    pub fn expected(&self, question: QuestionId, operation: Operation) -> Option<&'static str> {
        let choice = self.chosen.get(&question)?;
        if choice.operations.is_empty() { Some(choice.answer) } else { choice.operations.get(&operation).copied() }
    }

    /// The answers that one operation gives, where operations differ.
    #[must_use]
    pub fn of(&self, operation: Operation) -> Cow<'_, Self> {
        let differs = |choice: &Choice| choice.operations.get(&operation).is_some_and(|own| *own != choice.answer);
        if !self.chosen.values().any(differs) {
            return Cow::Borrowed(self);
        }
        let mut own = self.clone();
        for choice in own.chosen.values_mut() {
            choice.answer = choice.operations.get(&operation).copied().unwrap_or(choice.answer);
        }
        Cow::Owned(own)
    }
}

/// The answer of these names.
///
/// # Errors
///
/// When there is no such question, or it doesn't admit the answer.
pub fn admissible(question: &str, answer: &str) -> Result<Answer, AnswersError> {
    let Some((question, admitted)) = questions::ALL.iter().find(|(known, _)| known.0 == question) else {
        return Err(AnswersError::NoSuchQuestion(question.to_owned()));
    };
    match admitted.iter().find(|admitted| **admitted == answer) {
        Some(answer) => Ok(Answer { question: *question, answer }),
        None => Err(AnswersError::NotAdmissible {
            question: question.0,
            answer: answer.to_owned(),
            admitted: admitted.join(", "),
        }),
    }
}
