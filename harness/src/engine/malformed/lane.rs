//! The lane of one operation: tries malformed requests on it, one stage after the other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::settings::Phase;
use super::context::{IMPATIENT, PATIENT};
pub(super) use super::context::{LIMIT, LaneContext, TIMES};
use super::health::{self, busy_complaint, not_recovered};
use super::judge::{ConnectionTrial, normalised};
pub(super) use super::lane_result::{Control, LaneResult, Recipe, Sighting, is_accepted, state_complaint};
use super::moving::{MovingMembers, ReadChange};
use super::stage::{OperationStage, StageViews};
use crate::generate::CastNaming;
use crate::record::{StopCause, Stopped};
use crate::targets::{ConnectionEnd, RawExchange, TransportError};
use passmuster_contract::domain::Operation;
use passmuster_malformed::{
    Aspect, Base, Class, Complaint, Delivery, InvariantId, Malformed, Message, NormalResponse, Part, Set, Trial,
};

/// So many refused requests may share one stage before it is looked at.
const BATCH: usize = 24;

pub(super) const INTERRUPTED: &str = StopCause::Interrupted.words();
pub(super) const OUT_OF_TIME: &str = "the time ran out";
pub(super) const ENOUGH: &str = Stopped::AS_ASKED;
pub(super) const OUT_OF_ACCOUNTS: &str = "the accounts ran out";
/// Why it ends where there is always more to send.
pub(super) const BUDGETS: [&str; 3] = [OUT_OF_TIME, ENOUGH, OUT_OF_ACCOUNTS];

/// Tries recipes on one operation.
pub(super) struct OperationLane {
    pub(super) context: LaneContext,
    pub(super) operation: Operation,
    /// The accounts of the next stages.
    slots: Range<u64>,
    /// The most malformed requests.
    pub(super) most: u64,
    pub(super) result: LaneResult,
    readings: BTreeMap<Vec<u8>, Option<(NormalResponse, StageViews)>>,
    /// What was refused, and not yet looked after.
    batch: Option<RecipeBatch>,
    /// A stage that nothing was accepted on, to be used again.
    pub(super) spare: Option<OperationStage>,
    /// The contents of a stage before anything is sent.
    pub(super) untouched: Option<StageViews>,
    /// What moves by itself, as far as it was seen to.
    pub(super) moving: MovingMembers,
}

/// Refused requests on one stage, not yet looked after.
struct RecipeBatch {
    stage: OperationStage,
    before: StageViews,
    recipes: Vec<usize>,
}

impl OperationLane {
    /// A lane on an operation, which may already be known to do this where it is well-formed.
    pub(super) fn new(
        context: LaneContext,
        operation: Operation,
        slots: Range<u64>,
        reference: Option<Control>,
    ) -> Self {
        Self {
            context,
            operation,
            slots,
            most: u64::MAX,
            result: LaneResult { reference, ..LaneResult::default() },
            readings: BTreeMap::new(),
            batch: None,
            spare: None,
            untouched: None,
            moving: MovingMembers::default(),
        }
    }

