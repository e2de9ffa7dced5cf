//! `check` reads traces strictly, judges them page by page, and ends with a code that scripts can rely on.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::{Ended, Folder, passmuster};
use passmuster::check::{Checked, check};
use passmuster::model::Answers;
use passmuster::oracle::Strictness;
use passmuster::trace::parse;
use serde_json::{Value, json};

/// Of a conversation without lags.
const HEADER: &str = r#"{"schema": "passmuster.trace/1", "title": "a test", "patience": 0}"#;

/// A call that is in order, with these members changed; `null` takes one out.
pub(crate) fn call(changes: &Value) -> String {
    let mut call = json!({
        "account": "111122223333", "operation": "CreateMembers", "status": 200, "provenance": "observed",
        "request": {"AccountDetails": [{"AccountId": "444455556666"}]}, "response": {"UnprocessedAccounts": []},
    });
    for (name, value) in changes.as_object().unwrap() {
        call[name] = value.clone();
    }
    call.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    call.to_string()
}

pub(crate) fn enable() -> String {
    call(&json!({"operation": "EnableSecurityHub", "request": null, "response": null}))
}

pub(crate) fn trace(calls: &[String]) -> String {
    format!("{HEADER}\n{}\n", calls.join("\n"))
}

fn judged(calls: &[String]) -> Checked {
    let conversations = parse(trace(calls).as_bytes()).unwrap();
    check(&conversations[0], Strictness::default(), &Answers::default())
}

/// The first rule of each divergence, with the place of its call.
fn rules(checked: &Checked) -> Vec<(usize, &str)> {
    checked.found.iter().map(|(at, found)| (*at, found.rules[0].0)).collect()
}

