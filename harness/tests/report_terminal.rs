//! The output of a run on a terminal: a stranger can read it, and it does no harm.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use crate::sample;
use passmuster::domain::Severity;
use passmuster::event::Event;
use passmuster::record::{
    CauseRecord, ChangeRecord, Disposition, DivergenceRecord, OperationSupport, RuleStatus, RunRecord, Stopped,
    Totals, Uncertainty, UnstableRecord,
};
use passmuster::report::terminal::{Mode, Progress, TerminalStyle, summary, verdict};
use serde_json::json;

/// Everything in full.
const FULL: TerminalStyle = TerminalStyle { verbose: true, ..TerminalStyle::PLAIN };

fn shown(record: &RunRecord, style: TerminalStyle) -> String {
    let mut out = Vec::new();
    summary(record, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn reviewed(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn nothing_checked() -> RunRecord {
    let mut record = sample::clean();
    record.totals = Totals { calls: 30, scenarios: 30, seconds: 0.2, ..Totals::default() };
    for operation in &mut record.operations {
        operation.support = OperationSupport::Unsupported;
        operation.reason = Some("501 Not Implemented".to_owned());
    }
    record.rules.iter_mut().for_each(|rule| rule.status = RuleStatus::Unsupported);
    sample::settle(&mut record);
    record
}

fn interrupted() -> RunRecord {
    let mut record = sample::clean();
    record.stopped = Some(Stopped::interrupted());
    record.totals.calls = 1;
    record.totals.scenarios = 1;
    for operation in record.operations.iter_mut().skip(2) {
        operation.support = OperationSupport::NotChecked;
        operation.calls = 0;
    }
    record.rules.iter_mut().skip(1).for_each(|rule| rule.status = RuleStatus::NotExercised);
    sample::settle(&mut record);
    record
}

#[test]
fn a_clean_run_is_told_in_a_few_lines() {
    reviewed("terminal_clean", &shown(&sample::clean(), FULL));
}

#[test]
fn a_flawed_target_is_told_finding_by_finding() {
    reviewed("terminal_flawed", &shown(&sample::flawed(), FULL));
}

#[test]
fn an_interrupted_run_tells_how_far_it_came() {
    reviewed("terminal_interrupted", &shown(&interrupted(), FULL));
}

#[test]
fn a_run_that_checked_nothing_says_so() {
    let record = nothing_checked();
    assert_eq!(record.exit_code, 4);
    reviewed("terminal_nothing_checked", &shown(&record, FULL));
}

#[test]
fn known_changed_and_resolved_findings_are_told_apart() {
    let mut record = sample::flawed();
    for (found, disposition) in
        record.divergences.iter_mut().zip([Disposition::Known, Disposition::Changed, Disposition::Resolved])
    {
        found.disposition = disposition;
    }
    sample::settle(&mut record);
    assert_eq!(record.exit_code, 1);
    reviewed("terminal_reviewed", &shown(&record, FULL));
}

#[test]
fn what_is_not_certain_is_told_with_its_reason_and_all_that_was_seen() {
    let mut record = sample::clean();
    record.nonce = 77;
    let found = sample::hub_off();
    record.unstable = vec![UnstableRecord {
        fingerprint: found.fingerprint.clone(),
        operation: found.operation.clone(),
        severity: found.severity,
        why: Uncertainty::OutOfTime,
        sightings: 2,
        judged: 5,
        finding: Some(Box::new(found.clone())),
    }];
    sample::settle(&mut record);
    let mut markdown = Vec::new();
    passmuster::report::format("markdown").unwrap().write(&record, &mut markdown).unwrap();
    let (terminal, markdown) = (shown(&record, FULL), String::from_utf8(markdown).unwrap());
    for text in [&terminal, &markdown] {
        for wanted in [found.id.as_str(), "out of time", "the time was over before", "77", "CreateMembers"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
    }
    assert!(terminal.contains("seen 2 of 5 times"), "{terminal}");
    assert!(verdict(&record).starts_with("exit 3, no verdict: 0 new, 1 out of time"), "{}", verdict(&record));
}

#[test]
fn a_report_in_markdown_tells_the_same() {
    let mut out = Vec::new();
    passmuster::report::format("markdown").unwrap().write(&sample::flawed(), &mut out).unwrap();
    reviewed("markdown_flawed", &String::from_utf8(out).unwrap());
}

#[test]
fn the_last_line_is_the_verdict() {
    for record in [sample::clean(), sample::flawed(), interrupted(), nothing_checked()] {
        for style in [FULL, TerminalStyle::PLAIN] {
            assert_eq!(shown(&record, style).lines().last(), Some(verdict(&record).as_str()));
        }
    }
}

/// A run with more of everything than a screen has room for.
fn overwhelming() -> RunRecord {
    let mut record = sample::flawed();
    let found = sample::hub_off();
    for number in 0..60 {
        let id = format!("D-{number:08x}");
        record.divergences.push(DivergenceRecord { id: id.clone(), fingerprint: id.clone(), ..found.clone() });
        if number < 40 {
            record.causes.push(CauseRecord {
                id: format!("C-{number:08x}"),
                title: "a title that is much longer than there is room for in one line of any terminal, "
                    .repeat(3),
                change: ChangeRecord { kind: "fault".to_owned(), operations: Vec::new(), parts: Vec::new() },
                findings: vec![id.clone()],
                rules: Vec::new(),
                blocks: 3,
                goes_away: Some(1),
                verified: true,
                proof: id,
                effect: String::new(),
            });
        }
        record.remarks.push("something to say of the run as a whole, ".repeat(20));
        record.inconclusive.extend(record.inconclusive.first().cloned());
    }
    let causes = record.causes.clone();
    for found in &mut record.divergences {
        found.cause = causes.iter().find(|cause| cause.findings.contains(&found.id)).map(|cause| cause.id.clone());
    }
    sample::settle(&mut record);
    record
}

#[test]
fn the_last_screen_has_thirty_lines_at_most_and_says_what_is_wrong_and_what_to_do_next() {
    let records = [sample::clean(), sample::flawed(), interrupted(), nothing_checked(), overwhelming()];
    for (record, width) in records.iter().flat_map(|record| [80, 110].map(|width| (record, width))) {
        let text = shown(record, TerminalStyle { width, ..TerminalStyle::PLAIN });
        let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(width).max(1)).sum();
        assert!(lines <= 30, "{lines} at {width}:\n{text}");
        assert!(text.contains("  next  ") && text.contains("  tested  "), "{text}");
        let coloured = shown(record, TerminalStyle { width, colour: true, ..TerminalStyle::PLAIN });
        assert_eq!(coloured.lines().count(), text.lines().count(), "colours take no room");
    }
    reviewed("terminal_screen_flawed", &shown(&sample::flawed(), TerminalStyle::PLAIN));
    reviewed(
        "terminal_screen_overwhelming",
        &shown(&overwhelming(), TerminalStyle { width: 80, ..TerminalStyle::PLAIN }),
    );
}

#[test]
fn no_line_but_those_to_be_copied_is_wider_than_asked() {
    for style in [60, TerminalStyle::WIDTH]
        .into_iter()
        .flat_map(|width| [TerminalStyle { width, ..FULL }, TerminalStyle { width, ..TerminalStyle::PLAIN }])
    {
        let width = style.width;
        let text = shown(&sample::flawed(), style);
        let copied =
            |line: &str| line.starts_with("  curl") || line.starts_with("  replay") || line.starts_with("exit");
        for line in text.lines().filter(|line| !copied(line)) {
            assert!(line.chars().count() <= width, "{line}");
        }
    }
    for record in [sample::clean(), sample::flawed(), nothing_checked()] {
        assert!(verdict(&record).chars().count() <= TerminalStyle::WIDTH + 20, "{}", verdict(&record));
    }
}

#[test]
fn colours_come_only_when_asked_for() {
    let record = sample::flawed();
    assert!(!shown(&record, FULL).contains('\u{1b}'));
    assert!(shown(&record, TerminalStyle { colour: true, ..FULL }).contains("\u{1b}[1;31mdivergence\u{1b}[0m"));
}

#[test]
fn what_a_hostile_target_answers_can_not_reach_the_terminal_raw() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nexit 0, nothing new diverges\u{9b}31m\u{202e}";
    let mut record = sample::flawed();
    record.target.version = Some(evil.to_owned());
    record.stopped = Some(Stopped::target_lost(evil));
    record.operations[0].support = OperationSupport::Broken;
    record.operations[0].reason = Some(evil.to_owned());
    record.remarks.push(evil.to_owned());
    record.inconclusive[0].reason = evil.to_owned();
    record.open_questions[0].answer = evil.to_owned();
    record.rules[3].blocked_by = Some(evil.to_owned());
    for found in &mut record.divergences {
        found.summary = evil.to_owned();
        found.observed = json!({ evil: evil });
        found.expected = json!(evil);
        found.curl = evil.to_owned();
        found.replay = evil.to_owned();
        found.pointer = evil.to_owned();
        found.also = vec![evil.to_owned()];
        for step in &mut found.scenario.steps {
            step.response = evil.to_owned();
            step.request = json!({ evil: evil });
        }
    }
    let mut markdown = Vec::new();
    passmuster::report::format("markdown").unwrap().write(&record, &mut markdown).unwrap();
    let body = passmuster::baseline::body(&record.divergences[0]);
    for text in [shown(&record, FULL), String::from_utf8(markdown).unwrap(), body] {
        assert!(text.contains("\\u001b[2J") || text.contains("\\\\u001b\\[2J"), "{text}");
        let raw = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(raw, None, "{text:?}");
        let forged = text.lines().filter(|line| line.starts_with("exit ")).count();
        assert!(forged <= 1, "{text}");
    }
    reviewed("terminal_hostile", &shown(&record, FULL));
}

fn progress(mode: Mode, events: &[(u64, Event)]) -> String {
    let mut progress = Progress::new(Vec::new(), mode, TerminalStyle { width: 80, ..FULL });
    for (milliseconds, event) in events {
        progress.on(event, Duration::from_millis(*milliseconds)).unwrap();
    }
    progress.finish().unwrap();
    String::from_utf8(progress.into_inner()).unwrap()
}

fn events() -> Vec<(u64, Event)> {
    let counters = |calls, findings| Event::Progress { calls, scenarios: calls / 10, findings };
    let found = Event::Found {
        id: "D-1a2b3c4d".to_owned(),
        severity: Severity::Divergence,
        summary: "something\u{1b}[2J differs".to_owned(),
    };
    vec![
        (0, Event::PhaseStarted { phase: "probe", budget: Some(200) }),
        (10, counters(10, 0)),
        (1000, counters(100, 0)),
        (2100, counters(150, 0)),
        (2200, found),
        (2300, counters(160, 1)),
        (2400, Event::PhaseStarted { phase: "random", budget: None }),
        (5000, counters(1234, 1)),
        (5001, Event::Remark("the target is slow".to_owned())),
    ]
}

#[test]
fn a_log_gets_what_happens_and_no_counters() {
    let expected = "probe: 200 calls planned\n\
                    D-1a2b3c4d divergence: something\\u001b[2J differs\n\
                    random: begins\n\
                    note: the target is slow\n";
    assert_eq!(progress(Mode::Lines, &events()), expected);
}

#[test]
fn what_happens_is_broken_at_words_above_the_counters_of_a_narrow_terminal() {
    let summary =
        "what is wrong with the answer, in more words than a line of a narrow terminal has room for".to_owned();
    let found = Event::Found { id: "D-1a2b3c4d".to_owned(), severity: Severity::Divergence, summary };
    let counters = Event::Progress { calls: 1_234_567, scenarios: 123_456, findings: 12 };
    let begun = Event::PhaseStarted { phase: "exploring", budget: Some(2_000_000) };
    for width in [48, 80, 110] {
        let mut progress = Progress::new(Vec::new(), Mode::Bar, TerminalStyle { width, ..TerminalStyle::PLAIN });
        progress.say("passmuster tests a target").unwrap();
        for (at, event) in [&begun, &counters, &found, &counters].into_iter().enumerate() {
            progress.on(event, Duration::from_secs(at as u64)).unwrap();
        }
        progress.finish().unwrap();
        let text = String::from_utf8(progress.into_inner()).unwrap();
        let longest = text.split(['\r', '\n']).map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{longest:?} at {width}: {text:?}");
        assert!(text.starts_with("passmuster tests a target\n\r") && !text.contains('\u{1b}'), "{text:?}");
        assert!(text.matches('\n').count() > 2, "{text:?}");
    }
}

#[test]
fn a_terminal_gets_one_line_that_is_removed_at_the_end() {
    let text = progress(Mode::Bar, &events());
    assert!(
        text.contains("\rprobe      [##########..........] of 200 · 100 calls, 0 findings, 10 scenarios"),
        "{text:?}"
    );
    assert!(text.contains("D-1a2b3c4d divergence: something\\u001b[2J differs\n"), "{text:?}");
    assert!(text.ends_with('\r'), "{text:?}");
    let drawn = text.split(['\r', '\n']).map(|line| line.chars().count()).max();
    assert!(drawn < Some(80), "{drawn:?}");
}

#[test]
fn quiet_is_quiet() {
    assert_eq!(progress(Mode::Quiet, &events()), "");
}
