//! The bearing of each finding on the verdict: formats that CI systems read tell it alike, and as the exit code does.

use crate::baseline::Ending;
use crate::record::{Disposition, DivergenceRecord, RunRecord, UnstableRecord};
use passmuster_contract::domain::Severity;

/// The bearing of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It makes the run fail.
    Fails,
    /// It is new and weighs too little to make the run fail.
    Light,
    /// It was reviewed.
    Reviewed,
    /// It was reviewed, and is no longer seen.
    Gone,
}

/// The bearing of a finding of this run.
pub(super) fn standing(record: &RunRecord, found: &DivergenceRecord) -> Weight {
    let weighs = match found.severity {
        _ if record.is_lone(found) => false,
        Severity::Divergence => true,
        Severity::Suspicion => is_strict(record),
        Severity::Note => false,
    };
    match found.disposition {
        Disposition::New | Disposition::Changed if weighs => Weight::Fails,
        Disposition::New | Disposition::Changed => Weight::Light,
        Disposition::Known => Weight::Reviewed,
        Disposition::Resolved if record.exit_code == Ending::Stale.code() => Weight::Fails,
        Disposition::Resolved => Weight::Gone,
    }
}

/// Whether the run was to be strict, as far as its exit code tells: a record does not say.
fn is_strict(record: &RunRecord) -> bool {
    let code = |strict| Ending::of(record, strict).code();
    code(false) != record.exit_code && code(true) == record.exit_code
}

/// Whether the run may look green.
pub(super) const fn is_green(record: &RunRecord) -> bool {
    record.exit_code == Ending::Clean.code()
}

/// The meaning of the exit code.
pub(super) fn meaning(record: &RunRecord) -> &'static str {
    Ending::from_code(record.exit_code).map_or("the run failed", Ending::meaning)
}

/// What is not certain and no finding of its own: flaky ones are among the findings.
pub(super) fn uncertain(record: &RunRecord) -> impl Iterator<Item = &UnstableRecord> {
    let is_found =
        |one: &UnstableRecord| record.divergences.iter().any(|found| found.fingerprint == one.fingerprint);
    record.unstable.iter().filter(move |one| !is_found(one))
}
