//! The baseline: a reviewed divergence passes, any other fails, and `cargo insta` works on the same files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::sample;
use passmuster::baseline::{Baseline, Ending, body, exit_code};
use passmuster::domain::Severity;
use passmuster::record::{
    Disposition, DivergenceRecord, OperationSupport, ReplayRecord, ReplayStanding, RuleStatus, RunRecord, Stopped,
    Uncertainty, UnstableRecord, WireRecord,
};
use serde_json::json;

/// An empty folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("baseline").join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

/// Holds a run against the folder, as the command line does.
fn settled(dir: &Path, mut record: RunRecord, strict: bool) -> RunRecord {
    Baseline::load(dir).unwrap().settle(&mut record);
    record.exit_code = exit_code(&record, strict);
    record
}

fn accepted(name: &str, record: &RunRecord) -> PathBuf {
    let dir = folder(name);
    let mut baseline = Baseline::load(&dir).unwrap();
    baseline.write_pending(&settled(&dir, record.clone(), false)).unwrap();
    for pending in baseline.pending().unwrap() {
        baseline.accept(&pending.id, "known since the first review").unwrap();
    }
    dir
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_divergence_fails_and_waits_for_a_review() {
    let dir = folder("pending");
    let record = settled(&dir, sample::flawed(), false);
    assert_eq!(record.exit_code, 1);
    let written = Baseline::load(&dir).unwrap().write_pending(&record).unwrap();
    assert_eq!(written.len(), 3, "two divergences and a suspicion, but no note");
    assert!(names(&dir).iter().all(|name| name.ends_with(".snap.new")));
    assert_eq!(settled(&dir, sample::flawed(), false).exit_code, 1, "pending is not accepted");
}

#[test]
fn an_accepted_divergence_passes_in_the_next_run() {
    let dir = accepted("accepted", &sample::flawed());
    assert!(names(&dir).iter().all(|name| name.ends_with(".snap")));
    let record = settled(&dir, sample::flawed(), true);
    assert_eq!(record.exit_code, 0);
    assert!(
        record
            .divergences
            .iter()
            .all(|found| found.severity == Severity::Note || found.disposition == Disposition::Known)
    );
    let written = Baseline::load(&dir).unwrap().write_pending(&record).unwrap();
    assert_eq!(written, Vec::<PathBuf>::new());
    let reviewed = Baseline::load(&dir).unwrap();
    assert!(
        reviewed.reviewed().all(|entry| entry.terms.reason.as_deref() == Some("known since the first review"))
    );
}

#[test]
fn counters_of_a_run_are_no_part_of_what_is_reviewed() {
    let mut other = sample::hub_off();
    other.found_after_calls += 1;
    other.shrunk_from += 1;
    other.reproduced.hits += 1;
    other.reproduced.of += 1;
    other.curl.push('x');
    other.replay.push('x');
    other.disposition = Disposition::Known;
    other.scenario.steps[0].response = "200 {}".to_owned();
    assert_eq!(body(&sample::hub_off()), body(&other));
}

#[test]
fn a_divergence_that_shows_in_another_way_was_not_reviewed() {
    let dir = accepted("changed", &sample::flawed());
    let mut run = sample::flawed();
    run.divergences[0].observed = json!("500 InternalException");
    let record = settled(&dir, run, false);
    assert_eq!(record.divergences[0].disposition, Disposition::Changed);
    assert_eq!((record.exit_code, exit_code(&record, true)), (1, 1));
    let baseline = Baseline::load(&dir).unwrap();
    let id = &record.divergences[0].id;
    assert_eq!(baseline.write_pending(&record).unwrap(), [dir.join(format!("{id}.snap.new"))]);

    // Once it shows as before, nothing is left to review.
    let record = settled(&dir, sample::flawed(), false);
    baseline.write_pending(&record).unwrap();
    assert!(names(&dir).iter().all(|name| name.ends_with(".snap")));
}

#[test]
fn another_scenario_that_shows_the_same_is_known_and_one_that_shows_something_else_is_not() {
    let dir = accepted("other-scenario", &sample::flawed());
    let with = |change: &dyn Fn(&mut DivergenceRecord)| {
        let mut run = sample::flawed();
        run.divergences[0].scenario.steps[0].request = json!({ "AccountDetails": [{ "AccountId": "member-2" }] });
        change(&mut run.divergences[0]);
        settled(&dir, run, false).divergences[0].disposition
    };
    assert_eq!(with(&|_| {}), Disposition::Known);
    assert_eq!(with(&|found| found.summary.push_str(" in other words")), Disposition::Known);
    assert_eq!(with(&|found| found.observed = json!("500 InternalException")), Disposition::Changed);
    assert_eq!(with(&|found| found.reproduced.hits -= 1), Disposition::Changed);
}

#[test]
fn a_flaky_divergence_that_was_reviewed_as_such_is_known_however_often_it_shows() {
    let mut run = sample::flawed();
    run.divergences.truncate(1);
    run.divergences[0].reproduced.hits -= 1;
    run.unstable = vec![uncertain(&run.divergences[0], Uncertainty::Flaky)];
    let dir = accepted("flaky", &run);
    assert!(body(&run.divergences[0]).contains("flaky: it shows in some of several tries"));
    let settled = |run: &RunRecord| settled(&dir, run.clone(), false);
    assert_eq!((settled(&run).divergences[0].disposition, settled(&run).exit_code), (Disposition::Known, 0));
    run.divergences[0].reproduced.hits += 1;
    run.unstable.clear();
    assert_eq!((settled(&run).divergences[0].disposition, settled(&run).exit_code), (Disposition::Known, 0));
}

#[test]
fn the_record_tells_the_terms_of_what_is_known_and_of_nothing_else() {
    let run = sample::flawed();
    let dir = accepted("terms-told", &run);
    let mut again = settled(&dir, run.clone(), false);
    let reason = |run: &RunRecord, at: usize| run.divergences[at].accepted.clone().and_then(|terms| terms.reason);
    assert_eq!(reason(&again, 0), Some("known since the first review".to_owned()));
    let note = again.divergences.iter().position(|found| found.severity == Severity::Note).unwrap();
    assert_eq!(reason(&again, note), None);
    // Of what was reviewed elsewhere nothing is taken over.
    let empty = dir.join("empty");
    Baseline::load(&empty).unwrap().settle(&mut again);
    assert!(again.divergences.iter().all(|found| found.accepted.is_none()));
}

#[test]
fn what_was_seen_and_is_not_certain_never_passes() {
    for why in Uncertainty::ALL.iter().copied().filter(|why| *why != Uncertainty::Moving) {
        for (severity, code) in [(Severity::Divergence, 3), (Severity::Suspicion, 3), (Severity::Note, 0)] {
            let mut run = sample::clean();
            run.unstable = vec![UnstableRecord { severity, ..uncertain(&sample::hub_off(), why) }];
            assert_eq!(exit_code(&run, false), code, "{why} {severity:?}");
        }
    }
    let mut run = sample::clean();
    run.unstable = vec![uncertain(&sample::hub_off(), Uncertainty::Moving)];
    assert_eq!(exit_code(&run, false), 0);
}

fn uncertain(found: &DivergenceRecord, why: Uncertainty) -> UnstableRecord {
    UnstableRecord {
        fingerprint: found.fingerprint.clone(),
        operation: found.operation.clone(),
        severity: found.severity,
        why,
        sightings: 1,
        judged: 4,
        finding: None,
    }
}

#[test]
fn a_divergence_that_is_not_certain_is_not_resolved() {
    let dir = accepted("uncertain", &sample::flawed());
    let mut run = sample::flawed();
    let gone = run.divergences.remove(0);
    run.unstable = vec![uncertain(&gone, Uncertainty::OutOfTime)];
    let record = settled(&dir, run, false);
    assert!(record.divergences.iter().all(|found| found.disposition != Disposition::Resolved));
    assert_eq!(record.exit_code, 3);
}

#[test]
fn a_divergence_that_is_gone_is_resolved() {
    let dir = accepted("resolved", &sample::flawed());
    let mut run = sample::flawed();
    run.divergences.remove(0);
    let record = settled(&dir, run, false);
    let gone = record.divergences.last().unwrap();
    assert_eq!(
        (gone.disposition, gone.fingerprint.clone()),
        (Disposition::Resolved, sample::hub_off().fingerprint)
    );
    assert_eq!((record.exit_code, exit_code(&record, true)), (0, 5));
}

#[test]
fn a_divergence_whose_scenario_was_replayed_is_gone_hidden_or_in_doubt_by_what_came_of_it() {
    let dir = accepted("replayed", &sample::flawed());
    let settled_after = |standing: ReplayStanding, showed: &[&str]| {
        let mut run = sample::flawed();
        let gone = run.divergences.remove(0);
        // However far the run came.
        run.stopped = Some(Stopped::because("the time is up"));
        let showed = showed.iter().map(|one| (*one).to_owned()).collect();
        run.replays = vec![ReplayRecord { fingerprint: gone.fingerprint, standing, showed, calls: 1 }];
        let record = settled(&dir, run, false);
        let resolved = record.divergences.iter().any(|found| found.disposition == Disposition::Resolved);
        (resolved, record.remarks.iter().filter(|remark| remark.contains(" is hidden: ")).count())
    };
    assert_eq!(settled_after(ReplayStanding::Conforms, &[]), (true, 0));
    let other = sample::flawed().divergences[1].fingerprint.clone();
    assert_eq!(settled_after(ReplayStanding::Diverges, &[&other]), (false, 1));
    assert_eq!(settled_after(ReplayStanding::Unjudged, &[]), (false, 0));
    let reviewed = Baseline::load(&dir).unwrap();
    assert!(reviewed.reviewed().any(|known| known.has_scenario()));
}

#[test]
fn a_divergence_that_could_not_have_been_seen_is_not_resolved() {
    let dir = accepted("unseen", &sample::flawed());
    let gone = |change: fn(&mut RunRecord)| {
        let mut run = sample::flawed();
        run.divergences.remove(0);
        change(&mut run);
        settled(&dir, run, false).divergences.iter().any(|found| found.disposition == Disposition::Resolved)
    };
    assert!(gone(|_| {}));
    assert!(!gone(|run| run.stopped = Some(Stopped::because("the time is up"))));
    assert!(!gone(|run| run.rules[1].status = RuleStatus::Blocked));
    assert!(!gone(|run| {
        run.operations.iter_mut().filter(|known| known.name == "CreateMembers").for_each(|known| known.calls = 0);
    }));
    assert!(!gone(|run| run.divergences[0].also.push(sample::hub_off().fingerprint)));
}

#[test]
fn a_rejected_divergence_comes_back_in_the_next_run() {
    let dir = folder("rejected");
    let record = settled(&dir, sample::flawed(), false);
    let baseline = Baseline::load(&dir).unwrap();
    baseline.write_pending(&record).unwrap();
    let id = &record.divergences[0].id;
    baseline.reject(id).unwrap();
    assert!(!names(&dir).contains(&format!("{id}.snap.new")));
    assert!(baseline.reject(id).unwrap_err().to_string().contains("passmuster review --list"));
    assert_eq!(settled(&dir, sample::flawed(), false).exit_code, 1);
}

#[test]
fn an_id_never_leads_out_of_the_folder() {
    let mut baseline = Baseline::load(&folder("ids")).unwrap();
    for id in ["../x", "", "a/b", "D-1.snap"] {
        assert!(baseline.accept(id, "").unwrap_err().to_string().contains("looks like D-1a2b3c4d"), "{id}");
    }
}

#[test]
fn a_corrupted_snapshot_is_an_error_that_names_the_file_and_the_fix() {
    let dir = accepted("corrupted", &sample::flawed());
    let path = dir.join(&names(&dir)[0]);
    let whole = fs::read_to_string(&path).unwrap();
    let cases = [
        (String::new(), "its first line is not ---"),
        (format!("<<<<<<< HEAD\n{whole}"), "its first line is not ---"),
        ("---\nsource: x\n".to_owned(), "no second line of --- ends its metadata"),
        ("---\nsource: \"\n---\nbody\n".to_owned(), "the lines between the dashes are no YAML"),
        ("---\ninfo: {x: .nan}\n---\nbody\n".to_owned(), "not a name and one plain or quoted value"),
        ("---\n.nan: x\n---\nbody\n".to_owned(), "not a name and one plain or quoted value"),
        ("---\ninfo: !!float \".nan\"\n---\nbody\n".to_owned(), "not a name and one plain or quoted value"),
        ("---\nsource: x\n---\nbody\n".to_owned(), "its info has no schema"),
        ("---\nsource: x\ninfo: .inf\n---\nbody\n".to_owned(), "a number that is none"),
        ("---\nsource: x\ninfo: 1e999999\nx:\n - .NaN\n---\nbody\n".to_owned(), "a number that is none"),
        (whole.replace("divergence/1", "divergence/9"), "its schema is passmuster.divergence/9"),
        (whole.replace("expression: ", "impression: "), "it has no expression"),
        (whole.replace("  kind: \"", "  kind: \"un"), "its info has an unknown variant `un"),
    ];
    for (text, expected) in cases {
        fs::write(&path, &text).unwrap();
        let message = Baseline::load(&dir).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(&path.display().to_string()), "{message}");
        assert!(message.contains("restore it from version control"), "{message}");
    }
}

