//! The last check before anything is sent: whether this account may do this at this address. It sends nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use super::Caller;
use super::assume::opens_session_in;
use super::endpoint::Endpoint;
use super::journal::Journal;
use super::named::named;
use passmuster_contract::domain::{Family, Operation};
use passmuster_contract::wire::{self, HttpRequest};

/// The calls that one clean-up may take; it is never short of those that a run has spent.
const CALLS_OF_A_CLEANUP: u64 = 5_000;

/// The check before anything is sent.
///
/// Without a cast it lets any account be used on this machine, and none elsewhere. With one it lets these accounts be
/// used anywhere and no others, not even on this machine; then each change needs an account whose identity is known,
/// names no account outside of the cast, and stands in the journal before it is sent. Copies share all that.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    watch: Option<Arc<CastWatch>>,
}

/// The cast, and what has been done with it.
#[derive(Debug)]
struct CastWatch {
    accounts: BTreeSet<String>,
    state: Mutex<WatchState>,
}

#[derive(Debug)]
struct WatchState {
    /// The accounts that the target itself has named by their keys.
    known: BTreeSet<String>,
    changes: bool,
    most: u64,
    left: u64,
    /// The calls that are left of a clean-up, while one goes on.
    cleanup: Option<u64>,
    journal: Option<Journal>,
    touched: Touched,
}

/// Accounts by Region that changes since the last clean-up came from, or named.
pub type Touched = BTreeMap<String, BTreeSet<String>>;

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GuardRefusal {
    /// The address is not on this machine and the account is not on the list.
    #[error(
        "call {endpoint} as account {account}: it is not on this machine, and nobody allowed that account; \
         forward a port of this machine to it, or name every account of the cast by --allow-accounts"
    )]
    NotAllowed {
        /// The address.
        endpoint: String,
        /// The account.
        account: String,
    },
    /// The target has a single account, or a list of keys, and this account is not in it.
    #[error(
        "call {endpoint} as account {account}: the target has no such account; configure its keys, or plan with fewer accounts"
    )]
    NoSuchAccount {
        /// The address.
        endpoint: String,
        /// The account.
        account: String,
    },
    /// A change names an account that nobody allowed.
    #[error("send {operation} as account {account}: it names {named:?}, an account that nobody allowed")]
    Outsider {
        /// The operation.
        operation: &'static str,
        /// The account that would have called.
        account: String,
        /// The account that it names.
        named: String,
    },
    /// A request that is made on no account of others.
    #[error("send {what} as account {account}: with allowed accounts that is never done")]
    KeptBack {
        /// The request, in words.
        what: String,
        /// The account.
        account: String,
    },
    /// A change by an account whose identity is not known yet, or before changes are wanted.
    #[error("send {operation} as account {account}: {reason}")]
    TooEarly {
        /// The operation.
        operation: &'static str,
        /// The account.
        account: String,
        /// The step that is missing.
        reason: &'static str,
    },
    /// The cap on calls is reached.
    #[error("send another call: {most} calls have been made, which is the most; raise --max-calls")]
    Spent {
        /// The cap.
        most: u64,
    },
    /// The journal takes no more lines.
    #[error("note {operation} in the journal, so that it could be undone: {reason}")]
    NotNoted {
        /// The operation.
        operation: &'static str,
        /// The words of the system.
        reason: String,
    },
}

/// Whether a change is never made on allowed accounts: those to an organization reach beyond them.
#[must_use]
pub fn is_kept_back(operation: Operation) -> bool {
    operation.is_mutating() && matches!(operation.family(), Family::Organization | Family::Accounts)
}

impl Guard {
    /// A guard that lets these accounts be used anywhere, and no others, for so many calls.
    pub fn allowing<T: Into<String>>(accounts: impl IntoIterator<Item = T>, most: u64) -> Self {
        let state = WatchState {
            known: BTreeSet::new(),
            changes: false,
            most,
            left: most,
            cleanup: None,
            journal: None,
            touched: Touched::new(),
        };
        let accounts = accounts.into_iter().map(Into::into).collect();
        Self { watch: Some(Arc::new(CastWatch { accounts, state: Mutex::new(state) })) }
    }

    /// Whether there is a cast that it watches over.
    #[must_use]
    pub const fn has_cast(&self) -> bool {
        self.watch.is_some()
    }

    /// Takes note that the target itself has named this account by its keys.
    pub(super) fn know(&self, account: &str) {
        if let Some(mut state) = self.state() {
            state.known.insert(account.to_owned());
        }
    }

    /// Whether the target itself has named this account by its keys.
    pub(super) fn knows(&self, account: &str) -> bool {
        self.state().is_some_and(|state| state.known.contains(account))
    }

    /// Lets changes pass from now on, each noted in this journal first, and so many calls.
    pub fn permit_changes(&self, journal: Journal, most: u64) {
        if let Some(mut state) = self.state() {
            (state.changes, state.journal) = (true, Some(journal));
            (state.most, state.left) = (most, most);
        }
    }

    /// The accounts to bring back.
    #[must_use]
    pub fn touched(&self) -> Touched {
        self.state().map_or_else(Touched::new, |state| state.touched.clone())
    }

    /// Has these accounts brought back as well.
    pub fn touch(&self, touched: &Touched) {
        let Some(mut state) = self.state() else { return };
        for (region, accounts) in touched {
            state.touched.entry(region.clone()).or_default().extend(accounts.iter().cloned());
        }
    }

    /// Begins a clean-up, which has calls of its own.
    pub(super) fn begin_cleanup(&self) {
        if let Some(mut state) = self.state() {
            state.cleanup = Some(CALLS_OF_A_CLEANUP);
        }
    }

