//! A mock under test by the one who maintains it: an axum service with a few operations, two of them wrong.
//!
//! ```console
//! $ cargo run -p passmuster --example own_service
//! ```
//!
//! `main` prints what the harness says; `tests/examples.rs` holds that it is this. The account that calls is the
//! access key id, as for most stand-ins.

use std::collections::{BTreeMap, BTreeSet};
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

/// The hubs that are on, each with its members and what they are.
#[derive(Default)]
struct Store {
    hubs: BTreeSet<Hub>,
    members: BTreeMap<Hub, BTreeMap<String, &'static str>>,
}

type Shared = State<Arc<Mutex<Store>>>;

/// The mock.
pub(crate) fn service() -> Router {
    Router::new()
        .route("/accounts", get(describe_hub).post(enable_security_hub).delete(disable_security_hub))
        .route("/members", post(create_members))
        .route("/members/get", post(get_members))
        .with_state(Arc::default())
}

/// What the harness finds wrong with it.
///
/// # Errors
///
/// When the run can't begin.
pub(crate) async fn findings() -> Result<Findings, HarnessError> {
    Harness::new().max_calls(3_000).test(InProcess::new(service())).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let findings = findings().await?;
    writeln!(stdout(), "{findings}")?;
    Ok(())
}

async fn enable_security_hub(State(store): Shared, headers: HeaderMap) -> Response {
    answer(&store, &headers, |store, hub| match store.hubs.insert(hub.clone()) {
        true => Ok(json!({})),
        false => Err((StatusCode::CONFLICT, "ResourceConflictException")),
    })
}

async fn describe_hub(State(store): Shared, headers: HeaderMap) -> Response {
    answer(&store, &headers, |store, hub| {
        let (account, region) = is_on(store, hub)?;
        Ok(json!({ "HubArn": format!("arn:aws:securityhub:{region}:{account}:hub/default") }))
    })
}

async fn disable_security_hub(State(store): Shared, headers: HeaderMap) -> Response {
    answer(&store, &headers, |store, hub| {
        is_on(store, hub)?;
        store.hubs.remove(hub);
        store.members.remove(hub);
        Ok(json!({}))
    })
}

/// Wrong: it doesn't ask whether the hub is on.
async fn create_members(State(store): Shared, headers: HeaderMap, body: Bytes) -> Response {
    answer(&store, &headers, |store, hub| {
        let input = input(&body)?;
        let details = input["AccountDetails"].as_array().ok_or(INVALID)?;
        let members = store.members.entry(hub.clone()).or_default();
        for id in details.iter().filter_map(|details| details["AccountId"].as_str()) {
            members.entry(id.to_owned()).or_insert("Created");
        }
        Ok(json!({ "UnprocessedAccounts": [] }))
    })
}

/// Wrong: it forgets to say which accounts are no members.
async fn get_members(State(store): Shared, headers: HeaderMap, body: Bytes) -> Response {
    answer(&store, &headers, |store, hub| {
        is_on(store, hub)?;
        let input = input(&body)?;
        let ids = input["AccountIds"].as_array().ok_or(INVALID)?;
        let known = store.members.get(hub);
        let members: Vec<Value> = ids
            .iter()
            .filter_map(Value::as_str)
            .filter_map(|id| Some((id, known?.get(id)?)))
            .map(|(id, status)| json!({ "AccountId": id, "AdministratorId": hub.0, "MemberStatus": status }))
            .collect();
        Ok(json!({ "Members": members, "UnprocessedAccounts": [] }))
    })
}

/// The status and type of an error.
type Refused = (StatusCode, &'static str);

const INVALID: Refused = (StatusCode::BAD_REQUEST, "InvalidInputException");

fn is_on<'a>(store: &Store, hub: &'a Hub) -> Result<&'a Hub, Refused> {
    store.hubs.contains(hub).then_some(hub).ok_or((StatusCode::UNAUTHORIZED, "InvalidAccessException"))
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
