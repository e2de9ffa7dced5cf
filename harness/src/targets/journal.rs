//! The journal of a run on allowed accounts: each change, before it is made. What it names can be brought back.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::guard::Touched;
use super::now;

/// The schema of its first line.
const SCHEMA: &str = "passmuster.journal/1";
/// The longest line that is read, in bytes.
const MOST_LINE: u64 = 64 << 10;
/// The most lines that are read.
const MOST_LINES: usize = 5_000_000;

/// The first line: everything a clean-up has to know but the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHead {
    /// The version of the format.
    schema: String,
    /// The name of the target.
    pub target: String,
    /// The address of the target, `{region}` in it.
    pub endpoint: String,
    /// The accounts of the cast.
    pub accounts: Vec<String>,
    /// The Regions of the run.
    pub regions: Vec<String>,
    /// The way in which the accounts sign, as `--accounts` takes it.
    pub signing: String,
    /// The external id with which roles are assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

impl JournalHead {
    /// The first line of a new journal.
    #[must_use]
    pub fn new(
        target: &str,
        endpoint: &str,
        accounts: Vec<String>,
        regions: Vec<String>,
        signing: String,
    ) -> Self {
        let (target, endpoint) = (target.to_owned(), endpoint.to_owned());
        Self { schema: SCHEMA.to_owned(), target, endpoint, accounts, regions, signing, external_id: None }
    }

    /// The same with an external id.
    #[must_use]
    pub fn with_external_id(self, external_id: Option<String>) -> Self {
        Self { external_id, ..self }
    }
}

/// A line after the first.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum JournalLine {
    /// A change, before it is made.
    Change {
        at: String,
        account: String,
        region: String,
        operation: String,
        /// The accounts that it comes from or names.
        touches: BTreeSet<String>,
    },
    /// All before it was brought back.
    Clean { clean: String },
}

/// A journal that is written.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

/// Why a journal can't be written or read. Fits after "failed to …".
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file can't be made, or can't be read.
    #[error("{deed} the journal {}: {reason}; {remedy}", path.display())]
    File {
        /// The attempt that failed.
        deed: &'static str,
        /// The file.
        path: PathBuf,
        /// The words of the system.
        reason: String,
        /// The way out.
        remedy: &'static str,
    },
    /// It is no journal.
    #[error("read {} as a journal: {reason}; name the file that `run` said it writes", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}

impl Journal {
    /// Makes a new journal. A file that is there already is left alone.
    ///
    /// # Errors
    ///
    /// When it can't be made, or is there.
    pub fn create(path: &Path, head: &JournalHead) -> Result<Self, JournalError> {
        let failed = |error: io::Error| JournalError::File {
            deed: "begin",
            path: path.to_owned(),
            reason: error.to_string(),
            remedy: "name another place by --journal",
        };
        let file = OpenOptions::new().append(true).create_new(true).open(path).map_err(failed)?;
        let mut journal = Self { file };
        journal.line(head, true).map_err(failed)?;
        Ok(journal)
    }

    /// Goes on with a journal that is there.
    ///
    /// # Errors
    ///
    /// When it can't be written to.
    pub fn resume(path: &Path) -> Result<Self, JournalError> {
        let failed = |error: io::Error| JournalError::File {
            deed: "go on with",
            path: path.to_owned(),
            reason: error.to_string(),
            remedy: "see that it can be written to",
        };
        let mut file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        // The last line may have been cut.
        file.write_all(b"\n").map_err(failed)?;
        Ok(Self { file })
    }

    /// Notes a change, which is in the hands of the system after this, and on the disk where it is `lasting`.
    pub(super) fn note(
        &mut self,
        account: &str,
        region: &str,
        operation: &str,
        touches: &BTreeSet<String>,
        lasting: bool,
    ) -> io::Result<()> {
        let line = JournalLine::Change {
            at: now().basic(),
            account: account.to_owned(),
            region: region.to_owned(),
            operation: operation.to_owned(),
            touches: touches.clone(),
        };
        self.line(&line, lasting)
    }

    /// Notes that everything so far was brought back.
    pub(super) fn note_clean(&mut self) -> io::Result<()> {
        self.line(&JournalLine::Clean { clean: now().basic() }, false)
    }

    fn line(&mut self, line: &impl Serialize, lasting: bool) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)?;
        if lasting { self.file.sync_data() } else { Ok(()) }
    }
}

/// A journal as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftJournal {
    /// Its first line.
    pub head: JournalHead,
    /// The accounts that may hold something still. Where a line can't be read, that is all of them.
    pub touched: Touched,
}

impl LeftJournal {
    /// Reads a journal, whole or cut.
    ///
    /// # Errors
    ///
    /// When the file can't be read, or is no journal.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let failed = |error: io::Error| JournalError::File {
            deed: "read",
            path: path.to_owned(),
            reason: error.to_string(),
            remedy: "name the file that `run` said it writes",
        };
        let foreign = |reason: String| JournalError::Foreign { path: path.to_owned(), reason };
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(foreign("it is no file".to_owned()));
        }
        let mut reader = BufReader::new(file);
        let first = next_line(&mut reader).map_err(failed)?.unwrap_or_default();
        let head: JournalHead = serde_json::from_slice(&first)
            .map_err(|error| foreign(format!("its first line can't be read ({error})")))?;
        if head.schema != SCHEMA {
            return Err(foreign(format!("its schema is {:?}, not {SCHEMA}", head.schema)));
        }
        let mut touched = Touched::new();
        for _ in 0..MOST_LINES {
            let Some(line) = next_line(&mut reader).map_err(failed)? else { break };
            match serde_json::from_slice(&line) {
                _ if line.is_empty() => {}
                Ok(JournalLine::Change { region, touches, .. }) => {
                    touched.entry(region).or_default().extend(touches);
                }
                Ok(JournalLine::Clean { .. }) => touched.clear(),
                Err(_) => touched.extend(head.everything()),
            }
        }
        Ok(Self { head, touched })
    }
}

impl JournalHead {
    /// All accounts in all Regions.
    #[must_use]
    pub fn everything(&self) -> Touched {
        let accounts: BTreeSet<String> = self.accounts.iter().cloned().collect();
        self.regions.iter().map(|region| (region.clone(), accounts.clone())).collect()
    }
}

/// The next line without its end; `None` after the last.
fn next_line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if reader.take(MOST_LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(Some(line))
}
