//! The power of the harness to find faults: every fault of the reference server by itself, and pairs of them.

mod pairs;

use std::pin::pin;
use std::sync::Arc;

use tokio::time::Instant;

use super::finding::ConfirmedFinding;
use super::interrupt::Interrupt;
use super::outcome::Run;
use super::pool::{OrderedWork, WorkStep};
use super::run::RunError;
use super::settings::RunSettings;
use super::supply::EmbeddedSupply;
use crate::generate::Ways;
use crate::record::{Blamed, CurvePoint, FaultRecord, POWER_SCHEMA, PowerRecord, PowerTotals};
use crate::server::{Fault, ServerSettings};
use passmuster_contract::catalogue;
use passmuster_contract::domain::{Fingerprint, RuleId, Scenario, Severity};

/// The settings of a measurement.
#[derive(Clone, Debug)]
pub struct PowerSettings {
    /// The faults, each of which is run by itself.
    pub faults: Vec<Fault>,
    /// The number of pairs of them to run, too.
    pub pairs: usize,
    /// Runs that go on at once.
    pub workers: usize,
    /// The settings of each run. It has one worker of its own, whatever is said here.
    pub run: RunSettings,
}

/// A fault that was run by itself.
struct Measured {
    fault: Fault,
    record: FaultRecord,
    /// The proof of the fault, where it was blamed on its rule.
    proof: Option<Proof>,
}

/// A scenario, and the divergences by which it shows a fault.
#[derive(Clone)]
struct Proof {
    scenario: Scenario,
    fingerprints: Vec<Fingerprint>,
}

/// Measures; `tell` is told how many runs are done, out of how many. What is found depends on the settings of a run
/// alone, not on the number of workers.
pub async fn measure(
    settings: &PowerSettings,
    interrupt: &Interrupt,
    mut tell: impl FnMut(usize, usize),
) -> PowerRecord {
    let began = Instant::now();
    let run = RunSettings { workers: 1, ..settings.run.clone() };
    let sample = pairs::sample(&settings.faults, settings.pairs, run.seed);
    let of = settings.faults.len() + sample.pairs.len();
    let mut done = 0;
    let mut tell = || {
        done += 1;
        tell(done, of);
    };
    let alone = settings.faults.iter().map(|fault| measure_alone(*fault, run.clone(), interrupt.clone()));
    let measured = all(alone, settings.workers, interrupt, &mut tell).await;
    let pairs = pairs::measure(sample, &measured, &run, settings.workers, interrupt, &mut tell).await;
    let faults: Vec<FaultRecord> = measured.into_iter().map(|measured| measured.record).collect();
    PowerRecord {
        schema: POWER_SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        exit_code: 0,
        seed: run.seed,
        phases: run.phases.iter().map(|phase| phase.name().to_owned()).collect(),
        max_calls: run.max_calls,
        interrupted: interrupt.is_raised(),
        curve: CurvePoint::curve(&faults, settings.run.max_calls),
        totals: PowerTotals { seconds: began.elapsed().as_secs_f64(), ..PowerTotals::of(&faults) },
        faults,
        pairs,
    }
}

/// Does all the runs, several at once; `None` comes of one that was interrupted. No more are begun after an
/// interruption, and those under way come to an end of their own.
async fn all<R: Send + 'static>(
    runs: impl IntoIterator<Item = impl Future<Output = Option<R>> + Send + 'static>,
    workers: usize,
    interrupt: &Interrupt,
    done: &mut impl FnMut(),
) -> Vec<R> {
    let mut results = Vec::new();
    let runs = runs.into_iter().take_while(|_| !interrupt.is_raised());
    let mut never = pin!(std::future::pending::<()>());
    let mut work = OrderedWork::new(runs, workers);
    while let WorkStep::Result(result) = work.next(never.as_mut()).await {
        results.extend(result);
        done();
    }
    results
}

