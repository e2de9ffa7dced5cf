//! A recorded run is judged as it was judged while it went on.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::breadth::sample;
use crate::support::{Ended, Folder, RANDOM, passmuster};
use passmuster::check::check;
use passmuster::domain::DivergenceKind;
use passmuster::engine::{EmbeddedSupply, Interrupt, Phase, Run, RunSettings};
use passmuster::event::Event;
use passmuster::model::{Answers, questions};
use passmuster::oracle::Strictness;
use passmuster::server::{Fault, ServerSettings};
use passmuster::trace::{Conversation, parse, write};
use serde_json::Value;

/// A run of these phases, and its record as it is read again.
async fn recorded(phases: Vec<Phase>, faults: Vec<Fault>, max_calls: u64) -> (Run, Vec<Conversation>) {
    let server = ServerSettings { faults, ..ServerSettings::default() };
    recorded_by(server, RunSettings { phases, max_calls, ..RunSettings::default() }).await
}

/// A run against such a server, and its record as it is read again.
async fn recorded_by(server: ServerSettings, settings: RunSettings) -> (Run, Vec<Conversation>) {
    let supply = Arc::new(EmbeddedSupply(server));
    let settings = RunSettings {
        max_time: Duration::from_secs(600),
        workers: 2,
        record: true,
        // What was seen once is enough: nothing that is tried again is recorded.
        confirmations: 0,
        shrink_attempts: 0,
        ..settings
    };
    let mut text = Vec::new();
    let tell = |event: Event| {
        if let Event::Recorded(conversation) = event {
            write(&conversation, &mut text).unwrap();
        }
    };
    let run = Run::start(supply, settings, &Interrupt::default(), tell).await.unwrap();
    let conversations = parse(&text).unwrap_or_else(|error| panic!("{error}"));
    (run, conversations)
}

