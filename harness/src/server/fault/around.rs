//! Violations in what surrounds membership: organizations, standards, findings.

use serde_json::{Value, json};

use super::Sabotage::{Ignores, Reply as Says, State as Keeps};
use super::{each, faults, is, on_error, on_success, refusal, refuse_entries};
use crate::server::Reply;
use passmuster_contract::domain::{
    Account, ErrorKind, FindingRef, Input, MemberStatus, Operation, PlainNaming, Transition,
};
use passmuster_contract::model::{
    Administrator, Because, DEFAULT_STANDARDS, Invitation, InvitationState, Learned, Member, RegionState, rules,
};

faults! {
    "designate-not-listed", DESIGNATE_ACCOUNT, "ListOrganizationAdminAccounts never shows anybody.",
        Says(|_, transition, reply| on_success(transition, Operation::ListOrganizationAdminAccounts, reply, |document| {
            document.insert("AdminAccounts".to_owned(), json!([]));
        }));
    "designate-self-refused", DESIGNATE_SELF, "The management account can't designate itself.",
        Says(|_, transition, reply| {
            if transition.request.named_accounts().contains(&transition.caller) {
                on_success_refuse(transition, Operation::EnableOrganizationAdminAccount, reply);
            }
        });
    "designate-self-off", DESIGNATE_SELF_HUB_OFF, "The management account designates itself without a hub.", Ignores;
    "designate-again", DESIGNATE_AGAIN, "Designating the same account again succeeds.", Ignores;
    "designate-second", DESIGNATE_SECOND, "A second administrator can be designated in a Region.", Ignores;
    "designate-elsewhere", DESIGNATE_SECOND_ELSEWHERE, "Each Region may have another administrator.", Ignores;
    "designate-by-anybody", DESIGNATE_BY_ANYBODY, "Any account of the organization designates.", Ignores;
    "designate-hub-off", DESIGNATE_SWITCHES_HUB_ON, "Designating leaves the administrator's hub off.",
        Keeps(|before, after, transition| if is(transition, Operation::EnableOrganizationAdminAccount) {
            after.hubs.clone_from(&before.hubs);
        });
    "designate-drops-members", DESIGNATE_TAKES_MEMBERS_OVER, "Designating removes the members there were.",
        Keeps(|before, after, transition| if is(transition, Operation::EnableOrganizationAdminAccount) && !same_designations(before, after) {
            for administrator in transition.request.named_accounts() {
                drop_members(after, administrator);
            }
        });
    "undesignate-keeps-members", UNDESIGNATE_FREES_MEMBERS, "Removing the designation leaves the members enabled.",
        Keeps(|before, after, transition| if is(transition, Operation::DisableOrganizationAdminAccount) {
            after.members.clone_from(&before.members);
            after.administrators.clone_from(&before.administrators);
        });
    "undesignate-central", UNDESIGNATE_CENTRAL, "The administrator is removed under central configuration.", Ignores;
    "list-administrators-outside", ORGANIZATION_MISSING, "An account without an organization may list administrators.", Ignores;
    "list-administrators-nobody", DESIGNATIONS_NONE, "Where nobody is designated, listing is an error.",
        Says(|_, transition, reply| {
            let nobody = matches!(reply, Reply::Success(document) if document.get("AdminAccounts") == Some(&json!([])));
            if nobody && is(transition, Operation::ListOrganizationAdminAccounts) {
                *reply = refusal(ErrorKind::ResourceNotFound);
            }
        });
    "list-administrators-anybody", DESIGNATIONS_BY_ANYBODY, "Any account of the organization lists administrators.", Ignores;
    "configure-by-anybody", CONFIGURE_BY_ANYBODY, "Any account configures the organization.", Ignores;
    "configure-access-denied", CONFIGURE_BY_ANYBODY, "Configuring without delegation is AccessDeniedException.",
        Says(|_, transition, reply| on_error(transition, Operation::UpdateOrganizationConfiguration, reply, |error| {
            if error.message.as_ref().is_some_and(|text| text.contains("not an administrator")) {
                error.kind = ErrorKind::AccessDenied;
                error.status = 403;
            }
        }));
    "configuration-to-anybody", CONFIGURATION_BY_ANYBODY, "Any account may see the organization's configuration.", Ignores;
    "configuration-hub-off", CONFIGURATION_WITHOUT_HUB, "DescribeOrganizationConfiguration works while the hub is off.", Ignores;
    "configure-has-no-effect", CONFIGURE_AUTO_ENABLE, "UpdateOrganizationConfiguration changes nothing.",
        Keeps(|before, after, transition| if is(transition, Operation::UpdateOrganizationConfiguration) {
            after.designations.clone_from(&before.designations);
        });
    "configure-nothing", CONFIGURE_AUTO_ENABLE_MISSING, "UpdateOrganizationConfiguration does without AutoEnable.", Ignores;
    "configure-central", CONFIGURE_CENTRAL_AUTO_ENABLE, "AutoEnable can be on under central configuration.", Ignores;
    "central-conflict", CONFIGURE_CENTRAL_EARLY, "Central configuration too early is ResourceConflictException.",
        Says(|before, transition, reply| {
            let central = matches!(&transition.request.input, Input::Organize { configuration: Some(value), .. } if value == "CENTRAL");
            let already = before.designations.values().any(|held| held.configuration.seen().is_some_and(|value| value == "CENTRAL"));
            if central && !already && matches!(reply, Reply::Success(_)) {
                *reply = refusal(ErrorKind::ResourceConflict);
            }
        });
    "join-not-enrolled", JOIN_AUTO_ENABLED, "A new account is no member although AutoEnable is on.",
        Keeps(|before, after, transition| if is(transition, Operation::CreateAccount) {
            after.members.clone_from(&before.members);
            after.administrators.clone_from(&before.administrators);
            after.hubs.clone_from(&before.hubs);
        });
    "join-enrolled", JOIN_STAYS_OUTSIDE, "A new account becomes a member although AutoEnable is off.",
        Keeps(|before, after, transition| if is(transition, Operation::CreateAccount) {
            let newcomers: Vec<_> = after.members.keys().filter(|key| !before.members.contains_key(key)).copied().collect();
            for (administrator, member) in newcomers {
                put(after, administrator, member, MemberStatus::Enabled);
            }
        });
    "depart-still-visible", DEPARTURE_ENDS_VIEW, "An administrator still sees the findings of an account that left.",
        Keeps(|before, after, transition| if is(transition, Operation::RemoveAccountFromOrganization) {
            after.members.clone_from(&before.members);
            after.administrators.clone_from(&before.administrators);
        });
    "trust-off-keeps-members", UNTRUSTED_STANDALONE, "Without trusted access members stay enabled.",
        Keeps(|before, after, transition| if is(transition, Operation::DisableAWSServiceAccess) {
            after.members.clone_from(&before.members);
            after.administrators.clone_from(&before.administrators);
        });
    "configuration-starts-empty", CONFIGURATION_DEFAULTS, "A fresh administrator has AutoEnableStandards NONE.",
        Says(|before, transition, reply| on_success(transition, Operation::DescribeOrganizationConfiguration, reply, |document| {
            if before.designations.values().any(|held| held.administrator == Some(transition.caller) && held.because.0 != rules::CONFIGURE_AUTO_ENABLE) {
                document.insert("AutoEnableStandards".to_owned(), json!("NONE"));
            }
        }));
    "disable-delegate", DISABLE_AS_DELEGATE, "The delegated administrator disables its hub.", Ignores;
    "disable-colleague", DISABLE_AS_ORGANIZATION_MEMBER, "A member by its organization disables its hub.", Ignores;
    "leave-organization", LEAVE_AS_ORGANIZATION_MEMBER, "A member by its organization leaves its administrator.", Ignores;
    "accept-as-colleague", ACCEPT_AS_ORGANIZATION_MEMBER, "A member by its organization accepts another administrator.", Ignores;
    "administrator-of-colleague", ADMINISTRATOR_OF_ORGANIZATION_MEMBER, "A member by its organization sees its administrator as ENABLED.",
        Says(|before, transition, reply| if before.is_organization_member(transition.caller)
            && let Reply::Success(document) = reply {
            for shown in ["Administrator", "Master"] {
                if let Some(Value::Object(shown)) = document.get_mut(shown) {
                    shown.insert("MemberStatus".to_owned(), json!("ENABLED"));
                }
            }
        });
    "disassociate-colleague", DISASSOCIATE_ORGANIZATION_MEMBER, "DisassociateMembers leaves organization members enabled.",
        Keeps(|before, after, transition| if is(transition, Operation::DisassociateMembers) {
            let stays = |key: &(Account, Account)| before.members.get(key).is_some_and(|entry| entry.organization);
            for (key, entry) in before.members.iter().filter(|(key, _)| stays(key)) {
                after.members.insert(*key, entry.clone());
                if let Some(held) = before.administrators.get(&key.1) {
                    after.administrators.insert(key.1, held.clone());
                }
            }
        });
    "enroll-hub-off", CREATE_COLLEAGUE_HUB_OFF, "A new member by its organization has its hub off.",
        Keeps(|before, after, transition| if is(transition, Operation::CreateMembers) {
            after.hubs.clone_from(&before.hubs);
        });
    "enroll-with-hub", CREATE_COLLEAGUE_HUB_ON, "An account whose hub is on has to be invited.",
        Keeps(|before, after, transition| for (administrator, member) in enrolled(before, after, transition) {
            if before.is_on(member) && !before.designations.contains_key(&member) {
                put(after, administrator, member, MemberStatus::Created);
                after.administrators.remove(&member);
            }
        });
    "enroll-management-off", CREATE_MANAGEMENT_HUB_OFF, "The management account becomes a member with its hub off.", Ignores;
    "enroll-management", CREATE_MANAGEMENT_HUB_ON, "The management account can't become a member.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::CreateMembers, |before, _, member| {
            before.designations.contains_key(&member) && before.is_on(member)
        }));
    "enroll-suspended", CREATE_SUSPENDED, "A closed account becomes an enabled member.",
        Keeps(|_, after, transition| if is(transition, Operation::CreateMembers) {
            for entry in after.members.values_mut().filter(|entry| entry.status == Some(MemberStatus::AccountSuspended)) {
                entry.status = Some(MemberStatus::Enabled);
            }
        });
    "enroll-taken", CREATE_TAKEN_COLLEAGUE, "A member of somebody else becomes one of the organization's administrator.", Ignores;
    "enroll-once", CREATE_RELEASED, "An account that was disassociated can't be enabled again.",
        Says(|before, transition, reply| refuse_entries(before, transition, reply, Operation::CreateMembers, |before, caller, member| {
            before.members.get(&(caller, member)).is_some_and(|entry| entry.organization && entry.status == Some(MemberStatus::Removed))
        }));
    "enroll-keeps-email", CREATE_COLLEAGUE_WITHOUT_EMAIL, "Members by their organization show an Email.",
        Keeps(|before, after, transition| for key in enrolled(before, after, transition) {
            if let Some(entry) = after.members.get_mut(&key) {
                entry.email = Learned::Is(Some("member@example.com".to_owned()));
            }
        });
    "enroll-invites", INVITE_COLLEAGUE, "Members by their organization receive an invitation.",
        Keeps(|before, after, transition| for (administrator, member) in enrolled(before, after, transition) {
            let id = Learned::Is("0123456789abcdef0123456789abcdef".into());
            let because = Because::of(rules::INVITE_COLLEAGUE);
            let sent = Invitation { state: Some(InvitationState::Open), withdrawn: None, id, earlier_id: None, doubt: false, because };
            after.invitations.insert((member, administrator), sent);
        });
    "create-reports-caller", CREATE_LISTED, "What CreateMembers leaves unprocessed is reported under the caller's id.",
        Says(|_, transition, reply| if is(transition, Operation::CreateMembers) {
            each(reply, "UnprocessedAccounts", |entry| {
                entry.insert("AccountId".to_owned(), transition.caller.to_string().into());
            });
        });
    "designate-answers-caller", DESIGNATE_ACCOUNT, "EnableOrganizationAdminAccount answers with the caller's id.",
        Says(|_, transition, reply| on_success(transition, Operation::EnableOrganizationAdminAccount, reply, |document| {
            document.insert("AdminAccountId".to_owned(), transition.caller.to_string().into());
        }));
    "configuration-limit-reached", CONFIGURATION_DEFAULTS, "MemberAccountLimitReached is true.",
        Says(|_, transition, reply| on_success(transition, Operation::DescribeOrganizationConfiguration, reply, |document| {
            document.insert("MemberAccountLimitReached".to_owned(), json!(true));
        }));
    "list-without-colleagues", LIST_ORGANIZATION_MEMBERS, "ListMembers leaves out members by their organization.",
        Says(|before, transition, reply| on_success(transition, Operation::ListMembers, reply, |document| {
            let Some(Value::Array(shown)) = document.get_mut("Members") else { return };
            shown.retain(|entry| {
                let member = entry.get("AccountId").and_then(Value::as_str).and_then(Account::from_digits);
                !member.is_some_and(|member| before.is_organization_member(member))
            });
        }));
    "list-suspended", LIST_SUSPENDED_LATER, "A member that is closed later is shown as AccountSuspended.",
        Keeps(|_, after, transition| if is(transition, Operation::CloseAccount) {
            let closed = transition.request.named_accounts();
            for ((_, member), entry) in &mut after.members {
                if closed.contains(member) && entry.status == Some(MemberStatus::Enabled) {
                    entry.status = Some(MemberStatus::AccountSuspended);
                }
            }
        });
    "enable-without-standards", ENABLE_DEFAULT_STANDARDS, "EnableSecurityHub enables no standards by default.",
        Keeps(|before, after, transition| if is(transition, Operation::EnableSecurityHub) && !before.is_on(transition.caller) {
            set_standards(after, transition.caller, &[]);
        });
    "enable-with-standards", ENABLE_WITHOUT_STANDARDS, "EnableSecurityHub enables the default standards unasked.",
        Keeps(|before, after, transition| if is(transition, Operation::EnableSecurityHub) && !before.is_on(transition.caller) {
            set_standards(after, transition.caller, &DEFAULT_STANDARDS);
        });
    "standards-hub-off", STANDARDS_WITHOUT_HUB, "GetEnabledStandards works while the hub is off.", Ignores;
    "standards-enabled", STANDARDS_BECOME_READY, "StandardsStatus is ENABLED.",
        Says(|_, _, reply| each(reply, "StandardsSubscriptions", |entry| {
            entry.insert("StandardsStatus".to_owned(), json!("ENABLED"));
        }));
    "subscription-without-account", WIRE_STANDARDS_ARNS, "Subscription ARNs lack the account.",
        Says(|_, transition, reply| {
            let account = format!(":{}:", transition.caller);
            each(reply, "StandardsSubscriptions", |entry| {
                let arn = entry.get("StandardsSubscriptionArn").and_then(Value::as_str).unwrap_or_default().replace(&account, "::");
                entry.insert("StandardsSubscriptionArn".to_owned(), arn.into());
            });
        });
    "standards-by-subscription", WIRE_STANDARDS_ARNS, "StandardsArn is the ARN of the subscription.",
        Says(|_, _, reply| each(reply, "StandardsSubscriptions", |entry| {
            let arn = entry.get("StandardsSubscriptionArn").cloned().unwrap_or_default();
            entry.insert("StandardsArn".to_owned(), arn);
        }));
    "enroll-without-standards", STANDARDS_OF_NEW_HUB, "A hub that membership switches on has no standards.",
        Keeps(|before, after, transition| for (_, member) in enrolled(before, after, transition) {
            if !before.is_on(member) {
                set_standards(after, member, &[]);
            }
        });
    "enroll-changes-standards", STANDARDS_KEPT_BY_MEMBER, "Membership enables the default standards in a hub that was on.",
        Keeps(|before, after, transition| for (_, member) in enrolled(before, after, transition) {
            if before.is_on(member) {
                set_standards(after, member, &DEFAULT_STANDARDS);
            }
        });
    "accept-changes-standards", ACCEPT_KEEPS_STANDARDS, "Accepting an invitation disables all standards.",
        Keeps(|_, after, transition| if matches!(transition.request.input, Input::Accept { .. })
            && after.administrator(transition.caller).is_some() {
            set_standards(after, transition.caller, &[]);
        });
    "standards-any-arn", STANDARDS_MALFORMED_ARN, "BatchEnableStandards takes any text for an ARN.", Ignores;
    "standards-of-members", STANDARDS_OWN_ONLY, "An administrator is shown its members' standards too.",
        Says(|before, transition, reply| on_success(transition, Operation::GetEnabledStandards, reply, |document| {
            let leads = before.list(transition.caller).any(|(_, entry)| entry.status == Some(MemberStatus::Enabled));
            if let Some(Value::Array(shown)) = document.get_mut("StandardsSubscriptions").filter(|_| leads) {
                shown.push(json!({
                    "StandardsSubscriptionArn": "arn:aws:securityhub:us-east-1:000000000000:subscription/pci-dss/v/3.2.1",
                    "StandardsArn": "arn:aws:securityhub:us-east-1::standards/pci-dss/v/3.2.1",
                    "StandardsInput": {},
                    "StandardsStatus": "READY",
                }));
            }
        }));
    "findings-own-only", FINDINGS_OF_MEMBERS, "An administrator sees no findings of those who accepted.",
        Says(|before, transition, reply| hide_findings(transition, reply, |owner| !before.is_organization_member(owner)));
    "findings-not-of-colleagues", CREATE_SHOWS_FINDINGS, "An administrator sees no findings of its organization.",
        Says(|before, transition, reply| hide_findings(transition, reply, |owner| before.is_organization_member(owner)));
    "findings-of-administrator", FINDINGS_AS_MEMBER, "A member sees its administrator's findings.",
        Says(|before, transition, reply| show_findings(before, transition, reply, |owner| {
            before.administrator(transition.caller) == Some(owner)
        }));
    "findings-of-invited", FINDINGS_OF_ENABLED_ONLY, "An administrator sees the findings of those it has only invited.",
        Says(|before, transition, reply| show_findings(before, transition, reply, |owner| {
            before.status(transition.caller, owner) == Some(MemberStatus::Invited)
        }));
    "findings-of-removed", DISASSOCIATE_HIDES_FINDINGS, "An administrator still sees the findings of members it removed.",
        Says(|before, transition, reply| show_findings(before, transition, reply, |owner| {
            before.status(transition.caller, owner) == Some(MemberStatus::Removed)
        }));
    "findings-twice", FINDINGS_OF_MEMBERS, "An administrator sees a finding of a member twice.",
        Says(|_, transition, reply| on_success(transition, Operation::GetFindings, reply, |document| {
            let Some(Value::Array(shown)) = document.get_mut("Findings") else { return };
            let caller = json!(transition.caller.to_string());
            let of_members = shown.iter().find(|finding| finding.get("AwsAccountId") != Some(&caller)).cloned();
            shown.extend(of_members);
        }));
    "import-foreign", IMPORT_FOREIGN_FINDING, "Findings of other accounts can be imported.", Ignores;
    "import-hub-off", IMPORT_WITHOUT_HUB, "Findings can be imported while the hub is off.", Ignores;
    "import-counts-nothing", IMPORT_OWN_FINDINGS, "SuccessCount is 0 whatever is imported.",
        Says(|_, transition, reply| on_success(transition, Operation::BatchImportFindings, reply, |document| {
            document.insert("SuccessCount".to_owned(), json!(0));
        }));
}

