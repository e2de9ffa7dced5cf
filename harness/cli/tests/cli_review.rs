//! The ledger from the command line: whole causes are accepted, on terms, and what is over fails again.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::{Ended, Folder, Program, RANDOM, command, passmuster};

const FLAWED: [&str; 9] = [
    "run",
    RANDOM,
    "--max-calls=4000",
    "--fault",
    "create-again",
    "--fault",
    "leave-as-removed",
    "--baseline",
    "kept",
];

fn run(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&FLAWED, arguments].concat())
}

fn review(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["review", "--baseline", "kept"], arguments].concat())
}

/// The names of the files in the ledger that end so.
fn files(folder: &Folder, ending: &str) -> usize {
    let Ok(entries) = std::fs::read_dir(folder.path().join("kept")) else { return 0 };
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().ends_with(ending)).count()
}

#[test]
fn a_cause_is_accepted_with_all_of_its_findings_and_the_rest_all_at_once() {
    let folder = Folder::new("accept-cause");
    assert_eq!(run(&folder, &[]).code, Some(1));
    let all = files(&folder, ".snap.new");
    let listed = review(&folder, &["--list"]).stdout;
    let cause = listed.split(['(', ')']).find(|word| word.starts_with("C-")).unwrap().to_owned();
    let of_it = listed.lines().filter(|line| line.contains(&cause)).count();
    assert!(0 < of_it && of_it < all, "{listed}");

    let terms =
        ["--reason", "mended in the next release", "--link", "https://example.com/1", "--expires", "9999-12-31"];
    let ended = review(&folder, &[&["--accept-cause", &cause], &terms[..]].concat());
    assert!(ended.code == Some(0) && ended.stdout.lines().count() == of_it, "{ended:?}");
    assert_eq!((files(&folder, ".snap"), files(&folder, ".snap.new")), (of_it, all - of_it));
    let listed = review(&folder, &["--list"]).stdout;
    assert!(listed.contains("see: https://example.com/1") && listed.contains("until: 9999-12-31"), "{listed}");
    assert_eq!(run(&folder, &[]).code, Some(1), "the other cause is new");

    let unknown = review(&folder, &["--accept-cause", "C-00000000", "--reason", "so"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("has the cause C-00000000"), "{unknown:?}");
    assert_eq!(review(&folder, &["--accept-all"]).code, Some(2), "a reason is wanted");
    assert_eq!(review(&folder, &["--accept-all", "--reason", "so"]).stdout.lines().count(), all - of_it);
    assert!(review(&folder, &["--accept-all", "--reason", "so"]).stdout.starts_with("nothing to do in kept"));
    assert_eq!(run(&folder, &["--strict"]).code, Some(0));
}

#[test]
fn what_is_over_or_of_another_version_fails_again() {
    let folder = Folder::new("accept-terms");
    let accept = |terms: [&str; 2]| {
        let accepted = review(&folder, &[&["--accept-all", "--reason", "so"], &terms[..]].concat());
        assert!(accepted.code == Some(0) && accepted.stdout.starts_with("accepted D-"), "{accepted:?}");
    };
    let fails = |arguments: &[&str], says: &str| {
        let ended = run(&folder, arguments);
        assert!(ended.code == Some(1) && ended.stdout.contains(says), "{ended:?}");
    };
    assert_eq!(run(&folder, &[]).code, Some(1));
    accept(["--versions", "<1"]);
    assert_eq!(run(&folder, &["--strict"]).code, Some(0), "the embedded server has the version of the program");
    fails(&["--target-version", "2.0"], "was reviewed for versions <1, and the target is 2.0");
    accept(["--expires", "2020-01-01"]);
    fails(&[], "was reviewed until 2020-01-01, which is over");
    let wrong = review(&folder, &["--accept-all", "--reason", "so", "--expires", "soon"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("such as 2027-01-31"), "{wrong:?}");
}

#[test]
fn what_is_gone_is_cleaned_and_only_from_its_own_target() {
    let folder = Folder::new("clean");
    assert_eq!(run(&folder, &[]).code, Some(1));
    review(&folder, &["--accept-all", "--reason", "so"]);
    let before = files(&folder, ".snap");
    let mended = ["run", RANDOM, "--max-calls=4000", "--fault", "create-again", "--baseline", "kept"];
    let ended = passmuster(folder.path(), &[&mended[..], &["--report", "json=run.json"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let other = review(&folder, &["--target", "moto", "--clean", "run.json"]);
    assert!(other.code == Some(2) && files(&folder, ".snap") == before, "{other:?}");
    let cleaned = review(&folder, &["--clean", "run.json"]);
    let (number, left) = (cleaned.stdout.lines().count(), files(&folder, ".snap"));
    assert!(cleaned.stdout.starts_with("cleaned D-") && left + number == before && left > 0, "{cleaned:?}");
    let strict = passmuster(folder.path(), &[&mended[..], &["--strict"]].concat());
    assert_eq!(strict.code, Some(0), "{strict:?}");
}

#[test]
fn insta_update_no_writes_no_snapshots_unless_they_are_asked_for() {
    let folder = Folder::new("insta-update");
    let with = |arguments: &[&str], wish: &str| {
        let mut command = command(folder.path(), &[&FLAWED, arguments].concat());
        let ended = Program::start(command.env("INSTA_UPDATE", wish)).wait();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        files(&folder, ".snap.new")
    };
    assert_eq!(with(&[], "no"), 0);
    assert!(with(&["--snapshots"], "no") > 0);
    let _ = std::fs::remove_dir_all(folder.path().join("kept"));
    assert!(with(&[], "auto") > 0);
}
