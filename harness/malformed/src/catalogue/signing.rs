//! Faults of a signature (version 4). Only a target that verifies signatures can tell.

use super::class::{Class, Malformed, Part, Procedure};
use super::edit::{changed, each, one, text, with_body};
use crate::answers::Set;
use crate::message::{Base, Framing, Host, Message, Signing, Spoilt, line};
use passmuster_contract::domain::shape::Method;

const SIGNATURE: Part = Part::Signature;
const PRESIGNED: &str = "signatures go in headers: no client of this API presigns its requests";

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(111, SIGNATURE, "no signature", &["D40"], unsigned),
    Class::spoils(112, SIGNATURE, "no signature, on a path that nobody has", &["D20", "D40"], unsigned_elsewhere),
    Class::spoils(113, SIGNATURE, "another scheme", &["D41"], other_schemes),
    Class::spoils(114, SIGNATURE, "a part of the signature is missing", &["D41"], part_missing),
    Class::spoils(115, SIGNATURE, "a blank within the key id", &["D41"], blank_in_key),
    Class::spoils(116, SIGNATURE, "another algorithm", &["D41"], other_algorithms),
    Class::spoils(117, SIGNATURE, "two signatures", &["D41"], two_signatures),
    Class::spoils(118, SIGNATURE, "a key id that nobody has", &["D42"], unknown_keys),
    Class::spoils(119, SIGNATURE, "one digit of the signature is another", &["D43"], flipped),
    Class::spoils(120, SIGNATURE, "a signature of another form", &["D43"], other_forms),
    Class::spoils(121, SIGNATURE, "the body was changed behind the signature", &["D43"], body_changed),
    Class::spoils(122, SIGNATURE, "the query string was changed behind the signature", &["D43"], query_changed),
    Class::spoils(123, SIGNATURE, "a signed header was changed behind the signature", &["D43"], header_changed),
    Class::spoils(124, SIGNATURE, "a header that is not signed", &["D46"], unsigned_header),
    Class::spoils(125, SIGNATURE, "a signed header that is not there", &["D46"], absent_header),
    Class::spoils(126, SIGNATURE, "the host is not signed", &["D46"], host_unsigned),
    Class::spoils(127, SIGNATURE, "no date", &["D41"], no_date),
    Class::spoils(128, SIGNATURE, "a date that is none", &["D41"], bad_dates),
    Class::spoils(129, SIGNATURE, "sixteen minutes too late, or too early", &["D44"], far_off),
    Class::spoils(130, SIGNATURE, "four minutes too late, or too early", &["D44"], a_little_off),
    Class::spoils(131, SIGNATURE, "the scope has another date", &["D45"], scope_date),
    Class::excused(
        132,
        SIGNATURE,
        "the scope has another Region",
        &["D45"],
        "a stand-in serves every Region at one address, and takes the Region from the scope",
    ),
    Class::spoils(133, SIGNATURE, "the scope has another service", &["D45"], scope_service),
    Class::spoils(134, SIGNATURE, "the scope ends otherwise", &["D45"], scope_end),
    Class::spoils(135, SIGNATURE, "a session token that nobody gave", &["D47", "I15"], session_token),
    Class::spoils(136, SIGNATURE, "a wrong digest of the body in a header", &["D49"], wrong_digest),
    Class::spoils(137, SIGNATURE, "no digest of the body, by a header", &["D49"], no_digest),
    Class::excused(138, SIGNATURE, "a presigned request, expired", &["D44"], PRESIGNED),
    Class::excused(139, SIGNATURE, "a presigned request that is signed", &["D44"], PRESIGNED),
    Class::sequence(140, SIGNATURE, "the same signed bytes again", &["I19"], Procedure::Replayed),
    Class::spoils(141, SIGNATURE, "a wrong signature of a body that is none", &["D43", "D60"], both),
];

const REFUSED: &[Set] = &[Set::Authentication];

fn spoilt(message: &Message, sets: &[Set], variant: &str, spoilt: Spoilt) -> Malformed {
    Malformed::new(variant, changed(message, |copy| copy.signing = Signing::Spoilt(spoilt)), sets)
}

type SignatureRewrite = fn(&str) -> Vec<String>;

/// Requests with these values for the signature, each made out of the right one.
fn values(message: &Message, sets: &[Set], variants: &[(&str, SignatureRewrite)]) -> Vec<Malformed> {
    let make = |(variant, value): &(&str, SignatureRewrite)| {
        spoilt(message, sets, variant, Spoilt { authorization: Some(*value), ..Spoilt::default() })
    };
    variants.iter().map(make).collect()
}

fn unsigned(_: &Base, message: &Message) -> Vec<Malformed> {
    one("none", message, REFUSED, |copy| copy.signing = Signing::None)
}

