//! Carries calls to a target over HTTP: guarded, signed, bounded.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Version};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::assume::{says_expired, says_skewed};
use super::clock::TargetClock;
use super::endpoint::{Endpoint, EndpointError};
use super::guard::{Guard, GuardRefusal};
use super::keys::KeyOrigin;
use super::lane::{Lane, Lanes};
use super::manners::Manners;
use super::presets::aws::domain;
use super::secrets::{hide_given, masked};
use super::sign::{Signable, Signer, covered};
use super::{AccountSelection, CallStage, Caller, Credentials, SystemUnderTest, Target, TransportError, tls};
use crate::files;
use passmuster_contract::domain::{Timestamp, shape};
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// The most calls under way at once; more wait their turn.
const MAX_CALLS: usize = 64;
/// An answer with more values is not read; the largest page that the API promises has a few thousand.
const MOST_VALUES: usize = 50_000;
/// The time that a call waits for a local port, and the pause between two looks.
const PORT_PATIENCE: Duration = Duration::from_secs(20);
const PORT_PAUSE: Duration = Duration::from_millis(100);

/// Carries calls to the endpoint of a target.
pub struct HttpTransport {
    pub(super) target: Target,
    pub(super) guard: Guard,
    /// Region by Region where the endpoint says `{region}`, otherwise one for all, under an empty name.
    pub(super) endpoints: Vec<(String, Endpoint)>,
    /// Likewise for STS, where it has addresses of its own.
    sts: Vec<(String, Endpoint)>,
    lanes: Lanes,
    /// Whom to trust; none where no TLS is spoken.
    pub(super) tls: Option<Arc<ClientConfig>>,
    turns: Semaphore,
    manners: Manners,
    pub(super) signer: Signer,
    pub(super) clock: TargetClock,
}

/// Why a transport can't be set up. Fits after "failed to …".
#[derive(Debug, Error)]
pub enum SetupError {
    /// The target has no address.
    #[error("reach {name}: it has no endpoint; give one by --endpoint URL{}", hint.as_ref().map(|line| format!(", or start it by --spawn '{line}'")).unwrap_or_default())]
    NoEndpoint {
        /// The name of the target.
        name: String,
        /// A line that starts it.
        hint: Option<String>,
    },
    /// The address can't be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The certificates can't be read.
    #[error("read certificates from {}: {reason}; --ca wants a PEM file", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// The fault in it.
        reason: String,
    },
    /// The HTTP client can't be made.
    #[error("set up the HTTP client: {0}")]
    Client(String),
}

/// The part of a call that stays the same over its attempts.
struct Outgoing<'a> {
    endpoint: &'a Endpoint,
    caller: &'a Caller,
    credentials: Cow<'a, Credentials>,
    request: HttpRequest,
    body: Bytes,
}

impl HttpTransport {
    /// A transport to a target's endpoint.
    ///
    /// # Errors
    /// When the endpoint is missing or can't be used, or the certificates can't be read.
    pub fn new(target: Target, guard: Guard) -> Result<Self, SetupError> {
        let Some(address) = target.endpoint.as_deref() else {
            return Err(SetupError::NoEndpoint { name: target.name, hint: target.spawn_hint });
        };
        let endpoints = addresses(address, &target.regions)?;
        let sts = target.sts.as_deref().map_or(Ok(Vec::new()), |address| addresses(address, &target.regions))?;
        let secure = endpoints.iter().any(|(_, endpoint)| endpoint.is_secure());
        let ip = endpoints.first().and_then(|(_, endpoint)| endpoint.ip());
        let named = target.ca.as_deref().map(certificates).transpose()?;
        let client = |error: rustls::Error| SetupError::Client(error.to_string());
        let tls = secure.then(|| tls::client(named.as_deref())).transpose().map_err(client)?;
        let pinned = endpoints.iter().chain(&sts).filter_map(|(_, endpoint)| endpoint.pinned());
        let pinned = pinned.map(|(name, to)| (name.to_owned(), to)).collect();
        let lanes = Lanes::new(&target, ip, tls.clone(), pinned);
        // A client that can't be made is better known now than at the first call.
        lanes.give_back(lanes.take().map_err(|error| SetupError::Client(error.to_string()))?);
        let manners = Manners::new(target.limits.pause);
        Ok(Self {
            target,
            guard,
            endpoints,
            sts,
            lanes,
            tls,
            turns: Semaphore::new(MAX_CALLS),
            manners,
            signer: Signer::default(),
            clock: TargetClock::default(),
        })
    }

    /// The target this transport leads to.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The guard that everything passes.
    #[must_use]
    pub const fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(super) fn endpoint(&self, region: &str) -> Result<&Endpoint, TransportError> {
        self.endpoint_of(&self.endpoints, region)
    }

