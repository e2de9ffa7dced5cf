//! `report`: renders a recorded run again.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::OutputArgs;
use super::environment::Stream;
use super::files::check_place;
use super::rules::write;
use super::value::ReportTo;
use super::{CliError, Environment, ExitCode, github};
use passmuster::engine::diagnose;
use passmuster::record::RunRecord;
use passmuster::report::terminal::{self, TerminalStyle};
use passmuster::report::{self, ReportError};

/// `report`: render a recorded run into other formats.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArgs {
    /// A report in JSON, as `run --report json=FILE` writes it
    pub(crate) file: PathBuf,
    /// Write a text on this cause, for those who can mend it
    #[arg(long, value_name = "CAUSE")]
    pub(crate) issue: Option<String>,
    /// The reports.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Does `report`. What is asked for goes to `out`.
///
/// # Errors
///
/// When the recorded run can't be read, or a report can't be written.
pub(crate) fn report(
    args: &ReportArgs,
    environment: &Environment,
    out: &mut dyn Write,
    chat: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let record = diagnosed(&args.file)?;
    if let Some(id) = &args.issue {
        let text = report::issue(&record, id).ok_or_else(|| no_cause(id, &args.file))?;
        return write(out, &text);
    }
    if args.output.reports.is_empty() {
        summarise(&record, &args.output, environment, out, chat)?;
    }
    write_reports(&record, &args.output.reports, out)?;
    github::summarise(&record, &args.output.reports, environment)?;
    Ok(ExitCode::SUCCESS)
}

/// The run has no such cause.
pub(super) fn no_cause(id: &str, path: &Path) -> CliError {
    let hint = format!("`passmuster report {}` shows those it has", path.display());
    CliError::usage(format!("{} has no cause {id}", path.display()), hint)
}

/// A recorded run with its causes, which are sought where it was recorded without.
///
/// # Errors
///
/// When it can't be read.
pub(super) fn diagnosed(path: &Path) -> Result<RunRecord, CliError> {
    let mut record = report::read(path).map_err(|error| failed(&error))?;
    if record.causes.is_empty() && record.shard.is_none() {
        diagnose(&mut record);
    }
    Ok(record)
}

/// Writes the summary of a run, or its verdict alone: to `out`, or to `chat` where a report for programs goes to `out`.
///
/// # Errors
///
/// Those of the writer.
pub(crate) fn summarise(
    record: &RunRecord,
    output: &OutputArgs,
    environment: &Environment,
    out: &mut dyn Write,
    chat: &mut dyn Write,
) -> Result<(), CliError> {
    let taken = output.reports.iter().any(|asked| asked.path.is_none());
    let tell = |place: &mut dyn Write, stream: Stream| match output.quiet {
        true => writeln!(place, "{}", terminal::verdict(record)).and_then(|()| place.flush()),
        false => terminal::summary(record, TerminalStyle { verbose: output.verbose, ..stream.style() }, place),
    };
    let written = if taken { tell(chat, environment.error) } else { tell(out, environment.output) };
    written.map_err(|error| failed(&error.into()))
}

/// Writes each report that was asked for: to its file, or to `out`.
///
/// # Errors
///
/// When one can't be written; the others are.
pub(crate) fn write_reports<'r>(
    record: &RunRecord,
    reports: impl IntoIterator<Item = &'r ReportTo>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let write_one = |asked: &ReportTo, out: &mut dyn Write| {
        let Some(format) = report::format(asked.format) else {
            return Err(CliError::internal(format!("failed to find the report format {}", asked.format)));
        };
        let written = match &asked.path {
            Some(path) => format.write_file(record, path),
            None if format.name == github::FORMAT => return github::annotate(record, out),
            None => format.write(record, out),
        };
        written.map_err(|error| failed(&error))
    };
    let mut written = Ok(());
    for asked in reports {
        written = written.and(write_one(asked, out));
    }
    written
}

/// Looks before a run begins whether there is a place for each report: afterwards would be late to find out.
///
/// # Errors
///
/// At the first that has none.
pub(super) fn check_reports(reports: &[ReportTo]) -> Result<(), CliError> {
    reports.iter().filter_map(|asked| asked.path.as_ref()).try_for_each(|path| check_place(path))
}

/// A report that can't be read or written, as an error of a command.
pub(super) fn failed(error: &ReportError) -> CliError {
    CliError::from_message(&format!("failed to {error}"))
}
