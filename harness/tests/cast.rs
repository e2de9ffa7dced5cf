//! Accounts of somebody: nothing is sent that the guard has not passed, and what is done to them is undone.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs::{self, OpenOptions};
use std::io::Write;

use passmuster::domain::shape::Method;
use passmuster::domain::{Document, Operation};
use passmuster::engine::{Interrupt, Phase, Run, RunSettings};
use passmuster::malformed::Message;
use passmuster::server::{Fault, ServerSettings};
use passmuster::targets::footprint::Footprint;
use passmuster::targets::guard::{Guard, GuardRefusal};
use passmuster::targets::identity::IdentityError;
use passmuster::targets::journal::LeftJournal;
use passmuster::targets::{
    AccountSelection, Caller, Credentials, HttpTransport, SystemUnderTest, Target, TransportError,
};
use passmuster::wire::{HttpRequest, encode_request};
use serde_json::json;

use crate::support::Server;
use crate::support::cast::{ACCOUNTS, REGIONS, closed, identified, journal, left, opened, reference, target};

fn caller(account: &str) -> Caller {
    Caller::new(account, REGIONS[0])
}

fn request(operation: Operation, members: serde_json::Value) -> HttpRequest {
    encode_request(operation, members.as_object().unwrap())
}

fn create(account: &str) -> HttpRequest {
    request(Operation::CreateMembers, json!({ "AccountDetails": [{ "AccountId": account }] }))
}

