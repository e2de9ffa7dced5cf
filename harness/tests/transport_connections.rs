//! Connections of the client: when one is used again, which requests are sent twice, and which never.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on should stop there")]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use passmuster::domain::shape::Method;
use passmuster::malformed::{Delivery, Message};
use passmuster::targets::guard::{Guard, GuardRefusal};
use passmuster::targets::scope::CredentialScope;
use passmuster::targets::{AccountSelection, Caller, HttpTransport, SystemUnderTest, Target, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEPT: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const CLOSING: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

/// A server that gives the same answer `answers` times on each connection, then closes at the next request.
async fn server(answer: &'static [u8], answers: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, answer, answers));
        }
    });
    (endpoint, connections)
}

async fn serve(mut stream: TcpStream, answer: &'static [u8], answers: usize) -> io::Result<()> {
    for _ in 0..answers {
        read_head(&mut stream).await?;
        stream.write_all(answer).await?;
    }
    read_head(&mut stream).await
}

async fn read_head(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

fn to(endpoint: &str) -> Target {
    Target { endpoint: Some(endpoint.to_owned()), ..Target::default() }
}

fn open(target: Target) -> HttpTransport {
    HttpTransport::new(target, Guard::default()).unwrap()
}

fn request(method: Method, path: &str, query: &str) -> HttpRequest {
    HttpRequest {
        method,
        path: path.to_owned().into(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

async fn call(transport: &HttpTransport, request: HttpRequest) -> Result<HttpResponse, TransportError> {
    let caller = Caller::new("111111111111", "eu-west-1");
    timeout(Duration::from_secs(300), transport.call(&caller, request)).await.expect("the call hangs")
}

async fn send(transport: &HttpTransport, method: Method) -> Result<u16, TransportError> {
    call(transport, request(method, "/accounts", "")).await.map(|response| response.status)
}

#[tokio::test]
async fn a_body_that_waits_to_be_asked_for_is_sent_whoever_does_not_ask() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let body = b"{\"AccountIds\":[]}";
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await.unwrap();
        stream.read_exact(&mut vec![0; body.len()]).await.unwrap();
        stream.write_all(KEPT).await.unwrap();
    });
    let mut message =
        Message::of(&HttpRequest { body: body.to_vec(), ..request(Method::Post, "/members/get", "") });
    message.delivery = Delivery::AwaitContinue;
    let caller = Caller::new("111111111111", "eu-west-1");
    // The time after which nothing more is sent to a target that says nothing, far shorter than the wait for being asked.
    let times = (Duration::from_millis(1), Duration::from_secs(300));
    let exchange = open(to(&endpoint)).send_raw(&caller, &message, None, times).await.unwrap();
    assert_eq!(exchange.answers.len(), 1, "{exchange:?}");
}

#[tokio::test]
async fn a_kept_connection_is_used_again() {
    let (endpoint, connections) = server(KEPT, 100).await;
    let transport = open(to(&endpoint));
    for _ in 0..20 {
        assert_eq!(send(&transport, Method::Post).await, Ok(200));
    }
    // One, but for a pause long enough to make a kept connection suspect.
    assert!(connections.load(Ordering::SeqCst) < 10);
}

#[tokio::test]
async fn a_server_that_closes_after_each_answer_costs_no_call() {
    let (endpoint, connections) = server(CLOSING, 1).await;
    let transport = open(to(&endpoint));
    for _ in 0..20 {
        assert_eq!(send(&transport, Method::Post).await, Ok(200));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 20);
}

#[tokio::test]
async fn a_read_that_meets_a_closing_connection_is_sent_once_more() {
    let (endpoint, connections) = server(KEPT, 1).await;
    let transport = open(to(&endpoint));
    for _ in 0..5 {
        assert_eq!(send(&transport, Method::Get).await, Ok(200));
    }
    // Now it is known what this server does, and nothing runs that risk again.
    let before = connections.load(Ordering::SeqCst);
    for _ in 0..10 {
        assert_eq!(send(&transport, Method::Post).await, Ok(200));
    }
    assert_eq!(connections.load(Ordering::SeqCst), before + 10);
}

#[tokio::test]
async fn a_write_that_meets_a_closing_connection_is_never_sent_twice() {
    for method in [Method::Post, Method::Patch, Method::Delete] {
        let (endpoint, connections) = server(KEPT, 1).await;
        let transport = open(to(&endpoint));
        assert_eq!(send(&transport, Method::Get).await, Ok(200));
        match send(&transport, method).await {
            Err(error @ TransportError::ClosedEarly { reused: true, .. }) => {
                assert!(error.fault_of_target().is_none());
                assert_eq!(connections.load(Ordering::SeqCst), 1);
            }
            // The machine paused for so long that the kept connection was not trusted any more.
            Ok(200) => assert_eq!(connections.load(Ordering::SeqCst), 2),
            other => panic!("{method:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_request_arrives_unaltered_and_signed() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let transport = open(Target {
        accounts: AccountSelection::Header("x-moto-account-id".to_owned()),
        ..to(&format!("{}/base/", server.uri()))
    });
    let sent = HttpRequest {
        headers: vec![("content-type".into(), "application/json".to_owned()), ("x-odd".into(), "ü".to_owned())],
        body: b"{\"a\":\"\xff".to_vec(),
        ..request(Method::Post, "//members/%2e%2f", "NextToken=a%2Bb+%zz&&x")
    };
    call(&transport, sent.clone()).await.unwrap();

    let received = server.received_requests().await.unwrap().remove(0);
    assert_eq!(received.url.path(), "/base//members/%2e%2f");
    assert_eq!(received.url.query(), Some(sent.query.as_str()));
    assert_eq!(received.body, sent.body);
    let header = |name: &str| received.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    assert_eq!(header("host").as_deref(), server.uri().strip_prefix("http://"));
    assert_eq!(header("x-moto-account-id").as_deref(), Some("111111111111"));
    assert_eq!(header("x-odd").as_deref(), Some("ü"));
    assert_eq!(header("content-length").as_deref(), Some("7"));
    assert_eq!(header("accept-encoding"), None);
    let authorization = header("authorization").unwrap();
    assert!(authorization.contains("SignedHeaders=content-type;host;x-amz-date,"), "{authorization}");
    let scope = CredentialScope::parse(&authorization).unwrap();
    assert_eq!((scope.access_key, scope.region, scope.service), ("test", "eu-west-1", "securityhub"));
    assert!(header("x-amz-date").unwrap().starts_with(scope.date));
}

#[tokio::test]
async fn the_access_key_names_the_account_unless_told_otherwise() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    call(&open(to(&server.uri())), request(Method::Get, "/members", "")).await.unwrap();
    let received = server.received_requests().await.unwrap().remove(0);
    let authorization = received.headers["authorization"].to_str().unwrap();
    assert_eq!(CredentialScope::parse(authorization).unwrap().access_key, "111111111111");
}

#[tokio::test]
async fn a_request_that_would_be_altered_on_the_way_is_not_sent() {
    let (endpoint, connections) = server(KEPT, 1).await;
    let transport = open(to(&endpoint));
    let with = |name: &'static str, value: &str| HttpRequest {
        headers: vec![(name.into(), value.to_owned())],
        ..request(Method::Post, "/members", "")
    };
    for unsendable in [
        request(Method::Get, "/a/../b", ""),
        request(Method::Get, "/a b", ""),
        request(Method::Get, "members", ""),
        request(Method::Get, "/members", "a=ü"),
        with("content-length", "7"),
        with("transfer-encoding", "chunked"),
        with("x y", "z"),
        with("x-split", "a\r\nauthorization: b"),
    ] {
        let error = call(&transport, unsendable.clone()).await.unwrap_err();
        assert!(matches!(error, TransportError::Unsendable { .. }), "{unsendable:?}: {error:?}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn nothing_is_sent_past_the_guard() {
    // An address kept for documentation: if anything were sent, the call would hang until its deadline.
    let error = send(&open(to("http://192.0.2.1:5000")), Method::Get).await.unwrap_err();
    assert!(matches!(error, TransportError::Refused(GuardRefusal::NotAllowed { .. })), "{error:?}");
    assert!(error.to_string().contains("as account 111111111111: it is not on this machine"), "{error}");
}

#[tokio::test]
async fn an_account_the_target_does_not_have_is_refused() {
    let (endpoint, connections) = server(KEPT, 1).await;
    for accounts in [AccountSelection::Single("222222222222".to_owned()), AccountSelection::Keys(Vec::new())] {
        let error = send(&open(Target { accounts, ..to(&endpoint) }), Method::Get).await.unwrap_err();
        assert!(matches!(error, TransportError::Refused(GuardRefusal::NoSuchAccount { .. })), "{error:?}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn plain_http_where_tls_was_expected_is_called_by_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(KEPT).await?;
        stream.read_buf(&mut Vec::new()).await
    });
    let error = send(&open(to(&endpoint)), Method::Get).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
    assert!(error.to_string().contains("--ca") && error.fault_of_target().is_none(), "{error}");
}

#[test]
fn a_target_without_an_endpoint_says_how_to_start_one() {
    let moto = passmuster::targets::presets::by_name("moto").unwrap();
    let error = HttpTransport::new(moto, Guard::default()).err().unwrap().to_string();
    assert!(error.contains("--endpoint") && error.contains("moto_server -H 127.0.0.1 -p {port}"), "{error}");
}
