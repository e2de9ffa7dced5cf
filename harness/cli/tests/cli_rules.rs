//! `rules` lists the contract, whole or in part, for people and for programs.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::{Ended, Folder, RANDOM, passmuster};
use passmuster::catalogue::{self, Section};
use passmuster::domain::Grade;
use serde_json::Value;

fn rules(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["rules"], arguments].concat())
}

fn listed(folder: &Folder, arguments: &[&str]) -> String {
    let ended = rules(folder, arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ended.stdout);
    ended.stdout
}

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let ended = rules(folder, &[arguments, &["--format", "json"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

/// The number of open questions that the evidence has, and the number of others.
fn questions() -> (usize, usize) {
    let numbered = catalogue::questions().iter().filter(|question| question.id.0.starts_with('Q')).count();
    (numbered, catalogue::questions().len() - numbered)
}

#[test]
fn the_whole_contract_is_counted() {
    let folder = Folder::new("rules-all");
    let all = listed(&folder, &[]);
    let (wire, behaviour): (Vec<_>, Vec<_>) =
        catalogue::rules().iter().partition(|rule| rule.section == Section::Wire);
    let graded = |grade| behaviour.iter().filter(|rule| rule.grade == grade).count();
    let tally = format!(
        "{} rules ({} documented, {} observed, {} inferred, {} unknown)",
        behaviour.len(),
        graded(Grade::Documented),
        graded(Grade::Observed),
        graded(Grade::Inferred),
        graded(Grade::Unknown),
    );
    assert!(all.contains(&tally), "{all}");
    let (open, further) = questions();
    let rest = format!("{open} open questions and {further} further ones: --open lists them\n");
    assert!(all.ends_with(&rest), "{all}");
    let document = json(&folder, &[]);
    assert_eq!(document["schema"], "passmuster.rules/1");
    let counts = [
        ("rules", behaviour.len()),
        ("wire_facts", wire.len()),
        ("open_questions", open),
        ("further_questions", further),
    ];
    for (list, count) in counts {
        assert!(count > 0, "{list}");
        assert_eq!((&document["counts"][list], document[list].as_array().unwrap().len()), (&count.into(), count));
    }
}

#[test]
fn a_part_is_named_by_operation_family_grade_or_the_beginning_of_an_id() {
    let folder = Folder::new("rules-part");
    assert!(listed(&folder, &["SH-XX-004"]).starts_with("cross (1)\n  SH-XX-004  documented  everything belongs"));
    let both = listed(&folder, &["hub", "sh-leave"]);
    assert!(
        both.contains("SH-ENABLE-001") && both.contains("SH-LEAVE-001") && !both.contains("SH-GET-001"),
        "{both}"
    );
    let narrow = json(&folder, &["ListMembers", "--grade", "unknown"]);
    let listed = narrow["rules"].as_array().unwrap();
    assert!(!listed.is_empty());
    assert!(listed.iter().all(|rule| rule["grade"] == "unknown"
        && rule["operations"].as_array().unwrap().contains(&"ListMembers".into())));
}

#[test]
fn an_excused_rule_says_why() {
    let folder = Folder::new("rules-excused");
    let reason = "excused: describes former behaviour";
    assert!(listed(&folder, &["SH-DISABLE-012"]).contains(reason));
    assert_eq!(json(&folder, &["SH-DISABLE-012"])["rules"][0]["excused"], "describes former behaviour");
    let explained = passmuster(folder.path(), &["explain", "SH-DISABLE-012"]);
    assert!(explained.stdout.contains("Excused: describes former behaviour."), "{}", explained.stdout);
}

#[test]
fn open_questions_are_found_by_id_and_by_rule() {
    let folder = Folder::new("rules-open");
    let (open, further) = questions();
    let tally = format!("{open} open questions and {further} further ones\n");
    assert!(listed(&folder, &["--open"]).ends_with(&tally), "{tally}");
    let of_rule = listed(&folder, &["--open", "SH-CREATE-008"]);
    assert!(of_rule.starts_with("Q07  ") && of_rule.contains("1 open questions and 0 further"), "{of_rule}");
}

#[test]
fn a_recorded_run_tells_of_each_rule_how_it_fared() {
    let folder = Folder::new("rules-coverage");
    let flags = [
        "run",
        RANDOM,
        "--max-calls",
        "4000",
        "--fault",
        "create-again",
        "--no-snapshots",
        "--report",
        "json=run.json",
    ];
    assert_eq!(passmuster(folder.path(), &flags).code, Some(1));
    let fared = listed(&folder, &["--coverage", "run.json", "members"]);
    let status = |id: &str| {
        let line = fared.lines().find(|line| line.trim_start().starts_with(id)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(status("SH-CREATE-001"), "held");
    assert_eq!(status("SH-CREATE-007"), "violated");
    assert_eq!(status("SH-CREATE-032"), "excused");
    assert_eq!(status("SH-CREATE-040"), "open");
    assert!(fared.lines().any(|line| line.starts_with("violated ") && line.ends_with(" 1")), "{fared}");
    let document = json(&folder, &["--coverage", "run.json", "SH-CREATE-007"]);
    assert_eq!(document["rules"][0]["coverage"]["status"], "violated");
}

#[test]
fn what_names_nothing_is_refused_with_what_was_probably_meant() {
    let folder = Folder::new("rules-wrong");
    for (arguments, hint) in [
        (["CreateMember"], "did you mean CreateMembers?"),
        (["--grade=certain"], "choose from documented, observed, inferred, unknown"),
        (["--coverage=missing.json"], "passmuster run --report json=FILE"),
    ] {
        let ended = rules(&folder, &arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(hint), "{}", ended.stderr);
    }
}
