//! The reports of the program, as those read them who have nothing else: CI systems, and scripts.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;

use serde_json::Value;

use crate::sample;
use crate::schema::schema;
use crate::support::{Ended, Folder, Program, RANDOM, command, passmuster};

/// Enough to find what is looked for here.
const FLAWED: [&str; 6] = ["run", RANDOM, "--max-calls=4000", "--fault", "create-again", "--no-snapshots"];

/// Runs the program as a step of a job of GitHub Actions does; `summary.md` is the summary of its job.
fn in_github(folder: &Folder, arguments: &[&str]) -> Ended {
    let mut command = command(folder.path(), arguments);
    command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", folder.file("summary.md"));
    Program::start(&mut command).wait()
}

fn commands(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.trim_start().starts_with("::") || line.contains("##[")).collect()
}

/// A recorded run whose texts would be commands at the beginning of a line.
fn hostile(folder: &Folder) -> String {
    let mut record = sample::flawed();
    let bad = ["::error::obey", "\u{a0}::stop-commands::x", "##[error]obey", "\u{2003}::add-mask::e"];
    record.remarks = bad.map(str::to_owned).to_vec();
    record.target.name = bad[2].to_owned();
    for (found, text) in record.divergences.iter_mut().zip(bad) {
        (found.summary, found.replay, found.curl) = (text.to_owned(), text.to_owned(), text.to_owned());
        found.observed = text.into();
    }
    folder.write("hostile.json", &serde_json::to_string(&record).unwrap())
}

