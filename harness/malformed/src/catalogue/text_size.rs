//! Bodies that are deep, wide or long. The largest go to one operation alone: what reads them is the same for all.

use super::class::Malformed;
use super::edit::{body_members, object, of_one_account, opened, text, with_body, with_raw, with_raw_member};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Operation;
use passmuster_contract::domain::shape::ShapeKind;

const DEPTHS: [usize; 7] = [64, 127, 128, 129, 256, 512, 1000];
const GREAT_DEPTHS: [usize; 2] = [100_000, 1_000_000];
const MANY_MEMBERS: usize = 100_000;
const MEGABYTE: usize = 1 << 20;

/// Whether the largest bodies go to this operation.
fn takes_the_largest(base: &Base) -> bool {
    base.operation == Operation::CreateMembers
}

fn nested(depth: usize) -> Vec<u8> {
    [b"[".repeat(depth), b"]".repeat(depth)].concat()
}

pub(super) fn deep_unknown(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let make = |depth: &usize, sets: &[Set]| {
        let request = with_raw_member(message, b"\"x\"", &nested(*depth))?;
        Some(Malformed::new(format!("depth {depth}"), request, sets))
    };
    let mut requests: Vec<_> =
        DEPTHS.iter().filter_map(|depth| make(depth, &[Set::AsRepaired, Set::Parse])).collect();
    if takes_the_largest(base) {
        requests.extend(
            GREAT_DEPTHS.iter().filter_map(|depth| make(depth, &[Set::AsRepaired, Set::Parse, Set::Size])),
        );
    }
    requests
}

pub(super) fn bottomless(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() || !takes_the_largest(base) {
        return Vec::new();
    }
    let of = |name: &str, bytes: &[u8]| {
        Malformed::new(name, with_body(message, bytes.repeat(GREAT_DEPTHS[0])), &[Set::Parse, Set::Size])
    };
    vec![of("arrays", b"["), of("objects", b"{\"a\":")]
}

pub(super) fn deep_member(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(mut members) = object(base, message) else { return Vec::new() };
    // What is wrong with a finding may be told of that finding alone.
    let is_list = |kind: &ShapeKind| {
        matches!(kind, ShapeKind::List { item: ShapeKind::NonEmpty | ShapeKind::Structure(_), .. })
    };
    let Some(list) = body_members(base.operation).find(|member| is_list(&member.kind)) else { return Vec::new() };
    members.insert(list.name.to_owned(), "deep".into());
    let sets = [Set::Parse, of_one_account(base.operation)];
    let make = |depth: usize| {
        let request = with_raw(message, &members, &format!("/{}", list.name), &nested(depth))?;
        Some(Malformed::new(format!("depth {depth}"), request, &sets))
    };
    [64, 1000].into_iter().filter_map(make).collect()
}

/// A copy with unknown members before its own.
fn with_many(message: &Message, names: impl Iterator<Item = String>) -> Message {
    let Some((head, tail)) = opened(&message.body) else { return message.clone() };
    let mut body = head.to_vec();
    for name in names {
        body.extend_from_slice(format!("\"{name}\":0,").as_bytes());
    }
    // No comma before the brace of an object without members of its own.
    if tail.trim_ascii_start().starts_with(b"}") {
        body.pop();
    }
    body.extend_from_slice(tail);
    with_body(message, body)
}

const WIDE: [Set; 3] = [Set::AsRepaired, Set::Parse, Set::Size];

pub(super) fn crowded(base: &Base, message: &Message) -> Vec<Malformed> {
    if object(base, message).is_none() || !takes_the_largest(base) {
        return Vec::new();
    }
    let request = with_many(message, (0..MANY_MEMBERS).map(|number| format!("k{number}")));
    vec![Malformed::new("distinct names", request, &WIDE)]
}

pub(super) fn colliding(base: &Base, message: &Message) -> Vec<Malformed> {
    if object(base, message).is_none() || !takes_the_largest(base) {
        return Vec::new();
    }
    // "Aa" and "BB" have the same hash of 31s, and so have all names made of as many of them.
    let name = |number: usize| (0..17).map(|bit| if number >> bit & 1 == 0 { "Aa" } else { "BB" }).collect();
    let request = with_many(message, (0..MANY_MEMBERS).map(name));
    vec![Malformed::new("one hash", request, &WIDE)]
}

pub(super) fn long_name(base: &Base, message: &Message) -> Vec<Malformed> {
    if object(base, message).is_none() || !takes_the_largest(base) {
        return Vec::new();
    }
    let long = format!("\"{}\"", "a".repeat(MEGABYTE));
    let name = with_raw_member(message, long.as_bytes(), b"1");
    let value = with_raw_member(message, b"\"x\"", long.as_bytes());
    let variants = [("a name", name), ("a string that nobody reads", value)];
    variants.into_iter().filter_map(|(name, request)| Some(Malformed::new(name, request?, &WIDE))).collect()
}

pub(super) fn padded_by_megabytes(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() || !takes_the_largest(base) {
        return Vec::new();
    }
    let body = [message.body.clone(), vec![b' '; 11 * MEGABYTE]].concat();
    vec![Malformed::new("11 MB", with_body(message, body), &[Set::Size, Set::AsRepaired])]
}
