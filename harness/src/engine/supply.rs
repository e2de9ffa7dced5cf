//! The sources of the systems under test: a server at a socket, or embedded servers.

use std::sync::Arc;
use std::time::Duration;

use crate::server::{Embedded, Listener, Reference, ServerSettings};
use crate::targets::guard::Guard;
use crate::targets::{Caller, HttpTransport, Reset, SystemUnderTest, Target};
use passmuster_contract::domain::Profile;

/// Where scenarios get their system under test from.
pub trait Supply: Send + Sync + 'static {
    /// The receiver of the calls.
    type Sut: SystemUnderTest + 'static;

    /// The system for one scenario: one and the same, or a new one without state.
    fn open(&self) -> Self::Sut;

    /// Makes the system forget what it knows, where that is wanted before each scenario.
    ///
    /// # Errors
    ///
    /// When it can't be made to, in words that fit after "failed to …".
    fn prepare(&self) -> impl Future<Output = Result<(), String>> + Send {
        async { Ok(()) }
    }

    /// The system, or another like it, at a socket that bytes can be sent to.
    ///
    /// # Errors
    ///
    /// When there is none, in words that fit after "failed to …".
    fn raw_target(&self) -> impl Future<Output = Result<RawTarget, String>> + Send {
        async { Err("reach it by bytes: it has no socket".to_owned()) }
    }
}

/// One server at a socket.
pub struct HttpSupply {
    /// The connection to it.
    pub transport: Arc<HttpTransport>,
    /// The call that clears its state before each scenario, and its caller; without it each scenario takes fresh
    /// accounts.
    pub reset: Option<(Reset, Caller)>,
}

impl Supply for HttpSupply {
    type Sut = Arc<HttpTransport>;

    fn open(&self) -> Self::Sut {
        self.transport.clone()
    }

    async fn prepare(&self) -> Result<(), String> {
        if self.transport.guard().has_cast() {
            return self.transport.restore().await.map_err(|error| error.to_string());
        }
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

/// A target that bytes can be sent to.
pub struct RawTarget {
    /// The way there.
    pub transport: Arc<HttpTransport>,
    /// A server that was started for it, and ends with it.
    pub server: Option<Server>,
}

/// A server that ends when it is dropped.
pub struct Server(pub tokio::task::AbortHandle);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}
