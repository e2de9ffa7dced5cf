//! The codec agrees with vectors that people wrote from the public API model.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use passmuster::domain::shape::Method;
use passmuster::domain::{Document, ErrorKind, Operation, Outcome, ServiceError};
use passmuster::wire::{
    HttpRequest, HttpResponse, decode_request, decode_response, encode_error, encode_organizations_error,
    encode_request, encode_response, violations,
};
use serde::Deserialize;
use serde_json::Value;

const FAMILIES: [&str; 8] =
    ["hub", "members", "invitations", "administrator", "organization", "standards", "findings", "accounts"];

const ORGANIZATIONS_TYPE: &str = "content-type: application/x-amz-json-1.1";

/// In which direction a vector holds.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Way {
    #[default]
    Both,
    Encode,
    Decode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(default)]
    request: Vec<RequestVector>,
    #[serde(default)]
    response: Vec<ResponseVector>,
    #[serde(default)]
    error: Vec<ErrorVector>,
    #[serde(default)]
    bad_request: Vec<BadRequestVector>,
    #[serde(default)]
    constraint: Vec<ConstraintVector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestVector {
    id: String,
    operation: String,
    members: String,
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    /// The headers beyond the usual content type.
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    way: Way,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseVector {
    id: String,
    operation: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    members: String,
    #[serde(default)]
    way: Way,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorVector {
    id: String,
    operation: Option<String>,
    status: u16,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    body_hex: Option<String>,
    code: Option<String>,
    message: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    both: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BadRequestVector {
    id: String,
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    body: String,
    body_hex: Option<String>,
    error: String,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstraintVector {
    id: String,
    operation: String,
    members: String,
    violations: Vec<String>,
}

const fn ok() -> u16 {
    200
}

fn load(name: &str) -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/wire").join(name).with_extension("toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn operation(name: &str) -> Operation {
    Operation::from_name(name).unwrap_or_else(|| panic!("no operation {name}"))
}

fn method(name: &str) -> Method {
    let all = [Method::Get, Method::Post, Method::Patch, Method::Delete];
    all.into_iter().find(|method| method.name() == name).unwrap_or_else(|| panic!("no method {name}"))
}

fn document(id: &str, text: &str) -> Document {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn headers(lines: &[String]) -> Vec<(Cow<'static, str>, String)> {
    let split = |line: &String| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header line: {line}"));
        (Cow::Owned(name.to_owned()), value.to_owned())
    };
    lines.iter().map(split).collect()
}

fn bytes(text: &str, hex: Option<&str>) -> Vec<u8> {
    let Some(hex) = hex else { return text.as_bytes().to_vec() };
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or_else(|error| panic!("{hex}: {error}"));
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Bodies are equal as JSON values; no bytes at all are something else than an empty object.
fn assert_same_body(id: &str, written: &[u8], vector: &str) {
    let read = |bytes: &[u8]| {
        let value = |bytes| serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{id}: {error}"));
        (!bytes.is_empty()).then(|| -> Value { value(bytes) })
    };
    assert_eq!(read(written), read(vector.as_bytes()), "{id}");
}

fn check_request(vector: &RequestVector) {
    let RequestVector { id, path, query, headers, body, .. } = vector;
    let operation = operation(&vector.operation);
    let members = document(id, &vector.members);
    if vector.way != Way::Decode {
        let written = encode_request(operation, &members);
        assert_eq!(written.method.name(), vector.method, "{id}");
        assert_eq!((written.path.as_ref(), &written.query), (path.as_str(), query), "{id}");
        assert_same_body(id, &written.body, body);
        let content_type = || (!body.is_empty()).then(|| "content-type: application/json".to_owned());
        let expected = if headers.is_empty() { content_type().into_iter().collect() } else { headers.clone() };
        assert_eq!(written.headers, self::headers(&expected), "{id}");
    }
    if vector.way != Way::Encode {
        let request = HttpRequest {
            method: method(&vector.method),
            path: Cow::Owned(path.clone()),
            query: query.clone(),
            headers: self::headers(headers),
            body: body.clone().into_bytes(),
        };
        assert_eq!(decode_request(&request), Ok((operation, members)), "{id}");
    }
}

fn check_response(vector: &ResponseVector) {
    let ResponseVector { id, status, body, .. } = vector;
    let operation = operation(&vector.operation);
    let members = document(id, &vector.members);
    let headers = headers(&vector.headers);
    if vector.way != Way::Decode {
        let written = encode_response(operation, &members);
        assert_eq!((written.status, &written.headers), (*status, &headers), "{id}");
        assert_same_body(id, &written.body, body);
    }
    if vector.way != Way::Encode {
        let response = HttpResponse { status: *status, headers, body: body.clone().into_bytes() };
        assert_eq!(decode_response(operation, &response), Outcome::Success(members), "{id}");
    }
}

fn check_error(vector: &ErrorVector) {
    let ErrorVector { id, status, body, message, .. } = vector;
    let operation = operation(vector.operation.as_deref().unwrap_or("ListMembers"));
    let response = HttpResponse {
        status: *status,
        headers: headers(&vector.headers),
        body: bytes(body, vector.body_hex.as_deref()),
    };
    match (decode_response(operation, &response), &vector.code, &vector.reason) {
        (Outcome::Error(error), Some(code), None) => {
            let kind = ErrorKind::from_code(code);
            assert_eq!(error, ServiceError { kind, status: *status, message: message.clone() }, "{id}");
            if vector.both {
                let written = encode_error(&error);
                assert_eq!((written.status, &written.headers), (*status, &response.headers), "{id}");
                assert_same_body(id, &written.body, body);
            }
        }
        (Outcome::Undecodable { status: seen, reason, .. }, None, Some(beginning)) => {
            assert_eq!(seen, *status, "{id}");
            assert!(reason.starts_with(beginning), "{id}: {reason}");
        }
        (outcome, _, _) => panic!("{id}: {outcome:?}"),
    }
}

fn check_bad_request(vector: &BadRequestVector) {
    let id = &vector.id;
    let request = HttpRequest {
        method: method(&vector.method),
        path: Cow::Owned(vector.path.clone()),
        query: vector.query.clone(),
        headers: Vec::new(),
        body: bytes(&vector.body, vector.body_hex.as_deref()),
    };
    let error = match decode_request(&request) {
        Ok(read) => panic!("{id}: was read as {read:?}"),
        Err(error) => error.to_service_error(),
    };
    let status = if vector.error == "UnknownOperationException" { 404 } else { 400 };
    assert_eq!((error.status, error.kind.code()), (status, vector.error.as_str()), "{id}");
    let message = error.message.unwrap_or_default();
    assert!(message.contains(&vector.says), "{id}: {message}");
}

fn check_constraints(vector: &ConstraintVector) {
    let found = violations(operation(&vector.operation), &document(&vector.id, &vector.members));
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, vector.violations, "{}", vector.id);
}

#[test]
fn requests_are_written_and_read_as_the_vectors_say() {
    FAMILIES.iter().flat_map(|family| load(family).request).for_each(|vector| check_request(&vector));
}

#[test]
fn responses_are_written_and_read_as_the_vectors_say() {
    FAMILIES.iter().flat_map(|family| load(family).response).for_each(|vector| check_response(&vector));
}

#[test]
fn errors_are_read_as_a_lenient_client_reads_them() {
    load("errors").error.iter().for_each(check_error);
}

#[test]
fn errors_of_aws_organizations_have_their_type_in_the_body_alone() {
    let kind = ErrorKind::from_code("AlreadyInOrganizationException");
    let error = ServiceError { kind, status: 400, message: Some("Already a member.".to_owned()) };
    let written = encode_organizations_error(&error);
    assert_eq!((written.status, &written.headers), (400, &headers(&[ORGANIZATIONS_TYPE.to_owned()])));
    let body = r#"{"__type":"AlreadyInOrganizationException","Message":"Already a member."}"#;
    assert_same_body("already in organization", &written.body, body);
    assert_eq!(decode_response(Operation::CreateOrganization, &written), Outcome::Error(error));
}

#[test]
fn requests_that_break_the_protocol_are_refused_with_place_and_reason() {
    load("bad_requests").bad_request.iter().for_each(check_bad_request);
}

#[test]
fn broken_constraints_are_named_with_their_place() {
    load("constraints").constraint.iter().for_each(check_constraints);
}

#[test]
fn no_more_than_a_hundred_broken_constraints_are_listed() {
    let blanks = vec![""; 101];
    let members = Document::from_iter([("AccountIds".to_owned(), Value::from(blanks))]);
    assert_eq!(violations(Operation::InviteMembers, &members).len(), 100);
}

#[test]
fn every_operation_has_vectors_of_its_family_for_both_directions() {
    let mut requests = BTreeSet::new();
    let mut responses = BTreeSet::new();
    for family in FAMILIES {
        let vectors = load(family);
        for vector in vectors.request.iter().filter(|vector| vector.way == Way::Both) {
            assert_eq!(operation(&vector.operation).family().name(), family, "{}", vector.id);
            requests.insert(operation(&vector.operation));
        }
        for vector in vectors.response.iter().filter(|vector| vector.way == Way::Both) {
            assert_eq!(operation(&vector.operation).family().name(), family, "{}", vector.id);
            responses.insert(operation(&vector.operation));
        }
    }
    let all: BTreeSet<Operation> = Operation::ALL.iter().chain(Operation::SETUP).copied().collect();
    assert_eq!(requests, all);
    assert_eq!(responses, all);
}
