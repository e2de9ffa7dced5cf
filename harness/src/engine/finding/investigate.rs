//! The investigation of a divergence before it is reported: a smaller scenario is sought, and tried again.

use std::time::Duration;

use proptest::strategy::ValueTree;
use tokio::time::Instant;

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::execution::{ExecutedStep, Execution, MOST_UNREACHABLE};
use super::super::executor::Executor;
use super::super::laws::{self, LawSide, LawVerdict};
use super::blame::{self, Variation};
use super::confirmed::ConfirmedFinding;
use super::lead::{Lead, steps_until};
use crate::generate::{CastNaming, LawCase, ScenarioTree};
use crate::record::{Reproduced, Uncertainty};
use passmuster_contract::domain::{
    Divergence, DivergenceKind, Fingerprint, Grade, Operation, RuleId, Scenario, Transition,
};
use passmuster_contract::model::rules;
use passmuster_contract::wire::HttpResponse;

/// The most of the run's time that goes into making one scenario smaller: others are to be confirmed, too.
const SHARE_OF_TIME: u32 = 16;

/// The most of the run's time for which the shortest paths are waited for.
const SHARE_FOR_WAYS: u32 = 4;

/// Looks into leads, one after the other.
pub(super) struct Investigator {
    context: RunContext,
    deadline: Instant,
    /// When the present scenario has to be small enough.
    small_enough: Instant,
    /// Scenarios run that were judged, so that what did not show in them was not there.
    judged: u32,
    /// Scenarios run so far; each takes accounts of its own.
    runs: u64,
    /// Calls made so far.
    pub(super) calls: u64,
    /// Scenarios in a row that brought no answer.
    unreachable: u32,
}

impl Investigator {
    pub(super) const fn new(context: RunContext, deadline: Instant) -> Self {
        Self { context, deadline, small_enough: deadline, judged: 0, runs: 0, calls: 0, unreachable: 0 }
    }

    /// Looks into one lead: finds out how often it shows.
    pub(super) async fn look_into(&mut self, lead: &Lead) -> Result<ConfirmedFinding, Uncertainty> {
        let fingerprint = lead.found.divergence.fingerprint();
        self.small_enough = self.deadline.min(Instant::now() + self.context.settings.max_time / SHARE_OF_TIME);
        if let Some(case) = &lead.case {
            return self.look_into_law(lead, case).await;
        }
        let small = match self.shortest_way(lead, &fingerprint).await {
            Some(found) => Some(found),
            None => self.by_the_walk(lead, &fingerprint).await,
        };
        let mut smallest = match small {
            Some(found) => found,
            None => {
                let before = self.judged;
                match self.shrink(&lead.scenario, &fingerprint).await {
                    Some(found) => found,
                    None => return self.not_seen_again(lead, before),
                }
            }
        };
        let mut reproduced = Reproduced::default();
        for _ in 0..self.context.settings.confirmations {
            let before = self.judged;
            if let Some(again) = self.shows(&smallest.scenario, &fingerprint).await {
                reproduced.hits += 1;
                smallest = again;
            }
            reproduced.of += self.judged - before;
        }
        let mut divergence = smallest.divergence;
        let mut also = Vec::new();
        let of_contract = !matches!(divergence.kind, DivergenceKind::Wire | DivergenceKind::OtherAnswer);
        // This rule speaks of two Regions itself.
        let isolated = divergence.rules.first() != Some(&rules::DESIGNATE_SECOND_ELSEWHERE);
        if of_contract && isolated && smallest.scenario.regions() > 1 {
            // In one Region it doesn't show: what happens in one is seen in the other.
            also.push(divergence.fingerprint());
            put_first(&mut divergence.rules, rules::REGIONS_APART);
            put_first(&mut divergence.rules, blame::isolation(&smallest.scenario));
            divergence.grade = divergence.grade.max(Grade::Observed);
        } else if of_contract && let Some((rule, cap)) = self.without(&smallest.scenario, &divergence).await {
            also.push(divergence.fingerprint());
            put_first(&mut divergence.rules, rule);
            divergence.grade = divergence.grade.min(cap);
        }
        Ok(ConfirmedFinding {
            divergence,
            scenario: smallest.scenario,
            steps: smallest.steps,
            names: smallest.names,
            reproduced,
            found_after_calls: lead.calls_before + lead.found.calls,
            shrunk_from: lead.scenario.transitions.len(),
            also,
            answer: smallest.answer,
        })
    }

