//! The answers of the reference server that real clients rely on, where the evidence admits several or the model judges
//! little: it is one implementation, and must be a sound one.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use passmuster::domain::Operation;
use passmuster::server::{Reference, ServerSettings};
use passmuster::targets::Caller;
use passmuster::wire::{HttpResponse, encode_request};
use serde_json::{Value, json};

const ADMINISTRATOR: &str = "111111111111";
const MEMBER: &str = "222222222222";
const OTHER: &str = "333333333333";

struct Server(Reference);

impl Server {
    fn new() -> Self {
        Self(Reference::with(ServerSettings::default()))
    }

    fn ask_in(&mut self, region: &str, account: &str, operation: &str, members: &Value) -> HttpResponse {
        let operation = Operation::from_name(operation).unwrap();
        let request = encode_request(operation, members.as_object().unwrap());
        self.0.handle_as(&Caller::new(account, region), &request)
    }

    fn ask(&mut self, account: &str, operation: &str, members: &Value) -> HttpResponse {
        self.ask_in("us-east-1", account, operation, members)
    }

    /// The body of an answer that must be a success.
    fn get(&mut self, account: &str, operation: &str, members: &Value) -> Value {
        let response = self.ask(account, operation, members);
        assert_eq!(response.status, 200, "{operation}: {response:?}");
        serde_json::from_slice(&response.body).unwrap_or(Value::Null)
    }

    /// An account that manages an organization, and one in it that administers Security Hub.
    fn organize(&mut self) -> (String, String) {
        self.get(OTHER, "CreateOrganization", &json!({}));
        let delegate = self.account_in_it();
        self.get(OTHER, "EnableAWSServiceAccess", &json!({ "ServicePrincipal": "securityhub.amazonaws.com" }));
        self.get(OTHER, "EnableOrganizationAdminAccount", &json!({ "AdminAccountId": delegate }));
        (delegate, self.account_in_it())
    }

    fn account_in_it(&mut self) -> String {
        let created =
            self.get(OTHER, "CreateAccount", &json!({ "AccountName": "one", "Email": "one@example.com" }));
        created["CreateAccountStatus"]["AccountId"].as_str().unwrap().to_owned()
    }
}

fn finding(id: &str) -> Value {
    json!({
        "SchemaVersion": "2018-10-08", "Id": id, "AwsAccountId": ADMINISTRATOR, "GeneratorId": "one",
        "ProductArn": format!("arn:aws:securityhub:us-east-1:{ADMINISTRATOR}:product/{ADMINISTRATOR}/default"),
        "CreatedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z", "Severity": { "Label": "LOW" },
        "Title": "one", "Description": "one", "Types": ["a/b"],
        "Resources": [{ "Type": "Other", "Id": "one" }],
    })
}

#[test]
fn findings_are_paged_with_filters_as_without() {
    let mut server = Server::new();
    let filters = json!({ "AwsAccountId": [{ "Value": ADMINISTRATOR, "Comparison": "EQUALS" }] });
    let first = json!({ "Filters": filters, "MaxResults": 2 });
    let off = server.ask(ADMINISTRATOR, "GetFindings", &first);
    assert_eq!((off.status, off.header("x-amzn-errortype")), (401, Some("InvalidAccessException")));
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    let findings: Vec<Value> = ["a", "b", "c", "d", "e"].map(finding).into();
    server.get(ADMINISTRATOR, "BatchImportFindings", &json!({ "Findings": findings }));
    let (mut found, mut request) = (Vec::new(), first);
    for _ in 0..3 {
        let page = server.get(ADMINISTRATOR, "GetFindings", &request);
        found
            .extend(page["Findings"].as_array().unwrap().iter().map(|one| one["Id"].as_str().unwrap().to_owned()));
        request["NextToken"] = page["NextToken"].clone();
    }
    assert_eq!((found.join(""), request["NextToken"].clone()), ("abcde".to_owned(), Value::Null));
}

#[test]
fn each_finding_of_a_batch_is_counted() {
    let mut server = Server::new();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    let twice = json!({ "Findings": [finding("a"), finding("a")] });
    let answer = server.get(ADMINISTRATOR, "BatchImportFindings", &twice);
    assert_eq!((&answer["SuccessCount"], &answer["FailedCount"]), (&json!(2), &json!(0)));
    assert_eq!(server.get(ADMINISTRATOR, "GetFindings", &json!({}))["Findings"].as_array().unwrap().len(), 1);
}

#[test]
fn standards_are_named_in_the_partition_of_the_region() {
    for (region, partition) in [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")] {
        let mut server = Server::new();
        server.ask_in(region, ADMINISTRATOR, "EnableSecurityHub", &json!({}));
        let answer = server.ask_in(region, ADMINISTRATOR, "GetEnabledStandards", &json!({}));
        let text = String::from_utf8(answer.body).unwrap();
        let (arns, right) = (text.matches("\"arn:").count(), format!("\"arn:{partition}:securityhub:"));
        assert_eq!((arns, text.matches(&right).count()), (4, 4), "{text}");
    }
}

