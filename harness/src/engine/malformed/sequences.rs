//! Procedures of several requests, one after the other. `traffic.rs` has what goes on at once.

use std::sync::Arc;

use super::context::{BURST, CONNECTIONS, KEPT, TOKENS, WRITINGS};
use super::lane::{Control, LIMIT, OperationLane, Recipe, is_accepted, state_complaint};
use super::stage::{Fixture, OperationStage};
use crate::targets::{RawExchange, TransportError};
use passmuster_contract::catalogue;
use passmuster_contract::domain::{
    Circumstances, DivergenceKind, Document, Naming as _, Operation, Outcome, Region, Request, Transition,
};
use passmuster_contract::model::Answers;
use passmuster_contract::oracle::{Belief, Observed, Strictness, Verdict};
use passmuster_contract::wire::{self, HttpResponse};
use passmuster_malformed::{
    Aspect, Base, Class, Complaint, HOMES, InvariantId, Malformed, Message, NormalResponse, Operator, Part,
    Procedure, Set,
};

/// The most refused requests between two looks at the state.
const MOST_REFUSED: usize = 12;

/// The number of times that the same bytes are sent.
const REPLAYS: usize = 3;

/// A recipe that takes several requests, on some operation.
#[derive(Debug)]
struct Sequence {
    class: &'static Class,
    procedure: Procedure,
}

impl Recipe for Sequence {
    fn class(&self) -> &'static Class {
        self.class
    }

    fn title(&self) -> String {
        self.class.title.to_owned()
    }

    fn procedure(&self) -> Option<Procedure> {
        Some(self.procedure)
    }

    fn cost(&self) -> u64 {
        match self.procedure {
            Procedure::WithoutHub | Procedure::Abandoned => 1,
            Procedure::EnableTwice | Procedure::CreateTwice => 2,
            Procedure::RefusedBetweenViews => MOST_REFUSED as u64,
            Procedure::Parallel => CONNECTIONS as u64,
            Procedure::TokenReused => 3,
            Procedure::TokenEscaped => (TOKENS * WRITINGS) as u64,
            Procedure::Burst => BURST + 3,
            Procedure::KeepAlive => KEPT as u64,
            Procedure::Replayed => REPLAYS as u64,
        }
    }

    fn make(&self, base: &Base) -> Option<Malformed> {
        Some(Malformed::new(self.title(), base.message.clone(), &[]))
    }
}

/// Which of the classes take several requests, and fit the operation.
pub(super) fn recipes(classes: &[&'static Class], operation: Operation) -> Vec<Arc<dyn Recipe>> {
    let recipe = |class: &&'static Class| -> Option<Arc<dyn Recipe>> {
        let Operator::Sequence(procedure) = class.operator else { return None };
        fits(procedure, operation).then(|| -> Arc<dyn Recipe> { Arc::new(Sequence { class, procedure }) })
    };
    classes.iter().filter_map(recipe).collect()
}

fn fits(procedure: Procedure, operation: Operation) -> bool {
    match procedure {
        Procedure::WithoutHub => operation != Operation::EnableSecurityHub,
        Procedure::EnableTwice => operation == Operation::EnableSecurityHub,
        Procedure::CreateTwice | Procedure::Parallel | Procedure::Abandoned => {
            operation == Operation::CreateMembers
        }
        Procedure::RefusedBetweenViews => HOMES.contains(&operation),
        Procedure::TokenReused
        | Procedure::TokenEscaped
        | Procedure::Burst
        | Procedure::KeepAlive
        | Procedure::Replayed => operation == Operation::ListMembers,
    }
}

/// A request of a procedure: where, against what, and for which class.
#[derive(Clone, Copy)]
pub(super) struct Step<'s> {
    pub(super) stage: &'s OperationStage,
    pub(super) reference: &'s Control,
    pub(super) recipe: &'s dyn Recipe,
}

impl OperationLane {
    /// Carries a procedure out once, and notes what is wrong.
    pub(super) async fn carry_out(
        &mut self,
        procedure: Procedure,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        reference: &Control,
    ) -> Result<(), TransportError> {
        // Where the operation does not work alone, several requests of it tell nothing.
        if !reference.answer.is_success() {
            return Ok(());
        }
        let recipe = &*recipes[index];
        let mut complaints = match procedure {
            Procedure::WithoutHub => self.without_hub(recipe, reference).await?,
            Procedure::EnableTwice => self.twice(recipe, reference, &[Set::Conflict]).await?,
            Procedure::CreateTwice => self.twice(recipe, reference, &[Set::Partly]).await?,
            Procedure::RefusedBetweenViews => self.refused_between_views(recipe, reference).await?,
            Procedure::Parallel => self.parallel(recipe, reference).await?,
            Procedure::Abandoned => self.abandoned(recipe, reference).await?,
            Procedure::TokenReused => self.token_reused(recipe, reference).await?,
            Procedure::TokenEscaped => self.token_escaped(recipe, reference).await?,
            Procedure::Burst => self.burst(recipe, reference).await?,
            Procedure::KeepAlive => self.keep_alive(recipe, reference).await?,
            Procedure::Replayed => self.replayed(recipe, reference).await?,
        };
        let mut told: Vec<Complaint> = Vec::new();
        complaints.retain(|complaint| {
            let is_new = !told.contains(complaint);
            told.push(complaint.clone());
            is_new
        });
        for complaint in complaints {
            self.note(recipes, index, complaint);
        }
        Ok(())
    }

