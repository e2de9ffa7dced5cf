//! The reference model: the executable contract.
//!
//! [`step`] is a relation. For a state and a transition it gives every outcome the contract admits, each with what
//! it does to the state and the rules it rests on, and what ignoring a rule would look like. Generator, judge and
//! reference server all ask this one function. It does no I/O and has neither clock nor randomness.

mod administrator;
mod answers;
mod branch;
mod context;
mod effect;
mod hub;
mod invitations;
mod members;
pub mod questions;
mod refusals;
pub mod rules;
mod state;

pub use answers::{Answers, AnswersError, admissible};
pub use branch::{
    AdministratorView, Alternative, Branch, Branches, Entry, Expect, Form, InvitationList, InvitationSlot,
    MemberList, MemberSlot, Presence, Refusal, Text,
};
pub use effect::Effect;
pub use state::{
    Administrator, Because, Hub, Invitation, InvitationState, Learned, Member, Mint, Observer, RegionState, State,
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
    let context = Context {
        state: state.region(transition.region),
        caller: transition.caller,
        region: transition.region,
        ignoring,
    };
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
        Operation::GetMembers => members::get(&context, &request.input),
        Operation::ListMembers => members::list(&context, &request.input),
        Operation::DeleteMembers => members::delete(&context, &request.input),
        Operation::DisassociateMembers => members::disassociate(&context, &request.input),
        Operation::InviteMembers => invitations::invite(&context, &request.input),
        Operation::ListInvitations => invitations::list(&context, &request.input),
        Operation::GetInvitationsCount => invitations::count(&context),
        Operation::AcceptAdministratorInvitation | Operation::AcceptInvitation => {
            invitations::accept(&context, &request.input)
        }
        Operation::DeclineInvitations => invitations::decline(&context, &request.input),
        Operation::DeleteInvitations => invitations::delete(&context, &request.input),
        Operation::DisassociateFromAdministratorAccount | Operation::DisassociateFromMasterAccount => {
            administrator::leave(&context)
        }
        Operation::GetAdministratorAccount | Operation::GetMasterAccount => administrator::get(&context),
        Operation::EnableOrganizationAdminAccount
        | Operation::DisableOrganizationAdminAccount
        | Operation::ListOrganizationAdminAccounts
        | Operation::DescribeOrganizationConfiguration
        | Operation::UpdateOrganizationConfiguration
        | Operation::GetEnabledStandards
        | Operation::BatchEnableStandards
        | Operation::BatchDisableStandards
        | Operation::BatchImportFindings
        | Operation::GetFindings => Branches::one(Branch::new(Expect::Anything, &[])),
    }
}

/// What a call does whose outcome hangs on whether the caller is a member, where nobody knows if it is.
fn by_doubtful_member(context: &Context<'_>, request: &Request) -> Option<Branches> {
    let caller = context.caller;
    let effects = match request.operation {
        Operation::UpdateSecurityHubConfiguration => vec![Effect::DoubtHub(caller)],
        Operation::CreateMembers | Operation::InviteMembers if request.names_only_accounts() => {
            request.named_accounts().into_iter().map(|member| Effect::DoubtInvited(caller, member)).collect()
        }
        Operation::CreateMembers
        | Operation::InviteMembers
        | Operation::DisableSecurityHub
        | Operation::DisassociateFromAdministratorAccount
        | Operation::DisassociateFromMasterAccount => vec![Effect::Lose],
        _ => return None,
    };
    let mut branch = Branch::new(Expect::Anything, &[rules::XX_006]);
    branch.effects = effects;
    Some(Branches::one(branch))
}

/// Whether the model says anything about the operation.
#[must_use]
pub fn covers(operation: Operation) -> bool {
    use crate::domain::Family;
    matches!(operation.family(), Family::Hub | Family::Members | Family::Invitations | Family::Administrator)
}
