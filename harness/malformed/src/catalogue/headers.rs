//! Faults of header fields, and what should make no difference in them.

use super::class::{Class, Malformed, Part};
use super::edit::{body_members, changed, each, one, text};
use crate::answers::Set;
use crate::message::{Base, Message, line};
use passmuster_contract::domain::shape::Method;

const HEADERS: Part = Part::Headers;

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(87, HEADERS, "an Accept that JSON can't satisfy", &["D35"], accept_other),
    Class::spoils(88, HEADERS, "an Accept that JSON satisfies", &["D36"], accept_satisfied),
    Class::spoils(89, HEADERS, "an Accept that rules JSON out by its weight", &["D35"], accept_weight),
    Class::spoils(90, HEADERS, "an Accept that says nothing", &["D35"], accept_garbage),
    Class::spoils(91, HEADERS, "no content type", &["D37"], no_type),
    Class::spoils(92, HEADERS, "a wrong content type", &["D38"], wrong_type),
    Class::spoils(93, HEADERS, "the content type of a form", &["D38"], form_type),
    Class::spoils(94, HEADERS, "the content type of a body in parts", &["D38"], multipart_type),
    Class::spoils(95, HEADERS, "the content type of other protocols of AWS", &["D38"], aws_type),
    Class::spoils(96, HEADERS, "a content type with parameters", &["D39"], type_parameters),
    Class::spoils(97, HEADERS, "a content type that lies about the encoding", &["D39"], lying_charset),
    Class::spoils(98, HEADERS, "a content type in another case, with blanks", &["D39"], type_case),
    Class::spoils(99, HEADERS, "the content type twice", &["D38"], types_twice),
    Class::spoils(100, HEADERS, "an empty content type, or none that there is", &["D38"], type_garbage),
    Class::spoils(101, HEADERS, "a content type without a body", &["D39b"], type_alone),
    Class::spoils(102, HEADERS, "a body where the operation has none", &["D39b"], body_of_none),
    Class::spoils(103, HEADERS, "a body on GET", &["D97"], body_on_get),
    Class::spoils(104, HEADERS, "a body on DELETE", &["D39b"], body_on_delete),
    Class::spoils(105, HEADERS, "unknown headers of AWS", &["I22"], unknown_headers),
    Class::spoils(106, HEADERS, "headers of proxies", &["I12"], proxy_headers),
    Class::spoils(107, HEADERS, "conditions and ranges", &["I22"], conditions),
    Class::spoils(108, HEADERS, "a cookie", &["I15"], cookie),
    Class::spoils(109, HEADERS, "the headers of an SDK that tries again", &["I22"], attempts),
    Class::spoils(110, HEADERS, "a foreign origin", &["I22"], origin),
];

/// Requests with these values of a header, in place of the one they had.
fn values(message: &Message, sets: &[Set], name: &str, variants: &[&str]) -> Vec<Malformed> {
    let make = |value: &&str| {
        let label = if value.is_empty() { "empty" } else { value };
        Malformed::new(label, changed(message, |copy| copy.set_header(name, value)), sets)
    };
    variants.iter().map(make).collect()
}

/// Requests with these lines more.
fn lines(message: &Message, sets: &[Set], variants: &[&str]) -> Vec<Malformed> {
    let make = |added: &&str| {
        Malformed::new(*added, changed(message, |copy| copy.headers.push(added.as_bytes().to_vec())), sets)
    };
    variants.iter().map(make).collect()
}

fn in_aws(requests: Vec<Malformed>, sets: &[Set]) -> Vec<Malformed> {
    requests.into_iter().map(|malformed| malformed.in_aws(sets)).collect()
}

fn accept_other(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants = ["application/hal+json", "text/html", "image/*"];
    in_aws(values(message, &[Set::NotAcceptable], "accept", &variants), &[Set::AsRepaired])
}

fn accept_satisfied(_: &Base, message: &Message) -> Vec<Malformed> {
    values(message, &[Set::AsRepaired], "accept", &["*/*", "application/*", "text/html, application/json;q=0.1"])
}

fn accept_weight(_: &Base, message: &Message) -> Vec<Malformed> {
    values(message, &[Set::AsRepaired, Set::NotAcceptable], "accept", &["application/json;q=0"])
}

fn accept_garbage(_: &Base, message: &Message) -> Vec<Malformed> {
    let sets = [Set::AsRepaired, Set::NotAcceptable, Set::Http];
    let mut requests = values(message, &sets, "accept", &[";;;", "application", ""]);
    requests.extend(one("0x80", message, &sets, |copy| copy.set_header("accept", b"\x80")));
    requests
}

/// Requests with these content types, where there is a body that the operation reads.
fn types(base: &Base, message: &Message, sets: &[Set], variants: &[&str]) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    values(message, sets, "content-type", variants)
}

fn no_type(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    // One of the two frameworks for servers that AWS gives away refuses it, the other doesn't.
    let sets = [Set::MediaType, Set::AsRepaired];
    in_aws(one("none", message, &sets, |copy| copy.remove_header("content-type")), &[Set::Parse])
}

/// Requests that the protocol tests refuse with 415; it is not known what the service makes of them.
fn unsupported(base: &Base, message: &Message, variants: &[&str]) -> Vec<Malformed> {
    in_aws(types(base, message, &[Set::MediaType], variants), &[Set::AsRepaired, Set::Parse])
}

