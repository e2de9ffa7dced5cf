//! The shards of a run split it without overlap or gap, and put together they tell what the whole run tells.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use crate::SWEEPS;
use crate::breadth::sample;
use crate::sample::description;
use crate::support::{Folder, RANDOM, passmuster};
use passmuster::baseline::exit_code;
use passmuster::engine::{EmbeddedSupply, Interrupt, Phase, Run, RunSettings, Shard};
use passmuster::event::Event;
use passmuster::record::{OperationSupport, RunRecord, ShardRecord, Stopped, merge};
use passmuster::server::{Fault, ServerSettings};
use serde_json::Value;

/// Faults of several kinds, leaks between Regions among them, which show in many operations and are told as one.
const FLAWS: [&[&str]; 5] = [
    &[],
    &["create-again"],
    &["decline-silently", "get-no-master"],
    &["one-region"],
    &["members-leak", "create-hub-off", "administrator-leaks"],
];

fn settings(shard: Shard, workers: usize) -> RunSettings {
    let max_time = Duration::from_secs(600);
    let phases = vec![Phase::Probe, Phase::Boundary, Phase::Laws, Phase::Walk, Phase::Random];
    RunSettings { shard, workers, phases, max_calls: 4_000, max_time, record: true, ..RunSettings::default() }
}

async fn run(faults: &[&str], shard: Shard, workers: usize, tell: impl FnMut(Event) + Send) -> RunRecord {
    run_as(settings(shard, workers), faults, tell).await
}

/// A run of few calls in random scenarios, made by one worker.
async fn short(max_calls: u64, faults: &[&str], shard: Shard) -> RunRecord {
    let phases = vec![Phase::Probe, Phase::Random];
    run_as(RunSettings { max_calls, phases, ..settings(shard, 1) }, faults, |_| {}).await
}

async fn run_as(settings: RunSettings, faults: &[&str], tell: impl FnMut(Event) + Send) -> RunRecord {
    let faults = faults.iter().map(|name| Fault::from_name(name).unwrap()).collect();
    let supply = Arc::new(EmbeddedSupply(ServerSettings { faults, ..ServerSettings::default() }));
    let run = Run::start(supply, settings.clone(), &Interrupt::default(), tell).await.unwrap();
    let mut record = run.record(&settings, &description());
    if settings.shard != Shard::WHOLE {
        record.keep_shard(run.shard(&settings, &description()));
    }
    record
}

async fn shards(faults: &[&str], of: u64, workers: usize) -> Vec<(String, RunRecord)> {
    let mut reports = Vec::new();
    for index in 1..=of {
        let record = run(faults, Shard { index, of }, workers, |_| {}).await;
        // As it comes out of a file.
        let text = serde_json::to_string(&record).unwrap();
        reports.push((format!("{index}.json"), serde_json::from_str(&text).unwrap()));
    }
    reports
}

/// A report without the clock.
fn timeless(record: &RunRecord) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    value["started"] = Value::Null;
    value["totals"]["seconds"] = Value::Null;
    value["totals"]["calls_per_second"] = Value::Null;
    value
}

/// The places where two values differ.
fn differences(path: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().for_each(|(key, value)| differences(&format!("{path}/{key}"), value, &other[key], found));
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs.for_each(|(index, (one, other))| differences(&format!("{path}/{index}"), one, other, found));
        }
        _ if one != other => found.push(format!("{path}: {one} is now {other}")),
        _ => {}
    }
}

