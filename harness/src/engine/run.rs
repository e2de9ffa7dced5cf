//! The conductor of a run: the probe, then the phases that explore and look into what they find.

use std::sync::Arc;

use tokio::time::Instant;

use super::ahead::{Ahead, SoughtAhead};
use super::context::RunContext;
use super::ending::{RunEnding, Stop};
use super::erased::{Boxed, ErasedSupply, Tell};
use super::interrupt::Interrupt;
use super::malformed;
use super::outcome::Run;
use super::phase::{
    Exploration, PhasePart, ProbeError, Probed, Queue, Walked, call_broken, count_whole, probe, revisit,
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
    pub fn start<'a, S: Supply>(
        supply: Arc<S>,
        settings: RunSettings,
        interrupt: &'a Interrupt,
        tell: impl FnMut(Event) + Send + 'a,
    ) -> impl Future<Output = Result<Self, RunError>> + Send + 'a {
        Self::boxed(ErasedSupply::new(supply), settings, interrupt, Box::new(tell))
    }

    /// The first phase alone: what the target has, and whether it tells accounts apart ([`Run::single_caller`]).
    ///
    /// # Errors
    ///
    /// When the target can't be reached or holds state that is in the way.
    pub fn probed<S: Supply>(
        supply: Arc<S>,
        settings: &RunSettings,
    ) -> impl Future<Output = Result<Self, RunError>> + Send {
        Self::boxed_probe(ErasedSupply::new(supply), settings)
    }

    fn boxed_probe(supply: ErasedSupply, settings: &RunSettings) -> Boxed<'_, Result<Self, RunError>> {
        Box::pin(async move { Ok(Self::after(&prepare_and_probe(&supply, settings).await?)) })
    }

    fn after(probed: &Probed) -> Self {
        Self {
            support: probed.support.clone(),
            tally: probed.tally.clone(),
            remarks: probed.remarks.clone(),
            base: probed.accounts.base(),
            single_caller: probed.one_account.is_some(),
            ..Self::default()
        }
    }

    fn boxed<'a>(
        supply: ErasedSupply,
        settings: RunSettings,
        interrupt: &'a Interrupt,
        mut tell: Box<Tell<'a>>,
    ) -> Boxed<'a, Result<Self, RunError>> {
        // The shortest paths are needed by the first finding, or by the record.
        let ways = SoughtAhead::begin(Ways::get);
        Box::pin(async move { Self::start_with(ways, supply, settings, interrupt, &mut *tell).await })
    }

    async fn start_with(
        ways: SoughtAhead<&'static Ways>,
        supply: ErasedSupply,
        settings: RunSettings,
        interrupt: &Interrupt,
        tell: &mut Tell<'_>,
    ) -> Result<Self, RunError> {
        let began = Instant::now();
        tell(Event::PhaseStarted { phase: Phase::Probe.name(), budget: None });
        let probed = tokio::select! {
            biased;
            () = interrupt.raised() => return Ok(Self::ended_before(Stopped::interrupted())),
            probed = prepare_and_probe(&supply, &settings) => probed?,
            () = tokio::time::sleep_until(began + settings.max_time) => {
                let why = "the time ran out before it was known what the target supports";
                return Ok(Self::ended_before(Stopped::because(why)));
            }
        };
        if let Some(account) = probed.one_account {
            return Err(ProbeError::OneAccount(account).into());
        }
        for remark in &probed.remarks {
            tell(Event::Remark(remark.clone()));
        }
        let mut run = Self::after(&probed);
        let all = settings.generate.operations.clone();
        let settings = settle(settings, &probed, &mut run);
        run.probe = probed.tally;
        let end = began + settings.max_time;
        if settings.phases.iter().any(|phase| *phase != Phase::Probe) {
            let context = RunContext {
                supply,
                settings: Arc::new(settings),
                support: Arc::new(probed.support),
                accounts: probed.accounts,
                ways: ways.clone(),
            };
            let ending = RunEnding::default();
            let conductor = Conductor { context, began, interrupt, all, run, ending, whole: None };
            run = conductor.conduct(tell).await;
        }
        run.ways = tokio::select! {
            biased;
            known = ways.by(end) => known,
            () = interrupt.raised() => None,
        };
        run.seconds = began.elapsed().as_secs_f64();
        Ok(run)
    }
}

async fn prepare_and_probe(supply: &ErasedSupply, settings: &RunSettings) -> Result<Probed, RunError> {
    supply.prepare().await.map_err(RunError::Reset)?;
    Ok(probe(&supply.open(), settings).await?)
}

