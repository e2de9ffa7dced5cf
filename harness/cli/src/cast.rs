//! Targets with accounts of somebody: whose they are, that they are empty, what will be done to them, and its end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment::now;
use super::signing::furnish_keys;
use super::target::TargetArgs;
use super::{CliError, Environment};
use passmuster::baseline::Ending;
use passmuster::domain::{Account, printable};
use passmuster::engine::RunSettings;
use passmuster::targets::footprint::Footprint;
use passmuster::targets::guard::Guard;
use passmuster::targets::journal::{Journal, JournalHead};
use passmuster::targets::{Caller, HttpTransport, Target};

/// The calls that may be made before it is known whether a run begins: a few for each account and Region.
const CALLS_BEFORE: u64 = 2_000;
/// For each call that is planned so many are made at most: findings are confirmed, and accounts brought back before
/// each scenario.
const CALLS_FOR_EACH: u64 = 12;
/// The calls planned where accounts are somebody's and no number is given.
pub(super) const CALLS_WITH_CAST: u64 = 2_000;

/// The accounts of a target that are somebody's.
pub(super) struct FixedCast {
    pub(super) transport: Arc<HttpTransport>,
    accounts: Vec<String>,
    regions: Vec<String>,
    /// The accounts with who signs for them, for the plan.
    signers: Vec<(String, String)>,
    signing: String,
    external_id: Option<String>,
    journal: Option<PathBuf>,
    started: bool,
}

/// Puts the allowed accounts and their keys into a target.
pub(super) fn furnish(args: &TargetArgs, target: &mut Target, environment: &Environment) -> Result<(), CliError> {
    let accounts = &args.allow_accounts;
    let refused = |flag: &str, why: &str| {
        let message = format!("{flag} goes with accounts that are made up, not with --allow-accounts: {why}");
        Err(CliError::usage(message, format!("leave out {flag}")))
    };
    if args.reset.is_some() {
        return refused("--reset", "they are brought back by calls of their own");
    }
    if args.organization.is_some() {
        return refused("--organization", "no organization is touched");
    }
    if args.given.is_some() {
        return refused("--given", "their hubs have to be off");
    }
    let mut cast = Vec::new();
    for id in accounts {
        match Account::from_digits(id) {
            Some(account) if !cast.contains(&account) => cast.push(account),
            _ => return Err(CliError::usage(format!("{id} is allowed twice"), "name each account once")),
        }
    }
    target.cast = Some(cast);
    furnish_keys(args, target, environment)
}

impl FixedCast {
    /// Makes sure whose accounts these are and that they are empty. Nothing is changed.
    pub(super) async fn open(args: &TargetArgs, target: &Target) -> Result<Self, CliError> {
        let guard = Guard::allowing(args.allow_accounts.iter().cloned(), CALLS_BEFORE);
        let transport = HttpTransport::new(target.clone(), guard)
            .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        let (accounts, regions) = (args.allow_accounts.clone(), target.regions.clone());
        let header = args.account_header.as_ref().map(|name| format!("header={name}"));
        let signing = header.or_else(|| args.accounts.as_ref().map(ToString::to_string)).unwrap_or_default();
        let signers = identified(&transport, &accounts, &regions).await?;
        for account in &accounts {
            for region in &regions {
                let found = Footprint::read(&transport, &Caller::new(account, region)).await;
                let found = found.map_err(|error| {
                    CliError::from_message(&format!("failed to {error}")).with_code(Ending::NoVerdict)
                })?;
                if !found.is_empty() {
                    let message = format!("refused to use account {account} in {region}: {found}");
                    let fix =
                        "passmuster would take it down; use accounts without Security Hub, or clean up by hand";
                    return Err(CliError::usage(message, fix));
                }
            }
        }
        let transport = Arc::new(transport);
        let external_id = args.external_id.clone();
        Ok(Self { transport, accounts, regions, signers, signing, external_id, journal: None, started: false })
    }

    /// Tells what a run will do to the accounts; where it begins, every change stands in the journal from now on.
    pub(super) fn plan(
        &mut self,
        journal: Option<&Path>,
        settings: &RunSettings,
        is_rehearsal: bool,
        chat: &mut (dyn Write + Send),
    ) -> Result<(), CliError> {
        let target = self.transport.target();
        let most = settings.max_calls.saturating_mul(CALLS_FOR_EACH);
        let default = || PathBuf::from(format!("passmuster-{}.journal", now().basic()));
        let path = journal.map_or_else(default, Path::to_owned);
        let mut text = format!("plan for {} ({}):\n", target.name, target.endpoint.as_deref().unwrap_or_default());
        for (account, arn) in &self.signers {
            text.push_str(&format!("  account  {account}, as {}\n", printable(arn)));
        }
        text.push_str(&format!("  Regions  {}\n", self.regions.join(", ")));
        text.push_str(&format!(
            "  calls    {} planned, {most} at most: the accounts are brought back before each scenario\n",
            settings.max_calls
        ));
        text.push_str(
            "  changes  hubs on and off, members and invitations among these accounts, standards, findings; \
             no other account, no organization\n",
        );
        text.push_str(&format!("  journal  {}\n", path.display()));
        // A closed terminal is no reason to go on unread.
        chat.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
        if is_rehearsal {
            return Ok(());
        }
        let endpoint = target.endpoint.as_deref().unwrap_or_default();
        let (accounts, regions) = (self.accounts.clone(), self.regions.clone());
        let head = JournalHead::new(&target.name, endpoint, accounts, regions, self.signing.clone())
            .with_external_id(self.external_id.clone());
        let begun = Journal::create(&path, &head)
            .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        self.transport.guard().permit_changes(begun, most);
        (self.journal, self.started) = (Some(path), true);
        Ok(())
    }

    /// Brings the accounts back, and makes sure of it.
    pub(super) async fn restore(&mut self) -> Result<(), CliError> {
        if !std::mem::take(&mut self.started) {
            return Ok(());
        }
        let path = self.journal.as_ref().map_or_else(String::new, |path| path.display().to_string());
        self.transport.restore().await.map_err(|error| {
            let text = format!("failed to {error}");
            let message = CliError::from_message(&text).message;
            CliError::usage(message, format!("try again later: `passmuster cleanup {path}`"))
                .with_code(Ending::NoVerdict)
        })
    }
}

/// Who signs for each account, as the target says.
pub(super) async fn identified(
    transport: &HttpTransport,
    accounts: &[String],
    regions: &[String],
) -> Result<Vec<(String, String)>, CliError> {
    let region = regions.first().map_or("us-east-1", String::as_str);
    let mut signers = Vec::new();
    for account in accounts {
        let identity = transport.identify(&Caller::new(account, region)).await;
        let identity = identity.map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        signers.push((identity.account, identity.arn));
    }
    Ok(signers)
}