fn on_success_refuse(transition: &Transition, operation: Operation, reply: &mut Reply) {
    if is(transition, operation) && matches!(reply, Reply::Success(_)) {
        *reply = refusal(ErrorKind::InvalidInput);
    }
}

fn same_designations(before: &RegionState, after: &RegionState) -> bool {
    before.designations == after.designations
}

/// Who has become a member by its organization in this call.
fn enrolled(before: &RegionState, after: &RegionState, transition: &Transition) -> Vec<(Account, Account)> {
    if !is(transition, Operation::CreateMembers) {
        return Vec::new();
    }
    let is = |entry: &Member| entry.organization && entry.status == Some(MemberStatus::Enabled);
    let new = after.members.iter().filter(|(key, entry)| is(entry) && !before.members.get(key).is_some_and(is));
    new.map(|(key, _)| *key).collect()
}

fn put(state: &mut RegionState, administrator: Account, member: Account, status: MemberStatus) {
    let because = Because::of(rules::CREATE_NEW);
    let entry = state.members.entry((administrator, member)).or_insert_with(|| Member::new(because));
    entry.status = Some(status);
    entry.organization = status == MemberStatus::Enabled;
    if status == MemberStatus::Enabled {
        state.administrators.insert(member, Administrator { account: Some(administrator), doubt: false, because });
    }
}

