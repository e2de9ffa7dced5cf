//! The walk phase: scenarios that cover every abstract state that the model can reach.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::erased::ErasedSystem;
use super::super::execution::{Attempt, Execution};
use super::super::executor::Executor;
use super::super::feasible::is_feasible;
use super::super::settings::{Phase, RunSettings};
use super::super::support::SupportTable;
use super::part::Walked;
use super::plan::PhasePlan;
use crate::generate::{SituationId, Walk, WalkScenario, WalkSettings};
use crate::record::{MissedSituation, WalkPart, WalkRecord};
use crate::targets::OrganizationSetup;
use passmuster_contract::domain::{Fingerprint, Operation, RuleId, Scenario};

/// Paths around what stands in the way of one are sought so many times, with what was learnt.
const MOST_ROUNDS: u64 = 2;
/// So many of them each time.
const ALTERNATIVES_A_ROUND: usize = 2;
/// Slots of accounts for a path and the alternative ones.
const SLOTS: u64 = 1 + MOST_ROUNDS * ALTERNATIVES_A_ROUND as u64;
/// More scenarios would take the accounts of another phase.
const MOST_SCENARIOS: u64 = AccountUse::Walk.slots() / SLOTS;

/// The walk, as far as the budget goes.
pub(in crate::engine) struct Walking {
    walk: Arc<Walk>,
    /// They come before the scenarios of the walk.
    tours: Vec<Scenario>,
    scenarios: u64,
}

/// The settings of the walk that these accounts, Regions and operations allow.
fn walk_settings(settings: &RunSettings, operations: Vec<Operation>) -> WalkSettings {
    WalkSettings {
        cast: settings.walk_cast,
        callers: settings.callers().min(settings.walk_cast),
        depth: settings.walk_depth,
        regions: settings.generate.regions,
        operations,
        organization_given: matches!(&settings.organization, OrganizationSetup::Static { accounts, .. } if accounts.len() > 1),
    }
}

fn operations(settings: &RunSettings, support: &SupportTable) -> Vec<Operation> {
    let given = matches!(settings.organization, OrganizationSetup::Api);
    let can = |operation: &Operation| support.has(*operation) && (given || !operation.is_setup());
    settings.generate.operations.iter().copied().filter(can).collect()
}

/// The situations of the walk through all of these operations, which the other is measured by.
pub(in crate::engine) fn count_whole(settings: &RunSettings, all: Vec<Operation>) -> u64 {
    Walk::count(&walk_settings(settings, all), &settings.answers) as u64
}

impl Walking {
    /// Searches the model, which takes a while.
    pub(in crate::engine) fn plan(context: &RunContext) -> Self {
        let RunContext { settings, support, .. } = context;
        let walked = walk_settings(settings, operations(settings, support));
        let walk = Walk::get(&walked, &settings.answers);
        let tours = walk.tours().iter().filter(|tour| is_feasible(tour, settings, support));
        let tours: Vec<Scenario> = tours.cloned().collect();
        let scenarios = (tours.len() + walk.scenarios()) as u64;
        let scenarios = if context.only_one() { 0 } else { MOST_SCENARIOS.min(scenarios) };
        Self { walk, tours, scenarios }
    }

    /// Its size.
    pub(super) fn size(&self) -> WalkRecord {
        WalkRecord {
            situations: self.walk.situations() as u64,
            states: self.walk.states() as u64,
            truncated: self.walk.is_truncated(),
            ..WalkRecord::default()
        }
    }

    /// The calls of a tour, or of a scenario that covers a rule for the first time; `None` for others.
    pub(super) fn first(&self, number: u64) -> Option<Scenario> {
        match self.find(number)? {
            Found::Tour(tour) => Some(tour.clone()),
            Found::Path(number) if number < self.walk.firsts() => {
                let steps = self.walk.scenario(number)?.steps.into_iter();
                Some(Scenario { transitions: steps.map(|step| step.transition).collect() })
            }
            Found::Path(_) => None,
        }
    }

