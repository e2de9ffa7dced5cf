//! The `passmuster` command.

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
use std::io::{Write, stderr, stdin, stdout};
use std::path::PathBuf;
use std::process;

use clap::Parser;

use passmuster::domain::nearest;

pub(crate) use answers::answers;
pub(crate) use args::{
    AnswersArgs, BaselineArgs, CheckArgs, CheckFormat, Command, CorpusAction, ExplainArgs, Listing, MergeArgs,
    OutputArgs, PhaseName, PowerArgs, ReplayArgs, ReportArgs, ReviewArgs, RulesArgs, RunArgs, ServeArgs,
    SteeringArgs, TargetArgs,
};
pub(crate) use check::check;
pub(crate) use contract::{explain, rules};
pub(crate) use corpus::corpus;
pub(crate) use environment::{Environment, arguments};
pub(crate) use error::CliError;
pub(crate) use exit_code::ExitCode;
pub(crate) use fuzz::FuzzArgs;
pub(crate) use merge::merge;
pub(crate) use passmuster::engine::Interrupt;
pub(crate) use passmuster::report::terminal::Style;
pub(crate) use power::power;
pub(crate) use replay::replay;
pub(crate) use report::{report, summarise, write_reports};
pub(crate) use review::review;
pub(crate) use run::run;
pub(crate) use serve::serve;
pub(crate) use value::{Filter, ReportTo};

fn main() -> process::ExitCode {
    let environment = Environment::read();
    let style = environment.style();
    let ended = parse(arguments()).and_then(|command| dispatch(&command, &environment));
    let code = match ended {
        Ok(code) => code,
        Err(error) => {
            // With nowhere left to write to, the exit code has to speak for itself.
            let _ = error.write(&mut stderr().lock(), style);
            error.code()
        }
    };
    code.into()
}

fn dispatch(command: &Command, environment: &Environment) -> Result<ExitCode, CliError> {
    let style = environment.style();
    let mut out = stdout().lock();
    match command {
        Command::Run(args) => {
            let threads = args.steering.workers.map_or(2, usize::from);
            runtime(threads)?.block_on(async {
                let interrupt = listen();
                run(args, environment, &interrupt, &mut out, &mut stderr()).await
            })
        }
        Command::Fuzz(args) => {
            let threads = args.steering.workers.map_or(2, usize::from);
            runtime(threads)?.block_on(async {
                let interrupt = listen();
                run(&args.as_run(), environment, &interrupt, &mut out, &mut stderr()).await
            })
        }
        Command::Merge(args) => merge(args, environment, &mut out, &mut stderr()),
        Command::Serve(args) => runtime(2)?.block_on(async {
            let interrupt = listen();
            serve(args, &interrupt, &mut out).await
        }),
        Command::Replay(args) => runtime(1)?.block_on(replay(args, environment, &mut out)),
        Command::Check(args) => check(args, style, &mut out),
        Command::Review(args) => review(args, environment.interactive, style, &mut stdin().lock(), &mut out),
        Command::Rules(args) => rules(args, &mut out),
        Command::Explain(args) => explain(args, &mut out),
        Command::Report(args) => report(args, style, &mut out, &mut stderr().lock()),
        Command::Answers(args) => answers(args, &mut out),
        Command::Power(args) => {
            let threads = args.workers.map_or(usize::MAX, usize::from);
            runtime(threads)?.block_on(async {
                let interrupt = listen();
                power(args, environment, &interrupt, &mut out, &mut stderr()).await
            })
        }
        Command::Corpus(action) => corpus(action, &mut out),
        Command::Print(text) => {
            let written = out.write_all(text.as_bytes());
            written.map_err(|error| CliError::internal(format!("failed to write: {error}")))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, CliError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.clamp(1, cores.max(1)))
        .enable_all()
        .build()
        .map_err(|error| CliError::internal(format!("failed to start: {error}")))
}

/// Ctrl-C asks once for a partial report, and the second time ends the process.
fn listen() -> Interrupt {
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            if first {
                raised.raise();
            } else {
                process::exit(130);
            }
        }
    });
    interrupt
}

/// The name of the target that needs no address.
const EMBEDDED: &str = "embedded";

/// Reads a command line, the name of the program first.
///
/// # Errors
///
/// When it makes no sense: with what is wrong, and how to put it right.
fn parse<I>(args: I) -> Result<Command, CliError>
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
fn known_target(name: &str, names: impl FnOnce() -> Vec<String>) -> Result<(), CliError> {
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
fn baseline_folder(chosen: Option<&PathBuf>, target: &str) -> PathBuf {
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
#[path = "../../tests/sample/mod.rs"]
mod sample;
#[cfg(test)]
mod tests;
