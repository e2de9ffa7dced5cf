//! What a mended cause leaves: the reference server with all other causes, tried on every finding.

use super::bench::Bench;
use super::case::{self, Case};
use super::{Candidate, gather};
use crate::record::{CauseRecord, RunRecord};
use crate::server::Suspect;

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It goes away.
    Gone,
    /// It does not show any more, though its own cause is still there.
    Hidden,
    /// It shows as before.
    Stays,
    /// No cause explains it, so that nothing can be said.
    Unknown,
}

/// Says what becomes of each finding, by id, where the target mends these causes.
#[must_use]
pub fn what_if(record: &RunRecord, mended: &[&str]) -> Vec<(String, Fate)> {
    let (cases, _) = case::cases(record);
    let bench = Bench::new(record, None);
    let candidates = gather(&bench, record, &cases);
    fates(&bench, &cases, &candidates, &record.causes, mended)
}

/// The same for findings and causes that are at hand.
pub(super) fn fates(
    bench: &Bench,
    cases: &[Case],
    candidates: &[Candidate],
    causes: &[CauseRecord],
    mended: &[&str],
) -> Vec<(String, Fate)> {
    let suspects = |without: &[&str]| -> Vec<&Suspect> {
        let kept = causes.iter().filter(|cause| !without.contains(&cause.id.as_str()));
        let parts: Vec<&String> = kept.flat_map(|cause| &cause.change.parts).collect();
        let known = candidates.iter().filter(|candidate| parts.contains(&&candidate.name()));
        known.map(|candidate| &candidate.suspect).collect()
    };
    let (before, after) = (suspects(&[]), suspects(mended));
    let fate = |case: &Case| {
        let Some(cause) = causes.iter().find(|cause| cause.findings.contains(&case.id)) else {
            return Fate::Unknown;
        };
        let is_mended = mended.contains(&cause.id.as_str());
        match (bench.show(case, &before).is_some(), bench.show(case, &after).is_some(), is_mended) {
            (_, true, _) => Fate::Stays,
            (_, false, true) => Fate::Gone,
            (true, false, false) => Fate::Hidden,
            // With all causes together it doesn't show, either, so that nothing follows from that.
            (false, false, false) => Fate::Stays,
        }
    };
    cases.iter().map(|case| (case.id.clone(), fate(case))).collect()
}