#[test]
fn insta_itself_reads_and_accepts_what_is_written() {
    let mut record = sample::flawed();
    record.divergences[0].fingerprint.push_str("/\u{1b}[2J\u{9b}\u{e0041}/\n---\n");
    record.divergences[0].summary = "quotes \" and \\ and: colons # and \u{1b} escapes, 日本語".to_owned();
    let dir = accepted("insta", &record);
    let found = &record.divergences[0];
    let snapshot = insta::Snapshot::from_file(&dir.join(format!("{}.snap", found.id))).unwrap();
    assert_eq!(snapshot.metadata().expression(), Some(found.fingerprint.as_str()));
    assert_eq!(snapshot.metadata().description(), Some(found.summary.as_str()));
    assert_eq!(snapshot.snapshot_name(), Some(found.id.as_str()));

    // An assertion of insta that finds the file and holds the same text against it passes.
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(&dir);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(found.id.as_str(), body(found)));

    // `cargo insta accept` loads the pending file and saves it in its own spelling.
    snapshot.save(&dir.join(format!("{}.snap", found.id))).unwrap();
    let again = Baseline::load(&dir).unwrap();
    assert_eq!(again.disposition(found, &sample::flawed()), Disposition::Known);
    let reasons: Vec<_> = again.reviewed().map(|entry| entry.terms.reason.clone()).collect();
    assert!(reasons.iter().all(Option::is_some), "{reasons:?}");
}