fn unsigned_elsewhere(_: &Base, message: &Message) -> Vec<Malformed> {
    one("/nope", message, &[Set::Route, Set::Authentication], |copy| {
        copy.path = b"/nope".to_vec();
        copy.signing = Signing::None;
    })
}

fn other_schemes(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, SignatureRewrite)] = &[
        ("Bearer", |_| vec!["Bearer e30.e30.c2ln".to_owned()]),
        ("Basic", |_| vec!["Basic dXNlcjpwYXNz".to_owned()]),
        ("empty", |_| vec![String::new()]),
        ("a word", |_| vec!["AWS4-HMAC-SHA256".to_owned()]),
    ];
    values(message, REFUSED, variants)
}

/// The value without the part that begins with this word.
fn without(value: &str, word: &str) -> Vec<String> {
    let (algorithm, parts) = value.split_once(' ').unwrap_or((value, ""));
    let parts: Vec<&str> = parts.split(", ").filter(|part| !part.starts_with(word)).collect();
    vec![format!("{algorithm} {}", parts.join(", "))]
}

fn part_missing(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, SignatureRewrite)] = &[
        ("Credential", |value| without(value, "Credential=")),
        ("SignedHeaders", |value| without(value, "SignedHeaders=")),
        ("Signature", |value| without(value, "Signature=")),
    ];
    values(message, REFUSED, variants)
}

fn blank_in_key(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, SignatureRewrite)] = &[
        ("a blank", |value| vec![value.replacen('/', " /", 1)]),
        ("a tab", |value| vec![value.replacen('/', "\t/", 1)]),
    ];
    values(message, REFUSED, variants)
}

fn other_algorithms(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, SignatureRewrite)] = &[
        ("SHA-1", |value| vec![value.replacen("SHA256", "SHA1", 1)]),
        ("ECDSA", |value| vec![value.replacen("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", 1)]),
        ("AWS3", |value| vec![value.replacen("AWS4-HMAC-SHA256", "AWS3", 1)]),
    ];
    values(message, REFUSED, variants)
}

/// The value with another last digit.
fn with_other_digit(value: &str) -> String {
    let other = if value.ends_with('0') { '1' } else { '0' };
    let head: String = value.chars().take(value.chars().count().saturating_sub(1)).collect();
    format!("{head}{other}")
}

fn two_signatures(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, SignatureRewrite)] = &[
        ("right and wrong", |value| vec![value.to_owned(), with_other_digit(value)]),
        ("wrong and right", |value| vec![with_other_digit(value), value.to_owned()]),
    ];
    values(message, &[Set::Authentication, Set::Http], variants)
}

fn unknown_keys(_: &Base, message: &Message) -> Vec<Malformed> {
    let keys = [
        ("unknown", "AKIAXXXXXXXXXXXXXXXX".to_owned()),
        ("empty", String::new()),
        ("5000 letters", "A".repeat(5000)),
    ];
    let make = |(variant, key): (&str, String)| {
        spoilt(message, REFUSED, variant, Spoilt { access_key: Some(key), ..Spoilt::default() })
    };
    keys.into_iter().map(make).collect()
}

fn flipped(_: &Base, message: &Message) -> Vec<Malformed> {
    values(message, REFUSED, &[("the last one", |value| vec![with_other_digit(value)])])
}

/// The value with something else for the signature in it.
fn resigned(value: &str, change: impl FnOnce(&str) -> String) -> Vec<String> {
    let Some((head, signature)) = value.split_once("Signature=") else { return vec![value.to_owned()] };
    vec![format!("{head}Signature={}", change(signature))]
}

fn other_forms(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, SignatureRewrite)] = &[
        ("capitals, other digits", |value| resigned(value, |own| with_other_digit(own).to_uppercase())),
        ("short", |value| resigned(value, |own| own.chars().take(32).collect())),
        ("long", |value| resigned(value, |own| own.repeat(2))),
        ("no digits", |value| resigned(value, |own| "z".repeat(own.len()))),
        ("empty", |value| resigned(value, |_| String::new())),
    ];
    values(message, REFUSED, variants)
}

/// Signed as it was before something was changed.
fn behind(message: &Message, change: impl FnOnce(&mut Message)) -> Message {
    changed(message, |copy| {
        copy.signing = Signing::Of(Box::new(message.clone()));
        change(copy);
    })
}

fn body_changed(base: &Base, message: &Message) -> Vec<Malformed> {
    // Where chunks have been made of the body, it is not sent itself.
    if text(base, message).is_none() || message.framing != Framing::Length {
        return Vec::new();
    }
    let request = behind(message, |copy| copy.body.push(b' '));
    vec![Malformed::new("a blank more", request, REFUSED)]
}

