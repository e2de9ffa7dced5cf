//! Deliberate violations, one rule each, to test the harness with. The enum is the catalogue.

use std::fmt;

use serde_json::{Value, json};

use super::{Reply, sabotage};
use crate::domain::{
    Document, ErrorKind, Input, MemberStatus, Operation, Region, RuleId, ServiceError, Transition,
};
use crate::model::{InvitationState, RegionState, rules};

/// How a fault goes about it.
enum Sabotage {
    /// The server doesn't apply a rule.
    Ignores,
    /// The request is read wrongly.
    Request(fn(&mut Transition)),
    /// What happened is not what the state says afterwards.
    State(fn(&RegionState, &mut RegionState, &Transition)),
    /// What is the case in another Region spills over, before the call is answered.
    Leak(fn(&RegionState, &mut RegionState)),
    /// The whole call is refused, and nothing happens.
    Refusal(fn(&RegionState, &Transition) -> Option<ErrorKind>),
    /// The answer is spoilt.
    Reply(fn(&RegionState, &Transition, &mut Reply)),
}

macro_rules! faults {
    ($($variant:ident = $name:literal, $rule:ident, $summary:literal, $sabotage:expr;)*) => {
        /// A deliberate violation of one rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $(#[doc = $summary] $variant,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that `serve --fault` takes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The rule it violates.
            #[must_use]
            pub const fn rule(self) -> RuleId {
                match self { $(Self::$variant => rules::$rule,)* }
            }

            /// What it does, in one sentence.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            const fn sabotage(self) -> Sabotage {
                match self { $(Self::$variant => $sabotage,)* }
            }
        }
    };
}

use Sabotage::{Ignores, Leak as Leaks, Refusal as Refuses, Reply as Says, Request as Reads, State as Keeps};

