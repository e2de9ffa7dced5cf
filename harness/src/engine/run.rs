//! A run: probe, the phases that explore, then a look into what they found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::boundary::Boundary;
use super::execute::{Execution, is_worth_it};
use super::investigate::{Finding, Followed, Investigator, Lead};
use super::lane::{Exploration, Stage};
use super::laws::Laws;
use super::malformed::MalformedOutcome;
use super::probe::{self, ProbeError, Probed};
use super::random::Random;
use super::settings::{Phase, RunSettings};
use super::walk::{Walked, Walking};
use super::{Supply, SupportTable, Tally};
use crate::event::Event;
use crate::generate::CastNaming;
use crate::record::{StopCause, Stopped};
use passmuster_contract::domain::{Answer, Fingerprint, Scenario};

/// The slot of the first scenario that is run again; those of the probe and of the phases lie around it.
const FIRST_RERUN: u64 = 400_000;

/// Stops a run from outside, after which it reports what it has.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Interrupt {
    /// Asks the run to stop.
    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    /// Whether it was asked to.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Waits until it is asked to.
    pub async fn raised(&self) {
        let notified = self.notify.notified();
        if !self.is_raised() {
            notified.await;
        }
    }
}

/// Where the account ids of a run begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grounds {
    pub(super) base: u64,
}

impl Grounds {
    /// The names in a scenario of a phase that explores.
    pub(super) fn naming_in(self, phase: Phase, slot: u64, settings: &RunSettings) -> CastNaming {
        let first = match phase {
            Phase::Probe => 0,
            Phase::Boundary => 1_000,
            Phase::Laws => 10_000,
            Phase::Walk => 20_000,
            Phase::Random => 200_000,
            Phase::Malformed => 300_000,
        };
        self.naming(first + slot, settings)
    }

    pub(super) fn naming(self, slot: u64, settings: &RunSettings) -> CastNaming {
        // A target that is reset between scenarios may see the same accounts again.
        let slot = if settings.fresh_accounts { slot } else { 0 };
        let naming = CastNaming::new(self.base, slot, settings.regions.clone());
        match settings.single_account {
            Some(account) => naming.with_single_caller(account),
            None => naming,
        }
    }

    pub(super) fn naming_for_rerun(self, run: u64, settings: &RunSettings) -> CastNaming {
        self.naming(FIRST_RERUN + run, settings)
    }
}

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

