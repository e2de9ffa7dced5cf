//! The reasons for which the reviewed divergences can't be used.

use std::io;
use std::path::PathBuf;

/// The reasons for which the reviewed divergences can't be used. Fits after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// A file or folder can't be read.
    #[error("read the snapshots in {}: {source}; make it readable, or name another folder with --baseline", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The words of the system.
        source: io::Error,
    },
    /// A file can't be written or removed.
    #[error("write the snapshot {}: {source}; make its folder writable, or leave it out with --no-snapshots", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The words of the system.
        source: io::Error,
    },
    /// A file is no snapshot of a divergence.
    #[error(
        "understand the snapshot {}: {detail}; restore it from version control, or delete it and review the \
         divergence again",
        path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The fault.
        detail: String,
    },
    /// Nothing of that id waits for a review.
    #[error("find {id} among the pending divergences in {}; `passmuster review --list` shows them", dir.display())]
    NotPending {
        /// The id.
        id: String,
        /// The folder.
        dir: PathBuf,
    },
    /// Something that is no id of a divergence.
    #[error("read {0:?} as the id of a divergence; it looks like D-1a2b3c4d")]
    NoId(String),
}
