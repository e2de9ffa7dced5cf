//! A service in this process, called as it would be over HTTP: signed and bounded, only without a socket.

use std::fmt::Display;
use std::future::poll_fn;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::{Request, Response};
use tokio::time::timeout;
use tower_service::Service;

use super::sign::{Signable, Signer, covered};
use super::transport::{header_line, now};
use super::{CallStage, Caller, Credentials, Limits, SystemUnderTest, TransportError};
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// The words in messages that stand for an address.
const HERE: &str = "in process";
/// The `host` that requests name.
const HOST: &str = "localhost";

/// A service of the `tower` kind, such as an axum `Router`.
///
/// Each request is signed as by [`AccountSelection::AccessKey`](super::AccountSelection::AccessKey): the access key id
/// in the credential scope of its `authorization` header is the account that calls, and the Region stands beside it.
/// [`CredentialScope`](super::scope::CredentialScope) reads both. Every call goes to a clone of the service, so its
/// state has to be shared between clones.
pub struct InProcess<T> {
    service: T,
    signer: Signer,
    limits: Limits,
}

impl<T> InProcess<T> {
    /// A service with the usual [`Limits`].
    #[must_use]
    pub fn new(service: T) -> Self {
        Self { service, signer: Signer::default(), limits: Limits::default() }
    }

    fn signed(&self, caller: &Caller, mut request: HttpRequest) -> Result<Request<Full<Bytes>>, TransportError> {
        let credentials = Credentials { access_key: caller.account.to_string(), ..Credentials::default() };
        let body = Bytes::from(std::mem::take(&mut request.body));
        let at = now();
        let instant = at.basic();
        let headers = covered(&request, HOST, &instant, None);
        let signable = Signable {
            method: request.method.name(),
            path: &request.path,
            query: &request.query,
            headers: &headers,
            body: &body,
        };
        let service = request.service();
        let authorization = self.signer.authorization_for(service, &credentials, &caller.region, at, &signable);
        let separator = if request.query.is_empty() { "" } else { "?" };
        let mut built = Request::builder()
            .method(request.method.name())
            .uri(format!("{}{separator}{}", request.path, request.query))
            .header("x-amz-date", &instant)
            .header("authorization", authorization)
            .header("content-length", body.len());
        if request.header("host").is_none() {
            built = built.header("host", HOST);
        }
        for (name, value) in &request.headers {
            built = built.header(name.as_ref(), value);
        }
        built
            .body(Full::new(body))
            .map_err(|error| TransportError::Unsendable { endpoint: HERE.to_owned(), reason: error.to_string() })
    }
}

impl<T, B> SystemUnderTest for InProcess<T>
where
    T: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync,
    T::Future: Send,
    T::Error: Display + Send,
    B: Body<Data = Bytes> + Send,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let request = self.signed(caller, request)?;
        let mut service = self.service.clone();
        let failed = |detail: String| TransportError::Interrupted { endpoint: HERE.to_owned(), detail };
        let answer = async {
            poll_fn(|context| service.poll_ready(context)).await.map_err(|error| failed(error.to_string()))?;
            let response = service.call(request).await.map_err(|error| failed(error.to_string()))?;
            let (head, body) = response.into_parts();
            let limit = self.limits.max_body;
            let body = Limited::new(body, limit).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    TransportError::BodyTooLarge { endpoint: HERE.to_owned(), limit }
                } else {
                    failed(error.to_string())
                }
            })?;
            let headers = head.headers.iter().map(header_line).collect();
            Ok(HttpResponse { status: head.status.as_u16(), headers, body: body.to_bytes().to_vec() })
        };
        timeout(self.limits.request_timeout, answer).await.unwrap_or_else(|_| {
            let (endpoint, limit) = (HERE.to_owned(), self.limits.request_timeout);
            Err(TransportError::Timeout { endpoint, phase: CallStage::Answer, limit })
        })
    }
}
