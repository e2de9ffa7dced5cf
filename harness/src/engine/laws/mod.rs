//! The judge of laws: holds two scenarios that may not differ against each other, whatever the service does.

mod comparable;
mod differ;

use super::execution::Execution;
use crate::generate::{CastNaming, LawCase};
use comparable::Comparable;
use passmuster_contract::domain::Divergence;

/// One side of a case as it ran, and the names that its accounts had.
pub(super) struct LawSide<'a> {
    pub(super) execution: &'a Execution,
    pub(super) naming: CastNaming,
}

/// Finds how two sides break the law of their case. A divergence of one of them from the model is
/// found as it always is, and the law is silent.
pub(super) fn violation(case: &LawCase, left: &LawSide<'_>, right: &LawSide<'_>) -> Option<Divergence> {
    let left =
        Comparable::of(&case.left_scenario(), case.left.len(), case.views.len(), left.execution, &left.naming)?;
    let right = Comparable::of(
        &case.right_scenario(),
        case.right.len(),
        case.views.len(),
        right.execution,
        &right.naming,
    )?;
    differ::difference(case, &left, &right)
}
