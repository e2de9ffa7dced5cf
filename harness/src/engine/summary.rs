//! What a finished run, or a shard of one, found out, as a record.

use std::collections::BTreeMap;

use serde_json::Value;

use super::execute::is_worth_it;
use super::execute::setup::is_possible;
use super::investigate::{Finding, Followed};
use super::malformed;
use super::random::scripts;
use super::symbols::Names;
use super::{GOALS, Goal, Needs, Phase, Run, RunSettings, Step, SupportTable, Tally, curl, impact};
use crate::generate::{CastNaming, Ways, principal_name, step_request};
use crate::record::{
    Disposition, DivergenceRecord, GoalRecord, GoalStatus, Head, InconclusiveRecord, LeadRecord, Looked,
    OperationRecord, OperationSupport, PhaseRecord, ProbeRecord, RuleRecord, RuleStatus, RunRecord,
    ScenarioRecord, ShardRecord, StepRecord, TargetRecord, fold,
};
use crate::targets::AccountSelection;
use passmuster_contract::catalogue;
use passmuster_contract::domain::{Divergence, DivergenceKind, Fingerprint, Grade, Operation};
use passmuster_contract::model;

/// The most characters of an answer that a record keeps for each step.
const MOST_ANSWER: usize = 600;

/// How a run was set up, for what a report says about it.
#[derive(Clone, Debug)]
pub struct Description {
    /// The target's name.
    pub target: String,
    /// Its address, or words in place of one.
    pub endpoint: String,
    /// An address that command lines can use.
    pub curl_endpoint: String,
    /// How it learns which account calls.
    pub accounts: AccountSelection,
    /// Its version, where it told one.
    pub version: Option<String>,
    /// The flags that point `replay` at the same target.
    pub replay_flags: String,
}

impl Run {
    /// The record, its exit code not yet decided.
    #[must_use]
    pub fn record(&self, settings: &RunSettings, description: &Description) -> RunRecord {
        let head = Head {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: settings.seed,
            started: settings.started.to_string(),
            target: TargetRecord {
                name: description.target.clone(),
                endpoint: description.endpoint.clone(),
                version: description.version.clone(),
            },
        };
        fold(head, &[self.shard(settings, description)])
    }

    /// What of its record other shards would have to be put together with; the flags are for whoever knows them.
    #[must_use]
    pub fn shard(&self, settings: &RunSettings, description: &Description) -> ShardRecord {
        let rules = self.rules(settings);
        ShardRecord {
            index: settings.shard.index,
            of: settings.shard.of,
            flags: BTreeMap::new(),
            most_calls: settings.most_calls(),
            probe: self.probe_record(),
            phases: self
                .phases
                .iter()
                .map(|(phase, calls)| PhaseRecord { name: phase.name().to_owned(), calls: calls.clone() })
                .collect(),
            judged: self.tally.judged,
            scenarios: self.tally.scenarios,
            operations: self.operations(),
            on_the_way: on_the_way(&rules),
            rules,
            answers: self.answers(),
            goals: self.goals(settings),
            walk: self.walk_part(settings),
            wire: self
                .malformed
                .as_ref()
                .map(|found| malformed::part(found, settings, description))
                .unwrap_or_default(),
            sdk: impact::record(&self.tally.sdk.grades()),
            inconclusive: self.inconclusive(),
            leads: self.followed.iter().map(|followed| self.lead(followed, settings, description)).collect(),
            stopped: self.stopped.clone(),
            seconds: self.seconds,
            remarks: self.remarks.clone(),
        }
    }

    fn probe_record(&self) -> ProbeRecord {
        let named = |operation: &Operation| operation.name().to_owned();
        let tried = Operation::ALL.iter().chain(Operation::SETUP);
        let found = |operation: &Operation| Some((named(operation), self.support.get(*operation)?.word()));
        ProbeRecord {
            calls: self.probe.calls,
            operations: self.probe.operations.iter().map(|(name, calls)| (named(name), *calls)).collect(),
            support: tried.filter_map(found).collect(),
            one_caller: self.single_caller,
        }
    }

    fn lead(&self, followed: &Followed, settings: &RunSettings, description: &Description) -> LeadRecord {
        let Followed { lead, took, outcome } = followed;
        LeadRecord {
            fingerprint: lead.found.divergence.fingerprint().0,
            phase: lead.phase.name().to_owned(),
            number: lead.number,
            calls: lead.calls,
            open: !is_worth_it(&lead.found.divergence),
            took: *took,
            looked: match outcome {
                Ok(finding) => Looked::Confirmed {
                    cause: finding.cause(),
                    finding: Box::new(divergence(finding, self.base, settings, description)),
                },
                Err(reason) => Looked::Unconfirmed { reason: reason.clone() },
            },
        }
    }

