//! Folds a finished run into its record.

use std::collections::BTreeMap;

use serde_json::Value;

use super::execute::setup::is_possible;
use super::investigate::Finding;
use super::random::scripts;
use super::symbols::Names;
use super::{GOALS, Goal, Needs, Phase, Run, RunSettings, Step, SupportTable, curl};
use crate::contract;
use crate::domain::{Divergence, DivergenceKind, Fingerprint, Grade, Operation};
use crate::generate::{CastNaming, Ways, principal_name, step_request};
use crate::model;
use crate::record::{
    DivergenceRecord, GoalRecord, InconclusiveRecord, OperationRecord, QuestionRecord, RuleRecord, RunRecord,
    SCHEMA, ScenarioRecord, StepRecord, TargetRecord, Totals,
};
use crate::target::AccountSelection;

/// The most characters of an answer that a record keeps for each step.
const MOST_ANSWER: usize = 600;
/// The most unconfirmed divergences that a remark names.
const MOST_NAMED: usize = 20;

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
        let divergences: Vec<DivergenceRecord> =
            self.findings.iter().map(|finding| divergence(finding, self.base, settings, description)).collect();
        let mut remarks = self.remarks.clone();
        let mut lost: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (fingerprint, reason) in &self.unconfirmed {
            lost.entry(reason).or_default().push(&fingerprint.0);
        }
        for (reason, names) in lost {
            let times = names.len();
            let seen =
                if times == 1 { "one divergence was".to_owned() } else { format!("{times} divergences were") };
            let named: Vec<&str> = names.iter().take(MOST_NAMED).map(|name| name.trim_end()).collect();
            let more = if times > MOST_NAMED { ", …" } else { "" };
            let named = named.join(", ");
            remarks.push(format!("{seen} seen once and could not be confirmed ({reason}): {named}{more}"));
        }
        RunRecord {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: settings.seed,
            started: settings.started.to_string(),
            exit_code: 0,
            target: TargetRecord {
                name: description.target.clone(),
                endpoint: description.endpoint.clone(),
                version: description.version.clone(),
            },
            totals: Totals {
                calls: self.tally.calls,
                judged: self.tally.judged,
                scenarios: self.tally.scenarios,
                seconds: self.seconds,
                calls_per_second: if self.seconds > 0.0 { self.tally.calls as f64 / self.seconds } else { 0.0 },
                wire_requests: 0,
            },
            stopped: self.stopped.clone(),
            operations: self.operations(&divergences),
            rules: self.rules(&divergences, settings),
            open_questions: self.questions(),
            goals: self.goals(settings),
            inconclusive: self.inconclusive(),
            divergences,
            walk: self.walk_record(settings),
            remarks,
        }
    }

    fn operations(&self, divergences: &[DivergenceRecord]) -> Vec<OperationRecord> {
        let record = |operation: &Operation| {
            let support = self.support.get(*operation);
            let name = operation.name().to_owned();
            let seen = divergences.iter().filter(|divergence| divergence.operation == name).count();
            OperationRecord {
                support: support.map_or("not-checked", super::Support::name).to_owned(),
                reason: support.and_then(super::Support::reason).map(str::to_owned),
                calls: self.tally.operations.get(operation).copied().unwrap_or(0),
                divergences: seen as u64,
                name,
            }
        };
        Operation::ALL.iter().map(record).collect()
    }

    fn rules(&self, divergences: &[DivergenceRecord], settings: &RunSettings) -> Vec<RuleRecord> {
        let violated: BTreeMap<&str, &str> = divergences
            .iter()
            .filter(|divergence| divergence.severity != "note" && !is_other_answer(divergence))
            .filter_map(|divergence| Some((divergence.rules.first()?.as_str(), divergence.id.as_str())))
            .collect();
        // A wrong value somewhere in an answer keeps nobody from going on; a wrong state does.
        let blocking: BTreeMap<&str, &str> = divergences
            .iter()
            .filter(|divergence| !is_other_answer(divergence))
            .filter(|divergence| divergence.kind != "wrong-value" || divergence.pointer.ends_with("/MemberStatus"))
            .filter_map(|divergence| Some((divergence.rules.first()?.as_str(), divergence.id.as_str())))
            .collect();
        contract::rules()
            .iter()
            .map(|rule| {
                let id = rule.id.0;
                let exercised = self.tally.rules.get(&rule.id).copied().unwrap_or(0);
                let (status, blocked_by) = if violated.contains_key(id) {
                    ("violated", None)
                } else if rule.grade == Grade::Unknown {
                    ("open", None)
                } else if exercised > 0 {
                    ("held", None)
                } else {
                    self.why_not(rule, &blocking, settings)
                };
                let reason = rule.excused.clone().filter(|_| status == "excused");
                RuleRecord { id: id.to_owned(), status: status.to_owned(), exercised, blocked_by, reason }
            })
            .collect()
    }

    /// Why a rule was not exercised.
    fn why_not(
        &self,
        rule: &contract::Rule,
        blocking: &BTreeMap<&str, &str>,
        settings: &RunSettings,
    ) -> (&'static str, Option<String>) {
        if rule.excused.is_some() {
            return ("excused", None);
        }
        if !model::rules::ALL.contains(&rule.id) {
            return ("not-checkable", None);
        }
        let Some(way) = Ways::get().to_rule(rule.id) else { return ("not-exercised", None) };
        let callers = way.transitions.iter().any(|transition| transition.caller != crate::domain::Account(1));
        if settings.single_account.is_some() && callers {
            return ("not-checkable", Some("one account only".to_owned()));
        }
        if way.regions() > settings.regions.len() {
            return ("not-checkable", Some("one Region only".to_owned()));
        }
        if let Some(missing) = missing_operation(&way, &self.support) {
            if missing.is_setup() {
                return ("not-checkable", Some("no organization".to_owned()));
            }
            return ("unsupported", Some(missing.name().to_owned()));
        }
        if !is_possible(&way, &settings.organization) {
            return ("not-checkable", Some("not in a given organization".to_owned()));
        }
        // The shortest way to it leads over a rule that this target violates.
        let on_the_way = Ways::deciding(&way);
        let in_the_way = on_the_way.iter().find_map(|rule| blocking.get(rule.0));
        match in_the_way {
            Some(id) => ("blocked", Some((*id).to_owned())),
            None => ("not-exercised", None),
        }
    }

    fn questions(&self) -> Vec<QuestionRecord> {
        let mut merged: BTreeMap<&str, (BTreeMap<String, u64>, bool)> = BTreeMap::new();
        for ((question, _), seen) in &self.tally.answers {
            let (all, consistent) = merged.entry(question.0).or_insert_with(|| (BTreeMap::new(), true));
            // One question may be answered differently by different operations, but not by one of them.
            *consistent &= seen.len() == 1;
            for (answer, times) in seen {
                *all.entry((*answer).to_owned()).or_default() += times;
            }
        }
        merged
            .into_iter()
            .map(|(id, (seen, consistent))| {
                let most = seen.iter().max_by_key(|(_, times)| **times);
                let answer = most.map_or_else(String::new, |(answer, _)| answer.clone());
                QuestionRecord { id: id.to_owned(), answer, consistent, seen }
            })
            .collect()
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
                (true, _) => "visited",
                (false, true) => "missed",
                (false, false) => "unsupported",
            };
            GoalRecord { id: goal.id.to_owned(), title: goal.title.to_owned(), visited, status: status.to_owned() }
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

