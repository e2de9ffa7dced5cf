//! `BatchImportFindings`: how many findings, of whom, and by which ids.

use serde_json::json;

use super::Cases;
use super::forms::NO_IDS;
use super::stage::{A, B, hub, joined, open, read};
use crate::alphabet::call;
use passmuster_contract::domain::{Account, AccountRef, FindingRef, Input, Operation, Transition};

const IMPORT: Operation = Operation::BatchImportFindings;

/// The account imports so many findings of its own.
pub(super) fn import(caller: Account, count: usize) -> Transition {
    let findings = (0..count).map(|number| finding(caller, &format!("finding-{number}"))).collect();
    call(caller, IMPORT, Input::Import(Some(findings)))
}

pub(super) fn add(cases: &mut Cases<'_>) {
    let get = read(A, Operation::GetFindings);
    for (form, call, is_paired) in forms() {
        cases.add(&form, &[hub(A)], call.clone(), std::slice::from_ref(&get));
        if is_paired {
            let fault = form.replace("Findings/", "").replace('/', "-");
            cases.add(&format!("pair/hub-off+{fault}"), &[], call, &[]);
        }
    }
    cases.add("hub-off", &[], import(A, 1), &[]);
    let member = Input::Import(Some(vec![finding(B, "finding-1")]));
    let reads = [get, read(B, Operation::GetFindings)];
    cases.add("AwsAccountId/of-member", &joined(), call(A, IMPORT, member), &reads);
    cases.add("Findings/by-member", &joined(), import(B, 1), &reads);
    // An id is unique for its product in its account only.
    cases.add("Id/as-of-member", &[joined(), vec![import(B, 1)]].concat(), import(A, 1), &reads);
    cases.add("Id/as-of-administrator", &[joined(), vec![import(A, 2)]].concat(), import(B, 2), &reads);
}

/// The findings to import, and whether a server may have something against them, so that they stand beside another
/// fault.
fn forms() -> Vec<(String, Transition, bool)> {
    let of = |findings| call(A, IMPORT, Input::Import(findings));
    let mut forms = vec![
        ("Findings/missing".to_owned(), of(None), true),
        ("Findings/null".to_owned(), open(A, IMPORT, &json!({ "Findings": null })), true),
        ("Findings/twice".to_owned(), of(Some(vec![finding(A, "one"), finding(A, "one")])), true),
        ("Id/empty".to_owned(), of(Some(vec![finding(A, "")])), true),
        ("Id/blank".to_owned(), of(Some(vec![finding(A, " ")])), true),
        ("AwsAccountId/other".to_owned(), of(Some(vec![finding(B, "one")])), true),
        ("AwsAccountId/other-beside-own".to_owned(), of(Some(vec![finding(A, "one"), finding(B, "two")])), true),
        ("pair/AwsAccountId-other+Id-blank".to_owned(), of(Some(vec![finding(B, " ")])), true),
    ];
    for count in [0, 1, 100, 101] {
        forms.push((format!("Findings/entries-{count}"), import(A, count), !(1..=100).contains(&count)));
    }
    let others: Vec<FindingRef> = (0..101).map(|number| finding(B, &format!("finding-{number}"))).collect();
    forms.push(("pair/AwsAccountId-other+entries-101".to_owned(), of(Some(others)), true));
    for (name, text) in NO_IDS {
        let malformed = FindingRef::of(AccountRef::Text(text.to_owned()), "one");
        forms.push((format!("AwsAccountId/{name}"), of(Some(vec![malformed])), true));
    }
    forms
}

fn finding(account: Account, id: &str) -> FindingRef {
    FindingRef::of(account, id)
}
