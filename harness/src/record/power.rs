//! The results of a measurement of the harness's power: which faults it finds, and how well.

use serde::{Deserialize, Serialize};

use passmuster_contract::domain::Grade;

/// The schema of [`PowerRecord`] as JSON.
pub const POWER_SCHEMA: &str = "passmuster.power/1";

/// Everything a measurement found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerRecord {
    /// Always [`POWER_SCHEMA`].
    pub schema: String,
    /// The version of passmuster.
    pub version: String,
    /// The exit code the measurement ends with.
    pub exit_code: u8,
    /// The seed of every run.
    pub seed: u64,
    /// The phases of every run.
    pub phases: Vec<String>,
    /// The most calls of every run.
    pub max_calls: u64,
    /// Whether it was interrupted; what was measured until then is all there is.
    pub interrupted: bool,
    /// Sums over the faults.
    pub totals: PowerTotals,
    /// What a shorter run would have found, from the least calls to the most.
    #[serde(default)]
    pub curve: Vec<CurvePoint>,
    /// Each fault, by itself.
    pub faults: Vec<FaultRecord>,
    /// Faults two at a time.
    pub pairs: PairsRecord,
}

/// Sums over faults that were measured one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PowerTotals {
    /// Faults measured.
    pub faults: usize,
    /// Those that anything was found of.
    pub killed: usize,
    /// Those blamed on the rule that they violate.
    pub right: usize,
    /// `right` as a share of `faults`; 0 where nothing was measured.
    pub right_share: f64,
    /// Calls until a killed fault was found: the median, the lower of two.
    pub calls_median: u64,
    /// And the most.
    pub calls_worst: u64,
    /// Steps of the smallest scenario that shows a killed fault: the median, the lower of two.
    pub steps_median: usize,
    /// Killed faults whose smallest scenario is longer than [`FaultRecord::shortest_steps`].
    pub longer: usize,
    /// Faults with findings that are blamed on other rules than their own.
    pub collateral: usize,
    /// Seconds on the clock, pairs included.
    pub seconds: f64,
}

/// The share of the faults that are found by so many calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The calls of a run.
    pub calls: u64,
    /// The faults that anything was found of by then.
    pub killed: usize,
    /// Those blamed on the rule that they violate.
    pub right: usize,
}

/// The numbers of calls that a curve tells of.
const POINTS: [u64; 6] = [300, 1_000, 3_000, 10_000, 30_000, 130_000];

impl CurvePoint {
    /// The curve over these faults, up to the calls that each run was given.
    #[must_use]
    pub fn curve(faults: &[FaultRecord], max_calls: u64) -> Vec<Self> {
        let point = |calls: u64| {
            let found = |fault: &&FaultRecord| fault.killed && fault.calls.is_some_and(|seen| seen <= calls);
            let (killed, right) = (faults.iter().filter(found), faults.iter().filter(found));
            let right = right.filter(|fault| fault.blamed == Blamed::Right).count();
            Self { calls, killed: killed.count(), right }
        };
        POINTS.into_iter().filter(|calls| *calls <= max_calls).map(point).collect()
    }
}

/// The results of one fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultRecord {
    /// Its name.
    pub id: String,
    /// The rule it violates.
    pub rule: String,
    /// The grade of the sources' support for that rule.
    pub grade: Grade,
    /// Whether anything was found, notes left out: reports don't tell of those.
    pub killed: bool,
    /// Which rule what was found is blamed on.
    pub blamed: Blamed,
    /// The rule that the finding with the smallest scenario blames first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blamed_rule: Option<String>,
    /// After how many calls it was first seen, by a finding that is blamed so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// The time that the whole run took.
    pub seconds: f64,
    /// The length of the smallest scenario of those findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// The length of the model's shortest path to an answer that rests on the rule blamed. No scenario can be shorter;
    /// one may have to be longer, such as where an empty list rests on the rule and the fault shows in a full one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortest_steps: Option<usize>,
    /// Distinct findings, notes left out.
    pub findings: usize,
    /// The rules that further findings blame first, each once, without the fault's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_rules: Vec<String>,
    /// Why the run ended early, or could not begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// Where the blame fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blamed {
    /// On the rule that the fault violates.
    Right,
    /// On another.
    Other,
    /// Nowhere: nothing was found.
    None,
}

/// The results of pairs of faults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PairsRecord {
    /// Pairs that could be drawn.
    pub possible: usize,
    /// Pairs that were left out because both violate one rule: one finding would count for both.
    pub of_one_rule: usize,
    /// Pairs run.
    pub runs: usize,
    /// Runs in which both rules were blamed.
    pub both: usize,
    /// Runs in which one of them was.
    pub one: usize,
    /// Runs in which neither was.
    pub none: usize,
    /// The pairs of which not both were found.
    pub incomplete: Vec<PairRecord>,
}

/// A pair of which not both were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairRecord {
    /// The names of its faults.
    pub faults: [String; 2],
    /// Those that were missed.
    pub missed: Vec<MissedFault>,
    /// The rules that were blamed first, each once.
    pub blamed_rules: Vec<String>,
}

/// A fault of a pair that was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedFault {
    /// Its name.
    pub id: String,
    /// The rule it violates.
    pub rule: String,
    /// Why.
    pub why: Missed,
}

/// Why a fault of a pair was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// It isn't found alone, either.
    Alone,
    /// The scenario that shows it alone doesn't show it beside the other fault.
    Masked,
    /// That scenario still shows it, and the run didn't tell.
    Overlooked,
}

impl FaultRecord {
    /// Whether the smallest scenario is longer than the model's shortest path to the rule.
    #[must_use]
    pub fn is_longer(&self) -> bool {
        self.steps.zip(self.shortest_steps).is_some_and(|(steps, shortest)| steps > shortest)
    }
}

impl PowerTotals {
    /// Adds up, all but the time.
    #[must_use]
    pub fn of(faults: &[FaultRecord]) -> Self {
        let count = |counts: fn(&FaultRecord) -> bool| faults.iter().filter(|fault| counts(fault)).count();
        let mut calls: Vec<u64> = faults.iter().filter_map(|fault| fault.calls).collect();
        let mut steps: Vec<usize> = faults.iter().filter_map(|fault| fault.steps).collect();
        calls.sort_unstable();
        steps.sort_unstable();
        let right = count(|fault| fault.blamed == Blamed::Right);
        Self {
            faults: faults.len(),
            killed: count(|fault| fault.killed),
            right,
            right_share: if faults.is_empty() { 0.0 } else { right as f64 / faults.len() as f64 },
            calls_median: median(&calls),
            calls_worst: calls.last().copied().unwrap_or_default(),
            steps_median: median(&steps),
            longer: count(FaultRecord::is_longer),
            collateral: count(|fault| !fault.other_rules.is_empty()),
            seconds: 0.0,
        }
    }
}

/// The median of sorted numbers, the lower of two; 0 of none.
fn median<N: Copy + Default>(sorted: &[N]) -> N {
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_one_of_the_numbers() {
        assert_eq!([median(&[1, 5, 9]), median(&[1, 5, 7, 9]), median(&[4]), median::<u64>(&[])], [5, 5, 4, 0]);
    }
}
