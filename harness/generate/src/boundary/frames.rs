//! What a call must leave alone: everything that accounts can read in two Regions after a change;
//! second cycles, in which nothing of the first may be left; and second administrators.

use super::Cases;
use super::findings::import;
use super::stage::{
    A, B, C, D, accept, create, delegated, describe, everybody, hub, invite, joined, list_invitations, look, read,
};
use crate::MANAGEMENT;
use crate::alphabet::{call, detail, enable, ids, one, organize};
use passmuster_contract::domain::{Account, Input, Operation, Region, Transition};

/// A standard that is not enabled by default.
const STANDARD: &str = "arn:aws:securityhub:us-east-1::standards/pci-dss/v/3.2.1";

/// An account that comes to an organization later.
const NEWCOMER: Account = Account(crate::settings::NEWCOMER);

pub(super) fn add(cases: &mut Cases<'_>) {
    memberships(cases);
    designations(cases);
    second_administrators(cases);
    generators(cases);
    let given = detail(Some(B), Some("First.Last@Mail.Example.COM"));
    let create_so = call(A, Operation::CreateMembers, Input::Create(Some(vec![given])));
    cases.add("address-as-given", &[hub(A)], create_so, &[everybody(A)]);
    cycles(cases);
}

/// Whether a case of this name is one of these.
pub(super) fn is_one(id: &str) -> bool {
    let form = id.split_once('/').map_or("", |(_, form)| form);
    ["frame", "second-administrator", "address-as-given", "colleague-by-outsider"].contains(&form)
        || ["again/", "frame/", "AccountId/colleague-"].iter().any(|head| form.starts_with(head))
        || form.ends_with("-elsewhere")
}

/// The same call in the other Region.
fn twin(transition: &Transition) -> Transition {
    Transition { region: Region(1), ..transition.clone() }
}

fn in_both(transitions: &[Transition]) -> Vec<Transition> {
    transitions.iter().cloned().chain(transitions.iter().map(twin)).collect()
}

/// Everything that the account can read.
fn all_of(account: Account) -> Vec<Transition> {
    vec![
        describe(account),
        read(account, Operation::GetEnabledStandards),
        everybody(account),
        list_invitations(account),
        look(account, Operation::GetInvitationsCount),
        look(account, Operation::GetAdministratorAccount),
        read(account, Operation::GetFindings),
    ]
}

fn disable(account: Account) -> Transition {
    call(account, Operation::DisableSecurityHub, Input::Empty)
}

fn without_standards(account: Account) -> Transition {
    call(
        account,
        Operation::EnableSecurityHub,
        Input::Enable { standards: Some(false), generator: None, tags: None },
    )
}

fn on(account: Account, operation: Operation, other: Account) -> Transition {
    call(account, operation, ids(&[other]))
}

/// A member and two others on the way, findings of two, and the same in the other Region.
fn memberships(cases: &mut Cases<'_>) {
    let mut stage = vec![without_standards(B)];
    stage.extend([hub(A), hub(C), create(A, &[B, D]), invite(A, B), list_invitations(B), accept(B, A)]);
    stage.extend([create(C, &[D, A]), invite(C, A), list_invitations(A), import(B, 1), import(C, 1)]);
    let stage = in_both(&stage);
    let third = [everybody(C), look(C, Operation::GetAdministratorAccount), read(C, Operation::GetFindings)];
    let reads = in_both(&[all_of(A), all_of(B), third.into()].concat());
    let settings = |controls, generator: Option<&str>| {
        let generator = generator.map(str::to_owned);
        call(
            A,
            Operation::UpdateSecurityHubConfiguration,
            Input::Configure { auto_enable_controls: controls, generator },
        )
    };
    let mut seen: Vec<Operation> = Vec::new();
    let standard = Input::Standards(Some(vec![STANDARD.to_owned()]));
    let changes = [
        on(A, Operation::DisassociateMembers, B),
        look(B, Operation::DisassociateFromAdministratorAccount),
        on(A, Operation::DeleteMembers, D),
        on(A, Operation::InviteMembers, D),
        create(A, &[C]),
        on(A, Operation::DeclineInvitations, C),
        import(B, 2),
        import(A, 1),
        settings(Some(false), None),
        settings(None, Some("STANDARD_CONTROL")),
        call(A, Operation::BatchEnableStandards, standard),
        disable(C),
        hub(D),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let operation = change.request.operation;
        let is_first = !seen.contains(&operation);
        let form = if is_first { "frame".to_owned() } else { format!("frame/{number}") };
        seen.push(operation);
        cases.add(&form, &stage, change, &reads);
    }
    let mut stage = vec![without_standards(B), hub(A), create(A, &[B]), invite(A, B), list_invitations(B)];
    stage.push(import(B, 1));
    let reads = in_both(&[all_of(A), all_of(B)].concat());
    cases.add("frame", &in_both(&stage), accept(B, A), &reads);
}

