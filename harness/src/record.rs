//! The record of a run: one plain value that every report is rendered from.

mod cause;
mod fold;
mod merge;
mod power;
mod sdk;
mod shard;
mod wire;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use passmuster_contract::domain::{DivergenceKind, Grade, Severity};

pub use cause::{CauseRecord, ChangeRecord};
pub use fold::{RecordHead, fold};
pub use merge::{MergeError, merge};
pub use power::{
    Blamed, CurvePoint, FaultRecord, Missed, MissedFault, POWER_SCHEMA, PairRecord, PairsRecord, PowerRecord,
    PowerTotals,
};
pub use sdk::{ExampleRecord, LintRecord, SdkRecord};
pub use shard::{LeadRecord, Looked, MOST_SHARDS, MissedSituation, ProbeRecord, ShardRecord, WalkPart};
pub use wire::{WireFindingRecord, WirePart, WireRecord};
pub use words::{
    Disposition, GoalStatus, OperationSupport, ReplayStanding, RuleStatus, StopCause, Stopped, Uncertainty,
};

/// The schema of [`RunRecord`] as JSON.
pub const SCHEMA: &str = "passmuster.run/1";

/// The beginning of the fingerprint of a finding that a malformed request showed.
pub const WIRE: &str = "wire ";

/// Everything a run found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of passmuster.
    pub version: String,
    /// The seed that reproduces the run.
    pub seed: u64,
    /// The number that account ids depend on besides the seed.
    #[serde(default)]
    pub nonce: u64,
    /// When it started, ISO-8601 in UTC.
    pub started: String,
    /// The exit code the run ends with.
    pub exit_code: u8,
    /// The target.
    pub target: TargetRecord,
    /// Sums.
    pub totals: Totals,
    /// Why the run ended before it was done, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    /// Each operation of the API.
    pub operations: Vec<OperationRecord>,
    /// Each distinct divergence, suspicion and note.
    pub divergences: Vec<DivergenceRecord>,
    /// The causes of the divergences, the one to mend first at the head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<CauseRecord>,
    /// What was seen and is not certain, and the operations that nothing could be told of.
    #[serde(default)]
    pub unstable: Vec<UnstableRecord>,
    /// The reviewed divergences whose scenarios were replayed, and what came of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replays: Vec<ReplayRecord>,
    /// Each rule.
    pub rules: Vec<RuleRecord>,
    /// Each open question that an answer was seen to.
    pub open_questions: Vec<QuestionRecord>,
    /// The interesting states that a run should visit; none where it explored nothing.
    #[serde(default)]
    pub goals: Vec<GoalRecord>,
    /// The coverage of the systematic walk; all zero where it was not gone.
    #[serde(default)]
    pub walk: WalkRecord,
    /// The malformed requests that were sent; all zero where none were.
    #[serde(default)]
    pub wire: WireRecord,
    /// The readings of answers that are errors or can't be read by SDKs.
    #[serde(default)]
    pub sdk: SdkRecord,
    /// The answers that were late within the bounds of the evidence: neither wrong nor right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<InconclusiveRecord>,
    /// The reasons for which something could not be judged, each once, with how often.
    #[serde(default)]
    pub inconclusive: Vec<InconclusiveRecord>,
    /// Remarks on the run itself.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// Where this is the report of a shard: what it takes to put it together with the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Box<ShardRecord>>,
}

/// A divergence that was known before the run, and what came of its scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRecord {
    /// Its identity.
    pub fingerprint: String,
    /// What came of it.
    pub standing: ReplayStanding,
    /// The identities of the divergences and suspicions that showed, as first seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub showed: Vec<String>,
    /// The calls that it took.
    pub calls: u64,
}

/// The target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Its name.
    pub name: String,
    /// Its address; "in process" for the embedded server.
    pub endpoint: String,
    /// Its version, where it told one.
    #[serde(default)]
    pub version: Option<String>,
}

/// Sums over a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Calls made, each page of a paged read counted.
    pub calls: u64,
    /// Calls whose answer was judged.
    pub judged: u64,
    /// Scenarios run.
    pub scenarios: u64,
    /// Seconds on the clock.
    pub seconds: f64,
    /// Calls a second.
    pub calls_per_second: f64,
    /// Malformed requests sent.
    pub wire_requests: u64,
}

