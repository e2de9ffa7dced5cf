//! A look into what was found: seen again, told, and then made smaller.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::erased::Tell;
use super::super::settings::Phase;
use super::campaign::Campaign;
use super::finding::{Confirmed, Doubtful, Suspect, other_causes};
use super::lane::{OperationLane, Recipe, Sighting};
use super::smaller::Smaller;
use super::stage::base;
use crate::event::Event;
use crate::record::{Reproduced, Uncertainty};
use passmuster_contract::domain::Fingerprint;
use passmuster_malformed::{Aspect, Cause, Cut, Malformed, Subject, cuts, is_still_wrong};

/// The most requests that are sent to make one smaller.
const MOST_CUTS: usize = 16;
/// The most requests that are sent to find out which parts of a composition it takes.
const MOST_PARTS: usize = 12;
/// The longest look into one finding.
const LONGEST_LOOK: Duration = Duration::from_secs(15);
/// The accounts that a look takes.
const SLOTS: u64 = 400;

impl Campaign<'_> {
    /// Sees each finding again that was not looked into, and tells it at once.
    pub(super) async fn look_into(&mut self, tell: &mut Tell<'_>) {
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
            let Some(finding) = self.part_to_blame(finding).await else { continue };
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
                    id: Fingerprint(finding.cause.0.clone()).id(),
                    severity: finding.severity(),
                    summary: finding.sentence(),
                });
            }
            if confirmed.reproduced.hits > 0 {
                self.unshrunk.push(self.outcome.findings.len());
            }
            self.outcome.findings.push(confirmed);
        }
    }

    /// Of a composition, the fewest of its faults that show the same, as a finding of theirs: one that a fault shows by
    /// itself is told with the class. None where that was told already.
    async fn part_to_blame(&mut self, finding: Suspect) -> Option<Suspect> {
        if !finding.recipe.is_composed() {
            return Some(finding);
        }
        let mut lane = self.lane_for(&finding);
        let (mut recipe, mut shown, mut left) = (finding.recipe.clone(), None, MOST_PARTS);
        loop {
            let mut fewer: Option<(Arc<dyn Recipe>, Sighting)> = None;
            for part in recipe.fewer() {
                if left == 0 || fewer.is_some() {
                    break;
                }
                left -= 1;
                let seen = lane.sightings(part.clone(), finding.complaint.aspect).await;
                let alike = seen.into_iter().find(|seen| is_alike(&finding, seen));
                fewer = alike.map(|sighting| (part, sighting));
            }
            let Some((part, sighting)) = fewer else { break };
            (recipe, shown) = (part, Some(sighting));
        }
        let Some(Sighting { complaint, class, operation, .. }) = shown else { return Some(finding) };
        let cause = Cause::of(&complaint, class.blamed());
        if cause != finding.cause && !self.settled.insert(cause.clone()) {
            return None;
        }
        let mut may_be = other_causes(&complaint, &*recipe);
        may_be.extend((cause != finding.cause).then(|| finding.cause.clone()));
        let seen = BTreeMap::from([(class.id.to_string(), BTreeSet::from([operation]))]);
        Some(Suspect { cause, may_be, complaint, class, recipe, seen, ..finding })
    }

    /// Makes the requests of what was confirmed smaller, as far as there is time.
    pub(super) async fn make_smaller(&mut self) {
        for index in std::mem::take(&mut self.unshrunk) {
            if Instant::now() >= self.end || self.interrupt.is_raised() || self.outcome.lost {
                return;
            }
            let Some(finding) = self.outcome.findings.get(index).map(|known| known.finding.clone()) else {
                continue;
            };
            let is_whole = is_brief(finding.complaint.aspect) || finding.recipe.procedure().is_some();
            if is_whole || self.health.lost_to().is_some() {
                continue;
            }
            let mut lane = self.lane_for(&finding);
            let naming = self.run.accounts.naming(Phase::Malformed, self.slot);
            let example = base(finding.operation, &naming, None);
            let Some(whole) = finding.recipe.make(&example) else { continue };
            let subject = Subject::of(&example.message, &whole.message);
            let cuts = shrink(&mut lane, &finding, &whole, &subject).await;
            let malformed = Smaller { recipe: finding.recipe.clone(), cuts }.apply(whole);
            if let Some(known) = self.outcome.findings.get_mut(index) {
                (known.naming, known.caller, known.malformed) = (naming, example.caller.clone(), malformed);
            }
        }
    }

    /// A lane to look into a finding, with accounts of its own.
    fn lane_for(&mut self, finding: &Suspect) -> OperationLane {
        let slots = self.slot..self.slot + SLOTS;
        self.slot += SLOTS;
        let deadline = self.end.min(Instant::now() + LONGEST_LOOK);
        let reference = self.references.get(&finding.operation).cloned();
        OperationLane::new(self.context(deadline), finding.operation, slots, reference)
    }

    /// The finding as it was first seen: it was tried again so many times.
    fn as_seen(&self, finding: &Suspect, reproduced: Reproduced) -> Option<Confirmed> {
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
            reproduced,
        })
    }

    /// Takes note of a finding that could not be told from none.
    pub(super) fn doubt(&mut self, finding: &Suspect, why: Uncertainty) {
        let seen = self.as_seen(finding, Reproduced { hits: 0, of: 0 });
        self.outcome.unconfirmed.extend(seen.map(|unconfirmed| Doubtful { unconfirmed, why }));
    }

    /// Why findings were not looked into.
    pub(super) fn why_over_early(&self) -> Uncertainty {
        if self.interrupt.is_raised() {
            Uncertainty::Interrupted
        } else if self.outcome.lost || self.health.lost_to().is_some() {
            Uncertainty::TargetLost
        } else {
            Uncertainty::OutOfTime
        }
    }

    async fn confirm(&mut self, finding: &Suspect) -> Result<Confirmed, Uncertainty> {
        let mut lane = self.lane_for(finding);
        let aspect = finding.complaint.aspect;
        let times = if is_brief(aspect) { 1 } else { self.run.settings.confirmations };
        let (mut hits, mut of) = (0, 0);
        for _ in 0..times {
            let shown = lane.shows(finding.recipe.clone(), &finding.cause, aspect).await;
            hits += u32::from(shown == Some(true));
            of += u32::from(shown.is_some());
        }
        let is_slow = matches!(aspect, Aspect::Hang | Aspect::Busy);
        if hits == 0 && of == 0 {
            let is_late = Instant::now() >= self.end;
            return Err(if is_late { Uncertainty::OutOfTime } else { Uncertainty::NotJudgedAgain });
        }
        // A machine under load is slow now and then.
        if hits == 0 && is_slow {
            return Err(Uncertainty::Flaky);
        }
        self.as_seen(finding, Reproduced { hits, of }).ok_or(Uncertainty::NotJudgedAgain)
    }
}

