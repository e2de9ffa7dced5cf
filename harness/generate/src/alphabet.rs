//! The states where the search for shortest paths begins, and the calls that it tries in every state.

use std::collections::BTreeMap;

use super::naming::MANAGEMENT;
use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, FindingRef, HubArn, Input, InvitationRef, Operation, Page, Region,
    Request, Transition,
};

/// Where the search starts: the empty state, and some deep ones that a search in breadth would not get to in time.
pub(super) fn seeds() -> Vec<Vec<Transition>> {
    let [a, b, c] = CAST;
    let hubs: Vec<_> =
        CAST.iter().map(|account| call(*account, Operation::EnableSecurityHub, enable(None))).collect();
    let invited = |inviter: Account, member: Account| {
        let create = Input::Create(Some(vec![detail(Some(member), None)]));
        [call(inviter, Operation::CreateMembers, create), call(inviter, Operation::InviteMembers, ids(&[member]))]
    };
    let accept = |member: Account, inviter: Account| {
        let invitation = Some(InvitationRef::Latest(inviter));
        let input = Input::Accept { administrator: Some(inviter.into()), invitation };
        call(member, Operation::AcceptAdministratorInvitation, input)
    };
    let leave = call(b, Operation::DisassociateFromAdministratorAccount, Input::Empty);
    let member = [hubs.clone(), invited(a, b).into(), vec![accept(b, a)]].concat();
    let decline = call(b, Operation::DeclineInvitations, ids(&[a]));
    vec![
        Vec::new(),
        [hubs.clone(), invited(a, b).into(), vec![decline]].concat(),
        member.clone(),
        [hubs, invited(a, b).into(), invited(c, b).into(), vec![accept(b, a)]].concat(),
        [member.clone(), invited(c, a).into()].concat(),
        [member, vec![leave], invited(c, a).into(), vec![accept(a, c)]].concat(),
    ]
}

/// An administrator, a member, and a second administrator.
pub(super) const CAST: [Account; 3] = [Account(1), Account(2), Account(3)];

pub(super) fn call(caller: Account, operation: Operation, input: Input) -> Transition {
    Transition { caller, region: Region(0), request: Request { operation, input } }
}

pub(super) fn enable(generator: Option<&str>) -> Input {
    Input::Enable { standards: None, generator: generator.map(str::to_owned), tags: None }
}

pub(super) fn ids(accounts: &[Account]) -> Input {
    Input::Accounts(Some(accounts.iter().copied().map(AccountRef::from).collect()))
}

pub(super) fn detail(account: Option<Account>, email: Option<&str>) -> AccountDetail {
    AccountDetail { account: account.map(AccountRef::from), email: email.map(str::to_owned) }
}

/// An entry for a list as most calls of a tour make it: every second account is given with its address, which is to be
/// kept whatever becomes of the entry.
pub(super) fn entry(account: Account) -> AccountDetail {
    detail(Some(account), account.0.is_multiple_of(2).then(|| address(account)))
}

/// The address of an account of the cast.
pub(super) const fn address(account: Account) -> &'static str {
    match account.0 {
        1 => "One.One@Example.com",
        2 => "Two.Two+2@Example.com",
        _ => "Three.Three@Example.com",
    }
}

/// The calls that are tried in every state.
pub(super) fn alphabet() -> Vec<Transition> {
    let [a, b, c] = CAST;
    let mut calls = Vec::new();
    let mut add = |caller, operation, input| calls.push(call(caller, operation, input));
    for caller in CAST {
        add(caller, Operation::EnableSecurityHub, enable(None));
    }
    for (inviter, member) in [(a, b), (c, b), (c, a)] {
        add(inviter, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(member), None)])));
        add(inviter, Operation::InviteMembers, ids(&[member]));
        let accept =
            |invitation| Input::Accept { administrator: Some(inviter.into()), invitation: Some(invitation) };
        add(member, Operation::AcceptAdministratorInvitation, accept(InvitationRef::Latest(inviter)));
        add(member, Operation::AcceptInvitation, accept(InvitationRef::Latest(inviter)));
        add(member, Operation::DeclineInvitations, ids(&[inviter]));
        add(member, Operation::DeleteInvitations, ids(&[inviter]));
        add(inviter, Operation::DisassociateMembers, ids(&[member]));
        add(inviter, Operation::DeleteMembers, ids(&[member]));
        add(inviter, Operation::GetMembers, ids(&[member]));
    }
    for caller in [a, b] {
        add(caller, Operation::DisableSecurityHub, Input::Empty);
        for operation in [
            Operation::GetAdministratorAccount,
            Operation::GetMasterAccount,
            Operation::GetInvitationsCount,
            Operation::DisassociateFromAdministratorAccount,
            Operation::DisassociateFromMasterAccount,
        ] {
            add(caller, operation, Input::Empty);
        }
        add(caller, Operation::ListInvitations, Input::Page(Page::default()));
        add(caller, Operation::DescribeHub, Input::Describe(None));
        let generator = Some("STANDARD_CONTROL".to_owned());
        let configure = Input::Configure { auto_enable_controls: None, generator };
        add(caller, Operation::UpdateSecurityHubConfiguration, configure);
    }
    oddities(a, b, &mut add);
    calls
}

