//! The phase of laws: silent on a server that keeps them, whatever it answers to open questions, and loud on one that
//! breaks them where the model admits anything.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::breadth::sample;
use crate::sample::description;
use passmuster::baseline::exit_code;
use passmuster::catalogue;
use passmuster::domain::shape::Method;
use passmuster::domain::{DivergenceKind, Grade, Operation, Severity};
use passmuster::engine::{ConfirmedFinding, EmbeddedSupply, Interrupt, Phase, Run, RunSettings, Supply};
use passmuster::generate::{Law, LawCase, write_scenario};
use passmuster::model::questions;
use passmuster::record::Uncertainty;
use passmuster::server::{Answers, Embedded, Fault, ServerSettings};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// A server that breaks a law, each time within what the evidence leaves open for a single call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// `CreateMembers` passes a former member over in silence where it comes last, and lists it as unprocessed
    /// elsewhere (Q07).
    WhereLast,
    /// The same where it is named twice.
    WhereTwice,
    /// The same as the second of two.
    InPairs,
    /// The same in batches of more than three.
    InLargeBatches,
    /// `DeclineInvitations` lists an administrator that was left as unprocessed, and its invitation as declined
    /// (N05, N07).
    ProcessedAndNot,
    /// A refused `AcceptAdministratorInvitation` changes how an invitation is shown (N05).
    RefusedAndDone,
    /// `AcceptInvitation` may be called again, and `AcceptAdministratorInvitation` may not (N33).
    OldNameOnly,
    /// `GetMembers` lists an account that it shows as unprocessed, too.
    ShownAndNot,
    /// `DeleteMembers` processes two accounts only, and says that it has processed all.
    FirstTwoOnly,
}

struct Broken {
    inner: Embedded,
    how: Break,
    /// Whether invitations of administrators that were left are shown as declined from now on.
    declined: Mutex<bool>,
}

impl Broken {
    async fn ask(&self, caller: &Caller, method: Method, path: &'static str, body: Value) -> Value {
        let body = if method == Method::Get { Vec::new() } else { body.to_string().into_bytes() };
        let request = HttpRequest { method, path: path.into(), query: String::new(), headers: Vec::new(), body };
        let response = self.inner.call(caller, request).await.unwrap();
        serde_json::from_slice(&response.body).unwrap_or(Value::Null)
    }

    async fn is_former_member(&self, caller: &Caller, account: &str) -> bool {
        let shown = self.ask(caller, Method::Post, "/members/get", json!({ "AccountIds": [account] })).await;
        let status = shown.pointer("/Members/0/MemberStatus").and_then(Value::as_str);
        matches!(status, Some("Removed" | "Resigned"))
    }

