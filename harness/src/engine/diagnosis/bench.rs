//! Runs scenarios on the reference server with deviations, in process and at once.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::super::execution::{Execution, FoundDivergence};
use super::super::executor::Executor;
use super::super::laws::{self, LawSide, LawVerdict};
use super::super::settings::RunSettings;
use super::super::support::{Support, SupportTable};
use super::super::symbols::SymbolicNames;
use super::case::{Case, without_message};
use crate::generate::{CastNaming, LawCase};
use crate::record::{OperationSupport, RunRecord};
use crate::server::{Answers, Embedded, Seen, ServerSettings, Suspect};
use passmuster_contract::domain::{Operation, Scenario};

/// Where the accounts of all trials begin: each has a server of its own.
const BASE: u64 = 100_000_000_000;

/// All that trials have in common.
pub(super) struct Bench {
    support: SupportTable,
    settings: RunSettings,
    answers: Answers,
    /// When no more trials are made.
    end: Option<Instant>,
    cut: AtomicBool,
}

/// How a finding shows on a server with a deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Showing {
    /// Whether it shows just what the target showed.
    pub(super) exact: bool,
    /// Whether it changes an answer that the target gives as it should.
    pub(super) refuted: bool,
}

/// A scenario of a case on a server with a deviation.
pub(super) struct Trial {
    /// How the case shows, if it does.
    pub(super) showing: Option<Showing>,
    /// How much the answer to each step is like what the target answered.
    agreeing: Vec<Agreement>,
}

/// How much two answers are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    /// One is an error of some type, and the other is none.
    Apart,
    /// Both are a success, or an error of one type.
    Alike,
    /// They are the same.
    Same,
}

impl Trial {
    /// How much speaks against the deviation: answers that the target gives as it should and that it changes, by `clean`
    /// which has none.
    pub(super) fn refuted(&self, clean: &Self) -> usize {
        let both = clean.agreeing.iter().zip(&self.agreeing);
        let lost = both.map(|(clean, here)| match (clean, here) {
            (Agreement::Same | Agreement::Alike, Agreement::Apart) => 4,
            (Agreement::Same, Agreement::Alike) => 1,
            _ => 0,
        });
        lost.max().unwrap_or(0)
    }
}

impl Bench {
    pub(super) fn new(record: &RunRecord, end: Option<Instant>) -> Self {
        let mut support = SupportTable::default();
        for known in &record.operations {
            let Some(operation) = Operation::from_name(&known.name) else { continue };
            let reason = || known.reason.clone().unwrap_or_default();
            let found = match known.support {
                OperationSupport::Given => Support::Given(reason()),
                OperationSupport::Unsupported => Support::Unsupported(reason()),
                OperationSupport::Broken => Support::Broken(reason()),
                OperationSupport::Supported | OperationSupport::NotChecked => Support::Supported,
            };
            support.set(operation, found);
        }
        let mut answers = Answers::default();
        for question in record.open_questions.iter().filter(|question| question.consistent) {
            // A report may come from another version, with other answers.
            let _ = answers.choose(&question.id, &question.answer);
        }
        Self { support, settings: RunSettings::default(), answers, end, cut: AtomicBool::new(false) }
    }

    /// Whether a trial was left out as the time was over: nothing follows from what does not show any more.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// What would show in a case on a server that has no deviations but those given.
    pub(super) fn suspect(&self, case: &Case, suspects: &[Suspect], given: &[&Suspect]) -> Seen {
        let mut sum = Seen::default();
        for scenario in case.scenarios() {
            let server = Embedded::suspecting(suspects.to_vec(), self.server(given));
            self.play(&server, &scenario);
            let seen = server.seen();
            sum.touched.resize(suspects.len(), false);
            sum.touched.iter_mut().zip(seen.touched).for_each(|(sum, touched)| *sum |= touched);
            sum.guards.extend(seen.guards);
        }
        sum
    }

    /// How the case shows on a server with these deviations, if it does.
    pub(super) fn show(&self, case: &Case, deviations: &[&Suspect]) -> Option<Showing> {
        self.attempt(case, deviations)?.showing
    }