    /// The result of a lead that none of its own runs has shown again, counted from so many judged ones on.
    fn not_seen_again(&self, lead: &Lead, before: u32) -> Result<ConfirmedFinding, Uncertainty> {
        let is_cut = self.lost() || self.is_out_of_accounts() || Instant::now() >= self.deadline;
        match self.judged - before {
            tries if tries > 0 && !is_cut => Ok(ConfirmedFinding::as_seen(lead, tries)),
            _ => Err(Uncertainty::NotJudgedAgain),
        }
    }

    /// Runs both sides again. There is nothing to shrink: cases of laws are as small as they can be said.
    async fn look_into_law(&mut self, lead: &Lead, case: &LawCase) -> Result<ConfirmedFinding, Uncertainty> {
        let start = self.judged;
        let mut shown = None;
        let mut reproduced = Reproduced::default();
        // Once to see it at all.
        for _ in 0..=self.context.settings.confirmations {
            let before = self.judged;
            let tried = self.breaks(case).await;
            if matches!(tried, Some(LawTry::Moves)) {
                return Err(Uncertainty::Moving);
            }
            let counts = shown.is_some();
            if let Some(LawTry::Broken(again)) = tried {
                reproduced.hits += u32::from(counts);
                shown = Some(*again);
            }
            reproduced.of += if counts { self.judged - before } else { 0 };
        }
        let Some(shown) = shown else { return self.not_seen_again(lead, start) };
        Ok(ConfirmedFinding {
            divergence: shown.divergence,
            scenario: shown.scenario,
            steps: shown.steps,
            names: shown.names,
            reproduced,
            found_after_calls: lead.calls_before + lead.found.calls,
            shrunk_from: lead.scenario.transitions.len(),
            also: Vec::new(),
            answer: None,
        })
    }

    /// Runs both sides of a law, and reads what they did twice, as what moves by itself breaks no law.
    async fn breaks(&mut self, case: &LawCase) -> Option<LawTry> {
        if Instant::now() >= self.deadline || self.lost() {
            return None;
        }
        let twice = case.read_twice();
        let (left, left_names) = self.run(&twice.left_scenario()).await?;
        let (mut right, names) = self.run(&twice.right_scenario()).await?;
        let side = |execution, naming| LawSide { execution, naming };
        let tried = laws::held_twice(case, &side(&left, left_names), &side(&right, names.clone()))?;
        self.judged += 1;
        let scenario = case.right_scenario();
        right.steps.truncate(scenario.transitions.len());
        let steps = right.steps.iter().map(ExecutedStep::clipped).collect();
        let broken = |divergence: Divergence| {
            Reproduction { divergence: divergence.clipped(), scenario, steps, names, answer: None }.into()
        };
        Some(match tried {
            LawVerdict::Held => LawTry::Held,
            LawVerdict::Moves => LawTry::Moves,
            LawVerdict::Broken(divergence) => LawTry::Broken(broken(divergence)),
        })
    }

    /// The rule on a circumstance without which nothing diverges, and how firmly it can be blamed.
    async fn without(&mut self, scenario: &Scenario, divergence: &Divergence) -> Option<(RuleId, Grade)> {
        for Variation { rule, scenario, cap } in blame::variations(scenario, divergence) {
            let known = |transition: &Transition| self.context.support.has(transition.request.operation);
            if !scenario.transitions.iter().all(known) || self.lost() || Instant::now() >= self.deadline {
                continue;
            }
            let Some((execution, _)) = self.run(&scenario).await else { continue };
            if execution.found.is_empty() && execution.ended.is_none() {
                return Some((rule, cap));
            }
        }
        None
    }

    /// The model knows the shortest path to the rules violated; the target only has to confirm.
    async fn shortest_way(&mut self, lead: &Lead, fingerprint: &Fingerprint) -> Option<Reproduction> {
        let divergence = &lead.found.divergence;
        let ways = self
            .context
            .ways
            .by(self.deadline.min(Instant::now() + self.context.settings.max_time / SHARE_FOR_WAYS))
            .await?;
        let mut best: Option<Reproduction> = None;
        for rule in divergence.rules.iter().take(2) {
            let Some(way) = ways.to(divergence.operation, *rule) else { continue };
            let callers = self.context.settings.callers();
            let regions = self.context.settings.generate.regions;
            let beyond = |transition: &Transition| {
                (transition.caller.0 > callers && callers == 1) || transition.region.0 >= regions
            };
            if way.transitions.iter().any(beyond) {
                continue;
            }
            if let Some(shown) = self.shows(&way, fingerprint).await
                && best
                    .as_ref()
                    .is_none_or(|best| shown.scenario.transitions.len() < best.scenario.transitions.len())
            {
                best = Some(shown);
            }
        }
        best
    }