#[test]
fn a_snapshot_is_the_same_in_every_run() {
    let dir = accepted("same", &sample::flawed());
    let found = sample::hub_off();
    let text = fs::read_to_string(dir.join(format!("{}.snap", found.id))).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("reviewed_divergence", text));
}

#[test]
fn each_ending_has_its_exit_code() {
    let ended = |change: fn(&mut RunRecord)| {
        let mut record = sample::clean();
        change(&mut record);
        Ending::of(&record, false)
    };
    let nothing_supported = |record: &mut RunRecord| {
        record.operations.iter_mut().for_each(|known| known.support = OperationSupport::Unsupported);
    };
    assert_eq!(ended(|_| {}), Ending::Clean);
    assert_eq!(ended(|record| record.divergences.push(sample::hub_off())), Ending::NewDivergence);
    assert_eq!(ended(|record| record.divergences.push(sample::suspicion())), Ending::Clean);
    assert_eq!(ended(|record| record.stopped = Some(Stopped::because("the time is up"))), Ending::Clean);
    assert_eq!(ended(|record| record.stopped = Some(Stopped::interrupted())), Ending::Interrupted);
    assert_eq!(ended(|record| record.stopped = Some(Stopped::target_lost("it is gone"))), Ending::NoVerdict);
    assert_eq!(ended(|record| record.totals.judged = 0), Ending::NoVerdict);
    assert_eq!(ended(nothing_supported), Ending::NothingChecked);
    assert_eq!(
        ended(|record| {
            record.operations.clear();
            record.totals.judged = 0;
        }),
        Ending::NothingChecked
    );
    let mut strict = sample::clean();
    strict.divergences.push(sample::suspicion());
    assert_eq!(Ending::of(&strict, true), Ending::NewDivergence);
    strict.divergences = vec![sample::note()];
    assert_eq!(Ending::of(&strict, true), Ending::Clean);
}

