//! The exploring part of a run: the scenarios of one phase after the other, until the budget is spent. What one of them
//! shows is looked into before more are begun.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::context::RunContext;
use super::super::ending::Stop;
use super::super::execution::{Attempt, Execution, MOST_UNREACHABLE};
use super::super::finding::{FollowedLeads, Lead, LeadFollower, steps_until};
use super::super::interrupt::Interrupt;
use super::super::pool::{OrderedWork, WorkStep};
use super::super::recording::conversation;
use super::super::settings::{Phase, RunSettings};
use super::super::supply::Supply;
use super::part::PhasePart;
use super::plan::PhasePlan;
use crate::event::Event;
use passmuster_contract::domain::{DivergenceKind, Fingerprint};

/// Percent of the run's time after which the last phase ends at the latest.
const LAST_SHARE: u32 = 90;

/// So many scenarios in a row whose first call can't be judged, and there is no use in going on.
const MOST_FRUITLESS: u32 = 25;

/// So long may what is under way take when a phase is cut: what it has seen is not to be lost.
const GRACE: Duration = Duration::from_secs(1);

/// The exploring part of a run.
pub(in crate::engine) struct Exploration<'a, S> {
    context: RunContext<S>,
    /// Calls that the phases so far were to take.
    planned: u64,
    ledger: Ledger,
    follower: LeadFollower<'a, S>,
    began: Instant,
    interrupt: &'a Interrupt,
}

/// The state that the phases share: a divergence that one has seen is no news to the next.
#[derive(Default)]
struct Ledger {
    /// Each divergence, with the number of scenarios that showed it.
    known: BTreeMap<Fingerprint, u64>,
    calls: u64,
    scenarios: u64,
    /// Scenarios in a row without any answer.
    unreachable: u32,
    /// Scenarios in a row whose first call could not be judged.
    fruitless: u32,
    /// Whether there is no use in another scenario.
    over: bool,
}

/// Why the scenarios of a phase were not all run.
enum EarlyEnd {
    Time,
    Interrupted,
}

impl<'a, S: Supply> Exploration<'a, S> {
    pub(in crate::engine) fn new(context: RunContext<S>, began: Instant, interrupt: &'a Interrupt) -> Self {
        let follower = LeadFollower::new(context.clone(), began, interrupt);
        Self { context, planned: 0, ledger: Ledger::default(), follower, began, interrupt }
    }

    /// Looks into what was found outside of the phases.
    pub(in crate::engine) async fn look_into(&mut self, mut leads: Vec<Lead>, tell: &mut impl FnMut(Event)) {
        for lead in &leads {
            *self.ledger.known.entry(lead.found.divergence.fingerprint()).or_default() += 1;
        }
        self.follower.follow(&mut leads, tell).await;
    }

    /// Looks into what was only to be recorded.
    pub(in crate::engine) async fn follow_open(&mut self, tell: &mut impl FnMut(Event)) {
        self.follower.follow_open(tell).await;
    }

    /// Everything that was found, with the number of scenarios that showed it.
    pub(in crate::engine) fn finish(self) -> (FollowedLeads, BTreeMap<Fingerprint, u64>) {
        (self.follower.finish(), self.ledger.known)
    }

    /// The number of calls the phase may plan with. Calls that it does not need are left to the next. It does not
    /// depend on what the target answers, so that every shard of a run plans alike.
    pub(in crate::engine) fn budget(&self, phase: Phase) -> u64 {
        let settings = &self.context.settings;
        let left = settings.max_calls.saturating_sub(self.planned);
        if settings.phases.last() == Some(&phase) { left } else { left / 100 * phase.share_of_calls() }
    }

    fn deadline(&self, phase: Phase) -> Instant {
        let settings = &self.context.settings;
        // The rest of the time is for looking into what is found last.
        let last = settings.phases.last() == Some(&phase);
        let share = if last { LAST_SHARE } else { phase.share_of_time() };
        self.began + settings.max_time / 100 * share
    }

    /// Waits for something that a phase takes, as long as that phase may take.
    pub(in crate::engine) async fn wait_for(
        &self,
        phase: Phase,
        ready: impl Future<Output = ()>,
    ) -> Result<(), Stop> {
        tokio::select! {
            biased;
            () = ready => Ok(()),
            () = self.interrupt.raised() => Err(Stop::Interrupted),
            () = tokio::time::sleep_until(self.deadline(phase)) => {
                Err(Stop::Short(format!("the time for {} scenarios ran out before they were planned", phase.name())))
            }
        }
    }

