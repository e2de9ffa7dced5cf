//! The commands, as clap reads them from a command line.

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use super::answers::AnswersArgs;
use super::check::CheckArgs;
use super::cleanup::CleanupArgs;
use super::config::{self, CommandLine, ConfigAction};
use super::corpus::CorpusAction;
use super::demo::DemoArgs;
use super::doctor::DoctorArgs;
use super::explain::ExplainArgs;
use super::fuzz::FuzzArgs;
use super::merge::MergeArgs;
use super::power::PowerArgs;
use super::replay::ReplayArgs;
use super::report::ReportArgs;
use super::review::ReviewArgs;
use super::rules::RulesArgs;
use super::run::RunArgs;
use super::schema::SchemaArgs;
use super::serve::ServeArgs;
use super::shell::{CompletionsArgs, ManArgs};
use super::what_if::WhatIfArgs;
use super::{CliError, shard};
use passmuster::domain::nearest;

/// Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.
#[derive(Debug, Parser)]
#[command(name = "passmuster", version, disable_help_subcommand = true)]
#[command(
    after_help = "Without any arguments, `run` is done against the embedded reference server. `demo` shows what it finds."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One command with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test a target against the contract
    Run(Box<RunArgs>),
    /// Show what a run finds, on the reference server with three faults
    Demo(DemoArgs),
    /// Put the reports of all shards of a run together
    Merge(MergeArgs),
    /// Serve the reference implementation over HTTP, as a stateful mock
    Serve(ServeArgs),
    /// Run saved scenarios or recorded divergences again
    Replay(Box<ReplayArgs>),
    /// Look at each property of a target that a run depends on, and say what to change
    Doctor(Box<DoctorArgs>),
    /// Bring back the accounts that a run has left as they were, by its journal
    Cleanup(CleanupArgs),
    /// Hold recorded conversations against the contract, without any target
    Check(CheckArgs),
    /// Accept or reject pending divergences
    Review(ReviewArgs),
    /// List the rules with grade and sources
    Rules(RulesArgs),
    /// Explain one rule, divergence, cause, open question, point of the protocol or lint
    Explain(ExplainArgs),
    /// Render a recorded run into other formats
    Report(ReportArgs),
    /// Show what the configuration file and the environment say
    #[command(subcommand)]
    Config(ConfigAction),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print a page of the manual
    Man(ManArgs),
    /// Print the JSON schema of a report
    Schema(SchemaArgs),
    /// Say which findings remain where a cause is mended
    WhatIf(WhatIfArgs),
    /// Show how a target answers the open questions, or where two differ
    Answers(AnswersArgs),
    /// Measure how well the faults of the reference server are found
    Power(Box<PowerArgs>),
    /// Send malformed requests to a target
    #[command(visible_alias = "malformed")]
    Fuzz(Box<FuzzArgs>),
    /// Write the corpus of requests for other fuzzers
    #[command(subcommand)]
    Corpus(CorpusAction),
    /// Write this text to standard output: the help or the version that was asked for.
    #[command(skip)]
    Print(String),
}

/// The program with its commands and flags.
pub(crate) fn program() -> clap::Command {
    Cli::command()
}

/// The first of these variables that looks like one of the program's and is none, with the one that it is near.
pub(crate) fn misspelt(variables: impl IntoIterator<Item = String>) -> Option<(String, String)> {
    let mut own = variables.into_iter().filter(|name| name.starts_with("PASSMUSTER_")).peekable();
    own.peek()?;
    let program = program();
    let arguments = program.get_subcommands().flat_map(clap::Command::get_arguments);
    let known: Vec<&str> = arguments.filter_map(|argument| argument.get_env()?.to_str()).collect();
    own.filter(|name| !known.contains(&name.as_str())).find_map(|name| {
        nearest(&name, known.iter().copied()).map(|near| near.to_owned()).map(|near| (name, near))
    })
}

/// Reads a command line, the name of the program first.
///
/// # Errors
///
/// When it makes no sense: with what is wrong, and how to put it right.
pub(crate) fn parse<I>(args: I) -> Result<Command, CliError>
where
    I: IntoIterator<Item = OsString>,
{
    let mut args: Vec<OsString> = args.into_iter().collect();
    let bare = args.len() <= 1;
    if bare {
        args = vec!["passmuster".into(), "run".into()];
    }
    let CommandLine { args, file } = config::configured(&program(), args)?;
    let bare = bare && file.is_none();
    let mut command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(error) if error.use_stderr() => return Err(CliError::from(&error).of_file(file.as_deref())),
        Err(asked) => return Ok(Command::Print(asked.render().to_string())),
    };
    match &mut command {
        Command::Run(run) => {
            run.bare = bare;
            run.target.check()?;
            shard::check(run)?;
        }
        Command::Replay(replay) => replay.target.check()?,
        Command::Fuzz(fuzz) => fuzz.target.check()?,
        Command::Doctor(doctor) => doctor.target.check()?,
        Command::Cleanup(_)
        | Command::Demo(_)
        | Command::Merge(_)
        | Command::Serve(_)
        | Command::Check(_)
        | Command::Review(_)
        | Command::Rules(_)
        | Command::Explain(_)
        | Command::Report(_)
        | Command::Config(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Schema(_)
        | Command::WhatIf(_)
        | Command::Answers(_)
        | Command::Power(_)
        | Command::Corpus(_)
        | Command::Print(_) => {}
    }
    Ok(command)
}