faults! {
    EnableTwice = "enable-twice", ENABLE_002, "EnableSecurityHub succeeds where the hub is on.", Ignores;
    EnableConflictStatus = "enable-conflict-status", ENABLE_002, "The conflict of enabling twice has status 400.",
        Says(|_, transition, reply| on_error(transition, Operation::EnableSecurityHub, reply, |error| error.status = 400));
    EnableHasNoEffect = "enable-has-no-effect", ENABLE_001, "EnableSecurityHub answers 200 and leaves the hub off.",
        Keeps(|before, after, transition| if is(transition, Operation::EnableSecurityHub) { after.hubs.clone_from(&before.hubs) });
    EnableAnyTags = "enable-any-tags", ENABLE_005, "EnableSecurityHub takes an empty map of tags.", Ignores;
    EnableAnyGenerator = "enable-any-generator", ENABLE_006, "EnableSecurityHub takes an unknown ControlFindingGenerator.", Ignores;
    DescribeOff = "describe-off", HUB_002, "DescribeHub answers 200 while the hub is off.", Ignores;
    DescribeOffNotFound = "describe-off-not-found", HUB_002, "DescribeHub answers ResourceNotFoundException while the hub is off.",
        Says(|_, transition, reply| on_error(transition, Operation::DescribeHub, reply, |error| error.kind = ErrorKind::ResourceNotFound));
    DescribeForeign = "describe-foreign", HUB_003, "DescribeHub answers for the ARN of another account's hub.", Ignores;
    DescribeBareArn = "describe-bare-arn", HUB_001, "HubArn lacks the Region.",
        Says(|_, transition, reply| on_success(transition, Operation::DescribeHub, reply, |document| {
            document.insert("HubArn".to_owned(), json!("arn:aws:securityhub:::hub/default"));
        }));
    DescribeEpoch = "describe-epoch", HUB_001, "SubscribedAt is a number of seconds.",
        Says(|_, transition, reply| on_success(transition, Operation::DescribeHub, reply, |document| {
            document.insert("SubscribedAt".to_owned(), json!(1_543_443_246));
        }));
    ConfigureAsMember = "configure-as-member", HUB_005, "A member changes ControlFindingGenerator.", Ignores;
    DisableAsMember = "disable-as-member", DISABLE_005, "DisableSecurityHub succeeds for an enabled member.", Ignores;
    DisableWithMembers = "disable-with-members", DISABLE_006, "DisableSecurityHub succeeds for an administrator with enabled members.", Ignores;
    DisableHasNoEffect = "disable-has-no-effect", DISABLE_001, "DisableSecurityHub answers 200 and leaves the hub on.",
        Keeps(|before, after, transition| if is(transition, Operation::DisableSecurityHub) { *after = before.clone() });
    OneRegion = "one-region", ENABLE_007, "All Regions share one state.", Reads(|transition| transition.region = Region(0));
    HubLeaks = "hub-leaks", ENABLE_007, "A hub that is switched on is on in every Region.", Leaks(sabotage::leak_hubs);
    DisableLeaks = "disable-leaks", DISABLE_009, "A hub that is switched off is off in every Region.", Leaks(sabotage::leak_disabling);
    MembersLeak = "members-leak", CREATE_037, "Created members are listed in every Region.", Leaks(sabotage::leak_members);
    InvitationsLeak = "invitations-leak", XX_004, "Invitations are listed in every Region.", Leaks(sabotage::leak_invitations);
    AdministratorLeaks = "administrator-leaks", XX_004, "A member has its administrator in every Region.", Leaks(sabotage::leak_administrators);
    DescribeOwnArn = "describe-own-arn", HUB_004, "DescribeHub refuses the caller's own ARN.", Refuses(sabotage::refuse_own_arn);
    DescribeOwnGenerator = "describe-own-generator", HUB_006, "A member shows another ControlFindingGenerator than its administrator.", Says(sabotage::show_own_generator);
    ConfigureHubOff = "configure-hub-off", XX_002, "UpdateSecurityHubConfiguration works while the hub is off.", Ignores;
    DisableWithList = "disable-with-list", DISABLE_007, "An administrator without enabled members can't disable its hub.", Refuses(sabotage::refuse_disabling_with_list);

    CreateHubOff = "create-hub-off", CREATE_005, "CreateMembers works while the hub is off.", Ignores;
    CreateSelf = "create-self", CREATE_006, "An account can be put on its own list.", Ignores;
    CreateAgain = "create-again", CREATE_007, "CreateMembers starts an existing entry anew.", Ignores;
    CreateEmpty = "create-empty", CREATE_011, "CreateMembers takes an empty list.", Ignores;
    CreateNothing = "create-nothing", CREATE_012, "CreateMembers takes a request without AccountDetails.", Ignores;
    CreateTooMany = "create-too-many", CREATE_014, "CreateMembers takes 51 entries.", Ignores;
    CreateNameless = "create-nameless", CREATE_016, "CreateMembers takes an entry without AccountId.", Ignores;
    CreateBlankEmail = "create-blank-email", CREATE_019, "CreateMembers takes a blank Email.", Ignores;
    CreateAsMember = "create-as-member", CREATE_020, "An enabled member creates members of its own.", Ignores;
    CreateNotStored = "create-not-stored", CREATE_001, "CreateMembers reports success and stores nothing.",
        Keeps(|before, after, transition| if is(transition, Operation::CreateMembers) { after.members.clone_from(&before.members) });
    CreateDropsEmail = "create-drops-email", CREATE_002, "Email is forgotten.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("Email"); }));
    CreateRemembers = "create-remembers", CREATE_009, "A deleted account can't be created again.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::CreateMembers, |before, caller, member| {
            before.members.get(&(caller, member)).is_some_and(|entry| entry.status.is_none())
        }));
    CreateNeedsHub = "create-needs-hub", CREATE_003, "Only accounts whose hub is on can be created.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::CreateMembers, |before, _, member| !before.is_on(member)));
    CreateChecksEmail = "create-checks-email", CREATE_004, "CreateMembers refuses addresses that nobody has verified.", Refuses(sabotage::refuse_emails);
    CreateFortyNine = "create-forty-nine", CREATE_015, "CreateMembers refuses 50 entries.", Refuses(sabotage::refuse_fifty);
    CreateAllOrNothing = "create-all-or-nothing", CREATE_030, "CreateMembers refuses a mixed list as a whole.", Refuses(sabotage::refuse_mixed);
    GetUnknownDenied = "get-unknown-denied", GET_002, "GetMembers is denied for an account that is on no list.", Refuses(sabotage::deny_unknown);
    GetDeleted = "get-deleted", GET_003, "GetMembers goes on showing what was deleted.", Says(sabotage::show_deleted);
    GetNothing = "get-nothing", GET_008, "GetMembers takes a request without AccountIds.", Ignores;
    GetNoAdministrator = "get-no-administrator", WIRE_005B, "Entries have no AdministratorId.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("AdministratorId"); }));
    GetHubOff = "get-hub-off", GET_004, "GetMembers works while the hub is off.", Ignores;
    GetOmits = "get-omits", GET_001, "GetMembers never finds an account.",
        Says(|_, transition, reply| on_success(transition, Operation::GetMembers, reply, |document| {
            document.insert("Members".to_owned(), json!([]));
        }));
    GetNoUpdatedAt = "get-no-updated-at", GET_001, "Entries have no UpdatedAt.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("UpdatedAt"); }));
    GetEpochs = "get-epochs", WIRE_014, "UpdatedAt is a number of seconds.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.insert("UpdatedAt".to_owned(), json!(1_543_443_246)); }));
    GetNoMaster = "get-no-master", WIRE_005B, "Entries have no MasterId.",
        Says(|_, _, reply| each(reply, "Members", |entry| { entry.remove("MasterId"); }));
    GetUpperCase = "get-upper-case", WIRE_017, "MemberStatus is in upper case.",
        Says(|_, _, reply| each(reply, "Members", |entry| {
            let upper = entry.get("MemberStatus").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
            entry.insert("MemberStatus".to_owned(), upper.into());
        }));
    ListHubOff = "list-hub-off", LIST_008, "ListMembers works while the hub is off.", Ignores;
    ListEverything = "list-everything", LIST_001, "ListMembers lists every entry where OnlyAssociated is absent.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && transition.request.operation == Operation::ListMembers && page.only_associated.is_none() {
            page.only_associated = Some("false".to_owned());
        });
    ListTrueAsFalse = "list-true-as-false", LIST_003, "ListMembers lists every entry where OnlyAssociated is true.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && page.only_associated.as_deref() == Some("true") {
            page.only_associated = Some("false".to_owned());
        });
    ListFalseAsTrue = "list-false-as-true", LIST_002, "ListMembers lists enabled members only, whatever OnlyAssociated says.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && page.only_associated.as_deref() == Some("false") {
            page.only_associated = None;
        });
    ListAnySize = "list-any-size", LIST_005, "ListMembers takes a MaxResults outside 1 to 50.", Ignores;
    ListWholePages = "list-whole-pages", LIST_004, "ListMembers ignores MaxResults.",
        Reads(|transition| if let Input::Page(page) = &mut transition.request.input
            && transition.request.operation == Operation::ListMembers
            && page.max_results.is_some_and(|size| (1..=50).contains(&size)) {
            page.max_results = None;
        });
    ListLosesEntries = "list-loses-entries", LIST_002, "An entry is lost between two pages of ListMembers.", Says(sabotage::lose_between_pages);
    ListSelf = "list-self", LIST_009, "An account without members is listed as its own.", Says(sabotage::list_self);
    ListAsMember = "list-as-member", LIST_012, "A member is shown its administrator's list.", Says(sabotage::list_as_member);
    ListEverybodys = "list-everybodys", LIST_002, "Every administrator is shown everybody's members.", Says(sabotage::list_everybodys);
    DeleteHubOff = "delete-hub-off", DELETE_007, "DeleteMembers works while the hub is off.", Ignores;
    DeleteEnabled = "delete-enabled", DELETE_004, "DeleteMembers deletes an enabled member.", Ignores;
    DeleteKeepsCreated = "delete-keeps-created", DELETE_001, "DeleteMembers keeps entries that are Created.",
        Keeps(|before, after, transition| keep_deleted(before, after, transition, &[MemberStatus::Created]));
    DeleteKeepsInvited = "delete-keeps-invited", DELETE_002, "DeleteMembers keeps entries that are Invited.",
        Keeps(|before, after, transition| keep_deleted(before, after, transition, &[MemberStatus::Invited]));
    DeleteKeepsRemoved = "delete-keeps-removed", DELETE_003, "DeleteMembers keeps entries that are Removed or Resigned.",
        Keeps(|before, after, transition| keep_deleted(before, after, transition, &[MemberStatus::Removed, MemberStatus::Resigned]));
    DisassociateHubOff = "disassociate-hub-off", DISASSOC_009, "DisassociateMembers works while the hub is off.", Ignores;
    DisassociateHasNoEffect = "disassociate-has-no-effect", DISASSOC_001, "DisassociateMembers leaves the member enabled.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) { *after = before.clone() });
    DisassociateOneSided = "disassociate-one-sided", DISASSOC_001, "A removed member keeps its administrator.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) {
            after.administrators.clone_from(&before.administrators);
        });
    DisassociateCreated = "disassociate-created", DISASSOC_003, "DisassociateMembers turns Created into Removed.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) {
            for ((administrator, member), entry) in &before.members {
                let named = transition.caller == *administrator && transition.request.named_accounts().contains(member);
                if named && entry.status == Some(MemberStatus::Created)
                    && let Some(entry) = after.members.get_mut(&(*administrator, *member)) {
                    entry.status = Some(MemberStatus::Removed);
                }
            }
        });
    DisassociateInvitedRefused = "disassociate-invited-refused", DISASSOC_004, "DisassociateMembers refuses an invited account.", Refuses(sabotage::refuse_disassociating_invited);
    DisassociateAsResigned = "disassociate-as-resigned", DISASSOC_001, "A removed member is shown as Resigned.",
        Keeps(|before, after, _| sabotage::turn_into(before, after, MemberStatus::Removed, MemberStatus::Resigned));

    InviteHubOff = "invite-hub-off", INVITE_015, "InviteMembers works while the hub is off.", Ignores;
    InviteUncreated = "invite-uncreated", INVITE_005, "InviteMembers invites an account that was never created.", Ignores;
    InviteAgain = "invite-again", INVITE_003, "InviteMembers invites an invited account again.", Ignores;
    InviteEnabled = "invite-enabled", INVITE_004, "InviteMembers invites an enabled member.", Ignores;
    InviteAsMember = "invite-as-member", INVITE_007, "An enabled member invites others.", Ignores;
    InviteNotDelivered = "invite-not-delivered", INVITE_002, "The invitation never reaches the invitee.",
        Keeps(|before, after, transition| if is(transition, Operation::InviteMembers) { after.invitations.clone_from(&before.invitations) });
    InviteStaysCreated = "invite-stays-created", INVITE_002, "An invited account stays Created.",
        Keeps(|before, after, transition| if is(transition, Operation::InviteMembers) { after.members.clone_from(&before.members) });
    InviteNeedsEmail = "invite-needs-email", INVITE_002, "An account without Email can't be invited.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.members.get(&(caller, member)).is_some_and(|entry| entry.status.is_some() && entry.email.seen() == Some(&None))
        }));
    InviteNotAfterRemoval = "invite-not-after-removal", INVITE_008, "A removed member can't be invited again.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.status(caller, member) == Some(MemberStatus::Removed)
        }));
    InviteRefusesEmail = "invite-refuses-email", INVITE_001, "An account with an Email can't be invited.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.status(caller, member) == Some(MemberStatus::Created) && sabotage::has_email(before, caller, member)
        }));
    InviteNeedsHub = "invite-needs-hub", INVITE_012, "Only accounts whose hub is on can be invited.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::InviteMembers, |before, caller, member| {
            before.status(caller, member).is_some() && !before.is_on(member)
        }));
    InviteStampsEarly = "invite-stamps-early", INVITE_017, "InvitedAt is an instant before UpdatedAt.", Says(sabotage::stamp_early);
    InviteForgetsEmail = "invite-forgets-email", CREATE_002, "InviteMembers forgets the Email.", Keeps(sabotage::forget_email);
    ListInvitationsHubOff = "list-invitations-hub-off", LINV_003, "ListInvitations works while the hub is off.", Ignores;
    ListInvitationsAnySize = "list-invitations-any-size", WIRE_020, "ListInvitations takes a MaxResults outside 1 to 50.", Ignores;
    ListInvitationsEmpty = "list-invitations-empty", LINV_002, "Having received no invitation is an error.", Refuses(sabotage::refuse_empty_invitations);
    ListInvitationsEverybodys = "list-invitations-everybodys", LINV_002, "Every account is shown everybody's invitations.", Says(sabotage::list_everybodys_invitations);
    ListInvitationsDeclined = "list-invitations-declined", LINV_005, "A declined invitation isn't listed any more.",
        Says(|before, transition, reply| sabotage::hide_invitations(before, transition, reply, InvitationState::Declined));
    ListInvitationsLeft = "list-invitations-left", LINV_007, "The invitation of an administrator that was left isn't listed any more.",
        Says(|before, transition, reply| sabotage::hide_invitations(before, transition, reply, InvitationState::Left));
    InvitationUuid = "invitation-uuid", WIRE_015, "InvitationId is a UUID with hyphens.",
        Says(|_, transition, reply| if is(transition, Operation::ListInvitations) {
            each(reply, "Invitations", |entry| {
                let id = entry.get("InvitationId").and_then(Value::as_str).unwrap_or_default().to_owned();
                if let (Some(head), Some(tail)) = (id.get(..8), id.get(8..)) {
                    entry.insert("InvitationId".to_owned(), format!("{head}-{tail}").into());
                }
            });
        });
    InvitationPending = "invitation-pending", LINV_001, "An open invitation is listed as INVITED.",
        Says(|_, transition, reply| if is(transition, Operation::ListInvitations) {
            each(reply, "Invitations", |entry| {
                if entry.get("MemberStatus") == Some(&json!("Invited")) {
                    entry.insert("MemberStatus".to_owned(), "INVITED".into());
                }
            });
        });
    CountAccepted = "count-accepted", LINV_010, "GetInvitationsCount counts accepted invitations.",
        Says(|before, transition, reply| on_success(transition, Operation::GetInvitationsCount, reply, |document| {
            let accepted = before.received(transition.caller).filter(|(_, held)| held.state == Some(InvitationState::Accepted)).count();
            let count = document.get("InvitationsCount").and_then(Value::as_u64).unwrap_or(0);
            document.insert("InvitationsCount".to_owned(), json!(count + u64::try_from(accepted).unwrap_or(0)));
        }));
    AcceptHubOff = "accept-hub-off", ACCEPT_002, "An invitation can be accepted while the hub is off.", Ignores;
    AcceptNothing = "accept-nothing", ACCEPT_003, "Accepting succeeds without an invitation.", Ignores;
    AcceptAnyId = "accept-any-id", ACCEPT_004, "Accepting succeeds with any InvitationId.", Ignores;
    AcceptWithMembers = "accept-with-members", ACCEPT_007, "An administrator with enabled members accepts an invitation.", Ignores;
    AcceptSecond = "accept-second", ACCEPT_008, "A member accepts a second administrator.", Ignores;
    AcceptFromMember = "accept-from-member", ACCEPT_009, "The invitation of an account that has become a member is accepted.", Ignores;
    AcceptHasNoEffect = "accept-has-no-effect", ACCEPT_001, "Accepting answers 200 and changes nothing.",
        Keeps(|before, after, transition| if is_accept(transition) { *after = before.clone() });
    AcceptOneSided = "accept-one-sided", ACCEPT_001, "The member does not learn of its administrator.",
        Keeps(|before, after, transition| if is_accept(transition) { after.administrators.clone_from(&before.administrators) });
    AcceptOnce = "accept-once", ACCEPT_010, "A member that left can't accept again.",
        Says(|before, transition, reply| if is_accept(transition)
            && before.received(transition.caller).any(|(_, held)| held.state == Some(InvitationState::Left)) {
            *reply = refusal(ErrorKind::BadRequest);
        });
    AcceptOldWay = "accept-old-way", ACCEPT_015, "AcceptInvitation answers 200 and changes nothing.",
        Keeps(|before, after, transition| if is(transition, Operation::AcceptInvitation) { *after = before.clone() });
    AcceptOldWayRefused = "accept-old-way-refused", ACCEPT_015, "AcceptInvitation refuses an open invitation.", Refuses(sabotage::refuse_old_way);
    DeclineHubOff = "decline-hub-off", DECLINE_004, "An invitation can be declined while the hub is off.", Ignores;
    DeclineSilently = "decline-silently", DECLINE_001, "The administrator doesn't learn that its invitation was declined.",
        Keeps(|before, after, transition| if is(transition, Operation::DeclineInvitations) { after.members.clone_from(&before.members) });
    DeclineAsRemoved = "decline-as-removed", DECLINE_001, "An account that has declined is shown as Removed.",
        Keeps(|before, after, transition| if is(transition, Operation::DeclineInvitations) {
            sabotage::turn_into(before, after, MemberStatus::Resigned, MemberStatus::Removed);
        });
    DeleteInvitationsHubOff = "delete-invitations-hub-off", XX_001, "DeleteInvitations works while the hub is off.", Ignores;
    DeleteAccepted = "delete-accepted", DELINV_003, "DeleteInvitations deletes an accepted invitation.",
        Says(|before, transition, reply| if is(transition, Operation::DeleteInvitations) && before.is_on(transition.caller) {
            *reply = Reply::Success(Document::new());
        });
    DeleteInvitationKeeps = "delete-invitation-keeps", DELINV_001, "DeleteInvitations keeps a declined invitation.",
        Keeps(|before, after, transition| if is(transition, Operation::DeleteInvitations) { after.invitations.clone_from(&before.invitations) });

    AdministratorHubOff = "administrator-hub-off", ADMIN_003, "GetAdministratorAccount works while the hub is off.", Ignores;
    AdministratorNotFound = "administrator-not-found", ADMIN_002, "Having no administrator is an error.",
        Says(|before, transition, reply| if is_get_administrator(transition) && before.is_on(transition.caller)
            && before.administrator(transition.caller).is_none() {
            *reply = refusal(ErrorKind::ResourceNotFound);
        });
    AdministratorStatus = "administrator-status", ADMIN_001, "The administrator is shown with status ENABLED.",
        Says(|_, transition, reply| if is_get_administrator(transition) && let Reply::Success(document) = reply {
            for shown in document.values_mut() {
                shown["MemberStatus"] = json!("ENABLED");
            }
        });
    AdministratorOtherId = "administrator-other-id", ADMIN_001, "The administrator is shown with an id that no invitation has.", Says(sabotage::show_other_id);
    AdministratorEverybodys = "administrator-everybodys", ADMIN_002, "Everybody is shown the administrator that anybody has.", Says(sabotage::show_anybodys_administrator);
    AdministratorAfterRemoval = "administrator-after-removal", ADMIN_005, "GetAdministratorAccount goes on showing an administrator that has removed the caller.", Says(sabotage::show_former_administrator);
    AdministratorOfItself = "administrator-of-itself", ADMIN_007, "An administrator is shown as its own.", Says(sabotage::show_itself);
    LeaveHubOff = "leave-hub-off", LEAVE_004, "Leaving an administrator has another error while the hub is off.",
        Says(|before, transition, reply| if is_leave(transition) && !before.is_on(transition.caller) {
            *reply = refusal(ErrorKind::ResourceNotFound);
        });
    LeaveNothing = "leave-nothing", LEAVE_003, "Leaving succeeds without an administrator.", Ignores;
    LeaveHasNoEffect = "leave-has-no-effect", LEAVE_001, "A member that leaves stays enabled.",
        Keeps(|before, after, transition| if is_leave(transition) { *after = before.clone() });
    LeaveAsRemoved = "leave-as-removed", LEAVE_001, "A member that left is shown as Removed.",
        Keeps(|before, after, transition| if is_leave(transition) {
            for (key, entry) in &mut after.members {
                if before.members.get(key).is_some_and(|old| old.status != entry.status) {
                    entry.status = Some(MemberStatus::Removed);
                }
            }
        });
    LeaveTwice = "leave-twice", LEAVE_006, "Leaving a second time succeeds.", Ignores;
    LeaveKeepsAdministrator = "leave-keeps-administrator", LEAVE_001, "A member that left keeps its administrator.", Keeps(sabotage::keep_left_administrator);
}

