//! Requests that no HTTP client would send, over a connection of their own, and whatever comes back.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::endpoint::Endpoint;
use super::incoming::{Incoming, IncomingPiece};
use super::sign::Signable;
use super::{AccountSelection, Caller, Credentials, HttpTransport, TransportError};
use passmuster_contract::domain::Timestamp;
use passmuster_contract::wire::HttpResponse;
use passmuster_malformed::{Delivery, Message, Signing, Spoilt, line};

/// Between an answer that should be the last and the certainty that none follows.
const LINGER: Duration = Duration::from_millis(30);
/// The time that a client waits for an interim answer before it sends the body unasked.
const PATIENCE: Duration = Duration::from_secs(1);
/// Pieces of one byte are sent of so many bytes at most; what remains goes at once.
const MOST_PIECES: usize = 200;
/// More answers than these to two requests prove nothing further.
const MOST_ANSWERS: usize = 4;

/// The answers that came back over a connection.
#[derive(Clone, Debug, Default)]
pub struct RawExchange {
    /// The final answers, in the order in which they came.
    pub answers: Vec<RawAnswer>,
    /// Whether an interim answer (100) came first.
    pub interim: bool,
    /// The way it ended.
    pub end: ConnectionEnd,
    /// The first bytes that are no HTTP, where some are not.
    pub garbage: Option<Garbage>,
    /// The time until the first answer was complete, or until it ended.
    pub took: Duration,
    /// Whether the target closed its half only after the client had closed its own.
    pub waited: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// As any client has it.
    pub response: HttpResponse,
    /// The fault in its framing, in words; none for most.
    pub flaw: Option<String>,
}

/// Bytes that are no HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garbage {
    /// The fault in them.
    pub problem: String,
    /// The first of them, as text.
    pub excerpt: String,
}

/// The end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionEnd {
    /// It is still open: the target waits for another request.
    #[default]
    Open,
    /// The target closed it.
    Closed,
    /// The target reset it.
    Reset,
    /// Nothing came within the limit.
    Silent,
    /// The client went away, as it was to.
    Abandoned,
}

impl HttpTransport {
    /// Sends a message as it is over a connection of its own, and takes what comes back within `limit`. Where nothing
    /// comes for as long as `patience`, the client ends its half of the connection: a target that waits for more of the
    /// request learns that there is none.
    ///
    /// # Errors
    ///
    /// When no connection can be had, or the guard lets nothing be sent.
    pub async fn send_raw(
        &self,
        caller: &Caller,
        message: &Message,
        follow: Option<&Message>,
        (patience, limit): (Duration, Duration),
    ) -> Result<RawExchange, TransportError> {
        let (endpoint, bytes) = self.raw_bytes(caller, message)?;
        let head = message.head_length(&bytes);
        let follow = match follow {
            Some(follow) if message.delivery == Delivery::Pipelined => self.raw_bytes(caller, follow)?.1,
            _ => Vec::new(),
        };
        let expected = 1 + usize::from(!follow.is_empty());
        let stream = self.connect(endpoint, &caller.account).await?;
        let delivery = match message.delivery {
            // TLS has no half of a connection to end: most servers take it for the end of both.
            Delivery::HalfClose if endpoint.is_secure() => Delivery::Whole,
            delivery => delivery,
        };
        let began = Instant::now();
        let exchange = Talk {
            stream,
            deadline: began + limit,
            patience,
            began,
            expected,
            is_head: message.method == b"HEAD",
        };
        Ok(exchange.run(delivery, &bytes, head, &follow).await)
    }

    /// The bytes of a message on their way to this target, signed as it says.
    ///
    /// # Errors
    ///
    /// When the guard lets nothing be sent, or the target has no address of its own.
    pub fn raw_request(&self, caller: &Caller, message: &Message) -> Result<Vec<u8>, TransportError> {
        Ok(self.raw_bytes(caller, message)?.1)
    }

    /// Opens a connection that one request after the other can be asked over.
    ///
    /// # Errors
    ///
    /// When no connection can be had, or the guard lets nothing be sent.
    pub async fn open_raw(&self, caller: &Caller) -> Result<RawConnection, TransportError> {
        let stream = self.connect(self.raw_endpoint(caller)?, &caller.account).await?;
        Ok(RawConnection { stream, incoming: Incoming::new(false) })
    }

