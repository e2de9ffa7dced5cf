//! The conductor of a run: the probe, then the phases that explore and look into what they find.

use std::sync::Arc;
use std::thread;

use tokio::time::Instant;

use super::ahead::Ahead;
use super::context::RunContext;
use super::ending::{RunEnding, Stop};
use super::interrupt::Interrupt;
use super::malformed;
use super::outcome::Run;
use super::phase::{
    Exploration, PhasePart, ProbeError, Probed, Queue, Walked, call_broken, plan_whole, probe, revisit,
};
use super::settings::{Phase, RunSettings};
use super::supply::Supply;
use crate::event::Event;
use crate::generate::Ways;
use crate::record::Stopped;
use passmuster_contract::domain::Operation;

/// Why a run ends without a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// It could not begin.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// The target does not forget when told to.
    #[error("failed to {0}")]
    Reset(String),
}

impl Run {
    /// Runs the phases.
    ///
    /// # Errors
    ///
    /// When nothing can be judged because the target can't be reached or holds state that is in the way.
    pub async fn start<S: Supply>(
        supply: Arc<S>,
        settings: RunSettings,
        interrupt: &Interrupt,
        mut tell: impl FnMut(Event),
    ) -> Result<Self, RunError> {
        let began = Instant::now();
        // The shortest paths are needed by the first finding, or by the record.
        thread::spawn(Ways::get);
        tell(Event::PhaseStarted { phase: Phase::Probe.name(), budget: None });
        let probed = tokio::select! {
            biased;
            () = interrupt.raised() => return Ok(Self::ended_before(Stopped::interrupted())),
            probed = prepare_and_probe(&*supply, &settings) => probed?,
            () = tokio::time::sleep_until(began + settings.max_time) => {
                let why = "the time ran out before it was known what the target supports";
                return Ok(Self::ended_before(Stopped::because(why)));
            }
        };
        for remark in &probed.remarks {
            tell(Event::Remark(remark.clone()));
        }
        let mut run = Self {
            support: probed.support.clone(),
            tally: probed.tally.clone(),
            remarks: probed.remarks.clone(),
            base: probed.accounts.base(),
            ..Self::default()
        };
        let all = settings.generate.operations.clone();
        let settings = settle(settings, &probed, &mut run);
        run.probe = probed.tally;
        if settings.phases.iter().any(|phase| *phase != Phase::Probe) {
            let context = RunContext {
                supply,
                settings: Arc::new(settings),
                support: Arc::new(probed.support),
                accounts: probed.accounts,
            };
            let conductor = Conductor { context, began, interrupt, all, run, ending: RunEnding::default() };
            run = conductor.conduct(&mut tell).await;
        }
        run.seconds = began.elapsed().as_secs_f64();
        Ok(run)
    }
}

async fn prepare_and_probe<S: Supply>(supply: &S, settings: &RunSettings) -> Result<Probed, RunError> {
    supply.prepare().await.map_err(RunError::Reset)?;
    Ok(probe(&supply.open(), settings).await?)
}

/// The settings that the target allows, with the phases that have something left to do.
fn settle(mut settings: RunSettings, probed: &Probed, run: &mut Run) -> RunSettings {
    if !probed.isolated || settings.single_account.is_some() {
        settings.generate.single_caller = true;
        // An organization takes a management account and a member at least.
        settings.generate.operations.retain(|operation| !operation.is_setup());
    }
    settings.generate.operations.retain(|operation| probed.support.has(*operation));
    run.single_caller = settings.generate.single_caller;
    let asked = settings.phases.iter().any(|phase| *phase != Phase::Probe);
    let wanted = |phase: &Phase| match phase {
        Phase::Probe => true,
        Phase::Malformed => malformed::leaves_any(&settings.selection, &probed.support),
        _ => settings.selection.leaves_any(&settings.generate.operations),
    };
    settings.phases = settings.phases.iter().copied().filter(wanted).collect();
    let selected = settings.phases.iter().any(|phase| *phase != Phase::Probe);
    if asked && !selected && !settings.generate.operations.is_empty() {
        run.remarks.push("nothing is left to check: --only and --skip leave no operation supported".to_owned());
    }
    settings
}

/// Goes through the phases that explore and look into what they find.
struct Conductor<'a, S> {
    context: RunContext<S>,
    began: Instant,
    interrupt: &'a Interrupt,
    /// The operations that were to be called, whatever the target has.
    all: Vec<Operation>,
    run: Run,
    ending: RunEnding,
}

