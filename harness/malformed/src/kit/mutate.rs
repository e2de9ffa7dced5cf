//! Requests turned into other ones, mostly one value at a time.
//!
//! A body is changed by replacing the bytes of a value that was found by reading it, so that what is not touched stays as
//! it was, and texts that are no JSON can be made as well.

use std::ops::Range;

use super::chance::Chance;
use super::corners;
use super::seeds::Seed;
use crate::reader::json::{self, Json, Member, Node};
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::HttpRequest;

type Mutator = fn(&mut Chance, &mut HttpRequest, &[Seed]);

/// The mutators, each as often as it is worth: types and texts most, random bytes least.
const MUTATORS: &[(usize, Mutator)] = &[
    (16, swap_type),
    (5, swap_body),
    (12, damage_text),
    (12, swap_parameter),
    (4, change_header),
    (6, change_route),
    (7, duplicate),
    (7, smuggle),
    (7, move_boundary),
    (8, rewrite),
    (3, splice),
    (2, spoil_byte),
];
/// Bodies don't grow beyond this.
const LONGEST_BODY: usize = 64 * 1024;
/// What takes the place of a value.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5",
    "1.0",
    "1e9999",
    "\"\"",
    "\" \"",
    "\"x\"",
    "\"1\"",
    "\"true\"",
    "[]",
    "{}",
    "[null]",
    "{\"a\":1}",
    "\"\u{e9}\"",
    "\"222222222222\"",
    "222222222222",
    "\"2222222222\u{e9}\"",
    "[\"x\"]",
];
/// What takes the place of a body.
const BODIES: &[&str] = &["null", "[]", "10", "\"x\"", "true", "", " ", "{}", "[{}]", "[null]", "[[]]"];
/// What takes the place of a parameter.
const PARAMETERS: &[&str] = &[
    "",
    "abc",
    "0",
    "1",
    "-1",
    "5",
    "50",
    "51",
    "11",
    "5x",
    "0x10",
    "1e1",
    "1.5",
    "1.0",
    "1,000",
    "%D9%A3",
    "%2B5",
    "%205",
    "005",
    "2147483648",
    "9223372036854775808",
    "true",
    "True",
    "TRUE",
    "on",
    "yes",
    "false",
    "NaN",
    "%zz",
    "%",
    "%ff%fe",
    "a+b",
    "%20",
    "%00",
    "null",
    "[]",
    "%C3%A9%C3%A9",
];
/// What comes before or behind a body.
const EDGES: &[&[u8]] = &[
    b"abc",
    b"{}",
    b",",
    b"]",
    b"\0",
    b"\x1e",
    b"\xef\xbb\xbf",
    b"//c",
    b"\x0c",
    b"\xc2\xa0",
    b" \n",
    b")]}',\n",
];
/// Bytes that are no UTF-8, and some that are hard to carry.
const BYTES: &[&[u8]] =
    &[b"\xff", b"\x80", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0", b"\x01", b"\xc3\xa9"];
const TYPES: &[&str] = &[
    "text/plain",
    "application/x-amz-json-1.1",
    "application/json; charset=utf-8",
    "application/cbor",
    "json",
    "",
];
const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Patch, Method::Delete];

/// Another request, from one of the seeds. Half of them have a single fault: only those are judged sharply.
pub(super) fn next(chance: &mut Chance, seeds: &[Seed]) -> Option<HttpRequest> {
    const MOST_STEPS: usize = 5;
    let mut request = chance.pick(seeds)?.request.clone();
    for _ in 0..MOST_STEPS {
        let total: usize = MUTATORS.iter().map(|(weight, _)| weight).sum();
        let mut left = chance.below(total);
        for (weight, mutate) in MUTATORS {
            if left < *weight {
                mutate(chance, &mut request, seeds);
                break;
            }
            left -= weight;
        }
        request.body.truncate(LONGEST_BODY);
        if chance.below(5) < 3 {
            break;
        }
    }
    Some(request)
}

fn replace(request: &mut HttpRequest, span: Range<usize>, text: impl AsRef<[u8]>) {
    request.body.splice(span, text.as_ref().iter().copied()).for_each(drop);
}

