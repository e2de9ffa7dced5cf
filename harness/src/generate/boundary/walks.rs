//! Walks through lists page by page, with every size of page, where the length of the list is at an edge.

use super::Cases;
use super::findings::import;
use super::stage::{A, B, C, D, create, delegated, hub, invite, list_invitations, listed};
use crate::generate::MANAGEMENT;
use crate::generate::alphabet::call;
use passmuster_contract::domain::{Account, Input, Operation, Page, Transition};

/// Lengths at the edges of a full page and of two.
const LENGTHS: [usize; 5] = [49, 50, 51, 100, 101];

pub(super) fn add(cases: &mut Cases<'_>) {
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

/// The read, followed to its last page by its caller.
fn walk(caller: Account, operation: Operation, size: i64, only_associated: Option<String>) -> Transition {
    let page = Page { only_associated, max_results: Some(size), next_token: None };
    call(caller, operation, Input::Page(page))
}