    /// Leaves former members out of a batch, where the law broken wants it.
    async fn without_former_members(&self, caller: &Caller, body: &mut Value) {
        let Some(entries) = body["AccountDetails"].as_array().cloned() else { return };
        let account = |entry: &Value| entry["AccountId"].as_str().unwrap_or_default().to_owned();
        let all: Vec<String> = entries.iter().map(account).collect();
        let mut kept = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let omitted = match self.how {
                Break::WhereLast => index + 1 == all.len(),
                Break::WhereTwice => all.iter().filter(|other| **other == all[index]).count() > 1,
                Break::InPairs => all.len() == 2 && index == 1,
                Break::InLargeBatches => all.len() > 3,
                _ => false,
            };
            if !(omitted && self.is_former_member(caller, &all[index]).await) {
                kept.push(entry.clone());
            }
        }
        // An empty list would be refused as such.
        if !kept.is_empty() {
            body["AccountDetails"] = kept.into();
        }
    }

    async fn change_request(&self, caller: &Caller, request: &mut HttpRequest) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) else { return };
        match (request.method, &*request.path) {
            (Method::Post, "/members") => self.without_former_members(caller, &mut body).await,
            (Method::Post, "/members/delete") if self.how == Break::FirstTwoOnly => {
                body["AccountIds"].as_array_mut().unwrap().truncate(2);
            }
            _ => return,
        }
        request.body = body.to_string().into_bytes();
    }

    async fn change_response(&self, caller: &Caller, request: &HttpRequest, response: &mut HttpResponse) {
        let mut body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        let named = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        match (self.how, request.method, &*request.path) {
            (Break::ProcessedAndNot, Method::Post, "/invitations/decline") if response.status == 200 => {
                for left in self.left_administrators(caller).await {
                    if named["AccountIds"].as_array().unwrap().contains(&left) {
                        let entry = json!({ "AccountId": left, "ProcessingResult": "no" });
                        body["UnprocessedAccounts"].as_array_mut().unwrap().push(entry);
                        *self.declined.lock().unwrap() = true;
                    }
                }
            }
            (Break::RefusedAndDone, Method::Post, "/administrator") if response.status != 200 => {
                *self.declined.lock().unwrap() = true;
                return;
            }
            (_, Method::Get, "/invitations") if response.status == 200 && *self.declined.lock().unwrap() => {
                let left = self.left_administrators(caller).await;
                for entry in body["Invitations"].as_array_mut().unwrap() {
                    if left.contains(&entry["AccountId"]) {
                        entry["MemberStatus"] = "Resigned".into();
                    }
                }
            }
            (Break::OldNameOnly, Method::Post, "/master") if response.status != 200 => {
                let shown = self.ask(caller, Method::Get, "/administrator", Value::Null).await;
                if shown["Administrator"]["AccountId"].is_null() {
                    return;
                }
                response.status = 200;
                response.headers.clear();
                body = json!({});
            }
            (Break::ShownAndNot, Method::Post, "/members/get") if response.status == 200 => {
                let shown = body["Members"].as_array().unwrap().clone();
                for entry in shown {
                    let entry = json!({ "AccountId": entry["AccountId"], "ProcessingResult": "no" });
                    body["UnprocessedAccounts"].as_array_mut().unwrap().push(entry);
                }
            }
            _ => return,
        }
        response.body = body.to_string().into_bytes();
    }

    /// The administrators that the caller was a member of: they list it as Resigned, it has them as Invited (N05).
    async fn left_administrators(&self, caller: &Caller) -> Vec<Value> {
        let invitations = self.ask(caller, Method::Get, "/invitations", Value::Null).await;
        let mut left = Vec::new();
        for entry in invitations["Invitations"].as_array().into_iter().flatten() {
            let inviter = Caller { account: entry["AccountId"].as_str().unwrap().into(), ..caller.clone() };
            if entry["MemberStatus"] == "Invited" && self.has_resigned(&inviter, caller).await {
                left.push(entry["AccountId"].clone());
            }
        }
        left
    }

    async fn has_resigned(&self, inviter: &Caller, caller: &Caller) -> bool {
        let shown =
            self.ask(inviter, Method::Post, "/members/get", json!({ "AccountIds": [&*caller.account] })).await;
        shown.pointer("/Members/0/MemberStatus").is_some_and(|status| status == "Resigned")
    }
}

impl SystemUnderTest for Broken {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut request = request;
        self.change_request(caller, &mut request).await;
        let mut response = self.inner.call(caller, request.clone()).await?;
        self.change_response(caller, &request, &mut response).await;
        Ok(response)
    }
}

struct BrokenSupply(Break);

impl Supply for BrokenSupply {
    type Sut = Broken;

    fn open(&self) -> Broken {
        let mut answers = Answers::default();
        answers.choose("N05", "invited").unwrap();
        let inner = Embedded::new(0, answers, &[]);
        Broken { inner, how: self.0, declined: Mutex::new(false) }
    }
}

/// A server whose count of invitations comes and goes by itself, by one that was left (N06), and which may break a law
/// besides.
struct Moving<S> {
    inner: S,
    /// Reads of a count by anybody.
    reads: Arc<AtomicU64>,
    /// The accounts that have left an administrator.
    left: Mutex<BTreeSet<String>>,
}

impl<S: SystemUnderTest> SystemUnderTest for Moving<S> {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let what = (request.method, request.path.clone());
        let mut response = self.inner.call(caller, request).await?;
        match (what.0, &*what.1) {
            (Method::Post, "/administrator/disassociate" | "/master/disassociate") if response.status == 200 => {
                self.left.lock().unwrap().insert(caller.account.to_string());
            }
            // Its invitation may be gone then, or count for certain.
            (
                Method::Post,
                "/invitations/decline" | "/invitations/delete" | "/administrator" | "/master" | "/accounts",
            ) if response.status == 200 => {
                self.left.lock().unwrap().remove(&*caller.account);
            }
            (Method::Get, "/invitations/count") if self.left.lock().unwrap().contains(&*caller.account) => {
                let mut body: Value = serde_json::from_slice(&response.body).unwrap();
                let is_counted = !self.reads.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
                let count = body["InvitationsCount"].as_u64().unwrap();
                body["InvitationsCount"] = count.saturating_sub(u64::from(!is_counted)).into();
                response.body = body.to_string().into_bytes();
            }
            _ => {}
        }
        Ok(response)
    }
}

struct MovingSupply<S>(S, Arc<AtomicU64>);

