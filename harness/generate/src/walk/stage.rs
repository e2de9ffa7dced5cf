//! The states where a search begins, and the calls that it tries in every state.

use super::super::alphabet::{call, detail, enable, finding, ids, one, organize};
use super::super::naming::MANAGEMENT;
use super::super::settings::NEWCOMER;
use super::WalkSettings;
use super::facts::MOST_PLACES;
use super::graph::Places;
use passmuster_contract::domain::{Account, Input, InvitationRef, Operation, Page, Region, Transition};

/// One search: a cast, a beginning, and calls.
#[derive(Clone, Debug)]
pub(super) struct WalkStage {
    /// The accounts whose relations count, each at its place.
    pub(super) cast: Vec<Account>,
    /// The orders of the cast between which nothing tells apart, the given one first.
    pub(super) orders: Vec<Places>,
    pub(super) regions: u8,
    /// The calls that set the stage; they do not count as steps.
    pub(super) seed: Vec<Transition>,
    pub(super) calls: Vec<Transition>,
    /// The most steps after the seed.
    pub(super) depth: u8,
}

const UNORDERED: Places = [0, 1, 2, 3, 4];

/// The most steps in an organization: there, a step may go in many more directions.
const MOST_ORGANIZED: u8 = 4;
/// The most steps in one that Security Hub has no trusted access to.
const MOST_WITHOUT_TRUST: u8 = 3;
/// The most steps in two Regions.
const MOST_APART: u8 = 6;

impl WalkSettings {
    /// Whether a call may be made in the course of a scenario.
    pub(super) fn has(&self, transition: &Transition) -> bool {
        self.operations.contains(&transition.request.operation)
    }

    /// Whether a scenario may begin like this. An organization that is given is taken for founded by these calls, and
    /// they are all of it.
    pub(super) fn allows(&self, seed: &[Transition]) -> bool {
        let operations = || seed.iter().map(|transition| transition.request.operation);
        let is_founded = || {
            operations().filter(|operation| operation.is_setup()).eq([
                Operation::CreateOrganization,
                Operation::CreateAccount,
                Operation::CreateAccount,
                Operation::EnableAWSServiceAccess,
            ])
        };
        let is_taken = |operation: Operation| self.organization_given && operation.is_setup();
        let is_whole = !operations().any(is_taken) || is_founded();
        is_whole && operations().all(|operation| is_taken(operation) || self.operations.contains(&operation))
    }
}

impl WalkStage {
    /// The stages that the settings allow, each with the calls of the operations that may be called.
    pub(super) fn all(settings: &WalkSettings) -> Vec<Self> {
        let has = |transition: &Transition| settings.has(transition);
        let mut stages = vec![Self::invitations(settings.cast, settings.depth)];
        if settings.callers > 1 && settings.regions > 1 {
            stages.push(Self::regions(settings.depth.min(MOST_APART)));
        }
        if settings.callers > 2 {
            stages.push(Self::organization(settings.depth.min(MOST_ORGANIZED), 1));
            let (depth, regions) = (settings.depth.min(MOST_WITHOUT_TRUST), settings.regions.min(2));
            stages.push(match settings.organization_given {
                true => Self::organization(depth, regions),
                false => Self::without_trust(depth, regions),
            });
        }
        stages.retain(|stage| settings.allows(&stage.seed));
        for stage in &mut stages {
            let may_call = |account: Account| account.0 <= settings.callers || account == MANAGEMENT;
            stage.calls.retain(|transition| has(transition) && may_call(transition.caller));
            if settings.callers < settings.cast {
                stage.orders.truncate(1);
            }
        }
        stages
    }

    /// Accounts that invite each other, in one Region.
    pub(super) fn invitations(cast: u64, depth: u8) -> Self {
        let cast: Vec<Account> = (1..=cast.clamp(1, MOST_PLACES as u64)).map(Account).collect();
        let calls = cast.iter().flat_map(|caller| membership(*caller, &cast)).collect();
        let orders = orders(cast.len());
        Self { cast, orders, regions: 1, seed: Vec::new(), calls, depth }
    }

    /// Two accounts in two Regions.
    pub(super) fn regions(depth: u8) -> Self {
        let cast = vec![Account(1), Account(2)];
        let mut calls = Vec::new();
        for region in [Region(0), Region(1)] {
            for caller in &cast {
                let here = membership(*caller, &cast).into_iter();
                let plain = here.filter(|transition| {
                    transition.request.named_accounts().len() < 2 && !is_deprecated(transition.request.operation)
                });
                calls.extend(plain.map(|transition| Transition { region, ..transition }));
            }
        }
        Self { cast, orders: orders(2), regions: 2, seed: Vec::new(), calls, depth }
    }

