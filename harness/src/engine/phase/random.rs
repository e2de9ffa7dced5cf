//! The random phase: scenarios that begin with a shortest path, perhaps, and go on as the dice fall.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::erased::ErasedSystem;
use super::super::execution::Attempt;
use super::super::executor::Executor;
use super::super::feasible::is_feasible;
use super::super::settings::{Phase, RunSettings};
use super::super::support::SupportTable;
use super::plan::PhasePlan;
use crate::generate::{Intent, Intents, Script, Ways};
use passmuster_contract::domain::Scenario;

/// Calls that a random scenario makes, its views included; 28 is the average against the reference server.
const CALLS_A_SCENARIO: u64 = 30;
/// More scenarios would take the accounts of another phase.
const MOST_SCENARIOS: u64 = AccountUse::Random.slots();
/// A prime, so that strides of this length cover every path unless the number of paths is a multiple of it.
const STRIDE: usize = 101;

/// Random scenarios.
pub(in crate::engine) struct Random {
    ways: Vec<Scenario>,
    scripts: Vec<Script>,
    scenarios: u64,
    seed: u64,
}

impl Random {
    /// As many as there may be.
    pub(in crate::engine) fn plan(context: &RunContext) -> Self {
        let RunContext { settings, support, .. } = context;
        Self {
            ways: possible_ways(settings, support),
            scripts: scripts(settings, support),
            scenarios: if context.only_one() { 1 } else { MOST_SCENARIOS },
            seed: settings.seed,
        }
    }

    /// The number of scenarios, from the first on, that lead to a goal each.
    pub(super) fn to_goals(&self) -> u64 {
        self.scenarios.min(self.scripts.len() as u64)
    }

    /// The scenario of this number: a path to begin with, perhaps, and intents. It depends on the seed and the number
    /// alone. The first scenarios are the paths to the goals.
    fn draw(&self, settings: &RunSettings, number: u64) -> (Option<&Scenario>, Vec<Intent>) {
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        // The generator must not be seeded with nothing but zeros.
        seed[8..].copy_from_slice(&number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut generate = settings.generate.clone();
        let script = usize::try_from(number).ok().and_then(|number| self.scripts.get(number));
        let way = script.map(|script| &script.scenario).or_else(|| self.guide(generate.guided, number));
        if let Some(way) = way {
            generate.steps = generate.guided_steps;
            generate.begun = true;
            if way.regions() > 1 {
                generate.several_regions = 100;
            }
        }
        let strategy = Intents { settings: generate };
        (way, strategy.new_tree(&mut runner).map(|tree| tree.current()).unwrap_or_default())
    }

    /// The shortest path that the scenario of this number begins with, each in its turn.
    fn guide(&self, guided: u32, number: u64) -> Option<&Scenario> {
        let share = u64::from(guided.min(100));
        let turn = number * share;
        let place = usize::try_from(self.seed.wrapping_add(turn / 100)).ok()?;
        // Neighbours are much alike: in strides, a few scenarios see something of everything.
        let ways = &self.ways;
        let stride = if ways.len().is_multiple_of(STRIDE) { 1 } else { STRIDE };
        let way = ways.get((place.checked_rem(ways.len())? * stride).checked_rem(ways.len())?);
        way.filter(|_| turn / 100 != (turn + share) / 100)
    }
}

impl PhasePlan for Random {
    const PHASE: Phase = Phase::Random;

    fn scenarios(&self) -> u64 {
        self.scenarios
    }

    fn cost(&self, _number: u64) -> u64 {
        CALLS_A_SCENARIO
    }

    fn title(&self, slot: u64) -> String {
        format!("seed {}, scenario {slot}", self.seed)
    }

    async fn run(&self, number: u64, context: &RunContext) -> Result<Attempt, String> {
        let (way, intents) = self.draw(&context.settings, number);
        let generate = &context.settings.generate;
        let scenario =
            async |executor: Executor<'_, ErasedSystem>| executor.intents(way, &intents, generate).await;
        Ok(context.run(Self::PHASE, number, scenario).await?.into())
    }
}

/// The shortest paths that this target allows to go.
fn possible_ways(settings: &RunSettings, support: &SupportTable) -> Vec<Scenario> {
    let mut ways =
        Ways::get().within(&settings.generate.operations, settings.callers(), settings.generate.regions);
    ways.retain(|way| is_feasible(way, settings, support));
    ways
}

/// The scripted paths to the goals that this target allows to go.
pub(in crate::engine) fn scripts(settings: &RunSettings, support: &SupportTable) -> Vec<Script> {
    let mut scripts = Script::within(&settings.generate.operations, settings.callers(), settings.generate.regions);
    scripts.retain(|script| is_feasible(&script.scenario, settings, support));
    scripts
}
