//! Circumstances that are out of the ordinary: what a rule says was seen in them only where its sources show it.

use std::fmt;

use serde::Deserialize;

/// A circumstance that an account may be in, and few accounts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// Its account is closed.
    Suspended,
    /// It has left its organization.
    Departed,
    /// It was delegated administrator, or a member of one, until the designation ended.
    Undesignated,
    /// Its organization gives Security Hub no trusted access.
    Untrusted,
    /// AWS Organizations itself was told who the delegated administrator is.
    Registered,
    /// Its organization is configured centrally.
    Central,
    /// It was a member by invitation before it was one by its organization.
    Converted,
}

impl Oddity {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Suspended,
        Self::Departed,
        Self::Undesignated,
        Self::Untrusted,
        Self::Registered,
        Self::Central,
        Self::Converted,
    ];

    /// The circumstance in words that follow "an account".
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Suspended => "that is closed",
            Self::Departed => "that left its organization",
            Self::Undesignated => "whose administrator's designation ended",
            Self::Untrusted => "of an organization without trusted access",
            Self::Registered => "of an organization that registered its administrator by itself",
            Self::Central => "of an organization that is configured centrally",
            Self::Converted => "that was a member by invitation before",
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}
