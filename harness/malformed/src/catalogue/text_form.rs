//! The value of a body in another encoding, in another format, or in other words of the same one.

use std::fmt::Write as _;

use serde_json::Value;

use super::class::Malformed;
use super::edit::{first_string, object, text, with_raw};
use super::text::bodies;
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Document;

pub(super) fn utf_16(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(text) = text(base, message).and_then(|body| std::str::from_utf8(body).ok()) else {
        return Vec::new();
    };
    let little = |mark: &str| format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = |mark: &str| format!("{mark}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let variants = [
        ("little end first", little("")),
        ("little end first, marked", little("\u{feff}")),
        ("big end first", big("")),
        ("big end first, marked", big("\u{feff}")),
    ];
    bodies(message, &[Set::Parse], variants)
}

pub(super) fn latin_1(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((members, pointer)) = first_string(base, message) else { return Vec::new() };
    let request = with_raw(message, &members, &pointer, b"\"caf\xe9\"");
    request.into_iter().map(|request| Malformed::new("0xe9", request, &[Set::Parse])).collect()
}

pub(super) fn other_formats(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message).filter(|members| !members.is_empty()) else { return Vec::new() };
    let lines = |open: &str, between: &str, close: &str| {
        members.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = write!(text, "{open}{name}{between}{value}{close}");
            text
        })
    };
    let elements = members.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = write!(text, "<{name}>{value}</{name}>");
        text
    });
    let value = Value::Object(members.clone());
    let variants = [
        ("YAML", lines("", ": ", "\n").into_bytes()),
        ("XML", format!("<Input>{elements}</Input>").into_bytes()),
        ("a form", lines("", "=", "&").into_bytes()),
        ("JSON5", format!("{{{}}}", lines("", ":", ",")).into_bytes()),
        ("CBOR", binary(&value, &CBOR)),
        ("MessagePack", binary(&value, &MESSAGE_PACK)),
    ];
    bodies(message, &[Set::Parse, Set::MediaType], variants)
}

/// The first bytes of values in a binary format, for lengths that take four bytes.
struct Binary {
    null: u8,
    no: u8,
    yes: u8,
    float: u8,
    text: u8,
    array: u8,
    map: u8,
}

/// RFC 8949.
const CBOR: Binary = Binary { null: 0xf6, no: 0xf4, yes: 0xf5, float: 0xfb, text: 0x7a, array: 0x9a, map: 0xba };
/// The specification of MessagePack.
const MESSAGE_PACK: Binary =
    Binary { null: 0xc0, no: 0xc2, yes: 0xc3, float: 0xcb, text: 0xdb, array: 0xdd, map: 0xdf };

fn binary(value: &Value, format: &Binary) -> Vec<u8> {
    let mut out = Vec::new();
    write_binary(value, format, &mut out);
    out
}

/// As deep as the value, which was read with a limit.
fn write_binary(value: &Value, format: &Binary, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(format.null),
        Value::Bool(flag) => out.push(if *flag { format.yes } else { format.no }),
        Value::Number(number) => {
            out.push(format.float);
            out.extend(number.as_f64().unwrap_or_default().to_be_bytes());
        }
        Value::String(text) => write_text(text, format, out),
        Value::Array(items) => {
            write_head(format.array, items.len(), out);
            items.iter().for_each(|item| write_binary(item, format, out));
        }
        Value::Object(members) => {
            write_head(format.map, members.len(), out);
            for (name, value) in members {
                write_text(name, format, out);
                write_binary(value, format, out);
            }
        }
    }
}

fn write_text(text: &str, format: &Binary, out: &mut Vec<u8>) {
    write_head(format.text, text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn write_head(first: u8, length: usize, out: &mut Vec<u8>) {
    out.push(first);
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

pub(super) fn rewritten(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let of = |style| {
        let mut text = String::new();
        write_object(&members, style, &mut text);
        text.into_bytes()
    };
    let variants = [("blanks", of(WritingStyle::Spaced)), ("members last to first", of(WritingStyle::Reversed))];
    let escaped = ("every letter escaped", of(WritingStyle::Escaped));
    let requests = bodies(message, &[Set::AsRepaired], variants.into_iter().chain([escaped]));
    // Without members, or with one, there may be nothing to write another way.
    requests.into_iter().filter(|malformed| malformed.message.body != message.body).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum WritingStyle {
    Spaced,
    Reversed,
    Escaped,
}

/// As deep as the value, which was read with a limit.
fn write_value(value: &Value, style: WritingStyle, out: &mut String) {
    match value {
        Value::Object(members) => write_object(members, style, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_value(item, style, out);
            }
            out.push(']');
        }
        Value::String(text) => write_string(text, style, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

fn write_object(members: &Document, style: WritingStyle, out: &mut String) {
    let mut members: Vec<_> = members.iter().collect();
    if style == WritingStyle::Reversed {
        members.reverse();
    }
    let blank = if style == WritingStyle::Spaced { "\r\n\t " } else { "" };
    out.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        let _ = write!(out, "{}{blank}", if index == 0 { "" } else { "," });
        write_string(name, style, out);
        let _ = write!(out, "{blank}:{blank}");
        write_value(value, style, out);
        out.push_str(blank);
    }
    out.push('}');
}

fn write_string(text: &str, style: WritingStyle, out: &mut String) {
    if style != WritingStyle::Escaped {
        let _ = write!(out, "{}", Value::from(text));
        return;
    }
    out.push('"');
    for unit in text.encode_utf16() {
        let _ = write!(out, "\\u{unit:04x}");
    }
    out.push('"');
}
