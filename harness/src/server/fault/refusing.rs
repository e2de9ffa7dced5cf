//! The plainest violation there is: an operation that refuses every call, the valid ones too.

use super::Sabotage::Refusal as Refuses;
use super::{faults, is};
use passmuster_contract::domain::{ErrorKind, Operation, Transition};
use passmuster_contract::model::RegionState;

/// A row for each operation whose success a rule promises: that rule. No source shows an answer of BatchEnableStandards
/// or BatchDisableStandards to a proper ARN.
macro_rules! refusing {
    ($($name:literal, $operation:ident, $rule:ident, $summary:literal;)*) => {
        faults! {
            $($name, $rule, $summary, Refuses(|before, transition| always(before, transition, Operation::$operation));)*
        }
    };
}

refusing! {
    "refuse-enable", EnableSecurityHub, ENABLE_SWITCHES_ON, "EnableSecurityHub refuses every call.";
    "refuse-disable", DisableSecurityHub, DISABLE_STANDALONE, "DisableSecurityHub refuses every call.";
    "refuse-describe", DescribeHub, DESCRIBE_HUB, "DescribeHub refuses every call.";
    "refuse-update", UpdateSecurityHubConfiguration, DESCRIBE_HUB, "UpdateSecurityHubConfiguration refuses every call.";
    "refuse-create", CreateMembers, CREATE_NEW, "CreateMembers refuses every call.";
    "refuse-get", GetMembers, GET_PARTICULARS, "GetMembers refuses every call.";
    "refuse-list", ListMembers, LIST_EVERY_ENTRY, "ListMembers refuses every call.";
    "refuse-delete", DeleteMembers, DELETE_CREATED, "DeleteMembers refuses every call.";
    "refuse-disassociate", DisassociateMembers, DISASSOCIATE_ENABLED, "DisassociateMembers refuses every call.";
    "refuse-invite", InviteMembers, INVITE_CREATED, "InviteMembers refuses every call.";
    "refuse-invitations", ListInvitations, INVITATIONS_NONE, "ListInvitations refuses every call.";
    "refuse-count", GetInvitationsCount, INVITATIONS_COUNT, "GetInvitationsCount refuses every call.";
    "refuse-accept", AcceptAdministratorInvitation, ACCEPT_ENABLES, "AcceptAdministratorInvitation refuses every call.";
    "refuse-accept-old", AcceptInvitation, ACCEPT_OLD_NAME, "AcceptInvitation refuses every call.";
    "refuse-decline", DeclineInvitations, DECLINE_RESIGNS, "DeclineInvitations refuses every call.";
    "refuse-delete-invitations", DeleteInvitations, DELETE_INVITATION_DECLINED, "DeleteInvitations refuses every call.";
    "refuse-leave", DisassociateFromAdministratorAccount, LEAVE_ENDS_MEMBERSHIP, "DisassociateFromAdministratorAccount refuses every call.";
    "refuse-leave-old", DisassociateFromMasterAccount, LEAVE_ENDS_MEMBERSHIP, "DisassociateFromMasterAccount refuses every call.";
    "refuse-administrator", GetAdministratorAccount, ADMINISTRATOR_NONE, "GetAdministratorAccount refuses every call.";
    "refuse-master", GetMasterAccount, ADMINISTRATOR_NONE, "GetMasterAccount refuses every call.";
    "refuse-designate", EnableOrganizationAdminAccount, DESIGNATE_ACCOUNT, "EnableOrganizationAdminAccount refuses every call.";
    "refuse-undesignate", DisableOrganizationAdminAccount, UNDESIGNATE_FREES_MEMBERS, "DisableOrganizationAdminAccount refuses every call.";
    "refuse-list-administrators", ListOrganizationAdminAccounts, DESIGNATIONS_NONE, "ListOrganizationAdminAccounts refuses every call.";
    "refuse-configuration", DescribeOrganizationConfiguration, CONFIGURATION_DEFAULTS, "DescribeOrganizationConfiguration refuses every call.";
    "refuse-configure", UpdateOrganizationConfiguration, CONFIGURE_AUTO_ENABLE, "UpdateOrganizationConfiguration refuses every call.";
    "refuse-standards", GetEnabledStandards, STANDARDS_OWN_ONLY, "GetEnabledStandards refuses every call.";
    "refuse-import", BatchImportFindings, IMPORT_OWN_FINDINGS, "BatchImportFindings refuses every call.";
    "refuse-findings", GetFindings, FINDINGS_OF_MEMBERS, "GetFindings refuses every call.";
}

/// The error of a validator that nothing satisfies. Where a hub is needed and missing, the contract's own refusal stays.
fn always(before: &RegionState, transition: &Transition, operation: Operation) -> Option<ErrorKind> {
    let without_hub = [
        Operation::EnableSecurityHub,
        Operation::EnableOrganizationAdminAccount,
        Operation::DisableOrganizationAdminAccount,
        Operation::ListOrganizationAdminAccounts,
    ];
    let reached = without_hub.contains(&operation) || before.is_on(transition.caller);
    (is(transition, operation) && reached).then_some(ErrorKind::InvalidInput)
}