    fn endpoint_of<'a>(
        &self,
        endpoints: &'a [(String, Endpoint)],
        region: &str,
    ) -> Result<&'a Endpoint, TransportError> {
        let named = endpoints.iter().find(|(name, _)| name.is_empty() || name == region);
        named.map(|(_, endpoint)| endpoint).ok_or_else(|| TransportError::Unsendable {
            endpoint: self.target.endpoint.clone().unwrap_or_default(),
            reason: format!("the Region `{region}` is none of the target's; add it by --region"),
        })
    }

    /// The keys that an account signs with where they are always the same.
    pub(super) fn credentials(
        &self,
        endpoint: &Endpoint,
        account: &str,
    ) -> Result<Cow<'_, Credentials>, GuardRefusal> {
        let own = &self.target.credentials;
        let nobody =
            || GuardRefusal::NoSuchAccount { endpoint: endpoint.as_str().to_owned(), account: account.to_owned() };
        match &self.target.accounts {
            AccountSelection::AccessKey => Ok(Cow::Owned(Credentials {
                access_key: account.to_owned(),
                secret_key: own.secret_key.clone(),
                session_token: None,
            })),
            AccountSelection::Header(_) => Ok(Cow::Borrowed(own)),
            AccountSelection::Single(only) => (only == account).then_some(Cow::Borrowed(own)).ok_or_else(nobody),
            AccountSelection::Keys(_) => self
                .target
                .accounts
                .origin(account)
                .and_then(KeyOrigin::fixed)
                .map(Cow::Borrowed)
                .ok_or_else(nobody),
        }
    }

    /// Tries a call until it is answered, or fails in a way that trying again would not mend.
    async fn attempt(&self, call: &Outgoing<'_>) -> Result<HttpResponse, TransportError> {
        let patience = Instant::now() + PORT_PATIENCE;
        let mut deadline = Instant::now() + self.target.limits.request_timeout;
        let mut retried = false;
        loop {
            let mut lane = self.lanes.take().map_err(|error| TransportError::Interrupted {
                endpoint: call.endpoint.as_str().to_owned(),
                detail: error.to_string(),
            })?;
            let reused = lane.kept;
            let result = self.once(call, &mut lane, deadline).await;
            match &result {
                Err(TransportError::PortsExhausted { .. }) => {
                    if !self.lanes.rotate(&lane) {
                        if Instant::now() >= patience {
                            return result;
                        }
                        sleep(PORT_PAUSE).await;
                    }
                    // The target has not been asked yet: its time has not begun.
                    deadline = Instant::now() + self.target.limits.request_timeout;
                }
                // HTTP can't tell a server that gave up on a request from one that closed the connection before it
                // saw it. Reading twice does no harm; sending anything else twice might, so its failure stands.
                Err(TransportError::ClosedEarly { .. })
                    if reused && !retried && call.request.method == shape::Method::Get =>
                {
                    retried = true;
                    self.lanes.give_back(lane);
                }
                Ok(_) | Err(_) => {
                    let unannounced = matches!(result, Err(TransportError::ClosedEarly { reused: true, .. }));
                    if unannounced || retried && result.is_ok() {
                        // The target does close kept connections unannounced. The next call to meet that might be
                        // one that can't be sent twice, so none shall.
                        self.lanes.stop_reusing();
                    }
                    self.lanes.give_back(lane);
                    return result;
                }
            }
        }
    }

    async fn once(
        &self,
        call: &Outgoing<'_>,
        lane: &mut Lane,
        deadline: Instant,
    ) -> Result<HttpResponse, TransportError> {
        let limits = &self.target.limits;
        let endpoint = call.endpoint.as_str();
        let request = self.prepare(call)?;
        self.guard.pass(call.endpoint, call.caller, &call.request, &call.body)?;
        let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let authorization = authorization.unwrap_or_default().to_owned();
        let reused = std::mem::take(&mut lane.kept);
        let late = |phase| TransportError::Timeout {
            endpoint: endpoint.to_owned(),
            phase,
            limit: limits.request_timeout,
        };
        let response = timeout_at(deadline, lane.client.execute(request))
            .await
            .map_err(|_| late(CallStage::Answer))?
            .map_err(|error| TransportError::before_body(&error, endpoint, limits.connect_timeout, reused))?;
        let version = response.version();
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(header_line).collect::<Vec<_>>();
        let body = timeout_at(deadline, read_body(response, endpoint, limits.max_body))
            .await
            .map_err(|_| late(CallStage::Body))??;
        let mut response = HttpResponse { status, headers, body };
        hide_given(&mut response, &call.credentials, &authorization);
        let closing = response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        lane.kept = lane.pooled && version == Version::HTTP_11 && !closing;
        Ok(response)
    }

    /// The signed request, made anew for each attempt so that its date is never stale.
    fn prepare(&self, call: &Outgoing<'_>) -> Result<reqwest::Request, TransportError> {
        let unsendable =
            |reason| TransportError::Unsendable { endpoint: call.endpoint.as_str().to_owned(), reason };
        let HttpRequest { method, path, query, .. } = &call.request;
        let url = call.endpoint.join(path, query).ok_or_else(|| {
            let sent = masked(&format!("{path}?{query}"));
            unsendable(format!("its path or query would be altered on the way: `{sent}`"))
        })?;
        let mut request = reqwest::Request::new(method_of(*method), url);
        let headers = request.headers_mut();
        for (name, value) in &call.request.headers {
            if let Some(reason) = framing_conflict(name, value, call.body.len()) {
                return Err(unsendable(reason));
            }
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| unsendable(format!("`{name}` is no header name")))?;
            headers.append(
                name.clone(),
                sendable(value).ok_or_else(|| {
                    unsendable(format!("the value of `{name}` holds a line break or control character"))
                })?,
            );
        }
        self.sign(headers, call, self.clock.now()).map_err(unsendable)?;
        if !call.body.is_empty() {
            *request.body_mut() = Some(call.body.clone().into());
        }
        Ok(request)
    }

    fn sign(&self, headers: &mut HeaderMap, call: &Outgoing<'_>, at: Timestamp) -> Result<(), String> {
        let Outgoing { endpoint, caller, credentials, request, body } = call;
        if let AccountSelection::Header(name) = &self.target.accounts {
            put(headers, name, &caller.account)?;
        }
        // A request may name a host of its own (some targets read the Region there) or come signed, wrongly perhaps.
        if !headers.contains_key(HOST) {
            put(headers, "host", endpoint.host())?;
        }
        if headers.contains_key(AUTHORIZATION) {
            return Ok(());
        }
        let instant = at.basic();
        put(headers, "x-amz-date", &instant)?;
        if let Some(token) = &credentials.session_token {
            put(headers, "x-amz-security-token", token)?;
        }
        let signed = covered(request, endpoint.host(), &instant, credentials.session_token.as_deref());
        let path = match endpoint.base_path() {
            "" => Cow::Borrowed(request.path.as_ref()),
            base => Cow::Owned(format!("{base}{}", request.path)),
        };
        let signable =
            Signable { method: request.method.name(), path: &path, query: &request.query, headers: &signed, body };
        let service = request.service();
        let value = self.signer.authorization_for(service, credentials, &caller.region, at, &signable);
        put(headers, "authorization", &value)
    }
}

