//! Tells GitHub Actions what a run has found: annotations, and the summary of the job.

use std::fs::OpenOptions;
use std::io::Write;

use super::args::OutputArgs;
use super::report::failed;
use super::value::ReportTo;
use super::{CliError, Environment};
use passmuster::record::RunRecord;
use passmuster::report::{self, ReportError};

/// The name of the format.
const FORMAT: &str = "github";

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
        let format = report::format(FORMAT);
        format.map_or(Ok(()), |format| format.write(record, chat)).map_err(|error| failed(&error))?;
        return append(record, environment);
    }
    summarise(record, &output.reports, environment)
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
