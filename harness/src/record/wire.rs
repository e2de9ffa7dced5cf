//! The results of malformed requests.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{DivergenceRecord, UnstableRecord};

/// The malformed requests that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRecord {
    /// The profile that they were judged by: `smithy`, `aws` or `union`.
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
    /// The operations that they were sent on.
    pub operations: BTreeSet<String>,
}

/// The results of malformed requests on some of the operations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WirePart {
    /// The profile that they were judged by; empty where none were to be sent.
    pub profile: String,
    /// Malformed requests sent.
    pub requests: u64,
    /// Well-formed calls made around them.
    pub calls: u64,
    /// Random compositions among them.
    pub compositions: u64,
    /// The number of requests of each class that were sent.
    pub sent: BTreeMap<String, u64>,
    /// The operations that they were sent on.
    pub operations: BTreeSet<String>,
    /// Every class of the catalogue that was not sent, with the reason.
    pub not_sent: BTreeMap<String, String>,
    /// The finding.
    pub findings: Vec<WireFindingRecord>,
    /// What was seen and could not be confirmed.
    #[serde(default)]
    pub unstable: Vec<UnstableRecord>,
}

/// Something wrong, where it was seen first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireFindingRecord {
    /// The round, the operation and the request of it that showed it first, by number.
    pub place: (u64, u64, u64),
    /// Which classes show it, on which operations.
    pub seen: BTreeMap<String, BTreeSet<String>>,
    /// Whether only random compositions showed it: each run draws its own.
    #[serde(default)]
    pub composed: bool,
    /// The fingerprints that it would have if another of the faults of its request were to blame.
    pub may_be: BTreeSet<String>,
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
        record.operations.extend(part.operations.iter().cloned());
        not_sent.extend(part.not_sent.iter().map(|(class, why)| (class.as_str(), why.as_str())));
        for found in &part.findings {
            let known = first.entry(&found.finding.fingerprint).or_insert_with(|| found.clone());
            if found.place < known.place {
                (known.place, known.finding) = (found.place, found.finding.clone());
            }
            // Whatever shows it by itself tells more than what may show something else.
            known.may_be.retain(|other| found.may_be.contains(other));
            known.see(found);
        }
    }
    for (class, why) in not_sent {
        if !sent.contains(class) {
            record.not_sent.entry(why.to_owned()).or_default().push(class.to_owned());
        }
    }
    record.classes = sent.len() as u64;
    record.catalogue = record.classes + record.not_sent.values().map(Vec::len).sum::<usize>() as u64;
    (record, told(first.into_values().collect()))
}

impl WireFindingRecord {
    /// Takes in where another shows the same. What random compositions show adds nothing to what the catalogue does:
    /// the next run would draw others.
    fn see(&mut self, other: &Self) {
        match (self.composed, other.composed) {
            (false, true) => return,
            (true, false) => self.seen.clear(),
            _ => {}
        }
        self.composed &= other.composed;
        for (class, operations) in &other.seen {
            self.seen.entry(class.clone()).or_default().extend(operations.iter().cloned());
        }
    }

    /// Whether both may have one cause.
    fn may_be_same(&self, other: &Self) -> bool {
        self.may_be.contains(&other.finding.fingerprint) || other.may_be.contains(&self.finding.fingerprint)
    }
}

/// The findings in the order in which they were seen. One whose request has several faults is told with the finding
/// that one of them brings by itself.
fn told(mut findings: Vec<WireFindingRecord>) -> Vec<DivergenceRecord> {
    findings.sort_by_key(|found| (found.may_be.len(), found.place));
    let mut causes: Vec<WireFindingRecord> = Vec::new();
    for found in findings {
        match causes.iter_mut().find(|cause| cause.may_be_same(&found)) {
            Some(cause) => {
                cause.see(&found);
                if !found.composed {
                    cause.finding.also.push(found.finding.fingerprint);
                }
            }
            None => causes.push(found),
        }
    }
    causes.sort_by_key(|cause| cause.place);
    let finding = |cause: WireFindingRecord| DivergenceRecord { seen: cause.seen, ..*cause.finding };
    causes.into_iter().map(finding).collect()
}
