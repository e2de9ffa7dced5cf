//! The terms of what was accepted: beyond their end, or for another version of the target, it is new again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::sample;
use passmuster::baseline::{Baseline, Terms, exit_code};
use passmuster::record::{Disposition, RunRecord, Stopped};

/// A folder in which everything that a flawed run finds was accepted on these terms.
fn accepted(name: &str, terms: &Terms) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ledger").join(name);
    let _ = fs::remove_dir_all(&dir);
    let mut baseline = Baseline::load(&dir).unwrap();
    let mut record = sample::flawed();
    record.divergences[0].cause = Some("C-1a2b3c4d".to_owned());
    baseline.write_pending(&record).unwrap();
    for pending in baseline.pending().unwrap() {
        baseline.accept(&pending.id, terms.clone()).unwrap();
    }
    dir
}

fn terms(expires: &str, versions: &str) -> Terms {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Terms {
        expires: given(expires).map(|text| text.parse().unwrap()),
        versions: given(versions).map(|text| text.parse().unwrap()),
        ..Terms::because("it is mended in the next release")
    }
}

/// The run of a day against a version of the target, held against the folder.
fn settled(dir: &Path, day: &str, version: Option<&str>) -> RunRecord {
    let mut record = sample::flawed();
    record.started = format!("{day}T23:59:59.999Z");
    record.target.version = version.map(str::to_owned);
    Baseline::load(dir).unwrap().settle(&mut record);
    record.exit_code = exit_code(&record, true);
    record
}

fn codes(dir: &Path, runs: &[(&str, Option<&str>)]) -> Vec<u8> {
    runs.iter().map(|(day, version)| settled(dir, day, *version).exit_code).collect()
}

#[test]
fn what_has_expired_is_new_again_and_the_run_says_why() {
    let dir = accepted("expired", &terms("2027-01-31", ""));
    assert_eq!(codes(&dir, &[("2026-01-02", None), ("2027-01-31", None)]), [0, 0], "its last day counts");
    let record = settled(&dir, "2027-02-01", None);
    assert_eq!(record.exit_code, 1);
    let id = &record.divergences[0].id;
    let remark = format!("{id} was reviewed until 2027-01-31, which is over");
    assert!(record.remarks.contains(&remark), "{:?}", record.remarks);
    let baseline = Baseline::load(&dir).unwrap();
    assert_eq!(baseline.write_pending(&record).unwrap().len(), 3, "it waits for a review again");
    assert!(
        baseline.in_force(&record).is_empty() && baseline.in_force(&settled(&dir, "2027-01-31", None)).len() == 3
    );
}

#[test]
fn a_run_without_a_day_has_nothing_that_ends() {
    let dir = accepted("no-day", &terms("9999-12-31", ""));
    assert_eq!(codes(&dir, &[("2027-01-31", None), ("some day", None), ("", None)]), [0, 1, 1]);
}

#[test]
fn what_was_accepted_for_some_versions_is_new_in_others_and_where_nobody_knows() {
    let dir = accepted("versions", &terms("", ">=5.1, <5.3"));
    let day = "2026-01-02";
    assert_eq!(codes(&dir, &[(day, Some("5.1")), (day, Some("5.2.99"))]), [0, 0]);
    assert_eq!(
        codes(&dir, &[(day, Some("5.0.9")), (day, Some("5.3.0")), (day, Some("latest")), (day, None)]),
        [1; 4]
    );
    let said = |version| settled(&dir, day, version).remarks.concat();
    assert!(said(Some("5.3\n")).contains("was reviewed for versions >=5.1, <5.3, and the target is 5.3\\n"));
    assert!(said(None).contains("and the target does not tell its own: --target-version does"));
}

#[test]
fn what_was_accepted_for_other_versions_is_not_gone_from_this_one() {
    let dir = accepted("not-gone", &terms("", "<5"));
    let gone = |version: &str| {
        let mut record = sample::flawed();
        record.divergences.clear();
        record.target.version = Some(version.to_owned());
        record.rules.iter_mut().for_each(|rule| rule.status = passmuster::record::RuleStatus::Held);
        let mut baseline = Baseline::load(&dir).unwrap();
        baseline.settle(&mut record);
        let resolved =
            record.divergences.iter().filter(|found| found.disposition == Disposition::Resolved).count();
        (resolved, baseline.clean(&record).unwrap().len())
    };
    assert_eq!(gone("5.2"), (0, 0));
    let (resolved, cleaned) = gone("4.9");
    assert!(resolved > 0 && resolved == cleaned, "{resolved} {cleaned}");
}

#[test]
fn terms_are_kept_in_the_file_and_a_file_without_any_is_read_as_before() {
    let all = Terms { link: Some("https://example.com/1?a=b&c#d".to_owned()), ..terms("2027-01-31", "5.2.*") };
    let dir = accepted("kept", &all);
    let baseline = Baseline::load(&dir).unwrap();
    assert!(baseline.reviewed().all(|entry| entry.terms == all));
    let causes: Vec<_> = baseline.reviewed().filter_map(|entry| entry.cause.as_deref()).collect();
    assert_eq!(causes, ["C-1a2b3c4d"]);
    let plain = accepted("plain", &Terms::default());
    let text = fs::read_to_string(plain.join(format!("{}.snap", sample::not_stored().id))).unwrap();
    for name in ["cause:", "reason:", "link:", "expires:", "versions:"] {
        assert!(!text.contains(name), "{text}");
    }
}

#[test]
fn terms_that_can_not_be_read_are_refused_with_the_file_and_the_form() {
    for (name, text, says) in [
        ("expires", "soon", "write year, month and day, such as 2027-01-31"),
        ("expires", "2027-02-30", "write year, month and day"),
        ("versions", "^5", "write something like 5.2.5"),
    ] {
        let dir = accepted("unreadable", &terms("2027-01-31", "5.2.*"));
        let path = dir.join(format!("{}.snap", sample::hub_off().id));
        let lines = fs::read_to_string(&path).unwrap();
        let changed = lines.lines().map(|line| match line.trim_start().starts_with(&format!("{name}:")) {
            true => format!("  {name}: \"{text}\"\n"),
            false => format!("{line}\n"),
        });
        fs::write(&path, changed.collect::<String>()).unwrap();
        let message = Baseline::load(&dir).unwrap_err().to_string();
        assert!(message.contains(says) && message.contains(&sample::hub_off().id), "{message}");
    }
}

#[test]
fn cleaning_takes_off_what_is_gone_and_leaves_what_a_run_could_not_tell() {
    let dir = accepted("clean", &Terms::because("so"));
    let mut baseline = Baseline::load(&dir).unwrap();
    // Something that waits and that the next run does not find.
    let mut other = sample::flawed();
    other.divergences[0].observed = "another answer".into();
    baseline.settle(&mut other);
    assert_eq!(baseline.write_pending(&other).unwrap().len(), 1);

    let mut record = sample::flawed();
    let gone = record.divergences.remove(0);
    record.rules.iter_mut().for_each(|rule| rule.status = passmuster::record::RuleStatus::Held);
    let mut stopped = record.clone();
    stopped.stopped = Some(Stopped::interrupted());
    assert_eq!(baseline.clean(&stopped).unwrap(), Vec::<String>::new());
    assert_eq!(baseline.clean(&record).unwrap(), [gone.id.clone(), gone.id.clone()], "listed, and pending");
    assert_eq!(baseline.clean(&record).unwrap(), Vec::<String>::new());
    let left = Baseline::load(&dir).unwrap();
    assert_eq!((left.reviewed().count(), left.pending().unwrap().len()), (2, 0));
}
