//! Runs beside each other: which causes and findings came and went, told alike in every format, and never as gone where
//! nobody looked.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use passmuster::record::{CauseRecord, OperationSupport, RuleStatus, RunRecord};
use passmuster::report::terminal::{self, TerminalStyle};
use passmuster::report::{FORMATS, History, format, oldest_first};

use crate::report_html::{HOSTILE, hostile};
use crate::sample;

/// A run of this version on this day, which lays everything but the suspicion to one cause.
fn run(version: &str, day: &str) -> RunRecord {
    let mut record = sample::full();
    record.shard = None;
    record.unstable.clear();
    record.target.version = Some(version.to_owned());
    record.started = format!("{day}T01:02:03.456Z");
    let firm: Vec<String> = record.divergences.iter().take(2).map(|found| found.id.clone()).collect();
    record.causes[0].findings = firm;
    record.divergences[1].cause = Some(record.causes[0].id.clone());
    record
}

/// The same after all of this was mended: the rules hold.
fn mended(version: &str, day: &str) -> RunRecord {
    let mut record = run(version, day);
    record.causes.clear();
    record.divergences.clear();
    for rule in record.rules.iter_mut().filter(|rule| rule.status == RuleStatus::Violated) {
        rule.status = RuleStatus::Held;
    }
    record
}