impl<S: Supply> Conductor<'_, S> {
    async fn conduct(mut self, tell: &mut impl FnMut(Event)) -> Run {
        let settings = self.context.settings.clone();
        let mut exploration = Exploration::new(self.context.clone(), self.began, self.interrupt);
        self.call_broken(&mut exploration, tell).await;
        self.revisit(&mut exploration, tell).await;
        let explores = |phase: &&Phase| !matches!(phase, Phase::Probe | Phase::Malformed);
        if settings.phases.iter().any(|phase| explores(&phase)) {
            // Goals are for calls of the API.
            self.run.explored = true;
            self.explore(&mut exploration, tell).await;
        }
        if settings.phases.contains(&Phase::Malformed) {
            // What they leave the target with must not be in the way of what was seen before.
            exploration.follow_open(tell).await;
            self.send_malformed(tell).await;
        }
        exploration.follow_open(tell).await;
        let (mut findings, sightings, part) = exploration.finish();
        self.add(part);
        std::mem::take(&mut findings.stops).into_iter().for_each(|stop| self.ending.note(stop));
        if self.ending.unreachable {
            for end in findings.take_hang_ups() {
                self.run.tally.did_not_tell(end.operation, &end.observed);
            }
        }
        self.run.tally.calls += findings.calls;
        self.run.followed = findings.followed;
        self.run.sightings = sightings;
        self.run.findings = findings.confirmed;
        self.run.unconfirmed = findings.unconfirmed;
        let RunEnding { stopped, interrupted, unreachable } = self.ending;
        Run { stopped, interrupted, unreachable, ..self.run }
    }

    /// Runs the scenarios: the first ones while the others are planned.
    async fn explore(&mut self, exploration: &mut Exploration<'_, S>, tell: &mut impl FnMut(Event)) {
        let context = self.context.clone();
        let head = Arc::new(Queue::head(&context));
        let planning = {
            let (head, whole, all) = (head.clone(), context.settings.clone(), self.all.clone());
            let walks = whole.phases.contains(&Phase::Walk);
            let later = move || {
                if walks {
                    plan_whole(&whole, all)
                }
            };
            Ahead::begin(move || Queue::rest(&context, &head), later)
        };
        exploration.explore(head, tell).await;
        if let Some(Some(rest)) = exploration.wait_for(planning.ready()).await {
            if self.context.settings.phases.contains(&Phase::Walk) {
                self.run.walked = Some(Walked::default());
            }
            exploration.explore(Arc::new(rest), tell).await;
        }
    }

    /// Adds what the scenarios found out.
    fn add(&mut self, part: PhasePart) {
        let run = &mut self.run;
        run.calls = part.calls;
        run.tally.add(&part.tally);
        run.examples = part.examples;
        if run.walked.is_some() {
            run.walked = Some(part.walked);
        }
        part.stops.into_iter().for_each(|stop| self.ending.note(stop));
    }

    /// Sends malformed requests.
    async fn send_malformed(&mut self, tell: &mut impl FnMut(Event)) {
        if self.ending.interrupted || self.ending.unreachable {
            return;
        }
        tell(Event::PhaseStarted { phase: Phase::Malformed.name(), budget: None });
        let end = self.began + self.context.settings.max_time;
        match malformed::campaign(&self.context, end, self.interrupt, tell).await {
            Ok(outcome) => {
                if let Some(why) = &outcome.stopped {
                    self.ending.note(Stop::Short(format!("not all malformed requests were sent: {why}")));
                }
                if outcome.lost {
                    self.ending.note(Stop::Lost("it takes no connections any more".to_owned()));
                }
                if self.interrupt.is_raised() {
                    self.ending.note(Stop::Interrupted);
                }
                self.run.tally.calls += outcome.calls;
                self.run.malformed = Some(outcome);
            }
            Err(reason) => {
                self.run.remarks.push(format!("no malformed requests were sent: failed to {reason}"));
            }
        }
    }

    /// Replays what is known, so that it is found whatever else is run.
    async fn revisit(&mut self, exploration: &mut Exploration<'_, S>, tell: &mut impl FnMut(Event)) {
        if self.context.settings.phases.iter().all(|phase| matches!(phase, Phase::Probe | Phase::Malformed)) {
            return;
        }
        let revisited = revisit(&self.context, self.began, self.interrupt).await;
        exploration.look_into(revisited.leads, tell).await;
        self.run.tally.add(&revisited.tally);
        self.run.replays = revisited.replays;
        revisited.stop.into_iter().for_each(|stop| self.ending.note(stop));
    }

    /// Calls the operations that failed in the probe once more, so that their failure is a finding.
    async fn call_broken(&mut self, exploration: &mut Exploration<'_, S>, tell: &mut impl FnMut(Event)) {
        let called = call_broken(&self.context, self.began, self.interrupt).await;
        exploration.look_into(called.leads, tell).await;
        self.run.tally.add(&called.tally);
        self.run.unsteady = called.unsteady;
        called.stop.into_iter().for_each(|stop| self.ending.note(stop));
    }
}
