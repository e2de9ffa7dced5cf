//! Accepting an invitation: whose, and by which id.

use serde_json::json;

use super::Cases;
use super::forms::{NO_ID, NO_IDS};
use super::stage::{A, B, C, create, get, hub, invite, invited, joined, look, open};
use crate::domain::{AccountRef, Input, InvitationRef, Operation, Transition};
use crate::generate::alphabet::call;

/// Both operations that accept, each with the read that shows the administrator and the member that names it.
const WAYS: [(Operation, Operation, &str); 2] = [
    (Operation::AcceptAdministratorInvitation, Operation::GetAdministratorAccount, "AdministratorId"),
    (Operation::AcceptInvitation, Operation::GetMasterAccount, "MasterId"),
];

pub(super) fn add(cases: &mut Cases) {
    for (accept, shows, from) in WAYS {
        let reads = [look(B, shows), get(A, B)];
        let uninvited = [hub(A), create(A, &[B]), hub(B)];
        let off = [hub(A), create(A, &[B]), invite(A, B)];
        for (form, call) in forms(accept, from) {
            let fault = form.replace('/', "-");
            cases.add(&form, &invited(), call.clone(), &reads);
            if fault == "valid" {
                cases.add("again", &joined(), call.clone(), &reads);
                cases.add("uninvited", &uninvited, call.clone(), &reads);
                cases.add("hub-off", &off, call, &[get(A, B)]);
                continue;
            }
            cases.add(&format!("pair/member+{fault}"), &joined(), call.clone(), &reads);
            cases.add(&format!("pair/uninvited+{fault}"), &uninvited, call.clone(), &reads);
            cases.add(&format!("pair/hub-off+{fault}"), &off, call, &[get(A, B)]);
        }
    }
    for leave in [Operation::DisassociateFromAdministratorAccount, Operation::DisassociateFromMasterAccount] {
        let reads = [get(A, B), look(B, Operation::GetAdministratorAccount)];
        cases.add("member", &joined(), look(B, leave), &reads);
        cases.add("invited", &invited(), look(B, leave), &reads);
        cases.add("no-member", &[hub(B)], look(B, leave), &[look(B, Operation::GetAdministratorAccount)]);
        cases.add("hub-off", &[], look(B, leave), &[]);
    }
    for shows in [Operation::GetAdministratorAccount, Operation::GetMasterAccount] {
        cases.add("member", &joined(), look(B, shows), &[]);
        cases.add("no-member", &[hub(B)], look(B, shows), &[]);
        cases.add("administrator", &joined(), look(A, shows), &[]);
        cases.add("hub-off", &[], look(B, shows), &[]);
    }
    for (form, stage) in [("none", vec![hub(B)]), ("open", invited()), ("accepted", joined()), ("hub-off", vec![])] {
        cases.add(form, &stage, look(B, Operation::GetInvitationsCount), &[]);
    }
}

/// What may stand in the place of administrator and invitation; `valid` comes first.
fn forms(operation: Operation, from: &str) -> Vec<(String, Transition)> {
    let latest = || Some(InvitationRef::Latest(A));
    let text = |text: &str| Some(InvitationRef::Text(text.to_owned()));
    let accept = |administrator, invitation| call(B, operation, Input::Accept { administrator, invitation });
    let by = |invitation| accept(Some(A.into()), invitation);
    let mut forms = vec![
        ("valid".to_owned(), by(latest())),
        (format!("{from}/missing"), accept(None, text("1"))),
        (format!("{from}/null"), open(B, operation, &json!({ from: null, "InvitationId": "1" }))),
        (format!("{from}/other"), accept(Some(C.into()), latest())),
        (format!("{from}/self"), accept(Some(B.into()), latest())),
        ("InvitationId/missing".to_owned(), by(None)),
        ("InvitationId/null".to_owned(), open(B, operation, &json!({ from: NO_ID, "InvitationId": null }))),
        ("InvitationId/empty".to_owned(), by(text(""))),
        ("InvitationId/blank".to_owned(), by(text(" "))),
        ("InvitationId/unknown".to_owned(), by(Some(InvitationRef::Unknown))),
        ("InvitationId/letters".to_owned(), by(text("abcdefgh"))),
        ("InvitationId/long".to_owned(), by(text(&"0".repeat(1024)))),
        ("both-missing".to_owned(), accept(None, None)),
    ];
    for (name, id) in NO_IDS {
        let id = || Some(AccountRef::Text(id.to_owned()));
        forms.push((format!("{from}/{name}"), accept(id(), latest())));
        forms.push((format!("pair/{from}-{name}+InvitationId-blank"), accept(id(), text(" "))));
    }
    forms
}
