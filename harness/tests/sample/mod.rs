//! Records of runs that never happened, for the tests of everything that renders or keeps them.
#![allow(dead_code, unused_imports, reason = "several programs share it, and none needs all")]

mod full;

use passmuster::baseline::exit_code;
use passmuster::domain::{DivergenceKind, Fingerprint, Grade, Operation, Severity};
use passmuster::engine::Description;
use passmuster::record::{
    Disposition, DivergenceRecord, InconclusiveRecord, OperationRecord, OperationSupport, QuestionRecord,
    Reproduced, RuleRecord, RuleStatus, RunRecord, SCHEMA, ScenarioRecord, SdkRecord, StepRecord, TargetRecord,
    Totals, WalkRecord, WireRecord,
};
use passmuster::targets::AccountSelection;
use serde_json::{Value, json};

pub(crate) use full::full;

/// The embedded server, as a report names it.
pub(crate) fn description() -> Description {
    Description {
        target: "embedded".to_owned(),
        endpoint: "in process".to_owned(),
        curl_endpoint: "http://127.0.0.1:4599".to_owned(),
        curl_ca: None,
        accounts: AccountSelection::AccessKey,
        version: None,
        replay_flags: String::new(),
    }
}

/// A run that found nothing.
pub(crate) fn clean() -> RunRecord {
    let operations = Operation::ALL.iter().map(|operation| OperationRecord {
        name: operation.name().to_owned(),
        support: OperationSupport::Supported,
        reason: None,
        calls: 17,
        judged: 16,
        unjudged: 0,
        divergences: 0,
    });
    let mut record = RunRecord {
        schema: SCHEMA.to_owned(),
        version: "0.1.0".to_owned(),
        seed: 1,
        nonce: 0,
        started: "2026-01-02T03:04:05Z".to_owned(),
        exit_code: 0,
        target: TargetRecord { name: "embedded".to_owned(), endpoint: "in process".to_owned(), version: None },
        totals: Totals {
            calls: 12_345,
            judged: 12_345,
            scenarios: 1_001,
            seconds: 1.24,
            calls_per_second: 9955.6,
            wire_requests: 210,
        },
        stopped: None,
        operations: operations.collect(),
        divergences: Vec::new(),
        causes: Vec::new(),
        unstable: Vec::new(),
        replays: Vec::new(),
        rules: ["SH-CREATE-001", "SH-CREATE-005", "SH-INVITE-003"]
            .map(|id| rule(id, RuleStatus::Held, None))
            .to_vec(),
        open_questions: Vec::new(),
        sdk: SdkRecord::default(),
        late: Vec::new(),
        inconclusive: Vec::new(),
        goals: Vec::new(),
        walk: WalkRecord::default(),
        wire: WireRecord::default(),
        remarks: Vec::new(),
        shard: None,
    };
    settle(&mut record);
    record
}

/// A run against a target with flaws of every kind.
pub(crate) fn flawed() -> RunRecord {
    let mut record = clean();
    record.target = TargetRecord {
        name: "moto".to_owned(),
        endpoint: "http://127.0.0.1:5000".to_owned(),
        version: Some("5.1.0".to_owned()),
    };
    for operation in &mut record.operations {
        if operation.name.contains("Organization") {
            operation.support = OperationSupport::Unsupported;
            operation.reason = Some("404 with an empty body".to_owned());
            operation.calls = 1;
        } else if operation.name == "GetFindings" {
            operation.support = OperationSupport::Broken;
            operation.reason = Some("500 with a page of HTML instead of JSON".to_owned());
        }
    }
    record.divergences = vec![hub_off(), not_stored(), suspicion(), note()];
    record.rules = vec![
        rule("SH-CREATE-001", RuleStatus::Violated, None),
        rule("SH-CREATE-005", RuleStatus::Violated, None),
        rule("SH-INVITE-003", RuleStatus::Held, None),
        rule("SH-INVITE-004", RuleStatus::Blocked, Some(&not_stored().id)),
        rule("SH-INVITE-005", RuleStatus::Blocked, Some(&not_stored().id)),
        rule("SH-ORG-001", RuleStatus::Unsupported, None),
        rule("SH-XX-009", RuleStatus::NotCheckable, None),
    ];
    record.open_questions = vec![
        QuestionRecord {
            id: "Q01".to_owned(),
            answer: "bad-request".to_owned(),
            consistent: true,
            seen: [].into(),
        },
        QuestionRecord {
            id: "Q07".to_owned(),
            answer: "keeps".to_owned(),
            consistent: false,
            seen: [("drops".to_owned(), 3), ("keeps".to_owned(), 1204)].into(),
        },
    ];
    record.inconclusive = vec![InconclusiveRecord {
        operation: "ListMembers".to_owned(),
        reason: "the pages never ended".to_owned(),
        times: 3,
    }];
    record.remarks = vec!["accounts are told apart by the access key id".to_owned()];
    settle(&mut record);
    record
}

