//! Violations in hubs, lists of members, invitations, and what a member sees of its administrator.

use serde_json::{Value, json};

use super::Sabotage::{
    Ignores, Leak as Leaks, Refusal as Refuses, Reply as Says, Request as Reads, State as Keeps,
};
use super::{
    each, faults, is, is_accept, is_get_administrator, is_leave, keep_deleted, on_error, on_success, refusal,
    refuse_entries, sabotage,
};
use crate::server::Reply;
use passmuster_contract::domain::{ErrorKind, Input, MemberStatus, Operation, Region};
use passmuster_contract::model::InvitationState;

faults! {
    "enable-twice", ENABLE_TWICE, "EnableSecurityHub succeeds where the hub is on.", Ignores;
    "enable-conflict-status", ENABLE_TWICE, "The conflict of enabling twice has status 400.",
        Says(|_, transition, reply| on_error(transition, Operation::EnableSecurityHub, reply, |error| error.status = 400));
    "enable-has-no-effect", ENABLE_SWITCHES_ON, "EnableSecurityHub answers 200 and leaves the hub off.",
        Keeps(|before, after, transition| if is(transition, Operation::EnableSecurityHub) { after.hubs.clone_from(&before.hubs) });
    "enable-any-tags", ENABLE_TAGS, "EnableSecurityHub takes an empty map of tags.", Ignores;
    "enable-any-generator", ENABLE_UNKNOWN_GENERATOR, "EnableSecurityHub takes an unknown ControlFindingGenerator.", Ignores;
    "describe-off", DESCRIBE_WITHOUT_HUB, "DescribeHub answers 200 while the hub is off.", Ignores;
    "describe-off-not-found", DESCRIBE_WITHOUT_HUB, "DescribeHub answers ResourceNotFoundException while the hub is off.",
        Says(|_, transition, reply| on_error(transition, Operation::DescribeHub, reply, |error| error.kind = ErrorKind::ResourceNotFound));
    "describe-foreign", DESCRIBE_FOREIGN_ARN, "DescribeHub answers for the ARN of another account's hub.", Ignores;
    "describe-bare-arn", WIRE_HUB_ARNS, "HubArn lacks the Region.",
        Says(|_, transition, reply| on_success(transition, Operation::DescribeHub, reply, |document| {
            document.insert("HubArn".to_owned(), json!("arn:aws:securityhub:::hub/default"));
        }));
    "describe-epoch", DESCRIBE_HUB, "SubscribedAt is a number of seconds.",
        Says(|_, transition, reply| on_success(transition, Operation::DescribeHub, reply, |document| {
            document.insert("SubscribedAt".to_owned(), json!(1_543_443_246));
        }));
    "configure-as-member", UPDATE_GENERATOR_AS_MEMBER, "A member changes ControlFindingGenerator.", Ignores;
    "disable-as-member", DISABLE_AS_INVITATION_MEMBER, "DisableSecurityHub succeeds for an enabled member.", Ignores;
    "disable-with-members", DISABLE_AS_ADMINISTRATOR, "DisableSecurityHub succeeds for an administrator with enabled members.", Ignores;
    "disable-has-no-effect", DISABLE_STANDALONE, "DisableSecurityHub answers 200 and leaves the hub on.",
        Keeps(|before, after, transition| if is(transition, Operation::DisableSecurityHub) { *after = before.clone() });
    "one-region", ENABLE_ONE_REGION, "All Regions share one state.", Reads(|transition| transition.region = Region(0));
    "hub-leaks", ENABLE_ONE_REGION, "A hub that is switched on is on in every Region.", Leaks(sabotage::leak_hubs);
    "disable-leaks", DISABLE_ONE_REGION, "A hub that is switched off is off in every Region.", Leaks(sabotage::leak_disabling);
    "members-leak", CREATE_ONE_REGION, "Created members are listed in every Region.", Leaks(sabotage::leak_members);
    "invitations-leak", REGIONS_APART, "Invitations are listed in every Region.", Leaks(sabotage::leak_invitations);
    "administrator-leaks", REGIONS_APART, "A member has its administrator in every Region.", Leaks(sabotage::leak_administrators);
    "describe-own-arn", DESCRIBE_OWN_ARN, "DescribeHub refuses the caller's own ARN.", Refuses(sabotage::refuse_own_arn);
    "describe-own-generator", DESCRIBE_GENERATOR_OF_MEMBER, "A member shows another ControlFindingGenerator than its administrator.", Says(sabotage::show_own_generator);
    "configure-hub-off", OTHER_CALLS_WITHOUT_HUB, "UpdateSecurityHubConfiguration works while the hub is off.", Ignores;
    "disable-with-list", DISABLE_WITHOUT_ENABLED_MEMBERS, "An administrator without enabled members can't disable its hub.", Refuses(sabotage::refuse_disabling_with_list);

    "create-hub-off", CREATE_WITHOUT_HUB, "CreateMembers works while the hub is off.", Ignores;
    "create-self", CREATE_SELF, "An account can be put on its own list.", Ignores;
    "create-again", CREATE_LISTED, "CreateMembers starts an existing entry anew.", Ignores;
    "create-empty", CREATE_LIST_EMPTY, "CreateMembers takes an empty list.", Ignores;
    "create-nothing", CREATE_LIST_MISSING, "CreateMembers takes a request without AccountDetails.", Ignores;
    "create-too-many", CREATE_TOO_MANY, "CreateMembers takes 51 entries.", Ignores;
    "create-nameless", CREATE_ID_MISSING, "CreateMembers takes an entry without AccountId.", Ignores;
    "create-blank-email", CREATE_BLANK_EMAIL, "CreateMembers takes a blank Email.", Ignores;
    "create-as-member", CREATE_AS_MEMBER, "An enabled member creates members of its own.", Ignores;
    "create-not-stored", CREATE_NEW, "CreateMembers reports success and stores nothing.",
        Keeps(|before, after, transition| if is(transition, Operation::CreateMembers) { after.members.clone_from(&before.members) });
    "create-drops-email", CREATE_KEEPS_EMAIL, "Email is forgotten.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("Email"); }));
    "create-remembers", CREATE_DELETED, "A deleted account can't be created again.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::CreateMembers, |before, caller, member| {
            before.members.get(&(caller, member)).is_some_and(|entry| entry.status.is_none())
        }));
    "create-needs-hub", CREATE_ANY_ACCOUNT, "Only accounts whose hub is on can be created.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::CreateMembers, |before, _, member| !before.is_on(member)));
    "create-checks-email", CREATE_UNVERIFIED_EMAIL, "CreateMembers refuses addresses that nobody has verified.", Refuses(sabotage::refuse_emails);
    "create-forty-nine", CREATE_FIFTY, "CreateMembers refuses 50 entries.", Refuses(sabotage::refuse_fifty);
    "create-all-or-nothing", CREATE_MIXED_BATCH, "CreateMembers refuses a mixed list as a whole.", Refuses(sabotage::refuse_mixed);
    "get-unknown-denied", GET_UNKNOWN, "GetMembers is denied for an account that is on no list.", Refuses(sabotage::deny_unknown);
    "get-deleted", GET_DELETED, "GetMembers goes on showing what was deleted.", Says(sabotage::show_deleted);
    "get-nothing", GET_LIST_MISSING, "GetMembers takes a request without AccountIds.", Ignores;
    "get-no-administrator", WIRE_ADMINISTRATOR_TWICE, "Entries have no AdministratorId.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("AdministratorId"); }));
    "get-hub-off", GET_WITHOUT_HUB, "GetMembers works while the hub is off.", Ignores;
    "get-omits", GET_PARTICULARS, "GetMembers never finds an account.",
        Says(|_, transition, reply| on_success(transition, Operation::GetMembers, reply, |document| {
            document.insert("Members".to_owned(), json!([]));
        }));
    "get-no-updated-at", GET_PARTICULARS, "Entries have no UpdatedAt.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("UpdatedAt"); }));
    "get-epochs", WIRE_TIMESTAMPS, "UpdatedAt is a number of seconds.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.insert("UpdatedAt".to_owned(), json!(1_543_443_246)); }));
    "get-no-master", WIRE_ADMINISTRATOR_TWICE, "Entries have no MasterId.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("MasterId"); }));
    "get-upper-case", WIRE_MEMBER_STATUSES, "MemberStatus is in upper case.",
        Says(|_, _, reply| each(reply, "Members", |entry| {
            let upper = entry.get("MemberStatus").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
            entry.insert("MemberStatus".to_owned(), upper.into());
        }));
    "list-hub-off", LIST_WITHOUT_HUB, "ListMembers works while the hub is off.", Ignores;
    "list-everything", LIST_ENABLED_ONLY, "ListMembers lists every entry where OnlyAssociated is absent.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && transition.request.operation == Operation::ListMembers && page.only_associated.is_none() {
            page.only_associated = Some("false".to_owned());
        });
    "list-true-as-false", LIST_DEFAULT_FILTER, "ListMembers lists every entry where OnlyAssociated is true.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && page.only_associated.as_deref() == Some("true") {
            page.only_associated = Some("false".to_owned());
        });
    "list-false-as-true", LIST_EVERY_ENTRY, "ListMembers lists enabled members only, whatever OnlyAssociated says.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && page.only_associated.as_deref() == Some("false") {
            page.only_associated = None;
        });
    "list-any-size", LIST_PAGE_SIZE_BOUNDS, "ListMembers takes a MaxResults outside 1 to 50.", Ignores;
    "list-whole-pages", LIST_PAGE_SIZE, "ListMembers ignores MaxResults.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && transition.request.operation == Operation::ListMembers
            && page.max_results.is_some_and(|size| (1..=50).contains(&size)) {
            page.max_results = None;
        });
    "list-loses-entries", LIST_EVERY_ENTRY, "An entry is lost between two pages of ListMembers.", Says(sabotage::lose_between_pages);
    "list-self", LIST_WITHOUT_MEMBERS, "An account without members is listed as its own.", Says(sabotage::list_self);
    "list-as-member", LIST_AS_MEMBER, "A member is shown its administrator's list.", Says(sabotage::list_as_member);
    "list-everybodys", LIST_EVERY_ENTRY, "Every administrator is shown everybody's members.", Says(sabotage::list_everybodys);
    "delete-hub-off", DELETE_WITHOUT_HUB, "DeleteMembers works while the hub is off.", Ignores;
    "delete-enabled", DELETE_ENABLED, "DeleteMembers deletes an enabled member.", Ignores;
    "delete-keeps-created", DELETE_CREATED, "DeleteMembers keeps entries that are Created.",
        Keeps(|before, after, transition| keep_deleted(before, after, transition, &[MemberStatus::Created]));
    "delete-keeps-invited", DELETE_INVITED, "DeleteMembers keeps entries that are Invited.",
        Keeps(|before, after, transition| keep_deleted(before, after, transition, &[MemberStatus::Invited]));
    "delete-keeps-removed", DELETE_REMOVED, "DeleteMembers keeps entries that are Removed or Resigned.",
        Keeps(|before, after, transition| keep_deleted(before, after, transition, &[MemberStatus::Removed, MemberStatus::Resigned]));
    "disassociate-hub-off", DISASSOCIATE_WITHOUT_HUB, "DisassociateMembers works while the hub is off.", Ignores;
    "disassociate-has-no-effect", DISASSOCIATE_ENABLED, "DisassociateMembers leaves the member enabled.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) { *after = before.clone() });
    "disassociate-one-sided", DISASSOCIATE_ENABLED, "A removed member keeps its administrator.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) {
            after.administrators.clone_from(&before.administrators);
        });
    "disassociate-created", DISASSOCIATE_CREATED, "DisassociateMembers turns Created into Removed.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) {
            for ((administrator, member), entry) in &before.members {
                let named = transition.caller == *administrator && transition.request.named_accounts().contains(member);
                if named && entry.status == Some(MemberStatus::Created)
                    && let Some(entry) = after.members.get_mut(&(*administrator, *member)) {
                    entry.status = Some(MemberStatus::Removed);
                }
            }
        });
    "disassociate-invited-refused", DISASSOCIATE_INVITED, "DisassociateMembers refuses an invited account.", Refuses(sabotage::refuse_disassociating_invited);
    "disassociate-as-resigned", DISASSOCIATE_ENABLED, "A removed member is shown as Resigned.",
        Keeps(|before, after, _| sabotage::turn_into(before, after, MemberStatus::Removed, MemberStatus::Resigned));

    "invite-everybody", INVITE_FIFTY, "InviteMembers processes 51 ids.", Ignores;
    "invite-hub-off", INVITE_WITHOUT_HUB, "InviteMembers works while the hub is off.", Ignores;
    "invite-uncreated", INVITE_UNCREATED, "InviteMembers invites an account that was never created.", Ignores;
    "invite-again", INVITE_INVITED, "InviteMembers invites an invited account again.", Ignores;
    "invite-enabled", INVITE_ENABLED, "InviteMembers invites an enabled member.", Ignores;
    "invite-as-member", INVITE_AS_MEMBER, "An enabled member invites others.", Ignores;
    "invite-not-delivered", INVITE_WITHOUT_EMAIL, "The invitation never reaches the invitee.",
        Keeps(|before, after, transition| if is(transition, Operation::InviteMembers) { after.invitations.clone_from(&before.invitations) });
    "invite-stays-created", INVITE_WITHOUT_EMAIL, "An invited account stays Created.",
        Keeps(|before, after, transition| if is(transition, Operation::InviteMembers) { after.members.clone_from(&before.members) });
    "invite-needs-email", INVITE_WITHOUT_EMAIL, "An account without Email can't be invited.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.members.get(&(caller, member)).is_some_and(|entry| entry.status.is_some() && entry.email.seen() == Some(&None))
        }));
    "invite-not-after-removal", INVITE_REMOVED, "A removed member can't be invited again.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.status(caller, member) == Some(MemberStatus::Removed)
        }));
    "invite-refuses-email", INVITE_CREATED, "An account with an Email can't be invited.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.status(caller, member) == Some(MemberStatus::Created) && sabotage::has_email(before, caller, member)
        }));
    "invite-needs-hub", INVITE_ANY_ACCOUNT, "Only accounts whose hub is on can be invited.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.status(caller, member).is_some() && !before.is_on(member)
        }));
    "invite-stamps-early", INVITE_INSTANTS, "InvitedAt is an instant before UpdatedAt.", Says(sabotage::stamp_early);
    "invite-forgets-email", CREATE_KEEPS_EMAIL, "InviteMembers forgets the Email.", Keeps(sabotage::forget_email);
    "list-invitations-hub-off", INVITATIONS_WITHOUT_HUB, "ListInvitations works while the hub is off.", Ignores;
    "list-invitations-any-size", WIRE_PAGE_BOUNDS, "ListInvitations takes a MaxResults outside 1 to 50.", Ignores;
    "list-invitations-empty", INVITATIONS_NONE, "Having received no invitation is an error.", Refuses(sabotage::refuse_empty_invitations);
    "list-invitations-everybodys", INVITATIONS_NONE, "Every account is shown everybody's invitations.", Says(sabotage::list_everybodys_invitations);
    "list-invitations-declined", INVITATIONS_DECLINED, "A declined invitation isn't listed any more.",
        Says(|before, transition, reply| sabotage::hide_invitations(before, transition, reply, InvitationState::Declined));
    "list-invitations-left", INVITATIONS_AFTER_LEAVING, "The invitation of an administrator that was left isn't listed any more.",
        Says(|before, transition, reply| sabotage::hide_invitations(before, transition, reply, InvitationState::Left));
    "invitation-uuid", WIRE_INVITATION_IDS, "InvitationId is a UUID with hyphens.",
        Says(|_, transition, reply| if is(transition, Operation::ListInvitations) {
            each(reply, "Invitations", |entry| {
                let id = entry.get("InvitationId").and_then(Value::as_str).unwrap_or_default().to_owned();
                if let (Some(head), Some(tail)) = (id.get(..8), id.get(8..)) {
                    entry.insert("InvitationId".to_owned(), format!("{head}-{tail}").into());
                }
            });
        });
    "invitation-pending", INVITATIONS_OPEN, "An open invitation is listed as INVITED.",
        Says(|_, transition, reply| if is(transition, Operation::ListInvitations) {
            each(reply, "Invitations", |entry| {
                if entry.get("MemberStatus") == Some(&json!("Invited")) {
                    entry.insert("MemberStatus".to_owned(), "INVITED".into());
                }
            });
        });
    "count-accepted", INVITATIONS_COUNT, "GetInvitationsCount counts accepted invitations.",
        Says(|before, transition, reply| on_success(transition, Operation::GetInvitationsCount, reply, |document| {
            let accepted = before.received(transition.caller).filter(|(_, held)| held.state == Some(InvitationState::Accepted)).count();
            let count = document.get("InvitationsCount").and_then(Value::as_u64).unwrap_or(0);
            document.insert("InvitationsCount".to_owned(), json!(count + u64::try_from(accepted).unwrap_or(0)));
        }));
    "accept-hub-off", ACCEPT_WITHOUT_HUB, "An invitation can be accepted while the hub is off.", Ignores;
    "accept-nothing", ACCEPT_UNKNOWN, "Accepting succeeds without an invitation.", Ignores;
    "accept-any-id", ACCEPT_WRONG_ID, "Accepting succeeds with any InvitationId.", Ignores;
    "accept-with-members", ACCEPT_AS_ADMINISTRATOR, "An administrator with enabled members accepts an invitation.", Ignores;
    "accept-second", ACCEPT_SECOND_ADMINISTRATOR, "A member accepts a second administrator.", Ignores;
    "accept-from-member", ACCEPT_FROM_MEMBER, "The invitation of an account that has become a member is accepted.", Ignores;
    "accept-has-no-effect", ACCEPT_ENABLES, "Accepting answers 200 and changes nothing.",
        Keeps(|before, after, transition| if is_accept(transition) { *after = before.clone() });
    "accept-one-sided", ACCEPT_ENABLES, "The member does not learn of its administrator.",
        Keeps(|before, after, transition| if is_accept(transition) { after.administrators.clone_from(&before.administrators) });
    "accept-once", ACCEPT_AFTER_LEAVING, "A member that left can't accept again.",
        Says(|before, transition, reply| if is_accept(transition)
            && before.received(transition.caller).any(|(_, held)| held.state == Some(InvitationState::Left)) {
            *reply = refusal(ErrorKind::BadRequest);
        });
    "accept-old-way", ACCEPT_OLD_NAME, "AcceptInvitation answers 200 and changes nothing.",
        Keeps(|before, after, transition| if is(transition, Operation::AcceptInvitation) { *after = before.clone() });
    "accept-old-way-refused", ACCEPT_OLD_NAME, "AcceptInvitation refuses an open invitation.", Refuses(sabotage::refuse_old_way);
    "decline-hub-off", DECLINE_WITHOUT_HUB, "An invitation can be declined while the hub is off.", Ignores;
    "decline-silently", DECLINE_RESIGNS, "The administrator doesn't learn that its invitation was declined.",
        Keeps(|before, after, transition| if is(transition, Operation::DeclineInvitations) { after.members.clone_from(&before.members) });
    "decline-as-removed", DECLINE_RESIGNS, "An account that has declined is shown as Removed.",
        Keeps(|before, after, transition| if is(transition, Operation::DeclineInvitations) {
            sabotage::turn_into(before, after, MemberStatus::Resigned, MemberStatus::Removed);
        });
    "delete-invitations-hub-off", MEMBERSHIP_WITHOUT_HUB, "DeleteInvitations works while the hub is off.", Ignores;
    "delete-accepted", DELETE_INVITATION_PRESENT, "DeleteInvitations of an accepted invitation fails as a whole.",
        Refuses(|before, transition| sabotage::refuse_deletion(before, transition, InvitationState::Accepted));
    "delete-declined", DELETE_INVITATION_DECLINED, "DeleteInvitations of a declined invitation fails as a whole.",
        Refuses(|before, transition| sabotage::refuse_deletion(before, transition, InvitationState::Declined));

    "administrator-hub-off", ADMINISTRATOR_WITHOUT_HUB, "GetAdministratorAccount works while the hub is off.", Ignores;
    "administrator-status", ADMINISTRATOR_SHOWN, "The administrator is shown with status ENABLED.",
        Says(|_, transition, reply| if is_get_administrator(transition) && let Reply::Success(document) = reply {
            for shown in document.values_mut() {
                shown["MemberStatus"] = json!("ENABLED");
            }
        });
    "administrator-other-id", ADMINISTRATOR_SHOWN, "The administrator is shown with an id that no invitation has.", Says(sabotage::show_other_id);
    "administrator-everybodys", ADMINISTRATOR_NONE, "Everybody is shown the administrator that anybody has.", Says(sabotage::show_anybodys_administrator);
    "administrator-after-removal", ADMINISTRATOR_AFTER_REMOVAL, "GetAdministratorAccount goes on showing an administrator that has removed the caller.", Says(sabotage::show_former_administrator);
    "administrator-of-itself", ADMINISTRATOR_OF_ADMINISTRATOR, "An administrator is shown as its own.", Says(sabotage::show_itself);
    "leave-hub-off", LEAVE_WITHOUT_HUB, "Leaving an administrator has another error while the hub is off.",
        Says(|before, transition, reply| if is_leave(transition) && !before.is_on(transition.caller) {
            *reply = refusal(ErrorKind::ResourceNotFound);
        });
    "leave-nothing", LEAVE_WITHOUT_ADMINISTRATOR, "Leaving succeeds without an administrator.", Ignores;
    "leave-has-no-effect", LEAVE_ENDS_MEMBERSHIP, "A member that leaves stays enabled.",
        Keeps(|before, after, transition| if is_leave(transition) { *after = before.clone() });
    "leave-as-removed", LEAVE_ENDS_MEMBERSHIP, "A member that left is shown as Removed.",
        Keeps(|before, after, transition| if is_leave(transition) {
            for (key, entry) in &mut after.members {
                if before.members.get(key).is_some_and(|old| old.status != entry.status) {
                    entry.status = Some(MemberStatus::Removed);
                }
            }
        });
    "leave-twice", LEAVE_TWICE, "Leaving a second time succeeds.", Ignores;
    "leave-keeps-administrator", LEAVE_ENDS_MEMBERSHIP, "A member that left keeps its administrator.", Keeps(sabotage::keep_left_administrator);
}
