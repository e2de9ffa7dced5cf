//! The organization around it all. These calls belong to AWS Organizations: they set a scenario up and are never
//! judged, but what they do to Security Hub is.

use super::branch::{Branch, Branches, Expect};
use super::context::Context;
use super::effect::Effect;
use super::state::{Organization, Standing};
use super::{refusals, rules};
use crate::domain::{Account, AccountRef, Input, RuleId};

/// `CreateOrganization`
pub(super) fn found(context: &Context<'_>) -> Branches {
    if context.organization().is_some() {
        return refused();
    }
    does(Effect::Found(context.caller), rules::DESIGNATE_ACCOUNT)
}

/// `CreateAccount`
pub(super) fn create(context: &Context<'_>, input: &Input) -> Branches {
    match named(input).filter(|account| is_new(context, *account)) {
        Some(account) if managed(context).is_some() => {
            does(Effect::Join { management: context.caller, account }, rules::JOIN_AUTO_ENABLED)
        }
        Some(_) | None => refused(),
    }
}

/// `EnableAWSServiceAccess`, and `DisableAWSServiceAccess` where the service is not `trusted` any more.
pub(super) fn trust(context: &Context<'_>, trusted: bool) -> Branches {
    if managed(context).is_none() {
        return refused();
    }
    let rule = if trusted { rules::DESIGNATE_ACCOUNT } else { rules::UNTRUSTED_STANDALONE };
    does(Effect::Trust(context.caller, trusted), rule)
}

/// `RemoveAccountFromOrganization`
pub(super) fn remove(context: &Context<'_>, input: &Input) -> Branches {
    let Some((account, _)) = colleague(context, input) else { return refused() };
    if is_delegate(context, account) {
        return does(Effect::Lose, rules::DEPARTURE_ENDS_VIEW);
    }
    does(Effect::Depart(account), rules::DEPARTURE_ENDS_VIEW)
}

/// `CloseAccount`
pub(super) fn close(context: &Context<'_>, input: &Input) -> Branches {
    match colleague(context, input) {
        Some((account, _)) if is_delegate(context, account) => does(Effect::Lose, rules::LIST_SUSPENDED_LATER),
        Some((account, Standing::Active)) => does(Effect::Suspend(account), rules::LIST_SUSPENDED_LATER),
        Some((_, Standing::Suspended)) | None => refused(),
    }
}

/// `ListAccounts`
pub(super) fn list(context: &Context<'_>) -> Branches {
    if managed(context).is_none() {
        return refused();
    }
    Branches::one(Branch::new(Expect::AnySuccess, &[]))
}

/// The organization that the caller manages.
fn managed<'a>(context: &Context<'a>) -> Option<&'a Organization> {
    let own = context.organization().filter(|(management, _)| *management == context.caller);
    own.map(|(_, organization)| organization)
}

fn named(input: &Input) -> Option<Account> {
    if let Input::Account(Some(AccountRef::Account(account))) = input { Some(*account) } else { None }
}

/// The account named, if it belongs to the organization that the caller manages and is not the caller.
fn colleague(context: &Context<'_>, input: &Input) -> Option<(Account, Standing)> {
    let account = named(input).filter(|account| *account != context.caller)?;
    Some((account, *managed(context)?.accounts.get(&account)?))
}

/// Whether the account is a delegated administrator: no source tells what becomes of its designation when it goes.
fn is_delegate(context: &Context<'_>, account: Account) -> bool {
    context.state.designated_by(account).is_some()
}

fn does(effect: Effect, rule: RuleId) -> Branches {
    Branches::one(Branch::new(Expect::Setup, &[rule]).with(effect))
}

fn refused() -> Branches {
    Branches::one(Branch::new(Expect::Refused(refusals::UNFIT_FOR_ORGANIZATION), &[]))
}

/// Whether nothing has happened to the account in any Region.
fn is_new(context: &Context<'_>, account: Account) -> bool {
    context.whole.organization_of(account).is_none()
        && context.whole.regions().all(|region| !context.whole.region(region).hubs.contains_key(&account))
}
