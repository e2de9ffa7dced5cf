//! What is found by malformed requests depends neither on workers nor on shards.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;

use crate::support::malformed::{record, settings};
use passmuster::domain::{Operation, Severity};
use passmuster::engine::{Filter, RunSelection, RunSettings, Shard};
use passmuster::record::{RunRecord, WireRecord, merge};
use passmuster::server::WireFault;

/// The divergences of a record: the id, the summary, the sightings with the request that shows them, and the number of
/// requests that show them, too.
fn told(record: &RunRecord) -> Vec<(String, String, String, usize)> {
    let line = |found: &passmuster::record::DivergenceRecord| {
        (
            found.id.clone(),
            found.summary.clone(),
            format!("{:?} {}", found.seen, found.scenario.steps[0].request),
            found.also.len(),
        )
    };
    record.divergences.iter().map(line).collect()
}

/// A few operations of different kinds, so that three shards have work.
fn some_operations() -> RunSelection {
    use Operation::{CreateMembers, ListMembers, UpdateSecurityHubConfiguration};
    let operations = [CreateMembers, ListMembers, UpdateSecurityHubConfiguration];
    RunSelection { only: operations.map(Filter::Operation).to_vec(), skip: Vec::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_depends_neither_on_workers_nor_on_shards() {
    let names = ["wire-broken-json-500", "wire-number-as-text", "wire-text-as-flag"];
    let faults = names.map(|name| WireFault::from_name(name).unwrap());
    let run = async |workers, shard| {
        record(&faults, true, some_operations(), RunSettings { workers, shard, ..settings() }).await
    };
    let whole = run(1, Shard::WHOLE).await;
    assert_eq!(whole.exit_code, 1);
    let blamed: BTreeMap<&str, Severity> =
        whole.divergences.iter().map(|found| (found.fingerprint.as_str(), found.severity)).collect();
    for cause in ["wire D60 I03 crash", "wire D75 accepted", "wire D91 accepted"] {
        assert_eq!(blamed.get(cause), Some(&Severity::Divergence), "{blamed:?}");
    }
    assert_eq!(told(&run(4, Shard::WHOLE).await), told(&whole));
    let mut reports = Vec::new();
    for index in 1..=3 {
        reports.push((format!("{index}.json"), run(2, Shard { index, of: 3 }).await));
    }
    let merged = merge(reports).unwrap();
    assert_eq!(told(&merged), told(&whole));
    // Each shard finds out by itself whether signatures are verified, which takes some calls.
    assert!(merged.wire.calls > whole.wire.calls);
    assert_eq!(WireRecord { calls: 0, ..merged.wire }, WireRecord { calls: 0, ..whole.wire });
}
