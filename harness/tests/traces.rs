//! Recorded conversations: the model admits those of AWS, and rejects near-misses by name.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use passmuster::catalogue;
use passmuster::check::{Checked, check};
use passmuster::domain::{Cause, Severity};
use passmuster::model::Answers;
use passmuster::oracle::Strictness;
use passmuster::trace::{Call, Conversation, parse, write};

/// Fewer conversations than these say that some were lost.
const FEWEST: usize = 25;
/// So many may be in a folder that is small.
const MOST_IN_SMALL: usize = 30;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures/traces")
}

/// Every conversation of a folder, with its place.
fn conversations(folder: &str) -> Vec<(String, Conversation)> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.display().to_string();
        let parsed = parse(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{name}, {error}"));
        parsed.into_iter().map(move |one| (format!("{name}:{}, {:?}", one.line, one.header.title), one))
    };
    let found: Vec<_> = files.into_iter().flat_map(read).collect();
    if SMALL.contains(&folder) {
        assert!(found.len() <= MOST_IN_SMALL, "{} conversations in {folder}", found.len());
        return found;
    }
    assert!(found.len() >= FEWEST, "only {} conversations in {folder}", found.len());
    found
}

/// The folders of conversations that somebody wrote from the evidence alone, without knowing the model.
const ADMITTED: &str = "independent/admitted";
const REJECTED: &str = "independent/rejected";
const DIFFERING_ADMITTED: &str = "independent/differing-admitted";
const DIFFERING_REJECTED: &str = "independent/differing-rejected";

/// The same of rarer sequences; these are no variants of one another.
const CORNERS_ADMITTED: &str = "independent/corners-admitted";
const CORNERS_REJECTED: &str = "independent/corners-rejected";

/// What follows from the evidence beside those: siblings of what the model was once known to judge otherwise.
const DERIVED_ADMITTED: &str = "derived/admitted";
const DERIVED_REJECTED: &str = "derived/rejected";

/// Near-misses in the text of an error alone, which counts where `--strictness message` asks for it.
const REJECTED_BY_TEXT: &str = "independent/rejected-by-text";

const FOLDERS: [&str; 9] = [
    "admissible",
    "near-misses",
    ADMITTED,
    REJECTED,
    REJECTED_BY_TEXT,
    DIFFERING_ADMITTED,
    DIFFERING_REJECTED,
    CORNERS_ADMITTED,
    CORNERS_REJECTED,
];
/// Those that may be small.
const SMALL: [&str; 3] = [REJECTED_BY_TEXT, DIFFERING_ADMITTED, DIFFERING_REJECTED];

/// Whether nothing is held against it. What names a cause outside of the conversation isn't judged, and nothing else
/// may be left unjudged.
fn is_admitted(conversation: &Conversation) -> bool {
    let checked = judged(conversation);
    let is_cause = |reason: &str| Cause::ALL.iter().any(|cause| reason.starts_with(cause.in_words()));
    let is_excused = checked.inconclusive.iter().all(|(_, reason)| is_cause(reason));
    checked.found.is_empty() && is_excused && checked.judged + checked.inconclusive.len() as u64 > 0
}

/// Whether it is rejected firmly, and nothing in front of the call that the header names is.
fn is_rejected(conversation: &Conversation) -> bool {
    is_rejected_by(conversation, Strictness::default())
}

fn is_rejected_by(conversation: &Conversation, strictness: Strictness) -> bool {
    let wrong = conversation.header.rejects.as_ref().unwrap().call;
    let checked = check(conversation, strictness, &Answers::default());
    checked
        .found
        .first()
        .is_some_and(|(at, first)| *at as u64 + 1 == wrong && first.severity() == Severity::Divergence)
}

fn judged(conversation: &Conversation) -> Checked {
    check(conversation, Strictness::default(), &Answers::default())
}

#[test]
fn what_was_seen_on_aws_is_admitted() {
    for (place, conversation) in conversations("admissible") {
        let checked = judged(&conversation);
        assert!(checked.found.is_empty(), "{place}: {:#?}", checked.found);
        assert!(checked.inconclusive.is_empty(), "{place}: {:?}", checked.inconclusive);
        assert!(checked.judged > 0, "{place}: nothing was held against any rule");
        assert!(conversation.header.rejects.is_none(), "{place} is no near-miss");
    }
}

#[test]
fn a_near_miss_is_rejected_at_its_line_and_by_its_rule_first() {
    for (place, conversation) in conversations("near-misses") {
        let rejects = conversation.header.rejects.clone().unwrap_or_else(|| panic!("{place} names no rule"));
        assert!(catalogue::rule(&rejects.rule).is_some(), "{place}: there is no rule {}", rejects.rule);
        let checked = judged(&conversation);
        let (at, first) = checked.found.first().unwrap_or_else(|| panic!("{place} is admitted"));
        assert_eq!((*at as u64 + 1, first.rules[0].0), (rejects.call, &*rejects.rule), "{place}: {first:#?}");
        assert!(first.severity() >= Severity::Suspicion, "{place}: {first:#?}");
    }
}