/// A run of malformed requests alone, which sent these classes on CreateMembers and found this.
fn fuzzed(classes: &[&str], found: &[DivergenceRecord]) -> RunRecord {
    let mut record = sample::clean();
    record.totals.scenarios = 0;
    record.rules.iter_mut().for_each(|rule| rule.status = RuleStatus::NotExercised);
    let not_sent = ["M143", "M145"].iter().filter(|class| !classes.contains(class));
    record.wire = WireRecord {
        profile: "union".to_owned(),
        requests: 9,
        operations: [CREATE.to_owned()].into(),
        not_sent: [("it was not asked for".to_owned(), not_sent.map(|class| (*class).to_owned()).collect())]
            .into(),
        ..WireRecord::default()
    };
    record.divergences = found.to_vec();
    record
}

const CREATE: &str = "CreateMembers";

/// A crash of an operation on broken JSON.
fn crash(operation: &str, classes: &[&str]) -> DivergenceRecord {
    let fingerprint = "wire D60 I03 crash".to_owned();
    let mut found = sample::hub_off();
    found.id = passmuster::domain::Fingerprint(fingerprint.clone()).id();
    (found.operation, found.fingerprint) = (operation.to_owned(), fingerprint);
    found.rules = ["I03", "D60"].iter().chain(classes).map(|rule| (*rule).to_owned()).collect();
    found.seen = classes.iter().map(|class| ((*class).to_owned(), [operation.to_owned()].into())).collect();
    found
}

