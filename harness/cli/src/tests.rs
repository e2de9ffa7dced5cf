//! Command lines, and the arguments or errors that they are read as.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::CliError;
use super::args::{OutputFormat, baseline_folder};
use super::command::{Command, parse};
use super::run::RunArgs;
use super::value::ReportTo;
use passmuster::domain::Profile;
use passmuster::engine::{Phase, Shard};
use passmuster::oracle::Strictness;
use passmuster::report::terminal::TerminalStyle;
use passmuster::server::{AnyFault, Fault};
use passmuster::targets::AccountSelection;

fn parsed(words: &[&str]) -> Result<Command, CliError> {
    parse(std::iter::once("passmuster").chain(words.iter().copied()).map(OsString::from))
}

fn run(words: &[&str]) -> Box<RunArgs> {
    match parsed(words).unwrap() {
        Command::Run(run) => run,
        other => panic!("not a run: {other:?}"),
    }
}

#[track_caller]
fn refused(words: &[&str], message: &str, hint: &str) {
    let error = parsed(words).unwrap_err();
    assert_eq!(error.code().code(), 2);
    assert_eq!((&*error.message, error.hint.as_deref().unwrap_or_default()), (message, hint));
}

#[test]
fn no_arguments_at_all_run_the_embedded_server() {
    assert_eq!(run(&[]).target.name(), "embedded");
    assert!(matches!(parse([]), Ok(Command::Run(_))));
}

#[test]
fn the_target_is_described_by_flags() {
    let target = run(&[
        "run",
        "--target",
        "moto",
        "--endpoint",
        "http://127.0.0.1:5000",
        "--account-header",
        "X-Account-Id",
        "--region",
        "us-east-1",
        "--region",
        "eu-west-1",
        "--spawn",
        "moto_server -p {port}",
        "--reset",
        "POST /reset",
        "--ca",
        "ca.pem",
    ])
    .target;
    assert_eq!(target.name(), "moto");
    assert_eq!(target.selection(), Some(AccountSelection::Header("x-account-id".to_owned())));
    assert_eq!(target.regions, ["us-east-1", "eu-west-1"]);
    assert_eq!(target.reset.map(|reset| reset.path).as_deref(), Some("/reset"));
}

#[test]
fn a_run_is_steered_by_flags() {
    let run = run(&[
        "run",
        "--phases",
        "probe,walk",
        "--seed",
        "7",
        "--max-time",
        "1m30s",
        "--max-calls",
        "1000",
        "--max-findings",
        "3",
        "--workers",
        "4",
        "--only",
        "CreateMembers,hub",
        "--skip",
        "SH-CREATE-005",
        "--strictness",
        "message",
        "--answers",
        "moto.toml",
        "--list",
        "--fault",
        "create-hub-off",
        "--fault",
        "wire-null-accepted",
    ]);
    assert_eq!(run.phases, [Phase::Probe, Phase::Walk]);
    assert_eq!(
        (run.steering.seed, run.max_calls, run.max_findings, run.steering.workers),
        (Some(7), Some(1000), Some(3), Some(4))
    );
    assert_eq!(run.steering.max_time, Some(Duration::from_secs(90)));
    assert_eq!((run.steering.only.len(), run.steering.skip.len()), (2, 1));
    assert_eq!(run.strictness, Some(Strictness::Message));
    assert_eq!(
        run.target.faults,
        ["create-hub-off", "wire-null-accepted"].map(|name| AnyFault::from_name(name).unwrap())
    );
    assert!(run.list);
}

#[test]
fn reports_go_to_files_or_to_standard_output() {
    let reports = run(&["run", "--report", "json=out/run.json", "--report", "markdown", "-q"]).output;
    let expected = [
        ReportTo { format: "json", path: Some("out/run.json".into()) },
        ReportTo { format: "markdown", path: None },
    ];
    assert_eq!(reports.reports, expected);
    assert!(reports.quiet);
}

#[test]
fn pending_snapshots_are_written_unless_this_is_a_build_server() {
    let writes = |words: &[&str], ci| run(words).baseline.writes(ci);
    assert!(writes(&["run"], false));
    assert!(!writes(&["run"], true));
    assert!(writes(&["run", "--snapshots"], true));
    assert!(!writes(&["run", "--no-snapshots"], false));
}

#[test]
fn the_other_commands_are_understood() {
    assert!(matches!(parsed(&["serve", "--port", "4567", "--latency", "20ms"]), Ok(Command::Serve(_))));
    assert!(matches!(parsed(&["replay", "D-1a2b3c4d", "--target", "moto"]), Ok(Command::Replay(_))));
    for flag in ["--report=json", "--quiet", "--snapshots", "--strict", "--profile=aws"] {
        assert!(parsed(&["replay", "D-1a2b3c4d", flag]).is_err(), "{flag} would do nothing");
    }
    assert!(matches!(parsed(&["rules", "--open"]), Ok(Command::Rules(_))));
    assert!(matches!(parsed(&["explain", "SH-CREATE-005"]), Ok(Command::Explain(_))));
    assert!(matches!(parsed(&["report", "run.json", "--report", "markdown"]), Ok(Command::Report(_))));
    assert!(matches!(parsed(&["review", "--accept", "D-1", "--reason", "by design"]), Ok(Command::Review(_))));
}

