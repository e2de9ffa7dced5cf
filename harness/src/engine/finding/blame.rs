//! Rules that say that some circumstance makes no difference. What diverges with the circumstance and not without it
//! is blamed on that rule.

use passmuster_contract::domain::{
    AccountDetail, Divergence, DivergenceKind, Grade, Input, Operation, Place, Region, Request, RuleId, Scenario,
    Transition,
};
use passmuster_contract::model::rules;

/// A rule, and the scenario without the circumstance that it speaks of.
pub(super) struct Variation {
    pub(super) rule: RuleId,
    pub(super) scenario: Scenario,
    /// A grade that the divergence can't exceed.
    pub(super) cap: Grade,
}

/// The scenario without what rules could have to do with, each in its turn, the telling first.
pub(super) fn variations(scenario: &Scenario, divergence: &Divergence) -> Vec<Variation> {
    let refused =
        |operation| divergence.operation == operation && divergence.kind == DivergenceKind::UnexpectedRefusal;
    let mut found = vec![(rules::ACCEPT_OLD_NAME, by_the_new_way(scenario))];
    // What a request is refused for is another matter.
    let is_shown = matches!(
        divergence.kind,
        DivergenceKind::MissingEffect | DivergenceKind::ExtraEffect | DivergenceKind::WrongValue
    );
    if is_shown {
        found.push((rules::CREATE_MIXED_BATCH, one_by_one(scenario)));
        found.push((rules::DISABLE_ENDS_ASSOCIATIONS, in_the_first_cycle(scenario)));
    }
    // That each entry is shown once is said whatever the size of pages.
    let is_shown_twice = divergence.kind == DivergenceKind::WrongValue
        && matches!(&divergence.place, Place::Member(pointer) if pointer == "/Members/-");
    if is_shown && divergence.operation == Operation::ListMembers && !is_shown_twice {
        found.push((rules::LIST_PAGE_SIZE, in_whole_pages(scenario)));
    }
    if refused(Operation::CreateMembers) {
        found.push((rules::CREATE_UNVERIFIED_EMAIL, without_emails(scenario)));
        found.push((rules::CREATE_ANY_ACCOUNT, with_hubs(scenario)));
    }
    if refused(Operation::InviteMembers) {
        found.push((rules::INVITE_ANY_ACCOUNT, with_hubs(scenario)));
    }
    let variation = |(rule, changed): (RuleId, Scenario)| {
        // It is not known whether an account must exist that has done nothing yet.
        let stranger =
            rule == rules::CREATE_ANY_ACCOUNT && named_last(scenario).any(|account| !calls(scenario, account));
        let cap = if stranger { Grade::Inferred } else { Grade::Documented };
        (changed != *scenario).then_some(Variation { rule, scenario: changed, cap })
    };
    found.into_iter().filter_map(variation).collect()
}

/// The rule on isolation that a divergence violates which needs two Regions to show: what was done last in another
/// Region than that of the last step says which.
pub(super) fn isolation(scenario: &Scenario) -> RuleId {
    let Some(last) = scenario.transitions.last() else { return rules::REGIONS_APART };
    let elsewhere =
        |transition: &&Transition| transition.region != last.region && transition.request.operation.is_mutating();
    match scenario.transitions.iter().rfind(elsewhere).map(|transition| transition.request.operation) {
        Some(Operation::EnableSecurityHub) => rules::ENABLE_ONE_REGION,
        Some(Operation::DisableSecurityHub) => rules::DISABLE_ONE_REGION,
        Some(Operation::CreateMembers) => rules::CREATE_ONE_REGION,
        _ => rules::REGIONS_APART,
    }
}

/// Whether the rule says that Regions are apart.
pub(super) fn is_isolation(rule: RuleId) -> bool {
    [rules::REGIONS_APART, rules::ENABLE_ONE_REGION, rules::DISABLE_ONE_REGION, rules::CREATE_ONE_REGION]
        .contains(&rule)
}

/// SH-ACCEPT-015: every invitation is accepted by the operation that is not deprecated.
fn by_the_new_way(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    for transition in &mut scenario.transitions {
        if transition.request.operation == Operation::AcceptInvitation {
            transition.request.operation = Operation::AcceptAdministratorInvitation;
        }
    }
    scenario
}

/// SH-CREATE-030: no two accounts are created by one request.
fn one_by_one(scenario: &Scenario) -> Scenario {
    let alone = |transition: &Transition| match &transition.request.input {
        Input::Create(Some(details)) if details.len() > 1 => {
            let one = |detail: &AccountDetail| {
                let input = Input::Create(Some(vec![detail.clone()]));
                let request = Request { operation: transition.request.operation, input };
                Transition { request, ..transition.clone() }
            };
            details.iter().map(one).collect()
        }
        _ => vec![transition.clone()],
    };
    Scenario { transitions: scenario.transitions.iter().flat_map(alone).collect() }
}

/// SH-DISABLE-008: the hub of whoever calls last is on for the first time.
fn in_the_first_cycle(scenario: &Scenario) -> Scenario {
    let Some(last) = scenario.transitions.last() else { return scenario.clone() };
    let is_own = |transition: &Transition| (transition.caller, transition.region) == (last.caller, last.region);
    let disables = |transition: &Transition| {
        is_own(transition) && transition.request.operation == Operation::DisableSecurityHub
    };
    let before = scenario.transitions.iter().rposition(disables).map_or(0, |place| place + 1);
    let is_kept = |(place, transition): &(usize, &Transition)| *place >= before || !is_own(transition);
    let kept = scenario.transitions.iter().enumerate().filter(is_kept);
    Scenario { transitions: kept.map(|(_, transition)| transition.clone()).collect() }
}

