//! A supply whose type the engine does not know: the engine is compiled once, in its own crate, not again for each kind
//! of target in every program that uses it.

use std::pin::Pin;
use std::sync::Arc;

use super::supply::{RawTarget, Supply};
use crate::event::Event;
use crate::targets::{Caller, SystemUnderTest, TransportError};
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// A future whose type is not known either.
pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The receiver of what a run tells.
pub(super) type Tell<'a> = dyn FnMut(Event) + Send + 'a;

/// Any supply. Cheap to clone.
#[derive(Clone)]
pub(super) struct ErasedSupply(Arc<dyn DynSupply>);

/// Any system under test.
pub(super) struct ErasedSystem(Box<dyn DynSystem>);

impl ErasedSupply {
    pub(super) fn new<S: Supply>(supply: Arc<S>) -> Self {
        Self(supply)
    }

    /// See [`Supply::open`].
    pub(super) fn open(&self) -> ErasedSystem {
        self.0.open_dyn()
    }

    /// See [`Supply::prepare`].
    pub(super) fn prepare(&self) -> Boxed<'_, Result<(), String>> {
        self.0.prepare_dyn()
    }

    /// See [`Supply::raw_target`].
    pub(super) fn raw_target(&self) -> Boxed<'_, Result<RawTarget, String>> {
        self.0.raw_target_dyn()
    }
}

impl SystemUnderTest for ErasedSystem {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0.call_dyn(caller, request).await
    }

    fn may_lag(&self) -> bool {
        self.0.may_lag_dyn()
    }
}

trait DynSupply: Send + Sync {
    fn open_dyn(&self) -> ErasedSystem;
    fn prepare_dyn(&self) -> Boxed<'_, Result<(), String>>;
    fn raw_target_dyn(&self) -> Boxed<'_, Result<RawTarget, String>>;
}

impl<S: Supply> DynSupply for S {
    fn open_dyn(&self) -> ErasedSystem {
        ErasedSystem(Box::new(self.open()))
    }

    fn prepare_dyn(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(self.prepare())
    }

    fn raw_target_dyn(&self) -> Boxed<'_, Result<RawTarget, String>> {
        Box::pin(self.raw_target())
    }
}

trait DynSystem: Send + Sync {
    fn call_dyn<'a>(
        &'a self,
        caller: &'a Caller,
        request: HttpRequest,
    ) -> Boxed<'a, Result<HttpResponse, TransportError>>;
    fn may_lag_dyn(&self) -> bool;
}

impl<S: SystemUnderTest> DynSystem for S {
    fn call_dyn<'a>(
        &'a self,
        caller: &'a Caller,
        request: HttpRequest,
    ) -> Boxed<'a, Result<HttpResponse, TransportError>> {
        Box::pin(self.call(caller, request))
    }

    fn may_lag_dyn(&self) -> bool {
        self.may_lag()
    }
}
