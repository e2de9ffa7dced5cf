//! What was seen counts, also where it is not certain: it is confirmed at once, told from what shows each time, and never
//! passed over. What moves by itself is no evidence.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::malformed;
use crate::support::{Hostility, Meddling, Turncoat, When};
use passmuster::baseline::{Ending, exit_code};
use passmuster::domain::shape::Method;
use passmuster::domain::{Operation, Severity};
use passmuster::engine::{Description, Filter, HttpSupply, Interrupt, Phase, Run, RunSelection, RunSettings};
use passmuster::event::Event;
use passmuster::record::{DivergenceRecord, OperationSupport, Reproduced, RunRecord, Uncertainty, UnstableRecord};
use passmuster::server::Fault;
use passmuster::targets::guard::Guard;
use passmuster::targets::{AccountSelection, HttpTransport, Target};
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

fn settings() -> RunSettings {
    RunSettings {
        phases: vec![Phase::Probe, Phase::Random],
        max_calls: 400,
        max_time: Duration::from_secs(300),
        shrink_attempts: 8,
        workers: 2,
        ..RunSettings::default()
    }
}

async fn run(
    server: &Turncoat,
    settings: RunSettings,
    interrupt: &Interrupt,
    tell: impl FnMut(Event) + Send,
) -> RunRecord {
    let target = Target { endpoint: Some(server.endpoint.clone()), ..Target::default() };
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    let supply = Arc::new(HttpSupply { transport, reset: None });
    let run = Run::start(supply, settings.clone(), interrupt, tell).await.unwrap();
    let description = Description {
        target: "uncertain".to_owned(),
        endpoint: server.endpoint.clone(),
        curl_endpoint: server.endpoint.clone(),
        curl_ca: None,
        accounts: AccountSelection::AccessKey,
        version: None,
        replay_flags: String::new(),
    };
    let mut record = run.record(&settings, &description);
    record.exit_code = exit_code(&record, false);
    record
}

async fn meet(
    when: When,
    meddling: impl Fn(&HttpRequest, &mut HttpResponse) + Send + Sync + 'static,
) -> RunRecord {
    let server = Turncoat::start(when, Hostility::Meddle(Arc::new(meddling))).await;
    run(&server, settings(), &Interrupt::default(), |_| {}).await
}

fn answer(response: &mut HttpResponse, status: u16, kind: &str) {
    response.status = status;
    response.headers = vec![("x-amzn-errortype".into(), kind.to_owned())];
    response.body = br#"{"message":"no"}"#.to_vec();
}