/// Arguments that break a constraint or ask for something special.
fn oddities(a: Account, b: Account, add: &mut impl FnMut(Account, Operation, Input)) {
    let page = |only: Option<&str>, size: Option<i64>| {
        Input::Page(Page { only_associated: only.map(str::to_owned), max_results: size, next_token: None })
    };
    for only in [None, Some("true"), Some("false"), Some("maybe")] {
        add(a, Operation::ListMembers, page(only, None));
    }
    add(a, Operation::ListMembers, page(None, Some(0)));
    add(a, Operation::ListMembers, page(Some("false"), Some(1)));
    add(a, Operation::InviteMembers, ids(&[a]));
    add(
        a,
        Operation::CreateMembers,
        Input::Create(Some(CAST[1..].iter().map(|m| detail(Some(*m), None)).collect())),
    );
    add(a, Operation::ListInvitations, page(None, Some(51)));
    add(a, Operation::DescribeHub, Input::Describe(Some(HubArn::Of(a, Region(0)))));
    add(a, Operation::DescribeHub, Input::Describe(Some(HubArn::Of(b, Region(0)))));
    let generator = Some("OTHER".to_owned());
    add(a, Operation::EnableSecurityHub, Input::Enable { standards: None, generator, tags: None });
    let tags = Some(BTreeMap::new());
    add(a, Operation::EnableSecurityHub, Input::Enable { standards: None, generator: None, tags });
    let many = |count| (0..count).map(|number| detail(Some(Account(100 + number)), None)).collect();
    for details in [
        None,
        Some(Vec::new()),
        Some(vec![detail(None, None)]),
        Some(vec![detail(Some(b), Some(" "))]),
        Some(vec![detail(Some(b), Some("B.b@Example.com"))]),
        Some(vec![detail(Some(a), None)]),
        Some(many(50)),
        Some(many(51)),
    ] {
        add(a, Operation::CreateMembers, Input::Create(details));
    }
    add(a, Operation::GetMembers, Input::Accounts(None));
    for invitation in [Some(InvitationRef::Unknown), Some(InvitationRef::Text(String::new())), None] {
        let accept = Input::Accept { administrator: Some(a.into()), invitation };
        add(b, Operation::AcceptAdministratorInvitation, accept);
    }
}

/// The states in an organization that the search starts from.
pub(super) fn organization_seeds() -> Vec<Vec<Transition>> {
    let [a, b, c] = CAST;
    let managed = |operation, input| call(MANAGEMENT, operation, input);
    let founded = vec![managed(Operation::CreateOrganization, Input::Empty)];
    let mut untrusted = founded.clone();
    untrusted.extend([a, b].map(|account| managed(Operation::CreateAccount, one(account))));
    let mut trusted = untrusted.clone();
    trusted.push(managed(Operation::EnableAWSServiceAccess, Input::Empty));
    let designate = managed(Operation::EnableOrganizationAdminAccount, one(a));
    let delegated = [trusted.clone(), vec![designate.clone()]].concat();
    let enable = |account| call(account, Operation::EnableSecurityHub, enable(None));
    let create =
        |account| call(a, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(account), None)])));
    let enrolled = [delegated.clone(), vec![create(b)]].concat();
    let outsider = |inviter: Account, member: Account| -> Vec<Transition> {
        let input = Input::Create(Some(vec![detail(Some(member), None)]));
        vec![
            call(inviter, Operation::CreateMembers, input),
            call(inviter, Operation::InviteMembers, ids(&[member])),
        ]
    };
    let accept = |member: Account, inviter: Account| {
        let invitation = Some(InvitationRef::Latest(inviter));
        let input = Input::Accept { administrator: Some(inviter.into()), invitation };
        call(member, Operation::AcceptAdministratorInvitation, input)
    };
    let hubs: Vec<Transition> = CAST.map(enable).into();
    let imported = call(b, Operation::BatchImportFindings, finding(b));
    let removed = call(a, Operation::DisassociateMembers, ids(&[b]));
    vec![
        founded,
        untrusted,
        trusted.clone(),
        delegated.clone(),
        enrolled.clone(),
        [delegated.clone(), vec![enable(b)]].concat(),
        [enrolled.clone(), vec![imported.clone()]].concat(),
        [enrolled.clone(), vec![imported, removed.clone()]].concat(),
        [enrolled, vec![enable(c)], outsider(c, b)].concat(),
        [trusted.clone(), hubs.clone(), outsider(a, b), vec![accept(b, a), designate.clone()]].concat(),
        [trusted, hubs, outsider(c, b), vec![accept(b, c), designate]].concat(),
        [delegated, vec![call(a, Operation::UpdateOrganizationConfiguration, organize(Some(true), None, None))]]
            .concat(),
    ]
}

