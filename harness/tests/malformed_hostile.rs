//! Whatever a target does to malformed requests, the run ends within its time and takes little.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::malformed::{recorded, settings};
use crate::support::{BUFFERED, Hostility, Turncoat, When};
use passmuster::domain::Operation;
use passmuster::engine::{Filter, HttpSupply, RunSettings, Selection};
use passmuster::record::RunRecord;
use passmuster::targets::guard::Guard;
use passmuster::targets::{HttpTransport, Target};
use tokio::time::timeout;

/// The probe takes fewer calls than these.
const AFTER_PROBE: u64 = 50;
const TIME: Duration = Duration::from_secs(6);
/// The time beyond the limit: a request under way may still end as any request does, and the machine may be busy.
const GRACE: Duration = Duration::from_secs(20);

/// A run against a server that turns hostile after the probe.
async fn meet(hostility: Hostility) -> RunRecord {
    meet_after(AFTER_PROBE, Selection::default(), hostility).await
}

async fn meet_after(calls: u64, selection: Selection, hostility: Hostility) -> RunRecord {
    let server = Turncoat::start(When::Call(calls), hostility).await;
    let target = Target { endpoint: Some(server.endpoint.clone()), ..Target::default() };
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    let began = Instant::now();
    let run =
        recorded(HttpSupply { transport, reset: None }, RunSettings { max_time: TIME, selection, ..settings() });
    let record = timeout(Duration::from_secs(60), run).await.expect("the run hangs");
    assert!(began.elapsed() < TIME + GRACE, "{:?}", began.elapsed());
    assert!(server.calls() > calls, "{:?}", record.totals);
    let taken = server.most_taken().await;
    assert!(taken < BUFFERED, "{taken} bytes were taken");
    record
}

/// Nothing could be told, or something is wrong; it is never clean.
fn is_not_clean(record: &RunRecord) {
    let found: Vec<&str> = record.divergences.iter().map(|found| found.fingerprint.as_str()).collect();
    assert!(matches!(record.exit_code, 1 | 3), "{}: {:?} {found:?}", record.exit_code, record.stopped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_never_answers_is_left() {
    is_not_clean(&meet(Hostility::Hang).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_closes_at_once_is_left() {
    is_not_clean(&meet(Hostility::Close(Arc::from(&b""[..]))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_answers_no_http_is_left() {
    is_not_clean(&meet(Hostility::Close(Arc::from(&b"\x16\x03\x01 what?\r\n\r\n"[..]))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_an_end_is_not_read_for_ever() {
    is_not_clean(&meet(Hostility::Endless(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_an_end_is_not_read_for_ever() {
    is_not_clean(&meet(Hostility::Endless(b"HTTP/1.1 200 OK\r\n\r\n", b"{}      ")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_accepts_everything_is_found() {
    let broken = vec![Filter::Rule("D60".to_owned()), Filter::Operation(Operation::CreateMembers)];
    let selection = Selection { only: broken, skip: Vec::new() };
    let record =
        meet_after(0, selection, Hostility::Answer(200, "content-type: application/json", |_| "{}".to_owned()))
            .await;
    assert_eq!(record.exit_code, 1, "{:?}", record.stopped);
    let accepted = |found: &&passmuster::record::DivergenceRecord| found.fingerprint == "wire D60 accepted";
    assert!(record.divergences.iter().any(|found| accepted(&found)), "{:?}", record.wire);
}
