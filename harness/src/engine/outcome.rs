//! Everything a run found out, as data. The conductor fills it in from the parts of the phases.

use std::collections::BTreeMap;

use super::finding::{ConfirmedFinding, Followed};
use super::malformed::MalformedOutcome;
use super::phase::{UnsteadyOperation, Walked};
use super::support::SupportTable;
use super::tally::Tally;
use crate::record::{ReplayRecord, StopCause, Stopped, Uncertainty};
use passmuster_contract::domain::{Answer, Fingerprint, Scenario};

/// Everything a run found out.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Which operations there are.
    pub support: SupportTable,
    /// Counts over all phases; of looking into what they found, the calls alone.
    pub tally: Tally,
    /// The part of the counts that is the probe's.
    pub(super) probe: Tally,
    /// The calls that each place of the queue took.
    pub(super) calls: Vec<u64>,
    /// Each divergence that was seen and what became of it, in the order in which it was looked into.
    pub(super) followed: Vec<Followed>,
    /// The number of scenarios that showed each divergence, those apart that looked into it.
    pub(super) sightings: BTreeMap<Fingerprint, u64>,
    /// What came of the scenarios of divergences that were known.
    pub(super) replays: Vec<ReplayRecord>,
    /// Operations that failed in the probe and not each time after it.
    pub(super) unsteady: Vec<UnsteadyOperation>,
    /// Divergences that were tried again, in the order they were first seen: of each it is said how often it showed.
    pub findings: Vec<ConfirmedFinding>,
    /// The shortest scenario seen to show an answer to an open question.
    pub examples: BTreeMap<Answer, Scenario>,
    /// Divergences that were seen and could not be confirmed, with the reason.
    pub unconfirmed: Vec<(Fingerprint, Uncertainty)>,
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
    /// The abstract states that the walk covered, where there was a walk.
    pub(super) walked: Option<Walked>,
    /// The results of malformed requests, where any were sent.
    pub malformed: Option<MalformedOutcome>,
    /// Whether random scenarios were run at all.
    pub explored: bool,
    /// Whether one account made all calls.
    pub single_caller: bool,
}

impl Run {
    /// A run that found out nothing, and why.
    #[must_use]
    pub fn ended_before(why: Stopped) -> Self {
        Self { interrupted: why.cause() == StopCause::Interrupted, stopped: Some(why), ..Self::default() }
    }
}
