//! Waits for accounts that AWS Organizations is still creating; decides nothing about what the answers mean.

use std::time::Duration;

use crate::targets::{Caller, SystemUnderTest};
use passmuster_contract::domain::{Document, Operation, Outcome};
use passmuster_contract::oracle::setup::{assigned_id, status_member};
use passmuster_contract::wire::{self, HttpResponse};

/// The times to ask. AWS takes minutes, but there nothing is created.
const MOST_POLLS: u32 = 9;
/// The wait before the first time; each further one is twice as long, thirteen seconds together.
const FIRST_WAIT: Duration = Duration::from_millis(25);

/// The answer to `CreateAccount` once the account has its id, where the target creates it after answering, and how many
/// calls that took. Where the id doesn't come, the answer is left as it was.
pub(super) async fn awaited(
    sut: &impl SystemUnderTest,
    caller: &Caller,
    operation: Operation,
    outcome: Outcome,
) -> (Outcome, u64) {
    let (Operation::CreateAccount, Outcome::Success(document)) = (operation, &outcome) else {
        return (outcome, 0);
    };
    let (Some("IN_PROGRESS"), Some(id), None) =
        (status_member(document, "State"), status_member(document, "Id"), assigned_id(document))
    else {
        return (outcome, 0);
    };
    let request = wire::encode_creation_status(id);
    let mut calls = 0;
    for poll in 0..MOST_POLLS {
        tokio::time::sleep(FIRST_WAIT * 2_u32.pow(poll)).await;
        calls += 1;
        match sut.call(caller, request.clone()).await.as_ref().map(status) {
            Ok(Some(document)) if status_member(&document, "State") == Some("IN_PROGRESS") => {}
            Ok(Some(document)) => return (Outcome::Success(document), calls),
            _ => break,
        }
    }
    (outcome, calls)
}

/// What the target says of the creation, in the members that `CreateAccount` answers with.
fn status(response: &HttpResponse) -> Option<Document> {
    match wire::decode_response(Operation::CreateAccount, response) {
        Outcome::Success(document) => Some(document),
        Outcome::Error(_) | Outcome::Undecodable { .. } => None,
    }
}