async fn refusal(transport: &HttpTransport, account: &str, request: HttpRequest) -> GuardRefusal {
    match transport.call(&caller(account), request).await {
        Err(TransportError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// All that could be sent, whatever it is.
async fn everything(transport: &HttpTransport, account: &str) -> Vec<GuardRefusal> {
    let mut refusals = Vec::new();
    for operation in Operation::ALL.iter().chain(Operation::SETUP).chain(Operation::BESIDE) {
        refusals.push(refusal(transport, account, encode_request(*operation, &Document::new())).await);
    }
    let raw = HttpRequest {
        method: Method::Post,
        path: "/moto-api/reset".into(),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    refusals.push(refusal(transport, account, raw.clone()).await);
    let form = ("content-type".into(), "application/x-www-form-urlencoded".to_owned());
    for body in ["Action=GetCallerIdentity&Version=2011-06-15", "Action=AssumeRole&Version=2011-06-15"] {
        let request =
            HttpRequest { path: "/".into(), headers: vec![form.clone()], body: body.into(), ..raw.clone() };
        refusals.push(refusal(transport, account, request).await);
    }
    for raw in [
        transport
            .send_raw(&caller(account), &Message::of(&create(ACCOUNTS[0])), None, Default::default())
            .await
            .map(drop),
        transport.open_raw(&caller(account)).await.map(drop),
        transport.raw_request(&caller(account), &Message::of(&create(ACCOUNTS[0]))).map(drop),
    ] {
        match raw {
            Err(TransportError::Refused(refusal)) => refusals.push(refusal),
            other => panic!("not refused: {other:?}"),
        }
    }
    refusals
}

#[tokio::test]
async fn no_way_to_send_leads_past_the_guard() {
    let server = Server::answering("HTTP/1.1 500 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let transport = closed(&server.endpoint);
    for refusal in everything(&transport, "999999999999").await {
        let is_due = matches!(refusal, GuardRefusal::NotAllowed { .. } | GuardRefusal::KeptBack { .. });
        assert!(is_due, "{refusal}");
    }
    // An account that is allowed reads, and asks who it is; all else is refused as long as nobody knows that.
    let mut sent = 0;
    for operation in Operation::ALL.iter().chain(Operation::SETUP).chain(Operation::BESIDE) {
        match transport.call(&caller(ACCOUNTS[0]), encode_request(*operation, &Document::new())).await {
            Ok(_) => {
                assert!(!operation.is_mutating(), "{operation}");
                sent += 1;
            }
            Err(error) => {
                assert!(operation.is_mutating() && matches!(error, TransportError::Refused(_)), "{error}");
            }
        }
    }
    assert_eq!(server.connections(), sent);
    // Nor does a guard without allowed accounts let anything off this machine.
    let elsewhere = HttpTransport::new(Target::at("http://192.0.2.1:5000"), Guard::default()).unwrap();
    for refusal in everything(&elsewhere, ACCOUNTS[0]).await {
        assert!(matches!(refusal, GuardRefusal::NotAllowed { .. }), "{refusal}");
    }
}

#[tokio::test]
async fn a_change_needs_a_known_account_a_journal_and_names_from_the_cast_alone() {
    let endpoint = reference(ServerSettings::default()).await;
    let transport = closed(&endpoint);
    let unknown = refusal(&transport, ACCOUNTS[0], create(ACCOUNTS[1])).await;
    assert!(unknown.to_string().contains("whose keys these are"), "{unknown}");
    identified(&transport).await;
    let early = refusal(&transport, ACCOUNTS[0], create(ACCOUNTS[1])).await;
    assert!(early.to_string().contains("no change is to be made yet"), "{early}");
    let (path, journal) = journal("names", &endpoint);
    transport.guard().permit_changes(journal, 100);
    transport.call(&caller(ACCOUNTS[0]), create(ACCOUNTS[1])).await.unwrap();
    let outsider = refusal(&transport, ACCOUNTS[0], create("999999999999")).await;
    assert!(matches!(&outsider, GuardRefusal::Outsider { named, .. } if named == "999999999999"), "{outsider}");
    let invite = request(Operation::InviteMembers, json!({ "AccountIds": [ACCOUNTS[1], "9999-9999-9999"] }));
    assert!(matches!(refusal(&transport, ACCOUNTS[0], invite).await, GuardRefusal::Outsider { .. }));
    for operation in [Operation::EnableOrganizationAdminAccount, Operation::CreateAccount] {
        let request = encode_request(operation, &Document::new());
        assert!(matches!(refusal(&transport, ACCOUNTS[0], request).await, GuardRefusal::KeptBack { .. }));
    }
    let lines = fs::read_to_string(&path).unwrap();
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains(r#""operation":"CreateMembers","touches":["111111111111","222222222222"]"#), "{lines}");
    let touched = LeftJournal::read(&path).unwrap().touched;
    assert_eq!(touched[REGIONS[0]].len(), 2);
}

#[tokio::test]
async fn no_more_calls_are_made_than_the_cap_allows_but_for_bringing_back() {
    let endpoint = reference(ServerSettings::default()).await;
    let transport = closed(&endpoint);
    identified(&transport).await;
    transport.guard().permit_changes(journal("cap", &endpoint).1, 2);
    let enable = || encode_request(Operation::EnableSecurityHub, &Document::new());
    for account in &ACCOUNTS[..2] {
        transport.call(&caller(account), enable()).await.unwrap();
    }
    assert_eq!(refusal(&transport, ACCOUNTS[2], enable()).await, GuardRefusal::Spent { most: 2 });
    transport.restore().await.unwrap();
    assert_eq!(left(&endpoint).await, [""; 0]);
}

#[tokio::test]
async fn keys_of_another_account_are_refused() {
    let endpoint = reference(ServerSettings::default()).await;
    let keys = |id: &str| Credentials { access_key: id.to_owned(), ..Credentials::default() }.into();
    let swapped = vec![(ACCOUNTS[0].to_owned(), keys(ACCOUNTS[1])), (ACCOUNTS[1].to_owned(), keys("AKIA"))];
    let target = Target { accounts: AccountSelection::Keys(swapped), ..target(&endpoint) };
    let transport = HttpTransport::new(target, Guard::allowing(ACCOUNTS, 100)).unwrap();
    let error = transport.identify(&caller(ACCOUNTS[0])).await.unwrap_err();
    assert!(matches!(&error, IdentityError::Other { found, .. } if found == ACCOUNTS[1]), "{error}");
    assert!(transport.identify(&caller(ACCOUNTS[1])).await.is_err());
    let early = refusal(&transport, ACCOUNTS[0], create(ACCOUNTS[1])).await;
    assert!(matches!(early, GuardRefusal::TooEarly { .. }), "{early}");
}

#[tokio::test]
async fn what_an_account_has_is_seen_whatever_it_is() {
    let endpoint = reference(ServerSettings::default()).await;
    let plain = HttpTransport::new(Target::at(&endpoint), Guard::default()).unwrap();
    let read = async |account: &str| Footprint::read(&plain, &caller(account)).await.unwrap();
    assert!(read(ACCOUNTS[0]).await.is_empty());
    for account in &ACCOUNTS[..2] {
        let enable = encode_request(Operation::EnableSecurityHub, &Document::new());
        plain.call(&caller(account), enable).await.unwrap();
    }
    assert_eq!(read(ACCOUNTS[0]).await.to_string(), "its hub is on");
    plain.call(&caller(ACCOUNTS[0]), create(ACCOUNTS[1])).await.unwrap();
    let invite = request(Operation::InviteMembers, json!({ "AccountIds": [ACCOUNTS[1]] }));
    plain.call(&caller(ACCOUNTS[0]), invite).await.unwrap();
    let (inviter, invitee) = (read(ACCOUNTS[0]).await, read(ACCOUNTS[1]).await);
    assert_eq!(inviter.members, [ACCOUNTS[1]]);
    assert_eq!(invitee.invitations, [ACCOUNTS[0]]);
    assert!(!invitee.is_alone() && inviter.to_string().contains("it has the members 222222222222"), "{inviter}");
}

async fn run(endpoint: &str, name: &str, settings: impl FnOnce(&mut RunSettings)) -> Run {
    let (supply, mut chosen) = opened(endpoint, journal(name, endpoint).1, 100_000).await;
    settings(&mut chosen);
    let run = Run::start(supply.clone(), chosen, &Interrupt::default(), |_| ()).await.unwrap();
    supply.transport.restore().await.unwrap();
    run
}

#[tokio::test]
async fn a_run_on_the_reference_server_finds_nothing_and_leaves_nothing() {
    let endpoint = reference(ServerSettings::default()).await;
    let run = run(&endpoint, "clean", |settings| settings.max_calls = 400).await;
    assert!(run.findings.is_empty() && run.unconfirmed.is_empty(), "{:?}", run.findings);
    assert!(run.tally.judged > 100 && run.stopped.is_none(), "{:?}", run.stopped);
    assert_eq!(left(&endpoint).await, [""; 0]);
}

#[tokio::test]
async fn a_fault_is_found_with_accounts_that_are_brought_back() {
    let faults = vec![Fault::from_name("create-all-or-nothing").unwrap()];
    let endpoint = reference(ServerSettings { faults, ..ServerSettings::default() }).await;
    let run = run(&endpoint, "fault", |settings| {
        settings.max_calls = 6_000;
        settings.phases = vec![Phase::Probe, Phase::Boundary, Phase::Laws, Phase::Walk, Phase::Random];
    })
    .await;
    assert!(!run.findings.is_empty(), "{:?}", run.stopped);
    assert_eq!(left(&endpoint).await, [""; 0]);
}

#[tokio::test]
async fn a_journal_that_is_cut_anywhere_names_at_least_what_was_touched() {
    let endpoint = reference(ServerSettings::default()).await;
    let transport = closed(&endpoint);
    identified(&transport).await;
    let (path, begun) = journal("cut", &endpoint);
    let head = fs::read(&path).unwrap().len();
    transport.guard().permit_changes(begun, 100);
    transport.call(&caller(ACCOUNTS[0]), create(ACCOUNTS[1])).await.unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let read = LeftJournal::read(&path);
        match length {
            // Nothing was sent before the first line was whole.
            _ if length + 1 < head => assert!(read.is_err(), "{length}"),
            _ if length <= head => assert!(read.unwrap().touched.is_empty(), "{length}"),
            // What can't be read may have been anything.
            _ if length + 1 < whole.len() => {
                let touched = read.unwrap().touched;
                assert_eq!(touched.len(), REGIONS.len());
                assert!(touched.values().all(|accounts| accounts.len() == ACCOUNTS.len()), "{length}");
            }
            _ => assert_eq!(read.unwrap().touched[REGIONS[0]].len(), 2),
        }
    }
    fs::write(&path, &whole).unwrap();
    OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"{\"at\":\"2026\n{\"clean\":\"x\"}\n")
        .unwrap();
    assert!(LeftJournal::read(&path).unwrap().touched.is_empty());
    fs::write(&path, "{\"schema\":\"other/1\"}\n").unwrap();
    assert!(LeftJournal::read(&path).is_err());
}
