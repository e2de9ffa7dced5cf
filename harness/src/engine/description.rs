//! The set-up of a run, in the words of its reports.

use crate::targets::AccountSelection;

/// The set-up of a run, as far as reports tell of it.
#[derive(Clone, Debug)]
pub struct Description {
    /// The target's name.
    pub target: String,
    /// Its address, or words in place of one.
    pub endpoint: String,
    /// An address that command lines can use.
    pub curl_endpoint: String,
    /// The file with the certificate that they trust, where one was given.
    pub curl_ca: Option<String>,
    /// The means by which it learns which account calls.
    pub accounts: AccountSelection,
    /// Its version, where it told one.
    pub version: Option<String>,
    /// The flags that point `replay` at the same target.
    pub replay_flags: String,
}
