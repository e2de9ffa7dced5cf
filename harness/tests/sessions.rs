//! Keys that come to an end, roles that are assumed, and clocks that are off: nothing of it shows in what is judged.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use passmuster::domain::{Document, Operation, Timestamp};
use passmuster::engine::{HttpSupply, Interrupt, Run, RunSettings};
use passmuster::fitted;
use passmuster::server::{ServerSettings, SessionRules, Signatures};
use passmuster::targets::guard::{Guard, GuardRefusal};
use passmuster::targets::identity::IdentityError;
use passmuster::targets::keys::{
    AssumedRole, IssuedKeys, KeyOrigin, KeySource, KeysOnTheirWay, RenewedKeys, RoleKeys,
};
use passmuster::targets::{
    AccountSelection, Caller, Credentials, HttpTransport, SystemUnderTest, Target, TransportError,
};
use passmuster::wire::encode_request;

use crate::support::Server;
use crate::support::cast::{ACCOUNTS, Gate, REGIONS, identified, journal, reference, target};

const SECRET: &str = "hunter2hunter2";
/// An account that assumes roles in the others, and is none of them.
const BASE: &str = "999999999999";

#[expect(clippy::disallowed_methods, reason = "the clock of a server")]
fn present() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis().try_into().unwrap())
}

fn an_hour_ago() -> Timestamp {
    Timestamp(present().0 - 3_600_000)
}

fn tomorrow() -> Timestamp {
    Timestamp(present().0 + 86_400_000)
}

async fn server(clock: fn() -> Timestamp, sessions: SessionRules) -> String {
    let signatures = Some(Signatures::new(SECRET, clock));
    reference(ServerSettings { signatures, sessions, ..ServerSettings::default() }).await
}

fn fixed(account: &str) -> Credentials {
    Credentials { access_key: account.to_owned(), secret_key: SECRET.to_owned(), session_token: None }
}

fn role(account: &str, external_id: Option<&str>) -> KeyOrigin {
    let role = AssumedRole::parse(&format!("arn:aws:iam::{account}:role/tester"), external_id).unwrap();
    KeyOrigin::Role(RoleKeys::new(role, fixed(BASE).into()))
}

/// A way there on which each account signs with keys of this origin, for so many calls.
fn signing(endpoint: &str, most: u64, origin: impl Fn(&str) -> KeyOrigin) -> HttpTransport {
    let keys = ACCOUNTS.iter().map(|account| ((*account).to_owned(), origin(account))).collect();
    let target = Target { accounts: AccountSelection::Keys(keys), ..target(endpoint) };
    HttpTransport::new(target, Guard::allowing(ACCOUNTS, most)).unwrap()
}

fn caller() -> Caller {
    Caller::new(ACCOUNTS[0], REGIONS[0])
}

async fn ask(transport: &HttpTransport) -> Result<u16, TransportError> {
    let answer = transport.call(&caller(), encode_request(Operation::ListMembers, &Document::new())).await;
    answer.map(|answer| answer.status)
}

/// A run that has to be clean.
async fn run(transport: HttpTransport, name: &str) {
    identified(&transport).await;
    let endpoint = transport.target().endpoint.clone().unwrap();
    transport.guard().permit_changes(journal(name, &endpoint).1, 100_000);
    let chosen = RunSettings { max_calls: 300, ..fitted(RunSettings::default(), transport.target()).unwrap() };
    let supply = Arc::new(HttpSupply { transport: transport.into(), reset: None });
    let run = Run::start(supply.clone(), chosen, &Interrupt::default(), |_| ()).await.unwrap();
    supply.transport.restore().await.unwrap();
    assert!(run.findings.is_empty() && run.unconfirmed.is_empty(), "{:?}", run.findings);
    assert!(run.tally.judged > 100 && run.stopped.is_none(), "{:?}", run.stopped);
}

#[tokio::test]
async fn a_run_with_a_role_in_each_account_is_clean_though_every_session_ends_in_the_middle_of_it() {
    for most_calls in [None, Some(7)] {
        let endpoint = server(present, SessionRules { most_calls, ..SessionRules::default() }).await;
        let name = format!("roles-{most_calls:?}");
        run(signing(&endpoint, 100_000, |account| role(account, None)), &name).await;
    }
}

#[tokio::test]
async fn a_session_is_opened_by_the_first_call_and_once_more_when_the_target_says_that_it_has_ended() {
    let endpoint = server(present, SessionRules { most_calls: Some(3), ..SessionRules::default() }).await;
    let gate = Gate::before(&endpoint, u64::MAX, true).await;
    let transport = signing(&gate.endpoint, 100, |account| role(account, None));
    for (calls, passed) in [(1, 2), (2, 3), (3, 4), (4, 7), (5, 8)] {
        ask(&transport).await.unwrap();
        assert_eq!(gate.passed(), passed, "after {calls} calls");
    }
    // A session that ends with its very first call is no reason to go on for ever.
    let endpoint = server(present, SessionRules { most_calls: Some(0), ..SessionRules::default() }).await;
    let gate = Gate::before(&endpoint, u64::MAX, true).await;
    let transport = signing(&gate.endpoint, 100, |account| role(account, None));
    assert_eq!(ask(&transport).await, Ok(403));
    assert_eq!(gate.passed(), 4);
}

