//! The operation of a call in a trace: one that the model has a place for, or any other by its name.

use std::fmt;

use crate::domain::Operation;

/// The operation of a call in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// One that the model has a place for.
    Known(Operation),
    /// Any other, of whatever service.
    Other(String),
}

impl Called {
    /// The operation of this name.
    #[must_use]
    pub fn from_name(name: String) -> Self {
        Operation::from_name(&name).map_or(Self::Other(name), Self::Known)
    }

    /// The name as the API spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(operation) => operation.name(),
            Self::Other(name) => name,
        }
    }

    /// The operation that the model has a place for.
    #[must_use]
    pub const fn known(&self) -> Option<Operation> {
        match self {
            Self::Known(operation) => Some(*operation),
            Self::Other(_) => None,
        }
    }
}

impl From<Operation> for Called {
    fn from(operation: Operation) -> Self {
        Self::Known(operation)
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
