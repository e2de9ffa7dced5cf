//! Runs scenarios against a target: budget, workers, belief, views, confirmation, shrinking.

mod answer_sheet;
mod blame;
mod boundary;
mod check;
mod check_record;
mod curl;
mod execute;
mod goals;
mod impact;
mod investigate;
mod lane;
mod laws;
mod opinion;
mod pages;
mod power;
mod probe;
mod random;
mod recording;
mod replay;
mod run;
mod settings;
mod summary;
mod support;
mod symbols;
mod tally;
mod views;
mod walk;

pub use answer_sheet::{AnswerSheet, Seen, SheetEntry, SheetError};
pub use check::{Checked, check};
pub use check_record::conversation_record;
pub use execute::{Execution, Executor, Found, Step};
pub use goals::{GOALS, Goal, Needs};
pub use investigate::Finding;
pub use power::{PowerSettings, measure};
pub use probe::ProbeError;
pub use replay::{ReplayedStep, replay};
pub use run::{Interrupt, Run, RunError};
pub use settings::{Filter, Phase, RunSettings, Selection, Shard};
pub use summary::Description;
pub use support::{Support, SupportTable};
pub use tally::Tally;

use crate::server::{Answers, Embedded, Fault};
use crate::target::{Caller, HttpTransport, Reset, SystemUnderTest};

/// Where scenarios get their system under test from.
pub trait Supply: Send + Sync + 'static {
    /// What takes the calls.
    type Sut: SystemUnderTest + 'static;

    /// The system for one scenario: one and the same, or a new one without state.
    fn open(&self) -> Self::Sut;

    /// Makes the system forget what it knows, where that is wanted before each scenario.
    ///
    /// # Errors
    ///
    /// When it can't be made to, in words that fit behind "failed to …".
    fn prepare(&self) -> impl Future<Output = Result<(), String>> + Send {
        async { Ok(()) }
    }
}

/// One server behind a socket.
pub struct HttpSupply {
    /// How to reach it.
    pub transport: std::sync::Arc<HttpTransport>,
    /// How to clear its state before each scenario, and as whom; without it each scenario takes fresh accounts.
    pub reset: Option<(Reset, Caller)>,
}

impl Supply for HttpSupply {
    type Sut = std::sync::Arc<HttpTransport>;

    fn open(&self) -> Self::Sut {
        self.transport.clone()
    }

    async fn prepare(&self) -> Result<(), String> {
        match &self.reset {
            None => Ok(()),
            Some((reset, caller)) => crate::target::reset::reset(&self.transport, reset, caller)
                .await
                .map_err(|error| error.to_string()),
        }
    }
}

/// Embedded servers, a new one for each scenario, so that their memory goes with it.
#[derive(Clone, Debug, Default)]
pub struct EmbeddedSupply {
    /// Seeds what the server makes up.
    pub seed: u64,
    /// How it answers open questions.
    pub answers: Answers,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

impl Supply for EmbeddedSupply {
    type Sut = Embedded;

    fn open(&self) -> Embedded {
        Embedded::new(self.seed, self.answers.clone(), &self.faults)
    }
}
