//! The measure of the harness's power is itself right: it tells what is found from what isn't, and why.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::time::Duration;

use crate::support::{Ended, Folder, Program, RANDOM, command, passmuster};
use passmuster::domain::Grade;
use passmuster::engine::{Interrupt, Phase, PowerSettings, RunSettings, measure};
use passmuster::record::{
    Blamed, CurvePoint, FaultRecord, Missed, MissedFault, PairRecord, PairsRecord, PowerRecord, PowerTotals,
};
use passmuster::report::terminal::{self, TerminalStyle};
use passmuster::server::Fault;
use passmuster::targets::OrganizationSetup;

/// Few faults, and few calls to find them in.
fn settings(names: &[&str]) -> PowerSettings {
    let faults = names.iter().map(|name| Fault::from_name(name).unwrap()).collect();
    let phases = vec![Phase::Probe, Phase::Laws, Phase::Random];
    let max_time = Duration::from_secs(600);
    let run = RunSettings { phases, max_calls: 4_000, max_time, ..RunSettings::default() };
    PowerSettings { faults, pairs: 10, workers: 2, run }
}

async fn measured(settings: &PowerSettings) -> PowerRecord {
    measure(settings, &Interrupt::default(), |_, _| {}).await
}

fn power(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["power", RANDOM, "--max-calls", "4000"], arguments].concat())
}

