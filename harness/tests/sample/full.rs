//! A record in which every member is there: its types are written out, so that none can get a member unseen.

use passmuster::domain::Severity;
use passmuster::record::{
    AcceptedRecord, CauseRecord, ChangeRecord, ExampleRecord, GoalRecord, GoalStatus, InconclusiveRecord,
    LeadRecord, LintRecord, Looked, MissedSituation, OperationSupport, ProbeRecord, ReplayRecord, ReplayStanding,
    RuleStatus, RunRecord, SdkRecord, ShardRecord, Stopped, Uncertainty, UnstableRecord, WalkPart, WalkRecord,
    WireFindingRecord, WirePart, WireRecord,
};
use serde_json::json;

/// A run with something of everything.
pub(crate) fn full() -> RunRecord {
    let mut record = super::flawed();
    record.stopped = Some(Stopped::interrupted());
    let proof = record.divergences[0].id.clone();
    record.causes = vec![cause(&proof)];
    let found = &mut record.divergences[0];
    found.cause = Some("C-1a2b3c4d".to_owned());
    found.also = vec!["ListMembers SH-CREATE-005 missing-refusal ".to_owned()];
    found.seen = [("M145".to_owned(), ["CreateMembers".to_owned()].into())].into();
    found.accepted = Some(AcceptedRecord {
        reason: Some("mended in 5.3".to_owned()),
        link: Some("https://example.com/4711".to_owned()),
        expires: Some("2027-01-31".to_owned()),
        versions: Some("<5.3".to_owned()),
    });
    found.sdk_impact = [("botocore".to_owned(), "no error".to_owned())].into();
    let mut elsewhere = super::step("member-1", "DescribeHub", json!({}), "200 {}");
    elsewhere.region = Some("region-2".to_owned());
    found.scenario.steps.push(elsewhere);
    record.rules[0].reason = Some("it needs a policy".to_owned());
    record.unstable = vec![unstable()];
    record.replays = vec![replay()];
    record.goals = vec![goal()];
    record.walk = walk();
    record.wire = WireRecord {
        profile: "union".to_owned(),
        requests: 9,
        calls: 8,
        classes: 7,
        catalogue: 6,
        not_sent: [("no base".to_owned(), vec!["M001".to_owned()])].into(),
        compositions: 5,
        operations: ["CreateMembers".to_owned()].into(),
    };
    record.sdk = sdk();
    record.late = vec![late()];
    super::settle(&mut record);
    record.shard = Some(Box::new(shard(&record)));
    record
}

fn replay() -> ReplayRecord {
    ReplayRecord {
        fingerprint: "GetMembers SH-GET-004 missing-refusal ".to_owned(),
        standing: ReplayStanding::Diverges,
        showed: vec!["EnableSecurityHub SH-ENABLE-001 unexpected-refusal ".to_owned()],
        calls: 2,
    }
}

fn cause(proof: &str) -> CauseRecord {
    CauseRecord {
        id: "C-1a2b3c4d".to_owned(),
        title: "CreateMembers does not check that the hub is on".to_owned(),
        change: ChangeRecord {
            kind: "ignored-guard".to_owned(),
            operations: vec!["CreateMembers".to_owned()],
            parts: vec!["part".to_owned()],
        },
        findings: vec![proof.to_owned()],
        rules: vec!["SH-CREATE-005".to_owned()],
        blocks: 3,
        goes_away: Some(1),
        verified: true,
        proof: proof.to_owned(),
        effect: "no error".to_owned(),
    }
}

fn unstable() -> UnstableRecord {
    UnstableRecord {
        fingerprint: "GetMembers SH-CREATE-001 missing-effect /Members".to_owned(),
        operation: "GetMembers".to_owned(),
        severity: Severity::Divergence,
        why: Uncertainty::OutOfTime,
        sightings: 1,
        judged: 2,
        finding: Some(Box::new(super::not_stored())),
    }
}

