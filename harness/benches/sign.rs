//! The cost of one signature, next to that of the signer that AWS publishes.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use criterion::{Criterion, criterion_group, criterion_main};
use passmuster::domain::Timestamp;
use passmuster::targets::Credentials;
use passmuster::targets::sign::{Signable, Signer};

const AT: Timestamp = Timestamp(1_543_443_246_771);
const BODY: &[u8] = br#"{"AccountIds":["222222222222"]}"#;

fn ours(criterion: &mut Criterion) {
    let signer = Signer::default();
    let credentials = Credentials::default();
    let headers =
        [("content-type", "application/json"), ("host", "127.0.0.1:5000"), ("x-amz-date", "20181128T221406Z")];
    let request = Signable { method: "POST", path: "/members/get", query: "", headers: &headers, body: BODY };
    criterion.bench_function("sign/cached key", |bencher| {
        bencher.iter(|| signer.authorization(&credentials, "us-east-1", AT, black_box(&request)));
    });
}

#[expect(clippy::unwrap_used, reason = "a benchmark that can't be set up should stop")]
fn published(criterion: &mut Criterion) {
    let identity = AwsCredentials::new("test", "test", None, None, "bench").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("securityhub")
        .time(SystemTime::UNIX_EPOCH + Duration::from_millis(1_543_443_246_771))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    criterion.bench_function("sign/aws-sigv4", |bencher| {
        bencher.iter(|| {
            let headers = [("content-type", "application/json")];
            let uri = "http://127.0.0.1:5000/members/get";
            let body = SignableBody::Bytes(black_box(BODY));
            sign(SignableRequest::new("POST", uri, headers.into_iter(), body).unwrap(), &params).unwrap()
        });
    });
}

criterion_group!(benches, ours, published);
criterion_main!(benches);
