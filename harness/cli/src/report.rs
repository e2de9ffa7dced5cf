//! `report`: renders a recorded run again.

use std::io::{ErrorKind, Write};
use std::path::Path;

use super::{CliError, ExitCode, ReportArgs, ReportTo, Style};
use passmuster::baseline::replace_file;
use passmuster::record::RunRecord;
use passmuster::report::{self, ReportError, terminal};

/// Does `report`. What is asked for without a path goes to `out`, the summary for people to `chat`.
///
/// # Errors
///
/// When the recorded run can't be read, or a report can't be written.
pub(crate) fn report(
    args: &ReportArgs,
    style: Style,
    out: &mut dyn Write,
    chat: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let record = report::read(&args.file).map_err(|error| failed(&error))?;
    if args.reports.is_empty() {
        summarise(&record, args.quiet, style, chat)?;
    }
    write_reports(&record, &args.reports, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the summary of a run, or its verdict alone.
///
/// # Errors
///
/// Those of the writer.
pub(crate) fn summarise(
    record: &RunRecord,
    quiet: bool,
    style: Style,
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
/// At the first that can't be written.
pub(crate) fn write_reports(
    record: &RunRecord,
    reports: &[ReportTo],
    out: &mut dyn Write,
) -> Result<(), CliError> {
    for asked in reports {
        let Some(format) = report::format(asked.format) else {
            return Err(CliError::internal(format!("failed to find the report format {}", asked.format)));
        };
        let written = match &asked.path {
            Some(path) => format.write_file(record, path),
            None => format.write(record, out),
        };
        written.map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Looks before a run begins whether there is a place for each report: afterwards would be late to find out.
///
/// # Errors
///
/// At the first that has none.
pub(super) fn check_reports(reports: &[ReportTo]) -> Result<(), CliError> {
    reports.iter().filter_map(|asked| asked.path.as_ref()).try_for_each(|path| check_place(path))
}

/// Looks whether there is a place for one file.
///
/// # Errors
///
/// When there is none.
pub(super) fn check_place(path: &Path) -> Result<(), CliError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let place = match folder.map_or(Ok(true), |folder| std::fs::metadata(folder).map(|found| found.is_dir())) {
        Ok(true) if path.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(true) => Ok(()),
        Ok(false) => Err(ErrorKind::NotFound.into()),
        Err(source) => Err(source),
    };
    place.map_err(|source| unwritten(path, source))
}

/// Writes a text that is no report: afterwards there is the whole file, or what was there before.
///
/// # Errors
///
/// When the file can't be written.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    replace_file(path, text.as_bytes()).map_err(|source| unwritten(path, source))
}

fn unwritten(path: &Path, source: std::io::Error) -> CliError {
    failed(&ReportError::Write { path: path.to_owned(), source })
}

pub(super) fn failed(error: &ReportError) -> CliError {
    CliError::from_message(&format!("failed to {error}"))
}
