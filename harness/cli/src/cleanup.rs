//! `cleanup`: brings back the accounts that a run has left as they were, by its journal.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::cast::{furnish, identified};
use super::target::{AccountsArg, TargetArgs};
use super::{CliError, Environment, ExitCode, value};
use passmuster::baseline::Ending;
use passmuster::targets::HttpTransport;
use passmuster::targets::guard::Guard;
use passmuster::targets::journal::{Journal, LeftJournal};

/// The calls that may be made before anything is brought back.
const CALLS_BEFORE: u64 = 1_000;

/// `cleanup`: bring accounts back.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CleanupArgs {
    /// The journal of the run
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
    /// The way in which the accounts sign, where it is no longer that of the run
    #[arg(long, value_name = "HOW", value_parser = value::accounts)]
    pub(crate) accounts: Option<AccountsArg>,
    /// Show this external id where roles are assumed, instead of that of the run
    #[arg(long, value_name = "ID", value_parser = value::external_id)]
    pub(crate) external_id: Option<String>,
    /// Certificates (PEM) to trust for https
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

/// Does `cleanup`.
///
/// # Errors
///
/// When the journal can't be read, or something is left.
pub(crate) async fn cleanup(
    args: &CleanupArgs,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let failed = |text: String| CliError::from_message(&format!("failed to {text}"));
    let left = LeftJournal::read(&args.journal).map_err(|error| failed(error.to_string()))?;
    let accounts: usize = left.touched.values().map(std::collections::BTreeSet::len).sum();
    if accounts == 0 {
        let text = "nothing is left: what the journal names was brought back\n";
        out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
        return Ok(ExitCode::SUCCESS);
    }
    let target_args = target_args(args, &left)?;
    let mut target = target_args.resolve()?;
    furnish(&target_args, &mut target, environment)?;
    let guard = Guard::allowing(left.head.accounts.iter().cloned(), CALLS_BEFORE);
    let transport = HttpTransport::new(target, guard).map_err(|error| failed(error.to_string()))?;
    identified(&transport, &left.head.accounts, &left.head.regions).await?;
    let journal = Journal::resume(&args.journal).map_err(|error| failed(error.to_string()))?;
    transport.guard().permit_changes(journal, CALLS_BEFORE);
    transport.guard().touch(&left.touched);
    transport.restore().await.map_err(|error| failed(error.to_string()).with_code(Ending::NoVerdict))?;
    let regions = left.touched.len();
    let text = format!("brought back: {accounts} accounts in {regions} Regions, each one counted once a Region\n");
    out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
    Ok(ExitCode::SUCCESS)
}

/// The target as the run had it.
fn target_args(args: &CleanupArgs, left: &LeftJournal) -> Result<TargetArgs, CliError> {
    let head = &left.head;
    let usual = passmuster::targets::presets::by_name(&head.target).ok().and_then(|target| target.endpoint);
    let header = head.signing.strip_prefix("header=").map(str::to_owned);
    let signing = match &args.accounts {
        Some(accounts) => Some(accounts.clone()),
        None if header.is_some() || head.signing.is_empty() => None,
        None => Some(value::accounts(&head.signing).map_err(|error| CliError::from_message(&error))?),
    };
    Ok(TargetArgs {
        target: Some(head.target.clone()),
        // The preset knows of more than one address.
        endpoint: Some(head.endpoint.clone()).filter(|endpoint| usual.as_ref() != Some(endpoint)),
        accounts: signing,
        account_header: header.filter(|_| args.accounts.is_none()),
        external_id: args.external_id.clone().or_else(|| head.external_id.clone()),
        allow_accounts: head.accounts.clone(),
        regions: head.regions.clone(),
        ca: args.ca.clone(),
        ..TargetArgs::default()
    })
}
