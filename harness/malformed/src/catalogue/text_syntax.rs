//! Texts that break the grammar of JSON.

use std::collections::BTreeSet;

use super::class::Malformed;
use super::edit::{opened, text, with_body, with_raw_member};
use super::text::{bodies, put_between};
use crate::answers::Set;
use crate::message::{Base, Message};

/// The most places that a body is cut at; the ends of its tokens, where there are no more of them.
const MOST_CUTS: usize = 24;

/// The places of structural bytes outside of strings, and of quotes.
fn structure(body: &[u8]) -> Vec<usize> {
    let (mut quoted, mut escaped) = (false, false);
    let mut places = Vec::new();
    for (place, byte) in body.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => {
                quoted = !quoted;
                places.push(place);
            }
            b'{' | b'}' | b'[' | b']' | b':' | b',' if !quoted => places.push(place),
            _ => {}
        }
    }
    places
}

/// The last place of this structural byte.
fn last(body: &[u8], byte: u8) -> Option<usize> {
    structure(body).into_iter().rev().find(|place| body[*place] == byte)
}

fn first(body: &[u8], byte: u8) -> Option<usize> {
    structure(body).into_iter().find(|place| body[*place] == byte)
}

pub(super) fn truncated(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let ends = structure(body).into_iter().flat_map(|place| [place, place + 1]);
    let ends: BTreeSet<usize> = ends.filter(|end| (1..body.trim_ascii_end().len()).contains(end)).collect();
    let step = ends.len().div_ceil(MOST_CUTS).max(1);
    let cut = |end: usize| Malformed::new(format!("k={end}"), with_body(message, &body[..end]), &[Set::Parse]);
    ends.into_iter().step_by(step).map(cut).collect()
}

/// Of each structural byte, where it stands first.
fn structural(body: &[u8]) -> impl Iterator<Item = (&'static str, usize)> {
    let names: [(&str, u8); 7] = [
        ("opening brace", b'{'),
        ("closing brace", b'}'),
        ("opening bracket", b'['),
        ("closing bracket", b']'),
        ("colon", b':'),
        ("comma", b','),
        ("quote", b'"'),
    ];
    names.into_iter().filter_map(|(name, byte)| Some((name, first(body, byte)?)))
}

pub(super) fn missing(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let variants = structural(body).map(|(name, place)| (name, [&body[..place], &body[place + 1..]].concat()));
    bodies(message, &[Set::Parse], variants)
}

pub(super) fn doubled(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let variants = structural(body).map(|(name, place)| (name, [&body[..=place], &body[place..]].concat()));
    bodies(message, &[Set::Parse], variants)
}

pub(super) fn swapped_brackets(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let kinds = [("a bracket for a brace", b'}', b']'), ("a brace for a bracket", b']', b'}')];
    let variants = kinds.into_iter().filter_map(|(name, right, wrong)| {
        let mut swapped = body.to_vec();
        swapped[last(body, right)?] = wrong;
        Some((name, swapped))
    });
    bodies(message, &[Set::Parse], variants)
}

pub(super) fn trailing_commas(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let kinds = [("in an object", b'}'), ("in an array", b']')];
    let variants = kinds.into_iter().filter_map(|(name, closing)| {
        let place = last(body, closing)?;
        Some((name, [&body[..place], b",", &body[place..]].concat()))
    });
    bodies(message, &[Set::Parse], variants)
}

pub(super) fn comma_first(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((head, tail)) = text(base, message).and_then(opened) else { return Vec::new() };
    let mut requests = put_between(message, &[Set::Parse], (head, tail), &[("before the first member", b",")]);
    requests.extend(bodies(message, &[Set::Parse], [("alone in an object", b"{,}".into())]));
    if let Some(place) = first(&message.body, b'[') {
        let (head, tail) = message.body.split_at(place + 1);
        requests.extend(put_between(message, &[Set::Parse], (head, tail), &[("before the first entry", b",")]));
    }
    requests
}

pub(super) fn comments(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(parts) = text(base, message).and_then(opened) else { return Vec::new() };
    let variants: &[(&str, &[u8])] =
        &[("between stars", b"/*c*/"), ("behind slashes", b"//c\n"), ("behind a hash", b"#c\n")];
    put_between(message, &[Set::Parse], parts, variants)
}

pub(super) fn quotes(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message).filter(|body| body.contains(&b'"')) else { return Vec::new() };
    let swapped =
        |quote: u8| body.iter().map(|byte| if *byte == b'"' { quote } else { *byte }).collect::<Vec<u8>>();
    let mut variants = vec![("single quotes", swapped(b'\'')), ("backquotes", swapped(b'`'))];
    if let [open, close, ..] =
        structure(body).into_iter().filter(|place| body[*place] == b'"').collect::<Vec<_>>()[..]
    {
        variants.push(("a name without", [&body[..open], &body[open + 1..close], &body[close + 1..]].concat()));
    }
    bodies(message, &[Set::Parse], variants)
}

pub(super) fn foreign_blanks(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(parts) = text(base, message).and_then(opened) else { return Vec::new() };
    let variants: &[(&str, &[u8])] = &[
        ("form feed", b"\x0c"),
        ("vertical tab", b"\x0b"),
        ("no-break space", b"\xc2\xa0"),
        ("line separator", b"\xe2\x80\xa8"),
    ];
    put_between(message, &[Set::Parse], parts, variants)
}

/// One request for each of these texts, as the value of a member that the operation doesn't have.
fn unread(base: &Base, message: &Message, sets: &[Set], values: &[&str]) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let make = |value: &&str| {
        let name = if value.len() > 20 { format!("{} digits", value.len()) } else { (*value).to_owned() };
        Some(Malformed::new(name, with_raw_member(message, b"\"x\"", value.as_bytes())?, sets))
    };
    values.iter().filter_map(make).collect()
}

pub(super) fn misspelt(base: &Base, message: &Message) -> Vec<Malformed> {
    unread(base, message, &[Set::Parse], &["True", "NULL", "nul", "tru", "None"])
}

pub(super) fn not_numbers(base: &Base, message: &Message) -> Vec<Malformed> {
    unread(base, message, &[Set::Parse], &["NaN", "Infinity", "-Infinity"])
}

pub(super) fn number_syntax(base: &Base, message: &Message) -> Vec<Malformed> {
    let hard = ["+1", ".5", "1e", "1e+", "0x10", "1_000", "--1", "-"];
    let mut requests = unread(base, message, &[Set::Parse], &hard);
    // The parser of AWS's own server framework was seen to accept these.
    let lax = unread(base, message, &[Set::Parse], &["01", "1."]);
    requests.extend(lax.into_iter().map(|malformed| malformed.tolerating(&[Set::AsRepaired])));
    requests
}

pub(super) fn vast_numbers(base: &Base, message: &Message) -> Vec<Malformed> {
    let digits = "9".repeat(400);
    unread(base, message, &[Set::AsRepaired, Set::Parse], &["-0", "1E400", "1e9999", "1e-9999", &digits])
}
