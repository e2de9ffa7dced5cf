//! Reports for CI systems: what fails a run is red in each of them, what was reviewed is not, and text stays text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use passmuster::domain::{Severity, printable};
use passmuster::record::{AcceptedRecord, Disposition, RunRecord, Uncertainty, UnstableRecord};
use passmuster::report::{format, job_summary};
use serde_json::Value;

use crate::report_html::hostile;
use crate::sample;

fn written(name: &str, record: &RunRecord) -> String {
    let mut out = Vec::new();
    format(name).unwrap().write(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The number of failures and errors in JUnit, of results in SARIF that are errors and were not reviewed, and of errors
/// in annotations.
fn red(record: &RunRecord) -> [usize; 3] {
    let junit = written("junit", record);
    let sarif: Value = serde_json::from_str(&written("sarif", record)).unwrap();
    let is_red = |result: &&Value| result["level"] == "error" && result.get("suppressions").is_none();
    [
        junit.matches("<failure ").count() + junit.matches("<error ").count(),
        sarif["runs"][0]["results"].as_array().unwrap().iter().filter(is_red).count(),
        written("github", record).lines().filter(|line| line.starts_with("::error ")).count(),
    ]
}

/// A run in which everything was reviewed.
fn reviewed() -> RunRecord {
    let mut record = sample::flawed();
    record.divergences.iter_mut().for_each(|found| found.disposition = Disposition::Known);
    sample::settle(&mut record);
    record
}

#[test]
fn what_is_clean_or_was_reviewed_is_green() {
    assert_eq!(reviewed().exit_code, 0);
    assert_eq!([red(&sample::clean()), red(&reviewed())], [[0; 3]; 2]);
}

#[test]
fn what_was_reviewed_says_why_until_when_and_where_more_is_told() {
    let terms = AcceptedRecord {
        reason: Some("mended in 5.3".to_owned()),
        link: Some("https://example.com/4711".to_owned()),
        expires: Some("2027-01-31".to_owned()),
        versions: Some("<5.3".to_owned()),
    };
    let mut record = reviewed();
    record.divergences[0].accepted = Some(terms);
    let words = "mended in 5.3; until 2027-01-31; for versions <5.3; see https://example.com/4711";
    let junit = written("junit", &record);
    let words_of_xml = words.replace('<', "&lt;");
    assert!(
        junit.contains(&format!("<skipped message=\"reviewed ({words_of_xml}): CreateMembers works")),
        "{junit}"
    );
    assert!(junit.contains("<skipped message=\"reviewed: An account that was created"), "{junit}");
    let sarif: Value = serde_json::from_str(&written("sarif", &record)).unwrap();
    let suppression = |at: usize| &sarif["runs"][0]["results"][at]["suppressions"][0];
    assert_eq!((&suppression(0)["justification"], &suppression(0)["status"]), (&words.into(), &"accepted".into()));
    assert_eq!(suppression(1)["justification"], "reviewed and accepted into the snapshots of this target");
    let page = written("html", &record);
    assert!(page.contains(&format!("<dt>accepted</dt><dd>{words_of_xml}</dd>")), "{page}");
    record.divergences[0].accepted =
        Some(AcceptedRecord { expires: Some("2027-01-31".to_owned()), ..AcceptedRecord::default() });
    assert!(written("junit", &record).contains("reviewed (accepted without a reason; until 2027-01-31): "));
}

#[test]
fn what_is_new_is_red() {
    let record = sample::flawed();
    assert_eq!(record.exit_code, 1);
    // Two divergences; the verdict besides where each case is counted.
    assert_eq!(red(&record), [3, 2, 3]);
}

#[test]
fn a_suspicion_is_red_where_it_fails_the_run() {
    let mut record = sample::clean();
    record.divergences = vec![sample::suspicion()];
    sample::settle(&mut record);
    assert_eq!((record.exit_code, red(&record)), (0, [0; 3]));
    record.exit_code = 1;
    assert_eq!(red(&record), [2, 1, 2], "as with --strict");
}

#[test]
fn a_run_without_a_verdict_is_red_everywhere() {
    for code in [1, 3, 4, 5, 70, 130, 255] {
        for mut record in [sample::clean(), reviewed()] {
            record.exit_code = code;
            assert!(red(&record).iter().all(|count| *count > 0), "{code}: {:?}", red(&record));
        }
    }
}

#[test]
fn what_is_not_certain_is_an_error() {
    let mut record = sample::clean();
    record.unstable.push(UnstableRecord {
        fingerprint: "CreateMembers SH-CREATE-001 missing-effect ".to_owned(),
        operation: "CreateMembers".to_owned(),
        severity: Severity::Divergence,
        why: Uncertainty::OutOfTime,
        sightings: 1,
        judged: 1,
        finding: Some(Box::new(sample::not_stored())),
    });
    sample::settle(&mut record);
    assert_eq!((record.exit_code, red(&record)), (3, [2, 2, 2]));
    assert!(written("junit", &record).contains("<error type=\"inconclusive\""));
}

#[test]
fn rules_that_held_pass_and_those_in_doubt_are_skipped() {
    let junit = written("junit", &sample::flawed());
    assert!(
        junit.contains("name=\"SH-INVITE-003: an Invited member is refused, one by one\" time=\"0\"></testcase>")
    );
    assert!(junit.contains("<skipped message=\"blocked: a divergence is in the way"), "{junit}");
}

#[test]
fn hostile_text_stays_text() {
    let mut record = hostile();
    record.stopped = None;
    sample::settle(&mut record);
    let is_plain = |text: &str| text.lines().all(|line| printable(line) == line);
    let junit = written("junit", &record);
    assert!(is_plain(&junit) && !junit.contains("<script") && !junit.contains("]]>"), "{junit}");
    let sarif = written("sarif", &record);
    assert!(is_plain(&sarif) && serde_json::from_str::<Value>(&sarif).is_ok());
    let github = written("github", &record);
    assert!(is_plain(&github) && github.lines().count() > 2, "{github}");
    for line in github.lines() {
        let names = ["::error title=", "::warning title=", "::notice title="];
        assert!(names.iter().any(|name| line.starts_with(name)), "{line}");
    }
    let summary = job_summary(&record).unwrap();
    assert!(is_plain(&summary), "{summary}");
    // In code, markup is text.
    let mut is_code = false;
    for line in summary.lines() {
        is_code ^= line.starts_with("```");
        assert!(is_code || line.contains('`') || !line.contains("<script") && !line.contains("<img"), "{line}");
    }
}

#[test]
fn a_summary_has_room_in_a_job_whatever_was_found() {
    let mut record = sample::flawed();
    record.divergences = (0..2_000).map(|_| sample::not_stored()).collect();
    let summary = job_summary(&record).unwrap();
    assert!(summary.len() < 1_000_000 && summary.contains("more findings are in the other reports"));
    record.target.name = "long\n".repeat(1_000_000);
    assert!(job_summary(&record).unwrap().len() < 1_000_000);
}

#[test]
fn github_shows_ten_errors_and_the_last_says_how_many_more() {
    let mut record = sample::flawed();
    record.divergences = (0..40).map(|_| sample::not_stored()).collect();
    let github = written("github", &record);
    let errors: Vec<&str> = github.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10);
    assert!(errors[0].contains("new divergence") && errors[9].contains("title=32 more"), "{errors:?}");
}

#[test]
fn a_stream_of_events_ends_with_the_verdict() {
    let record = sample::flawed();
    let lines: Vec<Value> =
        written("ndjson", &record).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["run"]["schema"], "passmuster.events/1");
    let found = lines.iter().filter(|line| line["event"] == "divergence").count();
    assert_eq!(found, record.divergences.len());
    let last = lines.last().unwrap();
    assert_eq!((&last["event"], &last["verdict"]["exit_code"]), (&"verdict".into(), &1.into()));
}
