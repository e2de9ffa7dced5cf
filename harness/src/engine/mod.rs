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
mod malformed;
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
mod well_formed;

pub use answer_sheet::{AnswerSheet, Seen, SheetEntry, SheetError};
pub use check::{Checked, check};
pub use check_record::conversation_record;
pub use execute::{Execution, Executor, Found, Step};
pub use goals::{GOALS, Goal, Needs};
pub use investigate::Finding;
pub use malformed::{MalformedOutcome, RawTarget, Server};
pub use power::{PowerSettings, measure};
pub use probe::ProbeError;
pub use replay::{ReplayedStep, replay};
pub use run::{Interrupt, Run, RunError};
pub use settings::{Filter, Phase, RunSettings, Selection, Shard};
pub use summary::Description;
pub use support::{Support, SupportTable};
pub use tally::Tally;

use std::time::Duration;

use crate::server::{Embedded, Listener, Reference, ServerSettings};
use crate::targets::guard::Guard;
use crate::targets::{Caller, HttpTransport, Reset, SystemUnderTest, Target};
use passmuster_contract::domain::Profile;

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

    /// The system, or another like it, behind a socket that bytes can be sent to.
    ///
    /// # Errors
    ///
    /// When there is none, in words that fit behind "failed to …".
    fn raw_target(&self) -> impl Future<Output = Result<RawTarget, String>> + Send {
        async { Err("reach it by bytes: it has no socket".to_owned()) }
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
            Some((reset, caller)) => crate::targets::reset::reset(&self.transport, reset, caller)
                .await
                .map_err(|error| error.to_string()),
        }
    }

    async fn raw_target(&self) -> Result<RawTarget, String> {
        Ok(RawTarget { transport: self.transport.clone(), server: None })
    }
}

/// Embedded servers like this, a new one for each scenario, so that their memory goes with it.
///
/// The profile and the signatures matter to requests that come as bytes; calls in process are always well-formed.
#[derive(Clone, Debug, Default)]
pub struct EmbeddedSupply(pub ServerSettings);

impl Supply for EmbeddedSupply {
    type Sut = Embedded;

    fn open(&self) -> Embedded {
        Embedded::with(ServerSettings { profile: Profile::default(), signatures: None, ..self.0.clone() })
    }

    async fn raw_target(&self) -> Result<RawTarget, String> {
        let listener = Listener::bind(0, Duration::ZERO).await.map_err(|error| error.to_string())?;
        let target = Target { endpoint: Some(listener.endpoint()), ..Target::default() };
        let transport = HttpTransport::new(target, Guard::default()).map_err(|error| error.to_string())?;
        let server = Reference::with(self.0.clone());
        let task = tokio::spawn(async move {
            listener.serve(server).await;
        });
        Ok(RawTarget { transport: transport.into(), server: Some(Server(task.abort_handle())) })
    }
}
