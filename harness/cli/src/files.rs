//! The files that commands read and write, with errors that name them.

use std::io::ErrorKind;
use std::path::Path;

use super::CliError;
use passmuster::engine::AnswerSheet;
use passmuster::files;
use passmuster::report::ReportError;
use passmuster::server::Answers;

/// The largest file of answers or of a scenario, in bytes.
const LARGEST_TEXT: u64 = 16 << 20;

/// Reads a file of answers to open questions; without one, none is settled.
pub(super) fn answers(path: Option<&Path>) -> Result<Answers, CliError> {
    let Some(path) = path else { return Ok(Answers::default()) };
    Ok(answer_sheet(path)?.answers().0)
}

/// Reads a file of answers with all that it says.
pub(super) fn answer_sheet(path: &Path) -> Result<AnswerSheet, CliError> {
    AnswerSheet::parse(&read(path)?)
        .map_err(|error| CliError::from_message(&format!("{}: {error}", path.display())))
}

/// Reads a small text file.
pub(super) fn read(path: &Path) -> Result<String, CliError> {
    files::read_text(path, LARGEST_TEXT).map_err(|error| {
        CliError::usage(format!("failed to read {}: {error}", path.display()), "name a text file that can be read")
    })
}

/// Looks whether there is a place for one file, before the work that fills it begins.
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
    files::replace(path, text.as_bytes()).map_err(|source| unwritten(path, source))
}

fn unwritten(path: &Path, source: std::io::Error) -> CliError {
    CliError::from_message(&format!("failed to {}", ReportError::Write { path: path.to_owned(), source }))
}
