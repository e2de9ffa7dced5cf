//! The `passmuster` program: reads the command line, and hands each command to the file of its name.

mod absent;
mod answers;
mod args;
mod cast;
mod chain;
mod check;
mod cleanup;
mod command;
mod conclude;
mod config;
mod corpus;
mod demo;
mod doctor;
mod environment;
mod error;
mod events;
mod exit_code;
mod explain;
mod files;
mod fuzz;
mod github;
mod keys;
mod merge;
mod open_target;
mod output;
mod power;
mod ready;
mod recorder;
mod replay;
mod report;
mod review;
mod rules;
mod run;
mod schema;
mod serve;
mod shard;
mod shell;
mod signals;
mod signing;
mod target;
mod value;
mod what_if;
mod workflow;

use std::io::{Write, stderr, stdin, stdout};
use std::process;

use command::Command;
use environment::Environment;
use error::CliError;
use exit_code::ExitCode;
use output::Output;
use signals::listen;

fn main() -> process::ExitCode {
    let environment = Environment::read();
    let style = environment.error.style();
    if let Some((name, near)) = command::misspelt(environment::variables()) {
        // What follows must not depend on whether anybody can read this.
        let _ = writeln!(stderr(), "note: no flag reads {name}; did you mean {near}?");
    }
    let ended = command::parse(environment::arguments()).and_then(|command| dispatch(&command, &environment));
    let code = match ended {
        Ok(code) => code,
        Err(error) => {
            // With nowhere left to write to, the exit code has to speak for itself.
            let _ = error.write(&mut Output::guarded(stderr().lock(), environment.github), style);
            error.code()
        }
    };
    code.into()
}

fn dispatch(command: &Command, environment: &Environment) -> Result<ExitCode, CliError> {
    let style = environment.output.style();
    let (mut out, mut err) =
        (Output::guarded(stdout().lock(), environment.github), Output::guarded(stderr(), environment.github));
    match command {
        Command::Run(args) => runtime(args.steering.threads())?.block_on(async {
            let interrupt = listen();
            run::run(args, environment, &interrupt, &mut out, &mut err).await
        }),
        Command::Fuzz(args) => runtime(args.steering.threads())?.block_on(async {
            let interrupt = listen();
            run::run(&args.as_run(), environment, &interrupt, &mut out, &mut err).await
        }),
        Command::Demo(args) => runtime(2)?.block_on(async {
            let interrupt = listen();
            demo::demo(args, environment, &interrupt, &mut out, &mut err).await
        }),
        Command::Merge(args) => merge::merge(args, environment, &mut out, &mut err),
        Command::Serve(args) => runtime(2)?.block_on(async {
            let interrupt = listen();
            serve::serve(args, &interrupt, &mut out).await
        }),
        Command::Replay(args) => runtime(1)?.block_on(async {
            let interrupt = listen();
            replay::replay(args, environment, &interrupt, &mut out, &mut err).await
        }),
        Command::Doctor(args) => runtime(1)?.block_on(async {
            let interrupt = listen();
            doctor::doctor(args, environment, &interrupt, &mut out).await
        }),
        Command::Cleanup(args) => {
            runtime(1)?.block_on(async { cleanup::cleanup(args, environment, &mut out).await })
        }
        Command::Check(args) => check::check(args, style, &mut out),
        Command::Review(args) => {
            review::review(args, environment.interactive, style, &mut stdin().lock(), &mut out)
        }
        Command::Rules(args) => rules::rules(args, &mut out),
        Command::Explain(args) => explain::explain(args, &mut out),
        Command::Report(args) => report::report(args, environment, &mut out, &mut err),
        Command::Config(action) => config::config(action, &command::program(), &mut out),
        Command::Completions(args) => shell::completions(args, &command::program(), &mut out),
        Command::Man(args) => shell::man(args, &command::program(), &mut out),
        Command::Schema(args) => schema::schema(args, &mut out),
        Command::WhatIf(args) => what_if::what_if(args, &mut out),
        Command::Answers(args) => answers::answers(args, &mut out),
        Command::Power(args) => {
            let threads = args.workers.map_or(usize::MAX, usize::from);
            runtime(threads)?.block_on(async {
                let interrupt = listen();
                power::power(args, environment, &interrupt, &mut out, &mut err).await
            })
        }
        Command::Corpus(action) => corpus::corpus(action, &mut out),
        Command::Print(text) => {
            out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
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

#[cfg(test)]
#[path = "../../tests/sample/mod.rs"]
mod sample;
#[cfg(test)]
mod tests;