fn query_changed(base: &Base, message: &Message) -> Vec<Malformed> {
    if base.operation.shape().method != Method::Get {
        return Vec::new();
    }
    let two = changed(message, |copy| copy.query.extend([b"a=1".to_vec(), b"b=2".to_vec()]));
    vec![
        Malformed::new("another value", behind(&two, |copy| copy.query.push(b"c=3".to_vec())), REFUSED),
        Malformed::new("another order", behind(&two, |copy| copy.query.reverse()), &[Set::AsRepaired]),
    ]
}

fn header_changed(base: &Base, message: &Message) -> Vec<Malformed> {
    let host = vec![line("host", "localhost:1")];
    let mut requests =
        vec![Malformed::new("the host", behind(message, |copy| copy.host = Host::Lines(host)), REFUSED)];
    if text(base, message).is_some() {
        let request = behind(message, |copy| copy.set_header("content-type", "application/json; charset=utf-8"));
        requests.push(Malformed::new("the content type", request, REFUSED));
    }
    requests
}

fn unsigned_header(_: &Base, message: &Message) -> Vec<Malformed> {
    one("x-a", message, &[Set::AsRepaired], |copy| copy.headers.push(line("x-a", "1")))
}

fn absent_header(_: &Base, message: &Message) -> Vec<Malformed> {
    let also_signed = vec!["x-absent"];
    vec![spoilt(message, REFUSED, "x-absent", Spoilt { also_signed, ..Spoilt::default() })]
}

fn host_unsigned(_: &Base, message: &Message) -> Vec<Malformed> {
    vec![spoilt(message, REFUSED, "host", Spoilt { not_signed: Some("host"), ..Spoilt::default() })]
}

fn no_date(_: &Base, message: &Message) -> Vec<Malformed> {
    vec![spoilt(message, REFUSED, "none", Spoilt { without_date: true, ..Spoilt::default() })]
}

fn bad_dates(_: &Base, message: &Message) -> Vec<Malformed> {
    let dates =
        [("in another form", "2026-11-23T00:00:00Z"), ("a thirteenth month", "20261323T000000Z"), ("empty", "")];
    let make = |(variant, date): (&str, &str)| {
        spoilt(message, REFUSED, variant, Spoilt { date: Some(date.to_owned()), ..Spoilt::default() })
    };
    dates.into_iter().map(make).collect()
}

/// Signed with a clock that is so many minutes after, and ahead.
fn clocks(message: &Message, sets: &[Set], minutes: i64) -> Vec<Malformed> {
    let make = |(variant, minutes): (&str, i64)| {
        spoilt(message, sets, variant, Spoilt { shift: minutes * 60, ..Spoilt::default() })
    };
    [("late", -minutes), ("early", minutes)].into_iter().map(make).collect()
}

fn far_off(_: &Base, message: &Message) -> Vec<Malformed> {
    clocks(message, REFUSED, 16)
}

fn a_little_off(_: &Base, message: &Message) -> Vec<Malformed> {
    clocks(message, &[Set::AsRepaired], 4)
}

/// Signed for this scope: date, Region, service, last word.
fn scope(message: &Message, variant: &str, scope: [Option<&'static str>; 4]) -> Vec<Malformed> {
    vec![spoilt(message, REFUSED, variant, Spoilt { scope, ..Spoilt::default() })]
}

fn scope_date(_: &Base, message: &Message) -> Vec<Malformed> {
    scope(message, "20000101", [Some("20000101"), None, None, None])
}

fn scope_service(_: &Base, message: &Message) -> Vec<Malformed> {
    scope(message, "guardduty", [None, None, Some("guardduty"), None])
}

fn scope_end(_: &Base, message: &Message) -> Vec<Malformed> {
    scope(message, "aws5_request", [None, None, None, Some("aws5_request")])
}

fn session_token(base: &Base, message: &Message) -> Vec<Malformed> {
    let canary = base.canary.clone();
    one("a canary", message, REFUSED, |copy| copy.set_header("x-amz-security-token", canary))
}

fn digests(message: &Message, variants: &[(&str, &str)]) -> Vec<Malformed> {
    each(message, &[Set::Authentication, Set::AsRepaired], variants, |copy, digest| {
        copy.set_header("x-amz-content-sha256", digest);
    })
}

fn wrong_digest(_: &Base, message: &Message) -> Vec<Malformed> {
    digests(message, &[("of something else", &"0".repeat(64)), ("no digest", "x")])
}

fn no_digest(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants = [("UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"), ("in chunks", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")];
    digests(message, &variants)
}

fn both(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let broken = with_body(message, "{[");
    values(&broken, &[Set::Authentication, Set::Parse], &[("{[", |value| vec![with_other_digit(value)])])
}
