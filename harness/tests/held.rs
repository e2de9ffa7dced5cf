//! A rule is held only where a target that breaks it would have been seen to: a run that missed a fault doesn't say that
//! the fault's rule held.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::breadth::sample;
use passmuster::check::check;
use passmuster::domain::{RuleId, Severity};
use passmuster::engine::{EmbeddedSupply, Interrupt, Phase, Run, RunSettings};
use passmuster::model::Answers;
use passmuster::oracle::Strictness;
use passmuster::server::{Fault, ServerSettings};
use passmuster::trace::parse;

/// So few calls that many faults are missed.
const FEW_CALLS: u64 = 300;

async fn short_run(phase: Phase, faults: &[Fault]) -> Run {
    let settings = RunSettings {
        phases: vec![Phase::Probe, phase],
        max_calls: FEW_CALLS,
        max_time: Duration::from_secs(600),
        shrink_attempts: 0,
        confirmations: 1,
        workers: 2,
        ..RunSettings::default()
    };
    let supply = EmbeddedSupply(ServerSettings { faults: faults.to_vec(), ..ServerSettings::default() });
    Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

/// Whether anything was seen that weighs.
fn has_seen_something(run: &Run) -> bool {
    let weighs = run.findings.iter().any(|finding| finding.divergence.severity() > Severity::Note);
    weighs || !run.unconfirmed.is_empty()
}

/// Faults of a rule that says more than one thing, where a run may see the other hold and not come near this one.
const OF_ANOTHER_CLAUSE: [(&str, &str); 16] = [
    ("configure-hub-off", "the rule is on every operation, and this fault in one"),
    ("get-unknown-denied", "an account that could not be created is as unknown, and this fault spares it"),
    ("delete-invitations-hub-off", "the rule is on every operation, and this fault in one"),
    (
        "administrator-everybodys",
        "without an administrator the answer has none; this shows that of a third account",
    ),
    ("administrator-after-removal", "the rule is on both names, and this fault in the current one"),
    ("members-leak", "the rule is on members in every status, and this fault on created ones"),
    ("invitations-leak", "the rule is on all that is in a Region, and this fault on invitations"),
    (
        "administrator-leaks",
        "the rule is on all that is in a Region, and this fault spares who had an administrator there",
    ),
    ("findings-of-administrator", "the rule is on the findings of anybody, and this fault on its administrator's"),
    ("findings-of-invited", "the rule is on members that left, too, and this fault on those on the way"),
    (
        "enroll-invites",
        "the rule is on those that an organization enables by itself, too, and this fault on created ones",
    ),
    ("enroll-hub-off", "the rule is on the membership, too, and this fault on the hub"),
    ("create-drops-email", "an entry created anew has no address of before, and this fault shows none at all"),
    ("invite-forgets-email", "an entry created anew has no address of before, and this fault forgets that of now"),
    ("join-enrolled", "the rule is on every Region, and this fault on that of the call"),
    ("undesignate-keeps-members", "the rule is on the designation, too, which has ended"),
];

/// The faults of each rule.
fn by_rule() -> BTreeMap<RuleId, Vec<Fault>> {
    let mut faults: BTreeMap<RuleId, Vec<Fault>> = BTreeMap::new();
    for fault in Fault::all() {
        faults.entry(fault.rule()).or_default().push(*fault);
    }
    faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_of_which_every_fault_was_missed_is_not_held() {
    let (mut missed, mut wrong) = (0, Vec::new());
    for phase in [Phase::Boundary, Phase::Random] {
        for (rule, faults) in sample(by_rule(), 5) {
            let mut held = Vec::new();
            let mut is_told = false;
            for fault in &faults {
                let run = short_run(phase, &[*fault]).await;
                is_told |= has_seen_something(&run);
                let times = run.tally.rules.get(&rule).copied().unwrap_or(0);
                held.push(format!("{}: {rule} held {times} times in {}", fault.name(), phase.name()));
                if times == 0 || OF_ANOTHER_CLAUSE.iter().any(|(name, _)| *name == fault.name()) {
                    held.pop();
                }
            }
            missed += u32::from(!is_told);
            wrong.extend(held.into_iter().filter(|_| !is_told));
        }
    }
    assert!(missed > 0, "each rule was seen broken in {FEW_CALLS} calls");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A call of an account, and the answer to it.
fn call(account: &str, operation: &str, request: &str, answer: &str) -> String {
    format!(
        r#"{{"account": "{account}", "operation": "{operation}", "request": {request}, {answer}, "provenance": "observed"}}"#
    )
}

/// The number of answers of a conversation that show a rule to hold.
fn held_in(rule: &str, calls: &[String]) -> u64 {
    let header = r#"{"schema": "passmuster.trace/1", "title": "one", "sources": ["API"]}"#.to_owned();
    let text = [&[header], calls].concat().join("\n");
    let conversation = parse(text.as_bytes()).unwrap().remove(0);
    let checked = check(&conversation, Strictness::default(), &Answers::default());
    assert!(checked.found.is_empty() && checked.inconclusive.is_empty(), "{checked:#?}");
    checked.rules.iter().find(|(known, _)| known.0 == rule).map_or(0, |(_, times)| *times)
}

const OWN: &str = "111122223333";
const ON: &str = r#""status": 200"#;

fn listed(flag: &str, statuses: &[(&str, &str)]) -> String {
    let entry = |(id, status): &(&str, &str)| {
        format!(
            r#"{{"AccountId": "{id}", "AdministratorId": "{OWN}", "MasterId": "{OWN}", "MemberStatus": "{status}", "UpdatedAt": "2026-03-01T10:00:14.274Z"}}"#
        )
    };
    let members: Vec<String> = statuses.iter().map(entry).collect();
    let answer = format!(r#""status": 200, "response": {{"Members": [{}]}}"#, members.join(", "));
    call(OWN, "ListMembers", &format!(r#"{{"OnlyAssociated": {flag}}}"#), &answer)
}

fn created(ids: &[&str], unprocessed: &[&str]) -> String {
    let details: Vec<String> = ids.iter().map(|id| format!(r#"{{"AccountId": "{id}"}}"#)).collect();
    let left: Vec<String> =
        unprocessed.iter().map(|id| format!(r#"{{"AccountId": "{id}", "ProcessingResult": "no"}}"#)).collect();
    let answer = format!(r#""status": 200, "response": {{"UnprocessedAccounts": [{}]}}"#, left.join(", "));
    call(OWN, "CreateMembers", &format!(r#"{{"AccountDetails": [{}]}}"#, details.join(", ")), &answer)
}

#[test]
fn a_filter_is_held_where_it_leaves_something_out() {
    let hub = call(OWN, "EnableSecurityHub", "{}", ON);
    let one = created(&["444455556666"], &[]);
    for (flag, rule, shown) in
        [("true", "SH-LIST-003", &[][..]), ("false", "SH-LIST-002", &[("444455556666", "Created")])]
    {
        assert_eq!(held_in(rule, &[hub.clone(), listed(flag, &[])]), 0, "{rule}: there is nothing to list");
        assert_eq!(held_in(rule, &[hub.clone(), one.clone(), listed(flag, shown)]), 1, "{rule}");
    }
}

#[test]
fn a_mixed_list_is_held_where_the_answer_is_mixed() {
    let hub = call(OWN, "EnableSecurityHub", "{}", ON);
    let two = ["444455556666", "777788889999"];
    assert_eq!(held_in("SH-CREATE-030", &[hub.clone(), created(&two, &[])]), 0);
    assert_eq!(held_in("SH-CREATE-030", &[hub, created(&[two[0], OWN], &[OWN])]), 1);
}

#[test]
fn a_rule_is_not_held_where_another_refuses_as_well() {
    let refused = r#""status": 400, "error": {"code": "BadRequestException"}"#;
    let accept = call(
        OWN,
        "AcceptAdministratorInvitation",
        r#"{"AdministratorId": "444455556666", "InvitationId": "0123456789abcdef0123456789abcdef"}"#,
        refused,
    );
    let hub = call(OWN, "EnableSecurityHub", "{}", ON);
    assert_eq!(held_in("SH-ACCEPT-003", std::slice::from_ref(&accept)), 0, "the hub is off, too");
    assert_eq!(held_in("SH-ACCEPT-003", &[hub, accept]), 1);
}