fn goal() -> GoalRecord {
    GoalRecord {
        id: "G01".to_owned(),
        title: "a member that is enabled".to_owned(),
        visited: true,
        status: GoalStatus::Visited,
    }
}

fn late() -> InconclusiveRecord {
    InconclusiveRecord { operation: "ListMembers".to_owned(), reason: "a list may lag".to_owned(), times: 2 }
}

fn walk() -> WalkRecord {
    WalkRecord {
        situations: 10,
        exercised: 4,
        blocked: 3,
        unsupported: 1,
        otherwise: 1,
        not_reached: 1,
        blocked_by: [("D-1a2b3c4d".to_owned(), 3)].into(),
        complete: false,
        states: 99,
        truncated: false,
        cast: 3,
        depth: 10,
    }
}

fn sdk() -> SdkRecord {
    let lint = LintRecord {
        times: 1,
        what: "an error without a type".to_owned(),
        misread_by: vec!["botocore".to_owned()],
        misread: "an unknown error".to_owned(),
        example: ExampleRecord { operation: "CreateMembers".to_owned(), status: 400, body: "{}".to_owned() },
    };
    SdkRecord {
        answers: 1,
        verdicts: [("botocore".to_owned(), [("typed".to_owned(), 1)].into())].into(),
        lints: [("L19".to_owned(), lint)].into(),
    }
}

fn shard(record: &RunRecord) -> ShardRecord {
    let lead = |looked| LeadRecord {
        fingerprint: "GetMembers SH-CREATE-001 missing-effect /Members".to_owned(),
        phase: "random".to_owned(),
        number: 3,
        calls: 2,
        open: false,
        sightings: 1,
        took: 9,
        looked,
    };
    let finding = || Box::new(super::not_stored());
    ShardRecord {
        index: 1,
        of: 2,
        flags: [("seed".to_owned(), "1".to_owned())].into(),
        most_calls: 1_000,
        replays: vec![replay()],
        probe: ProbeRecord {
            calls: 30,
            operations: [("CreateMembers".to_owned(), 1)].into(),
            support: [("CreateMembers".to_owned(), OperationSupport::Supported)].into(),
            one_caller: false,
        },
        calls: vec![3, 4],
        judged: 7,
        scenarios: 2,
        operations: record.operations.clone(),
        rules: vec![super::rule("SH-CREATE-001", RuleStatus::Held, None)],
        on_the_way: [("SH-INVITE-004".to_owned(), vec!["SH-CREATE-001".to_owned()])].into(),
        answers: [("Q01".to_owned(), [("CreateMembers".to_owned(), [("keeps".to_owned(), 1)].into())].into())]
            .into(),
        goals: vec![goal()],
        walk: WalkPart {
            plan: walk(),
            exercised: [1, 2].into(),
            missed: vec![MissedSituation { situation: 3, in_the_way: Some((4, "fingerprint".to_owned())) }],
        },
        wire: WirePart {
            profile: "union".to_owned(),
            requests: 9,
            calls: 8,
            compositions: 5,
            sent: [("M145".to_owned(), 1)].into(),
            operations: ["CreateMembers".to_owned()].into(),
            not_sent: [("M001".to_owned(), "no base".to_owned())].into(),
            findings: vec![WireFindingRecord {
                place: (1, 2, 3),
                seen: [("M145".to_owned(), ["CreateMembers".to_owned()].into())].into(),
                composed: false,
                may_be: ["other".to_owned()].into(),
                finding: finding(),
            }],
            unstable: vec![unstable()],
        },
        sdk: sdk(),
        late: vec![late()],
        inconclusive: record.inconclusive.clone(),
        leads: vec![
            lead(Looked::Confirmed { cause: "c".to_owned(), finding: finding() }),
            lead(Looked::Unconfirmed { reason: Uncertainty::OutOfTime, finding: finding() }),
        ],
        unstable: vec![unstable()],
        stopped: Some(Stopped::interrupted()),
        seconds: 1.5,
        remarks: vec!["remark".to_owned()],
    }
}
