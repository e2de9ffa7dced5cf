//! What people put into a command line, the environment or a configuration file as a secret is in no output.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;
use std::path::Path;

use crate::support::{Ended, Folder, Program, command};

/// What every secret of these tests has in it.
const MARK: &str = "hunter";
const BINARY: &str = env!("CARGO_BIN_EXE_passmuster");

/// A command line, with variables of the environment.
type Way<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

/// Runs the program in an environment full of secrets.
fn ended(folder: &Path, words: &[&str], more: &[(&str, &str)]) -> Ended {
    let mut command = command(folder, words);
    command.env("AWS_ACCESS_KEY_ID", "111111111111").env("AWS_SECRET_ACCESS_KEY", "hunter-of-keys");
    command.env("AWS_SESSION_TOKEN", "hunter-of-sessions").envs(more.iter().copied());
    Program::start(&mut command).wait()
}

/// Looks for the mark in the streams of the program, and in all that it has written.
fn is_kept(ended: &Ended, written: &Path) {
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains(MARK), "{text}");
    }
    let mut folders = vec![written.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains(MARK), "{}: {text}", path.display());
        }
    }
}

#[test]
fn no_output_of_a_run_has_a_secret_of_its_command_line() {
    let (folder, away) = (Folder::new("secrets"), Folder::new("secrets-config"));
    let spawn = format!(
        "env DB=postgres://me:hunter-of-databases@db/x API_TOKEN='hunter of tokens' 'HEAD=X-Api-Key: hunter-of-headers' \
         {BINARY} serve --port {{port}} --verify-signatures --secret-key test --fault describe-off --fault get-omits"
    );
    let config = away.write("p.toml", &format!("endpoint = \"http://127.0.0.1:1\"\nspawn = {spawn:?}\n"));
    let formats = ["json", "ndjson", "junit", "html", "markdown", "sarif", "github"];
    let reports = formats.map(|format| format!("--report={format}={format}"));
    let mut words = vec!["--target", "mine", "--baseline", "snapshots", "--config", &config];
    words.extend(reports.iter().map(String::as_str));
    let phases = ["--phases", "probe,boundary", "--max-calls", "300", "--record", "trace", "--learn", "learnt"];
    for more in [&["fuzz", "-v", "--max-calls", "20"][..], &[&["run", "-v"][..], &phases].concat()] {
        let ended = ended(folder.path(), &[more, &words].concat(), &[]);
        let is_run = more[0] == "run";
        assert!(ended.code == Some(1) || !is_run && ended.code == Some(0), "{ended:?}");
        is_kept(&ended, folder.path());
    }
    // The reports, the trace, the answers, and a snapshot at least.
    assert!(fs::read_dir(folder.path()).unwrap().count() > formats.len() + 2);
    assert!(fs::read_dir(folder.file("snapshots")).unwrap().count() > 0);
    let json = fs::read_to_string(folder.file("json")).unwrap();
    assert!(json.contains("DB=postgres://…@db/x") && json.contains("--fault get-omits"), "the line is told");
}

#[test]
fn no_error_has_a_secret_of_its_command_line() {
    let folder = Folder::new("secrets-errors");
    let dying = "sh -c 'echo connecting to amqp://me:hunter2@queue; echo password: hunter3; exit 7' {port}";
    let server = format!("{BINARY} serve --port {{port}}");
    let line = |line| ["run", "--target", "mine", "--endpoint", "http://127.0.0.1:1", "--spawn", line];
    let reset = |request| [&line(&server)[..], &["--reset", request]].concat();
    let endpoints = [
        "http://me:hunter2@127.0.0.1:1",
        "http://me:hun/ter?2hunter@127.0.0.1:1",
        "http:/me:hunter2@127.0.0.1:1",
        "me:hunter2@127.0.0.1:1",
        "http://me:hunter2@[::1",
        "http://127.0.0.1:1/?token=hunter2",
        "ftp://me:hunter2@127.0.0.1",
        "http://me:hunter2@192.0.2.1",
    ];
    for endpoint in endpoints {
        let ways: [Way<'_>; 5] = [
            (&["run", "--endpoint", endpoint], &[]),
            (&["run", "--target", "moto"], &[("AWS_ENDPOINT_URL", endpoint)]),
            (&["run", "--max-time", "1ms"], &[("PASSMUSTER_ENDPOINT", endpoint)]),
            (&["replay", "none.scenario", "--endpoint", endpoint], &[]),
            (&["run", "--endpont", endpoint, "--max-calls", endpoint], &[]),
        ];
        for (words, more) in ways {
            let ended = ended(folder.path(), words, more);
            assert_ne!(ended.code, Some(0), "{words:?}: {ended:?}");
            is_kept(&ended, folder.path());
        }
        for words in [&["run", "--help"][..], &["config", "show"]] {
            let ended = ended(folder.path(), words, &[("PASSMUSTER_ENDPOINT", endpoint)]);
            assert_eq!(ended.code, Some(0), "{ended:?}");
            is_kept(&ended, folder.path());
        }
    }
    for (words, says) in [
        (line(dying).to_vec(), "amqp://…@queue"),
        (line("serve --token hunter2").to_vec(), "put {port} there"),
        (line("no-such-server --api-key=hunter2 {port}").to_vec(), "failed to run"),
        (line("serve 'PASSWORD=hunter2 {port}").to_vec(), "is never closed"),
        (reset("POST /no/such?token=hunter2"), "POST /no/such?token=…"),
        (reset("POST http://me:hunter2@127.0.0.1/"), "not a request"),
        (reset("POST /a\"b?access_key=hunter2"), "access_key=…"),
    ] {
        let ended = ended(folder.path(), &words, &[]);
        assert_eq!(ended.code, Some(2), "{words:?}: {ended:?}");
        assert!(ended.stderr.contains(says), "{words:?}: {ended:?}");
        is_kept(&ended, folder.path());
    }
}
