//! Cases at the edge of each constraint: they cover all of them, are silent where nothing is wrong, and loud where
//! something is.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod edges;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::breadth::sample;
use passmuster::domain::{Answer, ErrorKind, Operation, QuestionId, ServiceError};
use passmuster::engine::{EmbeddedSupply, Execution, Executor, RunSettings, Supply, SupportTable};
use passmuster::generate::{Case, CastNaming, parse_scenario, write_scenario};
use passmuster::model::{Answers, questions};
use passmuster::server::{Embedded, Fault, ServerSettings};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse, encode_error};

/// More calls than these would crowd out what a run does besides.
const MOST_CALLS: u64 = 5_000;

fn cases() -> Vec<Case> {
    Case::all(&[Operation::ALL, Operation::SETUP].concat(), 4, 2)
}

/// Runs a case against a server of its own.
async fn run(supply: &EmbeddedSupply, case: &Case) -> Execution {
    run_on(&supply.open(), case).await
}

async fn run_on(sut: &impl SystemUnderTest, case: &Case) -> Execution {
    let settings = RunSettings::default();
    let support = SupportTable::default();
    let naming = CastNaming::new(100_000_000_000, 0, settings.regions.clone());
    Executor::new(sut, &support, &settings, naming).scenario(&case.scenario).await
}

fn assert_clean(case: &Case, execution: &Execution, what: &str) {
    let text = write_scenario(&case.scenario);
    assert!(execution.found.is_empty(), "{what}, {}: {:?}\n{text}", case.id, execution.found);
    assert!(execution.tally.inconclusive.is_empty(), "{what}, {}: {:?}\n{text}", case.id, execution.tally);
    assert!(execution.tally.judged > 0, "{what}, {}: nothing was judged\n{text}", case.id);
}