    /// The walk knows the shortest path to where it met the divergence.
    async fn by_the_walk(&mut self, lead: &Lead, fingerprint: &Fingerprint) -> Option<Reproduction> {
        let way = lead.found.shortest.as_ref()?;
        self.shows(way, fingerprint).await?;
        self.shrink(way, fingerprint).await
    }

    /// Leaves out what the scenario can do without.
    async fn shrink(&mut self, scenario: &Scenario, fingerprint: &Fingerprint) -> Option<Reproduction> {
        // More than once: a target under load may have failed for a reason of its own.
        let mut shown = None;
        for _ in 0..self.context.settings.confirmations.max(2) {
            shown = self.shows(scenario, fingerprint).await;
            if shown.is_some() {
                break;
            }
        }
        let mut smallest = shown?;
        let mut tree = ScenarioTree::new(smallest.scenario.clone());
        let mut attempts = 0;
        let mut going = tree.simplify();
        while going && attempts < self.context.settings.shrink_attempts && Instant::now() < self.small_enough {
            attempts += 1;
            going = match self.shows(&tree.current(), fingerprint).await {
                Some(shown) => {
                    smallest = shown;
                    tree.simplify()
                }
                None => tree.complicate() && tree.simplify(),
            };
        }
        Some(smallest)
    }

    /// Runs a scenario; where it shows the divergence, the part of it up to there.
    async fn shows(&mut self, scenario: &Scenario, fingerprint: &Fingerprint) -> Option<Reproduction> {
        if Instant::now() >= self.deadline || self.lost() {
            return None;
        }
        let (execution, names) = self.run(scenario).await?;
        self.judged += u32::from(execution.tally.inconclusive.is_empty() || !execution.found.is_empty());
        let found = execution.found.iter().find(|found| found.divergence.fingerprint() == *fingerprint)?;
        let steps = steps_until(&execution, found);
        let planned = Scenario { transitions: plan_of(&execution, scenario, found.steps) };
        let (divergence, answer) = (found.divergence.clone(), found.answer.clone());
        Some(Reproduction { divergence, scenario: planned, steps, names, answer })
    }

    /// Whether the target is gone.
    pub(super) const fn lost(&self) -> bool {
        self.unreachable >= MOST_UNREACHABLE
    }

    /// Whether no scenario could be run any more with accounts of its own.
    pub(super) const fn is_out_of_accounts(&self) -> bool {
        self.runs + 1 >= AccountUse::Investigation.slots()
    }

    async fn run(&mut self, scenario: &Scenario) -> Option<(Execution, CastNaming)> {
        if self.is_out_of_accounts() {
            return None;
        }
        self.runs += 1;
        let ready = tokio::time::timeout_at(self.deadline, self.context.supply.prepare()).await.ok()?;
        if ready.is_err() {
            self.unreachable += 1;
            return None;
        }
        let naming = self.context.accounts.naming(AccountUse::Investigation, self.runs);
        let sut = self.context.supply.open();
        let executor = Executor::new(&sut, &self.context.support, &self.context.settings, naming.clone());
        let limit = self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let execution = tokio::time::timeout(limit, executor.scenario(scenario)).await.ok()?;
        self.calls += execution.tally.calls;
        // A broken answer is an answer, and may be the very thing looked for.
        let mute = execution.unreachable && execution.found.is_empty();
        self.unreachable = if mute { self.unreachable + 1 } else { 0 };
        let names = execution.names(naming);
        Some((execution, names))
    }
}

fn put_first(rules: &mut Vec<RuleId>, rule: RuleId) {
    rules.retain(|known| *known != rule);
    rules.insert(0, rule);
}

/// The planned steps among those made until the divergence showed; the others were second opinions.
fn plan_of(execution: &Execution, scenario: &Scenario, steps: usize) -> Vec<Transition> {
    let mut planned = scenario.transitions.iter().peekable();
    let mut plan = Vec::new();
    for step in execution.steps.iter().take(steps) {
        if planned.peek().is_some_and(|next| **next == step.transition) {
            plan.extend(planned.next().cloned());
        }
    }
    plan
}

/// A scenario that was seen to show a divergence.
struct Reproduction {
    divergence: Divergence,
    scenario: Scenario,
    steps: Vec<ExecutedStep>,
    names: CastNaming,
    answer: Option<(Operation, HttpResponse)>,
}

/// Both sides of a law, tried again.
enum LawTry {
    Held,
    /// What they show moves by itself.
    Moves,
    Broken(Box<Reproduction>),
}
