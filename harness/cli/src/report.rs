//! `report`: renders a recorded run again.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::files::check_place;
use super::rules::write;
use super::value::{self, ReportTo};
use super::{CliError, ExitCode};
use passmuster::engine::diagnose;
use passmuster::record::RunRecord;
use passmuster::report::terminal::{self, TerminalStyle};
use passmuster::report::{self, ReportError};

/// `report`: render a recorded run into other formats.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArgs {
    /// A report in JSON, as `run --report json=FILE` writes it
    pub(crate) file: PathBuf,
    #[arg(long = "report", value_name = "FORMAT[=PATH]", value_parser = value::report_to, help = value::help_on_reports())]
    pub(crate) reports: Vec<ReportTo>,
    /// Write a text on this cause, for those who can mend it
    #[arg(long, value_name = "CAUSE")]
    pub(crate) issue: Option<String>,
    /// Say nothing but the verdict
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Tell each finding in full
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Does `report`. What is asked for without a path goes to `out`, the summary for people to `chat`.
///
/// # Errors
///
/// When the recorded run can't be read, or a report can't be written.
pub(crate) fn report(
    args: &ReportArgs,
    style: TerminalStyle,
    out: &mut dyn Write,
    chat: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let record = diagnosed(&args.file)?;
    if let Some(id) = &args.issue {
        let text = report::issue(&record, id).ok_or_else(|| no_cause(id, &args.file))?;
        return write(out, &text);
    }
    if args.reports.is_empty() {
        summarise(&record, args.quiet, TerminalStyle { verbose: args.verbose, ..style }, chat)?;
    }
    write_reports(&record, &args.reports, out)?;
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

/// Writes the summary of a run, or its verdict alone.
///
/// # Errors
///
/// Those of the writer.
pub(crate) fn summarise(
    record: &RunRecord,
    quiet: bool,
    style: TerminalStyle,
    chat: &mut dyn Write,
) -> Result<(), CliError> {
    let written = if quiet {
        writeln!(chat, "{}", terminal::verdict(record)).and_then(|()| chat.flush())
    } else {
        terminal::summary(record, style, chat)
    };
    written.map_err(|error| failed(&error.into()))
}

/// Writes each report that was asked for: to its file, or to `out`.
///
/// # Errors
///
/// When one can't be written; the others are.
pub(crate) fn write_reports(
    record: &RunRecord,
    reports: &[ReportTo],
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let write_one = |asked: &ReportTo, out: &mut dyn Write| {
        let Some(format) = report::format(asked.format) else {
            return Err(CliError::internal(format!("failed to find the report format {}", asked.format)));
        };
        let written = match &asked.path {
            Some(path) => format.write_file(record, path),
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