/// The results of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Its name.
    pub name: String,
    /// Whether the target has it.
    pub support: OperationSupport,
    /// The observation that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Calls of it.
    pub calls: u64,
    /// The answers of it that could be judged, whatever was selected.
    #[serde(default)]
    pub judged: u64,
    /// The answers of it that could not be judged; none where it was not selected.
    #[serde(default)]
    pub unjudged: u64,
    /// Distinct divergences seen in its answers.
    pub divergences: u64,
}

/// One distinct divergence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DivergenceRecord {
    /// `D-` and eight hexadecimal digits.
    pub id: String,
    /// Operation, rule, kind, place.
    pub fingerprint: String,
    /// Its standing against the reviewed snapshots.
    pub disposition: Disposition,
    /// Its severity.
    pub severity: Severity,
    /// The weakest grade among what it rests on.
    pub grade: Grade,
    /// The operation whose answer shows it.
    pub operation: String,
    /// Its kind.
    pub kind: DivergenceKind,
    /// The rules it violates, the one to blame first.
    pub rules: Vec<String>,
    /// The rules whose being ignored explains it.
    pub ignored_rules: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// Where in the answer, without indices; empty for the answer as a whole.
    pub pointer: String,
    /// The values that the contract admits.
    pub expected: Value,
    /// The answer of the target.
    pub observed: Value,
    /// The readings of the answer by clients, by their names; empty where that was not looked into.
    #[serde(default)]
    pub sdk_impact: BTreeMap<String, String>,
    /// The number of times that the smallest scenario showed it again.
    pub reproduced: Reproduced,
    /// After how many calls it was first seen.
    pub found_after_calls: u64,
    /// The length of the scenario it was first seen in; of a malformed request that of its body, in bytes.
    pub shrunk_from: usize,
    /// The smallest scenario found.
    pub scenario: ScenarioRecord,
    /// A command line that sends the calls.
    pub curl: String,
    /// A script for boto3 that makes them; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub python: String,
    /// A command line that runs the scenario again.
    pub replay: String,
    /// The id of its cause, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The fingerprints of divergences that have the same cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The classes of malformed requests that show it, each with the operations; empty where it takes none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, BTreeSet<String>>,
    /// The terms on which it was accepted, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<AcceptedRecord>,
}

/// The terms on which a divergence was accepted, as far as somebody gave any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedRecord {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A place that tells more, such as the address of an issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The versions of the target that it is accepted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
}

impl AcceptedRecord {
    /// The terms in one line: the reason, or that there is none, then whatever else was given.
    #[must_use]
    pub fn in_words(&self) -> String {
        let parts = [("until", &self.expires), ("for versions", &self.versions), ("see", &self.link)];
        let parts =
            parts.iter().filter_map(|(word, value)| value.as_ref().map(|value| format!("; {word} {value}")));
        let reason = self.reason.as_deref().unwrap_or("accepted without a reason");
        format!("{reason}{}", parts.collect::<String>())
    }
}

/// Something that is not certain: a divergence that was seen and not confirmed, or not each time; or an operation of
/// which no answer could be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnstableRecord {
    /// The fingerprint of the divergence; of an operation its name.
    pub fingerprint: String,
    /// The operation.
    pub operation: String,
    /// The severity that it has if it is as it seems.
    pub severity: Severity,
    /// Why it is not certain.
    pub why: Uncertainty,
    /// The number of times that it was seen.
    pub sightings: u64,
    /// The number of tries in which it could have been seen.
    pub judged: u64,
    /// The divergence as it was seen, where it was not confirmed; those that showed again are among the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Box<DivergenceRecord>>,
}

impl RunRecord {
    /// Whether a finding was seen once and, though that was tried, never again.
    #[must_use]
    pub fn is_lone(&self, found: &DivergenceRecord) -> bool {
        let is_once = |one: &UnstableRecord| one.fingerprint == found.fingerprint && one.sightings <= 1;
        found.reproduced.hits == 0 && found.reproduced.of > 0 && self.unstable.iter().any(is_once)
    }
}

