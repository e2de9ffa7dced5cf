//! Faults in the end of a body, its coding, and the time when it is sent.

use super::class::{Malformed, Spoil};
use super::compress;
use super::edit::{changed, each, needs_body, one, text, with_body};
use crate::answers::Set;
use crate::message::{Base, Delivery, Framing, Message, line};
use passmuster_contract::domain::Operation;

/// The body as one chunk, with the last one after it.
fn one_chunk(body: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

const CHUNKED: &[u8] = b"transfer-encoding: chunked";

/// Requests with these lines for the length, in front of the body as it is.
fn lengths(base: &Base, message: &Message, sets: &[Set], variants: &[(&str, Vec<Vec<u8>>)]) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let make = |(label, lines): &(&str, Vec<Vec<u8>>)| {
        let framing = Framing::Lines(lines.clone(), body.to_vec());
        Malformed::new(*label, changed(message, |copy| copy.framing = framing), sets)
    };
    variants.iter().map(make).collect()
}

fn length(value: impl ToString) -> Vec<u8> {
    line("content-length", value.to_string())
}

pub(super) fn lengths_wrong(base: &Base, message: &Message) -> Vec<Malformed> {
    let right = message.body.len();
    let variants = [
        ("negative", vec![length(-1)]),
        ("with a plus sign", vec![length(format!("+{right}"))]),
        ("hexadecimal", vec![length(format!("{right:#x}"))]),
        ("letters", vec![length("abc")]),
        ("empty", vec![length("")]),
    ];
    lengths(base, message, &[Set::Http], &variants)
}

pub(super) fn lengths_vast(base: &Base, message: &Message) -> Vec<Malformed> {
    lengths(base, message, &[Set::Http], &[("20 digits", vec![length("99999999999999999999")])])
}

pub(super) fn lengths_equal(base: &Base, message: &Message) -> Vec<Malformed> {
    let right = message.body.len();
    let variants =
        [("two lines", vec![length(right), length(right)]), ("a list", vec![length(format!("{right}, {right}"))])];
    lengths(base, message, &[Set::AsRepaired, Set::Http], &variants)
}

pub(super) fn lengths_unlike(base: &Base, message: &Message) -> Vec<Malformed> {
    let right = message.body.len();
    let variants =
        [("right and short", vec![length(right), length(1)]), ("short and right", vec![length(1), length(right)])];
    lengths(base, message, &[Set::Http], &variants)
}

pub(super) fn length_too_short(base: &Base, message: &Message) -> Vec<Malformed> {
    // Half of an object is none, so that what is cut off is always missed.
    let half = message.body.len() / 2;
    if half == 0 {
        return Vec::new();
    }
    lengths(base, message, &[Set::Parse, Set::Http], &[("half", vec![length(half)])])
}

pub(super) fn half_a_body(base: &Base, message: &Message) -> Vec<Malformed> {
    let more = message.body.len() + 434;
    let requests = lengths(base, message, &[Set::Http], &[("434 bytes are missing", vec![length(more)])]);
    delivered(requests, Delivery::HalfClose)
}

fn delivered(requests: Vec<Malformed>, delivery: Delivery) -> Vec<Malformed> {
    let deliver = |mut malformed: Malformed| {
        malformed.message.delivery = delivery;
        malformed
    };
    requests.into_iter().map(deliver).collect()
}

pub(super) fn no_length(base: &Base, message: &Message) -> Vec<Malformed> {
    // Without a length there is no body.
    let without: &[Set] =
        if needs_body(base.operation) { &[Set::Constraint, Set::Parse] } else { &[Set::AsRepaired] };
    let requests = lengths(base, message, &[&[Set::Http], without].concat(), &[("none", Vec::new())]);
    requests.into_iter().map(|malformed| malformed.as_if(with_body(message, "{}"))).collect()
}

/// Requests with these bytes in place of the body, as chunks.
fn chunks(base: &Base, message: &Message, sets: &[Set], variants: &[(&str, Vec<u8>)]) -> Vec<Malformed> {
    announced(base, message, sets, &[CHUNKED], variants)
}

fn announced(
    base: &Base,
    message: &Message,
    sets: &[Set],
    lines: &[&[u8]],
    variants: &[(&str, Vec<u8>)],
) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let lines: Vec<Vec<u8>> = lines.iter().map(|line| line.to_vec()).collect();
    let make = |(label, bytes): &(&str, Vec<u8>)| {
        let framing = Framing::Lines(lines.clone(), bytes.clone());
        Malformed::new(*label, changed(message, |copy| copy.framing = framing), sets)
    };
    variants.iter().map(make).collect()
}