#[test]
fn a_stream_of_events_tells_a_run_from_its_beginning_to_its_verdict() {
    let folder = Folder::new("events");
    let reports = ["--report", "ndjson=events.ndjson", "--report", "json=run.json"];
    let ended = passmuster(folder.path(), &[&FLAWED[..], &reports].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let text = fs::read_to_string(folder.path().join("events.ndjson")).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let place = |name: &str| events.iter().position(|event| event["event"] == name);
    let order = ["run", "phase", "found", "operation", "divergence", "cause", "verdict"].map(place);
    assert!(order.is_sorted() && order[0] == Some(0) && order[6] == Some(events.len() - 1), "{order:?}");
    let record: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
    let told = |name: &str| -> Vec<&Value> {
        events.iter().filter(|event| event["event"] == name).map(|event| &event[name]).collect()
    };
    for (name, list) in [("divergence", "divergences"), ("cause", "causes"), ("rule", "rules")] {
        assert_eq!(told(name), record[list].as_array().unwrap().iter().collect::<Vec<_>>(), "{name}");
    }
    let found: Vec<&Value> = told("found").into_iter().map(|found| &found["id"]).collect();
    let listed = record["divergences"].as_array().unwrap();
    assert!(listed.iter().any(|one| found.contains(&&one["id"])), "{found:?}");
    assert_eq!(told("verdict")[0]["exit_code"], record["exit_code"]);
}

#[test]
fn a_stream_of_a_run_that_was_recorded_is_the_same_from_its_results_on() {
    let folder = Folder::new("events-again");
    let reports = ["--report", "ndjson=events.ndjson", "--report", "json=run.json"];
    passmuster(folder.path(), &[&FLAWED[..], &reports].concat());
    let again = passmuster(folder.path(), &["report", "run.json", "--report", "ndjson"]);
    let events = fs::read_to_string(folder.path().join("events.ndjson")).unwrap();
    let results = |text: &str| -> Vec<String> {
        text.lines().skip_while(|line| !line.starts_with("{\"event\":\"operation\"")).map(str::to_owned).collect()
    };
    assert!(!results(&events).is_empty());
    assert_eq!(results(&events), results(&again.stdout));
}

#[test]
fn a_job_of_github_gets_annotations_and_a_summary_without_being_asked() {
    let folder = Folder::new("github");
    folder.write("summary.md", "what another command wrote\n");
    let ended = in_github(&folder, &FLAWED);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(commands(&ended.stdout).is_empty(), "{ended:?}");
    let annotations = commands(&ended.stderr);
    assert!(
        annotations[0].starts_with("::error title=passmuster embedded%3A new divergence::"),
        "{annotations:?}"
    );
    assert!(annotations.iter().any(|line| line.contains("C-") && line.contains("replay")), "{annotations:?}");
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(
        summary.starts_with("what another command wrote\n") && summary.contains("new divergence"),
        "{summary}"
    );
}

#[test]
fn a_job_that_is_green_has_a_notice_and_no_error() {
    let folder = Folder::new("github-green");
    let ended = in_github(&folder, &["run", RANDOM, "--max-calls=1000"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let annotations = commands(&ended.stderr);
    assert!(annotations.len() == 1 && annotations[0].starts_with("::notice "), "{annotations:?}");
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(summary.contains("nothing new diverges"), "{summary}");
}

#[test]
fn annotations_come_once_where_they_are_asked_for_and_none_with_quiet_or_outside() {
    let folder = Folder::new("github-asked");
    let asked = in_github(&folder, &[&FLAWED[..], &["--report", "github"]].concat());
    assert!(commands(&asked.stderr).is_empty() && !commands(&asked.stdout).is_empty(), "{asked:?}");
    let file = in_github(&folder, &[&FLAWED[..], &["--report", "github=annotations"]].concat());
    assert!(commands(&file.stderr).is_empty() && commands(&file.stdout).is_empty(), "{file:?}");
    assert!(fs::read_to_string(folder.path().join("annotations")).unwrap().starts_with("::error "));
    let quiet = in_github(&folder, &[&FLAWED[..], &["-q"]].concat());
    assert!(commands(&quiet.stderr).is_empty() && commands(&quiet.stdout).is_empty(), "{quiet:?}");
    let outside = passmuster(folder.path(), &FLAWED);
    assert!(commands(&outside.stderr).is_empty() && commands(&outside.stdout).is_empty(), "{outside:?}");
}

#[test]
fn no_text_of_a_target_becomes_a_command_in_the_log_of_a_job() {
    let folder = Folder::new("github-hostile");
    hostile(&folder);
    let plain = passmuster(folder.path(), &["report", "hostile.json", "-v"]);
    assert!(!commands(&plain.stdout).is_empty(), "otherwise this test shows nothing: {plain:?}");
    for arguments in
        [&["-v"][..], &["-q"], &["--report", "markdown"], &["--report", "json"], &["--report", "html"]]
    {
        let ended = in_github(&folder, &[&["report", "hostile.json"], arguments].concat());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(commands(&ended.stdout).is_empty() && commands(&ended.stderr).is_empty(), "{ended:?}");
    }
    let json = in_github(&folder, &["report", "hostile.json", "--report", "json"]);
    let record: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(record["target"]["name"], "##[error]obey", "it means what it meant");
    let missing = in_github(&folder, &["report", "a\n::error::obey"]);
    assert!(missing.code == Some(2) && commands(&missing.stderr).is_empty(), "{missing:?}");
}

/// A recorded run of a version of moto on a day.
fn recorded(folder: &Folder, version: &str, day: &str) -> String {
    let mut record = sample::full();
    record.shard = None;
    record.target.version = Some(version.to_owned());
    record.started = format!("{day}T01:02:03Z");
    folder.write(&format!("{version}.json"), &serde_json::to_string(&record).unwrap())
}

#[test]
fn several_reports_are_told_as_the_newest_with_a_history_whatever_their_order() {
    let folder = Folder::new("history");
    recorded(&folder, "5.1.0", "2026-01-01");
    recorded(&folder, "5.2.0", "2026-02-01");
    let files = ["report", "5.2.0.json", "5.1.0.json"];
    let text = passmuster(folder.path(), &files);
    assert_eq!(text.code, Some(0), "{text:?}");
    assert!(text.stdout.starts_with("2 runs against moto, oldest first\n"), "{text:?}");
    assert!(text.last_line().starts_with("exit "), "the verdict is the last line: {text:?}");
    let reports = ["--report", "html=run.html", "--report", "json=run.json", "--report", "board"];
    let written = passmuster(folder.path(), &[&files[..], &reports].concat());
    let head = "| causes | moto 5.1.0<br>2026-01-01 01:02 | moto 5.2.0<br>2026-02-01 01:02 |\n";
    assert!(written.code == Some(0) && written.stdout.starts_with(head), "{written:?}");
    let record: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
    assert_eq!(record["target"]["version"], "5.2.0");
    let page = fs::read_to_string(folder.path().join("run.html")).unwrap();
    assert!(page.contains("<h2>History</h2>") && page.contains("moto 5.1.0<br>"), "{}", &page[..2000]);
    let quiet = passmuster(folder.path(), &[&files[..], &["-q"]].concat());
    assert!(quiet.stdout.lines().count() == 1 && quiet.stdout.starts_with("exit "), "{quiet:?}");
}

#[test]
fn the_report_of_a_shard_has_no_place_in_a_history() {
    let folder = Folder::new("history-shard");
    recorded(&folder, "5.1.0", "2026-01-01");
    folder.write("shard.json", &serde_json::to_string(&sample::full()).unwrap());
    let ended = passmuster(folder.path(), &["report", "5.1.0.json", "shard.json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("shard.json is the report of a shard"), "{ended:?}");
    assert!(ended.stderr.contains("passmuster merge"), "{ended:?}");
    assert_eq!(passmuster(folder.path(), &["report", "shard.json"]).code, Some(0));
    let none = passmuster(folder.path(), &["report", "--report", "json"]);
    assert_eq!(none.code, Some(2), "{none:?}");
}

#[test]
fn a_schema_is_printed_by_its_name() {
    let folder = Folder::new("schema");
    for name in ["run", "events"] {
        let ended = passmuster(folder.path(), &["schema", name]);
        assert_eq!((ended.code, serde_json::from_str::<Value>(&ended.stdout).unwrap()), (Some(0), schema(name)));
    }
    let ended = passmuster(folder.path(), &["schema", "event"]);
    assert!(ended.code == Some(2) && ended.stderr.contains("did you mean events?"), "{ended:?}");
}
