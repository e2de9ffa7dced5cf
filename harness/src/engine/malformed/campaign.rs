//! The campaign: every class on every operation that it fits, then what takes several requests, then random
//! compositions, then a look into what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::context::RunContext;
use super::super::interrupt::Interrupt;
use super::super::pool::{OrderedWork, WorkStep};
use super::super::settings::{Filter, Phase};
use super::super::supply::{RawTarget, Server, Supply};
use super::finding::{Confirmed, Doubtful, Suspect, gather};
use super::health::HealthGate;
use super::lane::{
    BUDGETS, Control, ENOUGH, INTERRUPTED, LaneContext, LaneResult, OUT_OF_ACCOUNTS, OUT_OF_TIME, OperationLane,
    Recipe, TIMES,
};
use super::outcome::MalformedOutcome;
use super::plan::{self, TURNS};
use super::recipes::{Composed, Listed};
use super::sequences;
use super::smaller::Smaller;
use super::stage::{Fixture, base};
use crate::event::Event;
use crate::record::{Reproduced, Uncertainty};
use passmuster_contract::domain::Operation;
use passmuster_malformed::{
    Aspect, Base, Cause, ClassId, Cut, HOMES, Malformed, Operator, Part, class, cuts, is_still_wrong,
};

/// So many slots of accounts the lane may take.
const MOST_SLOTS: u64 = 95_000;
/// The round of what takes several requests, after the first ones.
const SEQUENCES: u64 = TURNS as u64;
/// The first of the rounds of broken framing.
const FRAMING: u64 = SEQUENCES + 1;
/// The first round of random compositions.
const FIRST_COMPOSED: u64 = FRAMING + TURNS as u64;
/// Random compositions that one round has for each operation.
const COMPOSITIONS: u64 = 24;
/// The most requests that are sent to make one smaller.
const MOST_CUTS: usize = 16;

/// The longest look into one finding.
const LONGEST_LOOK: Duration = Duration::from_secs(15);

/// Requests of the catalogue, by when they are sent.
type Rounds = [Vec<Work>; TURNS];

/// Requests to be tried on one operation.
struct Work {
    round: u64,
    /// The number of the operation.
    number: u64,
    operation: Operation,
    recipes: Vec<Arc<dyn Recipe>>,
}

impl Work {
    /// The requests that it takes where nothing has to be sent again.
    fn cost(&self) -> u64 {
        self.recipes.iter().map(|recipe| recipe.cost()).sum()
    }
}

/// One look at a target by bytes.
struct Campaign<'a, S> {
    run: &'a RunContext<S>,
    fixture: Fixture,
    /// The server that was started for it.
    server: Option<Server>,
    /// When sending ends, for now.
    deadline: Instant,
    /// When looking into what was found ends, for now.
    end: Instant,
    interrupt: &'a Interrupt,
    /// The requests that are kept for what comes later.
    kept: u64,
    /// Whether something was left out, since no more may be sent.
    is_short: bool,
    /// Where the accounts of the next round begin.
    slot: u64,
    findings: Vec<Suspect>,
    /// The causes that were looked into.
    settled: BTreeSet<Cause>,
    health: HealthGate,
    /// The classes that made the target hang.
    hung: BTreeSet<ClassId>,
    /// The effects of well-formed requests.
    references: BTreeMap<Operation, Control>,
    /// Whether the target verifies signatures.
    verifies: bool,
    outcome: MalformedOutcome,
}

/// Runs the lane.
///
/// # Errors
///
/// When nothing can be sent to the target as it is, in words that fit after "failed to …".
pub(in crate::engine) async fn campaign<S: Supply>(
    run: &RunContext<S>,
    end: Instant,
    interrupt: &Interrupt,
    tell: &mut impl FnMut(Event),
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
        health: HealthGate::default(),
        hung: BTreeSet::new(),
        references: BTreeMap::new(),
        verifies: false,
        outcome: MalformedOutcome::default(),
    };
    campaign.run(tell).await;
    Ok(campaign.outcome)
}

