//! Sorts the bytes that a target sends into HTTP answers, strictly: what no client is obliged to understand is a flaw.

use super::raw::{Garbage, RawAnswer};
use passmuster_contract::wire::HttpResponse;

/// The largest head of an answer.
const MOST_HEAD: usize = 64 << 10;
/// The most header lines of an answer.
const MOST_LINES: usize = 200;
/// The largest body of an answer.
const MOST_BODY: usize = 4 << 20;
/// The most of what is no HTTP that is shown.
const MOST_EXCERPT: usize = 120;

/// The part of an answer that the next bytes belong to.
#[derive(Debug)]
pub(super) enum IncomingPiece {
    /// An interim answer (1xx).
    Interim,
    /// A final answer.
    Answer(RawAnswer),
    /// No HTTP.
    Garbage(Garbage),
}

/// Bytes on their way to being answers.
#[derive(Debug)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    closed: bool,
    /// Whether the first answer is one to HEAD, which has no body whatever its head says.
    is_head: bool,
    broken: bool,
    /// How far the chunks of the present answer have been put together, and what they hold.
    joined: Option<(usize, Vec<u8>)>,
}

/// The sign by which the end of a body is known.
enum Length {
    Known(usize),
    Chunked,
    UntilClose,
}

/// A body and how many bytes it took, or that there is more to come.
enum IncomingBody {
    Whole(Vec<u8>, usize),
    Partial,
    Flawed(String),
}

impl Incoming {
    pub(super) const fn new(is_head: bool) -> Self {
        Self { bytes: Vec::new(), closed: false, is_head, broken: false, joined: None }
    }

    /// Takes bytes as they come.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// No more will come.
    pub(super) const fn close(&mut self) {
        self.closed = true;
    }

    /// The next answer, where it is complete.
    pub(super) fn next(&mut self) -> Option<IncomingPiece> {
        if self.bytes.is_empty() || self.broken {
            return None;
        }
        let mut lines = [httparse::EMPTY_HEADER; MOST_LINES];
        let mut head = httparse::Response::new(&mut lines);
        let length = match head.parse(&self.bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if self.bytes.len() > MOST_HEAD => {
                return self.garbage("the head of the answer has no end");
            }
            Ok(httparse::Status::Partial) if self.closed => {
                return self.garbage("the answer breaks off in its head");
            }
            Ok(httparse::Status::Partial) => return None,
            Err(error) => return self.garbage(&format!("the answer does not begin as HTTP does ({error})")),
        };
        let status = head.code.unwrap_or(0);
        let headers: Vec<_> = head
            .headers
            .iter()
            .map(|line| {
                let value = String::from_utf8_lossy(line.value).into_owned();
                (line.name.to_ascii_lowercase().into(), value)
            })
            .collect();
        let response = HttpResponse { status, headers, body: Vec::new() };
        if (100..200).contains(&status) && status != 101 {
            self.bytes.drain(..length);
            return Some(IncomingPiece::Interim);
        }
        self.answer(response, length)
    }

    fn answer(&mut self, mut response: HttpResponse, head: usize) -> Option<IncomingPiece> {
        let bodiless = self.is_head || matches!(response.status, 101 | 204 | 304);
        let (framing, mut flaw) = if bodiless { (Length::Known(0), None) } else { framing(&response) };
        let body = match framing {
            Length::Known(length) if length > MOST_BODY => {
                IncomingBody::Flawed(format!("a body of {length} bytes"))
            }
            Length::Known(length) => match self.bytes.get(head..head + length) {
                Some(body) => IncomingBody::Whole(body.to_vec(), head + length),
                None if self.closed => IncomingBody::Flawed(format!(
                    "the body ends after {} bytes where {length} were announced",
                    self.bytes.len() - head
                )),
                None => IncomingBody::Partial,
            },
            Length::Chunked => self.chunks(head),
            Length::UntilClose if self.bytes.len() > MOST_BODY => {
                IncomingBody::Flawed("a body without an end".to_owned())
            }
            Length::UntilClose if self.closed => {
                IncomingBody::Whole(self.bytes[head..].to_vec(), self.bytes.len())
            }
            Length::UntilClose => IncomingBody::Partial,
        };
        match body {
            IncomingBody::Partial => return None,
            IncomingBody::Whole(body, end) => {
                response.body = body;
                self.bytes.drain(..end);
            }
            IncomingBody::Flawed(problem) => {
                response.body = self.bytes[head..].to_vec();
                response.body.truncate(MOST_BODY);
                flaw = Some(problem);
                self.broken = true;
            }
        }
        self.is_head = false;
        Some(IncomingPiece::Answer(RawAnswer { response, flaw }))
    }

    fn chunks(&mut self, head: usize) -> IncomingBody {
        // Each chunk is looked at once, however many there are and in however many pieces they come.
        let (mut at, mut body) = self.joined.take().unwrap_or((head, Vec::new()));
        match self.join(&mut at, &mut body) {
            Some(Ok(end)) => IncomingBody::Whole(body, end),
            Some(Err(flaw)) => IncomingBody::Flawed(flaw),
            None if self.closed => IncomingBody::Flawed("the last chunk is missing".to_owned()),
            None => {
                self.joined = Some((at, body));
                IncomingBody::Partial
            }
        }
    }

