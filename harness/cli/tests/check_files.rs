//! `check` tells of each file what could not be read in it, and reads the others all the same.

use crate::check::{call, enable, run, trace};
use crate::support::{Folder, passmuster};
use serde_json::json;

#[test]
fn what_can_be_read_is_told_beside_what_can_not() {
    let folder = Folder::new("check-unread");
    let good = trace(&[enable(), call(&json!({}))]);
    std::fs::write(folder.path().join("good.ndjson"), &good).unwrap();
    std::fs::write(folder.path().join("cut.ndjson"), &good[..good.len() - 9]).unwrap();
    std::fs::write(folder.path().join("empty.ndjson"), "\u{feff}\n").unwrap();
    let ended = passmuster(folder.path(), &["check", "cut.ndjson", "empty.ndjson", "good.ndjson"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for told in [
        "not read: cut.ndjson:3: it is not JSON: EOF while parsing a string, column",
        "not read: empty.ndjson: there is no conversation in it",
        "exit 2, not all of it could be read: 2 calls (2 judged) in 1 conversation; 1 admissible",
    ] {
        assert!(ended.stdout.contains(told), "{told} is not in\n{}", ended.stdout);
    }
    assert!(ended.stderr.contains("cut.ndjson:3"), "{}", ended.stderr);
    let ended = passmuster(folder.path(), &["check", "empty.ndjson", "good.ndjson"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("not read: empty.ndjson"), "{}", ended.stdout);
}

#[test]
fn a_trace_may_begin_with_a_mark_and_names_each_member_once() {
    let folder = Folder::new("check-marks");
    let ended = run(&folder, &format!("\u{feff}{}", trace(&[enable()])), &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let twice = enable().replacen('{', r#"{"status": 409, "#, 1);
    let ended = run(&folder, &trace(&[twice]), &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains(r#"trace.ndjson:2: the member "status" stands twice"#), "{}", ended.stderr);
    let slip = call(&json!({"unknown": ["UnprocessedAccount"]}));
    let ended = run(&folder, &trace(&[enable(), slip]), &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("did you mean UnprocessedAccounts?"), "{}", ended.stderr);
}
