//! A mock under test by the one who maintains it: an axum service with a few operations, two of them wrong.
//!
//! ```console
//! $ cargo run -p passmuster --example own_service
//! ```
//!
//! `main` prints what the harness says; `tests/examples.rs` holds that it is this. The account that calls is the
//! access key id, as for most stand-ins.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error;
use std::io::{Write, stdout};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use passmuster::targets::InProcess;
use passmuster::targets::scope::CredentialScope;
use passmuster::{Findings, Harness, HarnessError};
use serde_json::{Value, json};

/// An account in a Region.
type Hub = (String, String);

/// The hubs that are on, each with its members and their addresses.
type Store = BTreeMap<Hub, BTreeMap<String, Option<String>>>;

/// The one instant of a mock without a clock.
const NOW: &str = "2026-01-01T00:00:00.000Z";
/// The most accounts that one call may name.
const MOST_ACCOUNTS: usize = 50;

type Shared = State<Arc<Mutex<Store>>>;

/// The mock.
pub(crate) fn service() -> Router {
    Router::new()
        .route("/accounts", get(describe_hub).post(enable_security_hub).delete(disable_security_hub))
        .route("/members", post(create_members))
        .route("/members/get", post(get_members))
        .with_state(Arc::default())
}

/// Runs the harness against it and returns what is wrong.
///
/// # Errors
///
/// When the run can't begin.
pub(crate) async fn findings() -> Result<Findings, HarnessError> {
    Harness::new().max_calls(600).test(InProcess::new(service())).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let findings = findings().await?;
    writeln!(stdout(), "{findings}")?;
    Ok(())
}

async fn enable_security_hub(State(store): Shared, headers: HeaderMap) -> Response {
    answer(&store, &headers, |store, hub| match store.entry(hub.clone()) {
        Entry::Vacant(place) => {
            place.insert(BTreeMap::new());
            Ok(json!({}))
        }
        Entry::Occupied(_) => Err((StatusCode::CONFLICT, "ResourceConflictException")),
    })
}

async fn describe_hub(State(store): Shared, headers: HeaderMap) -> Response {
    answer(&store, &headers, |store, hub| {
        members_of(store, hub)?;
        let (account, region) = hub;
        Ok(json!({
            "HubArn": format!("arn:aws:securityhub:{region}:{account}:hub/default"),
            "SubscribedAt": NOW,
            "AutoEnableControls": true,
            "ControlFindingGenerator": "SECURITY_CONTROL",
        }))
    })
}

async fn disable_security_hub(State(store): Shared, headers: HeaderMap) -> Response {
    answer(&store, &headers, |store, hub| {
        members_of(store, hub)?;
        store.remove(hub);
        Ok(json!({}))
    })
}

/// Wrong: it doesn't say that an account is a member already.
async fn create_members(State(store): Shared, headers: HeaderMap, body: Bytes) -> Response {
    answer(&store, &headers, |store, hub| {
        let members = members_of(store, hub)?;
        let input = input(&body)?;
        for details in listed(&input, "AccountDetails")? {
            let id = details["AccountId"].as_str().ok_or(INVALID)?;
            let email = details["Email"].as_str().map(str::to_owned);
            members.entry(id.to_owned()).or_insert(email);
        }
        Ok(json!({ "UnprocessedAccounts": [] }))
    })
}

/// Wrong: a new member is shown as if it had accepted an invitation.
async fn get_members(State(store): Shared, headers: HeaderMap, body: Bytes) -> Response {
    answer(&store, &headers, |store, hub| {
        let known = members_of(store, hub)?;
        let input = input(&body)?;
        let (mut members, mut unknown) = (Vec::new(), Vec::new());
        for id in listed(&input, "AccountIds")? {
            let id = id.as_str().ok_or(INVALID)?;
            match known.get(id) {
                Some(email) => members.push(member(&hub.0, id, email.as_deref())),
                None => unknown.push(json!({ "AccountId": id, "ProcessingResult": "not a member" })),
            }
        }
        Ok(json!({ "Members": members, "UnprocessedAccounts": unknown }))
    })
}

/// The status and type of an error.
type Refused = (StatusCode, &'static str);

const INVALID: Refused = (StatusCode::BAD_REQUEST, "InvalidInputException");

fn member(administrator: &str, id: &str, email: Option<&str>) -> Value {
    let mut member = json!({
        "AccountId": id,
        "AdministratorId": administrator,
        "MasterId": administrator,
        "MemberStatus": "Enabled",
        "UpdatedAt": NOW,
    });
    if let Some(email) = email {
        member["Email"] = email.into();
    }
    member
}

/// The members of a hub, where it is on.
fn members_of<'a>(store: &'a mut Store, hub: &Hub) -> Result<&'a mut BTreeMap<String, Option<String>>, Refused> {
    store.get_mut(hub).ok_or((StatusCode::UNAUTHORIZED, "InvalidAccessException"))
}

/// The list that a member of the input holds.
fn listed<'a>(input: &'a Value, name: &str) -> Result<&'a [Value], Refused> {
    let list = input[name].as_array().filter(|list| !list.is_empty() && list.len() <= MOST_ACCOUNTS);
    list.map(Vec::as_slice).ok_or(INVALID)
}

fn input(body: &[u8]) -> Result<Value, Refused> {
    serde_json::from_slice(body).map_err(|_| INVALID)
}

/// Finds out who calls and where, asks `operation`, and writes its answer.
fn answer(
    store: &Mutex<Store>,
    headers: &HeaderMap,
    operation: impl FnOnce(&mut Store, &Hub) -> Result<Value, Refused>,
) -> Response {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let answered = match authorization.and_then(CredentialScope::parse) {
        None => Err((StatusCode::FORBIDDEN, "AccessDeniedException")),
        Some(scope) => {
            let hub = (scope.access_key.to_owned(), scope.region.to_owned());
            operation(&mut store.lock().unwrap_or_else(PoisonError::into_inner), &hub)
        }
    };
    match answered {
        Ok(output) => ([("content-type", "application/json")], output.to_string()).into_response(),
        Err((status, code)) => {
            let body = json!({ "Code": code, "Message": "refused" }).to_string();
            (status, [("content-type", "application/json"), ("x-amzn-errortype", code)], body).into_response()
        }
    }
}
