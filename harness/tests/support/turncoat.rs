//! A server that behaves well until it turns hostile.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use passmuster::domain::shape::Method;
use passmuster::server::{Answers, Fault, Reference};
use passmuster::wire::{HttpRequest, HttpResponse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::server::pour;

/// When the server turns hostile.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// From this call on; the first has number 0.
    Call(u64),
    /// In calls of this operation, once so many calls have been made.
    Operation(Method, &'static str, u64),
    /// In one of so many calls.
    OneIn(u64),
}

impl When {
    fn has_come(self, call: u64, request: &HttpRequest) -> bool {
        match self {
            Self::Call(first) => call >= first,
            Self::OneIn(number) => call % number == number - 1,
            Self::Operation(method, path, first) => {
                call >= first && request.method == method && request.path == path
            }
        }
    }
}

/// The behaviour of the server from then on.
#[derive(Clone)]
pub(crate) enum Hostility {
    /// Leaves the caller waiting.
    Hang,
    /// Answers with these bytes, few or none, and closes the connection.
    Close(Arc<[u8]>),
    /// Begins an answer and never ends it.
    Endless(&'static [u8], &'static [u8]),
    /// Answers with a status, a line of headers, and a body made for each call.
    Answer(u16, &'static str, fn(u64) -> String),
    /// Answers as a server that behaves would, and has this done to the answer.
    Meddle(Arc<Meddling>),
    /// Ends, and all its connections with it.
    Die,
    /// Serves one call per connection until it ends in the middle of one.
    DieBetweenConnections,
}

/// Changes an answer to a request.
pub(crate) type Meddling = dyn Fn(&HttpRequest, &mut HttpResponse) + Send + Sync;

/// The server.
pub(crate) struct Turncoat {
    pub(crate) endpoint: String,
    calls: Arc<AtomicU64>,
    pouring: Arc<AtomicUsize>,
    most_taken: Arc<AtomicUsize>,
    dead: watch::Sender<bool>,
}

/// The state that its connections share.
struct Shared {
    when: When,
    hostility: Hostility,
    reference: Mutex<Reference>,
    calls: Arc<AtomicU64>,
    pouring: Arc<AtomicUsize>,
    most_taken: Arc<AtomicUsize>,
    dead: watch::Sender<bool>,
}

impl Turncoat {
    pub(crate) async fn start(when: When, hostility: Hostility) -> Self {
        Self::with_faults(when, hostility, &[]).await
    }

    /// As the reference server with these faults would behave.
    pub(crate) async fn with_faults(when: When, hostility: Hostility, faults: &[Fault]) -> Self {
        // Bytes that wait in a buffer here look as if they had been taken.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(64 << 10).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(256).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (dead, mut died) = watch::channel(false);
        let shared = Arc::new(Shared {
            when,
            hostility,
            reference: Mutex::new(Reference::new(1, Answers::default(), faults)),
            calls: Arc::default(),
            pouring: Arc::default(),
            most_taken: Arc::default(),
            dead: dead.clone(),
        });
        let (calls, pouring) = (Arc::clone(&shared.calls), Arc::clone(&shared.pouring));
        let most_taken = Arc::clone(&shared.most_taken);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    _ = died.wait_for(|dead| *dead) => return,
                };
                let Ok((stream, _)) = accepted else { return };
                let (shared, mut died) = (Arc::clone(&shared), died.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        _ = shared.converse(stream) => {}
                        _ = died.wait_for(|dead| *dead) => {}
                    }
                });
            }
        });
        Self { endpoint, calls, pouring, most_taken, dead }
    }

    /// Ends it at once, and all its connections with it.
    pub(crate) fn kill(&self) {
        self.dead.send_replace(true);
    }

    /// The number of calls that were made.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// The most bytes that were taken of one endless answer, once no connection takes any more.
    pub(crate) async fn most_taken(&self) -> usize {
        for _ in 0..30_000 {
            if self.pouring.load(Ordering::SeqCst) == 0 {
                return self.most_taken.load(Ordering::SeqCst);
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("a connection stays open for ever");
    }
}

impl Shared {
    /// As a server that behaves would, which forgets everything by `POST /reset`.
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut reference = self.reference.lock().unwrap();
        if request.path == "/reset" {
            reference.reset();
            return HttpResponse { status: 200, headers: Vec::new(), body: Vec::new() };
        }
        reference.handle(request)
    }

    async fn converse(&self, mut stream: TcpStream) -> io::Result<()> {
        let _ = stream.set_nodelay(true);
        loop {
            let request = read_whole(&mut stream).await?;
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            let meddling = match &self.hostility {
                Hostility::Meddle(meddling) => Some(meddling),
                _ => None,
            };
            let has_come = self.when.has_come(call, &request);
            if !has_come || meddling.is_some() {
                let mut response = self.answer(&request);
                if let Some(meddling) = meddling.filter(|_| has_come) {
                    meddling(&request, &mut response);
                }
                let mut lines = String::new();
                for (name, value) in &response.headers {
                    lines.push_str(&format!("{name}: {value}\r\n"));
                }
                if matches!(self.hostility, Hostility::DieBetweenConnections) {
                    lines.push_str("connection: close\r\n");
                    return write(&mut stream, response.status, &lines, &response.body).await;
                }
                write(&mut stream, response.status, &lines, &response.body).await?;
                continue;
            }
            match &self.hostility {
                Hostility::Hang => std::future::pending().await,
                Hostility::Close(bytes) => return stream.write_all(bytes).await,
                Hostility::Endless(beginning, rest) => {
                    stream.write_all(beginning).await?;
                    self.pouring.fetch_add(1, Ordering::SeqCst);
                    let taken = pour(&mut stream, rest).await;
                    self.most_taken.fetch_max(taken, Ordering::SeqCst);
                    self.pouring.fetch_sub(1, Ordering::SeqCst);
                    return Ok(());
                }
                Hostility::Answer(status, line, body) => {
                    write(&mut stream, *status, &format!("{line}\r\n"), body(call).as_bytes()).await?;
                }
                Hostility::Meddle(_) => {}
                Hostility::Die | Hostility::DieBetweenConnections => {
                    self.dead.send_replace(true);
                }
            }
        }
    }
}

pub(crate) async fn write(stream: &mut TcpStream, status: u16, lines: &str, body: &[u8]) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status} X\r\n{lines}content-length: {}\r\n\r\n", body.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    stream.write_all(&bytes).await
}

/// Reads a request with its body.
pub(crate) async fn read_whole(stream: &mut TcpStream) -> io::Result<HttpRequest> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let method = match words.next() {
        Some("GET") => Method::Get,
        Some("PATCH") => Method::Patch,
        Some("DELETE") => Method::Delete,
        _ => Method::Post,
    };
    let (path, query) = words.next().map_or(("", ""), |url| url.split_once('?').unwrap_or((url, "")));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase().into(), value.trim().to_owned()))
    };
    let mut request = HttpRequest {
        method,
        path: path.to_owned().into(),
        query: query.to_owned(),
        headers: lines.filter_map(header).collect(),
        body: bytes.split_off(end + 4),
    };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while request.body.len() < length {
        if stream.read_buf(&mut request.body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(request)
}