/// An organization that is administered in both Regions.
fn designations(cases: &mut Cases<'_>) {
    let designate = call(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(A));
    let mut stage = delegated();
    stage.push(twin(&designate));
    stage.extend(in_both(&[create(A, &[B])]));
    let mut seen = all_of(A);
    seen.extend(all_of(B));
    seen.push(look(A, Operation::DescribeOrganizationConfiguration));
    seen.push(read(MANAGEMENT, Operation::ListOrganizationAdminAccounts));
    let reads = in_both(&seen);
    for change in [
        call(MANAGEMENT, Operation::DisableOrganizationAdminAccount, one(A)),
        call(A, Operation::UpdateOrganizationConfiguration, organize(Some(true), None, None)),
        call(MANAGEMENT, Operation::CreateAccount, one(NEWCOMER)),
        call(MANAGEMENT, Operation::CloseAccount, one(B)),
        call(MANAGEMENT, Operation::RemoveAccountFromOrganization, one(B)),
    ] {
        cases.add("frame", &stage, change, &reads);
    }
    cases.add("frame/colleague", &stage, on(A, Operation::DisassociateMembers, B), &reads);
    // Designated in one Region alone.
    let everywhere = |seen: Vec<Transition>| in_both(&[seen, all_of(B)].concat());
    let designations = vec![read(MANAGEMENT, Operation::ListOrganizationAdminAccounts), describe(A)];
    for (form, other) in [("second-elsewhere", B), ("again-elsewhere", A)] {
        let designate = twin(&call(MANAGEMENT, Operation::EnableOrganizationAdminAccount, one(other)));
        cases.add(&format!("AdminAccountId/{form}"), &delegated(), designate, &everywhere(designations.clone()));
    }
    for standards in [None, Some("NONE"), Some("DEFAULT")] {
        let automatic = call(A, Operation::UpdateOrganizationConfiguration, organize(Some(true), standards, None));
        let stage = [delegated(), vec![twin(&designate), automatic]].concat();
        let join = call(MANAGEMENT, Operation::CreateAccount, one(NEWCOMER));
        let reads = in_both(&[vec![everybody(A)], all_of(NEWCOMER), all_of(B)].concat());
        let name = standards.unwrap_or("missing");
        cases.add(&format!("frame/AutoEnableStandards-{name}"), &stage, join, &reads);
    }
    let plain = [delegated(), vec![without_standards(B)]].concat();
    let reads = [read(B, Operation::GetEnabledStandards), describe(B), everybody(A)];
    cases.add("AccountId/colleague-without-standards", &plain, create(A, &[B]), &reads);
    // One that another administrator has invited belongs to the organization now.
    let invited = [hub(C), hub(B), create(C, &[B]), invite(C, B), list_invitations(B), create(A, &[B])];
    let stage = [delegated(), invited.into()].concat();
    let reads = [look(B, Operation::GetAdministratorAccount), everybody(A), everybody(C), list_invitations(B)];
    cases.add("colleague-by-outsider", &stage, accept(B, C), &reads);
    let mut stage = vec![hub(C), hub(B), create(C, &[B]), invite(C, B), list_invitations(B), accept(B, C)];
    stage.splice(0..0, delegated());
    cases.add("AccountId/colleague-of-outsider", &stage, create(A, &[B]), &reads);
}

