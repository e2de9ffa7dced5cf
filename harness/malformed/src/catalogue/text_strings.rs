//! Faults within the strings of a body.

use super::class::Malformed;
use super::edit::{first_string, object, of_one_account, text, with_raw, with_raw_member};
use crate::answers::Set;
use crate::message::{Base, Message};

/// One request for each of these texts between the quotes of a string that the operation reads.
fn in_string(base: &Base, message: &Message, variants: &[(&str, &[u8])]) -> Vec<Malformed> {
    let Some((members, pointer)) = first_string(base, message) else { return Vec::new() };
    let make = |(name, bytes): &(&str, &[u8])| {
        let raw = [b"\"", *bytes, b"\""].concat();
        Some(Malformed::new(*name, with_raw(message, &members, &pointer, &raw)?, &[Set::Parse]))
    };
    variants.iter().filter_map(make).collect()
}

pub(super) fn bad_escapes(base: &Base, message: &Message) -> Vec<Malformed> {
    in_string(
        base,
        message,
        &[
            (r"\q", br"1\q2"),
            (r"\x41", br"1\x412"),
            (r"\u12G4", br"1\u12G42"),
            (r"\u12", br"1\u12"),
            ("a quote that is escaped last", br"1\"),
        ],
    )
}

pub(super) fn controls(base: &Base, message: &Message) -> Vec<Malformed> {
    in_string(base, message, &[("tab", b"1\t2"), ("line feed", b"1\n2"), ("0x01", b"1\x012"), ("NUL", b"1\x002")])
}

pub(super) fn bad_utf_8(base: &Base, message: &Message) -> Vec<Malformed> {
    in_string(
        base,
        message,
        &[
            ("0xff", b"1\xff2"),
            ("a byte of a sequence alone", b"1\x802"),
            ("longer than needed", b"1\xc0\xaf2"),
            ("a surrogate", b"1\xed\xa0\x802"),
            ("beyond Unicode", b"1\xf4\x90\x80\x802"),
            ("half a sequence", b"1\xe2\x82"),
        ],
    )
}

pub(super) fn bad_utf_8_in_name(base: &Base, message: &Message) -> Vec<Malformed> {
    unread(base, message, b"\"\xff\"", b"1", &[Set::Parse])
}

pub(super) fn bad_utf_8_in_unknown(base: &Base, message: &Message) -> Vec<Malformed> {
    let requests = unread(base, message, b"\"x\"", b"\"\xff\"", &[Set::Parse]);
    requests.into_iter().map(|malformed| malformed.tolerating(&[Set::AsRepaired])).collect()
}

fn unread(base: &Base, message: &Message, name: &[u8], value: &[u8], sets: &[Set]) -> Vec<Malformed> {
    let request = text(base, message).and_then(|_| with_raw_member(message, name, value));
    request.into_iter().map(|request| Malformed::new("0xff", request, sets)).collect()
}

/// One request for each of these texts in an email address: text that nothing but a reader of it looks at.
fn in_email(base: &Base, message: &Message, sets: &[Set], variants: &[(&str, &[u8])]) -> Vec<Malformed> {
    let email = |(name, bytes): &(&str, &[u8])| {
        let mut members = object(base, message)?;
        let entry = members.get_mut("AccountDetails")?.get_mut(0)?.as_object_mut()?;
        let account = entry.get("AccountId")?.as_str()?.to_owned();
        entry.insert("Email".to_owned(), "text".into());
        let raw = [b"\"", *bytes, b"@example.com\""].concat();
        let request = with_raw(message, &members, "/AccountDetails/0/Email", &raw)?;
        Some(Malformed::new(*name, request, sets).as_it_stands().offending([account]))
    };
    variants.iter().filter_map(email).collect()
}

pub(super) fn nul(base: &Base, message: &Message) -> Vec<Malformed> {
    in_email(base, message, &[Set::AsRepaired, of_one_account(base.operation)], &[("in an address", br"a\u0000b")])
}

pub(super) fn delete_and_c1(base: &Base, message: &Message) -> Vec<Malformed> {
    let sets = [Set::AsRepaired, of_one_account(base.operation)];
    in_email(base, message, &sets, &[("DEL", b"a\x7fb"), ("next line", b"a\xc2\x85b")])
}

pub(super) fn lone_surrogates(base: &Base, message: &Message) -> Vec<Malformed> {
    let sets = [Set::AsRepaired, Set::Parse, of_one_account(base.operation)];
    let variants: &[(&str, &[u8])] =
        &[("high", br"a\ud800b"), ("low", br"a\udc00b"), ("in the wrong order", br"a\udc00\ud800b")];
    in_email(base, message, &sets, variants)
}

pub(super) fn noncharacters(base: &Base, message: &Message) -> Vec<Malformed> {
    let sets = [Set::AsRepaired, of_one_account(base.operation)];
    let variants: &[(&str, &[u8])] = &[("a pair", br"a\ud83d\ude00b"), ("U+FFFF", br"a\uffffb")];
    in_email(base, message, &sets, variants)
}
