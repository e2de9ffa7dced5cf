//! A mock that has three operations and no hubs: what it has is tested all the same, as if the hubs were on. One that
//! takes all accounts for one is not.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use passmuster::engine::{Interrupt, ProbeError, Run, RunError, RunSettings, Supply};
use passmuster::server::{Embedded, Fault, ServerSettings};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// What is wrong with the mock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    None,
    CreatesAgain,
    GetsNoEmail,
    ListsEverybody,
}

type Lists = BTreeMap<(String, String), BTreeMap<String, Value>>;

/// The mock of somebody who needed CreateMembers, GetMembers and ListMembers.
struct Mock(Bug, Arc<Mutex<Lists>>);

impl SystemUnderTest for Mock {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(json!({}));
        let mut lists = self.1.lock().unwrap();
        let list = lists.entry((caller.account.to_string(), caller.region.to_string())).or_default();
        let answered = match (request.method.name(), &*request.path) {
            ("POST", "/members") => create(self.0, list, &caller.account, &body),
            ("POST", "/members/get") => get(self.0, list, &body),
            ("GET", "/members") => page(self.0, list, &request.query),
            _ => Err((404, "no_route")),
        };
        let (status, body) = match answered {
            Ok(body) => (200, body),
            Err((status, code)) => (status, json!({ "code": code, "message": "no" })),
        };
        let headers = vec![("content-type".into(), "application/json".to_owned())];
        Ok(HttpResponse { status, headers, body: body.to_string().into_bytes() })
    }
}

type Answered = Result<Value, (u16, &'static str)>;

const INVALID: (u16, &str) = (400, "InvalidInputException");

fn create(bug: Bug, list: &mut BTreeMap<String, Value>, caller: &str, body: &Value) -> Answered {
    let details =
        body["AccountDetails"].as_array().filter(|list| (1..=50).contains(&list.len())).ok_or(INVALID)?;
    let is_blank = |text: &Value| text.as_str().is_some_and(|text| text.trim().is_empty());
    if !details.iter().all(|detail| detail["AccountId"].is_string() && !is_blank(&detail["Email"])) {
        return Err(INVALID);
    }
    let mut unprocessed = Vec::new();
    for detail in details {
        let id = detail["AccountId"].as_str().unwrap_or_default();
        let malformed = id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit());
        if malformed || id == caller || list.contains_key(id) && bug != Bug::CreatesAgain {
            let reason = "The request is rejected since the given account ID is already a member.";
            unprocessed.push(json!({ "AccountId": id, "ProcessingResult": reason }));
            continue;
        }
        let mut entry = json!({
            "AccountId": id, "AdministratorId": caller, "MasterId": caller, "MemberStatus": "Created",
            "UpdatedAt": "2026-01-01T00:00:00.000Z",
        });
        if detail["Email"].is_string() {
            entry["Email"] = detail["Email"].clone();
        }
        list.insert(id.to_owned(), entry);
    }
    Ok(json!({ "UnprocessedAccounts": unprocessed }))
}

fn get(bug: Bug, list: &BTreeMap<String, Value>, body: &Value) -> Answered {
    let ids = body["AccountIds"].as_array().ok_or(INVALID)?;
    let found = ids.iter().filter_map(|id| list.get(id.as_str()?).cloned());
    let mut found: Vec<Value> = found.collect();
    if bug == Bug::GetsNoEmail {
        found.iter_mut().filter_map(Value::as_object_mut).for_each(|entry| drop(entry.remove("Email")));
    }
    Ok(json!({ "Members": found, "UnprocessedAccounts": [] }))
}

