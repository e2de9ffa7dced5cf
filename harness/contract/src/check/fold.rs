//! Folds the check of a conversation into its record.

use super::checker::Checked;
use super::record::{
    ConversationRecord, ConversationVerdict, LateAnswerRecord, TraceDivergenceRecord, UnjudgedRecord,
};
use crate::catalogue::sentence;
use crate::domain::{Divergence, Severity};
use crate::trace::Conversation;

/// The record of a conversation that stands in `file`.
#[must_use]
pub fn conversation_record(file: &str, conversation: &Conversation, checked: &Checked) -> ConversationRecord {
    let line = |at: usize| conversation.calls.get(at).map_or(conversation.line, |call| call.line);
    let header = &conversation.header;
    ConversationRecord {
        file: file.to_owned(),
        line: conversation.line,
        title: header.title.clone(),
        sources: header.sources.clone(),
        date: header.date.clone(),
        verdict: verdict(checked),
        calls: conversation.calls.len() as u64,
        judged: checked.judged,
        rules: checked.rules.iter().map(|(rule, times)| (rule.0.to_owned(), *times)).collect(),
        divergences: checked.found.iter().map(|(at, found)| divergence(conversation, *at, found)).collect(),
        late: checked
            .late
            .iter()
            .map(|(at, rule)| LateAnswerRecord { line: line(*at), rule: rule.0.to_owned() })
            .collect(),
        inconclusive: checked
            .inconclusive
            .iter()
            .map(|(at, reason)| UnjudgedRecord { line: line(*at), reason: reason.clone() })
            .collect(),
    }
}

/// In one word. A note is no divergence: the contract leaves it open.
fn verdict(checked: &Checked) -> ConversationVerdict {
    if checked.found.iter().any(|(_, found)| found.severity() > Severity::Note) {
        ConversationVerdict::Diverges
    } else if !checked.inconclusive.is_empty() {
        ConversationVerdict::Inconclusive
    } else if !checked.late.is_empty() {
        ConversationVerdict::Late
    } else if checked.judged == 0 {
        ConversationVerdict::NotChecked
    } else {
        ConversationVerdict::Admissible
    }
}

fn divergence(conversation: &Conversation, at: usize, found: &Divergence) -> TraceDivergenceRecord {
    let call = conversation.calls.get(at);
    let fingerprint = found.fingerprint();
    TraceDivergenceRecord {
        line: call.map_or(conversation.line, |call| call.line),
        account: call.map_or_else(String::new, |call| call.account.to_string()),
        region: call.map_or_else(String::new, |call| call.region.clone()),
        provenance: call.map_or("", |call| call.provenance.name()).to_owned(),
        id: fingerprint.id(),
        fingerprint: fingerprint.0,
        severity: found.severity(),
        grade: found.grade,
        operation: found.operation.name().to_owned(),
        kind: found.kind,
        rules: found.rules.iter().map(|rule| rule.0.to_owned()).collect(),
        summary: sentence(found),
        pointer: found.place.to_string(),
        expected: found.expected.clone(),
        observed: found.observed.clone(),
    }
}
