//! The answers of the reference server to requests that HTTP, the protocol or JSON forbids: one case a row of the
//! decision table, over a socket, and never a warning.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::raw::{Answer, LAST, Raw, SIGNED, json, request};
use passmuster::domain::Profile;
use passmuster::server::ServerSettings;

/// The outcomes that a case may have: an answer of this status, or the end of the connection without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Allowed {
    Status(u16),
    Closed,
}
use Allowed::{Closed, Status};

const ONE: &str = r#"{"AccountDetails":[{"AccountId":"222222222222"}]}"#;

async fn with_profile(profile: Profile) -> Raw {
    let server = Raw::start(ServerSettings { profile, ..ServerSettings::default() }).await;
    assert_eq!(server.one(&json("POST /accounts", "{}")).await.status, 200);
    server
}

fn checked(case: &str, answers: &[Answer], allowed: &[Allowed]) {
    let first = answers.first().map_or(Closed, |answer| Status(answer.status));
    assert!(allowed.contains(&first), "{case}: {answers:?}");
    assert!(answers.len() <= 2, "{case}: {answers:?}");
    if let [_, last] = answers {
        assert_eq!((last.status, last.body.as_str()), (200, r#"{"status":"ok"}"#), "{case}");
    }
    for answer in answers {
        // What hyper refuses by itself, it refuses without a word.
        let by_hyper = answer.body.is_empty() && [400, 414, 431].contains(&answer.status);
        assert!(by_hyper || answer.header("x-amzn-requestid").is_some(), "{case}: {answer:?}");
        assert!(answer.status < 500 || answer.status == 501, "{case}: {answer:?}");
        if answer.status >= 400 && !by_hyper {
            let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert!(body.is_object() && !answer.code().is_empty(), "{case}: {answer:?}");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{case}");
        }
    }
}

/// A signed request to list members, word by word, with further lines.
fn list(lines: &str) -> Vec<u8> {
    format!("GET /members HTTP/1.1\r\nHost: localhost\r\n{SIGNED}\r\n{lines}\r\n").into_bytes()
}

/// A signed request to create a member, framed by these lines.
fn create(lines: &str, body: &str) -> Vec<u8> {
    let head =
        format!("POST /members HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{SIGNED}\r\n");
    format!("{head}{lines}\r\n{body}").into_bytes()
}

fn chunked(body: &str) -> String {
    let (first, second) = body.split_at(body.len() / 2);
    format!("{:x}\r\n{first}\r\n{:x};a=b\r\n{second}\r\n0\r\nX-T: 1\r\n\r\n", first.len(), second.len())
}

#[tokio::test]
async fn messages_that_are_not_http_are_refused_or_closed() {
    let server = with_profile(Profile::Union).await;
    let head = |line: &str| format!("{line}\r\nHost: localhost\r\n{SIGNED}\r\n\r\n").into_bytes();
    let ok: &[Allowed] = &[Status(200)];
    let bad: &[Allowed] = &[Status(400), Closed];
    let cases: Vec<(&str, Vec<u8>, &[Allowed])> = vec![
        ("D01 bytes of another protocol", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_vec(), bad),
        ("D01 a blank in the target", head("GET /mem bers HTTP/1.1"), bad),
        ("D01 no version", head("GET /members"), bad),
        ("D01 a control byte in the target", head("GET /mem\x01bers HTTP/1.1"), bad),
        ("D01 a blank before the colon", list("X-A : b\r\n"), bad),
        ("D01 a control byte in a name", list("X\x01: b\r\n"), bad),
        ("D01 no name", list(": b\r\n"), bad),
        ("D01 NUL in a value", list("X-A: a\0b\r\n"), bad),
        (
            "D01 line ends of CR alone",
            String::from_utf8(list("")).unwrap().replace("\r\n", "\r").into_bytes(),
            bad,
        ),
        ("D10 HTTP/2.0", head("GET /members HTTP/2.0"), bad),
        ("D10 HTTP/9.9", head("GET /members HTTP/9.9"), bad),
        ("D10 HTTP/1.10", head("GET /members HTTP/1.10"), bad),
        ("D10 HTTP/1.0", head("GET /members HTTP/1.0"), ok),
        ("D10 the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), bad),
        ("D17 line ends of LF", String::from_utf8(list("")).unwrap().replace("\r\n", "\n").into_bytes(), ok),
        ("D17 a folded line", list("X-A: a\r\n b\r\n"), bad),
        ("D17 the absolute form", head("GET http://localhost/members HTTP/1.1"), ok),
        ("D17 an empty line first", [b"\r\n".to_vec(), list("")].concat(), ok),
        ("bytes above 0x7f in a value", [&list("")[..], b""].concat(), ok),
        ("Upgrade", list("Connection: Upgrade\r\nUpgrade: h2c\r\n"), ok),
    ];
    for (case, bytes, allowed) in cases {
        checked(case, &server.ask(&bytes).await, allowed);
    }
    let latin = [&list("")[..list("").len() - 2], b"X-A: \xff\xfe\r\n\r\n"].concat();
    checked("bytes that are no UTF-8 in a value", &server.ask(&latin).await, ok);
}

#[tokio::test]
async fn a_request_has_one_host() {
    let server = with_profile(Profile::Union).await;
    let without = format!("GET /members HTTP/1.1\r\n{SIGNED}\r\n\r\n");
    for (case, bytes) in [("none", without.into_bytes()), ("two", list("Host: other\r\n"))] {
        let answers = server.ask(&bytes).await;
        checked(case, &answers, &[Status(400)]);
        assert_eq!(answers[0].code(), "MalformedHttpRequestException", "{case}");
    }
    let old = format!("GET /members HTTP/1.0\r\n{SIGNED}\r\n\r\n");
    checked("none in HTTP/1.0", &server.ask(old.as_bytes()).await, &[Status(200)]);
}

#[tokio::test]
async fn a_body_ends_in_one_place_or_the_request_is_refused() {
    let server = with_profile(Profile::Union).await;
    let length = ONE.len();
    let whole = chunked(ONE);
    let ok: &[Allowed] = &[Status(200)];
    let bad: &[Allowed] = &[Status(400), Status(501), Closed];
    let cases: Vec<(&str, Vec<u8>, &[Allowed])> = vec![
        ("D03 a negative length", create("Content-Length: -1\r\n", ONE), bad),
        ("D03 a length with a sign", create(&format!("Content-Length: +{length}\r\n"), ONE), bad),
        ("D03 a hexadecimal length", create("Content-Length: 0x31\r\n", ONE), bad),
        ("D03 a word", create("Content-Length: abc\r\n", ONE), bad),
        ("D03 nothing", create("Content-Length:\r\n", ONE), bad),
        ("D03 too long a number", create("Content-Length: 99999999999999999999\r\n", ONE), bad),
        ("D03 two lengths", create(&format!("Content-Length: {length}\r\nContent-Length: 3\r\n"), ONE), bad),
        (
            "D04 a length twice",
            create(&format!("Content-Length: {length}\r\nContent-Length: {length}\r\n"), ONE),
            ok,
        ),
        ("D04 a list of lengths", create(&format!("Content-Length: {length}, {length}\r\n"), ONE), bad),
        ("D05 a length and chunks", create("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", &whole), ok),
        ("D05 chunks and a length", create("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", &whole), ok),
        ("D06 another coding first", create("Transfer-Encoding: gzip, chunked\r\n", &whole), bad),
        ("D06 another coding last", create("Transfer-Encoding: chunked, identity\r\n", &whole), bad),
        ("D06 an unknown coding", create("Transfer-Encoding: xchunked\r\n", &whole), bad),
        ("D06 two lines", create("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", &whole), bad),
        ("D06 a blank before the colon", create("Transfer-Encoding : chunked\r\n", &whole), bad),
        ("D06 a tab behind it", create("Transfer-Encoding: chunked\x0b\r\n", &whole), bad),
        ("D06 chunks in HTTP/1.0", swap(&create("Transfer-Encoding: chunked\r\n", &whole), "/1.1", "/1.0"), bad),
        ("D07 no number", create("Transfer-Encoding: chunked\r\n", "ZZ\r\n{}\r\n0\r\n\r\n"), bad),
        ("D07 a negative number", create("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"), bad),
        ("D07 two numbers", create("Transfer-Encoding: chunked\r\n", "2 2\r\n{}\r\n0\r\n\r\n"), bad),
        (
            "D07 too long a number",
            create("Transfer-Encoding: chunked\r\n", "11111111111111111\r\n{}\r\n0\r\n\r\n"),
            bad,
        ),
        ("D07 no line end behind a chunk", create("Transfer-Encoding: chunked\r\n", "2\r\n{}0\r\n\r\n"), bad),
        ("chunks", create("Transfer-Encoding: chunked\r\n", &whole), ok),
        ("chunks in another case", create("transfer-encoding: Chunked\r\n", &whole), ok),
        ("a body without a length", create("", ""), &[Status(400)]),
    ];
    for (case, bytes, allowed) in cases {
        checked(case, &server.ask(&bytes).await, allowed);
    }
    let answers = server.ask(&create("Content-Length: 10\r\n", ONE)).await;
    assert_eq!((answers[0].status, answers[0].code()), (400, "SerializationException"), "D09");
    assert!(answers.len() == 1 || answers[1].status == 400, "D09: {answers:?}");
    for (case, bytes) in [
        ("D07 no last chunk", create("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n")),
        ("D08 less than announced", create("Content-Length: 500\r\n", ONE)),
    ] {
        checked(case, &server.break_off(&bytes).await, bad);
    }
}

fn swap(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(message.to_vec()).unwrap().replacen(from, to, 1).into_bytes()
}

#[tokio::test]
async fn a_body_and_a_length_that_disagree_are_followed_by_the_end_of_the_connection() {
    let server = with_profile(Profile::Union).await;
    let smuggled = format!("0\r\n\r\nGET /members HTTP/1.1\r\nHost: smuggled\r\n{SIGNED}\r\n\r\n");
    let bytes =
        create(&format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", smuggled.len()), &smuggled);
    let answers = server.ask(&bytes).await;
    assert_eq!(answers.len(), 1, "I13: {answers:?}");
}

#[tokio::test]
async fn what_is_too_large_or_too_slow_is_refused_and_what_is_large_is_not() {
    let server = with_profile(Profile::Union).await;
    let long = |letters: usize| "a".repeat(letters);
    let ok: &[Allowed] = &[Status(200)];
    let too_large: &[Allowed] = &[Status(431), Status(414), Closed];
    checked("D11 7 KiB", &server.ask(&list(&format!("X-A: {}\r\n", long(7 << 10)))).await, ok);
    checked("D11 70 KiB", &server.ask(&list(&format!("X-A: {}\r\n", long(70 << 10)))).await, too_large);
    let many: String = (0..200).map(|index| format!("X-{index}: 1\r\n")).collect();
    checked("D11 200 lines", &server.ask(&list(&many)).await, too_large);
    let query = |letters| request(&format!("GET /members?foo={}", long(letters)), &[], "");
    checked("D12 7 KiB", &server.ask(&query(7 << 10)).await, ok);
    checked("D12 70 KiB", &server.ask(&query(70 << 10)).await, too_large);

    let padded = |bytes: usize| json("POST /accounts", format!("{{{}}}", " ".repeat(bytes)));
    let large = server.one(&padded(9 << 20)).await;
    assert_eq!((large.status, large.code()), (409, "ResourceConflictException"));
    let answers = server.ask(&padded(11 << 20)).await;
    checked("D13", &answers, &[Status(413)]);
    assert_eq!(answers[0].code(), "RequestEntityTooLargeException");

    let slow = create("Content-Length: 500\r\n", ONE);
    let stalled = b"GET /members HTTP/1.1\r\nHost: localhost\r\n";
    let (slow, stalled) = tokio::join!(server.talk(&slow), server.talk(stalled));
    assert_eq!(crate::support::raw::answers(&slow)[0].code(), "RequestTimeoutException", "D16");
    assert_eq!(String::from_utf8_lossy(&stalled), "", "D16");
}

#[tokio::test]
async fn expectations_are_met_and_pipelined_requests_answered_in_order() {
    let server = with_profile(Profile::Union).await;
    let expecting = |what: &str| create(&format!("Expect: {what}\r\nContent-Length: {}\r\n", ONE.len()), ONE);
    let whole = expecting("100-continue");
    let (head, body) = whole.split_at(whole.len() - ONE.len());
    let (interim, received) = server.in_two(head, &[body, LAST.as_bytes()].concat()).await;
    assert_eq!(String::from_utf8_lossy(&interim), "HTTP/1.1 100 Continue\r\n\r\n", "D14");
    checked("D14", &crate::support::raw::answers(&received), &[Status(200)]);
    checked("D14 bogus", &server.ask(&expecting("bogus")).await, &[Status(200)]);

    let three = [
        json("POST /members", ONE),
        request("GET /members?OnlyAssociated=false", &[], ""),
        request("GET /nope", &[], ""),
    ];
    let answers = server.ask(&three.concat()).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 404, 200]);
    assert!(answers[1].body.contains("222222222222"));
    let mut ids: Vec<&str> = answers.iter().filter_map(|answer| answer.header("x-amzn-requestid")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4, "I11");
}

#[tokio::test]
async fn addresses_and_methods_that_no_operation_has_lead_nowhere_whatever_the_profile() {
    let odd = [
        "GET /nope",
        "GET /",
        "GET /member",
        "GET /membersx",
        "GET /members/111111111111",
        "GET /members/",
        "GET //members",
        "GET /members//",
        "GET /./members",
        "GET /x/../members",
        "GET /../../members",
        "GET /Members",
        "GET /%6Dembers",
        "GET /members%",
        "GET /members%zz",
        "GET /members%ff",
        "GET /members%2Finvite",
        "GET /members%00",
        "GET /members%0d%0aX-A:1",
        "GET /members;a=b",
        "GET /members\\invite",
        "GET /prod/members",
        "GET /tags/arn:aws:securityhub:us-east-1:1:hub/default",
        "GET /tags/",
        "GET /tags/%ff%fe",
        "PUT /members",
        "PATCH /members",
        "DELETE /members",
        "OPTIONS /members",
        "TRACE /members",
        "get /members",
        "FOO /members",
        "OPTIONS *",
        "CONNECT x:443",
        "GET *",
        "POST //",
        "GET ?",
        "GET http://localhost",
    ];
    for (profile, expected) in [
        (Profile::Union, (404, "UnknownOperationException")),
        (Profile::Smithy, (404, "UnknownOperationException")),
        (Profile::Aws, (403, "AccessDeniedException")),
    ] {
        let server = with_profile(profile).await;
        for line in odd {
            let answers = server.ask(&request(line, &[], "")).await;
            checked(line, &answers, &[Status(expected.0), Status(400)]);
            if answers[0].status != 400 {
                assert_eq!(answers[0].code(), expected.1, "{line} by {profile}");
            }
            let empty = profile == Profile::Smithy && answers[0].status != 400;
            assert!(!empty || answers[0].body == "{}", "{line}: {answers:?}");
        }
        let long = format!("{} /members", "A".repeat(5000));
        checked("a long method", &server.ask(&request(&long, &[], "")).await, &[Status(expected.0)]);
        let raw = [b"GET /m\xc3\xa9mbers HTTP/1.1\r\nHost: x\r\n", SIGNED.as_bytes(), b"\r\n\r\n"].concat();
        checked("raw UTF-8", &server.ask(&raw).await, &[Status(expected.0), Status(400)]);
        checked("D31", &server.ask(&request("GET /members#x", &[], "")).await, &[Status(200)]);
        checked("D30", &server.ask(&request("GET /members?foo=bar&baz", &[], "")).await, &[Status(200)]);
    }
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let server = with_profile(Profile::Union).await;
    let received = server.talk(&[request("HEAD /members", &[], ""), LAST.as_bytes().to_vec()].concat()).await;
    let text = String::from_utf8(received).unwrap();
    let (head, rest) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 404") && head.contains("x-amzn-requestid"), "{head}");
    assert!(rest.starts_with("HTTP/1.1 200 OK"), "{rest}");
}