impl HttpTransport {
    /// The future of a call, boxed where its type is known: it is compiled here, and not in every program that awaits it.
    fn boxed<'a>(&'a self, caller: &'a Caller, request: HttpRequest) -> BoxedCall<'a> {
        Box::pin(async move {
            // Fails only when the semaphore is closed, which never happens.
            let _turn = self.turns.acquire().await;
            self.answered(caller, self.target.accounts.origin(&caller.account), request).await
        })
    }

    /// Makes a call with keys of this origin, where the target knows accounts by their keys. It is made once more where
    /// the keys have come to their end and there are others, and once where the clock was wrong: SDKs do the same.
    pub(super) async fn answered(
        &self,
        caller: &Caller,
        origin: Option<&KeyOrigin>,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, TransportError> {
        let is_sts = !self.sts.is_empty() && request.service() == "sts";
        let endpoint = self.endpoint_of(if is_sts { &self.sts } else { &self.endpoints }, &caller.region)?;
        // Nobody is asked for keys that nothing will be signed with.
        self.guard.admit(endpoint, &caller.account)?;
        let credentials = match origin {
            Some(origin) => Cow::Owned(self.keys(origin, caller, None).await?),
            None => self.credentials(endpoint, &caller.account)?,
        };
        let body = Bytes::from(std::mem::take(&mut request.body));
        let is_signed = request.header("authorization").is_some();
        let mut renewable = origin.filter(|origin| origin.fixed().is_none() && !is_signed);
        let mut is_corrected = is_signed;
        let mut outgoing = Outgoing { endpoint, caller, credentials, request, body };
        loop {
            let ahead = self.clock.ahead();
            let response = self.in_turn(&outgoing).await?;
            if response.status < 400 {
                return Ok(response);
            }
            if !is_corrected && says_skewed(&response) && self.clock.follow(&response, ahead) {
                is_corrected = true;
                continue;
            }
            let Some(origin) = renewable.take().filter(|_| says_expired(&response)) else { return Ok(response) };
            let fresh = self.keys(origin, caller, Some(&outgoing.credentials)).await?;
            outgoing.credentials = Cow::Owned(fresh);
        }
    }

    /// Makes a call when it is its turn, and again where the target says that it is asked too much.
    async fn in_turn(&self, outgoing: &Outgoing<'_>) -> Result<HttpResponse, TransportError> {
        let mut tries = 1;
        loop {
            self.manners.turn().await;
            let response = self.attempt(outgoing).await?;
            let Some(wait) = self.manners.wait(&response, tries) else { return Ok(response) };
            sleep(wait).await;
            tries += 1;
        }
    }
}

impl SystemUnderTest for HttpTransport {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.boxed(caller, request).await
    }
}

