//! Scenarios of two Regions: what happens in one must not show in the other (SH-XX-004).

use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, Input, InvitationRef, Operation, Page, Region, Request, Scenario,
    Transition,
};

const HERE: Region = Region(0);
const THERE: Region = Region(1);

/// Scenarios that change something here; the last step reads the same there.
pub(super) fn ways() -> Vec<Vec<Transition>> {
    let [a, b] = [Account(1), Account(2)];
    let everything = || Page { only_associated: Some("false".to_owned()), ..Page::default() };
    let describe = |account| there(account, Operation::DescribeHub, Input::Describe(None));
    let both = |account| [enable(account, HERE), enable(account, THERE)];
    let created = [&both(a)[..], &[create(a, b)]].concat();
    let invited = [&created[..], &both(b), &[invite(a, b)]].concat();
    let accepted = [&invited[..], &[accept(b, a)]].concat();
    let then = |way: &[Transition], last: Transition| [way, &[last]].concat();
    vec![
        then(&[enable(a, HERE)], describe(a)),
        then(&then(&both(a), here(a, Operation::DisableSecurityHub, Input::Empty)), describe(a)),
        then(&created, there(a, Operation::ListMembers, Input::Page(everything()))),
        then(&created, there(a, Operation::GetMembers, ids(b))),
        then(&invited, there(b, Operation::ListInvitations, Input::Page(Page::default()))),
        then(&invited, there(b, Operation::GetInvitationsCount, Input::Empty)),
        then(&accepted, there(b, Operation::GetAdministratorAccount, Input::Empty)),
        then(&accepted, there(b, Operation::GetMasterAccount, Input::Empty)),
    ]
}

/// A stage for what comes after: four hubs in each of two Regions, three administrators with lists here, one of them
/// with a list there, and an account that all three have invited.
pub(super) fn stage() -> Scenario {
    let [a, b, c, d] = [1, 2, 3, 4].map(Account);
    let mut transitions: Vec<Transition> =
        [a, b, c, d].iter().flat_map(|account| [enable(*account, HERE), enable(*account, THERE)]).collect();
    for administrator in [a, b, c] {
        transitions.extend([create(administrator, d), invite(administrator, d)]);
    }
    transitions.push(accept(d, a));
    let list = Input::Create(Some(vec![AccountDetail { account: Some(b.into()), email: None }]));
    transitions.push(there(c, Operation::CreateMembers, list));
    Scenario { transitions }
}

fn here(caller: Account, operation: Operation, input: Input) -> Transition {
    Transition { caller, region: HERE, request: Request { operation, input } }
}

fn there(caller: Account, operation: Operation, input: Input) -> Transition {
    Transition { region: THERE, ..here(caller, operation, input) }
}

fn enable(caller: Account, region: Region) -> Transition {
    let input = Input::Enable { standards: None, generator: None, tags: None };
    Transition { region, ..here(caller, Operation::EnableSecurityHub, input) }
}

fn create(administrator: Account, member: Account) -> Transition {
    let entry = AccountDetail { account: Some(member.into()), email: None };
    here(administrator, Operation::CreateMembers, Input::Create(Some(vec![entry])))
}

fn invite(administrator: Account, member: Account) -> Transition {
    here(administrator, Operation::InviteMembers, ids(member))
}

fn accept(member: Account, administrator: Account) -> Transition {
    let invitation = Some(InvitationRef::Latest(administrator));
    let input = Input::Accept { administrator: Some(administrator.into()), invitation };
    here(member, Operation::AcceptAdministratorInvitation, input)
}

fn ids(account: Account) -> Input {
    Input::Accounts(Some(vec![AccountRef::from(account)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ways;
    use passmuster_contract::model::rules;

    #[test]
    fn each_rule_on_isolation_has_a_way_over_two_regions() {
        for (rule, length) in [
            (rules::ENABLE_ONE_REGION, 2),
            (rules::DISABLE_ONE_REGION, 4),
            (rules::CREATE_ONE_REGION, 4),
            (rules::REGIONS_APART, 5),
        ] {
            let way = Ways::get().to_rule(rule).unwrap_or_else(|| panic!("no way to {rule}"));
            assert_eq!((way.regions(), way.transitions.len()), (2, length), "{rule}");
        }
    }

    #[test]
    fn a_stage_has_two_regions_and_three_administrators() {
        let creates = |transition: &&Transition| transition.request.operation == Operation::CreateMembers;
        let mut administrators: Vec<_> =
            stage().transitions.iter().filter(creates).map(|transition| transition.caller).collect();
        administrators.sort_unstable();
        administrators.dedup();
        assert_eq!((stage().regions(), administrators.len()), (2, 3));
        let ways = Ways::get().within(Operation::ALL, 4, 2);
        assert!(ways.contains(&super::super::ways::listed(&stage())));
        assert!(Ways::get().within(Operation::ALL, 4, 1).iter().all(|way| way.regions() == 1));
    }
}
