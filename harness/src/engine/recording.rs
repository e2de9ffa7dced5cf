//! The calls and answers of a scenario, as a conversation that can be judged again without the target.

use serde_json::Value;

use super::execution::{ExecutedStep, Execution};
use super::executor::learn_invitations;
use crate::generate::CastNaming;
use passmuster_contract::domain::{Account, Circumstances, Naming, Outcome};
use passmuster_contract::trace::{Call, Conversation, Header, Provenance, RecordedAnswer};

/// The conversation of an execution, under the names that it began with. A call that brought no answer ended the
/// scenario; it is left out.
pub(super) fn conversation(execution: &Execution, mut naming: CastNaming, title: String) -> Conversation {
    // No call names these accounts before they are created.
    for (account, id) in &execution.assigned {
        naming.bind_account(*account, *id);
    }
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
            operation: bound.request.operation.into(),
            request: bound.request.to_document(bound.caller, bound.region, &naming),
            answer: answer(outcome),
            pages: pages(step, outcome),
            provenance: if step.given { Provenance::Assumed } else { Provenance::Observed },
            unknown: Vec::new(),
        });
        learn_invitations(&mut naming, &step.transition, outcome);
    }
    let Circumstances { excluded, patience, .. } = Circumstances::of_stand_in();
    let excludes = excluded.into_iter().collect();
    let header = Header { title, excludes, patience: Some(patience), ..Header::default() };
    Conversation { line: 0, header, calls }
}

/// The sizes of the pages, where they make up the list that was answered; a walk that broke off has no whole one.
fn pages(step: &ExecutedStep, outcome: &Outcome) -> Vec<usize> {
    let Outcome::Success(document) = outcome else { return Vec::new() };
    let list = step.transition.request.operation.paged_list().and_then(|list| document.get(list)?.as_array());
    let whole = list.is_some_and(|list| list.len() == step.pages.iter().sum::<usize>());
    if whole { step.pages.clone() } else { Vec::new() }
}

fn answer(outcome: &Outcome) -> RecordedAnswer {
    match outcome {
        Outcome::Success(document) => {
            RecordedAnswer::Response { status: 200, body: Some(Value::Object(document.clone())) }
        }
        Outcome::Error(error) => RecordedAnswer::Error(error.clone()),
        Outcome::Undecodable { status, reason, .. } => {
            RecordedAnswer::Unreadable { status: *status, reason: reason.clone() }
        }
    }
}
