//! The reads after a call that may have changed something, so that silent corruption shows where it happens.

use passmuster_contract::domain::{Account, Family, Input, Operation, Page, Request, Transition};
use passmuster_contract::model::RegionState;
use passmuster_contract::oracle::whole_list;

/// The most reads after one call.
const MOST: usize = 6;

/// The reads that show what a call did to the accounts involved. `turn` picks between reads that show the same.
pub(super) fn after(transition: &Transition, state: &RegionState, cast: u64, turn: u32) -> Vec<Transition> {
    let caller = transition.caller;
    let mut views = ViewReads { transition, state, turn, views: Vec::new() };
    let mut named = transition.request.named_accounts();
    // Those that only fill up batches are looked at by no one.
    named.retain(|account| (account.0 <= cast || state.hubs.contains_key(account)) && *account != caller);
    named.sort_unstable();
    named.dedup();
    match transition.request.operation {
        Operation::EnableSecurityHub => {
            views.hub(caller);
            views.standards(caller);
            // What came back with a hub that was off.
            if state.members.keys().any(|(administrator, _)| *administrator == caller) {
                views.list(caller, &[]);
            }
        }
        Operation::UpdateSecurityHubConfiguration => views.hub(caller),
        Operation::DisableSecurityHub => {
            views.hub(caller);
            for account in related(state, caller) {
                views.list(account, &[caller]);
            }
        }
        Operation::CreateMembers
        | Operation::InviteMembers
        | Operation::DeleteMembers
        | Operation::DisassociateMembers => {
            views.list(caller, &named);
            views.findings(caller);
            let enrolled = |member: &&Account| state.is_organization_member(**member);
            for member in named.iter().filter(enrolled).take(1) {
                views.hub(*member);
                views.standards(*member);
            }
            // Creating shows at the other side only in a server that is badly wrong: a look now and then will do.
            if transition.request.operation != Operation::CreateMembers || turn.is_multiple_of(4) {
                for member in named.iter().take(2) {
                    views.administrator(*member);
                    views.invitations(*member);
                }
            }
        }
        operation if matches!(operation.family(), Family::Invitations | Family::Administrator) => {
            views.administrator(caller);
            views.invitations(caller);
            let mut administrators = named;
            administrators.extend(related(state, caller));
            administrators.dedup();
            for administrator in administrators.into_iter().take(2) {
                views.list(administrator, &[caller]);
            }
        }
        Operation::BatchEnableStandards | Operation::BatchDisableStandards => views.standards(caller),
        Operation::BatchImportFindings => {
            views.findings(caller);
            let administrator = state.administrator(caller);
            administrator
                .into_iter()
                .chain(related(state, caller))
                .take(2)
                .for_each(|above| views.findings(above));
        }
        operation if operation.family() == Family::Organization || operation.is_setup() => {
            views.organization(&named);
        }
        _ => {}
    }
    views.views.truncate(MOST);
    views.views
}

/// The administrators that have the account on their lists.
fn related(state: &RegionState, account: Account) -> Vec<Account> {
    let entries = state
        .members
        .iter()
        .filter(|((_, member), entry)| *member == account && (entry.status.is_some() || entry.doubt));
    entries.map(|((administrator, _), _)| *administrator).take(3).collect()
}

struct ViewReads<'a> {
    transition: &'a Transition,
    state: &'a RegionState,
    turn: u32,
    views: Vec<Transition>,
}

impl ViewReads<'_> {
    fn add(&mut self, caller: Account, request: Request) {
        // While a hub is off there is nothing to be seen but the refusal, which random reads try often enough.
        let worthwhile = self.state.is_on(caller) || request.operation == Operation::DescribeHub;
        if worthwhile || self.turn.is_multiple_of(8) {
            self.views.push(Transition { caller, region: self.transition.region, request });
        }
    }

    fn hub(&mut self, account: Account) {
        self.add(account, Request { operation: Operation::DescribeHub, input: Input::Describe(None) });
    }

    fn list(&mut self, administrator: Account, members: &[Account]) {
        if self.turn.is_multiple_of(3) || members.is_empty() {
            self.add(administrator, whole_list());
        } else {
            self.add(administrator, Request::accounts(Operation::GetMembers, members.iter().copied()));
        }
    }

    /// Who is designated, how the organization is configured, and whom its administrator lists.
    fn organization(&mut self, named: &[Account]) {
        let state = self.state;
        let Some((management, held)) = state.designations.iter().next() else { return };
        let page = || Input::Page(Page::default());
        let designated = Request { operation: Operation::ListOrganizationAdminAccounts, input: page() };
        self.views.push(Transition { caller: *management, region: self.transition.region, request: designated });
        let Some(administrator) = held.administrator.or(held.before) else { return };
        self.list(administrator, named);
        self.add(administrator, Request::empty(Operation::DescribeOrganizationConfiguration));
        self.findings(administrator);
        let members = state.administrators.keys().copied().filter(|member| !named.contains(member));
        for account in named.iter().copied().chain(members).take(2) {
            self.hub(account);
            self.standards(account);
            self.administrator(account);
        }
    }

    fn standards(&mut self, account: Account) {
        if self.turn % 3 != 1 {
            let input = Input::Page(Page::default());
            self.add(account, Request { operation: Operation::GetEnabledStandards, input });
        }
    }

    /// Reads the findings that the account is shown.
    fn findings(&mut self, account: Account) {
        if !self.state.findings.is_empty() {
            self.add(account, Request { operation: Operation::GetFindings, input: Input::Page(Page::default()) });
        }
    }

    fn administrator(&mut self, member: Account) {
        let master = self.turn % 4 == 1;
        let operation = if master { Operation::GetMasterAccount } else { Operation::GetAdministratorAccount };
        self.add(member, Request::empty(operation));
    }

    fn invitations(&mut self, invitee: Account) {
        if self.turn % 5 == 2 {
            self.add(invitee, Request::empty(Operation::GetInvitationsCount));
        }
        self.add(invitee, Request { operation: Operation::ListInvitations, input: Input::Page(Page::default()) });
    }
}
