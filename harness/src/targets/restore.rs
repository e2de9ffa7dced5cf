//! Brings the accounts of a cast back to where they were, without hubs and relations, and makes sure of it by reading.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;
use tokio::time::sleep;

use super::footprint::{Footprint, FootprintError};
use super::{Caller, HttpTransport, SystemUnderTest, TransportError};
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::wire::encode_request;

/// So many times all is gone through before what is left is told. A target may show late what was done.
const MOST_ROUNDS: u32 = 6;
/// The pause before the second round; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// Why accounts could not be brought back. Fits after "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// It can't be seen what there is.
    #[error(transparent)]
    Unseen(#[from] FootprintError),
    /// A change brought no answer.
    #[error("bring account {account} in {region} back: could not {error}")]
    Transport {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// Why there was none.
        error: TransportError,
    },
    /// Something stays, whatever is done.
    #[error("bring account {account} in {region} back: {left}")]
    Left {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The things that are there still.
        left: String,
    },
}

impl HttpTransport {
    /// Brings back every account that changes have touched since the last time.
    ///
    /// # Errors
    ///
    /// When something is left, or can't be seen.
    pub async fn restore(&self) -> Result<(), RestoreError> {
        let touched = self.guard.touched();
        if touched.is_empty() {
            return Ok(());
        }
        self.guard.begin_cleanup();
        let mut result = Ok(());
        for (region, accounts) in &touched {
            // One that fails is no reason to leave another as it is.
            result = result.and(restore_region(self, region, accounts).await);
        }
        self.guard.end_cleanup(result.is_ok());
        result
    }
}

/// Brings back accounts in one Region.
async fn restore_region(
    sut: &impl SystemUnderTest,
    region: &str,
    accounts: &BTreeSet<String>,
) -> Result<(), RestoreError> {
    let callers: Vec<Caller> = accounts.iter().map(|account| Caller::new(account, region)).collect();
    let mut last = Ok(Progress::Done);
    for round in 0..MOST_ROUNDS {
        if round > 0 && last.is_err() && sut.may_lag() {
            sleep(PAUSE * 2_u32.pow(round - 1)).await;
        }
        last = restore_once(sut, &callers).await;
        if last == Ok(Progress::Done) {
            return Ok(());
        }
    }
    match (last, callers.first()) {
        (Err(error), _) => Err(error),
        (Ok(_), Some(caller)) => Err(left_over(caller, "what its deleted members are invited by".to_owned())),
        (Ok(_), None) => Ok(()),
    }
}

/// How far one round came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Everything is back.
    Done,
    /// Invitations that could not be declined were made anew, so that they can be.
    Renewed,
}

async fn restore_once(sut: &impl SystemUnderTest, callers: &[Caller]) -> Result<Progress, RestoreError> {
    for caller in callers {
        // Only who has a hub is told of its relations, and can end them.
        if !Footprint::hub(sut, caller).await? {
            let without_standards = document(json!({ "EnableDefaultStandards": false }));
            change(sut, caller, Operation::EnableSecurityHub, &without_standards).await?;
        }
    }
    let mut ended = false;
    for caller in callers {
        ended |= end_as_member(sut, caller).await?;
    }
    for caller in callers {
        ended |= end_as_administrator(sut, caller).await?;
    }
    if ended {
        let mut renewed = false;
        for caller in callers {
            // What one side ends may leave traces on the other.
            let left = Footprint::relations(sut, caller).await?;
            if left.invitations.is_empty() && !left.is_alone() {
                return Err(left_over(caller, left.to_string()));
            }
            for inviter in &left.invitations {
                let inviter = callers.iter().find(|other| *other.account == **inviter);
                let inviter = inviter.ok_or_else(|| left_over(caller, left.to_string()))?;
                renew(sut, inviter, &caller.account).await?;
                renewed = true;
            }
        }
        if renewed {
            return Ok(Progress::Renewed);
        }
    }
    for caller in callers {
        change(sut, caller, Operation::DisableSecurityHub, &Document::new()).await?;
    }
    for caller in callers {
        if Footprint::hub(sut, caller).await? {
            return Err(left_over(caller, "its hub is on".to_owned()));
        }
    }
    Ok(Progress::Done)
}

/// Ends what an account was invited to; returns whether there was anything. That comes before its administrator
/// deletes it: who is no member any more may be unable to decline.
async fn end_as_member(sut: &impl SystemUnderTest, caller: &Caller) -> Result<bool, RestoreError> {
    let held = Footprint::relations(sut, caller).await?;
    if held.administrator.is_some() {
        change(sut, caller, Operation::DisassociateFromAdministratorAccount, &Document::new()).await?;
    }
    for inviter in &held.invitations {
        let inviter = one(inviter);
        change(sut, caller, Operation::DeclineInvitations, &inviter).await?;
        change(sut, caller, Operation::DeleteInvitations, &inviter).await?;
    }
    Ok(held.administrator.is_some() || !held.invitations.is_empty())
}

/// Ends what an account has invited others to; returns whether there was anything.
async fn end_as_administrator(sut: &impl SystemUnderTest, caller: &Caller) -> Result<bool, RestoreError> {
    let members = Footprint::relations(sut, caller).await?.members;
    for member in &members {
        let member = one(member);
        change(sut, caller, Operation::DisassociateMembers, &member).await?;
        change(sut, caller, Operation::DeleteMembers, &member).await?;
    }
    Ok(!members.is_empty())
}

/// Invites an account of the cast anew, so that its old invitation can be declined.
async fn renew(sut: &impl SystemUnderTest, inviter: &Caller, invitee: &str) -> Result<(), RestoreError> {
    let details = document(json!({ "AccountDetails": [{ "AccountId": invitee }] }));
    change(sut, inviter, Operation::CreateMembers, &details).await?;
    change(sut, inviter, Operation::InviteMembers, &one(invitee)).await
}

/// Makes a change, whatever is said to it: what came of it is read.
async fn change(
    sut: &impl SystemUnderTest,
    caller: &Caller,
    operation: Operation,
    document: &Document,
) -> Result<(), RestoreError> {
    let called = sut.call(caller, encode_request(operation, document)).await;
    called.map(drop).map_err(|error| RestoreError::Transport {
        account: caller.account.to_string(),
        region: caller.region.to_string(),
        error,
    })
}

fn one(account: &str) -> Document {
    document(json!({ "AccountIds": [account] }))
}

fn document(value: Value) -> Document {
    value.as_object().cloned().unwrap_or_default()
}

fn left_over(caller: &Caller, left: String) -> RestoreError {
    RestoreError::Left { account: caller.account.to_string(), region: caller.region.to_string(), left }
}
