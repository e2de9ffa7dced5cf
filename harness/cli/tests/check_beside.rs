//! `check` reads calls that the model has no place for, and says what can't be judged because of them.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use passmuster::check::{Checked, check};
use passmuster::domain::Severity;
use passmuster::model::Answers;
use passmuster::oracle::Strictness;
use passmuster::trace::parse;
use serde_json::{Value, json};

const ADMINISTRATOR: &str = "111122223333";
const MEMBER: &str = "444455556666";
const STRANGER: &str = "777788889999";
const MANAGEMENT: &str = "999900001111";

/// A call that succeeds.
fn call(account: &str, operation: &str, request: &Value, response: &Value) -> String {
    let mut line = json!({"account": account, "operation": operation, "request": request, "status": 200,
                          "response": response, "provenance": "observed"});
    line.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    line.to_string()
}

/// A call that is refused.
fn refused(account: &str, operation: &str, request: &Value, code: &str) -> String {
    json!({"account": account, "operation": operation, "request": request, "status": 400, "error": {"code": code},
           "provenance": "observed"})
    .to_string()
}

fn enable(account: &str) -> String {
    call(account, "EnableSecurityHub", &json!({}), &Value::Null)
}

fn create(member: &str) -> String {
    let details = json!({"AccountDetails": [{"AccountId": member}]});
    call(ADMINISTRATOR, "CreateMembers", &details, &json!({"UnprocessedAccounts": []}))
}

/// A read of an administrator's list that finds nobody.
fn nobody(account: &str) -> String {
    call(account, "ListMembers", &json!({"OnlyAssociated": false}), &json!({"Members": []}))
}

fn judged(calls: &[String]) -> Checked {
    let text = format!("{{\"schema\": \"passmuster.trace/1\", \"title\": \"a test\"}}\n{}\n", calls.join("\n"));
    check(&parse(text.as_bytes()).unwrap()[0], Strictness::default(), &Answers::default())
}

/// The places of the calls that diverge or are late, and of those that could not be judged.
fn places(checked: &Checked) -> (Vec<usize>, Vec<usize>) {
    let late = checked.late.iter().map(|(at, _)| *at);
    let found = checked.found.iter().map(|(at, _)| *at).chain(late).collect();
    (found, checked.inconclusive.iter().map(|(at, _)| *at).collect())
}

#[test]
fn a_read_that_the_model_does_not_know_is_passed_over() {
    for read in ["DescribeOrganization", "ListDelegatedAdministrators", "GetInsights", "BatchGetSecurityControls"]
    {
        let passed = call(ADMINISTRATOR, read, &json!({"Anything": 1}), &json!({"Whatever": [1]}));
        let checked = judged(&[enable(ADMINISTRATOR), passed, create(MEMBER), nobody(ADMINISTRATOR)]);
        assert_eq!(places(&checked), (vec![3], vec![]), "{read}: {checked:?}");
    }
}

#[test]
fn what_changes_nothing_that_the_contract_speaks_of_is_passed_over() {
    for change in
        ["TagResource", "MoveAccount", "CreateOrganizationalUnit", "CreateInsight", "UpdateStandardsControl"]
    {
        let passed = call(ADMINISTRATOR, change, &json!({}), &json!({}));
        let checked = judged(&[enable(ADMINISTRATOR), passed, create(MEMBER), nobody(ADMINISTRATOR)]);
        assert_eq!(places(&checked), (vec![3], vec![]), "{change}: {checked:?}");
    }
}

#[test]
fn what_depends_on_a_change_that_the_model_does_not_know_is_not_judged_and_the_rest_is() {
    let unknown =
        call(ADMINISTRATOR, "StartConfigurationPolicyAssociation", &json!({"Target": MEMBER}), &json!({}));
    let checked = judged(&[
        enable(ADMINISTRATOR),
        enable(STRANGER),
        unknown,
        nobody(ADMINISTRATOR),
        enable(MEMBER),
        nobody(STRANGER),
        enable(STRANGER),
    ]);
    assert_eq!(places(&checked), (vec![6], vec![2, 3, 4]), "{checked:?}");
    let (_, reason) = &checked.inconclusive[1];
    assert_eq!(reason, "what StartConfigurationPolicyAssociation did before can't be known");
    // Refused, it changed nothing.
    let unknown =
        refused(ADMINISTRATOR, "StartConfigurationPolicyAssociation", &json!({}), "AccessDeniedException");
    let checked = judged(&[enable(ADMINISTRATOR), unknown, enable(ADMINISTRATOR)]);
    assert_eq!(places(&checked), (vec![2], vec![]), "{checked:?}");
}

