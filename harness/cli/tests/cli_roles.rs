//! A role in each of somebody's accounts: assumed by other keys, renewed in the middle, undone after a crash.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use passmuster::domain::Timestamp;
use passmuster::server::{Listener, Reference, ServerSettings, SessionRules, Signatures};
use rustix::process::Signal;
use tokio::runtime::Runtime;

use crate::support::{Ended, Folder, Program, command};

const SECRET: &str = "hunter2hunter2";
const ACCOUNTS: &str = "111111111111,222222222222,333333333333";
const ROLE: &str = "assume-role=arn:aws:iam::{account}:role/tester";
/// An account that assumes the roles, and is none of those that are allowed.
const BASE: &str = "999999999999";
const EXTERNAL: &str = "of/mine:1";

#[expect(clippy::disallowed_methods, reason = "the clock of a server")]
fn two_hours_ahead() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(7_200);
    Timestamp(since.as_millis().try_into().unwrap())
}

/// A server whose roles want an external id, whose sessions end after a few calls, and whose clock is ahead.
struct Organization {
    folder: Folder,
    endpoint: String,
    /// Serves as long as the test goes on.
    _runtime: Runtime,
}

impl Organization {
    fn open(name: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(Listener::bind(0, Duration::ZERO)).unwrap();
        let endpoint = listener.endpoint();
        let sessions = SessionRules {
            external_id: Some(EXTERNAL.to_owned()),
            most_calls: Some(9),
            lifetime: Some(Duration::from_secs(900)),
        };
        let signatures = Some(Signatures::new(SECRET, two_hours_ahead));
        let settings = ServerSettings { sessions, signatures, ..ServerSettings::default() };
        runtime.spawn(async move { listener.serve(Reference::with(settings)).await });
        Self { folder: Folder::new(name), endpoint, _runtime: runtime }
    }

    fn start(&self, words: &[&str], keys: &[(&str, &str)]) -> Program {
        Program::start(command(self.folder.path(), words).envs(keys.iter().copied()))
    }

    fn run(&self, accounts: &str, more: &[&str]) -> Program {
        let words = ["run", "--endpoint", &self.endpoint, "--allow-accounts", ACCOUNTS, "--accounts", accounts];
        let keys = [("AWS_ACCESS_KEY_ID", BASE), ("AWS_SECRET_ACCESS_KEY", SECRET)];
        self.start(&[&words, more].concat(), &keys)
    }

    fn refused(&self, accounts: &str, more: &[&str], says: &str) {
        let ended = self.run(accounts, &[more, &["--dry-run"]].concat()).wait();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(says), "{says}: {}", ended.stderr);
        self.tells_no_secret(&ended);
    }

    /// No secret is in the output, nor in any file that was written.
    fn tells_no_secret(&self, ended: &Ended) {
        let mut told = format!("{ended:?}");
        for file in fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
            told.push_str(&fs::read_to_string(file).unwrap_or_default());
        }
        // Session tokens of the server end so.
        assert!(!told.contains(SECRET) && !told.contains("ASIA") && !told.contains("==\""), "{told}");
    }
}

#[test]
fn a_run_by_a_role_in_each_account_is_clean_and_shows_how_it_signed() {
    let organization = Organization::open("roles");
    let external = ["--external-id", EXTERNAL];
    let more = ["--journal", "j", "--max-calls", "300", "--no-snapshots", "--report", "json=r.json"];
    let ended = organization.run(ROLE, &[&external[..], &more].concat()).wait();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("account  222222222222"), "{}", ended.stderr);
    let journal = fs::read_to_string(organization.folder.file("j")).unwrap();
    assert!(journal.lines().next().unwrap().contains(r#""external_id":"of/mine:1""#), "{journal}");
    assert!(journal.lines().next_back().unwrap().contains("\"clean\""), "{journal}");
    organization.tells_no_secret(&ended);
}

#[test]
fn a_role_that_is_refused_or_elsewhere_is_told_before_anything_is_changed() {
    let organization = Organization::open("refused");
    let says = "assume arn:aws:iam::111111111111:role/tester: STS answered 403 (AccessDenied)";
    organization.refused(ROLE, &[], says);
    organization.refused(ROLE, &["--external-id", "another"], says);
    let fixed = "assume-role=arn:aws:iam::111111111111:role/tester";
    organization.refused(fixed, &[], "is in account 111111111111, not in 222222222222");
    let chinese = "role=arn:aws-cn:iam::{account}:role/tester";
    organization.refused(chinese, &[], "the Region us-east-1 is in the partition aws, the role in aws-cn");
    organization.refused("assume-role=tester", &[], "not the ARN of a role");
    organization.refused("access-key", &["--external-id", "another"], "--external-id without a role");
    assert_eq!(fs::read_dir(organization.folder.path()).unwrap().count(), 0, "a file was written");
    let words = ["run", "--endpoint", &organization.endpoint, "--allow-accounts", ACCOUNTS, "--accounts", ROLE];
    let keyless = organization.start(&words, &[]).wait();
    assert_eq!(keyless.code, Some(2), "{keyless:?}");
}

#[test]
fn what_a_killed_run_left_is_brought_back_by_the_same_roles() {
    let organization = Organization::open("killed-roles");
    let external = ["--external-id", EXTERNAL];
    let more = ["--journal", "j", "--max-calls", "100000", "--no-snapshots"];
    let program = organization.run(ROLE, &[&external[..], &more].concat());
    let journal = || fs::read_to_string(organization.folder.file("j")).unwrap_or_default();
    while !journal().contains("InviteMembers") {
        std::thread::sleep(Duration::from_millis(5));
    }
    program.signal(Signal::KILL);
    program.wait();
    let keys = [("AWS_ACCESS_KEY_ID", BASE), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    let cleaned = organization.start(&["cleanup", "j"], &keys).wait();
    assert_eq!(cleaned.code, Some(0), "{cleaned:?}");
    assert!(cleaned.stdout.starts_with("brought back: "), "{cleaned:?}");
    assert_eq!(organization.run(ROLE, &[&external[..], &["--dry-run"]].concat()).wait().code, Some(0));
    organization.tells_no_secret(&cleaned);
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_profile_whose_keys_come_from_elsewhere_is_told_what_has_them() {
    let organization = Organization::open("elsewhere");
    organization.folder.write(
        "credentials",
        "[a]\nrole_arn = r\naws_access_key_id = a\naws_secret_access_key = b\n[b]\ncredential_process = p\n",
    );
    for (profiles, origin) in [("a,a,a", "role_arn"), ("b,b,b", "credential_process")] {
        let accounts = format!("profiles={profiles}");
        let words =
            ["run", "--endpoint", &organization.endpoint, "--allow-accounts", ACCOUNTS, "--accounts", &accounts];
        let ended = organization.start(&words, &[("AWS_SHARED_CREDENTIALS_FILE", "credentials")]).wait();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(&format!("holds no keys, but {origin}")), "{}", ended.stderr);
        assert!(ended.stderr.contains("--features aws"), "{}", ended.stderr);
    }
}
