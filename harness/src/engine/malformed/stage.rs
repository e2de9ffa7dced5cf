//! Stages, where malformed requests are sent: accounts of their own, brought to where the operation has something to
//! do.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::creation;
use super::super::support::SupportTable;
use super::super::symbols::SymbolicNames;
use super::super::well_formed::WellFormed;
use crate::generate::{CastNaming, MANAGEMENT, principal_name};
use crate::targets::{Caller, HttpTransport, SystemUnderTest, TransportError};
use passmuster_contract::domain::{Account, Document, Family, Naming, Operation, Outcome, Region, Role};
use passmuster_contract::oracle::setup::assigned_id;
use passmuster_contract::wire;
use passmuster_malformed::{Base, Message, in_order};

const ADMINISTRATOR: Account = Account(1);
const MEMBER: Account = Account(2);
const STRANGERS: [Account; 2] = [Account(3), Account(4)];
/// Administers an organization; the target gives it its id.
const DELEGATE: Account = Account(5);

/// A text that looks like a secret and is none.
const CANARY: &str = "wJalrXUtnFEMIcanaryK7MDENGbPxRfiCY";

/// The first words where a read brings no answer.
const NO_ANSWER: &str = "no answer";

/// Whether what a read shows is a failure of the target.
pub(super) fn is_failure(shown: &str) -> bool {
    shown.starts_with('5') || shown.starts_with(NO_ANSWER)
}

/// The contents of a stage, by the read that shows them.
pub(super) type StageViews = BTreeMap<String, String>;

/// Accounts that one operation is tried on.
pub(super) struct OperationStage {
    pub(super) naming: CastNaming,
    pub(super) caller: Caller,
    pub(super) base: Base,
    /// A well-formed read by the same caller, to send after a malformed request.
    pub(super) follow: Message,
    /// Calls that it took.
    pub(super) calls: u64,
    /// When it was ready.
    pub(super) opened: Instant,
}

/// The fixture that stages are set up on.
#[derive(Clone)]
pub(super) struct Fixture {
    pub(super) transport: Arc<HttpTransport>,
    pub(super) support: Arc<SupportTable>,
}

impl Fixture {
    /// Sets a stage up for an operation, with the accounts of `naming`.
    pub(super) async fn stage(
        &self,
        operation: Operation,
        naming: CastNaming,
    ) -> Result<OperationStage, TransportError> {
        let mut set_up = SetUp { fixture: self, naming, calls: 0 };
        let invitation = set_up.prepare(operation).await?;
        let SetUp { naming, calls, .. } = set_up;
        let base = base(operation, &naming, invitation);
        Ok(OperationStage { base, calls, ..Self::blank(operation, naming) })
    }

    /// A stage whose accounts have done nothing yet.
    pub(super) fn blank(operation: Operation, naming: CastNaming) -> OperationStage {
        let base = base(operation, &naming, None);
        let caller = Caller::new(&base.caller, &base.region);
        let follow = Message::of(&wire::encode_request(Operation::ListMembers, &Document::new()));
        OperationStage { caller, base, follow, calls: 0, naming, opened: Instant::now() }
    }

