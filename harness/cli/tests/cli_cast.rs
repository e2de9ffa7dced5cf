//! Accounts of somebody: what is planned is told first, and however the program ends, what it did can be undone.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Ended, Folder, Program, command};

/// A guard against hanging, not a promise of speed.
const PATIENCE: Duration = Duration::from_secs(600);
const SECRET: &str = "hunter2hunter2";
const ACCOUNTS: &str = "111111111111,222222222222,333333333333";

/// A server that verifies signatures, and a file of profiles.
struct Account {
    folder: Folder,
    endpoint: String,
    /// Serves as long as the test goes on.
    _server: Program,
}

impl Account {
    fn open(name: &str) -> Self {
        let folder = Folder::new(name);
        let profile =
            |(name, id)| format!("[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {SECRET}\n");
        let profiles = [("a", "111111111111"), ("b", "222222222222"), ("c", "333333333333")].map(profile);
        folder.write("credentials", &profiles.concat());
        let serve = ["serve", "--verify-signatures", "--secret-key", SECRET];
        let mut server = Program::start(&mut command(folder.path(), &serve));
        let endpoint = server.line().strip_prefix("listening ").unwrap().to_owned();
        Self { folder, endpoint, _server: server }
    }

    fn start(&self, words: &[&str]) -> Program {
        let mut command = command(self.folder.path(), words);
        Program::start(command.env("AWS_SHARED_CREDENTIALS_FILE", "credentials"))
    }

    /// A run with the accounts of these profiles.
    fn run(&self, profiles: &str, more: &[&str]) -> Program {
        let accounts = format!("profiles={profiles}");
        let words = ["run", "--endpoint", &self.endpoint, "--allow-accounts", ACCOUNTS, "--accounts", &accounts];
        self.start(&[&words, more].concat())
    }

    fn rehearsal(&self, profiles: &str) -> Ended {
        self.run(profiles, &["--dry-run"]).wait()
    }

    fn journal(&self) -> String {
        fs::read_to_string(self.folder.file("j")).unwrap_or_default()
    }

    /// A run that has changed something, and is in the middle of more.
    fn under_way(&self) -> Program {
        let program = self.run("a,b,c", &["--journal", "j", "--max-calls", "100000", "--no-snapshots"]);
        let began = Instant::now();
        while !self.journal().contains("InviteMembers") {
            assert!(began.elapsed() < PATIENCE, "no invitation is sent: {}", self.journal());
            sleep(Duration::from_millis(5));
        }
        program
    }
}

fn tells_no_secret(text: &str) {
    assert!(!text.contains(SECRET), "{text}");
}

#[test]
fn a_plan_is_told_and_nothing_changed_before_a_run_begins() {
    let account = Account::open("plan");
    let planned = account.rehearsal("a,b,c");
    assert_eq!(planned.code, Some(0), "{planned:?}");
    for told in ["111111111111, as arn:aws:iam::111111111111:user/", "us-east-1, eu-west-1", "2000 planned"] {
        assert!(planned.stderr.contains(told), "{told}: {}", planned.stderr);
    }
    assert_eq!(fs::read_dir(account.folder.path()).unwrap().count(), 1, "a file was written");
    let swapped = account.rehearsal("a,c,b");
    assert_eq!(swapped.code, Some(2), "{swapped:?}");
    assert!(swapped.stderr.contains("failed to sign as account 222222222222"), "{}", swapped.stderr);
    let unknown = account.rehearsal("a,b,d");
    assert!(unknown.stderr.contains("there is no profile \"d\" in credentials"), "{}", unknown.stderr);
    let fewer = account.rehearsal("a,b");
    assert!(fewer.stderr.contains("2 profiles for 3 accounts"), "{}", fewer.stderr);
    for ended in [planned, swapped, unknown, fewer] {
        tells_no_secret(&format!("{ended:?}"));
    }
}

#[test]
fn what_a_killed_run_left_is_refused_by_the_next_and_brought_back_by_cleanup() {
    let account = Account::open("killed");
    let program = account.under_way();
    program.signal(Signal::KILL);
    assert_eq!(program.wait().code, None);
    tells_no_secret(&account.journal());
    let second = account.run("a,b,c", &["--journal", "j"]).wait();
    assert_eq!(second.code, Some(2), "{second:?}");

    let cleaned = account.start(&["cleanup", "j"]).wait();
    assert_eq!(cleaned.code, Some(0), "{cleaned:?}");
    assert!(cleaned.stdout.starts_with("brought back: "), "{cleaned:?}");
    let again = account.start(&["cleanup", "j"]).wait();
    assert_eq!((again.code, again.stdout.lines().count()), (Some(0), 1), "{again:?}");
    assert_eq!(account.rehearsal("a,b,c").code, Some(0));
    for (file, message) in
        [("credentials", "its first line can't be read"), ("none", "failed to read the journal")]
    {
        let ended = account.start(&["cleanup", file]).wait();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(message), "{}", ended.stderr);
        tells_no_secret(&ended.stderr);
    }
}

#[test]
fn an_interrupted_run_brings_its_accounts_back_by_itself() {
    let account = Account::open("interrupted");
    let program = account.under_way();
    program.interrupt();
    let ended = program.wait();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(account.journal().lines().next_back().unwrap().contains("\"clean\""), "{}", account.journal());
    assert_eq!(account.rehearsal("a,b,c").code, Some(0));
    tells_no_secret(&format!("{ended:?}"));
}

#[test]
fn allowed_accounts_exclude_what_reaches_beyond_them() {
    let account = Account::open("beyond");
    for (more, message) in [
        (&["--phases", "malformed"][..], "the phase malformed can't be had with --allow-accounts"),
        (&["--shard", "1/2"], "--shard can't be had with --allow-accounts"),
        (&["--reset", "POST /reset"], "--reset goes with accounts that are made up"),
        (&["--organization", "api"], "--organization goes with accounts that are made up"),
    ] {
        let ended = account.run("a,b,c", more).wait();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(message), "{}", ended.stderr);
    }
    let aws = account.start(&["run", "--target", "aws"]).wait();
    assert_eq!(aws.code, Some(2), "{aws:?}");
    assert!(aws.stderr.contains("name every account of the cast by --allow-accounts"), "{}", aws.stderr);
}
