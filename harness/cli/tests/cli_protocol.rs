//! `explain` tells what the protocol says about malformed requests.

use crate::support::{Folder, passmuster};

fn explained(id: &str) -> String {
    let folder = Folder::new(&format!("explain-{}", id.to_lowercase()));
    let ended = passmuster(folder.path(), &["explain", id]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ended.stdout);
    ended.stdout
}

#[test]
fn a_row_says_what_may_be_answered_and_who_says_so() {
    let row = explained("d60");
    assert!(row.starts_with("D60  The body is not JSON"), "{row}");
    for part in ["400 SerializationException", "documented", "- protocol tests", "- M145: the body is cut off"] {
        assert!(row.contains(part), "{part}: {row}");
    }
    assert!(explained("D39b").starts_with("D39b  A Content-Type or a body"));
}

#[test]
fn an_invariant_says_what_it_is_where_it_is_broken() {
    let invariant = explained("I03");
    assert!(invariant.contains("Where it doesn't hold\n  finding\n"), "{invariant}");
    assert!(explained("I25").contains("Where it doesn't hold\n  information\n"));
}

#[test]
fn a_class_says_on_which_operations_it_is_sent_and_as_what() {
    let class = explained("M145");
    for part in ["the text of the body", "D60: The body is not JSON", "CreateMembers ", "- k=1: 400 Serialization"]
    {
        assert!(class.contains(part), "{part}: {class}");
    }
    let excused = explained("m080");
    assert!(excused.contains("none: no path of the operations under test has a label"), "{excused}");
    assert!(explained("M283").contains("several, one after the other"));
}

#[test]
fn what_is_none_of_them_is_refused_with_what_comes_near() {
    let folder = Folder::new("explain-wrong");
    for (id, hints) in [
        ("D61x", ["\"D61x\"", "did you mean D61"]),
        ("M310", ["\"M310\"", "M001 to M309"]),
        ("I26", ["\"I26\"", "did you mean"]),
        ("D58", ["\"D58\"", "D01 to D114"]),
    ] {
        let ended = passmuster(folder.path(), &["explain", id]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(hints.iter().all(|hint| ended.stderr.contains(hint)), "{}", ended.stderr);
    }
}
