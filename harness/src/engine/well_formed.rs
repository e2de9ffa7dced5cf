//! One well-formed request of each operation, between accounts of a run.

use serde_json::{Value, json};

use crate::generate::CastNaming;
use passmuster_contract::domain::shape::ShapeKind;
use passmuster_contract::domain::well_formed::{Fill, InputForm, plain};
use passmuster_contract::domain::{Account, Document, FindingRef, InvitationRef, Naming, Operation, Region};

/// Who and what requests name.
pub(super) struct WellFormed<'a> {
    pub(super) caller: Account,
    /// The account that is created, invited, accepted or closed.
    pub(super) other: Account,
    /// The account that is to administer an organization.
    pub(super) delegate: Account,
    pub(super) naming: &'a CastNaming,
}

impl WellFormed<'_> {
    /// The members of a well-formed request, the fewest that make one.
    pub(super) fn document(&self, operation: Operation) -> Document {
        let leaf = |name: &str, kind: &ShapeKind, _| self.value(name, kind);
        let mut document =
            InputForm { fill: Fill::Required, length: InputForm::ONE, leaf: &leaf }.input(operation);
        if operation == Operation::UpdateSecurityHubConfiguration {
            // Nothing is required of it, and an empty one might be refused.
            document.insert("AutoEnableControls".to_owned(), true.into());
        }
        document
    }

    fn value(&self, name: &str, kind: &ShapeKind) -> Value {
        let (region, own) = (self.naming.region(Region(0)), self.naming.account(self.caller));
        let standard = "aws-foundational-security-best-practices/v/1.0.0";
        match name {
            "AccountId" | "AccountIds" | "AdministratorId" | "MasterId" => json!(self.naming.account(self.other)),
            "AdminAccountId" => json!(self.naming.account(self.delegate)),
            "InvitationId" => json!(InvitationRef::UNKNOWN),
            "AutoEnable" => json!(false),
            "StandardsArn" => json!(format!("arn:aws:securityhub:{region}::standards/{standard}")),
            "StandardsSubscriptionArns" => {
                json!(format!("arn:aws:securityhub:{region}:{own}:subscription/{standard}"))
            }
            "Findings" => {
                let finding = FindingRef::of(self.caller, "passmuster-probe");
                finding.to_value(self.caller, Region(0), self.naming)
            }
            "AccountName" => json!("passmuster"),
            "Email" => json!("passmuster@example.com"),
            "ServicePrincipal" => json!("securityhub.amazonaws.com"),
            _ => plain(kind),
        }
    }
}
