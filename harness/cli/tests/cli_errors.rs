//! Bad input ends with exit code 2, one message that says what is wrong, one hint that says how to mend it, and
//! nothing else.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::support::{Folder, Program, RANDOM, command, passmuster};

/// Holds what is refused against what it has to say, and gives that.
fn refused(folder: &Folder, arguments: &[&str], message: &str, hint: &str) {
    let ended = passmuster(folder.path(), arguments);
    assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
    assert_eq!(ended.stdout, "", "{arguments:?}");
    let (said, fix) = ended.stderr.split_once("\n hint: ").unwrap_or((&ended.stderr, ""));
    let said = said.strip_prefix("error: ").unwrap_or_else(|| panic!("{arguments:?}: {said}"));
    assert!(said.contains(message), "{arguments:?}: {said}");
    assert!(fix.contains(hint), "{arguments:?}: {}", ended.stderr);
    assert!(!fix.is_empty() && fix.lines().count() == 1, "{arguments:?}: {fix}");
}

#[test]
fn names_that_nobody_knows_get_the_nearest_or_all_there_are() {
    let folder = Folder::new("names");
    refused(&folder, &["run", "--max-cals", "6"], "'--max-cals'", "'--max-calls'");
    refused(&folder, &["rum"], "'rum'", "'run'");
    refused(&folder, &["run", "--target", "mtoo"], "no target is called \"mtoo\"", "did you mean moto?");
    refused(&folder, &["run", "--phases", "walks"], "'walks'", "walk");
    refused(&folder, &["run", "--fault", "create-agian"], "no fault is called so", "did you mean create-again?");
    refused(&folder, &["run", "--report", "jason"], "no report format is called", "did you mean json?");
    refused(&folder, &["run", "--only", "membrs"], "no operation, family or rule", "did you mean members?");
    refused(&folder, &["explain", "SH-CREATE-999"], "SH-CREATE-999", "");
}

#[test]
fn values_that_make_no_sense_are_told_what_would() {
    let folder = Folder::new("values");
    refused(&folder, &["run", "--max-time", "60"], "not a duration", "500ms, 60s, 2m or 1h");
    refused(&folder, &["run", "--workers", "0"], "0 is not in 1..=256", "passmuster --help");
    refused(&folder, &["run", "--seed", "one"], "'one'", "");
    refused(&folder, &["run", "--accounts", "header"], "not a way to select accounts", "--account-header");
    refused(&folder, &["review", "--accept", "D-12345678"], "--reason", "");
    let path = ["review", "--accept", "D-12345678", "--reason", "x"];
    refused(&folder, &path, "failed to find D-12345678 among the pending divergences", "review --list");
}

#[test]
fn files_that_cannot_be_used_are_named_with_what_is_wrong() {
    let folder = Folder::new("files");
    refused(&folder, &["run", "--answers", "none.toml"], "failed to read none.toml", "name a text file");
    let answers = |text| folder.write("answers.toml", text);
    refused(&folder, &["run", "--answers", &answers("Q99 = \"x\"")], "no open question Q99", "rules --open");
    refused(&folder, &["run", "--answers", &answers("Q01 = \"x\"")], "Q01 can't be answered \"x\"", "it admits ");
    refused(&folder, &["serve", "--answers", &answers("Q01")], "not a table of answers", "write lines like Q01 =");
    folder.write("broken.scenario", "passmuster scenario 1\nadministrator EnableSecurityHub {}\nnobody Fly {}\n");
    refused(&folder, &["replay", "broken.scenario"], "broken.scenario: line 3: no principal \"nobody\"", "");
    refused(&folder, &["replay", "none.scenario"], "failed to read none.scenario", "name a text file");
    refused(&folder, &["replay", "D-00000000"], "there is no divergence D-00000000", "--baseline DIR");
    refused(&folder, &["report", "none.json"], "failed to read the report none.json", "--report json=FILE");
    refused(&folder, &["run", "--report", "json=none/run.json"], "none/run.json", "make its folder");
    refused(&folder, &["run", "--report", "json=."], "failed to write the report .", "name a file, not a folder");
}

