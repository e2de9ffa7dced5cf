//! The whole loop in process: what is generated, sent, served, read and judged must conform.

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use passmuster::engine::{Execution, Executor, RunSettings, SupportTable};
use passmuster::generate::{CastNaming, write_scenario};
use passmuster::server::Embedded;

use crate::plan::Plan;

/// The first account of a cast is one behind it.
const BASE: u64 = 111_111_111_000;

/// Whatever is done, and whichever admissible answers the server gives, the judge finds nothing wrong and loses
/// nothing out of sight.
pub fn model_and_server_agree(bytes: &[u8]) {
    static SETTINGS: LazyLock<RunSettings> = LazyLock::new(RunSettings::default);
    static SUPPORT: LazyLock<SupportTable> = LazyLock::new(SupportTable::default);
    let Plan { answers, intents } = Plan::read(bytes);
    let server = Embedded::new(0, answers.clone(), &[]);
    let naming = CastNaming::new(BASE, 0, SETTINGS.regions.clone());
    let executor = Executor::new(&server, &SUPPORT, &SETTINGS, naming);
    let mut run = pin!(executor.intents(None, &intents, &SETTINGS.generate));
    // The server is a call away: nothing in here ever waits.
    let Poll::Ready(execution) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a call in process had to wait");
    };
    let Execution { found, tally, ended, .. } = &execution;
    let agrees = found.is_empty() && tally.inconclusive.is_empty() && ended.is_none();
    assert!(
        agrees,
        "{answers:?}\n{found:#?}\n{:?}\n{ended:?}\n{}",
        tally.inconclusive,
        write_scenario(&execution.scenario(usize::MAX))
    );
}
