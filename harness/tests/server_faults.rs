//! Every fault of the protocol shows in the answer to the request that provokes it, over a socket, and the server
//! without it has nothing to show.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::raw::{self, Answer, LAST, Raw, SIGNED, json, request};
use passmuster::server::{AnyFault, Fault, ServerSettings, WireFault};
use serde_json::Value;

const ONE: &str = r#"{"AccountDetails":[{"AccountId":"222222222222"}]}"#;
const BROKEN: &str = r#"{"AccountDetails":[{"Acc"#;
const WRONG: &str = r#"{"AccountDetails":"x"}"#;

/// The symptom of a fault in the answers of a server.
enum Symptom {
    /// The first answer has this status.
    Status(u16),
    /// The first answer is no error that an SDK can read, though its status is right.
    Unreadable(u16),
    /// The first answer holds this text, in a header or in its body.
    Holds(&'static str),
    /// The account is on the list afterwards, though it was refused or not named.
    Listed(&'static str),
    /// The bytes that came are no well-formed HTTP, or none came.
    NoAnswer,
    /// There are more answers than requests.
    MoreAnswers,
    /// There is no answer for some seconds.
    Slow(u64),
}
use Symptom::{Holds, Listed, MoreAnswers, NoAnswer, Slow, Status, Unreadable};

/// The request that provokes a fault, and what is then wrong.
fn provocation(fault: WireFault) -> (Vec<u8>, Symptom) {
    let create = |body: &str| json("POST /members", body);
    let id = |text: &str| create(&ONE.replace("\"222222222222\"", text));
    let list = |lines: &str| format!("GET /members HTTP/1.1\r\nHost: x\r\n{SIGNED}\r\n{lines}\r\n").into_bytes();
    let framed = |lines: &str, body: &str| {
        format!("POST /members HTTP/1.1\r\nHost: x\r\n{SIGNED}\r\n{lines}\r\n\r\n{body}").into_bytes()
    };
    let other = r#"{"AccountId":"333333333333"}"#;
    match fault.name() {
        "wire-broken-json-accepted" => (create(BROKEN), Status(200)),
        "wire-wrong-type-500" => (create(WRONG), Status(500)),
        "wire-half-pair-kept" => {
            (create(&ONE.replace("\"}]", r#"","Email":"a\ud800@example.com"}]"#)), Status(200))
        }
        "wire-trailing-text-accepted" => (create(&format!("{ONE}abc")), Status(200)),
        "wire-null-accepted" => (create("null"), Status(200)),
        "wire-bad-utf8-accepted" => {
            (json("POST /members", [&ONE.as_bytes()[..ONE.len() - 1], b",\"x\":\"\xff\"}"].concat()), Status(200))
        }
        "wire-duplicates-both-count" => {
            (create(&format!(r#"{{"AccountDetails":[{other}],{}"#, &ONE[1..])), Listed("333333333333"))
        }
        "wire-nan-accepted" => (create(&format!(r#"{{"x":NaN,{}"#, &ONE[1..])), Status(200)),
        "wire-number-as-text" => (id("222222222222"), Status(200)),
        "wire-text-as-boolean" => (request_patch(r#"{"AutoEnableControls":"false"}"#), Status(200)),
        "wire-null-entries-skipped" => (create(&ONE.replace("}]", "},null]")), Status(200)),
        "wire-required-missing" => (create("{}"), Status(200)),
        "wire-names-in-any-case" => (create(&ONE.replace("AccountD", "accountD")), Status(200)),
        "wire-array-as-input" => (create(r#"[[{"AccountId":"222222222222"}]]"#), Status(200)),
        "wire-array-as-entry" => (create(r#"{"AccountDetails":[["222222222222","a@b.co"]]}"#), Status(200)),
        "wire-text-as-integer" => (request("GET /members?MaxResults=abc", &[], ""), Status(200)),
        "wire-text-as-flag" => (request("GET /members?OnlyAssociated=yes", &[], ""), Status(200)),
        "wire-any-path" => (request("GET /nope", &[], ""), Status(200)),
        "wire-path-in-any-case" => (request("GET /Members", &[], ""), Status(200)),
        "wire-put-is-post" => (json("PUT /members", ONE), Status(200)),
        "wire-text-ends-at-nul" => (id(r#""222222222222\u00002""#), Listed("222222222222")),
        "wire-half-a-batch" => (create(&ONE.replace("}]", "},{\"AccountId\":1}]")), Listed("222222222222")),
        "wire-refused-yet-done" => (request("POST /members", &["Content-Type: text/plain"], ONE), Status(415)),
        "wire-broken-json-500" | "wire-broken-json-page-500" => (create(BROKEN), Status(500)),
        "wire-broken-json-page" => (create(BROKEN), Unreadable(400)),
        "wire-deep-nesting-500" => {
            (create(&format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200))), Status(500))
        }
        "wire-unknown-member-500" => (create(&format!("{{\"zzz\":1,{}", &ONE[1..])), Status(500)),
        "wire-error-as-array" | "wire-error-twice" | "wire-error-without-type" => (create(WRONG), Unreadable(400)),
        "wire-stack-trace" => (create(WRONG), Holds("Traceback")),
        "wire-cookie-echoed" => (list("Cookie: s=canary5f1d\r\n"), Holds("canary5f1d")),
        "wire-token-echoed" => (list("X-Amz-Security-Token: canary5f1d\r\n"), Holds("canary5f1d")),
        "wire-header-injection" => {
            (request("GET /members?NextToken=%0d%0aSet-Cookie:canary5f1d", &[], ""), Holds("canary5f1d"))
        }
        "wire-hangs-on-large-body" => (create(&format!("{{\"x\":\"{}\"}}", "x".repeat(2 << 20))), Slow(5)),
        "wire-slow-on-many-members" => {
            let members: String = (0..20_000).map(|index| format!("\"k{index}\":0,")).collect();
            (create(&format!("{{{members}{}", &ONE[1..])), Slow(5))
        }
        "wire-closes-on-bad-utf8" => {
            (json("POST /members", [&ONE.as_bytes()[..ONE.len() - 1], b",\"x\":\"\xff\"}"].concat()), NoAnswer)
        }
        "wire-busy-behind-deep-nesting" => {
            (create(&format!("{{\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))), NoAnswer)
        }
        "wire-answer-too-short" => (create(WRONG), NoAnswer),
        "wire-length-before-chunked" => {
            let smuggled = format!("0\r\n\r\n{}", String::from_utf8(list("")).unwrap());
            (framed("Content-Length: 5\r\nTransfer-Encoding: chunked", &smuggled), MoreAnswers)
        }
        "wire-signed-length" => (framed(&format!("Content-Length: +{}", ONE.len()), ONE), Status(200)),
        "wire-blank-before-colon" => (list("X-A : b\r\n"), Status(200)),
        name => of_a_parser(name),
    }
}

/// The same for parsers that fall short where few requests go.
fn of_a_parser(name: &str) -> (Vec<u8>, Symptom) {
    let create = |body: &str| json("POST /members", body);
    let id = |text: &str| create(&ONE.replace("\"222222222222\"", text));
    match name {
        "wire-vast-number-500" => (create(&format!(r#"{{"x":{},{}"#, "9".repeat(4_301), &ONE[1..])), Status(500)),
        "wire-vast-parameter-500" => {
            (request(&format!("GET /members?MaxResults={}", "9".repeat(4_301)), &[], ""), Status(500))
        }
        "wire-first-copy-checked" => (create(&doubled(r#""AccountDetails":[]"#)), Status(200)),
        "wire-last-copy-500" => (create(&doubled(r#""AccountDetails":"x""#)), Status(500)),
        "wire-first-copy-500" => (create(&format!(r#"{{"AccountDetails":"x",{}"#, &ONE[1..])), Status(500)),
        "wire-second-value-500" => (request("GET /members?MaxResults=5&MaxResults=abc", &[], ""), Status(500)),
        "wire-capital-names-unknown" => {
            let signed = SIGNED.replace("Authorization", "AUTHORIZATION");
            (format!("GET /members HTTP/1.1\r\nHost: x\r\n{signed}\r\n\r\n").into_bytes(), Status(403))
        }
        "wire-form-read" => {
            let media = "Content-Type: application/x-www-form-urlencoded";
            (request("POST /members", &[media], "AccountDetails=x"), Status(200))
        }
        "wire-long-text-500" => (id(&format!("\"{}\"", "1".repeat(256))), Status(500)),
        "wire-foreign-blanks-500" => (id("\"\u{a0}\""), Status(500)),
        "wire-text-as-number" => (json("POST /findings", r#"{"MaxResults":"5"}"#), Status(200)),
        "wire-underscores-in-numbers" => (request("GET /members?MaxResults=1_0", &[], ""), Status(200)),
        "wire-escapes-read-twice" => (request("GET /members?MaxResults=%2535", &[], ""), Status(200)),
        "wire-zero-width-500" => (id("\"1\u{200b}\""), Status(500)),
        other => panic!("nothing provokes {other}"),
    }
}

/// Two copies of the member: a right one, and then this.
fn doubled(last: &str) -> String {
    format!("{},{last}}}", &ONE[..ONE.len() - 1])
}

fn request_patch(body: &str) -> Vec<u8> {
    json("PATCH /accounts", body)
}

async fn server(faults: &[WireFault]) -> Raw {
    let server = Raw::start(ServerSettings { wire_faults: faults.to_vec(), ..ServerSettings::default() }).await;
    assert_eq!(server.one(&json("POST /accounts", "{}")).await.status, 200, "{faults:?}");
    server
}

/// Whether a server shows a symptom when it is provoked.
async fn shows(server: &Raw, provoking: &[u8], symptom: &Symptom) -> bool {
    let message = [provoking, LAST.as_bytes()].concat();
    if let Slow(seconds) = symptom {
        // A busy machine may be slow once; the fault is slow each time.
        for _ in 0..3 {
            if tokio::time::timeout(Duration::from_secs(*seconds), server.talk(&message)).await.is_ok() {
                return false;
            }
        }
        return true;
    }
    let received = server.talk(&message).await;
    let first = raw::answer(&received);
    match symptom {
        Status(status) => first.is_ok_and(|(answer, _)| answer.status == *status),
        Unreadable(status) => first.is_ok_and(|(answer, _)| answer.status == *status && !is_readable(&answer)),
        Holds(text) => first.is_ok_and(|(answer, _)| {
            answer.body.contains(text) || answer.headers.iter().any(|(_, value)| value.contains(text))
        }),
        Listed(account) => {
            let listed = server.one(&request("GET /members?OnlyAssociated=false", &[], "")).await;
            listed.body.contains(account)
        }
        NoAnswer => first.is_err(),
        MoreAnswers => raw::answers(&received).len() > 1,
        Slow(_) => unreachable!("told above"),
    }
}

fn is_readable(answer: &Answer) -> bool {
    let body: Result<Value, _> = serde_json::from_str(&answer.body);
    body.is_ok_and(|body| body.is_object()) && !answer.code().is_empty()
}

#[tokio::test]
async fn every_fault_shows_when_it_is_provoked_and_only_then() {
    let sound = server(&[]).await;
    for fault in WireFault::all() {
        let (provoking, symptom) = provocation(*fault);
        assert!(shows(&server(&[*fault]).await, &provoking, &symptom).await, "{fault} shows nothing");
        assert!(!shows(&sound, &provoking, &symptom).await, "{fault} shows without being there");
        // What the sound server has made of it must not be in the way of the next.
        assert_eq!(sound.one(b"POST /_passmuster/reset HTTP/1.1\r\nHost: localhost\r\n\r\n").await.status, 200);
        assert_eq!(sound.one(&json("POST /accounts", "{}")).await.status, 200);
    }
}

#[tokio::test]
async fn a_request_that_is_refused_for_its_media_type_is_carried_out_by_the_fault_that_says_so() {
    let fault = WireFault::from_name("wire-refused-yet-done").unwrap();
    let server = server(&[fault]).await;
    let refused = server.one(&request("POST /members", &["Content-Type: text/plain"], ONE)).await;
    assert_eq!((refused.status, refused.code()), (415, "UnsupportedMediaTypeException"));
    assert!(
        server.one(&request("GET /members?OnlyAssociated=false", &[], "")).await.body.contains("222222222222")
    );
}

#[tokio::test]
async fn a_server_with_any_fault_answers_well_formed_requests_as_ever() {
    let sequence = [
        json("POST /members", ONE),
        json("POST /members/get", r#"{"AccountIds":["222222222222"]}"#),
        request("GET /members?OnlyAssociated=false&MaxResults=5", &[], ""),
        json("POST /members/invite", r#"{"AccountIds":["222222222222"]}"#),
        request("GET /accounts", &[], ""),
        json("PATCH /accounts", r#"{"AutoEnableControls":false}"#),
        json("POST /members/delete", r#"{"AccountIds":["222222222222"]}"#),
        request("DELETE /accounts", &[], ""),
    ]
    .concat();
    let plain = |answers: Vec<Answer>| {
        answers.into_iter().map(|answer| (answer.status, answer.body)).collect::<Vec<(u16, String)>>()
    };
    let sound = plain(server(&[]).await.ask(&sequence).await);
    assert_eq!(sound.len(), 9);
    for fault in WireFault::all() {
        assert_eq!(plain(server(&[*fault]).await.ask(&sequence).await), sound, "{fault}");
    }
}

#[test]
fn the_catalogue_names_every_fault_once_with_the_row_that_it_violates() {
    assert!(WireFault::all().len() >= 22);
    let mut names = BTreeSet::new();
    for fault in AnyFault::all() {
        assert!(names.insert(fault.name()), "{fault} is there twice");
        assert_eq!(AnyFault::from_name(fault.name()), Ok(fault));
        assert!(fault.summary().ends_with('.'), "{fault}");
    }
    assert_eq!(names.len(), WireFault::all().len() + Fault::all().len());
    for fault in WireFault::all() {
        let (kind, number) = fault.row().split_at(1);
        assert!(["D", "I"].contains(&kind) && number.parse::<u8>().is_ok(), "{fault}: {}", fault.row());
        assert!(fault.name().starts_with("wire-"), "{fault}");
    }
}
