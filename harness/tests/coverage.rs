//! Every rule of the catalogue is enforced by the model, or there is a reason why not.

use passmuster::contract::{self, Rule};
use passmuster::domain::Grade;
use passmuster::model;

/// Rules that are neither enforced nor excused yet, by how their ids begin: organizations, standards and findings.
const YET_TO_COME: &[&str] = &[
    "SH-ACCEPT-013",
    "SH-ACCEPT-016",
    "SH-ADMIN-006",
    "SH-CREATE-022",
    "SH-CREATE-023",
    "SH-CREATE-024",
    "SH-CREATE-025",
    "SH-CREATE-026",
    "SH-CREATE-027",
    "SH-CREATE-028",
    "SH-CREATE-029",
    "SH-DELETE-006",
    "SH-DISABLE-003",
    "SH-DISABLE-004",
    "SH-DISASSOC-002",
    "SH-DISASSOC-008",
    "SH-ENABLE-003",
    "SH-ENABLE-004",
    "SH-FIND-",
    "SH-INVITE-011",
    "SH-LEAVE-002",
    "SH-LIST-010",
    "SH-LIST-011",
    "SH-ORG-",
    "SH-STD-",
    "SH-WIRE-018",
];

fn is_enforced(rule: &Rule) -> bool {
    model::rules::ALL.contains(&rule.id)
}

/// Whether the rule is settled: enforced, excused, or open.
fn is_settled(rule: &Rule) -> bool {
    is_enforced(rule) || rule.excused.is_some() || rule.grade == Grade::Unknown
}

fn is_to_come(rule: &Rule) -> bool {
    YET_TO_COME.iter().any(|prefix| rule.id.0.starts_with(prefix))
}

#[test]
fn every_rule_is_enforced_or_excused_or_open() {
    let forgotten: Vec<_> = contract::rules()
        .iter()
        .filter(|rule| !is_settled(rule) && !is_to_come(rule))
        .map(|rule| rule.id)
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn no_rule_is_both_enforced_and_excused() {
    let both: Vec<_> = contract::rules()
        .iter()
        .filter(|rule| is_enforced(rule) && rule.excused.is_some())
        .map(|rule| rule.id)
        .collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn what_is_yet_to_come_is_not_there_yet() {
    for prefix in YET_TO_COME {
        let mut begun = contract::rules().iter().filter(|rule| rule.id.0.starts_with(prefix));
        assert!(begun.any(|rule| !is_settled(rule)), "{prefix} has come");
    }
}
