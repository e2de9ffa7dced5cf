//! The harness against its own server: silent where nothing is wrong, loud where something is.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::SWEEPS;
use crate::breadth::sample;
use passmuster::catalogue;
use passmuster::domain::Grade;
use passmuster::engine::{
    ConfirmedFinding, EmbeddedSupply, Interrupt, Phase, PowerSettings, Run, RunSettings, measure,
};
use passmuster::generate::write_scenario;
use passmuster::model::{questions, rules};
use passmuster::record::{Blamed, FaultRecord};
use passmuster::server::{Answers, Fault, ServerSettings};

#[expect(clippy::unwrap_used, reason = "a run against a server of our own always begins")]
async fn run(supply: EmbeddedSupply, settings: RunSettings) -> Run {
    Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

/// Random scenarios with few calls; the other phases have tests of their own.
fn settings(seed: u64, max_calls: u64) -> RunSettings {
    RunSettings { phases: vec![Phase::Probe, Phase::Laws, Phase::Random], ..default_run(seed, max_calls) }
}

fn default_run(seed: u64, max_calls: u64) -> RunSettings {
    RunSettings { seed, max_calls, max_time: Duration::from_secs(600), workers: 2, ..RunSettings::default() }
}

fn report(run: &Run) -> String {
    let lines = run.findings.iter().map(|finding| {
        let scenario = write_scenario(&finding.scenario);
        format!("{:?}\n{scenario}", finding.divergence)
    });
    lines.chain(run.unconfirmed.iter().map(|lost| format!("{lost:?}"))).collect::<Vec<_>>().join("\n")
}

fn assert_silent(run: &Run, what: &str) {
    assert!(run.findings.is_empty() && run.unconfirmed.is_empty(), "{what}:\n{}", report(run));
    assert!(run.tally.inconclusive.is_empty(), "{what}: {:?}", run.tally.inconclusive);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_server_draws_nothing_whatever_the_seed() {
    for seed in sample(0..20, 1) {
        let run = run(EmbeddedSupply::default(), settings(seed, 5_000)).await;
        assert_silent(&run, &format!("seed {seed}"));
        // What sets an organization up is not judged.
        assert!(run.tally.judged > 4_200, "seed {seed}: {} judged", run.tally.judged);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_admissible_answer_to_an_open_question_is_a_divergence() {
    for (question, answers) in sample(questions::ALL, 2) {
        for answer in *answers {
            let mut chosen = Answers::default();
            chosen.choose(question.0, answer).unwrap();
            let supply = EmbeddedSupply(ServerSettings { answers: chosen, ..ServerSettings::default() });
            assert_silent(&run(supply, settings(7, 5_000)).await, &format!("{question}={answer}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mixture_of_admissible_answers_is_a_divergence() {
    for mixture in sample(0..200, 4) {
        let mut chosen = Answers::default();
        for (index, (question, answers)) in questions::ALL.iter().enumerate() {
            let pick = spread(mixture * 1_000 + index as u64) % answers.len() as u64;
            chosen.choose(question.0, answers[pick as usize]).unwrap();
        }
        let supply = EmbeddedSupply(ServerSettings { answers: chosen, ..ServerSettings::default() });
        assert_silent(&run(supply, settings(mixture, 3_000)).await, &format!("mixture {mixture}"));
    }
}

/// SplitMix64: neighbours have nothing in common.
fn spread(value: u64) -> u64 {
    let mut value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Each of these faults as measured in a run of its own.
async fn alone(faults: &[Fault], run: RunSettings) -> Vec<FaultRecord> {
    let settings = PowerSettings { faults: faults.to_vec(), pairs: 0, workers: 2, run };
    measure(&settings, &Interrupt::default(), |_, _| {}).await.faults
}

/// Faults that take a list of members longer than random scenarios make, or a walk through pages that they hardly do.
const TAKE_A_BOUNDARY_CASE: [&str; 7] = [
    "invite-everybody",
    "list-invitations-loses-entries",
    "standards-lose-entries",
    "findings-lose-entries",
    "list-repeats-entries",
    "list-omits-full-last-page",
    "list-ends-at-empty-page",
];

/// Each of these faults as measured in random scenarios, or in the default run where they can't show it.
async fn by_random_scenarios(faults: &[Fault], seed: u64) -> Vec<FaultRecord> {
    let mut records = alone(faults, settings(seed, 30_000)).await;
    for (record, fault) in records.iter_mut().zip(faults) {
        if TAKE_A_BOUNDARY_CASE.contains(&fault.name()) {
            *record = alone(&[*fault], default_run(seed, 30_000)).await.remove(0);
        }
    }
    records
}

/// The budgets that snapshots tell of: exact numbers would change with every scenario that is made otherwise.
const BUDGETS: [u64; 7] = [100, 300, 1_000, 3_000, 10_000, 30_000, 130_000];

/// The smallest of the budgets that so many calls keep within.
#[expect(clippy::unwrap_used, reason = "no run here has more calls than the largest")]
fn budget(calls: u64) -> u64 {
    BUDGETS.into_iter().find(|budget| calls <= *budget).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_found_and_blamed_on_its_rule() {
    let mut table = "fault                        rule            within  steps  fewest known\n".to_owned();
    let mut wrong = Vec::new();
    let faults = sample(Fault::all().iter().copied(), 8);
    let (seeds, others) = (by_random_scenarios(&faults, 3).await, by_random_scenarios(&faults, 4).await);
    assert_eq!((seeds.len(), others.len()), (faults.len(), faults.len()));
    for (record, other) in seeds.iter().zip(&others) {
        let unfound = [record, other].into_iter().filter(|record| record.blamed != Blamed::Right);
        wrong.extend(unfound.map(|record| format!("{record:?}")));
        let (steps, others) = (record.steps.unwrap_or(0), other.steps.unwrap_or(0));
        if steps.abs_diff(others) > 1 {
            wrong.push(format!("{}: {steps} and {others} steps with two seeds", record.id));
        }
        let (within, fewest) = (budget(record.calls.unwrap_or(0)), steps.min(others));
        writeln!(table, "{:<28} {:<15} {within:>6} {steps:>6} {fewest:>13}", record.id, record.rule).unwrap();
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
    if SWEEPS {
        insta::with_settings!({ snapshot_path => "../../snapshots/faults", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("found", table);
        });
    }
    let reviewed = include_str!("../../snapshots/faults/found.snap");
    let changed: Vec<&str> = table.lines().filter(|line| !reviewed.lines().any(|known| known == *line)).collect();
    assert!(changed.is_empty(), "not in the snapshot:\n{}", changed.join("\n"));
}

/// What somebody gets who has calls for a short run: the share of the faults that the default phases find, and which not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_run_finds_this_share_of_the_faults() {
    let faults = sample(Fault::all().iter().copied(), 8);
    let settings = PowerSettings { faults, pairs: 0, workers: 2, run: default_run(1, 3_000) };
    let power = measure(&settings, &Interrupt::default(), |_, _| {}).await;
    let mut table = "within  found  on their rule\n".to_owned();
    for point in &power.curve {
        writeln!(table, "{:>6} {:>6} {:>14}", point.calls, point.killed, point.right).unwrap();
    }
    let missed = power.faults.iter().filter(|fault| !fault.killed);
    let missed: Vec<String> = missed.map(|fault| format!("not found: {} ({})", fault.id, fault.rule)).collect();
    table.push_str(&missed.join("\n"));
    if SWEEPS {
        insta::with_settings!({ snapshot_path => "../../snapshots/faults", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("short", table);
        });
    }
    let reviewed = include_str!("../../snapshots/faults/short.snap");
    let new: Vec<&String> = missed.iter().filter(|line| !reviewed.lines().any(|known| known == *line)).collect();
    assert!(new.is_empty(), "found before: {new:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_run_finds_in_few_calls_what_random_scenarios_find_in_many() {
    let faults = sample(["undesignate-central", "configure-nothing"].map(fault), 1);
    let of_default = alone(&faults, default_run(3, 10_000)).await;
    let wrong: Vec<_> = of_default.iter().filter(|record| record.blamed != Blamed::Right).collect();
    assert!(of_default.len() == faults.len() && wrong.is_empty(), "{wrong:?}");
    let of_random = alone(&faults, settings(3, 10_000)).await;
    for (planned, random) in of_default.iter().zip(&of_random) {
        let (planned_calls, random_calls) = (planned.calls.unwrap_or(u64::MAX), random.calls.unwrap_or(u64::MAX));
        assert!(random_calls / 2 > planned_calls, "{planned:?}\n{random:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_does_not_depend_on_the_number_of_workers() {
    let faults = vec![fault("create-again"), fault("decline-silently"), fault("get-no-master")];
    let mut found: Vec<Vec<String>> = Vec::new();
    for workers in [1, 2, 7] {
        let supply = EmbeddedSupply(ServerSettings { faults: faults.clone(), ..ServerSettings::default() });
        let run = run(supply, RunSettings { workers, ..settings(11, 4_000) }).await;
        let line = |finding: &ConfirmedFinding| {
            format!("{:?} {}", finding.divergence.fingerprint(), write_scenario(&finding.scenario))
        };
        found.push(run.findings.iter().map(line).collect());
    }
    assert!(!found[0].is_empty());
    assert!(found.iter().all(|other| *other == found[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rules_that_a_run_exercises_are_these() {
    let run = run(EmbeddedSupply::default(), default_run(1, 130_000)).await;
    let mut table = String::new();
    for rule in catalogue::rules().iter().filter(|rule| rules::ALL.contains(&rule.id)) {
        let exercised = if run.tally.rules.contains_key(&rule.id) { "exercised" } else { "-" };
        writeln!(table, "{:<16} {:<11} {exercised}", rule.id.0, rule.grade.name()).unwrap();
    }
    insta::with_settings!({ snapshot_path => "../../snapshots/coverage", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("embedded", table);
    });
}

/// Both are read from the same fixtures, by the build and by the catalogue.
#[test]
fn every_rule_and_question_that_code_names_is_in_the_catalogue_with_the_same_answers() {
    for rule in rules::ALL {
        assert!(catalogue::rule(rule.0).is_some(), "{rule}");
    }
    for (question, answers) in questions::ALL {
        let known = catalogue::question(question.0).unwrap_or_else(|| panic!("{question}"));
        let mut admitted: Vec<&str> = known.answers.iter().map(|text| text.answer.answer).collect();
        let mut ours = answers.to_vec();
        admitted.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, admitted, "{question}");
    }
}

#[test]
fn faults_break_rules_of_every_family_and_no_unknown_ones() {
    assert!(Fault::all().len() >= 180);
    for family in
        ["SH-ENABLE", "SH-DISABLE", "SH-HUB", "SH-CREATE", "SH-INVITE", "SH-ACCEPT", "SH-LEAVE", "SH-ADMIN"]
    {
        assert!(Fault::all().iter().any(|fault| fault.rule().0.starts_with(family)), "{family}");
    }
    for fault in Fault::all() {
        assert!(catalogue::grade(fault.rule()) > Grade::Unknown, "{fault}");
        assert_eq!(Fault::from_name(fault.name()), Ok(*fault));
    }
}

#[expect(clippy::unwrap_used, reason = "the names in these tests are those of faults")]
fn fault(name: &str) -> Fault {
    Fault::from_name(name).unwrap()
}
