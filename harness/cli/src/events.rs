//! Writes the events of a run to a file, while it goes on.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::CliError;
use super::value::ReportTo;
use passmuster::engine::Description;
use passmuster::event::Event;
use passmuster::record::{RunRecord, TargetRecord};
use passmuster::report::{ReportError, ndjson};

/// The name of the format that is written while a run goes on.
const FORMAT: &str = "ndjson";

/// A stream of events under way.
pub(super) struct Events {
    path: PathBuf,
    out: BufWriter<File>,
    /// The first error; nothing is written after it.
    failed: Option<io::Error>,
}

impl Events {
    /// Begins the stream that was asked for, if one was. What goes to standard output is written at the end, as reports
    /// there are.
    pub(super) fn create(
        reports: &[ReportTo],
        seed: u64,
        description: &Description,
    ) -> Result<Option<Self>, CliError> {
        let asked = reports.iter().filter(|asked| asked.format == FORMAT);
        let Some(path) = asked.filter_map(|asked| asked.path.as_ref()).next() else { return Ok(None) };
        let file = create(path).map_err(|error| failure(path, error))?;
        let mut stream = Self { path: path.clone(), out: BufWriter::new(file), failed: None };
        let target = TargetRecord {
            name: description.target.clone(),
            endpoint: description.endpoint.clone(),
            version: description.version.clone(),
        };
        stream.failed = ndjson::begin(env!("CARGO_PKG_VERSION"), seed, &target, &mut stream.out).err();
        Ok(Some(stream))
    }

    /// Whether this is the report that was asked for.
    pub(super) fn is(&self, asked: &ReportTo) -> bool {
        asked.format == FORMAT && asked.path.as_ref() == Some(&self.path)
    }

    /// Writes what has just happened; whoever reads along sees it at once.
    pub(super) fn write(&mut self, event: &Event, elapsed: Duration) {
        if self.failed.is_none() {
            let written = ndjson::event(event, elapsed, &mut self.out);
            self.failed = written.and_then(|()| self.out.flush()).err();
        }
    }

    /// Ends the stream with the results.
    pub(super) fn finish(mut self, record: &RunRecord) -> Result<(), CliError> {
        let written = match self.failed.take() {
            Some(error) => Err(error),
            None => ndjson::results(record, &mut self.out).and_then(|()| self.out.flush()),
        };
        written.map_err(|error| failure(&self.path, error))
    }
}

/// A new file, or a stream that is there. A link is replaced, never written through: whoever reads along finds the file
/// by its name.
fn create(path: &Path) -> io::Result<File> {
    let is_file = fs::metadata(path).map_or(true, |found| found.is_file());
    if is_file && fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        fs::remove_file(path)?;
    }
    File::create(path)
}

fn failure(path: &Path, source: io::Error) -> CliError {
    super::report::failed(&ReportError::Write { path: path.to_owned(), source })
}
