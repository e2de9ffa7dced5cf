//! A raw server on a socket: every connection is handled as a test says.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server whose every connection is handled as told.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start<F, Handled>(handle: F) -> Self
    where
        F: Fn(TcpStream, usize) -> Handled + Send + 'static,
        Handled: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(handle(stream, counter.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { endpoint, connections }
    }

    /// A server that reads one request of each connection, answers with these bytes, and closes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Vec<u8> = bytes.into();
        Self::start(move |mut stream, _| {
            let bytes = bytes.clone();
            async move {
                read_request(&mut stream).await?;
                stream.write_all(&bytes).await
            }
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads a request up to the end of its head; the bodies of these tests arrive with it.
pub(crate) async fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// Writes for as long as anybody reads, but no more than a gigabyte; says how much was taken.
pub(crate) async fn pour(stream: &mut TcpStream, drop_by_drop: &[u8]) -> usize {
    let portion = drop_by_drop.repeat((64 << 10) / drop_by_drop.len());
    let mut taken = 0;
    while taken < 1 << 30 && stream.write_all(&portion).await.is_ok() {
        taken += portion.len();
    }
    taken
}

/// A server that begins an answer and goes on for ever, and the count of bytes that were taken from it.
pub(crate) async fn endless(
    beginning: &'static [u8],
    rest: &'static [u8],
) -> (Server, tokio::sync::mpsc::Receiver<usize>) {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let server = Server::start(move |mut stream, _| {
        let sender = sender.clone();
        async move {
            read_request(&mut stream).await?;
            stream.write_all(beginning).await?;
            let taken = pour(&mut stream, rest).await;
            sender.send(taken).await.map_err(io::Error::other)
        }
    })
    .await;
    (server, receiver)
}

/// More than any buffer between the two ends holds, far less than what was offered.
pub(crate) const BUFFERED: usize = 32 << 20;
