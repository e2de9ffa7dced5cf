//! Reads files within bounds, and replaces them as a whole, so that no reader sees half of one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The most entries of a folder that are looked at for what ended runs have left.
const MOST_ENTRIES: usize = 10_000;

/// Opens a regular file that is no larger than this many bytes.
///
/// # Errors
///
/// When it can't be opened, is larger, or is something else: a folder, a pipe or a device may never end.
pub fn open(path: &Path, most: u64) -> io::Result<File> {
    // Before it is opened, which for a pipe may take for ever.
    check(&fs::metadata(path)?, most)?;
    let file = File::open(path)?;
    check(&file.metadata()?, most)?;
    Ok(file)
}

/// Reads a regular file that is no larger than this many bytes.
///
/// # Errors
///
/// As [`open`] has them.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // It may have grown since.
    open(path, most)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

/// As [`read`], for a text.
///
/// # Errors
///
/// As [`open`] has them, and when it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
    String::from_utf8(read(path, most)?).map_err(not_utf8)
}

fn check(found: &fs::Metadata, most: u64) -> io::Result<()> {
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe or a device, not a regular file"));
    }
    if found.len() > most { Err(too_large(most)) } else { Ok(()) }
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {most} bytes"))
}

/// Puts `text` in the place of a file: all of it, or nothing.
///
/// # Errors
///
/// When the file can't be written.
pub fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = Replacement::begin(path)?;
    file.write_all(text)?;
    file.finish()
}

/// A file that takes the place of another once it is whole. Until then it stands beside it, under a name of its own.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    path: PathBuf,
    /// The name that it has until then; none where nothing can be replaced, but only written to.
    temporary: Option<PathBuf>,
}

impl Replacement {
    /// Begins to write it.
    ///
    /// # Errors
    ///
    /// When there is no place for it.
    pub fn begin(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            // What is no ordinary file, such as /dev/stdout, can't be replaced, only written to.
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(&path)?;
                return Ok(Self { file, path, temporary: None });
            }
            _ => {}
        }
        sweep(&path);
        let temporary = beside(&path);
        // One from before, or a link that somebody has put there: it is not written through.
        let _ = fs::remove_file(&temporary);
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        Ok(Self { file, path, temporary: Some(temporary) })
    }

    /// Puts it in its place.
    ///
    /// # Errors
    ///
    /// When not all of it could be written.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(temporary) = self.temporary.as_ref() else { return self.file.flush() };
        self.file.sync_all()?;
        fs::rename(temporary, &self.path)?;
        self.temporary = None;
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // The first error is the one to tell.
        let _ = self.temporary.take().map(fs::remove_file);
    }
}

/// A name in the same folder, for a rename never crosses file systems there.
fn beside(path: &Path) -> PathBuf {
    let mut name = prefix(path);
    name.push(format!("{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn prefix(path: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".");
    name
}

/// Removes what runs that were killed have left beside a file.
fn sweep(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = prefix(path);
    for entry in fs::read_dir(folder).into_iter().flatten().take(MOST_ENTRIES).flatten() {
        if writer(&entry.file_name(), &prefix).is_some_and(|process| !is_alive(process)) {
            // Whatever stands in the way stands in nobody's.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The process that wrote a file of this name beside another.
fn writer(name: &OsStr, prefix: &OsStr) -> Option<u32> {
    let rest = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes())?;
    std::str::from_utf8(rest.strip_suffix(b".tmp")?).ok()?.parse().ok()
}

#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    let Some(id) = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    rustix::process::test_kill_process(id) != Err(rustix::io::Errno::SRCH)
}

/// Nobody knows.
#[cfg(not(unix))]
const fn is_alive(_process: u32) -> bool {
    true
}
