//! Members that are sent although they say no more than if they were not: nulls, and the default of `Feature`.

use serde_json::Value;

use super::{Document, Input, Operation, PlainNaming, Request};

/// The features that the organization calls are about by default.
const FEATURE: (&str, &str) = ("Feature", "SecurityHub");

impl Request {
    /// A request whose members are sent as they stand here; `None` where each of them says something, or where more
    /// is said than typed members that name no account can say.
    #[must_use]
    pub fn spelled_out(operation: Operation, members: &Document) -> Option<Self> {
        let input = Input::Open(Value::Object(members.clone()).to_string());
        let request = Self { operation, input };
        request.in_short().is_some().then_some(request)
    }

    /// The typed members that a request which is spelled out stands for; `None` for any other.
    #[must_use]
    pub fn in_short(&self) -> Option<Self> {
        let Input::Open(text) = &self.input else { return None };
        let sent: Document = serde_json::from_str(text).ok()?;
        let mut said = stripped(&sent);
        if said.get(FEATURE.0).is_some_and(|value| value == FEATURE.1) {
            said.remove(FEATURE.0);
        }
        if said == sent {
            return None;
        }
        let request = Self::from_document(self.operation, &said, &PlainNaming).ok()?;
        let is_typed = !matches!(request.input, Input::Open(_));
        let is_anonymous = request.named_accounts().is_empty() && request.literal_account().is_none();
        let is_whole = request.to_document(super::Account(0), super::Region(0), &PlainNaming) == said;
        (is_typed && is_anonymous && is_whole).then_some(request)
    }
}

/// The members without those that are null, at any depth.
fn stripped(members: &Document) -> Document {
    let kept = members.iter().filter(|(_, value)| !value.is_null());
    kept.map(|(name, value)| (name.clone(), inner(value))).collect()
}

/// The recursion ends: `serde_json` reads no text that is nested more than 128 deep.
fn inner(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(stripped(members)),
        Value::Array(items) => Value::Array(items.iter().map(inner).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Account, Page, Region};
    use super::*;

    fn sent(operation: Operation, members: &Value) -> Option<Request> {
        Request::spelled_out(operation, members.as_object()?)
    }

    #[test]
    fn a_null_says_what_a_missing_member_says() {
        let request = sent(Operation::GetMembers, &json!({ "AccountIds": null })).unwrap();
        assert_eq!(request.in_short().unwrap().input, Input::Accounts(None));
        let document = request.to_document(Account(1), Region(0), &PlainNaming);
        assert_eq!(Value::Object(document), json!({ "AccountIds": null }));
    }

    #[test]
    fn the_default_feature_says_nothing_and_another_does() {
        let list = Operation::ListOrganizationAdminAccounts;
        let request = sent(list, &json!({ "Feature": "SecurityHub" })).unwrap();
        assert_eq!(request.in_short().unwrap().input, Input::Page(Page::default()));
        assert_eq!(sent(list, &json!({ "Feature": "SecurityHubV2" })), None);
        assert_eq!(sent(list, &json!({ "Feature": "SecurityHubV2", "MaxResults": null })), None);
    }

    #[test]
    fn what_says_something_by_each_member_or_more_is_left_alone() {
        for (operation, members) in [
            (Operation::GetMembers, json!({ "AccountIds": [] })),
            (Operation::GetMembers, json!({ "AccountIds": null, "Other": 1 })),
            (Operation::GetMembers, json!({ "AccountIds": 7, "Other": null })),
            (Operation::AcceptInvitation, json!({ "MasterId": "123456789012", "InvitationId": null })),
        ] {
            assert_eq!(sent(operation, &members), None, "{members}");
        }
    }
}