    /// Adds the chunks from here on to a body, as far as they are whole. Where the last one is among them, the end of
    /// the answer; where one is flawed, how.
    fn join(&self, from: &mut usize, body: &mut Vec<u8>) -> Option<Result<usize, String>> {
        let mut at = *from;
        loop {
            let (size, length) = match httparse::parse_chunk_size(&self.bytes[at..]) {
                Ok(httparse::Status::Complete((start, size))) => (start, size),
                Ok(httparse::Status::Partial) => return None,
                Err(_) => return Some(Err("the size of a chunk can't be read".to_owned())),
            };
            at += size;
            let Some(length) = usize::try_from(length).ok().filter(|length| body.len() + length <= MOST_BODY)
            else {
                return Some(Err("a body without an end".to_owned()));
            };
            if length == 0 {
                // Behind the last chunk: trailers, and an empty line.
                return match self.bytes[at..].windows(2).position(|pair| pair == b"\r\n") {
                    Some(0) => Some(Ok(at + 2)),
                    _ => {
                        let end = self.bytes[at..].windows(4).position(|end| end == b"\r\n\r\n")?;
                        Some(Ok(at + end + 4))
                    }
                };
            }
            let chunk = self.bytes.get(at..at + length + 2)?;
            if !chunk.ends_with(b"\r\n") {
                return Some(Err("a chunk is longer than it says".to_owned()));
            }
            body.extend_from_slice(&chunk[..length]);
            at += length + 2;
            *from = at;
        }
    }

    fn garbage(&mut self, problem: &str) -> Option<IncomingPiece> {
        self.broken = true;
        let excerpt = &self.bytes[..self.bytes.len().min(MOST_EXCERPT)];
        let excerpt = String::from_utf8_lossy(excerpt).into_owned();
        Some(IncomingPiece::Garbage(Garbage { problem: problem.to_owned(), excerpt }))
    }
}

/// The sign by which the end of the body is known, and what is wrong with it.
fn framing(response: &HttpResponse) -> (Length, Option<String>) {
    let values = |name: &str| -> Vec<&str> {
        let lines = response.headers.iter().filter(|(known, _)| known == name);
        lines.flat_map(|(_, value)| value.split(',')).map(str::trim).collect()
    };
    let (codings, mut lengths) = (values("transfer-encoding"), values("content-length"));
    lengths.dedup();
    match (codings.as_slice(), lengths.as_slice()) {
        ([], []) => (Length::UntilClose, None),
        ([], [length]) => match length.parse() {
            Ok(length) if length_is_plain(values("content-length")[0]) => (Length::Known(length), None),
            _ => (Length::UntilClose, Some(format!("the length {length:.40} is no number"))),
        },
        ([], _) => (Length::UntilClose, Some("two lengths that differ".to_owned())),
        ([coding], []) if coding.eq_ignore_ascii_case("chunked") => (Length::Chunked, None),
        ([coding], _) if coding.eq_ignore_ascii_case("chunked") => {
            (Length::Chunked, Some("a length beside chunks".to_owned()))
        }
        _ => (Length::UntilClose, Some(format!("the transfer coding {:.40}", codings.join(", ")))),
    }
}

fn length_is_plain(length: &str) -> bool {
    !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Incoming, IncomingPiece};

    fn sorted(bytes: &[u8], is_head: bool) -> Vec<IncomingPiece> {
        // As it comes in the worst case: byte by byte.
        let mut incoming = Incoming::new(is_head);
        let mut pieces = Vec::new();
        for byte in bytes {
            incoming.take(&[*byte]);
            pieces.extend(incoming.next());
        }
        incoming.close();
        pieces.extend(std::iter::from_fn(|| incoming.next()));
        pieces
    }

    fn bodies(bytes: &[u8], is_head: bool) -> Vec<(u16, String, Option<String>)> {
        sorted(bytes, is_head)
            .into_iter()
            .map(|piece| match piece {
                IncomingPiece::Answer(answer) => {
                    (answer.response.status, String::from_utf8(answer.response.body).unwrap(), answer.flaw)
                }
                IncomingPiece::Interim => (100, String::new(), None),
                IncomingPiece::Garbage(garbage) => (0, garbage.excerpt, Some(garbage.problem)),
            })
            .collect()
    }

    fn well(status: u16, body: &str) -> (u16, String, Option<String>) {
        (status, body.to_owned(), None)
    }

    #[test]
    fn answers_are_told_apart_by_their_lengths_and_chunks() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\
            HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nx: y\r\n\r\n\
            HTTP/1.0 500 Oh\r\n\r\nto the end";
        assert_eq!(
            bodies(bytes, false),
            [well(100, ""), well(200, "{}"), well(400, "abc"), well(500, "to the end")]
        );
    }

    #[test]
    fn answers_to_head_and_those_without_content_have_no_body() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nHTTP/1.1 204 None\r\n\r\n";
        assert_eq!(bodies(bytes, true), [well(200, ""), well(204, "")]);
    }

    #[test]
    fn what_is_wrong_with_a_framing_is_said() {
        let cases: [(&[u8], &str); 5] = [
            (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc", "3 bytes where 5"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: +3\r\n\r\nabc", "no number"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc", "differ"),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "last chunk"),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc", "gzip"),
        ];
        for (bytes, words) in cases {
            let found = bodies(bytes, false);
            assert!(found[0].2.as_ref().is_some_and(|flaw| flaw.contains(words)), "{words}: {found:?}");
        }
    }

    #[test]
    fn what_is_no_http_is_garbage() {
        let cases: [&[u8]; 4] =
            [b"<html>Bad request</html>", b"HTTP/1.1 2x0 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nBad", b"\0\0\0"];
        for bytes in cases {
            let found = bodies(bytes, false);
            assert!(matches!(&found[..], [(0, _, Some(_))]), "{found:?}");
        }
    }
}
