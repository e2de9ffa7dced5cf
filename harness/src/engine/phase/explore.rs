//! The exploring part of a run: the scenarios of a queue, until the budget is spent. What one of them shows is looked
//! into before more are begun.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::context::RunContext;
use super::super::ending::Stop;
use super::super::erased::Tell;
use super::super::execution::{Attempt, Execution, MOST_UNREACHABLE};
use super::super::finding::{FollowedLeads, Lead, LeadFollower, steps_until};
use super::super::interrupt::Interrupt;
use super::super::pool::{OrderedWork, WorkStep};
use super::super::recording::conversation;
use super::super::settings::{Phase, RunSettings};
use super::part::PhasePart;
use super::queue::{Queue, Queued};
use crate::event::Event;
use crate::record::StopCause;
use passmuster_contract::domain::{
    Account, DivergenceKind, Fingerprint, Operation, Region, Request, Scenario, Transition,
};

/// Percent of the run's time after which no more scenarios are begun: the rest is for looking into what is found last.
const SHARE_OF_TIME: u32 = 90;
/// The same where malformed requests follow.
const SHARE_BEFORE_MALFORMED: u32 = 70;

/// So many scenarios in a row whose first call can't be judged, and there is no use in going on.
const MOST_FRUITLESS: u32 = 25;

/// So long may what is under way take when a phase is cut, as far as there is time: what it has seen is not to be lost.
const GRACE: Duration = Duration::from_secs(1);
/// So long it may take though the time is over.
const LEAST_GRACE: Duration = Duration::from_millis(100);

/// The exploring part of a run.
pub(in crate::engine) struct Exploration<'a> {
    context: RunContext,
    part: PhasePart,
    ledger: Ledger,
    follower: LeadFollower<'a>,
    began: Instant,
    interrupt: &'a Interrupt,
}

/// The state that all scenarios share: a divergence that one has seen is no news to the next.
#[derive(Default)]
struct Ledger {
    /// Each divergence, with the number of scenarios that showed it.
    known: BTreeMap<Fingerprint, u64>,
    calls: u64,
    scenarios: u64,
    /// Scenarios in a row without any answer.
    unreachable: u32,
    /// Some scenario ended at a call that brought no answer.
    is_unanswered: bool,
    /// Scenarios in a row whose first call could not be judged.
    fruitless: u32,
    /// Whether there is no use in another scenario.
    over: bool,
}

/// Why the scenarios of a queue were not all run.
enum EarlyEnd {
    Time,
    Interrupted,
}

impl<'a> Exploration<'a> {
    pub(in crate::engine) fn new(context: RunContext, began: Instant, interrupt: &'a Interrupt) -> Self {
        let follower = LeadFollower::new(context.clone(), began, interrupt);
        Self { context, part: PhasePart::default(), ledger: Ledger::default(), follower, began, interrupt }
    }

    /// Looks into what was found outside of the phases.
    pub(in crate::engine) async fn look_into(&mut self, mut leads: Vec<Lead>, tell: &mut Tell<'_>) {
        for lead in &leads {
            *self.ledger.known.entry(lead.found.divergence.fingerprint()).or_default() += 1;
        }
        self.follower.follow(&mut leads, tell).await;
    }

    /// Looks into what was only to be recorded.
    pub(in crate::engine) async fn follow_open(&mut self, tell: &mut Tell<'_>) {
        self.follower.follow_open(tell).await;
    }

    /// Everything that was found, with the number of scenarios that showed it, and what else the scenarios brought.
    pub(in crate::engine) fn finish(self) -> (FollowedLeads, BTreeMap<Fingerprint, u64>, PhasePart) {
        (self.follower.finish(), self.ledger.known, self.part)
    }

    fn deadline(&self) -> Instant {
        let settings = &self.context.settings;
        let malformed = settings.phases.contains(&Phase::Malformed);
        let share = if malformed { SHARE_BEFORE_MALFORMED } else { SHARE_OF_TIME };
        self.began + settings.max_time / 100 * share
    }

