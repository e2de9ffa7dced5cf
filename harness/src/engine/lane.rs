//! Runs the scenarios of a phase, several at once, and takes note of them in the order of their numbers: what is found
//! does not depend on how many workers there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::execute::{Execution, Executor};
use super::investigate::Lead;
use super::recording::conversation;
use super::run::Grounds;
use super::settings::{Phase, RunSettings};
use super::{Interrupt, Run, Supply, SupportTable};
use crate::event::Event;
use crate::generate::LawCase;
use crate::record::Stopped;
use crate::targets::OrganizationSetup;
use passmuster_contract::domain::{DivergenceKind, Fingerprint};

/// So many scenarios in a row without any answer, and the target counts as gone.
pub(super) const MOST_UNREACHABLE: u32 = 3;
/// So many scenarios in a row whose first call can't be judged, and there is no use in going on.
const MOST_FRUITLESS: u32 = 25;

/// The scenarios of a phase. Each can be run without any other having been run before.
pub(super) trait Plan: Send + Sync + 'static {
    /// The phase.
    const PHASE: Phase;

    /// How many scenarios there are, over all shards.
    fn scenarios(&self) -> u64;

    /// About how many calls they take, rather too many than too few.
    fn calls(&self) -> u64;

    /// What is run with the accounts of this slot is called, so that it can be found again.
    fn title(&self, slot: u64) -> String;

    /// The slot in the phase whose accounts the scenario of this number takes.
    fn slot(&self, number: u64) -> u64 {
        number
    }

    /// The law that is tried under this number, where one is.
    fn case(&self, _number: u64) -> Option<&Arc<LawCase>> {
        None
    }

    /// Runs the scenario of this number.
    ///
    /// # Errors
    ///
    /// When the target can't be made to forget, in words that fit behind "failed to …".
    fn run<S: Supply>(
        &self,
        number: u64,
        stage: &Stage<S>,
    ) -> impl Future<Output = Result<Execution, String>> + Send;
}

/// What a scenario is run on.
pub(super) struct Stage<S> {
    pub(super) supply: Arc<S>,
    pub(super) settings: Arc<RunSettings>,
    pub(super) support: Arc<SupportTable>,
    pub(super) grounds: Grounds,
}

impl<S> Clone for Stage<S> {
    fn clone(&self) -> Self {
        Self {
            supply: self.supply.clone(),
            settings: self.settings.clone(),
            support: self.support.clone(),
            grounds: self.grounds,
        }
    }
}

impl<S: Supply> Stage<S> {
    /// Makes the target ready, and runs something with the accounts of a slot of the phase.
    pub(super) async fn run<F>(&self, phase: Phase, slot: u64, scenario: F) -> Result<Execution, String>
    where
        F: AsyncFnOnce(Executor<'_, S::Sut>) -> Execution,
    {
        self.supply.prepare().await?;
        let sut = self.supply.open();
        let naming = self.grounds.naming_in(phase, slot, &self.settings);
        Ok(scenario(Executor::new(&sut, &self.support, &self.settings, naming)).await)
    }

    /// Whether all scenarios have to share one set of accounts that nothing clears: then there can be but one.
    pub(super) fn only_one(&self) -> bool {
        self.shares_accounts() && self.settings.fresh_accounts
    }

    fn shares_accounts(&self) -> bool {
        matches!(self.settings.organization, OrganizationSetup::Static { .. })
            || self.settings.single_account.is_some()
    }

    pub(super) fn workers(&self) -> usize {
        let apart = self.settings.fresh_accounts && !self.shares_accounts();
        if apart { self.settings.workers.max(1) } else { 1 }
    }
}

/// The exploring part of a run: phase after phase, until the budget is spent.
pub(super) struct Exploration<'a, S> {
    pub(super) stage: Stage<S>,
    /// What to look into afterwards, each divergence once.
    pub(super) leads: Vec<Lead>,
    known: BTreeSet<Fingerprint>,
    calls: u64,
    scenarios: u64,
    /// Calls that the phases so far were to take.
    planned: u64,
    /// Scenarios in a row without any answer.
    unreachable: u32,
    /// Scenarios in a row whose first call could not be judged.
    fruitless: u32,
    /// Whether there is no use in another scenario.
    over: bool,
    began: Instant,
    interrupt: &'a Interrupt,
}

impl<'a, S: Supply> Exploration<'a, S> {
    pub(super) fn new(stage: Stage<S>, began: Instant, interrupt: &'a Interrupt) -> Self {
        Self {
            stage,
            leads: Vec::new(),
            known: BTreeSet::new(),
            calls: 0,
            scenarios: 0,
            planned: 0,
            unreachable: 0,
            fruitless: 0,
            over: false,
            began,
            interrupt,
        }
    }

    /// How many calls the phase may plan with. What one phase does not need is left to the next. It does not hang on
    /// what the target answers, so that every shard of a run plans alike.
    pub(super) fn budget(&self, phase: Phase) -> u64 {
        let settings = &self.stage.settings;
        let left = settings.max_calls.saturating_sub(self.planned);
        if settings.phases.last() == Some(&phase) { left } else { left / 100 * phase.share_of_calls() }
    }

    fn deadline(&self, phase: Phase) -> Instant {
        let settings = &self.stage.settings;
        // The rest of the time is for looking into what is found.
        let last = settings.phases.last() == Some(&phase);
        let share = if last { Phase::Random.share_of_time() } else { phase.share_of_time() };
        self.began + settings.max_time / 100 * share
    }