fn pick_node(chance: &mut Chance, body: &[u8]) -> Option<Node> {
    let root = json::read(body).ok()?;
    chance.pick(&root.all()).map(|node| (*node).clone())
}

fn pick_member(chance: &mut Chance, body: &[u8]) -> Option<Member> {
    let root = json::read(body).ok()?;
    chance.pick(&root.members()).map(|member| (*member).clone())
}

/// A value of another type; an object, now and then, as an array of its values.
fn swap_type(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let Some(node) = pick_node(chance, &request.body) else { return };
    if let (Json::Object(members), true) = (&node.value, chance.once_in(2)) {
        let values: Vec<&[u8]> = members.iter().map(|member| &request.body[member.value.span.clone()]).collect();
        let text = [b"[".as_slice(), &values.join(b",".as_slice()), b"]"].concat();
        return replace(request, node.span, text);
    }
    if let Some(value) = chance.pick(VALUES) {
        replace(request, node.span, value);
    }
}

/// Another body: one that is no object, or that of another operation.
fn swap_body(chance: &mut Chance, request: &mut HttpRequest, seeds: &[Seed]) {
    let body = match (chance.once_in(2), chance.pick(BODIES), chance.pick(seeds)) {
        (true, Some(body), _) => body.as_bytes().to_vec(),
        (_, _, Some(seed)) => seed.request.body.clone(),
        _ => return,
    };
    request.body = body;
}

fn damage_text(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let at = chance.below(request.body.len() + 1);
    let structural = |byte: &u8| b"{}[]:,\"".contains(byte);
    let places: Vec<usize> =
        request.body.iter().enumerate().filter(|(_, byte)| structural(byte)).map(|(at, _)| at).collect();
    let place = chance.pick(&places).copied();
    match (chance.below(7), place) {
        (0, Some(place)) => request.body.truncate(place),
        (1, Some(place)) => replace(request, place..place + 1, ""),
        (2, Some(place)) => {
            let byte = request.body[place];
            request.body.insert(place, byte);
        }
        (3, Some(place)) => replace(request, place..place, "/*c*/"),
        (4, _) => {
            let edge = chance.pick(EDGES).copied().unwrap_or_default();
            let at = if chance.once_in(2) { 0 } else { request.body.len() };
            replace(request, at..at, edge);
        }
        (5, _) => {
            let Some(node) = pick_node(chance, &request.body) else { return };
            if let (Json::String(_), Some(bytes)) = (&node.value, chance.pick(BYTES)) {
                replace(request, node.span.start + 1..node.span.start + 1, bytes);
            }
        }
        _ => replace(request, at..at, chance.pick(BYTES).copied().unwrap_or_default()),
    }
}

/// A parameter of the operation with another text, twice, or without any.
fn swap_parameter(chance: &mut Chance, request: &mut HttpRequest, seeds: &[Seed]) {
    let parameters = |seed: &&Seed| !seed.request.query.is_empty();
    let asking: Vec<&Seed> = seeds.iter().filter(parameters).collect();
    if request.query.is_empty()
        && let Some(seed) = chance.pick(&asking)
    {
        *request = seed.request.clone();
    }
    let mut pairs: Vec<String> = request.query.split('&').map(str::to_owned).collect();
    let at = chance.below(pairs.len());
    let name = pairs[at].split('=').next().unwrap_or_default().to_owned();
    let text = chance.pick(PARAMETERS).copied().unwrap_or_default();
    match chance.below(8) {
        0 => pairs[at] = name,
        1 => pairs.push(format!("{name}={text}")),
        2 => pairs[at] = pairs[at].to_ascii_lowercase(),
        3 => drop(pairs.remove(at)),
        _ => pairs[at] = format!("{name}={text}"),
    }
    request.query = pairs.join("&");
}

fn change_header(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    if chance.once_in(2) {
        let at = chance.below(request.headers.len());
        if at < request.headers.len() {
            request.headers.remove(at);
        }
    } else if let Some(value) = chance.pick(TYPES) {
        let name = if chance.once_in(3) { "accept" } else { "content-type" };
        request.headers.retain(|(known, _)| known != name);
        request.headers.push((name.into(), (*value).to_owned()));
    }
}

