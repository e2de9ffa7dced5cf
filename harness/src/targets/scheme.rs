//! Finds out whether a target that can't be understood speaks the other of HTTP and HTTPS.

use std::io;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::endpoint::Endpoint;
use super::{HttpTransport, TransportError, tls};

/// The account for the guard: none is named to the target.
const NOBODY: &str = "nobody";

impl HttpTransport {
    /// A failed call in better words: whether the scheme of the endpoint is to blame for it.
    pub async fn explain(&self, error: TransportError) -> TransportError {
        let may_be_scheme = matches!(
            error,
            TransportError::NotHttp { .. }
                | TransportError::ClosedEarly { .. }
                | TransportError::Interrupted { .. }
                | TransportError::Timeout { .. }
                | TransportError::Tls { .. }
                | TransportError::Unreachable { .. }
        );
        if may_be_scheme { self.other_scheme().await.unwrap_or(error) } else { error }
    }

    /// The failure to call a target of the other scheme, where it is seen to speak that.
    pub async fn other_scheme(&self) -> Option<TransportError> {
        let (_, endpoint) = self.endpoints.first()?;
        let limit = self.target.limits.connect_timeout;
        let is_tls = matches!(timeout(limit, self.speaks_tls(endpoint)).await, Ok(Ok(true)));
        let (spoken, scheme, is_spoken) = if endpoint.is_secure() {
            // A server of TLS may well say in plain HTTP what it was sent by mistake.
            let is_plain = !is_tls && matches!(timeout(limit, self.speaks_http(endpoint)).await, Ok(Ok(_)));
            ("plain HTTP", "http", is_plain)
        } else {
            // Some speak both at one address.
            let is_both = is_tls
                && matches!(timeout(limit, self.speaks_http(endpoint)).await, Ok(Ok(status)) if status != *b"400");
            ("TLS", "https", is_tls && !is_both)
        };
        let other = || TransportError::OtherScheme { endpoint: endpoint.as_str().to_owned(), spoken, scheme };
        is_spoken.then(other)
    }

    /// Whether the beginning of a TLS handshake is answered in kind. Nothing else is said, and nothing is trusted.
    async fn speaks_tls(&self, endpoint: &Endpoint) -> io::Result<bool> {
        let config = tls::client(Some(&[])).map_err(io::Error::other)?;
        let name = ServerName::try_from(endpoint.name().to_owned()).map_err(io::Error::other)?;
        let stream = self.open_plain(endpoint, NOBODY).await.map_err(io::Error::other)?;
        let Err(error) = TlsConnector::from(config).connect(name, stream).await else { return Ok(true) };
        let failure = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        Ok(matches!(failure, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_))))
    }

    /// The status by which a plain request is answered in plain HTTP.
    async fn speaks_http(&self, endpoint: &Endpoint) -> io::Result<[u8; 3]> {
        let mut stream = self.open_plain(endpoint, NOBODY).await.map_err(io::Error::other)?;
        let request = format!("GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", endpoint.host());
        stream.write_all(request.as_bytes()).await?;
        let mut beginning = [0; 12];
        stream.read_exact(&mut beginning).await?;
        match beginning {
            [b'H', b'T', b'T', b'P', b'/', _, _, _, b' ', status @ ..] => Ok(status),
            _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
        }
    }
}