/// All are Created here, and thus on the list of everybody alone.
fn page(bug: Bug, list: &BTreeMap<String, Value>, query: &str) -> Answered {
    let asked: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let all = asked.get("OnlyAssociated").is_some_and(|value| *value == "false") || bug == Bug::ListsEverybody;
    if asked.get("OnlyAssociated").is_some_and(|value| !["true", "false"].contains(value)) {
        return Err(INVALID);
    }
    let size = asked.get("MaxResults").map_or(Ok(50), |text| text.parse::<usize>()).map_err(|_| INVALID)?;
    if !(1..=50).contains(&size) {
        return Err(INVALID);
    }
    let from = asked.get("NextToken").map_or(Ok(0), |text| text.parse::<usize>()).map_err(|_| INVALID)?;
    let shown: Vec<&Value> = list.values().filter(|_| all).collect();
    let end = (from + size).min(shown.len());
    let mut answer = json!({ "Members": shown.get(from..end).unwrap_or_default() });
    if end < shown.len() {
        answer["NextToken"] = json!(end.to_string());
    }
    Ok(answer)
}

struct MockSupply(Bug, Arc<Mutex<Lists>>);

impl Supply for MockSupply {
    type Sut = Mock;
    fn open(&self) -> Mock {
        Mock(self.0, self.1.clone())
    }
}

async fn run(bug: Bug) -> Run {
    let settings =
        RunSettings { max_calls: 1_500, max_time: std::time::Duration::from_secs(600), ..RunSettings::default() };
    Run::start(Arc::new(MockSupply(bug, Arc::default())), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

#[tokio::test]
async fn what_a_mock_without_hubs_has_is_tested_as_if_they_were_on() {
    let clean = run(Bug::None).await;
    assert!(clean.remarks.iter().any(|remark| remark.starts_with("the hub is given")), "{:?}", clean.remarks);
    assert!(
        clean.findings.is_empty(),
        "{:#?}",
        clean.findings.iter().map(|found| &found.divergence).collect::<Vec<_>>()
    );
    assert!(clean.tally.judged > 500, "{}", clean.tally.judged);
    for (bug, rule) in [
        (Bug::CreatesAgain, "SH-CREATE-007"),
        (Bug::GetsNoEmail, "SH-CREATE-002"),
        (Bug::ListsEverybody, "SH-LIST-001"),
    ] {
        let run = run(bug).await;
        let blamed: Vec<_> = run.findings.iter().filter_map(|found| found.divergence.rules.first()).collect();
        assert!(blamed.iter().any(|found| found.0 == rule), "{bug:?}: {blamed:?}");
    }
}

/// A server that takes every caller for one account.
struct OneAccount(Embedded);

impl SystemUnderTest for OneAccount {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let caller = Caller { account: "123456789012".into(), ..caller.clone() };
        self.0.call(&caller, request).await
    }
}

struct OneAccountSupply;

impl Supply for OneAccountSupply {
    type Sut = OneAccount;
    fn open(&self) -> OneAccount {
        OneAccount(Embedded::with(ServerSettings::default()))
    }
}

#[tokio::test]
async fn where_all_accounts_are_one_nothing_is_judged_and_the_account_is_named() {
    let settings = RunSettings::default();
    let ended = Run::start(Arc::new(OneAccountSupply), settings, &Interrupt::default(), |_| {}).await;
    let error = ended.unwrap_err();
    assert_eq!(error, RunError::Probe(ProbeError::OneAccount("123456789012".to_owned())));
    assert!(error.to_string().contains("--accounts single=123456789012 --reset"), "{error}");
}

/// That a hub is described where none is on is a fault, and no sign that accounts are one.
#[tokio::test]
async fn a_hub_that_is_shown_to_whom_it_belongs_though_it_is_off_is_found_as_a_fault() {
    struct Shows;
    impl Supply for Shows {
        type Sut = Embedded;
        fn open(&self) -> Embedded {
            let faults = vec![Fault::from_name("describe-off").unwrap()];
            Embedded::with(ServerSettings { faults, ..ServerSettings::default() })
        }
    }
    let settings = RunSettings { max_calls: 300, ..RunSettings::default() };
    let run = Run::start(Arc::new(Shows), settings, &Interrupt::default(), |_| {}).await.unwrap();
    assert!(!run.single_caller && !run.findings.is_empty());
}
