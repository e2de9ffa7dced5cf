//! The campaign: every class on every operation that it fits, then what takes several requests, then random
//! compositions, then a look into what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use tokio::time::Instant;

use super::super::context::RunContext;
use super::super::erased::Tell;
use super::super::interrupt::Interrupt;
use super::super::pool::{OrderedWork, WorkStep};
use super::super::settings::{Filter, Phase};
use super::super::supply::{RawTarget, Server};
use super::finding::{Suspect, gather};
use super::health::HealthGate;
use super::lane::{
    BUDGETS, Control, ENOUGH, INTERRUPTED, LaneContext, LaneResult, OUT_OF_ACCOUNTS, OUT_OF_TIME, OperationLane,
    Recipe, TIMES,
};
use super::outcome::MalformedOutcome;
use super::plan::{self, TURNS};
use super::recipes::{Composed, Listed};
use super::sequences;
use super::stage::{Fixture, base};
use crate::event::Event;
use passmuster_contract::domain::Operation;
use passmuster_malformed::{Base, Cause, ClassId, HOMES, Operator, Part, class};

/// So many slots of accounts the lane may take.
const MOST_SLOTS: u64 = 95_000;
/// So many turns come before what takes several requests, which is a class as any other.
const EARLY: usize = 2;
/// The round of what takes several requests.
const SEQUENCES: u64 = EARLY as u64;
/// The first of the rounds of broken framing.
const FRAMING: u64 = TURNS as u64 + 1;
/// The first round of random compositions.
const FIRST_COMPOSED: u64 = FRAMING + TURNS as u64;
/// Random compositions that one round has for each operation.
const COMPOSITIONS: u64 = 24;
/// So many requests of each operation are sent before what they show is looked into: it is told soon after.
const FEW: usize = 4;
/// The same where there are two operations.
const FEW_AT_HOME: usize = 12;
/// So many operations are tried at once meanwhile.
const ABREAST: usize = 8;
/// No round has as many turns.
const MOST_TURNS: u64 = 1 << 20;

/// Requests of the catalogue, by when they are sent.
type Rounds = [Vec<Work>; TURNS];

/// Requests to be tried on one operation.
struct Work {
    round: u64,
    /// The number of the operation.
    number: u64,
    operation: Operation,
    /// Whether others of the same round come first.
    is_late: bool,
    recipes: Vec<Arc<dyn Recipe>>,
}

impl Work {
    /// Whether each recipe is one request.
    fn is_single(&self) -> bool {
        self.recipes.iter().all(|recipe| recipe.procedure().is_none())
    }

    /// The requests that it takes where nothing has to be sent again.
    fn cost(&self) -> u64 {
        self.recipes.iter().map(|recipe| recipe.cost()).sum()
    }
}

/// One look at a target by bytes.
pub(super) struct Campaign<'a> {
    pub(super) run: &'a RunContext,
    fixture: Fixture,
    /// The server that was started for it.
    server: Option<Server>,
    /// When sending ends, for now.
    deadline: Instant,
    /// When looking into what was found ends, for now.
    pub(super) end: Instant,
    pub(super) interrupt: &'a Interrupt,
    /// The requests that are kept for what comes later.
    kept: u64,
    /// Whether something was left out, since no more may be sent.
    is_short: bool,
    /// Where the accounts of the next round begin.
    pub(super) slot: u64,
    pub(super) findings: Vec<Suspect>,
    /// The causes that were looked into.
    pub(super) settled: BTreeSet<Cause>,
    /// The confirmed findings that nobody has tried to make smaller, by number.
    pub(super) unshrunk: Vec<usize>,
    pub(super) health: HealthGate,
    /// The classes that made the target hang.
    hung: BTreeSet<ClassId>,
    /// The operations of which nothing can be told, and why.
    unfit: BTreeMap<Operation, String>,
    /// The effects of well-formed requests.
    pub(super) references: BTreeMap<Operation, Control>,
    /// Whether the target verifies signatures.
    verifies: bool,
    pub(super) outcome: MalformedOutcome,
}

