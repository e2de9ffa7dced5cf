//! A server that verifies signatures takes what is signed rightly, and says what is wrong with anything else.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use passmuster::domain::Timestamp;
use passmuster::domain::shape::Method;
use passmuster::server::{Reference, ServerSettings, Signatures};
use passmuster::targets::Credentials;
use passmuster::targets::sign::{Signable, Signer};
use passmuster::wire::{HttpRequest, HttpResponse};

const ACCOUNT: &str = "111111111111";
const SECRET: &str = "secret9d2c";
const MINUTE: i64 = 60_000;

fn clock() -> Timestamp {
    Timestamp::parse("2026-01-02T03:04:05Z").unwrap()
}

fn server() -> Reference {
    let signatures = Some(Signatures::new(SECRET, clock));
    Reference::with(ServerSettings { signatures, ..ServerSettings::default() })
}

/// The way in which a request is signed.
#[derive(Clone)]
struct Signing {
    account: String,
    secret: &'static str,
    region: &'static str,
    service: &'static str,
    at: Timestamp,
    headers: Vec<(&'static str, String)>,
}

impl Signing {
    fn right() -> Self {
        let headers = vec![("host", "127.0.0.1:5000".to_owned())];
        let (account, at) = (ACCOUNT.to_owned(), clock());
        Self { account, secret: SECRET, region: "us-east-1", service: "securityhub", at, headers }
    }

    fn late(minutes: i64) -> Self {
        Self { at: Timestamp(clock().0 + minutes * MINUTE), ..Self::right() }
    }

    /// A signed request to list members.
    fn list(&self) -> HttpRequest {
        self.sign(Method::Get, "/members", "MaxResults=5&OnlyAssociated=false", b"")
    }

    fn sign(&self, method: Method, path: &'static str, query: &str, body: &[u8]) -> HttpRequest {
        let mut headers = self.headers.clone();
        headers.push(("x-amz-date", self.at.basic()));
        headers.sort();
        let signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let credentials = Credentials {
            access_key: self.account.clone(),
            secret_key: self.secret.to_owned(),
            session_token: None,
        };
        let signable = Signable { method: method.name(), path, query, headers: &signed, body };
        let signature =
            Signer::default().authorization_for(self.service, &credentials, self.region, self.at, &signable);
        let mut headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.into(), value)).collect();
        headers.push(("authorization".into(), signature));
        HttpRequest { method, path: path.into(), query: query.to_owned(), headers, body: body.to_vec() }
    }
}

/// The right request with one header changed.
fn with(name: &str, change: impl FnOnce(&mut String)) -> HttpRequest {
    let mut request = Signing::right().list();
    change(&mut request.headers.iter_mut().find(|(known, _)| known == name).unwrap().1);
    request
}

fn authorized(change: impl FnOnce(&mut String)) -> HttpRequest {
    with("authorization", change)
}

fn code(response: &HttpResponse) -> &str {
    response.header("x-amzn-errortype").unwrap_or_default()
}

/// Whether the signature was accepted: the hub is off, which only those are told whose signature is right.
fn is_past(response: &HttpResponse) -> bool {
    code(response) == "BadRequestException"
}

#[test]
fn what_is_signed_rightly_is_answered_as_its_account() {
    let mut server = server();
    let enable = Signing {
        headers: vec![("content-type", "application/json".to_owned()), ("host", "x".to_owned())],
        ..Signing::right()
    };
    assert_eq!(server.handle(&enable.sign(Method::Post, "/accounts", "", b"{}")).status, 200);
    assert_eq!(server.handle(&Signing::right().list()).status, 200);
    let stranger = Signing { account: "222222222222".to_owned(), ..Signing::right() };
    assert!(is_past(&server.handle(&stranger.list())), "each account has its own hub");
    let organizations = Signing {
        service: "organizations",
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("host", "x".to_owned()),
            ("x-amz-target", "AWSOrganizationsV20161128.CreateOrganization".to_owned()),
        ],
        ..Signing::right()
    };
    assert_eq!(server.handle(&organizations.sign(Method::Post, "/", "", b"{}")).status, 200);
}

#[test]
fn what_makes_no_difference_to_a_signature_makes_none_to_the_answer() {
    let mut server = server();
    for minutes in [-5, -4, 0, 4, 5] {
        assert!(is_past(&server.handle(&Signing::late(minutes).list())), "D44: {minutes} minutes");
    }
    let mut reordered = Signing::right().list();
    reordered.query = "OnlyAssociated=false&MaxResults=5".to_owned();
    let mut unsigned_header = Signing::right().list();
    unsigned_header.headers.push(("x-a".into(), "1".to_owned()));
    let blanks =
        Signing { headers: vec![("host", "x".to_owned()), ("x-a", "a  b".to_owned())], ..Signing::right() };
    let mut collapsed = blanks.list();
    collapsed.headers.iter_mut().find(|(name, _)| name == "x-a").unwrap().1 = " a b ".to_owned();
    for request in [reordered, unsigned_header, collapsed] {
        assert!(is_past(&server.handle(&request)), "{request:?}");
    }
}

/// Holds the answers of a server to an error and to words in it.
fn refused(expected: &str, cases: Vec<(&str, HttpRequest, &str)>) {
    let mut server = server();
    for (case, request, says) in cases {
        let response = server.handle(&request);
        assert_eq!((response.status, code(&response)), (403, expected), "{case}");
        let body = String::from_utf8(response.body.clone()).unwrap();
        assert!(body.contains(says), "{case}: {body}");
        assert!(response.header("x-amzn-requestid").is_some(), "{case}");
    }
}

