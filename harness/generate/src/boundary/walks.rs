//! Walks through lists page by page, with every size of page, where the length of the list is at an edge.

use super::Cases;
use super::findings::import;
use super::stage::{
    A, B, C, D, accept, create, crowd, delegated, hub, invite, list_invitations, listed, organization,
};
use crate::MANAGEMENT;
use crate::alphabet::{call, ids};
use passmuster_contract::domain::{Account, Input, Operation, Page, Transition};

/// Lengths at the edges of a full page and of two.
const LENGTHS: [usize; 5] = [49, 50, 51, 100, 101];

pub(super) fn add(cases: &mut Cases<'_>) {
    short(cases);
    filtered(cases);
    for length in LENGTHS {
        for size in 1..=50 {
            let form = format!("pages/members-{length}/size-{size}");
            let everybody = Some("false".to_owned());
            cases.add(&form, &listed(length), walk(A, Operation::ListMembers, size, everybody), &[]);
        }
    }
    let mut stage = vec![hub(A)];
    for (count, inviter) in [B, C, D].into_iter().enumerate() {
        stage.extend([hub(inviter), create(inviter, &[A]), invite(inviter, A)]);
        for size in [1, 2, 3, 4, 50] {
            let form = format!("pages/invitations-{}/size-{size}", count + 1);
            let list = walk(A, Operation::ListInvitations, size, None);
            cases.add(&form, &stage, list, &[list_invitations(A)]);
        }
    }
    for size in 1..=10 {
        let form = format!("pages/administrators-1/size-{size}");
        let list = walk(MANAGEMENT, Operation::ListOrganizationAdminAccounts, size, None);
        cases.add(&form, &delegated(), list, &[]);
    }
    for size in [1, 2, 3, 100] {
        let list = walk(A, Operation::GetEnabledStandards, size, None);
        cases.add(&format!("pages/standards-2/size-{size}"), &[hub(A)], list, &[]);
    }
    for length in [99, 100] {
        for size in [1, 50, 99, 100] {
            let form = format!("pages/findings-{length}/size-{size}");
            let stage = [hub(A), import(A, length)];
            cases.add(&form, &stage, walk(A, Operation::GetFindings, size, None), &[]);
        }
    }
}

/// Lists without an entry, and of three: a page has one less than all, all, or one more.
fn short(cases: &mut Cases<'_>) {
    let everybody = || Some("false".to_owned());
    let nobody = walk(A, Operation::ListMembers, 1, everybody());
    cases.add("pages/members-0/size-1", &[hub(A)], nobody, &[]);
    for operation in [Operation::ListInvitations, Operation::GetFindings] {
        let name = if operation == Operation::GetFindings { "findings" } else { "invitations" };
        cases.add(&format!("pages/{name}-0/size-1"), &[hub(A)], walk(A, operation, 1, None), &[]);
    }
    let none = walk(MANAGEMENT, Operation::ListOrganizationAdminAccounts, 1, None);
    cases.add("pages/administrators-0/size-1", &organization(), none, &[]);
    for size in 1..=4 {
        let list = walk(A, Operation::ListMembers, size, everybody());
        cases.add(&format!("pages/members-3/size-{size}"), &listed(3), list, &[]);
        let found = walk(A, Operation::GetFindings, size, None);
        cases.add(&format!("pages/findings-3/size-{size}"), &[hub(A), import(A, 3)], found, &[]);
    }
}

/// Three members among five accounts: a server that cuts pages before it filters them has some without an entry.
fn filtered(cases: &mut Cases<'_>) {
    let members = [B, C, D];
    let mut stage: Vec<Transition> = [A, B, C, D].map(hub).to_vec();
    let strangers = crowd(2);
    stage.push(create(A, &[strangers[0], B, strangers[1], C, D]));
    stage.push(call(A, Operation::InviteMembers, ids(&members)));
    for member in members {
        stage.extend([list_invitations(member), accept(member, A)]);
    }
    for (name, flag, size) in [
        ("associated", Some("true"), 1),
        ("associated", Some("true"), 2),
        ("associated", Some("true"), 3),
        ("by-default", None, 2),
        ("everybody", Some("false"), 2),
    ] {
        let list = walk(A, Operation::ListMembers, size, flag.map(str::to_owned));
        cases.add(&format!("pages/members-5-{name}/size-{size}"), &stage, list, &[]);
    }
}

/// The read, followed to its last page by its caller.
fn walk(caller: Account, operation: Operation, size: i64, only_associated: Option<String>) -> Transition {
    let page = Page { only_associated, max_results: Some(size), next_token: None };
    call(caller, operation, Input::Page(page))
}
