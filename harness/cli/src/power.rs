//! `power`: measures how well the harness finds the faults of the reference server.

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;

use super::args::OutputFormat;
use super::run::CALLS_IN_PROCESS;
use super::{CliError, Environment, ExitCode, value};
use passmuster::baseline::Ending;
use passmuster::engine::{Interrupt, Phase, PowerSettings, RunSettings, measure};
use passmuster::record::PowerRecord;
use passmuster::report::terminal;
use passmuster::server::Fault;

/// A guard against a run that hangs; what ends a run is its budget of calls.
const MOST_TIME: Duration = Duration::from_secs(600);
/// The pause between two lines of progress.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// `power`: how well the faults of the reference server are found.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PowerArgs {
    /// Measure this fault; `serve --list-faults` lists them [default: all]
    #[arg(long = "fault", value_name = "ID", value_parser = value::fault)]
    pub(crate) faults: Vec<Fault>,
    /// Measure this many pairs of the faults, too
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) pairs: usize,
    /// The seed of every run, and of the choice of pairs
    #[arg(long, value_name = "N", env = "PASSMUSTER_SEED")]
    pub(crate) seed: Option<u64>,
    /// Stop each run after this many calls [default: 130000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), env = "PASSMUSTER_MAX_CALLS")]
    pub(crate) max_calls: Option<u64>,
    /// The number of runs at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), env = "PASSMUSTER_WORKERS")]
    pub(crate) workers: Option<u16>,
    #[arg(long, value_name = "PHASE,…", value_delimiter = ',', value_parser = value::phase, help = value::help_on_phases())]
    pub(crate) phases: Vec<Phase>,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    /// Print no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// Does `power`. The result goes to `out`, the progress to `chat`.
///
/// # Errors
///
/// When the result can't be written.
pub(crate) async fn power(
    args: &PowerArgs,
    environment: &Environment,
    interrupt: &Interrupt,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Result<ExitCode, CliError> {
    let settings = settings(args);
    let began = Instant::now();
    let mut told = began;
    let tell = |done: usize, of: usize| {
        if !args.quiet && told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            // A closed terminal is no reason to stop.
            let _ = writeln!(chat, "power: {done} of {of} runs, {:.0} s", began.elapsed().as_secs_f64());
        }
    };
    let mut record = measure(&settings, interrupt, tell).await;
    let ending = ending(&record);
    record.exit_code = ending.code();
    let written = match args.format {
        OutputFormat::Text => terminal::power(&record, meaning(ending), environment.output.style(), out),
        OutputFormat::Json => serde_json::to_writer_pretty(&mut *out, &record)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
    };
    written.map_err(CliError::unwritable)?;
    Ok(ExitCode::Run(ending))
}

fn settings(args: &PowerArgs) -> PowerSettings {
    let mut faults = if args.faults.is_empty() { Fault::all().to_vec() } else { args.faults.clone() };
    // A fault that is named twice is measured once, in the place of the catalogue.
    faults.sort_by_key(|fault| Fault::all().iter().position(|known| known == fault));
    faults.dedup();
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    PowerSettings {
        faults,
        pairs: args.pairs,
        workers: args.workers.map_or_else(cores, usize::from),
        run: RunSettings {
            seed: args.seed.unwrap_or(1),
            phases: value::phases_or_default(&args.phases),
            max_calls: args.max_calls.unwrap_or(CALLS_IN_PROCESS),
            max_time: MOST_TIME,
            ..RunSettings::default()
        },
    }
}

/// A fault that survives fails; blame on another rule doesn't, for somebody is told.
fn ending(record: &PowerRecord) -> Ending {
    if record.interrupted {
        Ending::Interrupted
    } else if record.totals.faults == 0 {
        Ending::NothingChecked
    } else if record.totals.killed < record.totals.faults {
        Ending::NewDivergence
    } else {
        Ending::Clean
    }
}

/// The meaning of the exit code after a measurement.
const fn meaning(ending: Ending) -> &'static str {
    match ending {
        Ending::Clean => "no fault survived",
        Ending::NewDivergence => "a fault survived",
        Ending::NothingChecked => "nothing was measured",
        _ => ending.meaning(),
    }
}
