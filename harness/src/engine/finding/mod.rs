//! The path from a divergence that was seen to a finding that is reported.

mod blame;
mod confirmed;
mod follow;
mod investigate;
mod lead;
mod record;

pub use confirmed::ConfirmedFinding;
pub(super) use confirmed::Followed;
pub(super) use follow::Following;
pub(super) use lead::Lead;
pub(super) use record::lead_record;
