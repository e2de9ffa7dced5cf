//! Two readers of the same request: the decoder of the server, and one that shares nothing with it.

use passmuster::domain::Operation;
use passmuster::domain::shape::{Location, OperationShape};
use passmuster::malformed::kit::{Profile, check, message, reference};
use passmuster::malformed::reader::json::{self, JsonError, JsonMember, JsonNode, JsonText, LosslessJson};
use passmuster::wire::{HttpRequest, decode_request};

/// The reader inside the decoder gives up at this depth.
const MOST_DEPTH: usize = 127;

/// A request is taken or refused as the protocol has it, and its body means the same once a second reader has read it
/// and written it in one certain way.
pub fn two_readers_agree(bytes: &[u8]) {
    if let Err(finding) = check(reference, bytes, Profile::Smithy) {
        panic!("{finding}");
    }
    let request = message::read(bytes);
    if request.body.is_empty() {
        return;
    }
    let read = decode_request(&request);
    let Some(body) = plain(&request.body) else {
        assert!(read.is_err() || !looks_at_bodies(&request), "{read:?} was read from what nobody should read");
        return;
    };
    let again = decode_request(&HttpRequest { body, ..request });
    // Only the words of a refusal may differ, where they quote the body.
    assert_eq!(read.ok(), again.ok());
}

/// Whether any operation at this address has members in its body; all others ignore what comes.
fn looks_at_bodies(request: &HttpRequest) -> bool {
    let here = |shape: &OperationShape| shape.method == request.method && shape.path == request.path;
    let mut shapes = Operation::ALL.iter().map(|operation| operation.shape()).filter(|shape| here(shape));
    shapes.any(|shape| shape.input.iter().any(|member| member.location == Location::Body))
}

/// The body as the second reader writes it: of duplicate members the last, no white space, few escapes. Nothing where
/// the decoder has to refuse: what is no JSON, and what its reader is known not to take (half characters, numbers
/// beyond a double, more than 127 levels).
fn plain(body: &[u8]) -> Option<Vec<u8>> {
    let root = match json::read(body) {
        Ok(root) => root,
        Err(JsonError::NotJson { .. } | JsonError::TooDeep) => return None,
    };
    let mut text = Vec::with_capacity(body.len());
    write(&root, body, MOST_DEPTH, &mut text).then_some(text)
}

fn write(node: &JsonNode, body: &[u8], depth: usize, text: &mut Vec<u8>) -> bool {
    match &node.value {
        LosslessJson::Null | LosslessJson::Bool(_) => text.extend_from_slice(&body[node.span.clone()]),
        LosslessJson::Number => {
            let digits = String::from_utf8_lossy(&body[node.span.clone()]);
            text.extend_from_slice(digits.as_bytes());
            return digits.parse().is_ok_and(f64::is_finite);
        }
        LosslessJson::String(string) => return quote(string, text),
        LosslessJson::Array(_) | LosslessJson::Object(_) if depth == 0 => return false,
        LosslessJson::Array(items) => {
            text.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                if !write(item, body, depth - 1, text) {
                    return false;
                }
            }
            text.push(b']');
        }
        LosslessJson::Object(members) => return object(members, body, depth, text),
    }
    true
}

fn object(members: &[JsonMember], body: &[u8], depth: usize, text: &mut Vec<u8>) -> bool {
    text.push(b'{');
    let mut first = true;
    for (index, member) in members.iter().enumerate() {
        let overridden = members[index + 1..].iter().any(|later| later.name == member.name);
        let length = text.len();
        if !first {
            text.push(b',');
        }
        // Even what doesn't count has to be readable.
        if !quote(&member.name, text) {
            return false;
        }
        text.push(b':');
        if !write(&member.value, body, depth - 1, text) {
            return false;
        }
        if overridden {
            text.truncate(length);
        } else {
            first = false;
        }
    }
    text.push(b'}');
    true
}

fn quote(string: &JsonText, text: &mut Vec<u8>) -> bool {
    let Some(plain) = string.plain() else { return false };
    text.push(b'"');
    for character in plain.chars() {
        match character {
            '"' | '\\' => text.extend([b'\\', u8::try_from(character).unwrap_or_default()]),
            '\0'..=' ' => text.extend(format!("\\u{:04x}", u32::from(character)).bytes()),
            other => text.extend(other.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    text.push(b'"');
    true
}
