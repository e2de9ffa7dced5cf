//! The stages of cases: who has a hub, who is on whose list, who belongs to an organization.

use crate::MANAGEMENT;
use crate::alphabet::{call, detail, enable, ids, one};
use passmuster_contract::domain::{
    Account, AccountDetail, Input, InvitationRef, Operation, Page, Region, Request, Transition,
};

/// Who administers.
pub(super) const A: Account = Account(1);
/// Whom it invites.
pub(super) const B: Account = Account(2);
/// Another administrator.
pub(super) const C: Account = Account(3);
/// A third one.
pub(super) const D: Account = Account(4);

/// The sizes of a batch that are tried.
pub(super) const BATCH: usize = 50;

/// The account's hub is switched on.
pub(super) fn hub(account: Account) -> Transition {
    call(account, Operation::EnableSecurityHub, enable(None))
}

pub(super) fn create(administrator: Account, members: &[Account]) -> Transition {
    let details: Vec<AccountDetail> = members.iter().map(|member| detail(Some(*member), None)).collect();
    call(administrator, Operation::CreateMembers, Input::Create(Some(details)))
}

pub(super) fn invite(administrator: Account, member: Account) -> Transition {
    call(administrator, Operation::InviteMembers, ids(&[member]))
}

pub(super) fn accept(member: Account, administrator: Account) -> Transition {
    let invitation = Some(InvitationRef::Latest(administrator));
    let input = Input::Accept { administrator: Some(administrator.into()), invitation };
    call(member, Operation::AcceptAdministratorInvitation, input)
}

/// As many accounts as wanted that never call. None of them is the management account, or has an id with a leading zero.
pub(super) fn crowd(count: usize) -> Vec<Account> {
    (100..200).chain(50..98).map(Account).take(count).collect()
}

/// The administrator has these many accounts on its list.
pub(super) fn listed(count: usize) -> Vec<Transition> {
    let creates = crowd(count);
    [hub(A)].into_iter().chain(creates.chunks(BATCH).map(|members| create(A, members))).collect()
}

/// The administrator has invited the member, which has seen the invitation.
pub(super) fn invited() -> Vec<Transition> {
    vec![hub(A), hub(B), create(A, &[B]), invite(A, B), list_invitations(B)]
}

/// The member has accepted.
pub(super) fn joined() -> Vec<Transition> {
    [invited(), vec![accept(B, A)]].concat()
}

/// An organization with two accounts that trusts the service.
pub(super) fn organization() -> Vec<Transition> {
    vec![
        call(MANAGEMENT, Operation::CreateOrganization, Input::Empty),
        call(MANAGEMENT, Operation::CreateAccount, one(A)),
        call(MANAGEMENT, Operation::CreateAccount, one(B)),
        call(MANAGEMENT, Operation::EnableAWSServiceAccess, Input::Empty),
    ]
}

/// An organization whose delegated administrator is the first account.
pub(super) fn delegated() -> Vec<Transition> {
    let designate = call(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(A));
    [organization(), vec![designate]].concat()
}

/// Everybody on the account's list.
pub(super) fn everybody(administrator: Account) -> Transition {
    let page = Page { only_associated: Some("false".to_owned()), ..Page::default() };
    call(administrator, Operation::ListMembers, Input::Page(page))
}

pub(super) fn get(administrator: Account, member: Account) -> Transition {
    call(administrator, Operation::GetMembers, ids(&[member]))
}

pub(super) fn describe(account: Account) -> Transition {
    call(account, Operation::DescribeHub, Input::Describe(None))
}

pub(super) fn list_invitations(account: Account) -> Transition {
    read(account, Operation::ListInvitations)
}

/// A paged read without arguments.
pub(super) fn read(account: Account, operation: Operation) -> Transition {
    call(account, operation, Input::Page(Page::default()))
}

/// A read without input.
pub(super) fn look(account: Account, operation: Operation) -> Transition {
    Transition { caller: account, region: Region(0), request: Request::empty(operation) }
}

/// A call whose members are sent as they stand here.
pub(super) fn open(caller: Account, operation: Operation, members: &serde_json::Value) -> Transition {
    call(caller, operation, Input::Open(members.to_string()))
}
