//! The whole loop in process: what is generated, sent, served, read and judged must conform.

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use passmuster::engine::{Executor, RunSettings, SupportTable};
use passmuster::generate::{CastNaming, write_scenario};
use passmuster::server::{Embedded, Fault};

use crate::plan::Plan;

/// The first account of a cast is one above it.
const BASE: u64 = 111_111_111_000;

/// Whatever is done, and whichever admissible answers the server gives, the judge finds nothing wrong and nothing
/// that it can't judge.
pub fn model_and_server_agree(bytes: &[u8]) {
    if let Some(disagreement) = disagreement(bytes, &[]) {
        panic!("{disagreement}");
    }
}

/// The first thing that the judge finds wrong with a server with these faults, if any.
///
/// A run may end early: what an answer admits is sometimes more than the model can follow, and it says so.
#[must_use]
pub fn disagreement(bytes: &[u8], faults: &[Fault]) -> Option<String> {
    static SETTINGS: LazyLock<RunSettings> = LazyLock::new(RunSettings::default);
    static SUPPORT: LazyLock<SupportTable> = LazyLock::new(SupportTable::default);
    let Plan { answers, intents } = Plan::read(bytes);
    let server = Embedded::new(0, answers.clone(), faults);
    let naming = CastNaming::new(BASE, 0, SETTINGS.regions.clone());
    let executor = Executor::new(&server, &SUPPORT, &SETTINGS, naming);
    let mut run = pin!(executor.intents(None, &intents, &SETTINGS.generate));
    // The server is a call away: nothing in here ever waits.
    let Poll::Ready(execution) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        return Some("a call in process had to wait".to_owned());
    };
    let (found, inconclusive) = (&execution.found, &execution.tally.inconclusive);
    (!found.is_empty() || !inconclusive.is_empty()).then(|| {
        let scenario = write_scenario(&execution.scenario(usize::MAX));
        format!("{answers:?}\n{found:#?}\n{inconclusive:?}\n{scenario}")
    })
}
