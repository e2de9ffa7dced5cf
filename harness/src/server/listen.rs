//! The reference server on a socket of this machine.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::Reference;
use super::crowd::Crowd;
use super::exchange::Shell;
use super::tap::Tap;

/// The time that a client has to send the head of a request, and its body, and to take something of an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// The most connections at once; for a further one, one that says nothing is closed, or it waits.
const MAX_CONNECTIONS: usize = 256;

/// Why the server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address can't be had.
    #[error("listen on {address}: {source}; choose another with --port, or 0 for any free one")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// The words of the system.
        source: std::io::Error,
    },
}

/// A bound socket, about to serve.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    latency: Duration,
    patience: Duration,
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
        Ok(Self { socket, address, latency, patience: PATIENCE })
    }

    /// Gives clients so long to send the head of a request, as long again for its body, and as long to go on taking the
    /// answer, in place of twenty seconds.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The address clients are to use.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the future is dropped.
    pub fn serve(self, server: Reference) -> impl Future<Output = Infallible> + Send {
        // Boxed where its type is known: it is compiled here, and not in every program that serves.
        let serving: Pin<Box<dyn Future<Output = Infallible> + Send>> = Box::pin(self.accept(server));
        serving
    }

    async fn accept(self, server: Reference) -> Infallible {
        let faults = server.settings.wire_faults.clone();
        let shell = Shell {
            server: Mutex::new(server),
            faults,
            latency: self.latency,
            patience: self.patience,
            exhausted: AtomicBool::new(false),
        };
        let shell = Arc::new(shell);
        let crowd = Crowd::new(MAX_CONNECTIONS);
        loop {
            let Ok((stream, _)) = self.socket.accept().await else {
                // Out of descriptors, most likely: some will be closed soon.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            // Without it, answers to small requests wait for the client's delayed acknowledgement.
            let _ = stream.set_nodelay(true);
            let Some(seat) = crowd.clone().seat().await else { continue };
            let shell = shell.clone();
            tokio::spawn(async move {
                let stream = Tap::new(stream, shell.faults.clone(), shell.patience);
                let service = service_fn(|request| shell.exchange(request, &seat));
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(shell.patience)
                    .max_header_size(MAX_HEAD)
                    .serve_connection(TokioIo::new(stream), service);
                tokio::select! {
                    _ = connection => {}
                    () = seat.dismissed() => {}
                }
            });
        }
    }
}
