//! Forty ways in which a target can be hostile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use passmuster::wire::{HttpRequest, HttpResponse};

use super::{Hostility, Meddling};

/// A way to be hostile, by its name.
pub(crate) type Menace = (&'static str, Hostility);

/// All of them.
pub(crate) fn all() -> Vec<Menace> {
    let mut all = of_bytes();
    all.extend(of_time());
    all.extend(of_errors());
    all.extend(of_bodies());
    all
}

/// Those that offer the most data.
#[allow(dead_code, reason = "only the measure of memory takes them")]
pub(crate) fn fat() -> Vec<Menace> {
    let names = [
        "distinct codes of 4 MB",
        "messages of 2 MB without blanks",
        "lists of 100,000 entries",
        "an empty list with as many values as there is room for",
        "distinct members with long names",
        "token storm",
        "endless chunks",
    ];
    all().into_iter().filter(|(name, _)| names.contains(name)).collect()
}

fn close(bytes: impl AsRef<[u8]>) -> Hostility {
    Hostility::Close(bytes.as_ref().into())
}

/// What is no HTTP, or not as it should be.
fn of_bytes() -> Vec<Menace> {
    let ok = "HTTP/1.1 200 OK\r\n";
    vec![
        ("no answer", close("")),
        ("bytes of TLS", close(b"\x15\x03\x03\x00\x02\x02\x28")),
        ("the preface of HTTP/2", close("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        ("settings of HTTP/2", close(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")),
        ("HTTP/0.9", close("{\"Members\":[]}")),
        ("half a head", close("HTTP/1.1 200 OK\r\ncontent-le")),
        ("half a status line", close("HTTP/1.")),
        ("a length that is too long", close(format!("{ok}content-length: 100\r\n\r\n{{}}"))),
        ("a length that is too short", close(format!("{ok}content-length: 1\r\n\r\n{{\"Members\":[]}}"))),
        ("a length that is no number", close(format!("{ok}content-length: NaN\r\n\r\n{{}}"))),
        ("a length below nothing", close(format!("{ok}content-length: -1\r\n\r\n{{}}"))),
        ("two lengths", close(format!("{ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}} "))),
        ("a length of 16 exabytes", close(format!("{ok}content-length: 18446744073709551615\r\n\r\n{{}}"))),
        ("chunks of no size", close(format!("{ok}transfer-encoding: chunked\r\n\r\nxyz\r\n{{}}\r\n0\r\n\r\n"))),
        ("a body where none may be", close("HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}")),
        (
            "a reason of 100 kB",
            close(format!("HTTP/1.1 200 {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(100_000))),
        ),
        (
            "the same header 99 times",
            close(format!("{ok}{}content-length: 2\r\n\r\n{{}}", "x-a: b\r\n".repeat(98))),
        ),
        (
            "a header of 300 kB",
            close(format!("{ok}x-a: {}\r\ncontent-length: 2\r\n\r\n{{}}", "b".repeat(300_000))),
        ),
        ("a status that is none", close("HTTP/1.1 999 What\r\ncontent-length: 2\r\n\r\n{}")),
        ("a redirect to itself", close("HTTP/1.1 307 Again\r\nlocation: /members\r\ncontent-length: 0\r\n\r\n")),
        ("a reset", Hostility::Reset),
    ]
}

/// What takes its time.
fn of_time() -> Vec<Menace> {
    vec![
        ("silence", Hostility::Hang),
        ("half a head, then silence", Hostility::Stall(b"HTTP/1.1 200 OK\r\ncontent-")),
        ("half a body, then silence", Hostility::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")),
        ("a slow drip", Hostility::Drip(b"HTTP/1.1 200 OK\r\nx-a: b\r\n", Duration::from_millis(20))),
        (
            "endless chunks",
            Hostility::Endless(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"4\r\nabcd\r\n"),
        ),
        ("endless headers", Hostility::Endless(b"HTTP/1.1 200 OK\r\n", b"x-more: of the same\r\n")),
        ("a flood of 1xx", Hostility::Endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")),
        ("an endless body", Hostility::Endless(b"HTTP/1.1 200 OK\r\n\r\n", b" ")),
        (
            "throttling for ever",
            Hostility::Answer(429, "retry-after: 31536000", |_| {
                r#"{"Code":"TooManyRequestsException","Message":"Rate exceeded"}"#.to_owned()
            }),
        ),
    ]
}

/// Errors.
fn of_errors() -> Vec<Menace> {
    vec![
        (
            "distinct codes of 4 MB",
            Hostility::Answer(400, "x-a: b", |call| {
                format!(r#"{{"Code":"{call}{}","Message":"m"}}"#, "x".repeat(4_000_000))
            }),
        ),
        (
            "distinct codes",
            Hostility::Answer(400, "x-a: b", |call| {
                format!(r#"{{"Code":"{call}{}","Message":"m"}}"#, "x".repeat(100))
            }),
        ),
        (
            "messages of 2 MB without blanks",
            Hostility::Answer(400, "x-amzn-errortype: InvalidInputException", |call| {
                format!(r#"{{"Message":"{call}{}"}}"#, "x".repeat(2_000_000))
            }),
        ),
        (
            "messages with escapes",
            Hostility::Answer(400, "x-amzn-errortype: InvalidInputException", |call| {
                format!(r#"{{"Message":"\u001b[2J\u001b]0;{call}\u0007\u202e"}}"#)
            }),
        ),
        (
            "another status each time",
            Hostility::Meddle(meddle(|_, response, call| {
                response.status = 200 + u16::try_from(call % 399).unwrap();
            })),
        ),
    ]
}

/// Successes.
fn of_bodies() -> Vec<Menace> {
    let deep = format!("{{\"Members\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let gzip = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\n\x1f\x8b\x08\x00\x00";
    vec![
        ("deep JSON", close(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{deep}", deep.len()))),
        ("packed", close(gzip)),
        ("no UTF-8", close(b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"Members\":\"\xff\"}")),
        ("numbers that are none", Hostility::Answer(200, "x-a: b", |_| r#"{"Members":NaN}"#.to_owned())),
        (
            "numbers without an end",
            Hostility::Answer(200, "x-a: b", |_| format!(r#"{{"Members":1{}}}"#, "0".repeat(1_000_000))),
        ),
        (
            "lists of 100,000 entries",
            Hostility::Answer(200, "x-a: b", |_| {
                format!(r#"{{"Members":[{}{{}}]}}"#, r#"{"AccountId":"1"},"#.repeat(100_000))
            }),
        ),
        (
            "an empty list with as many values as there is room for",
            Hostility::Answer(200, "x-a: b", |_| {
                format!(r#"{{"Members":[],"More":[{}{{"a":1}}]}}"#, r#"{"a":1},"#.repeat(500_000))
            }),
        ),
        (
            "distinct members with long names",
            Hostility::Meddle(meddle(|_, response, call| {
                if response.body.first() == Some(&b'{') && response.body.len() > 2 {
                    let more = format!(r#"{{"{call}{}":[{{"x":1}}],"#, "n".repeat(1_000_000));
                    response.body.splice(..1, more.into_bytes());
                }
            })),
        ),
        (
            "token storm",
            Hostility::Answer(200, "x-a: b", |call| {
                format!(r#"{{"Members":[],"Invitations":[],"NextToken":"{call}{}"}}"#, "t".repeat(100_000))
            }),
        ),
    ]
}

/// A change of each answer that is given its number, too.
fn meddle(how: impl Fn(&HttpRequest, &mut HttpResponse, u64) + Send + Sync + 'static) -> Arc<Meddling> {
    let calls = AtomicU64::new(0);
    Arc::new(move |request, response| how(request, response, calls.fetch_add(1, Ordering::SeqCst)))
}
