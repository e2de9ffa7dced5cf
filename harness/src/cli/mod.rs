//! The command line: what was asked for, what the environment says, and how it ends.

mod answers;
mod args;
mod check;
mod conclude;
mod contract;
mod corpus;
mod environment;
mod error;
mod exit_code;
mod fuzz;
mod merge;
mod power;
mod protocol;
mod recorder;
mod replay;
mod report;
mod review;
mod run;
mod serve;
mod session;
mod shard;
mod value;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

use crate::domain::nearest;

pub use crate::engine::Interrupt;
pub use crate::report::terminal::Style;
pub use answers::answers;
pub use args::{
    AnswersArgs, BaselineArgs, CheckArgs, CheckFormat, Command, CorpusAction, ExplainArgs, Listing, MergeArgs,
    OutputArgs, PhaseName, PowerArgs, ReplayArgs, ReportArgs, ReviewArgs, RulesArgs, RunArgs, ServeArgs,
    SteeringArgs, TargetArgs,
};
pub use check::check;
pub use contract::{explain, rules};
pub use corpus::corpus;
pub use environment::{Environment, arguments};
pub use error::CliError;
pub use exit_code::ExitCode;
pub use fuzz::FuzzArgs;
pub use merge::merge;
pub use power::power;
pub use replay::replay;
pub use report::{report, summarise, write_reports};
pub use review::review;
pub use run::run;
pub use serve::serve;
pub use value::{Filter, ReportTo};

/// The name of the target that needs no address.
pub const EMBEDDED: &str = "embedded";

/// Reads a command line, the name of the program first.
///
/// # Errors
///
/// When it makes no sense: with what is wrong, and how to put it right.
pub fn parse<I>(args: I) -> Result<Command, CliError>
where
    I: IntoIterator<Item = OsString>,
{
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args.len() <= 1 {
        args = vec!["passmuster".into(), "run".into()];
    }
    let command = match args::Cli::try_parse_from(args) {
        Ok(cli) => Command::from(cli.command),
        Err(error) if error.use_stderr() => return Err(CliError::from(&error)),
        Err(asked) => return Ok(Command::Print(asked.render().to_string())),
    };
    match &command {
        Command::Run(run) => {
            check_target(&run.target)?;
            shard::check(run)?;
        }
        Command::Replay(replay) => check_target(&replay.target)?,
        Command::Fuzz(fuzz) => check_target(&fuzz.target)?,
        Command::Merge(_)
        | Command::Serve(_)
        | Command::Check(_)
        | Command::Review(_)
        | Command::Rules(_)
        | Command::Explain(_)
        | Command::Report(_)
        | Command::Answers(_)
        | Command::Power(_)
        | Command::Corpus(_)
        | Command::Print(_) => {}
    }
    Ok(command)
}

/// Holds the name of a target against those there are.
///
/// # Errors
///
/// When there is none of that name: with the nearest, or all of them.
pub fn known_target(name: &str, names: impl FnOnce() -> Vec<String>) -> Result<(), CliError> {
    let names = names();
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let fix = match nearest(name, names.iter().copied()) {
        Some(nearest) => format!("did you mean {nearest}? if it is a server of your own: --endpoint URL"),
        None => format!("choose from {}, or give its address with --endpoint URL", names.join(", ")),
    };
    Err(CliError::usage(format!("no target is called {name:?}"), fix))
}

/// The folder of a target's reviewed divergences.
#[must_use]
pub fn baseline_folder(chosen: Option<&PathBuf>, target: &str) -> PathBuf {
    // A target's name may come from a file of somebody else: it must not lead out of the folder.
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    chosen.cloned().unwrap_or_else(|| {
        PathBuf::from("snapshots").join("targets").join(target.chars().map(safe).collect::<String>())
    })
}

/// Things that each flag admits but that make no sense together.
fn check_target(target: &TargetArgs) -> Result<(), CliError> {
    let embedded = target.name() == EMBEDDED;
    if !target.faults.is_empty() && !embedded {
        let message = format!("--fault works on the embedded server only, not on target {:?}", target.name());
        return Err(CliError::usage(message, "leave out --target and --endpoint, or leave out --fault"));
    }
    if embedded && target.endpoint.is_some() {
        let fix = "leave out --target, or leave out --endpoint";
        return Err(CliError::usage("the embedded server has no address", fix));
    }
    if embedded && target.spawn.is_some() {
        let fix = "say what the line starts: --target NAME, or --endpoint URL";
        return Err(CliError::usage("--spawn without a target", fix));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
