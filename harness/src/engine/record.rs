//! The results of a finished run, or a shard of one, as a record.

use std::collections::BTreeMap;

use super::description::Description;
use super::executor::is_possible;
use super::finding::lead_record;
use super::goals::{GOALS, Goal, Needs};
use super::impact;
use super::malformed;
use super::outcome::Run;
use super::phase::{UnsteadyOperation, scripts, walk_part};
use super::settings::RunSettings;
use super::support::{Support, SupportTable};
use super::tally::Tally;
use crate::generate::Ways;
use crate::record::{
    GoalRecord, GoalStatus, InconclusiveRecord, OperationRecord, OperationSupport, ProbeRecord, RecordHead,
    RuleRecord, RuleStatus, RunRecord, ShardRecord, TargetRecord, Uncertainty, UnstableRecord, WalkPart, fold,
};
use passmuster_contract::catalogue;
use passmuster_contract::domain::{Grade, Operation, Severity};
use passmuster_contract::model;

impl Run {
    /// The record, its exit code not yet decided.
    #[must_use]
    pub fn record(&self, settings: &RunSettings, description: &Description) -> RunRecord {
        let head = RecordHead {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: settings.seed,
            nonce: settings.nonce,
            started: settings.started.to_string(),
            target: TargetRecord {
                name: description.target.clone(),
                endpoint: description.endpoint.clone(),
                version: description.version.clone(),
            },
        };
        fold(head, &[self.shard(settings, description)])
    }

    /// The part of its record that shards have to be put together with; the flags are for a caller that knows them.
    #[must_use]
    pub fn shard(&self, settings: &RunSettings, description: &Description) -> ShardRecord {
        let rules = rules(self, settings);
        ShardRecord {
            index: settings.shard.index,
            of: settings.shard.of,
            flags: BTreeMap::new(),
            most_calls: settings.most_calls(),
            probe: probe_record(self),
            calls: self.calls.clone(),
            replays: self.replays.clone(),
            judged: self.tally.judged,
            scenarios: self.tally.scenarios,
            operations: operations(self, settings),
            on_the_way: on_the_way(&rules),
            rules,
            answers: answers(self),
            goals: goals(self, settings),
            walk: self.walked.as_ref().map_or_else(WalkPart::default, |walked| {
                walk_part(walked, self.single_caller, &self.support, settings)
            }),
            wire: self
                .malformed
                .as_ref()
                .map(|found| malformed::part(found, settings, description))
                .unwrap_or_default(),
            sdk: impact::record(&self.tally.sdk.grades()),
            late: late(self),
            inconclusive: inconclusive(self),
            leads: self
                .followed
                .iter()
                .map(|followed| {
                    let sightings = self.sightings.get(&followed.lead.found.divergence.fingerprint());
                    let sightings = sightings.copied().unwrap_or_default();
                    lead_record(followed, sightings, self.base, settings, description)
                })
                .collect(),
            unstable: unstable(self, settings),
            stopped: self.stopped.clone(),
            seconds: self.seconds,
            remarks: self.remarks.clone(),
        }
    }
}

fn probe_record(run: &Run) -> ProbeRecord {
    let named = |operation: &Operation| operation.name().to_owned();
    let tried = Operation::ALL.iter().chain(Operation::SETUP);
    let found = |operation: &Operation| Some((named(operation), run.support.get(*operation)?.word()));
    ProbeRecord {
        calls: run.probe.calls,
        operations: run.probe.operations.iter().map(|(name, calls)| (named(name), *calls)).collect(),
        support: tried.filter_map(found).collect(),
        one_caller: run.single_caller,
    }
}

fn operations(run: &Run, settings: &RunSettings) -> Vec<OperationRecord> {
    let record = |operation: &Operation| {
        let support = run.support.get(*operation);
        let calls = |tally: &Tally| tally.operations.get(operation).copied().unwrap_or(0);
        OperationRecord {
            name: operation.name().to_owned(),
            support: support.map_or(OperationSupport::NotChecked, Support::word),
            reason: support.and_then(Support::reason).map(str::to_owned),
            calls: calls(&run.tally).saturating_sub(calls(&run.probe)),
            judged: run.tally.told.get(operation).copied().unwrap_or(0),
            unjudged: if settings.selection.has_operation(*operation) { unjudged(run, *operation) } else { 0 },
            divergences: 0,
        }
    };
    Operation::ALL.iter().map(record).collect()
}

/// The number of times that the operation could not be judged.
fn unjudged(run: &Run, operation: Operation) -> u64 {
    run.tally.inconclusive.iter().filter(|((known, _), _)| *known == operation).map(|(_, times)| times).sum()
}

/// The operations that failed when they were probed, and not each time after that; and those with lists without an end.
fn unstable(run: &Run, settings: &RunSettings) -> Vec<UnstableRecord> {
    let record = |unsteady: &UnsteadyOperation| UnstableRecord {
        fingerprint: format!("{} probe", unsteady.operation),
        operation: unsteady.operation.name().to_owned(),
        severity: Severity::Divergence,
        why: unsteady.why,
        sightings: 1,
        judged: 1 + unsteady.judged,
        finding: None,
    };
    let unending = |(operation, times): (&Operation, &u64)| {
        let told = run.tally.told.get(operation).copied().unwrap_or(0);
        (*times > 0 && settings.selection.has_operation(*operation)).then(|| UnstableRecord {
            fingerprint: format!("{operation} /NextToken"),
            operation: operation.name().to_owned(),
            severity: Severity::Divergence,
            why: Uncertainty::Unending,
            sightings: *times,
            judged: told + times,
            finding: None,
        })
    };
    run.unsteady.iter().map(record).chain(run.tally.unending.iter().filter_map(unending)).collect()
}

