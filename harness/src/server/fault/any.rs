//! The faults of both catalogues, by name.

use std::fmt;

use super::{Fault, UnknownFault, WireFault};

/// A fault of the server's behaviour, or of its protocol. No two have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyFault {
    /// A rule of the contract is violated.
    Behaviour(Fault),
    /// The protocol is violated.
    Wire(WireFault),
}

impl AnyFault {
    /// Every fault, those of the behaviour first.
    pub fn all() -> impl Iterator<Item = Self> {
        let wire = WireFault::all().iter().copied().map(Self::Wire);
        Fault::all().iter().copied().map(Self::Behaviour).chain(wire)
    }

    /// Finds a fault by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownFault> {
        Self::all().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }

    /// The name that `serve --fault` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Behaviour(fault) => fault.name(),
            Self::Wire(fault) => fault.name(),
        }
    }

    /// The rule, row of the decision table, or invariant that it violates.
    #[must_use]
    pub const fn violates(self) -> &'static str {
        match self {
            Self::Behaviour(fault) => fault.rule().0,
            Self::Wire(fault) => fault.row(),
        }
    }

    /// Its effect, in one sentence.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Behaviour(fault) => fault.summary(),
            Self::Wire(fault) => fault.summary(),
        }
    }

    /// Parts faults by their catalogue.
    #[must_use]
    pub fn part(faults: &[Self]) -> (Vec<Fault>, Vec<WireFault>) {
        let mut parts = (Vec::new(), Vec::new());
        for fault in faults {
            match fault {
                Self::Behaviour(fault) => parts.0.push(*fault),
                Self::Wire(fault) => parts.1.push(*fault),
            }
        }
        parts
    }
}

impl fmt::Display for AnyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
