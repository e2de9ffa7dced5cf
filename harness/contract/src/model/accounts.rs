//! The organization around it all. These calls belong to AWS Organizations: they set a scenario up and are never
//! judged, but what they do to Security Hub is.

use super::branch::{Branch, Branches, Expect};
use super::context::Context;
use super::effect::Effect;
use super::questions::{self, answer};
use super::state::{Organization, RegionState, Standing};
use super::{refusals, rules};
use crate::domain::{Account, AccountRef, Input, MemberStatus, RuleId};

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
pub(super) fn trust(context: &Context<'_>, input: &Input, trusted: bool) -> Branches {
    if managed(context).is_none() {
        return refused();
    }
    if is_for_another_service(input) {
        return Branches::one(Branch::new(Expect::Setup, &[]));
    }
    let rule = if trusted { rules::DESIGNATE_ACCOUNT } else { rules::UNTRUSTED_STANDALONE };
    does(Effect::Trust(context.caller, trusted), rule)
}

/// `RemoveAccountFromOrganization`
pub(super) fn remove(context: &Context<'_>, input: &Input) -> Branches {
    let Some((account, _)) = colleague(context, input) else { return refused() };
    departs(context, account)
}

/// `LeaveOrganization`
pub(super) fn leave(context: &Context<'_>) -> Branches {
    match context.organization() {
        Some((management, _)) if management != context.caller => departs(context, context.caller),
        Some(_) | None => refused(),
    }
}

/// What its administrator's list shows of an account that left the organization is open (N20).
fn departs(context: &Context<'_>, account: Account) -> Branches {
    let whole = context.whole;
    let in_any = |is: &dyn Fn(&RegionState) -> bool| whole.regions().any(|region| is(whole.region(region)));
    if in_any(&|region| region.designated_by(account).is_some()) {
        // No source tells what becomes of its designation.
        return does(Effect::Lose, rules::DEPARTURE_ENDS_VIEW);
    }
    let by_organization = |region: &RegionState| {
        let is_member = region.administrator(account).is_some_and(|leader| region.designated_by(leader).is_some());
        let mut leaders = region.designations.values().filter_map(|held| held.administrator);
        is_member || leaders.any(|leader| region.was_released(leader, account))
    };
    if !in_any(&by_organization) {
        return does(Effect::Depart(account, None), rules::DEPARTURE_ENDS_VIEW);
    }
    let shown =
        [("removed", Some(MemberStatus::Removed)), ("deleted", Some(MemberStatus::Deleted)), ("absent", None)];
    let branch = |(name, status)| {
        let left = Branch::new(Expect::Setup, &[rules::DEPARTURE_ENDS_VIEW]).with(Effect::Depart(account, status));
        left.answering(answer(questions::AFTER_DEPARTURE, name))
    };
    Branches::any_of(shown.map(branch).to_vec())
}

/// `RegisterDelegatedAdministrator`
pub(super) fn register(context: &Context<'_>, input: &Input) -> Branches {
    for_service(context, input, Effect::Register)
}

/// `DeregisterDelegatedAdministrator`
pub(super) fn deregister(context: &Context<'_>, input: &Input) -> Branches {
    for_service(context, input, Effect::Deregister)
}

fn for_service(context: &Context<'_>, input: &Input, effect: fn(Account, Account) -> Effect) -> Branches {
    if managed(context).is_some() && is_for_another_service(input) {
        return Branches::one(Branch::new(Expect::Setup, &[]));
    }
    match named(input).filter(|_| managed(context).is_some()) {
        Some(account) => does(effect(context.caller, account), rules::UNDESIGNATE_FREES_MEMBERS),
        None => refused(),
    }
}

/// `CloseAccount`
pub(super) fn close(context: &Context<'_>, input: &Input) -> Branches {
    match colleague(context, input) {
        Some((account, Standing::Active)) => closes(context, account),
        Some((_, Standing::Suspended)) | None => refused(),
    }
}

/// A member that is closed stays what it was; of an administrator the documentation says that its members are removed
/// (T23), but not whether at once.
fn closes(context: &Context<'_>, account: Account) -> Branches {
    let branch = |effects: &[Effect]| {
        let closed = Branch::new(Expect::Setup, &[rules::LIST_SUSPENDED_LATER]);
        effects.iter().cloned().fold(closed.with(Effect::Suspend(account)), Branch::with)
    };
    let whole = context.whole;
    let leads = |region: &RegionState| {
        region.designated_by(account).is_some() || region.has(account, &[MemberStatus::Enabled])
    };
    if !whole.regions().any(|region| leads(whole.region(region))) {
        return Branches::one(branch(&[]));
    }
    let ended = [Effect::Dissolve(account), Effect::Deregister(context.caller, account)];
    Branches::any_of(vec![branch(&[]), branch(&ended[..1]), branch(&ended)])
}

/// `ListAccounts`
pub(super) fn list(context: &Context<'_>) -> Branches {
    let whole = context.whole;
    let delegated = |region| whole.region(region).designated_by(context.caller).is_some();
    if managed(context).is_none() && !whole.regions().any(delegated) {
        return refused();
    }
    Branches::one(Branch::new(Expect::AnySuccess, &[]))
}

/// Whether the call is about another service than Security Hub, which makes no difference here.
const fn is_for_another_service(input: &Input) -> bool {
    matches!(input, Input::Open(_))
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
