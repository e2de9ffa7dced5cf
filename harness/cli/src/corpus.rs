//! `corpus`: writes the requests that fuzzing begins with as files, for fuzzers of any kind.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{CliError, ExitCode};
use passmuster::files;
use passmuster::malformed::kit;

/// Instructions for the files; by its first line a folder is known again.
const README: &str = include_str!("corpus.md");

/// `corpus`: the requests that fuzzing begins with.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CorpusAction {
    /// Write requests, bodies and a dictionary for AFL++, libFuzzer, Atheris and Jazzer
    Export {
        /// The folder: a new one, an empty one, or one that was written so before
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// Does `corpus`.
///
/// # Errors
///
/// When the folder holds something else, or can't be written.
pub(crate) fn corpus(action: &CorpusAction, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let CorpusAction::Export { dir } = action;
    check(dir)?;
    let files = kit::files();
    // First, so that what is left of an export that was cut short can be written over.
    write(&dir.join("README.md"), README.as_bytes())?;
    for file in &files {
        write(&dir.join(&file.path), &file.bytes)?;
    }
    writeln!(out, "{} files in {}; its README.md says how to use them", files.len() + 1, dir.display())
        .map_err(CliError::unwritable)?;
    Ok(ExitCode::SUCCESS)
}

/// A file that is larger, in bytes, is none of ours.
const LARGEST: u64 = 1 << 20;

/// Checks that the folder may be written: it is new, empty, or one that this command wrote.
fn check(dir: &Path) -> Result<(), CliError> {
    let mut entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let message = format!("failed to read the folder {}: {error}", dir.display());
            return Err(CliError::usage(message, "name a new folder, or an empty one"));
        }
    };
    let title = README.lines().next().unwrap_or_default();
    let ours =
        files::read_text(&dir.join("README.md"), LARGEST).is_ok_and(|text| text.lines().next() == Some(title));
    if entries.next().is_none() || ours {
        return Ok(());
    }
    let message = format!("{} holds files that `corpus export` did not write", dir.display());
    Err(CliError::usage(message, "name a new folder, or an empty one"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| put(path, bytes)).map_err(|error| {
        CliError::usage(
            format!("failed to write {}: {error}", path.display()),
            "name a folder that can be written",
        )
    })
}

/// Writes one of many files that can all be written again: none is waited for until it is on the disk. A link that
/// stands in its place is not written through.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => File::create_new(path)?.write_all(bytes),
    }
}
