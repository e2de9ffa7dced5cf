//! `CreateMembers`: how many entries, and what may stand in them.

use serde_json::json;

use super::Cases;
use super::forms::{NO_ID, NO_IDS};
use super::stage::{A, B, C, D, create, crowd, delegated, describe, everybody, get, hub, joined, open};
use crate::alphabet::{call, detail};
use crate::naming::WITH_ZERO;
use passmuster_contract::domain::{Account, AccountDetail, AccountRef, Input, Operation, Transition};

const CREATE: Operation = Operation::CreateMembers;

/// Addresses by name.
const EMAILS: [(&str, &str); 10] = [
    ("valid", "member@example.com"),
    ("plus", "first.last+tag@mail.example.com"),
    ("empty", ""),
    ("blank", " "),
    ("without-at", "x"),
    ("at-alone", "@"),
    ("without-domain", "member@"),
    ("without-name", "@example.com"),
    ("two-ats", "a@b@example.com"),
    ("space-inside", "a b@example.com"),
];

pub(super) fn add(cases: &mut Cases<'_>) {
    for form in forms() {
        cases.add(&form.name, &[hub(A)], form.call.clone(), &[everybody(A)]);
        if form.is_paired {
            let fault = form.name.replace("AccountDetails/", "").replace('/', "-");
            cases.add(&format!("pair/hub-off+{fault}"), &[], form.call.clone(), &[describe(A)]);
            let as_member = Transition { caller: B, ..form.call };
            cases.add(&format!("pair/member+{fault}"), &joined(), as_member, &[everybody(B)]);
        }
    }
    cases.add("hub-off", &[], of(Some(vec![named(B)])), &[]);
    two_faults(cases);
    statuses(cases);
    by_delegate(cases);
}

/// One way to fill `AccountDetails`.
struct CreateForm {
    name: String,
    call: Transition,
    /// Whether a server may have something against it, so that it is tried beside another fault.
    is_paired: bool,
}

fn forms() -> Vec<CreateForm> {
    let form = |name: &str, details, is_paired| CreateForm { name: name.to_owned(), call: of(details), is_paired };
    let crowd = |count| crowd(count).into_iter().map(named).collect::<Vec<_>>();
    let null = |name: &str, members| CreateForm {
        name: name.to_owned(),
        call: open(A, CREATE, &members),
        is_paired: false,
    };
    let mut forms = vec![
        form("AccountDetails/missing", None, true),
        null("AccountDetails/null", json!({ "AccountDetails": null })),
        form("AccountDetails/entries-0", Some(Vec::new()), true),
        form("AccountDetails/entries-1", Some(crowd(1)), false),
        form("AccountDetails/entries-49", Some(crowd(49)), false),
        form("AccountDetails/entries-50", Some(crowd(50)), false),
        form("AccountDetails/entries-51", Some(crowd(51)), true),
        form("AccountDetails/twice", Some(vec![named(B), named(B)]), true),
        form("AccountId/missing", Some(vec![detail(None, None)]), true),
        form("AccountId/missing-beside-valid", Some(vec![named(B), detail(None, None)]), false),
        null("AccountId/null", json!({ "AccountDetails": [{ "AccountId": null }] })),
        form("AccountId/self", Some(vec![named(A)]), false),
        form("AccountId/self-twice", Some(vec![named(A), named(A)]), false),
        form("AccountId/self-beside-valid", Some(vec![named(A), named(B)]), false),
        form("AccountId/valid-beside-self", Some(vec![named(B), named(A)]), false),
        form("AccountId/leading-zero", Some(vec![named(WITH_ZERO)]), false),
    ];
    for (name, text) in NO_IDS {
        forms.push(form(&format!("AccountId/{name}"), Some(vec![malformed(text)]), name == "letters"));
    }
    let beside = vec![named(B), malformed(NO_ID)];
    forms.push(form("AccountId/digits-11-beside-valid", Some(beside), false));
    for (name, text) in EMAILS {
        let is_paired = ["blank", "without-at"].contains(&name);
        forms.push(form(&format!("Email/{name}"), Some(vec![detail(Some(B), Some(text))]), is_paired));
    }
    let long = format!("{}@example.com", "a".repeat(300));
    forms.push(form("Email/characters-312", Some(vec![detail(Some(B), Some(&long))]), false));
    forms
}

