//! What a scenario did, as a conversation that can be judged again without the target.

use serde_json::Value;

use super::execute::{Execution, learn_invitations};
use crate::domain::{Account, Naming, Outcome};
use crate::generate::CastNaming;
use crate::trace::{Answer, Call, Conversation, Header, Provenance};

/// The conversation of an execution, under the names that it began with. A call that brought no answer ended the
/// scenario; it is left out.
pub(super) fn conversation(execution: &Execution, mut naming: CastNaming, title: String) -> Conversation {
    let mut calls = Vec::new();
    for step in &execution.steps {
        let Ok(outcome) = &step.answer else { break };
        let bound = naming.bind(&step.transition);
        // The accounts of a run are real ids by construction.
        let Some(account) = Account::from_digits(&naming.account(bound.caller)) else { break };
        calls.push(Call {
            line: 0,
            account,
            region: naming.region(bound.region),
            operation: bound.request.operation,
            request: bound.request.to_document(bound.caller, &naming),
            answer: answer(outcome),
            pages: if matches!(outcome, Outcome::Success(_)) { step.pages.clone() } else { Vec::new() },
            provenance: Provenance::Observed,
            unknown: Vec::new(),
        });
        learn_invitations(&mut naming, &step.transition, outcome);
    }
    Conversation { line: 0, header: Header { title, ..Header::default() }, calls }
}

fn answer(outcome: &Outcome) -> Answer {
    match outcome {
        Outcome::Success(document) => {
            Answer::Response { status: 200, body: Some(Value::Object(document.clone())) }
        }
        Outcome::Error(error) => Answer::Error(error.clone()),
        Outcome::Undecodable { status, reason } => Answer::Unreadable { status: *status, reason: reason.clone() },
    }
}
