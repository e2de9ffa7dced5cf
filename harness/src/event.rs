//! The events that a run tells while it goes on.

use passmuster_contract::domain::Severity;
use passmuster_contract::trace::Conversation;

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A phase begins.
    PhaseStarted {
        /// Its name.
        phase: &'static str,
        /// The number of calls it may make; `None` when only time bounds it.
        budget: Option<u64>,
    },
    /// So far.
    Progress {
        /// Calls made.
        calls: u64,
        /// Scenarios run.
        scenarios: u64,
        /// Distinct divergences found.
        findings: usize,
    },
    /// A new distinct divergence was confirmed.
    Found {
        /// Its id.
        id: String,
        /// Its severity.
        severity: Severity,
        /// One sentence.
        summary: String,
    },
    /// A scenario was run, told only where a run is recorded: all that was done and answered in it.
    Recorded(Box<Conversation>),
    /// Something about the run itself.
    Remark(String),
}