/// The calls that are tried in every state of an organization.
pub(super) fn organization_alphabet() -> Vec<Transition> {
    let [a, b, c] = CAST;
    let newcomer = Account(super::settings::NEWCOMER);
    let mut calls = Vec::new();
    let mut add = |caller, operation, input| calls.push(call(caller, operation, input));
    let page = || Input::Page(Page::default());
    for account in [a, b, MANAGEMENT] {
        add(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(account));
        add(account, Operation::ListOrganizationAdminAccounts, page());
        add(account, Operation::EnableSecurityHub, enable(None));
        add(account, Operation::DisableSecurityHub, Input::Empty);
        add(account, Operation::DescribeOrganizationConfiguration, Input::Empty);
        add(account, Operation::UpdateOrganizationConfiguration, organize(Some(true), None, None));
    }
    add(b, Operation::EnableOrganizationAdminAccount, one(a));
    add(c, Operation::ListOrganizationAdminAccounts, page());
    add(MANAGEMENT, Operation::DisableOrganizationAdminAccount, one(a));
    add(MANAGEMENT, Operation::CreateAccount, one(newcomer));
    for operation in [Operation::RemoveAccountFromOrganization, Operation::CloseAccount] {
        add(MANAGEMENT, operation, one(b));
    }
    add(MANAGEMENT, Operation::DisableAWSServiceAccess, Input::Empty);
    for input in [
        organize(Some(true), Some("NONE"), None),
        organize(None, None, None),
        organize(Some(false), Some("NONE"), Some("CENTRAL")),
        organize(Some(true), Some("NONE"), Some("CENTRAL")),
    ] {
        add(a, Operation::UpdateOrganizationConfiguration, input);
    }
    for member in [b, MANAGEMENT, newcomer] {
        let details = vec![detail(Some(member), Some("B.b@Example.com"))];
        add(a, Operation::CreateMembers, Input::Create(Some(details)));
        add(a, Operation::GetMembers, ids(&[member]));
        add(a, Operation::InviteMembers, ids(&[member]));
        add(member, Operation::DescribeHub, Input::Describe(None));
        add(member, Operation::GetEnabledStandards, page());
    }
    for operation in [Operation::DisassociateMembers, Operation::DeleteMembers] {
        add(a, operation, ids(&[b]));
    }
    for only in [None, Some("true"), Some("false")] {
        let only_associated = only.map(str::to_owned);
        add(a, Operation::ListMembers, Input::Page(Page { only_associated, ..Page::default() }));
    }
    let plain = Input::Enable { standards: Some(false), generator: None, tags: None };
    add(b, Operation::EnableSecurityHub, plain);
    add(b, Operation::BatchEnableStandards, Input::Standards(Some(vec!["not-a-standard".to_owned()])));
    for operation in [
        Operation::GetAdministratorAccount,
        Operation::GetMasterAccount,
        Operation::DisassociateFromAdministratorAccount,
        Operation::DisassociateFromMasterAccount,
    ] {
        add(b, operation, Input::Empty);
    }
    add(b, Operation::ListInvitations, page());
    for (caller, owner) in [(a, a), (b, b), (a, b)] {
        add(caller, Operation::BatchImportFindings, finding(owner));
        add(caller, Operation::GetFindings, page());
    }
    add(a, Operation::GetEnabledStandards, page());
    let accept = Input::Accept { administrator: Some(c.into()), invitation: Some(InvitationRef::Latest(c)) };
    add(b, Operation::AcceptAdministratorInvitation, accept);
    elsewhere(&mut calls);
    calls
}

/// Calls in a second Region.
fn elsewhere(calls: &mut Vec<Transition>) {
    let [a, b, _] = CAST;
    let everything = Page { only_associated: Some("false".to_owned()), ..Page::default() };
    for (caller, operation, input) in [
        (MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(b)),
        (MANAGEMENT, Operation::ListOrganizationAdminAccounts, Input::Page(Page::default())),
        (a, Operation::EnableSecurityHub, enable(None)),
        (a, Operation::ListMembers, Input::Page(everything)),
    ] {
        calls.push(Transition { region: Region(1), ..call(caller, operation, input) });
    }
}

pub(super) fn one(account: Account) -> Input {
    Input::Account(Some(account.into()))
}

pub(super) fn finding(account: Account) -> Input {
    Input::Import(Some(vec![FindingRef::of(account, "finding-1")]))
}

pub(super) fn organize(auto_enable: Option<bool>, standards: Option<&str>, configuration: Option<&str>) -> Input {
    let text = |value: Option<&str>| value.map(str::to_owned);
    Input::Organize { auto_enable, standards: text(standards), configuration: text(configuration) }
}
