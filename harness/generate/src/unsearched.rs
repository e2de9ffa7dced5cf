//! Paths that the search does not find by itself: what a call leaves alone shows only after an earlier look.

use super::alphabet::{CAST, call, detail, enable, finding, ids, one};
use super::naming::MANAGEMENT;
use passmuster_contract::domain::{Account, Input, InvitationRef, Operation, Page, RuleId, Transition};
use passmuster_contract::model::rules;

/// Scenarios whose last step is decided by the rule.
pub(super) fn ways() -> Vec<(RuleId, Vec<Transition>)> {
    let [a, b, _] = CAST;
    let page = || Input::Page(Page::default());
    let standards = |account| call(account, Operation::GetEnabledStandards, page());
    let findings = |account| call(account, Operation::GetFindings, page());
    let import = |account| call(account, Operation::BatchImportFindings, finding(account));
    let read = call(a, Operation::GetMembers, ids(&[b]));
    let disassociate = call(a, Operation::DisassociateMembers, ids(&[b]));
    let plain = Input::Enable { standards: Some(false), generator: None, tags: None };
    let plain = call(b, Operation::EnableSecurityHub, plain);
    let hubs = || [a, b].map(|account| call(account, Operation::EnableSecurityHub, enable(None))).to_vec();
    let close = call(MANAGEMENT, Operation::CloseAccount, one(b));
    let managed = delegated(a, b);
    vec![
        (
            rules::STANDARDS_KEPT_BY_MEMBER,
            [managed.clone(), vec![plain, standards(b), create(a, b), standards(b)]].concat(),
        ),
        (rules::ACCEPT_KEEPS_STANDARDS, [hubs(), vec![standards(b)], accepted(a, b), vec![standards(b)]].concat()),
        (rules::STANDARDS_OWN_ONLY, [hubs(), vec![standards(a)], accepted(a, b), vec![standards(a)]].concat()),
        (
            rules::LIST_SUSPENDED_LATER,
            [managed.clone(), vec![create(a, b), read.clone(), close, read.clone()]].concat(),
        ),
        (
            rules::DISASSOCIATE_CREATED,
            vec![
                call(a, Operation::EnableSecurityHub, enable(None)),
                create(a, b),
                read.clone(),
                disassociate,
                read.clone(),
            ],
        ),
        (rules::FINDINGS_OF_MEMBERS, [hubs(), accepted(a, b), vec![import(b), findings(a)]].concat()),
        (rules::FINDINGS_AS_MEMBER, [managed, vec![import(a), create(a, b), findings(b)]].concat()),
    ]
}

/// An organization of two accounts, the first of which administers it.
fn delegated(a: Account, b: Account) -> Vec<Transition> {
    let managed = |operation, input| call(MANAGEMENT, operation, input);
    vec![
        managed(Operation::CreateOrganization, Input::Empty),
        managed(Operation::CreateAccount, one(a)),
        managed(Operation::CreateAccount, one(b)),
        managed(Operation::EnableAWSServiceAccess, Input::Empty),
        managed(Operation::EnableOrganizationAdminAccount, one(a)),
    ]
}

fn create(administrator: Account, member: Account) -> Transition {
    call(administrator, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(member), None)])))
}

/// The second account becomes a member of the first by invitation.
fn accepted(a: Account, b: Account) -> Vec<Transition> {
    let invitation = Some(InvitationRef::Latest(a));
    let accept = Input::Accept { administrator: Some(a.into()), invitation };
    vec![
        create(a, b),
        call(a, Operation::InviteMembers, ids(&[b])),
        call(b, Operation::AcceptAdministratorInvitation, accept),
    ]
}