#[test]
fn a_call_that_can_not_be_read_is_refused_with_its_line_and_what_to_do() {
    for (changes, what, fix) in [
        (json!({"acount": "1"}), r#"there is an unknown member "acount""#, "did you mean account?"),
        (json!({"account": "1111-2222-3333"}), "is no account id", "twelve digits"),
        (json!({"account": null}), "account is missing", "give account"),
        (json!({"status": null}), "status is missing", "such as 200"),
        (json!({"status": 42}), "status is not an HTTP status", "such as 200"),
        (json!({"status": 404}), "status 404 is no success, and there is no error", "give its error"),
        (json!({"response": null}), "CreateMembers answers with members", "{} says that there were none"),
        (json!({"error": {"code": "X"}}), "more than one answer", "one of response, error, unreadable"),
        (json!({"response": null, "error": {"code": "X"}}), "status 200 is a success", "one of them"),
        (
            json!({"response": null, "status": null, "error": {"code": "X"}}),
            "status is missing",
            "name it in unknown",
        ),
        (json!({"provenance": null}), "provenance is missing", "give provenance"),
        (json!({"provenance": "seen"}), "neither observed nor assumed", "where the source shows the call"),
        (json!({"pages": [0]}), "CreateMembers has no pages", "leave pages out"),
        (
            json!({"operation": "ListMembers", "request": {}, "response": {"Members": []}, "pages": [1]}),
            "the pages have 1 entries together, and the answer has 0",
            "number of entries of each page",
        ),
    ] {
        let error = parse(trace(&[enable(), call(&changes)]).as_bytes()).unwrap_err();
        assert_eq!(error.line, 3, "{changes}: {error}");
        assert!(error.what.contains(what), "{changes}: {error}");
        assert!(error.fix.contains(fix), "{changes}: {error}");
    }
}

#[test]
fn a_header_that_can_not_be_read_is_refused() {
    for (line, what) in [
        (r#"{"schema": "passmuster.trace/2", "title": "x"}"#, "this version reads passmuster.trace/1"),
        (r#"{"schema": "passmuster.trace/1"}"#, "title is missing"),
        (r#"{"schema": "passmuster.trace/1", "title": "x", "sorces": []}"#, "unknown member"),
        (r#"{"schema": "passmuster.trace/1", "title": "x", "date": "May 2021"}"#, "date is not a year"),
        (r#"{"schema": "passmuster.trace/1", "title": "x", "excludes": ["polcy"]}"#, "which is no cause"),
        (r#"{"schema": "passmuster.trace/1", "title": "x", "patience": 61}"#, "patience is not"),
        (r#"{"schema": "passmuster.trace/1", "title": "x", "rejects": {"call": 0, "rule": "y"}}"#, "call is not"),
        ("[1]", "it is not a JSON object"),
        ("hello", "it is not JSON"),
    ] {
        let error = parse(format!("{HEADER}\n\n{line}\n").as_bytes()).unwrap_err();
        assert_eq!(error.line, 3, "{line}: {error}");
        assert!(error.what.contains(what), "{line}: {error}");
    }
    let error = parse(enable().as_bytes()).unwrap_err();
    assert!(error.what.contains("before any header"), "{error}");
}

#[test]
fn a_line_that_never_ends_is_refused_without_being_kept() {
    let endless = format!("{HEADER}\n{}", " x".repeat(6 << 20));
    let error = parse(endless.as_bytes()).unwrap_err();
    assert_eq!((error.line, error.what.as_str()), (2, "it is longer than 10485760 bytes"));
}

#[test]
fn conversations_of_one_file_share_nothing() {
    let text = trace(&[enable()]).repeat(2);
    let conversations = parse(text.as_bytes()).unwrap();
    assert_eq!(conversations.len(), 2);
    assert_eq!(conversations[1].line, 3);
    for conversation in &conversations {
        assert!(check(conversation, Strictness::default(), &Answers::default()).found.is_empty());
    }
}

fn entry(account: &str) -> Value {
    json!({"AccountId": account, "AdministratorId": "111122223333", "MasterId": "111122223333",
           "MemberStatus": "Created", "UpdatedAt": "2024-01-01T00:00:00Z"})
}

fn page(request: &Value, entries: &[&Value], token: Option<&str>) -> String {
    let mut response = json!({"Members": entries});
    if let Some(token) = token {
        response["NextToken"] = token.into();
    }
    call(&json!({"operation": "ListMembers", "request": request, "response": response}))
}

fn two_members() -> [String; 2] {
    let details = json!([{"AccountId": "444455556666"}, {"AccountId": "555566667777"}]);
    [enable(), call(&json!({"request": {"AccountDetails": details}}))]
}

#[test]
fn pages_that_follow_each_other_are_one_list() {
    let (first, second) = (entry("444455556666"), entry("555566667777"));
    let ask = json!({"OnlyAssociated": false, "MaxResults": 1});
    let next = json!({"OnlyAssociated": false, "MaxResults": 1, "NextToken": "t"});
    let walk = [page(&ask, &[&first], Some("t")), page(&next, &[&second], None)];
    let checked = judged(&[&two_members()[..], &walk[..]].concat());
    assert!(checked.found.is_empty() && checked.inconclusive.is_empty(), "{checked:?}");

    let short = [page(&ask, &[&first], Some("t")), page(&next, &[], None)];
    let checked = judged(&[&two_members()[..], &short[..]].concat());
    assert_eq!(rules(&checked), [(2, "SH-CREATE-001")], "the second member is missing");

    let whole = call(&json!({"operation": "ListMembers", "request": ask, "pages": [1, 1],
                             "response": {"Members": [first, second]}}));
    let checked = judged(&[&two_members()[..], &[whole]].concat());
    assert!(checked.found.is_empty(), "{checked:?}");

    let crowded = [page(&ask, &[&first, &second], None)];
    let checked = judged(&[&two_members()[..], &crowded[..]].concat());
    assert_eq!(rules(&checked), [(2, "SH-LIST-004")], "two entries on a page of one");
}

#[test]
fn reads_may_stand_between_the_pages_of_a_list_and_changes_may_not() {
    let (first, second) = (entry("444455556666"), entry("555566667777"));
    let ask = json!({"OnlyAssociated": false, "MaxResults": 1});
    let next = json!({"OnlyAssociated": false, "MaxResults": 1, "NextToken": "t"});
    let walk = |between: String, entries: &[&Value]| {
        let walk = [page(&ask, &[&first], Some("t")), between, page(&next, entries, None)];
        judged(&[&two_members()[..], &walk[..]].concat())
    };
    let read = call(&json!({"operation": "GetMembers", "request": {"AccountIds": ["444455556666"]},
                            "response": {"Members": [first.clone()]}}));
    let refused = call(&json!({"operation": "EnableSecurityHub", "request": {}, "status": 409, "response": null,
                               "error": {"code": "ResourceConflictException"}}));
    for between in [read.clone(), refused] {
        let whole = walk(between.clone(), &[&second]);
        assert!(whole.found.is_empty() && whole.inconclusive.is_empty(), "{whole:?}");
        assert_eq!(rules(&walk(between, &[])), [(2, "SH-CREATE-001")], "the second member is missing");
    }
    let delete = call(&json!({"operation": "DeleteMembers", "request": {"AccountIds": ["555566667777"]}}));
    let changed = walk(delete, &[]);
    assert!(changed.found.is_empty(), "{changed:?}");
    assert_eq!(changed.inconclusive.len(), 1, "{changed:?}");
}

#[test]
fn what_is_late_is_neither_wrong_nor_right_until_patience_ends() {
    let ask = json!({"OnlyAssociated": false});
    let listed = |patience: u32, times: usize| {
        let header = format!(r#"{{"schema": "passmuster.trace/1", "title": "a test", "patience": {patience}}}"#);
        let empty = page(&ask, &[], None);
        let calls = [&[header][..], &two_members()[..], &vec![empty; times][..]].concat().join("\n");
        check(&parse(calls.as_bytes()).unwrap()[0], Strictness::default(), &Answers::default())
    };
    for times in 0..4 {
        let checked = listed(3, times);
        assert_eq!((checked.late.len(), checked.found.len()), (times, 0), "{checked:?}");
        assert!(checked.late.iter().all(|(_, rule)| rule.0 == "SH-CREATE-034"), "{checked:?}");
    }
    let checked = listed(3, 4);
    assert_eq!(checked.late.len(), 3, "{checked:?}");
    assert_eq!(rules(&checked)[0], (5, "SH-CREATE-001"), "{checked:?}");
}

#[test]
fn a_list_that_goes_on_behind_the_trace_is_no_divergence() {
    let ask = json!({"OnlyAssociated": false, "MaxResults": 1});
    let calls = [&two_members()[..], &[page(&ask, &[&entry("444455556666")], Some("t"))]].concat();
    let checked = judged(&calls);
    assert!(checked.found.is_empty(), "{checked:?}");
    assert_eq!(checked.inconclusive.len(), 1, "{checked:?}");
    assert!(checked.inconclusive[0].1.contains("the list goes on"), "{checked:?}");
}

/// One page of a list: its entries, the token that it is asked for with, and the token of the next page.
fn page_of(operation: &str, list: &str, entries: &[Value], asked: Option<&str>, next: Option<&str>) -> String {
    let mut request = json!({"MaxResults": 1});
    let mut response = json!({ list: entries });
    if let Some(token) = asked {
        request["NextToken"] = token.into();
    }
    if let Some(token) = next {
        response["NextToken"] = token.into();
    }
    call(&json!({"operation": operation, "request": request, "response": response}))
}

fn finding(id: &str) -> Value {
    json!({"Id": id, "AwsAccountId": "111122223333"})
}

fn subscription(standard: &str) -> Value {
    let arn = |kind: &str| format!("arn:aws:securityhub:us-east-1:{kind}/{standard}");
    json!({"StandardsSubscriptionArn": arn("111122223333:subscription"), "StandardsArn": arn(":standards"),
           "StandardsInput": {}, "StandardsStatus": "READY"})
}

/// Two findings and two standards, each as the calls before it, the operation that lists it, and its list.
fn lists_of_two() -> [(Vec<String>, &'static str, &'static str, [Value; 2]); 2] {
    let findings = [finding("one"), finding("two")];
    let import = call(&json!({"operation": "BatchImportFindings", "request": {"Findings": findings},
        "response": {"FailedCount": 0, "SuccessCount": 2, "FailedFindings": []}}));
    let standards = ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.2.0"];
    [
        (vec![enable(), import], "GetFindings", "Findings", findings),
        (vec![enable()], "GetEnabledStandards", "StandardsSubscriptions", standards.map(subscription)),
    ]
}

#[test]
fn every_list_that_comes_in_pages_is_judged_as_a_whole() {
    for (before, operation, list, [first, second]) in lists_of_two() {
        let walk = |second: &[Value]| {
            let pages = [
                page_of(operation, list, std::slice::from_ref(&first), None, Some("t")),
                page_of(operation, list, second, Some("t"), None),
            ];
            judged(&[&before[..], &pages[..]].concat())
        };
        let whole = walk(&[second]);
        assert!(whole.found.is_empty() && whole.inconclusive.is_empty(), "{operation}: {whole:?}");
        let short = walk(&[]);
        assert_eq!(short.found.len(), 1, "{operation}: {short:?}");
        assert_eq!(short.found[0].0, before.len(), "{operation}: {short:?}");
    }
}

#[test]
fn a_first_page_is_not_taken_for_the_whole_list() {
    for (before, operation, list, [first, _]) in lists_of_two() {
        let page = page_of(operation, list, &[first], None, Some("t"));
        // No page follows, or something else does.
        for behind in [vec![], vec![page.clone()], vec![enable()]] {
            let checked = judged(&[&before[..], std::slice::from_ref(&page), &behind[..]].concat());
            let found: Vec<_> = checked.found.iter().filter(|(at, _)| *at == before.len()).collect();
            assert!(found.is_empty(), "{operation}: {found:?}");
            assert!(checked.inconclusive[0].1.contains("the list goes on"), "{operation}: {checked:?}");
        }
    }
}

#[test]
fn only_what_is_said_to_be_unknown_may_be_missing() {
    let mut bare = entry("444455556666");
    bare.as_object_mut().unwrap().remove("UpdatedAt");
    let read = |unknown: &Value| {
        call(&json!({"operation": "GetMembers", "request": {"AccountIds": ["444455556666"]},
                     "response": {"Members": [bare.clone()]}, "unknown": unknown}))
    };
    let told = judged(&[enable(), call(&json!({})), read(&json!(["UpdatedAt"]))]);
    assert!(told.found.is_empty(), "{told:?}");
    let untold = judged(&[enable(), call(&json!({})), read(&json!(["Email"]))]);
    assert_eq!(rules(&untold), [(2, "SH-GET-001")]);
}

#[test]
fn a_member_that_is_unknown_on_any_page_or_as_a_whole_is_not_judged() {
    let mut bare = entry("555566667777");
    bare.as_object_mut().unwrap().remove("UpdatedAt");
    let ask = json!({"OnlyAssociated": false, "MaxResults": 1});
    let next = json!({"OnlyAssociated": false, "MaxResults": 1, "NextToken": "t"});
    let told = |line: String, name: &str| {
        let mut line: Value = serde_json::from_str(&line).unwrap();
        line["unknown"] = json!([name]);
        line.to_string()
    };
    let pages = [
        page(&ask, &[&entry("444455556666")], Some("t")),
        told(page(&next, &[&bare], None), "UpdatedAt"),
        told(page(&json!({}), &[], None), "Members"),
        // Which of them was refused.
        told(call(&json!({})), "UnprocessedAccounts"),
    ];
    let checked = judged(&[&two_members()[..], &pages[..]].concat());
    assert!(checked.found.is_empty() && checked.inconclusive.is_empty(), "{checked:?}");
}

#[test]
fn a_throttled_call_changes_nothing_and_the_rest_is_judged() {
    let throttled = call(&json!({"status": 429, "response": null, "error": {"code": "TooManyRequestsException"}}));
    let checked = judged(&[enable(), throttled, call(&json!({}))]);
    assert_eq!((checked.judged, checked.inconclusive.len()), (2, 1), "{checked:?}");
    assert!(checked.found.is_empty(), "{checked:?}");
}

#[test]
fn a_limit_of_the_rate_is_throttling_and_any_other_limit_is_judged() {
    for (code, message, throttled) in [
        ("LimitExceededException", "Rate exceeded", true),
        ("LimitExceededException", "there are too many members", false),
        ("InvalidInputException", "Rate exceeded", false),
    ] {
        let error = json!({"code": code, "message": message});
        let checked = judged(&[enable(), call(&json!({"status": 429, "response": null, "error": error}))]);
        assert_eq!(checked.inconclusive.len(), usize::from(throttled), "{code}, {message}: {checked:?}");
        assert_eq!(checked.found.is_empty(), throttled, "{code}, {message}: {checked:?}");
    }
}

#[test]
fn nothing_that_depends_on_a_change_is_judged_where_its_answer_can_not_be_read() {
    let broken = call(&json!({"status": 500, "response": null, "unreadable": "an HTML page"}));
    let stranger = |line: String| line.replace("111122223333", "777788889999");
    let checked = judged(&[enable(), broken, enable(), stranger(enable()), stranger(enable())]);
    assert_eq!(checked.found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 4], "{checked:?}");
    assert_eq!(checked.inconclusive, [(2, "what CreateMembers did before can't be known".to_owned())]);
}

/// A call to AWS Organizations.
fn set_up(operation: &str, request: &Value, response: &Value) -> String {
    call(&json!({"operation": operation, "request": request, "response": response, "provenance": "assumed"}))
}

#[test]
fn an_organization_is_set_up_without_being_judged_and_what_follows_is_judged_by_it() {
    let created = json!({"CreateAccountStatus": {"State": "SUCCEEDED", "AccountId": "444455556666"}});
    let service = json!({"ServicePrincipal": "securityhub.amazonaws.com"});
    let refused = json!({
        "operation": "CloseAccount", "request": {"AccountId": "999900001111"}, "response": null,
        "status": 400, "error": {"code": "AccountNotFoundException"},
    });
    let designated = json!({"AdminAccountId": "444455556666"});
    let checked = judged(&[
        set_up("CreateOrganization", &json!({}), &json!({})),
        set_up("CreateAccount", &json!({"AccountName": "audit", "Email": "audit@example.com"}), &created),
        set_up("EnableAWSServiceAccess", &service, &Value::Null),
        call(&refused),
        call(&json!({"operation": "EnableOrganizationAdminAccount", "request": designated, "response": {}})),
        call(&json!({
            "operation": "ListOrganizationAdminAccounts", "request": {}, "response": {"AdminAccounts": []},
        })),
    ]);
    assert_eq!((checked.judged, rules(&checked)), (2, vec![(5, "SH-ORG-001")]), "{checked:#?}");
    assert!(checked.inconclusive.is_empty(), "{:?}", checked.inconclusive);
}

#[test]
fn nothing_is_judged_behind_a_set_up_that_can_not_be() {
    let closed = set_up("CloseAccount", &json!({"AccountId": "444455556666"}), &Value::Null);
    let checked = judged(&[closed, enable()]);
    assert_eq!((checked.judged, checked.found.len()), (0, 0), "{checked:#?}");
    assert_eq!(checked.inconclusive[0], (0, "the model has no place for this CloseAccount".to_owned()));
}

pub(crate) fn run(folder: &Folder, text: &str, arguments: &[&str]) -> Ended {
    std::fs::write(folder.path().join("trace.ndjson"), text).unwrap();
    passmuster(folder.path(), &[&["check", "trace.ndjson"], arguments].concat())
}

#[test]
fn the_exit_code_tells_what_became_of_the_check() {
    let folder = Folder::new("check-codes");
    let throttled = call(&json!({"status": 429, "response": null, "error": {"code": "TooManyRequestsException"}}));
    let wrong = call(&json!({"status": 409, "response": null, "error": {"code": "ResourceConflictException"}}));
    let nowhere = "hello".to_owned();
    for (calls, code) in [
        (vec![enable(), call(&json!({}))], 0),
        (vec![enable(), wrong], 1),
        (vec![nowhere], 2),
        (vec![throttled], 3),
        (vec![], 4),
    ] {
        let ended = run(&folder, &trace(&calls), &[]);
        assert_eq!(ended.code, Some(code), "{calls:?}: {ended:?}");
    }
    let ended = run(&folder, "", &[]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let ended = passmuster(folder.path(), &["check", "nowhere.ndjson"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("nowhere.ndjson: failed to read it"), "{}", ended.stderr);
}

#[test]
fn a_suspicion_fails_only_when_asked_to() {
    let folder = Folder::new("check-strict");
    // That one's own id is reported is only inferred (SH-CREATE-006).
    let own = call(&json!({"request": {"AccountDetails": [{"AccountId": "111122223333"}]}}));
    let text = trace(&[enable(), own]);
    let ended = run(&folder, &text, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("SH-CREATE-006"), "{}", ended.stdout);
    assert!(ended.stdout.contains("exit 0, nothing but suspicions"), "{}", ended.stdout);
    assert_eq!(run(&folder, &text, &["--strict"]).code, Some(1));
}

#[test]
fn a_divergence_is_told_with_its_line_rule_and_sources() {
    let folder = Folder::new("check-told");
    let ended = run(&folder, &trace(&[enable(), enable()]), &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for text in [
        "trace.ndjson:3",
        "SH-ENABLE-002 (observed): ",
        "[NOZ-135]",
        "https://github.com/nozaq",
        "expected     409 ResourceConflictException",
        "observed     200",
        "exit 1, divergence: 2 calls (2 judged) in 1 conversation;",
    ] {
        assert!(ended.stdout.contains(text), "{text} is not in\n{}", ended.stdout);
    }
    let ended = run(&folder, &trace(&[enable(), enable()]), &["--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["schema"], "passmuster.check/1");
    assert_eq!(report["exit_code"], 1);
    assert_eq!(report["conversations"][0]["verdict"], "diverges");
    assert_eq!(report["conversations"][0]["divergences"][0]["line"], 3);
}

#[test]
fn what_a_hub_shows_after_a_membership_is_not_held_against_what_it_showed_before_or_meanwhile() {
    let (administrator, member) = ("111122223333", "444455556666");
    let by = |account: &str, operation: &str, request: Value, response: Value| {
        call(&json!({"account": account, "operation": operation, "request": request, "response": response}))
    };
    let id = "7ab938c5d52d7904ad09f9e7c20cc4eb";
    let invitation = json!({"AccountId": administrator, "InvitationId": id, "MemberStatus": "Invited",
        "InvitedAt": "2020-06-01T20:21:18.042Z"});
    let shows = |generator: &str| {
        let arn = format!("arn:aws:securityhub:us-east-1:{member}:hub/default");
        let hub = json!({"HubArn": arn, "SubscribedAt": "2020-06-01T20:20:18.042Z", "AutoEnableControls": true,
            "ControlFindingGenerator": generator});
        by(member, "DescribeHub", Value::Null, hub)
    };
    let standard = json!({"ControlFindingGenerator": "STANDARD_CONTROL"});
    let begun = [
        enable(),
        by(member, "EnableSecurityHub", standard, Value::Null),
        shows("STANDARD_CONTROL"),
        call(&json!({})),
        by(administrator, "InviteMembers", json!({"AccountIds": [member]}), json!({"UnprocessedAccounts": []})),
        by(member, "ListInvitations", Value::Null, json!({"Invitations": [invitation]})),
        by(
            member,
            "AcceptAdministratorInvitation",
            json!({"AdministratorId": administrator, "InvitationId": id}),
            json!({}),
        ),
        shows("SECURITY_CONTROL"),
        by(member, "DisassociateFromAdministratorAccount", Value::Null, json!({})),
    ];
    for (first, second, found) in [
        ("STANDARD_CONTROL", "STANDARD_CONTROL", vec![]),
        ("SECURITY_CONTROL", "SECURITY_CONTROL", vec![]),
        ("SECURITY_CONTROL", "STANDARD_CONTROL", vec![(10, "SH-HUB-001")]),
    ] {
        let checked = judged(&[&begun[..], &[shows(first), shows(second)]].concat());
        assert_eq!(rules(&checked), found, "{first}, then {second}: {:?}", checked.found);
        assert_eq!(checked.inconclusive, [], "{first}, then {second}");
    }
}

#[test]
fn findings_may_be_gone_after_their_hub_was_off_and_not_after_another_one_was() {
    let (one, other) = ("111122223333", "444455556666");
    let by = |account: &str, operation: &str| {
        call(&json!({"account": account, "operation": operation, "request": null, "response": {}}))
    };
    let finding = json!({"Findings": [{"Id": "finding-1", "AwsAccountId": one}]});
    let counts = json!({"SuccessCount": 1, "FailedCount": 0, "FailedFindings": []});
    let import = call(&json!({"operation": "BatchImportFindings", "request": finding, "response": counts}));
    let shows_none = call(&json!({"operation": "GetFindings", "request": {}, "response": {"Findings": []}}));
    let begun = [by(one, "EnableSecurityHub"), by(other, "EnableSecurityHub"), import];
    for (off, found) in [(one, vec![]), (other, vec![(5, "SH-FIND-001")])] {
        let rest = [by(off, "DisableSecurityHub"), by(off, "EnableSecurityHub"), shows_none.clone()];
        let checked = judged(&[&begun[..], &rest].concat());
        assert_eq!(rules(&checked), found, "{off} was off: {:?}", checked.found);
        assert_eq!(checked.inconclusive, [], "{off} was off");
    }
}

#[test]
fn each_oddity_of_a_list_that_is_read_is_held_to_its_own_rule() {
    let id = "444455556666";
    for (ids, rule) in [(vec![], "SH-GET-005"), (vec![id; 2], "SH-GET-007")] {
        let refused = call(&json!({"operation": "GetMembers", "request": {"AccountIds": ids}, "status": 400,
            "response": null, "error": {"code": "InvalidInputException"}}));
        let checked = judged(&[enable(), call(&json!({})), refused]);
        let of_family: Vec<_> = checked.rules.keys().filter(|known| known.0.starts_with("SH-GET")).collect();
        assert_eq!(of_family.iter().map(|known| known.0).collect::<Vec<_>>(), [rule], "{checked:?}");
    }
}

#[test]
fn a_colleague_on_the_list_of_a_new_delegate_may_be_enabled_unless_it_has_members() {
    let (delegate, colleague, stranger) = ("444455556666", "777788889999", "222233334444");
    let create_account = |id: &str, name: &str| {
        let created = json!({"CreateAccountStatus": {"State": "SUCCEEDED", "AccountId": id}});
        set_up("CreateAccount", &json!({"AccountName": name, "Email": format!("{name}@example.com")}), &created)
    };
    let enable_hub = |account: &str| {
        call(&json!({"account": account, "operation": "EnableSecurityHub", "request": null, "response": {},
            "provenance": "assumed"}))
    };
    let create = |administrator: &str, member: &str| {
        call(&json!({"account": administrator, "request": {"AccountDetails": [{"AccountId": member}]}}))
    };
    let service = json!({"ServicePrincipal": "securityhub.amazonaws.com"});
    let designated = json!({"AdminAccountId": delegate});
    let enabled = json!({"AccountId": colleague, "AdministratorId": delegate, "MasterId": delegate,
        "MemberStatus": "Enabled", "UpdatedAt": "2020-06-01T20:21:18.042Z"});
    for (members, found) in [(vec![], vec![]), (vec![create(colleague, stranger)], vec![(9, "SH-CREATE-035")])] {
        let calls = [
            set_up("CreateOrganization", &json!({}), &json!({})),
            create_account(delegate, "audit"),
            create_account(colleague, "other"),
            set_up("EnableAWSServiceAccess", &service, &Value::Null),
            enable_hub(delegate),
            enable_hub(colleague),
            create(delegate, colleague),
        ];
        let designate =
            call(&json!({"operation": "EnableOrganizationAdminAccount", "request": designated, "response": {}}));
        let read = call(&json!({"account": delegate, "operation": "GetMembers",
            "request": {"AccountIds": [colleague]}, "response": {"Members": [enabled], "UnprocessedAccounts": []}}));
        let checked = judged(&[&calls[..], &members, &[designate, read]].concat());
        assert_eq!(rules(&checked), found, "{:?}", checked.found);
        assert_eq!(checked.inconclusive, []);
    }
}

/// An account is a member of the organization from its creation on, though its id is told later.
#[test]
fn an_account_that_is_still_being_created_is_known_by_what_is_told_of_it_later() {
    let (management, delegate, colleague) = ("111111111111", "222222222222", "333333333333");
    let made = |account: &str, operation: &str, request: Value, response: Value| {
        call(&json!({ "account": account, "operation": operation, "request": request, "response": response }))
    };
    let creating = |id: &str| {
        let status = json!({ "CreateAccountStatus": { "Id": id, "State": "IN_PROGRESS" } });
        made(management, "CreateAccount", json!({ "AccountName": id, "Email": "a@example.com" }), status)
    };
    let told = |id: &str, account: &str| {
        let status = json!({ "CreateAccountStatus": { "Id": id, "State": "SUCCEEDED", "AccountId": account } });
        made(management, "DescribeCreateAccountStatus", json!({ "CreateAccountRequestId": id }), status)
    };
    let member = json!({ "AccountDetails": [{ "AccountId": colleague }] });
    let entry = |status: &str| {
        json!({ "Members": [{
            "AccountId": colleague, "AdministratorId": delegate, "MasterId": delegate, "MemberStatus": status,
            "UpdatedAt": "2026-01-01T00:00:00Z",
        }], "UnprocessedAccounts": [] })
    };
    let story = |told: Vec<String>, status: &str| {
        let service = json!({ "ServicePrincipal": "securityhub.amazonaws.com" });
        let administers = json!({ "AdminAccountId": delegate });
        let founding =
            [made(management, "CreateOrganization", json!({}), json!({})), creating("car-1"), creating("car-2")];
        let rest = [
            made(management, "EnableAWSServiceAccess", service, json!({})),
            made(management, "EnableOrganizationAdminAccount", administers.clone(), administers),
            made(delegate, "CreateMembers", member.clone(), json!({ "UnprocessedAccounts": [] })),
            made(delegate, "GetMembers", json!({ "AccountIds": [colleague] }), entry(status)),
        ];
        judged(&[&founding[..], &told[..], &rest[..]].concat())
    };
    let known = || vec![told("car-1", delegate), told("car-2", colleague)];
    let right = story(known(), "Enabled");
    assert!(right.found.is_empty() && right.inconclusive.is_empty(), "{right:?}");
    assert_eq!(story(known(), "Created").found.len(), 1);
    let untold = story(Vec::new(), "Created");
    assert!(untold.found.is_empty() && !untold.inconclusive.is_empty(), "{untold:?}");
}
