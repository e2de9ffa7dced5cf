//! One request tried again by itself, to see whether it shows what was seen.

use std::sync::Arc;

use super::health::busy_complaint;
use super::lane::{OperationLane, Recipe, Sighting};
use super::stage::Fixture;
use crate::targets::TransportError;
use passmuster_malformed::{Aspect, Cause};

impl OperationLane {
    /// Whether one request, tried by itself, is answered wrongly in this way once more; `None` where that could not be
    /// seen.
    pub(super) async fn shows(&mut self, recipe: Arc<dyn Recipe>, cause: &Cause, aspect: Aspect) -> Option<bool> {
        let (seen, is_whole) = self.tried(recipe, aspect).await;
        let shows = seen.iter().any(|seen| Cause::of(&seen.complaint, seen.class.blamed()) == *cause);
        (shows || is_whole).then_some(shows)
    }

    /// What is wrong with the answers to one request, tried by itself.
    pub(super) async fn sightings(&mut self, recipe: Arc<dyn Recipe>, aspect: Aspect) -> Vec<Sighting> {
        self.tried(recipe, aspect).await.0
    }

    /// What one request shows, and whether it was tried to the end.
    async fn tried(&mut self, recipe: Arc<dyn Recipe>, aspect: Aspect) -> (Vec<Sighting>, bool) {
        let (before, sent) = (self.result.seen.len(), self.result.requests);
        // A target that takes no connections any more shows nothing, nor does one that takes too long.
        let tried = tokio::time::timeout_at(self.context.deadline, self.again([recipe], aspect)).await;
        let seen = self.result.seen.split_off(before);
        let is_whole = matches!(tried, Ok(Ok(()))) && (self.result.requests > sent || aspect == Aspect::Busy);
        (seen, is_whole)
    }

    async fn again(&mut self, recipes: [Arc<dyn Recipe>; 1], aspect: Aspect) -> Result<(), TransportError> {
        let Some(reference) = self.reference_once().await? else { return Ok(()) };
        self.result.reference = Some(reference.clone());
        if let Some(procedure) = recipes[0].procedure() {
            return self.carry_out(procedure, &recipes, 0, &reference).await;
        }
        if aspect == Aspect::State {
            return self.look_behind(&recipes, 0, &reference).await;
        }
        if aspect == Aspect::Busy {
            let stage = Fixture::blank(self.operation, self.fresh());
            if self.is_kept_busy(&stage).await? {
                self.note(&recipes, 0, busy_complaint());
                return Ok(());
            }
        }
        let stage = match self.spare.take() {
            Some(stage) => stage,
            None => self.open_stage().await?,
        };
        let Some(malformed) = recipes[0].make(&stage.base) else { return Ok(()) };
        if self.needs_own_stage(&malformed, &reference) {
            return self.try_alone(&recipes, 0, &reference).await;
        }
        let accepted = self.try_on(&stage, &reference, &recipes, 0, &malformed).await?;
        self.spare = (!accepted).then_some(stage);
        Ok(())
    }
}
