//! The program does what its help says, and its exit codes and streams can be scripted against.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::support::{Ended, Folder, Program, RANDOM, command, passmuster};
use serde_json::Value;

/// Enough to find what is looked for here.
const FEW: [&str; 4] = ["run", RANDOM, "--max-calls", "4000"];

/// Runs against the embedded server with few calls.
fn run(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&FEW, arguments].concat())
}

fn report(folder: &Folder, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path().join(name)).unwrap()).unwrap()
}

/// The ids of what a report lists, notes left out.
fn ids(report: &Value) -> Vec<String> {
    let listed = report["divergences"].as_array().unwrap().iter();
    let mut ids: Vec<String> = listed
        .filter(|found| found["severity"] != "note")
        .map(|found| found["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// The one divergence of the server whose CreateMembers starts an existing entry anew.
fn create_again(folder: &Folder) -> String {
    let ended = run(folder, &["--fault", "create-again", "--no-snapshots", "--report", "json=id.json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report = report(folder, "id.json");
    let mut listed = report["divergences"].as_array().unwrap().iter();
    let found = listed.find(|found| found["rules"][0] == "SH-CREATE-007").unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn serve(folder: &Folder, arguments: &[&str]) -> (Program, String) {
    let mut program =
        Program::start(&mut command(folder.path(), &[&["serve", "--port", "0"], arguments].concat()));
    let line = program.line();
    let endpoint = line.strip_prefix("listening ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
    (program, endpoint)
}

#[test]
fn without_arguments_the_embedded_server_is_tested_and_found_clean() {
    let folder = Folder::new("no-arguments");
    let ended = passmuster(folder.path(), &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let verdict = ended.stdout.lines().rev().nth(1).unwrap();
    assert!(verdict.starts_with("exit 0, nothing new diverges: 0 new, 0 of "), "{ended:?}");
    assert!(ended.last_line().contains("`passmuster demo`"), "{ended:?}");
    assert!(ended.stderr.starts_with("passmuster ") && ended.stderr.contains("130000 calls planned"), "{ended:?}");
    assert!(!folder.path().join("snapshots").exists(), "nothing waits for a review");
}

#[test]
fn a_fault_is_found_and_told_with_its_rule_and_how_to_see_it_again() {
    let folder = Folder::new("fault");
    let ended = run(&folder, &["--fault", "create-again", "--no-snapshots"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("SH-CREATE-007"), "{ended:?}");
    let replay = ended.stdout.lines().find(|line| line.contains("passmuster replay D-")).unwrap();
    assert!(replay.contains("--fault create-again"), "{replay}");
    let id = replay.split_whitespace().find(|word| word.starts_with("D-")).unwrap();
    assert!(ended.stderr.contains(id), "it is told as soon as it is confirmed: {}", ended.stderr);
    assert!(ended.last_line().starts_with("exit 1, new divergence: "), "{}", ended.last_line());
}

#[test]
fn a_log_holds_what_happens_and_no_counters_or_escapes_and_nothing_that_was_reviewed() {
    let folder = Folder::new("log");
    let flags = ["--fault", "create-again", "--baseline", "kept"];
    let first = run(&folder, &flags);
    let lines: Vec<&str> = first.stderr.lines().collect();
    assert!(lines.len() < 12 && !first.stderr.contains(['\r', '\u{1b}']), "{first:?}");
    assert!(lines[0].contains("4000 calls planned") && lines[1] == "probe: begins", "{first:?}");
    assert!(lines.iter().any(|line| line.starts_with("D-") && line.contains(" divergence: ")), "{first:?}");
    assert!(!first.stdout.contains(['\r', '\u{1b}']) && first.stdout.lines().count() <= 30, "{first:?}");
    let listed = passmuster(folder.path(), &["review", "--list", "--baseline", "kept"]).stdout;
    let ids: Vec<&str> = listed.split_whitespace().filter(|word| word.starts_with("D-")).collect();
    passmuster(folder.path(), &["review", "--baseline", "kept", "--reason", "so", "--accept", &ids.join(",")]);
    let again = run(&folder, &flags);
    assert!(again.code == Some(0) && !again.stderr.contains("D-"), "{again:?}");
}

#[test]
fn a_demo_names_the_cause_of_each_of_its_faults_and_says_what_to_do_next() {
    let folder = Folder::new("demo");
    let ended = passmuster(folder.path(), &["demo", "--report", "json=demo.json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("demo: 3 of 3 faults are named by a cause: as it should be"), "{ended:?}");
    let report = report(&folder, "demo.json");
    let causes = report["causes"].as_array().unwrap();
    let faults = [
        ("create-again", "SH-CREATE-007"),
        ("list-true-as-false", "SH-LIST-003"),
        ("leave-as-removed", "SH-LEAVE-001"),
    ];
    for (fault, rule) in faults {
        let own = |cause: &&Value| cause["rules"][0] == rule;
        let cause = causes.iter().find(own).unwrap_or_else(|| panic!("{fault}: {causes:?}"));
        let told = |words: &[&str]| ended.stdout.lines().any(|line| words.iter().all(|word| line.contains(word)));
        let (id, title) = (cause["id"].as_str().unwrap(), cause["title"].as_str().unwrap());
        assert!(told(&[id, title]) && told(&[fault, id]), "{fault}: {ended:?}");
    }
    let next = ended.stdout.lines().find(|line| line.trim_start().starts_with("passmuster explain C-")).unwrap();
    let explained = passmuster(folder.path(), &next.split_whitespace().skip(1).collect::<Vec<_>>());
    assert_eq!(explained.code, Some(0), "{explained:?}");
    assert!(!folder.path().join("snapshots").exists(), "nothing waits for a review");
}

#[test]
fn a_cause_is_explained_filed_and_mended_by_its_id() {
    let folder = Folder::new("causes");
    let ended = run(&folder, &["--fault", "create-again", "--no-snapshots", "--report", "json=run.json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report = report(&folder, "run.json");
    let id = report["causes"][0]["id"].as_str().unwrap();
    assert!(ended.stdout.contains(&format!("mend this first: {id} ")), "{ended:?}");
    let asked = |arguments: &[&str]| passmuster(folder.path(), arguments);
    let explained = asked(&["explain", id, "--from", "run.json"]);
    assert!(explained.stdout.contains("SH-CREATE-007"), "{explained:?}");
    let filed = asked(&["report", "run.json", "--issue", id]);
    assert!(filed.stdout.starts_with("# Security Hub: ") && filed.stdout.contains("import boto3"), "{filed:?}");
    let mended = asked(&["what-if", id, "--report", "run.json"]);
    assert!(mended.stdout.contains(" go away") && !mended.stdout.contains("remain"), "{mended:?}");
    let unknown = asked(&["what-if", "C-00000000", "--report", "run.json"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    let verbose = asked(&["report", "run.json", "-v"]);
    assert!(verbose.stdout.contains("what each rule did"), "{verbose:?}");
}

#[test]
fn a_report_holds_the_exit_code_of_the_run_in_a_file_or_on_standard_output() {
    let folder = Folder::new("report");
    let flags =
        ["--fault", "create-again", "--no-snapshots", "--report", "json=run.json", "--report", "json", "-q"];
    let ended = run(&folder, &flags);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report = report(&folder, "run.json");
    assert_eq!(report["schema"], "passmuster.run/1");
    assert_eq!(report["exit_code"], 1);
    assert_eq!(serde_json::from_str::<Value>(&ended.stdout).unwrap(), report);
    assert_eq!(ended.stderr.lines().count(), 1, "quiet is the verdict alone: {}", ended.stderr);

    let ended = passmuster(folder.path(), &["report", "run.json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.last_line().starts_with("exit 1, "), "{}", ended.stderr);
}

#[test]
fn what_a_run_finds_does_not_depend_on_how_many_workers_it_has() {
    let folder = Folder::new("workers");
    let mut found = Vec::new();
    for workers in ["1", "4"] {
        let faults = ["--fault", "create-again", "--fault", "create-hub-off", "--no-snapshots"];
        let settings = ["--seed", "11", "--workers", workers, "--report", "json=run.json"];
        let ended = run(&folder, &[&faults[..], &settings].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        found.push(ids(&report(&folder, "run.json")));
    }
    assert!(!found[0].is_empty());
    assert_eq!(found[0], found[1]);
}

#[test]
fn what_is_reviewed_passes_in_the_next_run_and_can_be_replayed() {
    let folder = Folder::new("review");
    let baseline = folder.file("baseline");
    let flags = ["--fault", "create-again", "--baseline", &baseline];
    let ended = run(&folder, &flags);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let pending = || passmuster(folder.path(), &["review", "--list", "--baseline", &baseline]);
    let listed = pending();
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let ids: Vec<&str> = listed.stdout.split_whitespace().filter(|word| word.starts_with("D-")).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| ended.stderr.contains(id)), "{}", listed.stdout);
    assert!(listed.stdout.contains(&format!("{} pending, 0 accepted", ids.len())), "{}", listed.stdout);

    let accept = ["review", "--baseline", &baseline, "--reason", "by design", "--accept", &ids.join(",")];
    let accepted = passmuster(folder.path(), &accept);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert!(pending().stdout.contains(&format!("0 pending, {} accepted", ids.len())));
    let again = run(&folder, &flags);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.last_line().starts_with("exit 0, nothing new diverges: 0 new"), "{}", again.last_line());

    let replayed =
        passmuster(folder.path(), &["replay", ids[0], "--baseline", &baseline, "--fault", "create-again"]);
    assert_eq!(replayed.code, Some(1), "{replayed:?}");
    assert!(replayed.stdout.contains(ids[0]) && replayed.stdout.contains("expected "), "{}", replayed.stdout);
    let mended = passmuster(folder.path(), &["replay", ids[0], "--baseline", &baseline]);
    assert_eq!(mended.code, Some(0), "{mended:?}");

    // One that is gone is told, and fails where that was asked for.
    let clean = run(&folder, &["--baseline", &baseline, "--strict"]);
    assert_eq!(clean.code, Some(5), "{clean:?}");
}

#[test]
fn a_build_server_writes_pending_snapshots_only_when_told_to() {
    let folder = Folder::new("ci");
    let flags = [&FEW[..], &["--fault", "create-again", "--baseline", "kept"]].concat();
    let on_ci =
        |more: &[&str]| Program::start(command(folder.path(), &[&flags, more].concat()).env("CI", "true")).wait();
    let ended = on_ci(&[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(!folder.path().join("kept").exists());
    let ended = on_ci(&["--snapshots"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let written = std::fs::read_dir(folder.path().join("kept")).unwrap();
    assert!(
        written.map(|entry| entry.unwrap().path()).all(|path| path.display().to_string().ends_with(".snap.new"))
    );
}

const SCENARIO: &str = r#"passmuster scenario 1
administrator EnableSecurityHub {}
administrator CreateMembers {"AccountDetails":[{"AccountId":"@member-1"}]}
administrator CreateMembers {"AccountDetails":[{"AccountId":"@member-1"}]}
"#;

#[test]
fn a_saved_scenario_is_replayed_step_by_step() {
    let folder = Folder::new("replay");
    folder.write("again.scenario", SCENARIO);
    let ended = passmuster(folder.path(), &["replay", "again.scenario"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stdout.matches("administrator ").count(), 3, "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
    let ended = passmuster(folder.path(), &["replay", "again.scenario", "--fault", "create-again"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("SH-CREATE-007"), "{}", ended.stdout);
}

#[test]
fn the_server_answers_whoever_speaks_http() {
    let folder = Folder::new("serve");
    let (_program, endpoint) = serve(&folder, &[]);
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(600))).unwrap();
    let scope = "Credential=111111111111/20260101/us-east-1/securityhub/aws4_request";
    let line = format!("authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0");
    write!(stream, "GET /accounts HTTP/1.1\r\nhost: x\r\n{line}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains("InvalidAccessException"), "{answer}");
}

#[test]
fn a_served_process_passes_a_run_over_http() {
    let folder = Folder::new("endpoint");
    let (_program, endpoint) = serve(&folder, &[]);
    for seed in ["1", "2"] {
        let ended = run(&folder, &["--endpoint", &endpoint, "--no-snapshots", "--seed", seed]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

#[test]
fn a_server_of_any_profile_that_verifies_signatures_passes_a_run_by_the_right_secret() {
    let folder = Folder::new("profiles");
    for profile in ["smithy", "aws", "union"] {
        let (_program, endpoint) = serve(&folder, &["--verify-signatures", "--profile", profile]);
        let ended = run(&folder, &["--endpoint", &endpoint, "--no-snapshots"]);
        assert_eq!(ended.code, Some(0), "{profile}: {ended:?}");
    }
    let (_program, endpoint) = serve(&folder, &["--verify-signatures", "--secret-key", "another"]);
    let ended = run(&folder, &["--endpoint", &endpoint, "--no-snapshots"]);
    assert_ne!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn the_faults_that_can_be_served_are_listed() {
    let folder = Folder::new("faults");
    let ended = passmuster(folder.path(), &["serve", "--list-faults"]);
    assert_eq!(ended.code, Some(0));
    let (wire, others): (Vec<&str>, Vec<&str>) = ended.stdout.lines().partition(|line| line.starts_with("wire-"));
    assert!(wire.len() >= 22 && others.len() >= 40, "{}", ended.stdout);
    assert!(wire.iter().all(|line| line.contains(" D") || line.contains(" I")), "{}", ended.stdout);
    assert!(others.iter().all(|line| line.contains(" SH-")), "{}", ended.stdout);
}

#[test]
fn an_address_where_nobody_listens_gives_no_verdict() {
    let folder = Folder::new("nobody");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let ended = run(&folder, &["--endpoint", &endpoint]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains(&format!("error: failed to connect to {endpoint}")), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("hint: start the target, give it time to start (--wait TIME), or correct the endpoint"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_selection_that_leaves_nothing_is_told_from_a_clean_run() {
    let folder = Folder::new("selection");
    for flags in [["--only", "SH-NOTHING"], ["--phases", "probe"]] {
        let ended = passmuster(folder.path(), &[&["run"], &flags[..]].concat());
        assert_eq!(ended.code, Some(4), "{flags:?}: {ended:?}");
        assert!(ended.last_line().starts_with("exit 4, nothing was checked: "), "{}", ended.last_line());
    }
}

#[test]
fn the_id_of_a_divergence_is_the_same_in_every_run() {
    let folder = Folder::new("ids");
    assert_eq!(create_again(&folder), create_again(&folder));
}

#[test]
fn a_server_that_is_gone_in_the_middle_of_a_run_gives_no_verdict_and_a_partial_report() {
    let folder = Folder::new("gone");
    let (server, endpoint) = serve(&folder, &[]);
    let budget = ["run", RANDOM, "--max-time", "1h", "--max-calls", "1000000000", "--report", "json=partial.json"];
    // One worker: whatever call is under way when the server goes, the last to fail is one that can't connect.
    let flags = [&budget[..], &["--workers", "1", "--endpoint", &endpoint]].concat();
    let program = Program::start(&mut command(folder.path(), &flags));
    program.until("exploring: ");
    drop(server);
    let ended = program.wait();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.last_line().starts_with("exit 3, no verdict: "), "{}", ended.stderr);
    let report = report(&folder, "partial.json");
    assert_eq!(report["exit_code"], 3);
    let stopped = report["stopped"].as_str().unwrap();
    assert!(stopped.starts_with(&format!("target lost: failed to connect to {endpoint}")), "{stopped}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_with_a_partial_report() {
    let folder = Folder::new("interrupt");
    let flags = ["run", RANDOM, "--max-time", "1h", "--max-calls", "1000000000", "--report", "json=partial.json"];
    let program = Program::start(&mut command(folder.path(), &flags));
    program.until("exploring: ");
    program.interrupt();
    let ended = program.wait();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(ended.last_line().starts_with("exit 130, interrupted: "), "{}", ended.stderr);
    let report = report(&folder, "partial.json");
    assert_eq!((&report["exit_code"], &report["stopped"]), (&Value::from(130), &Value::from("interrupted")));
}
