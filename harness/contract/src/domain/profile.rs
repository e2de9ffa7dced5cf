//! The kind of server that a target claims to be, which decides what it may answer to malformed requests.

use std::fmt;
use std::str::FromStr;

/// The truth that a target is held to, of two.
///
/// The protocol tests of restJson1 say what a generated server answers to a malformed request; the service itself sits
/// behind another front and answers otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// The specification of the protocol and its tests: for generated servers.
    Smithy,
    /// The service itself, as it was seen and as its documentation has it: for stand-ins.
    Aws,
    /// Either: only what no plausible server of AWS would answer is a finding.
    #[default]
    Union,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Smithy, Self::Aws, Self::Union];

    /// The name that `--profile` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smithy => "smithy",
            Self::Aws => "aws",
            Self::Union => "union",
        }
    }

    /// The servers that it is for.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Smithy => "a generated server",
            Self::Aws => "the service itself",
            Self::Union => "either",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no profile of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no profile is called {0:?}; choose from smithy, aws and union")]
pub struct UnknownProfile(pub String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        Self::ALL.into_iter().find(|profile| profile.name() == text).ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}
