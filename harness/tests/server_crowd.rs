//! Clients that say nothing, or take nothing, keep nobody else out of the reference server; strangers don't reset it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::time::Duration;

use passmuster::server::{Listener, Reference, ServerSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// More than the server has places for.
const CROWD: usize = 300;
/// Only a hang takes longer.
const PATIENT: Duration = Duration::from_secs(300);

/// Starts a server that gives clients so long; its address.
async fn start(patience: Duration) -> String {
    let listener = Listener::bind(0, Duration::ZERO).await.unwrap().with_patience(patience);
    let address = listener.endpoint().trim_start_matches("http://").to_owned();
    tokio::spawn(listener.serve(Reference::with(ServerSettings::default())));
    address
}

async fn connect(address: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// The answer to a request that says it is the last.
async fn ask(address: &str, method: &str, path: &str, lines: &str) -> String {
    let head = format!("{method} {path} HTTP/1.1\r\n{lines}connection: close\r\ncontent-length: 0\r\n\r\n");
    let mut stream = connect(address, head.as_bytes()).await;
    let mut answer = String::new();
    timeout(PATIENT, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn connections_on_which_nothing_is_said_make_way_for_one_on_which_something_is() {
    let beginnings: [&[u8]; 4] = [
        b"",
        b"GET /acc",
        b"POST /accounts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n{",
        b"GET /_passmuster/health HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ];
    for beginning in beginnings {
        let address = start(PATIENT * 10).await;
        let mut others = Vec::new();
        for _ in 0..CROWD {
            others.push(connect(&address, beginning).await);
        }
        let answer = ask(&address, "GET", "/_passmuster/health", "host: localhost\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_cut_off() {
    let address = start(Duration::from_millis(200)).await;
    let mut stream = connect(&address, b"").await;
    let requests = "GET /no-such-place HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1_000);
    let sending = async { while stream.write_all(requests.as_bytes()).await.is_ok() {} };
    timeout(PATIENT, sending).await.unwrap();
}

#[tokio::test]
async fn only_a_program_of_this_machine_resets_the_server() {
    let address = start(PATIENT).await;
    let port = address.rsplit_once(':').unwrap().1;
    for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "127.1.2.3:9", "[::1]", "[::1]:80", &address] {
        let answer = ask(&address, "POST", "/_passmuster/reset", &format!("host: {host}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
    }
    let strangers = [
        format!("host: rebound.example:{port}\r\n"),
        format!("host: 127.0.0.1.nip.io:{port}\r\n"),
        "host: 10.0.0.1\r\n".to_owned(),
        "host: \r\n".to_owned(),
        format!("host: {address}\r\norigin: http://{address}\r\n"),
        "host: localhost\r\norigin: null\r\n".to_owned(),
    ];
    for lines in strangers {
        let answer = ask(&address, "POST", "/_passmuster/reset", &lines).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{lines}: {answer}");
    }
}