/// Runs the lane.
///
/// # Errors
///
/// When nothing can be sent to the target as it is, in words that fit after "failed to …".
pub(in crate::engine) async fn campaign(
    run: &RunContext,
    end: Instant,
    interrupt: &Interrupt,
    tell: &mut Tell<'_>,
) -> Result<MalformedOutcome, String> {
    let RawTarget { transport, server } = run.supply.raw_target().await?;
    let fixture = Fixture { transport, support: run.support.clone() };
    let mut campaign = Campaign {
        run,
        fixture,
        server,
        deadline: end,
        end,
        interrupt,
        kept: 0,
        is_short: false,
        slot: 0,
        findings: Vec::new(),
        settled: BTreeSet::new(),
        unshrunk: Vec::new(),
        health: HealthGate::default(),
        hung: BTreeSet::new(),
        unfit: BTreeMap::new(),
        references: BTreeMap::new(),
        verifies: false,
        outcome: MalformedOutcome::default(),
    };
    campaign.run(tell).await;
    Ok(campaign.outcome)
}

impl Campaign<'_> {
    /// Sends what any target should get over, and looks into it; then what may leave it busy or in disorder: broken
    /// framing, and random compositions. What it does after those need not mean anything.
    async fn run(&mut self, tell: &mut Tell<'_>) {
        let began = Instant::now();
        let time = self.end.saturating_duration_since(began);
        let (last, at) = (self.end, |percent: u32| began + time / 100 * percent);
        self.verifies = self.verifies_signatures().await;
        let (gentle, rough) = self.catalogue();
        let sequences = self.sequences();
        let (framing, several) = (self.share(&rough[0]), self.share(&sequences));
        (self.deadline, self.end) = (at(45), at(75));
        let mut sequences = Some(sequences);
        for (turn, round) in gentle.into_iter().enumerate() {
            if turn == EARLY {
                // Beside its own share it takes nothing of what the others are to have.
                self.kept = framing.max(self.left_of_all().saturating_sub(several));
                self.round(sequences.take().unwrap_or_default(), false, tell).await;
                self.make_smaller().await;
            }
            self.kept = if turn < EARLY { framing + several } else { framing };
            self.round_of(round, tell).await;
            self.make_smaller().await;
        }
        self.kept = 0;
        let early = self.outcome.stopped.take_if(|why| why == OUT_OF_TIME);
        (self.deadline, self.end) = (at(90), last);
        for round in rough {
            self.round_of(round, tell).await;
            self.make_smaller().await;
        }
        self.compose(tell).await;
        self.make_smaller().await;
        self.outcome.stopped =
            early.or(self.outcome.stopped.take()).or_else(|| self.is_short.then(|| ENOUGH.to_owned()));
        let unfit = std::mem::take(&mut self.unfit).into_values().next();
        self.outcome.stopped = self.outcome.stopped.take().or(unfit);
        self.conclude();
    }

    /// The requests that are kept for these works: what they take, and a quarter of all at most.
    fn share(&self, works: &[Work]) -> u64 {
        let most = self.run.settings.malformed.unwrap_or(u64::MAX);
        works.iter().map(Work::cost).sum::<u64>().min(most / 4)
    }

    /// Every class on every operation that it fits: once on one of them, so that all are sent however few requests
    /// there may be, then a few more there, then one request on each, then the others. Those whose framing is sound, and those whose framing
    /// is not.
    fn catalogue(&self) -> (Rounds, Rounds) {
        let settings = &self.run.settings;
        let mut classes = plan::classes(&settings.selection);
        classes.retain(|class| self.verifies || class.part != Part::Signature);
        let bases: Vec<(u64, Base)> = self
            .numbered()
            .map(|(number, operation)| {
                (number, base(operation, &self.run.accounts.naming(Phase::Malformed, 0), None))
            })
            .collect();
        let places = plan::first_places(&classes, &bases);
        let (mut gentle, mut rough) = (Rounds::default(), Rounds::default());
        for (number, base) in bases.iter().filter(|(number, _)| settings.shard.has(*number)) {
            let (number, operation) = (*number, base.operation);
            for class in &classes {
                let is_rough = class.part == Part::Framing;
                let rounds = if is_rough { &mut rough } else { &mut gentle };
                let is_first = places.get(&class.id) == Some(&number);
                for ((turn, works), titles) in (0..).zip(rounds).zip(plan::turns(class, base, is_first)) {
                    let round = if is_rough { FRAMING + turn } else { turn + u64::from(turn >= SEQUENCES) };
                    let listed = |(variant, title)| -> Arc<dyn Recipe> {
                        Arc::new(Listed { class, variant, title, profile: settings.profile })
                    };
                    let recipes: Vec<_> = titles.into_iter().map(listed).collect();
                    match works.last_mut().filter(|work| work.number == number) {
                        Some(work) => work.recipes.extend(recipes),
                        None => works.push(Work { round, number, operation, is_late: false, recipes }),
                    }
                }
            }
        }
        if settings.malformed.is_none() {
            (gentle[TURNS - 1], rough[TURNS - 1]) = (Vec::new(), Vec::new());
        }
        (gentle, rough)
    }

    /// The operations that requests are made of, with their numbers, whichever shard has them.
    fn numbered(&self) -> impl Iterator<Item = (u64, Operation)> {
        let operations =
            plan::operations(&self.run.settings.selection, |operation| self.run.support.can_call(operation));
        (0..).zip(operations)
    }

    /// Those of this shard.
    fn own(&self) -> Vec<(u64, Operation)> {
        self.numbered().filter(|(number, _)| self.run.settings.shard.has(*number)).collect()
    }

    /// Sends one round of the catalogue.
    async fn round_of(&mut self, round: Vec<Work>, tell: &mut Tell<'_>) {
        // A request that hangs on one operation for its framing does so on any, and waiting for that takes its time.
        let is_home = |work: &Work| HOMES.contains(&work.operation);
        let (homes, mut others): (Vec<_>, Vec<_>) = round.into_iter().partition(is_home);
        self.round(homes, true, tell).await;
        for work in &mut others {
            work.is_late = true;
            work.recipes
                .retain(|recipe| recipe.class().part != Part::Framing || !self.hung.contains(&recipe.class().id));
        }
        self.round(others, false, tell).await;
    }

    /// Whatever takes several requests.
    fn sequences(&self) -> Vec<Work> {
        let classes = plan::classes(&self.run.settings.selection);
        let works = self.own().into_iter().map(|(number, operation)| {
            let recipes = sequences::recipes(&classes, operation);
            Work { round: SEQUENCES, number, operation, is_late: false, recipes }
        });
        works.filter(|work| !work.recipes.is_empty()).collect()
    }

    /// Says which classes were not sent, and why.
    fn conclude(&mut self) {
        let classes = plan::classes(&self.run.settings.selection);
        for class in passmuster_malformed::classes() {
            let why = match class.operator {
                _ if self.outcome.classes.contains_key(&class.id) => continue,
                _ if !classes.iter().any(|wanted| wanted.id == class.id) => "it was not asked for",
                Operator::Excused(reason) => reason,
                Operator::Spoils(_) if class.part == Part::Signature && !self.verifies => {
                    "the target doesn't verify signatures"
                }
                _ if self.outcome.stopped.is_some() => "the run was stopped before",
                Operator::Spoils(_) | Operator::Sequence(_) => {
                    "it fits none of the operations that they were sent on"
                }
            };
            self.outcome.not_sent.insert(class.id, why.to_owned());
        }
        for finding in std::mem::take(&mut self.findings) {
            let known = self.outcome.findings.iter_mut().find(|known| known.finding.cause == finding.cause);
            if let Some(known) = known {
                (known.finding.seen, known.finding.may_be) = (finding.seen, finding.may_be);
            } else if !self.settled.contains(&finding.cause) {
                self.doubt(&finding, self.why_over_early());
            }
        }
    }

    /// Sends random compositions: a few on each operation, or as many as there is time for.
    async fn compose(&mut self, tell: &mut Tell<'_>) {
        let settings = self.run.settings.clone();
        let operations = self.own();
        if operations.is_empty() || settings.selection.only.iter().any(Filter::is_rule) {
            return;
        }
        let mut round = FIRST_COMPOSED;
        let rounds = if settings.malformed.is_some() { u64::MAX } else { FIRST_COMPOSED + 1 };
        let is_endless = settings.malformed.is_some() && self.outcome.stopped.is_none() && !self.is_short;
        while round < rounds {
            self.renew().await;
            let works = operations.iter().map(|(number, operation)| Work {
                round,
                number: *number,
                operation: *operation,
                is_late: false,
                recipes: self.compositions(*operation, round),
            });
            let before = self.outcome.requests;
            self.round(works.collect(), false, tell).await;
            self.outcome.compositions += self.outcome.requests - before;
            if self.outcome.requests == before || self.why_over().is_some() {
                break;
            }
            round += 1;
        }
        // The catalogue was sent whole, and of compositions there is no whole.
        if is_endless {
            self.is_short = false;
            self.outcome.stopped = self.outcome.stopped.take().filter(|why| !BUDGETS.contains(&why.as_str()));
        }
    }

    /// Takes another server where the accounts of one that is our own are used.
    async fn renew(&mut self) {
        if self.server.is_none() || self.slot < MOST_SLOTS / 2 {
            return;
        }
        if let Ok(RawTarget { transport, server }) = self.run.supply.raw_target().await {
            (self.fixture.transport, self.server, self.slot) = (transport, server, 0);
        }
    }

    /// The compositions on an operation in this round.
    fn compositions(&self, operation: Operation, round: u64) -> Vec<Arc<dyn Recipe>> {
        let settings = &self.run.settings;
        let example = base(operation, &self.run.accounts.naming(Phase::Malformed, 0), None);
        let seed = settings.seed ^ (operation as u64) << 32;
        let numbers = round * COMPOSITIONS..(round + 1) * COMPOSITIONS;
        let recipe = |number| -> Option<Arc<dyn Recipe>> {
            let drawn = Composed::draw(&example, number, seed, self.verifies)?;
            let mut others: Vec<_> = drawn.ingredients.iter().filter_map(|one| class(one.class)).collect();
            if !others.iter().all(|class| settings.selection.has_class(class)) {
                return None;
            }
            let class = (!others.is_empty()).then(|| others.remove(0))?;
            let (title, ingredients) = (drawn.malformed.variant, drawn.ingredients);
            let (signatures, profile) = (self.verifies, settings.profile);
            Some(Arc::new(Composed { class, others, title, ingredients, number, seed, signatures, profile }))
        };
        numbers.filter_map(recipe).collect()
    }

    /// Whether a request without a signature is answered otherwise than one with it.
    async fn verifies_signatures(&mut self) -> bool {
        let naming = self.run.accounts.naming(Phase::Malformed, self.slot);
        self.slot += 1;
        let stage = self.fixture.stage(Operation::DescribeHub, naming);
        let Ok(Ok(stage)) = tokio::time::timeout_at(self.deadline, stage).await else { return false };
        let mut unsigned = stage.base.message.clone();
        unsigned.signing = passmuster_malformed::Signing::Spoilt(passmuster_malformed::Spoilt {
            authorization: Some(|value| {
                // The last digit of the signature is another one.
                let (head, last) = value.split_at(value.len().saturating_sub(1));
                vec![format!("{head}{}", if last == "0" { "1" } else { "0" })]
            }),
            ..passmuster_malformed::Spoilt::default()
        });
        let sent = self.fixture.transport.send_raw(&stage.caller, &unsigned, None, TIMES).await;
        self.outcome.calls += stage.calls + 1;
        sent.is_ok_and(|exchange| {
            exchange.answers.first().is_some_and(|answer| matches!(answer.response.status, 400 | 403))
        })
    }

    /// Tries the recipes of each operation: a few of each at a time, several operations at once. What they show is looked
    /// into before more is sent.
    async fn round(&mut self, mut jobs: Vec<Work>, is_home: bool, tell: &mut Tell<'_>) {
        jobs.retain(|work| !work.recipes.is_empty() && !self.unfit.contains_key(&work.operation));
        if jobs.is_empty() {
            return;
        }
        if let Some(why) = self.why_over() {
            self.outcome.stopped = Some(why.to_owned());
            return;
        }
        let left = self.left();
        if left == 0 {
            self.is_short = true;
            return;
        }
        let longest = jobs.iter().map(|work| work.recipes.len()).max().unwrap_or(0);
        let few = match jobs.iter().all(Work::is_single) {
            true if is_home => FEW_AT_HOME,
            true => FEW,
            false => 1,
        };
        let mut open = self.lanes(jobs, left, longest);
        for from in (0..longest).step_by(few) {
            open.retain(|(work, _)| work.recipes.len() > from);
            let mut waiting = std::mem::take(&mut open).into_iter().peekable();
            while waiting.peek().is_some() {
                let abreast: Vec<_> = waiting.by_ref().take(ABREAST).collect();
                open.extend(self.step(abreast, from..from + few, tell).await);
                self.look_into(tell).await;
            }
        }
        if self.slot >= MOST_SLOTS {
            self.outcome.stopped.get_or_insert_with(|| OUT_OF_ACCOUNTS.to_owned());
        }
    }

    /// A lane for each work, with accounts of its own.
    fn lanes(&mut self, jobs: Vec<Work>, left: u64, longest: usize) -> Vec<(Work, OperationLane)> {
        let cost: u64 = jobs.iter().map(Work::cost).sum();
        let width = 2 * longest as u64 + 40;
        let (start, count) = (self.slot, jobs.len() as u64);
        self.slot = start + count * width;
        let firsts = (0..).map(|index| start + index * width);
        let lanes = jobs.into_iter().zip(firsts).map(|(work, first)| {
            let reference = self.references.get(&work.operation).cloned();
            let slots = first..first + width;
            let mut lane = OperationLane::new(self.context(self.deadline), work.operation, slots, reference);
            // Each its part, whatever the others do: what is sent must not depend on who is first.
            let part = u128::from(left) * u128::from(work.cost());
            lane.most = u64::try_from(part.div_ceil(u128::from(cost.max(1)))).unwrap_or(u64::MAX);
            (work, lane)
        });
        lanes.collect()
    }

    /// Tries these recipes of each work; gives those lanes that can go on.
    async fn step(
        &mut self,
        lanes: Vec<(Work, OperationLane)>,
        part: Range<usize>,
        tell: &mut Tell<'_>,
    ) -> Vec<(Work, OperationLane)> {
        let turn = part.start as u64;
        let pieces = lanes.into_iter().map(move |(work, lane)| {
            let part = part.clone();
            async move {
                let (lane, result) = lane.step(&work.recipes, part).await;
                (work, lane, result)
            }
        });
        let mut open = Vec::new();
        // A lane ends by itself, at its deadline at the latest.
        let mut end = std::pin::pin!(std::future::pending::<()>());
        let mut lanes = OrderedWork::new(pieces.collect::<Vec<_>>(), self.run.workers());
        while let WorkStep::Result((work, lane, result)) = lanes.next(end.as_mut()).await {
            let goes_on = result.stopped.is_none() && result.unfit.is_none();
            let place = ((work.round * 2 + u64::from(work.is_late)) * MOST_TURNS + turn, work.number);
            self.take(result, work.operation, place, tell);
            if goes_on {
                open.push((work, lane));
            }
        }
        open
    }

    pub(super) fn context(&self, deadline: Instant) -> LaneContext {
        LaneContext {
            fixture: self.fixture.clone(),
            settings: self.run.settings.clone(),
            accounts: self.run.accounts.clone(),
            deadline,
            interrupt: self.interrupt.clone(),
            verifies: self.verifies,
            health: self.health.clone(),
        }
    }

    fn take(&mut self, result: LaneResult, operation: Operation, place: (u64, u64), tell: &mut Tell<'_>) {
        self.outcome.requests += result.requests;
        if result.requests > 0 {
            self.outcome.operations.insert(operation);
        }
        if result.throttled > 0 {
            *self.outcome.throttled.entry(operation).or_default() += result.throttled;
        }
        self.outcome.calls += result.calls;
        self.outcome.lost |= result.lost;
        self.hung.extend(&result.hung);
        if let Some(reference) = result.reference {
            self.references.insert(operation, reference);
        }
        for (class, times) in result.classes {
            *self.outcome.classes.entry(class).or_default() += times;
        }
        if let Some(why) = result.unfit {
            self.unfit.entry(operation).or_insert(why);
        }
        match result.stopped {
            // Of the part that one operation has; others may go on.
            Some(why) if why == ENOUGH => self.is_short = true,
            why => self.outcome.stopped = self.outcome.stopped.take().or(why),
        }
        gather(&mut self.findings, result.seen, place);
        tell(Event::Progress {
            calls: self.outcome.calls,
            scenarios: self.outcome.requests,
            findings: self.findings.len(),
        });
    }

    /// Why nothing more is to be sent.
    fn why_over(&self) -> Option<&str> {
        match &self.outcome.stopped {
            Some(why) => Some(why),
            None if self.interrupt.is_raised() => Some(INTERRUPTED),
            None if Instant::now() >= self.deadline => Some(OUT_OF_TIME),
            None => None,
        }
    }

    /// The number of requests that may still be sent in all.
    fn left_of_all(&self) -> u64 {
        self.run.settings.malformed.unwrap_or(u64::MAX).saturating_sub(self.outcome.requests)
    }

    /// The number of requests that may still be sent now. What confirms a finding is not counted.
    fn left(&self) -> u64 {
        self.left_of_all().saturating_sub(self.kept)
    }
}
