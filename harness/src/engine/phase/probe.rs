//! The first phase: one well-formed call of each operation shows what is there at all.

mod organization;
mod prober;

use super::super::accounts::{AccountPlan, AccountUse, base};
use super::super::execution::MOST_UNREACHABLE;
use super::super::settings::RunSettings;
use super::super::support::{Support, SupportTable};
use super::super::tally::Tally;
use crate::targets::guard::is_kept_back;
use crate::targets::{SystemUnderTest, may_be_account};
use passmuster_contract::domain::{Account, Document, Family, Operation, Outcome};
use prober::Prober;

pub use prober::ProbeError;

/// Blocks of account ids are tried until one is unused, so many times.
const MOST_BLOCKS: u64 = 50;

/// The results of the probe.
pub(in crate::engine) struct Probed {
    pub(in crate::engine) support: SupportTable,
    pub(in crate::engine) accounts: AccountPlan,
    pub(in crate::engine) tally: Tally,
    pub(in crate::engine) remarks: Vec<String>,
    /// The one account that all callers are, if they are.
    pub(in crate::engine) one_account: Option<String>,
}

/// Probes a target.
pub(in crate::engine) async fn probe(
    sut: &impl SystemUnderTest,
    settings: &RunSettings,
) -> Result<Probed, ProbeError> {
    let mut tally = Tally::default();
    let (accounts, mut remarks) = unused_block(sut, settings, &mut tally).await?;
    let mut prober = Prober { sut, settings, naming: accounts.naming(AccountUse::Probe, 0), founded: false };
    let mut support = SupportTable::default();
    let enabled = prober.ask(Operation::EnableSecurityHub, &mut tally).await?;
    support.set(Operation::EnableSecurityHub, enabled);
    if let Some(reason) = prober.found(&mut support, &mut tally).await? {
        remarks.push(format!(
            "no organization can be set up: {reason}; rules that need one are not checkable (see --organization)"
        ));
    }
    let (mut unreachable, mut one_account) = (0, None);
    // What the others of its family show depends on a delegated administrator.
    let last = Operation::DisableOrganizationAdminAccount;
    // Before any account switches its hub off: it may be that of all.
    let first = Operation::DescribeHub;
    let placed = [Operation::EnableSecurityHub, first, last];
    let others = Operation::ALL.iter().copied().filter(|known| !placed.contains(known));
    for operation in [first].into_iter().chain(others).chain([last]) {
        if settings.cast.is_some() && is_kept_back(operation) {
            support.set(operation, Support::Unsupported("never called on accounts of others".to_owned()));
            continue;
        }
        let found = match prober.ask(operation, &mut tally).await {
            Ok(found) => {
                unreachable = 0;
                found
            }
            Err(ProbeError::Unreachable(error)) => {
                unreachable += 1;
                if unreachable >= MOST_UNREACHABLE {
                    // What was answered at first shows whether operations are broken or the target is gone.
                    prober.ask(Operation::DescribeHub, &mut tally).await?;
                    unreachable = 0;
                }
                Support::Broken(format!("failed to {error}"))
            }
            Err(error) => return Err(error),
        };
        support.set(operation, found);
        if operation == first {
            one_account = only_account(&prober, &support, &mut tally).await?;
        }
    }
    prober.disband(&mut support, &mut tally).await;
    remarks.extend(give_hubs(&mut support, settings.given_hubs));
    Ok(Probed { support, accounts, tally, remarks, one_account })
}

/// The account that the target takes all callers for: the hub of one is shown to another under the same ARN. One that is
/// merely shown where none is on is a fault of the target, which a run finds.
async fn only_account(
    prober: &Prober<'_, impl SystemUnderTest>,
    support: &SupportTable,
    tally: &mut Tally,
) -> Result<Option<String>, ProbeError> {
    let settings = prober.settings;
    let can_tell = support.has(Operation::DescribeHub) && support.can_call(Operation::EnableSecurityHub);
    if settings.single_account.is_some() || !can_tell {
        return Ok(None);
    }
    let mut shown = Vec::new();
    for account in [Account(1), settings.at_hand(Account(4))] {
        let described = prober.call(account, Operation::DescribeHub, &Document::new(), tally).await?;
        let Outcome::Success(hub) = described.outcome else { return Ok(None) };
        let arn = hub.get("HubArn").and_then(|arn| arn.as_str()).unwrap_or_default();
        // arn:aws:securityhub:us-east-1:123456789012:hub/default
        shown.push(arn.split(':').nth(4).unwrap_or_default().to_owned());
    }
    let same = shown.windows(2).all(|pair| pair[0] == pair[1]);
    Ok(shown.pop().filter(|account| same && may_be_account(account)))
}

/// A target that has members, and no way to switch hubs on, is taken to have them on from the start; so is one of which
/// that is said.
fn give_hubs(support: &mut SupportTable, is_said: bool) -> Option<String> {
    let reason = match support.get(Operation::EnableSecurityHub) {
        _ if is_said => "as was asked for".to_owned(),
        Some(Support::Unsupported(reason)) => format!("EnableSecurityHub isn't there: {reason}"),
        _ => return None,
    };
    let asks_for_hubs = |operation: &&Operation| {
        matches!(operation.family(), Family::Members | Family::Invitations | Family::Administrator)
    };
    if !Operation::ALL.iter().filter(asks_for_hubs).any(|operation| support.can_call(*operation)) {
        return None;
    }
    support.set(Operation::EnableSecurityHub, Support::Given(reason.clone()));
    // Nothing would bring it back.
    support.set(Operation::DisableSecurityHub, Support::Unsupported("the hub is given".to_owned()));
    Some(format!("the hub is given, and each account's is taken to be on ({reason})"))
}

/// A block of account ids that no earlier run has used: the probe of such a run left a hub on in its first account.
async fn unused_block(
    sut: &impl SystemUnderTest,
    settings: &RunSettings,
    tally: &mut Tally,
) -> Result<(AccountPlan, Vec<String>), ProbeError> {
    let mut remarks = Vec::new();
    for attempt in 0..MOST_BLOCKS {
        let accounts = AccountPlan::new(base(settings.seed, settings.nonce, attempt), settings);
        let prober = Prober { sut, settings, naming: accounts.naming(AccountUse::Probe, 0), founded: false };
        let whole = prober.call(Account(1), Operation::DescribeHub, &Document::new(), tally).await?;
        if !matches!(whole.outcome, Outcome::Success(_)) {
            if attempt > 0 {
                remarks.push(format!(
                    "{attempt} blocks of account ids are used by earlier runs and were passed over"
                ));
            }
            return Ok((accounts, remarks));
        }
        let held = settings.single_account.or(settings.cast.as_ref().and_then(|cast| cast.first().copied()));
        if let Some(account) = held {
            return Err(ProbeError::NotEmpty(account.to_string()));
        }
        // A server that shows a hub to everybody is not full, it is broken: the walk will say so.
        let stranger = prober.call(Account(4), Operation::DescribeHub, &Document::new(), tally).await?;
        if matches!(stranger.outcome, Outcome::Success(_)) {
            return Ok((accounts, remarks));
        }
    }
    Err(ProbeError::Used)
}
