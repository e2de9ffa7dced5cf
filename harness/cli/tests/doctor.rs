//! `doctor` sees each property of a live target that a run depends on, says what to change, and leaves nothing behind.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::io::{Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::spawn;

use crate::support::{Ended, Folder, Hostility, Program, Turncoat, When, command, passmuster};
use passmuster::domain::shape::Method;
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::json;
use tokio::task::spawn_blocking;

/// A reference server with these flags, and its address.
fn server(folder: &Folder, flags: &[&str]) -> (Program, String) {
    let mut server = Program::start(&mut command(folder.path(), &[&["serve", "--port", "0"], flags].concat()));
    let endpoint = server.line().strip_prefix("listening ").unwrap().to_owned();
    (server, endpoint)
}

fn doctor(folder: &Folder, endpoint: &str, flags: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["doctor", "--endpoint", endpoint], flags].concat())
}

/// What it says of a property: the mark, and the rest from there on.
fn said<'a>(ended: &'a Ended, property: &str) -> (&'a str, &'a str) {
    let rows = ended.stdout.match_indices('\n').filter_map(|(at, _)| ended.stdout[at + 1..].split_at_checked(7));
    let row = rows.into_iter().find(|(_, rest)| rest.starts_with(&format!("{property} ")));
    let (mark, rest) = row.unwrap_or_else(|| panic!("{property}: {ended:?}"));
    (mark.trim(), rest)
}

#[test]
fn a_target_that_is_well_is_said_to_be_and_nothing_is_left_on_it() {
    let folder = Folder::new("doctor-well");
    let (_server, endpoint) = server(&folder, &[]);
    for flags in [&[][..], &["--reset", "POST /_passmuster/reset"], &["--wait", "1s"]] {
        let ended = doctor(&folder, &endpoint, flags);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
        for property in ["reachable", "operations", "state", "accounts", "Regions", "left behind"] {
            assert_eq!(said(&ended, property).0, "ok", "{property}: {ended:?}");
        }
        assert_eq!(said(&ended, "reset").0, if flags.contains(&"--reset") { "ok" } else { "-" });
        assert!(ended.last_line().starts_with("exit 0"), "{ended:?}");
    }
}

#[test]
fn what_makes_a_run_cry_wolf_is_seen_with_its_remedy() {
    let folder = Folder::new("doctor-ill");
    let cases: [(&[&str], &[&str], &str, &str); 2] = [
        (&["--fault", "one-region"], &[], "Regions", "change: use one alone: --region us-east-1"),
        (&[], &["--reset", "POST /nothing"], "reset", "correct --reset"),
    ];
    for (faults, flags, property, remedy) in cases {
        let (_server, endpoint) = server(&folder, faults);
        let ended = doctor(&folder, &endpoint, flags);
        let (mark, rest) = said(&ended, property);
        assert!(mark == "WRONG" && rest.contains(remedy), "{property}: {ended:?}");
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_takes_all_accounts_for_one_is_seen_with_its_remedy_and_not_judged() {
    let one = |_: &HttpRequest, response: &mut HttpResponse| {
        let arn = "arn:aws:securityhub:us-east-1:123456789012:hub/default";
        let hub = json!({ "HubArn": arn, "SubscribedAt": "2026-01-01T00:00:00.000Z" });
        (response.status, response.body) = (200, hub.to_string().into_bytes());
    };
    let when = When::Operation(Method::Get, "/accounts", 0);
    let server = Turncoat::start(when, Hostility::Meddle(Arc::new(one))).await;
    let endpoint = server.endpoint.clone();
    let ended = spawn_blocking(move || {
        let folder = Folder::new("doctor-one");
        let run = ["run", "--endpoint", &endpoint, "--no-snapshots", "--quiet"];
        (doctor(&folder, &endpoint, &[]), passmuster(folder.path(), &run))
    });
    let (looked, ran) = ended.await.unwrap();
    let (mark, rest) = said(&looked, "accounts");
    assert!(mark == "WRONG" && rest.contains("--accounts single"), "{looked:?}");
    assert_eq!((looked.code, ran.code), (Some(2), Some(2)), "{ran:?}");
    assert!(ran.stderr.contains("takes all accounts for one, 123456789012"), "{ran:?}");
}

/// Answers every request alike.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    endpoint
}

/// Closes so many connections without an answer, and then leads to a server.
fn cold(server: &str, mut first: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("http://").to_owned();
    spawn(move || {
        for stream in listener.incoming().flatten() {
            if first > 0 {
                first -= 1;
                continue;
            }
            let Ok(behind) = TcpStream::connect(&server) else { break };
            let ends = [(&stream, &behind), (&behind, &stream)];
            for (from, to) in ends.map(|(from, to)| (from.try_clone(), to.try_clone())) {
                let (Ok(mut from), Ok(mut to)) = (from, to) else { break };
                spawn(move || {
                    let _ = copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    endpoint
}

#[test]
fn a_cold_server_is_waited_for_and_one_that_never_answers_gets_no_verdict() {
    let folder = Folder::new("doctor-cold");
    let (_server, endpoint) = server(&folder, &[]);
    let ended = doctor(&folder, &cold(&endpoint, 3), &["--wait", "10m"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let ended = doctor(&folder, "http://127.0.0.1:9", &["--wait", "1ms"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_eq!(said(&ended, "reachable").0, "WRONG");
    let busy = answering("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let ended = doctor(&folder, &busy, &["--wait", "1ms"]);
    assert!(ended.code == Some(3) && ended.stdout.contains("503"), "{ended:?}");
}

#[test]
fn where_nothing_could_be_tested_it_is_not_green() {
    let folder = Folder::new("doctor-empty");
    let empty = answering("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let ended = doctor(&folder, &empty, &[]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(said(&ended, "operations").0, "WRONG", "{ended:?}");
    for (flags, says) in [
        (&["doctor"][..], "the embedded server is never ill"),
        (&["doctor", "--endpoint", "http://192.0.2.1:1"], "it is not on this machine"),
        (&["doctor", "--target", "aws", "--allow-accounts", "111111111111"], "none to try things on"),
    ] {
        let ended = passmuster(folder.path(), flags);
        assert!(ended.code == Some(2) && ended.stderr.contains(says), "{ended:?}");
    }
}