#[test]
fn an_operation_that_looks_like_a_slip_is_not_passed_over_in_silence() {
    let slip = call(ADMINISTRATOR, "ListMember", &json!({}), &json!({"Members": []}));
    let checked = judged(&[enable(ADMINISTRATOR), slip, nobody(ADMINISTRATOR)]);
    assert_eq!(places(&checked), (vec![], vec![1]), "{checked:?}");
    assert!(checked.inconclusive[0].1.ends_with("did you mean ListMembers?"), "{checked:?}");
}

#[test]
fn members_that_the_api_does_not_have_are_ignored_or_refused_and_nothing_else() {
    let request = json!({"AccountDetails": [{"AccountId": MEMBER, "Shape": 1}], "Colour": "red"});
    let refusal = refused(ADMINISTRATOR, "CreateMembers", &request, "InvalidInputException");
    let checked = judged(&[enable(ADMINISTRATOR), refusal, nobody(ADMINISTRATOR)]);
    assert_eq!(places(&checked), (vec![], vec![]), "{checked:?}");
    let ignored = call(ADMINISTRATOR, "CreateMembers", &request, &json!({"UnprocessedAccounts": []}));
    let checked = judged(&[enable(ADMINISTRATOR), ignored, nobody(ADMINISTRATOR)]);
    assert_eq!(places(&checked), (vec![2], vec![]), "{checked:?}");
    let other = refused(ADMINISTRATOR, "CreateMembers", &request, "ResourceConflictException");
    let checked = judged(&[enable(ADMINISTRATOR), other, nobody(ADMINISTRATOR)]);
    assert_eq!(places(&checked), (vec![1], vec![]), "{checked:?}");
}

#[test]
fn a_request_of_a_wrong_type_is_refused_or_can_not_be_followed() {
    let request = json!({"AccountDetails": "all of them"});
    let refusal = refused(ADMINISTRATOR, "CreateMembers", &request, "SerializationException");
    let checked = judged(&[enable(ADMINISTRATOR), refusal, nobody(ADMINISTRATOR)]);
    assert_eq!(places(&checked), (vec![], vec![]), "{checked:?}");
    let taken = call(ADMINISTRATOR, "CreateMembers", &request, &json!({"UnprocessedAccounts": []}));
    let checked =
        judged(&[enable(ADMINISTRATOR), taken, nobody(ADMINISTRATOR), enable(STRANGER), enable(STRANGER)]);
    assert_eq!(places(&checked), (vec![4], vec![1, 2]), "{checked:?}");
}

#[test]
fn a_member_that_some_entries_lack_is_unknown_in_those_only() {
    let entry = |id: &str| {
        json!({"AccountId": id, "AdministratorId": ADMINISTRATOR, "MasterId": ADMINISTRATOR,
                                  "MemberStatus": "Created"})
    };
    let mut dated = entry(MEMBER);
    let read = |dated: &Value| {
        let mut line: Value = serde_json::from_str(&call(
            ADMINISTRATOR,
            "ListMembers",
            &json!({"OnlyAssociated": false}),
            &json!({"Members": [entry(STRANGER), dated]}),
        ))
        .unwrap();
        line["unknown"] = json!(["UpdatedAt", "NoSuchMember"]);
        line.to_string()
    };
    dated["UpdatedAt"] = json!("2026-03-01T10:00:00.000Z");
    let before = [enable(ADMINISTRATOR), create(MEMBER), create(STRANGER)];
    let checked = judged(&[&before[..], &[read(&dated)]].concat());
    assert_eq!(places(&checked), (vec![], vec![]), "{checked:?}");
    dated["UpdatedAt"] = json!("yesterday");
    let checked = judged(&[&before[..], &[read(&dated)]].concat());
    assert_eq!(places(&checked), (vec![3], vec![]), "{checked:?}");
}

