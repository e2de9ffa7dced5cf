//! A run ends with the causes of what it has found: one for each fault, named by it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use crate::SWEEPS;
use crate::breadth::sample;
use passmuster::domain::Severity;
use passmuster::engine::{
    Diagnosis, EmbeddedSupply, Fate, Interrupt, Run, RunSettings, diagnose, diagnose_within, what_if,
};
use passmuster::record::{CauseRecord, RunRecord};
use passmuster::report::terminal::{TerminalStyle, summary};
use passmuster::report::{format, issue};
use passmuster::server::{Fault, ServerSettings};

/// A run of the default phases against a server with these faults, with its causes.
async fn diagnosed(faults: &[Fault]) -> RunRecord {
    let mut record = recorded(faults).await;
    diagnose(&mut record);
    record
}

/// The same without causes.
async fn recorded(faults: &[Fault]) -> RunRecord {
    let settings = RunSettings {
        seed: 3,
        max_calls: 10_000,
        max_time: Duration::from_secs(600),
        workers: 2,
        ..RunSettings::default()
    };
    let supply = EmbeddedSupply(ServerSettings { faults: faults.to_vec(), ..ServerSettings::default() });
    let run = Run::start(Arc::new(supply), settings.clone(), &Interrupt::default(), |_| {}).await.unwrap();
    run.record(&settings, &crate::sample::description())
}

fn fault(name: &str) -> Fault {
    Fault::from_name(name).unwrap()
}

/// Whether anything was found that a cause is sought of.
fn found_something(record: &RunRecord) -> bool {
    record.divergences.iter().any(|found| found.severity > Severity::Note)
}

/// Whether the cause names the fault: itself, or its rule.
fn names(cause: &CauseRecord, fault: Fault) -> bool {
    let own = format!("fault {fault}");
    cause.change.parts.contains(&own) || cause.rules.iter().any(|rule| rule == fault.rule().0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_faults_out_of_ten_end_with_one_cause_that_names_them() {
    let (mut right, mut of, mut wrong) = (0, 0, Vec::new());
    for fault in sample(Fault::all().iter().copied(), 6) {
        let record = diagnosed(&[fault]).await;
        if !found_something(&record) {
            continue;
        }
        of += 1;
        match record.causes.as_slice() {
            [only] if names(only, fault) => right += 1,
            causes => wrong.push(format!("{fault}: {causes:?}")),
        }
    }
    assert!(of > if SWEEPS { 150 } else { 3 }, "{of} found");
    assert!(right * 10 >= of * 9, "{right} of {of}\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_faults_end_with_two_causes_that_name_what_shows_of_them() {
    // Each with one some way down the catalogue.
    let all = Fault::all();
    let pairs = (0..100).map(|number| [all[number * 7 % all.len()], all[(number * 31 + 50) % all.len()]]);
    let (mut right, mut of, mut wrong) = (0, 0, Vec::new());
    for pair in sample(pairs, 3) {
        let record = diagnosed(&pair).await;
        if !found_something(&record) {
            continue;
        }
        of += 1;
        // One may hide the other.
        let shows = |fault: &&Fault| {
            record.divergences.iter().any(|found| found.rules.first().is_some_and(|rule| rule == fault.rule().0))
        };
        let named = |fault: &Fault| record.causes.iter().any(|cause| names(cause, *fault));
        if record.causes.len() <= 2 && pair.iter().filter(shows).all(named) {
            right += 1;
        } else {
            wrong.push(format!("{pair:?}: {:?}", record.causes));
        }
    }
    assert!(of > 0 && right * 10 >= of * 9, "{right} of {of}\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_do_not_check_the_hub_are_one_cause() {
    let names = ["create-hub-off", "list-hub-off", "invite-hub-off", "delete-hub-off", "get-hub-off"];
    let record = diagnosed(&names.map(fault)).await;
    let [only] = record.causes.as_slice() else { panic!("{:?}", record.causes) };
    assert!(only.title.ends_with("do not check that the hub is on"), "{only:?}");
    assert!(only.verified && only.findings.len() >= names.len(), "{only:?}");
    assert!(names.iter().all(|name| only.rules.contains(&fault(name).rule().0.to_owned())), "{only:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_mended_takes_its_own_findings_away() {
    let record = diagnosed(&[fault("create-again"), fault("enable-twice")]).await;
    let of = |name: &str| record.causes.iter().find(|cause| names(cause, fault(name))).unwrap();
    let (mended, kept) = (of("create-again"), of("enable-twice"));
    let fates = what_if(&record, &[&mended.id]);
    let is = |cause: &CauseRecord, fate: Fate| cause.findings.iter().all(|id| fates.contains(&(id.clone(), fate)));
    assert!(is(mended, Fate::Gone) && is(kept, Fate::Stays), "{fates:?}\n{:?}", record.causes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn causes_that_there_is_no_time_to_seek_are_left_out_and_a_remark_says_so() {
    let mut record = recorded(&[fault("create-again")]).await;
    assert!(found_something(&record));
    diagnose_within(&mut record, Duration::ZERO);
    assert_eq!(record.causes, []);
    assert!(record.remarks.iter().any(|remark| remark.contains("before all causes were found")), "{record:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_run_has_the_same_causes_and_each_says_how_to_see_it() {
    let record = diagnosed(&[fault("create-hub-off"), fault("get-epochs"), fault("disable-with-members")]).await;
    let mut json = Vec::new();
    format("json").unwrap().write(&record, &mut json).unwrap();
    let mut saved: RunRecord = serde_json::from_slice(&json).unwrap();
    assert_eq!(saved, record);
    saved.causes.clear();
    assert_eq!(Diagnosis::of(&saved).causes, record.causes);
    assert!(!record.causes.is_empty());
    for cause in &record.causes {
        let text = issue(&record, &cause.id).unwrap();
        assert!(text.contains(&cause.title) && text.contains("import boto3") && text.contains("curl "), "{text}");
        assert!(text.contains("https://"), "no source is cited:\n{text}");
    }
    assert_eq!(issue(&record, "C-00000000"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_screen_tells_the_causes_in_thirty_lines() {
    let names = ["create-hub-off", "enable-twice", "get-epochs", "accept-any-id", "leave-twice", "delete-enabled"];
    let record = diagnosed(&names.map(fault)).await;
    let mut text = Vec::new();
    summary(&record, TerminalStyle::PLAIN, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.lines().count() <= 30, "{text}");
    assert!(text.contains("mend this first: C-"), "{text}");
    assert!(record.causes.iter().all(|cause| text.contains(&cause.id)), "{text}");
}
