//! A divergence as it was first seen, before it is looked into: data only.

use std::sync::Arc;

use super::super::execution::FoundDivergence;
use super::super::settings::Phase;
use crate::generate::LawCase;
use passmuster_contract::domain::Scenario;

/// A divergence as it was first seen.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Lead {
    pub(in crate::engine) found: FoundDivergence,
    pub(in crate::engine) scenario: Scenario,
    pub(in crate::engine) calls_before: u64,
    /// The law that it breaks: both sides have to be run to see it again.
    pub(in crate::engine) case: Option<Arc<LawCase>>,
    pub(in crate::engine) phase: Phase,
    /// The number of the scenario, or of the law's case.
    pub(in crate::engine) number: u64,
    /// After how many calls of what has this number it was seen.
    pub(in crate::engine) calls: u64,
}
