//! The path from a divergence that was seen to a finding that is reported.

mod blame;
mod confirmed;
mod follow;
mod investigate;
mod lead;
mod record;

pub use confirmed::ConfirmedFinding;
pub(super) use confirmed::Followed;
pub(super) use follow::{FollowedLeads, LeadFollower};
pub(super) use lead::{Lead, steps_until};
pub(super) use record::lead_record;
