//! Malformed requests as a phase of a run: sent, judged by the decision table of the protocol and by what holds for any bytes.
//!
//! Each class of the catalogue is sent on each operation that it fits, then what takes several requests, then random
//! compositions. What is refused may
//! change nothing, what is accepted has to do what the repaired request does: both are read from stages, accounts set
//! up for one operation.

mod again;
mod campaign;
mod context;
mod control;
mod dice;
mod finding;
mod health;
mod judge;
mod lane;
mod lane_result;
mod look;
mod moving;
mod outcome;
mod plan;
mod recipes;
mod record;
mod sequences;
mod smaller;
mod stage;
mod tokens;
mod traffic;

use super::settings::RunSelection;
use super::support::SupportTable;

pub(super) use campaign::campaign;
pub use outcome::MalformedOutcome;
pub(super) use record::part;

/// Whether anything is left to send to such a target.
pub(super) fn leaves_any(selection: &RunSelection, support: &SupportTable) -> bool {
    let operations = plan::operations(selection, |operation| support.can_call(operation));
    !operations.is_empty() && !plan::classes(selection).is_empty()
}