/// The right request with some of its authorization replaced.
fn replaced(from: &str, to: &str) -> HttpRequest {
    authorized(|value| *value = value.replace(from, to))
}

fn without(name: &str) -> HttpRequest {
    let mut request = Signing::right().list();
    request.headers.retain(|(known, _)| known != name);
    request
}

#[test]
fn what_is_not_signed_is_told_so() {
    let presigned = HttpRequest { query: "X-Amz-Signature=00".to_owned(), ..without("authorization") };
    let cases = vec![("D40", without("authorization"), "Missing"), ("D40 in the query", presigned, "Missing")];
    refused("MissingAuthenticationTokenException", cases);
}

#[test]
fn what_is_no_signature_is_told_what_it_lacks() {
    let mut twice = Signing::right().list();
    twice.headers.extend(twice.headers.clone().into_iter().filter(|(name, _)| name == "authorization"));
    let odd_date = with("x-amz-date", |value| *value = "20260102 03:04:05".to_owned());
    let cases = vec![
        ("D41 twice", twice, "more than one"),
        ("D41 another scheme", authorized(|value| *value = "Bearer eyJ".to_owned()), "AWS4-HMAC-SHA256"),
        ("D41 nothing", authorized(String::clear), "AWS4-HMAC-SHA256"),
        ("D41 another algorithm", replaced("SHA256", "SHA1"), "AWS4-HMAC-SHA256"),
        ("D41 no credential", replaced("Credential=", "C="), "'Credential'"),
        ("D41 no headers", replaced("SignedHeaders=", "S="), "'SignedHeaders'"),
        ("D41 no signature", replaced("Signature=", "S="), "'Signature'"),
        ("D41 a blank in the key", replaced("111/", "111 /"), "'Credential'"),
        ("D41 too few parts", replaced("/securityhub", ""), "5 slash"),
        ("D41 no date", without("x-amz-date"), "X-Amz-Date"),
        ("D41 another form of date", odd_date, "date"),
    ];
    refused("IncompleteSignatureException", cases);
}

#[test]
fn keys_that_are_no_accounts_and_session_tokens_are_unknown() {
    let unknown = Signing { account: "AKIAXXXXXXXXXXXXXXXX".to_owned(), ..Signing::right() };
    let headers = vec![("host", "x".to_owned()), ("x-amz-security-token", "t".to_owned())];
    let token = Signing { headers, ..Signing::right() };
    let cases = vec![("D42", unknown.list(), "security token"), ("D47", token.list(), "security token")];
    refused("UnrecognizedClientException", cases);
}

#[test]
fn what_is_signed_wrongly_is_told_why() {
    let mut other_body = Signing::right().sign(Method::Post, "/members", "", b"{\"AccountDetails\":[]}");
    other_body.body[2] = b'B';
    let mut other_query = Signing::right().list();
    other_query.query = "MaxResults=6&OnlyAssociated=false".to_owned();
    let other_secret = Signing { secret: "other", ..Signing::right() };
    let other_service = Signing { service: "guardduty", ..Signing::right() };
    let no_host = Signing { headers: Vec::new(), ..Signing::right() };
    let cases = vec![
        ("D43 another secret", other_secret.list(), "does not match"),
        ("D43 another body", other_body, "does not match"),
        ("D43 another query", other_query, "does not match"),
        ("D43 another host", with("host", |value| value.push('1')), "does not match"),
        ("D43 cut short", authorized(|value| value.truncate(value.len() - 1)), "does not match"),
        ("D43 in capitals", authorized(|value| *value = capitals(value)), "does not match"),
        ("D44 too old", Signing::late(-16).list(), "Signature expired"),
        ("D44 too new", Signing::late(16).list(), "not yet current"),
        ("D45 another date", replaced("20260102", "20260101"), "Date in Credential"),
        ("D45 no Region", replaced("us-east-1", "US_EAST"), "valid Region"),
        ("D45 another Region", replaced("us-east-1", "eu-west-1"), "does not match"),
        ("D45 another service", other_service.list(), "correct service"),
        ("D45 another end", replaced("aws4_", "aws5_"), "terminator"),
        ("D46 host not signed", no_host.list(), "'host'"),
        ("D46 an absent header", replaced("x-amz-date,", "x-amz-date;x-b,"), "not in the request"),
    ];
    refused("InvalidSignatureException", cases);
}

/// The signature in capitals.
fn capitals(authorization: &str) -> String {
    let (before, signature) = authorization.rsplit_once('=').unwrap();
    format!("{before}={}", signature.to_uppercase())
}

#[test]
fn neither_secrets_nor_signatures_are_told() {
    const CANARY: &str = "canary5f1d";
    let mut server = server();
    let mut token = Signing::right().list();
    token.headers.push(("x-amz-security-token".into(), CANARY.to_owned()));
    let requests = [
        token,
        authorized(|value| *value = format!("Bearer {CANARY}")),
        authorized(|value| *value = value.replace("Signature=", &format!("Signature={CANARY}"))),
        authorized(|value| *value = value.replace(ACCOUNT, CANARY)),
        authorized(|value| *value = value.replace("us-east-1", &CANARY.to_uppercase())),
        with("x-amz-date", |value| *value = CANARY.to_owned()),
    ];
    for request in requests {
        let response = server.handle(&request);
        assert_eq!(response.status, 403, "{request:?}");
        let told = format!("{response:?} {}", String::from_utf8_lossy(&response.body)).to_lowercase();
        assert!(!told.contains(CANARY) && !told.contains(SECRET), "{told}");
    }
    assert!(!format!("{:?}", server).contains(SECRET));
}
