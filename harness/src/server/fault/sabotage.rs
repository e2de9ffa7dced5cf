//! The workings of faults that take more than a line.

use serde_json::{Value, json};

use super::{each, is, is_get_administrator, is_leave, on_success};
use crate::server::Reply;
use passmuster_contract::domain::{Account, Document, ErrorKind, Input, MemberStatus, Operation, Transition};
use passmuster_contract::model::{InvitationState, Learned, RegionState, rules};

/// Hubs that are on elsewhere are on here.
pub(super) fn leak_hubs(elsewhere: &RegionState, here: &mut RegionState) {
    for (account, hub) in elsewhere.hubs.iter().filter(|(_, hub)| hub.on) {
        here.hubs.entry(*account).or_insert_with(|| hub.clone());
    }
}

/// Hubs that were switched off elsewhere are off here.
pub(super) fn leak_disabling(elsewhere: &RegionState, here: &mut RegionState) {
    for (account, _) in elsewhere.hubs.iter().filter(|(_, hub)| !hub.on) {
        if let Some(hub) = here.hubs.get_mut(account) {
            hub.on = false;
        }
    }
}

/// Makes lists of other Regions hold here, too.
pub(super) fn leak_members(elsewhere: &RegionState, here: &mut RegionState) {
    for (key, entry) in elsewhere.members.iter().filter(|(_, entry)| entry.status == Some(MemberStatus::Created)) {
        here.members.entry(*key).or_insert_with(|| entry.clone());
    }
}

/// Invitations received elsewhere are received here.
pub(super) fn leak_invitations(elsewhere: &RegionState, here: &mut RegionState) {
    for (key, held) in &elsewhere.invitations {
        here.invitations.entry(*key).or_insert_with(|| held.clone());
    }
}

/// An administrator elsewhere is one here.
pub(super) fn leak_administrators(elsewhere: &RegionState, here: &mut RegionState) {
    for (member, held) in &elsewhere.administrators {
        here.administrators.entry(*member).or_insert_with(|| held.clone());
    }
}

/// `DescribeHub` refuses a hub's own ARN.
pub(super) fn refuse_own_arn(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let named = matches!(transition.request.input, Input::Describe(Some(_)));
    (named && before.is_on(transition.caller)).then_some(ErrorKind::ResourceNotFound)
}

/// A member's own setting is shown in place of its administrator's.
pub(super) fn show_own_generator(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let Some(administrator) = before.administrator(transition.caller) else { return };
    let hub = |account| before.hubs.get(account).and_then(|hub| hub.generator.seen());
    let theirs = hub(&administrator).map_or("SECURITY_CONTROL", String::as_str);
    let other = if theirs == "SECURITY_CONTROL" { "STANDARD_CONTROL" } else { "SECURITY_CONTROL" };
    on_success(transition, Operation::DescribeHub, reply, |document| {
        document.insert("ControlFindingGenerator".to_owned(), other.into());
    });
}

/// An account with entries on its list keeps its hub, even where none is enabled.
pub(super) fn refuse_disabling_with_list(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let listed = before.list(transition.caller).any(|(_, entry)| entry.status.is_some());
    let refused = is(transition, Operation::DisableSecurityHub) && before.is_on(transition.caller) && listed;
    refused.then_some(ErrorKind::InvalidInput)
}

/// Refuses addresses that are not verified.
pub(super) fn refuse_emails(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let Input::Create(Some(details)) = &transition.request.input else { return None };
    let given = details.iter().any(|detail| detail.email.as_ref().is_some_and(|email| email.contains('@')));
    (given && before.is_on(transition.caller)).then_some(ErrorKind::InvalidInput)
}

/// The limit on entries is off by one.
pub(super) fn refuse_fifty(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let Input::Create(Some(details)) = &transition.request.input else { return None };
    (details.len() == 50 && before.is_on(transition.caller)).then_some(ErrorKind::InvalidInput)
}

/// A list that names the caller beside others is refused as a whole.
pub(super) fn refuse_mixed(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let named = transition.request.named_accounts();
    let mixed = named.contains(&transition.caller) && named.iter().any(|account| *account != transition.caller);
    let refused = is(transition, Operation::CreateMembers) && mixed && before.is_on(transition.caller);
    refused.then_some(ErrorKind::ResourceConflict)
}

/// Reading an account that is on no list is denied.
pub(super) fn deny_unknown(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let caller = transition.caller;
    let unknown = |account: &Account| !before.members.contains_key(&(caller, *account));
    let refused = is(transition, Operation::GetMembers)
        && before.is_on(caller)
        && transition.request.named_accounts().iter().any(unknown);
    refused.then_some(ErrorKind::AccessDenied)
}

/// `GetMembers` goes on showing what was deleted.
pub(super) fn show_deleted(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    let gone = |account: &Account| {
        let entry = before.members.get(&(caller, *account));
        entry.is_some_and(|entry| entry.status.is_none() && rules::is_deletion(entry.because.0))
    };
    let mut deleted = transition.request.named_accounts();
    deleted.retain(gone);
    deleted.dedup();
    on_success(transition, Operation::GetMembers, reply, |document| {
        push(document, "Members", deleted.into_iter().map(|member| entry(caller, member, "Created")));
    });
}

