//! The record of a check: one plain value that its reports are rendered from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{DivergenceKind, Grade, Severity};

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
    /// The places after which a file could not be read, and files that hold no conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadRecord>,
}

/// A file of which something was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRecord {
    /// The file.
    pub file: String,
    /// The line from which on it wasn't; absent where it is the file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The problem.
    pub what: String,
    /// The remedy; absent where nothing is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl UnreadRecord {
    /// The place.
    #[must_use]
    pub fn place(&self) -> String {
        self.line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file))
    }
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationRecord {
    /// Its file.
    pub file: String,
    /// The line of its header.
    pub line: u64,
    /// Its title.
    pub title: String,
    /// Keys of the sources it is taken from.
    pub sources: Vec<String>,
    /// The date of the observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The result.
    pub verdict: ConversationVerdict,
    /// Its calls.
    pub calls: u64,
    /// Those whose answer was held against some rule.
    pub judged: u64,
    /// The number of answers that rested on each rule.
    pub rules: BTreeMap<String, u64>,
    /// The divergences, in order.
    pub divergences: Vec<TraceDivergenceRecord>,
    /// The answers that may be late by a lag that the evidence names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<LateAnswerRecord>,
    /// The calls that could not be judged.
    pub inconclusive: Vec<UnjudgedRecord>,
}

/// The result of checking one recorded conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConversationVerdict {
    /// The contract admits all of it.
    Admissible,
    /// Something in it diverges.
    Diverges,
    /// Nothing diverges, and something came later than it should, within the bounds of the evidence.
    Late,
    /// Nothing diverges, and something could not be judged.
    Inconclusive,
    /// No call was held against a rule.
    NotChecked,
}

impl ConversationVerdict {
    /// The word in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admissible => "admissible",
            Self::Diverges => "diverges",
            Self::Late => "late",
            Self::Inconclusive => "inconclusive",
            Self::NotChecked => "not-checked",
        }
    }
}

impl fmt::Display for ConversationVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A divergence, and the line that shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceDivergenceRecord {
    /// The line of the call.
    pub line: u64,
    /// The account that called.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The evidence for the call: `observed` where the source shows it, or `assumed`.
    pub provenance: String,
    /// `D-` and eight hexadecimal digits.
    pub id: String,
    /// Operation, rule, kind, place.
    pub fingerprint: String,
    /// Its weight.
    pub severity: Severity,
    /// The weakest grade among what it rests on.
    pub grade: Grade,
    /// The operation called.
    pub operation: String,
    /// Its kind.
    pub kind: DivergenceKind,
    /// The rules it violates, the one to blame first.
    pub rules: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// The place in the answer, without indices; empty for the answer as a whole.
    pub pointer: String,
    /// The outcome that the contract admits.
    pub expected: String,
    /// The outcome that the trace shows.
    pub observed: String,
}

/// An answer that may be late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateAnswerRecord {
    /// Its line.
    pub line: u64,
    /// The rule that names the lag.
    pub rule: String,
}

/// A call that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnjudgedRecord {
    /// Its line.
    pub line: u64,
    /// The reason.
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
            unread: Vec::new(),
        }
    }
}
