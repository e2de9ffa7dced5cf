//! Malformed requests go where they are judged by what is wrong with them.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::malformed::{record, settings};
use passmuster::domain::Operation;
use passmuster::engine::{Filter, RunSelection};
use passmuster::server::WireFault;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_administrator_may_do_is_tried_in_an_organization() {
    let fault = WireFault::from_name("wire-text-as-boolean").unwrap();
    let only = vec![Filter::Rule("D76".to_owned()), Filter::Operation(Operation::UpdateOrganizationConfiguration)];
    let run = record(&[fault], true, RunSelection { only, skip: Vec::new() }, settings()).await;
    // Who administers nothing would be refused whatever else is wrong.
    let found: Vec<&str> = run.divergences.iter().map(|found| found.fingerprint.as_str()).collect();
    assert_eq!(found, ["wire D80 accepted"], "{:#?}", run.divergences);
}