fn drop_members(state: &mut RegionState, administrator: Account) {
    let because = Because::of(rules::DESIGNATE_TAKES_MEMBERS_OVER);
    let listed: Vec<Account> = state.list(administrator).map(|(member, _)| member).collect();
    for member in listed {
        state.members.insert((administrator, member), Member::new(because));
        if state.administrator(member) == Some(administrator) {
            state.administrators.remove(&member);
        }
    }
}

fn set_standards(state: &mut RegionState, account: Account, names: &[&str]) {
    if let Some(hub) = state.hubs.get_mut(&account) {
        hub.standards.enabled = Learned::Is(names.iter().map(|name| (*name).to_owned()).collect());
    }
}

/// Leaves out findings of other accounts.
fn hide_findings(transition: &Transition, reply: &mut Reply, hides: impl Fn(Account) -> bool) {
    on_success(transition, Operation::GetFindings, reply, |document| {
        let Some(Value::Array(shown)) = document.get_mut("Findings") else { return };
        shown.retain(|finding| {
            let owner = finding.get("AwsAccountId").and_then(Value::as_str).and_then(Account::from_digits);
            !owner.is_some_and(|owner| owner != transition.caller && hides(owner))
        });
    });
}

/// Shows findings of other accounts besides.
fn show_findings(
    before: &RegionState,
    transition: &Transition,
    reply: &mut Reply,
    shows: impl Fn(Account) -> bool,
) {
    on_success(transition, Operation::GetFindings, reply, |document| {
        let Some(Value::Array(shown)) = document.get_mut("Findings") else { return };
        for (owner, id) in before.findings.keys().filter(|(owner, _)| shows(*owner)) {
            let finding = FindingRef::of(*owner, id.clone());
            shown.push(finding.to_value(*owner, transition.region, &PlainNaming));
        }
    });
}
