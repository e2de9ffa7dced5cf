//! AWS Signature Version 4, as far as one JSON service needs it. Has no clock: the time is passed in.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::Credentials;
use passmuster_contract::domain::Timestamp;
use passmuster_contract::wire::{HttpRequest, RESERVED};

/// In a path, slashes stay.
const IN_PATHS: &AsciiSet = &RESERVED.remove(b'/');

/// The service name in every credential scope.
pub const SERVICE: &str = "securityhub";

/// One key per Region and day is in use at a time; a few more let runs with several key pairs do without deriving.
const MAX_KEYS: usize = 32;

/// The parts of a request that a signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Signable<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query as sent, without its `?`.
    pub query: &'a str,
    /// The headers to sign: names in lower case, sorted, `host` and `x-amz-date` among them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// Signs requests, and remembers the keys it derived.
#[derive(Default)]
pub struct Signer {
    keys: Mutex<Vec<DerivedKey>>,
}

#[derive(Clone)]
struct DerivedKey {
    secret: String,
    date: String,
    region: String,
    service: String,
    mac: Hmac<Sha256>,
}

impl Signer {
    /// The value of the `authorization` header of a request to this service.
    #[must_use]
    pub fn authorization(
        &self,
        credentials: &Credentials,
        region: &str,
        at: Timestamp,
        request: &Signable<'_>,
    ) -> String {
        self.authorization_for(SERVICE, credentials, region, at, request)
    }

    /// The value of the `authorization` header of a request to any service.
    #[must_use]
    pub fn authorization_for(
        &self,
        service: &str,
        credentials: &Credentials,
        region: &str,
        at: Timestamp,
        request: &Signable<'_>,
    ) -> String {
        let instant = at.basic();
        let date = &instant[..8];
        let canonical = canonical_request(request);

        let mut text = String::with_capacity(160);
        text.push_str("AWS4-HMAC-SHA256\n");
        text.push_str(&instant);
        text.push('\n');
        push_scope(&mut text, date, region, service);
        text.push('\n');
        push_hex(&mut text, &Sha256::digest(canonical.as_bytes()));

        let mut mac = self.key(&credentials.secret_key, date, region, service);
        mac.update(text.as_bytes());
        let signature = mac.finalize().into_bytes();

        let mut value = String::with_capacity(256);
        value.push_str("AWS4-HMAC-SHA256 Credential=");
        value.push_str(&credentials.access_key);
        value.push('/');
        push_scope(&mut value, date, region, service);
        value.push_str(", SignedHeaders=");
        push_names(&mut value, request.headers);
        value.push_str(", Signature=");
        push_hex(&mut value, &signature);
        value
    }

    fn key(&self, secret: &str, date: &str, region: &str, service: &str) -> Hmac<Sha256> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let known = keys.iter().find(|key| {
            key.region == region && key.date == date && key.secret == secret && key.service == service
        });
        if let Some(known) = known {
            return known.mac.clone();
        }
        let mac = derive(secret, date, region, service);
        if keys.len() == MAX_KEYS {
            keys.remove(0);
        }
        keys.push(DerivedKey {
            secret: secret.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            mac: mac.clone(),
        });
        mac
    }
}

/// The headers of a request that its signature covers, in their order; `host` is what it names where it has no other.
pub(super) fn covered<'a>(
    request: &'a HttpRequest,
    host: &'a str,
    instant: &'a str,
    token: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let mut covered = Vec::with_capacity(5);
    covered.extend(request.header("content-type").map(|value| ("content-type", value)));
    covered.push(("host", request.header("host").unwrap_or(host)));
    covered.push(("x-amz-date", instant));
    covered.extend(token.map(|token| ("x-amz-security-token", token)));
    covered.extend(request.header("x-amz-target").map(|operation| ("x-amz-target", operation)));
    covered
}

fn derive(secret: &str, date: &str, region: &str, service: &str) -> Hmac<Sha256> {
    let mut mac = keyed(format!("AWS4{secret}").as_bytes());
    for part in [date, region, service, "aws4_request"] {
        mac.update(part.as_bytes());
        mac = keyed(&mac.finalize().into_bytes());
    }
    mac
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn canonical_request(request: &Signable<'_>) -> String {
    let mut text = String::with_capacity(320 + request.query.len());
    text.push_str(request.method);
    text.push('\n');
    push_path(&mut text, request.path);
    text.push('\n');
    push_query(&mut text, request.query);
    text.push('\n');
    for (name, value) in request.headers {
        text.push_str(name);
        text.push(':');
        push_header_value(&mut text, value);
        text.push('\n');
    }
    text.push('\n');
    push_names(&mut text, request.headers);
    text.push('\n');
    push_hex(&mut text, &Sha256::digest(request.body));
    text
}

fn push_scope(text: &mut String, date: &str, region: &str, service: &str) {
    for part in [date, region, service] {
        text.push_str(part);
        text.push('/');
    }
    text.push_str("aws4_request");
}

fn push_names(text: &mut String, headers: &[(&str, &str)]) {
    for (index, (name, _)) in headers.iter().enumerate() {
        if index > 0 {
            text.push(';');
        }
        text.push_str(name);
    }
}

/// The path without its dot segments, encoded once more: its own `%` becomes `%25`.
fn push_path(text: &mut String, path: &str) {
    if path.is_empty() || !(path.contains('.') || path.contains("//")) {
        text.extend(utf8_percent_encode(if path.is_empty() { "/" } else { path }, IN_PATHS));
        return;
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    for segment in &segments {
        text.push('/');
        text.extend(utf8_percent_encode(segment, IN_PATHS));
    }
    let ends_open = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if segments.is_empty() || ends_open {
        text.push('/');
    }
}

/// The query decoded as a form, encoded strictly, and sorted by name and value.
fn push_query(text: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (strictly_encoded(name), strictly_encoded(value))
        })
        .collect();
    pairs.sort_unstable();
    for (index, (name, value)) in pairs.iter().enumerate() {
        let separator = if index > 0 { "&" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{name}={value}");
    }
}

fn strictly_encoded(part: &str) -> String {
    utf8_percent_encode(&String::from_utf8_lossy(&decoded(part)), RESERVED).to_string()
}

fn decoded(part: &str) -> Vec<u8> {
    let bytes = part.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(hex_pair);
        at += if pair.is_some() { 3 } else { 1 };
        decoded.push(pair.unwrap_or(if byte == b'+' { b' ' } else { byte }));
    }
    decoded
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)
}

/// A header value without outer blanks, inner runs of them as one.
fn push_header_value(text: &mut String, value: &str) {
    let value = value.trim_matches(' ');
    if !value.contains("  ") {
        text.push_str(value);
        return;
    }
    for (index, word) in value.split(' ').filter(|word| !word.is_empty()).enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
