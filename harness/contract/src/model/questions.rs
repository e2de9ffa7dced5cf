//! The open questions that a branch or an answer depends on, by name, made of `fixtures/contract/questions.toml`.

use crate::domain::{Answer, QuestionId};

include!(concat!(env!("OUT_DIR"), "/questions.rs"));

/// The answer of this name to this question.
///
/// The name is one of [`ALL`]; a test asks for each.
#[must_use]
pub const fn answer(question: QuestionId, answer: &'static str) -> Answer {
    Answer { question, answer }
}
