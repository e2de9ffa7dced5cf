//! A lead and what became of it, as a record.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::accounts::AccountUse;
use super::super::curl::{self, Addressee};
use super::super::description::Description;
use super::super::execution::ExecutedStep;
use super::super::impact;
use super::super::python;
use super::super::settings::{Phase, RunSettings};
use super::super::symbols::SymbolicNames;
use super::confirmed::{ConfirmedFinding, Followed, is_worth_it};
use crate::generate::{CastNaming, principal_name, step_request};
use crate::record::{Disposition, DivergenceRecord, LeadRecord, Looked, ScenarioRecord, StepRecord};
use crate::targets::OrganizationSetup;
use passmuster_contract::catalogue::sentence;
use passmuster_contract::domain::{Divergence, DivergenceKind, Fingerprint};

/// The most characters of an answer that a record keeps for each step.
const MOST_ANSWER: usize = 600;

/// The record of a lead of a run whose account ids began at `base`, and that so many scenarios showed.
pub(in crate::engine) fn lead_record(
    followed: &Followed,
    sightings: u64,
    base: u64,
    settings: &RunSettings,
    description: &Description,
) -> LeadRecord {
    let Followed { lead, took, outcome } = followed;
    LeadRecord {
        fingerprint: lead.found.divergence.fingerprint().0,
        phase: lead.phase.name().to_owned(),
        number: lead.number,
        calls: lead.calls,
        open: !is_worth_it(&lead.found.divergence),
        sightings,
        took: *took,
        looked: match outcome {
            Ok(finding) => Looked::Confirmed {
                cause: finding.cause(),
                finding: Box::new(divergence(finding, base, settings, description)),
            },
            Err(reason) => Looked::Unconfirmed {
                reason: *reason,
                finding: Box::new(divergence(&ConfirmedFinding::as_seen(lead, 0), base, settings, description)),
            },
        },
    }
}

fn divergence(
    finding: &ConfirmedFinding,
    base: u64,
    settings: &RunSettings,
    description: &Description,
) -> DivergenceRecord {
    let divergence = &finding.divergence;
    let fingerprint = divergence.fingerprint();
    let id = fingerprint.id();
    // Accounts of their own for each line: lines may be sent one after the other to one server.
    let place = AccountUse::CommandLines.place(hash(&fingerprint).into());
    let naming = CastNaming::new(base, place, settings.regions.clone());
    let steps: Vec<_> = finding.steps.iter().filter(|step| !step.given).collect();
    let transitions: Vec<_> = steps.iter().map(|step| step.transition.clone()).collect();
    let addressee = Addressee {
        endpoint: &description.curl_endpoint,
        ca: description.curl_ca.as_deref(),
        accounts: &description.accounts,
        founds: settings.organization == OrganizationSetup::Api,
    };
    // Accounts that are there already have the ids that they had.
    let is_fresh = addressee.founds && settings.single_account.is_none();
    let naming = if is_fresh { naming } else { finding.names.clone() };
    // What differs from another scenario shows in none by itself.
    let curl = match divergence.kind {
        DivergenceKind::Law => None,
        _ => curl::line(&transitions, &naming, &finding.names, &addressee),
    };
    let python = curl.as_ref().map(|_| python::script(&transitions, &naming, &finding.names, &addressee));
    let mut names = SymbolicNames::new(finding.names.clone());
    let steps = steps.into_iter().map(|step| step_record(step, &mut names)).collect();
    DivergenceRecord {
        fingerprint: fingerprint.0.clone(),
        disposition: Disposition::New,
        severity: divergence.severity(),
        grade: divergence.grade,
        operation: divergence.operation.name().to_owned(),
        kind: divergence.kind,
        rules: divergence.rules.iter().map(|rule| rule.0.to_owned()).collect(),
        ignored_rules: divergence.ignored.iter().map(|rule| rule.0.to_owned()).collect(),
        summary: said_of(finding, &mut names),
        pointer: divergence.place.to_string(),
        expected: Value::from(names.symbolic(&divergence.expected)),
        observed: Value::from(names.symbolic(&divergence.observed)),
        sdk_impact: finding.answer.as_ref().map(impact::of_answer).unwrap_or_default(),
        reproduced: finding.reproduced,
        found_after_calls: finding.found_after_calls,
        shrunk_from: finding.shrunk_from,
        scenario: ScenarioRecord { steps },
        curl: curl.unwrap_or_default(),
        python: python.unwrap_or_default(),
        replay: replay(divergence, &id, settings, description),
        also: finding.also.iter().map(|fingerprint| fingerprint.0.clone()).collect(),
        cause: None,
        seen: BTreeMap::new(),
        accepted: None,
        id,
    }
}

/// One sentence on it, with names in place of accounts.
pub(super) fn said_of(finding: &ConfirmedFinding, names: &mut SymbolicNames) -> String {
    let divergence = &finding.divergence;
    let (expected, observed) = (names.symbolic(&divergence.expected), names.symbolic(&divergence.observed));
    sentence(&Divergence { expected, observed, ..divergence.clone() })
}

/// The command that shows it again. One scenario doesn't show that a law is broken.
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

fn step_record(step: &ExecutedStep, names: &mut SymbolicNames) -> StepRecord {
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
