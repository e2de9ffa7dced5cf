//! Faults of the entries of a list. Findings are left alone: what is wrong with one may be told of it alone.

use serde_json::{Value, json};

use super::class::Malformed;
use super::edit::{body_members, object, of_one_account, with_member, with_raw};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Document;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

/// A list of structures in a body that has an entry.
struct Entries {
    members: Document,
    list: &'static str,
    known: &'static [MemberShape],
    first: Document,
}

impl Entries {
    fn of(base: &Base, message: &Message) -> Option<Self> {
        let members = object(base, message)?;
        body_members(base.operation).find_map(|member| match member.kind {
            ShapeKind::List { item: ShapeKind::Structure(known), .. } => {
                let first = members.get(member.name)?.get(0)?.as_object()?.clone();
                Some(Self { members: members.clone(), list: member.name, known, first })
            }
            _ => None,
        })
    }

    /// The name of the required string that every entry has.
    fn id(&self) -> Option<&'static str> {
        let is_id = |member: &&MemberShape| {
            member.required && matches!(member.kind, ShapeKind::String | ShapeKind::NonEmpty)
        };
        self.known.iter().find(is_id).map(|member| member.name)
    }

    /// A copy with these entries.
    fn with(&self, message: &Message, entries: Vec<Value>) -> Message {
        with_member(message, &self.members, self.list, entries)
    }

    /// The first entry, with another value of a member.
    fn entry(&self, name: &str, value: Value) -> Value {
        let mut entry = self.first.clone();
        entry.insert(name.to_owned(), value);
        Value::Object(entry)
    }

    /// The id of the first entry, where it is one of an account.
    fn account(&self) -> Option<String> {
        Some(self.first.get("AccountId")?.as_str()?.to_owned())
    }
}

/// The first list of ids in a body, required or not.
fn ids(base: &Base, message: &Message) -> Option<(Document, &'static str)> {
    let members = object(base, message)?;
    let is_ids = |member: &&MemberShape| matches!(member.kind, ShapeKind::List { item: ShapeKind::NonEmpty, .. });
    body_members(base.operation).find(is_ids).map(|member| (members, member.name))
}

/// The answers to a request that can't be read, or of which one account can't.
fn unread(base: &Base) -> [Set; 2] {
    [Set::Parse, of_one_account(base.operation)]
}

pub(super) fn bare_entries(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let id = &base.strangers[0];
    let values =
        [("a string", json!(id)), ("a number", json!(1)), ("a boolean", json!(true)), ("an array", json!([[]]))];
    let sets = unread(base);
    let make = |(label, value)| {
        let malformed = Malformed::new(label, entries.with(message, vec![value]), &sets);
        if label == "a string" { malformed.offending([id.clone()]) } else { malformed }
    };
    values.into_iter().map(make).collect()
}

pub(super) fn entry_as_array(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let value = |member: &MemberShape| entries.first.get(member.name).cloned().unwrap_or_default();
    let values: Vec<Value> = entries.known.iter().map(value).collect();
    vec![Malformed::new("in the order of the model", entries.with(message, vec![values.into()]), &[Set::Parse])]
}

pub(super) fn null_among_entries(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let first = || Value::Object(entries.first.clone());
    let variants = [
        ("alone", vec![Value::Null]),
        ("last", vec![first(), Value::Null]),
        ("first", vec![Value::Null, first()]),
    ];
    let sets = unread(base);
    let make = |(label, values)| Malformed::new(label, entries.with(message, values), &sets);
    variants.into_iter().map(make).collect()
}

/// The answers to a request that breaks a constraint, or of which one account does.
fn broken(base: &Base) -> [Set; 2] {
    [Set::Constraint, of_one_account(base.operation)]
}

pub(super) fn entry_without_members(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message).filter(|entries| entries.id().is_some()) else {
        return Vec::new();
    };
    vec![Malformed::new("{}", entries.with(message, vec![json!({})]), &broken(base))]
}

pub(super) fn entry_without_required(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(id) = entries.id() else { return Vec::new() };
    let Some(other) = entries.known.iter().find(|member| member.name != id) else { return Vec::new() };
    let value = if matches!(other.kind, ShapeKind::Open) { json!({}) } else { json!("somebody@example.com") };
    let entry = json!({ other.name: value });
    vec![Malformed::new(format!("{} alone", other.name), entries.with(message, vec![entry]), &broken(base))]
}

