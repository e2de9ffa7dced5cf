//! Runs of malformed requests against servers of our own.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]
#![allow(dead_code, reason = "several programs share it, and none needs all")]

use std::sync::Arc;
use std::time::Duration;

use crate::sample::description;
use passmuster::baseline::exit_code;
use passmuster::domain::{Operation, Profile, Timestamp};
use passmuster::engine::{
    EmbeddedSupply, Filter, Interrupt, Phase, Run, RunSelection, RunSettings, Shard, Supply,
};
use passmuster::record::{DivergenceRecord, RunRecord};
use passmuster::server::{ServerSettings, Signatures, WireFault};

/// The clock of server and client need not agree: signatures are made now.
#[expect(clippy::disallowed_methods, reason = "signatures hang on the clock")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

/// Malformed requests alone, with time enough.
pub(crate) fn settings() -> RunSettings {
    RunSettings {
        phases: vec![Phase::Probe, Phase::Malformed],
        max_time: Duration::from_secs(1_200),
        workers: 2,
        ..RunSettings::default()
    }
}

/// A server that verifies signatures.
pub(crate) fn supply(profile: Profile, wire_faults: &[WireFault]) -> EmbeddedSupply {
    let signatures = Some(Signatures::new("test", now));
    EmbeddedSupply(ServerSettings {
        wire_faults: wire_faults.to_vec(),
        profile,
        signatures,
        ..ServerSettings::default()
    })
}

/// The record of a run against any target.
pub(crate) async fn recorded<S: Supply>(supply: S, settings: RunSettings) -> RunRecord {
    let run = Run::start(Arc::new(supply), settings.clone(), &Interrupt::default(), |_| {}).await.unwrap();
    let mut record = run.record(&settings, &description());
    if settings.shard != Shard::WHOLE {
        record.keep_shard(run.shard(&settings, &description()));
    }
    record.exit_code = exit_code(&record, false);
    record
}

/// A run against a server with these faults, which verifies signatures or not.
pub(crate) async fn record(
    faults: &[WireFault],
    signatures: bool,
    selection: RunSelection,
    settings: RunSettings,
) -> RunRecord {
    let mut supply = supply(settings.profile, faults);
    supply.0.signatures = supply.0.signatures.filter(|_| signatures);
    recorded(supply, RunSettings { selection, ..settings }).await
}

/// One class or row, with one operation.
pub(crate) fn selection((id, operation): (&str, Operation)) -> RunSelection {
    RunSelection { only: vec![Filter::Rule(id.to_owned()), Filter::Operation(operation)], skip: Vec::new() }
}

/// The gravest finding, if there is any.
pub(crate) fn gravest(record: &RunRecord) -> Option<&DivergenceRecord> {
    record.divergences.iter().min_by_key(|found| std::cmp::Reverse(found.severity))
}
