//! Servers that mishandle the connection.

use std::time::Duration;

use super::WireSabotage::{Bytes, Close, Cut, Delay, Exhaust};
use super::{has_body, is_unreadable, wire_faults};

/// Longer than any client waits, and yet a wait with an end.
const FOR_EVER: Duration = Duration::from_secs(60);

wire_faults! {
    "wire-hangs-on-large-body", "I01", "A body of more than a megabyte is never answered.",
        Delay(|request| (request.body.len() > 1 << 20).then_some(FOR_EVER));
    "wire-slow-on-many-members", "I20", "A body of ten thousand members or more takes eight seconds.",
        Delay(|request| {
            let members = request.body.iter().filter(|byte| **byte == b':').count();
            (members >= 10_000).then_some(Duration::from_secs(8))
        });
    "wire-closes-on-bad-utf8", "D63", "The connection is closed without an answer to a body that is not UTF-8.",
        Close(|request| has_body(request) && std::str::from_utf8(&request.body).is_err());
    "wire-busy-behind-deep-nesting", "I21",
        "A body of ten thousand open brackets is not answered, and from then on everything takes a second.",
        Exhaust(|request| request.body.iter().filter(|byte| **byte == b'[').count() >= 10_000);
    "wire-answer-too-short", "I02", "The error of an input that can't be read is shorter than its length says.",
        Cut(is_unreadable);
    "wire-length-before-chunked", "D05", "A body that is sent in chunks ends where Content-Length says.",
        Bytes(hide_chunked);
    "wire-signed-length", "D03", "A Content-Length with a sign is taken.",
        Bytes(|bytes| spoil_value(bytes, b"content-length:", |value| {
            if let Some(sign) = value.iter_mut().find(|byte| !byte.is_ascii_whitespace()).filter(|byte| b"+-".contains(byte)) {
                *sign = b' ';
            }
        }));
    "wire-blank-before-colon", "D01", "A blank between the name of a header and its colon is skipped.",
        Bytes(|bytes| head_lines(bytes, |line| {
            if let Some(at) = line.iter().position(|byte| *byte == b':').filter(|at| *at > 0 && line[at - 1] == b' ') {
                line.swap(at - 1, at);
            }
        }));
}

/// Hides the transfer coding of a message that also has a length.
fn hide_chunked(bytes: &mut [u8]) {
    let mut has_length = false;
    head_lines(bytes, |line| has_length |= starts_with(line, b"content-length:"));
    if has_length {
        head_lines(bytes, |line| {
            if starts_with(line, b"transfer-encoding:") {
                line[0] = b'x';
            }
        });
    }
}

fn spoil_value(bytes: &mut [u8], name: &[u8], spoil: fn(&mut [u8])) {
    head_lines(bytes, |line| {
        if starts_with(line, name) {
            spoil(&mut line[name.len()..]);
        }
    });
}

fn starts_with(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(name))
}

/// Visits the header lines at the beginning of what was received, where it begins like a request.
pub(super) fn head_lines(bytes: &mut [u8], visit: impl FnMut(&mut [u8])) {
    let is_request = bytes.first().is_some_and(u8::is_ascii_uppercase);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(bytes.len());
    let Some(head) = bytes.get_mut(..end).filter(|_| is_request) else { return };
    head.split_mut(|byte| *byte == b'\n').skip(1).for_each(visit);
}
