//! The reference server on a socket, spoken to in bytes.

use std::time::Duration;

use passmuster::server::{Listener, Reference, ServerSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A guard against hanging, not a promise of speed.
const PATIENCE: Duration = Duration::from_secs(600);

/// The account that calls, by a signature that is never verified.
pub(crate) const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/\
                                 securityhub/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";

/// A valid request after which the server closes the connection.
pub(crate) const LAST: &str = "GET /_passmuster/health HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n";

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The type of an error, by its header.
    pub(crate) fn code(&self) -> &str {
        self.header("x-amzn-errortype").unwrap_or_default()
    }
}

/// A server on a socket of its own.
pub(crate) struct Raw(String);

impl Raw {
    /// A server of which clients must not ask for more than five seconds of patience.
    pub(crate) async fn start(settings: ServerSettings) -> Self {
        let listener = Listener::bind(0, Duration::ZERO).await.unwrap().with_patience(Duration::from_secs(5));
        let address = listener.endpoint().trim_start_matches("http://").to_owned();
        tokio::spawn(listener.serve(Reference::with(settings)));
        Self(address)
    }

    /// Sends bytes and reads what comes until the server closes the connection.
    pub(crate) async fn talk(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.0).await.unwrap();
        let mut received = Vec::new();
        let (mut reading, mut writing) = stream.split();
        // A server may well close while it is still being written to.
        let write = async {
            let _ = writing.write_all(bytes).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = write => {}
            read = tokio::time::timeout(PATIENCE, reading.read_to_end(&mut received)) => {
                let _ = read.unwrap_or_else(|_| panic!("no end of {:?}", String::from_utf8_lossy(&received)));
            }
        }
        received
    }

    /// Sends bytes, then says that there will be no more, and reads what comes.
    pub(crate) async fn break_off(&self, bytes: &[u8]) -> Vec<Answer> {
        let mut stream = TcpStream::connect(&self.0).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut received = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await;
        let _ = read.unwrap();
        answers(&received)
    }

    /// Sends a head, reads one head in return, and only then sends the rest and reads to the end: what came first,
    /// and what came then.
    pub(crate) async fn in_two(&self, head: &[u8], rest: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.0).await.unwrap();
        let talk = async {
            stream.write_all(head).await.unwrap();
            let mut first = Vec::new();
            while !first.ends_with(b"\r\n\r\n") && stream.read_buf(&mut first).await.unwrap() > 0 {}
            // A server that has answered may have closed already.
            let _ = stream.write_all(rest).await;
            let mut received = Vec::new();
            let _ = stream.read_to_end(&mut received).await;
            (first, received)
        };
        tokio::time::timeout(PATIENCE, talk).await.unwrap()
    }

    /// The answers to a request and to a last one after it.
    pub(crate) async fn ask(&self, request: &[u8]) -> Vec<Answer> {
        answers(&self.talk(&[request, LAST.as_bytes()].concat()).await)
    }

    /// The one answer to a request that leaves the connection as it is.
    pub(crate) async fn one(&self, request: &[u8]) -> Answer {
        let mut answers = self.ask(request).await;
        assert!((1..=2).contains(&answers.len()), "{answers:?} to {:?}", String::from_utf8_lossy(request));
        answers.swap_remove(0)
    }
}

/// Parts what a server sent into answers.
///
/// # Panics
///
/// Where it is not well-formed HTTP.
pub(crate) fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let (answer, rest) =
            answer(bytes).unwrap_or_else(|what| panic!("{what}: {:?}", String::from_utf8_lossy(bytes)));
        answers.push(answer);
        bytes = rest;
    }
    answers
}

/// The first answer, and what follows it; or what is wrong with it.
pub(crate) fn answer(bytes: &[u8]) -> Result<(Answer, &[u8]), &'static str> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no end of the head")?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "a head that is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")).and_then(|line| line.get(2..5));
    let status = status.and_then(|status| status.parse().ok()).ok_or("no status line")?;
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("a header line without a colon")?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: String::new() };
    let length =
        answer.header("content-length").map_or(Ok(0), str::parse).map_err(|_| "a length that is no number")?;
    let (body, rest) = bytes[end + 4..].split_at_checked(length).ok_or("a body that is too short")?;
    answer.body = String::from_utf8(body.to_vec()).map_err(|_| "a body that is no text")?;
    Ok((answer, rest))
}

/// A signed request: request line without version, further header lines, and a body.
pub(crate) fn request(line: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut message = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{SIGNED}\r\n");
    for header in headers {
        message.push_str(header);
        message.push_str("\r\n");
    }
    if !body.is_empty() {
        message.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    [message.as_bytes(), b"\r\n", body].concat()
}

/// A signed request with a JSON body.
pub(crate) fn json(line: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    request(line, &["Content-Type: application/json"], body)
}