pub(super) fn chunked(base: &Base, message: &Message) -> Vec<Malformed> {
    let single: Vec<u8> =
        message.body.iter().flat_map(|byte| [b"1\r\n", &[*byte][..], b"\r\n"].concat()).collect();
    let variants =
        [("one", one_chunk(&message.body)), ("one for each byte", [&single, &b"0\r\n\r\n"[..]].concat())];
    chunks(base, message, &[Set::AsRepaired], &variants)
}

/// The size of a chunk out of the right one.
type Resize = fn(String) -> String;

/// The body as one chunk, with something else for its size, and for what stands after it.
fn chunk(body: &[u8], size: impl FnOnce(String) -> String, behind: &[u8]) -> Vec<u8> {
    [size(format!("{:x}", body.len())).as_bytes(), b"\r\n", body, behind].concat()
}

pub(super) fn chunk_extensions(base: &Base, message: &Message) -> Vec<Malformed> {
    let body = &message.body;
    let variants = [
        ("an extension", chunk(body, |size| size + ";a=b", b"\r\n0\r\n\r\n")),
        ("a trailer", chunk(body, |size| size, b"\r\n0\r\nx-t: 1\r\n\r\n")),
    ];
    chunks(base, message, &[Set::AsRepaired, Set::Http], &variants)
}

pub(super) fn bad_chunk_sizes(base: &Base, message: &Message) -> Vec<Malformed> {
    let sizes: [(&str, Resize); 6] = [
        ("letters", |_| "ZZ".to_owned()),
        ("negative", |_| "-2".to_owned()),
        ("with 0x", |size| format!("0x{size}")),
        ("two", |size| format!("{size} {size}")),
        ("17 digits", |_| "f".repeat(17)),
        ("empty", |_| String::new()),
    ];
    let variants = sizes.map(|(label, size)| (label, chunk(&message.body, size, b"\r\n0\r\n\r\n")));
    chunks(base, message, &[Set::Http], &variants)
}

pub(super) fn unended_chunk(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = [("no line end behind its data", chunk(&message.body, |size| size, b"0\r\n\r\n"))];
    chunks(base, message, &[Set::Http], &variants)
}

pub(super) fn abrupt_end(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = [("no last chunk", chunk(&message.body, |size| size, b"\r\n"))];
    delivered(chunks(base, message, &[Set::Http], &variants), Delivery::HalfClose)
}

pub(super) fn length_and_chunks(base: &Base, message: &Message) -> Vec<Malformed> {
    let bytes = one_chunk(&message.body);
    let right = length(bytes.len());
    let orders = [("the length first", [&right, CHUNKED]), ("the length last", [CHUNKED, &right])];
    let short = [b"content-length: 4", CHUNKED];
    let mut requests =
        announced(base, message, &[Set::Http, Set::AsRepaired], &short, &[("a length of 4", bytes.clone())]);
    for (label, lines) in orders {
        requests.extend(announced(
            base,
            message,
            &[Set::Http, Set::AsRepaired],
            &lines,
            &[(label, bytes.clone())],
        ));
    }
    requests
}

/// Requests whose chunks are announced by such lines.
fn announcements(base: &Base, message: &Message, variants: &[(&str, &[&[u8]])]) -> Vec<Malformed> {
    let bytes = one_chunk(&message.body);
    let make =
        |label: &str, lines: &[&[u8]]| announced(base, message, &[Set::Http], lines, &[(label, bytes.clone())]);
    variants.iter().flat_map(|(label, lines)| make(label, lines)).collect()
}

pub(super) fn unknown_codings(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, &[&[u8]])] = &[
        ("gzip, chunked", &[b"transfer-encoding: gzip, chunked"]),
        ("xchunked", &[b"transfer-encoding: xchunked"]),
        ("chunked, identity", &[b"transfer-encoding: chunked, identity"]),
    ];
    let requests = announcements(base, message, variants);
    requests.into_iter().map(|malformed| malformed.tolerating(&[Set::AsRepaired])).collect()
}

pub(super) fn obscured_chunks(base: &Base, message: &Message) -> Vec<Malformed> {
    let hard: &[(&str, &[&[u8]])] = &[
        ("a blank before the colon", &[b"transfer-encoding : chunked"]),
        ("a vertical tab", &[b"transfer-encoding: chunked\x0b"]),
    ];
    let twice: &[(&str, &[&[u8]])] = &[("two lines", &[CHUNKED, CHUNKED])];
    let mut requests = announcements(base, message, hard);
    // Some read the last line alone, which says all that is needed.
    let lax =
        announcements(base, message, twice).into_iter().map(|malformed| malformed.tolerating(&[Set::AsRepaired]));
    requests.extend(lax);
    requests
}