/// An organization whose second account is designated in two Regions.
fn organization() -> Vec<String> {
    let created = |id: &str| json!({"CreateAccountStatus": {"State": "SUCCEEDED", "AccountId": id}});
    let account = |id: &str| {
        let request = json!({"AccountName": id, "Email": "account@example.com"});
        call(MANAGEMENT, "CreateAccount", &request, &created(id))
    };
    let designate = |region: &str| {
        let request = json!({"AdminAccountId": ADMINISTRATOR});
        let line = call(MANAGEMENT, "EnableOrganizationAdminAccount", &request, &request);
        line.replacen('{', &format!("{{\"region\":\"{region}\","), 1)
    };
    let service = json!({"ServicePrincipal": "securityhub.amazonaws.com"});
    vec![
        call(MANAGEMENT, "CreateOrganization", &json!({"FeatureSet": "ALL"}), &json!({})),
        account(ADMINISTRATOR),
        account(MEMBER),
        call(MANAGEMENT, "EnableAWSServiceAccess", &service, &Value::Null),
        designate("us-east-1"),
        designate("eu-west-1"),
    ]
}

fn shown(region: &str, administrators: &Value) -> String {
    let response = json!({"AdminAccounts": administrators});
    let line = call(MANAGEMENT, "ListOrganizationAdminAccounts", &json!({}), &response);
    line.replacen('{', &format!("{{\"region\":\"{region}\","), 1)
}

#[test]
fn a_deregistered_administrator_is_gone_in_every_region_unless_it_is_another_service_s() {
    let designated = json!([{"AccountId": ADMINISTRATOR, "Status": "ENABLED"}]);
    for (service, gone) in [("securityhub.amazonaws.com", true), ("config.amazonaws.com", false)] {
        let request = json!({"AccountId": ADMINISTRATOR, "ServicePrincipal": service});
        let deregister = call(MANAGEMENT, "DeregisterDelegatedAdministrator", &request, &Value::Null);
        for region in ["us-east-1", "eu-west-1"] {
            for (shows, right) in [(&designated, !gone), (&json!([]), gone)] {
                let tail = [deregister.clone(), shown(region, shows)];
                let checked = judged(&[organization(), tail.to_vec()].concat());
                assert_eq!(places(&checked).0.is_empty(), right, "{service} in {region}: {checked:?}");
                assert!(checked.inconclusive.is_empty(), "{checked:?}");
            }
        }
    }
}

#[test]
fn an_administrator_that_only_organizations_was_told_of_may_be_shown_or_not_and_can_be_designated() {
    let register = |service: &str| {
        let request = json!({"AccountId": ADMINISTRATOR, "ServicePrincipal": service});
        call(MANAGEMENT, "RegisterDelegatedAdministrator", &request, &Value::Null)
    };
    let designated = json!([{"AccountId": ADMINISTRATOR, "Status": "ENABLED"}]);
    let founded = || organization()[..4].to_vec();
    for shows in [&designated, &json!([])] {
        let tail = vec![register("securityhub.amazonaws.com"), shown("us-east-1", shows)];
        let checked = judged(
            &[founded(), tail, organization()[4..5].to_vec(), vec![shown("us-east-1", &json!([]))]].concat(),
        );
        assert_eq!(places(&checked), (vec![7], vec![]), "{checked:?}");
    }
    let other = vec![register("config.amazonaws.com"), shown("us-east-1", &designated)];
    let checked = judged(&[founded(), other].concat());
    assert_eq!(places(&checked), (vec![5], vec![]), "{checked:?}");
}

#[test]
fn trust_in_another_service_is_none_in_security_hub() {
    let mut calls = organization()[..3].to_vec();
    calls.push(call(
        MANAGEMENT,
        "EnableAWSServiceAccess",
        &json!({"ServicePrincipal": "config.amazonaws.com"}),
        &Value::Null,
    ));
    let request = json!({"AdminAccountId": ADMINISTRATOR});
    calls.push(refused(MANAGEMENT, "EnableOrganizationAdminAccount", &request, "InvalidInputException"));
    let checked = judged(&calls);
    assert_eq!(places(&checked), (vec![], vec![]), "{checked:?}");
}