fn wrong_type(base: &Base, message: &Message) -> Vec<Malformed> {
    unsupported(base, message, &["application/hal+json", "text/plain", "application/xml", "application/cbor"])
}

fn form_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = ["application/x-www-form-urlencoded"];
    in_aws(types(base, message, &[Set::MediaType, Set::Parse], &variants), &[Set::AsRepaired])
}

fn multipart_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = ["multipart/form-data; boundary=x"];
    in_aws(types(base, message, &[Set::MediaType, Set::Parse], &variants), &[Set::AsRepaired])
}

fn aws_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = ["application/x-amz-json-1.1", "application/x-amz-json-1.0"];
    types(base, message, &[Set::AsRepaired, Set::MediaType], &variants)
}

fn type_parameters(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants =
        ["application/json; charset=utf-8", "application/json;charset=\"UTF-8\"", "application/json; x=y"];
    // One framework for servers compares the whole value: a mistake of its own, but a known one.
    let requests = types(base, message, &[Set::AsRepaired], &variants).into_iter();
    requests.map(|malformed| malformed.tolerating(&[Set::MediaType])).collect()
}

fn lying_charset(base: &Base, message: &Message) -> Vec<Malformed> {
    let sets = [Set::AsRepaired, Set::MediaType, Set::Parse];
    types(base, message, &sets, &["application/json; charset=utf-16"])
}

fn type_case(base: &Base, message: &Message) -> Vec<Malformed> {
    let requests =
        types(base, message, &[Set::AsRepaired], &["Application/JSON", "  application/json  "]).into_iter();
    requests.map(|malformed| malformed.tolerating(&[Set::MediaType])).collect()
}

fn types_twice(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let sets = [Set::AsRepaired, Set::MediaType, Set::Parse, Set::Http];
    let variants = [("equal", "application/json"), ("unlike", "text/plain")];
    each(message, &sets, &variants, |copy, value| {
        copy.set_header("content-type", "application/json");
        copy.headers.push(line("content-type", value));
    })
}

fn type_garbage(base: &Base, message: &Message) -> Vec<Malformed> {
    let requests = types(base, message, &[Set::MediaType, Set::Http], &["", "json", "/", ";;;"]);
    in_aws(requests, &[Set::AsRepaired, Set::Parse])
}

/// Whether the operation reads no body, and none is there.
fn is_without_body(base: &Base, message: &Message) -> bool {
    body_members(base.operation).next().is_none() && message.body.is_empty()
}

fn type_alone(base: &Base, message: &Message) -> Vec<Malformed> {
    if !is_without_body(base, message) {
        return Vec::new();
    }
    values(message, &[Set::AsRepaired, Set::MediaType], "content-type", &["application/json"])
}

/// A body on an operation of this method that reads none.
fn body_on(base: &Base, message: &Message, method: Method, sets: &[Set], body: &str) -> Vec<Malformed> {
    if !is_without_body(base, message) || base.operation.shape().method != method {
        return Vec::new();
    }
    let typed = changed(message, |copy| copy.body = body.into());
    let mut requests = one("without a type", &typed, sets, |_| {});
    requests.extend(one("with a type", &typed, sets, |copy| copy.set_header("content-type", "application/json")));
    requests
}

fn body_of_none(base: &Base, message: &Message) -> Vec<Malformed> {
    body_on(base, message, Method::Post, &[Set::AsRepaired, Set::MediaType], "{}")
}

const READ_OR_NOT: [Set; 4] = [Set::AsRepaired, Set::MediaType, Set::Parse, Set::Http];

fn body_on_get(base: &Base, message: &Message) -> Vec<Malformed> {
    body_on(base, message, Method::Get, &READ_OR_NOT, "{\"MaxResults\":1}")
}

fn body_on_delete(base: &Base, message: &Message) -> Vec<Malformed> {
    body_on(base, message, Method::Delete, &READ_OR_NOT, "{}")
}

fn unknown_headers(_: &Base, message: &Message) -> Vec<Malformed> {
    lines(message, &[Set::AsRepaired], &["x-amz-foo: bar", "x-amzn-foo: bar"])
}

fn proxy_headers(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants = [
        "x-forwarded-for: 192.0.2.1",
        "forwarded: for=192.0.2.1;proto=https",
        "via: 1.1 proxy",
        "x-original-url: /accounts",
        "x-rewrite-url: /accounts",
    ];
    lines(message, &[Set::AsRepaired], &variants)
}

fn conditions(_: &Base, message: &Message) -> Vec<Malformed> {
    lines(message, &[Set::AsRepaired], &["if-match: *", "range: bytes=0-1", "if-none-match: \"x\""])
}

fn cookie(base: &Base, message: &Message) -> Vec<Malformed> {
    let value = format!("s={}", base.canary);
    one("with a canary", message, &[Set::AsRepaired], |copy| copy.set_header("cookie", value))
}

fn attempts(_: &Base, message: &Message) -> Vec<Malformed> {
    one("the ninth attempt", message, &[Set::AsRepaired], |copy| {
        copy.headers.push(line("amz-sdk-invocation-id", "00000000-0000-4000-8000-000000000000"));
        copy.headers.push(line("amz-sdk-request", "attempt=9; max=3"));
    })
}

fn origin(_: &Base, message: &Message) -> Vec<Malformed> {
    lines(message, &[Set::AsRepaired], &["origin: https://example.com"])
}