pub(super) fn id_null(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(id) = entries.id() else { return Vec::new() };
    let request = entries.with(message, vec![entries.entry(id, Value::Null)]);
    vec![Malformed::new(format!("{id} null"), request, &broken(base))]
}

pub(super) fn id_number(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(account) = entries.account() else { return Vec::new() };
    let number = account.parse::<u64>().unwrap_or(1);
    let exponent = format!("{}.{}e{}", &account[..1], account.get(1..).unwrap_or("0"), account.len() - 1);
    let raw = [("its digits", number.to_string()), ("with an exponent", exponent), ("-1", "-1".to_owned())];
    let pointer = format!("/{}/0/AccountId", entries.list);
    let sets = unread(base);
    let make = |(label, digits): (&str, String)| {
        let request = with_raw(message, &entries.members, &pointer, digits.as_bytes())?;
        let malformed = Malformed::new(label, request, &sets);
        Some(if label == "-1" { malformed } else { malformed.offending([account.clone()]) })
    };
    raw.into_iter().filter_map(make).collect()
}

pub(super) fn id_with_leading_zero(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(account) = entries.account() else { return Vec::new() };
    let digits = format!("0{}", account.get(1..).unwrap_or("1"));
    let request =
        with_raw(message, &entries.members, &format!("/{}/0/AccountId", entries.list), digits.as_bytes());
    request.into_iter().map(|request| Malformed::new("012345678901, say", request, &[Set::Parse])).collect()
}

pub(super) fn id_in_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(id) = entries.id() else { return Vec::new() };
    let own = entries.first.get(id).cloned().unwrap_or_default();
    let values = [("a boolean", json!(true)), ("an object", json!({})), ("a list", json!([own]))];
    let sets = unread(base);
    let make =
        |(label, value)| Malformed::new(label, entries.with(message, vec![entries.entry(id, value)]), &sets);
    values.into_iter().map(make).collect()
}

fn optional(entries: &Entries) -> Option<&'static MemberShape> {
    entries.known.iter().find(|member| !member.required)
}

pub(super) fn optional_null(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(member) = optional(&entries) else { return Vec::new() };
    let request = entries.with(message, vec![entries.entry(member.name, Value::Null)]);
    let mut without = entries.first.clone();
    without.remove(member.name);
    let malformed = Malformed::new(format!("{} null", member.name), request, &[Set::AsRepaired]);
    vec![malformed.as_if(entries.with(message, vec![Value::Object(without)]))]
}

pub(super) fn optional_of_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(entries) = Entries::of(base, message) else { return Vec::new() };
    let Some(member) = optional(&entries) else { return Vec::new() };
    let other = if matches!(member.kind, ShapeKind::Open) { json!("x") } else { json!({}) };
    let values = [("a number", json!(1)), ("a list", json!(["x"])), ("a string or an object", other)];
    let sets = unread(base);
    let make = |(label, value)| {
        let request = entries.with(message, vec![entries.entry(member.name, value)]);
        Malformed::new(format!("{} {label}", member.name), request, &sets).offending(entries.account())
    };
    values.into_iter().map(make).collect()
}

pub(super) fn ids_as_objects(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((members, list)) = ids(base, message) else { return Vec::new() };
    let id = &base.strangers[0];
    let request = with_member(message, &members, list, json!([{ "AccountId": id }]));
    vec![Malformed::new("as in CreateMembers", request, &unread(base)).offending([id.clone()])]
}

pub(super) fn bare_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((members, list)) = ids(base, message) else { return Vec::new() };
    let id = &base.strangers[0];
    let number = json!(id.parse::<u64>().unwrap_or(1));
    let sets = unread(base);
    let of =
        |label: &str, values: Value| Malformed::new(label, with_member(message, &members, list, values), &sets);
    vec![
        of("null", json!([null])),
        of("null behind an id", json!([id, null])),
        of("a number", json!([number])).offending([id.clone()]),
        of("a boolean", json!([true])),
        of("an array", json!([[id]])).offending([id.clone()]),
    ]
}
