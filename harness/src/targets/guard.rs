//! The last check before anything is sent: whether this account may be used at this address. It sends nothing itself.

use std::collections::BTreeSet;

use thiserror::Error;

use super::endpoint::Endpoint;

/// The accounts that may be used off this machine. Loopback addresses need none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    allowed: BTreeSet<String>,
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GuardRefusal {
    /// The address is not on this machine and the account is not on the list.
    #[error(
        "call {endpoint} as account {account}: it is not on this machine, and nobody allowed that account; \
         forward a port of this machine to it, or allow the account by `Guard::allowing`"
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
}

impl Guard {
    /// A guard that lets these accounts be used anywhere; all others on this machine alone.
    pub fn allowing<T: Into<String>>(accounts: impl IntoIterator<Item = T>) -> Self {
        Self { allowed: accounts.into_iter().map(Into::into).collect() }
    }

    /// Lets a call pass, or says why not.
    ///
    /// # Errors
    /// When the address is not loopback and the account is not on the list.
    pub fn check(&self, endpoint: &Endpoint, account: &str) -> Result<(), GuardRefusal> {
        if endpoint.is_loopback() || self.allowed.contains(account) {
            return Ok(());
        }
        Err(GuardRefusal::NotAllowed { endpoint: endpoint.as_str().to_owned(), account: account.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Guard};

    fn verdict(guard: &Guard, endpoint: &str, account: &str) -> Result<(), String> {
        let endpoint = Endpoint::parse(endpoint, "us-east-1").unwrap();
        guard.check(&endpoint, account).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn this_machine_needs_no_permission() {
        assert_eq!(verdict(&Guard::default(), "http://127.0.0.1:5000", "111111111111"), Ok(()));
    }

    #[test]
    fn another_machine_needs_every_account_named() {
        let guard = Guard::allowing(["111111111111"]);
        let aws = "https://securityhub.us-east-1.amazonaws.com";
        assert_eq!(verdict(&guard, aws, "111111111111"), Ok(()));
        let text = verdict(&guard, aws, "222222222222").unwrap_err();
        assert!(text.contains("as account 222222222222") && text.contains(aws), "{text}");
    }
}