#[test]
fn the_cases_are_these() {
    let ids: Vec<String> = cases().into_iter().map(|case| case.id).collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    let twice: Vec<_> = distinct.iter().filter(|id| ids.iter().filter(|other| other == *id).count() > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    insta::with_settings!({ snapshot_path => "../../snapshots/coverage", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("boundary", ids.join("\n"));
    });
}

#[test]
fn a_case_can_be_saved_and_read_again() {
    for case in cases() {
        let text = write_scenario(&case.scenario);
        let read = parse_scenario(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", case.id));
        assert_eq!(read, case.scenario, "{}", case.id);
    }
}

#[test]
fn cases_keep_within_the_operations_accounts_and_regions_there_are() {
    let hubs = [Operation::EnableSecurityHub, Operation::DescribeHub];
    let few = Case::all(&hubs, 1, 1);
    assert!(few.len() > 30, "{}", few.len());
    for transition in few.iter().flat_map(|case| &case.scenario.transitions) {
        assert!(hubs.contains(&transition.request.operation), "{transition:?}");
        assert_eq!((transition.caller.0, transition.region.0), (1, 0), "{transition:?}");
    }
}

#[test]
fn short_cases_of_every_operation_come_first_and_walks_last() {
    let cases = cases();
    let first: BTreeSet<Operation> =
        cases.iter().take(Operation::ALL.len()).map(|case| edges::subject(case).request.operation).collect();
    assert_eq!(first.len(), Operation::ALL.len());
    let walks = cases.iter().position(Case::is_walk).unwrap();
    assert!(cases[walks..].iter().all(Case::is_walk) && cases.len() - walks > 250);
}

#[tokio::test]
async fn every_case_is_clean_against_an_untouched_server() {
    let mut calls: BTreeMap<Operation, u64> = BTreeMap::new();
    let mut of_walks = 0;
    for case in cases() {
        let execution = run(&EmbeddedSupply::default(), &case).await;
        assert_clean(&case, &execution, "untouched");
        let operation = edges::subject(&case).request.operation;
        let sum = if case.is_walk() { &mut of_walks } else { calls.entry(operation).or_default() };
        *sum += execution.tally.calls;
    }
    let sum: u64 = calls.values().sum();
    assert!(sum <= MOST_CALLS, "{sum} calls: {calls:?}");
    // Every page is asked for: a list of 101 takes 479 calls alone.
    assert!((2_500..3_500).contains(&of_walks), "{of_walks} calls of walks");
}

/// Every answer but the preferred one to every open question.
fn alternatives() -> impl Iterator<Item = (QuestionId, &'static str)> {
    questions::ALL.iter().flat_map(|(question, answers)| answers.iter().skip(1).map(|answer| (*question, *answer)))
}

#[tokio::test]
async fn no_admissible_answer_to_an_open_question_is_a_divergence() {
    let cases = cases();
    for (question, answer) in sample(alternatives(), 3) {
        let mut answers = Answers::default();
        answers.choose(question.0, answer).unwrap();
        let supply = EmbeddedSupply(ServerSettings { answers, ..ServerSettings::default() });
        // Walks differ by what is said of a list, and one size of page shows it.
        for case in cases.iter().filter(|case| !case.is_walk() || case.id.ends_with("/size-3")) {
            assert_clean(case, &run(&supply, case).await, &format!("{question}={answer}"));
        }
    }
}

/// The order in which a server checks, and what it says: both at once.
#[tokio::test]
async fn a_server_that_validates_first_may_refuse_by_any_error() {
    let cases = cases();
    let others = alternatives().filter(|(question, _)| *question != questions::ORDER);
    for (question, answer) in sample(others, 4) {
        let mut answers = Answers::default();
        answers.choose(questions::ORDER.0, "validation-first").unwrap();
        answers.choose(question.0, answer).unwrap();
        let supply = EmbeddedSupply(ServerSettings { answers, ..ServerSettings::default() });
        for case in cases.iter().filter(|case| case.id.contains("/pair/")) {
            assert_clean(case, &run(&supply, case).await, &format!("{question}={answer}"));
        }
    }
}

#[tokio::test]
async fn which_of_two_faults_wins_is_recorded() {
    let cases = cases();
    let find = |id: &str| cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no case {id}"));
    for id in [
        "CreateMembers/pair/hub-off+entries-51",
        "GetMembers/pair/hub-off+missing",
        "ListMembers/pair/hub-off+MaxResults-0",
        "ListInvitations/pair/hub-off+MaxResults-51",
        "AcceptInvitation/pair/hub-off+InvitationId-blank",
        "GetEnabledStandards/pair/hub-off+MaxResults-101",
        "GetFindings/pair/hub-off+MaxResults-0",
        "DescribeHub/pair/hub-off+HubArn-no-arn",
        "UpdateSecurityHubConfiguration/pair/hub-off+ControlFindingGenerator-unknown",
        "UpdateOrganizationConfiguration/pair/hub-off+AutoEnable-missing",
        "BatchEnableStandards/pair/hub-off+StandardsArn-no-arn",
        "BatchImportFindings/pair/hub-off+entries-101",
    ] {
        let mut answers = Answers::default();
        answers.choose(questions::ORDER.0, "validation-first").unwrap();
        // An error that the check of the hub never sends.
        answers.choose(questions::CONSTRAINT.0, "validation").unwrap();
        answers.choose(questions::TOO_MANY.0, "limit-exceeded").unwrap();
        let supply = EmbeddedSupply(ServerSettings { answers, ..ServerSettings::default() });
        let execution = run(&supply, find(id)).await;
        let expected = Answer { question: questions::ORDER, answer: "validation-first" };
        assert!(execution.answered.iter().any(|(given, _)| given.answer == expected), "{id}: {execution:?}");
    }
}

/// A server that refuses the call of this number, from 0, by this error.
struct Refusing {
    server: Embedded,
    call: usize,
    error: ErrorKind,
    calls: AtomicUsize,
}

impl SystemUnderTest for Refusing {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) != self.call {
            return self.server.call(caller, request).await;
        }
        let (kind, status) = (self.error.clone(), self.error.status());
        Ok(encode_error(&ServiceError { kind, status, message: None }))
    }
}

