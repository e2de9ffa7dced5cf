//! A run: probe, random scenarios by several workers, then a look into what they found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::blame;
use super::execute::setup::is_possible;
use super::execute::{Execution, Executor, is_worth_it};
use super::investigate::{Finding, Investigator, Lead};
use super::probe::{self, ProbeError, Probed};
use super::recording::conversation;
use super::settings::{Phase, RunSettings};
use super::{Supply, SupportTable, Tally};
use crate::domain::{Answer, Fingerprint, Scenario, Transition};
use crate::event::Event;
use crate::generate::{CastNaming, Intent, Intents, Script, Ways};
use crate::record::{INTERRUPTED, TARGET_LOST};
use crate::target::OrganizationSetup;

/// So many scenarios in a row without any answer, and the target counts as gone.
pub(super) const MOST_UNREACHABLE: u32 = 3;
/// So many scenarios in a row whose first call can't be judged, and there is no use in going on.
const MOST_FRUITLESS: u32 = 25;
/// Slots of account ids left to the probe.
const FIRST_SLOT: u64 = 16;
/// The slot of the first scenario that is run again.
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
    /// Counts over all phases.
    pub tally: Tally,
    /// Divergences that were seen again, in the order they were first seen.
    pub findings: Vec<Finding>,
    /// The shortest scenario seen to show an answer to an open question.
    pub examples: BTreeMap<Answer, Scenario>,
    /// Divergences that were seen and could not be confirmed, with the reason.
    pub unconfirmed: Vec<(Fingerprint, String)>,
    /// Why it stopped early.
    pub stopped: Option<String>,
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
                run.stopped = Some("the time ran out before it was known what the target supports".to_owned());
                return Ok(run);
            }
            () = interrupt.raised() => {
                run.interrupted = true;
                run.stopped = Some(INTERRUPTED.to_owned());
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
        run.tally = probed.tally;
        run.remarks = probed.remarks;
        run.base = probed.grounds.base;
        run.single_caller = settings.generate.single_caller;
        let operations = &settings.generate.operations;
        let selected = settings.selection.leaves_any(operations);
        if !selected && !operations.is_empty() {
            run.remarks
                .push("nothing is left to check: --only and --skip leave no operation supported".to_owned());
        }
        if settings.phases.contains(&Phase::Random) && selected {
            tell(Event::PhaseStarted { phase: Phase::Random.name(), budget: Some(settings.max_calls) });
            let settings = Arc::new(settings);
            let mut random = Random {
                supply: supply.clone(),
                settings: settings.clone(),
                support: Arc::new(run.support.clone()),
                grounds: probed.grounds,
                ways: possible_ways(&settings, &run.support),
                scripts: scripts(&settings, &run.support).into(),
                leads: Vec::new(),
                known: BTreeSet::new(),
            };
            run.explored = true;
            random.go(&mut run, began, interrupt, &mut tell).await;
            let leads = random.leads;
            run.investigate(&*supply, &settings, probed.grounds, leads, began, interrupt, &mut tell).await;
        }
        run.seconds = began.elapsed().as_secs_f64();
        Ok(run)
    }

    /// A run that has not done anything yet.
    fn blank() -> Self {
        Self {
            support: SupportTable::default(),
            tally: Tally::default(),
            findings: Vec::new(),
            examples: BTreeMap::new(),
            unconfirmed: Vec::new(),
            stopped: None,
            interrupted: false,
            unreachable: false,
            remarks: Vec::new(),
            seconds: 0.0,
            base: 0,
            explored: false,
            single_caller: false,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one run, named once")]
    async fn investigate<S: Supply>(
        &mut self,
        supply: &S,
        settings: &RunSettings,
        grounds: Grounds,
        mut leads: Vec<Lead>,
        began: Instant,
        interrupt: &Interrupt,
        tell: &mut impl FnMut(Event),
    ) {
        // What nobody settled is only recorded, so it comes last.
        leads.sort_by_key(|lead| std::cmp::Reverse(is_worth_it(&lead.found.divergence)));
        let deadline = began + settings.max_time;
        let support = self.support.clone();
        let mut investigator = Investigator {
            supply,
            support: &support,
            settings,
            grounds: &grounds,
            deadline,
            runs: 0,
            tally: Tally::default(),
            unreachable: 0,
        };
        for lead in &leads {
            let fingerprint = lead.found.divergence.fingerprint();
            if self.interrupted || investigator.lost() || Instant::now() >= deadline {
                let reason = match (self.interrupted, investigator.lost()) {
                    (true, _) => "interrupted",
                    (_, true) => TARGET_LOST,
                    (false, false) => "out of time",
                };
                self.unconfirmed.push((fingerprint, reason.to_owned()));
                continue;
            }
            let looked = tokio::select! {
                looked = investigator.look_into(lead) => looked,
                () = interrupt.raised() => {
                    self.interrupted = true;
                    self.stopped = Some(INTERRUPTED.to_owned());
                    None
                }
            };
            match looked {
                Some(finding) => self.add(finding, tell),
                None => {
                    let reason = match (investigator.lost(), Instant::now() >= deadline) {
                        (true, _) => TARGET_LOST,
                        (_, true) => "out of time",
                        (false, false) => "not seen again",
                    };
                    self.unconfirmed.push((fingerprint, reason.to_owned()));
                }
            }
        }
        if investigator.lost() && !self.interrupted {
            self.unreachable = true;
            let lost = || format!("{TARGET_LOST}: it brings no answer any more");
            self.stopped = self.stopped.take().filter(|why| why.starts_with(TARGET_LOST)).or_else(|| Some(lost()));
        }
        self.tally.add(&investigator.tally);
    }

    /// Keeps the scenario where it shows an answer in fewer steps than any before.
    fn keep_examples(&mut self, execution: &Execution) {
        for (given, steps) in &execution.answered {
            let known = self.examples.get(&given.answer);
            if known.is_none_or(|known| *steps < known.transitions.len()) {
                self.examples.insert(given.answer, execution.scenario(*steps));
            }
        }
    }

    fn add(&mut self, finding: Finding, tell: &mut impl FnMut(Event)) {
        let fingerprint = finding.divergence.fingerprint();
        let first = finding.divergence.rules.first().copied();
        let leak = first.is_some_and(blame::is_isolation);
        let same = self.findings.iter_mut().find(|known| {
            let known = &known.divergence;
            known.fingerprint() == fingerprint
                // One leak between Regions shows in every operation.
                || (leak && known.rules.first().copied() == first)
        });
        if let Some(known) = same {
            known.also.extend(finding.also);
            return;
        }
        tell(Event::Found {
            id: fingerprint.id(),
            severity: finding.divergence.severity().name(),
            summary: super::summary::sentence(&finding.divergence),
        });
        self.findings.push(finding);
    }
}

async fn prepare_and_probe<S: Supply>(supply: &S, settings: &RunSettings) -> Result<Probed, RunError> {
    supply.prepare().await.map_err(RunError::Reset)?;
    Ok(probe::probe(&supply.open(), settings).await?)
}

struct Random<S> {
    supply: Arc<S>,
    settings: Arc<RunSettings>,
    support: Arc<SupportTable>,
    grounds: Grounds,
    ways: Arc<[Scenario]>,
    scripts: Arc<[Script]>,
    leads: Vec<Lead>,
    known: BTreeSet<Fingerprint>,
}

impl<S: Supply> Random<S> {
    /// Runs random scenarios, several at once, and takes note of them in the order of their numbers: what is found
    /// does not depend on how many workers there are.
    async fn go(&mut self, run: &mut Run, began: Instant, interrupt: &Interrupt, tell: &mut impl FnMut(Event)) {
        let settings = self.settings.clone();
        // The other half of the time is for looking into what is found.
        let deadline = began + settings.max_time / 2;
        let shared = matches!(settings.organization, OrganizationSetup::Static { .. });
        let workers = if settings.fresh_accounts && !shared { settings.workers.max(1) } else { 1 };
        let mut running: JoinSet<(u64, Result<Execution, String>)> = JoinSet::new();
        let mut waiting: BTreeMap<u64, Result<Execution, String>> = BTreeMap::new();
        let (mut next, mut committed, mut calls, mut unreachable, mut fruitless) = (0_u64, 0_u64, 0_u64, 0, 0);
        let shared = shared || settings.single_account.is_some();
        let most = if shared && settings.fresh_accounts { 1 } else { u64::MAX };
        'phase: loop {
            while running.len() < workers && next < (committed + 4 * workers as u64).min(most) {
                self.spawn(&mut running, next);
                next += 1;
            }
            let joined = tokio::select! {
                joined = running.join_next() => joined,
                () = tokio::time::sleep_until(deadline) => {
                    run.stopped = Some(format!("the time for random scenarios ran out after {calls} calls"));
                    break;
                }
                () = interrupt.raised() => {
                    run.interrupted = true;
                    run.stopped = Some(INTERRUPTED.to_owned());
                    break;
                }
            };
            let Some(joined) = joined else { break };
            match joined {
                Ok((number, execution)) => {
                    waiting.insert(number, execution);
                }
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => break,
            }
            while let Some(execution) = waiting.remove(&committed) {
                committed += 1;
                let execution = match execution {
                    Ok(execution) => execution,
                    Err(reason) => {
                        run.unreachable = true;
                        run.stopped = Some(format!("{TARGET_LOST}: failed to {reason}"));
                        break 'phase;
                    }
                };
                self.note(&execution, committed - 1, calls, tell);
                calls += execution.tally.calls;
                run.tally.add(&execution.tally);
                run.keep_examples(&execution);
                unreachable = if execution.unreachable { unreachable + 1 } else { 0 };
                fruitless = if execution.fruitless { fruitless + 1 } else { 0 };
                let findings = self.leads.len();
                tell(Event::Progress { calls, scenarios: committed, findings });
                if unreachable >= MOST_UNREACHABLE || fruitless >= MOST_FRUITLESS {
                    run.unreachable = true;
                    let why = execution.ended.as_deref().unwrap_or("no answer");
                    run.stopped = Some(format!("{TARGET_LOST}: {why}"));
                    break 'phase;
                }
                if calls >= settings.max_calls {
                    break 'phase;
                }
                if findings >= settings.max_findings {
                    run.stopped = Some(format!("{findings} distinct divergences are enough (--max-findings)"));
                    break 'phase;
                }
            }
        }
        running.shutdown().await;
    }

    fn spawn(&self, running: &mut JoinSet<(u64, Result<Execution, String>)>, number: u64) {
        let (supply, settings, support) = (self.supply.clone(), self.settings.clone(), self.support.clone());
        let naming = self.grounds.naming(FIRST_SLOT + number, &settings);
        let (ways, scripts) = (self.ways.clone(), self.scripts.clone());
        running.spawn(async move {
            if let Err(error) = supply.prepare().await {
                return (number, Err(error));
            }
            let (way, intents) = draw(&settings, &ways, &scripts, number);
            let sut = supply.open();
            let executor = Executor::new(&sut, &support, &settings, naming);
            (number, Ok(executor.intents(way, &intents, &settings.generate).await))
        });
    }

    /// Takes note of the scenario of this number.
    fn note(&mut self, execution: &Execution, number: u64, calls_before: u64, tell: &mut impl FnMut(Event)) {
        if self.settings.record {
            let naming = self.grounds.naming(FIRST_SLOT + number, &self.settings);
            let title = format!("seed {}, scenario {number}", self.settings.seed);
            tell(Event::Recorded(Box::new(conversation(execution, naming, title))));
        }
        for found in &execution.found {
            if self.settings.selection.has_divergence(&found.divergence)
                && self.known.insert(found.divergence.fingerprint())
            {
                let scenario = execution.scenario(found.steps);
                self.leads.push(Lead { found: found.clone(), scenario, calls_before });
            }
        }
    }
}