#[tokio::test]
async fn faults_are_killed_and_blamed_alone_and_in_pairs() {
    let record = measured(&settings(&["enable-twice", "create-again", "get-no-master"])).await;
    for fault in &record.faults {
        assert_eq!((fault.killed, fault.blamed), (true, Blamed::Right), "{fault:?}");
        assert_eq!(fault.blamed_rule.as_ref(), Some(&fault.rule), "{fault:?}");
        assert!(fault.calls.is_some() && fault.findings > 0, "{fault:?}");
        assert!(fault.steps >= fault.shortest_steps && fault.shortest_steps >= Some(2), "{fault:?}");
    }
    let (totals, pairs) = (&record.totals, &record.pairs);
    assert_eq!((totals.faults, totals.killed, totals.right, totals.right_share), (3, 3, 3, 1.0));
    assert_eq!((pairs.possible, pairs.runs, pairs.both, pairs.of_one_rule), (3, 3, 3, 0), "{pairs:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_do_not_depend_on_the_number_of_workers() {
    let mut records = Vec::new();
    for workers in [1, 3] {
        let names = ["create-again", "create-hub-off", "configure-as-member", "enable-has-no-effect"];
        let mut record = measured(&PowerSettings { workers, ..settings(&names) }).await;
        record.totals.seconds = 0.0;
        record.faults.iter_mut().for_each(|fault| fault.seconds = 0.0);
        records.push(record);
    }
    assert_eq!(records[0].faults.len(), 4);
    assert_eq!(records[0], records[1]);
}

#[tokio::test]
async fn a_fault_that_no_phase_looks_for_survives() {
    let mut settings = settings(&["create-again"]);
    settings.run.phases = vec![Phase::Probe];
    let record = measured(&settings).await;
    let fault = &record.faults[0];
    assert_eq!((fault.killed, fault.blamed, &fault.calls, fault.findings), (false, Blamed::None, &None, 0));
    assert_eq!((record.totals.killed, record.totals.right_share), (0, 0.0));
}

#[tokio::test]
async fn a_fault_that_another_makes_impossible_is_named_as_masked() {
    // Without any hub there are no invitations to list; an organization would switch some on.
    let mut settings = settings(&["enable-has-no-effect", "invitation-uuid"]);
    settings.run.organization = OrganizationSetup::None;
    let record = measured(&settings).await;
    assert_eq!(record.totals.right, 2, "{:?}", record.faults);
    assert_eq!((record.pairs.runs, record.pairs.one), (1, 1));
    let missed =
        MissedFault { id: "invitation-uuid".to_owned(), rule: "SH-WIRE-015".to_owned(), why: Missed::Masked };
    assert_eq!(record.pairs.incomplete[0].missed, [missed]);
}

#[tokio::test]
async fn two_faults_of_one_rule_are_no_pair_and_are_counted() {
    let record = measured(&settings(&["describe-off", "describe-off-not-found"])).await;
    assert_eq!((record.pairs.possible, record.pairs.runs, record.pairs.of_one_rule), (0, 0, 1));
}

#[tokio::test]
async fn the_pairs_follow_from_the_seed() {
    let mut settings = settings(&["create-again", "create-hub-off", "create-self", "describe-off"]);
    settings.run.phases = vec![Phase::Probe];
    settings.pairs = 2;
    let mut drawn = Vec::new();
    for seed in [1, 1, 2, 3, 4] {
        settings.run.seed = seed;
        let record = measured(&settings).await;
        assert_eq!((record.pairs.possible, record.pairs.runs, record.pairs.none), (6, 2, 2));
        drawn.push(record.pairs.incomplete.into_iter().map(|pair| pair.faults).collect::<Vec<_>>());
    }
    assert_eq!(drawn[0], drawn[1]);
    assert!(drawn.iter().any(|pairs| *pairs != drawn[0]), "{drawn:?}");
}

#[tokio::test]
async fn an_interrupted_measurement_keeps_no_half_measured_fault() {
    let interrupt = Interrupt::default();
    interrupt.raise();
    let record = measure(&settings(&["create-again"]), &interrupt, |_, _| {}).await;
    assert!(record.interrupted && record.faults.is_empty(), "{record:?}");
}

#[test]
fn the_command_ends_well_where_every_fault_is_killed() {
    let folder = Folder::new("power-killed");
    let ended = power(&folder, &["--fault", "create-again", "--fault", "enable-twice", "--pairs", "1"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with("killed                     2 of 2 (100.0 %)\n"), "{}", ended.stdout);
    let verdict = "exit 0, no fault survived: 2 of 2 faults killed, 2 blamed on their rule\n";
    assert!(ended.stdout.ends_with(verdict), "{}", ended.stdout);
}

#[test]
fn the_command_fails_where_a_fault_survives_and_names_it() {
    let folder = Folder::new("power-survived");
    let ended = passmuster(folder.path(), &["power", "--fault", "create-again", "--phases", "probe"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("\nsurvived\n  create-again "), "{}", ended.stdout);
    assert!(ended.stdout.contains("exit 1, a fault survived: 0 of 1 fault killed"), "{}", ended.stdout);
}

#[test]
fn the_record_can_be_read_by_programs() {
    let folder = Folder::new("power-json");
    let ended = power(&folder, &["--fault", "create-again", "--pairs", "0", "--format", "json", "-q"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let record: PowerRecord = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((record.schema.as_str(), record.exit_code, record.max_calls), ("passmuster.power/1", 0, 4_000));
    assert_eq!((record.faults[0].rule.as_str(), record.faults[0].grade), ("SH-CREATE-007", Grade::Observed));
}

#[cfg(unix)]
#[test]
fn an_interrupted_command_tells_what_it_has_measured() {
    let folder = Folder::new("power-interrupted");
    let program = Program::start(&mut command(folder.path(), &["power", RANDOM, "--max-calls", "2000"]));
    // By then some are measured, and hundreds more are to come.
    program.until(" runs, ");
    program.interrupt();
    let ended = program.wait();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(ended.stdout.contains("exit 130, interrupted: "), "{}", ended.stdout);
}

fn fault(id: &str, blamed: Blamed, steps: usize) -> FaultRecord {
    let found = blamed != Blamed::None;
    FaultRecord {
        id: id.to_owned(),
        rule: "SH-CREATE-007".to_owned(),
        grade: Grade::Observed,
        killed: found,
        blamed,
        blamed_rule: found
            .then(|| if blamed == Blamed::Right { "SH-CREATE-007" } else { "SH-GET-001" }.to_owned()),
        calls: found.then_some(1_200),
        seconds: 0.25,
        steps: found.then_some(steps),
        shortest_steps: found.then_some(3),
        findings: usize::from(found),
        other_rules: if blamed == Blamed::Other { vec!["SH-GET-001".to_owned()] } else { Vec::new() },
        stopped: None,
    }
}

#[test]
fn what_falls_short_is_told_below_the_figures() {
    let faults = vec![
        fault("as-it-should-be", Blamed::Right, 3),
        fault("too-long", Blamed::Right, 5),
        fault("blamed-elsewhere", Blamed::Other, 3),
        fault("never-found", Blamed::None, 0),
    ];
    let missed = |id: &str, why| MissedFault { id: id.to_owned(), rule: "SH-CREATE-007".to_owned(), why };
    let pairs = PairsRecord {
        possible: 6,
        runs: 4,
        both: 2,
        one: 1,
        none: 1,
        incomplete: vec![
            PairRecord {
                faults: ["as-it-should-be".to_owned(), "too-long".to_owned()],
                missed: vec![missed("too-long", Missed::Masked)],
                blamed_rules: vec!["SH-CREATE-007".to_owned()],
            },
            PairRecord {
                faults: ["too-long".to_owned(), "never-found".to_owned()],
                missed: vec![missed("too-long", Missed::Overlooked), missed("never-found", Missed::Alone)],
                blamed_rules: Vec::new(),
            },
        ],
        ..PairsRecord::default()
    };
    let record = PowerRecord {
        schema: passmuster::record::POWER_SCHEMA.to_owned(),
        version: "0.1.0".to_owned(),
        exit_code: 1,
        seed: 1,
        phases: vec!["probe".to_owned(), "random".to_owned()],
        max_calls: 20_000,
        interrupted: false,
        totals: PowerTotals { seconds: 1.5, ..PowerTotals::of(&faults) },
        curve: CurvePoint::curve(&faults, 20_000),
        faults,
        pairs,
    };
    let mut text = Vec::new();
    terminal::power(&record, "a fault survived", TerminalStyle::PLAIN, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= TerminalStyle::WIDTH), "{text}");
    insta::with_settings!({ snapshot_path => "../../../snapshots/reports", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("power", text);
    });
}
