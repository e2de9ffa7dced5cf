//! Chosen answers to open questions.

use std::collections::BTreeMap;

use crate::domain::{Answer, QuestionId};
use crate::model::questions;

/// Which admissible answer to give, question by question; the preferred one where nothing is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    chosen: BTreeMap<&'static str, &'static str>,
}

/// Why an answers file can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswersError {
    /// The file is no table of strings.
    #[error("not a table of answers: {0}; write lines like Q01 = \"bad-request\"")]
    Syntax(String),
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
    /// Reads a TOML table of question to answer, such as `Q01 = "access-denied"`.
    ///
    /// # Errors
    ///
    /// Names the line's question, and what it admits.
    pub fn parse(text: &str) -> Result<Self, AnswersError> {
        let table: BTreeMap<String, String> =
            toml::from_str(text).map_err(|error| AnswersError::Syntax(error.message().to_owned()))?;
        let mut answers = Self::default();
        for (question, answer) in table {
            answers.choose(&question, &answer)?;
        }
        Ok(answers)
    }

    /// Chooses one answer.
    ///
    /// # Errors
    ///
    /// When there is no such question, or it doesn't admit the answer.
    pub fn choose(&mut self, question: &str, answer: &str) -> Result<(), AnswersError> {
        let known = questions::ALL.iter().find(|(known, _)| known.0 == question);
        let Some((question, admitted)) = known else {
            return Err(AnswersError::NoSuchQuestion(question.to_owned()));
        };
        let Some(answer) = admitted.iter().find(|admitted| **admitted == answer) else {
            let admitted = admitted.join(", ");
            return Err(AnswersError::NotAdmissible { question: question.0, answer: answer.to_owned(), admitted });
        };
        self.chosen.insert(question.0, answer);
        Ok(())
    }

    /// Whether any answer was chosen at all.
    #[must_use]
    pub fn are_chosen(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// The answer given to a question.
    #[must_use]
    pub fn to(&self, question: QuestionId) -> Option<&'static str> {
        self.chosen.get(question.0).copied().or_else(|| {
            let (_, answers) = questions::ALL.iter().find(|(known, _)| *known == question)?;
            answers.first().copied()
        })
    }

    /// Whether an answer is the one given.
    #[must_use]
    pub fn gives(&self, answer: Answer) -> bool {
        self.to(answer.question) == Some(answer.answer)
    }
}
