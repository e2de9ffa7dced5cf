//! The model by itself: no path through its admissible branches leads into a contradiction.

use passmuster::domain::RuleId;
use passmuster::generate::{Settings, resolve};
use passmuster::model::{Branch, Effect, Expect, Observer, State, step};
use passmuster::server::Answers;
use std::sync::LazyLock;

use crate::plan::Plan;

/// Whichever admissible answers are given, the state keeps its invariants, and each step has a branch.
pub fn the_model_keeps_its_invariants(bytes: &[u8]) {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
    let Plan { answers, intents } = Plan::read(bytes);
    let mut state = State::default();
    for intent in &intents {
        let transition = resolve(intent, &state, &SETTINGS);
        let branches = step(&state, &transition);
        let fitting =
            branches.admissible.iter().find(|branch| branch.answers.iter().all(|answer| answers.gives(*answer)));
        let Some(branch) = fitting.or(branches.admissible.first()) else {
            panic!("nothing may follow {transition:?} in {state:?}");
        };
        for (effect, rule) in consequences(branch, &answers) {
            state.apply(transition.region, effect, rule, &mut Observer);
        }
        if state.lost {
            return;
        }
        assert_eq!(state.broken_invariant(), None, "after {transition:?} by {branch:?}");
    }
}

/// The effects of a branch, those on the accounts of a batch included.
fn consequences<'a>(branch: &'a Branch, answers: &Answers) -> Vec<(&'a Effect, RuleId)> {
    let rule = |rules: &[RuleId]| rules.first().copied().unwrap_or(RuleId("-"));
    let mut effects: Vec<_> = branch.effects.iter().map(|effect| (effect, rule(&branch.rules))).collect();
    let Expect::Batch(entries) = &branch.expect else { return effects };
    for entry in entries {
        let mut admissible = entry.alternatives.iter().filter(|alternative| alternative.ignored.is_none());
        let fitting =
            admissible.clone().find(|alternative| alternative.answers.iter().all(|answer| answers.gives(*answer)));
        if let Some(chosen) = fitting.or_else(|| admissible.next()) {
            effects.extend(chosen.effects.iter().map(|effect| (effect, rule(&chosen.rules))));
        }
    }
    effects
}
