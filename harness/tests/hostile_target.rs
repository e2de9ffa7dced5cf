//! Whatever a target does in the middle of a run, the run ends soon, and blames it for nothing it can't know.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use crate::support::{BUFFERED, Hostility, Server, Turncoat, When};
use passmuster::baseline::exit_code;
use passmuster::domain::shape::Method;
use passmuster::domain::{Divergence, DivergenceKind, Operation};
use passmuster::engine::{Description, HttpSupply, Interrupt, Phase, Run, RunError, RunSettings, replay};
use passmuster::event::Event;
use passmuster::record::{DivergenceRecord, RunRecord, StopCause, Stopped, Uncertainty, UnstableRecord};
use passmuster::server::Fault;
use passmuster::targets::guard::Guard;
use passmuster::targets::{AccountSelection, Caller, HttpTransport, Limits, Reset, Target};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The probe takes fewer calls than these.
const AFTER_PROBE: u64 = 50;

/// The parts of a target that turn hostile after the probe: all of it, or one operation that reads or writes.
const TURNS: [When; 3] = [
    When::Call(AFTER_PROBE),
    When::Operation(Method::Get, "/members", AFTER_PROBE),
    When::Operation(Method::Post, "/members", AFTER_PROBE),
];

fn settings() -> RunSettings {
    RunSettings {
        seed: 5,
        phases: vec![Phase::Probe, Phase::Laws, Phase::Random],
        max_calls: 400,
        max_time: PATIENT,
        confirmations: 1,
        shrink_attempts: 8,
        max_pages: 30,
        ..RunSettings::default()
    }
}

/// Long enough for any answer that comes at all: only a hang takes longer.
const PATIENT: Duration = Duration::from_secs(300);
/// For what can only be ended by the clock.
const IMPATIENT: Duration = Duration::from_millis(400);

fn supply(endpoint: &str, request_timeout: Duration, reset: Option<Reset>) -> Arc<HttpSupply> {
    let limits = Limits { request_timeout, max_body: 1 << 20, ..Limits::default() };
    let target = Target { endpoint: Some(endpoint.to_owned()), limits, ..Target::default() };
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    let reset = reset.map(|reset| (reset, Caller::new("100000000001", "us-east-1")));
    Arc::new(HttpSupply { transport, reset })
}

async fn run_with(
    endpoint: &str,
    request_timeout: Duration,
    settings: RunSettings,
    interrupt: &Interrupt,
    tell: impl FnMut(Event) + Send,
) -> Result<Run, RunError> {
    let run = Run::start(supply(endpoint, request_timeout, None), settings, interrupt, tell);
    timeout(2 * PATIENT, run).await.expect("the run hangs")
}

async fn run(endpoint: &str) -> Result<Run, RunError> {
    run_with(endpoint, PATIENT, settings(), &Interrupt::default(), |_| {}).await
}

/// Runs against a server with as much patience as is of use.
async fn meet(server: &Turncoat, hostility: &Hostility) -> Result<Run, RunError> {
    let (patience, max_calls) =
        if matches!(hostility, Hostility::Hang) { (IMPATIENT, 200) } else { (PATIENT, settings().max_calls) };
    let settings = RunSettings { max_calls, ..settings() };
    run_with(&server.endpoint, patience, settings, &Interrupt::default(), |_| {}).await
}

/// The record as the command line would have it, without any baseline.
fn record(run: &Run) -> RunRecord {
    let description = Description {
        target: "hostile".to_owned(),
        endpoint: "http://127.0.0.1".to_owned(),
        curl_endpoint: "http://127.0.0.1".to_owned(),
        curl_ca: None,
        accounts: AccountSelection::AccessKey,
        version: None,
        replay_flags: String::new(),
    };
    let mut record = run.record(&settings(), &description);
    record.exit_code = exit_code(&record, false);
    record
}

/// Everything the run says about why it could not judge.
fn texts(run: &Run) -> String {
    let reasons = run.tally.inconclusive.keys().map(|(operation, reason)| format!("{operation}: {reason}"));
    let broken = record(run).operations.into_iter().filter_map(|operation| operation.reason);
    reasons.chain(broken).chain(run.stopped.clone().map(String::from)).collect::<Vec<_>>().join("\n")
}

