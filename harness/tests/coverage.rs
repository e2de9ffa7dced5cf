//! Every rule of the catalogue is enforced by the model, or there is a reason why not.

use passmuster::contract::{self, Rule};
use passmuster::domain::Grade;
use passmuster::model;

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
        contract::rules().iter().filter(|rule| !is_settled(rule)).map(|rule| rule.id).collect();
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