/// Two things wrong with the entries of one request.
fn two_faults(cases: &mut Cases<'_>) {
    let full: Vec<AccountDetail> = crowd(50).into_iter().map(named).collect();
    let and = |odd: AccountDetail| Some([&full[..], &[odd]].concat());
    let blank = || detail(Some(B), Some(" "));
    for (name, details) in [
        ("entries-51+AccountId-missing", and(detail(None, None))),
        ("entries-51+AccountId-letters", and(malformed("abcdefghijkl"))),
        ("entries-51+Email-blank", and(blank())),
        ("entries-51+Email-without-at", and(detail(Some(B), Some("x")))),
        ("entries-51+twice", and(full[0].clone())),
        ("AccountId-missing+Email-blank", Some(vec![detail(None, Some(" "))])),
        ("AccountId-letters+Email-blank", Some(vec![malformed("abcdefghijkl"), blank()])),
        ("AccountId-letters+Email-without-at", Some(vec![malformed("abcdefghijkl"), detail(Some(B), Some("x"))])),
        ("AccountId-self+Email-blank", Some(vec![detail(Some(A), Some(" "))])),
        ("twice+Email-without-at", Some(vec![detail(Some(B), Some("x")), detail(Some(B), Some("x"))])),
    ] {
        cases.add(&format!("pair/{name}"), &[hub(A)], of(details), &[everybody(A)]);
    }
}

/// An entry that is on the list already, in some state.
fn statuses(cases: &mut Cases<'_>) {
    let listed = [hub(A), create(A, &[B])];
    cases.add("AccountId/created", &listed, create(A, &[B]), &[get(A, B)]);
    cases.add("AccountId/enabled", &joined(), create(A, &[B]), &[get(A, B)]);
    for (order, details) in [("first", [B, C, D]), ("second", [C, B, D]), ("last", [C, D, B])] {
        let details = details.into_iter().map(named).collect();
        cases.add(&format!("AccountId/created-{order}-of-3"), &listed, of(Some(details)), &[everybody(A)]);
    }
    let addressed = |account, address: &str| detail(Some(account), Some(address));
    let details = vec![addressed(B, "b@example.com"), addressed(C, "c@example.com"), named(D)];
    cases.add("Email/of-two-of-3", &[hub(A)], of(Some(details)), &[everybody(A)]);
    let changed = detail(Some(B), Some("other@example.com"));
    cases.add("Email/of-created", &listed, of(Some(vec![changed])), &[get(A, B)]);
    let own = create(B, &crowd(1));
    cases.add("AccountId/by-member", &joined(), own, &[everybody(B)]);
}

/// The accounts that a delegated administrator may create.
fn by_delegate(cases: &mut Cases<'_>) {
    let reads = [get(A, B)];
    for (name, details) in [
        ("AccountId/colleague", vec![named(B)]),
        ("AccountId/missing-beside-colleague", vec![named(B), detail(None, None)]),
        ("AccountId/letters-beside-colleague", vec![named(B), malformed("abcdefghijkl")]),
        ("Email/blank-of-colleague", vec![detail(Some(B), Some(" "))]),
        ("Email/without-at-of-colleague", vec![detail(Some(B), Some("x"))]),
        ("AccountDetails/twice-colleague", vec![named(B), named(B)]),
    ] {
        cases.add(name, &delegated(), of(Some(details)), &reads);
    }
}

fn of(details: Option<Vec<AccountDetail>>) -> Transition {
    call(A, CREATE, Input::Create(details))
}

fn named(account: Account) -> AccountDetail {
    detail(Some(account), None)
}

fn malformed(text: &str) -> AccountDetail {
    AccountDetail { account: Some(AccountRef::Text(text.to_owned())), email: None }
}