    /// Ends a clean-up, which has brought everything back or not.
    pub(super) fn end_cleanup(&self, is_done: bool) {
        let Some(mut state) = self.state() else { return };
        state.cleanup = None;
        if is_done {
            state.touched.clear();
            if let Some(journal) = &mut state.journal {
                // Without the line, a later clean-up looks at more than it would have to.
                let _ = journal.note_clean();
            }
        }
    }

    fn state(&self) -> Option<MutexGuard<'_, WatchState>> {
        self.watch.as_ref().map(|watch| watch.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets bytes pass whose meaning nobody knows, or says why not.
    ///
    /// # Errors
    /// When the address is not loopback, or there is a cast to watch over.
    pub fn check(&self, endpoint: &Endpoint, account: &str) -> Result<(), GuardRefusal> {
        if self.has_cast() {
            let what = "malformed requests".to_owned();
            return Err(GuardRefusal::KeptBack { what, account: account.to_owned() });
        }
        on_this_machine(endpoint, account)
    }

    /// Lets an account be spoken for at an address, or says why not. Nothing is sent yet.
    ///
    /// # Errors
    /// When nothing that it would send would pass.
    pub(super) fn admit(&self, endpoint: &Endpoint, account: &str) -> Result<(), GuardRefusal> {
        match &self.watch {
            None => on_this_machine(endpoint, account),
            Some(watch) if watch.accounts.contains(account) => Ok(()),
            Some(_) => Err(not_allowed(endpoint, account)),
        }
    }

    /// Lets a call pass that is sent next, or says why not. Where there is a cast, a change is in the journal then.
    ///
    /// # Errors
    /// When it may not be sent.
    pub fn pass(
        &self,
        endpoint: &Endpoint,
        caller: &Caller,
        request: &HttpRequest,
        body: &[u8],
    ) -> Result<(), GuardRefusal> {
        let (Some(watch), Some(mut state)) = (&self.watch, self.state()) else {
            return on_this_machine(endpoint, &caller.account);
        };
        let account = caller.account.to_string();
        if !watch.accounts.contains(&account) {
            return Err(not_allowed(endpoint, &account));
        }
        let change = watch.change(&state, &account, request, body)?;
        let most = state.most;
        // What was changed is brought back though nothing is left.
        let left = state.cleanup.unwrap_or(state.left);
        let left = left.checked_sub(1).ok_or(GuardRefusal::Spent { most })?;
        if let Some((operation, accounts)) = change {
            state.note(&caller.region, operation, &account, accounts)?;
        }
        if state.cleanup.is_some() {
            state.cleanup = Some(left);
            state.left = state.left.saturating_sub(1);
        } else {
            state.left = left;
        }
        Ok(())
    }
}

impl CastWatch {
    /// The change that a request makes, with the accounts that it touches; `None` where it makes none.
    fn change(
        &self,
        state: &WatchState,
        account: &str,
        request: &HttpRequest,
        body: &[u8],
    ) -> Result<Option<(Operation, BTreeSet<String>)>, GuardRefusal> {
        let kept_back = |what: String| GuardRefusal::KeptBack { what, account: account.to_owned() };
        if request.service() == "sts" {
            let is_known = body == super::identity::QUESTION || opens_session_in(body, account);
            return if is_known { Ok(None) } else { Err(kept_back("a call to STS".to_owned())) };
        }
        let Some(operation) = wire::route(request) else {
            return Err(kept_back(format!("{} {}", request.method.name(), request.path)));
        };
        if !operation.is_mutating() {
            return Ok(None);
        }
        let name = operation.name();
        if is_kept_back(operation) {
            return Err(kept_back(name.to_owned()));
        }
        let outsider = |named| GuardRefusal::Outsider { operation: name, account: account.to_owned(), named };
        let mut accounts = named(body, &self.accounts).map_err(outsider)?;
        let too_early = |reason| GuardRefusal::TooEarly { operation: name, account: account.to_owned(), reason };
        if !state.known.contains(account) {
            return Err(too_early("the target has not said yet whose keys these are"));
        }
        if !state.changes {
            return Err(too_early("no change is to be made yet"));
        }
        accounts.insert(account.to_owned());
        Ok(Some((operation, accounts)))
    }
}

impl WatchState {
    /// Notes a change that is about to be made.
    fn note(
        &mut self,
        region: &str,
        operation: Operation,
        account: &str,
        accounts: BTreeSet<String>,
    ) -> Result<(), GuardRefusal> {
        let name = operation.name();
        let failed = |reason| GuardRefusal::NotNoted { operation: name, reason };
        let journal = self.journal.as_mut().ok_or_else(|| failed("there is none".to_owned()))?;
        let touched = self.touched.entry(region.to_owned()).or_default();
        // A clean-up asks for the accounts alone: only a line with a new one must outlast the machine.
        let is_new = !accounts.is_subset(touched);
        journal.note(account, region, name, &accounts, is_new).map_err(|error| failed(error.to_string()))?;
        touched.extend(accounts);
        Ok(())
    }
}

/// Lets any account be used on this machine.
fn on_this_machine(endpoint: &Endpoint, account: &str) -> Result<(), GuardRefusal> {
    if endpoint.is_loopback() {
        return Ok(());
    }
    Err(not_allowed(endpoint, account))
}

fn not_allowed(endpoint: &Endpoint, account: &str) -> GuardRefusal {
    GuardRefusal::NotAllowed { endpoint: endpoint.as_str().to_owned(), account: account.to_owned() }
}