#[test]
fn only_own_subscriptions_are_found_by_their_arns() {
    let mut server = Server::new();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    for (owner, found) in [(ADMINISTRATOR, 1), (MEMBER, 0)] {
        let name = "subscription/cis-aws-foundations-benchmark/v/1.2.0";
        let arn = format!("arn:aws:securityhub:us-east-1:{owner}:{name}");
        let request = json!({ "StandardsSubscriptionArns": [arn] });
        let answer = server.get(ADMINISTRATOR, "GetEnabledStandards", &request);
        assert_eq!(answer["StandardsSubscriptions"].as_array().unwrap().len(), found, "{answer}");
    }
}

/// SH-DELETE-004, SH-INVITE-004, SH-INVITE-011.
#[test]
fn an_enabled_member_by_its_organization_is_neither_deleted_nor_invited() {
    let mut server = Server::new();
    let (delegate, colleague) = server.organize();
    server.get(&delegate, "CreateMembers", &json!({ "AccountDetails": [{ "AccountId": colleague }] }));
    for operation in ["DeleteMembers", "InviteMembers"] {
        let answer = server.get(&delegate, operation, &json!({ "AccountIds": [colleague] }));
        assert_eq!(answer["UnprocessedAccounts"][0]["AccountId"], json!(colleague), "{operation}: {answer}");
    }
    let members = server.get(&delegate, "ListMembers", &json!({}));
    assert_eq!(members["Members"][0]["MemberStatus"], json!("Enabled"));
}

/// SH-CREATE-027: it can't be enabled, and is told so.
#[test]
fn a_member_of_another_account_is_not_put_on_the_list_of_the_delegated_administrator() {
    let mut server = Server::new();
    let (delegate, colleague) = server.organize();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    server.get(&colleague, "EnableSecurityHub", &json!({}));
    server.get(ADMINISTRATOR, "CreateMembers", &json!({ "AccountDetails": [{ "AccountId": colleague }] }));
    server.get(ADMINISTRATOR, "InviteMembers", &json!({ "AccountIds": [colleague] }));
    let id = server.get(&colleague, "ListInvitations", &json!({}))["Invitations"][0]["InvitationId"].clone();
    let accept = json!({ "AdministratorId": ADMINISTRATOR, "InvitationId": id });
    server.get(&colleague, "AcceptAdministratorInvitation", &accept);
    let answer =
        server.get(&delegate, "CreateMembers", &json!({ "AccountDetails": [{ "AccountId": colleague }] }));
    assert_eq!(answer["UnprocessedAccounts"][0]["AccountId"], json!(colleague), "{answer}");
    let members = server.get(&delegate, "ListMembers", &json!({ "OnlyAssociated": false }));
    assert_eq!(members["Members"], json!([]));
}

/// What is created anew has no invitation until it is invited.
#[test]
fn an_account_that_is_created_again_has_no_invitation_left() {
    let mut server = Server::new();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    server.get(MEMBER, "EnableSecurityHub", &json!({}));
    let create = json!({ "AccountDetails": [{ "AccountId": MEMBER }] });
    let ids = json!({ "AccountIds": [MEMBER] });
    server.get(ADMINISTRATOR, "CreateMembers", &create);
    server.get(ADMINISTRATOR, "InviteMembers", &ids);
    server.get(ADMINISTRATOR, "DeleteMembers", &ids);
    server.get(ADMINISTRATOR, "CreateMembers", &create);
    assert_eq!(server.get(MEMBER, "ListInvitations", &json!({}))["Invitations"], json!([]));
    assert_eq!(server.get(MEMBER, "GetInvitationsCount", &json!({}))["InvitationsCount"], json!(0));
}

