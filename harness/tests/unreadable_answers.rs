//! An answer that can't be read is judged as such: the finding shows what was sent and what SDKs make of it, and is not
//! blamed on state.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::time::Duration;

use crate::support::malformed::recorded;
use passmuster::domain::{DivergenceKind, Operation};
use passmuster::engine::{Filter, Phase, RunSelection, RunSettings, Supply};
use passmuster::record::{DivergenceRecord, RunRecord};
use passmuster::server::{Embedded, ServerSettings};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse, route};
use serde_json::{Value, json};

/// A change of an answer.
type Spoil = fn(&mut HttpResponse);

/// What is done to the answers of an operation.
#[derive(Clone, Copy)]
struct Spoilt {
    operation: Operation,
    how: Spoil,
}

struct Spoiling {
    inner: Embedded,
    spoilt: Spoilt,
}

impl SystemUnderTest for Spoiling {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let operation = route(&request);
        let mut response = self.inner.call(caller, request).await?;
        if operation == Some(self.spoilt.operation) {
            (self.spoilt.how)(&mut response);
        }
        Ok(response)
    }
}

struct SpoilingSupply(Spoilt);

impl Supply for SpoilingSupply {
    type Sut = Spoiling;

    fn open(&self) -> Spoiling {
        Spoiling { inner: Embedded::with(ServerSettings::default()), spoilt: self.0 }
    }
}

async fn run(operation: Operation, how: Spoil) -> RunRecord {
    let settings = RunSettings {
        phases: vec![Phase::Probe, Phase::Boundary, Phase::Walk],
        max_calls: 3_000,
        max_time: Duration::from_secs(600),
        workers: 2,
        selection: RunSelection { only: vec![Filter::Operation(operation)], skip: Vec::new() },
        ..RunSettings::default()
    };
    recorded(SpoilingSupply(Spoilt { operation, how }), settings).await
}

/// Changes the body of a success.
fn body(response: &mut HttpResponse, change: fn(&mut Value)) {
    let Ok(mut value) = serde_json::from_slice::<Value>(&response.body) else { return };
    if response.status == 200 {
        change(&mut value);
        response.body = value.to_string().into_bytes();
    }
}

fn first(value: &mut Value, list: &str, change: impl FnOnce(&mut Value)) {
    if let Some(entry) = value.get_mut(list).and_then(|list| list.get_mut(0)) {
        change(entry);
    }
}

fn rename(value: &mut Value, from: &str, to: &str) {
    let members = value.as_object_mut().unwrap();
    if let Some(moved) = members.remove(from) {
        members.insert(to.to_owned(), moved);
    }
}

/// The only kind of finding there is, which is firm: nothing is blamed on state.
fn only<'r>(record: &'r RunRecord, what: &str) -> &'r DivergenceRecord {
    assert_eq!(record.exit_code, 1, "{what}: {:?}", record.stopped);
    let told: Vec<_> = record.divergences.iter().map(|found| (&found.fingerprint, &found.observed)).collect();
    let [found] = &record.divergences[..] else { panic!("{what}: {told:#?}") };
    assert_eq!(found.kind, DivergenceKind::Wire, "{what}: {told:?}");
    assert_eq!((found.reproduced.hits, found.reproduced.of), (3, 3), "{what}");
    found
}

/// A way to spoil answers, the fingerprint of what is found, a part of what is shown, and what an SDK makes of it.
type Case = (Operation, Spoil, &'static str, &'static str, (&'static str, &'static str));

use Operation::{
    CreateMembers, DescribeHub, DescribeOrganizationConfiguration, GetAdministratorAccount, GetEnabledStandards,
    GetInvitationsCount, GetMembers, ListInvitations, ListMembers,
};

const GO: &str = "aws-sdk-go-v2 (b)";
const UNREADABLE: &str = "fails to decode the answer";

const TYPES: [Case; 10] = [
    (
        ListMembers,
        |answer| {
            body(answer, |value| {
                first(value, "Members", |entry| entry["AccountId"] = 111_122_223_333_u64.into());
            });
        },
        "ListMembers - wire /Members/-/AccountId",
        r#"a JSON number "111122223333" where a string belongs, at /Members/0/AccountId"#,
        (GO, UNREADABLE),
    ),
    (
        ListMembers,
        |answer| body(answer, |value| value["Members"].as_array_mut().unwrap().push(Value::Null)),
        "ListMembers - wire /Members/-",
        "a JSON null where an object belongs, at /Members/",
        ("aws-sdk-js-v3", "success, with null for an entry"),
    ),
    (
        ListMembers,
        |answer| body(answer, |value| rename(value, "Members", "members")),
        "ListMembers - wire /Members",
        r#"the name "members" where Members belongs"#,
        (GO, "success"),
    ),
    (
        GetMembers,
        |answer| {
            body(answer, |value| first(value, "Members", |entry| rename(entry, "MemberStatus", "memberStatus")));
        },
        "GetMembers - wire /Members/-/MemberStatus",
        r#"the name "memberStatus" where MemberStatus belongs"#,
        (GO, "success"),
    ),
    (
        DescribeHub,
        |answer| body(answer, |value| value["AutoEnableControls"] = "true".into()),
        "DescribeHub - wire /AutoEnableControls",
        "where a boolean belongs",
        (GO, "not predicted"),
    ),
    (
        GetInvitationsCount,
        |answer| body(answer, |value| value["InvitationsCount"] = "0".into()),
        "GetInvitationsCount - wire /InvitationsCount",
        "where an integer belongs",
        (GO, "not predicted"),
    ),
    (
        ListInvitations,
        |answer| body(answer, |value| value["Invitations"] = json!({})),
        "ListInvitations - wire /Invitations",
        "where a list belongs",
        (GO, UNREADABLE),
    ),
    (
        GetAdministratorAccount,
        |answer| body(answer, |value| value["Administrator"] = json!([])),
        "GetAdministratorAccount - wire /Administrator",
        "where an object belongs",
        (GO, UNREADABLE),
    ),
    (
        GetEnabledStandards,
        |answer| {
            body(answer, |value| first(value, "StandardsSubscriptions", |entry| entry["StandardsArn"] = 5.into()))
        },
        "GetEnabledStandards - wire /StandardsSubscriptions/-/StandardsArn",
        "where a string belongs",
        (GO, UNREADABLE),
    ),
    (
        DescribeOrganizationConfiguration,
        |answer| body(answer, |value| value["AutoEnable"] = 0.into()),
        "DescribeOrganizationConfiguration - wire /AutoEnable",
        "where a boolean belongs",
        (GO, "not predicted"),
    ),
];

