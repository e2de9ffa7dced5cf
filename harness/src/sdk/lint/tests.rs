//! Each rule fires on an example of its own, and none on what no client misreads.

use super::LINTS;
use crate::sdk::tests::response;
use crate::sdk::{SdkVerdict, lint, predict};
use passmuster_contract::domain::Operation;
use passmuster_contract::wire::HttpResponse;

const ID: &str = "x-amzn-requestid: 1";
const CODE: &str = "x-amzn-errortype: InvalidInputException";

/// An error that has everything beside these lines and this body.
fn error(lines: &[&str], body: &[u8]) -> HttpResponse {
    response(400, &[&["content-type: application/json", ID], lines].concat(), body)
}

fn lints(answer: &HttpResponse) -> Vec<&'static str> {
    lint(Operation::CreateMembers, answer).iter().map(|lint| lint.id).collect()
}

#[test]
fn no_rule_fires_on_the_error_that_no_client_misreads() {
    let body =
        br#"{"Message":"m","Code":"InvalidInputException","code":"InvalidInputException","__type":"InvalidInputException"}"#;
    let answer = error(&[CODE], body);
    assert_eq!(lints(&answer), [""; 0]);
    for read in predict(Operation::CreateMembers, &answer) {
        assert_eq!(read.verdict.code(), Some("InvalidInputException"), "{}", read.sdk);
    }
}

#[test]
fn no_rule_fires_on_an_output_by_the_book() {
    for body in
        [&b"{}"[..], b"", br#"{"UnprocessedAccounts":[{"AccountId":"111111111111","ProcessingResult":"r"}]}"#]
    {
        assert_eq!(lints(&response(200, &[ID], body)), [""; 0]);
    }
}

#[test]
fn each_rule_fires_on_its_example() {
    let body = br#"{"Message":"m"}"#;
    let examples: Vec<(&str, HttpResponse)> = vec![
        ("L01", error(&[], br#"{"Code":"InvalidInputException","Message":"m"}"#)),
        ("L02", error(&[], br#"{"__type":"InvalidInputException","Code":"BadCode","Message":"m"}"#)),
        ("L03", error(&[CODE], br#"{"Code":"BadCode","Message":"m"}"#)),
        ("L04", error(&[CODE], b"bad request")),
        ("L05", error(&[CODE], b"[]")),
        ("L06", error(&[CODE], b"null")),
        ("L07", error(&[CODE], br#"{"Code":400,"Message":"m"}"#)),
        ("L08", error(&[], br#"{"__type":"InvalidInputException","code":null,"Message":"m"}"#)),
        ("L09", error(&[CODE], br#"{"__type":5,"Message":"m"}"#)),
        ("L10", error(&["x-amzn-errortype: "], br#"{"__type":"InvalidInputException","Message":"m"}"#)),
        ("L11", error(&[CODE, CODE], body)),
        ("L11", error(&["x-amzn-errortype: InvalidInputException,LimitExceededException"], body)),
        ("L12", error(&["x-amzn-errortype: ns#InvalidInputException"], body)),
        ("L13", error(&["x-amzn-errortype: InvalidInputException  "], body)),
        ("L14", error(&["x-amzn-errortype: invalidinputexception"], body)),
        ("L15", error(&[], body)),
        ("L16", error(&[CODE], br#"{"Message":null}"#)),
        ("L16", error(&[CODE], b"{}")),
        ("L17", error(&[CODE], br#"{"message":"m"}"#)),
        ("L18", response(501, &[ID, CODE], b"<html>")),
        ("L19", response(400, &[CODE], body)),
        ("L20", response(200, &[ID, CODE], b"{}")),
        ("L20", response(200, &[ID], br#"{"__type":"InvalidInputException"}"#)),
        ("L21", response(300, &[ID, CODE], body)),
        ("L22", error(&[CODE], b"\xef\xbb\xbf{\"Message\":\"m\"}")),
        ("L22", error(&[CODE], br#"{"Message":"\ud800"}"#)),
        ("L22", error(&[CODE], b"{\"Message\":\"\xff\"}")),
        ("L22", error(&[CODE], br#"{"Message":"m"}x"#)),
        ("L23", response(429, &[ID, "x-amzn-errortype: LimitExceededException"], body)),
        ("L23", response(503, &[ID, CODE], body)),
        ("L24", response(200, &[ID], b"[]")),
        ("L24", response(200, &[ID], br#"{"UnprocessedAccounts":[null]}"#)),
    ];
    for (id, answer) in &examples {
        let beside: &[&str] = match *id {
            // Without its text, an HTML page is not JSON, either.
            "L18" => &["L04", "L18"],
            _ => &[*id],
        };
        assert_eq!(lints(answer), beside, "{id} {:?}", String::from_utf8_lossy(&answer.body));
    }
    for rule in LINTS {
        assert!(examples.iter().any(|(id, _)| *id == rule.id), "{} has no example", rule.id);
    }
}

#[test]
fn whoever_is_said_to_be_misled_reads_the_example_otherwise_than_it_is_meant() {
    let meant = Some("InvalidInputException");
    for (id, answer) in [
        ("L01", error(&[], br#"{"Code":"InvalidInputException","Message":"m"}"#)),
        ("L03", error(&[CODE], br#"{"Code":"BadCode","Message":"m"}"#)),
        ("L04", error(&[CODE], b"bad request")),
        ("L05", error(&[CODE], b"[]")),
        ("L06", error(&[CODE], b"null")),
        ("L08", error(&[], br#"{"__type":"InvalidInputException","code":null,"Message":"m"}"#)),
        ("L09", error(&[CODE], br#"{"__type":5,"Message":"m"}"#)),
        ("L10", error(&["x-amzn-errortype: "], br#"{"__type":"InvalidInputException","Message":"m"}"#)),
        ("L12", error(&["x-amzn-errortype: ns#InvalidInputException"], br#"{"Message":"m"}"#)),
        ("L13", error(&["x-amzn-errortype: InvalidInputException  "], br#"{"Message":"m"}"#)),
        ("L15", error(&[], br#"{"Message":"m"}"#)),
        ("L18", response(501, &[ID, CODE], b"")),
        ("L21", response(300, &[ID, CODE], br#"{"Message":"m"}"#)),
    ] {
        let rule = super::Lint::find(id).unwrap();
        for read in predict(Operation::CreateMembers, &answer) {
            let wrong = read.verdict.code() != meant || matches!(read.verdict, SdkVerdict::NotPredicted);
            assert_eq!(wrong, rule.who.contains(&read.sdk), "{id}: {} sees {}", read.sdk, read.verdict);
        }
    }
}

#[test]
fn rules_are_numbered_and_found_in_any_case() {
    for (index, rule) in LINTS.iter().enumerate() {
        assert_eq!(rule.id, format!("L{:02}", index + 1));
        assert!(rule.mend.ends_with('.') && !rule.what.is_empty() && !rule.misread.is_empty());
        assert_eq!(rule.who.is_empty(), !rule.is_misleading(), "{}", rule.id);
    }
    assert_eq!(super::Lint::find("l05").map(|rule| rule.id), Some("L05"));
    assert!(super::Lint::find("L25").is_none());
}
