//! The predictions agree with what was measured, and with what the sources of the Java SDK say.

use serde::Deserialize;

use super::{Sdk, SdkVerdict, predict};
use passmuster_contract::domain::Operation;
use passmuster_contract::wire::HttpResponse;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    answer: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    status: u16,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    body_hex: Option<String>,
    botocore: Option<String>,
    rust: Option<String>,
    go_a: Option<String>,
    go_c: Option<String>,
    javascript: Option<String>,
}

impl Vector {
    fn response(&self) -> HttpResponse {
        let usual = ["content-type: application/json", "x-amzn-requestid: 11111111-2222-3333-4444-555555555555"];
        let kept = usual.iter().filter(|line| !self.without.iter().any(|name| line.starts_with(name.as_str())));
        let lines = kept.copied().chain(self.headers.iter().map(String::as_str));
        let hex = |text: &String| {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let body = self.body_hex.as_ref().map_or_else(|| self.body.clone().into_bytes(), hex);
        response(self.status, &lines.collect::<Vec<_>>(), &body)
    }

    fn measured(&self, sdk: Sdk) -> Option<&str> {
        let column = match sdk {
            Sdk::Botocore => &self.botocore,
            Sdk::Rust => &self.rust,
            Sdk::GoA => &self.go_a,
            Sdk::GoC => &self.go_c,
            Sdk::JavaScript => &self.javascript,
            Sdk::GoB | Sdk::Java => &None,
        };
        column.as_deref()
    }
}

/// An answer of these header lines.
pub(super) fn response(status: u16, lines: &[&str], body: &[u8]) -> HttpResponse {
    let header = |line: &&str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned().into(), value.strip_prefix(' ').unwrap_or(value).to_owned())
    };
    HttpResponse { status, headers: lines.iter().map(header).collect(), body: body.to_vec() }
}

fn in_words(verdict: &SdkVerdict) -> String {
    let detail = match verdict {
        SdkVerdict::Crash(error) => Some(*error),
        other => other.code(),
    };
    detail.map_or_else(|| verdict.kind().to_owned(), |detail| format!("{} {detail}", verdict.kind()))
}

fn vectors() -> Vec<Vector> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/wire/sdk.toml");
    toml::from_str::<Measured>(&std::fs::read_to_string(path).unwrap()).unwrap().answer
}

#[test]
fn every_measured_verdict_is_predicted() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for vector in vectors() {
        for reading in predict(Operation::CreateMembers, &vector.response()) {
            let Some(measured) = vector.measured(reading.sdk) else { continue };
            compared += 1;
            let predicted = in_words(&reading.verdict);
            if predicted != measured {
                wrong.push(format!("{}: {} was {measured:?}, not {predicted:?}", vector.id, reading.sdk));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 245, "{compared}");
}

#[test]
fn an_answer_that_is_cut_off_or_garbled_anywhere_is_read_without_a_panic() {
    for vector in vectors() {
        let whole = vector.response();
        for at in 0..whole.body.len() {
            let mut answer = whole.clone();
            answer.body.truncate(at);
            let cut = predict(Operation::GetEnabledStandards, &answer);
            answer.body.extend([0xed, b'"', b'\\', b'u']);
            let garbled = predict(Operation::GetEnabledStandards, &answer);
            assert_eq!((cut.len(), garbled.len()), (Sdk::ALL.len(), Sdk::ALL.len()));
            assert!(super::lint(Operation::GetEnabledStandards, &answer).is_sorted_by_key(|lint| lint.id));
        }
    }
}

#[test]
fn vectors_are_told_apart_by_their_ids() {
    let mut ids: Vec<String> = vectors().into_iter().map(|vector| vector.id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

fn verdict(sdk: Sdk, lines: &[&str], body: &str) -> SdkVerdict {
    let read = predict(Operation::CreateMembers, &response(400, lines, body.as_bytes()));
    read.into_iter().find(|reading| reading.sdk == sdk).unwrap().verdict
}

#[test]
fn java_asks_the_header_then_type_then_code_and_keeps_a_namespace_in_the_header() {
    let java = |lines: &[&str], body: &str| in_words(&verdict(Sdk::Java, lines, body));
    let code = "InvalidInputException";
    assert_eq!(java(&[&format!("X-Amzn-ErrorType: {code}:http://x/")], "{}"), format!("typed {code}"));
    assert_eq!(java(&[&format!("x-amzn-errortype: ns#{code}")], "{}"), format!("generic ns#{code}"));
    assert_eq!(java(&[&format!("x-amzn-errortype: {code}")], "<html>"), format!("typed {code}"));
    assert_eq!(java(&[], &format!(r#"{{"code":"BadCode","__type":"ns#{code}"}}"#)), format!("typed {code}"));
    assert_eq!(java(&[], r#"{"code":"BadCode"}"#), "generic BadCode");
    assert_eq!(java(&[], &format!(r#"{{"Code":"{code}"}}"#)), "no-code");
    assert_eq!(java(&[], "bad request"), "no-code");
    // A null reference where the source asks a member for its text is a risk, not a certainty.
    assert_eq!(java(&[], r#"{"__type":null}"#), "not-predicted");
}

#[test]
fn go_generated_after_the_mending_prefers_the_header_and_still_fails_at_a_code_that_is_a_number() {
    let header = ["x-amzn-errortype: BadRequestException"];
    let body = r#"{"__type":"InvalidInputException"}"#;
    assert_eq!(in_words(&verdict(Sdk::GoA, &header, body)), "typed InvalidInputException");
    assert_eq!(in_words(&verdict(Sdk::GoB, &header, body)), "generic BadRequestException");
    assert_eq!(in_words(&verdict(Sdk::GoB, &header, r#"{"Code":400}"#)), "decode-error");
    assert_eq!(in_words(&verdict(Sdk::GoC, &header, r#"{"Code":400}"#)), "code BadRequestException");
}

#[test]
fn rust_and_go_know_the_errors_of_the_operation_and_the_others_those_of_the_service() {
    let header = ["x-amzn-errortype: ResourceInUseException"];
    let kinds = predict(Operation::CreateMembers, &response(400, &header, b"{}")).map(|read| read.verdict.kind());
    assert_eq!(kinds, ["typed", "generic", "generic", "generic", "code", "typed", "typed"]);
}

#[test]
fn a_quota_reached_is_tried_again_by_all_but_java_and_a_failed_service_by_all() {
    let retried = |status, code: &str| {
        let header = format!("x-amzn-errortype: {code}");
        predict(Operation::CreateMembers, &response(status, &[&header], b"{}")).map(|read| read.retried)
    };
    assert_eq!(retried(400, "LimitExceededException"), [true, true, true, true, true, false, true]);
    assert_eq!(retried(400, "TooManyRequestsException"), [true; 7]);
    assert_eq!(retried(503, "InternalException"), [true; 7]);
    assert_eq!(retried(409, "ResourceConflictException"), [false; 7]);
}

#[test]
fn what_nobody_measured_is_not_predicted() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(verdict(Sdk::Botocore, &[], &deep), SdkVerdict::NotPredicted);
    let packed = ["content-encoding: gzip"];
    assert_eq!(verdict(Sdk::GoA, &packed, "\u{1f}\u{8b}"), SdkVerdict::DecodeError, "this is UTF-8, not gzip");
    let read = predict(Operation::CreateMembers, &response(200, &packed, &[0x1f, 0x8b, 8]));
    assert!(read.iter().any(|read| read.sdk == Sdk::GoA && read.verdict == SdkVerdict::NotPredicted));
}
