//! HTTP requests to members, strictly: what a server that follows the API model refuses to read is refused here.

use serde_json::Value;

use super::HttpRequest;
use super::http::{ORGANIZATIONS, TARGET_HEADER};
use super::misfit::wanted;
use super::query;
use super::words::{DocumentPlace, excerpt, json_type, unreadable};
use crate::domain::shape::{Location, MemberShape, Method, ShapeKind};
use crate::domain::{Document, ErrorKind, Operation, ServiceError};

/// The reason why a request can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No operation has this method and path.
    #[error("no operation answers to {method} {path}", method = .method.name())]
    UnknownOperation {
        /// The method.
        method: Method,
        /// The path, shortened and made printable.
        path: String,
    },
    /// The operation is known, but its input can't be read.
    #[error("{place}: {problem}")]
    Serialization {
        /// The operation called.
        operation: Operation,
        /// The place: the body, a JSON pointer into it, or a query parameter.
        place: String,
        /// The problem there.
        problem: String,
    },
}

impl RequestError {
    /// The answer a server gives.
    #[must_use]
    pub fn to_service_error(&self) -> ServiceError {
        let kind = match self {
            Self::UnknownOperation { .. } => ErrorKind::UnknownOperation,
            Self::Serialization { .. } => ErrorKind::Serialization,
        };
        ServiceError { status: kind.status(), kind, message: Some(self.to_string()) }
    }
}

/// A problem with an input, and its place.
struct InputComplaint {
    place: String,
    problem: String,
}

impl InputComplaint {
    fn new(place: impl ToString, problem: impl Into<String>) -> Self {
        Self { place: place.to_string(), problem: problem.into() }
    }
}

/// Reads a request: which operation it calls, and its members.
///
/// Types are checked, constraints are not (see [`violations`](super::violations)). Unknown members are left out, and
/// a null is a member that was not sent. Of a member given twice the last counts in a body, the first in a query string.
///
/// # Errors
///
/// Says where and why the request can't be read.
pub fn decode_request(request: &HttpRequest) -> Result<(Operation, Document), RequestError> {
    let operation = route(request).ok_or_else(|| RequestError::UnknownOperation {
        method: request.method,
        path: excerpt(request.path.as_bytes()),
    })?;
    let input = operation.shape().input;
    let mut members = Document::new();
    let decoded = decode_body(input, &request.body, &mut members)
        .and_then(|()| decode_query(input, &request.query, &mut members));
    match decoded {
        Ok(()) => Ok((operation, members)),
        Err(InputComplaint { place, problem }) => Err(RequestError::Serialization { operation, place, problem }),
    }
}

/// The operation that a request calls, by its method and path, or by the header that AWS Organizations goes by.
///
/// Paths are compared as they stand: a slash more, another case or a percent escape leads nowhere.
#[must_use]
pub fn route(request: &HttpRequest) -> Option<Operation> {
    if let Some(target) = request.header(TARGET_HEADER).and_then(|target| target.strip_prefix(ORGANIZATIONS)) {
        let known = Operation::from_name(target).filter(|operation| operation.is_setup());
        return known.filter(|operation| operation.shape().method == request.method && request.path == "/");
    }
    Operation::ALL.iter().copied().find(|operation| {
        let shape = operation.shape();
        shape.method == request.method && shape.path == request.path
    })
}

fn decode_body(input: &[MemberShape], body: &[u8], members: &mut Document) -> Result<(), InputComplaint> {
    // An operation without body members ignores what comes; an empty body is an object without members.
    if body.is_empty() || !input.iter().any(|member| member.location == Location::Body) {
        return Ok(());
    }
    let value =
        serde_json::from_slice(body).map_err(|error| InputComplaint::new("body", unreadable(body, &error)))?;
    let Value::Object(object) = value else {
        return Err(InputComplaint::new("body", format!("{} where an object belongs", json_type(&value))));
    };
    *members = object;
    check_members(input, members, &DocumentPlace::Root)
}

fn decode_query(input: &[MemberShape], query: &str, members: &mut Document) -> Result<(), InputComplaint> {
    for (name, text) in query::pairs(query) {
        let name = query::percent_decode(name)
            .ok_or_else(|| InputComplaint::new("query", "a name with a broken percent escape"))?;
        let known = input.iter().find(|member| member.location == Location::Query && member.name == name);
        let Some(member) = known.filter(|member| !members.contains_key(member.name)) else { continue };
        let place = || format!("query parameter {}", member.name);
        let text = query::percent_decode(text)
            .ok_or_else(|| InputComplaint::new(place(), "a value with a broken percent escape"))?;
        let value = match member.kind {
            ShapeKind::Boolean => text.parse().ok().map(Value::Bool),
            // What Rust would let through besides: a plus sign.
            ShapeKind::Integer(_) => text.parse::<i64>().ok().filter(|_| !text.starts_with('+')).map(Value::from),
            ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_) => {
                Some(Value::from(text.as_ref()))
            }
            ShapeKind::List { .. } | ShapeKind::Tags | ShapeKind::Structure(_) | ShapeKind::Open => None,
        };
        // The text itself stays out of it: a stray value may hold anything, and the words are sent back.
        let wrong = || format!("a text that is none where {} belongs", wanted(&member.kind));
        members.insert(member.name.to_owned(), value.ok_or_else(|| InputComplaint::new(place(), wrong()))?);
    }
    Ok(())
}

/// Checks the members of a structure, and drops those that are unknown or null.
fn check_members(
    known: &[MemberShape],
    members: &mut Document,
    place: &DocumentPlace<'_>,
) -> Result<(), InputComplaint> {
    let find = |name: &str| known.iter().find(|member| member.location == Location::Body && member.name == name);
    members.retain(|name, value| !value.is_null() && find(name).is_some());
    for (name, value) in members.iter_mut() {
        if let Some(member) = find(name) {
            check(&member.kind, value, &DocumentPlace::Member(place, name))?;
        }
    }
    Ok(())
}

/// Checks the type of a value. The depth of the walk is that of the table, whatever the value holds.
fn check(kind: &ShapeKind, value: &mut Value, place: &DocumentPlace<'_>) -> Result<(), InputComplaint> {
    match (kind, value) {
        (
            ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_),
            Value::String(_),
        )
        | (ShapeKind::Boolean, Value::Bool(_))
        | (ShapeKind::Open, Value::Object(_)) => Ok(()),
        (ShapeKind::Integer(_), Value::Number(number)) if number.is_i64() => Ok(()),
        (ShapeKind::List { item, .. }, Value::Array(items)) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, value)| check(item, value, &DocumentPlace::Item(place, index))),
        (ShapeKind::Tags, Value::Object(tags)) => tags
            .iter_mut()
            .try_for_each(|(key, value)| check(&ShapeKind::String, value, &DocumentPlace::Member(place, key))),
        (ShapeKind::Structure(known), Value::Object(members)) => check_members(known, members, place),
        (kind, value) => {
            Err(InputComplaint::new(place, format!("{} where {} belongs", json_type(value), wanted(kind))))
        }
    }
}
