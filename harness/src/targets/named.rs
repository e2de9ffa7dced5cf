//! The accounts that the body of a request names, by a reading that rather sees one too many.

use std::collections::BTreeSet;

use serde_json::Value;

/// The digits of an account id.
const DIGITS: usize = 12;

/// The allowed accounts that a body names.
///
/// # Errors
///
/// With the first that may be an account and isn't allowed, or the first bytes of a body that can't be read.
pub(super) fn named(body: &[u8], allowed: &BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    let mut seen = BTreeSet::new();
    if body.is_empty() {
        return Ok(seen);
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| String::from_utf8_lossy(body.get(..40).unwrap_or(body)).into_owned())?;
    walk(&value, false, &mut |candidate| seen.insert(candidate.to_owned()));
    match seen.iter().find(|account| !allowed.contains(*account)) {
        Some(outsider) => Err(outsider.clone()),
        None => Ok(seen),
    }
}

/// Whether a text in the place of an account id may be one, digits of any script and whatever stands between them.
#[must_use]
pub fn may_be_account(text: &str) -> bool {
    text.chars().filter(|letter| letter.is_numeric()).count() >= DIGITS
}

fn walk(value: &Value, is_account: bool, see: &mut impl FnMut(&str) -> bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                text(name, false, see);
                walk(member, holds_accounts(name), see);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| walk(entry, is_account, see)),
        Value::String(shown) => text(shown, is_account, see),
        Value::Number(number) => text(&number.to_string(), is_account, see),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether the member of this name holds accounts, by how such members of the API are called.
fn holds_accounts(name: &str) -> bool {
    ["AccountId", "AccountIds", "AdministratorId", "MasterId"].iter().any(|ending| name.ends_with(ending))
}

fn text(shown: &str, is_account: bool, see: &mut impl FnMut(&str) -> bool) {
    if is_account {
        if may_be_account(shown) {
            see(shown);
        }
        return;
    }
    // Elsewhere, in ARNs say, ids of twelve digits stand between other signs.
    for word in shown.split(|letter: char| !letter.is_alphanumeric()) {
        if word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_digit()) {
            see(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    fn outcome(body: &str) -> Result<usize, String> {
        let allowed = ["111111111111", "222222222222"].map(str::to_owned).into();
        named(body.as_bytes(), &allowed).map(|accounts| accounts.len())
    }

    #[test]
    fn accounts_of_the_cast_may_be_named_anywhere_and_others_nowhere() {
        assert_eq!(outcome(""), Ok(0));
        assert_eq!(outcome(r#"{"AccountIds":["111111111111","222222222222","111111111111"]}"#), Ok(2));
        assert_eq!(outcome(r#"{"AccountIds":["","12","11111111111","abc"]}"#), Ok(0));
        assert_eq!(outcome(r#"{"HubArn":"arn:aws:securityhub:us-east-1:111111111111:hub/default"}"#), Ok(1));
        assert_eq!(outcome(r#"{"UpdatedAt":"2018-11-28T22:14:06.771Z","Id":"00000000000000000000dead"}"#), Ok(0));
        for outsider in [
            r#"{"AccountIds":["111111111111","333333333333"]}"#,
            r#"{"AccountDetails":[{"AccountId":"333333333333","Email":"a@example.com"}]}"#,
            r#"{"AccountDetails":[{"AccountId":333333333333}]}"#,
            r#"{"AccountIds":[" 333333333333"]}"#,
            r#"{"AccountIds":["3333-3333-3333"]}"#,
            r#"{"AccountIds":["٣٣٣٣٣٣٣٣٣٣٣٣"]}"#,
            r#"{"AccountIds":["1111111111112"]}"#,
            r#"{"AdministratorId":"333333333333"}"#,
            r#"{"MasterId":"333333333333"}"#,
            r#"{"Findings":[{"AwsAccountId":"333333333333"}]}"#,
            r#"{"Findings":[{"ProductArn":"arn:aws:securityhub:us-east-1:333333333333:product/default"}]}"#,
            r#"{"AccountIds":["333333333333""#,
        ] {
            assert!(outcome(outsider).is_err(), "{outsider}");
        }
    }
}
