//! Turns intents around organizations, standards and findings into calls.

use super::naming::MANAGEMENT;
use super::resolve::{Chooser, at};
use super::settings::NEWCOMER;
use passmuster_contract::domain::{Account, AccountRef, FindingRef, Input, Operation, Page};
use passmuster_contract::model::Organization;

impl Chooser<'_> {
    /// Who calls an operation of these families, and with what; `None` for all others.
    pub(super) fn around(&self, operation: Operation) -> Option<(Account, Input)> {
        let on = || self.caller(|account| self.state.is_on(account));
        let one = |account: Account| Input::Account(Some(AccountRef::Account(account)));
        Some(match operation {
            Operation::EnableOrganizationAdminAccount => (self.management(), one(self.colleague(MANAGEMENT))),
            Operation::DisableOrganizationAdminAccount => {
                let delegate = self.delegate().filter(|_| !self.intent.odd);
                (self.management(), one(delegate.unwrap_or_else(|| self.colleague(MANAGEMENT))))
            }
            Operation::ListOrganizationAdminAccounts => (self.management(), self.sized(10)),
            Operation::DescribeOrganizationConfiguration => (self.administrator(), Input::Empty),
            Operation::UpdateOrganizationConfiguration => (self.administrator(), self.organize()),
            Operation::GetEnabledStandards => (on(), self.sized(100)),
            Operation::BatchEnableStandards | Operation::BatchDisableStandards => {
                (on(), Input::Standards(Some(vec![self.standard()])))
            }
            Operation::BatchImportFindings => {
                let caller = on();
                (caller, self.import(caller))
            }
            Operation::GetFindings => {
                let administrators = |account: Account| {
                    self.state.is_on(account) && self.state.list(account).any(|(_, entry)| entry.status.is_some())
                };
                let often = !self.intent.second.is_multiple_of(3);
                (if often { self.caller(administrators) } else { on() }, self.sized(100))
            }
            Operation::CreateAccount => (MANAGEMENT, one(self.newcomer())),
            Operation::RemoveAccountFromOrganization | Operation::CloseAccount => {
                (MANAGEMENT, one(self.dispensable()))
            }
            _ if operation.is_setup() => (MANAGEMENT, Input::Empty),
            Operation::EnableSecurityHub
            | Operation::DisableSecurityHub
            | Operation::DescribeHub
            | Operation::CreateMembers
            | Operation::GetMembers
            | Operation::ListMembers
            | Operation::DeleteMembers
            | Operation::InviteMembers
            | Operation::DisassociateMembers
            | Operation::ListInvitations
            | Operation::GetInvitationsCount
            | Operation::AcceptAdministratorInvitation
            | Operation::AcceptInvitation
            | Operation::DeclineInvitations
            | Operation::DeleteInvitations
            | Operation::DisassociateFromAdministratorAccount
            | Operation::DisassociateFromMasterAccount
            | Operation::GetAdministratorAccount
            | Operation::GetMasterAccount
            | Operation::UpdateSecurityHubConfiguration
            | Operation::CreateOrganization
            | Operation::EnableAWSServiceAccess
            | Operation::DisableAWSServiceAccess
            | Operation::ListAccounts
            | Operation::LeaveOrganization
            | Operation::RegisterDelegatedAdministrator
            | Operation::DeregisterDelegatedAdministrator
            | Operation::CreateFindingAggregator => return None,
        })
    }

    fn organization(&self) -> Option<&Organization> {
        self.whole.organizations.get(&MANAGEMENT)
    }

    /// The delegated administrator in this Region.
    fn delegate(&self) -> Option<Account> {
        self.state.designations.get(&MANAGEMENT)?.administrator
    }

    fn management(&self) -> Account {
        let managed = self.organization().is_some();
        if managed && !self.intent.odd { MANAGEMENT } else { self.any(self.intent.first) }
    }

    fn administrator(&self) -> Account {
        let delegate = self.delegate().filter(|_| !self.intent.first.is_multiple_of(8));
        delegate.unwrap_or_else(|| self.caller(|account| self.state.is_on(account)))
    }

    /// An account of the organization, the first ones more often than the last; `besides` is never chosen where
    /// there are others.
    fn colleague(&self, besides: Account) -> Account {
        let accounts =
            self.organization().into_iter().flat_map(|organization| organization.accounts.keys().copied());
        let mut accounts: Vec<Account> = accounts.filter(|account| *account != MANAGEMENT).collect();
        if besides == MANAGEMENT && self.intent.flavour % 8 == 7 {
            accounts.push(MANAGEMENT);
        }
        let selector = self.intent.second;
        at(&accounts, selector.min(selector >> 1)).unwrap_or_else(|| self.any(selector))
    }

    /// An account of the organization that is not its delegated administrator: what becomes of a designation whose
    /// administrator goes or is closed is said nowhere.
    fn dispensable(&self) -> Account {
        let accounts =
            self.organization().into_iter().flat_map(|organization| organization.accounts.keys().copied());
        let regions: Vec<_> = self.whole.regions().map(|region| self.whole.region(region)).collect();
        let delegate = |account: Account| regions.iter().any(|region| region.designated_by(account).is_some());
        let accounts: Vec<Account> =
            accounts.filter(|account| *account != MANAGEMENT && !delegate(*account)).collect();
        at(&accounts, self.intent.second).unwrap_or(MANAGEMENT)
    }

    /// An account that nothing has happened to yet. Beginnings of scenarios say which of the cast it is to be.
    fn newcomer(&self) -> Account {
        let wanted = u64::from(self.intent.second);
        if (1..=self.settings.cast).contains(&wanted) {
            return Account(wanted);
        }
        let organization = self.organization();
        // Those that have left are not to come again.
        let known = organization.into_iter().flat_map(|held| held.accounts.keys().chain(held.gone.keys()));
        let last = known.filter(|account| **account != MANAGEMENT).map(|account| account.0).max();
        Account(last.map_or(NEWCOMER, |last| (last + 1).max(NEWCOMER)))
    }

    fn organize(&self) -> Input {
        let flavour = self.intent.flavour;
        let configuration = match flavour % 16 {
            0 => Some("CENTRAL"),
            1..4 => Some("LOCAL"),
            _ => None,
        };
        let standards = match (flavour >> 4) % 4 {
            0 => Some("NONE"),
            1 => Some("DEFAULT"),
            _ => None,
        };
        Input::Organize {
            auto_enable: (!(flavour >> 8).is_multiple_of(16)).then_some(!(flavour >> 12).is_multiple_of(4)),
            standards: standards.map(str::to_owned),
            configuration: configuration.map(str::to_owned),
        }
    }

    fn standard(&self) -> String {
        let known = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0";
        if self.intent.flavour.is_multiple_of(8) { "not-a-standard".to_owned() } else { known.to_owned() }
    }

    fn import(&self, caller: Account) -> Input {
        let flavour = self.intent.flavour;
        let account = if flavour.is_multiple_of(6) { self.any(self.intent.second) } else { caller };
        let finding = |number: u32| FindingRef::of(account, format!("finding-{number}"));
        let first = (flavour >> 4) % 4;
        let count = if flavour.is_multiple_of(5) { 2 } else { 1 };
        Input::Import(Some((first..first + count).map(finding).collect()))
    }

    /// Members of a paged read with at most `most` entries a page.
    fn sized(&self, most: i64) -> Input {
        let max_results = match self.intent.flavour % 40 {
            0 => Some(0),
            1 => Some(most + 1),
            2..6 => Some(1),
            6 => Some(most),
            _ => None,
        };
        Input::Page(Page { max_results, ..Page::default() })
    }
}
