//! The sources of an organization for scenarios that need one.

use std::fmt;

use passmuster_contract::domain::Account;

/// The source of a scenario's organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OrganizationSetup {
    /// Each scenario founds its own by the target's AWS Organizations API.
    #[default]
    Api,
    /// There is one already, that all scenarios take in turn.
    Static {
        /// The account that manages it.
        management: Account,
        /// Its other accounts, in the order in which scenarios take them.
        accounts: Vec<Account>,
    },
    /// There is none.
    None,
}

impl fmt::Display for OrganizationSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api => f.write_str("api"),
            Self::None => f.write_str("none"),
            Self::Static { management, accounts } => {
                write!(f, "{management}")?;
                accounts.iter().try_for_each(|account| write!(f, ",{account}"))
            }
        }
    }
}
