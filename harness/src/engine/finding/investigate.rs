//! The investigation of a divergence before it is reported: a smaller scenario is sought, and tried again.

use std::time::Duration;

use proptest::strategy::ValueTree;
use tokio::time::Instant;

use super::super::accounts::AccountUse;
use super::super::context::RunContext;
use super::super::execution::{ExecutedStep, Execution, MOST_UNREACHABLE};
use super::super::executor::Executor;
use super::super::laws::{self, LawSide};
use super::super::supply::Supply;
use super::blame::{self, Variation};
use super::confirmed::ConfirmedFinding;
use super::lead::Lead;
use crate::generate::{CastNaming, LawCase, ScenarioTree, Ways};
use crate::record::Reproduced;
use passmuster_contract::domain::{
    Divergence, DivergenceKind, Fingerprint, Grade, Operation, RuleId, Scenario, Transition,
};
use passmuster_contract::model::rules;
use passmuster_contract::wire::HttpResponse;

/// Looks into leads, one after the other.
pub(super) struct Investigator<'a, S> {
    context: &'a RunContext<S>,
    deadline: Instant,
    /// Scenarios run so far; each takes accounts of its own.
    runs: u64,
    /// Calls made so far.
    pub(super) calls: u64,
    /// Scenarios in a row that brought no answer.
    unreachable: u32,
}

impl<'a, S: Supply> Investigator<'a, S> {
    pub(super) const fn new(context: &'a RunContext<S>, deadline: Instant) -> Self {
        Self { context, deadline, runs: 0, calls: 0, unreachable: 0 }
    }

    /// Looks into one lead; `None` when it can't be seen again, or time is up.
    pub(super) async fn look_into(&mut self, lead: &Lead) -> Option<ConfirmedFinding> {
        let fingerprint = lead.found.divergence.fingerprint();
        if let Some(case) = &lead.case {
            return self.look_into_law(lead, case).await;
        }
        let mut smallest = match self.shortest_way(lead, &fingerprint).await {
            Some(found) => found,
            None => match self.by_the_walk(lead, &fingerprint).await {
                Some(found) => found,
                None => self.shrink(&lead.scenario, &fingerprint).await?,
            },
        };
        let mut reproduced = Reproduced { hits: 0, of: self.context.settings.confirmations };
        for _ in 0..self.context.settings.confirmations {
            if let Some(again) = self.shows(&smallest.scenario, &fingerprint).await {
                reproduced.hits += 1;
                smallest = again;
            }
        }
        if reproduced.hits == 0 && reproduced.of > 0 {
            return None;
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
        Some(ConfirmedFinding {
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

    /// Runs both sides again. There is nothing to shrink: cases of laws are as small as they can be said.
    async fn look_into_law(&mut self, lead: &Lead, case: &LawCase) -> Option<ConfirmedFinding> {
        let mut shown = self.breaks(case).await?;
        let mut reproduced = Reproduced { hits: 0, of: self.context.settings.confirmations };
        for _ in 0..self.context.settings.confirmations {
            if let Some(again) = self.breaks(case).await {
                reproduced.hits += 1;
                shown = again;
            }
        }
        if reproduced.hits == 0 && reproduced.of > 0 {
            return None;
        }
        Some(ConfirmedFinding {
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

    /// Runs both sides of a law; where they break it, the side that was changed.
    async fn breaks(&mut self, case: &LawCase) -> Option<Reproduction> {
        if Instant::now() >= self.deadline || self.lost() {
            return None;
        }
        let (left, left_names) = self.run(&case.left_scenario()).await?;
        self.calls += left.tally.calls;
        let (right, names) = self.run(&case.right_scenario()).await?;
        self.calls += right.tally.calls;
        let side = |execution, naming| LawSide { execution, naming };
        let divergence = laws::violation(case, &side(&left, left_names), &side(&right, names.clone()))?;
        Some(Reproduction { divergence, scenario: case.right_scenario(), steps: right.steps, names, answer: None })
    }

    /// The rule on a circumstance without which nothing diverges, and how firmly it can be blamed.
    async fn without(&mut self, scenario: &Scenario, divergence: &Divergence) -> Option<(RuleId, Grade)> {
        for Variation { rule, scenario, cap } in blame::variations(scenario, divergence) {
            let known = |transition: &Transition| self.context.support.has(transition.request.operation);
            if !scenario.transitions.iter().all(known) || self.lost() || Instant::now() >= self.deadline {
                continue;
            }
            let Some((execution, _)) = self.run(&scenario).await else { continue };
            self.calls += execution.tally.calls;
            if execution.found.is_empty() && execution.ended.is_none() {
                return Some((rule, cap));
            }
        }
        None
    }

    /// The model knows the shortest path to the rules violated; the target only has to confirm.
    async fn shortest_way(&mut self, lead: &Lead, fingerprint: &Fingerprint) -> Option<Reproduction> {
        let divergence = &lead.found.divergence;
        let ways = Ways::get();
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
        let mut smallest = match self.shows(scenario, fingerprint).await {
            Some(shown) => shown,
            // Once more: a target under load may have failed for a reason of its own.
            None => self.shows(scenario, fingerprint).await?,
        };
        let mut tree = ScenarioTree::new(smallest.scenario.clone());
        let mut attempts = 0;
        let mut going = tree.simplify();
        while going && attempts < self.context.settings.shrink_attempts && Instant::now() < self.deadline {
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
        self.calls += execution.tally.calls;
        let found = execution.found.iter().find(|found| found.divergence.fingerprint() == *fingerprint)?;
        let mut steps = execution.steps.clone();
        // The read that gave a second opinion belongs to the proof, though not to the plan.
        let second = steps
            .get(found.steps)
            .is_some_and(|_| found.divergence.of_state && execution.steps.len() > found.steps);
        steps.truncate(found.steps + usize::from(second));
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
        if self.context.supply.prepare().await.is_err() {
            self.unreachable += 1;
            return None;
        }
        let naming = self.context.accounts.naming(AccountUse::Investigation, self.runs);
        let sut = self.context.supply.open();
        let executor = Executor::new(&sut, &self.context.support, &self.context.settings, naming.clone());
        let limit = self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let execution = tokio::time::timeout(limit, executor.scenario(scenario)).await.ok()?;
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