/// There is no fault of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fault is called {0:?}; `passmuster serve --list-faults` lists them")]
pub struct UnknownFault(pub String);

impl Fault {
    /// Finds a fault by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownFault> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }

    pub(super) fn ignores(self) -> Option<RuleId> {
        matches!(self.sabotage(), Ignores).then(|| self.rule())
    }

    pub(super) fn leaks(self) -> Option<fn(&RegionState, &mut RegionState)> {
        if let Sabotage::Leak(leak) = self.sabotage() { Some(leak) } else { None }
    }

    /// The error with which it refuses a call that the contract lets through.
    pub(super) fn refuses(self, before: &RegionState, transition: &Transition) -> Option<Reply> {
        let Sabotage::Refusal(refuses) = self.sabotage() else { return None };
        refuses(before, transition).map(refusal)
    }

    pub(super) fn spoil_request(self, transition: &mut Transition) {
        if let Sabotage::Request(spoil) = self.sabotage() {
            spoil(transition);
        }
    }

    pub(super) fn spoil_state(self, before: &RegionState, after: &mut RegionState, transition: &Transition) {
        if let Sabotage::State(spoil) = self.sabotage() {
            spoil(before, after, transition);
        }
    }

    pub(super) fn spoil_reply(self, before: &RegionState, transition: &Transition, reply: &mut Reply) {
        if let Sabotage::Reply(spoil) = self.sabotage() {
            spoil(before, transition, reply);
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) fn is(transition: &Transition, operation: Operation) -> bool {
    transition.request.operation == operation
}

fn is_accept(transition: &Transition) -> bool {
    is(transition, Operation::AcceptAdministratorInvitation) || is(transition, Operation::AcceptInvitation)
}

pub(super) fn is_leave(transition: &Transition) -> bool {
    is(transition, Operation::DisassociateFromAdministratorAccount)
        || is(transition, Operation::DisassociateFromMasterAccount)
}

pub(super) fn is_get_administrator(transition: &Transition) -> bool {
    is(transition, Operation::GetAdministratorAccount) || is(transition, Operation::GetMasterAccount)
}

pub(super) fn on_success(
    transition: &Transition,
    operation: Operation,
    reply: &mut Reply,
    spoil: impl FnOnce(&mut Document),
) {
    if let Reply::Success(document) = reply
        && is(transition, operation)
    {
        spoil(document);
    }
}

fn on_error(
    transition: &Transition,
    operation: Operation,
    reply: &mut Reply,
    spoil: impl FnOnce(&mut ServiceError),
) {
    if let Reply::Error(error) = reply
        && is(transition, operation)
    {
        spoil(error);
    }
}

pub(super) fn each(reply: &mut Reply, list: &str, mut spoil: impl FnMut(&mut Document)) {
    let Reply::Success(document) = reply else { return };
    let entries = document.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
    entries.filter_map(Value::as_object_mut).for_each(&mut spoil);
}

fn refusal(kind: ErrorKind) -> Reply {
    let message = Some("The request is rejected.".to_owned());
    Reply::Error(ServiceError { status: kind.status(), kind, message })
}

/// Reports entries as unprocessed that were to be processed.
fn refuse_entries(
    before: &RegionState,
    transition: &Transition,
    reply: &mut Reply,
    operation: Operation,
    refuses: fn(&RegionState, crate::domain::Account, crate::domain::Account) -> bool,
) {
    on_success(transition, operation, reply, |document| {
        let Some(list) = document.get_mut("UnprocessedAccounts").and_then(Value::as_array_mut) else { return };
        let mut refused = transition.request.named_accounts();
        refused.retain(|member| refuses(before, transition.caller, *member));
        refused.sort_unstable();
        refused.dedup();
        for member in refused {
            list.push(json!({ "AccountId": member.to_string(), "ProcessingResult": "The request is rejected." }));
        }
    });
}

fn keep_deleted(
    before: &RegionState,
    after: &mut RegionState,
    transition: &Transition,
    statuses: &[MemberStatus],
) {
    if !is(transition, Operation::DeleteMembers) {
        return;
    }
    for (key, entry) in &before.members {
        let gone = after.members.get(key).is_some_and(|now| now.status.is_none());
        if gone && entry.status.is_some_and(|status| statuses.contains(&status)) {
            after.members.insert(*key, entry.clone());
        }
    }
}