    /// Reads the contents of a stage, accounts by name and volatile values by number: all of them, or those alone that
    /// show what the operation itself does.
    pub(super) async fn views(
        &self,
        stage: &OperationStage,
        all: bool,
    ) -> Result<(StageViews, u64), TransportError> {
        let accounts = |list: &[Account]| -> Vec<String> {
            list.iter().map(|account| stage.naming.account(*account)).collect()
        };
        let known = json!({ "AccountIds": accounts(&[MEMBER, STRANGERS[0], STRANGERS[1]]) });
        let reads = [
            (ADMINISTRATOR, Operation::DescribeHub, json!({})),
            (STRANGERS[0], Operation::DescribeHub, json!({})),
            (ADMINISTRATOR, Operation::ListMembers, json!({ "OnlyAssociated": false })),
            (ADMINISTRATOR, Operation::ListMembers, json!({ "OnlyAssociated": true })),
            (ADMINISTRATOR, Operation::GetMembers, known),
            (ADMINISTRATOR, Operation::GetEnabledStandards, json!({})),
            (MEMBER, Operation::ListInvitations, json!({})),
            (MEMBER, Operation::GetInvitationsCount, json!({})),
            (MEMBER, Operation::GetAdministratorAccount, json!({})),
        ];
        let organization = [
            (DELEGATE, Operation::DescribeOrganizationConfiguration, json!({})),
            (DELEGATE, Operation::DescribeHub, json!({})),
            (MANAGEMENT, Operation::ListOrganizationAdminAccounts, json!({})),
        ];
        // Elsewhere there is none.
        let is_organized = stage.base.operation.family() == Family::Organization;
        let (mut views, mut calls) = (StageViews::new(), 0);
        for (account, operation, document) in
            reads.into_iter().chain(organization.into_iter().filter(|_| is_organized))
        {
            let telling = all || tells(operation, stage.base.operation);
            if !telling || !self.support.has(operation) {
                continue;
            }
            let document = document.as_object().cloned().unwrap_or_default();
            let outcome = self.call(&stage.naming, account, operation, &document).await?;
            calls += 1;
            let named = |text: &str| without_numbers(&SymbolicNames::new(stage.naming.clone()).symbolic(text));
            let shown = match outcome {
                Outcome::Success(document) => in_order(without_token(document), &named).to_string(),
                Outcome::Error(error) => format!("{} {}", error.status, error.kind),
                Outcome::Undecodable { status: 0, reason, .. } => format!("{NO_ANSWER}: {reason}"),
                Outcome::Undecodable { status, .. } => format!("{status}, unreadable"),
            };
            views.insert(
                format!("{operation} of {} {}", principal_name(account), wanted(&document)),
                named(&shown),
            );
        }
        Ok((views, calls))
    }

    async fn call(
        &self,
        naming: &CastNaming,
        account: Account,
        operation: Operation,
        document: &Document,
    ) -> Result<Outcome, TransportError> {
        let caller = Caller::new(&naming.account(account), &naming.region(Region(0)));
        match self.transport.call(&caller, wire::encode_request(operation, document)).await {
            Ok(response) => {
                let outcome = wire::decode_response(operation, &response);
                Ok(creation::awaited(&self.transport, &caller, operation, outcome).await.0)
            }
            // A target that drops a connection need not be gone.
            Err(error) => {
                let reason = error.fault_of_target().ok_or(error)?;
                Ok(Outcome::Undecodable { status: 0, pointer: String::new(), reason })
            }
        }
    }
}

/// The well-formed request of an operation, and whom it names.
pub(super) fn base(operation: Operation, naming: &CastNaming, invitation: Option<String>) -> Base {
    let caller = caller_of(operation);
    let other = match (caller, operation) {
        (MEMBER, _) => ADMINISTRATOR,
        (_, Operation::CreateMembers) => STRANGERS[0],
        _ => MEMBER,
    };
    let mut document = WellFormed { caller, other, delegate: DELEGATE, naming }.document(operation);
    if operation == Operation::UpdateOrganizationConfiguration {
        // What is so already would show nothing.
        document.insert("AutoEnable".to_owned(), true.into());
    }
    if let (Some(id), Some(member)) = (invitation, document.get_mut("InvitationId")) {
        *member = Value::from(id);
    }
    let name = |account| naming.account(account);
    Base {
        operation,
        message: Message::of(&wire::encode_request(operation, &document)),
        caller: name(caller),
        member: name(MEMBER),
        strangers: STRANGERS.map(name),
        region: naming.region(Region(0)),
        canary: CANARY.to_owned(),
    }
}

/// A page as JSON, without what the token for the next one happens to be.
pub(super) fn without_token(mut page: Document) -> Value {
    if let Some(token) = page.get_mut("NextToken").filter(|token| token.is_string()) {
        *token = "<token>".into();
    }
    Value::Object(page)
}

/// Names without the numbers of instants and ids: which of two calls fell into the same second is chance.
pub(super) fn without_numbers(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(at) = ["<instant-", "<id-"].iter().filter_map(|name| Some(rest.find(name)? + name.len())).min()
    {
        plain.push_str(&rest[..at]);
        rest = rest[at..].trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    plain + rest
}

/// Whether a read shows what an operation does.
fn tells(read: Operation, operation: Operation) -> bool {
    match operation.family() {
        Family::Hub => matches!(read, Operation::DescribeHub | Operation::GetEnabledStandards),
        Family::Members => matches!(read, Operation::ListMembers | Operation::GetMembers),
        Family::Invitations | Family::Administrator => matches!(
            read,
            Operation::ListMembers
                | Operation::ListInvitations
                | Operation::GetInvitationsCount
                | Operation::GetAdministratorAccount
        ),
        Family::Organization => {
            matches!(read, Operation::DescribeOrganizationConfiguration | Operation::ListOrganizationAdminAccounts)
        }
        Family::Standards => read == Operation::GetEnabledStandards,
        Family::Findings | Family::Accounts => false,
    }
}

/// Tells reads of one operation apart.
fn wanted(document: &Document) -> &'static str {
    match document.get("OnlyAssociated") {
        Some(Value::Bool(true)) => "(associated)",
        _ => "",
    }
}