/// Everything a run found out.
#[derive(Clone, Debug)]
pub struct Run {
    /// Which operations there are.
    pub support: SupportTable,
    /// Counts over all phases; of looking into what they found, the calls alone.
    pub tally: Tally,
    /// What of them is the probe's.
    pub(super) probe: Tally,
    /// The phases that explored, each with the calls that each number of its plan took.
    pub(super) phases: Vec<(Phase, Vec<u64>)>,
    /// What was seen to diverge and what became of it, in the order in which it was looked into.
    pub(super) followed: Vec<Followed>,
    /// Divergences that were seen again, in the order they were first seen.
    pub findings: Vec<Finding>,
    /// The shortest scenario seen to show an answer to an open question.
    pub examples: BTreeMap<Answer, Scenario>,
    /// Divergences that were seen and could not be confirmed, with the reason.
    pub unconfirmed: Vec<(Fingerprint, String)>,
    /// Why it stopped early.
    pub stopped: Option<Stopped>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Whether the target became unreachable.
    pub unreachable: bool,
    /// Remarks.
    pub remarks: Vec<String>,
    /// Seconds on the clock.
    pub seconds: f64,
    /// Where the account ids began.
    pub base: u64,
    /// What the walk came by, where it was gone.
    pub(super) walked: Option<Walked>,
    /// What malformed requests showed, where any were sent.
    pub malformed: Option<MalformedOutcome>,
    /// Whether random scenarios were run at all.
    pub explored: bool,
    /// Whether one account made all calls.
    pub single_caller: bool,
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
        tell(Event::PhaseStarted { phase: Phase::Probe.name(), budget: None });
        let mut run = Self::blank();
        let probed = tokio::select! {
            probed = prepare_and_probe(&*supply, &settings) => probed?,
            () = tokio::time::sleep_until(began + settings.max_time) => {
                run.stopped = Some(Stopped::because("the time ran out before it was known what the target supports"));
                return Ok(run);
            }
            () = interrupt.raised() => {
                run.interrupted = true;
                run.stopped = Some(Stopped::interrupted());
                return Ok(run);
            }
        };
        let mut settings = settings;
        if !probed.isolated || settings.single_account.is_some() {
            settings.generate.single_caller = true;
            // An organization takes a management account and a member at least.
            settings.generate.operations.retain(|operation| !operation.is_setup());
        }
        settings.generate.operations.retain(|operation| probed.support.has(*operation));
        for remark in &probed.remarks {
            tell(Event::Remark(remark.clone()));
        }
        run.support = probed.support;
        run.tally = probed.tally.clone();
        run.probe = probed.tally;
        run.remarks = probed.remarks;
        run.base = probed.grounds.base;
        run.single_caller = settings.generate.single_caller;
        let asked = settings.phases.iter().any(|phase| *phase != Phase::Probe);
        let wanted = |phase: &Phase| match phase {
            Phase::Probe => true,
            Phase::Malformed => super::malformed::leaves_any(&settings.selection, &run.support),
            _ => settings.selection.leaves_any(&settings.generate.operations),
        };
        settings.phases = settings.phases.iter().copied().filter(wanted).collect();
        let selected = settings.phases.iter().any(|phase| *phase != Phase::Probe);
        if asked && !selected && !settings.generate.operations.is_empty() {
            run.remarks
                .push("nothing is left to check: --only and --skip leave no operation supported".to_owned());
        }
        if selected {
            let stage = Stage {
                supply: supply.clone(),
                settings: Arc::new(settings),
                support: Arc::new(run.support.clone()),
                grounds: probed.grounds,
            };
            run.explore(&stage, began, interrupt, &mut tell).await;
        }
        run.seconds = began.elapsed().as_secs_f64();
        Ok(run)
    }

    /// A run that has not done anything yet.
    fn blank() -> Self {
        Self {
            support: SupportTable::default(),
            tally: Tally::default(),
            probe: Tally::default(),
            phases: Vec::new(),
            followed: Vec::new(),
            findings: Vec::new(),
            examples: BTreeMap::new(),
            unconfirmed: Vec::new(),
            stopped: None,
            interrupted: false,
            unreachable: false,
            remarks: Vec::new(),
            seconds: 0.0,
            base: 0,
            walked: None,
            malformed: None,
            explored: false,
            single_caller: false,
        }
    }

    /// Goes through the phases that explore, then looks into what they found.
    async fn explore<S: Supply>(
        &mut self,
        stage: &Stage<S>,
        began: Instant,
        interrupt: &Interrupt,
        tell: &mut impl FnMut(Event),
    ) {
        let settings = &*stage.settings;
        let mut exploration = Exploration::new(stage.clone(), began, interrupt);
        for phase in settings.phases.iter().copied().filter(|phase| *phase != Phase::Probe) {
            // Goals are for calls of the API.
            self.explored |= phase != Phase::Malformed;
            let calls = exploration.budget(phase);
            match phase {
                Phase::Probe => {}
                Phase::Boundary => {
                    let plan = Boundary::plan(settings, &self.support, calls, stage.only_one());
                    exploration.explore(plan, self, tell).await;
                }
                Phase::Laws => {
                    let plan = Laws::plan(settings, &self.support, calls, stage.only_one());
                    exploration.explore(plan, self, tell).await;
                }
                Phase::Walk => {
                    self.walked = Some(Walked::default());
                    let plan = Walking::plan(settings, &self.support, calls, stage.only_one());
                    exploration.explore(plan, self, tell).await;
                }
                Phase::Malformed => self.send_malformed(stage, began, interrupt, tell).await,
                Phase::Random => {
                    let plan = Random::plan(settings, &self.support, calls, stage.only_one());
                    exploration.explore(plan, self, tell).await;
                }
            }
        }
        let leads = exploration.leads;
        if self.explored {
            self.investigate(stage, leads, began, interrupt, tell).await;
        }
    }

    /// Sends malformed requests.
    async fn send_malformed<S: Supply>(
        &mut self,
        stage: &Stage<S>,
        began: Instant,
        interrupt: &Interrupt,
        tell: &mut impl FnMut(Event),
    ) {
        if self.interrupted || self.unreachable {
            return;
        }
        tell(Event::PhaseStarted { phase: Phase::Malformed.name(), budget: None });
        match super::malformed::campaign(stage, began + stage.settings.max_time, interrupt, tell).await {
            Ok(outcome) => {
                if let Some(why) = &outcome.stopped {
                    self.stop(&format!("not all malformed requests were sent: {why}"));
                }
                if outcome.lost {
                    self.lose("it takes no connections any more");
                }
                if interrupt.is_raised() {
                    self.interrupted = true;
                    self.stopped = Some(Stopped::interrupted());
                }
                self.tally.calls += outcome.calls;
                self.malformed = Some(outcome);
            }
            Err(reason) => self.remarks.push(format!("no malformed requests were sent: failed to {reason}")),
        }
    }

    async fn investigate<S: Supply>(
        &mut self,
        stage: &Stage<S>,
        mut leads: Vec<Lead>,
        began: Instant,
        interrupt: &Interrupt,
        tell: &mut impl FnMut(Event),
    ) {
        let settings = &*stage.settings;
        // What nobody settled is only recorded, so it comes last.
        leads.sort_by_key(|lead| std::cmp::Reverse(is_worth_it(&lead.found.divergence)));
        let deadline = began + settings.max_time;
        let mut investigator = Investigator {
            supply: &*stage.supply,
            support: &stage.support,
            settings,
            grounds: &stage.grounds,
            deadline,
            runs: 0,
            calls: 0,
            unreachable: 0,
        };
        for lead in leads {
            if self.interrupted || investigator.lost() || Instant::now() >= deadline {
                let reason = match (self.interrupted, investigator.lost()) {
                    (true, _) => StopCause::Interrupted.words(),
                    (_, true) => StopCause::TargetLost.words(),
                    (false, false) => "out of time",
                };
                self.follow(lead, 0, Err(reason), tell);
                continue;
            }
            let before = investigator.calls;
            let looked = tokio::select! {
                looked = investigator.look_into(&lead) => looked,
                () = interrupt.raised() => {
                    self.interrupted = true;
                    self.stopped = Some(Stopped::interrupted());
                    None
                }
            };
            let outcome = looked.ok_or_else(|| match (investigator.lost(), Instant::now() >= deadline) {
                (true, _) => StopCause::TargetLost.words(),
                (_, true) => "out of time",
                (false, false) => "not seen again",
            });
            self.follow(lead, investigator.calls - before, outcome, tell);
        }
        if investigator.lost() && !self.interrupted {
            self.unreachable = true;
            let before = self.stopped.take().filter(|why| why.cause() == StopCause::TargetLost);
            self.stopped = before.or_else(|| Some(Stopped::target_lost("it brings no answer any more")));
        }
        self.tally.calls += investigator.calls;
    }

    /// Calls of all numbers so far.
    pub(super) fn explored(&self) -> u64 {
        self.phases.iter().flat_map(|(_, calls)| calls).sum()
    }

    /// Remembers why it did not do all it was to do.
    pub(super) fn stop(&mut self, why: &str) {
        self.stopped = Some(match self.stopped.take() {
            Some(before) => before.and(why),
            None => Stopped::because(why),
        });
    }

    /// The target brings no answers any more.
    pub(super) fn lose(&mut self, why: &str) {
        self.unreachable = true;
        self.stopped = Some(Stopped::target_lost(why));
    }

    /// Keeps the scenario where it shows an answer in fewer steps than any before.
    pub(super) fn keep_examples(&mut self, execution: &Execution) {
        for (given, steps) in &execution.answered {
            let known = self.examples.get(&given.answer);
            if known.is_none_or(|known| *steps < known.transitions.len()) {
                self.examples.insert(given.answer, execution.scenario(*steps));
            }
        }
    }

    /// Takes note of what became of a lead.
    fn follow(&mut self, lead: Lead, took: u64, outcome: Result<Finding, &str>, tell: &mut impl FnMut(Event)) {
        match &outcome {
            Ok(finding) => self.add(finding, tell),
            Err(reason) => {
                self.unconfirmed.push((lead.found.divergence.fingerprint(), (*reason).to_owned()));
            }
        }
        self.followed.push(Followed { lead, took, outcome: outcome.map_err(str::to_owned) });
    }

    fn add(&mut self, finding: &Finding, tell: &mut impl FnMut(Event)) {
        let cause = finding.cause();
        if let Some(known) = self.findings.iter_mut().find(|known| known.cause() == cause) {
            known.also.extend(finding.also.iter().cloned());
            return;
        }
        tell(Event::Found {
            id: finding.divergence.fingerprint().id(),
            severity: finding.divergence.severity(),
            summary: super::summary::sentence(&finding.divergence),
        });
        self.findings.push(finding.clone());
    }
}

async fn prepare_and_probe<S: Supply>(supply: &S, settings: &RunSettings) -> Result<Probed, RunError> {
    supply.prepare().await.map_err(RunError::Reset)?;
    Ok(probe::probe(&supply.open(), settings).await?)
}
