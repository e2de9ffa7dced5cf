//! The reference model: the executable contract.
//!
//! [`step`] is a relation. For a state and a transition it gives every outcome the contract admits, each with what
//! it does to the state and the rules it rests on, and what ignoring a rule would look like. Generator, judge and
//! reference server all ask this one function. It does no I/O and has neither clock nor randomness.

mod accounts;
mod administrator;
mod answers;
mod batch;
mod branch;
pub mod choose;
mod context;
mod effect;
mod enroll;
mod findings;
mod hub;
mod invitations;
mod invite;
mod listing;
mod members;
mod oddities;
mod organization;
pub mod questions;
mod refusals;
mod regions;
mod relations;
mod removal;
pub mod rules;
mod standards;
mod state;

pub use answers::{Answers, AnswersError, admissible};
pub use branch::{
    AdminAccounts, AdministratorView, Alternative, BatchEntry, Branch, Branches, Configuration, Expect,
    FindingSlot, FindingsView, InvitationList, InvitationSlot, MemberList, MemberSlot, Presence, Refusal,
    RefusalForm, StandardsView, Wording,
};
pub use effect::Effect;
pub use enroll::DEFAULT_STANDARDS;
pub use oddities::oddities;
pub use state::{
    Administrator, Because, Designation, Hub, ImportedFinding, Invitation, InvitationState, Learned, Member, Mint,
    Observer, Organization, RegionState, Standards, Standing, State,
};

use crate::domain::{Operation, Request, RuleId, Transition};
use context::Context;

/// All that may follow a transition in a state.
#[must_use]
pub fn step(state: &State, transition: &Transition) -> Branches {
    step_ignoring(state, transition, &[])
}

/// As [`step`], for a server that doesn't apply some rules.
#[must_use]
pub fn step_ignoring(state: &State, transition: &Transition, ignoring: &[RuleId]) -> Branches {
    if let Some(request) = transition.request.in_short() {
        return step_ignoring(state, &Transition { request, ..transition.clone() }, ignoring);
    }
    let mut branches = in_one_region(state, transition, ignoring);
    if let Some(rule) = regions::borne_out(state, transition) {
        branches.also_rests_on(rule);
    }
    branches
}

fn in_one_region(state: &State, transition: &Transition, ignoring: &[RuleId]) -> Branches {
    let context = Context {
        whole: state,
        state: state.region(transition.region),
        caller: transition.caller,
        region: transition.region,
        ignoring,
    };
    if is_closed(&context) {
        return by_closed(&transition.request);
    }
    if context.state.is_on(context.caller)
        && context.membership_in_doubt(context.caller)
        && let Some(branches) = by_doubtful_member(&context, &transition.request)
    {
        return branches;
    }
    let request = &transition.request;
    match request.operation {
        Operation::EnableSecurityHub => hub::enable(&context, &request.input),
        Operation::DisableSecurityHub => hub::disable(&context),
        Operation::DescribeHub => hub::describe(&context, &request.input),
        Operation::UpdateSecurityHubConfiguration => hub::configure(&context, &request.input),
        Operation::CreateMembers => members::create(&context, &request.input),
        Operation::GetMembers => listing::get(&context, &request.input),
        Operation::ListMembers => listing::list(&context, &request.input),
        Operation::DeleteMembers => removal::delete(&context, &request.input),
        Operation::DisassociateMembers => removal::disassociate(&context, &request.input),
        Operation::InviteMembers => invite::invite(&context, &request.input),
        Operation::ListInvitations => invitations::list(&context, &request.input),
        Operation::GetInvitationsCount => invitations::count(&context),
        Operation::AcceptAdministratorInvitation => invitations::accept(&context, &request.input),
        Operation::AcceptInvitation => {
            let mut branches = invitations::accept(&context, &request.input);
            branches.also_rests_on(rules::ACCEPT_OLD_NAME);
            branches
        }
        Operation::DeclineInvitations => invitations::decline(&context, &request.input),
        Operation::DeleteInvitations => invitations::delete(&context, &request.input),
        Operation::DisassociateFromAdministratorAccount | Operation::DisassociateFromMasterAccount => {
            administrator::leave(&context)
        }
        Operation::GetAdministratorAccount => administrator::get(&context, "Administrator"),
        Operation::GetMasterAccount => administrator::get(&context, "Master"),
        Operation::EnableOrganizationAdminAccount => organization::enable(&context, &request.input),
        Operation::DisableOrganizationAdminAccount => organization::disable(&context, &request.input),
        Operation::ListOrganizationAdminAccounts => organization::list(&context, &request.input),
        Operation::DescribeOrganizationConfiguration => organization::describe(&context),
        Operation::UpdateOrganizationConfiguration => organization::configure(&context, &request.input),
        Operation::GetEnabledStandards => standards::get(&context, &request.input),
        Operation::BatchEnableStandards | Operation::BatchDisableStandards => {
            standards::change(&context, request.operation, &request.input)
        }
        Operation::BatchImportFindings => findings::import(&context, &request.input),
        Operation::GetFindings => findings::get(&context, &request.input),
        Operation::CreateOrganization => accounts::found(&context),
        Operation::CreateAccount => accounts::create(&context, &request.input),
        Operation::EnableAWSServiceAccess => accounts::trust(&context, &request.input, true),
        Operation::DisableAWSServiceAccess => accounts::trust(&context, &request.input, false),
        Operation::RemoveAccountFromOrganization => accounts::remove(&context, &request.input),
        Operation::CloseAccount => accounts::close(&context, &request.input),
        Operation::ListAccounts => accounts::list(&context),
        Operation::LeaveOrganization => accounts::leave(&context),
        Operation::RegisterDelegatedAdministrator => accounts::register(&context, &request.input),
        Operation::DeregisterDelegatedAdministrator => accounts::deregister(&context, &request.input),
        Operation::CreateFindingAggregator => findings::aggregate(&context),
    }
}

