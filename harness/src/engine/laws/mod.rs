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

/// The judgement on two sides whose views were read twice.
pub(super) enum LawVerdict {
    Held,
    /// What a view shows changed with nothing in between, and nothing else is amiss.
    Moves,
    Broken(Divergence),
}

/// Holds two sides of a case against each other of which each has read its views twice; `None` where they can't be
/// compared, as for [`violation`].
pub(super) fn held_twice(case: &LawCase, left: &LawSide<'_>, right: &LawSide<'_>) -> Option<LawVerdict> {
    let (twice, views) = (case.read_twice(), case.views.len());
    let comparable = |scenario, calls, side: &LawSide<'_>| {
        Comparable::of(&scenario, calls, 2 * views, side.execution, &side.naming)
    };
    let mut left = comparable(twice.left_scenario(), case.left.len(), left)?;
    let mut right = comparable(twice.right_scenario(), case.right.len(), right)?;
    left.set_moving_apart(views);
    right.set_moving_apart(views);
    let moves = !(left.moving.is_empty() && right.moving.is_empty());
    Some(match differ::difference(case, &left, &right) {
        Some(divergence) => LawVerdict::Broken(divergence),
        None if moves => LawVerdict::Moves,
        None => LawVerdict::Held,
    })
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
