//! A target with a certificate of its own making is trusted by name only.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Server, malformed, read_request};
use passmuster::domain::shape::Method;
use passmuster::engine::{HttpSupply, RunSettings};
use passmuster::server::{Listener, Reference, ServerSettings};
use passmuster::targets::guard::Guard;
use passmuster::targets::{Caller, HttpTransport, SetupError, SystemUnderTest, Target, TransportError};
use passmuster::wire::HttpRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server over TLS for one call after the other, and the PEM of its certificate.
async fn server() -> (String, String) {
    server_with(rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap()).await
}

/// Speaks TLS with a certificate of its own making, whose PEM comes with it.
fn acceptor(params: rcgen::CertificateParams) -> (TlsAcceptor, String) {
    let pair = rcgen::KeyPair::generate().unwrap();
    let made = params.self_signed(&pair).unwrap();
    (showing(&made, &pair), made.pem())
}

fn showing(certificate: &rcgen::Certificate, pair: &rcgen::KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(pair.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn server_with(params: rcgen::CertificateParams) -> (String, String) {
    let (acceptor, pem) = acceptor(params);
    (serving(acceptor).await, pem)
}

async fn serving(acceptor: TlsAcceptor) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever doesn't trust the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    endpoint
}

/// A file that is removed when it is no longer needed.
struct Pem(PathBuf);

impl Pem {
    fn holding(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("passmuster-{name}-{}.pem", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Pem {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn get(endpoint: &str, ca: Option<PathBuf>) -> Result<u16, TransportError> {
    let target = Target { endpoint: Some(endpoint.to_owned()), ca, ..Target::default() };
    let transport = HttpTransport::new(target, Guard::default()).unwrap();
    let request = HttpRequest {
        method: Method::Get,
        path: "/accounts".into(),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    transport.call(&Caller::new("000000000000", "us-east-1"), request).await.map(|response| response.status)
}

#[tokio::test]
async fn a_certificate_that_was_named_is_trusted() {
    let (endpoint, pem) = server().await;
    let file = Pem::holding("trusted", &pem);
    for _ in 0..3 {
        assert_eq!(get(&endpoint, Some(file.0.clone())).await, Ok(200));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_named_is_refused_with_the_way_to_name_it() {
    let (endpoint, _) = server().await;
    let (_, of_another) = server().await;
    let file = Pem::holding("another", &of_another);
    for ca in [None, Some(file.0.clone())] {
        let error = get(&endpoint, ca).await.unwrap_err();
        assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
        assert!(error.to_string().contains("--ca FILE"), "{error}");
    }
}

#[test]
fn a_file_without_certificates_is_refused_at_once() {
    let empty = Pem::holding("empty", "nothing here");
    for path in [empty.0.clone(), PathBuf::from("/no/such/file.pem")] {
        let target =
            Target { endpoint: Some("https://127.0.0.1:1".to_owned()), ca: Some(path), ..Target::default() };
        let error = HttpTransport::new(target, Guard::default()).err().unwrap();
        assert!(matches!(error, SetupError::Certificates { .. }), "{error}");
    }
}

/// A reference server behind TLS: what it shows is its certificate, and what it says is plain behind that.
async fn reference() -> (String, String) {
    let listener = Listener::bind(0, Duration::ZERO).await.unwrap();
    let plain = listener.endpoint().trim_start_matches("http://").to_owned();
    tokio::spawn(listener.serve(Reference::with(ServerSettings::default())));
    let (acceptor, pem) = acceptor(rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap());
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", socket.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let (acceptor, plain) = (acceptor.clone(), plain.clone());
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut behind = TcpStream::connect(plain).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut behind).await
            });
        }
    });
    (endpoint, pem)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_requests_are_sent_over_tls_and_blame_no_server_that_does_right() {
    let (endpoint, pem) = reference().await;
    let file = Pem::holding("malformed", &pem);
    let target = Target { endpoint: Some(endpoint), ca: Some(file.0.clone()), ..Target::default() };
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    let settings = RunSettings { malformed: Some(60), ..malformed::settings() };
    let record = malformed::recorded(HttpSupply { transport, reset: None }, settings).await;
    assert!(record.divergences.is_empty() && record.unstable.is_empty(), "{record:?}");
    assert!(record.totals.wire_requests > 50, "{:?} {:?}", record.totals, record.stopped);
}

#[tokio::test]
async fn a_certificate_that_is_an_authority_or_of_another_name_is_trusted_if_it_was_named() {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let of_another_name = rcgen::CertificateParams::new(["elsewhere.test".to_owned()]).unwrap();
    for (name, params) in [("authority", authority), ("elsewhere", of_another_name)] {
        let (endpoint, pem) = server_with(params).await;
        let file = Pem::holding(name, &pem);
        assert_eq!(get(&endpoint, Some(file.0.clone())).await, Ok(200), "{name}");
        assert!(get(&endpoint, None).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn an_authority_vouches_for_the_names_in_its_certificates() {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let file = Pem::holding("vouching", &authority.self_signed(&key).unwrap().pem());
    let issuer = rcgen::Issuer::new(authority, key);
    for (name, expected) in [("127.0.0.1", true), ("elsewhere.test", false)] {
        let pair = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        let endpoint = serving(showing(&params.signed_by(&pair, &issuer).unwrap(), &pair)).await;
        assert_eq!(get(&endpoint, Some(file.0.clone())).await.is_ok(), expected, "{name}");
    }
}

/// The failure of a call, in better words where there are some.
async fn explained(endpoint: String) -> TransportError {
    let failed = get(&endpoint, None).await.err();
    let target = Target { endpoint: Some(endpoint), ..Target::default() };
    let transport = HttpTransport::new(target, Guard::default()).unwrap();
    match failed {
        Some(failed) => transport.explain(failed).await,
        None => transport.other_scheme().await.unwrap(),
    }
}

#[tokio::test]
async fn an_endpoint_with_the_wrong_scheme_is_told_as_that() {
    let (silent, _) = server().await;
    // As nginx and Go do.
    let (acceptor, _) = acceptor(rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap());
    let polite = Server::start(move |mut stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let mut first = [0];
            stream.peek(&mut first).await?;
            if first[0].is_ascii_uppercase() {
                read_request(&mut stream).await?;
                return stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
            }
            acceptor.accept(stream).await.map(drop)
        }
    })
    .await;
    for endpoint in [silent.replace("https://", "http://"), polite.endpoint.clone()] {
        let error = explained(endpoint).await.to_string();
        assert!(error.contains("speaks TLS; begin the endpoint with https://"), "{error}");
    }
    // One says that it understood nothing, another waits for the end of a line.
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let hasty = Server::start(move |mut stream, _| async move {
        let _ = stream.read(&mut [0; 4096]).await?;
        stream.write_all(answer).await
    })
    .await;
    let patient = Server::answering(answer.as_slice()).await;
    for plain in [hasty, patient] {
        let error = explained(plain.endpoint.replace("http://", "https://")).await.to_string();
        assert!(error.contains("speaks plain HTTP; begin the endpoint with http://"), "{error}");
    }
    // A certificate that nobody named is no matter of the scheme.
    assert!(matches!(explained(polite.endpoint.replace("http://", "https://")).await, TransportError::Tls { .. }));
}

#[tokio::test]
async fn a_name_is_sent_though_its_address_was_looked_up_once_for_all() {
    let (acceptor, pem) = acceptor(rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap());
    let (tell, mut told) = tokio::sync::mpsc::channel(4);
    let server = Server::start(move |stream, _| {
        let (acceptor, tell) = (acceptor.clone(), tell.clone());
        async move {
            let mut stream = acceptor.accept(stream).await?;
            let name = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await?;
            let _ = tell.send((name, String::from_utf8_lossy(&request[..length]).to_lowercase())).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await?;
            stream.shutdown().await
        }
    })
    .await;
    let file = Pem::holding("named", &pem);
    let endpoint = server.endpoint.replace("http://127.0.0.1", "https://LocalHost");
    assert_eq!(get(&endpoint, Some(file.0.clone())).await, Ok(200));
    let target = Target { endpoint: Some(endpoint.clone()), ca: Some(file.0.clone()), ..Target::default() };
    let transport = HttpTransport::new(target, Guard::default()).unwrap();
    let caller = Caller::new("000000000000", "us-east-1");
    let mut connection = transport.open_raw(&caller).await.unwrap();
    let host = endpoint.trim_start_matches("https://").to_lowercase();
    let request = format!("GET /accounts HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let exchange = connection.ask(request.as_bytes(), Duration::from_secs(60)).await;
    assert_eq!(exchange.answers.len(), 1);
    for _ in 0..2 {
        let (name, request) = told.recv().await.unwrap();
        assert_eq!(name, "localhost");
        assert!(request.contains(&format!("host: {host}\r\n")), "{request}");
    }
}
