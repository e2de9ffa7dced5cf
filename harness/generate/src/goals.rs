//! A scripted path to each goal of a run, so that no seed misses one by bad luck.

use super::alphabet::call;
use super::naming::MANAGEMENT;
use super::regions;
use super::settings::NEWCOMER;
use super::ways::{is_within, listed};
use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, FindingRef, Input, InvitationRef, Operation, Page, Region, Scenario,
    Transition,
};

/// A scenario that visits goals of a run.
#[derive(Clone, Debug)]
pub struct Script {
    /// The goals, by their ids.
    pub goals: &'static [&'static str],
    /// The intents that visit them.
    pub scenario: Scenario,
}

const A: Account = Account(1);
const B: Account = Account(2);
const C: Account = Account(3);

impl Script {
    /// The scripts whose every step is a call of these operations by these many accounts in these many Regions.
    #[must_use]
    pub fn within(operations: &[Operation], cast: u64, regions: u8) -> Vec<Self> {
        let mut scripts = [alone(), invited(), organized()].concat();
        scripts.push((&["three-administrators", "two-regions"], regions::stage().transitions));
        scripts
            .into_iter()
            .map(|(goals, transitions)| Self { goals, scenario: listed(&Scenario { transitions }) })
            .filter(|script| is_within(&script.scenario.transitions, operations, cast, regions))
            .collect()
    }
}

type Way = (&'static [&'static str], Vec<Transition>);

/// The intents of a single caller.
fn alone() -> Vec<Way> {
    let describe = call(A, Operation::DescribeHub, Input::Describe(None));
    let leave = call(A, Operation::DisassociateFromAdministratorAccount, Input::Empty);
    let disable = call(A, Operation::DisableSecurityHub, Input::Empty);
    let fifty: Vec<Account> = (100..150).map(Account).collect();
    let page = Page { only_associated: Some("false".to_owned()), max_results: Some(20), next_token: None };
    let list = call(A, Operation::ListMembers, Input::Page(page));
    vec![
        (&["conflict", "hub-off", "no-administrator"], vec![describe, enable(A), enable(A), leave]),
        (&["full-batch", "second-page"], vec![enable(A), create(A, &fifty), list]),
        (
            &["created-anew", "disabled-with-list"],
            vec![enable(A), create(A, &[B]), delete(A, B), create(A, &[B]), disable],
        ),
    ]
}

/// The intents that take an invitation.
fn invited() -> Vec<Way> {
    let leave = call(B, Operation::DisassociateFromAdministratorAccount, Input::Empty);
    let member = [enable(A), enable(B), create(A, &[B]), invite(A), accept(A)];
    let again = [leave.clone(), accept(A), remove(A), invite(A)];
    let other = [leave, enable(C), create(C, &[B]), invite(C), accept(C)];
    vec![
        (&["accepted", "accepted-anew", "invited-anew"], [&member[..], &again].concat()),
        (&["moved"], [&member[..], &other].concat()),
    ]
}

/// The intents that take an organization.
fn organized() -> Vec<Way> {
    let founded = [
        call(MANAGEMENT, Operation::CreateOrganization, Input::Empty),
        managed(Operation::CreateAccount, A),
        managed(Operation::CreateAccount, B),
        call(MANAGEMENT, Operation::EnableAWSServiceAccess, Input::Empty),
        managed(Operation::EnableOrganizationAdminAccount, A),
    ];
    let elsewhere = Transition { region: Region(1), ..founded[4].clone() };
    let configure = |auto_enable, standards: Option<&str>, configuration: Option<&str>| {
        let [standards, configuration] = [standards, configuration].map(|text| text.map(str::to_owned));
        let input = Input::Organize { auto_enable: Some(auto_enable), standards, configuration };
        call(A, Operation::UpdateOrganizationConfiguration, input)
    };
    let get = || call(A, Operation::GetMembers, ids(B));
    let findings = || call(A, Operation::GetFindings, Input::Page(Page::default()));
    let finding = FindingRef::of(B, "finding-1");
    let import = call(B, Operation::BatchImportFindings, Input::Import(Some(vec![finding])));
    let leave = call(B, Operation::DisassociateFromAdministratorAccount, Input::Empty);
    let list = call(A, Operation::ListMembers, Input::Page(Page::default()));
    let joined = vec![configure(true, None, None), managed(Operation::CreateAccount, Account(NEWCOMER)), list];
    let then = |rest: Vec<Transition>| [&founded[..], &rest].concat();
    vec![
        (&["added-anew"], then(vec![create(A, &[B]), remove(A), get(), create(A, &[B])])),
        (&["joined"], then(joined)),
        (&["kept"], then(vec![create(A, &[B]), leave])),
        (&["designated-twice"], then(vec![elsewhere])),
        (
            &["finding-seen", "finding-hidden"],
            then(vec![create(A, &[B]), import, findings(), remove(A), findings()]),
        ),
        (&["central"], then(vec![configure(false, Some("NONE"), Some("CENTRAL"))])),
    ]
}

fn enable(caller: Account) -> Transition {
    call(caller, Operation::EnableSecurityHub, Input::Enable { standards: None, generator: None, tags: None })
}

fn create(administrator: Account, members: &[Account]) -> Transition {
    let detail = |member: &Account| AccountDetail { account: Some((*member).into()), email: None };
    call(administrator, Operation::CreateMembers, Input::Create(Some(members.iter().map(detail).collect())))
}

fn delete(administrator: Account, member: Account) -> Transition {
    call(administrator, Operation::DeleteMembers, ids(member))
}

fn remove(administrator: Account) -> Transition {
    call(administrator, Operation::DisassociateMembers, ids(B))
}

fn invite(administrator: Account) -> Transition {
    call(administrator, Operation::InviteMembers, ids(B))
}

fn accept(administrator: Account) -> Transition {
    let invitation = Some(InvitationRef::Latest(administrator));
    let input = Input::Accept { administrator: Some(administrator.into()), invitation };
    call(B, Operation::AcceptAdministratorInvitation, input)
}

fn managed(operation: Operation, account: Account) -> Transition {
    call(MANAGEMENT, operation, Input::Account(Some(account.into())))
}

fn ids(account: Account) -> Input {
    Input::Accounts(Some(vec![AccountRef::from(account)]))
}