/// A member that holds the invitation of another account as well, from before it was taken (SH-ACCEPT-008).
fn second_administrators(cases: &mut Cases<'_>) {
    let mut stage = vec![hub(A), hub(B), hub(C), create(A, &[B]), create(C, &[B]), invite(A, B), invite(C, B)];
    stage.extend([list_invitations(B), accept(B, A)]);
    let reads = [look(B, Operation::GetAdministratorAccount), everybody(A), everybody(C), list_invitations(B)];
    cases.add("second-administrator", &stage, accept(B, C), &reads);
}

/// A member shows the setting of its administrator, whatever its own was (SH-HUB-006).
fn generators(cases: &mut Cases<'_>) {
    let hub_with = |account, generator| call(account, Operation::EnableSecurityHub, enable(Some(generator)));
    let both = ["STANDARD_CONTROL", "SECURITY_CONTROL"];
    for (own, administrators) in [(both[0], both[1]), (both[1], both[0])] {
        let mut stage = vec![hub_with(A, administrators), hub_with(B, own), create(A, &[B]), invite(A, B)];
        stage.push(list_invitations(B));
        cases.add(&format!("frame/generator-{own}"), &stage, accept(B, A), &[describe(B), describe(A)]);
    }
}

/// Once more what was done and undone before.
fn cycles(cases: &mut Cases<'_>) {
    let standards = [read(A, Operation::GetEnabledStandards), describe(A)];
    cases.add("again/without-standards", &[hub(A), disable(A)], without_standards(A), &standards);
    let stage = [without_standards(A), disable(A)];
    cases.add("again/with-standards", &stage, call(A, Operation::EnableSecurityHub, enable(None)), &standards);
    let reads: Vec<Transition> = [B, A].into_iter().flat_map(all_of).collect();
    let (remove, delete) = (on(A, Operation::DisassociateMembers, B), on(A, Operation::DeleteMembers, B));
    let first = [joined(), vec![import(B, 1), remove, delete]].concat();
    cases.add("again/after-deletion", &first, create(A, &[B]), &reads);
    let second = [first, vec![create(A, &[B]), invite(A, B), list_invitations(B)]].concat();
    cases.add("again/after-deletion", &second, accept(B, A), &reads);
    let left = look(B, Operation::DisassociateFromAdministratorAccount);
    cases.add("again/after-leaving", &[joined(), vec![left]].concat(), invite(A, B), &reads);
    let addressed = |address: Option<&str>| {
        call(A, Operation::CreateMembers, Input::Create(Some(vec![detail(Some(B), address)])))
    };
    for (form, first, second) in [
        ("again/without-address", Some("first@example.com"), None),
        ("again/with-address", None, Some("second@example.com")),
        ("again/with-other-address", Some("first@example.com"), Some("second@example.com")),
    ] {
        let stage = [hub(A), addressed(first), on(A, Operation::DeleteMembers, B)];
        cases.add(form, &stage, addressed(second), &[everybody(A)]);
    }
    let declined = [hub(A), hub(B), create(A, &[B]), invite(A, B), on(B, Operation::DeclineInvitations, A)];
    let then = [on(B, Operation::DeleteInvitations, A), on(A, Operation::DeleteMembers, B), create(A, &[B])];
    cases.add("again/after-declining", &[&declined[..], &then].concat(), invite(A, B), &reads);
    let off = [vec![hub(A), hub(B), create(A, &[B])], vec![disable(A)]].concat();
    cases.add("again/after-disabling", &off, hub(A), &reads);
}
