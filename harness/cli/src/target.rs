//! The options that name a target and say how to treat it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{CliError, value};
use passmuster::server::AnyFault;
use passmuster::targets::{AccountSelection, OrganizationSetup, Reset, Target, presets};

/// The name of the target that needs no address.
pub(crate) const EMBEDDED: &str = "embedded";

/// Which target, and how to treat it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct TargetArgs {
    #[arg(long, value_name = "NAME", env = "PASSMUSTER_TARGET", hide_env_values = true, help = value::help_on_targets())]
    pub(crate) target: Option<String>,
    /// The address of the target, instead of its preset's
    #[arg(long, value_name = "URL", env = "PASSMUSTER_ENDPOINT", hide_env_values = true)]
    pub(crate) endpoint: Option<String>,
    /// Its version, where it does not tell it itself: for what was reviewed for some versions only
    #[arg(long, value_name = "VERSION", env = "PASSMUSTER_TARGET_VERSION")]
    pub(crate) target_version: Option<String>,
    /// The way in which the target learns which account calls: access-key, single, single=ID, profiles=NAME,… (one AWS
    /// profile for each of the allowed accounts, in their order), or assume-role=arn:aws:iam::{account}:role/NAME (a role
    /// in each of them)
    #[arg(long, value_name = "HOW", value_parser = value::accounts, conflicts_with = "account_header")]
    pub(crate) accounts: Option<AccountsArg>,
    /// Show this external id where roles are assumed
    #[arg(long, value_name = "ID", value_parser = value::external_id)]
    pub(crate) external_id: Option<String>,
    /// Use these accounts and no others; what is not on this machine needs it. They have to be empty, and are brought
    /// back
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = value::account_id)]
    pub(crate) allow_accounts: Vec<String>,
    /// Note each change to allowed accounts in this file before it is made, for `passmuster cleanup` [default: a new
    /// file here]
    #[arg(long, value_name = "FILE", requires = "allow_accounts")]
    pub(crate) journal: Option<PathBuf>,
    /// Send the account id in this header
    #[arg(long, value_name = "NAME", value_parser = value::header)]
    pub(crate) account_header: Option<String>,
    /// Where an organization comes from: api, none, or MANAGEMENT_ID,ACCOUNT_ID,… for one that is there already (its
    /// accounts have to be clean, or be cleared by --reset)
    #[arg(long, value_name = "HOW", value_parser = value::organization)]
    pub(crate) organization: Option<OrganizationSetup>,
    /// What is there before the first call and needs none: hub; found out by the probe where EnableSecurityHub isn't
    /// there
    #[arg(long, value_name = "WHAT")]
    pub(crate) given: Option<GivenState>,
    /// A Region to use; the first is where most calls go
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// Start the target with this line, in which {port} is replaced, and end it afterwards
    #[arg(long, value_name = "LINE")]
    pub(crate) spawn: Option<String>,
    /// Wait this long for the first answer of a target that is still starting; `doctor` waits for 30s by itself
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub(crate) wait: Option<Duration>,
    /// The longest that an answer may take [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub(crate) request_timeout: Option<Duration>,
    /// A request that clears the target's state, such as 'POST /reset'
    #[arg(long, value_name = "REQUEST", value_parser = value::reset)]
    pub(crate) reset: Option<Reset>,
    /// Certificates (PEM) to trust for https
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Switch on a fault of the embedded server; `serve --list-faults` lists them
    #[arg(long = "fault", value_name = "ID", value_parser = value::any_fault)]
    pub(crate) faults: Vec<AnyFault>,
}

/// The way in which accounts are told apart, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AccountsArg {
    /// As the target takes it.
    Selected(AccountSelection),
    /// By the keys of a profile for each allowed account.
    Profiles(Vec<String>),
    /// By the keys of a role in each allowed account, whose id stands for `{account}` in this ARN.
    Role(String),
}

impl fmt::Display for AccountsArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profiles(names) => write!(f, "profiles={}", names.join(",")),
            Self::Role(template) => write!(f, "assume-role={template}"),
            Self::Selected(AccountSelection::Single(id)) => write!(f, "single={id}"),
            Self::Selected(_) => f.write_str("access-key"),
        }
    }
}