    fn raw_bytes(&self, caller: &Caller, message: &Message) -> Result<(&Endpoint, Vec<u8>), TransportError> {
        let endpoint = self.raw_endpoint(caller)?;
        let credentials = self.credentials(endpoint, &caller.account)?;
        let mut lines = Vec::new();
        if let AccountSelection::Header(name) = &self.target.accounts {
            lines.push(line(name, &*caller.account));
        }
        lines.extend(self.signature(endpoint.host(), caller, &credentials, message, super::transport::now()));
        Ok((endpoint, message.render(endpoint.host(), &lines)))
    }

    fn raw_endpoint(&self, caller: &Caller) -> Result<&Endpoint, TransportError> {
        let endpoint = self.endpoint(&caller.region)?;
        self.admit(endpoint, &caller.account)?;
        if endpoint.sockets().is_empty() || !endpoint.base_path().is_empty() {
            return Err(TransportError::Unsendable {
                endpoint: endpoint.as_str().to_owned(),
                reason: "malformed requests go to an address of this machine, without a path".to_owned(),
            });
        }
        Ok(endpoint)
    }

    fn admit(&self, endpoint: &Endpoint, account: &str) -> Result<(), TransportError> {
        Ok(self.guard.check(endpoint, account)?)
    }

    /// Opens a connection, to the very addresses that the guard has judged.
    pub(super) async fn open_plain(
        &self,
        endpoint: &Endpoint,
        account: &str,
    ) -> Result<TcpStream, TransportError> {
        self.admit(endpoint, account)?;
        let opened = TcpStream::connect(&*endpoint.sockets()).await;
        let endpoint = endpoint.as_str().to_owned();
        opened.map_err(|error| match error.kind() {
            io::ErrorKind::AddrNotAvailable => TransportError::PortsExhausted { endpoint },
            _ => TransportError::Unreachable { endpoint, detail: error.to_string() },
        })
    }

    async fn connect(&self, endpoint: &Endpoint, account: &str) -> Result<RawStream, TransportError> {
        let limit = self.target.limits.connect_timeout;
        let late = || TransportError::Unreachable {
            endpoint: endpoint.as_str().to_owned(),
            detail: format!("no connection within {limit:?}"),
        };
        timeout(limit, self.connected(endpoint, account)).await.map_err(|_| late())?
    }

    async fn connected(&self, endpoint: &Endpoint, account: &str) -> Result<RawStream, TransportError> {
        let address = || endpoint.as_str().to_owned();
        let unreachable = |detail: String| TransportError::Unreachable { endpoint: address(), detail };
        let stream = self.open_plain(endpoint, account).await?;
        // Each segment is to be one of its own.
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.as_ref().filter(|_| endpoint.is_secure()) else { return Ok(Box::new(stream)) };
        let name = ServerName::try_from(endpoint.name().to_owned());
        let name = name.map_err(|error| unreachable(error.to_string()))?;
        match TlsConnector::from(tls.clone()).connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(failure) => TransportError::of_tls(failure, address()),
                None => unreachable(error.to_string()),
            }),
        }
    }

    fn signature(
        &self,
        host: &str,
        caller: &Caller,
        credentials: &Credentials,
        message: &Message,
        at: Timestamp,
    ) -> Vec<Vec<u8>> {
        match &message.signing {
            Signing::None => Vec::new(),
            Signing::Fresh => self.signed(host, caller, credentials, message, at, &Spoilt::default()),
            Signing::Of(other) => self.signed(host, caller, credentials, other, at, &Spoilt::default()),
            Signing::Spoilt(spoilt) => self.signed(host, caller, credentials, message, at, spoilt),
        }
    }

    fn signed(
        &self,
        host: &str,
        caller: &Caller,
        credentials: &Credentials,
        message: &Message,
        at: Timestamp,
        spoilt: &Spoilt,
    ) -> Vec<Vec<u8>> {
        let at = Timestamp(at.0 + spoilt.shift * 1000);
        let instant = at.basic();
        let text = |bytes| String::from_utf8_lossy(bytes);
        let content_type = message.header("content-type").map(text);
        let mut headers: Vec<(&str, &str)> = Vec::new();
        headers.extend(content_type.as_deref().map(|value| ("content-type", value)));
        headers.push(("host", host));
        headers.push(("x-amz-date", &instant));
        let token = credentials.session_token.as_deref();
        headers.extend(token.map(|token| ("x-amz-security-token", token)));
        headers.extend(spoilt.also_signed.iter().map(|name| (*name, "")));
        headers.retain(|(name, _)| spoilt.not_signed != Some(*name));
        headers.sort_unstable();
        let pairs = message.query.join(&b'&');
        let (method, path, query) = (text(&message.method), text(&message.path), text(&pairs));
        let signable =
            Signable { method: &method, path: &path, query: &query, headers: &headers, body: &message.body };
        let mut credentials = Cow::Borrowed(credentials);
        if let Some(key) = &spoilt.access_key {
            credentials.to_mut().access_key.clone_from(key);
        }
        let [date, region, service, terminator] = spoilt.scope;
        let region = region.unwrap_or(&caller.region);
        let service = service.unwrap_or(super::sign::SERVICE);
        let mut value = self.signer.authorization_for(service, &credentials, region, at, &signable);
        if let Some(date) = date {
            value = value.replacen(&format!("/{}/", &instant[..8]), &format!("/{date}/"), 1);
        }
        if let Some(terminator) = terminator {
            value = value.replacen("/aws4_request", &format!("/{terminator}"), 1);
        }
        let mut lines = Vec::new();
        if !spoilt.without_date {
            lines.push(line("x-amz-date", spoilt.date.as_deref().unwrap_or(&instant)));
        }
        lines.extend(token.map(|token| line("x-amz-security-token", token)));
        match spoilt.authorization {
            None => lines.push(line("authorization", &value)),
            Some(others) => lines.extend(others(&value).into_iter().map(|value| line("authorization", value))),
        }
        lines
    }
}