/// CreateMembers works while the hub is off.
pub(crate) fn hub_off() -> DivergenceRecord {
    finding(
        "CreateMembers SH-CREATE-005 missing-refusal ",
        "CreateMembers works while the hub of the caller is off.",
        json!("InvalidAccessException (status 401)"),
        json!({ "UnprocessedAccounts": [] }),
        vec![step(
            "administrator",
            "CreateMembers",
            json!({ "AccountDetails": [{ "AccountId": "member-1", "Email": "member-1@example.com" }] }),
            "200 {\"UnprocessedAccounts\":[]}",
        )],
    )
}

/// CreateMembers stores nothing.
pub(crate) fn not_stored() -> DivergenceRecord {
    let mut found = finding(
        "GetMembers SH-CREATE-001 missing-effect /Members",
        "An account that was created is not on the list of its administrator, neither at once nor after a while, \
         though CreateMembers reported success.",
        json!([{ "AccountId": "member-1", "MemberStatus": "CREATED" }]),
        json!([]),
        vec![
            step("administrator", "EnableSecurityHub", json!({}), "200 {}"),
            step(
                "administrator",
                "CreateMembers",
                json!({ "AccountDetails": (1..=12).map(|n| json!({ "AccountId": format!("member-{n}") })).collect::<Vec<_>>() }),
                "200 {\"UnprocessedAccounts\":[]}",
            ),
            step(
                "administrator",
                "GetMembers",
                json!({ "AccountIds": ["member-1"] }),
                &format!("200 {}", "x".repeat(400)),
            ),
        ],
    );
    found.pointer = "/Members".to_owned();
    found.ignored_rules = Vec::new();
    found.also = vec!["ListMembers SH-CREATE-001 missing-effect /Members".to_owned()];
    found
}

/// Something that only the sibling service is known to do.
pub(crate) fn suspicion() -> DivergenceRecord {
    let mut found = finding(
        "DeclineInvitations SH-DECLINE-004 wrong-value /UnprocessedAccounts",
        "An account without an invitation is not reported as unprocessed.",
        json!("member-1 among the unprocessed accounts"),
        json!("none"),
        vec![step("member-2", "DeclineInvitations", json!({ "AccountIds": ["member-1"] }), "200 {}")],
    );
    found.severity = Severity::Suspicion;
    found.grade = Grade::Inferred;
    found
}

/// A note: a difference on a point that no source settles.
pub(crate) fn note() -> DivergenceRecord {
    let mut found = finding(
        "DescribeHub N03 wrong-value ",
        "The order of tags differs from call to call.",
        json!(""),
        json!(""),
        vec![],
    );
    found.severity = Severity::Note;
    found.grade = Grade::Unknown;
    found
}

/// A finding by its fingerprint.
#[allow(clippy::unwrap_used, reason = "a sample with a kind that is none should stop its test")]
pub(crate) fn finding(
    fingerprint: &str,
    summary: &str,
    expected: Value,
    observed: Value,
    steps: Vec<StepRecord>,
) -> DivergenceRecord {
    let words: Vec<&str> = fingerprint.split(' ').collect();
    let id = Fingerprint(fingerprint.to_owned()).id();
    DivergenceRecord {
        replay: format!("passmuster replay {id} --target moto"),
        curl: "curl -sS -X POST http://127.0.0.1:5000/members -H 'content-type: application/json' \
               -H 'authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260102/us-east-1/securityhub/aws4_request' -d '{}'"
            .to_owned(),
        python: "import boto3\n".to_owned(),
        id,
        fingerprint: fingerprint.to_owned(),
        disposition: Disposition::New,
        severity: Severity::Divergence,
        grade: Grade::Documented,
        operation: words[0].to_owned(),
        kind: serde_json::from_value::<DivergenceKind>(words[2].into()).unwrap(),
        rules: vec![words[1].to_owned()],
        ignored_rules: vec![words[1].to_owned()],
        summary: summary.to_owned(),
        pointer: String::new(),
        expected,
        observed,
        sdk_impact: [].into(),
        reproduced: Reproduced { hits: 3, of: 3 },
        found_after_calls: 42,
        shrunk_from: 9,
        scenario: ScenarioRecord { steps },
        cause: None,
        also: Vec::new(),
        seen: [].into(),
        accepted: None,
    }
}

/// A step in the first Region.
pub(crate) fn step(principal: &str, operation: &str, request: Value, response: &str) -> StepRecord {
    StepRecord {
        principal: principal.to_owned(),
        region: None,
        operation: operation.to_owned(),
        request,
        response: response.to_owned(),
    }
}

/// A rule.
pub(crate) fn rule(id: &str, status: RuleStatus, blocked_by: Option<&str>) -> RuleRecord {
    let exercised = u64::from(matches!(status, RuleStatus::Held | RuleStatus::Violated)) * 99;
    RuleRecord { id: id.to_owned(), status, exercised, blocked_by: blocked_by.map(str::to_owned), reason: None }
}

/// Gives a record the exit code it deserves.
pub(crate) fn settle(record: &mut RunRecord) {
    record.exit_code = exit_code(record, false);
}
