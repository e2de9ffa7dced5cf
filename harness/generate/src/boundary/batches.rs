//! Lists of account ids: how long, how often the same, and ids that are none.

use serde_json::json;

use super::Cases;
use super::forms::{NO_ID, NO_IDS};
use super::stage::{
    A, B, C, D, accept, create, crowd, delegated, describe, everybody, get, hub, invite, invited, joined,
};
use super::stage::{list_invitations, listed, look, open};
use crate::alphabet::{call, ids};
use crate::naming::WITH_ZERO;
use passmuster_contract::domain::{Account, AccountRef, Input, Operation, Transition};

/// Operations on the caller's own list.
const OF_ADMINISTRATOR: [Operation; 4] =
    [Operation::GetMembers, Operation::DeleteMembers, Operation::InviteMembers, Operation::DisassociateMembers];

/// Operations on what the caller has received.
const OF_INVITEE: [Operation; 2] = [Operation::DeclineInvitations, Operation::DeleteInvitations];

pub(super) fn add(cases: &mut Cases<'_>) {
    for operation in OF_ADMINISTRATOR {
        let zero = [hub(A), create(A, &[WITH_ZERO])];
        cases.add("hub-off", &[], call(A, operation, ids(&[B])), &[]);
        cases.add("AccountIds/leading-zero", &zero, call(A, operation, ids(&[WITH_ZERO])), &[everybody(A)]);
        for (form, input) in forms(&crowd(51)) {
            cases.add(
                &format!("AccountIds/{form}"),
                &listed(input.listed),
                input.call(A, operation),
                &[everybody(A)],
            );
            if input.is_paired {
                let call = input.call(A, operation);
                cases.add(&format!("pair/hub-off+{form}"), &[], call, &[describe(A)]);
            }
        }
    }
    for operation in OF_INVITEE {
        cases.add("hub-off", &[], call(B, operation, ids(&[A])), &[]);
        let inviters: Vec<Account> = [A].into_iter().chain(crowd(50)).collect();
        for (form, input) in forms(&inviters) {
            let read = [list_invitations(B)];
            let stage = if input.listed > 0 { invited() } else { vec![hub(B)] };
            cases.add(&format!("AccountIds/{form}"), &stage, input.call(B, operation), &read);
            if input.is_paired {
                let stage = [hub(A), create(A, &[B]), invite(A, B)];
                cases.add(&format!("pair/hub-off+{form}"), &stage, input.call(B, operation), &[get(A, B)]);
            }
        }
    }
    statuses(cases);
    mixtures(cases);
    roles(cases);
}

/// One way to fill `AccountIds`.
struct Filled {
    /// `None` where it is sent as null.
    accounts: Option<Input>,
    /// The number of accounts on the administrator's list before; an invitee is invited where there are any.
    listed: usize,
    /// Whether a server may have something against the list itself, so that it is tried beside another fault.
    is_paired: bool,
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
    let filled = |accounts, listed, is_paired| Filled { accounts: Some(accounts), listed, is_paired };
    let of = |count: usize| ids(&accounts[..count.min(accounts.len())]);
    let mut forms = vec![
        ("missing".to_owned(), filled(Input::Accounts(None), 1, true)),
        ("null".to_owned(), Filled { accounts: None, listed: 1, is_paired: false }),
        ("entries-0".to_owned(), filled(of(0), 1, true)),
        ("entries-1".to_owned(), filled(of(1), 2, false)),
        ("entries-50".to_owned(), filled(of(50), 51, false)),
        ("entries-51".to_owned(), filled(of(51), 51, true)),
        ("twice".to_owned(), filled(ids(&[accounts[0], accounts[0]]), 2, true)),
        ("unlisted".to_owned(), filled(ids(&[Account(5)]), 1, false)),
    ];
    let text = |text: &str| AccountRef::Text(text.to_owned());
    for (name, id) in NO_IDS {
        let alone = Input::Accounts(Some(vec![text(id)]));
        forms.push((name.to_owned(), filled(alone, 0, name == "letters")));
    }
    let beside = Input::Accounts(Some(vec![accounts[0].into(), text(NO_ID)]));
    forms.push(("digits-11-beside-listed".to_owned(), filled(beside, 2, false)));
    forms
}