/// A prime, so that strides of this length come by every way unless their number is a multiple of it.
const STRIDE: usize = 101;

/// The shortest ways that this target allows to go.
fn possible_ways(settings: &RunSettings, support: &SupportTable) -> Arc<[Scenario]> {
    let mut ways =
        Ways::get().within(&settings.generate.operations, settings.callers(), settings.generate.regions);
    ways.retain(|way| can_go(way, settings, support));
    ways.into()
}

/// The scripted ways to the goals that this target allows to go.
pub(super) fn scripts(settings: &RunSettings, support: &SupportTable) -> Vec<Script> {
    let mut scripts = Script::within(&settings.generate.operations, settings.callers(), settings.generate.regions);
    scripts.retain(|script| can_go(&script.scenario, settings, support));
    scripts
}

fn can_go(way: &Scenario, settings: &RunSettings, support: &SupportTable) -> bool {
    let supported = |transition: &Transition| support.has(transition.request.operation);
    way.transitions.iter().all(supported) && is_possible(way, &settings.organization)
}

/// The scenario of this number: a way to begin with, perhaps, and intents. It depends on the seed and the number
/// alone. The first scenarios are the ways to the goals.
fn draw<'w>(
    settings: &RunSettings,
    ways: &'w [Scenario],
    scripts: &'w [Script],
    number: u64,
) -> (Option<&'w Scenario>, Vec<Intent>) {
    let mut seed = [0; 16];
    seed[..8].copy_from_slice(&settings.seed.to_le_bytes());
    // The generator must not be seeded with nothing but zeros.
    seed[8..].copy_from_slice(&number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut generate = settings.generate.clone();
    let script = usize::try_from(number).ok().and_then(|number| scripts.get(number));
    let way = script.map(|script| &script.scenario).or_else(|| guide(settings, ways, number));
    if let Some(way) = way {
        generate.steps = generate.guided_steps;
        generate.begun = true;
        if way.regions() > 1 {
            generate.several_regions = 100;
        }
    }
    let strategy = Intents { settings: generate };
    (way, strategy.new_tree(&mut runner).map(|tree| tree.current()).unwrap_or_default())
}

/// The shortest way that the scenario of this number begins with, each in its turn.
fn guide<'w>(settings: &RunSettings, ways: &'w [Scenario], number: u64) -> Option<&'w Scenario> {
    let share = u64::from(settings.generate.guided.min(100));
    let turn = number * share;
    let place = usize::try_from(settings.seed.wrapping_add(turn / 100)).ok()?;
    // Neighbours are much alike: in strides, a few scenarios see something of everything.
    let stride = if ways.len().is_multiple_of(STRIDE) { 1 } else { STRIDE };
    let way = ways.get((place.checked_rem(ways.len())? * stride).checked_rem(ways.len())?);
    way.filter(|_| turn / 100 != (turn + share) / 100)
}