/// The outcomes of a call that depends on whether the caller is a member, where that is unknown.
fn by_doubtful_member(context: &Context<'_>, request: &Request) -> Option<Branches> {
    let caller = context.caller;
    let effects = match request.operation {
        Operation::UpdateSecurityHubConfiguration => vec![Effect::DoubtHub(caller)],
        // What it enrolls has its hub switched on, which no read undoes.
        Operation::CreateMembers
            if request.named_accounts().into_iter().any(|account| context.colleague(account).is_some()) =>
        {
            vec![Effect::Lose]
        }
        Operation::CreateMembers | Operation::InviteMembers if request.names_only_accounts() => {
            request.named_accounts().into_iter().map(|member| Effect::DoubtInvited(caller, member)).collect()
        }
        Operation::CreateMembers
        | Operation::InviteMembers
        | Operation::DisassociateFromAdministratorAccount
        | Operation::DisassociateFromMasterAccount => vec![Effect::Lose],
        Operation::EnableSecurityHub
        | Operation::DisableSecurityHub
        | Operation::DescribeHub
        | Operation::GetMembers
        | Operation::ListMembers
        | Operation::DeleteMembers
        | Operation::DisassociateMembers
        | Operation::ListInvitations
        | Operation::GetInvitationsCount
        | Operation::AcceptAdministratorInvitation
        | Operation::AcceptInvitation
        | Operation::DeclineInvitations
        | Operation::DeleteInvitations
        | Operation::GetAdministratorAccount
        | Operation::GetMasterAccount
        | Operation::EnableOrganizationAdminAccount
        | Operation::DisableOrganizationAdminAccount
        | Operation::ListOrganizationAdminAccounts
        | Operation::DescribeOrganizationConfiguration
        | Operation::UpdateOrganizationConfiguration
        | Operation::GetEnabledStandards
        | Operation::BatchEnableStandards
        | Operation::BatchDisableStandards
        | Operation::BatchImportFindings
        | Operation::GetFindings
        | Operation::CreateOrganization
        | Operation::CreateAccount
        | Operation::EnableAWSServiceAccess
        | Operation::DisableAWSServiceAccess
        | Operation::RemoveAccountFromOrganization
        | Operation::CloseAccount
        | Operation::ListAccounts
        | Operation::LeaveOrganization
        | Operation::RegisterDelegatedAdministrator
        | Operation::DeregisterDelegatedAdministrator
        | Operation::CreateFindingAggregator => return None,
    };
    let mut branch = Branch::new(Expect::Anything, &[rules::ONE_ADMINISTRATOR_AT_ONCE]);
    branch.effects = effects;
    Some(Branches::one(branch))
}

/// The outcomes of a call by a closed account: what it is let do no source tells.
fn by_closed(request: &Request) -> Branches {
    let rule = &[rules::LIST_SUSPENDED_LATER];
    let done = Branch::new(Expect::AnySuccess, rule);
    let done = if request.operation.is_mutating() { done.with(Effect::Lose) } else { done };
    Branches::any_of(vec![Branch::new(Expect::AnyRefusal, rule), done])
}

/// Whether the caller's account is closed: how it is kept out is no matter of this contract.
fn is_closed(context: &Context<'_>) -> bool {
    let standing = context.organization().and_then(|(_, organization)| organization.accounts.get(&context.caller));
    standing == Some(&Standing::Suspended)
}