/// SH-LIST-004: no list is read in pages of a certain size.
fn in_whole_pages(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    for transition in &mut scenario.transitions {
        if let Input::Page(page) = &mut transition.request.input {
            page.max_results = None;
        }
    }
    scenario
}

/// SH-CREATE-004: no account has an email address.
fn without_emails(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    for transition in &mut scenario.transitions {
        if let Input::Create(Some(details)) = &mut transition.request.input {
            details.iter_mut().for_each(|detail| detail.email = None);
        }
    }
    scenario
}

/// SH-CREATE-003, SH-INVITE-012: every account that the last step names has switched its hub on before.
fn with_hubs(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    let region = scenario.transitions.last().map_or(Region(0), |last| last.region);
    let mut named: Vec<_> = named_last(&scenario).collect();
    named.retain(|account| !calls(&scenario, *account));
    named.sort_unstable();
    named.dedup();
    let input = Input::Enable { standards: None, generator: None, tags: None };
    let request = Request { operation: Operation::EnableSecurityHub, input };
    let enable = |caller| Transition { caller, region, request: request.clone() };
    scenario.transitions.splice(..0, named.into_iter().map(enable));
    scenario
}

fn named_last(scenario: &Scenario) -> impl Iterator<Item = passmuster_contract::domain::Account> + use<> {
    let last = scenario.transitions.last();
    last.map(|last| last.request.named_accounts()).unwrap_or_default().into_iter()
}

fn calls(scenario: &Scenario, account: passmuster_contract::domain::Account) -> bool {
    scenario.transitions.iter().any(|transition| transition.caller == account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::parse_scenario;
    use passmuster_contract::domain::Place;

    fn scenario(lines: &str) -> Scenario {
        parse_scenario(&format!("passmuster scenario 1\n{lines}")).unwrap()
    }

    fn refusal(operation: Operation) -> Divergence {
        Divergence {
            operation,
            kind: DivergenceKind::UnexpectedRefusal,
            rules: vec![rules::CREATE_NEW],
            ignored: Vec::new(),
            place: Place::Whole,
            expected: String::new(),
            observed: String::new(),
            grade: Grade::Observed,
            of_state: false,
        }
    }

    const CREATE: &str = "administrator EnableSecurityHub {}\n\
        administrator CreateMembers {\"AccountDetails\":[{\"AccountId\":\"@member-1\",\"Email\":\"a@b\"}]}\n";

    #[test]
    fn an_account_that_is_refused_is_tried_without_email_and_with_a_hub() {
        let tried = variations(&scenario(CREATE), &refusal(Operation::CreateMembers));
        let rules: Vec<_> = tried.iter().map(|variation| (variation.rule, variation.cap)).collect();
        assert_eq!(
            rules,
            [(rules::CREATE_UNVERIFIED_EMAIL, Grade::Documented), (rules::CREATE_ANY_ACCOUNT, Grade::Inferred)]
        );
        assert_eq!(tried[0].scenario.transitions.len(), 2);
        assert_eq!(tried[1].scenario.transitions.len(), 3);
    }

    #[test]
    fn what_is_shown_after_a_batch_is_tried_one_by_one_and_what_is_shown_page_by_page_as_a_whole() {
        let lines = "administrator EnableSecurityHub {}\n\
            administrator CreateMembers {\"AccountDetails\":[{\"AccountId\":\"@member-1\"},{\"AccountId\":\"@member-2\"}]}\n\
            administrator ListMembers {\"OnlyAssociated\":\"false\",\"MaxResults\":1}\n";
        let shown = Divergence { kind: DivergenceKind::MissingEffect, ..refusal(Operation::ListMembers) };
        let tried = variations(&scenario(lines), &shown);
        let rules: Vec<_> =
            tried.iter().map(|variation| (variation.rule, variation.scenario.transitions.len())).collect();
        assert_eq!(rules, [(rules::CREATE_MIXED_BATCH, 4), (rules::LIST_PAGE_SIZE, 3)]);
        assert!(variations(&scenario(lines), &refusal(Operation::ListMembers)).is_empty());
    }

    #[test]
    fn what_has_no_such_circumstance_is_not_tried() {
        let enable = scenario("administrator EnableSecurityHub {}\n");
        assert!(variations(&enable, &refusal(Operation::EnableSecurityHub)).is_empty());
    }

    #[test]
    fn what_was_done_last_in_the_other_region_names_the_rule_on_isolation() {
        let enable = "administrator EnableSecurityHub {}\nadministrator@region-2 DescribeHub {}\n";
        assert_eq!(isolation(&scenario(enable)), rules::ENABLE_ONE_REGION);
        let create = format!("{CREATE}administrator@region-2 ListMembers {{}}\n");
        assert_eq!(isolation(&scenario(&create)), rules::CREATE_ONE_REGION);
        let disable = "administrator DisableSecurityHub {}\nadministrator@region-2 DescribeHub {}\n";
        assert_eq!(isolation(&scenario(disable)), rules::DISABLE_ONE_REGION);
    }
}
