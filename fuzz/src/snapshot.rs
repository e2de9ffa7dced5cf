//! Reviewed snapshots: files from other people's branches, read or refused.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use passmuster::baseline::Baseline;

/// A folder of this thread alone: properties may be held on several at once.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Memory that looks like a disk, where there is one, is faster.
        static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
            let memory = PathBuf::from("/dev/shm");
            if memory.is_dir() { memory } else { std::env::temp_dir() }
        });
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = ROOT.join(format!("passmuster-fuzz-{}-{number}", std::process::id()));
        let made = fs::create_dir_all(&path);
        assert!(made.is_ok(), "{}: {made:?}", path.display());
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// A file in the place of a snapshot is refused in words, or read under an identity and a body.
pub fn snapshots_are_read_or_refused(bytes: &[u8]) {
    FOLDER.with(|Folder(dir)| {
        let written = fs::write(dir.join("D-00000000.snap"), bytes);
        assert!(written.is_ok(), "{}: {written:?}", dir.display());
        match Baseline::load(dir) {
            Ok(baseline) => assert_eq!(baseline.reviewed().count(), 1),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}
