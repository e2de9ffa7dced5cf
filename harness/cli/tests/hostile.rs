//! A run takes little memory, whatever its target sends.

use std::time::Duration;

use crate::support::{Folder, Program, Turncoat, When, command, menace};

/// The most memory that a run may take, in kB.
const MOST: u64 = 150_000;
/// The same of a debug build, whose search of the model takes more.
const MOST_UNOPTIMIZED: u64 = 200_000;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_target_sends_the_run_takes_little_memory_and_writes_a_small_report() {
    for (name, hostility) in menace::fat() {
        let folder = Folder::new("hostile");
        let server = Turncoat::start(When::Call(40), hostility).await;
        let arguments = [
            "run",
            "--endpoint",
            &server.endpoint,
            "--phases",
            "probe,boundary",
            "--max-calls",
            "60",
            "--no-snapshots",
            "--report",
            "json=report.json",
            "--quiet",
        ];
        let mut program = Program::start(&mut command(folder.path(), &arguments));
        let most = tokio::task::spawn_blocking(move || {
            let mut most = 0;
            while !program.has_ended() {
                most = program.peak_memory().unwrap_or_default().max(most);
                std::thread::sleep(Duration::from_millis(5));
            }
            most
        });
        let most = most.await.unwrap();
        let limit = if cfg!(debug_assertions) { MOST_UNOPTIMIZED } else { MOST };
        assert!(most > 0 && most < limit, "{name}: {most} kB");
        let report = std::fs::metadata(folder.path().join("report.json")).unwrap();
        assert!(report.len() < 20 << 20, "{name}: {} bytes", report.len());
    }
}
