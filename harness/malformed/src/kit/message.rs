//! Requests as the bytes of HTTP/1.1, and back.

use crate::message::METHODS;
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::HttpRequest;

/// Reads a request out of any bytes: a request line, header lines, a blank line, a body. Line ends may be those of
/// HTTP or of an editor; a method that the API doesn't have counts as `POST`.
#[must_use]
pub fn read(bytes: &[u8]) -> HttpRequest {
    let (head, body) = split(bytes);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase().into(), value.trim().to_owned()))
    };
    HttpRequest {
        method: METHODS.into_iter().find(|known| known.name() == method).unwrap_or(Method::Post),
        path: path.to_owned().into(),
        query: query.to_owned(),
        headers: lines.filter_map(header).collect(),
        body: body.to_vec(),
    }
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at =
        |blank: &[u8]| bytes.windows(blank.len()).position(|window| window == blank).map(|at| (at, blank.len()));
    let earliest = [at(b"\r\n\r\n"), at(b"\n\n")].into_iter().flatten().min();
    earliest.map_or((bytes, &[]), |(at, length)| (&bytes[..at], &bytes[at + length..]))
}

/// Writes a request as a client would send it, but for the header lines that it doesn't have.
#[must_use]
pub fn write(request: &HttpRequest) -> Vec<u8> {
    let mark = if request.query.is_empty() { "" } else { "?" };
    let mut text = format!("{} {}{mark}{} HTTP/1.1\r\n", request.method.name(), request.path, request.query);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    [text.as_bytes(), &request.body].concat()
}