/// What scripts read back is what they have imported, as far as their filters ask for it, in the order that they ask for.
#[test]
fn findings_are_shown_as_they_were_imported_and_filtered_and_sorted_as_asked() {
    let mut server = Server::new();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    let mut findings = ["a", "b", "c"].map(finding);
    findings[0]["Title"] = json!("first");
    findings[1]["Severity"] = json!({ "Label": "HIGH" });
    findings[2]["Compliance"] = json!({ "Status": "FAILED" });
    findings[2]["RecordState"] = json!("ARCHIVED");
    findings[2]["UpdatedAt"] = json!("2026-02-01T00:00:00Z");
    server.get(ADMINISTRATOR, "BatchImportFindings", &json!({ "Findings": findings }));
    let is = |name: &str, comparison: &str, value: &str| json!({ name: [{ "Value": value, "Comparison": comparison }] });
    let latest = json!([{ "Field": "UpdatedAt", "SortOrder": "desc" }, { "Field": "Id", "SortOrder": "asc" }]);
    for (filters, criteria, found) in [
        (json!({}), json!([{ "Field": "Id", "SortOrder": "desc" }]), "cba"),
        (json!({}), latest, "cab"),
        (is("Title", "EQUALS", "first"), json!([]), "a"),
        (is("Title", "NOT_EQUALS", "first"), json!([]), "bc"),
        (is("SeverityLabel", "EQUALS", "HIGH"), json!([]), "b"),
        (is("ComplianceStatus", "EQUALS", "FAILED"), json!([]), "c"),
        (is("RecordState", "EQUALS", "ACTIVE"), json!([]), "ab"),
        (is("WorkflowStatus", "EQUALS", "NEW"), json!([]), "abc"),
        (is("ResourceId", "PREFIX", "on"), json!([]), "abc"),
        (is("Id", "PREFIX", "b"), json!([]), "b"),
        (is("Type", "CONTAINS", "/x"), json!([]), ""),
    ] {
        let request = json!({ "Filters": filters, "SortCriteria": criteria });
        let answer = server.get(ADMINISTRATOR, "GetFindings", &request);
        let shown = answer["Findings"].as_array().unwrap();
        let ids: String = shown.iter().map(|one| one["Id"].as_str().unwrap()).collect();
        assert_eq!(ids, found, "{request}");
        assert!(shown.iter().all(|one| findings.contains(one)), "{request}: {answer}");
    }
}

#[test]
fn the_input_of_a_standard_is_shown_as_it_was_given() {
    let mut server = Server::new();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({ "EnableDefaultStandards": false }));
    let arn = "arn:aws:securityhub:us-east-1::standards/pci-dss/v/3.2.1";
    let given = json!({ "one": "two" });
    let request = json!({ "StandardsSubscriptionRequests": [{ "StandardsArn": arn, "StandardsInput": given }] });
    let enabled = server.get(ADMINISTRATOR, "BatchEnableStandards", &request);
    assert_eq!(enabled["StandardsSubscriptions"][0]["StandardsInput"], given, "{enabled}");
    let shown = server.get(ADMINISTRATOR, "GetEnabledStandards", &json!({}));
    assert_eq!(shown["StandardsSubscriptions"][0]["StandardsInput"], given, "{shown}");
}

#[test]
fn a_subscription_of_somebody_else_ends_none_of_ones_own() {
    let mut server = Server::new();
    server.get(ADMINISTRATOR, "EnableSecurityHub", &json!({}));
    let count = |answer: &Value| answer["StandardsSubscriptions"].as_array().unwrap().len();
    for (owner, ended) in [(MEMBER, 0), (ADMINISTRATOR, 1)] {
        let before = count(&server.get(ADMINISTRATOR, "GetEnabledStandards", &json!({})));
        let arn =
            format!("arn:aws:securityhub:us-east-1:{owner}:subscription/cis-aws-foundations-benchmark/v/1.2.0");
        let request = json!({ "StandardsSubscriptionArns": [arn] });
        let answer = server.get(ADMINISTRATOR, "BatchDisableStandards", &request);
        let after = count(&server.get(ADMINISTRATOR, "GetEnabledStandards", &json!({})));
        assert_eq!((count(&answer), before - after), (ended, ended), "{answer}");
    }
}

/// SH-ORG-017: documentation reserves the call for the management account.
#[test]
fn who_is_designated_is_told_to_the_management_account_alone() {
    let mut server = Server::new();
    let (delegate, colleague) = server.organize();
    let shown = server.get(OTHER, "ListOrganizationAdminAccounts", &json!({}));
    assert_eq!(shown["AdminAccounts"][0]["AccountId"], json!(delegate));
    for account in [&delegate, &colleague] {
        let answer = server.ask(account, "ListOrganizationAdminAccounts", &json!({}));
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("AccessDeniedException")));
    }
}

/// SH-INVITE-011: accounts of the organization get no invitation, and scripts know one text for that.
#[test]
fn a_removed_account_of_the_organization_is_not_invited_and_is_told_so_in_a_known_text() {
    let mut server = Server::new();
    let (delegate, colleague) = server.organize();
    let ids = json!({ "AccountIds": [colleague] });
    server.get(&delegate, "CreateMembers", &json!({ "AccountDetails": [{ "AccountId": colleague }] }));
    server.get(&delegate, "DisassociateMembers", &ids);
    let answer = server.get(&delegate, "InviteMembers", &ids);
    let text = answer["UnprocessedAccounts"][0]["ProcessingResult"].as_str().unwrap();
    assert!(text.contains("has already invited or is already the SecurityHub master of"), "{text}");
    assert_eq!(server.get(&colleague, "ListInvitations", &json!({}))["Invitations"], json!([]));
}