/// One entry in each state that it may be in.
fn statuses(cases: &mut Cases<'_>) {
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
            cases.add(
                &format!("AccountIds/{status}"),
                stage,
                call(A, operation, ids(&[B])),
                &both_sides(operation),
            );
        }
        cases.add("AccountIds/self", &[hub(A)], call(A, operation, ids(&[A])), &[everybody(A)]);
    }
    let decline = call(B, Operation::DeclineInvitations, ids(&[A]));
    let states =
        [("accepted", joined()), ("declined", [invited(), vec![decline]].concat()), ("self", vec![hub(B)])];
    for operation in OF_INVITEE {
        for (state, stage) in &states {
            let named = if *state == "self" { B } else { A };
            let reads = [list_invitations(B), look(B, Operation::GetAdministratorAccount)];
            cases.add(&format!("AccountIds/{state}"), stage, call(B, operation, ids(&[named])), &reads);
        }
    }
}

/// Entries of which some are refused, in different orders: what comes after one that is refused counts, too.
fn mixtures(cases: &mut Cases<'_>) {
    let stage = [joined(), vec![hub(C), create(A, &[C, D])]].concat();
    let mut reads = vec![everybody(A), look(B, Operation::GetAdministratorAccount), list_invitations(C)];
    for operation in OF_ADMINISTRATOR {
        for (order, accounts) in [("first", [B, C, D]), ("second", [C, B, D]), ("last", [C, D, B])] {
            let form = format!("AccountIds/enabled-{order}-of-3");
            cases.add(&form, &stage, call(A, operation, ids(&accounts)), &reads);
        }
    }
    let second = [hub(C), create(C, &[B]), invite(C, B), list_invitations(B)];
    let stage = [&invited()[..], &second].concat();
    reads = vec![list_invitations(B), everybody(A), everybody(C), look(B, Operation::GetInvitationsCount)];
    for operation in OF_INVITEE {
        for (form, accounts) in [
            ("one-of-two", vec![A]),
            ("other-of-two", vec![C]),
            ("both", vec![C, A]),
            ("stranger-first", vec![D, A]),
            ("stranger-last", vec![A, D]),
        ] {
            cases.add(&format!("AccountIds/{form}"), &stage, call(B, operation, ids(&accounts)), &reads);
        }
        let declined = [&stage[..], &[call(B, Operation::DeclineInvitations, ids(&[A]))]].concat();
        let other = call(B, operation, ids(&[A, C]));
        cases.add("AccountIds/declined-beside-open", &declined, other, &reads);
    }
}

/// The reads that show, on either side, what a call has made of a membership.
fn both_sides(operation: Operation) -> Vec<Transition> {
    let reads = [get(A, B), look(B, Operation::GetAdministratorAccount)];
    reads.into_iter().filter(|_| operation.is_mutating()).collect()
}

/// Faulty lists by a caller that may not act at all, or for which the contract says something of its own.
fn roles(cases: &mut Cases<'_>) {
    for (form, input) in forms(&crowd(51)).into_iter().filter(|(_, input)| input.is_paired) {
        let invite = input.call(B, Operation::InviteMembers);
        cases.add(&format!("pair/member+{form}"), &joined(), invite, &[everybody(B)]);
    }
    for operation in OF_ADMINISTRATOR {
        let stage = [delegated(), vec![create(A, &[B])]].concat();
        let reads = both_sides(operation);
        cases.add("AccountIds/colleague", &stage, call(A, operation, ids(&[B])), &reads);
        if operation.is_mutating() {
            let beside = vec![B.into(), AccountRef::Text(NO_ID.to_owned())];
            let beside = call(A, operation, Input::Accounts(Some(beside)));
            cases.add("AccountIds/digits-11-beside-colleague", &stage, beside, &reads);
        }
    }
    let own = call(B, Operation::InviteMembers, ids(&crowd(1)));
    cases.add("AccountIds/by-member", &joined(), own, &[everybody(B)]);
    // What is on a member's own list from before could be invited again if it were no member.
    let removed = call(B, Operation::DisassociateMembers, ids(&[C]));
    let before = [hub(B), hub(C), create(B, &[C]), invite(B, C), list_invitations(C), accept(C, B), removed];
    let then = [hub(A), create(A, &[B]), invite(A, B), list_invitations(B), accept(B, A)];
    let stage = [&before[..], &then].concat();
    cases.add("AccountIds/removed-by-member", &stage, invite(B, C), &[everybody(B)]);
}
