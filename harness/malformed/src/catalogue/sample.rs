//! A well-formed request of each operation, to show what a class makes of it.

use serde_json::{Value, json};

use crate::message::{Base, Message};
use passmuster_contract::domain::Operation;
use passmuster_contract::domain::shape::ShapeKind;
use passmuster_contract::domain::well_formed::{Fill, InputForm, plain};
use passmuster_contract::wire::encode_request;

/// Account ids and a Region as documentation uses them.
const CALLER: &str = "111122223333";
const MEMBER: &str = "444455556666";
const STRANGERS: [&str; 2] = ["123456789012", "777788889999"];

impl Base {
    /// A request of this operation between accounts of no run: with what it requires, or the first thing it may have.
    #[must_use]
    pub fn sample(operation: Operation) -> Self {
        let leaf = |_: &str, kind: &ShapeKind, _| value(kind);
        let form = InputForm { fill: Fill::RequiredWhole, length: InputForm::ONE, leaf: &leaf };
        let mut members = form.input(operation);
        if let (true, Some(first)) = (members.is_empty(), super::edit::body_members(operation).next()) {
            members.insert(first.name.to_owned(), form.member(first));
        }
        Self {
            operation,
            message: Message::of(&encode_request(operation, &members)),
            caller: CALLER.to_owned(),
            member: MEMBER.to_owned(),
            strangers: STRANGERS.map(str::to_owned),
            region: "us-east-1".to_owned(),
            canary: "canary-of-no-run".to_owned(),
        }
    }
}

/// A value of this kind.
fn value(kind: &ShapeKind) -> Value {
    match kind {
        ShapeKind::String => json!(STRANGERS[0]),
        ShapeKind::NonEmpty => json!(MEMBER),
        other => plain(other),
    }
}
