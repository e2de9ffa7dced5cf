//! The walk phase: every situation that the model can reach.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::execute::Execution;
use super::lane::{Plan, Stage};
use super::settings::{Phase, RunSettings};
use super::{Run, Supply, SupportTable};
use crate::generate::{SituationId, Walk, WalkScenario, WalkSettings};
use crate::record::{MissedSituation, WalkPart, WalkRecord};
use crate::targets::OrganizationSetup;
use passmuster_contract::domain::{Fingerprint, Operation, RuleId};

/// Scenarios that go around what stands in the way of one are sought so many times, with what was learnt.
const MOST_ROUNDS: u64 = 2;
/// So many of them each time.
const DETOURS_A_ROUND: usize = 2;
/// Slots of accounts for a scenario and its detours.
const SLOTS: u64 = 1 + MOST_ROUNDS * DETOURS_A_ROUND as u64;
/// More scenarios would take account ids of the next phase.
const MOST_SCENARIOS: u64 = 36_000;

/// The walk, as far as the budget goes.
pub(super) struct Walking {
    walk: Arc<Walk>,
    scenarios: u64,
    calls: u64,
}

/// What a scenario of the walk came by.
#[derive(Clone, Debug, Default)]
pub(super) struct Walked {
    pub(super) exercised: BTreeSet<SituationId>,
    /// What it was to come by and didn't, and the divergence in the way with the number of the scenario.
    pub(super) missed: BTreeMap<SituationId, Option<(u64, Fingerprint)>>,
}

impl Walked {
    /// Adds what another scenario came by.
    pub(super) fn add(&mut self, other: &Self) {
        self.exercised.extend(&other.exercised);
        for (situation, why) in &other.missed {
            let known = self.missed.entry(*situation).or_insert_with(|| why.clone());
            if known.is_none() {
                known.clone_from(why);
            }
        }
    }
}

/// The settings of the walk that these accounts, Regions and operations allow.
fn walk_settings(settings: &RunSettings, operations: Vec<Operation>) -> WalkSettings {
    WalkSettings {
        cast: settings.walk_cast,
        callers: settings.callers().min(settings.walk_cast),
        depth: settings.walk_depth,
        regions: settings.generate.regions,
        operations,
    }
}

fn operations(settings: &RunSettings, support: &SupportTable) -> Vec<Operation> {
    let given = matches!(settings.organization, OrganizationSetup::Api);
    let can = |operation: &Operation| support.has(*operation) && (given || !operation.is_setup());
    settings.generate.operations.iter().copied().filter(can).collect()
}

impl Walking {
    /// As many scenarios as take about this many calls.
    pub(super) fn plan(settings: &RunSettings, support: &SupportTable, calls: u64, only_one: bool) -> Self {
        let walk = Walk::get(&walk_settings(settings, operations(settings, support)), &settings.answers);
        let (mut scenarios, mut planned) = (0, 0);
        while !only_one && scenarios < MOST_SCENARIOS {
            let number = usize::try_from(scenarios).unwrap_or(usize::MAX);
            let Some(cost) = walk.cost(number).filter(|cost| planned + cost <= calls) else { break };
            planned += cost;
            scenarios += 1;
        }
        Self { walk, scenarios, calls: planned }
    }

    async fn play<S: Supply>(
        &self,
        scenario: &WalkScenario,
        slot: u64,
        stage: &Stage<S>,
    ) -> Result<Execution, String> {
        let walk = &self.walk;
        stage.run(Phase::Walk, slot, async |executor| executor.walk(walk, scenario).await).await
    }
}

impl Plan for Walking {
    const PHASE: Phase = Phase::Walk;

    fn scenarios(&self) -> u64 {
        self.scenarios
    }

    fn calls(&self) -> u64 {
        self.calls
    }

    fn title(&self, slot: u64) -> String {
        match slot % SLOTS {
            0 => format!("walk, scenario {}", slot / SLOTS),
            detour => format!("walk, scenario {}, detour {detour}", slot / SLOTS),
        }
    }

    fn slot(&self, number: u64) -> u64 {
        number * SLOTS
    }

    /// Plays a scenario, and seeks what it has not come by once more: around what stands in the way, or by itself
    /// where earlier steps have left a doubt. Nothing of it hangs on other scenarios, so that
    /// workers and shards make no difference.
    async fn run<S: Supply>(&self, number: u64, stage: &Stage<S>) -> Result<Execution, String> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(scenario) = self.walk.scenario(index) else { return Ok(Execution::default()) };
        let mut slot = self.slot(number);
        let mut execution = self.play(&scenario, slot, stage).await?;
        let mut missing: BTreeSet<SituationId> =
            scenario.wanted().filter(|situation| !execution.walked.exercised.contains(situation)).collect();
        let mut reason = in_the_way(&execution);
        let mut blocked: BTreeSet<RuleId> = broken(&execution).collect();
        for _ in 0..MOST_ROUNDS {
            if missing.is_empty() || execution.unreachable {
                break;
            }
            let before = (missing.len(), blocked.len());
            for detour in self.walk.around(scenario.stage(), &missing, &blocked, DETOURS_A_ROUND) {
                slot += 1;
                let mut next = self.play(&detour, slot, stage).await?;
                missing.retain(|situation| !next.walked.exercised.contains(situation));
                blocked.extend(broken(&next));
                reason = reason.or_else(|| in_the_way(&next));
                next.before = Some(Box::new(execution));
                execution = next;
            }
            if (missing.len(), blocked.len()) == before {
                break;
            }
        }
        let reason = reason.map(|fingerprint| (number, fingerprint));
        execution.walked.missed = missing.into_iter().map(|situation| (situation, reason.clone())).collect();
        Ok(execution)
    }
}

/// The divergence that first led away from what was planned.
fn in_the_way(execution: &Execution) -> Option<Fingerprint> {
    execution.found.first().map(|found| found.divergence.fingerprint())
}

/// The rules that were seen to be broken.
fn broken(execution: &Execution) -> impl Iterator<Item = RuleId> + '_ {
    execution.found.iter().filter_map(|found| found.divergence.rules.first().copied())
}

impl Run {
    /// What other shards would have to be put together with to know how far the walk came.
    pub(super) fn walk_part(&self, settings: &RunSettings) -> WalkPart {
        let Some(walked) = &self.walked else { return WalkPart::default() };
        let mut generate = settings.clone();
        generate.generate.single_caller = self.single_caller;
        let supported = operations(&generate, &self.support);
        let all = Walk::get(&walk_settings(&generate, settings.generate.operations.clone()), &settings.answers);
        let walk = Walk::get(&walk_settings(&generate, supported), &settings.answers);
        let situations = all.situations().max(walk.situations()) as u64;
        let missed = |(situation, why): (&SituationId, &Option<(u64, Fingerprint)>)| MissedSituation {
            situation: *situation,
            in_the_way: why.as_ref().map(|(number, fingerprint)| (*number, fingerprint.0.clone())),
        };
        WalkPart {
            plan: WalkRecord {
                situations,
                unsupported: situations - walk.situations() as u64,
                states: walk.states() as u64,
                truncated: walk.is_truncated(),
                cast: settings.walk_cast,
                depth: settings.walk_depth.into(),
                ..WalkRecord::default()
            },
            exercised: walked.exercised.clone(),
            missed: walked.missed.iter().map(missed).collect(),
        }
    }
}
