//! Writes the calls and answers of a run to a file, which is in its place once the run is over.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::CliError;
use passmuster::engine::Description;
use passmuster::files::Replacement;
use passmuster::trace::{self, Conversation};

/// A trace under way.
pub(super) struct Recorder {
    path: PathBuf,
    target: String,
    out: BufWriter<Replacement>,
    /// The first error; nothing is written after it.
    failed: Option<io::Error>,
}

impl Recorder {
    /// Begins a trace.
    pub(super) fn create(path: &Path, description: &Description) -> Result<Self, CliError> {
        let file = Replacement::begin(path).map_err(|error| failure(path, &error))?;
        let (path, target) = (path.to_owned(), description.target.clone());
        Ok(Self { path, target, out: BufWriter::new(file), failed: None })
    }

    /// Writes what one scenario did.
    pub(super) fn write(&mut self, conversation: &Conversation) {
        if self.failed.is_some() || conversation.calls.is_empty() {
            return;
        }
        let mut conversation = conversation.clone();
        conversation.header.title = format!("{}, {}", self.target, conversation.header.title);
        self.failed = trace::write(&conversation, &mut self.out).err();
    }

    /// Ends the trace.
    pub(super) fn finish(self) -> Result<(), CliError> {
        let written = self.failed.map_or(Ok(()), Err);
        let whole = written.and_then(|()| self.out.into_inner().map_err(io::IntoInnerError::into_error));
        whole.and_then(Replacement::finish).map_err(|error| failure(&self.path, &error))
    }
}

fn failure(path: &Path, error: &io::Error) -> CliError {
    let message = format!("failed to write the trace {}: {error}", path.display());
    CliError::usage(message, "name a file in a folder that you may write to, with room on its disk")
}