/// A target is blamed for broken HTTP or JSON at most.
fn blames_for_nothing_but_the_wire(run: &Run) {
    for finding in &run.findings {
        assert_eq!(finding.divergence.kind, DivergenceKind::Wire, "{:?}", finding.divergence);
    }
    for (fingerprint, reason) in &run.unconfirmed {
        assert!(fingerprint.0.contains(" wire "), "{fingerprint}: {reason}");
    }
}

/// Of a gigabyte on offer no more is taken than what is read and what the buffers between the two ends hold.
async fn takes_little(server: &Turncoat) {
    let taken = server.most_taken().await;
    assert!(taken < BUFFERED, "{taken} bytes were taken");
}

fn blames_for_nothing(run: &Run) {
    assert!(run.findings.is_empty(), "{:?}", run.findings);
    assert!(run.unconfirmed.is_empty(), "{:?}", run.unconfirmed);
}

/// Runs against a server that turns so after the probe or in one operation, and finds no more than a reason.
async fn only_inconclusive(hostility: Hostility, reason: &str) {
    for when in TURNS {
        let server = Turncoat::start(when, hostility.clone()).await;
        let run = meet(&server, &hostility).await.unwrap();
        blames_for_nothing(&run);
        assert!(texts(&run).contains(reason), "{when:?}: {}", texts(&run));
        assert!(server.calls() > AFTER_PROBE);
        takes_little(&server).await;
        if matches!(when, When::Call(_)) {
            let stopped = run.stopped.clone().unwrap();
            assert!(run.unreachable && stopped.cause() == StopCause::TargetLost, "{stopped}");
            assert_eq!(record(&run).exit_code, 3);
        } else {
            assert!(run.tally.judged > 0);
        }
    }
}

/// Runs against a server that breaks HTTP or JSON, and finds that.
async fn a_wire_divergence(hostility: Hostility, observed: &str, turns: &[When]) {
    for when in turns.iter().copied() {
        let server = Turncoat::start(when, hostility.clone()).await;
        let run = run(&server.endpoint).await.unwrap();
        blames_for_nothing_but_the_wire(&run);
        assert!(!run.findings.is_empty(), "{when:?}: {:?} {}", run.unconfirmed, texts(&run));
        for finding in &run.findings {
            assert!(finding.divergence.observed.contains(observed), "{:?}", finding.divergence);
        }
        assert_eq!(record(&run).exit_code, 1, "{when:?}");
    }
}

/// Runs against a server that is hostile from the first call on.
async fn no_verdict_from_the_start(hostility: Hostility, reason: &str) {
    let server = Turncoat::start(When::Call(0), hostility.clone()).await;
    match meet(&server, &hostility).await {
        Err(error) => assert!(error.to_string().contains(reason), "{error}"),
        Ok(run) => {
            blames_for_nothing(&run);
            assert!(texts(&run).contains(reason), "{}", texts(&run));
            assert_eq!(record(&run).exit_code, 3);
        }
    }
    takes_little(&server).await;
}

async fn hostile(hostility: Hostility, reason: &str) {
    no_verdict_from_the_start(hostility.clone(), reason).await;
    only_inconclusive(hostility, reason).await;
}

async fn broken(hostility: Hostility, reason: &str) {
    no_verdict_from_the_start(hostility.clone(), reason).await;
    a_wire_divergence(hostility, reason, &TURNS).await;
}

/// The beginning of a whole answer that ends the connection.
const CLOSING: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n";

