//! The reference server without a socket.

use std::sync::Mutex;

use super::{Answers, Fault, Reference, Seen, ServerSettings, Suspect};
use crate::targets::{Caller, SystemUnderTest, TransportError};
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// A reference server in this process; calls to it are as good as calls over HTTP, only without the bytes.
#[derive(Debug)]
pub struct Embedded {
    server: Mutex<Reference>,
}

impl Embedded {
    /// A server without any state.
    #[must_use]
    pub fn new(seed: u64, answers: Answers, faults: &[Fault]) -> Self {
        Self { server: Mutex::new(Reference::new(seed, answers, faults)) }
    }

    /// A server without any state, by all its settings.
    #[must_use]
    pub fn with(settings: ServerSettings) -> Self {
        Self { server: Mutex::new(Reference::with(settings)) }
    }

    /// A server that looks out for deviations which would show in what it is asked.
    #[must_use]
    pub fn suspecting(suspects: Vec<Suspect>, settings: ServerSettings) -> Self {
        Self { server: Mutex::new(Reference::suspecting(suspects, settings)) }
    }

    /// What it has seen of the deviations that it looks out for.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.lock().seen().clone()
    }

    /// Forgets all state.
    pub fn reset(&self) {
        self.lock().reset();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Reference> {
        self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl SystemUnderTest for Embedded {
    /// It does all that a call brings about before it answers.
    fn may_lag(&self) -> bool {
        false
    }

    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        Ok(self.lock().handle_as(caller, &request))
    }
}
