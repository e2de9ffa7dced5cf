//! What malformed requests showed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DivergenceRecord;

/// What malformed requests were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRecord {
    /// What they were judged by: `smithy`, `aws` or `union`.
    pub profile: String,
    /// Malformed requests sent, those apart that looked into what was found.
    pub requests: u64,
    /// Well-formed calls made around them.
    pub calls: u64,
    /// Classes of the catalogue that were sent.
    pub classes: u64,
    /// Classes there are.
    pub catalogue: u64,
    /// Classes that were not sent, by why.
    pub not_sent: BTreeMap<String, Vec<String>>,
    /// Random compositions of several classes among the requests.
    pub compositions: u64,
}

/// What malformed requests showed on some of the operations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WirePart {
    /// What they were judged by; empty where none were to be sent.
    pub profile: String,
    /// Malformed requests sent.
    pub requests: u64,
    /// Well-formed calls made around them.
    pub calls: u64,
    /// Random compositions among them.
    pub compositions: u64,
    /// How many requests of each class were sent.
    pub sent: BTreeMap<String, u64>,
    /// Every class of the catalogue that was not sent, with the reason.
    pub not_sent: BTreeMap<String, String>,
    /// What is wrong.
    pub findings: Vec<WireFindingRecord>,
    /// What was seen wrong, and not again.
    pub unconfirmed: Vec<String>,
}

/// Something wrong, where it was seen first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireFindingRecord {
    /// The round, the operation and the request of it that showed it first, by number.
    pub place: (u64, u64, u64),
    /// Which classes show it, on which operations.
    pub seen: BTreeMap<String, BTreeSet<String>>,
    /// The finding.
    pub finding: Box<DivergenceRecord>,
}

/// Puts together what was sent on different operations.
pub(super) fn fold<'p>(parts: impl Iterator<Item = &'p WirePart> + Clone) -> (WireRecord, Vec<DivergenceRecord>) {
    let mut sent: BTreeSet<&str> = BTreeSet::new();
    let mut not_sent: BTreeMap<&str, &str> = BTreeMap::new();
    let mut first: BTreeMap<&str, WireFindingRecord> = BTreeMap::new();
    let mut record = WireRecord::default();
    for part in parts {
        record.profile.clone_from(&part.profile);
        record.requests = record.requests.saturating_add(part.requests);
        record.calls = record.calls.saturating_add(part.calls);
        record.compositions = record.compositions.saturating_add(part.compositions);
        sent.extend(part.sent.keys().map(String::as_str));
        not_sent.extend(part.not_sent.iter().map(|(class, why)| (class.as_str(), why.as_str())));
        for found in &part.findings {
            let known = first.entry(&found.finding.fingerprint).or_insert_with(|| found.clone());
            if found.place < known.place {
                (known.place, known.finding) = (found.place, found.finding.clone());
            }
            for (class, operations) in &found.seen {
                known.seen.entry(class.clone()).or_default().extend(operations.iter().cloned());
            }
        }
    }
    for (class, why) in not_sent {
        if !sent.contains(class) {
            record.not_sent.entry(why.to_owned()).or_default().push(class.to_owned());
        }
    }
    record.classes = sent.len() as u64;
    record.catalogue = record.classes + record.not_sent.values().map(Vec::len).sum::<usize>() as u64;
    let mut findings: Vec<WireFindingRecord> = first.into_values().collect();
    findings.sort_by_key(|found| found.place);
    (record, findings.into_iter().map(told).collect())
}

/// A finding that says where else it shows.
fn told(found: WireFindingRecord) -> DivergenceRecord {
    let WireFindingRecord { seen, mut finding, .. } = found;
    let operations: BTreeSet<&String> = seen.values().flatten().collect();
    let more = |count: usize, one: &str, many: &str| match count.saturating_sub(1) {
        0 => None,
        1 => Some(format!("1 more {one}")),
        others => Some(format!("{others} more {many}")),
    };
    let more: Vec<String> = more(seen.len(), "class", "classes")
        .into_iter()
        .chain(more(operations.len(), "operation", "operations"))
        .collect();
    if !more.is_empty() {
        finding.summary = format!("{} (and {})", finding.summary, more.join(", "));
    }
    let seen: serde_json::Map<String, Value> = seen
        .into_iter()
        .map(|(class, operations)| (class, operations.into_iter().map(Value::from).collect()))
        .collect();
    finding.observed = serde_json::json!({ "answer": finding.observed, "seen": seen });
    *finding
}
