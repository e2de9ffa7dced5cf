//! The `passmuster` command.

use std::io::{Write, stderr, stdin, stdout};
use std::process;

use passmuster::cli::{self, CliError, Command, Environment, ExitCode, Interrupt};

fn main() -> process::ExitCode {
    let environment = Environment::read();
    let style = environment.style();
    let ended = cli::parse(cli::arguments()).and_then(|command| dispatch(&command, &environment));
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
                cli::run(args, environment, &interrupt, &mut out, &mut stderr()).await
            })
        }
        Command::Fuzz(args) => {
            let threads = args.steering.workers.map_or(2, usize::from);
            runtime(threads)?.block_on(async {
                let interrupt = listen();
                cli::run(&args.as_run(), environment, &interrupt, &mut out, &mut stderr()).await
            })
        }
        Command::Merge(args) => cli::merge(args, environment, &mut out, &mut stderr()),
        Command::Serve(args) => runtime(2)?.block_on(async {
            let interrupt = listen();
            cli::serve(args, &interrupt, &mut out).await
        }),
        Command::Replay(args) => runtime(1)?.block_on(cli::replay(args, environment, &mut out)),
        Command::Check(args) => cli::check(args, style, &mut out),
        Command::Review(args) => cli::review(args, environment.interactive, style, &mut stdin().lock(), &mut out),
        Command::Rules(args) => cli::rules(args, &mut out),
        Command::Explain(args) => cli::explain(args, &mut out),
        Command::Report(args) => cli::report(args, style, &mut out, &mut stderr().lock()),
        Command::Answers(args) => cli::answers(args, &mut out),
        Command::Power(args) => {
            let threads = args.workers.map_or(usize::MAX, usize::from);
            runtime(threads)?.block_on(async {
                let interrupt = listen();
                cli::power(args, environment, &interrupt, &mut out, &mut stderr()).await
            })
        }
        Command::Corpus(action) => cli::corpus(action, &mut out),
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