    /// An organization of two accounts beside the management account, and an account outside.
    pub(super) fn organization(depth: u8, regions: u8) -> Self {
        let mut stage = Self::without_trust(depth, regions);
        stage.seed.push(call(MANAGEMENT, Operation::EnableAWSServiceAccess, Input::Empty));
        stage
    }

    /// The same without trusted access; with two Regions, delegated administration in the other one, too.
    pub(super) fn without_trust(depth: u8, regions: u8) -> Self {
        let [a, b, c] = [1, 2, 3].map(Account);
        let managed = |operation, input| call(MANAGEMENT, operation, input);
        let seed = vec![
            managed(Operation::CreateOrganization, Input::Empty),
            managed(Operation::CreateAccount, one(a)),
            managed(Operation::CreateAccount, one(b)),
        ];
        let cast = vec![a, b, c, MANAGEMENT, Account(NEWCOMER)];
        let mut calls = organized();
        if regions > 1 {
            calls.extend(delegated_elsewhere());
        }
        Self { cast, orders: vec![UNORDERED], regions, seed, calls, depth }
    }
}

/// All orders of so many places, the given one first.
fn orders(places: usize) -> Vec<Places> {
    let mut found = vec![UNORDERED];
    let mut order = UNORDERED;
    permute(&mut order, 0, places, &mut found);
    found.dedup();
    found
}

fn permute(order: &mut Places, from: usize, places: usize, found: &mut Vec<Places>) {
    if from == places {
        found.push(*order);
    }
    for other in from..places {
        order.swap(from, other);
        permute(order, from + 1, places, found);
        order.swap(from, other);
    }
}

fn is_deprecated(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::AcceptInvitation | Operation::GetMasterAccount | Operation::DisassociateFromMasterAccount
    )
}

fn page(only_associated: Option<&str>) -> Input {
    Input::Page(Page { only_associated: only_associated.map(str::to_owned), ..Page::default() })
}

fn accept(operation: Operation, member: Account, inviter: Account) -> Transition {
    let invitation = Some(InvitationRef::Latest(inviter));
    call(member, operation, Input::Accept { administrator: Some(inviter.into()), invitation })
}

fn create(caller: Account, members: &[Account]) -> Transition {
    let details = members.iter().map(|member| detail(Some(*member), None)).collect();
    call(caller, Operation::CreateMembers, Input::Create(Some(details)))
}

/// Every well-formed call of the membership families by one account of a cast.
fn membership(caller: Account, cast: &[Account]) -> Vec<Transition> {
    let others: Vec<Account> = cast.iter().copied().filter(|other| *other != caller).collect();
    let mut calls = vec![call(caller, Operation::EnableSecurityHub, enable(None))];
    for operation in [
        Operation::DisableSecurityHub,
        Operation::DisassociateFromAdministratorAccount,
        Operation::DisassociateFromMasterAccount,
        Operation::GetAdministratorAccount,
        Operation::GetMasterAccount,
        Operation::GetInvitationsCount,
    ] {
        calls.push(call(caller, operation, Input::Empty));
    }
    calls.push(call(caller, Operation::DescribeHub, Input::Describe(None)));
    calls.push(call(caller, Operation::ListInvitations, page(None)));
    for only in [None, Some("true"), Some("false")] {
        calls.push(call(caller, Operation::ListMembers, page(only)));
    }
    let mut batches: Vec<Vec<Account>> = others.iter().map(|other| vec![*other]).collect();
    batches.push(vec![caller]);
    batches.extend((others.len() > 1).then(|| others.clone()));
    for named in &batches {
        calls.push(create(caller, named));
        for operation in [
            Operation::InviteMembers,
            Operation::GetMembers,
            Operation::DisassociateMembers,
            Operation::DeleteMembers,
            Operation::DeclineInvitations,
            Operation::DeleteInvitations,
        ] {
            calls.push(call(caller, operation, ids(named)));
        }
    }
    for inviter in &others {
        for operation in [Operation::AcceptAdministratorInvitation, Operation::AcceptInvitation] {
            calls.push(accept(operation, caller, *inviter));
        }
    }
    calls
}

