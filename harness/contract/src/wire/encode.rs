//! Members to HTTP. Nothing is checked here: sending wrong requests is the job.

use std::borrow::Cow;

use serde::Serializer as _;
use serde_json::Value;

use super::http::{Headers, ORGANIZATIONS, TARGET_HEADER};
use super::{HttpRequest, HttpResponse, query};
use crate::domain::shape::{Location, Method};
use crate::domain::{Document, Operation, ServiceError};

/// Writes a request as the wire table says.
///
/// Members the table doesn't know travel in the body where the method has one, else in the query string. Nulls stay
/// in a body; a query string can't say them and leaves them out.
#[must_use]
pub fn encode_request(operation: Operation, members: &Document) -> HttpRequest {
    let shape = operation.shape();
    let carries_body = matches!(shape.method, Method::Post | Method::Patch);
    let in_body = |name: &str| {
        let known = shape.input.iter().find(|member| member.name == name);
        known.map_or(carries_body, |member| member.location == Location::Body)
    };
    let mut query = String::new();
    let mut has_body = operation.is_setup() || shape.input.iter().any(|member| member.location == Location::Body);
    for (name, value) in members {
        if in_body(name) {
            has_body = true;
        } else {
            query::append(&mut query, name, value);
        }
    }
    let (mut headers, body) = if has_body {
        (json_headers(), json(members.iter().filter(|(name, _)| in_body(name))))
    } else {
        (Headers::new(), Vec::new())
    };
    if operation.is_setup() {
        headers = organizations_headers();
        headers.push((Cow::Borrowed(TARGET_HEADER), format!("{ORGANIZATIONS}{operation}")));
    }
    HttpRequest { method: shape.method, path: Cow::Borrowed(shape.path), query, headers, body }
}

/// Writes a request for the state of the creation of an account, by the id that `CreateAccount` gave it.
#[must_use]
pub fn encode_creation_status(id: &str) -> HttpRequest {
    let members = Document::from_iter([("CreateAccountRequestId".to_owned(), Value::from(id))]);
    let mut request = encode_request(Operation::CreateAccount, &members);
    let target = request.headers.iter_mut().find(|(name, _)| name == TARGET_HEADER);
    if let Some((_, target)) = target {
        *target = format!("{ORGANIZATIONS}DescribeCreateAccountStatus");
    }
    request
}

/// Writes a successful answer. Operations without output answer with no bytes, yet with a content type.
#[must_use]
pub fn encode_response(operation: Operation, members: &Document) -> HttpResponse {
    let empty = operation.shape().output.is_empty() && members.is_empty();
    let body = if empty { Vec::new() } else { json(members) };
    let headers = if operation.is_setup() { organizations_headers() } else { json_headers() };
    HttpResponse { status: 200, headers, body }
}

/// Writes an error answer: its type in a header and in the body.
#[must_use]
pub fn encode_error(error: &ServiceError) -> HttpResponse {
    let code = error.kind.code();
    let mut headers = json_headers();
    // A code that some foreign server made up need not be fit for a header line.
    if code.bytes().all(|byte| byte.is_ascii_graphic()) {
        headers.push((Cow::Borrowed("x-amzn-errortype"), code.to_owned()));
    }
    let code = Value::from(code);
    let message = error.message.as_deref().map(Value::from);
    let members = message.iter().map(|message| ("Message", message)).chain([("Code", &code)]);
    HttpResponse { status: error.status, headers, body: json(members) }
}

/// Writes an error answer of AWS Organizations, whose protocol (awsJson1_1) has the type in the body alone.
#[must_use]
pub fn encode_organizations_error(error: &ServiceError) -> HttpResponse {
    let code = Value::from(error.kind.code());
    let message = error.message.as_deref().map(Value::from);
    let members = [("__type", &code)].into_iter().chain(message.iter().map(|message| ("Message", message)));
    HttpResponse { status: error.status, headers: organizations_headers(), body: json(members) }
}

fn organizations_headers() -> Headers {
    vec![(Cow::Borrowed("content-type"), "application/x-amz-json-1.1".to_owned())]
}

fn json_headers() -> Headers {
    vec![(Cow::Borrowed("content-type"), "application/json".to_owned())]
}

fn json<'a, K: serde::Serialize>(members: impl IntoIterator<Item = (K, &'a Value)>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    // Can't fail: the writer is memory and every name is a string.
    let _ = serde_json::Serializer::new(&mut bytes).collect_map(members);
    bytes
}
