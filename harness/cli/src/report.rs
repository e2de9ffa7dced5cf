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
use passmuster::report::{self, History, ReportError};

/// The most reports that are read at once.
const MOST_FILES: usize = 200;

/// `report`: render a recorded run into other formats.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArgs {
    /// A report in JSON, as `run --report json=FILE` writes it; of several the newest is told, with the history of all
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
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
    let mut records = recorded(&args.files)?;
    report::oldest_first(&mut records);
    let history = (records.len() > 1).then(|| History::of(&records));
    let Some(record) = records.last() else {
        return Err(CliError::usage("no report was named", "name one that `run --report json=FILE` wrote"));
    };
    if let Some(id) = &args.issue {
        let text = report::issue(record, id).ok_or_else(|| no_cause(id, &args.files))?;
        return write(out, &text);
    }
    if args.output.reports.is_empty() {
        if let Some(history) = history.as_ref().filter(|_| !args.output.quiet) {
            let style = TerminalStyle { verbose: args.output.verbose, ..environment.output.style() };
            terminal::history(history, style, out).map_err(|error| failed(&error.into()))?;
        }
        summarise(record, &args.output, environment, out, chat)?;
    }
    write_reports(record, history.as_ref(), &args.output.reports, out)?;
    github::summarise(record, &args.output.reports, environment)?;
    Ok(ExitCode::SUCCESS)
}

/// The runs, each with its causes.
fn recorded(paths: &[PathBuf]) -> Result<Vec<RunRecord>, CliError> {
    if paths.len() > MOST_FILES {
        let hint = "name the newest ones";
        return Err(CliError::usage(format!("{} reports, of at most {MOST_FILES}", paths.len()), hint));
    }
    let records: Vec<RunRecord> = paths.iter().map(|path| diagnosed(path)).collect::<Result<_, CliError>>()?;
    // A shard has no causes yet: told beside others, they would seem to be gone.
    let shard = paths.iter().zip(&records).find(|(_, record)| record.shard.is_some());
    match shard.filter(|_| paths.len() > 1) {
        None => Ok(records),
        Some((path, _)) => {
            let hint = "put the shards of a run together with `passmuster merge` first";
            Err(CliError::usage(format!("{} is the report of a shard", path.display()), hint))
        }
    }
}

/// The run has no such cause; of several it is the newest.
pub(super) fn no_cause(id: &str, paths: &[PathBuf]) -> CliError {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let which = if paths.len() > 1 { "the newest of " } else { "" };
    let hint = format!("`passmuster report {}` shows those it has", paths.join(" "));
    CliError::usage(format!("{which}{} has no cause {id}", paths.join(", ")), hint)
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

/// Writes each report that was asked for, with the history that ends with this run where there is one: to its file, or to
/// `out`.
///
/// # Errors
///
/// When one can't be written; the others are.
pub(crate) fn write_reports<'r>(
    record: &RunRecord,
    history: Option<&History>,
    reports: impl IntoIterator<Item = &'r ReportTo>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let write_one = |asked: &ReportTo, out: &mut dyn Write| {
        let Some(format) = report::format(asked.format) else {
            return Err(CliError::internal(format!("failed to find the report format {}", asked.format)));
        };
        let written = match &asked.path {
            Some(path) => format.write_file_with(record, history, path),
            None if format.name == github::FORMAT => return github::annotate(record, out),
            None => format.write_with(record, history, out),
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