    fn operations(&self) -> Vec<OperationRecord> {
        let record = |operation: &Operation| {
            let support = self.support.get(*operation);
            let calls = |tally: &Tally| tally.operations.get(operation).copied().unwrap_or(0);
            OperationRecord {
                name: operation.name().to_owned(),
                support: support.map_or(OperationSupport::NotChecked, super::Support::word),
                reason: support.and_then(super::Support::reason).map(str::to_owned),
                calls: calls(&self.tally).saturating_sub(calls(&self.probe)),
                divergences: 0,
            }
        };
        Operation::ALL.iter().map(record).collect()
    }

    /// How each rule stands while nothing diverges.
    fn rules(&self, settings: &RunSettings) -> Vec<RuleRecord> {
        catalogue::rules()
            .iter()
            .map(|rule| {
                let exercised = self.tally.rules.get(&rule.id).copied().unwrap_or(0);
                let (status, blocked_by) = if rule.grade == Grade::Unknown {
                    (RuleStatus::Open, None)
                } else if exercised > 0 {
                    (RuleStatus::Held, None)
                } else {
                    self.why_not(rule, settings)
                };
                let reason = rule.excused.clone().filter(|_| status == RuleStatus::Excused);
                RuleRecord { id: rule.id.0.to_owned(), status, exercised, blocked_by, reason }
            })
            .collect()
    }

    /// Why a rule was not exercised.
    fn why_not(&self, rule: &catalogue::Rule, settings: &RunSettings) -> (RuleStatus, Option<String>) {
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
        if let Some(missing) = missing_operation(&way, &self.support) {
            if missing.is_setup() {
                return (RuleStatus::NotCheckable, Some("no organization".to_owned()));
            }
            return (RuleStatus::Unsupported, Some(missing.name().to_owned()));
        }
        if !is_possible(&way, &settings.organization) {
            return (RuleStatus::NotCheckable, Some("not in a given organization".to_owned()));
        }
        (RuleStatus::NotExercised, None)
    }

    fn answers(&self) -> BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> {
        let mut answers: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> = BTreeMap::new();
        for ((question, operation), seen) in &self.tally.answers {
            let seen = seen.iter().map(|(answer, times)| ((*answer).to_owned(), *times)).collect();
            answers.entry(question.0.to_owned()).or_default().insert(operation.name().to_owned(), seen);
        }
        answers
    }

    /// How the goals fared; none where nothing was explored.
    fn goals(&self, settings: &RunSettings) -> Vec<GoalRecord> {
        let scripted: Vec<&str> =
            scripts(settings, &self.support).iter().flat_map(|script| script.goals).copied().collect();
        let reachable = |goal: &Goal| {
            let given = match goal.needs {
                Needs::OneCaller => true,
                Needs::Callers => !self.single_caller,
                Needs::Regions => settings.regions.len() > 1,
                Needs::Organization => scripted.contains(&goal.id),
            };
            given && goal.operations.iter().all(|operation| self.support.has(*operation))
        };
        let record = |goal: &Goal| {
            let visited = self.tally.goals.contains(goal.id);
            let status = match (visited, reachable(goal)) {
                (true, _) => GoalStatus::Visited,
                (false, true) => GoalStatus::Missed,
                (false, false) => GoalStatus::Unsupported,
            };
            GoalRecord { id: goal.id.to_owned(), title: goal.title.to_owned(), visited, status }
        };
        GOALS.iter().filter(|_| self.explored).map(record).collect()
    }

    fn inconclusive(&self) -> Vec<InconclusiveRecord> {
        self.tally
            .inconclusive
            .iter()
            .map(|((operation, reason), times)| InconclusiveRecord {
                operation: operation.name().to_owned(),
                reason: reason.clone(),
                times: *times,
            })
            .collect()
    }
}

/// The rules on the shortest way to each rule that was not exercised though it could have been.
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
        .find(|operation| !support.has(*operation))
}

