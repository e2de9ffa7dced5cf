//! Divergences that were reviewed are replayed first: whether one is still there does not depend on how far a run comes.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;

use crate::support::{Ended, Folder, RANDOM, passmuster};
use serde_json::Value;

/// A fault that only a path of several calls shows.
const FAULT: [&str; 2] = ["--fault", "create-again"];

/// A run with so few calls that what it plans itself shows next to nothing.
fn short(folder: &Folder, arguments: &[&str]) -> (Ended, Value) {
    let all = ["run", RANDOM, "--max-calls", "1", "--baseline", "kept", "--report", "json=short.json"];
    let ended = passmuster(folder.path(), &[&all, arguments].concat());
    let text = std::fs::read(folder.path().join("short.json")).unwrap();
    (ended, serde_json::from_slice(&text).unwrap())
}

/// The dispositions of the divergences of a report, by rule.
fn dispositions(report: &Value) -> BTreeMap<String, String> {
    let listed = report["divergences"].as_array().unwrap().iter().filter(|found| found["severity"] != "note");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    listed.map(|found| (text(&found["rules"][0]), text(&found["disposition"]))).collect()
}

/// A folder with the reviewed divergence of the fault.
fn reviewed(name: &str) -> Folder {
    let folder = Folder::new(name);
    let find = ["run", RANDOM, "--max-calls", "4000", "--baseline", "kept", "--report", "json=found.json"];
    let ended = passmuster(folder.path(), &[&find[..], &FAULT].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let text = std::fs::read(folder.path().join("found.json")).unwrap();
    let report: Value = serde_json::from_slice(&text).unwrap();
    let listed = report["divergences"].as_array().unwrap().iter().filter(|found| found["severity"] != "note");
    let ids: Vec<&str> = listed.map(|found| found["id"].as_str().unwrap()).collect();
    let accept = ["review", "--baseline", "kept", "--reason", "so", "--accept", &ids.join(",")];
    assert_eq!(passmuster(folder.path(), &accept).code, Some(0));
    folder
}

#[test]
fn what_was_reviewed_is_known_gone_or_hidden_however_short_the_run() {
    let folder = reviewed("known-first");
    let (ended, report) = short(&folder, &FAULT);
    assert_eq!(dispositions(&report).get("SH-CREATE-007").unwrap(), "known", "{ended:?}");

    let (ended, report) = short(&folder, &[]);
    assert_eq!(dispositions(&report).get("SH-CREATE-007").unwrap(), "resolved", "{ended:?}");

    // Nobody can be a member where CreateMembers does nothing.
    let (ended, report) = short(&folder, &["--fault", "refuse-create"]);
    assert!(!dispositions(&report).contains_key("SH-CREATE-007"), "{ended:?}");
    let remarks = report["remarks"].as_array().unwrap();
    assert!(remarks.iter().any(|remark| remark.as_str().unwrap().contains(" is hidden: its scenario shows D-")));
}

#[test]
fn shards_replay_what_was_reviewed_between_them() {
    let folder = reviewed("known-shards");
    for index in ["1", "2"] {
        let (shard, report) = (format!("{index}/2"), format!("json=part-{index}.json"));
        let run =
            ["run", RANDOM, "--max-calls", "1", "--baseline", "kept", "--shard", &shard, "--report", &report];
        passmuster(folder.path(), &run);
    }
    let merge = ["merge", "part-1.json", "part-2.json", "--baseline", "kept", "--report", "json=whole.json"];
    let ended = passmuster(folder.path(), &merge);
    let whole: Value = serde_json::from_slice(&std::fs::read(folder.path().join("whole.json")).unwrap()).unwrap();
    assert_eq!(dispositions(&whole).get("SH-CREATE-007").unwrap(), "resolved", "{ended:?}");
}