#[track_caller]
fn same(one: &RunRecord, other: &RunRecord, what: &str) {
    let mut found = Vec::new();
    differences("", &timeless(one), &timeless(other), &mut found);
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shards_put_together_are_the_whole_run() {
    let mut phases = BTreeSet::new();
    for faults in sample(FLAWS, 2) {
        let whole = run(faults, Shard::WHOLE, 4, |_| {}).await;
        assert_eq!(whole.divergences.is_empty(), faults.is_empty(), "{faults:?}");
        assert!(whole.stopped.is_none() && whole.shard.is_none(), "{faults:?}: {:?}", whole.stopped);
        for (of, workers) in sample([(2, 4), (3, 1)], 1) {
            let mut reports = shards(faults, of, workers).await;
            let leads = reports.iter_mut().flat_map(|report| shard_of(report).leads.clone());
            phases.extend(leads.map(|lead| lead.phase));
            same(&whole, &merge(reports).unwrap(), &format!("{faults:?} in {of} shards"));
        }
    }
    let found = ["boundary", "walk"];
    let all = found.iter().all(|phase| phases.contains(*phase));
    assert!(all || !SWEEPS, "each of {found:?} has found something: {phases:?}");
}

/// Next to the other phases these may find nothing that is new.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn laws_and_random_scenarios_in_shards_are_the_whole_run() {
    for phase in [Phase::Laws, Phase::Random] {
        let alone = async |shard| {
            run_as(RunSettings { phases: vec![Phase::Probe, phase], ..settings(shard, 2) }, FLAWS[2], |_| {}).await
        };
        let whole = alone(Shard::WHOLE).await;
        let mut reports = Vec::new();
        for index in 1..=2 {
            reports.push((format!("{index}.json"), alone(Shard { index, of: 2 }).await));
        }
        let leads = reports.iter_mut().flat_map(|report| shard_of(report).leads.clone());
        let phases: BTreeSet<String> = leads.map(|lead| lead.phase).collect();
        assert!(phases.iter().eq([phase.name()]), "{phases:?}");
        same(&whole, &merge(reports).unwrap(), "two shards");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_shards_than_scenarios_are_the_whole_run_too() {
    let whole = short(60, &["create-again"], Shard::WHOLE).await;
    assert_eq!(whole.totals.scenarios, 2);
    let mut reports = Vec::new();
    for index in [4, 2, 3, 1] {
        let shard = short(60, &["create-again"], Shard { index, of: 4 }).await;
        assert_eq!(shard.totals.scenarios, u64::from(index <= 2));
        reports.push((index.to_string(), shard));
    }
    same(&whole, &merge(reports).unwrap(), "four shards");
}

/// The scenarios of this seed take more calls than was planned with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_takes_more_calls_than_planned_is_not_cut_where_shards_are_not() {
    let long = async |shard| {
        let phases = vec![Phase::Probe, Phase::Random];
        let settings = RunSettings { seed: 18, phases, max_calls: 2_000, ..settings(shard, 2) };
        run_as(settings, &[], |_| {}).await
    };
    let whole = long(Shard::WHOLE).await;
    assert!(whole.totals.calls > 2_060, "{}", whole.totals.calls);
    let mut reports = Vec::new();
    for index in 1..=2 {
        reports.push((index.to_string(), long(Shard { index, of: 2 }).await));
    }
    same(&whole, &merge(reports.clone()).unwrap(), "two shards");
    shard_of(&mut reports[0]).most_calls = 1_999;
    let said = merge(reports).unwrap().remarks;
    assert!(
        said[0].ends_with("the whole run would have stopped after 1999 and left some of these out"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_is_run_by_exactly_one_shard() {
    let told = async |shard| {
        let mut told = BTreeMap::new();
        let record = run(&[], shard, 2, |event| {
            if let Event::Recorded(conversation) = event {
                let calls = conversation.calls.len();
                assert!(told.insert(conversation.header.title.clone(), calls).is_none());
            }
        });
        let record = record.await;
        assert_eq!(record.totals.scenarios, told.len() as u64);
        told
    };
    let whole = told(Shard::WHOLE).await;
    assert!(whole.len() > 100, "{}", whole.len());
    let mut together = BTreeMap::new();
    for index in 1..=3 {
        let part = told(Shard { index, of: 3 }).await;
        assert!(part.len() > whole.len() / 4, "shard {index}: {}", part.len());
        for (title, calls) in part {
            assert!(together.insert(title.clone(), calls).is_none(), "{title} is run twice");
        }
    }
    assert_eq!(together, whole);
}

/// The message of `merge` on three small shards, changed in some way.
async fn refusal(change: impl FnOnce(&mut Vec<(String, RunRecord)>)) -> String {
    let mut reports = Vec::new();
    for index in 1..=3 {
        reports.push((format!("{index}.json"), short(90, &[], Shard { index, of: 3 }).await));
    }
    change(&mut reports);
    merge(reports).unwrap_err().to_string()
}

fn shard_of((_, record): &mut (String, RunRecord)) -> &mut ShardRecord {
    record.shard.as_mut().unwrap()
}

#[tokio::test]
async fn shards_that_are_missing_or_there_twice_are_named() {
    let says = refusal(|reports| drop(reports.remove(1))).await;
    assert_eq!(says, "shard 2 of 3 is missing; name the reports of all 3 shards");
    let says = refusal(|reports| reports.truncate(1)).await;
    assert_eq!(says, "shards 2, 3 of 3 are missing; name the reports of all 3 shards");
    let says = refusal(|reports| reports[2] = ("again.json".to_owned(), reports[0].1.clone())).await;
    let expected = "shard 1 of 3 is given twice, as 1.json and as again.json; name the report of each shard once";
    assert_eq!(says, expected);
    assert_eq!(merge(Vec::new()).unwrap_err().to_string(), "no shard is given; name the reports of all shards");
}

#[tokio::test]
async fn a_report_that_is_no_shard_is_refused() {
    let write = "write it anew with `passmuster run --shard I/N --report json=FILE`";
    let says = refusal(|reports| reports[1].1.shard = None).await;
    assert_eq!(says, format!("2.json is no shard of a run; {write}"));
    let says = refusal(|reports| shard_of(&mut reports[1]).index = 4).await;
    assert_eq!(says, format!("2.json says that it is shard 4 of 3; {write}"));
    let says = refusal(|reports| shard_of(&mut reports[0]).of = u64::MAX).await;
    assert_eq!(says, format!("1.json says that it is shard 1 of {}; {write}", u64::MAX));
}

#[tokio::test]
async fn shards_of_different_runs_are_told_apart_by_what_differs() {
    let fix = "merge shards of one run, all with the same flags";
    let says = refusal(|reports| reports[1].1.seed = 2).await;
    assert_eq!(says, format!("2.json: the seed is 2, but 1 in 1.json; {fix}"));
    let says = refusal(|reports| reports[2].1.version = "9.9".to_owned()).await;
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(says, format!("3.json: the version of passmuster is 9.9, but {own} in 2.json; {fix}"));
    let says = refusal(|reports| reports[1].1.target.name = "moto".to_owned()).await;
    assert_eq!(says, format!("2.json: the target is moto, but embedded in 1.json; {fix}"));
    let says = refusal(|reports| reports[2].1.target.version = Some("5.2".to_owned())).await;
    assert_eq!(says, format!("3.json: the version of the target is 5.2, but not given in 2.json; {fix}"));
    let says = refusal(|reports| shard_of(&mut reports[2]).of = 4).await;
    assert_eq!(says, format!("3.json: the number of shards is 4, but 3 in 2.json; {fix}"));
    let says = refusal(|reports| {
        shard_of(&mut reports[1]).flags.insert("--only".to_owned(), "SH-".repeat(20));
    })
    .await;
    assert_eq!(says, format!("2.json: --only is another, but not given in 1.json; {fix}"));
}

#[tokio::test]
async fn targets_that_probe_differently_are_no_one_target() {
    let fix = "run all shards against the same target, each begun alike";
    let says = refusal(|reports| {
        let support = &mut shard_of(&mut reports[1]).probe.support;
        support.insert("CreateMembers".to_owned(), OperationSupport::Broken);
    })
    .await;
    assert_eq!(says, format!("CreateMembers is broken in 2.json, but supported in 1.json; {fix}"));
    let says = refusal(|reports| shard_of(&mut reports[2]).probe.one_caller = true).await;
    assert_eq!(says, format!("telling accounts apart is unsupported in 3.json, but supported in 2.json; {fix}"));
}

#[tokio::test]
async fn a_shard_that_stopped_early_is_named_and_decides_the_exit_code() {
    let mut reports = shards(&[], 3, 2).await;
    let stop = |reports: &mut Vec<(String, RunRecord)>, index: usize, why: Stopped| {
        shard_of(&mut reports[index]).stopped = Some(why);
        let merged = merge(reports.clone()).unwrap();
        (merged.stopped.clone().unwrap().to_string(), exit_code(&merged, false))
    };
    let late = stop(&mut reports, 0, Stopped::because("the time ran out"));
    assert_eq!(late, ("shard 1: the time ran out".to_owned(), 0));
    let (why, code) = stop(&mut reports, 1, Stopped::target_lost("it is gone"));
    assert_eq!((&*why, code), ("target lost: shard 2: it is gone; shard 1: the time ran out", 3));
    let (why, code) = stop(&mut reports, 2, Stopped::interrupted());
    let all = "interrupted: shard 3; target lost: shard 2: it is gone; shard 1: the time ran out";
    assert_eq!((&*why, code), (all, 130));
}

#[tokio::test]
async fn what_was_stopped_before_its_probe_is_a_shard_all_the_same() {
    let interrupt = Interrupt::default();
    interrupt.raise();
    let settings = settings(Shard { index: 1, of: 2 }, 1);
    let run = Run::start(Arc::new(EmbeddedSupply::default()), settings.clone(), &interrupt, |_| {}).await.unwrap();
    let mut record = run.record(&settings, &description());
    record.keep_shard(run.shard(&settings, &description()));
    let mut reports = shards(&[], 2, 2).await;
    let other = reports[1].1.clone();
    reports[0].1 = record;
    let merged = merge(reports).unwrap();
    assert_eq!(merged.stopped.as_ref().map(Stopped::as_str), Some("interrupted: shard 1"));
    assert_eq!(merged.operations, other.operations);
}

#[test]
fn the_program_merges_what_it_wrote() {
    let folder = Folder::new("shards");
    let flags = [RANDOM, "--fault", "create-again", "--max-calls", "3000"];
    let told = |name: &str| -> Value { serde_json::from_slice(&fs::read(folder.file(name)).unwrap()).unwrap() };
    let ended = passmuster(folder.path(), &[&["run", "--report", "json=whole.json"], &flags[..]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let whole = folder.path().join("snapshots");
    fs::rename(&whole, folder.path().join("expected")).unwrap();
    for shard in ["1/2", "2/2"] {
        let report = format!("json={}.json", &shard[..1]);
        let own = ["run", "--shard", shard, "--strict", "--report", &report];
        let ended = passmuster(folder.path(), &[&own, &flags[..]].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stdout.contains(&format!("this is shard {} of 2", &shard[..1])), "{ended:?}");
        assert!(!ended.stdout.contains("missed"), "{ended:?}");
        assert!(!whole.exists(), "a shard writes no snapshots of its own accord");
    }
    let ended = passmuster(folder.path(), &["merge", "2.json", "1.json", "--report", "json=merged.json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let (mut one, mut other) = (told("whole.json"), told("merged.json"));
    for report in [&mut one, &mut other] {
        report["started"] = Value::Null;
        report["totals"]["seconds"] = Value::Null;
        report["totals"]["calls_per_second"] = Value::Null;
    }
    let mut found = Vec::new();
    differences("", &one, &other, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let pending = |folder: &str| {
        let names = fs::read_dir(whole.with_file_name(folder).join("targets/embedded")).unwrap();
        names.map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>()
    };
    assert_eq!(pending("snapshots"), pending("expected"));
}

#[test]
fn a_clean_run_in_shards_is_clean_when_strict_and_says_what_is_wrong_with_the_command() {
    let folder = Folder::new("shards-strict");
    for shard in ["1/3", "2/3", "3/3"] {
        let report = format!("json={}.json", &shard[..1]);
        let own = ["run", RANDOM, "--shard", shard, "--strict", "--max-calls", "4000", "--report", &report];
        let ended = passmuster(folder.path(), &own);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let ended = passmuster(folder.path(), &["merge", "1.json", "2.json", "3.json", "--strict"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stdout.contains("missed"), "{ended:?}");
    let ended = passmuster(folder.path(), &["merge", "1.json", "3.json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("error: shard 2 of 3 is missing"), "{ended:?}");
    let other = ["run", RANDOM, "--shard", "2/3", "--max-calls", "300", "--report", "json=2.json"];
    assert_eq!(passmuster(folder.path(), &other).code, Some(0));
    let ended = passmuster(folder.path(), &["merge", "1.json", "2.json", "3.json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("error: 2.json: --max-calls is 300, but 4000 in 1.json"), "{ended:?}");
    assert!(ended.stderr.contains("hint: merge shards of one run"), "{ended:?}");
}
