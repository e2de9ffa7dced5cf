//! What a success owes whatever the rules say of the call: it speaks of what was asked for, and of nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::{AccountRef, DivergenceKind, Document, Input, Naming, Operation, Transition};

use super::batch::unprocessed;
use super::finding::{Continuation, Mismatch};
use super::{Observed, standards};

/// Holds an answer against the request that it is to.
pub(super) fn compare<N: Naming>(
    base: &mut Continuation,
    transition: &Transition,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let request = &transition.request;
    let mut wrong = |pointer: &str, expected: String, found: String| {
        let mismatch = Mismatch::new(DivergenceKind::WrongValue, &base.rules, pointer, expected, found);
        // However weak the rule is that the rest of the answer rests on.
        base.mismatches.push(mismatch.graded_by(&[]));
    };
    if let Some(mut named) = named(&request.input) {
        for (account, _) in unprocessed(document, observed.naming) {
            if let Some(index) = named.iter().position(|named| **named == account) {
                named.swap_remove(index);
            } else {
                let expected = "only accounts of the request, each as often as there".to_owned();
                wrong("/UnprocessedAccounts/-/AccountId", expected, observed.show(&account));
            }
        }
    }
    if request.operation == Operation::GetFindings {
        let shown = document.get("Findings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let key = |finding: &Value| ["AwsAccountId", "ProductArn", "Id"].map(|name| finding.get(name).cloned());
        let mut seen = BTreeSet::new();
        for finding in shown {
            let [owner, _, id] = key(finding);
            if owner.is_none() || id.is_none() {
                let name = if id.is_none() { "Id" } else { "AwsAccountId" };
                wrong(&format!("/Findings/-/{name}"), "a value".to_owned(), "absent".to_owned());
            } else if !seen.insert(Value::from_iter(key(finding)).to_string()) {
                wrong("/Findings/-", "each finding once".to_owned(), format!("{} twice", finding["Id"]));
            }
        }
    }
    if let Input::Account(Some(AccountRef::Account(account))) = request.input
        && request.operation == Operation::EnableOrganizationAdminAccount
        && let Some(shown) = document.get("AdminAccountId").and_then(Value::as_str)
    {
        let named = observed.name(account);
        if shown != named {
            wrong("/AdminAccountId", format!("{named:?}, as in the request"), format!("{shown:?}"));
        }
    }
    if matches!(request.operation, Operation::BatchEnableStandards | Operation::BatchDisableStandards) {
        standards::changed(base, transition, document, observed);
    }
}

/// The accounts of a list, where each entry of it names one.
fn named(input: &Input) -> Option<Vec<&AccountRef>> {
    if let Input::Create(Some(details)) = input {
        return details.iter().map(|detail| detail.account.as_ref()).collect();
    }
    let Input::Accounts(Some(accounts)) = input else { return None };
    Some(accounts.iter().collect())
}
