//! The signer agrees with the one AWS publishes, whatever the request looks like.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use passmuster::domain::Timestamp;
use passmuster::targets::Credentials;
use passmuster::targets::sign::{Signable, Signer};
use proptest::prelude::*;

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-4"];

#[derive(Clone, Debug)]
struct Sample {
    method: &'static str,
    path: String,
    query: String,
    content_type: Option<String>,
    body: Vec<u8>,
    credentials: Credentials,
    region: &'static str,
    at: Timestamp,
}

/// The `authorization` header that the published signer makes.
fn published(sample: &Sample) -> String {
    let Credentials { access_key, secret_key, session_token } = sample.credentials.clone();
    let identity = AwsCredentials::new(access_key, secret_key, session_token, None, "test").into();
    let milliseconds = u64::try_from(sample.at.0).unwrap();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(sample.region)
        .name("securityhub")
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let separator = if sample.query.is_empty() { "" } else { "?" };
    let uri = format!("http://127.0.0.1:5000{}{separator}{}", sample.path, sample.query);
    let headers = sample.content_type.as_deref().map(|value| ("content-type", value));
    let request =
        SignableRequest::new(sample.method, uri, headers.into_iter(), SignableBody::Bytes(&sample.body)).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let authorization = instructions.headers().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    authorization.unwrap().1.to_owned()
}

/// The one that ours makes.
fn ours(signer: &Signer, sample: &Sample) -> String {
    let instant = sample.at.basic();
    let mut headers: Vec<(&str, &str)> = Vec::new();
    headers.extend(sample.content_type.as_deref().map(|value| ("content-type", value)));
    headers.extend([("host", "127.0.0.1:5000"), ("x-amz-date", &instant)]);
    headers.extend(sample.credentials.session_token.as_deref().map(|token| ("x-amz-security-token", token)));
    let request = Signable {
        method: sample.method,
        path: &sample.path,
        query: &sample.query,
        headers: &headers,
        body: &sample.body,
    };
    signer.authorization(&sample.credentials, sample.region, sample.at, &request)
}

fn credentials() -> impl Strategy<Value = Credentials> {
    ("[0-9]{12}|AKIA[A-Z0-9]{16}", "[ -~]{1,60}", proptest::option::of("[A-Za-z0-9+/=]{1,300}"))
        .prop_map(|(access_key, secret_key, session_token)| Credentials { access_key, secret_key, session_token })
}

/// Names are plain and distinct: AWS documents an order by encoded name, the published signer sorts what it decoded,
/// and only the order of odd names tells the two apart.
fn query() -> impl Strategy<Value = String> {
    let value = "([A-Za-z0-9._~-]|%[0-9a-fA-F]{2}|[+:/@!$'()*,;=%ü☃]){0,20}";
    proptest::collection::btree_map("[A-Z][a-zA-Z]{0,8}", proptest::option::of(value), 0..5).prop_map(|pairs| {
        let pairs: Vec<String> = pairs
            .into_iter()
            .rev()
            .map(|(name, value)| value.map_or_else(|| name.clone(), |value| format!("{name}={value}")))
            .collect();
        pairs.join("&")
    })
}

fn sample() -> impl Strategy<Value = Sample> {
    let path = "(/([A-Za-z0-9_~.-]|%[0-9A-F]{2}|[:@!$&'()*+,;=]){0,12}){1,4}|/|//a|/a/[.][.]/b/[.]/|/a/b/[.][.]";
    let body = prop_oneof![
        Just(Vec::new()),
        any::<String>().prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..300)
    ];
    (
        (proptest::sample::select(vec!["GET", "POST", "PATCH", "DELETE"]), path, query()),
        (proptest::option::of("[a-z]{1,9}( {0,3}[a-z/;=]{1,9}){0,3} {0,2}"), body),
        (credentials(), proptest::sample::select(REGIONS.to_vec()), 0_i64..4_000_000_000_000),
    )
        .prop_map(|((method, path, query), (content_type, body), (credentials, region, at))| Sample {
            method,
            path,
            query,
            content_type,
            body,
            credentials,
            region,
            at: Timestamp(at),
        })
}

fn plain() -> Sample {
    Sample {
        method: "GET",
        path: "/members".to_owned(),
        query: String::new(),
        content_type: None,
        body: Vec::new(),
        credentials: Credentials::default(),
        region: "us-east-1",
        at: Timestamp(1_543_443_246_771),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_gets_the_signature_that_the_published_signer_gives(sample in sample()) {
        // One signer for all, so that a key kept for one request and used for another would show.
        static SIGNER: std::sync::LazyLock<Signer> = std::sync::LazyLock::new(Signer::default);
        prop_assert_eq!(ours(&SIGNER, &sample), published(&sample));
    }
}

#[test]
fn the_requests_this_tool_sends_get_the_published_signature() {
    let signer = Signer::default();
    for (path, query) in [
        ("/accounts", ""),
        ("/members", "MaxResults=50&NextToken=a%2Bb%2Fc%3D%3D&OnlyAssociated=false"),
        ("/members", "NextToken=%E2%98%83&NextToken=a&MaxResults"),
        ("/members", "&&a=&=b&=&%zz=%"),
        ("/tags/arn%3Aaws%3Asecurityhub%3Aus-east-1%3A111111111111%3Ahub%2Fdefault", ""),
    ] {
        let sample = Sample { path: path.to_owned(), query: query.to_owned(), ..plain() };
        assert_eq!(ours(&signer, &sample), published(&sample), "{path}?{query}");
    }
}

#[test]
fn a_key_is_never_used_for_another_day_region_or_secret() {
    let signer = Signer::default();
    let other_secret = Credentials { secret_key: "other".to_owned(), ..Credentials::default() };
    let samples = [
        plain(),
        Sample { at: Timestamp(plain().at.0 + 86_400_000), ..plain() },
        Sample { region: "eu-west-1", ..plain() },
        Sample { credentials: other_secret, ..plain() },
    ];
    for sample in samples.iter().chain(&samples) {
        assert_eq!(ours(&signer, sample), published(sample));
    }
}