/// A connection with or without TLS.
trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

type RawStream = Box<dyn Bytes>;

/// A connection that stays open between requests.
pub struct RawConnection {
    stream: RawStream,
    /// Bytes after the last answer belong to the next exchange.
    incoming: Incoming,
}

impl fmt::Debug for RawConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawConnection").field("incoming", &self.incoming).finish_non_exhaustive()
    }
}

impl RawConnection {
    /// Sends a request, of any method but HEAD, and takes the one answer to it within `limit`.
    pub async fn ask(&mut self, bytes: &[u8], limit: Duration) -> RawExchange {
        let began = Instant::now();
        let mut receiver = Receiver {
            incoming: std::mem::replace(&mut self.incoming, Incoming::new(false)),
            exchange: RawExchange::default(),
            began,
            expected: 1,
            interim: Arc::new(Notify::new()),
        };
        let (mut reader, mut writer) = split(&mut self.stream);
        {
            let send = async {
                let _ = write_whole(&mut writer, bytes).await;
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = receiver.read(&mut reader, began + limit) => {}
                () = send => {}
            }
        }
        self.incoming = receiver.incoming;
        receiver.exchange
    }
}

/// One connection in use.
struct Talk {
    stream: RawStream,
    began: Instant,
    deadline: Instant,
    /// How long nothing may come until its own half is ended.
    patience: Duration,
    /// The number of answers that are due.
    expected: usize,
    is_head: bool,
}