#[test]
fn the_power_of_the_harness_is_measured_over_all_faults_unless_some_are_named() {
    let power = |words: &[&str]| match parsed(words).unwrap() {
        Command::Power(power) => power,
        other => panic!("not a measurement: {other:?}"),
    };
    let all = power(&["power"]);
    assert!(all.faults.is_empty() && all.phases.is_empty());
    assert_eq!((all.pairs, all.format), (100, OutputFormat::Text));
    let some = power(&[
        "power",
        "--fault",
        "create-self",
        "--pairs",
        "0",
        "--phases",
        "probe",
        "--seed",
        "7",
        "--workers",
        "2",
        "--max-calls",
        "9",
        "--format",
        "json",
    ]);
    assert_eq!((some.faults.as_slice(), some.pairs), ([fault("create-self")].as_slice(), 0));
    assert_eq!((some.seed, some.workers, some.max_calls), (Some(7), Some(2), Some(9)));
    assert_eq!((some.phases.as_slice(), some.format), ([Phase::Probe].as_slice(), OutputFormat::Json));
    refused(
        &["power", "--max-calls", "0"],
        "invalid value '0' for '--max-calls <N>': 0 is not in 1..18446744073709551615",
        "`passmuster --help` shows what there is",
    );
}

#[test]
fn help_and_version_are_no_errors() {
    for words in [&["--help"][..], &["--version"], &["run", "--help"]] {
        assert!(matches!(parsed(words), Ok(Command::Print(_))), "{words:?}");
    }
}

#[test]
fn an_unknown_flag_gets_the_nearest_match() {
    refused(
        &["run", "--traget", "moto"],
        "unexpected argument '--traget' found",
        "a similar argument exists: '--target'",
    );
}

#[test]
fn an_unknown_command_gets_the_nearest_match() {
    refused(&["reviw"], "unrecognized subcommand 'reviw'", "a similar subcommand exists: 'review'");
}

#[test]
fn a_bad_duration_is_told_how_to_write_one() {
    refused(
        &["run", "--max-time", "60"],
        "invalid value '60' for '--max-time <TIME>': not a duration",
        "write a number and its unit, such as 500ms, 60s, 2m or 1h",
    );
}

#[test]
fn an_unknown_phase_is_told_which_there_are() {
    refused(
        &["run", "--phases", "zzz"],
        "invalid value 'zzz' for '--phases <PHASE,…>': no phase is called \"zzz\"",
        "choose from probe, boundary, laws, walk, random, malformed",
    );
    refused(
        &["power", "--phases", "randm"],
        "invalid value 'randm' for '--phases <PHASE,…>': no phase is called \"randm\"",
        "did you mean random?",
    );
}

#[test]
fn the_server_is_described_by_flags() {
    let words =
        ["serve", "--profile", "aws", "--verify-signatures", "--secret-key", "s", "--fault", "wire-any-path"];
    let Ok(Command::Serve(args)) = parsed(&words) else { panic!("no serve") };
    assert_eq!((args.profile, args.secret_key.as_str(), args.verify_signatures), (Profile::Aws, "s", true));
    assert_eq!(args.faults, [AnyFault::from_name("wire-any-path").unwrap()]);
    let Ok(Command::Serve(args)) = parsed(&["serve"]) else { panic!("no serve") };
    assert_eq!((args.profile, args.secret_key.as_str(), args.verify_signatures), (Profile::Union, "test", false));
    assert!(parsed(&["serve", "--secret-key", "s"]).is_err(), "a secret that nobody asks for");
    refused(
        &["serve", "--profile", "azure"],
        "invalid value 'azure' for '--profile <PROFILE>': no profile is called \"azure\"",
        "choose from smithy, aws and union",
    );
}

#[test]
fn an_unknown_fault_or_format_gets_the_nearest_match() {
    refused(
        &["run", "--fault", "create-hub-of"],
        "invalid value 'create-hub-of' for '--fault <ID>': no fault is called so",
        "did you mean create-hub-off?",
    );
    refused(
        &["run", "--report", "jsn"],
        "invalid value 'jsn' for '--report <FORMAT[=PATH]>': no report format is called \"jsn\"",
        "did you mean json?",
    );
}

#[test]
fn flags_that_make_no_sense_together_are_refused() {
    refused(
        &["run", "--target", "moto", "--fault", "create-self"],
        "--fault works on the embedded server only, not on target \"moto\"",
        "leave out --target and --endpoint, or leave out --fault",
    );
    for flags in [["--ca", "ca.pem"], ["--account-header", "x-account-id"], ["--spawn", "server {port}"]] {
        let fix = "say what it is for: --target NAME, or --endpoint URL";
        refused(&[&["run"], &flags[..]].concat(), &format!("{} without a target", flags[0]), fix);
    }
    let error = parsed(&["review", "--accept", "D-1"]).unwrap_err();
    assert!(error.message.contains("--reason"), "{error}");
    let error = parsed(&["run", "--accounts", "single", "--account-header", "x"]).unwrap_err();
    assert!(error.message.contains("cannot be used with"), "{error}");
}

