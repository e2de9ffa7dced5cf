//! A plan out of any bytes: answers to open questions and a list of intents, one a line.
//!
//! ```text
//! Q11 new-id
//! EnableSecurityHub 0 0 0
//! CreateMembers 0 1 17 region-2 odd
//! ```
//!
//! The numbers of an intent select accounts and oddities; a word that is no number counts as one all the same.

use passmuster::generate::Intent;
use passmuster::model::questions;
use passmuster::server::Answers;

use crate::message::{number, operation, pick};

/// Further lines are left out.
const MOST_LINES: usize = 32;

/// The answers that a server gives to open questions, and the intents to run against it.
pub(crate) struct Plan {
    pub(crate) answers: Answers,
    pub(crate) intents: Vec<Intent>,
}

impl Plan {
    /// Reads any bytes.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut plan = Self { answers: Answers::default(), intents: Vec::new() };
        for line in text.lines().take(MOST_LINES) {
            let mut words = line.split_whitespace();
            let Some(first) = words.next() else { continue };
            if first.starts_with('Q') {
                plan.answer(first, words.next().unwrap_or_default());
            } else {
                plan.intents.push(intent(first, words));
            }
        }
        plan
    }

    fn answer(&mut self, question: &str, answer: &str) {
        let known = questions::ALL.iter().find(|(known, _)| known.0 == question);
        let (question, admitted) = known.copied().unwrap_or_else(|| pick(questions::ALL, question));
        let answer = admitted.iter().copied().find(|known| *known == answer);
        let answer = answer.unwrap_or_else(|| pick(admitted, question.0));
        let chosen = self.answers.choose(question.0, answer);
        assert_eq!(chosen, Ok(()));
    }
}

fn intent<'a>(action: &str, words: impl Iterator<Item = &'a str>) -> Intent {
    let action = operation(action);
    let (mut region, mut odd) = (0, false);
    let mut numbers = Vec::with_capacity(3);
    for word in words {
        match word {
            "odd" => odd = true,
            "region-2" => region = 1,
            other => numbers.push(number(other)),
        }
    }
    let selector = |place: usize| numbers.get(place).copied().unwrap_or(0);
    Intent { action, first: selector(0), second: selector(1), flavour: selector(2), region, odd }
}
