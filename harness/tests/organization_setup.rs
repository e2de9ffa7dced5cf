//! Scenarios found the organization that they need, or take one that is there, or say clearly why they can't.

#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::sample::description;
use passmuster::domain::{Account, Operation};
use passmuster::engine::{
    EmbeddedSupply, HttpSupply, Interrupt, Phase, ReplayedStep, Run, RunSettings, Supply, Support, replay,
};
use passmuster::generate::parse_scenario;
use passmuster::record::RuleStatus;
use passmuster::server::{Answers, Embedded, Listener, Reference};
use passmuster::targets::guard::Guard;
use passmuster::targets::{Caller, HttpTransport, OrganizationSetup, SystemUnderTest, Target, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse, encode_request};
use serde_json::{Value, json};

const FOUNDING: &str = r#"
management CreateOrganization {}
management CreateAccount {"AccountName":"@administrator"}
management CreateAccount {"AccountName":"@member-1"}
management EnableAWSServiceAccess {}
management EnableOrganizationAdminAccount {"AdminAccountId":"@administrator"}
"#;

const USE: &str = r#"
management ListOrganizationAdminAccounts {"MaxResults":1}
administrator CreateMembers {"AccountDetails":[{"AccountId":"@member-1"}]}
administrator GetMembers {"AccountIds":["@member-1"]}
administrator ListMembers {}
member-1 GetAdministratorAccount {}
member-1 BatchImportFindings {"Findings":[{"AwsAccountId":"@member-1","Id":"one"},{"AwsAccountId":"@member-1","Id":"two"}]}
administrator GetFindings {"MaxResults":1}
member-1 GetEnabledStandards {"MaxResults":1}
"#;

const CHANGES: &str = r#"
management ListAccounts {"MaxResults":1}
administrator UpdateOrganizationConfiguration {"AutoEnable":true}
management CreateAccount {"AccountName":"@member-2"}
administrator GetMembers {"AccountIds":["@member-2"]}
management CloseAccount {"AccountId":"@member-1"}
management RemoveAccountFromOrganization {"AccountId":"@member-2"}
administrator ListMembers {"OnlyAssociated":"false"}
management DisableAWSServiceAccess {}
"#;

async fn run<S: Supply>(supply: S, organization: OrganizationSetup, parts: &[&str]) -> Vec<ReplayedStep> {
    let scenario = parse_scenario(&format!("passmuster scenario 1{}", parts.concat())).unwrap();
    let settings = RunSettings { organization, ..RunSettings::default() };
    replay(&Arc::new(supply), &settings, &scenario).await.unwrap()
}

fn assert_clean(steps: &[ReplayedStep], expected: usize) {
    for replayed in steps {
        assert!(replayed.divergences.is_empty() && replayed.inconclusive.is_none(), "{replayed:?}");
    }
    assert_eq!(steps.len(), expected);
}

/// The reason for which the last step ended the scenario; nothing may have diverged.
fn why_ended(steps: &[ReplayedStep]) -> &str {
    assert!(steps.iter().all(|step| step.divergences.is_empty()), "{steps:?}");
    steps.last().and_then(|step| step.inconclusive.as_deref()).unwrap_or_else(|| panic!("{steps:?}"))
}

#[tokio::test]
async fn the_embedded_server_founds_organizations_for_scenarios() {
    let steps = run(EmbeddedSupply::default(), OrganizationSetup::Api, &[FOUNDING, USE, CHANGES]).await;
    assert_clean(&steps, 21);
    let created = r#"200 {"CreateAccountStatus":{"AccountId":"<member-1>","State":"SUCCEEDED"}}"#;
    assert_eq!(steps[2].step.response, created);
    let listed = &steps[13].step;
    assert_eq!(listed.operation, "ListAccounts");
    for name in ["<management>", "<administrator>", "<member-1>"] {
        assert!(listed.response.contains(name), "{}", listed.response);
    }
    assert_eq!(
        steps[11].step.response.matches("\"Id\":").count(),
        4,
        "both findings and their resources are shown"
    );
}

