//! Files are read within bounds, and replaced as a whole.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use passmuster::files::{self, Replacement};

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("passmuster-files-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that has ended.
fn ended() -> u32 {
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

#[test]
fn what_is_no_regular_file_or_too_large_is_not_read() {
    let place = Place::new("read");
    let path = place.0.join("file");
    fs::write(&path, "12345").unwrap();
    assert_eq!(files::read_text(&path, 5).unwrap(), "12345");
    assert_eq!(files::read(&path, 4).unwrap_err().to_string(), "it is larger than 4 bytes");
    assert_eq!(files::read(&place.0, 4).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    assert!(files::read(Path::new("/dev/zero"), 4).unwrap_err().to_string().contains("device"));
    let pipe = place.0.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(files::read(&pipe, 4).unwrap_err().to_string().contains("pipe"));
}

#[test]
fn a_file_is_replaced_as_a_whole_and_nothing_is_written_through_a_link() {
    let place = Place::new("replace");
    let (other, link) = (place.0.join("other"), place.0.join("link"));
    fs::write(&other, "mine").unwrap();
    symlink(&other, &link).unwrap();
    symlink(&other, place.0.join(format!(".link.{}.tmp", std::process::id()))).unwrap();
    files::replace(&link, b"yours").unwrap();
    assert_eq!((fs::read(&other).unwrap(), fs::read(&link).unwrap()), (b"mine".to_vec(), b"yours".to_vec()));
    let mut begun = Replacement::begin(&link).unwrap();
    begun.write_all(b"half").unwrap();
    drop(begun);
    assert_eq!(fs::read(&link).unwrap(), b"yours");
    assert_eq!(place.names(), ["link", "other"]);
}

#[test]
fn what_a_killed_run_has_left_is_swept_and_what_another_writes_is_not() {
    let place = Place::new("sweep");
    let dead = format!(".report.{}.tmp", ended());
    let kept = [".report.1.tmp".to_owned(), ".report.x.tmp".to_owned(), ".reports.999999.tmp".to_owned()];
    for name in kept.iter().chain([&dead]) {
        fs::write(place.0.join(name), "").unwrap();
    }
    files::replace(&place.0.join("report"), b"whole").unwrap();
    let names = place.names();
    assert!(!names.contains(&dead) && names.contains(&"report".to_owned()), "{names:?}");
    assert!(kept.iter().all(|name| names.contains(name)), "{names:?}");
}