#[tokio::test]
async fn sessions_pass_the_guard_and_count() {
    let endpoint = server(present, SessionRules::default()).await;
    let gate = Gate::before(&endpoint, u64::MAX, true).await;
    let transport = signing(&gate.endpoint, 1, |account| role(account, None));
    assert_eq!(ask(&transport).await, Err(GuardRefusal::Spent { most: 1 }.into()));
    assert_eq!(gate.passed(), 1);
    // A role in another account than the one that calls is not assumed, whoever is allowed.
    let astray = signing(&gate.endpoint, 100, |_| role(ACCOUNTS[1], None));
    let refused = ask(&astray).await.unwrap_err();
    assert!(matches!(refused, TransportError::Refused(GuardRefusal::KeptBack { .. })), "{refused}");
    let stranger = transport.identify(&Caller::new(BASE, REGIONS[0])).await.unwrap_err();
    assert!(stranger.to_string().contains("nobody allowed that account"), "{stranger}");
    // Nor is a session opened off this machine for accounts that nobody allowed.
    let keys = vec![(ACCOUNTS[0].to_owned(), role(ACCOUNTS[0], None))];
    let target = Target { accounts: AccountSelection::Keys(keys), ..Target::at("http://192.0.2.1:5000") };
    let elsewhere = HttpTransport::new(target, Guard::default()).unwrap();
    assert!(matches!(ask(&elsewhere).await, Err(TransportError::Refused(GuardRefusal::NotAllowed { .. }))));
    assert_eq!(gate.passed(), 1);
}

#[tokio::test]
async fn a_role_that_is_refused_is_told_with_its_arn_and_no_change_passes() {
    let rules = SessionRules { external_id: Some("of mine/1".to_owned()), ..SessionRules::default() };
    let endpoint = server(present, rules).await;
    let right = signing(&endpoint, 100, |account| role(account, Some("of mine/1")));
    assert_eq!(ask(&right).await, Ok(400), "no hub is on");
    let wrong = signing(&endpoint, 100, |account| role(account, None));
    let error = wrong.identify(&caller()).await.unwrap_err();
    let IdentityError::Transport { error: TransportError::NoKeys(why), .. } = &error else { panic!("{error}") };
    assert!(
        why.starts_with("assume arn:aws:iam::111111111111:role/tester: STS answered 403 (AccessDenied)"),
        "{why}"
    );
    assert!(!why.contains(SECRET), "{why}");
    let enable = encode_request(Operation::EnableSecurityHub, &Document::new());
    assert!(wrong.call(&caller(), enable).await.is_err());
}

#[tokio::test]
async fn keys_of_another_account_than_the_role_is_in_are_not_used() {
    let xml = "<AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::222222222222:assumed-role/tester/p</Arn>\
               </AssumedRoleUser><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>hunter3hunter3\
               </SecretAccessKey><SessionToken>t</SessionToken></Credentials></AssumeRoleResult>";
    let length = xml.len();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{xml}");
    let server = Server::answering(answer).await;
    let transport = signing(&server.endpoint, 100, |account| role(account, None));
    let error = transport.identify(&caller()).await.unwrap_err().to_string();
    assert!(error.contains("which is another account") && !error.contains("hunter3"), "{error}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_and_the_call_made_again() {
    for clock in [an_hour_ago as fn() -> Timestamp, tomorrow] {
        let endpoint = server(clock, SessionRules::default()).await;
        let gate = Gate::before(&endpoint, u64::MAX, true).await;
        let transport = signing(&gate.endpoint, 100, |account| fixed(account).into());
        for passed in [2, 3, 4] {
            assert_eq!(ask(&transport).await, Ok(400), "no hub is on");
            assert_eq!(gate.passed(), passed);
        }
        run(signing(&endpoint, 100_000, |account| role(account, None)), "skewed").await;
    }
    // A wrong secret under a right clock is no matter of the clock.
    let endpoint = server(present, SessionRules::default()).await;
    let gate = Gate::before(&endpoint, u64::MAX, true).await;
    let wrong = |account: &str| Credentials { secret_key: "hunter4hunter4".to_owned(), ..fixed(account) }.into();
    assert_eq!(ask(&signing(&gate.endpoint, 100, wrong)).await, Ok(403));
    assert_eq!(gate.passed(), 1);
}

/// A source that gives the keys of one account, and later those of another.
struct Turncoat(AtomicUsize);

impl KeySource for Turncoat {
    fn get(&self) -> KeysOnTheirWay<'_> {
        let account = ACCOUNTS[self.0.fetch_add(1, Ordering::SeqCst).min(1)];
        // They seem to end at once, so that they are got again before the next call.
        let keys = IssuedKeys { credentials: fixed(account), expires: Some(Timestamp(present().0 + 1)) };
        Box::pin(async move { Ok(keys) })
    }
}

#[tokio::test]
async fn keys_that_have_become_another_accounts_are_not_used() {
    let endpoint = server(present, SessionRules::default()).await;
    let transport =
        signing(&endpoint, 100, |_| KeyOrigin::Renewed(RenewedKeys::new(Turncoat(AtomicUsize::new(0)))));
    transport.identify(&caller()).await.unwrap();
    // The keys are held for the millisecond that they are good for.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let error = ask(&transport).await.unwrap_err().to_string();
    assert!(error.contains("they are another's now"), "{error}");
}