/// The neighbours of an address: its other methods, slashes, cases and escapes.
fn change_route(chance: &mut Chance, request: &mut HttpRequest, seeds: &[Seed]) {
    let path = request.path.clone().into_owned();
    match chance.below(8) {
        0 | 1 => request.method = METHODS[chance.below(METHODS.len())],
        2 => request.path = format!("{path}/").into(),
        3 => request.path = format!("/{path}").into(),
        4 => request.path = path.to_ascii_uppercase().into(),
        5 => {
            let shorter = path.char_indices().next_back().map_or("", |(last, _)| &path[..last]);
            request.path = if shorter.is_empty() { "/x".into() } else { shorter.to_owned().into() };
        }
        6 => request.path = path.replacen('m', "%6D", 1).into(),
        _ => {
            if let Some(seed) = chance.pick(seeds) {
                request.path = seed.request.path.clone();
            }
        }
    }
}

/// A member twice: alike or not, its name with an escape or not, before or behind.
fn duplicate(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let Some(member) = pick_member(chance, &request.body) else { return };
    let name = member.name.plain().unwrap_or_default();
    let escaped = |c: char| format!("\\u{:04x}", u32::from(c));
    let name = match name.chars().next() {
        Some(first) if first.is_ascii() && chance.once_in(2) => escaped(first) + &name[1..],
        _ => name.to_owned(),
    };
    let value = match chance.pick(VALUES) {
        Some(value) if chance.once_in(2) => value.as_bytes().to_vec(),
        _ => request.body[member.value.span.clone()].to_vec(),
    };
    let twin = [b"\"".as_slice(), name.as_bytes(), b"\":", &value].concat();
    if chance.once_in(2) {
        replace(request, member.span.start..member.span.start, [twin.as_slice(), b","].concat());
    } else {
        replace(request, member.span.end..member.span.end, [b",".as_slice(), &twin].concat());
    }
}

/// A corner case in a member that nobody knows, where typed readers skip with weaker checks.
fn smuggle(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let Ok(root) = json::read(&request.body) else { return };
    let objects: Vec<&Node> =
        root.all().into_iter().filter(|node| matches!(node.value, Json::Object(_))).collect();
    let (Some(object), Some((_, text))) = (chance.pick(&objects), chance.pick(corners::SHORT)) else { return };
    let comma: &[u8] = if object.value == Json::Object(Vec::new()) { b"" } else { b"," };
    let at = object.span.start + 1;
    replace(request, at..at, [b"\"x\":".as_slice(), text, comma].concat());
}

/// A list as long as it may just be, or just not; a string of a length at an edge.
fn move_boundary(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let Some(node) = pick_node(chance, &request.body) else { return };
    match &node.value {
        Json::Array(items) => {
            let Some(first) = items.first() else { return };
            let item = request.body[first.span.clone()].to_vec();
            let length = chance.pick(&[0, 1, 2, 25, 26, 50, 51]).copied().unwrap_or_default();
            let text = [b"[".as_slice(), &vec![item; length].join(b",".as_slice()), b"]"].concat();
            replace(request, node.span, text);
        }
        Json::String(_) => {
            let length = chance.pick(&[0, 1, 11, 12, 13, 128, 129, 256, 257]).copied().unwrap_or_default();
            let digit = chance.pick(&["2", " ", "\u{e9}", "\u{661}"]).copied().unwrap_or_default();
            replace(request, node.span, format!("\"{}\"", digit.repeat(length)));
        }
        Json::Number => {
            let bounds = ["0", "1", "25", "26", "100", "101", "-0", "2147483648", "9223372036854775808"];
            replace(request, node.span, chance.pick(&bounds).copied().unwrap_or_default());
        }
        Json::Null | Json::Bool(_) | Json::Object(_) => {}
    }
}

