//! The results of one shard of a run, with all that it takes to put the shards together again. A whole run is the only
//! shard of one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    DivergenceRecord, GoalRecord, GoalStatus, InconclusiveRecord, OperationRecord, OperationSupport, ReplayRecord,
    RuleRecord, RunRecord, SdkRecord, Stopped, Uncertainty, UnstableRecord, WalkRecord, WirePart,
};

/// The most shards that a run is split into.
pub const MOST_SHARDS: u64 = 1_000;

/// One shard of a run: nothing in it depends on what another shard found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShardRecord {
    /// Which, from 1 on.
    pub index: u64,
    /// Out of how many.
    pub of: u64,
    /// The flags that decide what is found, by name; the same for all shards of a run.
    pub flags: BTreeMap<String, String>,
    /// After so many calls of its phases the whole run stops, wherever it is in its plan.
    pub most_calls: u64,
    /// The probe. Every shard makes one, and they are counted once.
    pub probe: ProbeRecord,
    /// The calls of each scenario of the shard (of a law, of both sides), in the order of the queue: the first has the
    /// place `index - 1`, each further one a place greater by `of`.
    #[serde(default)]
    pub calls: Vec<u64>,
    /// What came of the known divergences whose scenarios it replayed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replays: Vec<ReplayRecord>,
    /// Calls whose answer was judged.
    pub judged: u64,
    /// Scenarios run; of a law, both sides.
    pub scenarios: u64,
    /// Each operation, with the calls of it in the phases; divergences are not counted here.
    pub operations: Vec<OperationRecord>,
    /// Each rule, as it would stand if nothing diverged anywhere.
    pub rules: Vec<RuleRecord>,
    /// Of each rule that no answer rested on, the rules on the shortest path to it.
    pub on_the_way: BTreeMap<String, Vec<String>>,
    /// The answers to each open question, counted: by question, operation and answer.
    pub answers: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
    /// The goals, as [`RunRecord::goals`].
    pub goals: Vec<GoalRecord>,
    /// The coverage of the walk.
    pub walk: WalkPart,
    /// The results of malformed requests.
    #[serde(default)]
    pub wire: WirePart,
    /// The readings of answers that are errors or can't be read by SDKs.
    #[serde(default)]
    pub sdk: SdkRecord,
    /// The answers that were late, as [`RunRecord::late`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<InconclusiveRecord>,
    /// The reasons for which something could not be judged.
    pub inconclusive: Vec<InconclusiveRecord>,
    /// The divergences, each fingerprint where it was seen first, in the order in which it was looked into.
    pub leads: Vec<LeadRecord>,
    /// The operations that failed when they were probed, and not each time after that.
    #[serde(default)]
    pub unstable: Vec<UnstableRecord>,
    /// Why it ended early, as [`RunRecord::stopped`].
    pub stopped: Option<Stopped>,
    /// Seconds on the clock.
    pub seconds: f64,
    /// Remarks, beside those on what could not be confirmed.
    pub remarks: Vec<String>,
}

/// The cost and the results of the probe of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRecord {
    /// Calls made; none where the run was stopped before.
    pub calls: u64,
    /// Calls by operation.
    pub operations: BTreeMap<String, u64>,
    /// Each operation that was tried, those that set an organization up included, and what was found.
    pub support: BTreeMap<String, OperationSupport>,
    /// Whether one account made all calls.
    pub one_caller: bool,
}

/// The coverage of the walk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkPart {
    /// The walk as it is known before it is gone: all but what it covered.
    pub plan: WalkRecord,
    /// The abstract states that it covered, by number.
    pub exercised: BTreeSet<u32>,
    /// Those that it was to cover and didn't; another scenario may have.
    pub missed: Vec<MissedSituation>,
}

/// An abstract state that a scenario was to cover and didn't.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedSituation {
    /// The abstract state, by number.
    pub situation: u32,
    /// The number of the first scenario that had a divergence in the way to it, and its fingerprint as it was seen.
    pub in_the_way: Option<(u64, String)>,
}

/// A divergence where it was seen first, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadRecord {
    /// Operation, rule, kind, place: as first seen, before it was looked into.
    pub fingerprint: String,
    /// The phase in which it was seen.
    pub phase: String,
    /// The place in the queue of the scenario in which it was seen, or of the case of a law.
    pub number: u64,
    /// After how many calls of what has that place it was seen.
    pub calls: u64,
    /// Whether the right answer is not known: such a lead is looked into after the others.
    pub open: bool,
    /// The number of scenarios in which it was seen, those apart that looked into it.
    #[serde(default)]
    pub sightings: u64,
    /// Calls that looking into it took.
    pub took: u64,
    /// The result of it.
    pub looked: Looked,
}

/// The result of looking into a divergence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Looked {
    /// It was tried again, and seen each time or less often.
    Confirmed {
        /// Findings of the same cause are told as one.
        cause: String,
        /// The finding; after how many calls of the run it was found is not known yet.
        finding: Box<DivergenceRecord>,
    },
    /// It could not be tried again, or not be judged then.
    Unconfirmed {
        /// Why.
        reason: Uncertainty,
        /// The divergence as it was seen.
        finding: Box<DivergenceRecord>,
    },
}

impl ShardRecord {
    /// The number of places that are its own and lie before this one.
    pub(super) fn scenarios_before(&self, number: u64) -> usize {
        let before = number.saturating_sub(self.index.saturating_sub(1)).div_ceil(self.of.max(1));
        usize::try_from(before).unwrap_or(usize::MAX)
    }
}

impl RunRecord {
    /// Makes it the report of a shard, which judges nothing that takes the other shards.
    pub fn keep_shard(&mut self, shard: ShardRecord) {
        let ShardRecord { index, of, .. } = shard;
        if of > 1 {
            for goal in self.goals.iter_mut().filter(|goal| goal.is_missed()) {
                goal.status = GoalStatus::Elsewhere;
            }
        }
        self.remarks.push(format!(
            "this is shard {index} of {of}: `passmuster merge` makes one report of the JSON reports of all {of}"
        ));
        self.shard = Some(Box::new(shard));
    }
}
