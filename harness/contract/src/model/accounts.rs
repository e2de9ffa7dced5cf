//! The organization around it all. These calls belong to AWS Organizations: they set a scenario up and are never
//! judged, but what they do to Security Hub is.

use super::branch::{Branch, Branches, Expect};
use super::context::Context;
use super::effect::Effect;
use super::state::Standing;
use super::{refusals, rules};
use crate::domain::{Account, AccountRef, Input, Operation, RuleId};

pub(super) fn call(context: &Context<'_>, operation: Operation, input: &Input) -> Branches {
    let caller = context.caller;
    let own = context.organization();
    let managed = own.filter(|(management, _)| *management == caller).map(|(_, organization)| organization);
    let named = match input {
        Input::Account(Some(AccountRef::Account(account))) => Some(*account),
        _ => None,
    };
    let colleague = named
        .filter(|account| managed.is_some_and(|held| *account != caller && held.accounts.contains_key(account)));
    match operation {
        Operation::CreateOrganization if own.is_none() => does(Effect::Found(caller), rules::ORG_001),
        Operation::CreateAccount if managed.is_some() => {
            let Some(account) = named.filter(|account| is_new(context, *account)) else { return refused() };
            does(Effect::Join { management: caller, account }, rules::ORG_025)
        }
        Operation::EnableAWSServiceAccess if managed.is_some() => {
            does(Effect::Trust(caller, true), rules::ORG_001)
        }
        Operation::DisableAWSServiceAccess if managed.is_some() => {
            does(Effect::Trust(caller, false), rules::ORG_028)
        }
        Operation::RemoveAccountFromOrganization => match colleague {
            // What becomes of a designation whose administrator goes is said by nobody.
            Some(account) if context.state.designated_by(account).is_some() => does(Effect::Lose, rules::ORG_027),
            Some(account) => does(Effect::Depart(account), rules::ORG_027),
            None => refused(),
        },
        Operation::CloseAccount => match colleague {
            Some(account) if context.state.designated_by(account).is_some() => does(Effect::Lose, rules::LIST_011),
            Some(account) if managed.is_some_and(|held| held.accounts[&account] == Standing::Active) => {
                does(Effect::Suspend(account), rules::LIST_011)
            }
            _ => refused(),
        },
        Operation::ListAccounts if managed.is_some() => Branches::one(Branch::new(Expect::AnySuccess, &[])),
        _ => refused(),
    }
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