/// The calls that make a difference in an organization, and those that see it.
fn organized() -> Vec<Transition> {
    let [a, b, c] = [1, 2, 3].map(Account);
    let newcomer = Account(NEWCOMER);
    let mut calls = Vec::new();
    let mut add = |caller, operation, input| calls.push(call(caller, operation, input));
    for caller in [a, b, MANAGEMENT] {
        add(caller, Operation::EnableSecurityHub, enable(None));
        add(caller, Operation::DisableSecurityHub, Input::Empty);
        add(caller, Operation::DescribeHub, Input::Describe(None));
        add(caller, Operation::GetEnabledStandards, page(None));
        add(caller, Operation::ListOrganizationAdminAccounts, page(None));
        add(caller, Operation::DescribeOrganizationConfiguration, Input::Empty);
        add(caller, Operation::UpdateOrganizationConfiguration, organize(Some(true), None, None));
    }
    for account in [a, b, c, MANAGEMENT] {
        add(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(account));
        add(MANAGEMENT, Operation::DisableOrganizationAdminAccount, one(account));
    }
    add(a, Operation::EnableOrganizationAdminAccount, one(a));
    add(a, Operation::DisableOrganizationAdminAccount, one(a));
    add(c, Operation::EnableSecurityHub, enable(None));
    add(c, Operation::ListOrganizationAdminAccounts, page(None));
    for (auto_enable, standards, configuration) in [
        (Some(false), None, None),
        (Some(true), Some("NONE"), None),
        (Some(true), Some("DEFAULT"), None),
        (Some(false), Some("NONE"), Some("CENTRAL")),
        (Some(true), Some("NONE"), Some("CENTRAL")),
        (Some(false), Some("NONE"), Some("LOCAL")),
    ] {
        add(a, Operation::UpdateOrganizationConfiguration, organize(auto_enable, standards, configuration));
    }
    for only in [None, Some("true"), Some("false")] {
        add(a, Operation::ListMembers, page(only));
    }
    for caller in [a, c] {
        for member in [b, MANAGEMENT, newcomer, c, a] {
            if caller == c && member != b {
                continue;
            }
            add(caller, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(member), None)])));
            for operation in [
                Operation::InviteMembers,
                Operation::GetMembers,
                Operation::DisassociateMembers,
                Operation::DeleteMembers,
            ] {
                add(caller, operation, ids(&[member]));
            }
        }
    }
    for operation in [
        Operation::GetAdministratorAccount,
        Operation::GetMasterAccount,
        Operation::DisassociateFromAdministratorAccount,
        Operation::DisassociateFromMasterAccount,
    ] {
        add(b, operation, Input::Empty);
    }
    add(b, Operation::ListInvitations, page(None));
    for owner in [a, b] {
        add(owner, Operation::BatchImportFindings, finding(owner));
        add(owner, Operation::GetFindings, page(None));
    }
    for administrator in [a, c] {
        calls.push(accept(Operation::AcceptAdministratorInvitation, b, administrator));
    }
    calls.extend(comings_and_goings(b, newcomer));
    calls
}

/// Delegated administration in another Region.
fn delegated_elsewhere() -> impl Iterator<Item = Transition> {
    let [a, b] = [1, 2].map(Account);
    let calls = [
        call(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(a)),
        call(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(b)),
        call(MANAGEMENT, Operation::DisableOrganizationAdminAccount, one(a)),
        call(MANAGEMENT, Operation::ListOrganizationAdminAccounts, page(None)),
        call(a, Operation::EnableSecurityHub, enable(None)),
        call(a, Operation::DescribeOrganizationConfiguration, Input::Empty),
        call(a, Operation::UpdateOrganizationConfiguration, organize(Some(true), None, None)),
        create(a, &[b]),
        call(a, Operation::GetMembers, ids(&[b])),
        call(b, Operation::GetAdministratorAccount, Input::Empty),
    ];
    calls.into_iter().map(|transition| Transition { region: Region(1), ..transition })
}

/// The steps that take up an organization's accounts, and its trust.
fn comings_and_goings(member: Account, newcomer: Account) -> [Transition; 5] {
    let managed = |operation, input| call(MANAGEMENT, operation, input);
    [
        managed(Operation::CreateAccount, one(newcomer)),
        managed(Operation::RemoveAccountFromOrganization, one(member)),
        managed(Operation::CloseAccount, one(member)),
        managed(Operation::EnableAWSServiceAccess, Input::Empty),
        managed(Operation::DisableAWSServiceAccess, Input::Empty),
    ]
}
