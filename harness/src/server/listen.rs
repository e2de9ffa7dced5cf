//! The reference server on a socket of this machine.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::Reference;
use crate::domain::shape::Method;
use crate::wire::{HttpRequest, HttpResponse};

/// The largest request body that is read, in bytes.
const MAX_BODY: usize = 10 << 20;
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How many connections are served at once; further ones wait.
const MAX_CONNECTIONS: usize = 256;

/// Why the server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address can't be had.
    #[error("listen on {address}: {source}; choose another with --port, or 0 for any free one")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A bound socket, about to serve.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    latency: Duration,
}

impl Listener {
    /// Binds a port of the loopback address; 0 takes any free one. Each answer waits for `latency` first.
    ///
    /// # Errors
    ///
    /// When the port is taken or not ours to have.
    pub async fn bind(port: u16, latency: Duration) -> Result<Self, ListenError> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let bound = async {
            let socket = TcpListener::bind(address).await?;
            let address = socket.local_addr()?;
            Ok((socket, address))
        };
        let (socket, address) = bound.await.map_err(|source| ListenError::Bind { address, source })?;
        Ok(Self { socket, address, latency })
    }

    /// The address clients are to use.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the future is dropped.
    pub async fn serve(self, server: Reference) -> Infallible {
        let server = Arc::new(Mutex::new(server));
        let places = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { continue };
            let Ok((stream, _)) = self.socket.accept().await else {
                // Out of descriptors, most likely: some will be closed soon.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            // Without it, answers to small requests wait for the client's delayed acknowledgement.
            let _ = stream.set_nodelay(true);
            let server = server.clone();
            let latency = self.latency;
            tokio::spawn(async move {
                let service = hyper::service::service_fn(move |request| answer(server.clone(), latency, request));
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_TIMEOUT)
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
                drop(place);
            });
        }
    }
}

async fn answer(
    server: Arc<Mutex<Reference>>,
    latency: Duration,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let (head, body) = request.into_parts();
    let method = match *head.method.as_str().as_bytes() {
        [b'G', ..] if head.method == hyper::Method::GET => Method::Get,
        _ if head.method == hyper::Method::POST => Method::Post,
        _ if head.method == hyper::Method::PATCH => Method::Patch,
        _ if head.method == hyper::Method::DELETE => Method::Delete,
        _ => return Ok(bare(StatusCode::METHOD_NOT_ALLOWED)),
    };
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(bare(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let headers = head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned().into(), value.to_str().ok()?.to_owned())));
    let request = HttpRequest {
        method,
        path: head.uri.path().to_owned().into(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.to_bytes().into(),
    };
    let response = {
        let mut server = server.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (method, &*request.path) {
            (Method::Post, "/_passmuster/reset") => {
                server.reset();
                well()
            }
            (Method::Get, "/_passmuster/health") => well(),
            _ => server.handle(&request),
        }
    };
    Ok(into_hyper(response))
}

/// The answer of the server's own addresses.
fn well() -> HttpResponse {
    let headers = vec![("content-type".into(), "application/json".to_owned())];
    HttpResponse { status: 200, headers, body: b"{\"status\":\"ok\"}".to_vec() }
}

fn into_hyper(response: HttpResponse) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name.as_ref(), value);
    }
    let built = builder.body(Full::new(Bytes::from(response.body)));
    built.unwrap_or_else(|_| bare(StatusCode::INTERNAL_SERVER_ERROR))
}

fn bare(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