    /// Waits for something that further scenarios take, as long as they may take; `None` where there is no use in it.
    pub(in crate::engine) async fn wait_for<T>(&mut self, ready: impl Future<Output = T>) -> Option<T> {
        if self.ledger.over {
            return None;
        }
        let stop = tokio::select! {
            biased;
            ready = ready => return Some(ready),
            () = self.interrupt.raised() => Stop::Interrupted,
            () = tokio::time::sleep_until(self.deadline()) => {
                Stop::Short(StopCause::TooSoon.words().to_owned())
            }
        };
        self.part.stops.push(stop);
        self.ledger.over = true;
        None
    }

    /// Runs the scenarios of a queue, unless there is no use in any.
    pub(in crate::engine) async fn explore(&mut self, queue: Arc<Queue>, tell: &mut Tell<'_>) {
        if self.ledger.over {
            return;
        }
        let settings = self.context.settings.clone();
        let budget = queue.calls().div_ceil(settings.shard.of);
        tell(Event::PhaseStarted { phase: "exploring", budget: Some(budget) });
        let (deadline, interrupt) = (self.deadline(), self.interrupt);
        let run_end = self.began + settings.max_time;
        let context = &self.context;
        let own = queue.places().filter(move |(place, _)| settings.shard.has(*place));
        let pieces = own.map({
            let (context, queue) = (context.clone(), queue.clone());
            move |(place, queued)| {
                let (context, queue) = (context.clone(), queue.clone());
                async move { (place, queued, queue.run(queued, &context).await) }
            }
        });
        let mut end = pin!(async {
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => EarlyEnd::Time,
                () = interrupt.raised() => EarlyEnd::Interrupted,
            }
        });
        let mut notes = Notes { context, queue: &queue, ledger: &mut self.ledger, part: &mut self.part, tell };
        let mut work = OrderedWork::new(pieces, context.workers());
        let why = loop {
            match work.next(end.as_mut()).await {
                WorkStep::Result((place, queued, attempt)) => notes.commit(place, queued, attempt),
                WorkStep::End(why) => break Some(why),
                WorkStep::Done => break None,
            }
            self.follower.follow(&mut notes.part.leads, notes.tell).await;
            if notes.ledger.over {
                break None;
            }
        };
        if why.is_some() {
            for (place, queued, attempt) in work.finish(grace(run_end)).await {
                notes.commit(place, queued, attempt);
            }
            self.follower.follow(&mut notes.part.leads, notes.tell).await;
        }
        let (ledger, stops) = (&mut self.ledger, &mut self.part.stops);
        let over = ledger.over || matches!(why, Some(EarlyEnd::Interrupted));
        if let Some(why) = why {
            let calls = ledger.calls;
            stops.push(match why {
                EarlyEnd::Time => Stop::Short(format!("the time for scenarios ran out after {calls} calls")),
                EarlyEnd::Interrupted => Stop::Interrupted,
            });
            ledger.over = true;
        }
        if ledger.is_mostly_fruitless() && !over {
            stops.push(Stop::Lost("most scenarios did not get beyond their first call".to_owned()));
            ledger.over = true;
        } else if ledger.is_unanswered && !over {
            // Too few scenarios were left to see that nothing answers any more.
            let lost = tokio::time::timeout_at(run_end, is_lost(&self.context)).await;
            if lost.unwrap_or(true) {
                stops.push(Stop::Lost("it brings no answer any more".to_owned()));
                ledger.over = true;
            }
        }
    }
}

/// Whether a plain read gets no answer, however often it is sent.
async fn is_lost(context: &RunContext) -> bool {
    let request = Request::empty(Operation::DescribeHub);
    let read = Scenario { transitions: vec![Transition { caller: Account(1), region: Region(0), request }] };
    for slot in 0..u64::from(MOST_UNREACHABLE) {
        let played = context.run(Phase::Probe, slot, async |executor| executor.scenario(&read).await).await;
        if played.is_ok_and(|execution| !execution.unreachable) {
            return false;
        }
    }
    true
}

/// The time for what is under way when a phase is cut in a run that ends then.
fn grace(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now()).clamp(LEAST_GRACE, GRACE)
}

impl Ledger {
    fn is_mostly_fruitless(&self) -> bool {
        self.fruitless > 0 && u64::from(self.fruitless) * 2 >= self.scenarios
    }

    /// Whether a budget is spent, and what is to be said of it.
    fn is_enough(&self, settings: &RunSettings) -> (bool, Option<Stop>) {
        let findings = self.known.len();
        let enough = findings >= settings.max_findings;
        let why = format!("{findings} distinct divergences are enough (--max-findings)");
        (enough || self.calls >= settings.most_calls(), enough.then_some(Stop::Short(why)))
    }
}

