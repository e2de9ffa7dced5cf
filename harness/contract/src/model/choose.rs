//! Chooses the branch of an implementation that gives certain answers to the open questions, among the admissible ones.
//! Planning and the reference server ask it; the oracle admits every branch.

use super::answers::Answers;
use super::branch::{Alternative, Branch, Branches, Expect, RefusalForm};
use super::effect::Effect;
use super::questions;
use crate::domain::{Answer, RuleId};

/// The branch that goes with the chosen answers, and of those the one that embodies most of them.
#[must_use]
pub fn branch<'a>(branches: &'a Branches, answers: &Answers) -> Option<&'a Branch> {
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

/// The number of chosen answers that a branch embodies; `None` when it contradicts one.
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
        Expect::Anything
        | Expect::AnySuccess
        | Expect::AnyRefusal
        | Expect::Done
        | Expect::Hub(..)
        | Expect::Members(_)
        | Expect::Invitations(_)
        | Expect::Count(..)
        | Expect::Administrator(_)
        | Expect::AdminAccounts(_)
        | Expect::Configuration(_)
        | Expect::Standards(_)
        | Expect::Imported(_)
        | Expect::Findings(_)
        | Expect::Setup => 0,
    };
    Some(own + inner)
}

fn agreeing(tags: &[Answer], answers: &Answers) -> Option<usize> {
    tags.iter().all(|tag| answers.gives(*tag)).then_some(tags.len())
}

/// The form of a refusal that goes with the chosen answers.
#[must_use]
pub fn form<'a>(forms: &'a [RefusalForm], answers: &Answers) -> Option<&'a RefusalForm> {
    forms.iter().find(|form| form.answer.is_none_or(|answer| answers.gives(answer)))
}

/// The alternative for one account of a batch.
#[must_use]
pub fn alternative<'a>(alternatives: &'a [Alternative], answers: &Answers) -> Option<&'a Alternative> {
    let admissible = alternatives.iter().filter(|alternative| alternative.ignored.is_none());
    let fitting = admissible.filter_map(|alternative| {
        let score = agreeing(&alternative.answers, answers)?;
        // What is said of a repetition is no reason to do otherwise than with an account that is named once.
        let repetition = |tag: &&Answer| tag.question == questions::DUPLICATE;
        let repeated = alternative.answers.iter().filter(repetition).count();
        Some((alternative, (score - repeated, score)))
    });
    // Of equal ones the first.
    let better =
        |best: (&'a Alternative, _), next: (&'a Alternative, _)| if next.1 > best.1 { next } else { best };
    fitting.reduce(better).map(|(alternative, _)| alternative)
}

/// The effects of the branch in an implementation with these answers, each with the rule it rests on. An observer
/// may be in doubt; an implementation knows what it has.
#[must_use]
pub fn effects(branch: &Branch, answers: &Answers) -> Vec<(Effect, RuleId)> {
    let mut effects = all_effects(branch, answers);
    effects.retain(|(effect, _)| !effect.is_doubt());
    effects
}

/// Whether an observer can foretell what the branch does.
#[must_use]
pub fn is_certain(branch: &Branch, answers: &Answers) -> bool {
    !all_effects(branch, answers).iter().any(|(effect, _)| effect.is_doubt())
}

/// Whether nothing may be known any more after the call.
#[must_use]
pub fn may_lose(branches: &Branches) -> bool {
    let loses = |effects: &[Effect]| effects.contains(&Effect::Lose);
    branches.admissible.iter().any(|branch| {
        let entries = if let Expect::Batch(entries) = &branch.expect { &entries[..] } else { &[] };
        let mut alternatives = entries.iter().flat_map(|entry| &entry.alternatives);
        loses(&branch.effects) || alternatives.any(|chosen| chosen.ignored.is_none() && loses(&chosen.effects))
    })
}

/// The effects of the branch as an observer holds them, doubt included; each with the rule it rests on.
#[must_use]
pub fn all_effects(branch: &Branch, answers: &Answers) -> Vec<(Effect, RuleId)> {
    let rule = branch.rules.first().copied().unwrap_or(RuleId("-"));
    let mut effects: Vec<_> = branch.effects.iter().map(|effect| (effect.clone(), rule)).collect();
    if let Expect::Batch(entries) = &branch.expect {
        for chosen in entries.iter().filter_map(|entry| alternative(&entry.alternatives, answers)) {
            let rule = chosen.rules.first().copied().unwrap_or(rule);
            effects.extend(chosen.effects.iter().map(|effect| (effect.clone(), rule)));
        }
    }
    effects
}
