//! `merge`: puts the report of a run together from those of its shards. It sends no call.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::args::{BaselineArgs, OutputArgs};
use super::conclude::Asked;
use super::config::ConfigArgs;
use super::report::{check_reports, failed};
use super::{CliError, Environment, ExitCode};
use passmuster::baseline::Baseline;
use passmuster::{record, report};

/// `merge`: the report of a run from those of its shards.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct MergeArgs {
    /// The report of each shard, as `run --shard I/N --report json=FILE` wrote it
    #[arg(required = true, value_name = "SHARD.json")]
    pub(crate) shards: Vec<PathBuf>,
    /// The reviewed divergences.
    #[command(flatten)]
    pub(crate) baseline: BaselineArgs,
    /// The reports.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// The configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Does `merge`. What was asked for goes to `out`, the rest to `chat`.
///
/// # Errors
///
/// When the reports can't be read or are not the shards of one run, or the results can't be written.
pub(crate) fn merge(
    args: &MergeArgs,
    environment: &Environment,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Result<ExitCode, CliError> {
    check_reports(&args.output.reports)?;
    let read = |path: &PathBuf| {
        let record = report::read(path).map_err(|error| failed(&error))?;
        Ok((path.display().to_string(), record))
    };
    let reports: Vec<_> = args.shards.iter().map(read).collect::<Result<_, CliError>>()?;
    let record = record::merge(reports).map_err(|error| CliError::from_message(&error.to_string()))?;
    let baseline = Baseline::load(&args.baseline.folder(&record.target.name))
        .map_err(|error| CliError::from_message(&error.to_string()))?;
    Asked { baseline: &args.baseline, output: &args.output, environment, events: None, time_for_causes: None }
        .conclude(record, &baseline, out, chat)
}