/// The settings that the target allows, with the phases that have something left to do.
fn settle(mut settings: RunSettings, probed: &Probed, run: &mut Run) -> RunSettings {
    if settings.single_account.is_some() {
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
struct Conductor<'a> {
    context: RunContext,
    began: Instant,
    interrupt: &'a Interrupt,
    /// The operations that were to be called, whatever the target has.
    all: Vec<Operation>,
    run: Run,
    ending: RunEnding,
    /// The situations that there would be if every operation were supported.
    whole: Option<Ahead<Option<u64>>>,
}

impl Conductor<'_> {
    async fn conduct(mut self, tell: &mut Tell<'_>) -> Run {
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
        self.count_whole().await;
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
    async fn explore(&mut self, exploration: &mut Exploration<'_>, tell: &mut Tell<'_>) {
        let context = self.context.clone();
        let head = Ahead::begin(move || Queue::head(&context));
        let Some(Some(head)) = exploration.wait_for(head.ready()).await else { return };
        let head = Arc::new(head);
        let (context, whole, all) = (self.context.clone(), self.context.settings.clone(), self.all.clone());
        let first = head.clone();
        let count = move || whole.phases.contains(&Phase::Walk).then(|| count_whole(&whole, all));
        let (planning, counting) = Ahead::begin_with(move || Queue::rest(&context, &first), count);
        exploration.explore(head, tell).await;
        if let Some(Some(rest)) = exploration.wait_for(planning.ready()).await {
            self.run.walked = rest.walk().map(|plan| Walked { plan, ..Walked::default() });
            self.whole = Some(counting);
            exploration.explore(Arc::new(rest), tell).await;
        }
    }

    /// Waits for the situations of the walk if every operation were supported, as long as there is time.
    async fn count_whole(&mut self) {
        let (Some(walked), Some(counting)) = (&mut self.run.walked, self.whole.take()) else { return };
        let end = self.began + self.context.settings.max_time;
        walked.whole = tokio::select! {
            biased;
            counted = counting.ready() => counted.flatten(),
            () = self.interrupt.raised() => None,
            () = tokio::time::sleep_until(end) => None,
        };
    }

    /// Adds what the scenarios found out.
    fn add(&mut self, part: PhasePart) {
        let run = &mut self.run;
        run.calls = part.calls;
        run.tally.add(&part.tally);
        run.examples = part.examples;
        if let Some(walked) = &mut run.walked {
            let Walked { exercised, missed, .. } = part.walked;
            (walked.exercised, walked.missed) = (exercised, missed);
        }
        part.stops.into_iter().for_each(|stop| self.ending.note(stop));
    }

    /// Sends malformed requests.
    async fn send_malformed(&mut self, tell: &mut Tell<'_>) {
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
                for (operation, times) in &outcome.throttled {
                    self.run.tally.was_throttled(*operation, *times);
                }
                self.run.malformed = Some(outcome);
            }
            Err(reason) => {
                self.run.remarks.push(format!("no malformed requests were sent: failed to {reason}"));
                self.run.malformed = Some(malformed::MalformedOutcome::default());
            }
        }
    }

    /// Replays what is known, so that it is found whatever else is run.
    async fn revisit(&mut self, exploration: &mut Exploration<'_>, tell: &mut Tell<'_>) {
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
    async fn call_broken(&mut self, exploration: &mut Exploration<'_>, tell: &mut Tell<'_>) {
        let called = call_broken(&self.context, self.began, self.interrupt).await;
        exploration.look_into(called.leads, tell).await;
        self.run.tally.add(&called.tally);
        self.run.unsteady = called.unsteady;
        called.stop.into_iter().for_each(|stop| self.ending.note(stop));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::super::description::Description;
    use super::*;
    use crate::server::{Embedded, Fault, ServerSettings};
    use crate::targets::AccountSelection;

    struct WithAFault;

    impl Supply for WithAFault {
        type Sut = Embedded;

        fn open(&self) -> Embedded {
            let faults = vec![Fault::from_name("create-again").unwrap()];
            Embedded::with(ServerSettings { faults, ..ServerSettings::default() })
        }
    }

    #[tokio::test]
    async fn a_run_ends_in_its_time_though_its_plans_never_do_and_says_what_is_missing() {
        let (open, gate) = mpsc::channel::<()>();
        let ways = SoughtAhead::begin(move || {
            let _ = gate.recv();
            Ways::get()
        });
        let settings = RunSettings {
            phases: vec![Phase::Probe, Phase::Boundary],
            max_calls: 2_000,
            max_time: Duration::from_secs(4),
            ..RunSettings::default()
        };
        let (interrupt, mut tell) = (Interrupt::default(), |_| {});
        let run = Run::start_with(
            ways,
            ErasedSupply::new(Arc::new(WithAFault)),
            settings.clone(),
            &interrupt,
            &mut tell,
        );
        let run = tokio::time::timeout(Duration::from_secs(600), run).await.unwrap().unwrap();
        let description = Description {
            target: "embedded".to_owned(),
            endpoint: "in process".to_owned(),
            curl_endpoint: "http://127.0.0.1".to_owned(),
            curl_ca: None,
            accounts: AccountSelection::AccessKey,
            version: None,
            replay_flags: String::new(),
        };
        let record = run.record(&settings, &description);
        let missing = "the run was over before it was known why rules were not exercised";
        let is_said = record.remarks.iter().any(|remark| remark == missing);
        // A machine may be too slow for the probe.
        assert!(is_said || run.tally.calls == 0, "{:?}", record.remarks);
        drop(open);
    }
}
