//! One well-formed request of each operation.

use serde_json::json;

use crate::generate::CastNaming;
use passmuster_contract::domain::{Account, Document, FindingRef, InvitationRef, Naming, Operation, Region};

/// Who and what requests name.
pub(super) struct WellFormed<'a> {
    pub(super) caller: Account,
    /// The account that is created, invited or accepted.
    pub(super) other: Account,
    /// The account that is to administer an organization.
    pub(super) delegate: Account,
    pub(super) naming: &'a CastNaming,
}

impl WellFormed<'_> {
    /// The members of a well-formed request, the fewest that make one.
    pub(super) fn document(&self, operation: Operation) -> Document {
        let other = self.naming.account(self.other);
        let own = self.naming.account(self.caller);
        let region = self.naming.region(Region(0));
        let standard =
            format!("arn:aws:securityhub:{region}::standards/aws-foundational-security-best-practices/v/1.0.0");
        let subscription = format!(
            "arn:aws:securityhub:{region}:{own}:subscription/aws-foundational-security-best-practices/v/1.0.0"
        );
        let value = match operation {
            Operation::CreateMembers => json!({ "AccountDetails": [{ "AccountId": other }] }),
            Operation::GetMembers
            | Operation::DeleteMembers
            | Operation::InviteMembers
            | Operation::DisassociateMembers
            | Operation::DeclineInvitations
            | Operation::DeleteInvitations => json!({ "AccountIds": [other] }),
            Operation::AcceptAdministratorInvitation => {
                json!({ "AdministratorId": other, "InvitationId": InvitationRef::UNKNOWN })
            }
            Operation::AcceptInvitation => json!({ "MasterId": other, "InvitationId": InvitationRef::UNKNOWN }),
            Operation::EnableOrganizationAdminAccount | Operation::DisableOrganizationAdminAccount => {
                json!({ "AdminAccountId": self.naming.account(self.delegate) })
            }
            Operation::UpdateOrganizationConfiguration => json!({ "AutoEnable": false }),
            Operation::UpdateSecurityHubConfiguration => json!({ "AutoEnableControls": true }),
            Operation::BatchEnableStandards => {
                json!({ "StandardsSubscriptionRequests": [{ "StandardsArn": standard }] })
            }
            Operation::BatchDisableStandards => json!({ "StandardsSubscriptionArns": [subscription] }),
            Operation::BatchImportFindings => {
                let finding = FindingRef { account: self.caller.into(), id: "passmuster-probe".to_owned() };
                json!({ "Findings": [finding.to_value(self.caller, Region(0), self.naming)] })
            }
            _ => json!({}),
        };
        value.as_object().cloned().unwrap_or_default()
    }
}