#[test]
fn what_the_evidence_admits_is_admitted_and_what_it_excludes_is_rejected_at_its_call() {
    for (place, conversation) in [ADMITTED, CORNERS_ADMITTED, DERIVED_ADMITTED].into_iter().flat_map(conversations)
    {
        assert!(is_admitted(&conversation), "{place}: {:#?}", judged(&conversation));
    }
    for (place, conversation) in [REJECTED, CORNERS_REJECTED, DERIVED_REJECTED].into_iter().flat_map(conversations)
    {
        assert!(is_rejected(&conversation), "{place}: {:#?}", judged(&conversation));
    }
}

#[test]
fn another_text_is_rejected_where_texts_count_and_admitted_where_they_do_not() {
    let found = conversations(REJECTED_BY_TEXT);
    assert!(found.len() >= 5, "only {}", found.len());
    for (place, conversation) in found {
        assert!(is_rejected_by(&conversation, Strictness::Message), "{place}: {:#?}", judged(&conversation));
        assert!(is_admitted(&conversation), "{place}: {:#?}", judged(&conversation));
    }
}

/// Of each `independent/README.md` says which rule it is at odds with.
#[test]
fn what_asks_for_more_than_the_evidence_gives_is_judged_by_the_evidence() {
    let explained = fs::read_to_string(root().join("independent/README.md")).unwrap();
    let named = |rule: &str, title: &str| {
        explained.lines().any(|line| line.starts_with(&format!("| {title} |")) && line.contains(rule))
    };
    for (place, conversation) in conversations(DIFFERING_ADMITTED) {
        let checked = judged(&conversation);
        let [(_, first), ..] = &checked.found[..] else { panic!("{place} is admitted: move it to {ADMITTED}") };
        assert_eq!(first.severity(), Severity::Divergence, "{place}: {first:#?}");
        assert!(named(first.rules[0].0, &conversation.header.title), "{place}: {first:#?}");
    }
    for (place, conversation) in conversations(DIFFERING_REJECTED) {
        assert!(!is_rejected(&conversation), "{place} is rejected: move it to {REJECTED}");
        let rejects = conversation.header.rejects.clone().unwrap();
        let checked = judged(&conversation);
        let [(at, first), ..] = &checked.found[..] else { panic!("{place} is admitted") };
        assert_eq!((*at as u64 + 1, first.severity()), (rejects.call, Severity::Suspicion), "{place}: {first:#?}");
        assert!(named(first.rules[0].0, &conversation.header.title), "{place}: {first:#?}");
    }
}

#[test]
fn a_near_miss_differs_from_an_admissible_conversation_in_one_call() {
    let admissible: BTreeMap<String, Conversation> =
        ["admissible", ADMITTED, DIFFERING_ADMITTED, DERIVED_ADMITTED]
            .into_iter()
            .flat_map(conversations)
            .map(|(_, conversation)| (conversation.header.title.clone(), conversation))
            .collect();
    let near_misses = ["near-misses", REJECTED, REJECTED_BY_TEXT, DIFFERING_REJECTED, DERIVED_REJECTED];
    for (place, conversation) in near_misses.into_iter().flat_map(conversations) {
        let of = conversation.header.variant_of.clone().unwrap_or_default();
        let original = admissible.get(&of).unwrap_or_else(|| panic!("{place}: no conversation is called {of:?}"));
        assert_eq!(original.calls.len(), conversation.calls.len(), "{place}");
        let pairs = original.calls.iter().zip(&conversation.calls);
        let alike = |call: &Call| Call { line: 0, ..call.clone() };
        assert_eq!(pairs.filter(|(one, other)| alike(one) != alike(other)).count(), 1, "{place}");
        assert_eq!(original.header.sources, conversation.header.sources, "{place}");
    }
}

#[test]
fn every_source_of_a_conversation_is_in_the_catalogue_and_no_title_comes_twice() {
    let mut titles = BTreeMap::new();
    for (place, conversation) in FOLDERS.into_iter().flat_map(conversations) {
        let header = conversation.header;
        assert!(!header.sources.is_empty(), "{place} has no source");
        for key in &header.sources {
            let known = catalogue::catalogue().sources().iter().any(|source| source.key == *key);
            assert!(known, "{place}: there is no source {key}");
        }
        let twice = titles.insert(header.title, place.clone());
        assert!(twice.is_none(), "{place} is called as {twice:?}");
    }
}

#[test]
fn what_is_written_is_read_as_the_same() {
    for (place, conversation) in FOLDERS.into_iter().flat_map(conversations) {
        let mut text = Vec::new();
        write(&conversation, &mut text).unwrap();
        let mut again = parse(&text).unwrap().remove(0);
        let mut original = conversation;
        let calls = again.calls.iter_mut().chain(&mut original.calls);
        calls.for_each(|call| call.line = 0);
        original.line = 1;
        assert_eq!(again, original, "{place}");
    }
}
