//! Violations between the pages of a list: what one big page shows, a walk through small ones does not.

use serde_json::Value;

use super::Sabotage::Reply as Says;
use super::{faults, on_success};
use crate::server::Reply;
use passmuster_contract::domain::{Document, Input, MemberStatus, Operation, Transition};
use passmuster_contract::model::RegionState;

faults! {
    "list-invitations-loses-entries", INVITATIONS_OPEN, "An entry is lost between two pages of ListInvitations.",
        Says(|_, transition, reply| lose(transition, Operation::ListInvitations, reply));
    "standards-lose-entries", STANDARDS_OWN_ONLY, "An entry is lost between two pages of GetEnabledStandards.",
        Says(|_, transition, reply| lose(transition, Operation::GetEnabledStandards, reply));
    "findings-lose-entries", FINDINGS_OF_MEMBERS, "An entry is lost between two pages of GetFindings.",
        Says(|_, transition, reply| lose(transition, Operation::GetFindings, reply));
    "list-repeats-entries", LIST_EVERY_ENTRY, "A page of ListMembers begins with the last entry of the one before.",
        Says(|_, transition, reply| on_success(transition, Operation::ListMembers, reply, |document| {
            if let Some(from) = next(document).filter(|_| entries(document, "Members") > 1) {
                document.insert("NextToken".to_owned(), format!("from-{}", from - 1).into());
            }
        }));
    "list-omits-full-last-page", LIST_PAGE_SIZE, "A last page of ListMembers that would be full has no token.",
        Says(|before, transition, reply| {
            let all = before.list(transition.caller).filter(|(_, entry)| entry.status.is_some()).count();
            on_success(transition, Operation::ListMembers, reply, |document| {
                if next(document).is_some_and(|from| all == from + entries(document, "Members")) {
                    document.remove("NextToken");
                }
            });
        });
    "list-ends-at-empty-page", LIST_PAGE_SIZE, "A filtered list ends where a page of the whole one has none of its entries.",
        Says(end_at_empty_page);
}

/// The entry at which the next page begins.
fn next(document: &Document) -> Option<usize> {
    document.get("NextToken").and_then(Value::as_str)?.strip_prefix("from-")?.parse().ok()
}

fn entries(document: &Document, list: &str) -> usize {
    document.get(list).and_then(Value::as_array).map_or(0, Vec::len)
}

/// The last entry of a page that isn't the last one is lost.
fn lose(transition: &Transition, operation: Operation, reply: &mut Reply) {
    on_success(transition, operation, reply, |document| {
        let list = operation.paged_list().filter(|_| next(document).is_some());
        if let Some(shown) = list.and_then(|list| document.get_mut(list)).and_then(Value::as_array_mut) {
            shown.pop();
        }
    });
}

/// Pages are cut before the list is filtered, and one without entries has no token.
fn end_at_empty_page(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let Input::Page(page) = &transition.request.input else { return };
    let is_filtered = page.only_associated.as_deref() == Some("true");
    let hidden = |entry: Option<MemberStatus>| entry.is_some_and(|status| status != MemberStatus::Enabled);
    let hidden = before.list(transition.caller).filter(|(_, entry)| hidden(entry.status)).count();
    let size = page.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
    if is_filtered && hidden >= size {
        on_success(transition, Operation::ListMembers, reply, |document| drop(document.remove("NextToken")));
    }
}
