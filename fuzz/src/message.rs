//! HTTP messages out of any bytes: a first line, header lines, a blank line, a body.

use passmuster::domain::Operation;
use passmuster::domain::shape::Method;
use passmuster::targets::Caller;
use passmuster::wire::{HttpRequest, HttpResponse};

/// The parts of a message.
struct Parts<'a> {
    first: String,
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

fn parts(bytes: &[u8]) -> Parts<'_> {
    let blank = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = blank.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        (name.trim().to_ascii_lowercase(), value.trim().to_owned())
    };
    // A seed in an editor ends with a line break that is not meant.
    Parts { first, headers: lines.map(header).collect(), body: body.strip_suffix(b"\n").unwrap_or(body) }
}

/// A number for any word: its own where it is one.
pub(crate) fn number(word: &str) -> u32 {
    let hash = || word.bytes().fold(0, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    word.parse().unwrap_or_else(|_| hash())
}

/// One of `all` for any word.
pub(crate) fn pick<T: Copy>(all: &[T], word: &str) -> T {
    all[number(word) as usize % all.len()]
}

/// The operation of this name, or some other one.
pub(crate) fn operation(word: &str) -> Operation {
    Operation::from_name(word).unwrap_or_else(|| pick(Operation::ALL, word))
}

/// An answer: `CreateMembers 200`, headers, body. Gives the operation it belongs to, too.
pub(crate) fn response(bytes: &[u8]) -> (Operation, HttpResponse) {
    let Parts { first, headers, body } = parts(bytes);
    let mut words = first.split_whitespace();
    let operation = operation(words.next().unwrap_or_default());
    let status = words.next().and_then(|word| word.parse().ok()).unwrap_or(200);
    let headers = headers.into_iter().map(|(name, value)| (name.into(), value)).collect();
    (operation, HttpResponse { status, headers, body: body.to_vec() })
}

/// A request: `POST /members?a=b`, headers, body.
pub(crate) fn request(bytes: &[u8]) -> HttpRequest {
    let parts = parts(bytes);
    let first = parts.first.clone();
    let (method, address) = first.split_once(' ').unwrap_or(("", &first));
    to_request(method, address, parts)
}

/// A request and who sends it: `111111111111 us-east-1 POST /members?a=b`, headers, body.
pub(crate) fn signed_request(bytes: &[u8]) -> (Caller, HttpRequest) {
    let parts = parts(bytes);
    let first = parts.first.clone();
    let mut words = first.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_default();
    let caller = Caller::new(word(), word());
    let (method, address) = (word(), word());
    (caller, to_request(method, address, parts))
}

fn to_request(method: &str, address: &str, parts: Parts<'_>) -> HttpRequest {
    const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Patch, Method::Delete];
    let known = METHODS.into_iter().find(|known| known.name() == method);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    HttpRequest {
        method: known.unwrap_or_else(|| pick(&METHODS, method)),
        path: path.to_owned().into(),
        query: query.to_owned(),
        headers: parts.headers.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        body: parts.body.to_vec(),
    }
}