fn close(bytes: &[u8]) -> Hostility {
    Hostility::Close(bytes.into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_refuses_connections_gets_no_verdict() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = run(&endpoint).await.unwrap_err().to_string();
    assert!(error.contains(&format!("failed to connect to {endpoint}")), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_hangs_is_given_up_and_blamed_for_nothing() {
    hostile(Hostility::Hang, "within 400ms").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_dropped_is_a_divergence_of_the_wire() {
    no_verdict_from_the_start(close(b""), "it closed the connection without one").await;
    for dropped in [b"".as_slice(), b"HTTP/1.1 200 OK\r\nx: "] {
        // One that drops all of them is gone, or as good as that.
        let [_, operations @ ..] = &TURNS;
        a_wire_divergence(close(dropped), "it closed the connection without an answer", operations).await;
        let server = Turncoat::start(TURNS[0], close(dropped)).await;
        let run = run(&server.endpoint).await.unwrap();
        assert!(run.unreachable && record(&run).exit_code != 0, "{:?}", run.stopped);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_streams_for_ever_is_cut_off_and_blamed_for_nothing() {
    let hostility = Hostility::Endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x");
    hostile(hostility, "its body is larger than 1048576 bytes").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_of_headers_is_cut_off_and_blamed_for_nothing() {
    let hostility = Hostility::Endless(b"HTTP/1.1 200 OK\r\n", b"x-more: of the same\r\n");
    hostile(hostility, "its headers are more than an HTTP client takes").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_the_wire_is_a_divergence_of_the_wire() {
    broken(close(b"\x00\xff\xfe garbage \r\n\r\n"), "as HTTP").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gzip_bomb_is_never_unpacked() {
    let packed = bomb();
    assert!(packed.len() < 1 << 20);
    let head = format!("{CLOSING}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
    broken(close(&[head.as_bytes(), &packed].concat()), "a body that is not UTF-8").await;
}

/// Some 100 MiB of the letter `a`, packed.
fn bomb() -> Vec<u8> {
    // One block with fixed codes: a literal, then "the last letter again, 258 times" over and over.
    let again = "1100010100000".repeat(400_000);
    let bits: Vec<u8> = format!("11010010001{again}0000000").into_bytes();
    let byte = |bits: &[u8]| bits.iter().rev().fold(0_u8, |byte, bit| byte << 1 | (bit & 1));
    let mut packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec();
    packed.extend(bits.chunks(8).map(byte));
    packed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_text_are_a_divergence_of_the_wire() {
    let head = format!("{CLOSING}content-length: 18\r\n\r\n");
    let answer = [head.as_bytes(), b"{\"Members\": \"\xff\xfe\"}\n"].concat();
    broken(close(&answer), "not UTF-8").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed_in_a_whole_run() {
    let elsewhere = Server::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".as_slice()).await;
    let host = elsewhere.endpoint.trim_start_matches("http://");
    for status in [302, 307] {
        let line = format!("location: {}/members\r\nconnection: close\r\ncontent-length: 0", elsewhere.endpoint);
        let answer = format!("HTTP/1.1 {status} Elsewhere\r\n{line}\r\n\r\n");
        broken(close(answer.as_bytes()), &format!("a redirect to \"{host}\"")).await;
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_never_end_are_left_and_are_a_divergence() {
    let cases: [(Page, &str); 2] = [
        (|call| format!(r#"{{"Members":[],"NextToken":"page-{call}"}}"#), "has not ended after 400 pages"),
        (
            |call| format!(r#"{{"Members":[],"NextToken":"{call}","More":"{}"}}"#, "x".repeat(1_000_000)),
            "has not ended after 8388608 bytes",
        ),
    ];
    for (page, reason) in cases {
        let run = run_with_pages(page, 400).await;
        let ListMembers { found, unstable } = &list_members(&run);
        assert!(found.len() == 1 && unstable.is_empty(), "{found:?} {unstable:?}");
        assert_eq!((found[0].pointer.as_str(), found[0].reproduced.hits), ("/NextToken", 1));
        assert!(found[0].observed.to_string().contains(reason), "{:?}", found[0].observed);
        assert_eq!(record(&run).exit_code, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_are_left_too_early_to_tell_leave_the_operation_without_a_verdict() {
    let run = run_with_pages(|call| format!(r#"{{"Members":[],"NextToken":"page-{call}"}}"#), 30).await;
    blames_for_nothing(&run);
    assert!(texts(&run).contains("has not ended after 30 pages"), "{}", texts(&run));
    let ListMembers { found, unstable } = &list_members(&run);
    let why: Vec<Uncertainty> = unstable.iter().map(|unstable| unstable.why).collect();
    assert_eq!((found.len(), &why[..]), (0, &[Uncertainty::Unending][..]), "{found:?} {unstable:?}");
    assert_eq!(record(&run).exit_code, 3);
}

/// Runs against a server whose ListMembers, once it was probed, brings such pages, and follows so many of them.
async fn run_with_pages(page: Page, max_pages: usize) -> Run {
    let when = When::Operation(Method::Get, "/members", AFTER_PROBE);
    let server = Turncoat::start(when, Hostility::Answer(200, "x-page: 1", page)).await;
    let settings = RunSettings { max_pages, ..settings() };
    let run = run_with(&server.endpoint, PATIENT, settings, &Interrupt::default(), |_| {}).await.unwrap();
    assert!(run.tally.judged > 0);
    // Calls under way when the budget is spent are not counted any more.
    assert!(run.tally.calls <= server.calls(), "{} of {}", run.tally.calls, server.calls());
    run
}

/// The part of a record that is about ListMembers.
struct ListMembers {
    found: Vec<DivergenceRecord>,
    unstable: Vec<UnstableRecord>,
}

fn list_members(run: &Run) -> ListMembers {
    let RunRecord { mut divergences, mut unstable, .. } = record(run);
    divergences.retain(|found| found.operation == "ListMembers");
    unstable.retain(|unstable| unstable.operation == "ListMembers");
    ListMembers { found: divergences, unstable }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_comes_back_is_a_loop_though_the_pages_are_empty() {
    let page: Page = |_| r#"{"Members":[],"NextToken":"same"}"#.to_owned();
    let when = When::Operation(Method::Get, "/members", AFTER_PROBE);
    let server = Turncoat::start(when, Hostility::Answer(200, "x-page: 1", page)).await;
    let run = run(&server.endpoint).await.unwrap();
    assert!(!run.findings.is_empty(), "{}", texts(&run));
    for finding in &run.findings {
        assert_eq!(finding.divergence, Divergence::token_loop(Operation::ListMembers));
    }
}

/// Makes the body of a page.
type Page = fn(u64) -> String;

const THROTTLED: &str = r#"{"message":"Too Many Requests"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_is_never_a_divergence() {
    for line in ["x-amzn-errortype: TooManyRequestsException", "retry-after: 1"] {
        for when in TURNS {
            let server = Turncoat::start(when, Hostility::Answer(429, line, |_| THROTTLED.to_owned())).await;
            let run = run(&server.endpoint).await.unwrap();
            blames_for_nothing(&run);
            assert!(texts(&run).contains("the target throttles: "), "{}", texts(&run));
            if matches!(when, When::Call(_)) {
                assert_eq!(record(&run).exit_code, 3, "{:?}", run.stopped);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_throttled_now_and_then_are_made_again_and_cost_nothing_of_what_is_judged() {
    for line in ["x-amzn-errortype: ThrottlingException", "x-amzn-errortype: SlowDown"] {
        let hostility = Hostility::Answer(429, line, |_| THROTTLED.to_owned());
        let server = Turncoat::start(When::OneIn(3), hostility).await;
        let settings = RunSettings { workers: 1, ..settings() };
        let run = run_with(&server.endpoint, PATIENT, settings, &Interrupt::default(), |_| {}).await.unwrap();
        blames_for_nothing(&run);
        assert!(!texts(&run).contains("the target throttles"), "{}", texts(&run));
        assert!(run.tally.judged > 200, "{}", run.tally.judged);
        assert_eq!(record(&run).exit_code, 0, "{:?}", run.stopped);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_throttled_out_of_most_of_it_is_not_clean() {
    let when = When::Operation(Method::Post, "/accounts", AFTER_PROBE);
    let hostility = Hostility::Answer(429, "retry-after: 0", |_| THROTTLED.to_owned());
    let server = Turncoat::start(when, hostility).await;
    let run = run(&server.endpoint).await.unwrap();
    blames_for_nothing(&run);
    assert!(run.tally.judged > 0, "{}", texts(&run));
    assert_eq!(record(&run).exit_code, 3, "{:?}", run.stopped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_throttles_everything_gets_no_verdict() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(429)
        .insert_header("x-amzn-errortype", "TooManyRequestsException")
        .set_body_raw(THROTTLED, "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let run = run(&server.uri()).await.unwrap();
    blames_for_nothing(&run);
    assert!(texts(&run).contains("the target throttles: 429 TooManyRequestsException"), "{}", texts(&run));
    assert_eq!(record(&run).exit_code, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_knows_none_of_it_was_not_checked() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(404).set_body_string("<h1>what?</h1>"))
        .mount(&server)
        .await;
    let run = run(&server.uri()).await.unwrap();
    blames_for_nothing(&run);
    assert_eq!(record(&run).exit_code, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_dies_with_the_last_calls_is_no_clean_one() {
    let whole = Turncoat::start(When::Call(u64::MAX), Hostility::Die).await;
    // One call after the other: which are the last ones must not depend on who is quicker.
    let settings = RunSettings { workers: 1, ..settings() };
    let run_at = async |endpoint: &str| {
        run_with(endpoint, PATIENT, settings.clone(), &Interrupt::default(), |_| {}).await.unwrap()
    };
    assert_eq!(record(&run_at(&whole.endpoint).await).exit_code, 0);
    let calls = whole.calls();
    for left in [3, 12] {
        let server = Turncoat::start(When::Call(calls - left), Hostility::Die).await;
        let run = run_at(&server.endpoint).await;
        blames_for_nothing(&run);
        let record = record(&run);
        assert_eq!(record.exit_code, 3, "with {left} of {calls} calls left: {:?}", record.stopped);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_are_refused_bring_no_verdict_and_no_finding() {
    let body = r#"{"__type":"UnrecognizedClientException","message":"The security token is invalid."}"#;
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let server = Turncoat::start(When::Call(0), close(answer.as_bytes())).await;
    let error = run(&server.endpoint).await.unwrap_err();
    assert!(error.to_string().contains("UnrecognizedClientException"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_html_with_500_is_a_crash() {
    let page = "<!doctype html><title>500 Internal Server Error</title>";
    let answer = format!(
        "HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\ncontent-type: text/html\r\n\
         content-length: {}\r\n\r\n{page}",
        page.len()
    );
    let server = Turncoat::start(When::Operation(Method::Post, "/members", 0), close(answer.as_bytes())).await;
    let crashed = record(&run(&server.endpoint).await.unwrap());
    assert_eq!(crashed.exit_code, 1);
    assert!(crashed.divergences.iter().any(|found| found.operation == "CreateMembers"), "{crashed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_seen_before_a_target_dies_is_confirmed_by_then() {
    let server = Turncoat::with_faults(When::Call(500), Hostility::Die, &[fault("create-again")]).await;
    let settings = RunSettings { max_calls: 5_000, ..settings() };
    let run = run_with(&server.endpoint, PATIENT, settings, &Interrupt::default(), |_| {}).await.unwrap();
    let record = record(&run);
    let stopped = record.stopped.clone().unwrap();
    assert!(run.unreachable && stopped.cause() == StopCause::TargetLost, "{stopped}");
    assert!(stopped.as_str().contains("failed to connect to"), "{stopped}");
    assert!(record.totals.judged > 200, "{}", record.totals.judged);
    let created = "CreateMembers SH-CREATE-007 missing-refusal ";
    let confirmed = record.divergences.iter().find(|found| found.fingerprint == created);
    let confirmed = confirmed.unwrap_or_else(|| panic!("{:?}", record.unstable));
    assert_eq!((confirmed.reproduced.hits, record.exit_code), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_dies_when_findings_are_looked_into_gets_no_verdict() {
    let server = Turncoat::with_faults(When::Call(u64::MAX), Hostility::Die, &[fault("create-again")]).await;
    let phases = vec![Phase::Probe, Phase::Random];
    let settings = RunSettings { max_calls: 600, phases, ..settings() };
    let when_one_is_seen = |event| {
        if matches!(event, Event::Progress { findings: 1, .. }) {
            server.kill();
        }
    };
    let run =
        run_with(&server.endpoint, PATIENT, settings, &Interrupt::default(), when_one_is_seen).await.unwrap();
    let record = record(&run);
    assert_eq!(record.stopped.as_ref().map(Stopped::cause), Some(StopCause::TargetLost));
    assert_eq!(record.exit_code, 3);
    assert!(run.findings.is_empty(), "{:?}", run.findings);
    let lost: Vec<_> = record.unstable.iter().filter(|one| one.why == Uncertainty::TargetLost).collect();
    let finding = lost.first().and_then(|one| one.finding.as_deref()).unwrap_or_else(|| panic!("{lost:?}"));
    assert!(!finding.scenario.steps.is_empty() && !finding.curl.is_empty(), "{finding:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_dies_and_can_be_reset_no_more_gets_no_verdict() {
    // The connection that is closed as the target ends is a new one in one case: nothing else explains it.
    for hostility in [Hostility::Die, Hostility::DieBetweenConnections] {
        is_reset_until_it_dies(hostility).await;
    }
}

async fn is_reset_until_it_dies(hostility: Hostility) {
    let server = Turncoat::start(When::Call(300), hostility).await;
    let reset = Reset { method: Method::Post, path: "/reset".to_owned() };
    let settings = RunSettings { max_calls: 5_000, fresh_accounts: false, ..settings() };
    let interrupt = Interrupt::default();
    let run = Run::start(supply(&server.endpoint, PATIENT, Some(reset)), settings, &interrupt, |_| {});
    let run = timeout(Duration::from_secs(60), run).await.expect("the run hangs").unwrap();
    blames_for_nothing(&run);
    let stopped = run.stopped.clone().unwrap();
    assert!(stopped.as_str().starts_with("target lost: failed to "), "{stopped}");
    assert_eq!(record(&run).exit_code, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_requests_that_say_nothing_leave_the_run_without_a_verdict() {
    let phases = vec![Phase::Probe, Phase::Malformed];
    let redirect = Hostility::Answer(302, "location: /", |_| String::new());
    let throttle = Hostility::Answer(429, "retry-after: 1", |_| THROTTLED.to_owned());
    for hostility in [throttle, redirect] {
        let server = Turncoat::start(When::Call(AFTER_PROBE), hostility).await;
        let settings = RunSettings { phases: phases.clone(), malformed: Some(60), ..settings() };
        let run = run_with(&server.endpoint, PATIENT, settings, &Interrupt::default(), |_| {}).await.unwrap();
        let record = record(&run);
        assert!(matches!(record.exit_code, 3 | 4), "{} {:?}", record.exit_code, record.wire);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scenario_that_is_throttled_when_replayed_was_not_judged() {
    let scenario = "passmuster scenario 1\nadministrator EnableSecurityHub {}\n";
    let scenario = passmuster::generate::parse_scenario(scenario).unwrap();
    for hostility in [Hostility::Answer(429, "retry-after: 1", |_| THROTTLED.to_owned()), close(b"")] {
        // The probe switches a hub on in one of its first calls, and not again.
        let when = When::Operation(Method::Post, "/accounts", 10);
        let server = Turncoat::start(when, hostility).await;
        let steps = replay(&supply(&server.endpoint, PATIENT, None), &settings(), &scenario).await.unwrap();
        assert!(steps[0].divergences.is_empty() && steps[0].inconclusive.is_some(), "{:?}", steps[0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_hangs_in_the_probe_leaves_the_run_within_its_time() {
    let server = Turncoat::start(When::Operation(Method::Post, "/members", 0), Hostility::Hang).await;
    let settings = RunSettings { max_time: Duration::from_millis(200), ..settings() };
    let run = run_with(&server.endpoint, PATIENT, settings, &Interrupt::default(), |_| {}).await.unwrap();
    assert_eq!(
        run.stopped.as_ref().map(Stopped::as_str),
        Some("the time ran out before it was known what the target supports")
    );
    assert_eq!(record(&run).exit_code, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_is_heard_while_the_target_hangs_in_the_probe() {
    let server = Turncoat::start(When::Call(0), Hostility::Hang).await;
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    let hanging = async {
        while server.calls() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        raised.raise();
    };
    let run = run_with(&server.endpoint, PATIENT, settings(), &interrupt, |_| {});
    let (run, ()) = tokio::join!(run, hanging);
    let run = run.unwrap();
    assert!(run.interrupted);
    assert_eq!(record(&run).exit_code, 130);
}

fn fault(name: &str) -> Fault {
    Fault::from_name(name).unwrap()
}
