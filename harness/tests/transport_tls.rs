//! A target with a certificate of its own making is trusted by name only.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::path::PathBuf;
use std::sync::Arc;

use passmuster::domain::shape::Method;
use passmuster::targets::guard::Guard;
use passmuster::targets::{Caller, HttpTransport, SetupError, SystemUnderTest, Target, TransportError};
use passmuster::wire::HttpRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server over TLS for one call after the other, and the PEM of its certificate.
async fn server() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
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
    (endpoint, made.cert.pem())
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
