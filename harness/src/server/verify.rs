//! Verifies who calls, by a signature (AWS Signature Version 4).
//!
//! Codes and texts are those of the service's front end, as far as they are known from its documentation and from
//! what clients reported. No message repeats anything that stood in the request.

use std::fmt;
use std::sync::Arc;

use super::issued::Sessions;
use super::profile::unmodelled;
use crate::targets::sign::{Signable, Signer};
use crate::targets::{Caller, Credentials};
use passmuster_contract::domain::{Account, ErrorKind, ServiceError, Timestamp};
use passmuster_contract::wire::HttpRequest;

/// The one algorithm of signatures.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The most by which the date of a signature may differ from the server's clock, in milliseconds: fifteen minutes.
const WINDOW: i64 = 15 * 60_000;

/// The verification of signatures: access key ids are account ids, and all have one secret.
#[derive(Clone)]
pub struct Signatures {
    secret_key: String,
    clock: fn() -> Timestamp,
    signer: Arc<Signer>,
}

impl Signatures {
    /// Verifies by a secret key, and by a clock, which this layer doesn't have.
    #[must_use]
    pub fn new(secret_key: &str, clock: fn() -> Timestamp) -> Self {
        Self { secret_key: secret_key.to_owned(), clock, signer: Arc::new(Signer::default()) }
    }

    /// The present instant by its clock.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signatures").finish_non_exhaustive()
    }
}

/// The error of a request without a signature.
pub(super) fn unsigned() -> ServiceError {
    unmodelled("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
}

/// Who signed a request, with keys of an account or of a session in one, or why it is refused.
pub(super) fn caller(
    signatures: &Signatures,
    sessions: &Sessions,
    request: &HttpRequest,
) -> Result<Caller, ServiceError> {
    let claim = Claim::of(request)?;
    let service = request.service();
    let token = request.header("x-amz-security-token");
    let session = sessions.of(claim.access_key).filter(|session| token == Some(session.token.as_str()));
    let known = session.is_some() || Account::from_digits(claim.access_key).is_some() && token.is_none();
    if !known {
        let message = "The security token included in the request is invalid.";
        return Err(unmodelled(ErrorKind::UnrecognizedClient.code(), 403, message));
    }
    let now = signatures.now();
    if session.is_some_and(|session| session.is_over(now)) {
        let message = "The security token included in the request is expired";
        return Err(unmodelled("ExpiredTokenException", 403, message));
    }
    claim.check_scope(service)?;
    let at = instant(claim.instant).ok_or_else(|| incomplete("The date of the signature can't be read."))?;
    if at.0 < now.0.saturating_sub(WINDOW) {
        return Err(invalid(&format!("Signature expired: {} is now earlier than {}", at.basic(), now.basic())));
    }
    if at.0 > now.0.saturating_add(WINDOW) {
        return Err(invalid(&format!(
            "Signature not yet current: {} is still later than {}",
            at.basic(),
            now.basic()
        )));
    }
    let headers = signed_headers(claim.signed_headers, request)?;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let credentials = Credentials {
        access_key: claim.access_key.to_owned(),
        secret_key: session.map_or(&signatures.secret_key, |session| &session.secret_key).clone(),
        session_token: None,
    };
    let signable = Signable {
        method: request.method.name(),
        path: &request.path,
        query: &request.query,
        headers: &headers,
        body: &request.body,
    };
    let right = signatures.signer.authorization_for(service, &credentials, claim.region, at, &signable);
    if right.rsplit_once("Signature=").is_some_and(|(_, signature)| signature == claim.signature) {
        return Ok(Caller::new(session.map_or(claim.access_key, |session| &session.account), claim.region));
    }
    Err(invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details.",
    ))
}

/// The signature of a request, as its headers give it.
struct Claim<'a> {
    access_key: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    instant: &'a str,
}

impl<'a> Claim<'a> {
    fn of(request: &'a HttpRequest) -> Result<Self, ServiceError> {
        if request.header("authorization").is_none() {
            return Err(unsigned());
        }
        let Some(authorization) = only(request, "authorization") else {
            return Err(incomplete("There is more than one Authorization header."));
        };
        let parameters = authorization.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' '));
        let parameters =
            parameters.ok_or_else(|| incomplete("Authorization header requires AWS4-HMAC-SHA256."))?;
        let parameter = |name: &str| {
            let mut values =
                parameters.split(',').filter_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            let value = values.next().filter(|value| !value.is_empty() && !value.contains(char::is_whitespace));
            value.filter(|_| values.next().is_none()).ok_or_else(|| {
                incomplete(&format!("Authorization header requires '{name}' parameter, once and without blanks."))
            })
        };
        // From the right: nothing forbids a slash in an access key id, and four parts are known to follow it.
        let mut scope = parameter("Credential")?.rsplitn(5, '/');
        let mut part =
            || scope.next().ok_or_else(|| incomplete("Credential must have exactly 5 slash-delimited elements."));
        let (terminator, service, region, date, access_key) = (part()?, part()?, part()?, part()?, part()?);
        let instant = only(request, "x-amz-date");
        Ok(Self {
            access_key,
            date,
            region,
            service,
            terminator,
            signed_headers: parameter("SignedHeaders")?,
            signature: parameter("Signature")?,
            instant: instant
                .ok_or_else(|| incomplete("Authorization header requires one 'X-Amz-Date' header."))?,
        })
    }

    fn check_scope(&self, service: &str) -> Result<(), ServiceError> {
        if self.terminator != "aws4_request" {
            return Err(invalid("Credential should be scoped with a valid terminator: 'aws4_request'."));
        }
        if self.service != service {
            return Err(invalid(&format!("Credential should be scoped to correct service: '{service}'.")));
        }
        // One address serves all Regions, so that any name that could be one's will do.
        let region = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if self.region.is_empty() || !self.region.chars().all(region) {
            return Err(invalid("Credential should be scoped to a valid Region."));
        }
        if self.instant.get(..8) != Some(self.date) {
            return Err(invalid("Date in Credential scope does not match the date of the request."));
        }
        Ok(())
    }
}

/// The headers that a signature covers, in their canonical order, each with all its values.
fn signed_headers<'a>(names: &'a str, request: &HttpRequest) -> Result<Vec<(&'a str, String)>, ServiceError> {
    let names: Vec<&str> = names.split(';').collect();
    if !names.is_sorted() {
        return Err(invalid("The signed headers must be sorted by name."));
    }
    for name in ["host", "x-amz-date"] {
        if !names.contains(&name) {
            return Err(invalid(&format!("'{name}' must be a signed header in the Authorization header.")));
        }
    }
    let mut headers = Vec::with_capacity(names.len());
    for name in names {
        let values: Vec<&str> = values(request, name).map(str::trim).collect();
        if values.is_empty() {
            return Err(invalid("A header that is said to be signed is not in the request."));
        }
        headers.push((name, values.join(",")));
    }
    Ok(headers)
}

fn values<'a>(request: &'a HttpRequest, name: &str) -> impl Iterator<Item = &'a str> {
    request.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The value of a header that stands there once.
fn only<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut values = values(request, name);
    values.next().filter(|_| values.next().is_none())
}

/// Reads the form that signatures use: `20181128T221406Z`.
fn instant(text: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| text.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(9, 11)?, part(11, 13)?, part(13, 15)?);
    let read = Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
    (read.basic() == text).then_some(read)
}

fn incomplete(message: &str) -> ServiceError {
    unmodelled("IncompleteSignatureException", 403, message)
}

fn invalid(message: &str) -> ServiceError {
    unmodelled("InvalidSignatureException", 403, message)
}
