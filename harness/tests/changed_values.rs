//! Each value of an admissible answer, changed in one respect: what no conversation shows the judge to look at is listed
//! in a reviewed snapshot, so that no value goes unjudged unnoticed.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use passmuster::check::check;
use passmuster::domain::{Operation, Severity};
use passmuster::model::Answers;
use passmuster::oracle::Strictness;
use passmuster::trace::parse;
use serde_json::{Value, json};

/// An account that no conversation knows.
const STRANGER: &str = "999888777666";
/// So many answers are changed in the same place in the same way.
const MOST_OF_A_KIND: usize = 6;

/// The lines of a conversation, its header first.
type Lines = Vec<Value>;

fn conversations() -> Vec<Lines> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = fs::read_dir(root.join("fixtures/traces/independent/corners-admitted")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found: Vec<Lines> = Vec::new();
    for text in files.iter().map(|path| fs::read_to_string(path).unwrap()) {
        for line in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
            match line.get("schema") {
                Some(_) => found.push(vec![line]),
                None => found.last_mut().unwrap().push(line),
            }
        }
    }
    found
}

/// The places of an answer, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{name}");
                places(value, &at, found);
                found.push(at);
            }
        }
        Value::Array(entries) => {
            for (index, value) in entries.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// What can be wrong with a value, each with its name.
fn changes(value: &Value) -> Vec<(&'static str, Value)> {
    match value {
        Value::String(text) => {
            let mut found = vec![
                ("longer", json!(format!("{text}x"))),
                ("empty", json!("")),
                ("a number", json!(7)),
                ("in the other case", json!(swap_case(text))),
            ];
            let is_account = |part: &str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
            if text.split(':').any(is_account) {
                let part = |part| if is_account(part) { STRANGER } else { part };
                found.push(("of a stranger", json!(text.split(':').map(part).collect::<Vec<_>>().join(":"))));
            }
            if let Some(elsewhere) = text.split_once(":us-east-1:").map(|(a, b)| format!("{a}:eu-west-3:{b}")) {
                found.push(("of another Region", json!(elsewhere)));
            }
            found
        }
        Value::Bool(flag) => vec![("the opposite", json!(!flag)), ("as text", json!(flag.to_string()))],
        Value::Number(number) => vec![("one more", json!(number.as_i64().unwrap_or(0) + 1))],
        Value::Array(entries) => {
            let mut found = vec![("an object", json!({}))];
            if let Some((last, others)) = entries.split_last() {
                found.push(("one less", json!(others)));
                found.push(("one twice", json!([entries.clone(), vec![last.clone()]].concat())));
            }
            found
        }
        _ => Vec::new(),
    }
}

fn swap_case(text: &str) -> String {
    let swap = |letter: char| {
        if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    };
    text.chars().map(swap).collect()
}

/// Whether the last call of a conversation draws anything.
fn is_noticed(lines: &[Value]) -> bool {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let parsed = parse(text.as_bytes()).unwrap();
    let checked = check(&parsed[0], Strictness::Status, &Answers::default());
    let weighs = checked.found.iter().any(|(_, found)| found.severity() >= Severity::Suspicion);
    weighs || !checked.late.is_empty() || !checked.inconclusive.is_empty()
}

/// A changed answer: the conversation up to it, where it is changed, and how.
fn changed(lines: &Lines, index: usize) -> Vec<(String, &'static str, Lines)> {
    let mut found = Vec::new();
    let answer = &lines[index]["response"];
    let mut all = Vec::new();
    places(answer, "", &mut all);
    for place in all {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let unnumbered = |part: &str| if part.parse::<usize>().is_ok() { "-".to_owned() } else { part.to_owned() };
        let pointer = place.split('/').map(unnumbered).collect::<Vec<_>>().join("/");
        let mut add = |change, alter: &dyn Fn(&mut Value)| {
            let mut lines: Lines = lines[..=index].to_vec();
            alter(lines[index].pointer_mut(&format!("/response{parent}")).unwrap());
            found.push((pointer.clone(), change, lines));
        };
        add("missing", &|parent| {
            parent.as_object_mut().unwrap().remove(name);
        });
        for (change, value) in changes(answer.pointer(&place).unwrap()) {
            add(change, &|parent| parent[name] = value.clone());
        }
    }
    found
}

#[test]
fn each_value_of_an_answer_is_judged_or_listed() {
    // Of each kind: so many changed answers, and so many that were noticed.
    let mut kinds: BTreeMap<(String, String, &'static str), (usize, usize)> = BTreeMap::new();
    let all = conversations();
    assert!(all.len() > 100, "{} conversations", all.len());
    for lines in &all {
        for index in 1..lines.len() {
            let line = &lines[index];
            let name = line["operation"].as_str().unwrap();
            let is_judged = Operation::from_name(name).is_some_and(|known| Operation::ALL.contains(&known));
            if !is_judged || line["provenance"] != "observed" || line.get("unknown").is_some() {
                continue;
            }
            for (pointer, change, changed) in changed(lines, index) {
                let kind = kinds.entry((name.to_owned(), pointer, change)).or_default();
                if kind.0 < MOST_OF_A_KIND {
                    *kind = (kind.0 + 1, kind.1 + usize::from(is_noticed(&changed)));
                }
            }
        }
    }
    assert!(kinds.len() > 200, "{} kinds of changes", kinds.len());
    let mut unnoticed: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for ((operation, pointer, change), (_, noticed)) in &kinds {
        if *noticed == 0 {
            unnoticed.entry(format!("{operation} {pointer}")).or_default().push(change);
        }
    }
    let rows = unnoticed.iter().map(|(place, changes)| format!("{place}: {}\n", changes.join(", ")));
    insta::with_settings!({ snapshot_path => "../../snapshots/faults", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("unnoticed", rows.collect::<String>());
    });
}