    /// Finds the fault of one answer, where these sets are allowed, and these answers to a request that is taken as
    /// it is.
    pub(super) fn judged(
        &self,
        step: Step<'_>,
        message: &Message,
        sets: &[Set],
        readings: &[NormalResponse],
        exchange: &RawExchange,
    ) -> Vec<Complaint> {
        let mut malformed = Malformed::new(step.recipe.title(), message.clone(), sets);
        malformed.offending = named(step.stage);
        self.trial(step.stage, step.reference, step.recipe, &malformed, readings).judge(exchange)
    }

    /// The call of an account that has no hub.
    async fn without_hub(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        // An account that others have used may have one.
        if !self.context.settings.fresh_accounts || self.context.settings.single_account.is_some() {
            return Ok(Vec::new());
        }
        let stage = Fixture::blank(self.operation, self.fresh());
        let step = Step { stage: &stage, reference, recipe };
        let message = stage.base.message.clone();
        let before = self.views(&stage, true).await?;
        let exchange = self.send(&stage, recipe.class(), &message).await?;
        let kinds = against(&mut Belief::default(), &stage, self.operation, &exchange);
        let mut complaints = self.judged(step, &message, &[Set::InvalidAccess, Set::NotFound], &[], &exchange);
        complaints.retain(|complaint| agrees(complaint, &kinds));
        if !is_accepted(&exchange) {
            let after = self.views(&stage, true).await?;
            let changes = self.moving.changes(&before, &after, &reference.effect);
            let wrong = self.evidence(changes, stage.opened, true, |_| None).await?;
            complaints.extend(wrong.as_ref().map(state_complaint));
        }
        Ok(complaints)
    }

    /// A request, and the same again.
    async fn twice(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
        sets: &[Set],
    ) -> Result<Vec<Complaint>, TransportError> {
        let stage = self.open_stage().await?;
        let step = Step { stage: &stage, reference, recipe };
        let message = stage.base.message.clone();
        let first = self.send(&stage, recipe.class(), &message).await?;
        if !is_accepted(&first) {
            return Ok(Vec::new());
        }
        let before = self.views(&stage, true).await?;
        let second = self.send(&stage, recipe.class(), &message).await?;
        let mut belief = Belief::default();
        // What the stage was set up by: of the other accounts nothing depends on it.
        let hub = (self.operation != Operation::EnableSecurityHub).then_some(Operation::EnableSecurityHub);
        hub.into_iter().for_each(|operation| believe(&mut belief, &stage, operation));
        if !against(&mut belief, &stage, self.operation, &first).is_empty() {
            return Ok(Vec::new());
        }
        let kinds = against(&mut belief, &stage, self.operation, &second);
        let mut complaints = self.judged(step, &message, sets, &[], &second);
        complaints.retain(|complaint| agrees(complaint, &kinds));
        if !is_accepted(&second) {
            let after = self.views(&stage, true).await?;
            let changes = self.moving.changes(&before, &after, &reference.effect);
            let once = |base: &Base| Some(base.message.clone());
            let wrong = self.evidence(changes, stage.opened, false, once).await?;
            complaints.extend(wrong.as_ref().map(state_complaint));
        }
        Ok(complaints)
    }

    /// Requests that must be refused, each between two looks at the state.
    async fn refused_between_views(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let mut stage = self.open_stage().await?;
        let mut before = self.views(&stage, true).await?;
        let mut hard: Vec<&'static Class> = passmuster_malformed::classes()
            .filter(|class| matches!(class.part, Part::Members | Part::Query | Part::Headers))
            .filter(|class| refused(class, &stage.base).is_some())
            .collect();
        let every = hard.len().div_ceil(MOST_REFUSED).max(1);
        hard = hard.into_iter().step_by(every).collect();
        for class in hard {
            if self.is_over() {
                break;
            }
            let Some(message) = refused(class, &stage.base) else { continue };
            let exchange = self.send(&stage, recipe.class(), &message).await?;
            let after = self.views(&stage, true).await?;
            if is_accepted(&exchange) {
                // That is for its own class to tell; what it did is the state from here on.
                stage = self.open_stage().await?;
                before = self.views(&stage, true).await?;
                continue;
            }
            let changes = self.moving.changes(&before, &after, &reference.effect);
            if let Some(change) = self.evidence(changes, stage.opened, false, |_| None).await? {
                return Ok(vec![state_complaint(&change)]);
            }
            before = after;
        }
        Ok(Vec::new())
    }