/// The errors by which the first fault of a pair may be refused, and the second.
fn errors(case: &Case) -> [ErrorKind; 2] {
    let pair = case.id.split_once("/pair/").unwrap().1;
    let operation = edges::subject(case).request.operation;
    let accepts = matches!(operation, Operation::AcceptAdministratorInvitation | Operation::AcceptInvitation);
    let creates = matches!(operation, Operation::CreateMembers | Operation::InviteMembers);
    let first = match pair.split('+').next().unwrap() {
        "hub-on" => ErrorKind::ResourceConflict,
        "uninvited" | "member" if accepts => ErrorKind::ResourceNotFound,
        "member" if creates => ErrorKind::AccessDenied,
        "no-organization" if operation == Operation::UpdateOrganizationConfiguration => ErrorKind::InvalidAccess,
        "no-organization" | "not-management" => ErrorKind::AccessDenied,
        "hub-off" | "member" | "no-administrator" | "not-delegated" => ErrorKind::InvalidAccess,
        _ => ErrorKind::InvalidInput,
    };
    // A finding of another account is known by its error (SH-FIND-004).
    let foreign = pair.ends_with("+AwsAccountId-other") || pair.ends_with("-beside-own");
    [first, if foreign { ErrorKind::AccessDenied } else { ErrorKind::InvalidInput }]
}

#[tokio::test]
async fn either_of_two_faults_may_be_what_a_server_refuses() {
    let pairs: Vec<Case> = cases().into_iter().filter(|case| case.id.contains("/pair/")).collect();
    for case in &pairs {
        for error in errors(case) {
            let server = EmbeddedSupply::default().open();
            let sut = Refusing { server, call: case.stage, error: error.clone(), calls: AtomicUsize::new(0) };
            let execution = run_on(&sut, case).await;
            assert_clean(case, &execution, &format!("{error:?}"));
        }
    }
    assert!(pairs.len() > 200, "{}", pairs.len());
}

#[test]
fn every_constraint_is_tried_on_both_sides_of_its_edge() {
    let tried = edges::tried(&cases());
    let untried: Vec<String> = edges::all().into_iter().filter(|edge| !tried.contains(edge)).collect();
    assert!(untried.is_empty(), "{} edges are not tried:\n{}", untried.len(), untried.join("\n"));
}

/// Faults in how requests are validated, which these cases must find without any other.
const FAULTS: [&str; 48] = [
    "enable-twice",
    "enable-any-tags",
    "enable-any-generator",
    "describe-off",
    "describe-foreign",
    "describe-own-arn",
    "configure-as-member",
    "configure-hub-off",
    "create-hub-off",
    "create-self",
    "create-again",
    "create-empty",
    "create-nothing",
    "create-too-many",
    "create-nameless",
    "create-blank-email",
    "create-as-member",
    "create-checks-email",
    "create-forty-nine",
    "create-all-or-nothing",
    "get-nothing",
    "get-unknown-denied",
    "get-hub-off",
    "list-hub-off",
    "list-everything",
    "list-true-as-false",
    "list-false-as-true",
    "list-any-size",
    "list-whole-pages",
    "list-loses-entries",
    "delete-hub-off",
    "delete-enabled",
    "disassociate-hub-off",
    "invite-hub-off",
    "invite-uncreated",
    "invite-again",
    "invite-as-member",
    "list-invitations-hub-off",
    "list-invitations-any-size",
    "accept-hub-off",
    "accept-nothing",
    "accept-any-id",
    "decline-hub-off",
    "standards-any-arn",
    "import-foreign",
    "import-hub-off",
    "configure-nothing",
    "configure-central",
];

#[tokio::test]
async fn faults_in_validation_are_found_by_cases_alone() {
    let cases = cases();
    let mut missed = Vec::new();
    for name in sample(FAULTS, 8) {
        let supply = EmbeddedSupply(ServerSettings {
            faults: vec![Fault::from_name(name).unwrap()],
            ..ServerSettings::default()
        });
        let mut found = false;
        for case in &cases {
            found = !run(&supply, case).await.found.is_empty();
            if found {
                break;
            }
        }
        if !found {
            missed.push(name);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}