    /// Runs the scenarios of a phase; `None` where there is no use in any.
    pub(in crate::engine) async fn explore<P: PhasePlan>(
        &mut self,
        plan: P,
        tell: &mut impl FnMut(Event),
    ) -> Option<PhasePart> {
        if self.ledger.over {
            return None;
        }
        let settings = self.context.settings.clone();
        let budget = plan.calls().div_ceil(settings.shard.of);
        tell(Event::PhaseStarted { phase: P::PHASE.name(), budget: Some(budget) });
        self.planned += plan.calls();
        let plan = Arc::new(plan);
        let (deadline, interrupt) = (self.deadline(P::PHASE), self.interrupt);
        let context = &self.context;
        let numbers = (0..plan.scenarios()).filter(|number| settings.shard.has(*number));
        let pieces = numbers.map(|number| {
            let (context, plan) = (context.clone(), plan.clone());
            async move { (number, plan.run(number, &context).await) }
        });
        let mut end = pin!(async {
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => EarlyEnd::Time,
                () = interrupt.raised() => EarlyEnd::Interrupted,
            }
        });
        let mut part = PhasePart::new(P::PHASE);
        let mut notes = Notes { context, plan: &*plan, ledger: &mut self.ledger, part: &mut part, tell };
        let mut work = OrderedWork::new(pieces, context.workers());
        let why = loop {
            match work.next(end.as_mut()).await {
                WorkStep::Result((number, attempt)) => notes.commit(number, attempt),
                WorkStep::End(why) => break Some(why),
                WorkStep::Done => break None,
            }
            self.follower.follow(&mut notes.part.leads, notes.tell).await;
            if notes.ledger.over {
                break None;
            }
        };
        if why.is_some() {
            for (number, attempt) in work.finish(GRACE).await {
                notes.commit(number, attempt);
            }
            self.follower.follow(&mut notes.part.leads, notes.tell).await;
        }
        match why {
            Some(EarlyEnd::Time) => {
                let (phase, calls) = (P::PHASE.name(), self.ledger.calls);
                part.stops
                    .push(Stop::Short(format!("the time for {phase} scenarios ran out after {calls} calls")));
            }
            Some(EarlyEnd::Interrupted) => {
                self.ledger.over = true;
                part.stops.push(Stop::Interrupted);
            }
            None => {}
        }
        if self.ledger.is_mostly_fruitless() && !self.ledger.over {
            part.stops.push(Stop::Lost("most scenarios did not get beyond their first call".to_owned()));
            self.ledger.over = true;
        }
        Some(part)
    }
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

/// Takes note of what the numbers of a plan brought, in their order.
struct Notes<'n, S, P, T> {
    context: &'n RunContext<S>,
    plan: &'n P,
    ledger: &'n mut Ledger,
    part: &'n mut PhasePart,
    tell: &'n mut T,
}

impl<S: Supply, P: PhasePlan, T: FnMut(Event)> Notes<'_, S, P, T> {
    /// Takes note of a number, and sees whether there is any use in another.
    fn commit(&mut self, number: u64, attempt: Result<Attempt, String>) {
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(reason) => {
                self.part.stops.push(Stop::Lost(format!("failed to {reason}")));
                self.ledger.over = true;
                return;
            }
        };
        let Some(last) = attempt.parts.last() else { return };
        self.ledger.unreachable = if last.unreachable { self.ledger.unreachable + 1 } else { 0 };
        self.ledger.fruitless = if last.fruitless { self.ledger.fruitless + 1 } else { 0 };
        let before = self.ledger.calls;
        // Where the phase was cut, numbers before this one may be missing.
        let place = usize::try_from(number / self.context.settings.shard.of).unwrap_or(usize::MAX);
        self.part.calls.resize(place.max(self.part.calls.len()), 0);
        for (execution, slot) in attempt.parts.iter().zip(self.plan.slot(number)..) {
            self.note(number, slot, before, execution);
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

    /// Takes note of a scenario that was run under a number with the accounts of a slot. The number began after so
    /// many calls.
    fn note(&mut self, number: u64, slot: u64, before: u64, execution: &Execution) {
        let settings = &self.context.settings;
        if settings.record {
            let naming = self.context.accounts.naming(P::PHASE, slot);
            let recorded = conversation(execution, naming, self.plan.title(slot));
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
                    names: execution.names(self.context.accounts.naming(P::PHASE, slot)),
                    calls_before: *calls,
                    phase: P::PHASE,
                    number,
                    calls: *calls - before + found.calls,
                    case: self.plan.case(number).filter(|_| of_law).cloned(),
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