    /// The bytes of a read, and the same bytes again.
    async fn replayed(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let stage = self.open_stage().await?;
        let step = Step { stage: &stage, reference, recipe };
        let message = stage.base.message.clone();
        let transport = self.context.fixture.transport.clone();
        let bytes = transport.raw_request(&stage.caller, &message)?;
        let mut answers = Vec::new();
        let mut complaints = Vec::new();
        for _ in 0..REPLAYS {
            self.count(recipe.class(), 1);
            let exchange = transport.open_raw(&stage.caller).await?.ask(&bytes, LIMIT).await;
            let readings = std::slice::from_ref(&reference.answer);
            complaints.extend(self.judged(step, &message, &[Set::AsRepaired], readings, &exchange));
            let Some(answer) = exchange.answers.first() else { return Ok(complaints) };
            answers.push(status_and_code(self.operation, &answer.response));
        }
        // Which of the two is right, the class doesn't say.
        complaints.retain(|complaint| !matches!(complaint.aspect, Aspect::WrongAnswer | Aspect::Misread));
        let throttled = answers.iter().any(|answer| answer.starts_with("429"));
        if let Some((first, others)) = answers.split_first()
            && let Some(other) = others.iter().find(|other| *other != first && !throttled)
        {
            let observed = format!("{other} behind {first}");
            let expected = "the same answer to the same bytes";
            complaints.push(Complaint::by_invariant(InvariantId::I19, Aspect::Note, expected, &observed));
        }
        Ok(complaints)
    }
}

fn status_and_code(operation: Operation, response: &HttpResponse) -> String {
    match wire::decode_response(operation, response) {
        Outcome::Error(error) => format!("{} {}", error.status, error.kind),
        Outcome::Success(_) | Outcome::Undecodable { .. } => response.status.to_string(),
    }
}

/// The accounts that the base of a stage names in its body.
fn named(stage: &OperationStage) -> Vec<String> {
    let body = String::from_utf8_lossy(&stage.base.message.body);
    let known = stage.base.strangers.iter().chain([&stage.base.member]);
    known.filter(|account| body.contains(*account)).cloned().collect()
}

/// The first request of a class that every reader must refuse.
fn refused(class: &'static Class, base: &Base) -> Option<Message> {
    let hard = |malformed: &Malformed| !malformed.is_open && !malformed.allowed.may_succeed();
    class.requests(base).into_iter().find(hard).map(|malformed| malformed.message)
}

/// Believes a call without members of the caller to have succeeded.
fn believe(belief: &mut Belief, stage: &OperationStage, operation: Operation) {
    let outcome = Outcome::Success(Document::new());
    let _ = judge(belief, stage, operation, &Document::new(), &outcome);
}

/// In which ways the model says that the answer to the well-formed request of a stage is wrong. The first answers of
/// an account depend on nothing but its own calls.
fn against(
    belief: &mut Belief,
    stage: &OperationStage,
    operation: Operation,
    exchange: &RawExchange,
) -> Vec<DivergenceKind> {
    let Some(answer) = exchange.answers.first() else { return Vec::new() };
    let document = stage.base.json().and_then(|body| body.as_object().cloned()).unwrap_or_default();
    let outcome = wire::decode_response(operation, &answer.response);
    judge(belief, stage, operation, &document, &outcome)
}

fn judge(
    belief: &mut Belief,
    stage: &OperationStage,
    operation: Operation,
    document: &Document,
    outcome: &Outcome,
) -> Vec<DivergenceKind> {
    let naming = &stage.naming;
    let Ok(request) = Request::from_document(operation, document, naming) else { return Vec::new() };
    let Some(caller) = naming.account_from(&stage.base.caller) else { return Vec::new() };
    let observed = Observed {
        outcome,
        pages: &[],
        region: Region(0),
        naming,
        strictness: Strictness::Kind,
        answers: &Answers::default(),
        grade: catalogue::grade,
        unknown: &[],
        partial: false,
        circumstances: &Circumstances::of_stand_in(),
    };
    match belief.judge(&Transition { caller, region: Region(0), request }, &observed).verdict {
        Verdict::Diverges(divergences) => divergences.into_iter().map(|divergence| divergence.kind).collect(),
        Verdict::Conforms | Verdict::Late(..) | Verdict::Inconclusive(_) => Vec::new(),
    }
}

/// Whether the model, which knows the open questions, has something against the answer as well; of what is no matter
/// of behaviour it knows nothing.
fn agrees(complaint: &Complaint, kinds: &[DivergenceKind]) -> bool {
    match complaint.aspect {
        Aspect::Accepted => kinds.contains(&DivergenceKind::MissingRefusal),
        Aspect::WrongAnswer | Aspect::Misread => kinds.contains(&DivergenceKind::WrongError),
        _ => true,
    }
}
