//! However the program ends, a server that it started ends with it; and it reports what it has where it can.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Folder, Program, RANDOM, command};

/// A guard against hanging, not a promise of speed.
const PATIENCE: Duration = Duration::from_secs(300);
/// The address of a target without a name, until the server is started.
const NOWHERE: &str = "http://127.0.0.1:1";
const MANY_CALLS: [&str; 6] = ["--max-time", "1h", "--max-calls", "1000000000", "--report", "json=partial.json"];

/// A line that starts the reference server, which leaves its port in a file, and works on so that it takes along what
/// it started.
fn a_server(flags: &str) -> String {
    let serve = format!("{} serve --port {{port}} {flags}", env!("CARGO_BIN_EXE_passmuster"));
    format!("/bin/sh -c 'echo {{port}} > port.new; mv port.new port; {serve} & wait'")
}

fn start(folder: &Folder, arguments: &[&str]) -> Program {
    Program::start(&mut command(folder.path(), arguments))
}

/// Waits until something is so.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "still not so: {what}");
        sleep(Duration::from_millis(10));
    }
}

fn is_up(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Waits until the server is up, and gives its port.
fn server_of(folder: &Folder) -> u16 {
    let mut port = 0;
    wait_until("a server listens", || {
        let text = fs::read_to_string(folder.file("port")).unwrap_or_default();
        port = text.trim().parse().unwrap_or(0);
        port != 0 && is_up(port)
    });
    port
}

fn is_gone(port: u16) {
    wait_until("the server is gone", || !is_up(port));
}

fn stopped(folder: &Folder) -> Value {
    let text = fs::read_to_string(folder.file("partial.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["exit_code"], 130);
    report["stopped"].clone()
}

/// Whether this process ignores SIGHUP, whose number is 1, and its children with it.
fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 1
}

#[test]
fn every_signal_to_end_brings_a_partial_report_and_ends_the_server() {
    // Where the tests were started to outlive their terminal, as by nohup, so is what they start.
    let ending = [Signal::INT, Signal::TERM, Signal::QUIT];
    let ending = ending.into_iter().chain((!ignores_hangup()).then_some(Signal::HUP));
    for signal in ending {
        let folder = Folder::new("signal");
        let line = a_server("");
        let flags = [&["run", RANDOM, "--endpoint", NOWHERE, "--spawn", &line], &MANY_CALLS[..]].concat();
        let program = start(&folder, &flags);
        program.until("exploring: ");
        let port = server_of(&folder);
        program.signal(signal);
        let ended = program.wait();
        assert_eq!(ended.code, Some(130), "{signal:?}: {ended:?}");
        assert_eq!(stopped(&folder), "interrupted", "{signal:?}");
        is_gone(port);
    }
}

#[test]
fn a_signal_while_the_server_starts_brings_a_report_and_ends_the_server() {
    let folder = Folder::new("starting");
    // It never says that it is ready.
    let line = a_server("");
    let flags = [&["run", "--target", "localstack", "--spawn", &line], &MANY_CALLS[..]].concat();
    let program = start(&folder, &flags);
    let port = server_of(&folder);
    program.interrupt();
    let ended = program.wait();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(stopped(&folder), "interrupted");
    is_gone(port);
}

#[test]
fn a_program_that_is_killed_takes_its_server_along() {
    for target in [["--endpoint", NOWHERE], ["--target", "localstack"]] {
        let folder = Folder::new("killed");
        let line = a_server("");
        let flags = [&["run", RANDOM, "--spawn", &line], &target[..], &MANY_CALLS[..]].concat();
        let program = start(&folder, &flags);
        let port = server_of(&folder);
        program.signal(Signal::KILL);
        assert_eq!(program.wait().code, None);
        is_gone(port);
    }
}

#[test]
fn one_signal_after_the_other_ends_the_server_too() {
    let folder = Folder::new("impatient");
    let line = a_server("");
    let flags = [&["run", RANDOM, "--endpoint", NOWHERE, "--spawn", &line], &MANY_CALLS[..]].concat();
    let mut program = start(&folder, &flags);
    program.until("exploring: ");
    let port = server_of(&folder);
    wait_until("the program is gone", || {
        program.interrupt();
        program.has_ended()
    });
    assert_eq!(program.wait().code, Some(130));
    is_gone(port);
}

#[test]
fn ctrl_c_ends_a_replay_and_its_server() {
    let folder = Folder::new("replay");
    folder.write("scenario.txt", "passmuster scenario 1\nadministrator EnableSecurityHub {}\n");
    let line = a_server("--latency 1h");
    let program = start(&folder, &["replay", "scenario.txt", "--endpoint", NOWHERE, "--spawn", &line]);
    let port = server_of(&folder);
    program.interrupt();
    assert_eq!(program.wait().code, Some(130));
    is_gone(port);
}
