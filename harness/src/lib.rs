//! Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.
//!
//! The harness makes up sequences of calls by several accounts, sends them to a service, judges each answer by an
//! executable [`model`] whose [rules](catalogue::Rule) cite their evidence, and boils each
//! [divergence](domain::Divergence) down to the smallest [scenario](domain::Scenario) that shows it. The service may be
//! a mock, an emulator, a proxy with a cache: whatever speaks the API. Nothing is asked of AWS.
//!
//! This page points it at a service of your own. The program `passmuster` does the same for any server, without a
//! line of Rust.
//!
//! # A service in this process
//!
//! Say you maintain a mock, an axum router that has hubs, and nothing else yet. The account that calls stands in the
//! [credential scope](targets::scope::CredentialScope) that every request is signed with.
//!
//! ```
//! use std::collections::BTreeSet;
//! use std::sync::{Arc, Mutex};
//!
//! use axum::extract::State;
//! use axum::http::{HeaderMap, StatusCode};
//! use axum::response::{IntoResponse, Response};
//! use axum::{Router, routing::get};
//! use passmuster::targets::scope::CredentialScope;
//!
//! /// Accounts and Regions whose hub is on.
//! type Hubs = Arc<Mutex<BTreeSet<(String, String)>>>;
//!
//! fn hub_of(headers: &HeaderMap) -> Option<(String, String)> {
//!     let scope = CredentialScope::parse(headers.get("authorization")?.to_str().ok()?)?;
//!     Some((scope.access_key.to_owned(), scope.region.to_owned()))
//! }
//!
//! fn refusal(status: StatusCode, code: &'static str) -> Response {
//!     (status, [("x-amzn-errortype", code)], format!(r#"{{"Code":"{code}","Message":"no"}}"#)).into_response()
//! }
//!
//! async fn enable(State(hubs): State<Hubs>, headers: HeaderMap) -> Response {
//!     let Some(hub) = hub_of(&headers) else { return refusal(StatusCode::FORBIDDEN, "AccessDeniedException") };
//!     match hubs.lock().unwrap().insert(hub) {
//!         true => "{}".into_response(),
//!         false => refusal(StatusCode::CONFLICT, "ResourceConflictException"),
//!     }
//! }
//!
//! async fn describe(State(hubs): State<Hubs>, headers: HeaderMap) -> Response {
//!     let Some(hub) = hub_of(&headers) else { return refusal(StatusCode::FORBIDDEN, "AccessDeniedException") };
//!     if !hubs.lock().unwrap().contains(&hub) {
//!         return refusal(StatusCode::UNAUTHORIZED, "InvalidAccessException");
//!     }
//!     let (account, region) = hub;
//!     format!(r#"{{"HubArn":"arn:aws:securityhub:{region}:{account}:hub/default"}}"#).into_response()
//! }
//!
//! /// Says that it is done, and leaves the hub on.
//! async fn disable() -> &'static str {
//!     "{}"
//! }
//!
//! fn mock() -> Router {
//!     let hub = get(describe).post(enable).delete(disable);
//!     Router::new().route("/accounts", hub).with_state(Hubs::default())
//! }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use passmuster::Harness;
//! use passmuster::baseline::Ending;
//! use passmuster::engine::Phase;
//! use passmuster::targets::InProcess;
//!
//! let harness = Harness::new().phases([Phase::Random]).max_calls(200);
//! let findings = harness.test(InProcess::new(mock())).await?;
//!
//! assert_eq!(findings.ending(), Ending::NewDivergence);
//! let shown = findings.new_divergences().any(|found| {
//!     let steps = found.scenario.steps.iter().map(|step| step.operation.as_str());
//!     steps.eq(["EnableSecurityHub", "DisableSecurityHub", "DescribeHub"])
//! });
//! assert!(shown, "the hub that stays on is not found\n{findings}");
//! # Ok(()) })
//! # }
//! ```
//!
//! [`Harness`] runs the [phases](engine::Phase) it is told, or the usual ones, with the usual
//! [settings](engine::RunSettings).
//! [`Findings`] is what came of it: divergences, each with the rules that it breaks, what was expected and observed,
//! and the steps that show it. A test of your own asserts that there are none; where it fails, the message tells each
//! cause with its smallest proof, the rules and their sources, and what users of SDKs notice:
//!
//! ```no_run
//! # async fn test(service: passmuster::server::Embedded) -> Result<(), passmuster::HarnessError> {
//! # use passmuster::Harness;
//! Harness::new().test(service).await?.assert_conforms();
//! # Ok(()) }
//! ```
//!
//! [`Ending::Clean`](baseline::Ending::Clean) means that something was judged and nothing new diverges. A run that
//! could judge nothing is never clean, and one that was cut short does not pass. Operations that the service lacks are coverage, not divergence: they stand in
//! [`RunRecord::operations`](record::RunRecord::operations).
//!
//! Whatever is no `tower` service implements [`SystemUnderTest`](targets::SystemUnderTest) itself: one function
//! from a [request](wire::HttpRequest) by a [caller](targets::Caller) to a [response](wire::HttpResponse).
//!
//! # A server at an address
//!
//! A service that listens on a port of this machine is tested in whatever language it is written. A
//! [`Target`](targets::Target) says how to reach it, and by what it tells the accounts apart;
//! [`presets`](targets::presets) know some. Here it is our own [reference server](server), with one
//! [fault](server::Fault) switched on:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use std::time::Duration;
//!
//! use passmuster::Harness;
//! use passmuster::engine::Phase;
//! use passmuster::server::{Answers, Fault, Listener, Reference};
//! use passmuster::targets::Target;
//!
//! let listener = Listener::bind(0, Duration::ZERO).await?;
//! let target = Target::at(listener.endpoint());
//! let server = Reference::new(1, Answers::default(), &[Fault::from_name("enable-twice")?]);
//! tokio::spawn(async move { listener.serve(server).await });
//!
//! let harness = Harness::new().phases([Phase::Random]).max_calls(300);
//! let findings = harness.test_at(target).await?;
//!
//! let blamed: Vec<&str> = findings.new_divergences().map(|found| found.rules[0].as_str()).collect();
//! assert_eq!(blamed, ["SH-ENABLE-002"], "{findings}");
//! # Ok(()) })
//! # }
//! ```
//!
//! `passmuster explain SH-ENABLE-002` shows what the [`catalogue`] knows of that rule: what AWS does, who saw it and
//! when, and how sure it is.
//!
//! # What is known already
//!
//! A [`Baseline`](baseline::Baseline) is a folder of reviewed divergences, one [insta](https://insta.rs) snapshot each.
//! [`Findings::against`] holds a run against it: what is listed there passes, and only what is new fails. The example
//! `regression_suite` has the whole of it, `own_service` a larger mock.
//!
//! # How it is built
//!
//! | module | has |
//! | --- | --- |
//! | [`domain`] | accounts, operations, requests, outcomes, divergences |
//! | [`catalogue`] | every rule with its grade and sources, every open question with its answers |
//! | [`model`] | the contract, executable: a state and a call to the admissible branches |
//! | [`oracle`] | the judge: branches against an answer, and what is believed of the state since |
//! | [`generate`] | scenarios: edges of constraints, every reachable abstract state, random ones |
//! | [`engine`] | a run: phases, workers, confirmation, shrinking |
//! | [`targets`], [`server`] | how a service is reached; the reference server with its faults |
//! | [`wire`], [`sdk`], [`trace`] | requests as HTTP; what SDKs make of an answer; recorded conversations |
//! | [`record`], [`event`], [`baseline`], [`report`] | what a run leaves behind, tells, is held against, and shows |
//! | [`malformed`] | malformed requests, and a [kit](malformed::kit) for parsers of other people |

pub use passmuster_contract::{catalogue, check, domain, model, oracle, trace, wire};
pub use passmuster_generate as generate;
pub use passmuster_malformed as malformed;

pub mod baseline;
pub mod engine;
pub mod event;
pub mod files;
mod front;
pub mod record;
pub mod report;
pub mod sdk;
pub mod server;
pub mod targets;

pub use front::{Findings, Harness, HarnessError, fitted};
