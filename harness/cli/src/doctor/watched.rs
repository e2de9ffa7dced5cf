//! A target whose hubs that were switched on are known, so that they can be switched off again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use passmuster::domain::{Document, Operation, shape};
use passmuster::engine::Supply;
use passmuster::targets::{Caller, HttpTransport, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse, encode_request};

/// The target, with the callers whose hubs are on.
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) transport: Arc<HttpTransport>,
    on: Arc<Mutex<BTreeSet<Caller>>>,
}

impl Watched {
    pub(super) fn new(transport: Arc<HttpTransport>) -> Self {
        Self { transport, on: Arc::default() }
    }

    /// Makes a call without input.
    pub(super) async fn ask(&self, caller: &Caller, operation: Operation) -> Result<HttpResponse, TransportError> {
        self.call(caller, encode_request(operation, &Document::new())).await
    }

    /// Whether the hub of an account is shown.
    pub(super) async fn shows_hub(&self, caller: &Caller) -> Result<bool, TransportError> {
        Ok(is_success(&self.ask(caller, Operation::DescribeHub).await?))
    }

    /// Switches off what was switched on; the number of hubs that are left.
    pub(super) async fn undo(&self) -> Result<usize, TransportError> {
        let on: Vec<Caller> = self.on.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        let mut left = 0;
        for caller in on {
            self.ask(&caller, Operation::DisableSecurityHub).await?;
            left += usize::from(self.shows_hub(&caller).await?);
        }
        Ok(left)
    }
}

impl SystemUnderTest for Watched {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let is_hub = request.path == "/accounts";
        let method = request.method;
        let answered = self.transport.call(caller, request).await;
        // What was not answered may have been done.
        let is_done = answered.as_ref().map_or(true, is_success);
        if is_hub && is_done {
            let mut on = self.on.lock().unwrap_or_else(PoisonError::into_inner);
            match method {
                shape::Method::Post => drop(on.insert(caller.clone())),
                shape::Method::Delete => drop(on.remove(caller)),
                shape::Method::Get | shape::Method::Patch => {}
            }
        }
        answered
    }
}

impl Supply for Watched {
    type Sut = Self;

    fn open(&self) -> Self {
        self.clone()
    }
}

pub(super) fn is_success(response: &HttpResponse) -> bool {
    (200..300).contains(&response.status)
}