fn divergence(
    finding: &Finding,
    base: u64,
    settings: &RunSettings,
    description: &Description,
) -> DivergenceRecord {
    let divergence = &finding.divergence;
    let fingerprint = divergence.fingerprint();
    let id = fingerprint.id();
    // Accounts of their own for each line: lines may be sent one after the other to one server.
    let slot = 450_000 + u64::from(hash(&fingerprint) % 40_000);
    let naming = CastNaming::new(base, slot, settings.regions.clone());
    let transitions: Vec<_> = finding.steps.iter().map(|step| step.transition.clone()).collect();
    let sent = if curl::is_faithful(&transitions) {
        &transitions[..]
    } else {
        transitions.get(finding.scenario.transitions.len().saturating_sub(1)..).unwrap_or_default()
    };
    let mut names = Names::new(finding.names.clone());
    let steps = finding.steps.iter().map(|step| step_record(step, &mut names)).collect();
    DivergenceRecord {
        fingerprint: fingerprint.0.clone(),
        disposition: Disposition::New,
        severity: divergence.severity(),
        grade: divergence.grade,
        operation: divergence.operation.name().to_owned(),
        kind: divergence.kind,
        rules: divergence.rules.iter().map(|rule| rule.0.to_owned()).collect(),
        ignored_rules: divergence.ignored.iter().map(|rule| rule.0.to_owned()).collect(),
        summary: sentence(divergence),
        pointer: divergence.pointer.clone(),
        expected: Value::from(names.symbolic(&divergence.expected)),
        observed: Value::from(names.symbolic(&divergence.observed)),
        sdk_impact: finding.answer.as_ref().map(impact::of_answer).unwrap_or_default(),
        reproduced: finding.reproduced,
        found_after_calls: finding.found_after_calls,
        shrunk_from: finding.shrunk_from,
        scenario: ScenarioRecord { steps },
        curl: curl::line(sent, &naming, &description.curl_endpoint, &description.accounts),
        replay: replay(divergence, &id, settings, description),
        also: finding.also.iter().map(|fingerprint| fingerprint.0.clone()).collect(),
        seen: BTreeMap::new(),
        id,
    }
}

/// How to see it again. One scenario doesn't show that a law is broken.
fn replay(divergence: &Divergence, id: &str, settings: &RunSettings, description: &Description) -> String {
    let flags = &description.replay_flags;
    match divergence.kind {
        DivergenceKind::Law => {
            let (phase, operation, seed) = (Phase::Laws.name(), divergence.operation, settings.seed);
            format!("passmuster run --phases {phase} --only {operation} --seed {seed}{flags}")
        }
        _ => format!("passmuster replay {id}{flags}"),
    }
}

fn hash(fingerprint: &Fingerprint) -> u32 {
    u32::from_str_radix(fingerprint.id().trim_start_matches("D-"), 16).unwrap_or(0)
}

/// One sentence on a divergence.
#[must_use]
pub(super) fn sentence(divergence: &Divergence) -> String {
    let operation = divergence.operation;
    let rule = divergence.rules.first();
    let title = rule.and_then(|rule| catalogue::rule(rule.0)).map(|rule| rule.title.as_str());
    let place = if divergence.pointer.is_empty() { String::new() } else { format!(" at {}", divergence.pointer) };
    let what = match divergence.kind {
        DivergenceKind::MissingRefusal => format!("{operation} lets through what it should refuse"),
        DivergenceKind::UnexpectedRefusal => format!("{operation} refuses what it should let through"),
        DivergenceKind::WrongError => format!("{operation} refuses with another error"),
        DivergenceKind::WrongStatus => format!("{operation} refuses with another HTTP status"),
        DivergenceKind::WrongMessage => format!("{operation} says it in other words"),
        DivergenceKind::WrongValue => format!("{operation} shows a wrong value{place}"),
        DivergenceKind::MissingEffect => format!("{operation} does not show what should be there{place}"),
        DivergenceKind::ExtraEffect => format!("{operation} shows what should not be there{place}"),
        DivergenceKind::Wire => format!("{operation} brings no answer that a client could read"),
        DivergenceKind::Timeout => format!("{operation} brings no answer in time"),
        DivergenceKind::Law => format!("{operation} breaks the law {}", divergence.pointer),
        DivergenceKind::OtherAnswer => {
            let question = catalogue::question(&divergence.pointer).map_or("", |question| &question.question);
            return format!("{operation} answers {} otherwise than expected: {question}", divergence.pointer);
        }
    };
    match title {
        Some(title) => format!("{what}: {title}"),
        None => what,
    }
}

fn step_record(step: &Step, names: &mut Names) -> StepRecord {
    let response = match &step.answer {
        Ok(outcome) => outcome.summary(),
        Err(reason) => format!("no answer: {reason}"),
    };
    StepRecord {
        principal: principal_name(step.transition.caller),
        region: curl::region_name(step.transition.region),
        operation: step.transition.request.operation.name().to_owned(),
        request: step_request(&step.transition),
        response: shortened(&names.symbolic(&response)),
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MOST_ANSWER).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
