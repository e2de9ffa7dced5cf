//! `passmuster fuzz` as its users run it, and what a stranger reads of what it finds.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;

use crate::support::{Ended, Folder, passmuster};
use serde_json::Value;

/// A few requests, on one operation.
fn fuzz(folder: &Folder, flags: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["fuzz", "--only", "CreateMembers", "--no-snapshots"], flags].concat())
}

fn report(folder: &Folder) -> Value {
    serde_json::from_slice(&fs::read(folder.file("report.json")).unwrap()).unwrap()
}

const BROKEN: [&str; 4] = ["--only", "M145", "--fault", "wire-broken-json-500"];

#[test]
fn a_server_that_refuses_as_it_should_ends_with_zero() {
    let folder = Folder::new("fuzz-clean");
    let ended = fuzz(&folder, &["--only", "D60", "--report", "json=report.json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = report(&folder);
    let (sent, wire) = (report["totals"]["wire_requests"].as_u64().unwrap(), &report["wire"]);
    assert!(sent > 50 && wire["requests"] == sent, "{wire}");
    assert_eq!((&wire["profile"], &wire["operations"][0]), (&"union".into(), &"CreateMembers".into()));
    assert!(wire["not_sent"]["it was not asked for"].as_array().unwrap().contains(&"M001".into()), "{wire}");
    let verdict = ended.last_line();
    assert!(
        verdict.starts_with("exit 0, nothing new diverges: 0 new; coverage: 30 of 30 operations, "),
        "{verdict}"
    );
    assert!(verdict.ends_with(" of 309 classes of malformed requests"), "{verdict}");
    let summary = &ended.stdout;
    for odd in ["rule", "goal", "scenario"] {
        assert!(!summary.contains(odd), "{odd}: {ended:?}");
    }
}

#[test]
fn a_server_that_fails_on_broken_json_ends_with_one() {
    let folder = Folder::new("fuzz-fault");
    let ended = fuzz(&folder, &[&BROKEN[..], &["--report", "json=report.json"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report = report(&folder);
    let found = &report["divergences"][0];
    assert_eq!(found["fingerprint"], "wire D60 I03 crash");
    assert_eq!(found["rules"], serde_json::json!(["I03", "D60", "M145"]));
    assert_eq!(found["seen"], serde_json::json!({ "M145": ["CreateMembers"] }));
    // What it says to see it again does.
    let replay = found["replay"].as_str().unwrap();
    let again: Vec<&str> = replay.split(' ').skip(1).chain(["--no-snapshots"]).collect();
    let ended = passmuster(folder.path(), &again);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains(found["id"].as_str().unwrap()), "{ended:?}");
}

#[test]
fn a_filter_that_nothing_fits_is_an_error() {
    let folder = Folder::new("fuzz-filter");
    for (filter, says) in [
        ("M999", "they go from M001 to M309"),
        ("D999", "they go from D01 to D114"),
        ("I25", "no class of malformed requests rests on I25: any answer is held to it"),
        ("CreateMember", "did you mean CreateMembers?"),
    ] {
        let ended = fuzz(&folder, &["--only", filter]);
        assert_eq!(ended.code, Some(2), "{filter}: {ended:?}");
        assert!(ended.stderr.contains(says), "{filter}: {ended:?}");
    }
    // There is such a class, but nothing to send.
    let ended = fuzz(&folder, &["--only", "M231"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("TagResource is not among the operations under test (M231)"), "{ended:?}");
}

#[test]
fn no_more_is_sent_than_was_asked_for() {
    let folder = Folder::new("fuzz-calls");
    let ended = fuzz(&folder, &["--max-calls", "50", "--report", "json=report.json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = report(&folder);
    let sent = report["totals"]["wire_requests"].as_u64().unwrap();
    assert!((45..=50).contains(&sent), "{sent}");
    let stopped = "not all malformed requests were sent: as many were sent as were asked for";
    assert_eq!(report["stopped"], stopped);
}

#[test]
fn random_compositions_take_the_calls_that_the_catalogue_leaves() {
    let folder = Folder::new("fuzz-rest");
    let limits = ["--max-calls", "400"];
    let flags = ["fuzz", "--only", "ListInvitations", "--report", "json=report.json"];
    let ended = passmuster(folder.path(), &[&flags[..], &limits].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = report(&folder);
    assert!(report["wire"]["compositions"].as_u64().unwrap() > 100, "{}", report["wire"]);
    assert_eq!(report["wire"]["requests"], 400);
    assert_eq!(report["stopped"], Value::Null, "the catalogue was sent whole");
}

#[test]
fn a_run_may_consist_of_malformed_requests_alone() {
    let folder = Folder::new("fuzz-run");
    let flags =
        ["run", "--phases", "wire", "--only", "ListMembers", "--only", "D90", "--report", "json=report.json"];
    let ended = passmuster(folder.path(), &flags);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = report(&folder);
    assert_eq!((&report["goals"], &report["stopped"]), (&serde_json::json!([]), &Value::Null));
    assert!(report["totals"]["wire_requests"].as_u64().unwrap() > 5, "{}", report["totals"]);
}

/// The part of a report about one finding.
fn finding<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let begin = text.find(from).unwrap();
    let end = text[begin..].find(to).unwrap_or(text.len() - begin);
    text[begin..begin + end].trim_end()
}

#[test]
fn a_finding_is_told_so_that_a_stranger_can_see_it_again() {
    let folder = Folder::new("fuzz-told");
    let ended = fuzz(&folder, &[&BROKEN[..], &["-v", "--report", "markdown=report.md"]].concat());
    let page = fs::read_to_string(folder.file("report.md")).unwrap();
    let told = format!(
        "{}\n\n=====\n\n{}\n\n=====\n\n{}",
        finding(&ended.stdout, "1 divergence", "\n1 note"),
        ended.last_line(),
        finding(&page, "## Divergences", "## Notes")
    );
    insta::with_settings!({
        snapshot_path => "../../../snapshots/reports",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("fuzz_finding", told);
    });
}