impl Talk {
    async fn run(mut self, delivery: Delivery, bytes: &[u8], head: usize, follow: &[u8]) -> RawExchange {
        let mut receiver = Receiver {
            incoming: Incoming::new(self.is_head),
            exchange: RawExchange::default(),
            began: self.began,
            expected: self.expected,
            interim: Arc::new(Notify::new()),
        };
        let (mut reader, mut writer) = split(&mut self.stream);
        if delivery == Delivery::Abandon {
            let _ = timeout_at(self.deadline, write_whole(&mut writer, bytes)).await;
            return RawExchange { end: ConnectionEnd::Abandoned, ..RawExchange::default() };
        }
        let interim = receiver.interim.clone();
        // What waits to be asked for is sent late: its answer is waited for from then on.
        let is_late = delivery == Delivery::AwaitContinue;
        let until = if is_late { self.deadline } else { self.began + self.patience };
        {
            // A target may answer, and close, before it has read everything: what fails to be sent shows in what
            // comes back.
            let send = async {
                let _ = deliver(&mut writer, delivery, bytes, head, follow, &interim).await;
                if is_late {
                    sleep(self.patience).await;
                } else {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = receiver.read(&mut reader, until) => {}
                () = send => {}
            }
        }
        let silent = receiver.exchange.answers.is_empty() && receiver.exchange.end == ConnectionEnd::Silent;
        if silent && delivery != Delivery::Stall {
            // A target that waits for more of the request ends now; one that hangs does not.
            let _ = writer.shutdown().await;
            receiver.read(&mut reader, self.deadline).await;
            receiver.exchange.waited = receiver.exchange.end != ConnectionEnd::Silent;
        }
        receiver.exchange
    }
}

/// Writes, and sees that nothing stays behind in a layer of the connection.
async fn write_whole(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    writer.write_all(bytes).await?;
    writer.flush().await
}

async fn deliver(
    writer: &mut (impl AsyncWrite + Unpin),
    delivery: Delivery,
    bytes: &[u8],
    head: usize,
    follow: &[u8],
    interim: &Notify,
) -> io::Result<()> {
    match delivery {
        Delivery::Whole | Delivery::Abandon => write_whole(writer, bytes).await,
        Delivery::Pipelined => write_whole(writer, &[bytes, follow].concat()).await,
        Delivery::HalfClose => {
            write_whole(writer, bytes).await?;
            writer.shutdown().await
        }
        Delivery::Bytewise => {
            let (pieces, rest) = bytes.split_at(bytes.len().min(MOST_PIECES));
            for byte in pieces {
                write_whole(writer, std::slice::from_ref(byte)).await?;
                tokio::task::yield_now().await;
            }
            write_whole(writer, rest).await
        }
        Delivery::AwaitContinue => {
            write_whole(writer, &bytes[..head]).await?;
            let _ = timeout(PATIENCE, interim.notified()).await;
            write_whole(writer, &bytes[head..]).await
        }
        Delivery::Stall => write_whole(writer, &bytes[..head]).await,
    }
}

/// Takes what comes back.
struct Receiver {
    incoming: Incoming,
    exchange: RawExchange,
    began: Instant,
    expected: usize,
    /// Told when an interim answer has come.
    interim: Arc<Notify>,
}

impl Receiver {
    /// Reads until the answers that are due have come, the connection ends, or the deadline.
    async fn read(&mut self, reader: &mut (impl AsyncRead + Unpin), mut deadline: Instant) {
        let mut buffer = vec![0; 16 << 10];
        self.exchange.end = ConnectionEnd::Silent;
        loop {
            self.sort();
            if self.exchange.garbage.is_some() || self.exchange.answers.len() >= MOST_ANSWERS {
                break;
            }
            if self.exchange.answers.len() >= self.expected {
                self.exchange.end = ConnectionEnd::Open;
                if self.expected == 1 {
                    break;
                }
                deadline = deadline.min(Instant::now() + LINGER);
            }
            match timeout_at(deadline, reader.read(&mut buffer)).await {
                Err(_) => break,
                Ok(Ok(0)) => {
                    self.incoming.close();
                    self.sort();
                    self.exchange.end = ConnectionEnd::Closed;
                    break;
                }
                Ok(Ok(length)) => self.incoming.take(&buffer[..length]),
                // A TLS server that closes the connection without saying so.
                Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.incoming.close();
                    self.sort();
                    self.exchange.end = ConnectionEnd::Closed;
                    break;
                }
                Ok(Err(_)) => {
                    self.exchange.end = ConnectionEnd::Reset;
                    break;
                }
            }
        }
        if self.exchange.answers.is_empty() {
            self.exchange.took = self.began.elapsed();
        }
    }

    /// Sorts what has come so far into answers.
    fn sort(&mut self) {
        while let Some(piece) = self.incoming.next() {
            match piece {
                IncomingPiece::Interim => {
                    self.exchange.interim = true;
                    self.interim.notify_one();
                }
                IncomingPiece::Answer(answer) => {
                    if self.exchange.answers.is_empty() {
                        self.exchange.took = self.began.elapsed();
                    }
                    self.exchange.answers.push(answer);
                }
                IncomingPiece::Garbage(garbage) => {
                    self.exchange.garbage = Some(garbage);
                    return;
                }
            }
        }
    }
}
