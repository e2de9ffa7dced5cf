//! The control of what is read around a malformed request: what changes on a stage that was left alone changes by
//! itself, and is no evidence.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::judge::normalised;
use super::lane::{Control, OperationLane, Recipe, is_accepted, state_complaint};
use super::lane_result::why_unfit;
use super::moving::{ReadChange, differing};
use super::stage::{Fixture, OperationStage, is_failure};
use crate::targets::{RawExchange, TransportError};
use passmuster_contract::domain::Operation;
use passmuster_malformed::{Aspect, Base, Complaint, InvariantId, Message, Part};

/// A stage that was left alone is watched for so many times as long as the other, up to a limit.
const TIMES_LONGER: u32 = 2;
const LONGEST: Duration = Duration::from_secs(2);

impl OperationLane {
    /// The effect of the well-formed request; none where it is not the same twice.
    async fn reference(&mut self) -> Result<Option<Control>, TransportError> {
        let first = self.open_stage().await?;
        let follow = self.send_plain(&first, &first.follow).await?;
        let usual = follow.took;
        if follow.answers.is_empty() {
            self.result.stopped = Some("a well-formed ListMembers brings no answer".to_owned());
            return Ok(None);
        }
        let Some((answer, mut effect)) = self.take(&first, &first.base.message, true).await? else {
            self.result.stopped = Some(format!("a well-formed {} brings no answer", self.operation));
            return Ok(None);
        };
        let followed = self.send_plain(&first, &first.follow).await?;
        let listed = |exchange: &RawExchange| {
            let answer = exchange.answers.first()?;
            Some(normalised(Operation::ListMembers, &answer.response, &first.naming))
        };
        let follows = [follow, followed].iter().filter_map(listed).collect();
        let second = self.open_stage().await?;
        let Some((again, effect_again)) = self.take(&second, &second.base.message, true).await? else {
            return Ok(None);
        };
        self.result.unfit = why_unfit(self.operation, &answer, &again);
        if self.result.unfit.is_some() {
            return Ok(None);
        }
        effect.retain(|read, shown| effect_again.get(read) == Some(shown));
        Ok(Some(Control { answer, effect, follows, usual }))
    }

    pub(super) async fn reference_once(&mut self) -> Result<Option<Control>, TransportError> {
        match self.result.reference.take() {
            Some(reference) => Ok(Some(reference)),
            None => self.reference().await,
        }
    }

    /// The first of these changes that is not seen on a stage that is as old and was left alone, apart from a
    /// well-formed request at its beginning, if any.
    pub(super) async fn evidence(
        &mut self,
        changes: Vec<ReadChange>,
        opened: Instant,
        blank: bool,
        begin: impl Fn(&Base) -> Option<Message>,
    ) -> Result<Option<ReadChange>, TransportError> {
        if changes.is_empty() {
            return Ok(None);
        }
        let age = (opened.elapsed() * TIMES_LONGER).min(LONGEST);
        let stage = if blank { self.blank_stage() } else { self.open_stage().await? };
        if let Some(message) = begin(&stage.base) {
            self.send_plain(&stage, &message).await?;
        }
        let first = self.views(&stage, true).await?;
        sleep_until(stage.opened + age).await;
        let last = self.views(&stage, true).await?;
        for change in &changes {
            let (Some(first), Some(last)) = (first.get(&change.read), last.get(&change.read)) else { continue };
            let mut moving = differing(first, last);
            if [first, last].into_iter().any(|shown| change.is_shown_by(shown)) {
                // It comes to the same without the request.
                moving.extend(differing(&change.before, &change.after));
            }
            self.moving.learn(&change.read, moving);
        }
        Ok(changes.into_iter().find(|change| self.moving.leaves(change)))
    }

    /// Sends one request that was refused again, on a stage of its own, and looks whether it changes anything.
    pub(super) async fn look_behind(
        &mut self,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        reference: &Control,
    ) -> Result<(), TransportError> {
        let recipe = &recipes[index];
        let stage = self.open_stage().await?;
        let Some(malformed) = recipe.make(&stage.base) else { return Ok(()) };
        if recipe.class().part == Part::Framing && malformed.allowed.may_succeed() {
            // It may be done, and what is refused are the bytes behind it.
            return Ok(());
        }
        let before = self.views(&stage, true).await?;
        let exchange = self.send(&stage, recipe.class(), &malformed.message).await?;
        self.note_busy(recipes, index);
        if is_accepted(&exchange) {
            return Ok(());
        }
        let after = self.views(&stage, true).await?;
        let changes = self.moving.changes(&before, &after, &reference.effect);
        if let Some(change) = self.evidence(changes, stage.opened, false, |_| None).await? {
            self.note(recipes, index, state_complaint(&change));
        }
        Ok(())
    }

    /// Reads a stage after a request that was accepted: it may have left something that the target itself can't read.
    pub(super) async fn look_after(
        &mut self,
        stage: &OperationStage,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        reference: &Control,
    ) -> Result<(), TransportError> {
        let after = self.views(stage, true).await?;
        let usual = |read| reference.effect.get(read).is_some_and(|shown| !is_failure(shown));
        if let Some((read, shown)) = after.iter().find(|(read, shown)| is_failure(shown) && usual(*read)) {
            let read = read.split(' ').next().unwrap_or_default();
            let observed = format!("{shown} of {read}, a read after it");
            let expected = "reads that are answered as before";
            self.note(
                recipes,
                index,
                Complaint::by_invariant(InvariantId::I03, Aspect::Aftermath, expected, &observed),
            );
        }
        Ok(())
    }

    /// Looks whether a stage is as it was before a request that was refused; where it isn't, sends it once more and
    /// looks closer.
    pub(super) async fn glance_behind(
        &mut self,
        stage: OperationStage,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        reference: &Control,
    ) -> Result<(), TransportError> {
        let after = self.views(&stage, false).await?;
        let untouched = match self.untouched.take() {
            Some(untouched) => untouched,
            None => {
                let stage = self.open_stage().await?;
                self.views(&stage, false).await?
            }
        };
        let is_changed = !self.moving.changes(&untouched, &after, &reference.effect).is_empty();
        self.untouched = Some(untouched);
        if is_changed { self.look_behind(recipes, index, reference).await } else { Ok(()) }
    }

    fn blank_stage(&mut self) -> OperationStage {
        Fixture::blank(self.operation, self.fresh())
    }
}
