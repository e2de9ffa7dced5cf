//! Faults of the names of members.

use serde_json::{Value, json};

use super::class::Malformed;
use super::edit::{body_members, needs_body, object, with_body, with_member, with_object};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Document;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

/// One request for each unknown name of a member: at the top, and in the first entry of a list of structures.
fn unknown(base: &Base, message: &Message, sets: &[Set], names: &[&str]) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let mut requests = Vec::new();
    for name in names {
        let request = with_member(message, &members, name, 1);
        requests.push(Malformed::new(format!("{name} at the top"), request, sets));
        if let Some(request) = in_entry(base, message, &members, name) {
            requests.push(Malformed::new(format!("{name} in an entry"), request, sets));
        }
    }
    requests
}

fn in_entry(base: &Base, message: &Message, members: &Document, name: &str) -> Option<Message> {
    let is_such =
        |member: &&MemberShape| matches!(member.kind, ShapeKind::List { item: ShapeKind::Structure(_), .. });
    let list = body_members(base.operation).find(is_such)?;
    let mut members = members.clone();
    members.get_mut(list.name)?.get_mut(0)?.as_object_mut()?.insert(name.to_owned(), 1.into());
    Some(with_object(message, members))
}

pub(super) fn unknown_members(base: &Base, message: &Message) -> Vec<Malformed> {
    unknown(base, message, &[Set::AsRepaired, Set::Parse], &["zzz"])
}

pub(super) fn hostile_names(base: &Base, message: &Message) -> Vec<Malformed> {
    let names = ["__proto__", "constructor", "$ref", "@type", "__class__"];
    unknown(base, message, &[Set::AsRepaired, Set::Parse], &names)
}

pub(super) fn type_member(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let request = with_member(message, &members, "__type", "x");
    vec![Malformed::new("at the top", request, &[Set::AsRepaired, Set::Parse])]
}

/// One request for each way to rename the first required member that the body has.
fn renamed(base: &Base, message: &Message, names: impl Fn(&str) -> Vec<(&'static str, String)>) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let input = base.operation.shape().input;
    let required =
        body_members(base.operation).find(|member| member.required && members.contains_key(member.name));
    let Some(member) = required else { return Vec::new() };
    let make = |(label, name): (&'static str, String)| {
        if input.iter().any(|known| known.name == name) {
            return None;
        }
        let mut members = members.clone();
        let value = members.remove(member.name)?;
        members.insert(name, value);
        Some(Malformed::new(label, with_object(message, members), &[Set::Constraint, Set::Parse]))
    };
    names(member.name).into_iter().filter_map(make).collect()
}

pub(super) fn other_case(base: &Base, message: &Message) -> Vec<Malformed> {
    renamed(base, message, |name| {
        let camel = name[..1].to_lowercase() + &name[1..];
        let lower = Some(name.to_lowercase()).filter(|lower| *lower != camel);
        let mut names = vec![("camel case", camel), ("upper case", name.to_uppercase())];
        names.extend(lower.map(|lower| ("lower case", lower)));
        names
    })
}

pub(super) fn other_spelling(base: &Base, message: &Message) -> Vec<Malformed> {
    renamed(base, message, |name| {
        let number = name.strip_suffix('s').map_or_else(|| format!("{name}s"), str::to_owned);
        vec![
            ("snake case", words(name).join("_").to_lowercase()),
            ("with hyphens", words(name).join("-")),
            ("in the other number", number),
        ]
    })
}

/// The words of a name, each of which begins with a capital.
fn words(name: &str) -> Vec<&str> {
    let starts = name.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()).map(|(place, _)| place);
    let starts: Vec<usize> = starts.chain([name.len()]).collect();
    starts.windows(2).map(|pair| &name[pair[0]..pair[1]]).collect()
}

pub(super) fn of_another_operation(base: &Base, message: &Message) -> Vec<Malformed> {
    if object(base, message).is_none() || !needs_body(base.operation) {
        return Vec::new();
    }
    let id = &base.strangers[0];
    let inputs = [
        ("of InviteMembers", "AccountIds", json!({ "AccountIds": [id] })),
        ("of CreateMembers", "AccountDetails", json!({ "AccountDetails": [{ "AccountId": id }] })),
    ];
    let known = |name: &str| body_members(base.operation).any(|member| member.name == name);
    let others = inputs.into_iter().filter(|(_, name, _)| !known(name));
    let make = |(label, _, input): (&str, &str, Value)| {
        let body = with_body(message, input.to_string());
        Malformed::new(label, body, &[Set::Constraint, Set::Parse])
    };
    others.map(make).collect()
}

pub(super) fn wrapped(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message).filter(|_| needs_body(base.operation)) else { return Vec::new() };
    let names =
        [("by the request's name", format!("{}Request", base.operation)), ("by input", "input".to_owned())];
    let make = |(label, name): (&str, String)| {
        let body = with_body(message, json!({ name: members.clone() }).to_string());
        Malformed::new(label, body, &[Set::Constraint, Set::Parse])
    };
    names.into_iter().map(make).collect()
}

/// The name that the administrator had in the operations of old.
const FORMER: (&str, &str) = ("AdministratorId", "MasterId");

pub(super) fn legacy_name(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(mut members) = object(base, message) else { return Vec::new() };
    let has = body_members(base.operation).any(|member| member.name == FORMER.0);
    let value = members.remove(FORMER.0).filter(|_| has);
    let Some(value) = value else { return Vec::new() };
    members.insert(FORMER.1.to_owned(), value);
    vec![Malformed::new(FORMER.1, with_object(message, members), &[Set::Constraint, Set::Parse])]
}
