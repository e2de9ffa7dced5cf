//! The page for a browser holds all there is, and nothing of a target gets out of its text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use passmuster::record::{AcceptedRecord, CauseRecord, ChangeRecord, RunRecord, Stopped};
use passmuster::report::format;
use serde_json::json;

use crate::sample;

/// The texts that a hostile target would like to see in a page as they are.
pub(crate) const HOSTILE: &str = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}\u{0}\u{1b}[2J]]>-->&amp;\u{2028}\u{feff}\r\n::error::x";

fn page(record: &RunRecord) -> String {
    let mut out = Vec::new();
    format("html").unwrap().write(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn cause(id: &str, title: &str, findings: &[&str]) -> CauseRecord {
    CauseRecord {
        id: id.to_owned(),
        title: title.to_owned(),
        change: ChangeRecord {
            kind: "ignored-guard".to_owned(),
            operations: vec!["CreateMembers".to_owned()],
            parts: Vec::new(),
        },
        findings: findings.iter().map(|id| (*id).to_owned()).collect(),
        rules: vec!["SH-CREATE-005".to_owned()],
        blocks: 3,
        goes_away: None,
        verified: true,
        proof: findings[0].to_owned(),
        effect: String::new(),
    }
}

/// A record in which every text that may come from a target, or from a file, is hostile.
pub(crate) fn hostile() -> RunRecord {
    let bad = || HOSTILE.to_owned();
    let mut record = sample::flawed();
    record.target.name = bad();
    record.target.endpoint = bad();
    record.target.version = Some(bad());
    record.version = bad();
    record.started = bad();
    record.stopped = Some(Stopped::because(HOSTILE));
    record.remarks = vec![bad()];
    for operation in &mut record.operations {
        operation.reason = Some(bad());
    }
    for (index, found) in record.divergences.iter_mut().enumerate() {
        (found.id, found.summary, found.operation, found.pointer) =
            (format!("D-{index}{HOSTILE}"), bad(), bad(), bad());
        (found.expected, found.observed) = (json!({ HOSTILE: HOSTILE }), json!(HOSTILE));
        (found.curl, found.replay, found.rules, found.also) = (bad(), bad(), vec![bad()], vec![bad()]);
        found.fingerprint.push_str(HOSTILE);
        found.accepted = Some(AcceptedRecord {
            reason: Some(bad()),
            link: Some(bad()),
            expires: Some(bad()),
            versions: Some(bad()),
        });
        found.sdk_impact = [(bad(), bad())].into();
        found.seen = [(bad(), [bad()].into())].into();
        let step = sample::step(HOSTILE, HOSTILE, json!({ "bytes": HOSTILE, HOSTILE: HOSTILE }), HOSTILE);
        found.scenario.steps = vec![step.clone(), step];
    }
    for rule in &mut record.rules {
        (rule.id, rule.blocked_by, rule.reason) = (bad(), Some(bad()), Some(bad()));
    }
    for question in &mut record.open_questions {
        (question.id, question.answer, question.seen) = (bad(), bad(), [(bad(), 1)].into());
    }
    for entry in &mut record.inconclusive {
        (entry.operation, entry.reason) = (bad(), bad());
    }
    let first = record.divergences[0].id.clone();
    let mut named = cause(HOSTILE, HOSTILE, &[&first]);
    (named.effect, named.rules, named.change.operations) = (bad(), vec![bad()], vec![bad()]);
    named.change.kind = bad();
    record.causes = vec![named];
    record
}

#[test]
fn nothing_of_a_hostile_target_gets_out_of_its_text() {
    let page = page(&hostile());
    let lower = page.to_lowercase();
    assert_eq!(lower.matches("<script").count(), 1, "only the page's own");
    assert_eq!(lower.matches("</script").count(), 1);
    for markup in ["<img", "onerror=alert(2)>", "-->", "]]>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    let escaped = |c: char| c != '\n' && passmuster::domain::printable(&c.to_string()) != c.to_string();
    assert_eq!(page.chars().find(|c| escaped(*c)), None, "nothing hides or turns text around");
    assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;\\u202e\\u0000"), "it is there to be read");
}

#[test]
fn the_page_asks_for_nothing_from_anywhere() {
    let page = page(&sample::flawed());
    assert!(page.contains("default-src 'none'; script-src 'sha256-"), "{}", &page[..600]);
    for remote in [" src=", "@import", "url(http", "<link", "style=\"", "onclick"] {
        assert!(!page.contains(remote), "{remote}");
    }
    for link in page.split("href=\"").skip(1) {
        let followed = link.starts_with('#') || (link.starts_with("https://") && link.contains("noreferrer"));
        assert!(followed, "{}", &link[..80]);
    }
}

#[test]
fn causes_come_first_and_each_finding_is_there_once() {
    let mut record = sample::flawed();
    let [first, second] = [0, 1].map(|at| record.divergences[at].id.clone());
    record.causes = vec![cause("C-1a2b3c4d", "no call checks that the hub is on", &[&first, &second])];
    let page = page(&record);
    for found in &record.divergences {
        assert_eq!(page.matches(&format!("id=\"{}\"", found.id)).count(), 1, "{}", found.id);
        assert!(page.contains(&found.summary));
    }
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(place("no call checks that the hub is on") < place(&format!("id=\"{first}\"")));
    assert!(place(&format!("id=\"{second}\"")) < place("Findings without a cause"));
    assert!(page.contains("✗ wrong here"));
}

#[test]
fn a_run_that_checked_nothing_never_looks_green() {
    let mut record = sample::clean();
    assert!(page(&record).contains("class=\"verdict green\""));
    for code in [1, 3, 4, 5, 70, 130, 255] {
        record.exit_code = code;
        let page = page(&record);
        assert!(!page.contains("class=\"verdict green\"") && page.contains(&format!("exit {code}")), "{code}");
    }
}

#[test]
fn five_hundred_findings_take_less_than_five_megabytes() {
    let mut record = sample::flawed();
    record.divergences = (0..500)
        .map(|number| {
            let mut found = sample::not_stored();
            found.id = format!("D-{number:08x}");
            found.scenario.steps = found.scenario.steps.iter().cycle().take(6).cloned().collect();
            found.curl = format!("curl {}", "-H 'content-type: application/json' ".repeat(60));
            found
        })
        .collect();
    let page = page(&record);
    assert!(page.len() < 5_000_000 && page.contains("D-000001f3"), "{}", page.len());
}