/// The phases that take no knowledge of abstract states: the probe, the laws and random scenarios.
fn random() -> Vec<Phase> {
    vec![Phase::Probe, Phase::Laws, Phase::Random]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_of_a_conforming_server_is_admissible() {
    // What sets an organization up isn't judged; edges and the walk take more of it.
    for (phases, least) in [(random(), 4_500), (RunSettings::default().phases, 3_800)] {
        let (run, conversations) = recorded(phases, Vec::new(), 5_000).await;
        let mut judged = 0;
        for conversation in &conversations {
            let checked = check(conversation, Strictness::default(), &Answers::default());
            assert!(checked.found.is_empty(), "{}: {:#?}", conversation.header.title, checked.found);
            assert!(checked.inconclusive.is_empty(), "{}: {:?}", conversation.header.title, checked.inconclusive);
            judged += checked.judged;
        }
        assert!(judged >= least && judged + 30 >= run.tally.judged, "{judged} of {}", run.tally.judged);
    }
}

/// The last admissible answer to each question: the server gives the first one where nothing is chosen.
fn other_answers() -> Answers {
    let mut others = Answers::default();
    for (question, answers) in questions::ALL {
        others.choose(question.0, answers.last().unwrap()).unwrap();
    }
    others
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_counts_exactly_as_its_run_did_where_answers_are_other_than_expected_or_wrong() {
    for faults in [Vec::new(), Fault::all().iter().step_by(40).copied().collect()] {
        let expected = Arc::new(other_answers());
        let server = ServerSettings { faults, ..ServerSettings::default() };
        let settings = RunSettings {
            phases: random(),
            max_calls: 2_000,
            answers: expected.clone(),
            ..RunSettings::default()
        };
        let (run, conversations) = recorded_by(server, settings).await;
        let (mut judged, mut rules, mut others) = (0, BTreeMap::new(), 0);
        for conversation in &conversations {
            let checked = check(conversation, Strictness::default(), &expected);
            judged += checked.judged;
            others += checked.found.iter().filter(|(_, found)| found.kind == DivergenceKind::OtherAnswer).count();
            for (rule, times) in checked.rules {
                *rules.entry(rule).or_default() += times;
            }
        }
        assert!(others > 20, "only {others} answers were other than expected");
        assert_eq!(rules, run.tally.rules);
        assert_eq!(judged, run.tally.judged);
    }
}

/// The fingerprints that a run saw, and those it concluded by trying again without some circumstance, which the
/// recorded calls don't show.
fn fingerprints(run: &Run) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut seen, mut concluded) = (BTreeSet::new(), BTreeSet::new());
    for finding in &run.findings {
        let own = finding.divergence.fingerprint().0;
        if finding.also.is_empty() { &mut seen } else { &mut concluded }.insert(own);
        // Where it was concluded, the findings told with it were concluded likewise.
        let rule = finding.divergence.rules.first().map(ToString::to_string).unwrap_or_default();
        for also in &finding.also {
            let is_concluded = also.0.split(' ').nth(1) == Some(&rule);
            if is_concluded { &mut concluded } else { &mut seen }.insert(also.0.clone());
        }
    }
    seen.extend(run.unconfirmed.iter().map(|(fingerprint, _)| fingerprint.0.clone()));
    (seen, concluded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_run_finds_is_found_in_its_record_and_nothing_else() {
    let (mut wrong, mut silent) = (Vec::new(), 0);
    let faults = sample(Fault::all(), 12);
    for fault in &faults {
        let (run, conversations) = recorded(random(), vec![**fault], 6_000).await;
        let (seen, concluded) = fingerprints(&run);
        let again: BTreeSet<String> = conversations
            .iter()
            .flat_map(|conversation| check(conversation, Strictness::default(), &Answers::default()).found)
            .map(|(_, divergence)| divergence.fingerprint().0)
            .collect();
        silent += usize::from(seen.is_empty());
        let lost: Vec<_> = seen.difference(&again).collect();
        let more: Vec<_> = again.difference(&seen).filter(|more| !concluded.contains(*more)).collect();
        if !lost.is_empty() || !more.is_empty() {
            wrong.push(format!("{fault}: lost {lost:?}, more {more:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What takes an organization to show comes later.
    assert!(silent * 2 < faults.len(), "{silent} faults show nothing in so few calls");
}

fn checked(folder: &Folder, trace: &str) -> (Ended, Value) {
    let ended = passmuster(folder.path(), &["check", trace, "--format", "json"]);
    let report = serde_json::from_str(&ended.stdout).unwrap();
    (ended, report)
}

#[test]
fn a_run_records_itself_and_its_record_passes() {
    let folder = Folder::new("recorded-clean");
    let arguments = ["run", RANDOM, "--max-calls", "2000", "--record", "run.ndjson", "--no-snapshots"];
    let ended = passmuster(folder.path(), &arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let (ended, report) = checked(&folder, "run.ndjson");
    assert_eq!(ended.code, Some(0), "{report:#}");
    assert!(report["judged"].as_u64().unwrap() >= 1700, "{}", report["judged"]);
    let titled = |title: &str| {
        report["conversations"].as_array().unwrap().iter().any(|conversation| conversation["title"] == title)
    };
    assert!(titled("embedded, seed 1, scenario 0"));
    assert!(titled("embedded, laws/CreateMembers/permute/plain, left side"));
    assert!(titled("embedded, laws/CreateMembers/permute/plain, right side"));
}

#[test]
fn a_run_records_a_fault_and_its_record_fails_by_the_same_rule() {
    let folder = Folder::new("recorded-fault");
    let arguments = ["run", RANDOM, "--max-calls", "1000", "--fault", "create-again", "--no-snapshots"];
    let ended = passmuster(folder.path(), &[&arguments[..], &["--record", "run.ndjson"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let (ended, report) = checked(&folder, "run.ndjson");
    assert_eq!(ended.code, Some(1), "{report:#}");
    let mut all = report["conversations"].as_array().unwrap().iter();
    let found = all.find_map(|conversation| conversation["divergences"].as_array().unwrap().first()).unwrap();
    assert_eq!(found["rules"][0], "SH-CREATE-007");
    let ended = passmuster(folder.path(), &["check", "run.ndjson", "--quiet"]);
    assert!(ended.stdout.contains("already a member"), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("run.ndjson:{}", found["line"])), "{}", ended.stdout);
}

#[test]
fn a_record_that_can_not_be_written_is_said_before_the_run() {
    let folder = Folder::new("recorded-nowhere");
    let ended = passmuster(folder.path(), &["run", "--record", "nowhere/run.ndjson", "--no-snapshots"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("failed to write the trace nowhere/run.ndjson"), "{}", ended.stderr);
}
