//! The record of a check: one plain value that its reports are rendered from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The schema of [`CheckRecord`] as JSON.
pub const CHECK_SCHEMA: &str = "passmuster.check/1";

/// Everything a check found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Always [`CHECK_SCHEMA`].
    pub schema: String,
    /// The version of passmuster.
    pub version: String,
    /// The exit code the check ends with.
    pub exit_code: u8,
    /// Calls read.
    pub calls: u64,
    /// Calls whose answer was held against some rule.
    pub judged: u64,
    /// The conversations, in the order of the files.
    pub conversations: Vec<ConversationRecord>,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationRecord {
    /// Its file.
    pub file: String,
    /// The line of its header.
    pub line: u64,
    /// What it is.
    pub title: String,
    /// Keys of the sources it is taken from.
    pub sources: Vec<String>,
    /// When it was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// `admissible`, `diverges`, `inconclusive` or `not-checked`.
    pub verdict: String,
    /// Its calls.
    pub calls: u64,
    /// Those whose answer was held against some rule.
    pub judged: u64,
    /// How often an answer rested on each rule.
    pub rules: BTreeMap<String, u64>,
    /// What diverges, in order.
    pub divergences: Vec<TraceDivergenceRecord>,
    /// What could not be judged.
    pub inconclusive: Vec<UnjudgedRecord>,
}

/// A divergence, and the line that shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceDivergenceRecord {
    /// The line of the call.
    pub line: u64,
    /// Who called.
    pub account: String,
    /// Where.
    pub region: String,
    /// Whether the source shows the call: `observed` or `assumed`.
    pub provenance: String,
    /// `D-` and eight hexadecimal digits.
    pub id: String,
    /// Operation, rule, kind, place.
    pub fingerprint: String,
    /// `divergence`, `suspicion` or `note`.
    pub severity: String,
    /// `documented`, `observed`, `inferred` or `unknown`.
    pub grade: String,
    /// The operation called.
    pub operation: String,
    /// Its kind.
    pub kind: String,
    /// The rules it violates, the one to blame first.
    pub rules: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// Where in the answer, without indices; empty for the answer as a whole.
    pub pointer: String,
    /// What the contract admits.
    pub expected: String,
    /// What the trace shows.
    pub observed: String,
}

/// A call that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnjudgedRecord {
    /// Its line.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl CheckRecord {
    /// A record of these conversations, its exit code not yet decided.
    #[must_use]
    pub fn new(conversations: Vec<ConversationRecord>) -> Self {
        Self {
            schema: CHECK_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            exit_code: 0,
            calls: conversations.iter().map(|conversation| conversation.calls).sum(),
            judged: conversations.iter().map(|conversation| conversation.judged).sum(),
            conversations,
        }
    }
}
