//! Probes whether an organization can be set up, and the operations that need one.

use serde_json::Value;

use super::super::super::pages::Whole;
use super::super::super::settings::RunSettings;
use super::super::super::support::{Support, SupportTable};
use super::super::super::tally::Tally;
use super::super::super::well_formed::WellFormed;
use super::prober::{DELEGATE, ProbeError, Prober};
use crate::generate::MANAGEMENT;
use crate::targets::{OrganizationSetup, SystemUnderTest};
use passmuster_contract::domain::{Account, Document, Operation, Outcome};

/// The calls without which there is no organization to speak of, in the order in which they are made.
const FOUNDING: [Operation; 3] =
    [Operation::CreateOrganization, Operation::CreateAccount, Operation::EnableAWSServiceAccess];

impl<S: SystemUnderTest> Prober<'_, S> {
    /// Founds an organization, and says what came of it. Returns what keeps one from being set up.
    pub(super) async fn found(
        &mut self,
        support: &mut SupportTable,
        tally: &mut Tally,
    ) -> Result<Option<String>, ProbeError> {
        if let Some(known) = without_calls(self.settings) {
            for operation in Operation::SETUP {
                support.set(*operation, known(*operation));
            }
            self.check_given(tally).await?;
            return Ok(None);
        }
        for operation in FOUNDING {
            if let Err(reason) = self.found_by(operation, tally).await {
                for operation in Operation::SETUP {
                    support.set(*operation, Support::Unsupported(reason.clone()));
                }
                return Ok(Some(reason));
            }
            support.set(operation, Support::Supported);
        }
        self.founded = true;
        Ok(None)
    }

    /// Makes sure that a given organization is there, as far as the target can tell: a reset may have cleared it, too.
    async fn check_given(&mut self, tally: &mut Tally) -> Result<(), ProbeError> {
        let OrganizationSetup::Static { management, accounts } = &self.settings.organization else {
            return Ok(());
        };
        self.naming.bind_account(MANAGEMENT, *management);
        let whole = self.call(MANAGEMENT, Operation::ListAccounts, &Document::new(), tally).await?;
        match &whole.outcome {
            Outcome::Success(document) if !document.contains_key("NextToken") => {
                let listed = document.get("Accounts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let is_listed = |account: &Account| {
                    let id = account.to_string();
                    listed.iter().any(|entry| entry.get("Id").and_then(Value::as_str) == Some(&id))
                };
                match accounts.iter().find(|account| !is_listed(account)) {
                    Some(account) => Err(ProbeError::NotGiven(format!("{account} is not in it"))),
                    None => Ok(()),
                }
            }
            Outcome::Error(error) if error.kind.code() == "AWSOrganizationsNotInUseException" => {
                Err(ProbeError::NotGiven(format!("{management} is in none")))
            }
            // A target without AWS Organizations may have an organization nevertheless.
            _ => Ok(()),
        }
    }

    async fn found_by(&mut self, operation: Operation, tally: &mut Tally) -> Result<(), String> {
        let answered = self.call(MANAGEMENT, operation, &self.founding(operation), tally).await;
        let Whole { outcome, .. } = answered.map_err(|error| format!("{operation}: {error}"))?;
        let Outcome::Success(document) = outcome else {
            return Err(format!("{operation} answered {}", outcome.summary()));
        };
        if operation == Operation::CreateAccount {
            let id = document.get("CreateAccountStatus").and_then(|status| status.get("AccountId"));
            let id = id.and_then(Value::as_str).and_then(Account::from_digits);
            let id = id.ok_or_else(|| format!("{operation} brought no account id"))?;
            self.naming.bind_account(DELEGATE, id);
        }
        Ok(())
    }

    /// Probes the calls that set a scenario up and are not needed to found an organization.
    pub(super) async fn disband(&self, support: &mut SupportTable, tally: &mut Tally) {
        if !self.founded {
            return;
        }
        let rest = [
            Operation::ListAccounts,
            Operation::DisableAWSServiceAccess,
            Operation::CloseAccount,
            Operation::RemoveAccountFromOrganization,
        ];
        for operation in rest {
            let found = match self.call(MANAGEMENT, operation, &self.founding(operation), tally).await {
                Ok(whole) => Support::of(&whole.outcome, &whole.response),
                Err(error) => Support::Broken(error.to_string()),
            };
            support.set(operation, found);
        }
    }

    fn founding(&self, operation: Operation) -> Document {
        let naming = &self.naming;
        WellFormed { caller: MANAGEMENT, other: DELEGATE, delegate: DELEGATE, naming }.document(operation)
    }
}

/// The set-up that is known before any call: all of it where there is no organization, or one that is given.
fn without_calls(settings: &RunSettings) -> Option<fn(Operation) -> Support> {
    if settings.single_account.is_some() {
        return Some(|_| Support::Unsupported("one account only".to_owned()));
    }
    match settings.organization {
        OrganizationSetup::Api => None,
        OrganizationSetup::None => Some(|_| Support::Unsupported("no organization".to_owned())),
        OrganizationSetup::Static { .. } => Some(|operation| {
            if FOUNDING.contains(&operation) {
                Support::Supported
            } else {
                Support::Unsupported("the organization is given".to_owned())
            }
        }),
    }
}
