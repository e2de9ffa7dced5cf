//! Building blocks of operators: copies of a message with one thing changed.

use serde_json::Value;

use super::class::Malformed;
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::shape::{Location, MemberShape, ShapeKind};
use passmuster_contract::domain::{Document, Operation};

/// A copy with something changed.
pub(super) fn changed(message: &Message, change: impl FnOnce(&mut Message)) -> Message {
    let mut copy = message.clone();
    change(&mut copy);
    copy
}

/// One request for each variant.
pub(super) fn each<T: Copy>(
    message: &Message,
    sets: &[Set],
    variants: &[(&str, T)],
    change: impl Fn(&mut Message, T),
) -> Vec<Malformed> {
    let make =
        |(name, value): &(&str, T)| Malformed::new(*name, changed(message, |copy| change(copy, *value)), sets);
    variants.iter().map(make).collect()
}

/// The only request of its class.
pub(super) fn one(
    variant: &str,
    message: &Message,
    sets: &[Set],
    change: impl FnOnce(&mut Message),
) -> Vec<Malformed> {
    vec![Malformed::new(variant, changed(message, change), sets)]
}

/// A copy with another body.
pub(super) fn with_body(message: &Message, body: impl Into<Vec<u8>>) -> Message {
    changed(message, |copy| copy.body = body.into())
}

/// Members of the input that travel in the body.
pub(super) fn body_members(operation: Operation) -> impl Iterator<Item = &'static MemberShape> {
    operation.shape().input.iter().filter(|member| member.location == Location::Body)
}

/// Members of the input that travel in the query string.
pub(super) fn query_members(operation: Operation) -> impl Iterator<Item = &'static MemberShape> {
    operation.shape().input.iter().filter(|member| member.location == Location::Query)
}

/// Whether an input without members breaks a constraint.
pub(super) fn needs_body(operation: Operation) -> bool {
    body_members(operation).any(|member| member.required)
}

/// The body, where there is one that the operation reads.
pub(super) fn text<'m>(base: &Base, message: &'m Message) -> Option<&'m [u8]> {
    let read = body_members(base.operation).next().is_some();
    (read && !message.body.is_empty()).then_some(message.body.as_slice())
}

/// The members of the body, where there is one that the operation reads and it still is a JSON object.
pub(super) fn object(base: &Base, message: &Message) -> Option<Document> {
    serde_json::from_slice(text(base, message)?).ok()
}

/// A copy with these members in its body.
pub(super) fn with_object(message: &Message, members: Document) -> Message {
    with_body(message, Value::Object(members).to_string())
}

/// A copy with this value of a member in its body, whatever it had.
pub(super) fn with_member(message: &Message, members: &Document, name: &str, value: impl Into<Value>) -> Message {
    let mut members = members.clone();
    members.insert(name.to_owned(), value.into());
    with_object(message, members)
}

/// A copy without a member in its body.
pub(super) fn without_member(message: &Message, members: &Document, name: &str) -> Message {
    let mut members = members.clone();
    members.remove(name);
    with_object(message, members)
}

/// A copy with these bytes in place of a JSON value of the body.
pub(super) fn with_raw(message: &Message, members: &Document, pointer: &str, raw: &[u8]) -> Option<Message> {
    const MARK: &str = "passmuster puts bytes here";
    let mut value = Value::Object(members.clone());
    *value.pointer_mut(pointer)? = Value::from(MARK);
    let text = value.to_string();
    let (head, tail) = text.split_once(&format!("\"{MARK}\""))?;
    Some(with_body(message, [head.as_bytes(), raw, tail.as_bytes()].concat()))
}

/// A copy whose body begins with one more member: its name and value as they stand in the text.
pub(super) fn with_raw_member(message: &Message, name: &[u8], value: &[u8]) -> Option<Message> {
    let (head, tail) = opened(&message.body)?;
    let comma: &[u8] = if tail.trim_ascii_start().starts_with(b"}") { b"" } else { b"," };
    Some(with_body(message, [head, name, b":", value, comma, tail].concat()))
}

/// A body, parted after the brace that opens its object.
pub(super) fn opened(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let blanks = body.len() - body.trim_ascii_start().len();
    (body.get(blanks) == Some(&b'{')).then(|| body.split_at(blanks + 1))
}

/// A JSON pointer to a string that the operation reads, with the members that hold it: the first one there is, or a
/// member that may be there.
pub(super) fn first_string(base: &Base, message: &Message) -> Option<(Document, String)> {
    let mut members = object(base, message)?;
    let input = base.operation.shape().input;
    if let Some(pointer) = string_in(input, &members, String::new()) {
        return Some((members, pointer));
    }
    let is_string = |kind| matches!(kind, ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_));
    let member = body_members(base.operation).find(|member| is_string(member.kind))?;
    members.insert(member.name.to_owned(), Value::from("text"));
    Some((members, format!("/{}", member.name)))
}

fn string_in(known: &[MemberShape], members: &Document, at: String) -> Option<String> {
    known
        .iter()
        .find_map(|member| string_at(&member.kind, members.get(member.name)?, format!("{at}/{}", member.name)))
}

fn string_at(kind: &ShapeKind, value: &Value, at: String) -> Option<String> {
    match (kind, value) {
        (
            ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_) | ShapeKind::Timestamp,
            Value::String(_),
        ) => Some(at),
        (ShapeKind::List { item, .. }, Value::Array(items)) => string_at(item, items.first()?, format!("{at}/0")),
        (ShapeKind::Structure(known), Value::Object(members)) => string_in(known, members, at),
        _ => None,
    }
}

/// The set for an input whose fault lies with a single account: where the operation has a list of those left
/// unprocessed, it may be found there.
pub(super) fn of_one_account(operation: Operation) -> Set {
    let has_list = operation.shape().output.iter().any(|member| member.name == "UnprocessedAccounts");
    if has_list { Set::Partly } else { Set::Constraint }
}

/// A number that is the account's own id plus so much, with as many digits.
pub(super) fn later_id(id: &str, more: u64) -> String {
    let number = id.parse::<u64>().unwrap_or_default().wrapping_add(more) % 1_000_000_000_000;
    format!("{number:012}")
}