/// The account that calls an operation where it has something to do.
const fn caller_of(operation: Operation) -> Account {
    match operation.role() {
        Role::Newcomer => STRANGERS[0],
        Role::Administrator => ADMINISTRATOR,
        Role::Member => MEMBER,
        Role::Delegate => DELEGATE,
        Role::Management => MANAGEMENT,
    }
}

struct SetUp<'a> {
    fixture: &'a Fixture,
    naming: CastNaming,
    calls: u64,
}

impl SetUp<'_> {
    /// Brings the accounts to where the operation has something to do; gives the id of the invitation that the member
    /// has, where it has one. What a target refuses on the way is left at that: requests are compared with each other.
    async fn prepare(&mut self, operation: Operation) -> Result<Option<String>, TransportError> {
        if operation.family() == Family::Organization {
            self.organize(operation).await?;
            return Ok(None);
        }
        let (administrator, member) = (self.naming.account(ADMINISTRATOR), self.naming.account(MEMBER));
        self.make(ADMINISTRATOR, Operation::EnableSecurityHub, json!({})).await?;
        let details = json!({ "AccountDetails": [{ "AccountId": member }] });
        self.make(ADMINISTRATOR, Operation::CreateMembers, details).await?;
        if caller_of(operation) != MEMBER {
            return Ok(None);
        }
        self.make(MEMBER, Operation::EnableSecurityHub, json!({})).await?;
        self.make(ADMINISTRATOR, Operation::InviteMembers, json!({ "AccountIds": [member] })).await?;
        let list = self.make(MEMBER, Operation::ListInvitations, json!({})).await?;
        let id = list.as_ref().and_then(|list| {
            let first = list.get("Invitations")?.as_array()?.first()?;
            first.get("InvitationId")?.as_str().map(str::to_owned)
        });
        if operation.family() == Family::Administrator
            && let Some(id) = &id
        {
            let accept = json!({ "AdministratorId": administrator, "InvitationId": id });
            self.make(MEMBER, Operation::AcceptAdministratorInvitation, accept).await?;
        }
        Ok(id)
    }

    /// Founds an organization with an account to administer it, which it does already but where the operation is to
    /// make it do so.
    async fn organize(&mut self, operation: Operation) -> Result<(), TransportError> {
        self.make(MANAGEMENT, Operation::CreateOrganization, json!({})).await?;
        // No two accounts have one address.
        let email = format!("passmuster-{}@example.com", self.naming.account(DELEGATE));
        let account = json!({ "AccountName": "passmuster", "Email": email });
        let created = self.make(MANAGEMENT, Operation::CreateAccount, account).await?;
        if let Some(id) = created.as_ref().and_then(assigned_id) {
            self.naming.bind_account(DELEGATE, id);
        }
        let access = json!({ "ServicePrincipal": "securityhub.amazonaws.com" });
        self.make(MANAGEMENT, Operation::EnableAWSServiceAccess, access).await?;
        if operation != Operation::EnableOrganizationAdminAccount {
            let delegate = json!({ "AdminAccountId": self.naming.account(DELEGATE) });
            self.make(MANAGEMENT, Operation::EnableOrganizationAdminAccount, delegate).await?;
            self.make(DELEGATE, Operation::EnableSecurityHub, json!({})).await?;
        }
        Ok(())
    }

    async fn make(
        &mut self,
        account: Account,
        operation: Operation,
        document: Value,
    ) -> Result<Option<Document>, TransportError> {
        if !self.fixture.support.can_call(operation) {
            return Ok(None);
        }
        self.calls += 1;
        let document = document.as_object().cloned().unwrap_or_default();
        Ok(match self.fixture.call(&self.naming, account, operation, &document).await? {
            Outcome::Success(document) => Some(document),
            Outcome::Error(_) | Outcome::Undecodable { .. } => None,
        })
    }
}
