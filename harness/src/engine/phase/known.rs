//! Replays the scenarios of the divergences that are known, before anything else is looked for: whether one is still
//! there must not depend on how far a run comes.

use std::pin::pin;

use tokio::time::{Instant, sleep_until};

use super::super::context::RunContext;
use super::super::ending::Stop;
use super::super::erased::ErasedSystem;
use super::super::execution::Execution;
use super::super::executor::Executor;
use super::super::feasible::is_feasible;
use super::super::finding::Lead;
use super::super::interrupt::Interrupt;
use super::super::pool::{OrderedWork, WorkStep};
use super::super::settings::{KnownDivergence, Phase};
use super::super::tally::Tally;
use super::broken::leads;
use crate::record::{ReplayRecord, ReplayStanding};
use passmuster_contract::domain::Severity;

/// The first slot of accounts of the probe that is for these scenarios.
const FIRST_SLOT: u64 = 300;
/// So many are replayed; the others are left to the phases.
const MOST_KNOWN: usize = 700;
/// The part of the run's time that it may take.
const SHARE_OF_TIME: u32 = 4;

/// The results of replaying what is known.
#[derive(Default)]
pub(in crate::engine) struct Revisited {
    pub(in crate::engine) tally: Tally,
    pub(in crate::engine) leads: Vec<Lead>,
    pub(in crate::engine) replays: Vec<ReplayRecord>,
    pub(in crate::engine) stop: Option<Stop>,
}

/// Replays the scenario of each known divergence that this target allows to run.
pub(in crate::engine) async fn revisit(context: &RunContext, began: Instant, interrupt: &Interrupt) -> Revisited {
    let mut revisited = Revisited::default();
    // Where accounts are shared and nothing clears them, one scenario spoils the next.
    if context.only_one() {
        return revisited;
    }
    let settings = &context.settings;
    let known: Vec<(u64, KnownDivergence)> = (0..)
        .zip(settings.known.iter().take(MOST_KNOWN))
        .filter(|(number, known)| {
            settings.shard.has(*number) && is_feasible(&known.scenario, settings, &context.support)
        })
        .map(|(number, known)| (number, known.clone()))
        .collect();
    let fingerprints: Vec<String> = known.iter().map(|(_, known)| known.fingerprint.clone()).collect();
    let pieces = known.into_iter().map({
        let context = context.clone();
        move |(number, known)| {
            let context = context.clone();
            async move {
                let slot = FIRST_SLOT + number;
                let scenario =
                    async |executor: Executor<'_, ErasedSystem>| executor.scenario(&known.scenario).await;
                (slot, known.scenario.transitions.len(), context.run(Phase::Probe, slot, scenario).await)
            }
        }
    });
    let mut end = pin!(async {
        tokio::select! {
            () = sleep_until(began + settings.max_time / SHARE_OF_TIME) => None,
            () = interrupt.raised() => Some(Stop::Interrupted),
        }
    });
    let mut work = OrderedWork::new(pieces, context.workers());
    for fingerprint in fingerprints {
        let (slot, steps, tried) = match work.next(end.as_mut()).await {
            WorkStep::Result(result) => result,
            WorkStep::End(stop) => {
                revisited.stop = stop;
                break;
            }
            WorkStep::Done => break,
        };
        // A target that can't be made to forget is told of by the phases.
        let Ok(execution) = tried else { break };
        revisited.replays.push(replay(fingerprint, &execution, steps));
        let leads = leads(&execution, slot, context, |found| settings.selection.has_divergence(found));
        // Several of them may show the same.
        for lead in leads {
            let fingerprint = lead.found.divergence.fingerprint();
            if !revisited.leads.iter().any(|known| known.found.divergence.fingerprint() == fingerprint) {
                revisited.leads.push(lead);
            }
        }
        revisited.tally.add(&Tally { scenarios: 0, ..execution.tally });
    }
    revisited
}

/// What came of a scenario of so many steps.
fn replay(fingerprint: String, execution: &Execution, steps: usize) -> ReplayRecord {
    let grave = execution.found.iter().filter(|found| found.divergence.severity() > Severity::Note);
    let showed: Vec<String> = grave.map(|found| found.divergence.fingerprint().0).collect();
    let is_judged = execution.steps.len() >= steps && execution.tally.inconclusive.is_empty();
    let standing = match (showed.is_empty(), is_judged) {
        (false, _) => ReplayStanding::Diverges,
        (true, true) => ReplayStanding::Conforms,
        (true, false) => ReplayStanding::Unjudged,
    };
    ReplayRecord { fingerprint, standing, showed, calls: execution.tally.calls }
}
