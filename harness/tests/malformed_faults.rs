//! What malformed requests find is told early, made small, and told once.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::sync::{Arc, Mutex};

use crate::support::malformed::{gravest, record, selection, settings, supply};
use passmuster::domain::Operation::CreateMembers;
use passmuster::engine::{Filter, Interrupt, Run, RunSelection, RunSettings};
use passmuster::event::Event;
use passmuster::record::DivergenceRecord;
use passmuster::server::WireFault;

/// The request that a finding shows.
fn shown(found: &DivergenceRecord) -> String {
    found.scenario.steps[0].request["bytes"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_is_told_before_much_more_is_sent() {
    let fault = WireFault::from_name("wire-broken-json-500").unwrap();
    let only = vec![Filter::Rule("D60".to_owned()), Filter::Operation(CreateMembers)];
    let settings = RunSettings { selection: RunSelection { only, skip: Vec::new() }, ..settings() };
    let told: Arc<Mutex<(usize, Option<usize>)>> = Arc::default();
    let heard = told.clone();
    let supply = Arc::new(supply(settings.profile, &[fault]));
    Run::start(supply, settings, &Interrupt::default(), move |event| {
        let mut told = heard.lock().unwrap();
        match event {
            Event::Progress { scenarios, .. } => told.0 = scenarios as usize,
            Event::Found { .. } => told.1 = told.1.or(Some(told.0)),
            _ => {}
        }
    })
    .await
    .unwrap();
    let (sent, first) = *told.lock().unwrap();
    assert!(first.unwrap() <= 24 && sent > 60, "told after {first:?} of {sent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_made_small_and_is_still_what_its_class_says() {
    let faults = ["wire-long-text-500", "wire-required-missing", "wire-broken-json-500"];
    let faults = faults.map(|name| WireFault::from_name(name).unwrap());
    let run = record(&faults, true, selection(("M282", CreateMembers)), settings()).await;
    let long = gravest(&run).unwrap();
    assert!(shown(long).contains(&"1".repeat(256)) && shown(long).len() < 1_500, "{}", shown(long));
    let run = record(&faults, true, selection(("M151", CreateMembers)), settings()).await;
    let comment = gravest(&run).unwrap();
    assert!(["/*", "//", "#"].iter().any(|mark| shown(comment).contains(mark)), "{}", shown(comment));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_fault_shows_by_itself_no_composition_tells_again() {
    let faults = ["wire-number-as-text", "wire-broken-json-500"].map(|name| WireFault::from_name(name).unwrap());
    let only = vec![Filter::Operation(CreateMembers)];
    let run = record(&faults, true, RunSelection { only, skip: Vec::new() }, settings()).await;
    let composed = |found: &&DivergenceRecord| found.rules.iter().filter(|rule| rule.starts_with('M')).count() > 1;
    let told: Vec<&String> = run.divergences.iter().filter(composed).map(|found| &found.summary).collect();
    assert!(run.wire.compositions > 0 && !run.divergences.is_empty());
    assert!(told.is_empty(), "{told:#?}");
}