type BoxedCall<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'a>>;

/// An address in each Region where it names the Region, otherwise the one for all, under an empty name.
fn addresses(address: &str, regions: &[String]) -> Result<Vec<(String, Endpoint)>, EndpointError> {
    let regional = address.contains("{region}") || address.contains("{domain}");
    let regions = if regional { regions.to_vec() } else { vec![String::new()] };
    let in_region = |region: String| {
        let address = address.replace("{domain}", domain(&region));
        Endpoint::parse(&address, &region).map(|endpoint| (region, endpoint.resolved()))
    };
    regions.into_iter().map(in_region).collect()
}

/// A number for [`RunSettings::nonce`](crate::engine::RunSettings::nonce) that no earlier run had.
#[expect(clippy::disallowed_methods, reason = "what no run had before can't follow from what it is told")]
#[must_use]
pub fn fresh_nonce() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mixed =
        (since.as_nanos() as u64 ^ u64::from(std::process::id()) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 33) + 1
}

async fn read_body(
    mut response: reqwest::Response,
    endpoint: &str,
    limit: usize,
) -> Result<Vec<u8>, TransportError> {
    let too_large = || TransportError::BodyTooLarge { endpoint: endpoint.to_owned(), limit };
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > limit {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced);
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if chunk.len() > limit - body.len() => return Err(too_large()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) if values(&body) > MOST_VALUES => {
                return Err(TransportError::TooManyValues { endpoint: endpoint.to_owned(), limit: MOST_VALUES });
            }
            Ok(None) => return Ok(body),
            Err(error) => return Err(TransportError::within_body(&error, endpoint, body.len())),
        }
    }
}

/// About as many values as there are in a body, if it is JSON, rather too many: each takes a hundred times the memory
/// that its text does.
fn values(body: &[u8]) -> usize {
    body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

#[expect(clippy::disallowed_methods, reason = "a signature holds the time it was made at")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The largest file of certificates, in bytes; that of a whole system has some hundred thousand.
const LARGEST_CERTIFICATES: u64 = 8 << 20;

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let failed = |reason: String| SetupError::Certificates { path: path.to_owned(), reason };
    let pem = files::read(path, LARGEST_CERTIFICATES).map_err(|error| failed(error.to_string()))?;
    tls::certificates(&pem).map_err(failed)
}

const fn method_of(method: shape::Method) -> Method {
    match method {
        shape::Method::Get => Method::GET,
        shape::Method::Post => Method::POST,
        shape::Method::Patch => Method::PATCH,
        shape::Method::Delete => Method::DELETE,
    }
}

/// Headers that frame the message belong to the connection; one that contradicts the body would tear it apart.
fn framing_conflict(name: &str, value: &str, body: usize) -> Option<String> {
    let agrees = match name {
        "content-length" => value == body.to_string(),
        "transfer-encoding" | "upgrade" => false,
        _ => true,
    };
    (!agrees).then(|| format!("`{name}: {value}` contradicts how the message is framed"))
}

fn sendable(value: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(value.as_bytes()).ok()
}

fn put(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), String> {
    let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
    let value = sendable(value).ok_or_else(|| format!("the value of `{name}` holds a control character"))?;
    headers.insert(key, value);
    Ok(())
}

/// A header as text. HTTP lets a value hold any byte: what is not UTF-8 is read as Latin-1, so that none is lost.
pub(super) fn header_line((name, value): (&HeaderName, &HeaderValue)) -> (Cow<'static, str>, String) {
    const COMMON: [&str; 8] = [
        "content-type",
        "content-length",
        "date",
        "server",
        "connection",
        "x-amzn-requestid",
        "x-amzn-errortype",
        "x-amz-apigw-id",
    ];
    let name = name.as_str();
    let name = COMMON
        .iter()
        .find(|common| **common == name)
        .map_or_else(|| name.to_owned().into(), |name| Cow::Borrowed(*name));
    let bytes = value.as_bytes();
    let text =
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned);
    (name, text)
}
