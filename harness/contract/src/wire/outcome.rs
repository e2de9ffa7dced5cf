//! HTTP responses to outcomes, leniently: what a client could read is read, and left to the oracle to judge.

use serde_json::Value;

use super::HttpResponse;
use super::error::decode_error;
use super::misfit::{self, Misfit, misfit};
use super::words::{excerpt, json_type, not_json};
use crate::domain::shape::{MemberShape, ShapeKind};
use crate::domain::{Document, Operation, Outcome};

/// Reads an answer.
///
/// Nulls in a successful answer are members that were not sent; members that are unknown are kept. Operations without
/// output have no members, whatever their answer says. An answer with a value of another type than the model says can't
/// be read: some client fails on it, and nobody can say what it means.
#[must_use]
pub fn decode_response(operation: Operation, response: &HttpResponse) -> Outcome {
    if !(200..300).contains(&response.status) {
        return decode_error(response);
    }
    let output = operation.shape().output;
    let unreadable = |pointer, reason| Outcome::Undecodable { status: response.status, pointer, reason };
    match decode_success(output, &response.body) {
        // Calls to another service are no matter of this model.
        Ok(members) if operation.is_setup() => Outcome::Success(members),
        Ok(members) => match misfit(output, &members) {
            Some(Misfit { pointer, problem }) => unreadable(pointer, problem),
            None => Outcome::Success(members),
        },
        Err(Misfit { pointer, problem }) => unreadable(pointer, problem),
    }
}

fn decode_success(output: &[MemberShape], body: &[u8]) -> Result<Document, Misfit> {
    let whole = |problem| Misfit { pointer: String::new(), problem };
    if body.is_empty() {
        return Ok(Document::new());
    }
    let (value, twice) = misfit::read(body).map_err(|error| whole(not_json(body, &error)))?;
    if let Some(name) = twice.filter(|_| !output.is_empty()) {
        let problem = format!("the member {} twice", excerpt(name.as_bytes()));
        // A name of the target's own making is no part of an identity.
        let known = output.iter().find(|member| member.name == name).map_or("-", |member| member.name);
        return Err(Misfit { pointer: format!("/{known}"), problem });
    }
    match value {
        Value::Object(_) if output.is_empty() => Ok(Document::new()),
        // Seen in December 2018 where the API pages promise an empty body.
        Value::String(text) if output.is_empty() && text == "success" => Ok(Document::new()),
        Value::Object(mut members) => {
            tidy_members(output, &mut members);
            Ok(members)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            Err(whole(format!("{} where an object belongs", json_type(&other))))
        }
    }
}

/// Drops the nulls of a structure and gives members their present names.
fn tidy_members(known: &[MemberShape], members: &mut Document) {
    members.retain(|_, value| !value.is_null());
    for member in known {
        if member.name == "ProcessingResult" && !members.contains_key(member.name) {
            // The name that entries which failed had in 2018.
            if let Some(text) = members.remove("Result") {
                members.insert(member.name.to_owned(), text);
            }
        }
        if let Some(value) = members.get_mut(member.name) {
            tidy(&member.kind, value);
        }
    }
}

fn tidy(kind: &ShapeKind, value: &mut Value) {
    match (kind, value) {
        (ShapeKind::Structure(known), Value::Object(members)) => tidy_members(known, members),
        (ShapeKind::List { item, .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|value| tidy(item, value))
        }
        // Anything else has no inside, or one that no rule speaks of, or the wrong type.
        _ => {}
    }
}