    /// Tries these of the recipes, or as many as the time allows, and gives what came of it since the last time.
    pub(super) async fn step(mut self, recipes: &[Arc<dyn Recipe>], part: Range<usize>) -> (Self, LaneResult) {
        // Whatever is under way when the time is over has as long as any request.
        let (late, interrupt) = (self.context.deadline + LIMIT, self.context.interrupt.clone());
        let went = tokio::select! {
            went = self.go(recipes, part) => Ok(went),
            () = tokio::time::sleep_until(late) => Err(OUT_OF_TIME),
            () = interrupt.raised() => Err(INTERRUPTED),
        };
        match went {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.result.lost = true;
                self.result.stopped = Some(format!("failed to {error}"));
            }
            Err(why) => self.result.stopped = Some(why.to_owned()),
        }
        let mut result = self.result.parted();
        self.most = self.most.saturating_sub(result.requests);
        result.seen.sort_by_key(|seen| seen.order);
        (self, result)
    }

    async fn go(&mut self, recipes: &[Arc<dyn Recipe>], part: Range<usize>) -> Result<(), TransportError> {
        if self.is_over() {
            return Ok(());
        }
        let Some(reference) = self.reference_once().await? else {
            let unanswered = || format!("a well-formed {} brings no answer", self.operation);
            self.result.unfit.get_or_insert_with(unanswered);
            return Ok(());
        };
        self.result.reference = Some(reference.clone());
        let mut batch = self.batch.take();
        let is_last = part.end >= recipes.len();
        for index in part.start..part.end.min(recipes.len()) {
            if self.is_over() {
                break;
            }
            batch = self.try_one(recipes, index, batch, &reference).await?;
        }
        match batch {
            Some(batch) if is_last || self.result.stopped.is_some() => {
                self.close_batch(batch, recipes, &reference, false).await
            }
            batch => {
                self.batch = batch;
                Ok(())
            }
        }
    }

    /// Tries one recipe; gives the stage that refused requests share, where there is one.
    async fn try_one(
        &mut self,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        batch: Option<RecipeBatch>,
        reference: &Control,
    ) -> Result<Option<RecipeBatch>, TransportError> {
        let recipe = &recipes[index];
        if self.result.hung.contains(&recipe.class().id) {
            return Ok(batch);
        }
        if let Some(procedure) = recipe.procedure() {
            if self.has_room_for(&**recipe) {
                self.carry_out(procedure, recipes, index, reference).await?;
            }
            return Ok(batch);
        }
        let mut current = match batch {
            Some(batch) => batch,
            None => self.open_batch().await?,
        };
        let Some(malformed) = recipe.make(&current.stage.base) else { return Ok(Some(current)) };
        if self.needs_own_stage(&malformed, reference) {
            self.try_alone(recipes, index, reference).await?;
            return Ok(Some(current));
        }
        let accepted = self.try_on(&current.stage, reference, recipes, index, &malformed).await?;
        if accepted {
            // What was accepted against all rules has done what it has done: nothing more is to be read here.
            self.close_batch(current, recipes, reference, true).await?;
            return Ok(None);
        }
        current.recipes.push(index);
        if current.recipes.len() >= BATCH {
            self.close_batch(current, recipes, reference, false).await?;
            return Ok(None);
        }
        Ok(Some(current))
    }

    pub(super) fn is_over(&mut self) -> bool {
        let reason = if self.context.interrupt.is_raised() {
            INTERRUPTED
        } else if Instant::now() >= self.context.deadline {
            OUT_OF_TIME
        } else if self.result.requests >= self.most {
            ENOUGH
        } else if self.slots.is_empty() {
            OUT_OF_ACCOUNTS
        } else if let Some(class) = self.context.health.lost_to() {
            self.result.stopped = Some(not_recovered(class));
            return true;
        } else {
            return false;
        };
        self.result.stopped = Some(reason.to_owned());
        true
    }

    /// Whether a recipe that takes several requests may still be tried.
    fn has_room_for(&mut self, recipe: &dyn Recipe) -> bool {
        let has_room = self.result.requests.saturating_add(recipe.cost()) <= self.most;
        if !has_room {
            self.result.stopped = Some(ENOUGH.to_owned());
        }
        has_room
    }

    /// Whether the request may be accepted and then do something that has to be compared.
    pub(super) fn needs_own_stage(&self, malformed: &Malformed, reference: &Control) -> bool {
        let harmless = matches!(malformed.message.delivery, Delivery::Abandon);
        malformed.allowed.may_succeed() && self.operation.is_mutating() && reference.answer.is_success()
            || harmless
    }

    /// The names of accounts that nothing was done with yet.
    pub(super) fn fresh(&mut self) -> CastNaming {
        let naming = self.context.accounts.naming(Phase::Malformed, self.slots.start);
        self.slots.start += 1;
        naming
    }

    pub(super) async fn open_stage(&mut self) -> Result<OperationStage, TransportError> {
        let naming = self.fresh();
        let stage = self.context.fixture.stage(self.operation, naming).await?;
        self.result.calls += stage.calls;
        Ok(stage)
    }

    pub(super) async fn views(&mut self, stage: &OperationStage, all: bool) -> Result<StageViews, TransportError> {
        let (views, calls) = self.context.fixture.views(stage, all).await?;
        self.result.calls += calls;
        Ok(views)
    }

    async fn open_batch(&mut self) -> Result<RecipeBatch, TransportError> {
        let stage = self.open_stage().await?;
        let before = self.views(&stage, true).await?;
        Ok(RecipeBatch { stage, before, recipes: Vec::new() })
    }

    /// Looks at the state after refused requests; where it has changed, finds out which of them did it.
    async fn close_batch(
        &mut self,
        batch: RecipeBatch,
        recipes: &[Arc<dyn Recipe>],
        reference: &Control,
        is_spoilt: bool,
    ) -> Result<(), TransportError> {
        if batch.recipes.is_empty() {
            return Ok(());
        }
        let RecipeBatch { mut stage, mut before, recipes: mut refused } = batch;
        if is_spoilt {
            // The same again, without what was accepted.
            stage = self.open_stage().await?;
            before = self.views(&stage, true).await?;
            let mut sent = Vec::new();
            for index in refused {
                let Some(malformed) = recipes[index].make(&stage.base) else { continue };
                let exchange = self.send(&stage, recipes[index].class(), &malformed.message).await?;
                self.note_busy(recipes, index);
                if !is_accepted(&exchange) {
                    sent.push(index);
                }
            }
            refused = sent;
        }
        let after = self.views(&stage, true).await?;
        if self.moving.changes(&before, &after, &reference.effect).is_empty() {
            return Ok(());
        }
        for index in refused {
            if self.is_over() {
                break;
            }
            self.look_behind(recipes, index, reference).await?;
        }
        Ok(())
    }

    /// Sends a request and judges the answer; whether it was accepted.
    pub(super) async fn try_on(
        &mut self,
        stage: &OperationStage,
        reference: &Control,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        malformed: &Malformed,
    ) -> Result<bool, TransportError> {
        let exchange = self.send(stage, recipes[index].class(), &malformed.message).await?;
        self.result.note_throttling(&exchange);
        self.note_busy(recipes, index);
        let readings = self.readings(&exchange, &*recipes[index], malformed, reference).await?;
        let readings: Vec<NormalResponse> = readings.into_iter().map(|(answer, _)| answer).collect();
        let mut complaints = self.trial(stage, reference, &*recipes[index], malformed, &readings).judge(&exchange);
        let is_misread = |complaint: &Complaint| complaint.row == InvariantId::I24.name();
        if complaints.iter().any(is_misread) && self.moves(stage, malformed, &exchange).await? {
            complaints.retain(|complaint| !is_misread(complaint));
        }
        for complaint in complaints {
            self.note(recipes, index, complaint);
        }
        let accepted = is_accepted(&exchange) && self.operation.is_mutating();
        if accepted {
            self.look_after(stage, recipes, index, reference).await?;
        }
        Ok(accepted)
    }

    pub(super) fn trial<'t>(
        &'t self,
        stage: &'t OperationStage,
        reference: &'t Control,
        recipe: &dyn Recipe,
        malformed: &'t Malformed,
        readings: &'t [NormalResponse],
    ) -> ConnectionTrial<'t> {
        let class = recipe.class();
        ConnectionTrial {
            trial: Trial {
                profile: self.context.settings.profile,
                operation: self.operation,
                malformed,
                row: class.blamed(),
                part: (!recipe.is_composed()).then_some(class.part),
                base: Some(&reference.answer),
                readings,
                verifies: self.context.verifies,
            },
            class,
            naming: &stage.naming,
            follows: &reference.follows,
            canary: &stage.base.canary,
        }
    }

    /// Whether a read that is well-formed is answered the same here and now: what it shows has moved by itself.
    async fn moves(
        &mut self,
        stage: &OperationStage,
        malformed: &Malformed,
        exchange: &RawExchange,
    ) -> Result<bool, TransportError> {
        if self.operation.is_mutating() {
            return Ok(false);
        }
        let normal = |exchange: &RawExchange| {
            let answer = exchange.answers.first()?;
            Some(normalised(self.operation, &answer.response, &stage.naming))
        };
        let shown = normal(exchange);
        let sound = if malformed.repaired.is_empty() {
            std::slice::from_ref(&stage.base.message)
        } else {
            malformed.repaired.as_slice()
        };
        for message in sound {
            let again = self.context.fixture.transport.send_raw(&stage.caller, message, None, TIMES).await?;
            self.result.calls += 1;
            if shown.is_some() && normal(&again) == shown {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tries a request that may be accepted, and holds what it does against what the repaired one does.
    pub(super) async fn try_alone(
        &mut self,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        reference: &Control,
    ) -> Result<(), TransportError> {
        let stage = self.open_stage().await?;
        let Some(malformed) = recipes[index].make(&stage.base) else { return Ok(()) };
        let exchange = self.send(&stage, recipes[index].class(), &malformed.message).await?;
        self.result.note_throttling(&exchange);
        self.note_busy(recipes, index);
        let readings = self.readings(&exchange, &*recipes[index], &malformed, reference).await?;
        let answers: Vec<NormalResponse> = readings.iter().map(|(answer, _)| answer.clone()).collect();
        let complaints = self.trial(&stage, reference, &*recipes[index], &malformed, &answers).judge(&exchange);
        let silent = complaints.iter().all(|complaint| complaint.aspect == Aspect::Note);
        for complaint in complaints {
            self.note(recipes, index, complaint);
        }
        // What need not have been done, or not in whole, is not compared; nor what has no known meaning.
        let partly = [Set::NothingDone, Set::Partly, Set::AnyPage];
        let comparable = !malformed.is_open
            && !malformed.asks_for_cors()
            && !partly.iter().any(|set| malformed.allowed.has(*set) || malformed.allowed.tolerates(*set));
        let Some(answer) = exchange.answers.first() else { return Ok(()) };
        let normal = normalised(self.operation, &answer.response, &stage.naming);
        if !normal.is_success() {
            return self.glance_behind(stage, recipes, index, reference).await;
        }
        if self.operation.is_mutating() {
            self.look_after(&stage, recipes, index, reference).await?;
        }
        let alike: Vec<&StageViews> =
            readings.iter().filter(|(answer, _)| *answer == normal).map(|(_, effect)| effect).collect();
        if !(silent && comparable) || alike.is_empty() {
            return Ok(());
        }
        let after = self.views(&stage, false).await?;
        let mut differing: Vec<Vec<ReadChange>> =
            alike.iter().map(|effect| self.moving.changes(effect, &after, &reference.effect)).collect();
        if differing.iter().any(Vec::is_empty) {
            return Ok(());
        }
        let recipe = recipes[index].clone();
        let repaired = |base: &Base| {
            let malformed = recipe.make(base)?;
            Some(malformed.repaired.into_iter().next().unwrap_or_else(|| base.message.clone()))
        };
        let changes = differing.swap_remove(0);
        if let Some(change) = self.evidence(changes, stage.opened, false, repaired).await? {
            let ReadChange { read, before, after } = change;
            let expected = format!("the effect of the repaired request: {read} shows {before}");
            let observed = format!("{read} shows {after}");
            let complaint = Complaint::by_invariant(InvariantId::I24, Aspect::Misread, &expected, &observed);
            self.note(recipes, index, complaint);
        }
        Ok(())
    }

    /// The effects of the requests that a malformed one may be taken for, where it was accepted: each takes a stage.
    async fn readings(
        &mut self,
        exchange: &RawExchange,
        recipe: &dyn Recipe,
        malformed: &Malformed,
        reference: &Control,
    ) -> Result<Vec<(NormalResponse, StageViews)>, TransportError> {
        if !(is_accepted(exchange) && malformed.allowed.may_succeed()) {
            return Ok(Vec::new());
        }
        if malformed.repaired.is_empty() {
            return Ok(vec![(reference.answer.clone(), reference.effect.clone())]);
        }
        let mut readings = Vec::new();
        for index in 0..malformed.repaired.len() {
            // The same words on another stage name other accounts: what is kept goes by class and place.
            let key = [
                recipe.title().into_bytes(),
                recipe.class().id.to_string().into_bytes(),
                vec![u8::try_from(index).unwrap_or(u8::MAX)],
            ]
            .concat();
            let known = match self.readings.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let stage = self.open_stage().await?;
                    let repaired = recipe.make(&stage.base).and_then(|made| made.repaired.get(index).cloned());
                    let read = match repaired {
                        Some(message) => self.take(&stage, &message, false).await?,
                        None => None,
                    };
                    self.readings.insert(key, read.clone());
                    read
                }
            };
            readings.extend(known);
        }
        Ok(readings)
    }

    /// Sends a well-formed request: its answer, and the contents that it leaves after it.
    pub(super) async fn take(
        &mut self,
        stage: &OperationStage,
        message: &Message,
        all: bool,
    ) -> Result<Option<(NormalResponse, StageViews)>, TransportError> {
        let exchange = self.send_plain(stage, message).await?;
        let Some(answer) = exchange.answers.first() else { return Ok(None) };
        let normal = normalised(self.operation, &answer.response, &stage.naming);
        let effect = self.views(stage, all).await?;
        Ok(Some((normal, effect)))
    }

    pub(super) async fn send(
        &mut self,
        stage: &OperationStage,
        class: &'static Class,
        message: &Message,
    ) -> Result<RawExchange, TransportError> {
        self.count(class, 1);
        let mut message = message.clone();
        // A request after shows whether both sides agree on where this one ends; older clients send none.
        if message.delivery == Delivery::Whole && class.part == Part::Framing && message.is_http_1_1() {
            message.delivery = Delivery::Pipelined;
        }
        let patience = if class.part == Part::Framing { IMPATIENT } else { PATIENT };
        let exchange = self.send_as_is(stage, &message, patience).await?;
        // It takes its time to see that nothing comes: once is enough.
        if exchange.waited || exchange.end == ConnectionEnd::Silent {
            self.result.hung.insert(class.id);
        }
        if exchange.answers.is_empty() && self.is_kept_busy(stage).await? {
            self.context.health.lose(class.id);
        }
        Ok(exchange)
    }

    /// Whether the target takes long for anything, long after the client that asked for more has gone.
    pub(super) async fn is_kept_busy(&mut self, stage: &OperationStage) -> Result<bool, TransportError> {
        let usual = self.result.reference.as_ref().map(|reference| reference.usual).unwrap_or_default();
        let calm = self.context.health.clone();
        let transport = self.context.fixture.transport.clone();
        let read = || transport.send_raw(&stage.caller, &stage.follow, None, health::TIMES);
        self.result.calls += 1;
        if read().await?.took <= health::slow(usual) {
            return Ok(false);
        }
        let _alone = calm.alone().await;
        let mut took = Duration::ZERO;
        for _ in 0..health::LOOKS {
            self.result.calls += 1;
            took += read().await?.took;
        }
        Ok(took > health::LOOKS * health::slow(usual) / 2)
    }

    pub(super) fn note_busy(&mut self, recipes: &[Arc<dyn Recipe>], index: usize) {
        if self.context.health.lost_to() == Some(recipes[index].class().id) {
            self.note(recipes, index, busy_complaint());
        }
    }

    pub(super) async fn send_plain(
        &mut self,
        stage: &OperationStage,
        message: &Message,
    ) -> Result<RawExchange, TransportError> {
        self.result.calls += 1;
        self.send_as_is(stage, message, PATIENT).await
    }

    async fn send_as_is(
        &self,
        stage: &OperationStage,
        message: &Message,
        patience: Duration,
    ) -> Result<RawExchange, TransportError> {
        let _shared = self.context.health.shared().await;
        self.context
            .fixture
            .transport
            .send_raw(&stage.caller, message, Some(&stage.follow), (patience, LIMIT))
            .await
    }

    /// Counts requests of a class.
    pub(super) fn count(&mut self, class: &Class, requests: u64) {
        self.result.requests += requests;
        *self.result.classes.entry(class.id).or_default() += requests;
    }

    pub(super) fn note(&mut self, recipes: &[Arc<dyn Recipe>], order: usize, complaint: Complaint) {
        let recipe = recipes[order].clone();
        self.result.seen.push(Sighting {
            complaint,
            class: recipe.class(),
            operation: self.operation,
            recipe,
            order,
        });
    }
}