pub(super) fn chunked_by_http_1_0(base: &Base, message: &Message) -> Vec<Malformed> {
    let older = changed(message, |copy| copy.version = b" HTTP/1.0".to_vec());
    chunks(base, &older, &[Set::Http, Set::AsRepaired], &[("one", one_chunk(&message.body))])
}

fn with_line(base: &Base, message: &Message, sets: &[Set], variants: &[(&str, &str)]) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    each(message, sets, variants, |copy, line| copy.headers.push(line.into()))
}

pub(super) fn awaiting_continue(base: &Base, message: &Message) -> Vec<Malformed> {
    let requests = with_line(base, message, &[Set::AsRepaired], &[("100-continue", "expect: 100-continue")]);
    delivered(requests, Delivery::AwaitContinue)
}

pub(super) fn unknown_expectation(base: &Base, message: &Message) -> Vec<Malformed> {
    with_line(base, message, &[Set::Expectation, Set::AsRepaired], &[("bogus", "expect: bogus")])
}

/// A request that is as it was, but for how it is sent.
fn sent(base: &Base, message: &Message, set: Set, delivery: Delivery) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    one("as it is", message, &[set], |copy| copy.delivery = delivery)
}

pub(super) fn bytewise(base: &Base, message: &Message) -> Vec<Malformed> {
    sent(base, message, Set::AsRepaired, Delivery::Bytewise)
}

pub(super) fn stalled(base: &Base, message: &Message) -> Vec<Malformed> {
    // It takes as long as the target waits: once is enough.
    if base.operation != Operation::CreateMembers {
        return Vec::new();
    }
    sent(base, message, Set::Http, Delivery::Stall)
}

pub(super) fn pipelined(base: &Base, message: &Message) -> Vec<Malformed> {
    sent(base, message, Set::AsRepaired, Delivery::Pipelined)
}

/// Those of one variant each of the classes that leave in doubt where the body ends.
pub(super) fn pipelined_behind(base: &Base, message: &Message) -> Vec<Malformed> {
    let doubtful: [(&str, Spoil); 7] = [
        ("length", lengths_wrong),
        ("vast length", lengths_vast),
        ("lengths", lengths_unlike),
        ("chunk size", bad_chunk_sizes),
        ("chunk end", unended_chunk),
        ("length and chunks", length_and_chunks),
        ("announcement", obscured_chunks),
    ];
    let first = |(label, operator): (&str, Spoil)| {
        let mut malformed = operator(base, message).into_iter().next()?;
        malformed.variant = format!("{label}: {}", malformed.variant);
        malformed.message.delivery = Delivery::Pipelined;
        Some(malformed)
    };
    doubtful.into_iter().filter_map(first).collect()
}

const CODED: [Set; 4] = [Set::Http, Set::MediaType, Set::Parse, Set::AsRepaired];

pub(super) fn wrongly_compressed(base: &Base, message: &Message) -> Vec<Malformed> {
    with_line(base, message, &CODED, &[("gzip", "content-encoding: gzip")])
}

pub(super) fn truly_compressed(base: &Base, message: &Message) -> Vec<Malformed> {
    let compressed = with_body(message, compress::stored(&message.body));
    with_line(base, message, &CODED, &[("gzip", "content-encoding: gzip")])
        .into_iter()
        .map(|mut malformed| {
            malformed.message.body.clone_from(&compressed.body);
            malformed
        })
        .collect()
}

pub(super) fn bomb(base: &Base, message: &Message) -> Vec<Malformed> {
    if base.operation != Operation::CreateMembers {
        return Vec::new();
    }
    let sets = [Set::Size, Set::MediaType, Set::Parse, Set::Http];
    let bomb = with_body(message, compress::bomb());
    with_line(base, &bomb, &sets, &[("zeros", "content-encoding: gzip")])
}

pub(super) fn coded_in_other_ways(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = [
        ("br", "content-encoding: br"),
        ("several", "content-encoding: deflate, gzip, gzip"),
        ("foo", "content-encoding: foo"),
    ];
    with_line(base, message, &CODED, &variants)
}

pub(super) fn upgrades(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    // The preface of HTTP/2 itself is no fault where a server speaks that, too.
    one("h2c", message, &[Set::AsRepaired, Set::Http], |copy| {
        copy.headers.push(line("connection", "Upgrade, HTTP2-Settings"));
        copy.headers.push(line("upgrade", "h2c"));
        copy.headers.push(line("http2-settings", "AAMAAABkAAQAAP__"));
    })
}