/// An empty list shows the caller itself.
pub(super) fn list_self(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    if before.administrator(caller).is_some() || before.list(caller).any(|(_, entry)| entry.status.is_some()) {
        return;
    }
    on_success(transition, Operation::ListMembers, reply, |document| {
        push(document, "Members", [entry(caller, caller, "Enabled")]);
    });
}

/// A member is shown its administrator's list.
pub(super) fn list_as_member(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let Some(administrator) = before.administrator(transition.caller) else { return };
    let members = before.list(administrator).filter(|(_, held)| held.status == Some(MemberStatus::Enabled));
    let entries: Vec<Value> = members.map(|(member, _)| entry(administrator, member, "Enabled")).collect();
    on_success(transition, Operation::ListMembers, reply, |document| push(document, "Members", entries));
}

/// Every administrator is shown everybody's members.
pub(super) fn list_everybodys(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    let others = before.members.iter().filter(|((administrator, member), entry)| {
        *administrator != caller && entry.status.is_some() && !before.members.contains_key(&(caller, *member))
    });
    let mut members: Vec<Account> = others.map(|((_, member), _)| *member).collect();
    members.sort_unstable();
    members.dedup();
    let listed = before.list(caller).any(|(_, entry)| entry.status.is_some());
    if listed {
        on_success(transition, Operation::ListMembers, reply, |document| {
            push(document, "Members", members.into_iter().map(|member| entry(caller, member, "Created")));
        });
    }
}

/// Every account is shown everybody's invitations.
pub(super) fn list_everybodys_invitations(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    let others = before.invitations.iter().filter(|((invitee, inviter), held)| {
        *invitee != caller
            && held.state == Some(InvitationState::Open)
            && !before.invitations.contains_key(&(caller, *inviter))
    });
    let mut inviters: Vec<Account> = others.map(|((_, inviter), _)| *inviter).collect();
    inviters.sort_unstable();
    inviters.dedup();
    let entries = inviters.into_iter().map(|inviter| {
        json!({ "AccountId": inviter.to_string(), "InvitationId": "0123456789abcdef0123456789abcdef",
            "InvitedAt": "2018-11-28T22:14:06.770Z", "MemberStatus": "Invited" })
    });
    on_success(transition, Operation::ListInvitations, reply, |document| push(document, "Invitations", entries));
}

/// Shows each account the administrator that some account has.
pub(super) fn show_anybodys_administrator(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    let alone = before.administrator(caller).is_none() && before.list(caller).next().is_none();
    let anybodys = before.administrators.values().find_map(|held| held.account);
    if let Some(account) = anybodys.filter(|account| *account != caller)
        && alone
        && is_get_administrator(transition)
        && let Reply::Success(document) = reply
    {
        document.insert(member_name(transition).to_owned(), administrator(account));
    }
}

/// `GetAdministratorAccount` goes on showing an administrator that has removed the caller.
pub(super) fn show_former_administrator(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    let removed = before
        .members
        .iter()
        .find(|((_, member), entry)| *member == caller && entry.status == Some(MemberStatus::Removed));
    if let Some(((account, _), _)) = removed
        && before.administrator(caller).is_none()
    {
        on_success(transition, Operation::GetAdministratorAccount, reply, |document| {
            document.insert("Administrator".to_owned(), administrator(*account));
        });
    }
}

/// An account with a list is shown as its own administrator.
pub(super) fn show_itself(before: &RegionState, transition: &Transition, reply: &mut Reply) {
    let caller = transition.caller;
    let listed = before.list(caller).any(|(_, entry)| entry.status.is_some());
    if listed
        && before.administrator(caller).is_none()
        && is_get_administrator(transition)
        && let Reply::Success(document) = reply
    {
        document.insert(member_name(transition).to_owned(), administrator(caller));
    }
}

/// The administrator is shown with an id that no invitation has.
pub(super) fn show_other_id(_: &RegionState, transition: &Transition, reply: &mut Reply) {
    if is_get_administrator(transition)
        && let Reply::Success(document) = reply
    {
        for shown in document.values_mut() {
            shown["InvitationId"] = json!("0123456789abcdef0123456789abcdef");
        }
    }
}

/// Disassociating is refused where the member is merely invited.
pub(super) fn refuse_disassociating_invited(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let caller = transition.caller;
    let invited = |account: &Account| before.status(caller, *account) == Some(MemberStatus::Invited);
    let refused = is(transition, Operation::DisassociateMembers)
        && before.is_on(caller)
        && transition.request.named_accounts().iter().any(invited);
    refused.then_some(ErrorKind::InvalidInput)
}

