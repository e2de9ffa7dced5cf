//! Isolation of Regions: which rule a read bears out because something else is the case in another Region.

use super::rules;
use super::state::{RegionState, State};
use crate::domain::{Account, Operation, RuleId, Transition};

/// The rule on isolation that a faithful answer to this read rests on, if what it shows is otherwise in another
/// Region. That nothing leaks is borne out only where there is something to leak.
pub(super) fn borne_out(state: &State, transition: &Transition) -> Option<RuleId> {
    let (here, caller) = (state.region(transition.region), transition.caller);
    let others =
        || state.regions().filter(|region| *region != transition.region).map(|region| state.region(region));
    match transition.request.operation {
        Operation::DescribeHub if here.is_on(caller) => {
            let off = |there: &RegionState| there.hubs.get(&caller).is_some_and(|hub| !hub.on);
            others().any(off).then_some(rules::DISABLE_ONE_REGION)
        }
        Operation::DescribeHub => others().any(|there| there.is_on(caller)).then_some(rules::ENABLE_ONE_REGION),
        _ if !here.is_on(caller) => None,
        Operation::GetMembers | Operation::ListMembers => {
            others().any(|there| lists_more(there, here, caller)).then_some(rules::CREATE_ONE_REGION)
        }
        Operation::ListInvitations | Operation::GetInvitationsCount => {
            let received = |region: &RegionState| region.received(caller).any(|(_, held)| held.state.is_some());
            others().any(|there| received(there) && !received(here)).then_some(rules::REGIONS_APART)
        }
        Operation::GetAdministratorAccount | Operation::GetMasterAccount => {
            let own = here.administrator(caller);
            let other = |there: &RegionState| there.administrator(caller).is_some_and(|known| own != Some(known));
            others().any(other).then_some(rules::REGIONS_APART)
        }
        // No rule on isolation is about a change, or a read of the organization, of standards or of findings.
        Operation::EnableSecurityHub
        | Operation::DisableSecurityHub
        | Operation::UpdateSecurityHubConfiguration
        | Operation::CreateMembers
        | Operation::DeleteMembers
        | Operation::InviteMembers
        | Operation::DisassociateMembers
        | Operation::AcceptAdministratorInvitation
        | Operation::AcceptInvitation
        | Operation::DeclineInvitations
        | Operation::DeleteInvitations
        | Operation::DisassociateFromAdministratorAccount
        | Operation::DisassociateFromMasterAccount
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
        | Operation::CreateFindingAggregator => None,
    }
}

/// Whether the account's list has a member there that it doesn't have here.
fn lists_more(there: &RegionState, here: &RegionState, account: Account) -> bool {
    there.list(account).any(|(member, entry)| entry.status.is_some() && here.status(account, member).is_none())
}