fn written(name: &str, runs: &[RunRecord]) -> String {
    let mut out = Vec::new();
    let newest = runs.last().unwrap();
    format(name).unwrap().write_with(newest, Some(&History::of(runs)), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The cells of a board in the row that begins so.
fn row(board: &str, start: &str) -> Vec<String> {
    let rows: Vec<&str> = board.lines().filter(|line| line.starts_with(&format!("| {start}"))).collect();
    let [row] = rows[..] else { panic!("{start}: {rows:?} in {board}") };
    row.trim_matches('|').split(" | ").skip(1).map(|cell| cell.trim().to_owned()).collect()
}

fn cause(id: &str, parts: &[&str], findings: &[String]) -> CauseRecord {
    let mut cause = run("1", "2026-01-01").causes.remove(0);
    cause.id = id.to_owned();
    cause.change.parts = parts.iter().map(|part| (*part).to_owned()).collect();
    cause.findings = findings.to_vec();
    cause
}

#[test]
fn a_board_tells_of_each_cause_in_which_runs_it_is_the_oldest_first() {
    let mut runs = [mended("5.3.0", "2026-03-01"), run("5.1.0", "2026-01-01"), run("5.2.0", "2026-02-01")];
    oldest_first(&mut runs);
    let board = written("board", &runs);
    let head = "| causes | moto 5.1.0<br>2026-01-01 01:02 | moto 5.2.0<br>2026-02-01 01:02 | moto 5.3.0<br>2026-03-01 01:02 |";
    assert_eq!(board.lines().next(), Some(head));
    assert_eq!(row(&board, "C-1a2b3c4d"), ["2", "2", "absent"]);
    let suspicion = sample::suspicion();
    assert_eq!(row(&board, &suspicion.id), ["1", "1", "absent"], "its rule is not among those of the sample");
    assert!(!board.contains(&sample::note().id), "a note weighs nothing");
    let totals: Vec<&str> =
        board.lines().skip_while(|line| !line.starts_with("| totals")).skip(2).take(4).collect();
    assert_eq!(
        totals,
        [
            "| calls | 12,345 | 12,345 | 12,345 |",
            "| causes | 1 | 1 | 0 |",
            "| findings | 3 | 3 | 0 |",
            "| rules violated of those checked | 2 of 3 | 2 of 3 | 0 of 3 |"
        ]
    );
}

#[test]
fn what_a_run_did_not_come_to_is_never_told_as_gone() {
    type Spoil = fn(&mut RunRecord);
    let spoil: [(&str, Spoil); 4] = [
        ("a rule that was not checked", |record| {
            record.rules.iter_mut().for_each(|rule| rule.status = RuleStatus::NotExercised);
        }),
        ("an operation that is missing", |record| {
            record.operations.iter_mut().for_each(|one| one.support = OperationSupport::Unsupported);
        }),
        ("an operation that was not called", |record| {
            record.operations.iter_mut().for_each(|one| one.calls = 0);
        }),
        ("a step of the scenario that can't be made", |record| {
            let step = record.operations.iter_mut().find(|one| one.name == "CreateMembers").unwrap();
            step.support = OperationSupport::Broken;
        }),
    ];
    for (what, spoil) in spoil {
        let mut later = mended("5.3.0", "2026-03-01");
        spoil(&mut later);
        let board = written("board", &[run("5.1.0", "2026-01-01"), later]);
        assert_eq!(row(&board, "C-1a2b3c4d"), ["2", "not reached"], "{what}");
    }
}

#[test]
fn what_was_seen_and_not_confirmed_is_neither_there_nor_gone() {
    let mut later = mended("5.3.0", "2026-03-01");
    later.unstable = sample::full().unstable;
    let earlier = run("5.1.0", "2026-01-01");
    later.unstable[0].fingerprint.clone_from(&earlier.divergences[0].fingerprint);
    assert_eq!(row(&written("board", &[earlier, later]), "C-1a2b3c4d"), ["2", "not certain"]);
}

#[test]
fn a_cause_that_came_has_no_finding_before() {
    let board = written("board", &[mended("5.1.0", "2026-01-01"), run("5.2.0", "2026-02-01")]);
    assert_eq!(row(&board, "C-1a2b3c4d"), ["absent", "2"]);
}

#[test]
fn causes_of_other_ids_are_one_only_for_a_reason_that_is_told() {
    let ids: Vec<String> = run("1", "2026-01-01").divergences.iter().map(|found| found.id.clone()).collect();
    let pair = |old: CauseRecord, new: CauseRecord| {
        let mut runs = [run("5.1.0", "2026-01-01"), run("5.2.0", "2026-02-01")];
        (runs[0].causes, runs[1].causes) = (vec![old], vec![new]);
        written("board", &runs)
    };
    let board = pair(cause("C-00000001", &["a"], &ids[..2]), cause("C-00000002", &["b"], &ids[..2]));
    assert_eq!(row(&board, "C-00000002"), ["2", "2"]);
    let told = "- C-00000001 (CreateMembers does not check that the hub is on) of moto 5.1.0 is told in the row of \
                C-00000002: they have 2 findings in common";
    assert!(board.contains(told), "{board}");

    let board = pair(cause("C-00000001", &["a", "b"], &ids[..1]), cause("C-00000002", &["b"], &ids[1..2]));
    assert_eq!(row(&board, "C-00000002"), ["1", "1"]);
    assert!(board.contains("they have 1 change of the reference server in common"), "{board}");

    // Half of the findings is not more than half; what the one explains is then told of the other.
    let board = pair(cause("C-00000001", &["a"], &ids[..2]), cause("C-00000002", &["b"], &ids[..1]));
    assert_eq!(row(&board, "C-00000002"), ["elsewhere", "1"]);
    assert_eq!(row(&board, "C-00000001"), ["2", "elsewhere"]);
    assert!(!board.contains("is told in the row of"), "{board}");
}

#[test]
fn a_finding_that_a_cause_explains_in_one_run_alone_is_told_in_both_places() {
    let mut runs = [run("5.1.0", "2026-01-01"), run("5.2.0", "2026-02-01")];
    let id = runs[0].divergences[1].id.clone();
    runs[0].divergences[1].cause = None;
    runs[0].causes[0].findings.pop();
    let board = written("board", &runs);
    assert_eq!(row(&board, &id), ["1", "elsewhere"]);
    assert_eq!(row(&board, "C-1a2b3c4d"), ["1", "2"]);
}

#[test]
fn two_causes_of_one_run_never_share_a_row() {
    let ids: Vec<String> = run("1", "2026-01-01").divergences.iter().map(|found| found.id.clone()).collect();
    let mut runs = [run("5.1.0", "2026-01-01"), run("5.2.0", "2026-02-01")];
    runs[0].causes = vec![cause("C-00000001", &["a"], &ids[..1]), cause("C-00000003", &["a"], &ids[1..2])];
    runs[1].causes = vec![cause("C-00000001", &["a"], &ids[..1])];
    let board = written("board", &runs);
    assert_eq!(row(&board, "C-00000001"), ["1", "1"]);
    assert_eq!(row(&board, "C-00000003"), ["1", "elsewhere"]);
}

#[test]
fn the_page_has_the_history_before_the_newest_run_and_none_of_a_single_one() {
    let runs = [run("5.1.0", "2026-01-01"), mended("5.2.0", "2026-02-01"), run("5.3.0", "2026-03-01")];
    let page = written("html", &runs);
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(
        place("href=\"#history\"") < place("id=\"history\"") && place("id=\"history\"") < place("id=\"causes\"")
    );
    assert!(page.contains("<span class=\"key violated\">2 findings</span>"), "{page}");
    assert!(
        page.contains("<span class=\"key held\">absent</span>")
            && page.contains("moto 5.2.0<br><small>2026-02-01 01:02")
    );
    let section = &page[place("id=\"history\"")..place("id=\"causes\"")];
    assert!(section.contains("href=\"#C-1a2b3c4d\""), "{section}");
    for link in section.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id} leads nowhere");
    }
    assert!(
        !written("html", &runs[..1]).contains("History") && !written("markdown", &runs[..1]).contains("History")
    );
    assert!(written("markdown", &runs).contains("## History\n\n| causes | moto 5.1.0<br>2026-01-01 01:02 |"));
}

