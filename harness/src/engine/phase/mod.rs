//! The phases that explore: each makes a plan of scenarios, and returns what they found as data.

mod boundary;
mod broken;
mod explore;
mod laws;
mod part;
mod plan;
mod probe;
mod random;
mod walk;

pub(super) use boundary::Boundary;
pub(super) use broken::{UnsteadyOperation, call_broken};
pub(super) use explore::Exploration;
pub(super) use laws::Laws;
pub(super) use part::{PhasePart, Walked};
pub use probe::ProbeError;
pub(super) use probe::{Probed, probe};
pub(super) use random::{Random, scripts};
pub(super) use walk::{Walking, plan_ahead, plan_whole, walk_part};
