//! Every rule of the catalogue is enforced by the model, or there is a reason why not.

use passmuster::catalogue::{self, Rule};
use passmuster::domain::Grade;
use passmuster::model;
use passmuster::server::Fault;

fn is_enforced(rule: &Rule) -> bool {
    model::rules::ALL.contains(&rule.id)
}

/// Whether the rule is settled: enforced, excused, or open.
fn is_settled(rule: &Rule) -> bool {
    is_enforced(rule) || rule.excused.is_some() || rule.grade == Grade::Unknown
}

#[test]
fn every_rule_is_enforced_or_excused_or_open() {
    let forgotten: Vec<_> =
        catalogue::rules().iter().filter(|rule| !is_settled(rule)).map(|rule| rule.id).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn no_rule_is_both_enforced_and_excused() {
    let both: Vec<_> = catalogue::rules()
        .iter()
        .filter(|rule| is_enforced(rule) && rule.excused.is_some())
        .map(|rule| rule.id)
        .collect();
    assert!(both.is_empty(), "{both:?}");
}

/// Firm rules that no fault violates, and why.
const WITHOUT_FAULT: &[(&str, &str)] = &[
    ("SH-CREATE-013", "Q03 also admits what came later, so that no answer breaks it"),
    ("SH-DELETE-006", "Q17 admits both that the entry goes and that it stays"),
    ("SH-DELETE-009", "to refuse it is to break SH-DELETE-003, which is named first"),
    ("SH-DELINV-004", "Q25 admits either reading of the texts"),
    ("SH-DISABLE-008", "Q27, N03, N04 and N48 leave open what is left, and findings go months later"),
    ("SH-INVITE-010", "N19 admits that the invitation is sent and that it is refused"),
    ("SH-WIRE-006", "admits a status, and demands none"),
    ("SH-WIRE-007", "a wrong status is named by the rule of the call that is refused with it"),
    ("SH-WIRE-019", "a wrong default is named by SH-LIST-001 and SH-LIST-003"),
    ("SH-XX-005", "named by the rule of the call that lets an account be both"),
    ("SH-XX-006", "named by the rule of the call that gives a second administrator"),
];

#[test]
fn every_firm_rule_has_a_fault_that_violates_it_or_a_reason_why_not() {
    let violated = |rule: &Rule| Fault::all().iter().any(|fault| fault.rule() == rule.id);
    let firm = catalogue::rules().iter().filter(|rule| is_enforced(rule) && rule.grade.is_firm());
    let without: Vec<_> = firm.filter(|rule| !violated(rule)).map(|rule| rule.id.0).collect();
    let mut known: Vec<_> = WITHOUT_FAULT.iter().map(|(id, _)| *id).collect();
    let mut found = without.clone();
    known.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, known);
}