/// An open invitation can't be accepted by the deprecated operation.
pub(super) fn refuse_old_way(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let caller = transition.caller;
    let refused = is(transition, Operation::AcceptInvitation)
        && before.is_on(caller)
        && before.received(caller).any(|(_, held)| held.state == Some(InvitationState::Open));
    refused.then(|| ErrorKind::Other("MethodNotAllowedException".to_owned()))
}

/// Invitations at this stage can't be deleted, and the whole request fails.
pub(super) fn refuse_deletion(
    before: &RegionState,
    transition: &Transition,
    state: InvitationState,
) -> Option<ErrorKind> {
    let named = transition.request.named_accounts();
    let refused = is(transition, Operation::DeleteInvitations)
        && before.is_on(transition.caller)
        && before
            .received(transition.caller)
            .any(|(inviter, held)| held.state == Some(state) && named.contains(&inviter));
    refused.then_some(ErrorKind::ResourceConflict)
}

/// Having received no invitation is an error.
pub(super) fn refuse_empty_invitations(before: &RegionState, transition: &Transition) -> Option<ErrorKind> {
    let caller = transition.caller;
    let refused = is(transition, Operation::ListInvitations)
        && before.is_on(caller)
        && before.received(caller).all(|(_, held)| held.state.is_none());
    refused.then_some(ErrorKind::ResourceNotFound)
}

/// Invitations that have come to this are not listed.
pub(super) fn hide_invitations(
    before: &RegionState,
    transition: &Transition,
    reply: &mut Reply,
    state: InvitationState,
) {
    on_success(transition, Operation::ListInvitations, reply, |document| {
        let Some(list) = document.get_mut("Invitations").and_then(Value::as_array_mut) else { return };
        list.retain(|entry| {
            let inviter = entry.get("AccountId").and_then(Value::as_str).and_then(Account::from_digits);
            let held = inviter.and_then(|inviter| before.invitations.get(&(transition.caller, inviter)));
            held.is_none_or(|held| held.state != Some(state))
        });
    });
}

/// `InvitedAt` is an instant before `UpdatedAt`.
pub(super) fn stamp_early(_: &RegionState, _: &Transition, reply: &mut Reply) {
    each(reply, "Members", |entry| {
        if entry.contains_key("InvitedAt") {
            entry.insert("InvitedAt".to_owned(), json!("2018-11-28T22:14:06.770Z"));
        }
    });
}

/// Inviting forgets the email address.
pub(super) fn forget_email(_: &RegionState, after: &mut RegionState, transition: &Transition) {
    if !is(transition, Operation::InviteMembers) {
        return;
    }
    for member in transition.request.named_accounts() {
        if let Some(entry) = after.members.get_mut(&(transition.caller, member)) {
            entry.email = Learned::Is(None);
        }
    }
}

/// A status that a call has just given turns into another.
pub(super) fn turn_into(before: &RegionState, after: &mut RegionState, given: MemberStatus, wrong: MemberStatus) {
    for (key, entry) in &mut after.members {
        let old = before.members.get(key).and_then(|old| old.status);
        if entry.status == Some(given) && old != Some(given) {
            entry.status = Some(wrong);
        }
    }
}

/// A member that leaves keeps its administrator.
pub(super) fn keep_left_administrator(before: &RegionState, after: &mut RegionState, transition: &Transition) {
    if is_leave(transition) {
        after.administrators.clone_from(&before.administrators);
    }
}

/// The last entry of a page that isn't the last page is lost.
pub(super) fn lose_between_pages(_: &RegionState, transition: &Transition, reply: &mut Reply) {
    on_success(transition, Operation::ListMembers, reply, |document| {
        let more =
            document.get("NextToken").is_some_and(|token| token.as_str().is_some_and(|text| !text.is_empty()));
        if let Some(list) = document.get_mut("Members").and_then(Value::as_array_mut).filter(|_| more) {
            list.pop();
        }
    });
}

/// Whether the account is named with an email address.
pub(super) fn has_email(before: &RegionState, administrator: Account, member: Account) -> bool {
    let entry = before.members.get(&(administrator, member));
    entry.is_some_and(|entry| entry.email.seen().is_some_and(Option::is_some))
}

fn member_name(transition: &Transition) -> &'static str {
    if is(transition, Operation::GetMasterAccount) { "Master" } else { "Administrator" }
}

fn administrator(account: Account) -> Value {
    json!({ "AccountId": account.to_string(), "InvitationId": "0123456789abcdef0123456789abcdef",
        "InvitedAt": "2018-11-28T22:14:06.770Z", "MemberStatus": "Enabled" })
}

fn entry(administrator: Account, member: Account, status: &str) -> Value {
    json!({ "AccountId": member.to_string(), "AdministratorId": administrator.to_string(),
        "MasterId": administrator.to_string(), "MemberStatus": status, "UpdatedAt": "2018-11-28T22:14:06.770Z" })
}

fn push(document: &mut Document, list: &str, entries: impl IntoIterator<Item = Value>) {
    if let Some(shown) = document.get_mut(list).and_then(Value::as_array_mut) {
        shown.extend(entries);
    }
}