async fn is_found((operation, how, fingerprint, observed, (sdk, reading)): Case) {
    let record = run(operation, how).await;
    let found = only(&record, fingerprint);
    assert_eq!(found.fingerprint.trim_end(), fingerprint);
    let shown = found.observed.as_str().unwrap();
    assert!(shown.contains(observed), "{fingerprint}: {shown}");
    assert_eq!(found.sdk_impact.get(sdk).map(String::as_str), Some(reading), "{fingerprint}");
    assert!(record.sdk.answers > 0, "{fingerprint}: {:?}", record.sdk);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_of_another_type_or_name_is_shown_as_it_was_sent() {
    for case in TYPES {
        is_found(case).await;
    }
}

/// Changes a list that has entries: without such an answer to the probe the operation would count as broken.
fn with_members(answer: &mut HttpResponse, change: fn(&mut Vec<u8>)) {
    if String::from_utf8_lossy(&answer.body).contains("AccountId") {
        change(&mut answer.body);
    }
}

/// Text in which the first member stands twice.
fn doubled(answer: &mut HttpResponse) {
    if answer.status == 200 {
        let text = String::from_utf8(answer.body.clone()).unwrap();
        answer.body = text.replacen("{\"", "{\"HubArn\":\"x\",\"", 1).into_bytes();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_such_json_is_shown() {
    let cases: [(Operation, Spoil, &str); 6] = [
        (DescribeHub, doubled, r#"the member "HubArn" twice"#),
        (
            ListMembers,
            |answer| with_members(answer, |body| body.truncate(body.len() - 1)),
            "a body that is not JSON",
        ),
        (
            ListMembers,
            |answer| with_members(answer, |body| *body = [b"\xef\xbb\xbf", body.as_slice()].concat()),
            "a body that is not JSON",
        ),
        (ListMembers, |answer| with_members(answer, |body| *body = b"<html></html>".to_vec()), "an HTML page"),
        (
            ListMembers,
            |answer| with_members(answer, |body| *body = [b"[", body.as_slice(), b"]"].concat()),
            "a JSON array where an object belongs",
        ),
        (
            ListMembers,
            |answer| with_members(answer, |body| *body = b"null".to_vec()),
            "a JSON null where an object belongs",
        ),
    ];
    for (operation, how, observed) in cases {
        let record = run(operation, how).await;
        assert_eq!(record.exit_code, 1, "{observed}");
        assert!(!record.divergences.is_empty(), "{observed}");
        for found in &record.divergences {
            assert_eq!(
                (found.kind, found.operation.as_str()),
                (DivergenceKind::Wire, operation.name()),
                "{observed}"
            );
        }
        let shows =
            |found: &DivergenceRecord| found.observed.as_str().is_some_and(|shown| shown.contains(observed));
        assert!(record.divergences.iter().any(shows), "{observed}: {:?}", record.divergences);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_in_place_of_an_output_is_blamed_on_the_answer() {
    let record = run(ListMembers, |answer| {
        if answer.status == 200 {
            answer.body.clear();
        }
    })
    .await;
    let found = only(&record, "an empty body");
    assert_eq!(found.fingerprint, "ListMembers - wire body");
    assert_eq!(found.observed, "200 with an empty body");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_status_of_success_is_a_finding_of_its_own() {
    let record = run(CreateMembers, |answer| {
        if answer.status == 200 {
            answer.status = 201;
        }
    })
    .await;
    let found = only(&record, "201");
    assert_eq!(found.fingerprint, "CreateMembers - wire status");
}

/// An error in XML, as other protocols of AWS have it.
fn in_xml(answer: &mut HttpResponse) {
    if answer.status < 400 {
        return;
    }
    let code = answer.header("x-amzn-errortype").unwrap_or("InvalidInputException").to_owned();
    answer.body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>").into_bytes();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_in_another_form_than_json_is_a_finding_with_a_code_and_without() {
    let bare: Spoil = |answer| {
        in_xml(answer);
        answer.headers.retain(|(name, _)| name != "x-amzn-errortype");
    };
    for how in [in_xml as Spoil, bare] {
        let record = run(DescribeHub, how).await;
        let found = only(&record, "XML");
        assert_eq!(found.fingerprint, "DescribeHub - wire body");
        assert!(found.observed.as_str().unwrap().contains("an XML document"), "{}", found.observed);
        assert_eq!(found.sdk_impact["aws-sdk-js-v3"], "crashes with SyntaxError");
    }
}
