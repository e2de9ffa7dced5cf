//! Malformed requests against the reference server: nothing is found where nothing is wrong.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::malformed::{record, recorded, settings, supply};
use passmuster::domain::{Operation, Profile};
use passmuster::engine::{Filter, RunSelection, RunSettings};
use passmuster::malformed::{Operator, classes};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_administrator_may_do_is_tried_in_an_organization() {
    let fault = WireFault::from_name("wire-text-as-boolean").unwrap();
    let only = vec![Filter::Rule("D76".to_owned()), Filter::Operation(Operation::UpdateOrganizationConfiguration)];
    let run = record(&[fault], true, RunSelection { only, skip: Vec::new() }, settings()).await;
    // Who administers nothing would be refused whatever else is wrong.
    let found: Vec<&str> = run.divergences.iter().map(|found| found.fingerprint.as_str()).collect();
    assert_eq!(found, ["wire D80 accepted"], "{:#?}", run.divergences);
}