impl DivergenceRecord {
    /// Whether it showed in some of the tries only.
    #[must_use]
    pub const fn is_flaky(&self) -> bool {
        self.reproduced.is_flaky()
    }

    /// Whether a malformed request showed it.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.fingerprint.starts_with(WIRE)
    }
}

/// The coverage of the systematic walk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkRecord {
    /// Abstract states that can be reached.
    pub situations: u64,
    /// Abstract states that were exercised.
    pub exercised: u64,
    /// Abstract states with a divergence in the way.
    pub blocked: u64,
    /// Abstract states that can't be reached without operations that the target does not have.
    #[serde(default)]
    pub unsupported: u64,
    /// Abstract states that were not covered because the target answers open questions in its own way, or an answer
    /// could not be judged.
    #[serde(default)]
    pub otherwise: u64,
    /// Abstract states that the run's calls or its time were not enough for.
    #[serde(default)]
    pub not_reached: u64,
    /// The divergences in the way, each with the number of abstract states that it keeps from being reached.
    #[serde(default)]
    pub blocked_by: BTreeMap<String, u64>,
    /// Whether nothing is missing.
    pub complete: bool,
    /// States of the model that were searched.
    #[serde(default)]
    pub states: u64,
    /// Whether there were too many states to search them all: then there are more abstract states than these.
    #[serde(default)]
    pub truncated: bool,
    /// Accounts in the cast.
    pub cast: u64,
    /// Most steps to an abstract state.
    pub depth: u64,
}

/// The number of times that a scenario showed its divergence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reproduced {
    /// The number of times that it did.
    pub hits: u32,
    /// Out of how many times.
    pub of: u32,
}

impl Reproduced {
    /// Whether it did not show each time.
    #[must_use]
    pub const fn is_flaky(self) -> bool {
        self.hits < self.of
    }
}

/// A scenario with what was answered to each step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRecord {
    /// Its steps.
    pub steps: Vec<StepRecord>,
}

impl ScenarioRecord {
    /// The scenario as text that `replay` runs.
    #[must_use]
    pub fn to_text(&self) -> String {
        let line = |step: &StepRecord| {
            let region = step.region.as_ref().map_or_else(String::new, |region| format!("@{region}"));
            format!("{}{region} {} {}\n", step.principal, step.operation, step.request)
        };
        let lines: String = self.steps.iter().map(line).collect();
        format!("passmuster scenario 1\n{lines}")
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Who called, by its name in the cast.
    pub principal: String,
    /// Where, as `region-1`, `region-2`; left out for the first Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The request.
    pub operation: String,
    /// With which members, accounts by name.
    pub request: Value,
    /// The answer, accounts by name, volatile values by number.
    #[serde(default)]
    pub response: String,
}

/// The results of one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRecord {
    /// Its id.
    pub id: String,
    /// The result.
    pub status: RuleStatus,
    /// The number of answers that showed it to hold.
    pub exercised: u64,
    /// The divergence or operation in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
    /// Why no run can show it, where it is excused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The answers to one open question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuestionRecord {
    /// Its id.
    pub id: String,
    /// The answer seen, or the one seen most often.
    pub answer: String,
    /// Whether it was the same each time.
    pub consistent: bool,
    /// The number of times that each answer was seen.
    #[serde(default)]
    pub seen: BTreeMap<String, u64>,
}

/// An interesting state that a run should have visited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalRecord {
    /// Its id.
    pub id: String,
    /// The goal, as a noun phrase.
    pub title: String,
    /// Whether it was visited.
    pub visited: bool,
    /// The result; where it was not visited, why.
    pub status: GoalStatus,
}

impl GoalRecord {
    /// Whether it could have been visited and was not.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        self.status == GoalStatus::Missed
    }
}

/// Something that could not be judged, or that was late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InconclusiveRecord {
    /// The operation called.
    pub operation: String,
    /// Why it could not be judged, or what allows it to be late.
    pub reason: String,
    /// The number of times.
    pub times: u64,
}