    /// Runs the case on a server with these deviations; `None` where that can't be done.
    pub(super) fn attempt(&self, case: &Case, deviations: &[&Suspect]) -> Option<Trial> {
        if let Some(law) = &case.law {
            return Some(Trial { showing: self.break_law(case, law, deviations), agreeing: Vec::new() });
        }
        let (execution, naming) = self.run(&case.scenario, deviations)?;
        Some(compare(case, &execution, naming))
    }

    fn break_law(&self, case: &Case, law: &LawCase, deviations: &[&Suspect]) -> Option<Showing> {
        let twice = law.read_twice();
        let (left, left_names) = self.run(&twice.left_scenario(), deviations)?;
        let (right, right_names) = self.run(&twice.right_scenario(), deviations)?;
        let side = |execution, naming| LawSide { execution, naming };
        let LawVerdict::Broken(divergence) =
            laws::held_twice(law, &side(&left, left_names), &side(&right, right_names.clone()))?
        else {
            return None;
        };
        if !case.is(&divergence.fingerprint()) {
            return None;
        }
        let mut names = SymbolicNames::new(right_names);
        Some(Showing { exact: names.symbolic(&divergence.observed) == case.observed, refuted: false })
    }

    fn run(&self, scenario: &Scenario, deviations: &[&Suspect]) -> Option<(Execution, CastNaming)> {
        self.play(&Embedded::with(self.server(deviations)), scenario)
    }

    /// The settings of a server with these deviations.
    fn server(&self, deviations: &[&Suspect]) -> ServerSettings {
        let mut settings = ServerSettings { answers: self.answers.clone(), ..ServerSettings::default() };
        for deviation in deviations {
            match deviation {
                Suspect::Fault(fault) => settings.faults.push(*fault),
                Suspect::Change(change) => settings.changes.push(change.clone()),
            }
        }
        settings
    }

    fn play(&self, server: &Embedded, scenario: &Scenario) -> Option<(Execution, CastNaming)> {
        if self.end.is_some_and(|end| Instant::now() >= end) {
            self.cut.store(true, Ordering::Relaxed);
            return None;
        }
        let naming = CastNaming::new(BASE, 1, Arc::clone(&self.settings.regions));
        let executor = Executor::new(server, &self.support, &self.settings, naming.clone());
        let execution = at_once(executor.scenario(scenario))?;
        let names = execution.names(naming);
        Some((execution, names))
    }
}

/// The result of what never waits; `None` where it does.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

/// Holds what a server with a deviation answered against what the target did.
fn compare(case: &Case, execution: &Execution, naming: CastNaming) -> Trial {
    let mut names = SymbolicNames::new(naming);
    let mut planned = case.scenario.transitions.iter().zip(&case.answers).peekable();
    let mut agreeing = Vec::new();
    for step in &execution.steps {
        let text = match &step.answer {
            Ok(outcome) => names.symbolic(&outcome.summary()),
            Err(reason) => names.symbolic(reason),
        };
        if planned.peek().is_some_and(|(transition, _)| **transition == step.transition)
            && let Some((_, answer)) = planned.next()
        {
            agreeing.push(agree(answer, &text));
        }
    }
    let found = execution.found.iter().filter(|found| case.is(&found.divergence.fingerprint()));
    let exact = |found: &FoundDivergence| {
        without_message(&names.clone().symbolic(&found.divergence.observed)) == without_message(&case.observed)
    };
    let shown: Vec<bool> = found.map(exact).collect();
    let showing = (!shown.is_empty()).then(|| Showing { exact: shown.contains(&true), refuted: false });
    Trial { showing, agreeing }
}

/// How much an answer is like the recorded one, which may have been cut.
fn agree(recorded: &str, answer: &str) -> Agreement {
    let is_same = match recorded.strip_suffix('…') {
        Some(head) => answer.starts_with(head),
        None => without_message(recorded) == without_message(answer),
    };
    match (is_same, recorded.get(..3) == answer.get(..3) && recorded.starts_with('2')) {
        (true, _) => Agreement::Same,
        (false, true) => Agreement::Alike,
        (false, false) => Agreement::Apart,
    }
}
