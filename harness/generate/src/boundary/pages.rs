//! Reads page by page: sizes, tokens and flags on both sides of their edges.

use serde_json::json;

use super::Cases;
use super::forms::{outside, sizes};
use super::stage::{A, B, C, crowd, delegated, everybody, hub, invited, joined, listed, open, organization, read};
use crate::MANAGEMENT;
use crate::alphabet::call;
use passmuster_contract::domain::{Account, Input, Operation, Page, Transition};

const LIST: Operation = Operation::ListMembers;

/// A token that no server has handed out.
const TOKENS: [(&str, &str); 3] = [("nobodys", "bm9ib2R5J3M="), ("text", "not a token"), ("empty", "")];

/// A paged read, how large its pages may be, by whom it is called and where.
struct Paged {
    operation: Operation,
    most: i64,
    caller: Account,
    stage: Vec<Transition>,
    /// Where it is refused whatever it is sent, by the name of the fault.
    refused: Vec<(&'static str, Account, Vec<Transition>)>,
}

pub(super) fn add(cases: &mut Cases<'_>) {
    for paged in paged() {
        let Paged { operation, most, caller, stage, refused } = paged;
        let after = [read(caller, operation)];
        for (form, input, is_paired) in forms(most) {
            cases.add(&form, &stage, call(caller, operation, Input::Page(input.clone())), &after);
            for (fault, caller, stage) in refused.iter().filter(|_| is_paired) {
                let form = format!("pair/{fault}+{}", form.replace('/', "-"));
                cases.add(&form, stage, call(*caller, operation, Input::Page(input.clone())), &[]);
            }
        }
        for (fault, caller, stage) in &refused {
            cases.add(fault, stage, read(*caller, operation), &[]);
        }
    }
    for operation in [Operation::GetEnabledStandards, Operation::GetFindings] {
        for name in ["MaxResults", "NextToken"] {
            cases.add(&format!("{name}/null"), &[hub(A)], open(A, operation, &json!({ name: null })), &[]);
        }
    }
    flags(cases);
    features(cases);
}

fn paged() -> Vec<Paged> {
    let at = |operation, most, caller, stage| {
        let refused = vec![("hub-off", C, Vec::new())];
        Paged { operation, most, caller, stage, refused }
    };
    let mut members = at(LIST, 50, A, listed(3));
    members.refused.extend([("member", B, joined()), ("no-administrator", C, vec![hub(C)])]);
    let mut administrators = at(Operation::ListOrganizationAdminAccounts, 10, MANAGEMENT, delegated());
    administrators.refused = vec![("no-organization", C, Vec::new()), ("not-management", B, delegated())];
    vec![
        members,
        at(Operation::ListInvitations, 50, B, invited()),
        administrators,
        at(Operation::GetEnabledStandards, 100, A, vec![hub(A)]),
        at(Operation::GetFindings, 100, A, vec![hub(A), super::findings::import(A, 3)]),
    ]
}

/// The inputs of a paged read, and whether a server may have something against each, so that it is tried beside
/// another fault.
fn forms(most: i64) -> Vec<(String, Page, bool)> {
    let sized = |size| Page { max_results: Some(size), ..Page::default() };
    let mut forms: Vec<(String, Page, bool)> = sizes(most)
        .into_iter()
        .map(|size| (format!("MaxResults/{size}"), sized(size), [0, most + 1].contains(&size)))
        .collect();
    for (name, token) in TOKENS {
        let page = Page { next_token: Some(token.to_owned()), ..Page::default() };
        forms.push((format!("NextToken/{name}"), page, name == "nobodys"));
    }
    let both = Page { next_token: Some("bm9ib2R5J3M=".to_owned()), ..sized(0) };
    forms.push(("pair/MaxResults-0+NextToken-nobodys".to_owned(), both, false));
    forms
}

/// `OnlyAssociated`
fn flags(cases: &mut Cases<'_>) {
    let by = |caller, flag: &str, max_results| {
        let only_associated = Some(flag.to_owned());
        call(caller, LIST, Input::Page(Page { only_associated, max_results, next_token: None }))
    };
    let stage = [joined(), vec![super::stage::create(A, &crowd(2))]].concat();
    let listed = listed(2);
    for size in [-1, 1 << 31] {
        let page = Input::Page(Page { max_results: Some(size), ..Page::default() });
        cases.add(&format!("MaxResults/{size}"), &listed, call(A, LIST, page), &[everybody(A)]);
    }
    cases.add("OnlyAssociated/missing", &stage, read(A, LIST), &[everybody(A)]);
    for flag in ["true", "false"] {
        cases.add(&format!("OnlyAssociated/{flag}"), &stage, by(A, flag, None), &[]);
    }
    for (name, flag) in [("unknown", "maybe"), ("other-case", "TRUE"), ("number", "1"), ("empty", "")] {
        cases.add(&format!("OnlyAssociated/{name}"), &listed, by(A, flag, None), &[everybody(A)]);
        cases.add(&format!("pair/hub-off+OnlyAssociated-{name}"), &[], by(A, flag, None), &[]);
        let size = by(A, flag, Some(51));
        cases.add(&format!("pair/MaxResults-51+OnlyAssociated-{name}"), &listed, size, &[everybody(A)]);
    }
    cases.add("pair/member+OnlyAssociated-unknown", &stage, by(B, "maybe", None), &[]);
}

/// `Feature`, which says whose administrators are listed.
fn features(cases: &mut Cases<'_>) {
    let operation = Operation::ListOrganizationAdminAccounts;
    let known = ["SecurityHub", "SecurityHubV2"].map(|value| (value, value.to_owned()));
    for (name, value) in known.into_iter().chain(outside("SecurityHub")) {
        let call = open(MANAGEMENT, operation, &json!({ "Feature": value }));
        cases.add(&format!("Feature/{name}"), &organization()[..1], call, &[read(MANAGEMENT, operation)]);
    }
}