impl<S: Supply> Campaign<'_, S> {
    /// Sends what any target should get over, and looks into it; then what may leave it busy or in disorder: broken
    /// framing, and random compositions. What it does after those need not mean anything.
    async fn run(&mut self, tell: &mut impl FnMut(Event)) {
        let began = Instant::now();
        let time = self.end.saturating_duration_since(began);
        let (last, at) = (self.end, |percent: u32| began + time / 100 * percent);
        self.verifies = self.verifies_signatures().await;
        let (gentle, rough) = self.catalogue();
        let sequences = self.sequences();
        let (framing, several) = (self.share(&rough[0]), self.share(&sequences));
        (self.deadline, self.end) = (at(45), at(75));
        self.kept = framing + several;
        for round in gentle {
            self.round_of(round, tell).await;
            self.look_into(tell).await;
        }
        self.kept = framing;
        self.round(sequences, tell).await;
        self.look_into(tell).await;
        self.kept = 0;
        let early = self.outcome.stopped.take_if(|why| why == OUT_OF_TIME);
        (self.deadline, self.end) = (at(90), last);
        for round in rough {
            self.round_of(round, tell).await;
            self.look_into(tell).await;
        }
        self.compose(tell).await;
        self.look_into(tell).await;
        self.outcome.stopped =
            early.or(self.outcome.stopped.take()).or_else(|| self.is_short.then(|| ENOUGH.to_owned()));
        self.conclude();
    }

    /// The requests that are kept for these works: what they take, and a quarter of all at most.
    fn share(&self, works: &[Work]) -> u64 {
        let most = self.run.settings.malformed.unwrap_or(u64::MAX);
        works.iter().map(Work::cost).sum::<u64>().min(most / 4)
    }

    /// Every class on every operation that it fits: once on one of them, so that all are sent however few requests
    /// there may be, then one request on each, then the others. Those whose framing is sound, and those whose framing
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
                let (first, rounds) = match class.part {
                    Part::Framing => (FRAMING, &mut rough),
                    _ => (0, &mut gentle),
                };
                let is_first = places.get(&class.id) == Some(&number);
                for ((round, works), titles) in (first..).zip(rounds).zip(plan::turns(class, base, is_first)) {
                    let listed = |(variant, title)| -> Arc<dyn Recipe> {
                        Arc::new(Listed { class, variant, title, profile: settings.profile })
                    };
                    let recipes: Vec<_> = titles.into_iter().map(listed).collect();
                    match works.last_mut().filter(|work| work.number == number) {
                        Some(work) => work.recipes.extend(recipes),
                        None => works.push(Work { round, number, operation, recipes }),
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
    async fn round_of(&mut self, round: Vec<Work>, tell: &mut impl FnMut(Event)) {
        // A request that hangs on one operation for its framing does so on any, and waiting for that takes its time.
        let is_home = |work: &Work| HOMES.contains(&work.operation);
        let (homes, mut others): (Vec<_>, Vec<_>) = round.into_iter().partition(is_home);
        self.round(homes, tell).await;
        for work in &mut others {
            work.recipes
                .retain(|recipe| recipe.class().part != Part::Framing || !self.hung.contains(&recipe.class().id));
        }
        self.round(others, tell).await;
    }

    /// Whatever takes several requests.
    fn sequences(&self) -> Vec<Work> {
        let classes = plan::classes(&self.run.settings.selection);
        let works = self.own().into_iter().map(|(number, operation)| {
            let recipes = sequences::recipes(&classes, operation);
            Work { round: SEQUENCES, number, operation, recipes }
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
    async fn compose(&mut self, tell: &mut impl FnMut(Event)) {
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
                recipes: self.compositions(*operation, round),
            });
            let before = self.outcome.requests;
            self.round(works.collect(), tell).await;
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
            let (title, signatures, profile) = (drawn.malformed.variant, self.verifies, settings.profile);
            Some(Arc::new(Composed { class, others, title, number, seed, signatures, profile }))
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

    /// Tries the recipes of each operation, several operations at once.
    async fn round(&mut self, mut jobs: Vec<Work>, tell: &mut impl FnMut(Event)) {
        jobs.retain(|work| !work.recipes.is_empty());
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
        let cost: u64 = jobs.iter().map(Work::cost).sum();
        let width = 2 * jobs.iter().map(|work| work.recipes.len()).max().unwrap_or(0) as u64 + 40;
        let (start, count) = (self.slot, jobs.len() as u64);
        let lanes = jobs.into_iter().zip((0..).map(|index| start + index * width)).map(|(work, first)| {
            let reference = self.references.get(&work.operation).cloned();
            let slots = first..first + width;
            let mut lane = OperationLane::new(self.context(self.deadline), work.operation, slots, reference);
            // Each its part, whatever the others do: what is sent must not depend on who is first.
            let part = u128::from(left) * u128::from(work.cost());
            lane.most = u64::try_from(part.div_ceil(u128::from(cost.max(1)))).unwrap_or(u64::MAX);
            (work, lane)
        });
        let lanes: Vec<(Work, OperationLane)> = lanes.collect();
        let pieces = lanes.into_iter().map(|(work, lane)| async move {
            let result = lane.run(&work.recipes).await;
            (work, result)
        });
        // A lane ends by itself, at its deadline at the latest.
        let mut end = std::pin::pin!(std::future::pending::<()>());
        let mut lanes = OrderedWork::new(pieces, self.run.workers());
        while let WorkStep::Result((work, result)) = lanes.next(end.as_mut()).await {
            self.take(result, work.operation, (work.round, work.number), tell);
        }
        self.slot = start + count * width;
        if self.slot >= MOST_SLOTS {
            self.outcome.stopped.get_or_insert_with(|| OUT_OF_ACCOUNTS.to_owned());
        }
    }

    fn context(&self, deadline: Instant) -> LaneContext {
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

    fn take(&mut self, result: LaneResult, operation: Operation, place: (u64, u64), tell: &mut impl FnMut(Event)) {
        self.outcome.requests += result.requests;
        if result.requests > 0 {
            self.outcome.operations.insert(operation);
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

    /// The number of requests that may still be sent now. What confirms a finding is not counted.
    fn left(&self) -> u64 {
        let most = self.run.settings.malformed.unwrap_or(u64::MAX);
        most.saturating_sub(self.outcome.requests).saturating_sub(self.kept)
    }

    /// Sees each finding again that was not looked into, and makes its request smaller.
    async fn look_into(&mut self, tell: &mut impl FnMut(Event)) {
        let mut open: Vec<Suspect> = self.findings.clone();
        open.retain(|finding| !self.settled.contains(&finding.cause));
        // Notes weigh nothing; and who isn't well shows nothing but that.
        open.sort_by_key(|finding| {
            std::cmp::Reverse((finding.complaint.aspect == Aspect::Busy, finding.severity()))
        });
        for finding in open {
            let is_hopeless = self.health.lost_to().is_some() && finding.complaint.aspect != Aspect::Busy;
            if Instant::now() >= self.end || self.interrupt.is_raised() || self.outcome.lost || is_hopeless {
                continue;
            }
            self.settled.insert(finding.cause.clone());
            let confirmed = match self.confirm(&finding).await {
                Ok(confirmed) => confirmed,
                Err(why) => {
                    self.doubt(&finding, why);
                    continue;
                }
            };
            let told = |known: &Confirmed| finding.may_be.contains(&known.finding.cause);
            if !self.outcome.findings.iter().any(told) {
                tell(Event::Found {
                    id: passmuster_contract::domain::Fingerprint(finding.cause.0.clone()).id(),
                    severity: finding.severity(),
                    summary: finding.sentence(),
                });
            }
            self.outcome.findings.push(confirmed);
        }
    }

    /// The finding as it was first seen: it was tried again so many times, in vain.
    fn as_seen(&self, finding: &Suspect, tries: u32) -> Option<Confirmed> {
        let naming = self.run.accounts.naming(Phase::Malformed, self.slot);
        let example = base(finding.operation, &naming, None);
        let malformed = finding.recipe.make(&example)?;
        Some(Confirmed {
            finding: finding.clone(),
            title: malformed.variant.clone(),
            shrunk_from: malformed.message.body.len(),
            malformed,
            naming,
            caller: example.caller,
            reproduced: Reproduced { hits: 0, of: tries },
        })
    }

    /// Takes note of a finding that could not be told from none.
    fn doubt(&mut self, finding: &Suspect, why: Uncertainty) {
        let seen = self.as_seen(finding, 0);
        self.outcome.unconfirmed.extend(seen.map(|unconfirmed| Doubtful { unconfirmed, why }));
    }

    /// Why findings were not looked into.
    fn why_over_early(&self) -> Uncertainty {
        if self.interrupt.is_raised() {
            Uncertainty::Interrupted
        } else if self.outcome.lost || self.health.lost_to().is_some() {
            Uncertainty::TargetLost
        } else {
            Uncertainty::OutOfTime
        }
    }

    async fn confirm(&mut self, finding: &Suspect) -> Result<Confirmed, Uncertainty> {
        let settings = self.run.settings.clone();
        let slots = self.slot..self.slot + 400;
        self.slot += 400;
        let deadline = self.end.min(Instant::now() + LONGEST_LOOK);
        let reference = self.references.get(&finding.operation).cloned();
        let mut lane = OperationLane::new(self.context(deadline), finding.operation, slots, reference);
        let naming = self.run.accounts.naming(Phase::Malformed, self.slot);
        let example = base(finding.operation, &naming, None);
        let aspect = finding.complaint.aspect;
        // To see it hang again takes its time, and what is tolerated isn't worth much of it.
        let is_brief = matches!(aspect, Aspect::Hang | Aspect::Busy | Aspect::Note);
        let times = if is_brief { 1 } else { settings.confirmations };
        let (mut hits, mut of) = (0, 0);
        for _ in 0..times {
            let shown = lane.shows(finding.recipe.clone(), &finding.cause, aspect).await;
            hits += u32::from(shown == Some(true));
            of += u32::from(shown.is_some());
        }
        if hits == 0 {
            let is_slow = matches!(aspect, Aspect::Hang | Aspect::Busy);
            return match self.as_seen(finding, of).filter(|_| of > 0) {
                // A machine under load is slow now and then.
                Some(_) if is_slow => Err(Uncertainty::Flaky),
                Some(seen) => Ok(seen),
                None if Instant::now() >= self.end => Err(Uncertainty::OutOfTime),
                None => Err(Uncertainty::NotJudgedAgain),
            };
        }
        let whole = finding.recipe.make(&example).ok_or(Uncertainty::NotJudgedAgain)?;
        let whole_only = is_brief || finding.recipe.procedure().is_some();
        let cuts = if whole_only { Vec::new() } else { shrink(&mut lane, finding, &whole).await };
        let shrunk_from = whole.message.body.len();
        let malformed = Smaller { recipe: finding.recipe.clone(), cuts }.apply(whole);
        Ok(Confirmed {
            finding: finding.clone(),
            title: malformed.variant.clone(),
            malformed,
            naming,
            caller: example.caller.clone(),
            reproduced: Reproduced { hits, of },
            shrunk_from,
        })
    }
}

/// The parts that can be left out of a request.
async fn shrink(lane: &mut OperationLane, finding: &Suspect, whole: &Malformed) -> Vec<Cut> {
    let smaller = |cuts: &[Cut]| Smaller { recipe: finding.recipe.clone(), cuts: cuts.to_vec() };
    let (mut kept, mut attempts) = (Vec::new(), 0);
    loop {
        let message = smaller(&kept).apply(whole.clone()).message;
        let before = kept.len();
        for cut in cuts(&message, finding.class) {
            kept.push(cut);
            let candidate = smaller(&kept).apply(whole.clone()).message;
            if attempts < MOST_CUTS && is_still_wrong(finding.complaint.aspect, &candidate, finding.operation) {
                attempts += 1;
                let shown = lane.shows(Arc::new(smaller(&kept)), &finding.cause, finding.complaint.aspect).await;
                if shown == Some(true) {
                    break;
                }
            }
            kept.pop();
        }
        if kept.len() == before {
            return kept;
        }
    }
}
