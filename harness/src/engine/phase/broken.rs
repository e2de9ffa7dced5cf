//! Calls the operations that failed in the probe once more, in scenarios: a failure is a finding like any other, though
//! nothing else is asked of such an operation.

use std::collections::BTreeSet;

use tokio::time::{Instant, timeout_at};

use super::super::context::RunContext;
use super::super::ending::Stop;
use super::super::erased::ErasedSystem;
use super::super::execution::{Execution, FoundDivergence};
use super::super::executor::{Executor, is_possible};
use super::super::finding::{Lead, steps_until};
use super::super::interrupt::Interrupt;
use super::super::settings::Phase;
use super::super::support::Support;
use super::super::tally::Tally;
use crate::generate::Ways;
use crate::record::Uncertainty;
use passmuster_contract::domain::{Divergence, Operation, Scenario};

/// The first slot of accounts of the probe that the probe itself does not use, nor a replay.
const FIRST_SLOT: u64 = 10;
/// About so many ways to call an operation are tried until one shows how it fails.
const MOST_WAYS: usize = 6;
/// So many of them may bring no answer that can be judged.
const MOST_UNJUDGED: u32 = 2;
/// The part of the run's time that it may take.
const SHARE_OF_TIME: u32 = 4;

/// The results of calling operations once more.
#[derive(Default)]
pub(in crate::engine) struct Recalled {
    pub(in crate::engine) tally: Tally,
    pub(in crate::engine) leads: Vec<Lead>,
    pub(in crate::engine) unsteady: Vec<UnsteadyOperation>,
    /// Why not all were called.
    pub(in crate::engine) stop: Option<Stop>,
}

/// An operation that failed in the probe, and whose failure was not seen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct UnsteadyOperation {
    pub(in crate::engine) operation: Operation,
    pub(in crate::engine) why: Uncertainty,
    /// Answers that were judged, and showed nothing.
    pub(in crate::engine) judged: u64,
}

/// Calls each operation that failed in the probe.
pub(in crate::engine) async fn call_broken(
    context: &RunContext,
    began: Instant,
    interrupt: &Interrupt,
) -> Recalled {
    let settings = &context.settings;
    let deadline = began + settings.max_time / SHARE_OF_TIME;
    let mut recalled = Recalled::default();
    let mut slot = FIRST_SLOT;
    let is_broken = |operation: &&Operation| {
        matches!(context.support.get(**operation), Some(Support::Broken(_)))
            && settings.selection.has(**operation, &[])
    };
    for operation in Operation::ALL.iter().filter(is_broken).copied() {
        let (mut judged, mut unjudged) = (0, 0);
        let mut why = None;
        let known = tokio::select! {
            known = context.ways.by(deadline) => known,
            () = interrupt.raised() => None,
        };
        if known.is_none() && !interrupt.is_raised() {
            why = Some(Uncertainty::OutOfTime);
        }
        for way in known.map(|known| ways(known, operation, context)).unwrap_or_default() {
            let scenario = async |executor: Executor<'_, ErasedSystem>| executor.scenario(&way).await;
            let tried = tokio::select! {
                tried = timeout_at(deadline, context.run(Phase::Probe, slot, scenario)) => tried,
                () = interrupt.raised() => {
                    recalled.stop = Some(Stop::Interrupted);
                    why = Some(Uncertainty::Interrupted);
                    break;
                }
            };
            let Ok(Ok(execution)) = tried else {
                why = Some(if tried.is_err() { Uncertainty::OutOfTime } else { Uncertainty::TargetLost });
                break;
            };
            recalled.tally.add(&Tally { scenarios: 0, ..execution.tally.clone() });
            let shown = leads(&execution, slot, context, |found| found.operation == operation);
            slot += 1;
            if !shown.is_empty() {
                recalled.leads.extend(shown);
                why = None;
                break;
            }
            if execution.tally.inconclusive.is_empty() {
                judged += 1
            } else {
                unjudged += 1
            }
            why = Some(if judged > 0 { Uncertainty::Flaky } else { Uncertainty::NeverJudged });
            if unjudged >= MOST_UNJUDGED {
                break;
            }
        }
        recalled.unsteady.extend(why.map(|why| UnsteadyOperation { operation, why, judged }));
    }
    recalled
}

/// Ways to call the operation that lead over none that is missing: the shortest ones, and some longer ones, as the
/// shortest may be such that a failure is an answer (Q28).
fn ways(known: &Ways, operation: Operation, context: &RunContext) -> Vec<Scenario> {
    let settings = &context.settings;
    let operations: Vec<_> = settings.generate.operations.iter().copied().chain([operation]).collect();
    let mut ways = known.within(&operations, settings.callers(), settings.generate.regions);
    ways.retain(|way| {
        let mut called = way.transitions.iter().map(|transition| transition.request.operation);
        let times = called.clone().filter(|called| *called == operation).count();
        times == 1
            && called.next_back() == Some(operation)
            && way.transitions.iter().all(|transition| settings.is_within_cast(transition))
            && is_possible(way, &settings.organization)
    });
    ways.sort_by_key(|way| way.transitions.len());
    let stride = ways.len().div_ceil(MOST_WAYS).max(1);
    let is_taken = |place: usize| place < MOST_WAYS / 2 || place % stride == stride - 1;
    (0..).zip(ways).filter(|(place, _)| is_taken(*place)).map(|(_, way)| way).collect()
}

/// The divergences that are wanted of those that a scenario with the accounts of this slot showed, each once.
pub(super) fn leads(
    execution: &Execution,
    slot: u64,
    context: &RunContext,
    is_wanted: impl Fn(&Divergence) -> bool,
) -> Vec<Lead> {
    let mut known = BTreeSet::new();
    let found = execution
        .found
        .iter()
        .filter(|found| is_wanted(&found.divergence) && known.insert(found.divergence.fingerprint()));
    let lead = |found: &FoundDivergence| Lead {
        found: found.clone(),
        scenario: execution.scenario(found.steps),
        steps: steps_until(execution, found),
        names: execution.names(context.accounts.naming(Phase::Probe, slot)),
        calls_before: 0,
        phase: Phase::Probe,
        number: 0,
        calls: found.calls,
        case: None,
    };
    found.map(lead).collect()
}
