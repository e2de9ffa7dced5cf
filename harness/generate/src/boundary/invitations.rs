//! Accepting an invitation: whose, and by which id.

use serde_json::json;

use super::Cases;
use super::forms::{NO_ID, NO_IDS};
use super::stage::{A, B, C, create, get, hub, invite, invited, joined, look, open};
use crate::alphabet::call;
use passmuster_contract::domain::{AccountRef, Input, InvitationRef, Operation, Transition};

/// Both operations that accept, each with the read that shows the administrator and the member that names it.
const WAYS: [(Operation, Operation, &str); 2] = [
    (Operation::AcceptAdministratorInvitation, Operation::GetAdministratorAccount, "AdministratorId"),
    (Operation::AcceptInvitation, Operation::GetMasterAccount, "MasterId"),
];

pub(super) fn add(cases: &mut Cases<'_>) {
    for (accept, shows, from) in WAYS {
        let reads = [look(B, shows), get(A, B)];
        let uninvited = [hub(A), create(A, &[B]), hub(B)];
        let off = [hub(A), create(A, &[B]), invite(A, B)];
        for (form, call, is_paired) in forms(accept, from) {
            let malformed =
                matches!(&call.request.input, Input::Accept { administrator: Some(AccountRef::Text(_)), .. });
            let stage = if malformed { vec![hub(B)] } else { invited() };
            cases.add(&form, &stage, call.clone(), &reads);
            if is_paired {
                let fault = form.replace('/', "-");
                cases.add(&format!("pair/member+{fault}"), &joined(), call.clone(), &reads[..1]);
                cases.add(&format!("pair/uninvited+{fault}"), &uninvited, call.clone(), &reads[..1]);
                cases.add(&format!("pair/hub-off+{fault}"), &off, call, &[get(A, B)]);
            }
        }
        let valid = call(B, accept, Input::Accept { administrator: Some(A.into()), invitation: latest() });
        cases.add("valid", &invited(), valid.clone(), &reads);
        cases.add("again", &joined(), valid.clone(), &reads);
        cases.add("uninvited", &uninvited, valid.clone(), &reads);
        cases.add("hub-off", &off, valid.clone(), &[get(A, B)]);
        let disable = call(B, Operation::DisableSecurityHub, Input::Empty);
        cases.add("hub-off-again", &[invited(), vec![disable]].concat(), valid, &[get(A, B)]);
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
    for (form, stage) in [("none", vec![hub(B)]), ("open", invited()), ("accepted", joined()), ("hub-off", vec![])]
    {
        cases.add(form, &stage, look(B, Operation::GetInvitationsCount), &[]);
    }
}

fn latest() -> Option<InvitationRef> {
    Some(InvitationRef::Latest(A))
}

/// Wrong values in the place of administrator and invitation, and whether each is tried beside another fault.
fn forms(operation: Operation, from: &str) -> Vec<(String, Transition, bool)> {
    let text = |text: &str| Some(InvitationRef::Text(text.to_owned()));
    let accept = |administrator, invitation| call(B, operation, Input::Accept { administrator, invitation });
    let by = |invitation| accept(Some(A.into()), invitation);
    let mut forms = vec![
        (format!("{from}/missing"), accept(None, text("1")), true),
        (format!("{from}/null"), open(B, operation, &json!({ from: null, "InvitationId": "1" })), false),
        (format!("{from}/other"), accept(Some(C.into()), latest()), false),
        (format!("{from}/self"), accept(Some(B.into()), latest()), false),
        ("InvitationId/missing".to_owned(), by(None), true),
        ("InvitationId/null".to_owned(), open(B, operation, &json!({ from: NO_ID, "InvitationId": null })), false),
        ("InvitationId/empty".to_owned(), by(text("")), false),
        ("InvitationId/blank".to_owned(), by(text(" ")), true),
        ("InvitationId/unknown".to_owned(), by(Some(InvitationRef::Unknown)), true),
        ("InvitationId/letters".to_owned(), by(text("abcdefgh")), false),
        ("InvitationId/long".to_owned(), by(text(&"0".repeat(1024))), false),
        ("pair/both-missing".to_owned(), accept(None, None), false),
    ];
    let id = |text: &str| Some(AccountRef::Text(text.to_owned()));
    for (name, text) in NO_IDS {
        forms.push((format!("{from}/{name}"), accept(id(text), latest()), name == "letters"));
    }
    forms.push((format!("pair/{from}-letters+InvitationId-blank"), accept(id("abcdefghijkl"), text(" ")), false));
    forms
}