/// The standing of each rule while nothing diverges.
fn rules(run: &Run, settings: &RunSettings) -> Vec<RuleRecord> {
    catalogue::rules()
        .iter()
        .map(|rule| {
            let exercised = run.tally.rules.get(&rule.id).copied().unwrap_or(0);
            let (status, blocked_by) = if rule.grade == Grade::Unknown {
                (RuleStatus::Open, None)
            } else if exercised > 0 {
                (RuleStatus::Held, None)
            } else {
                why_not(run, rule, settings)
            };
            let reason = rule.excused.clone().filter(|_| status == RuleStatus::Excused);
            RuleRecord { id: rule.id.0.to_owned(), status, exercised, blocked_by, reason }
        })
        .collect()
}

/// Why a rule was not exercised.
fn why_not(run: &Run, rule: &catalogue::Rule, settings: &RunSettings) -> (RuleStatus, Option<String>) {
    if rule.excused.is_some() {
        return (RuleStatus::Excused, None);
    }
    if !model::rules::ALL.contains(&rule.id) {
        return (RuleStatus::NotCheckable, None);
    }
    let Some(way) = Ways::get().to_rule(rule.id) else { return (RuleStatus::NotExercised, None) };
    let callers =
        way.transitions.iter().any(|transition| transition.caller != passmuster_contract::domain::Account(1));
    if settings.single_account.is_some() && callers {
        return (RuleStatus::NotCheckable, Some("one account only".to_owned()));
    }
    if way.regions() > settings.regions.len() {
        return (RuleStatus::NotCheckable, Some("one Region only".to_owned()));
    }
    if let Some(missing) = missing_operation(&way, &run.support) {
        if missing.is_setup() {
            return (RuleStatus::NotCheckable, Some("no organization".to_owned()));
        }
        return (RuleStatus::Unsupported, Some(missing.name().to_owned()));
    }
    if !way.transitions.iter().all(|transition| settings.is_within_cast(transition)) {
        return (RuleStatus::NotCheckable, Some("not with the accounts of the cast".to_owned()));
    }
    if !is_possible(&way, &settings.organization) {
        return (RuleStatus::NotCheckable, Some("not in a given organization".to_owned()));
    }
    (RuleStatus::NotExercised, None)
}

fn answers(run: &Run) -> BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> {
    let mut answers: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> = BTreeMap::new();
    for ((question, operation), seen) in &run.tally.answers {
        let seen = seen.iter().map(|(answer, times)| ((*answer).to_owned(), *times)).collect();
        answers.entry(question.0.to_owned()).or_default().insert(operation.name().to_owned(), seen);
    }
    answers
}

/// The results of the goals; none where nothing was explored.
fn goals(run: &Run, settings: &RunSettings) -> Vec<GoalRecord> {
    let scripted: Vec<&str> =
        scripts(settings, &run.support).iter().flat_map(|script| script.goals).copied().collect();
    let reachable = |goal: &Goal| {
        let given = match goal.needs {
            Needs::OneCaller => true,
            Needs::Callers => !run.single_caller,
            Needs::Regions => settings.regions.len() > 1,
            Needs::Organization => scripted.contains(&goal.id),
        };
        given && goal.operations.iter().all(|operation| run.support.has(*operation))
    };
    let record = |goal: &Goal| {
        let visited = run.tally.goals.contains(goal.id);
        let status = match (visited, reachable(goal)) {
            (true, _) => GoalStatus::Visited,
            (false, true) => GoalStatus::Missed,
            (false, false) => GoalStatus::Unsupported,
        };
        GoalRecord { id: goal.id.to_owned(), title: goal.title.to_owned(), visited, status }
    };
    GOALS.iter().filter(|_| run.explored).map(record).collect()
}

fn late(run: &Run) -> Vec<InconclusiveRecord> {
    run.tally
        .late
        .iter()
        .map(|((operation, rule), times)| InconclusiveRecord {
            operation: operation.name().to_owned(),
            reason: format!("late, as {rule} allows for a while"),
            times: *times,
        })
        .collect()
}

fn inconclusive(run: &Run) -> Vec<InconclusiveRecord> {
    run.tally
        .inconclusive
        .iter()
        .map(|((operation, reason), times)| InconclusiveRecord {
            operation: operation.name().to_owned(),
            reason: reason.clone(),
            times: *times,
        })
        .collect()
}

/// The rules on the shortest path to each rule that was not exercised though it could have been.
fn on_the_way(rules: &[RuleRecord]) -> BTreeMap<String, Vec<String>> {
    let deciding = |rule: &RuleRecord| {
        let known = catalogue::rule(&rule.id)?;
        let way = Ways::get().to_rule(known.id)?;
        let rules = Ways::deciding(&way).iter().map(|rule| rule.0.to_owned()).collect();
        Some((rule.id.clone(), rules))
    };
    rules.iter().filter(|rule| rule.status == RuleStatus::NotExercised).filter_map(deciding).collect()
}

fn missing_operation(way: &passmuster_contract::domain::Scenario, support: &SupportTable) -> Option<Operation> {
    way.transitions
        .iter()
        .map(|transition| transition.request.operation)
        .find(|operation| !support.can_call(*operation))
}
