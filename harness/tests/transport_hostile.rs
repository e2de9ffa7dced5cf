//! Whatever a target does with the connection, a call ends soon, in bounded memory, with the right name for it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use crate::support::{BUFFERED, Server, endless, read_request};
use passmuster::domain::shape::Method;
use passmuster::targets::guard::Guard;
use passmuster::targets::{CallStage, Caller, HttpTransport, Limits, SystemUnderTest, Target, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const MAX_BODY: usize = 64 << 10;

/// A guard against hanging, not a promise of speed.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server, and how these tests call it.
trait Called {
    fn transport(&self) -> HttpTransport;
    async fn get(&self) -> Result<HttpResponse, TransportError>;
}

impl Called for Server {
    fn transport(&self) -> HttpTransport {
        transport(&self.endpoint)
    }

    async fn get(&self) -> Result<HttpResponse, TransportError> {
        get(&self.transport()).await
    }
}

fn transport(endpoint: &str) -> HttpTransport {
    let limits = Limits { request_timeout: PATIENCE, max_body: MAX_BODY, ..Limits::default() };
    let target = Target { endpoint: Some(endpoint.to_owned()), limits, ..Target::default() };
    HttpTransport::new(target, Guard::default()).unwrap()
}

/// For what can only be ended by the clock.
fn impatient(endpoint: &str) -> HttpTransport {
    let limits = Limits { request_timeout: Duration::from_secs(2), max_body: MAX_BODY, ..Limits::default() };
    let target = Target { endpoint: Some(endpoint.to_owned()), limits, ..Target::default() };
    HttpTransport::new(target, Guard::default()).unwrap()
}

async fn call(transport: &HttpTransport, method: Method) -> Result<HttpResponse, TransportError> {
    let request = HttpRequest {
        method,
        path: "/accounts".into(),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let caller = Caller::new("111111111111", "us-east-1");
    timeout(2 * PATIENCE, transport.call(&caller, request)).await.expect("the call hangs")
}

async fn get(transport: &HttpTransport) -> Result<HttpResponse, TransportError> {
    call(transport, Method::Get).await
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = get(&transport(&endpoint)).await.unwrap_err();
    assert!(matches!(error, TransportError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains(&endpoint) && error.fault_of_target().is_none(), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(|stream, _| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let error = get(&impatient(&server.endpoint)).await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { phase: CallStage::Answer, .. }), "{error:?}");
    assert!(error.fault_of_target().is_none());
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_is_not_tried_again() {
    for (method, partial) in
        [(Method::Get, &b""[..]), (Method::Post, b""), (Method::Get, b"HTTP/1.1 200 OK\r\nx: ")]
    {
        let server = Server::answering(partial).await;
        let error = call(&server.transport(), method).await.unwrap_err();
        assert!(matches!(error, TransportError::ClosedEarly { reused: false, .. }), "{error:?}");
        assert!(error.fault_of_target().is_some());
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_connection_reset_before_the_answer_counts_as_closed() {
    // To close with the request unread makes the system reset the connection.
    let server = Server::start(|stream, _| async move {
        stream.readable().await?;
        drop(stream);
        Ok(())
    })
    .await;
    let error = server.get().await.unwrap_err();
    assert!(matches!(error, TransportError::ClosedEarly { reused: false, .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_a_violation() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n",
    ] {
        let server = Server::answering(answer).await;
        let error = server.get().await.unwrap_err();
        assert!(matches!(error, TransportError::CutShort { received: 10, .. }), "{error:?}");
        assert!(error.fault_of_target().is_some());
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    for (head, rest) in [
        (&b"HTTP/1.1 200 OK\r\n\r\n"[..], &b"x"[..]),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"4\r\nxxxx\r\n"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n", b"x"),
    ] {
        let (server, mut taken) = endless(head, rest).await;
        let error = server.get().await.unwrap_err();
        assert!(matches!(error, TransportError::BodyTooLarge { limit: MAX_BODY, .. }), "{error:?}");
        assert!(error.fault_of_target().is_none());
        let taken = timeout(PATIENCE, taken.recv()).await.expect("the connection stays open").unwrap();
        assert!(taken < BUFFERED, "{taken} bytes were read");
    }
}

#[tokio::test]
async fn endless_headers_are_cut_off() {
    for (head, rest) in [
        (&b"HTTP/1.1 200 OK\r\n"[..], &b"x-more: of the same\r\n"[..]),
        (b"HTTP/1.1 200 OK\r\nx-long: ", b"x"),
        (b"HTTP/1.1 200 ", b"x"),
    ] {
        let (server, mut taken) = endless(head, rest).await;
        let error = server.get().await.unwrap_err();
        assert!(matches!(error, TransportError::HeadersTooLarge { .. }), "{error:?}");
        assert!(error.fault_of_target().is_none());
        let taken = timeout(PATIENCE, taken.recv()).await.expect("the connection stays open").unwrap();
        assert!(taken < BUFFERED, "{taken} bytes were read");
    }
}

#[tokio::test]
async fn a_body_that_trickles_for_ever_runs_into_the_deadline() {
    let server = Server::start(|mut stream, _| async move {
        read_request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(b"x").await?;
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let error = get(&impatient(&server.endpoint)).await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { phase: CallStage::Body, .. }), "{error:?}");
}

#[tokio::test]
async fn bytes_that_are_not_http_are_a_violation() {
    for answer in [
        &b"\x00\xff\xfe garbage \r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"hello\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nna me: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nab\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let server = Server::answering(answer).await;
        let error = server.get().await.unwrap_err();
        let shown = String::from_utf8_lossy(answer);
        assert!(matches!(error, TransportError::NotHttp { .. }), "{shown}: {error:?}");
        assert!(error.fault_of_target().is_some());
        assert_eq!(server.connections(), 1, "{shown}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_handed_on_as_it_is() {
    // Not even a gzip stream: unpacking it would fail.
    let server = Server::answering(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00".as_slice(),
    )
    .await;
    let response = server.get().await.unwrap();
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.body, b"\x1f\x8b\x08\x00");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::answering(OK).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} X\r\nlocation: {}/accounts\r\ncontent-length: 0\r\n\r\n",
            elsewhere.endpoint
        );
        let server = Server::answering(answer).await;
        assert_eq!(server.get().await.unwrap().status, status);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn bytes_that_are_no_text_arrive_all_the_same() {
    let answer = b"HTTP/1.1 200 OK\r\nx-latin: caf\xe9\r\nx-utf: caf\xc3\xa9\r\ncontent-length: 2\r\n\r\n\xff\xfe";
    let response = Server::answering(answer.as_slice()).await.get().await.unwrap();
    assert_eq!(response.header("x-latin"), Some("café"));
    assert_eq!(response.header("x-utf"), Some("café"));
    assert_eq!(response.body, b"\xff\xfe");
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_is_whole() {
    for version in ["1.0", "1.1"] {
        let server = Server::answering(format!("HTTP/{version} 200 OK\r\nserver: old\r\n\r\n{{}}")).await;
        let response = server.get().await.unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
    }
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    let mut answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".to_vec();
    answer.extend_from_slice(OK);
    let response = Server::answering(answer).await.get().await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
}

#[tokio::test]
async fn interim_answers_without_end_run_into_the_deadline() {
    let (server, mut taken) = endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n").await;
    let error = get(&impatient(&server.endpoint)).await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { phase: CallStage::Answer, .. }), "{error:?}");
    timeout(PATIENCE, taken.recv()).await.expect("the connection stays open");
}

#[tokio::test]
async fn two_answers_to_one_request_are_not_taken_for_the_next_answer() {
    let server = Server::start(|mut stream, connection| async move {
        loop {
            read_request(&mut stream).await?;
            let own = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{connection}");
            stream.write_all(format!("{own}HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").as_bytes()).await?;
        }
    })
    .await;
    let transport = server.transport();
    for _ in 0..20 {
        assert_eq!(get(&transport).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn ten_calls_at_once_each_get_their_own_answer() {
    let server = Server::start(|mut stream, _| async move {
        loop {
            read_request(&mut stream).await?;
            sleep(Duration::from_millis(5)).await;
            stream.write_all(OK).await?;
        }
    })
    .await;
    let transport = Arc::new(server.transport());
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let transport = Arc::clone(&transport);
            tokio::spawn(async move { get(&transport).await.map(|response| response.status) })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(200));
    }
    assert!(server.connections() <= 64, "{} connections", server.connections());
}