fn resolved(dir: &Path, record: &RunRecord) -> Vec<String> {
    Baseline::load(dir)
        .unwrap()
        .resolved(record)
        .into_iter()
        .map(|reviewed| reviewed.fingerprint.clone())
        .collect()
}

#[test]
fn a_malformed_request_that_was_not_sent_resolves_nothing() {
    let dir = accepted("wire-resolved", &fuzzed(&["M143"], &[crash(CREATE, &["M143"])]));
    assert_eq!(resolved(&dir, &fuzzed(&["M143"], &[])), ["wire D60 I03 crash"]);
    assert_eq!(resolved(&dir, &fuzzed(&["M145"], &[])), [""; 0], "its class was left out");
    assert_eq!(resolved(&dir, &sample::clean()), [""; 0], "nothing malformed was sent");
    let mut elsewhere = fuzzed(&["M143"], &[]);
    elsewhere.wire.operations = ["GetMembers".to_owned()].into();
    assert_eq!(resolved(&dir, &elsewhere), [""; 0], "its operation was left out");
    let mut stopped = fuzzed(&["M143"], &[]);
    stopped.stopped = Some(Stopped::because("not all malformed requests were sent: the time ran out"));
    assert_eq!(resolved(&dir, &stopped), [""; 0], "it was stopped");
}