#[test]
fn formats_of_a_single_run_tell_the_newest_whatever_was_before() {
    let runs = [run("5.1.0", "2026-01-01"), run("5.2.0", "2026-02-01")];
    for one in FORMATS.iter().filter(|one| !["html", "markdown", "board"].contains(&one.name)) {
        let mut alone = Vec::new();
        one.write(&runs[1], &mut alone).unwrap();
        assert_eq!(written(one.name, &runs), String::from_utf8(alone).unwrap(), "{}", one.name);
    }
}

#[test]
fn nothing_of_a_hostile_target_gets_out_of_its_text_in_a_history() {
    let mut older = hostile();
    older.causes[0].id = format!("C-{HOSTILE}");
    older.causes[0].change.parts = vec![HOSTILE.to_owned()];
    let mut newer = hostile();
    newer.causes[0].change.parts = vec![HOSTILE.to_owned()];
    let runs = [older, newer];
    let page = written("html", &runs);
    assert_eq!(page.to_lowercase().matches("<script").count(), 1, "only the page's own");
    assert!(!page.contains("onerror=alert(2)>"), "no tag ends there");
    let board = written("board", &runs);
    assert!(!board.contains("<script"));
    let mut text = Vec::new();
    terminal::history(&History::of(&runs), TerminalStyle { verbose: true, ..TerminalStyle::PLAIN }, &mut text)
        .unwrap();
    let text = String::from_utf8(text).unwrap();
    for (name, shown) in [("html", &page), ("board", &board)] {
        for markup in ["<img", "<!--", "<script>alert"] {
            assert!(!shown.contains(markup), "{name}: {markup}");
        }
    }
    for (name, shown) in [("html", &page), ("board", &board), ("text", &text)] {
        let escaped = |c: char| c != '\n' && passmuster::domain::printable(&c.to_string()) != c.to_string();
        assert_eq!(shown.chars().find(|c| escaped(*c)), None, "{name}: nothing hides or turns text around");
    }
    assert!(page.contains("told in the row of") && board.contains("told in the row of"), "the remark is there");
    // Lines of a page may begin with anything; what goes to a log by itself may not.
    assert!(![&board, &text].iter().any(|shown| shown.lines().any(|line| line.trim_start().starts_with("::"))));
    let cells = board.lines().filter(|line| line.starts_with("| C-")).map(|line| line.matches(" | ").count());
    assert!(cells.into_iter().all(|number| number == 2), "no text ends its cell: {board}");
}

#[test]
fn a_terminal_without_room_for_all_runs_tells_the_newest() {
    let runs: Vec<RunRecord> = (1..=9).map(|day| run(&format!("5.{day}"), &format!("2026-01-0{day}"))).collect();
    let told = |width: usize| {
        let mut out = Vec::new();
        terminal::history(&History::of(&runs), TerminalStyle { width, ..TerminalStyle::PLAIN }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let narrow = told(80);
    assert!(
        narrow.starts_with("9 runs against moto, oldest first, the 3 newest of them, as there is room\n"),
        "{narrow}"
    );
    assert!(narrow.contains("5.9") && narrow.contains("5.7") && !narrow.contains("5.6"), "{narrow}");
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    let wide = told(200);
    assert!(wide.contains("5.1 ") && wide.contains("C-1a2b3c4d"), "{wide}");
    let mut nothing = Vec::new();
    terminal::history(&History::of(&runs[..1]), TerminalStyle::PLAIN, &mut nothing).unwrap();
    assert!(nothing.is_empty());
}
