//! A run on accounts of somebody that ends at any call whatever: its journal is enough to bring them back.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::SWEEPS;
use passmuster::engine::{Interrupt, Run};
use passmuster::server::ServerSettings;
use passmuster::targets::journal::{Journal, LeftJournal};

use crate::support::cast::{Gate, closed, identified, journal, left, opened, reference};

/// The calls before which a run is ended.
const CALLS: u64 = 700;

#[tokio::test]
async fn a_run_that_is_ended_at_any_call_leaves_nothing_that_its_journal_does_not_bring_back() {
    end_runs(if SWEEPS { 200 } else { 12 }).await;
}

/// Ends so many runs, and brings back what each has left.
async fn end_runs(kills: u64) {
    let mut changed = 0;
    for kill in 0..kills {
        let server = reference(ServerSettings::default()).await;
        // Three for who signs; a prime spreads the others evenly.
        let gate = Gate::before(&server, 4 + kill * 389 % CALLS, kill % 2 == 0).await;
        let (path, begun) = journal(&format!("kill-{kill}"), &server);
        let (supply, mut settings) = opened(&gate.endpoint, begun, 100_000).await;
        settings.seed = kill;
        settings.max_calls = 400;
        let mut run =
            tokio::spawn(async move { Run::start(supply, settings, &Interrupt::default(), |_| ()).await });
        tokio::select! {
            biased;
            () = gate.shut.notified() => {}
            _ = &mut run => panic!("run {kill} makes too few calls to be ended: {}", gate.passed()),
        }
        run.abort();
        let _ = run.await;
        assert!(gate.passed() >= 4);

        let found = LeftJournal::read(&path).unwrap();
        changed += u64::from(!found.touched.is_empty());
        let transport = closed(&server);
        identified(&transport).await;
        transport.guard().permit_changes(Journal::resume(&path).unwrap(), 1_000);
        transport.guard().touch(&found.touched);
        transport.restore().await.unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        assert_eq!(left(&server).await, [""; 0], "kill {kill}");
        assert!(LeftJournal::read(&path).unwrap().touched.is_empty(), "kill {kill}");
        std::fs::remove_file(&path).unwrap();
    }
    assert!(changed > kills / 2, "{changed} of the runs had changed anything");
}
