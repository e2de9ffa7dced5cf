//! Malformed requests against the reference server: nothing is found where nothing is wrong, and what is found depends
//! neither on workers nor on shards.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;

use crate::support::malformed::{record, recorded, settings, supply};
use passmuster::domain::{Operation, Profile, Severity};
use passmuster::engine::{Filter, RunSelection, RunSettings, Shard};
use passmuster::malformed::{Operator, classes};
use passmuster::record::{RunRecord, WireRecord, merge};
use passmuster::server::WireFault;

/// The untouched server draws nothing, and every class that can be sent by itself is.
async fn is_silent(profile: Profile) {
    let settings = RunSettings { profile, ..settings() };
    let run = recorded(supply(profile, &[]), settings).await;
    assert!(run.divergences.is_empty(), "{profile:?}: {:#?}", run.divergences);
    assert!(run.remarks.is_empty() && run.stopped.is_none(), "{profile:?}: {:?} {:?}", run.remarks, run.stopped);
    let left_out: Vec<&String> = run.wire.not_sent.values().flatten().collect();
    for class in classes().filter(|class| matches!(class.operator, Operator::Spoils(_))) {
        assert!(!left_out.contains(&&class.id.to_string()), "{profile:?}: {:?}", run.wire.not_sent);
    }
    assert_eq!(run.wire.operations.len(), 30);
    assert!(run.wire.compositions > 500 && run.totals.wire_requests > 5_000, "{:?}", run.wire);
    assert!(run.goals.is_empty(), "{:?}", run.goals);
    assert_eq!(run.exit_code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_server_draws_nothing_by_either_truth() {
    is_silent(Profile::Union).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_generated_server_draws_nothing() {
    is_silent(Profile::Smithy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_server_that_answers_as_the_service_draws_nothing() {
    is_silent(Profile::Aws).await;
}

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
    // Vast bodies are a matter of time by nature, and a busy machine may take too much of it.
    let vast = ["M187", "M188"].map(|class| Filter::Rule(class.to_owned()));
    RunSelection { only: operations.map(Filter::Operation).to_vec(), skip: vast.to_vec() }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_administrator_may_do_is_tried_in_an_organization() {
    let fault = WireFault::from_name("wire-text-as-boolean").unwrap();
    let only = vec![Filter::Rule("D76".to_owned()), Filter::Operation(Operation::UpdateOrganizationConfiguration)];
    let run = record(&[fault], true, RunSelection { only, skip: Vec::new() }, settings()).await;
    // Who administers nothing would be refused whatever else is wrong.
    let found: Vec<&str> = run.divergences.iter().map(|found| found.fingerprint.as_str()).collect();
    assert_eq!(found, ["wire D80 accepted"], "{:#?}", run.divergences);
}