/// The same in other words, but for the case of a name.
fn rewrite(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let Some(member) = pick_member(chance, &request.body) else { return };
    let name = member.name.plain().unwrap_or_default().to_owned();
    let inside = member.span.start + 1..member.span.start + 1 + name.len();
    match (chance.below(4), name.chars().next()) {
        (0, Some(first)) if first.is_ascii() => {
            replace(request, inside.start..inside.start + 1, format!("\\u{:04X}", u32::from(first)));
        }
        (1, _) => replace(request, inside, name.to_ascii_lowercase()),
        (2, Some(first)) if first.is_ascii() => {
            replace(request, inside, first.to_ascii_lowercase().to_string() + &name[1..]);
        }
        _ => {
            let at = member.value.span.start;
            replace(request, at..at, chance.pick(&[" ", "\n\t", "\r\n "]).copied().unwrap_or_default());
        }
    }
}

/// A value out of another seed.
fn splice(chance: &mut Chance, request: &mut HttpRequest, seeds: &[Seed]) {
    let Some(seed) = chance.pick(seeds) else { return };
    let (Some(node), Some(other)) = (pick_node(chance, &request.body), pick_node(chance, &seed.request.body))
    else {
        return;
    };
    replace(request, node.span, &seed.request.body[other.span]);
}

fn spoil_byte(chance: &mut Chance, request: &mut HttpRequest, _: &[Seed]) {
    let at = chance.below(request.body.len());
    let byte = u8::try_from(chance.below(256)).unwrap_or_default();
    if let Some(place) = request.body.get_mut(at) {
        *place = byte;
    }
}

/// Smaller requests, the smallest first: without parts of the body, of the query string, of the header lines.
pub(super) fn smaller(request: &HttpRequest) -> impl Iterator<Item = HttpRequest> + '_ {
    let body = cuts(request.body.len()).map(|cut| {
        let mut smaller = request.clone();
        replace(&mut smaller, cut, "");
        smaller
    });
    let pairs: Vec<&str> = request.query.split('&').filter(|pair| !pair.is_empty()).collect();
    let query = (0..pairs.len()).map(move |gone| {
        let rest: Vec<&str> =
            pairs.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, pair)| *pair).collect();
        HttpRequest { query: rest.join("&"), ..request.clone() }
    });
    let headers = (0..request.headers.len()).map(|gone| {
        let mut smaller = request.clone();
        smaller.headers.remove(gone);
        smaller
    });
    headers.chain(query).chain(body)
}

/// Stretches to leave out: halves, quarters, down to single bytes.
fn cuts(length: usize) -> impl Iterator<Item = Range<usize>> {
    let sizes = std::iter::successors(Some(length), |size| (*size > 1).then_some(size / 2));
    sizes
        .filter(|size| *size > 0)
        .flat_map(move |size| (0..length).step_by(size).map(move |start| start..length.min(start + size)))
}

#[cfg(test)]
mod tests {
    use super::{Chance, cuts, next};
    use crate::kit::seeds::seeds;
    use passmuster_contract::domain::Operation;
    use passmuster_contract::domain::shape::{Kind, Location};

    #[test]
    fn the_same_seed_makes_the_same_requests() {
        let seeds = seeds();
        let some = |seed| {
            let mut chance = Chance::new(seed);
            (0..50).map(|_| next(&mut chance, &seeds).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(some(7), some(7));
        assert_ne!(some(7), some(8));
    }

    #[test]
    fn cuts_get_shorter_and_cover_everything() {
        let all: Vec<_> = cuts(5).collect();
        assert_eq!(all.first(), Some(&(0..5)));
        assert_eq!(all.iter().rev().take(5).rev().cloned().collect::<Vec<_>>(), [0..1, 1..2, 2..3, 3..4, 4..5]);
    }

    #[test]
    fn every_integer_of_a_query_string_is_in_a_seed() {
        let seeds = seeds();
        for operation in Operation::ALL {
            for member in operation.shape().input {
                if member.location == Location::Query && matches!(member.kind, Kind::Integer(_)) {
                    let asks = seeds.iter().any(|seed| {
                        seed.request.path == operation.shape().path && seed.request.query.contains(member.name)
                    });
                    assert!(asks, "{operation} {}", member.name);
                }
            }
        }
    }
}
