//! The surroundings of a run that all its phases share: the target, the settings, what the target supports, and the
//! accounts there are.

use std::sync::Arc;

use super::accounts::AccountPlan;
use super::ahead::SoughtAhead;
use super::erased::{ErasedSupply, ErasedSystem};
use super::execution::Execution;
use super::executor::Executor;
use super::settings::{Phase, RunSettings};
use super::support::SupportTable;
use crate::generate::Ways;
use crate::targets::OrganizationSetup;

/// The context that scenarios are run in.
#[derive(Clone)]
pub(super) struct RunContext {
    pub(super) supply: ErasedSupply,
    pub(super) settings: Arc<RunSettings>,
    pub(super) support: Arc<SupportTable>,
    pub(super) accounts: AccountPlan,
    /// The shortest paths, which take a while to search.
    pub(super) ways: SoughtAhead<&'static Ways>,
}

impl RunContext {
    /// Makes the target ready, and runs something with the accounts of a slot of the phase.
    ///
    /// # Errors
    ///
    /// When the target can't be made to forget, in words that fit after "failed to …".
    pub(super) async fn run<F>(&self, phase: Phase, slot: u64, scenario: F) -> Result<Execution, String>
    where
        F: AsyncFnOnce(Executor<'_, ErasedSystem>) -> Execution,
    {
        self.supply.prepare().await?;
        let sut = self.supply.open();
        let naming = self.accounts.naming(phase, slot);
        Ok(scenario(Executor::new(&sut, &self.support, &self.settings, naming)).await)
    }

    /// Whether all scenarios have to share one set of accounts that nothing clears: then there can be but one.
    pub(super) fn only_one(&self) -> bool {
        self.shares_accounts() && self.settings.fresh_accounts
    }

    fn shares_accounts(&self) -> bool {
        matches!(self.settings.organization, OrganizationSetup::Static { .. })
            || self.settings.single_account.is_some()
    }

    /// The most scenarios that may run at once.
    pub(super) fn workers(&self) -> usize {
        let apart = self.settings.fresh_accounts && !self.shares_accounts();
        if apart { self.settings.workers.max(1) } else { 1 }
    }
}
