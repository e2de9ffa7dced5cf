//! `passmuster answers`, as its users run it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;

use crate::support::{Ended, Folder, RANDOM, passmuster};
use serde_json::Value;

/// A folder with these two sheets of answers.
fn sheets(name: &str, one: &str, other: &str) -> Folder {
    let folder = Folder::new(name);
    for (file, text) in [("one.toml", one), ("other.toml", other)] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

fn answers(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["answers"], arguments].concat())
}

const ONE: &str = "Q01 = \"bad-request\"\nQ02 = \"not-found\"\nQ04 = \"silent\"\n";
const OTHER: &str = "Q01 = \"access-denied\"\nQ02 = \"not-found\"\nQ11 = \"new-id\"\n";

#[test]
fn one_sheet_is_shown_with_what_its_answers_mean() {
    let folder = sheets("answers-shown", ONE, OTHER);
    let ended = answers(&folder, &["one.toml"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let heads: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with('Q')).collect();
    assert_eq!(heads.len(), 3, "{}", ended.stdout);
    let meant = ended.stdout.lines().find_map(|line| line.strip_prefix("    bad-request: ")).unwrap();
    assert!(meant.contains(' '), "{meant}");
}

#[test]
fn two_sheets_that_differ_end_as_a_new_divergence_does() {
    let folder = sheets("answers-differ", ONE, OTHER);
    let ended = answers(&folder, &["one.toml", "other.toml"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for line in ["different  Q01  ", "same       Q02  ", "only-in-a  Q04  ", "only-in-b  Q11  "] {
        assert!(ended.stdout.contains(line), "no {line:?} in {}", ended.stdout);
    }
    assert!(ended.stdout.contains("    a: bad-request: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("    b: access-denied: "), "{}", ended.stdout);
}

#[test]
fn a_comparison_is_data_too() {
    let folder = sheets("answers-json", ONE, OTHER);
    let ended = answers(&folder, &["one.toml", "other.toml", "--format", "json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let shown: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(shown["schema"], "passmuster.answers/1");
    let rows = shown["questions"].as_array().unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row["id"].as_str().unwrap(), row["status"].as_str().unwrap())).collect();
    assert_eq!(told, [("Q01", "different"), ("Q02", "same"), ("Q04", "only-in-a"), ("Q11", "only-in-b")]);
    assert_eq!(rows[0]["a"]["answer"], "bad-request");
    assert_eq!(rows[0]["b"]["answer"], "access-denied");
    assert!(rows[2]["b"].is_null(), "{}", rows[2]);
}

#[test]
fn what_a_run_learnt_is_the_same_as_itself() {
    let folder = Folder::new("answers-learnt");
    let arguments = ["run", RANDOM, "--max-calls", "1000", "--learn", "one.toml", "--no-snapshots"];
    let ended = passmuster(folder.path(), &arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let ended = answers(&folder, &["one.toml", "one.toml"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let heads: Vec<&str> = ended.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(heads.len() > 5 && heads.iter().all(|line| line.starts_with("same ")), "{}", ended.stdout);
}

#[test]
fn a_file_that_is_no_sheet_is_refused_with_its_name() {
    let folder = sheets("answers-refused", ONE, "Q01 = \"maybe\"\n");
    let ended = answers(&folder, &["one.toml", "other.toml"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("other.toml") && ended.stderr.contains("it admits bad-request"), "{ended:?}");
    let ended = answers(&folder, &["nowhere.toml"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("nowhere.toml"), "{ended:?}");
}