#[tokio::test]
async fn a_server_behind_a_socket_founds_organizations_for_scenarios() {
    let listener = Listener::bind(0, Duration::ZERO).await.unwrap();
    let target = Target { endpoint: Some(listener.endpoint()), ..Target::default() };
    tokio::spawn(listener.serve(Reference::new(1, Answers::default(), &[])));
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    for _ in 0..2 {
        // The second finds the accounts of the first in use.
        let supply = HttpSupply { transport: transport.clone(), reset: None };
        assert_clean(&run(supply, OrganizationSetup::Api, &[FOUNDING, USE, CHANGES]).await, 21);
    }
}

#[tokio::test]
async fn what_the_model_refuses_may_be_refused_and_the_scenario_goes_on() {
    let early = "\nmanagement CreateAccount {\"AccountName\":\"@member-1\"}";
    let twice = "management CreateOrganization {}\n";
    let steps = run(EmbeddedSupply::default(), OrganizationSetup::Api, &[early, FOUNDING, twice, USE]).await;
    assert_clean(&steps, 15);
    assert!(steps[0].step.response.contains("AWSOrganizationsNotInUseException"), "{:?}", steps[0]);
    assert!(steps[6].step.response.contains("AlreadyInOrganizationException"), "{:?}", steps[6]);
}

#[tokio::test]
async fn an_account_that_was_used_by_another_id_is_not_created() {
    let before = "\nadministrator GetMembers {\"AccountIds\":[\"@member-1\"]}";
    let steps = run(EmbeddedSupply::default(), OrganizationSetup::Api, &[before, FOUNDING]).await;
    let reason = "the organization could not be set up: administrator has had an id before it was created";
    assert_eq!((steps.len(), why_ended(&steps)), (3, reason));
}

/// A server that creates accounts after it has answered, and says so to those who ask for the second time.
struct Slow {
    server: Embedded,
    /// What is to be told, and how often it was asked for.
    pending: Mutex<BTreeMap<String, (Value, u32)>>,
}

impl SystemUnderTest for Slow {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let target = request.header("x-amz-target").unwrap_or_default().to_owned();
        if target.ends_with(".DescribeCreateAccountStatus") {
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            let mut pending = self.pending.lock().unwrap();
            let id = asked["CreateAccountRequestId"].as_str().unwrap().to_owned();
            let (status, times) = pending.get_mut(&id).unwrap();
            *times += 1;
            let body = if *times < 2 { json!({ "State": "IN_PROGRESS", "Id": id }) } else { status.clone() };
            let body = json!({ "CreateAccountStatus": body }).to_string().into_bytes();
            return Ok(HttpResponse { status: 200, headers: Vec::new(), body });
        }
        let mut response = self.server.call(caller, request).await?;
        if target.ends_with(".CreateAccount") && response.status == 200 {
            let mut body: Value = serde_json::from_slice(&response.body).unwrap();
            let mut pending = self.pending.lock().unwrap();
            let id = format!("car-{:08}", pending.len());
            let status = &mut body["CreateAccountStatus"];
            status["Id"] = json!(id);
            pending.insert(id.clone(), (status.clone(), 0));
            *status = json!({ "State": "IN_PROGRESS", "Id": id });
            response.body = body.to_string().into_bytes();
        }
        Ok(response)
    }
}

struct SlowSupply;

impl Supply for SlowSupply {
    type Sut = Slow;
    fn open(&self) -> Slow {
        Slow { server: Embedded::new(1, Answers::default(), &[]), pending: Mutex::default() }
    }
}

#[tokio::test]
async fn accounts_that_are_still_being_created_are_waited_for() {
    let steps = run(SlowSupply, OrganizationSetup::Api, &[FOUNDING, USE]).await;
    assert_clean(&steps, 13);
}

/// A server that answers the creation of an account with a body of its own.
struct Creating(Embedded, &'static str);

impl SystemUnderTest for Creating {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let creates = request.header("x-amz-target").is_some_and(|target| target.ends_with(".CreateAccount"));
        // The probe's own account is called after the tool.
        let probes = String::from_utf8_lossy(&request.body).contains("passmuster");
        let mut response = self.0.call(caller, request).await?;
        if creates && !probes {
            response.status = if self.1.contains("__type") { 400 } else { 200 };
            response.body = self.1.as_bytes().to_vec();
        }
        Ok(response)
    }
}