    /// Runs the scenarios of a phase.
    pub(super) async fn explore<P: Plan>(&mut self, plan: P, run: &mut Run, tell: &mut impl FnMut(Event)) {
        if self.over {
            return;
        }
        let budget = plan.calls().div_ceil(self.stage.settings.shard.of);
        tell(Event::PhaseStarted { phase: P::PHASE.name(), budget: Some(budget) });
        self.planned += plan.calls();
        run.phases.push((P::PHASE, Vec::new()));
        let plan = Arc::new(plan);
        let settings = self.stage.settings.clone();
        let deadline = self.deadline(P::PHASE);
        let workers = self.stage.workers();
        let (mut running, mut waiting) = (JoinSet::new(), BTreeMap::new());
        let mut next = (0..plan.scenarios()).filter(|number| settings.shard.has(*number)).fuse();
        let mut order = next.clone();
        let mut ahead = 0;
        'phase: loop {
            while running.len() < workers
                && ahead < 4 * workers
                && let Some(number) = next.next()
            {
                let (stage, plan) = (self.stage.clone(), plan.clone());
                running.spawn(async move { (number, plan.run(number, &stage).await) });
                ahead += 1;
            }
            let joined = tokio::select! {
                joined = running.join_next() => joined,
                () = tokio::time::sleep_until(deadline) => {
                    let phase = P::PHASE.name();
                    run.stop(&format!("the time for {phase} scenarios ran out after {} calls", self.calls));
                    break;
                }
                () = self.interrupt.raised() => {
                    run.interrupted = true;
                    self.over = true;
                    run.stopped = Some(Stopped::interrupted());
                    break;
                }
            };
            match joined {
                None => break,
                Some(Ok((number, execution))) => {
                    waiting.insert(number, execution);
                }
                Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Some(Err(_)) => break,
            }
            while let Some(number) = order.clone().next()
                && let Some(execution) = waiting.remove(&number)
            {
                order.next();
                ahead -= 1;
                self.commit(&*plan, number, execution, run, tell);
                if self.over {
                    break 'phase;
                }
            }
        }
        running.shutdown().await;
        if self.fruitless > 0 && u64::from(self.fruitless) * 2 >= self.scenarios && !self.over {
            run.lose("most scenarios did not get beyond their first call");
            self.over = true;
        }
    }

    /// Takes note of the scenario of this number, and sees whether there is any use in another.
    fn commit<P: Plan>(
        &mut self,
        plan: &P,
        number: u64,
        execution: Result<Execution, String>,
        run: &mut Run,
        tell: &mut impl FnMut(Event),
    ) {
        let execution = match execution {
            Ok(execution) => execution,
            Err(reason) => {
                run.lose(&format!("failed to {reason}"));
                self.over = true;
                return;
            }
        };
        self.unreachable = if execution.unreachable { self.unreachable + 1 } else { 0 };
        self.fruitless = if execution.fruitless { self.fruitless + 1 } else { 0 };
        let before = self.calls;
        for (side, slot) in execution.in_order().into_iter().zip(plan.slot(number)..) {
            self.note(plan, number, slot, side, run, tell);
        }
        if let Some((_, calls)) = run.phases.last_mut() {
            calls.push(self.calls - before);
        }
        if self.unreachable >= MOST_UNREACHABLE || self.fruitless >= MOST_FRUITLESS {
            run.lose(execution.ended.as_deref().unwrap_or("no answer"));
            self.over = true;
        }
        self.over |= self.is_enough(run);
    }

    /// Whether a budget is spent.
    fn is_enough(&self, run: &mut Run) -> bool {
        let (settings, findings) = (&self.stage.settings, self.leads.len());
        let enough = findings >= settings.max_findings;
        if enough {
            run.stop(&format!("{findings} distinct divergences are enough (--max-findings)"));
        }
        enough || self.calls >= settings.most_calls()
    }

    /// Takes note of what was run under this number with the accounts of a slot.
    fn note<P: Plan>(
        &mut self,
        plan: &P,
        number: u64,
        slot: u64,
        execution: &Execution,
        run: &mut Run,
        tell: &mut impl FnMut(Event),
    ) {
        let settings = &self.stage.settings;
        if settings.record {
            let naming = self.stage.grounds.naming_in(P::PHASE, slot, settings);
            tell(Event::Recorded(Box::new(conversation(execution, naming, plan.title(slot)))));
        }
        for found in &execution.found {
            if settings.selection.has_divergence(&found.divergence)
                && self.known.insert(found.divergence.fingerprint())
            {
                self.leads.push(Lead {
                    found: found.clone(),
                    scenario: execution.scenario(found.steps),
                    calls_before: self.calls,
                    phase: P::PHASE,
                    number,
                    calls: self.calls - run.explored() + found.calls,
                    case: plan.case(number).filter(|_| found.divergence.kind == DivergenceKind::Law).cloned(),
                });
            }
        }
        self.calls += execution.tally.calls;
        self.scenarios += 1;
        run.tally.add(&execution.tally);
        run.keep_examples(execution);
        if let Some(walked) = &mut run.walked {
            walked.add(&execution.walked);
        }
        let (calls, scenarios) = (self.calls, self.scenarios);
        tell(Event::Progress { calls, scenarios, findings: self.leads.len() });
    }
}
