//! The things that an account has in a Region, by reading: its hub, and its relations to other accounts.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use super::{Caller, SystemUnderTest, TransportError};
use passmuster_contract::domain::{Document, Operation, Outcome};
use passmuster_contract::wire::{decode_response, encode_request};

/// The most pages that are followed in one list.
const MOST_PAGES: usize = 40;

/// The things that an account has in a Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Whether its hub is on.
    pub hub: bool,
    /// The members it administers or has invited, whatever their status.
    pub members: Vec<String>,
    /// Who has invited it.
    pub invitations: Vec<String>,
    /// Its administrator.
    pub administrator: Option<String>,
    /// The delegated administrators of its organization.
    pub delegated: Vec<String>,
}

/// Why it can't be known what an account has. Fits after "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FootprintError {
    /// A call brought no answer.
    #[error("see what account {account} has in {region}: could not {error}")]
    Transport {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// Why there was none.
        error: TransportError,
    },
    /// The answer doesn't say.
    #[error("see what account {account} has in {region}: {operation} answered {answer}; see what its keys may do")]
    Unclear {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The operation.
        operation: Operation,
        /// Its answer, in short.
        answer: String,
    },
}

impl Footprint {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether no other account has to do with it.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        Self { hub: false, ..self.clone() }.is_empty()
    }

    /// Reads all of it, as far as the account may: who has no hub is not told of its members.
    ///
    /// # Errors
    ///
    /// When it can't be known whether the hub is on, or what is in it.
    pub async fn read(sut: &impl SystemUnderTest, caller: &Caller) -> Result<Self, FootprintError> {
        let reader = Reader { sut, caller };
        let hub = reader.hub().await?;
        let members = reader.list(Operation::ListMembers, "Members", hub).await?;
        let invitations = reader.list(Operation::ListInvitations, "Invitations", hub).await?;
        let administrator = reader.administrator(hub).await?;
        // Accounts that manage no organization are refused, each in its own way.
        let delegated = reader.list(Operation::ListOrganizationAdminAccounts, "AdminAccounts", false).await?;
        Ok(Self { hub, members, invitations, administrator, delegated })
    }

    /// Reads what a hub that is on holds of other accounts; of delegated administrators a run leaves none.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(super) async fn relations(sut: &impl SystemUnderTest, caller: &Caller) -> Result<Self, FootprintError> {
        let reader = Reader { sut, caller };
        let members = reader.list(Operation::ListMembers, "Members", true).await?;
        let invitations = reader.list(Operation::ListInvitations, "Invitations", true).await?;
        let administrator = reader.administrator(true).await?;
        Ok(Self { hub: true, members, invitations, administrator, delegated: Vec::new() })
    }

    /// Whether the hub is on.
    ///
    /// # Errors
    ///
    /// When the answer doesn't say.
    pub(super) async fn hub(sut: &impl SystemUnderTest, caller: &Caller) -> Result<bool, FootprintError> {
        Reader { sut, caller }.hub().await
    }
}

impl fmt::Display for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |what: &str, accounts: &[String]| {
            (!accounts.is_empty()).then(|| format!("{what} {}", accounts.join(", ")))
        };
        let parts = [
            self.hub.then(|| "its hub is on".to_owned()),
            listed("it has the members", &self.members),
            listed("it is invited by", &self.invitations),
            self.administrator.as_ref().map(|account| format!("its administrator is {account}")),
            listed("its organization has the delegated administrators", &self.delegated),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "nothing" } else { "" })?;
        f.write_str(&parts.join("; "))
    }
}

/// Reads as one account in one Region.
struct Reader<'a, S> {
    sut: &'a S,
    caller: &'a Caller,
}

impl<S: SystemUnderTest> Reader<'_, S> {
    async fn ask(&self, operation: Operation, document: &Document) -> Result<Outcome, FootprintError> {
        let response = self.sut.call(self.caller, encode_request(operation, document)).await;
        let response = response.map_err(|error| FootprintError::Transport {
            account: self.caller.account.to_string(),
            region: self.caller.region.to_string(),
            error,
        })?;
        Ok(decode_response(operation, &response))
    }

    async fn hub(&self) -> Result<bool, FootprintError> {
        match self.ask(Operation::DescribeHub, &Document::new()).await? {
            Outcome::Success(_) => Ok(true),
            // A denial would say nothing of the hub.
            Outcome::Error(error)
                if ["InvalidAccessException", "ResourceNotFoundException"].contains(&error.kind.code()) =>
            {
                Ok(false)
            }
            other => Err(self.unclear(Operation::DescribeHub, &other)),
        }
    }

    /// The accounts of a list; a refusal counts as none unless the answer is `due`.
    async fn list(&self, operation: Operation, list: &str, due: bool) -> Result<Vec<String>, FootprintError> {
        let mut document = Document::new();
        if operation == Operation::ListMembers {
            document.insert("OnlyAssociated".to_owned(), false.into());
        }
        let mut accounts = Vec::new();
        for _ in 0..MOST_PAGES {
            let page = match self.ask(operation, &document).await? {
                Outcome::Success(page) => page,
                Outcome::Error(_) if !due => return Ok(accounts),
                other => return Err(self.unclear(operation, &other)),
            };
            let entries = page.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            for entry in entries {
                let id = entry.get("AccountId").and_then(Value::as_str).unwrap_or("one without an id");
                accounts.push(id.chars().take(40).collect());
            }
            match page.get("NextToken").filter(|token| token.as_str().is_some_and(|token| !token.is_empty())) {
                Some(token) => document.insert("NextToken".to_owned(), token.clone()),
                None => return Ok(accounts),
            };
        }
        let answer = format!("more than {MOST_PAGES} pages");
        Err(self.unclear_as(operation, answer))
    }

    async fn administrator(&self, due: bool) -> Result<Option<String>, FootprintError> {
        match self.ask(Operation::GetAdministratorAccount, &Document::new()).await? {
            Outcome::Success(answer) => {
                let id = answer.get("Administrator").and_then(|held| held.get("AccountId"));
                Ok(id.and_then(Value::as_str).map(|id| id.chars().take(40).collect()))
            }
            Outcome::Error(_) if !due => Ok(None),
            // Some say so where there is none.
            Outcome::Error(error) if error.kind.code() == "ResourceNotFoundException" => Ok(None),
            other => Err(self.unclear(Operation::GetAdministratorAccount, &other)),
        }
    }

    fn unclear(&self, operation: Operation, outcome: &Outcome) -> FootprintError {
        self.unclear_as(operation, outcome.summary().chars().take(200).collect())
    }

    fn unclear_as(&self, operation: Operation, answer: String) -> FootprintError {
        let (account, region) = (self.caller.account.to_string(), self.caller.region.to_string());
        FootprintError::Unclear { account, region, operation, answer }
    }
}
