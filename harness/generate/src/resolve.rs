//! Turns an intent into a transition that makes sense, or none, in the state believed.

use super::{GenerateSettings, Intent};
use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, HubArn, Input, InvitationRef, MemberStatus, Operation, Page, Region,
    Request, Transition,
};
use passmuster_contract::model::{InvitationState, RegionState, Standing, State};

/// The first of the accounts that have no role and fill up batches.
const FILLER: u64 = 100;

/// Chooses a request for an intent, given what is believed.
#[must_use]
pub fn resolve(intent: &Intent, state: &State, settings: &GenerateSettings) -> Transition {
    let region = Region(intent.region);
    let chooser = Chooser { intent, settings, whole: state, state: state.region(region) };
    let (caller, request) = chooser.request();
    let caller = if settings.single_caller { Account(1) } else { caller };
    Transition { caller, region, request }
}

pub(super) struct Chooser<'a> {
    pub(super) intent: &'a Intent,
    pub(super) settings: &'a GenerateSettings,
    pub(super) whole: &'a State,
    pub(super) state: &'a RegionState,
}

type AccountPair = (Account, Account);

impl Chooser<'_> {
    fn request(&self) -> (Account, Request) {
        use MemberStatus::{Created, Enabled, Invited, Removed, Resigned};
        let operation = self.intent.action;
        let (caller, input) = match operation {
            Operation::EnableSecurityHub => (self.caller(|account| !self.state.is_on(account)), self.enable()),
            Operation::DisableSecurityHub => (self.caller(|account| self.state.is_on(account)), Input::Empty),
            Operation::DescribeHub => {
                let caller = self.caller(|account| self.state.is_on(account));
                (caller, self.describe(caller))
            }
            Operation::UpdateSecurityHubConfiguration => {
                (self.caller(|account| self.state.is_on(account)), self.configure())
            }
            Operation::CreateMembers => {
                let caller = self
                    .caller(|account| self.state.is_on(account) && self.state.administrator(account).is_none());
                (caller, self.create(caller))
            }
            Operation::ListMembers => (self.caller(|account| self.state.is_on(account)), self.page(true)),
            Operation::ListInvitations => (self.caller(|account| self.state.is_on(account)), self.page(false)),
            Operation::AcceptAdministratorInvitation | Operation::AcceptInvitation => self.accept(),
            Operation::GetMembers => self.on_list(&[Created, Invited, Enabled, Removed, Resigned]),
            Operation::DeleteMembers => self.on_list(&[Created, Invited, Removed, Resigned]),
            Operation::InviteMembers => self.on_list(&[Created, Removed, Resigned]),
            Operation::DisassociateMembers => self.on_list(&[Enabled, Enabled, Invited]),
            Operation::DeclineInvitations => self.on_invitations(|state| state == InvitationState::Open),
            Operation::DeleteInvitations => {
                self.on_invitations(|state| state == InvitationState::Declined || self.intent.second & 3 == 0)
            }
            Operation::DisassociateFromAdministratorAccount | Operation::DisassociateFromMasterAccount => {
                (self.caller(|account| self.state.administrator(account).is_some()), Input::Empty)
            }
            Operation::GetInvitationsCount
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
            | Operation::CreateFindingAggregator => match self.around(operation) {
                Some(chosen) => chosen,
                None => (self.caller(|account| self.state.is_on(account)), Input::Empty),
            },
        };
        (caller, Request { operation, input })
    }

    /// The accounts that call: the cast, and those that are in the organization besides.
    fn cast(&self) -> impl Iterator<Item = Account> {
        let cast = self.settings.cast.max(1);
        let accounts = self.whole.organizations.values().flat_map(|organization| &organization.accounts);
        let besides =
            accounts.filter(move |(account, standing)| account.0 > cast && **standing == Standing::Active);
        (1..=cast).map(Account).chain(besides.map(|(account, _)| *account))
    }

    pub(super) fn any(&self, selector: u32) -> Account {
        let cast: Vec<Account> = self.cast().collect();
        at(&cast, selector).unwrap_or(Account(1))
    }

    /// An account for which the call makes sense, where there is one.
    pub(super) fn caller(&self, sensible: impl Fn(Account) -> bool) -> Account {
        if !self.intent.odd {
            let fitting: Vec<Account> = self.cast().filter(|account| sensible(*account)).collect();
            if let Some(account) = at(&fitting, self.intent.first) {
                return account;
            }
        }
        self.any(self.intent.first)
    }

    /// A pair of accounts for which the call makes sense, where there is one.
    fn pair(&self, fitting: &[AccountPair]) -> AccountPair {
        match at(fitting, self.intent.first) {
            Some(pair) if !self.intent.odd => pair,
            _ => (self.any(self.intent.first), self.any(self.intent.second)),
        }
    }

    fn enable(&self) -> Input {
        let flavour = self.intent.flavour % 100;
        let generator = match flavour {
            0..10 => Some("STANDARD_CONTROL"),
            10..20 => Some("SECURITY_CONTROL"),
            20..22 => Some("OTHER"),
            _ => None,
        };
        let tags = match flavour {
            30..33 => Some(std::collections::BTreeMap::new()),
            33..40 => Some([("team".to_owned(), "blue".to_owned())].into()),
            _ => None,
        };
        let standards = flavour.is_multiple_of(2).then_some(flavour.is_multiple_of(4));
        Input::Enable { standards, generator: generator.map(str::to_owned), tags }
    }

    fn describe(&self, caller: Account) -> Input {
        Input::Describe(match self.intent.flavour % 10 {
            0..3 => Some(HubArn::Of(caller, Region(self.intent.region))),
            3 => Some(HubArn::Of(self.any(self.intent.second), Region(self.intent.region))),
            _ => None,
        })
    }

    fn configure(&self) -> Input {
        let flavour = self.intent.flavour;
        let generator = match flavour % 4 {
            0 => Some("STANDARD_CONTROL"),
            1 => Some("SECURITY_CONTROL"),
            _ => None,
        };
        Input::Configure {
            auto_enable_controls: (generator.is_none() || flavour & 8 == 0).then_some(flavour & 16 == 0),
            generator: generator.map(str::to_owned),
        }
    }

    fn create(&self, caller: Account) -> Input {
        let flavour = self.intent.flavour % 100;
        let email = |account: Account| match self.intent.second % 16 {
            0..8 => Some(format!("Member{}@Example.com", account.0)),
            8 => Some("x".to_owned()),
            9 => Some(" ".to_owned()).filter(|_| self.intent.odd),
            _ => None,
        };
        let detail = |account: Account| AccountDetail { email: email(account), account: Some(account.into()) };
        let fresh: Vec<Account> = self
            .cast()
            .filter(|account| *account != caller && self.state.status(caller, *account).is_none())
            .collect();
        let target = match at(&fresh, self.intent.second >> 4) {
            Some(account) if !self.intent.odd => account,
            _ => self.any(self.intent.second >> 4),
        };
        let fillers = |count: u64| (FILLER..FILLER + count).map(|number| detail(Account(number)));
        let details = match flavour {
            0..60 => vec![detail(target)],
            60..76 => self.cast().filter(|account| *account != caller).map(detail).collect(),
            76..80 => vec![detail(target), detail(target)],
            80..84 => vec![detail(target), detail(caller)],
            84..86 => Vec::new(),
            86..88 => return Input::Create(None),
            88..90 => vec![AccountDetail { account: None, email: None }],
            90..92 => vec![detail(target), AccountDetail { account: Some(self.malformed()), email: None }],
            92..94 => fillers(3).chain([detail(target)]).collect(),
            94..96 => fillers(50).collect(),
            96..97 => fillers(51).collect(),
            _ => self.cast().map(detail).collect(),
        };
        Input::Create(Some(details))
    }

    fn malformed(&self) -> AccountRef {
        let texts = ["1234567890", "1234567890123", "abcdefghijkl", "12345678901 "];
        AccountRef::Text(texts[self.intent.second as usize % texts.len()].to_owned())
    }

    /// Calls by an administrator that name accounts of its list.
    fn on_list(&self, wanted: &[MemberStatus]) -> (Account, Input) {
        let listed = |(administrator, member): &AccountPair| {
            self.state.is_on(*administrator)
                && self.state.status(*administrator, *member).is_some_and(|status| wanted.contains(&status))
        };
        let mut fitting: Vec<AccountPair> = self.state.members.keys().copied().filter(listed).collect();
        let enabled = |pair: &AccountPair| self.state.status(pair.0, pair.1) == Some(MemberStatus::Enabled);
        if self.intent.action == Operation::DisassociateMembers
            && fitting.iter().any(enabled)
            && self.intent.second & 4 == 0
        {
            fitting.retain(enabled);
        }
        let (caller, target) = self.pair(&fitting);
        (caller, Input::Accounts(self.ids(caller, target)))
    }

    fn ids(&self, caller: Account, target: Account) -> Option<Vec<AccountRef>> {
        let all = || -> Vec<AccountRef> {
            let listed = self.state.list(caller).filter(|(_, entry)| entry.status.is_some());
            listed.map(|(member, _)| member.into()).take(50).collect()
        };
        Some(match self.intent.flavour % 100 {
            0..70 => vec![target.into()],
            70..82 => all(),
            82..86 => vec![target.into(), self.any(self.intent.second >> 8).into()],
            86..88 => vec![target.into(), target.into()],
            88..90 => Vec::new(),
            90..92 => vec![target.into(), self.malformed()],
            92..94 => vec![caller.into()],
            94..96 => vec![Account(FILLER + 90).into()],
            96..97 if self.intent.action == Operation::GetMembers => return None,
            97..98 => (FILLER..FILLER + 51).map(|number| Account(number).into()).collect(),
            _ => self.cast().map(AccountRef::Account).collect(),
        })
    }

    /// Calls by an invitee that name administrators.
    fn on_invitations(&self, wanted: impl Fn(InvitationState) -> bool) -> (Account, Input) {
        let fitting: Vec<AccountPair> = self.invitations(wanted);
        let (caller, inviter) = self.pair(&fitting);
        (caller, Input::Accounts(self.ids(caller, inviter)))
    }

    fn invitations(&self, wanted: impl Fn(InvitationState) -> bool) -> Vec<AccountPair> {
        let held = self.state.invitations.iter().filter(|(_, held)| held.state.is_some_and(&wanted));
        held.map(|(pair, _)| *pair).filter(|(invitee, _)| self.state.is_on(*invitee)).collect()
    }

    fn accept(&self) -> (Account, Input) {
        use InvitationState::{Declined, Left, Open, Removed};
        let mut fitting = self.invitations(|state| matches!(state, Open | Left));
        if self.intent.second & 7 == 0 {
            fitting.extend(self.invitations(|state| matches!(state, Declined | Removed)));
        }
        let (caller, inviter) = self.pair(&fitting);
        let invitation = match self.intent.flavour % 100 {
            0..80 => Some(InvitationRef::Latest(inviter)),
            80..86 => Some(InvitationRef::Unknown),
            86..90 => Some(InvitationRef::Previous(inviter)),
            90..93 => Some(InvitationRef::Latest(self.any(self.intent.second >> 8))),
            93..95 => Some(InvitationRef::Text(String::new())),
            95..97 => None,
            _ => Some(InvitationRef::Text("not-an-invitation".to_owned())),
        };
        let administrator = (self.intent.flavour % 100 != 97).then(|| inviter.into());
        (caller, Input::Accept { administrator, invitation })
    }

    fn page(&self, members: bool) -> Input {
        let flavour = self.intent.flavour % 100;
        let only_associated = match self.intent.second % 16 {
            0..8 => Some("false"),
            8..11 => Some("true"),
            11 => Some("maybe"),
            _ => None,
        };
        let max_results = match flavour {
            0..40 => None,
            40..60 => Some(1),
            60..70 => Some(2),
            70..76 => Some(50),
            76..78 => Some(0),
            78..80 => Some(51),
            80..82 => Some(-1),
            _ => None,
        };
        let next_token = (98..100).contains(&flavour).then(|| "bm90IGEgdG9rZW4".to_owned());
        let only_associated = only_associated.filter(|_| members).map(str::to_owned);
        Input::Page(Page { only_associated, max_results, next_token })
    }
}

pub(super) fn at<T: Copy>(list: &[T], selector: u32) -> Option<T> {
    let index = usize::try_from(selector).ok()?.checked_rem(list.len())?;
    list.get(index).copied()
}
