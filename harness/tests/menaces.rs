//! Whatever a target does, a run ends by its budget, passes only what it has judged, and keeps little of what it was sent.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use crate::breadth::sample;
use crate::sample::description;
use crate::support::{Hostility, Turncoat, When, menace};
use passmuster::baseline::exit_code;
use passmuster::domain::shape::Method;
use passmuster::engine::{HttpSupply, Interrupt, Phase, Run, RunSettings, diagnose_within};
use passmuster::report::format;
use passmuster::report::terminal::{TerminalStyle, summary};
use passmuster::targets::guard::Guard;
use passmuster::targets::{HttpTransport, Limits, Target};
use tokio::time::timeout;

/// Only a hang takes longer.
const PATIENT: Duration = Duration::from_secs(600);
/// The most that a report may have, in bytes.
const LARGEST_REPORT: usize = 20 << 20;

fn settings(phases: &[Phase]) -> RunSettings {
    RunSettings {
        seed: 5,
        phases: phases.to_vec(),
        max_calls: 60,
        max_time: PATIENT,
        confirmations: 1,
        shrink_attempts: 4,
        max_pages: 30,
        malformed: Some(40),
        ..RunSettings::default()
    }
}

/// A run against a server that is hostile from then on.
async fn meet(name: &str, hostility: Hostility, when: When, phases: &[Phase]) {
    let server = Turncoat::start(when, hostility.clone()).await;
    let waits =
        matches!(hostility, Hostility::Hang | Hostility::Stall(_) | Hostility::Drip(..) | Hostility::Endless(..));
    // What can only be ended by the clock is not waited for.
    let request_timeout = if waits { Duration::from_millis(250) } else { PATIENT };
    let limits = Limits { request_timeout, ..Limits::default() };
    let target = Target { endpoint: Some(server.endpoint.clone()), limits, ..Target::default() };
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    let supply = Arc::new(HttpSupply { transport, reset: None });
    let settings = settings(phases);
    let interrupt = Interrupt::default();
    let run = Run::start(supply, settings.clone(), &interrupt, |_| {});
    // A run that can't begin has no verdict, either.
    let Ok(run) = timeout(PATIENT, run).await.expect("the run hangs") else { return };
    let mut record = run.record(&settings, &description());
    diagnose_within(&mut record, Duration::from_millis(200));
    record.exit_code = exit_code(&record, false);
    assert!(record.exit_code != 0 || record.totals.judged > 0, "{name}: {record:?}");
    for report in ["json", "html", "markdown", "junit"] {
        let mut text = Vec::new();
        format(report).expect("it is a format").write(&record, &mut text).unwrap();
        assert!(text.len() < LARGEST_REPORT, "{name}: {report} has {} bytes", text.len());
    }
    let mut text = Vec::new();
    summary(&record, TerminalStyle { verbose: true, ..TerminalStyle::default() }, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let raw = text.chars().find(|character| character.is_control() && *character != '\n');
    assert_eq!(raw, None, "{name}");
    assert!(text.len() < LARGEST_REPORT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_target_does_from_the_start_on_the_run_ends_by_its_budget() {
    assert!(menace::all().len() >= 40);
    for (name, hostility) in sample(menace::all(), 15) {
        meet(name, hostility, When::Call(0), &[Phase::Probe, Phase::Boundary]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_target_does_once_it_was_probed_the_run_ends_by_its_budget() {
    for (name, hostility) in menace::all() {
        let when = When::Operation(Method::Post, "/members", 45);
        meet(name, hostility, when, &[Phase::Probe, Phase::Boundary]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_target_does_to_malformed_requests_the_run_ends_by_its_budget() {
    for (name, hostility) in sample(menace::all(), 4) {
        meet(name, hostility, When::Call(45), &[Phase::Probe, Phase::Malformed]).await;
    }
}