/// The ids of all that weighs.
fn found(record: &RunRecord) -> Vec<&str> {
    let weighs = record.divergences.iter().filter(|found| found.severity > Severity::Note);
    weighs.map(|found| found.fingerprint.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_is_wrong_now_and_then_is_flaky_and_never_green() {
    let reads = AtomicU64::new(0);
    let record = meet(When::Operation(Method::Get, "/accounts", 60), move |_, response| {
        if response.status == 200 && reads.fetch_add(1, Ordering::SeqCst) % 10 == 3 {
            let body = String::from_utf8(response.body.clone()).unwrap();
            response.body = body.replace("hub/default", "hub/other").into_bytes();
        }
    })
    .await;
    let flaky: Vec<_> = record.unstable.iter().filter(|one| one.why == Uncertainty::Flaky).collect();
    let [one, ..] = &flaky[..] else { panic!("{:?} {:?}", found(&record), record.unstable) };
    assert!(one.sightings > 0 && one.sightings < one.judged, "{one:?}");
    let finding = record.divergences.iter().find(|finding| finding.fingerprint == one.fingerprint).unwrap();
    assert!(finding.is_flaky() && !finding.scenario.steps.is_empty() && !finding.curl.is_empty(), "{finding:?}");
    // Which of the tries are hit depends on what else goes on: once more makes it a divergence.
    let alone = |hits, sightings| {
        let finding = DivergenceRecord { reproduced: Reproduced { hits, of: 3 }, ..finding.clone() };
        let unstable = vec![UnstableRecord { sightings, ..(*one).clone() }];
        Ending::of(&RunRecord { divergences: vec![finding], unstable, ..record.clone() }, false)
    };
    assert_eq!(
        (alone(0, 1), alone(0, 2), alone(1, 1)),
        (Ending::NoVerdict, Ending::NewDivergence, Ending::NewDivergence)
    );
    assert_ne!(Ending::from_code(record.exit_code), Some(Ending::Clean));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_fails_from_the_first_call_on_is_a_finding() {
    let record = meet(When::Call(0), |request, response| {
        let path = request.path.as_ref();
        if request.method == Method::Get && path != "/accounts" && request.service() == "securityhub" {
            answer(response, 500, "InternalException");
        }
    })
    .await;
    assert_eq!(record.exit_code, 1);
    for operation in record.operations.iter().filter(|known| known.support == OperationSupport::Broken) {
        let named = |one: &&DivergenceRecord| one.operation == operation.name;
        let finding = record.divergences.iter().find(named).unwrap_or_else(|| panic!("{}", operation.name));
        assert_eq!((finding.severity, finding.reproduced.hits), (Severity::Divergence, 3), "{finding:?}");
        assert!(finding.observed.to_string().contains("500") && !finding.curl.is_empty(), "{finding:?}");
    }
    let broken = record.operations.iter().filter(|known| known.support == OperationSupport::Broken).count();
    assert!(broken >= 4, "{broken}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_failed_in_the_probe_alone_leaves_the_run_without_a_verdict() {
    let calls = AtomicU64::new(0);
    let record = meet(When::Operation(Method::Get, "/invitations/count", 0), move |_, response| {
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            answer(response, 503, "ServiceUnavailable");
        }
    })
    .await;
    assert_eq!((found(&record), record.exit_code), (Vec::new(), 3), "{:?}", record.unstable);
    let [one] = &record.unstable[..] else { panic!("{:?}", record.unstable) };
    assert_eq!((one.operation.as_str(), one.why, one.sightings), ("GetInvitationsCount", Uncertainty::Flaky, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_before_an_interruption_is_reported() {
    let fault = Fault::from_name("create-again").unwrap();
    let server = Turncoat::with_faults(When::Call(u64::MAX), Hostility::Die, &[fault]).await;
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    let at_the_first = move |event| {
        if matches!(event, Event::Found { .. }) {
            raised.raise();
        }
    };
    let settings = RunSettings { max_calls: 5_000, ..settings() };
    let record = run(&server, settings, &interrupt, at_the_first).await;
    assert_eq!(record.exit_code, 130);
    assert!(record.stopped.is_some() && record.totals.calls < 4_000, "{:?}", record.totals);
    let [finding, ..] = &record.divergences[..] else { panic!("{:?}", record.unstable) };
    assert_eq!(finding.reproduced.hits, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_remembers_earlier_runs_draws_nothing_under_another_nonce() {
    // It can't say whether a hub is on, so that no block of accounts looks used.
    let silent: Arc<Meddling> = Arc::new(|_, response| answer(response, 404, "UnknownOperationException"));
    let server = Turncoat::start(When::Operation(Method::Get, "/accounts", 0), Hostility::Meddle(silent)).await;
    let mut counts = Vec::new();
    for nonce in [1, 2, 1] {
        let settings = RunSettings { nonce, ..settings() };
        let record = run(&server, settings, &Interrupt::default(), |_| {}).await;
        assert_eq!(record.nonce, nonce);
        counts.push(found(&record).len());
    }
    assert!(counts[0] == 0 && counts[1] == 0 && counts[2] > 0, "{counts:?}");
}

/// The account in the credential scope of a request.
fn caller(request: &HttpRequest) -> String {
    let authorization = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let scope = authorization.and_then(|(_, value)| value.split("Credential=").nth(1)).unwrap_or_default();
    scope.split('/').next().unwrap_or_default().to_owned()
}

/// What an account's hub shows that moves by itself.
#[derive(Clone, Copy, Debug)]
enum MovingState {
    /// Standards that get ready, a while after they were enabled.
    Standards,
    /// A counter in the hub's description, which goes up with every read.
    Counter,
    /// A list that has become shorter when it is read again.
    List,
}

/// The reads of an account, and what was refused to it.
#[derive(Default)]
struct Seen {
    reads: u64,
    refused: bool,
}

/// A server of such a state. With `done`, each refused EnableSecurityHub and CreateMembers takes the standards away.
fn moves(state: MovingState, done: bool) -> Arc<Meddling> {
    let accounts: Mutex<BTreeMap<String, Seen>> = Mutex::default();
    Arc::new(move |request, response| {
        let mut accounts = accounts.lock().unwrap();
        let seen = accounts.entry(caller(request)).or_default();
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else { return };
        let (path, refused) = (request.path.as_ref(), response.status >= 400);
        let moving = match state {
            MovingState::Standards | MovingState::List => "/standards/get",
            MovingState::Counter => "/accounts",
        };
        let is_read = path == moving && !refused && (path != "/accounts" || request.method == Method::Get);
        seen.refused |= refused && request.method == Method::Post && ["/accounts", "/members"].contains(&path);
        seen.reads += u64::from(is_read);
        let is_later = seen.reads.is_multiple_of(2);
        match state {
            MovingState::Standards if is_read && !is_later => {
                body = body.to_string().replace("\"READY\"", "\"PENDING\"").parse().unwrap();
            }
            MovingState::Counter if is_read => body["Reads"] = seen.reads.into(),
            MovingState::List if is_read && is_later => body["StandardsSubscriptions"] = json!([]),
            _ => {}
        }
        if path == "/standards/get" && done && seen.refused {
            body = json!({});
        }
        response.body = body.to_string().into_bytes();
    })
}

/// The changes that refused requests are said to have made.
async fn changes_behind_refusals(state: MovingState, done: bool) -> Vec<(String, String)> {
    let server = Turncoat::start(When::Call(0), Hostility::Meddle(moves(state, done))).await;
    let only = vec![Filter::Operation(Operation::CreateMembers), Filter::Operation(Operation::EnableSecurityHub)];
    let settings = RunSettings {
        selection: RunSelection { only, skip: Vec::new() },
        phases: vec![Phase::Probe, Phase::Malformed],
        malformed: Some(120),
        max_time: Duration::from_secs(300),
        ..malformed::settings()
    };
    let record = run(&server, settings, &Interrupt::default(), |_| {}).await;
    assert!(record.wire.requests > 100, "{state:?}: {:?}", record.wire);
    let behind = record.divergences.iter().filter(|found| found.fingerprint.contains("I12"));
    behind.map(|found| (found.operation.clone(), found.observed.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_by_itself_is_no_change_by_a_refused_request() {
    for state in [MovingState::Standards, MovingState::Counter, MovingState::List] {
        assert_eq!(changes_behind_refusals(state, false).await, [], "{state:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_refused_request_changes_is_found_beside_what_moves_by_itself() {
    for state in [MovingState::Standards, MovingState::Counter] {
        let found = changes_behind_refusals(state, true).await;
        assert!(
            found
                .iter()
                .any(|(_, observed)| observed.contains("GetEnabledStandards") && observed.contains("shows {}")),
            "{found:?}"
        );
    }
}
