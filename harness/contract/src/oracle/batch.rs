//! Compares the results of a batch with its alternatives: each account by itself.

use serde_json::Value;

use crate::domain::{AccountRef, DivergenceKind, Document, Naming};
use crate::model::{Alternative, BatchEntry, Effect, Wording};

use super::finding::{Continuation, Mismatch};
use super::{Observed, Strictness};

/// More combinations of answers than these are not followed.
const MOST: usize = 64;

pub(super) fn compare<N: Naming>(
    base: Continuation,
    entries: &[BatchEntry],
    document: &Document,
    observed: &Observed<'_, N>,
) -> Vec<Continuation> {
    let unprocessed = unprocessed(document, observed.naming);
    let mut continuations = vec![base];
    for entry in entries {
        let reasons: Vec<Option<&str>> = unprocessed
            .iter()
            .filter(|(account, _)| *account == entry.account)
            .map(|(_, reason)| reason.as_deref())
            .collect();
        let fitting = if observed.is_hidden("UnprocessedAccounts") {
            entry.alternatives.iter().filter(|alternative| alternative.ignored.is_none()).collect()
        } else {
            fitting(entry, reasons.len())
        };
        if fitting.is_empty() {
            for continuation in &mut continuations {
                unexpected(continuation, entry, &reasons, observed);
            }
            continue;
        }
        if let Some(wanted) = entry.alternatives.first().filter(|_| fitting[0].ignored.is_some()) {
            let words =
                format!("{} listed as unprocessed: {}", observed.show(&entry.account), wanted.text.words());
            for continuation in &mut continuations {
                continuation.refusal.get_or_insert_with(|| words.clone());
            }
        }
        let room = MOST / continuations.len().max(1);
        if fitting.len() > room.max(1) {
            for continuation in &mut continuations {
                doubt(continuation, &fitting);
            }
            continue;
        }
        continuations = continuations
            .iter()
            .flat_map(|continuation| fitting.iter().map(|alternative| extend(continuation, alternative)))
            .collect();
        wrong_words(&mut continuations, &fitting, &reasons, observed);
    }
    continuations
}

/// The alternatives that go with an account's being reported so often; those that ignore a rule only when no other.
fn fitting(entry: &BatchEntry, times: usize) -> Vec<&Alternative> {
    let fits =
        |alternative: &&Alternative| (alternative.unprocessed.0..=alternative.unprocessed.1).contains(&times);
    let admissible: Vec<_> =
        entry.alternatives.iter().filter(fits).filter(|alternative| alternative.ignored.is_none()).collect();
    if !admissible.is_empty() {
        return admissible;
    }
    entry.alternatives.iter().filter(fits).collect()
}

fn extend(continuation: &Continuation, alternative: &Alternative) -> Continuation {
    let mut next = continuation.clone();
    if let Some(rule) = alternative.rules.first() {
        next.effects.extend(alternative.effects.iter().map(|effect| (effect.clone(), *rule)));
    }
    for rule in &alternative.rules {
        if !next.rules.contains(rule) {
            next.rules.push(*rule);
        }
    }
    for answer in &alternative.answers {
        if !next.answers.contains(answer) {
            next.answers.push(*answer);
        }
    }
    if let Some(rule) = alternative.ignored
        && !next.ignored.contains(&rule)
    {
        next.ignored.push(rule);
    }
    next
}

fn unexpected<N: Naming>(
    continuation: &mut Continuation,
    entry: &BatchEntry,
    reasons: &[Option<&str>],
    observed: &Observed<'_, N>,
) {
    let Some(wanted) = entry.alternatives.first() else { return };
    let (kind, expected) = if wanted.unprocessed == (0, 0) {
        (DivergenceKind::UnexpectedRefusal, "processed".to_owned())
    } else {
        (DivergenceKind::MissingRefusal, format!("listed as unprocessed: {}", wanted.text.words()))
    };
    let account = observed.show(&entry.account);
    let shown = match reasons {
        [] => format!("{account} not listed as unprocessed"),
        [reason, ..] => format!("{account} listed as unprocessed: {}", reason.unwrap_or("no reason given")),
    };
    let mismatch = Mismatch::new(kind, &wanted.rules, "/UnprocessedAccounts/-", expected, shown);
    continuation.mismatches.push(mismatch);
    doubt(continuation, &[wanted]);
}

/// Which of the alternatives it is can't be told: nothing is known any more of the pairs that they change.
fn doubt(continuation: &mut Continuation, alternatives: &[&Alternative]) {
    for alternative in alternatives {
        let rule = alternative.rules[0];
        for (administrator, member) in alternative.effects.iter().filter_map(Effect::pair) {
            let doubt = (Effect::Doubt(administrator, member), rule);
            if !continuation.effects.contains(&doubt) {
                continuation.effects.push(doubt);
            }
        }
    }
}

fn wrong_words<N: Naming>(
    continuations: &mut [Continuation],
    fitting: &[&Alternative],
    reasons: &[Option<&str>],
    observed: &Observed<'_, N>,
) {
    if observed.strictness < Strictness::Message {
        return;
    }
    let [alternative] = fitting else { return };
    let Wording::Observed(words) = alternative.text else { return };
    let Some(wrong) = reasons.iter().find(|reason| **reason != Some(words)) else { return };
    let pointer = "/UnprocessedAccounts/-/ProcessingResult";
    for continuation in continuations {
        continuation.mismatches.push(Mismatch::new(
            DivergenceKind::WrongMessage,
            &alternative.rules,
            pointer,
            words,
            wrong.unwrap_or("no reason given"),
        ));
    }
}

/// `UnprocessedAccounts`; absent is empty (SH-WIRE-004).
pub(super) fn unprocessed(document: &Document, naming: &impl Naming) -> Vec<(AccountRef, Option<String>)> {
    let entries = document.get("UnprocessedAccounts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    entries
        .iter()
        .map(|entry| {
            let text = entry.get("AccountId").and_then(Value::as_str).unwrap_or_default();
            let account =
                naming.account_from(text).map_or_else(|| AccountRef::Text(text.to_owned()), AccountRef::Account);
            (account, entry.get("ProcessingResult").and_then(Value::as_str).map(str::to_owned))
        })
        .collect()
}
