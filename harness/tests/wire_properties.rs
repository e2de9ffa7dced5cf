//! Properties of the codec that hold for any input.

use std::borrow::Cow;

use passmuster::domain::shape::{MemberShape, Method, ShapeKind};
use passmuster::domain::{Document, Operation, Outcome, ServiceError};
use passmuster::wire::{
    HttpRequest, HttpResponse, RequestError, decode_error, decode_request, decode_response, encode_error,
    encode_request, encode_response, violations,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

/// Longer than any reason or message: an excerpt of 80 characters and the words around it.
const LONGEST_REASON: usize = 250;

fn operation() -> impl Strategy<Value = Operation> {
    select(Operation::ALL)
}

fn text() -> BoxedStrategy<Value> {
    prop_oneof!["[a-zA-Z0-9]{0,12}", any::<String>()].prop_map(Value::from).boxed()
}

/// Values that have the type the table gives them, whatever the constraints.
fn value(kind: &'static ShapeKind) -> BoxedStrategy<Value> {
    match kind {
        ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp => text(),
        ShapeKind::Enum(allowed) => prop_oneof![select(*allowed).prop_map(Value::from), text()].boxed(),
        ShapeKind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        ShapeKind::Integer(_) => any::<i64>().prop_map(Value::from).boxed(),
        ShapeKind::List { item, .. } => vec(value(item), 0..4).prop_map(Value::from).boxed(),
        ShapeKind::Tags => btree_map(any::<String>(), text(), 0..4)
            .prop_map(|tags| Value::Object(tags.into_iter().collect()))
            .boxed(),
        ShapeKind::Structure(members) => document(members).prop_map(Value::Object).boxed(),
        ShapeKind::Open => btree_map(any::<String>(), json(), 0..3)
            .prop_map(|inside| Value::Object(inside.into_iter().collect()))
            .boxed(),
    }
}

fn document(members: &'static [MemberShape]) -> BoxedStrategy<Document> {
    members.iter().fold(Just(Document::new()).boxed(), |document, member| {
        (document, option::of(value(&member.kind)))
            .prop_map(|(mut document, value)| {
                document.extend(value.map(|value| (member.name.to_owned(), value)));
                document
            })
            .boxed()
    })
}

/// Any JSON value.
fn json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map(name(), inner, 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Names that mean something somewhere, among others.
fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] =
        &["AccountDetails", "AccountIds", "UnprocessedAccounts", "Members", "Result", "Tags", "code", "__type"];
    prop_oneof![select(KNOWN).prop_map(str::to_owned), any::<String>()]
}

/// Bytes from nonsense to nearly right.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let text = json().prop_map(|value| value.to_string().into_bytes());
    let broken = (json(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(value, at, byte)| {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    });
    let markup = prop_oneof![
        any::<String>().prop_map(|text| format!("<Error><Code>{text}</Code><Message>{text}")),
        any::<String>().prop_map(|text| format!("<!doctype html>{text}")),
    ];
    prop_oneof![vec(any::<u8>(), 0..200), text, broken, markup.prop_map(String::into_bytes)]
}

fn response() -> impl Strategy<Value = HttpResponse> {
    let header = (select(&["x-amzn-errortype", "Location", "content-type"][..]), any::<String>())
        .prop_map(|(name, value)| (Cow::Borrowed(name), value));
    (100_u16..600, vec(header, 0..3), bytes()).prop_map(|(status, headers, body)| HttpResponse {
        status,
        headers,
        body,
    })
}

fn request() -> impl Strategy<Value = HttpRequest> {
    let address = prop_oneof![
        9 => operation().prop_map(|operation| {
            let shape = operation.shape();
            (shape.method, shape.path.to_owned())
        }),
        1 => any::<String>().prop_map(|path| (Method::Get, path)),
    ];
    let query =
        prop_oneof![any::<String>(), "((OnlyAssociated|MaxResults|NextToken|HubArn)=[%+0-9a-f&=]{0,6}&?){0,3}"];
    (address, query, bytes()).prop_map(|((method, path), query, body)| {
        let path = Cow::Owned(path);
        HttpRequest { method, path, query, headers: Vec::new(), body }
    })
}

fn is_printable(text: &str) -> bool {
    text.chars().count() <= LONGEST_REASON && !text.contains(char::is_control)
}

proptest! {
    #[test]
    fn a_well_typed_request_is_read_as_it_was_written(
        (operation, members) in operation().prop_flat_map(|operation| (Just(operation), document(operation.shape().input)))
    ) {
        let written = encode_request(operation, &members);
        prop_assert_eq!(decode_request(&written), Ok((operation, members)));
    }

    #[test]
    fn a_well_typed_response_is_read_as_it_was_written(
        (operation, members) in operation().prop_flat_map(|operation| (Just(operation), document(operation.shape().output)))
    ) {
        let written = encode_response(operation, &members);
        prop_assert_eq!(decode_response(operation, &written), Outcome::Success(members));
    }

    #[test]
    fn any_request_is_read_or_refused_in_printable_words(request in request()) {
        match decode_request(&request) {
            Ok((operation, members)) => {
                let again = encode_request(operation, &members);
                prop_assert_eq!(decode_request(&again), Ok((operation, members)));
            }
            Err(RequestError::UnknownOperation { path, .. }) => prop_assert!(is_printable(&path)),
            Err(RequestError::Serialization { problem, .. }) => prop_assert!(is_printable(&problem), "{}", problem),
        }
    }

    #[test]
    fn any_response_is_read_or_called_unreadable_in_printable_words(operation in operation(), response in response()) {
        match decode_response(operation, &response) {
            Outcome::Success(_) => prop_assert!((200..300).contains(&response.status)),
            Outcome::Error(error) => {
                prop_assert!(!(200..300).contains(&response.status));
                prop_assert!(is_printable(error.kind.code()) && !error.kind.code().is_empty());
            }
            Outcome::Undecodable { reason, .. } => prop_assert!(is_printable(&reason), "{}", reason),
        }
    }

    #[test]
    fn an_error_is_read_as_it_was_written(code in "[A-Za-z]{1,40}", status in 300_u16..600, message in option::of(".{1,60}")) {
        let kind = passmuster::domain::ErrorKind::from_code(&code);
        let error = ServiceError { kind, status, message };
        prop_assert_eq!(decode_error(&encode_error(&error)), Outcome::Error(error));
    }

    #[test]
    fn constraints_can_be_held_against_anything(operation in operation(), value in json()) {
        let mut members = Document::new();
        for member in operation.shape().input {
            members.insert(member.name.to_owned(), value.clone());
        }
        prop_assert!(violations(operation, &members).len() <= 100);
    }
}