#[test]
fn a_random_composition_is_not_resolved_by_others() {
    let dir = accepted("wire-composed", &fuzzed(&["M143"], &[crash(CREATE, &["M143", "M092"])]));
    assert_eq!(resolved(&dir, &fuzzed(&["M143", "M092"], &[])), [""; 0]);
}

#[test]
fn malformed_requests_resolve_nothing_that_calls_showed() {
    let dir = accepted("wire-others", &sample::flawed());
    assert_eq!(resolved(&dir, &fuzzed(&["M143", "M145"], &[])), [""; 0]);
}

/// The finding, shown by other requests, too.
fn also(mut found: DivergenceRecord, places: &[(&str, &[&str])]) -> DivergenceRecord {
    for (class, operations) in places {
        let operations = operations.iter().map(|operation| (*operation).to_owned());
        found.seen.entry((*class).to_owned()).or_default().extend(operations);
    }
    found
}

#[test]
fn which_of_the_reviewed_malformed_requests_shows_it_first_is_no_change() {
    let wide = also(crash(CREATE, &["M143"]), &[("M145", &[CREATE, "GetMembers"])]);
    let dir = accepted("wire-known", &fuzzed(&["M143", "M145"], &[wide]));
    let mut again = crash("GetMembers", &["M145"]);
    again.summary = "GetMembers fails with 500".to_owned();
    let record = settled(&dir, fuzzed(&["M145"], &[again]), true);
    assert_eq!(record.divergences[0].disposition, Disposition::Known);
    assert_eq!((record.exit_code, record.remarks), (0, Vec::<String>::new()));
}

#[test]
fn a_class_or_an_operation_that_was_not_reviewed_is_new() {
    let dir = accepted("wire-other", &fuzzed(&["M143"], &[crash(CREATE, &["M143"])]));
    for (found, where_else) in [
        (crash(CREATE, &["M145"]), "M145 CreateMembers"),
        (crash("GetMembers", &["M143"]), "M143 GetMembers"),
        (also(crash(CREATE, &["M143"]), &[("M145", &[CREATE])]), "M145 CreateMembers"),
    ] {
        let record = settled(&dir, fuzzed(&["M143", "M145"], &[found]), false);
        assert_eq!(record.divergences[0].disposition, Disposition::New, "{where_else}");
        assert_eq!(record.exit_code, 1, "{where_else}");
        let says = |remark: &String| remark.ends_with(&format!("shows now, too: {where_else}"));
        assert!(record.remarks.iter().any(says), "{where_else}: {:?}", record.remarks);
    }
}

#[test]
fn what_is_accepted_later_is_added_to_what_was_accepted_before() {
    let dir = accepted("wire-added", &fuzzed(&["M143"], &[crash(CREATE, &["M143"])]));
    let mut baseline = Baseline::load(&dir).unwrap();
    let mut second = fuzzed(&["M145"], &[crash("GetMembers", &["M145"])]);
    baseline.settle(&mut second);
    baseline.write_pending(&second).unwrap();
    baseline.accept(&second.divergences[0].id, "so be it").unwrap();
    let both = also(crash(CREATE, &["M143"]), &[("M145", &["GetMembers"])]);
    let record = settled(&dir, fuzzed(&["M143", "M145"], &[both]), true);
    assert_eq!(record.divergences[0].disposition, Disposition::Known);
}

#[test]
fn a_snapshot_without_places_holds_for_the_request_that_it_shows() {
    let dir = accepted("wire-old", &fuzzed(&["M143"], &[crash(CREATE, &["M143"])]));
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let old: Vec<&str> = text.lines().filter(|line| !line.starts_with("  seen:")).collect();
        assert_eq!(old.len() + 1, text.lines().count());
        fs::write(&path, old.join("\n") + "\n").unwrap();
    }
    for (found, disposition) in
        [(crash(CREATE, &["M143"]), Disposition::Known), (crash(CREATE, &["M145"]), Disposition::New)]
    {
        assert_eq!(settled(&dir, fuzzed(&["M143"], &[found]), true).divergences[0].disposition, disposition);
    }
}
