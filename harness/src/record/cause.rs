//! The causes of what was found: changes of the reference server under which it answers as the target did.

use serde::{Deserialize, Serialize};

/// One cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseRecord {
    /// `C-` and eight hexadecimal digits.
    pub id: String,
    /// The cause in one line.
    pub title: String,
    /// The change of the reference server.
    pub change: ChangeRecord,
    /// The ids of the findings that it explains, in the order of the report.
    pub findings: Vec<String>,
    /// The rules that it violates.
    pub rules: Vec<String>,
    /// The abstract states of the walk that its findings keep from being reached.
    #[serde(default)]
    pub blocks: u64,
    /// Of the cause to mend first, the number of its findings that go away then: others may have further causes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_away: Option<u64>,
    /// Whether the reference server with this change alone shows each of the findings; without, it takes other causes
    /// besides to show some of them.
    pub verified: bool,
    /// The finding that shows it best: one with few steps.
    pub proof: String,
    /// What the user of an SDK notices.
    #[serde(default)]
    pub effect: String,
}

/// A change of the reference server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Its kind: ignored-guard, wrong-error, missing-effect, wrong-value, wrong-filter, wrong-account, or fault.
    pub kind: String,
    /// The operations that it changes.
    pub operations: Vec<String>,
    /// Its parts by name, from which it can be made again.
    pub parts: Vec<String>,
}