struct CreatingSupply(&'static str);

impl Supply for CreatingSupply {
    type Sut = Creating;
    fn open(&self) -> Creating {
        Creating(Embedded::new(1, Answers::default(), &[]), self.0)
    }
}

#[tokio::test]
async fn a_failed_set_up_is_inconclusive_and_never_a_divergence() {
    for (body, reason) in [
        (
            r#"{"__type":"ConcurrentModificationException","Message":"Try again."}"#,
            "CreateAccount answered 400 ConcurrentModificationException",
        ),
        (
            r#"{"CreateAccountStatus":{"Id":"car-1","State":"IN_PROGRESS"}}"#,
            "CreateAccount brought no account id (State IN_PROGRESS)",
        ),
        ("[]", "CreateAccount answered 200, unreadable"),
    ] {
        let steps = run(CreatingSupply(body), OrganizationSetup::Api, &[FOUNDING, USE]).await;
        let expected = format!("the organization could not be set up: {reason}");
        assert_eq!((steps.len(), why_ended(&steps)), (2, expected.as_str()));
    }
}

#[tokio::test]
async fn the_id_of_another_account_is_not_taken_for_a_new_one() {
    // Each creation brings the same id.
    let body = r#"{"CreateAccountStatus":{"State":"SUCCEEDED","AccountId":"912345678901"}}"#;
    let steps = run(CreatingSupply(body), OrganizationSetup::Api, &[FOUNDING]).await;
    let reason = "the organization could not be set up: the id of another account came for a new one";
    assert_eq!((steps.len(), why_ended(&steps)), (3, reason));
}

/// A server that has an organization from the start.
struct Founded(Mutex<Reference>);

impl SystemUnderTest for Founded {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let changes = request.header("x-amz-target").filter(|target| !target.ends_with(".ListAccounts"));
        assert_eq!(changes, None, "a given organization is left as it is");
        Ok(self.0.lock().unwrap().handle_as(caller, &request))
    }
}

const MANAGEMENT: &str = "999999999999";

struct FoundedSupply;

impl FoundedSupply {
    /// A server, and its organization's accounts.
    fn found() -> (Reference, Vec<Account>) {
        let mut server = Reference::new(1, Answers::default(), &[]);
        let mut call = |operation, members: Value| {
            let request = encode_request(operation, members.as_object().unwrap());
            let response = server.handle_as(&Caller::new(MANAGEMENT, "us-east-1"), &request);
            assert_eq!(response.status, 200, "{operation}");
            serde_json::from_slice(&response.body).unwrap_or(Value::Null)
        };
        call(Operation::CreateOrganization, json!({}));
        let mut account = |name: &str| {
            let members = json!({ "AccountName": name, "Email": "a@example.com" });
            let created = call(Operation::CreateAccount, members);
            Account::from_digits(created["CreateAccountStatus"]["AccountId"].as_str().unwrap()).unwrap()
        };
        let accounts = vec![account("one"), account("two")];
        call(Operation::EnableAWSServiceAccess, json!({ "ServicePrincipal": "securityhub.amazonaws.com" }));
        (server, accounts)
    }
}

impl Supply for FoundedSupply {
    type Sut = Founded;
    fn open(&self) -> Founded {
        Founded(Mutex::new(Self::found().0))
    }
}

fn given() -> OrganizationSetup {
    let management = Account::from_digits(MANAGEMENT).unwrap();
    OrganizationSetup::Static { management, accounts: FoundedSupply::found().1 }
}