/// Another answer than expected breaks no rule.
fn is_other_answer(divergence: &DivergenceRecord) -> bool {
    divergence.kind == DivergenceKind::OtherAnswer.name()
}

fn missing_operation(way: &crate::domain::Scenario, support: &SupportTable) -> Option<Operation> {
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
        disposition: "new".to_owned(),
        severity: divergence.severity().name().to_owned(),
        grade: divergence.grade.name().to_owned(),
        operation: divergence.operation.name().to_owned(),
        kind: divergence.kind.name().to_owned(),
        rules: divergence.rules.iter().map(|rule| rule.0.to_owned()).collect(),
        ignored_rules: divergence.ignored.iter().map(|rule| rule.0.to_owned()).collect(),
        summary: sentence(divergence),
        pointer: divergence.pointer.clone(),
        expected: Value::from(names.symbolic(&divergence.expected)),
        observed: Value::from(names.symbolic(&divergence.observed)),
        sdk_impact: BTreeMap::new(),
        reproduced: finding.reproduced,
        found_after_calls: finding.found_after_calls,
        shrunk_from: finding.shrunk_from,
        scenario: ScenarioRecord { steps },
        curl: curl::line(sent, &naming, &description.curl_endpoint, &description.accounts),
        replay: replay(divergence, &id, settings, description),
        also: finding.also.iter().map(|fingerprint| fingerprint.0.clone()).collect(),
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
    let title = rule.and_then(|rule| contract::rule(rule.0)).map(|rule| rule.title.as_str());
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
        DivergenceKind::Law => format!("{operation} breaks the law {}", divergence.pointer),
        DivergenceKind::OtherAnswer => {
            let question = contract::question(&divergence.pointer).map_or("", |question| &question.question);
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