/// Runs against a server with these faults; `None` when interrupted.
async fn run(faults: &[Fault], settings: &RunSettings, interrupt: &Interrupt) -> Option<Result<Run, RunError>> {
    let supply = supply(faults, settings);
    let run = Run::start(Arc::new(supply), settings.clone(), interrupt, |_| {}).await;
    (!matches!(&run, Ok(run) if run.interrupted)).then_some(run)
}

/// The server that `run --fault` takes.
fn supply(faults: &[Fault], settings: &RunSettings) -> EmbeddedSupply {
    EmbeddedSupply(ServerSettings { seed: settings.seed, faults: faults.to_vec(), ..ServerSettings::default() })
}

async fn measure_alone(fault: Fault, settings: RunSettings, interrupt: Interrupt) -> Option<Measured> {
    let mut record = FaultRecord {
        id: fault.name().to_owned(),
        rule: fault.rule().to_string(),
        grade: catalogue::grade(fault.rule()),
        killed: false,
        blamed: Blamed::None,
        blamed_rule: None,
        calls: None,
        seconds: 0.0,
        steps: None,
        shortest_steps: None,
        findings: 0,
        other_rules: Vec::new(),
        stopped: None,
    };
    let run = match run(&[fault], &settings, &interrupt).await? {
        Ok(run) => run,
        Err(error) => {
            record.stopped = Some(error.to_string());
            return Some(Measured { fault, record, proof: None });
        }
    };
    let proof = judge(fault, &run, &mut record);
    Some(Measured { fault, record, proof })
}

/// Fills in how a fault fared in a run of its own.
fn judge(fault: Fault, run: &Run, record: &mut FaultRecord) -> Option<Proof> {
    record.seconds = run.seconds;
    record.stopped = run.stopped.as_ref().map(ToString::to_string);
    record.findings = told(run).count();
    record.other_rules =
        blamed_rules(run).filter(|rule| *rule != fault.rule()).map(|rule| rule.to_string()).collect();
    let is_right = told(run).any(|finding| blamed(finding) == Some(fault.rule()));
    let counted = || told(run).filter(|finding| (blamed(finding) == Some(fault.rule())) == is_right);
    let finding =
        counted().min_by_key(|finding| (finding.scenario.transitions.len(), finding.found_after_calls))?;
    record.killed = true;
    record.blamed = if is_right { Blamed::Right } else { Blamed::Other };
    record.blamed_rule = blamed(finding).map(|rule| rule.to_string());
    record.calls = counted().map(|finding| finding.found_after_calls).min();
    record.steps = Some(finding.scenario.transitions.len());
    record.shortest_steps = shortest(finding);
    is_right.then(|| {
        let mut fingerprints = finding.also.clone();
        fingerprints.push(finding.divergence.fingerprint());
        Proof { scenario: finding.scenario.clone(), fingerprints }
    })
}

/// The findings that a report tells of.
fn told(run: &Run) -> impl Iterator<Item = &ConfirmedFinding> {
    let counts = |finding: &&ConfirmedFinding| {
        finding.divergence.severity() > Severity::Note && finding.reproduced.hits == finding.reproduced.of
    };
    run.findings.iter().filter(counts)
}

fn blamed(finding: &ConfirmedFinding) -> Option<RuleId> {
    finding.divergence.rules.first().copied()
}

/// The rules that findings blame first, each once.
fn blamed_rules(run: &Run) -> impl Iterator<Item = RuleId> {
    told(run).filter_map(blamed).collect::<std::collections::BTreeSet<_>>().into_iter()
}

/// The length of the model's shortest path to an answer of the operation that the rule blamed decides. Where the model
/// knows none, the rule is one on what a call leaves after it: the shortest path to it, and the read that shows it.
fn shortest(finding: &ConfirmedFinding) -> Option<usize> {
    let (ways, operation, rule) = (Ways::get(), finding.divergence.operation, blamed(finding)?);
    let here = ways.to(operation, rule).map(|way| way.transitions.len());
    here.or_else(|| ways.to_rule(rule).map(|way| way.transitions.len() + 1))
}
