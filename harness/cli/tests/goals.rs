//! Goals, the interesting states that a run visits before it calls itself clean: each is visited, or told as missed.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use crate::breadth::sample;
use crate::support::{Folder, RANDOM, passmuster};
use passmuster::domain::Operation;
use passmuster::engine::{EmbeddedSupply, GOALS, Interrupt, Needs, Run, RunSettings};
use passmuster::generate::{GenerateSettings, Script};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_goal_is_visited_by_the_default_run_whatever_the_seed() {
    for seed in sample(1..=5, 1) {
        let max_time = Duration::from_secs(600);
        let settings = RunSettings { seed, max_time, ..RunSettings::default() };
        let supply = Arc::new(EmbeddedSupply::default());
        let run = Run::start(supply, settings, &Interrupt::default(), |_| {}).await.unwrap();
        let missed = GOALS.iter().filter(|goal| !run.tally.goals.contains(goal.id));
        let missed: Vec<_> = missed.map(|goal| goal.title).collect();
        assert!(missed.is_empty(), "seed {seed}: {missed:?}");
    }
}

#[test]
fn every_goal_has_a_script_and_every_script_a_goal() {
    let known: BTreeSet<&str> = GOALS.iter().map(|goal| goal.id).collect();
    let GenerateSettings { operations, cast, regions, .. } = GenerateSettings::default();
    let scripts = Script::within(&operations, cast, regions);
    let scripted: BTreeSet<&str> = scripts.iter().flat_map(|script| script.goals).copied().collect();
    assert_eq!(scripted, known);
}

#[test]
fn one_caller_in_one_region_goes_no_script_that_takes_more() {
    for script in Script::within(Operation::ALL, 1, 1) {
        assert!(script.scenario.regions() == 1, "{script:?}");
        assert!(script.scenario.transitions.iter().all(|transition| transition.caller.0 == 1), "{script:?}");
    }
}

#[test]
fn a_run_that_is_too_short_says_which_goals_it_missed() {
    let folder = Folder::new("goals-missed");
    let arguments = ["run", RANDOM, "--max-calls", "10", "--workers", "1", "--no-snapshots", "-v"];
    let ended = passmuster(folder.path(), &arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("a member moved from one administrator to another (moved)"), "{ended:?}");
    let verdict = ended.last_line();
    assert!(verdict.contains("goals missed: "), "{verdict}");
    assert!(!verdict.contains("conflict"), "{verdict}");
    let ended = passmuster(folder.path(), &[&arguments[..], &["--strict"]].concat());
    assert_eq!(ended.code, Some(3), "{ended:?}");
}

#[test]
fn a_run_that_visits_every_goal_is_clean_when_strict() {
    let folder = Folder::new("goals-visited");
    let ended = passmuster(folder.path(), &["run", "--strict", "--no-snapshots", "--max-time", "15m"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stdout.contains("missed"), "{ended:?}");
}

#[test]
fn goals_that_take_an_organization_are_unsupported_where_none_can_be_set_up() {
    let folder = Folder::new("goals-alone");
    // The walk covers one of them by another path than the scripted one.
    let few = ["run", RANDOM, "--max-calls", "20000"];
    let arguments = ["--organization", "none", "--strict", "--no-snapshots", "--report", "json=run.json"];
    let ended = passmuster(folder.path(), &[&few[..], &arguments].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
    let goals = report["goals"].as_array().unwrap();
    assert_eq!(goals.len(), GOALS.len());
    for (goal, shown) in GOALS.iter().zip(goals) {
        let expected = if goal.needs == Needs::Organization { "unsupported" } else { "visited" };
        assert_eq!(shown["status"], expected, "{shown}");
    }
}