/// What a target may have from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GivenState {
    /// The hub of every account.
    Hub,
}

impl TargetArgs {
    /// The name of the target in reports and of its snapshots' folder.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        match (&self.target, &self.endpoint) {
            (Some(name), _) => name,
            (None, Some(_)) => "custom",
            (None, None) => EMBEDDED,
        }
    }

    /// The way in which the target learns which account calls, where one was chosen.
    #[must_use]
    pub(crate) fn selection(&self) -> Option<AccountSelection> {
        let header = self.account_header.clone().map(AccountSelection::Header);
        header.or_else(|| match &self.accounts {
            Some(AccountsArg::Selected(selection)) => Some(selection.clone()),
            Some(AccountsArg::Profiles(_) | AccountsArg::Role(_)) => Some(AccountSelection::Keys(Vec::new())),
            None => None,
        })
    }

    /// The target with all that is said of it.
    ///
    /// # Errors
    ///
    /// When no preset is called so, and no address is given.
    pub(crate) fn resolve(&self) -> Result<Target, CliError> {
        let name = self.name();
        let mut target = match presets::by_name(name) {
            Ok(target) => target,
            // Any name will do for a server whose address is given.
            Err(_) if self.endpoint.is_some() => Target { name: name.to_owned(), ..Target::default() },
            Err(unknown) => {
                return Err(CliError::from_message(&unknown.to_string()));
            }
        };
        if let Some(endpoint) = &self.endpoint {
            target.endpoint = Some(endpoint.clone());
            // Whoever stands in for one service stands in for both.
            target.sts = None;
        }
        if let Some(selection) = self.selection() {
            target.accounts = selection;
        }
        if let Some(organization) = &self.organization {
            target.organization.clone_from(organization);
        }
        target.given_hubs = self.given == Some(GivenState::Hub);
        if !self.regions.is_empty() {
            target.regions.clone_from(&self.regions);
            target.regions.dedup();
        }
        if let Some(longest) = self.request_timeout {
            target.limits.request_timeout = longest;
            target.limits.connect_timeout = target.limits.connect_timeout.min(longest);
        }
        if self.ca.is_some() {
            target.ca.clone_from(&self.ca);
        }
        Ok(target)
    }

    /// Refuses what each flag admits but makes no sense together.
    ///
    /// # Errors
    ///
    /// At the first flag that has nothing to act on.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        let embedded = self.name() == EMBEDDED;
        if !self.faults.is_empty() && !embedded {
            let message = format!("--fault works on the embedded server only, not on target {:?}", self.name());
            return Err(CliError::usage(message, "leave out --target and --endpoint, or leave out --fault"));
        }
        if embedded && self.endpoint.is_some() {
            let fix = "leave out --target, or leave out --endpoint";
            return Err(CliError::usage("the embedded server has no address", fix));
        }
        let ownerless = match &self.accounts {
            Some(AccountsArg::Profiles(_)) => {
                Some("--accounts profiles=… without the accounts that they belong to")
            }
            Some(AccountsArg::Role(_)) => Some("--accounts assume-role=… without the accounts that it is in"),
            Some(AccountsArg::Selected(_)) | None => None,
        };
        if let Some(message) = ownerless.filter(|_| self.allow_accounts.is_empty()) {
            return Err(CliError::usage(message, "name them in the same order: --allow-accounts ID,ID"));
        }
        if self.external_id.is_some() && !matches!(self.accounts, Some(AccountsArg::Role(_))) {
            let message = "--external-id without a role that is assumed";
            return Err(CliError::usage(
                message,
                "name it: --accounts assume-role=arn:aws:iam::{account}:role/NAME",
            ));
        }
        let reaching = [
            ("--allow-accounts", !self.allow_accounts.is_empty()),
            ("--spawn", self.spawn.is_some()),
            ("--account-header", self.account_header.is_some()),
            ("--ca", self.ca.is_some()),
        ];
        match reaching.into_iter().find(|(_, given)| embedded && *given) {
            Some((flag, _)) => {
                let fix = "say what it is for: --target NAME, or --endpoint URL";
                Err(CliError::usage(format!("{flag} without a target"), fix))
            }
            None => Ok(()),
        }
    }
}
