//! The outcome of a campaign of malformed requests, as data: it is filled by the campaign, and put into a record
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Confirmed;
use passmuster_contract::domain::Operation;
use passmuster_malformed::ClassId;

/// The findings of a campaign, and what it sent to come to them.
#[derive(Clone, Debug, Default)]
pub struct MalformedOutcome {
    /// Malformed requests sent.
    pub requests: u64,
    /// Well-formed calls made around them.
    pub calls: u64,
    /// What is wrong, and was seen again.
    pub findings: Vec<Confirmed>,
    /// What was seen and not again.
    pub unconfirmed: Vec<String>,
    /// How many requests of each class were sent.
    pub classes: BTreeMap<ClassId, u64>,
    /// Why it did not send all that it was to send.
    pub stopped: Option<String>,
    /// Whether the target is gone.
    pub lost: bool,
    /// The classes that were not sent, and why.
    pub not_sent: BTreeMap<ClassId, String>,
    /// How many of the requests were random compositions.
    pub compositions: u64,
    /// The operations that something was sent on.
    pub operations: BTreeSet<Operation>,
}
