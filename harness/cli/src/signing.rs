//! The means by which the allowed accounts sign: profiles, a role in each, or the keys of one.

use super::target::{AccountsArg, TargetArgs};
use super::{CliError, Environment};
use passmuster::targets::keys::{AssumedRole, KeyOrigin, RoleKeys};
use passmuster::targets::presets::partition;
use passmuster::targets::{AccountSelection, Target};

/// The place of an account's id in the ARN of a role.
pub(super) const ACCOUNT: &str = "{account}";

/// Puts the origin of each allowed account's keys into a target.
pub(super) fn furnish_keys(
    args: &TargetArgs,
    target: &mut Target,
    environment: &Environment,
) -> Result<(), CliError> {
    let (accounts, sources) = (&args.allow_accounts, &environment.keys);
    match &args.accounts {
        Some(AccountsArg::Profiles(profiles)) => {
            if profiles.len() != accounts.len() {
                let message = format!("{} profiles for {} accounts", profiles.len(), accounts.len());
                return Err(CliError::usage(message, "name a profile for each account, in the same order"));
            }
            let keys = accounts.iter().zip(profiles);
            let keys = keys.map(|(account, profile)| Ok((account.clone(), sources.profile(profile)?)));
            target.accounts = AccountSelection::Keys(keys.collect::<Result<_, CliError>>()?);
        }
        Some(AccountsArg::Role(template)) => {
            let roles = roles(template, args, target)?;
            let base = sources.base()?;
            let keys = roles.into_iter().map(|role| {
                let account = role.account().to_owned();
                (account, KeyOrigin::Role(RoleKeys::new(role, base.clone())))
            });
            target.accounts = AccountSelection::Keys(keys.collect());
        }
        Some(AccountsArg::Selected(AccountSelection::Single(id))) => {
            if accounts.len() != 1 || accounts.first() != Some(id) {
                let message = format!("--accounts single={id} and other accounts in --allow-accounts");
                return Err(CliError::usage(message, "name the one account in both"));
            }
            match sources.base()? {
                KeyOrigin::Fixed(credentials) => target.credentials = credentials,
                origin @ (KeyOrigin::Renewed(_) | KeyOrigin::Role(_)) => {
                    target.accounts = AccountSelection::Keys(vec![(id.clone(), origin)]);
                }
            }
        }
        Some(AccountsArg::Selected(_)) | None => match &mut target.accounts {
            // One account may well have its keys in the environment.
            AccountSelection::Keys(keys) if accounts.len() == 1 => {
                *keys = vec![(accounts.first().cloned().unwrap_or_default(), sources.base()?)];
            }
            AccountSelection::Keys(_) => {
                let fix = "name a profile for each, in the same order: --accounts profiles=NAME,NAME; or a role that \
                           is in each: --accounts assume-role=arn:aws:iam::{account}:role/NAME";
                return Err(CliError::usage("how do these accounts sign?", fix));
            }
            AccountSelection::AccessKey | AccountSelection::Header(_) | AccountSelection::Single(_) => {}
        },
    }
    Ok(())
}

/// The role in each of the allowed accounts.
fn roles(template: &str, args: &TargetArgs, target: &Target) -> Result<Vec<AssumedRole>, CliError> {
    let mut roles = Vec::new();
    for account in &args.allow_accounts {
        let arn = template.replace(ACCOUNT, account);
        let role = AssumedRole::parse(&arn, args.external_id.as_deref())
            .ok_or_else(|| CliError::usage(format!("{arn:?} is no ARN of a role"), example(target)))?;
        if role.account() != account {
            let message = format!("the role {arn} is in account {}, not in {account}", role.account());
            return Err(CliError::usage(message, example(target)));
        }
        roles.push(role);
    }
    let named = template.split(':').nth(1).unwrap_or_default();
    match target.regions.iter().find(|region| partition(region) != named) {
        Some(region) => {
            let message =
                format!("the Region {region} is in the partition {}, the role in {named}", partition(region));
            Err(CliError::usage(message, example(target)))
        }
        None => Ok(roles),
    }
}

fn example(target: &Target) -> String {
    let partition = target.regions.first().map_or("aws", |region| partition(region));
    format!("write --accounts assume-role=arn:{partition}:iam::{ACCOUNT}:role/NAME")
}
