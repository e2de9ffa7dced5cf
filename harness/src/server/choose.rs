//! Which of the admissible branches the reference server takes.

use super::Answers;
use crate::domain::Answer;
use crate::model::{Alternative, Branch, Branches, Expect, Form, questions};

/// The branch that goes with the chosen answers, and of those the one that embodies most of them.
pub(super) fn branch<'a>(branches: &'a Branches, answers: &Answers) -> Option<&'a Branch> {
    let fitting = |branch: &&'a Branch| score(branch, answers);
    let mut best: Option<(&Branch, usize)> = None;
    for branch in &branches.admissible {
        if let Some(score) = fitting(&branch)
            && best.is_none_or(|(_, most)| score > most)
        {
            best = Some((branch, score));
        }
    }
    best.map(|(branch, _)| branch).or(branches.admissible.first())
}

/// How many chosen answers a branch embodies; `None` when it contradicts one.
fn score(branch: &Branch, answers: &Answers) -> Option<usize> {
    let own = agreeing(&branch.answers, answers)?;
    let inner = match &branch.expect {
        Expect::Refused(refusal) => form(refusal.forms, answers)?.answer.map_or(0, |_| 1),
        Expect::Batch(entries) => {
            for entry in entries {
                alternative(&entry.alternatives, answers)?;
            }
            0
        }
        _ => 0,
    };
    Some(own + inner)
}

fn agreeing(tags: &[Answer], answers: &Answers) -> Option<usize> {
    tags.iter().all(|tag| answers.gives(*tag)).then_some(tags.len())
}

/// The form of a refusal that goes with the chosen answers.
pub(super) fn form<'a>(forms: &'a [Form], answers: &Answers) -> Option<&'a Form> {
    forms.iter().find(|form| form.answer.is_none_or(|answer| answers.gives(answer)))
}

/// What to do with one account of a batch.
pub(super) fn alternative<'a>(alternatives: &'a [Alternative], answers: &Answers) -> Option<&'a Alternative> {
    let admissible = alternatives.iter().filter(|alternative| alternative.ignored.is_none());
    let fitting = admissible.filter_map(|alternative| {
        let score = agreeing(&alternative.answers, answers)?;
        // What is said of a repetition is no reason to do otherwise than with an account that is named once.
        let repetition = |tag: &&Answer| tag.question == questions::DUPLICATE;
        let repeated = alternative.answers.iter().filter(repetition).count();
        Some((alternative, (score - repeated, score)))
    });
    fitting.max_by_key(|(_, score)| *score).map(|(alternative, _)| alternative)
}
