//! Reads the members of a request, as JSON brought them, into its typed input.

use std::collections::BTreeMap;

use serde_json::Value;

use super::request::{SERVICE_PRINCIPAL, account_member, account_ref, administrator_member};
use super::{
    AccountDetail, AccountRef, Document, FindingRef, HubArn, Input, Naming, Operation, Page, ProductRef, Request,
};

/// A member whose JSON type is not the one the API model gives it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("member {member} must be {expected}")]
pub struct WrongType {
    /// The member's name.
    pub member: String,
    /// The type wanted, with its article.
    pub expected: &'static str,
}

impl Request {
    /// Reads the members of a request; the inverse of [`Request::to_document`].
    ///
    /// # Errors
    ///
    /// Says which member has a type other than the API model's. Values are not checked.
    pub fn from_document(
        operation: Operation,
        document: &Document,
        naming: &impl Naming,
    ) -> Result<Self, WrongType> {
        let input = SentMembers { document }.input(operation, naming)?;
        Ok(Self { operation, input })
    }
}

/// The members of a request, or of a structure in it.
struct SentMembers<'a> {
    document: &'a Document,
}

impl SentMembers<'_> {
    /// The typed input; members that it has no place for leave the request as it stands.
    fn input(&self, operation: Operation, naming: &impl Naming) -> Result<Input, WrongType> {
        Ok(match operation {
            Operation::EnableSecurityHub => Input::Enable {
                standards: self.boolean("EnableDefaultStandards")?,
                generator: self.string("ControlFindingGenerator")?,
                tags: self.tags("Tags")?,
            },
            Operation::DescribeHub => {
                Input::Describe(self.string("HubArn")?.map(|text| HubArn::from_text(&text, naming)))
            }
            Operation::UpdateSecurityHubConfiguration => Input::Configure {
                auto_enable_controls: self.boolean("AutoEnableControls")?,
                generator: self.string("ControlFindingGenerator")?,
            },
            Operation::CreateMembers => Input::Create(self.details("AccountDetails", naming)?),
            Operation::GetFindings if self.has("Filters") || self.has("SortCriteria") => self.open(),
            Operation::GetEnabledStandards if self.has("StandardsSubscriptionArns") => self.open(),
            Operation::BatchEnableStandards if self.has_nameless_standard() => self.open(),
            Operation::UpdateOrganizationConfiguration if self.has_unmodelled_configuration() => self.open(),
            _ if operation.is_setup() && self.is_not("ServicePrincipal", SERVICE_PRINCIPAL) => self.open(),
            Operation::EnableOrganizationAdminAccount
            | Operation::DisableOrganizationAdminAccount
            | Operation::ListOrganizationAdminAccounts
                if self.is_not("Feature", "SecurityHub") =>
            {
                self.open()
            }
            Operation::ListMembers
            | Operation::ListInvitations
            | Operation::ListOrganizationAdminAccounts
            | Operation::GetEnabledStandards
            | Operation::GetFindings
            | Operation::ListAccounts => self.page()?,
            Operation::EnableOrganizationAdminAccount
            | Operation::DisableOrganizationAdminAccount
            | Operation::CreateAccount
            | Operation::RemoveAccountFromOrganization
            | Operation::CloseAccount
            | Operation::RegisterDelegatedAdministrator
            | Operation::DeregisterDelegatedAdministrator => {
                Input::Account(self.string(account_member(operation))?.map(|text| account_ref(text, naming)))
            }
            Operation::UpdateOrganizationConfiguration => self.organize()?,
            Operation::BatchEnableStandards => Input::Standards(self.standards("StandardsSubscriptionRequests")?),
            Operation::BatchDisableStandards => Input::Standards(self.strings("StandardsSubscriptionArns")?),
            Operation::BatchImportFindings => Input::Import(self.findings("Findings", naming)?),
            Operation::AcceptAdministratorInvitation | Operation::AcceptInvitation => Input::Accept {
                administrator: self.string(administrator_member(operation))?.map(|text| account_ref(text, naming)),
                invitation: self.string("InvitationId")?.map(|text| naming.invitation_from(&text)),
            },
            Operation::GetMembers
            | Operation::DeleteMembers
            | Operation::InviteMembers
            | Operation::DisassociateMembers
            | Operation::DeclineInvitations
            | Operation::DeleteInvitations => Input::Accounts(self.accounts("AccountIds", naming)?),
            Operation::DisableSecurityHub
            | Operation::GetInvitationsCount
            | Operation::DisassociateFromAdministratorAccount
            | Operation::DisassociateFromMasterAccount
            | Operation::GetAdministratorAccount
            | Operation::GetMasterAccount
            | Operation::DescribeOrganizationConfiguration
            | Operation::CreateOrganization
            | Operation::EnableAWSServiceAccess
            | Operation::DisableAWSServiceAccess
            | Operation::LeaveOrganization => Input::Empty,
            Operation::CreateFindingAggregator => self.open(),
        })
    }

    fn open(&self) -> Input {
        Input::Open(Value::Object(self.document.clone()).to_string())
    }

    fn page(&self) -> Result<Input, WrongType> {
        Ok(Input::Page(Page {
            only_associated: self.flag("OnlyAssociated")?,
            max_results: self.integer("MaxResults")?,
            next_token: self.string("NextToken")?,
        }))
    }

    fn organize(&self) -> Result<Input, WrongType> {
        Ok(Input::Organize {
            auto_enable: self.boolean("AutoEnable")?,
            standards: self.string("AutoEnableStandards")?,
            configuration: self.nested("OrganizationConfiguration", "ConfigurationType")?,
        })
    }

    fn get<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, WrongType> {
        match self.document.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| WrongType { member: name.to_owned(), expected }),
        }
    }

    fn string(&self, name: &str) -> Result<Option<String>, WrongType> {
        self.get(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, WrongType> {
        self.get(name, "a boolean", Value::as_bool)
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, WrongType> {
        self.get(name, "an integer", Value::as_i64)
    }

    fn flag(&self, name: &str) -> Result<Option<String>, WrongType> {
        self.get(name, "a boolean", |value| match value {
            Value::Bool(value) => Some(value.to_string()),
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        })
    }

    fn tags(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, WrongType> {
        self.get(name, "a map of strings", |value| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            value.as_object()?.iter().map(|(key, value)| Some((key.clone(), text(value)?))).collect()
        })
    }

    /// A member that is sent and is not null.
    fn given(&self, name: &str) -> Option<&Value> {
        self.document.get(name).filter(|value| !value.is_null())
    }

    fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    fn is_not(&self, name: &str, value: &str) -> bool {
        self.given(name).is_some_and(|given| given != value)
    }

    fn has_nameless_standard(&self) -> bool {
        let requests = self.document.get("StandardsSubscriptionRequests").and_then(Value::as_array);
        let is_nameless = |request: &Value| request.is_object() && request.get("StandardsArn").is_none();
        requests.is_some_and(|requests| requests.iter().any(is_nameless))
    }

    fn has_unmodelled_configuration(&self) -> bool {
        let inner = self.document.get("OrganizationConfiguration").and_then(Value::as_object);
        inner.is_some_and(|inner| inner.keys().any(|name| name != "ConfigurationType"))
    }

    fn nested(&self, name: &str, inner: &str) -> Result<Option<String>, WrongType> {
        let read = |value: &Value| SentMembers { document: value.as_object()? }.string(inner).ok();
        self.get(name, "a structure of strings", read).map(Option::flatten)
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        self.get(name, "a list of strings", |value| {
            value.as_array()?.iter().map(|item| Some(item.as_str()?.to_owned())).collect()
        })
    }

    fn standards(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        let arn = |value: &Value| Some(value.get("StandardsArn")?.as_str()?.to_owned());
        self.get(name, "a list of structures with a StandardsArn", |value| {
            value.as_array()?.iter().map(arn).collect()
        })
    }

    fn findings(&self, name: &str, naming: &impl Naming) -> Result<Option<Vec<FindingRef>>, WrongType> {
        let finding = |value: &Value| {
            let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
            let product = text("ProductArn").map(|arn| ProductRef::from_text(&arn, naming)).unwrap_or_default();
            Some(FindingRef { account: account_ref(text("AwsAccountId")?, naming), id: text("Id")?, product })
        };
        let expected = "a list of findings, each with AwsAccountId and Id";
        self.get(name, expected, |value| value.as_array()?.iter().map(finding).collect())
    }

    fn accounts(&self, name: &str, naming: &impl Naming) -> Result<Option<Vec<AccountRef>>, WrongType> {
        self.get(name, "a list of strings", |value| {
            value.as_array()?.iter().map(|id| Some(account_ref(id.as_str()?.to_owned(), naming))).collect()
        })
    }

    fn details(&self, name: &str, naming: &impl Naming) -> Result<Option<Vec<AccountDetail>>, WrongType> {
        let entry = |value: &Value| {
            let inner = SentMembers { document: value.as_object()? };
            Some(AccountDetail {
                account: inner.string("AccountId").ok()?.map(|text| account_ref(text, naming)),
                email: inner.string("Email").ok()?,
            })
        };
        self.get(name, "a list of structures of strings", |value| value.as_array()?.iter().map(entry).collect())
    }
}