#[test]
fn a_member_that_leaves_its_organization_by_itself_is_a_member_no_more() {
    let shown = |status: &str| {
        let entry = json!({"AccountId": MEMBER, "AdministratorId": ADMINISTRATOR, "MasterId": ADMINISTRATOR,
                           "MemberStatus": status, "UpdatedAt": "2026-03-01T10:00:00.000Z"});
        let response = json!({"Members": [entry], "UnprocessedAccounts": []});
        call(ADMINISTRATOR, "GetMembers", &json!({"AccountIds": [MEMBER]}), &response)
    };
    for (status, right) in
        [("Removed", true), ("Deleted", true), ("Enabled", false), ("Invited", false), ("Bogus", false)]
    {
        let tail =
            vec![create(MEMBER), call(MEMBER, "LeaveOrganization", &json!({}), &Value::Null), shown(status)];
        let checked = judged(&[organization(), tail].concat());
        assert_eq!(checked.found.is_empty(), right, "{status}: {checked:?}");
        assert!(checked.inconclusive.is_empty(), "{status}: {checked:?}");
    }
}

/// An organization with a member, what then happens to it, and the status that the list shows at last.
fn after(events: &[(&str, &str)], status: &str) -> Checked {
    let entry = json!({"AccountId": MEMBER, "AdministratorId": ADMINISTRATOR, "MasterId": ADMINISTRATOR,
                       "MemberStatus": status, "UpdatedAt": "2026-03-01T10:00:00.000Z"});
    let response = json!({"Members": [entry], "UnprocessedAccounts": []});
    let read = call(ADMINISTRATOR, "GetMembers", &json!({"AccountIds": [MEMBER]}), &response);
    let happens = |(account, operation): &(&str, &str)| {
        let request = if *account == MANAGEMENT { json!({"AccountId": MEMBER}) } else { json!({}) };
        call(account, operation, &request, &Value::Null)
    };
    let events: Vec<String> = events.iter().map(happens).collect();
    judged(&[organization(), vec![create(MEMBER)], events, vec![read]].concat())
}

#[test]
fn where_two_unusual_circumstances_meet_that_no_source_shows_together_nothing_is_firm() {
    let closed = (MANAGEMENT, "CloseAccount");
    let removed = (MANAGEMENT, "RemoveAccountFromOrganization");
    for (events, status, severity) in [
        (&[closed][..], "Created", Severity::Divergence),
        (&[removed][..], "Invited", Severity::Divergence),
        (&[closed, removed][..], "Invited", Severity::Suspicion),
    ] {
        let checked = after(events, status);
        let found: Vec<_> = checked.found.iter().map(|(_, found)| found.severity()).collect();
        assert_eq!(found, [severity], "{events:?}: {checked:?}");
    }
}

#[test]
fn a_member_that_is_closed_and_added_again_may_be_shown_either_way() {
    for status in ["Enabled", "AccountSuspended"] {
        let details = json!({"AccountDetails": [{"AccountId": MEMBER}]});
        let again = call(ADMINISTRATOR, "CreateMembers", &details, &json!({"UnprocessedAccounts": []}));
        let entry = json!({"AccountId": MEMBER, "AdministratorId": ADMINISTRATOR, "MasterId": ADMINISTRATOR,
                           "MemberStatus": status, "UpdatedAt": "2026-03-01T10:00:00.000Z"});
        let response = json!({"Members": [entry], "UnprocessedAccounts": []});
        let read = call(ADMINISTRATOR, "GetMembers", &json!({"AccountIds": [MEMBER]}), &response);
        let close = call(MANAGEMENT, "CloseAccount", &json!({"AccountId": MEMBER}), &Value::Null);
        let checked = judged(&[organization(), vec![create(MEMBER), close, again, read]].concat());
        assert_eq!(places(&checked), (vec![], vec![]), "{status}: {checked:?}");
    }
}
