//! The phases that explore: each makes a plan of scenarios, which stand in one queue; what they found is returned as
//! data.

mod boundary;
mod broken;
mod explore;
mod known;
mod laws;
mod part;
mod plan;
mod probe;
mod queue;
mod random;
mod walk;

pub(super) use broken::{UnsteadyOperation, call_broken};
pub(super) use explore::Exploration;
pub(super) use known::revisit;
pub(super) use part::{PhasePart, Walked};
pub use probe::ProbeError;
pub(super) use probe::{Probed, probe};
pub(super) use queue::Queue;
pub(super) use random::scripts;
pub(super) use walk::{plan_whole, walk_part};