#[test]
fn a_run_is_split_into_shards_that_are_merged() {
    assert_eq!(run(&["run", "--shard", "2/3"]).shard, Some(Shard { index: 2, of: 3 }));
    assert_eq!(run(&["run"]).shard, None);
    let Ok(Command::Merge(merge)) = parsed(&["merge", "1.json", "2.json", "--strict", "--report", "markdown"])
    else {
        panic!("not a merge")
    };
    assert_eq!((merge.shards.len(), merge.baseline.strict, merge.output.reports.len()), (2, true, 1));
    assert!(parsed(&["merge"]).is_err());
}

#[test]
fn a_shard_is_refused_what_hangs_on_the_other_shards() {
    refused(
        &["run", "--shard", "4/3"],
        "invalid value '4/3' for '--shard <I/N>': there is no such shard",
        "number them from 1/3 to 3/3",
    );
    refused(
        &["run", "--shard", "1/3", "--max-findings", "5"],
        "--max-findings can't be done by one shard of a run: it does not see what the others find",
        "leave out --max-findings, or leave out --shard",
    );
    refused(
        &["run", "--shard", "1/3", "--learn", "moto.toml"],
        "--learn can't be done by one shard of a run: it does not see what the others are answered",
        "leave out --learn, or leave out --shard",
    );
}

#[test]
fn a_phase_target_or_option_that_there_is_not_yet_says_so_and_names_the_nearest() {
    refused(
        &["run", "--phases", "probe,replay"],
        "invalid value 'replay' for '--phases <PHASE,…>': this version has no phase replay",
        "saved scenarios have a command of their own: `passmuster replay FILE`",
    );
    refused(
        &["run", "--phases", "concurrent"],
        "invalid value 'concurrent' for '--phases <PHASE,…>': this version has no phase concurrent: the calls of one \
         scenario never overlap",
        "the nearest is the phase random",
    );
}

#[test]
fn what_belongs_to_allowed_accounts_makes_no_sense_without_them() {
    refused(
        &["run", "--allow-accounts", "111122223333"],
        "--allow-accounts without a target",
        "say what it is for: --target NAME, or --endpoint URL",
    );
    refused(
        &["run", "--target", "aws", "--accounts", "profiles=a,b"],
        "--accounts profiles=… without the accounts that they belong to",
        "name them in the same order: --allow-accounts ID,ID",
    );
    refused(
        &["run", "--target", "aws", "--accounts", "assume-role=arn:aws:iam::{account}:role/a"],
        "--accounts assume-role=… without the accounts that it is in",
        "name them in the same order: --allow-accounts ID,ID",
    );
    for flag in ["--dry-run", "--journal=j"] {
        let words = ["passmuster", "run", "--target", "aws", flag].map(Into::into);
        assert!(parse(words).unwrap_err().message.contains("--allow-accounts"), "{flag}");
    }
}

#[test]
fn an_unknown_target_is_told_which_there_are() {
    let resolved = |words: &[&str]| run(words).target.resolve();
    assert_eq!(resolved(&["run", "--target", "moto"]).unwrap().name, "moto");
    let error = resolved(&["run", "--target", "kubernetes"]).unwrap_err();
    assert_eq!(error.message, "no target is called \"kubernetes\"");
    let hint = "choose from embedded, moto, localstack, ministack, floci, robotocore, localemu, prism, aws, or give its address with --endpoint URL";
    assert_eq!(error.hint.as_deref(), Some(hint));
    let error = resolved(&["run", "--target", "motto"]).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean moto? if it is a server of your own: --endpoint URL"));
    let mine = resolved(&["run", "--target", "mine", "--endpoint", "http://127.0.0.1:5000"]).unwrap();
    assert_eq!((mine.name.as_str(), mine.endpoint.as_deref()), ("mine", Some("http://127.0.0.1:5000")));
}

#[test]
fn the_name_of_a_target_never_leads_out_of_the_folder_of_snapshots() {
    assert_eq!(baseline_folder(None, "moto"), PathBuf::from("snapshots/targets/moto"));
    assert_eq!(baseline_folder(None, "../../etc"), PathBuf::from("snapshots/targets/______etc"));
    assert_eq!(baseline_folder(Some(Path::new("here")), "moto"), PathBuf::from("here"));
}

#[test]
fn an_error_shows_its_fix_below_it() {
    let mut out = Vec::new();
    CliError::usage("no such\u{1b} thing", "take another").write(&mut out, TerminalStyle::PLAIN).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "error: no such\\u001b thing\n hint: take another\n");
}

fn fault(name: &str) -> Fault {
    Fault::from_name(name).unwrap()
}