/// Takes note of what the scenarios of a queue brought, in their order.
struct Notes<'n, 't> {
    context: &'n RunContext,
    queue: &'n Queue,
    ledger: &'n mut Ledger,
    part: &'n mut PhasePart,
    tell: &'n mut Tell<'t>,
}

impl Notes<'_, '_> {
    /// Takes note of what has this place, and sees whether there is any use in another.
    fn commit(&mut self, place: u64, queued: Queued, attempt: Result<Attempt, String>) {
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(reason) => {
                self.part.stops.push(Stop::Lost(format!("failed to {reason}")));
                self.ledger.over = true;
                return;
            }
        };
        let Some(last) = attempt.parts.last() else { return };
        self.ledger.is_unanswered |= last.steps.last().is_some_and(|step| step.answer.is_err());
        self.ledger.unreachable = if last.unreachable { self.ledger.unreachable + 1 } else { 0 };
        self.ledger.fruitless = if last.fruitless { self.ledger.fruitless + 1 } else { 0 };
        let before = self.ledger.calls;
        // Where the queue was cut, places before this one may be missing.
        let index = usize::try_from(place / self.context.settings.shard.of).unwrap_or(usize::MAX);
        self.part.calls.resize(index.max(self.part.calls.len()), 0);
        for (execution, slot) in attempt.parts.iter().zip(self.queue.slot(queued)..) {
            self.note(place, queued, slot, before, execution);
        }
        self.part.walked.miss(&attempt.missed);
        self.part.calls.push(self.ledger.calls - before);
        if self.ledger.unreachable >= MOST_UNREACHABLE || self.ledger.fruitless >= MOST_FRUITLESS {
            self.part.stops.push(Stop::Lost(last.ended.clone().unwrap_or_else(|| "no answer".to_owned())));
            self.ledger.over = true;
        }
        let (enough, why) = self.ledger.is_enough(&self.context.settings);
        self.part.stops.extend(why);
        self.ledger.over |= enough;
    }

    /// Takes note of a scenario that was run with the accounts of a slot. What has its place began after so many calls.
    fn note(&mut self, place: u64, queued: Queued, slot: u64, before: u64, execution: &Execution) {
        let phase = queued.phase;
        let settings = &self.context.settings;
        if settings.record {
            let naming = self.context.accounts.naming(phase, slot);
            let recorded = conversation(execution, naming, self.queue.title(phase, slot));
            (self.tell)(Event::Recorded(Box::new(recorded)));
        }
        let Ledger { known, calls, .. } = &mut *self.ledger;
        for found in &execution.found {
            if !settings.selection.has_divergence(&found.divergence) {
                continue;
            }
            let sightings = known.entry(found.divergence.fingerprint()).or_default();
            *sightings += 1;
            if *sightings == 1 {
                let of_law = found.divergence.kind == DivergenceKind::Law;
                self.part.leads.push(Lead {
                    found: found.clone(),
                    scenario: execution.scenario(found.steps),
                    steps: steps_until(execution, found),
                    names: execution.names(self.context.accounts.naming(phase, slot)),
                    calls_before: *calls,
                    phase,
                    number: place,
                    calls: *calls - before + found.calls,
                    case: self.queue.case(queued).filter(|_| of_law).cloned(),
                });
            }
        }
        self.ledger.calls += execution.tally.calls;
        self.ledger.scenarios += 1;
        self.part.tally.add(&execution.tally);
        keep_examples(self.part, execution);
        self.part.walked.exercised.extend(&execution.exercised);
        let Ledger { calls, scenarios, known, .. } = &*self.ledger;
        (self.tell)(Event::Progress { calls: *calls, scenarios: *scenarios, findings: known.len() });
    }
}

/// Keeps the scenario where it shows an answer in fewer steps than any before.
fn keep_examples(part: &mut PhasePart, execution: &Execution) {
    for (given, steps) in &execution.answered {
        let known = part.examples.get(&given.answer);
        if known.is_none_or(|known| *steps < known.transitions.len()) {
            part.examples.insert(given.answer, execution.scenario(*steps));
        }
    }
}
