//! Renders a run for people and for programs. Each format is a file; this is their table.

mod github;
mod history;
mod html;
mod issue;
mod json;
mod junit;
mod markdown;
pub mod ndjson;
mod sarif;
mod standing;
pub mod terminal;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files;
use crate::record::RunRecord;

pub use github::job_summary;
pub use history::{History, oldest_first};
pub use issue::issue;

/// One way to render a run.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name that `--report` takes.
    pub name: &'static str,
    /// Its purpose, in a few words.
    pub purpose: &'static str,
    /// Writes a run in it, with the history that ends with this run where there is one and the format tells it.
    pub render: fn(&RunRecord, Option<&History>, &mut dyn Write) -> io::Result<()>,
}

/// The formats there are.
pub const FORMATS: &[Format] = &[
    Format { name: "json", purpose: "everything for programs", render: |run, _, out| json::render(run, out) },
    Format { name: "ndjson", purpose: "the same as events", render: |run, _, out| ndjson::render(run, out) },
    Format { name: "html", purpose: "for people in a browser", render: html::render },
    Format { name: "markdown", purpose: "for people on a page", render: markdown::render },
    Format { name: "board", purpose: "which causes several runs have, in Markdown", render: markdown::board },
    Format { name: "junit", purpose: "for CI systems", render: |run, _, out| junit::render(run, out) },
    Format { name: "sarif", purpose: "for code scanning", render: |run, _, out| sarif::render(run, out) },
    Format {
        name: "github",
        purpose: "annotations and the job's summary",
        render: |run, _, out| github::render(run, out),
    },
];

/// The JSON schema of what programs read, or write for this one.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Its name.
    pub name: &'static str,
    /// What is in that form, in a few words.
    pub purpose: &'static str,
    /// The schema itself, JSON Schema 2020-12.
    pub text: &'static str,
}

/// The schemas there are.
pub const SCHEMAS: &[Schema] = &[
    Schema { name: "run", purpose: "the report json", text: include_str!("../../schema/run.json") },
    Schema {
        name: "events",
        purpose: "a line of the report ndjson",
        text: include_str!("../../schema/events.json"),
    },
    Schema { name: "config", purpose: "passmuster.toml", text: include_str!("../../schema/config.json") },
];

/// Why a report could not be written or read. Fits after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file can't be written.
    #[error("write the report {}: {source}; {}", path.display(), fix(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// The words of the system.
        source: io::Error,
    },
    /// The writer that was passed in fails.
    #[error("write the report: {0}")]
    Output(#[from] io::Error),
    /// A file can't be read.
    #[error("read the report {}: {source}; write one with `passmuster run --report json=FILE`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The words of the system.
        source: io::Error,
    },
    /// A file is no report, or one of another version.
    #[error("read the report {}: {detail}; write it anew with `passmuster run --report json=FILE`", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The fault.
        detail: String,
    },
}

/// The advice for a file that can't be written.
fn fix(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "make its folder first, or name another",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "name a file in a folder that you may write to"
        }
        io::ErrorKind::IsADirectory => "name a file, not a folder",
        io::ErrorKind::StorageFull => "make room on the disk, or name a file on another",
        _ => "name another file",
    }
}

/// The largest report that is read, in bytes; a run writes some megabytes at most.
const LARGEST: u64 = 256 << 20;

/// Finds a format by its name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

impl Format {
    /// Writes a run to a file: afterwards there is the whole report, or what was there before.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn write_file(&self, record: &RunRecord, path: &Path) -> Result<(), ReportError> {
        self.write_file_with(record, None, path)
    }

    /// The same with the history that ends with this run.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn write_file_with(
        &self,
        record: &RunRecord,
        history: Option<&History>,
        path: &Path,
    ) -> Result<(), ReportError> {
        let mut text = Vec::new();
        (self.render)(record, history, &mut text)?;
        files::replace(path, &text).map_err(|source| ReportError::Write { path: path.to_owned(), source })
    }

    /// Writes a run to any writer.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&self, record: &RunRecord, out: &mut dyn Write) -> Result<(), ReportError> {
        self.write_with(record, None, out)
    }

    /// The same with the history that ends with this run.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_with(
        &self,
        record: &RunRecord,
        history: Option<&History>,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        (self.render)(record, history, out)?;
        Ok(out.flush()?)
    }
}

/// Reads a run that was written in JSON.
///
/// # Errors
///
/// When the file can't be read, or is no report of this version.
pub fn read(path: &Path) -> Result<RunRecord, ReportError> {
    let text = files::read(path, LARGEST).map_err(|source| ReportError::Read { path: path.to_owned(), source })?;
    json::parse(&text).map_err(|detail| ReportError::Malformed { path: path.to_owned(), detail })
}
