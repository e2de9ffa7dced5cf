//! Oddities of the names of members: given twice, escaped, empty, or only alike.

use serde_json::Value;

use super::class::Malformed;
use super::edit::{
    body_members, later_id, object, with_member, with_object, with_raw, with_raw_member, without_member,
};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Document;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

/// The first member that the body has, with its value.
fn present(base: &Base, members: &Document) -> Option<(&'static MemberShape, Value)> {
    body_members(base.operation).find_map(|member| Some((member, members.get(member.name)?.clone())))
}

/// A name in quotes, its first letter as an escape.
fn escaped(name: &str) -> String {
    let first = name.bytes().next().unwrap_or_default();
    format!("\"\\u{first:04x}{}\"", name.get(1..).unwrap_or_default())
}

/// A copy whose body begins with another copy of a member.
fn doubled(message: &Message, name: &str, value: &Value) -> Option<Message> {
    with_raw_member(message, name.as_bytes(), value.to_string().as_bytes())
}

pub(super) fn duplicates_equal(base: &Base, message: &Message) -> Vec<Malformed> {
    let request = object(base, message).and_then(|members| {
        let (member, value) = present(base, &members)?;
        doubled(message, &format!("\"{}\"", member.name), &value)
    });
    request.into_iter().map(|request| Malformed::new("equal", request, &[Set::Parse, Set::AsRepaired])).collect()
}

/// Another value of a member that is as good as the one it has.
fn other_value(base: &Base, kind: &ShapeKind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (ShapeKind::Boolean, Value::Bool(flag)) => Some((!flag).into()),
        (ShapeKind::List { item: ShapeKind::NonEmpty, .. }, Value::Array(items)) => {
            let other = base.strangers.iter().find(|stranger| !items.contains(&Value::from(stranger.as_str())))?;
            Some(vec![other.as_str()].into())
        }
        (ShapeKind::List { item: ShapeKind::Structure(_), .. }, Value::Array(items)) => {
            let mut item = items.first()?.clone();
            *item.get_mut("AccountId")? = later_id(&base.strangers[1], 1).into();
            Some(vec![item].into())
        }
        _ => None,
    }
}

/// The same member twice, with unlike values: whichever counts, it counts alone.
fn two_winners(base: &Base, message: &Message, variant: &str, name: impl Fn(&str) -> String) -> Option<Malformed> {
    let members = object(base, message)?;
    let (member, value) = present(base, &members)?;
    // Ids of accounts: those of standards can't be made up.
    if matches!(member.kind, ShapeKind::List { .. }) && !member.name.starts_with("Account") {
        return None;
    }
    let other = other_value(base, &member.kind, &value)?;
    let request = doubled(message, &name(member.name), &other)?;
    let winner = |value: &Value| with_member(message, &members, member.name, value.clone());
    let malformed = Malformed::new(variant, request, &[Set::Parse, Set::AsRepaired]);
    Some(malformed.as_if(winner(&other)).as_if(winner(&value)))
}

pub(super) fn duplicates_unlike(base: &Base, message: &Message) -> Vec<Malformed> {
    two_winners(base, message, "unlike", |name| format!("\"{name}\"")).into_iter().collect()
}

pub(super) fn duplicates_escaped(base: &Base, message: &Message) -> Vec<Malformed> {
    let equal = object(base, message).and_then(|members| {
        let (member, value) = present(base, &members)?;
        let request = doubled(message, &escaped(member.name), &value)?;
        Some(Malformed::new("equal", request, &[Set::Parse, Set::AsRepaired]))
    });
    equal.into_iter().chain(two_winners(base, message, "unlike", escaped)).collect()
}

pub(super) fn duplicate_in_entry(base: &Base, message: &Message) -> Vec<Malformed> {
    let request = || {
        let members = object(base, message)?;
        let entry = members.get("AccountDetails")?.get(0)?.as_object()?;
        let own = entry.get("AccountId")?.as_str()?;
        let other = later_id(&base.strangers[1], 1);
        let with = |account: &str| {
            let mut entry = entry.clone();
            entry.insert("AccountId".to_owned(), account.into());
            entry
        };
        let of =
            |account: &str| with_member(message, &members, "AccountDetails", vec![Value::Object(with(account))]);
        let text = Value::Object(with(own)).to_string();
        let raw = format!("{{\"AccountId\":\"{other}\",{}", text.strip_prefix('{')?);
        let mut alone = members.clone();
        alone.insert("AccountDetails".to_owned(), vec![Value::Null].into());
        let request = with_raw(message, &alone, "/AccountDetails/0", raw.as_bytes())?;
        let malformed = Malformed::new("unlike", request, &[Set::Parse, Set::AsRepaired]);
        Some(malformed.as_if(of(&other)).as_if(of(own)))
    };
    request().into_iter().collect()
}

pub(super) fn escaped_name(base: &Base, message: &Message) -> Vec<Malformed> {
    let request = object(base, message).and_then(|members| {
        let (member, value) = present(base, &members)?;
        let rest = without_member(message, &members, member.name);
        doubled(&rest, &escaped(member.name), &value)
    });
    request.into_iter().map(|request| Malformed::new("its first letter", request, &[Set::AsRepaired])).collect()
}

pub(super) fn empty_name(base: &Base, message: &Message) -> Vec<Malformed> {
    let request = object(base, message).and_then(|_| with_raw_member(message, b"\"\"", b"1"));
    request.into_iter().map(|request| Malformed::new("empty", request, &[Set::AsRepaired, Set::Parse])).collect()
}

const fn look_alike(letter: char) -> Option<char> {
    match letter {
        'a' => Some('\u{430}'),
        'c' => Some('\u{441}'),
        'e' => Some('\u{435}'),
        'i' => Some('\u{456}'),
        'o' => Some('\u{43e}'),
        _ => None,
    }
}

pub(super) fn lookalikes(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let Some((member, value)) = present(base, &members) else { return Vec::new() };
    // All letters that look alike in both scripts.
    let cyrillic: String = member.name.chars().map(|letter| look_alike(letter).unwrap_or(letter)).collect();
    let accented = format!("{}\u{301}", member.name);
    let mut requests = Vec::new();
    for (label, name) in [("in Cyrillic", cyrillic), ("with an accent", accented)] {
        let beside = with_member(message, &members, &name, value.clone());
        requests.push(Malformed::new(format!("{label}, beside it"), beside, &[Set::AsRepaired, Set::Parse]));
        if member.required {
            let mut renamed = members.clone();
            renamed.remove(member.name);
            renamed.insert(name, value.clone());
            let instead = with_object(message, renamed);
            let sets = [Set::Constraint, Set::Parse];
            requests.push(Malformed::new(format!("{label}, in its place"), instead, &sets));
        }
    }
    requests
}