    fn find(&self, number: u64) -> Option<Found<'_>> {
        let number = usize::try_from(number).ok()?;
        let tour = self.tours.get(number).map(Found::Tour);
        tour.or_else(|| Some(Found::Path(number.checked_sub(self.tours.len())?)))
    }

    async fn play(&self, scenario: &WalkScenario, slot: u64, context: &RunContext) -> Result<Execution, String> {
        let walk = &self.walk;
        context.run(Phase::Walk, slot, async |executor| executor.walk(walk, scenario).await).await
    }
}

/// A scenario of the phase.
enum Found<'a> {
    Tour(&'a Scenario),
    /// One of the walk, by its number there.
    Path(usize),
}

impl PhasePlan for Walking {
    const PHASE: Phase = Phase::Walk;

    fn scenarios(&self) -> u64 {
        self.scenarios
    }

    fn cost(&self, number: u64) -> u64 {
        match self.find(number) {
            Some(Found::Tour(tour)) => tour.transitions.len() as u64,
            Some(Found::Path(number)) => self.walk.cost(number).unwrap_or(0),
            None => 0,
        }
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

    /// Plays a scenario, and seeks once more what it has not covered: by a path around what stands in the way, or by
    /// itself where earlier steps have left a doubt. Nothing of it depends on other scenarios, so that workers and
    /// shards make no difference.
    async fn run(&self, number: u64, context: &RunContext) -> Result<Attempt, String> {
        let mut slot = self.slot(number);
        let scenario = match self.find(number) {
            Some(Found::Tour(tour)) => {
                let play = async |executor: Executor<'_, ErasedSystem>| executor.scenario(tour).await;
                return Ok(context.run(Self::PHASE, slot, play).await?.into());
            }
            Some(Found::Path(number)) => self.walk.scenario(number),
            None => None,
        };
        let Some(scenario) = scenario else { return Ok(Attempt::default()) };
        let first = self.play(&scenario, slot, context).await?;
        let mut missing: BTreeSet<SituationId> =
            scenario.wanted().filter(|situation| !first.exercised.contains(situation)).collect();
        let mut reason = in_the_way(&first);
        let mut blocked: BTreeSet<RuleId> = broken(&first).collect();
        let mut parts = vec![first];
        for _ in 0..MOST_ROUNDS {
            if missing.is_empty() || parts.last().is_some_and(|last| last.unreachable) {
                break;
            }
            let before = (missing.len(), blocked.len());
            for alternative in self.walk.around(scenario.stage(), &missing, &blocked, ALTERNATIVES_A_ROUND) {
                slot += 1;
                let next = self.play(&alternative, slot, context).await?;
                missing.retain(|situation| !next.exercised.contains(situation));
                blocked.extend(broken(&next));
                reason = reason.or_else(|| in_the_way(&next));
                parts.push(next);
            }
            if (missing.len(), blocked.len()) == before {
                break;
            }
        }
        let reason = reason.map(|fingerprint| (number, fingerprint));
        Ok(Attempt { parts, missed: missing.into_iter().map(|situation| (situation, reason.clone())).collect() })
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

/// The record of a walk, which the records of other shards are put together with.
pub(in crate::engine) fn walk_part(walked: &Walked, settings: &RunSettings) -> WalkPart {
    let Walked { plan, whole, .. } = walked;
    let situations = whole.unwrap_or_default().max(plan.situations);
    let missed = |(situation, why): (&SituationId, &Option<(u64, Fingerprint)>)| MissedSituation {
        situation: *situation,
        in_the_way: why.as_ref().map(|(number, fingerprint)| (*number, fingerprint.0.clone())),
    };
    WalkPart {
        plan: WalkRecord {
            situations,
            unsupported: situations - plan.situations,
            cast: settings.walk_cast,
            depth: settings.walk_depth.into(),
            ..plan.clone()
        },
        exercised: walked.exercised.clone(),
        missed: walked.missed.iter().map(missed).collect(),
    }
}