#[test]
fn a_corrupted_snapshot_stops_the_run_before_it_begins() {
    let folder = Folder::new("snapshot");
    folder.write("D-12345678.snap", "<<<<<<< HEAD\n---\n");
    let flags = ["run", "--baseline", folder.path().to_str().unwrap()];
    refused(&folder, &flags, "D-12345678.snap: its first line is not ---", "restore it from version control");
}

#[test]
fn a_port_that_is_taken_is_told_with_the_way_to_another() {
    let folder = Folder::new("port");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let message = format!("failed to listen on 127.0.0.1:{port}");
    refused(&folder, &["serve", "--port", &port], &message, "choose another with --port, or 0");
}

#[test]
fn a_target_that_cannot_be_reached_by_design_is_refused() {
    let folder = Folder::new("targets");
    let elsewhere = ["run", "--endpoint", "http://192.0.2.1:5000"];
    refused(&folder, &elsewhere, "refused to call http://192.0.2.1:5000: it is not on this machine", "loopback");
    refused(&folder, &["run", "--endpoint", "ftp://127.0.0.1"], "only http and https", "begin it with http://");
    refused(&folder, &["run", "--endpoint", "127.0.0.1:5000"], "failed to", "http://");
    refused(
        &folder,
        &["run", "--target", "moto"],
        "where is moto?",
        "--spawn 'moto_server -H 127.0.0.1 -p {port}'",
    );
}

#[test]
fn a_server_that_cannot_be_started_is_told_with_its_last_words() {
    let folder = Folder::new("spawn");
    let spawn = |line| ["run", "--target", "moto", "--spawn", line];
    refused(
        &folder,
        &spawn("no-such-server {port}"),
        "failed to run `no-such-server`",
        "install it, or give its full path",
    );
    refused(&folder, &spawn("sleep 60"), "it doesn't say where its port goes", "put {port} there");
    let dying = "sh -c 'echo the disk is on fire; echo water; or sand >&2; exit 7' {port}";
    let ended = passmuster(folder.path(), &spawn(dying));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    let mut lines = ended.stderr.lines();
    let message = lines.next().unwrap();
    assert!(message.ends_with("it ended with exit status: 7 before it was ready"), "{message}");
    assert_eq!(lines.next(), Some(" hint: its last output:"), "{}", ended.stderr);
    let last_words: Vec<&str> = lines.map(str::trim).collect();
    assert!(last_words.contains(&"the disk is on fire") && last_words.contains(&"water"), "{last_words:?}");
}

/// A server of TLS that says in plain HTTP what it was sent by mistake, as many do.
fn serve_tls(listener: TcpListener) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 4096];
            let is_tls = matches!(stream.read(&mut bytes), Ok(1..)) && bytes[0] == 22;
            let alert: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
            let plain = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(if is_tls { alert } else { plain });
        }
    });
}

#[test]
fn an_endpoint_of_the_wrong_scheme_is_told_with_the_right_one() {
    let folder = Folder::new("scheme");
    let unreached = |endpoint: &str, says: &str, hint: &str| {
        let ended = passmuster(folder.path(), &["run", "--endpoint", endpoint, RANDOM, "--max-calls", "50"]);
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert!(ended.stderr.contains(says) && ended.stderr.contains(hint), "{}", ended.stderr);
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    serve_tls(listener);
    unreached(
        &endpoint,
        &format!("{endpoint}: what listens there speaks TLS"),
        "begin the endpoint with https://",
    );
    let mut plain = Program::start(&mut command(folder.path(), &["serve", "--port", "0"]));
    let endpoint = plain.line().replace("listening http://", "https://");
    unreached(&endpoint, "speaks plain HTTP", "begin the endpoint with http://");
}
