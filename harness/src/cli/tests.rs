use super::*;
use crate::target::AccountSelection;
use std::time::Duration;

fn command(line: &str) -> Result<Command, CliError> {
    parse(std::iter::once("passmuster").chain(line.split_whitespace()).map(OsString::from))
}

fn run(line: &str) -> Box<RunArgs> {
    match command(line).unwrap() {
        Command::Run(run) => run,
        other => panic!("not a run: {other:?}"),
    }
}

#[track_caller]
fn refused(line: &str, message: &str, hint: &str) {
    let error = command(line).unwrap_err();
    assert_eq!(error.code().code(), 2);
    assert_eq!((error.message(), error.hint().unwrap_or_default()), (message, hint));
}

#[test]
fn no_arguments_at_all_run_the_embedded_server() {
    assert_eq!(run("").target.name(), "embedded");
    assert!(matches!(parse([]), Ok(Command::Run(_))));
}

#[test]
fn every_flag_of_run_is_understood() {
    let run = run("run --target moto --endpoint http://127.0.0.1:5000 --account-header X-Account-Id \
                   --region us-east-1 --region eu-west-1 --reset POST/x --phases probe,walk --seed 7");
    drop(run);
}

#[test]
fn an_unknown_flag_gets_the_nearest_match() {
    refused("run --traget moto", "unexpected argument '--traget' found", "a similar argument exists: '--target'");
}
