//! The ending of a run, as one of the few things a script can act on.

use crate::record::{
    Disposition, DivergenceRecord, GoalRecord, InconclusiveRecord, OperationSupport, RunRecord, StopCause,
    Stopped, Uncertainty, UnstableRecord,
};
use passmuster_contract::domain::{Cause, Severity};

/// The ending of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Nothing diverges, or only what has been reviewed.
    Clean,
    /// Something diverges that has not been reviewed, or not in this way.
    NewDivergence,
    /// Nothing could be told about the target, or something was seen and left open.
    NoVerdict,
    /// There was nothing to check, or the target supports none of it.
    NothingChecked,
    /// Something that has been reviewed is gone, and that was to be strict.
    Stale,
    /// Somebody interrupted it.
    Interrupted,
}

impl Ending {
    /// Every ending.
    pub const ALL: &'static [Self] =
        &[Self::Clean, Self::NewDivergence, Self::NoVerdict, Self::NothingChecked, Self::Stale, Self::Interrupted];

    /// The ending of a run. A suspicion counts as a divergence only when `strict`, a note never.
    #[must_use]
    pub fn of(record: &RunRecord, strict: bool) -> Self {
        let stopped = record.stopped.as_ref().map(Stopped::cause);
        let fails = |divergence: &DivergenceRecord| match divergence.severity {
            Severity::Divergence => true,
            Severity::Suspicion => strict,
            Severity::Note => false,
        };
        let is_new = |found: &DivergenceRecord| {
            matches!(found.disposition, Disposition::New | Disposition::Changed)
                && fails(found)
                && !record.is_lone(found)
        };
        let any_is = |support| record.operations.iter().any(|operation| operation.support == support);
        let (any_supported, any_broken) = (any_is(OperationSupport::Supported), any_is(OperationSupport::Broken));
        if stopped == Some(StopCause::Interrupted) {
            Self::Interrupted
        } else if record.divergences.iter().any(is_new) {
            Self::NewDivergence
        } else if matches!(stopped, Some(StopCause::TargetLost | StopCause::TooSoon))
            || record.unstable.iter().any(|one| leaves_open(one, record))
        {
            Self::NoVerdict
        } else if record.totals.judged > 0 && is_throttled_out(record) {
            // What was left to see may be as little as what was seen.
            Self::NoVerdict
        } else if record.totals.judged == 0 {
            // Calls of supported operations that told nothing, or a limit that was hit too soon, leave it open.
            let tried = record.totals.scenarios > 0 || record.stopped.is_some();
            if !tried && any_supported {
                Self::NothingChecked
            } else if any_supported || any_broken || record.stopped.is_some() {
                Self::NoVerdict
            } else {
                Self::NothingChecked
            }
        } else if sent_nothing_malformed(record) {
            if record.stopped.is_some() { Self::NoVerdict } else { Self::NothingChecked }
        } else if !any_supported && !any_broken {
            Self::NothingChecked
        } else if strict && record.shard.is_none() && record.divergences.iter().any(is_stale) {
            Self::Stale
        } else if strict && record.goals.iter().any(GoalRecord::is_missed) {
            // Nothing diverges, but too little was seen to say that nothing does.
            Self::NoVerdict
        } else {
            Self::Clean
        }
    }

    /// The ending that a code stands for; none for the codes of commands that could not run.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|ending| ending.code() == code)
    }

    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::NewDivergence => 1,
            Self::NoVerdict => 3,
            Self::NothingChecked => 4,
            Self::Stale => 5,
            Self::Interrupted => 130,
        }
    }

    /// Its meaning, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "nothing new diverges",
            Self::NewDivergence => "new divergence",
            Self::NoVerdict => "no verdict",
            Self::NothingChecked => "nothing was checked",
            Self::Stale => "stale baseline",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Whether the target has cut so many scenarios short, by throttling, that what was seen is no sample of the rest.
fn is_throttled_out(record: &RunRecord) -> bool {
    const ONE_IN: u64 = 4;
    let by_throttling = |one: &&InconclusiveRecord| one.reason.starts_with(Cause::Throttling.in_words());
    let throttled: u64 = record.inconclusive.iter().filter(by_throttling).map(|one| one.times).sum();
    let tried = record.totals.scenarios.saturating_add(record.totals.wire_requests);
    throttled > 0 && throttled.saturating_mul(ONE_IN) >= tried
}

/// Whether malformed requests were all that was asked for, and none was sent: what the probe saw is no answer to that.
fn sent_nothing_malformed(record: &RunRecord) -> bool {
    let asked = !record.wire.profile.is_empty();
    asked && record.totals.wire_requests == 0 && record.totals.scenarios == 0 && record.shard.is_none()
}

/// Whether the reviewed snapshot no longer says what is the case. Notes never weigh.
fn is_stale(divergence: &DivergenceRecord) -> bool {
    divergence.severity != Severity::Note && divergence.disposition == Disposition::Resolved
}

/// Whether something that weighs was seen and is not certain. A flaky divergence that was reviewed as such is known;
/// what moves by itself is no evidence.
fn leaves_open(unstable: &UnstableRecord, record: &RunRecord) -> bool {
    let is_same = |found: &&DivergenceRecord| found.fingerprint == unstable.fingerprint;
    match unstable.why {
        Uncertainty::Moving => false,
        Uncertainty::Flaky => {
            let found = record.divergences.iter().find(is_same);
            found.is_none_or(|found| found.disposition != Disposition::Known) && unstable.severity > Severity::Note
        }
        Uncertainty::NeverJudged
        | Uncertainty::Unending
        | Uncertainty::OutOfTime
        | Uncertainty::Interrupted
        | Uncertainty::TargetLost
        | Uncertainty::OutOfAccounts
        | Uncertainty::NotJudgedAgain => unstable.severity > Severity::Note,
    }
}

/// The exit code of a run.
#[must_use]
pub fn exit_code(record: &RunRecord, strict: bool) -> u8 {
    Ending::of(record, strict).code()
}
