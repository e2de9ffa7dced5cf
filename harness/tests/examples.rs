//! The examples do what they say.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use passmuster::baseline::Ending;
use passmuster::engine::Phase;
use passmuster::record::{DivergenceRecord, OperationSupport};
use passmuster::server::{Answers, Embedded, Fault};
use passmuster::{Findings, Harness};

#[allow(dead_code, reason = "the main function of an example is not for a test")]
#[path = "../examples/own_service.rs"]
mod own_service;
#[allow(dead_code, reason = "the main function of an example is not for a test")]
#[path = "../examples/regression_suite.rs"]
mod regression_suite;

#[tokio::test]
async fn a_mock_is_told_both_of_its_faults_and_what_it_lacks() {
    let findings = own_service::findings().await.unwrap();
    assert_eq!(findings.ending(), Ending::NewDivergence);
    let blamed = |rule: &str| {
        findings.new_divergences().find(|found| found.rules[0] == rule).unwrap_or_else(|| panic!("{findings}"))
    };
    let steps =
        |rule: &str| blamed(rule).scenario.steps.iter().map(|step| step.operation.clone()).collect::<Vec<_>>();
    assert_eq!(steps("SH-CREATE-001"), ["EnableSecurityHub", "CreateMembers", "GetMembers"]);
    assert_eq!(steps("SH-CREATE-007"), ["EnableSecurityHub", "CreateMembers", "CreateMembers"]);
    let supported =
        findings.record().operations.iter().filter(|operation| operation.support == OperationSupport::Supported);
    assert_eq!(supported.count(), 5, "{findings}");
    let text = findings.to_string();
    assert!(text.contains("mend this first: C-") && text.contains("exit 1, new divergence"), "{text}");
    let causes = &findings.record().causes;
    let of_repetition = causes.iter().find(|cause| cause.rules.iter().any(|rule| rule == "SH-CREATE-007"));
    assert!(of_repetition.is_some_and(|cause| text.contains(&cause.title)), "{text}\n{causes:?}");
}

#[tokio::test]
async fn a_suite_fails_by_what_is_new_and_by_nothing_else() {
    let folder = std::env::temp_dir().join(format!("passmuster-suite-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let [old, new] = regression_suite::faults().unwrap();
    let suite = regression_suite::suite;

    let first = suite(&[old], &folder, false).await.unwrap();
    let known: Vec<String> = first.new_divergences().map(|found| found.id.clone()).collect();
    assert_eq!(first.ending(), Ending::NewDivergence);
    assert!(!known.is_empty());
    assert!(regression_suite::accept_all(&folder).unwrap() >= known.len());

    let second = suite(&[old], &folder, true).await.unwrap();
    assert_eq!((second.ending(), second.new_divergences().count()), (Ending::Clean, 0), "{second}");

    let third = suite(&[old, new], &folder, true).await.unwrap();
    assert_eq!(third.ending(), Ending::NewDivergence);
    let is_due_to_it = |found: &DivergenceRecord| found.ignored_rules.iter().any(|rule| rule == "SH-ENABLE-002");
    assert!(third.new_divergences().all(is_due_to_it), "{third}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn an_assertion_that_fails_tells_the_cause() {
    let fault = Fault::from_name("create-again").unwrap();
    let faulty = harness().test(Embedded::new(1, Answers::default(), &[fault])).await.unwrap();
    let said = said(&faulty);
    for wanted in [
        "custom does otherwise than AWS, in one way that is new",
        "# Security Hub: CreateMembers starts an existing entry anew",
        "1. administrator: EnableSecurityHub `{}`",
        "This server: 200",
        "curl -sS",
        "(SH-CREATE-007, observed)",
        "- botocore: success",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in\n{said}");
    }

    harness().test(Embedded::new(1, Answers::default(), &[])).await.unwrap().assert_conforms();
}

#[tokio::test]
async fn an_assertion_does_not_hold_where_nothing_was_judged() {
    let service = Embedded::new(1, Answers::default(), &[]);
    let cut = harness().max_time(Duration::ZERO).test(service).await.unwrap();
    let said = said(&cut);
    // Before it was known what is supported, or before the first scenario was over.
    assert!(said.starts_with("the run was cut short: the time "), "{said}");
}

fn harness() -> Harness {
    Harness::new().phases([Phase::Boundary]).max_calls(1_000)
}

/// The message of the assertion, which has to fail.
fn said(findings: &Findings) -> String {
    match catch_unwind(AssertUnwindSafe(|| findings.assert_conforms())) {
        Ok(()) => panic!("the assertion holds\n{findings}"),
        Err(panic) => panic.downcast::<String>().map_or_else(|_| String::new(), |said| *said),
    }
}
