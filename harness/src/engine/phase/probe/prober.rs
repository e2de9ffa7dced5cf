//! The calls of the probe, and why a run can't begin after them.

use super::super::super::pages;
use super::super::super::settings::RunSettings;
use super::super::super::support::Support;
use super::super::super::tally::Tally;
use super::super::super::well_formed::WellFormed;
use crate::generate::{CastNaming, MANAGEMENT};
use crate::targets::{Caller, SystemUnderTest, TransportError};
use passmuster_contract::domain::{Account, Cause, Document, Naming, Operation, Role};
use passmuster_contract::wire::HttpResponse;

/// The account of the cast that is created, to be delegated administrator.
pub(super) const DELEGATE: Account = Account(5);

/// Why a run can't begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The target brought no answer.
    #[error("failed to {0}")]
    Unreachable(TransportError),
    /// The state of earlier runs is in the way.
    #[error(
        "every block of account ids tried holds the state of earlier runs; restart the target, or use --reset"
    )]
    Used,
    /// With one account only, that account has to be unused.
    #[error("the hub of the only account {0} is on already; disable it, restart the target, or use --reset")]
    NotEmpty(String),
    /// It doesn't take the credentials.
    #[error(
        "the target refuses the credentials: {0}; give those that it knows (--accounts, --profile), and see that its \
         clock is right"
    )]
    Credentials(String),
    /// Accounts are not told apart, so that scenarios would find what others left behind.
    #[error(
        "the target takes all accounts for one, {0}: a hub enabled by one is shown to another under the same ARN, so \
         nothing can be judged; correct --accounts or --account-header (`passmuster doctor` looks at both), or test \
         it with this account alone: --accounts single={0} --reset 'POST /PATH'"
    )]
    OneAccount(String),
    /// There is no such organization as was given.
    #[error(
        "the organization given is not there: {0}; correct --organization, or make sure that --reset leaves it"
    )]
    NotGiven(String),
}

/// Asks a target, and reads what it has from the answers.
pub(super) struct Prober<'a, S> {
    pub(super) sut: &'a S,
    pub(super) settings: &'a RunSettings,
    pub(super) naming: CastNaming,
    /// Whether there is an organization to probe delegated administration in.
    pub(super) founded: bool,
}

impl<S: SystemUnderTest> Prober<'_, S> {
    /// Makes a call of an account of the cast.
    pub(super) async fn call(
        &self,
        account: Account,
        operation: Operation,
        document: &Document,
        tally: &mut Tally,
    ) -> Result<pages::Whole, ProbeError> {
        tally.calls += 1;
        if !operation.is_setup() {
            *tally.operations.entry(operation).or_default() += 1;
        }
        let region = self.settings.regions.first().cloned().unwrap_or_else(|| "us-east-1".into());
        let caller = Caller { account: self.naming.account(account).into(), region };
        let mut called = pages::once(self.sut, &caller, operation, document).await;
        if matches!(called, Err(TransportError::ClosedEarly { reused: true, .. })) {
            // A target that closes kept connections unannounced need not have seen the call, and here it does no
            // harm if it has.
            called = pages::once(self.sut, &caller, operation, document).await;
        }
        if let Ok(whole) = &called {
            tally.calls += whole.calls.saturating_sub(1);
        }
        called.map_err(ProbeError::Unreachable)
    }

    /// Whether the target has an operation, by its answer to one well-formed call.
    pub(super) async fn ask(&self, operation: Operation, tally: &mut Tally) -> Result<Support, ProbeError> {
        let single = self.settings.single_account.is_some();
        // The hub of the first account stays on as the mark that the block is used.
        let is_disabling = !single && operation == Operation::DisableSecurityHub;
        let account = match operation.role() {
            _ if is_disabling => self.settings.at_hand(Account(3)),
            Role::Management if self.founded => MANAGEMENT,
            Role::Delegate if self.founded => DELEGATE,
            Role::Newcomer | Role::Administrator | Role::Member | Role::Management | Role::Delegate => Account(1),
        };
        let whole = self.call(account, operation, &self.document(operation), tally).await?;
        if operation == Operation::EnableSecurityHub && Cause::of(&whole.outcome) == Some(Cause::Credentials) {
            return Err(ProbeError::Credentials(whole.outcome.summary()));
        }
        let support = Support::of(&whole.outcome, &whole.response);
        // The same page is given where an operation crashes; which of both it is, only the kind of target tells.
        if is_error_page(&whole.response) && !self.settings.lacks_by_error_page {
            return Ok(Support::Broken(whole.outcome.summary()));
        }
        Ok(support)
    }

    fn document(&self, operation: Operation) -> Document {
        let delegate = if self.founded { DELEGATE } else { Account(2) };
        WellFormed { caller: Account(1), other: Account(2), delegate, naming: &self.naming }.document(operation)
    }
}

/// Whether a response is a page of HTML with status 500.
fn is_error_page(response: &HttpResponse) -> bool {
    response.status == 500 && response.body.trim_ascii_start().starts_with(b"<")
}
