//! The outcome of a campaign of malformed requests, as data: it is filled by the campaign, and put into a record
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Confirmed, Doubtful};
use passmuster_contract::domain::Operation;
use passmuster_malformed::ClassId;

/// The findings of a campaign, and what it sent to come to them.
#[derive(Clone, Debug, Default)]
pub struct MalformedOutcome {
    /// Malformed requests sent.
    pub requests: u64,
    /// Those of them that were throttled, by operation.
    pub throttled: BTreeMap<Operation, u64>,
    /// Well-formed calls made around them.
    pub calls: u64,
    /// The findings that were tried again; of each it is said how often it showed.
    pub findings: Vec<Confirmed>,
    /// Those that could not be.
    pub unconfirmed: Vec<Doubtful>,
    /// The number of requests of each class that were sent.
    pub classes: BTreeMap<ClassId, u64>,
    /// Why it did not send all that it was to send.
    pub stopped: Option<String>,
    /// Whether the target is gone.
    pub lost: bool,
    /// The classes that were not sent, and why.
    pub not_sent: BTreeMap<ClassId, String>,
    /// The number of the requests that were random compositions.
    pub compositions: u64,
    /// The operations that something was sent on.
    pub operations: BTreeSet<Operation>,
}
