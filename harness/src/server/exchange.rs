//! One request over HTTP and its answer: the part that hyper leaves to its callers. It asks no model.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderMap, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Version};

use super::crowd::Seat;
use super::profile::unmodelled;
use super::{Reference, WireFault};
use passmuster_contract::domain::shape::Method;
use passmuster_contract::domain::{ErrorKind, ServiceError};
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// The largest request body that is read, in bytes: what the service's own front takes.
const MAX_BODY: usize = 10 << 20;
/// The bytes that are still read and thrown away, so that a client comes to read why it is refused.
const MAX_EXCESS: usize = 10 << 20;
/// So long everything takes where a fault keeps the server busy.
const EXHAUSTION: Duration = Duration::from_secs(1);

/// A server, and how it treats its clients.
#[derive(Debug)]
pub(super) struct Shell {
    pub(super) server: Mutex<Reference>,
    pub(super) faults: Vec<WireFault>,
    pub(super) latency: Duration,
    pub(super) patience: Duration,
    /// Whether a fault keeps it busy.
    pub(super) exhausted: AtomicBool,
}

/// The connection is closed without an answer, because a fault does so.
#[derive(Debug)]
pub(super) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed by a fault")
    }
}

impl std::error::Error for Closed {}

impl Shell {
    /// Answers one request.
    ///
    /// # Errors
    ///
    /// Where a fault closes the connection.
    pub(super) async fn exchange(
        &self,
        request: Request<Incoming>,
        seat: &Seat,
    ) -> Result<Response<Payload>, Closed> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        if self.exhausted.load(Ordering::Relaxed) {
            tokio::time::sleep(EXHAUSTION).await;
        }
        let (head, body) = request.into_parts();
        let body = match objection(&head) {
            Some(error) => Err(error),
            None => self.read(body).await,
        };
        let _busy = seat.busy();
        let body = match body {
            Ok(body) => body,
            Err(error) => return Ok(whole(self.lock().refuse(&error))),
        };
        let Some(method) = self.method(head.method.as_str()) else {
            return Ok(whole(self.lock().refuse_method(head.method.as_str())));
        };
        let request = HttpRequest {
            method,
            path: head.uri.path().to_owned().into(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: headers(&head.headers),
            body,
        };
        if self.faults.iter().any(|fault| fault.exhausts(&request)) {
            self.exhausted.store(true, Ordering::Relaxed);
        }
        if self.faults.iter().any(|fault| fault.closes(&request)) {
            return Err(Closed);
        }
        for delay in self.faults.iter().filter_map(|fault| fault.delay(&request)) {
            tokio::time::sleep(delay).await;
        }
        let response = self.answer(&request);
        let cut = self.faults.iter().any(|fault| fault.cuts(&request));
        Ok(if cut { half(response) } else { whole(response) })
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut server = self.lock();
        let mut response = match (request.method, &*request.path) {
            (Method::Post, "/_passmuster/reset") if !is_ours(request) => {
                let message = "Only a program on this machine resets the server.".to_owned();
                let kind = ErrorKind::AccessDenied;
                server.refuse(&ServiceError { status: kind.status(), kind, message: Some(message) })
            }
            (Method::Post, "/_passmuster/reset") => {
                server.reset();
                server.finish(well())
            }
            (Method::Get, "/_passmuster/health") => server.finish(well()),
            _ => server.handle(request),
        };
        response.headers.extend(server.date().map(|date| ("date".into(), date)));
        response
    }

    fn lock(&self) -> MutexGuard<'_, Reference> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn method(&self, name: &str) -> Option<Method> {
        let known = [Method::Get, Method::Post, Method::Patch, Method::Delete];
        let method = known.into_iter().find(|method| method.name() == name);
        method.or_else(|| self.faults.iter().find_map(|fault| fault.method(name)))
    }

    /// The whole body, or why there is none.
    async fn read(&self, body: Incoming) -> Result<Vec<u8>, ServiceError> {
        tokio::time::timeout(self.patience, collect(body)).await.unwrap_or_else(|_| {
            Err(unmodelled("RequestTimeoutException", 408, "The body of the request took too long."))
        })
    }
}

/// Whether a request comes from a program that means this server: a page in a browser has an origin, and a name that
/// leads here is not the name of here.
fn is_ours(request: &HttpRequest) -> bool {
    let host = request.header("host").unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_here = address.map_or_else(|_| name.eq_ignore_ascii_case("localhost"), |address| address.is_loopback());
    is_here && request.header("origin").is_none()
}

async fn collect(mut body: Incoming) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    let mut excess = 0;
    while excess <= MAX_EXCESS
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|_| malformed("The body of the request breaks off or is not well framed."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > MAX_BODY {
            excess += data.len();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    if excess == 0 {
        return Ok(bytes);
    }
    let message = format!("The body of the request is larger than {MAX_BODY} bytes.");
    Err(unmodelled("RequestEntityTooLargeException", 413, &message))
}

/// The demands of HTTP on a head that hyper lets through (RFC 9112, sections 3.2 and 6.1).
fn objection(head: &Parts) -> Option<ServiceError> {
    let hosts = head.headers.get_all(HOST).iter().count();
    if hosts > 1 || hosts == 0 && head.version == Version::HTTP_11 {
        return Some(malformed("A request has one Host header."));
    }
    let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
    let coded = codings.next().is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if coded || codings.next().is_some() {
        let message = "Transfer-Encoding can only be chunked.";
        return Some(unmodelled("MalformedHttpRequestException", 501, message));
    }
    None
}

fn malformed(message: &str) -> ServiceError {
    unmodelled("MalformedHttpRequestException", 400, message)
}

/// Header lines as text: what is not UTF-8 is read as Latin-1, so that none is lost.
fn headers(headers: &HeaderMap) -> Vec<(std::borrow::Cow<'static, str>, String)> {
    let text = |bytes: &[u8]| {
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
    };
    let line = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.as_str().to_owned().into(), text(value.as_bytes()))
    };
    headers.iter().map(line).collect()
}

/// The answer of the server's own addresses.
fn well() -> HttpResponse {
    let headers = vec![("content-type".into(), "application/json".to_owned())];
    HttpResponse { status: 200, headers, body: b"{\"status\":\"ok\"}".to_vec() }
}

/// The bytes of an answer, and how many are announced.
#[derive(Debug)]
pub(super) struct Payload {
    bytes: Option<Bytes>,
    announced: u64,
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.announced == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

fn whole(response: HttpResponse) -> Response<Payload> {
    let announced = response.body.len();
    into_hyper(response, announced)
}

/// The first half of an answer, announced as the whole.
fn half(mut response: HttpResponse) -> Response<Payload> {
    let announced = response.body.len();
    response.body.truncate(announced / 2);
    into_hyper(response, announced)
}

fn into_hyper(response: HttpResponse, announced: usize) -> Response<Payload> {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name.as_ref(), value);
    }
    let bytes = (!response.body.is_empty()).then(|| Bytes::from(response.body));
    let payload = Payload { bytes, announced: announced as u64 };
    builder.body(payload).unwrap_or_else(|_| {
        let mut failed = Response::new(Payload { bytes: None, announced: 0 });
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