#[tokio::test]
async fn a_given_organization_is_taken_without_a_call() {
    assert_clean(&run(FoundedSupply, given(), &[FOUNDING, USE]).await, 13);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_organization_takes_part_in_the_walk() {
    let settings = RunSettings {
        phases: vec![Phase::Probe, Phase::Walk],
        organization: given(),
        // Each scenario has a server of its own.
        fresh_accounts: false,
        max_calls: 800,
        workers: 1,
        ..RunSettings::default()
    };
    let run = Run::start(Arc::new(FoundedSupply), settings.clone(), &Interrupt::default(), |_| {}).await.unwrap();
    let record = run.record(&settings, &description());
    assert_eq!(record.divergences, []);
    let held = |rule: &&str| record.rules.iter().any(|one| one.id == *rule && one.status == RuleStatus::Held);
    let of_organizations = ["SH-ORG-001", "SH-ORG-003", "SH-CREATE-022", "SH-DISABLE-003", "SH-LEAVE-002"];
    let missing: Vec<&&str> = of_organizations.iter().filter(|rule| !held(rule)).collect();
    assert!(missing.is_empty(), "{missing:?} of {:?}, {:?}", record.totals, record.inconclusive);
}

#[tokio::test]
async fn what_a_given_organization_cannot_offer_is_inconclusive() {
    let third = "\nmanagement CreateOrganization {}
        management CreateAccount {\"AccountName\":\"@member-1\"}
        management CreateAccount {\"AccountName\":\"@member-2\"}
        management CreateAccount {\"AccountName\":\"@member-3\"}\n";
    for (parts, reason) in [
        ([third, ""], "2 accounts are given"),
        (
            [FOUNDING, "management CreateAccount {\"AccountName\":\"@member-2\"}"],
            "the accounts of a given organization are in it from the start",
        ),
        (
            ["\nmanagement CreateOrganization {}\n", "management ListAccounts {}"],
            "a given organization takes no ListAccounts",
        ),
    ] {
        let steps = run(FoundedSupply, given(), &parts).await;
        assert_eq!(why_ended(&steps), format!("the organization could not be set up: {reason}"));
    }
}

#[tokio::test]
async fn an_organization_that_is_not_there_is_told_from_one_that_is() {
    let scenario = parse_scenario(&format!("passmuster scenario 1{FOUNDING}")).unwrap();
    let other = Account::from_digits("911111111111").unwrap();
    let OrganizationSetup::Static { management, .. } = given() else { panic!("{:?}", given()) };
    let stranger = OrganizationSetup::Static { management: other, accounts: vec![management] };
    let missing = OrganizationSetup::Static { management, accounts: vec![other] };
    for (organization, reason) in [(stranger, "911111111111 is in none"), (missing, "911111111111 is not in it")] {
        let settings = RunSettings { organization, ..RunSettings::default() };
        let error = replay(&Arc::new(FoundedSupply), &settings, &scenario).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("the organization given is not there: {reason}; ")), "{error}");
    }
}

#[tokio::test]
async fn without_an_organization_scenarios_that_need_one_do_not_run() {
    let steps = run(EmbeddedSupply::default(), OrganizationSetup::None, &[FOUNDING]).await;
    assert_eq!((steps.len(), why_ended(&steps)), (1, "the organization could not be set up: there is none"));
}

/// A server without AWS Organizations.
struct Bare(Embedded);

impl SystemUnderTest for Bare {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let known = request.header("x-amz-target").is_none();
        let response = self.0.call(caller, request).await?;
        if known { Ok(response) } else { Ok(HttpResponse { status: 404, headers: Vec::new(), body: Vec::new() }) }
    }
}

struct BareSupply;

impl Supply for BareSupply {
    type Sut = Bare;
    fn open(&self) -> Bare {
        Bare(Embedded::new(1, Answers::default(), &[]))
    }
}

async fn probe<S: Supply>(supply: S) -> Run {
    let settings = RunSettings { phases: vec![Phase::Probe], ..RunSettings::default() };
    Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

#[tokio::test]
async fn the_probe_finds_out_whether_an_organization_can_be_set_up() {
    let run = probe(EmbeddedSupply::default()).await;
    assert!(Operation::SETUP.iter().all(|operation| run.support.get(*operation) == Some(&Support::Supported)));
    assert_eq!(run.support.supported(), Operation::ALL.len(), "what sets up is not under test");
    assert_eq!(run.remarks, Vec::<String>::new());
    let run = probe(BareSupply).await;
    assert!(Operation::SETUP.iter().all(|operation| !run.support.has(*operation)));
    let remark = &run.remarks[0];
    assert!(remark.starts_with("no organization can be set up: CreateOrganization answered 404, "), "{remark}");
    assert!(run.tally.operations.keys().all(|operation| !operation.is_setup()), "{:?}", run.tally.operations);
}
