//! Lists of account ids: how long, how often the same, and ids that are none.

use serde_json::json;

use super::Cases;
use super::forms::NO_IDS;
use super::stage::{A, B, accept, create, crowd, delegated, describe, everybody, get, hub, invite, invited, joined};
use super::stage::{list_invitations, listed, look, open};
use crate::domain::{Account, AccountRef, Input, Operation, Transition};
use crate::generate::alphabet::{call, ids};

/// Operations on the caller's own list.
const OF_ADMINISTRATOR: [Operation; 4] = [
    Operation::GetMembers,
    Operation::DeleteMembers,
    Operation::InviteMembers,
    Operation::DisassociateMembers,
];

/// Operations on what the caller has received.
const OF_INVITEE: [Operation; 2] = [Operation::DeclineInvitations, Operation::DeleteInvitations];

pub(super) fn add(cases: &mut Cases) {
    for operation in OF_ADMINISTRATOR {
        for (form, input) in forms(&crowd(51)) {
            cases.add(&format!("AccountIds/{form}"), &listed(input.listed), input.call(A, operation), &[everybody(A)]);
            let faulty = input.is_faulty.then_some(input);
            if let Some(input) = faulty {
                let off = input.call(A, operation);
                cases.add(&format!("pair/hub-off+{form}"), &[], off, &[describe(A)]);
            }
        }
    }
    for operation in OF_INVITEE {
        let inviters: Vec<Account> = [A].into_iter().chain(crowd(50)).collect();
        for (form, input) in forms(&inviters) {
            let reads = [list_invitations(B), look(B, Operation::GetInvitationsCount), get(A, B)];
            cases.add(&format!("AccountIds/{form}"), &invited(), input.call(B, operation), &reads);
            if input.is_faulty {
                let stage = [hub(A), create(A, &[B]), invite(A, B)];
                cases.add(&format!("pair/hub-off+{form}"), &stage, input.call(B, operation), &[get(A, B)]);
            }
        }
    }
    statuses(cases);
    roles(cases);
}

/// One way to fill `AccountIds`.
struct Filled {
    /// `None` where it is sent as null.
    accounts: Option<Input>,
    /// How many accounts the administrator has on its list before.
    listed: usize,
    /// Whether a server may have something against the list itself.
    is_faulty: bool,
}

impl Filled {
    fn call(&self, caller: Account, operation: Operation) -> Transition {
        match &self.accounts {
            Some(input) => call(caller, operation, input.clone()),
            None => open(caller, operation, &json!({ "AccountIds": null })),
        }
    }
}

/// The ways to fill `AccountIds` with some of these accounts.
fn forms(accounts: &[Account]) -> Vec<(String, Filled)> {
    let filled = |accounts, listed, is_faulty| Filled { accounts: Some(accounts), listed, is_faulty };
    let of = |count: usize| ids(&accounts[..count.min(accounts.len())]);
    let mut forms = vec![
        ("missing".to_owned(), filled(Input::Accounts(None), 1, true)),
        ("null".to_owned(), Filled { accounts: None, listed: 1, is_faulty: true }),
        ("entries-0".to_owned(), filled(of(0), 1, true)),
        ("entries-1".to_owned(), filled(of(1), 2, false)),
        ("entries-50".to_owned(), filled(of(50), 51, false)),
        ("entries-51".to_owned(), filled(of(51), 51, true)),
        ("twice".to_owned(), filled(ids(&[accounts[0], accounts[0]]), 2, true)),
        ("unlisted".to_owned(), filled(ids(&[Account(5)]), 1, false)),
    ];
    for (name, text) in NO_IDS {
        let text = AccountRef::Text(text.to_owned());
        let beside = Input::Accounts(Some(vec![accounts[0].into(), text.clone()]));
        forms.push((name.to_owned(), filled(Input::Accounts(Some(vec![text])), 1, true)));
        forms.push((format!("{name}-beside-listed"), filled(beside, 2, true)));
    }
    forms
}

/// One entry in each state that it may be in.
fn statuses(cases: &mut Cases) {
    let remove = call(A, Operation::DisassociateMembers, ids(&[B]));
    let leave = look(B, Operation::DisassociateFromAdministratorAccount);
    let states: [(&str, Vec<Transition>); 4] = [
        ("invited", invited()),
        ("enabled", joined()),
        ("removed", [joined(), vec![remove]].concat()),
        ("resigned", [joined(), vec![leave]].concat()),
    ];
    for operation in OF_ADMINISTRATOR {
        for (status, stage) in &states {
            let reads = [get(A, B), look(B, Operation::GetAdministratorAccount)];
            cases.add(&format!("AccountIds/{status}"), stage, call(A, operation, ids(&[B])), &reads);
        }
        cases.add("AccountIds/self", &[hub(A)], call(A, operation, ids(&[A])), &[everybody(A)]);
    }
    let decline = call(B, Operation::DeclineInvitations, ids(&[A]));
    let states = [
        ("accepted", joined()),
        ("declined", [invited(), vec![decline]].concat()),
        ("self", vec![hub(B)]),
    ];
    for operation in OF_INVITEE {
        for (state, stage) in &states {
            let named = if *state == "self" { B } else { A };
            let reads = [list_invitations(B), look(B, Operation::GetAdministratorAccount)];
            cases.add(&format!("AccountIds/{state}"), stage, call(B, operation, ids(&[named])), &reads);
        }
    }
}

/// Faulty lists by a caller that may not act at all, or for which the contract says something of its own.
fn roles(cases: &mut Cases) {
    for (form, input) in forms(&crowd(51)).into_iter().filter(|(_, input)| input.is_faulty) {
        if form.ends_with("-beside-listed") {
            continue;
        }
        let invite = input.call(B, Operation::InviteMembers);
        cases.add(&format!("pair/member+{form}"), &joined(), invite, &[everybody(B)]);
    }
    for operation in OF_ADMINISTRATOR {
        let stage = [delegated(), vec![create(A, &[B])]].concat();
        let reads = [get(A, B), look(B, Operation::GetAdministratorAccount)];
        cases.add("AccountIds/colleague", &stage, call(A, operation, ids(&[B])), &reads);
        let beside = vec![B.into(), AccountRef::Text("12345678901".to_owned())];
        let beside = call(A, operation, Input::Accounts(Some(beside)));
        cases.add("AccountIds/digits-11-beside-colleague", &stage, beside, &reads);
    }
    let accepted = [hub(A), hub(B), create(A, &[B]), invite(A, B), list_invitations(B), accept(B, A)];
    let own = call(B, Operation::InviteMembers, ids(&[crowd(1)[0]]));
    cases.add("AccountIds/by-member", &accepted, own, &[everybody(B)]);
}