/// Whether to see it again takes its time, or is not worth much of it.
const fn is_brief(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::Hang | Aspect::Busy | Aspect::Note)
}

/// Whether a part of a composition shows what the whole does.
fn is_alike(finding: &Suspect, seen: &Sighting) -> bool {
    let by_invariant = finding.complaint.row.starts_with('I');
    seen.complaint.aspect == finding.complaint.aspect
        && (!by_invariant || seen.complaint.row == finding.complaint.row)
}

/// The parts that can be left out of a request.
async fn shrink(lane: &mut OperationLane, finding: &Suspect, whole: &Malformed, subject: &Subject) -> Vec<Cut> {
    let smaller = |cuts: &[Cut]| Smaller { recipe: finding.recipe.clone(), cuts: cuts.to_vec() };
    let aspect = finding.complaint.aspect;
    let (mut kept, mut attempts) = (Vec::new(), 0);
    loop {
        let message = smaller(&kept).apply(whole.clone()).message;
        let before = kept.len();
        for cut in cuts(&message, finding.class) {
            kept.push(cut);
            let candidate = smaller(&kept).apply(whole.clone()).message;
            let is_worth_it = attempts < MOST_CUTS
                && is_still_wrong(aspect, &candidate, finding.operation)
                && subject.is_in(&candidate);
            if is_worth_it {
                attempts += 1;
                if lane.shows(Arc::new(smaller(&kept)), &finding.cause, aspect).await == Some(true) {
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