impl<S: Supply> Supply for MovingSupply<S> {
    type Sut = Moving<S::Sut>;

    fn open(&self) -> Self::Sut {
        Moving { inner: self.0.open(), reads: Arc::clone(&self.1), left: Mutex::default() }
    }
}

fn settings() -> RunSettings {
    RunSettings {
        phases: vec![Phase::Probe, Phase::Laws],
        max_calls: 20_000,
        max_time: Duration::from_secs(600),
        workers: 2,
        ..RunSettings::default()
    }
}

async fn run<S: Supply>(supply: S, settings: RunSettings) -> Run {
    Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

fn report(run: &Run) -> String {
    let finding =
        |finding: &ConfirmedFinding| format!("{:?}\n{}", finding.divergence, write_scenario(&finding.scenario));
    run.findings.iter().map(finding).collect::<Vec<_>>().join("\n")
}

fn assert_silent(run: &Run, what: &str) {
    assert!(run.findings.is_empty() && run.unconfirmed.is_empty(), "{what}:\n{}", report(run));
    assert!(run.tally.inconclusive.is_empty(), "{what}: {:?}", run.tally.inconclusive);
}

fn broken_laws(run: &Run) -> Vec<(Operation, String)> {
    let laws = run.findings.iter().filter(|finding| finding.divergence.kind == DivergenceKind::Law);
    laws.map(|finding| (finding.divergence.operation, finding.divergence.place.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_keeps_the_laws_draws_nothing_and_every_case_is_run() {
    let run = run(EmbeddedSupply::default(), settings()).await;
    assert_silent(&run, "untouched");
    assert!(run.tally.scenarios >= 2 * LawCase::all().len() as u64, "{}", run.tally.scenarios);
    assert_eq!(run.stopped, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_one_account_makes_all_calls_the_cases_of_one_caller_are_run() {
    let mut settings = settings();
    settings.generate.single_caller = true;
    let run = run(BrokenSupply(Break::FirstTwoOnly), settings).await;
    assert!(!run.findings.is_empty());
    let callers = run.findings.iter().flat_map(|finding| &finding.scenario.transitions);
    assert!(callers.map(|transition| transition.caller.0).all(|caller| caller == 1));
    let alone = LawCase::all()
        .iter()
        .filter(|case| case.right_scenario().transitions.iter().all(|call| call.caller.0 == 1))
        .count();
    assert!(alone > 20 && run.tally.scenarios >= 2 * alone as u64, "{alone} {}", run.tally.scenarios);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_admissible_answer_to_an_open_question_breaks_a_law() {
    for (question, answers) in sample(questions::ALL, 2) {
        for answer in answers.iter().skip(1) {
            let mut chosen = Answers::default();
            chosen.choose(question.0, answer).unwrap();
            let supply = EmbeddedSupply(ServerSettings { answers: chosen, ..ServerSettings::default() });
            assert_silent(&run(supply, settings()).await, &format!("{question}={answer}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mixture_of_admissible_answers_breaks_a_law() {
    let mut dice: u64 = 1;
    for mixture in sample(0..50, 3) {
        let mut chosen = Answers::default();
        for (question, answers) in questions::ALL {
            // Knuth's multiplier; the upper bits are the better ones.
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chosen.choose(question.0, answers[(dice >> 33) as usize % answers.len()]).unwrap();
        }
        let supply = EmbeddedSupply(ServerSettings { answers: chosen, ..ServerSettings::default() });
        assert_silent(&run(supply, settings()).await, &format!("mixture {mixture}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_law_is_seen_broken_where_the_model_admits_either_answer() {
    for (how, operation, law) in [
        (Break::WhereLast, Operation::CreateMembers, Law::Permute),
        (Break::WhereTwice, Operation::CreateMembers, Law::Duplicate),
        (Break::InPairs, Operation::CreateMembers, Law::Split),
        (Break::InLargeBatches, Operation::CreateMembers, Law::Neighbour),
        (Break::ProcessedAndNot, Operation::DeclineInvitations, Law::Partition),
        (Break::RefusedAndDone, Operation::AcceptAdministratorInvitation, Law::Refusal),
        (Break::OldNameOnly, Operation::AcceptInvitation, Law::Spelling),
    ] {
        let run = run(BrokenSupply(how), settings()).await;
        let broken = broken_laws(&run);
        assert!(broken.contains(&(operation, law.name().to_owned())), "{how:?}: {broken:?}\n{}", report(&run));
        assert_eq!(broken.len(), run.findings.len(), "the model has something to say:\n{}", report(&run));
        assert!(run.findings.iter().all(|finding| finding.reproduced.hits == 3), "{how:?}");
        let firm = |finding: &ConfirmedFinding| finding.divergence.severity() != Severity::Suspicion;
        assert!(!run.findings.iter().any(firm), "{}", report(&run));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_by_itself_breaks_no_law() {
    // One worker, so that both sides of a case follow each other and show the count when it is another.
    let settings = RunSettings { workers: 1, ..settings() };
    let reads = Arc::new(AtomicU64::new(0));
    let run = run(MovingSupply(EmbeddedSupply::default(), reads), settings.clone()).await;
    assert!(run.findings.is_empty(), "{}", report(&run));
    let record = run.record(&settings, &description());
    assert!(!record.unstable.is_empty(), "no case saw the count move");
    assert!(record.unstable.iter().all(|one| one.why == Uncertainty::Moving), "{:?}", record.unstable);
    assert_eq!(exit_code(&record, false), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_refusal_changes_is_found_beside_what_moves_by_itself() {
    let settings = RunSettings { workers: 1, ..settings() };
    let reads = Arc::new(AtomicU64::new(0));
    let run = run(MovingSupply(BrokenSupply(Break::RefusedAndDone), reads), settings).await;
    let broken = broken_laws(&run);
    let refusal = (Operation::AcceptAdministratorInvitation, Law::Refusal.name().to_owned());
    assert_eq!(broken, [refusal], "{}", report(&run));
    let finding = &run.findings[0];
    assert_eq!((finding.reproduced.hits, finding.reproduced.of), (3, 3));
    assert!(finding.divergence.observed.contains("MemberStatus Resigned"), "{}", finding.divergence.observed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_model_finds_is_not_found_a_second_time_as_a_broken_law() {
    for (how, operation) in
        [(Break::ShownAndNot, Operation::GetMembers), (Break::FirstTwoOnly, Operation::DeleteMembers)]
    {
        let run = run(BrokenSupply(how), settings()).await;
        assert!(!run.findings.is_empty(), "{how:?}");
        let broken = broken_laws(&run);
        assert!(broken.iter().all(|(other, _)| *other != operation), "{how:?}: {broken:?}\n{}", report(&run));
    }
    let supply = EmbeddedSupply(ServerSettings {
        faults: vec![Fault::from_name("create-all-or-nothing").unwrap()],
        ..ServerSettings::default()
    });
    let run = run(supply, settings()).await;
    assert!(run.findings.iter().any(|finding| finding.divergence.rules[0].0 == "SH-CREATE-030"));
    assert_eq!(broken_laws(&run), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_law_is_a_suspicion_that_shows_the_other_side_in_words() {
    let run = run(BrokenSupply(Break::WhereTwice), settings()).await;
    let divergence = &run.findings[0].divergence;
    assert_eq!(divergence.severity(), Severity::Suspicion);
    assert_eq!(divergence.rules[0].0, "SH-CREATE-030");
    assert_eq!(divergence.fingerprint().0, "CreateMembers SH-CREATE-030 law duplicate");
    let (expected, other) = divergence.expected.split_once(", as after ").unwrap();
    assert!(expected.starts_with("<member-4> listed as unprocessed: "), "{expected}");
    let other = other.strip_prefix("CreateMembers ").unwrap();
    let named: Vec<Value> = ["@member-2", "@member-4", "@member-5"].map(|id| json!({ "AccountId": id })).into();
    assert_eq!(serde_json::from_str::<Value>(other).unwrap(), json!({ "AccountDetails": named }));
    assert_eq!(divergence.observed, "<member-4> not listed as unprocessed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_does_not_depend_on_the_number_of_workers() {
    let mut found = Vec::new();
    for workers in [1, 4] {
        let run = run(BrokenSupply(Break::WhereLast), RunSettings { workers, ..settings() }).await;
        let line = |finding: &ConfirmedFinding| {
            let id = finding.divergence.fingerprint().id();
            format!("{id} {} {}", finding.found_after_calls, write_scenario(&finding.scenario))
        };
        found.push(run.findings.iter().map(line).collect::<Vec<_>>());
    }
    assert!(!found[0].is_empty());
    assert_eq!(found[0], found[1]);
}

#[test]
fn cases_have_ids_of_their_own_and_grades_no_firmer_than_their_rules() {
    let cases = LawCase::all();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), cases.len());
    assert!(ids.contains("laws/CreateMembers/permute/mixed"));
    for case in &cases {
        assert!(case.grade >= Grade::Inferred && case.grade <= catalogue::grade(case.rule), "{}", case.id);
        assert!(case.operation().is_some(), "{}", case.id);
        assert!(!case.views.is_empty(), "{}", case.id);
    }
}
