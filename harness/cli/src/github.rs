//! Tells GitHub Actions what a run has found: annotations, and the summary of the job.

use std::fs::OpenOptions;
use std::io::{Write, stderr, stdout};

use super::args::OutputArgs;
use super::output::Output;
use super::report::failed;
use super::value::ReportTo;
use super::{CliError, Environment};
use passmuster::record::RunRecord;
use passmuster::report::{self, ReportError};

/// The name of the format.
pub(super) const FORMAT: &str = "github";

/// Annotates a job of GitHub Actions where nobody asked for it, and writes its summary. Annotations that were asked
/// for are among the reports.
///
/// # Errors
///
/// When something can't be written.
pub(super) fn tell(
    record: &RunRecord,
    output: &OutputArgs,
    environment: &Environment,
    chat: &mut dyn Write,
) -> Result<(), CliError> {
    let is_asked = is_asked(&output.reports);
    // The merge tells what the shards of a run tell in part.
    if environment.github && !is_asked && !output.quiet && record.shard.is_none() {
        // What was told before comes first.
        let _ = chat.flush();
        commands(record, &mut Output::plain(stderr()))?;
        return append(record, environment);
    }
    summarise(record, &output.reports, environment)
}

/// Writes annotations to standard output, where they were asked for there: as commands, which no other text becomes.
///
/// # Errors
///
/// Those of standard output.
pub(super) fn annotate(record: &RunRecord, out: &mut dyn Write) -> Result<(), CliError> {
    out.flush().map_err(|error| failed(&error.into()))?;
    commands(record, &mut Output::plain(stdout()))
}

fn commands(record: &RunRecord, stream: &mut dyn Write) -> Result<(), CliError> {
    let format = report::format(FORMAT);
    format.map_or(Ok(()), |format| format.write(record, stream)).map_err(|error| failed(&error))
}

/// Writes the summary of the job where annotations were asked for.
///
/// # Errors
///
/// When it can't be written.
pub(super) fn summarise(
    record: &RunRecord,
    reports: &[ReportTo],
    environment: &Environment,
) -> Result<(), CliError> {
    if is_asked(reports) { append(record, environment) } else { Ok(()) }
}

fn is_asked(reports: &[ReportTo]) -> bool {
    reports.iter().any(|asked| asked.format == FORMAT)
}

/// Adds to what earlier commands of the same step have written.
fn append(record: &RunRecord, environment: &Environment) -> Result<(), CliError> {
    let Some(path) = &environment.job_summary else { return Ok(()) };
    let text = report::job_summary(record).map_err(|error| failed(&error.into()))?;
    let written = OpenOptions::new().create(true).append(true).open(path);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| failed(&ReportError::Write { path: path.clone(), source }))
}
