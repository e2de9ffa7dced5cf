//! Every rule of the catalogue is enforced, or there is a reason why not.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use passmuster::catalogue::{self, Rule};
use passmuster::domain::{Grade, RuleId};
use passmuster::engine::{EmbeddedSupply, Interrupt, Phase, Run, RunSettings};
use passmuster::model::{Answers, questions, rules};
use passmuster::server::{Fault, ServerSettings};
use tokio::sync::OnceCell;

/// The rules that model and judge name: some answer of a server that breaks none rests on them.
async fn named() -> &'static BTreeSet<RuleId> {
    static NAMED: OnceCell<BTreeSet<RuleId>> = OnceCell::const_new();
    NAMED.get_or_init(of_all_answers).await
}

/// Runs against servers that together give every answer to each open question, the preferred ones first. What is
/// enforced depends on some of them: a list that is refused as odd rests on the rule about odd lists.
async fn of_all_answers() -> BTreeSet<RuleId> {
    let most = questions::ALL.iter().map(|(_, answers)| answers.len()).max().unwrap_or_default();
    let mut named = BTreeSet::new();
    for turn in 0..most {
        let mut answers = Answers::default();
        for (question, admissible) in questions::ALL {
            answers.choose(question.0, admissible[turn % admissible.len()]).unwrap();
        }
        let supply = EmbeddedSupply(ServerSettings { answers, ..ServerSettings::default() });
        let settings = RunSettings {
            seed: 1,
            phases: vec![Phase::Probe, Phase::Boundary, Phase::Random],
            max_calls: if turn == 0 { 40_000 } else { 15_000 },
            max_time: Duration::from_secs(600),
            workers: 2,
            ..RunSettings::default()
        };
        let run = Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap();
        named.extend(run.tally.rules.into_keys());
    }
    named
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_with_a_name_in_code_is_one_that_answers_rest_on() {
    let named = named().await;
    // What is excused and has a name all the same, recorded conversations are held to.
    let is_excused = |rule: &RuleId| catalogue::rule(rule.0).is_some_and(|rule| rule.excused.is_some());
    let idle: Vec<_> = rules::ALL.iter().filter(|rule| !named.contains(rule) && !is_excused(rule)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_is_enforced_or_excused_or_open() {
    let named = named().await;
    let is_settled =
        |rule: &Rule| named.contains(&rule.id) || rule.excused.is_some() || rule.grade == Grade::Unknown;
    let forgotten: Vec<_> =
        catalogue::rules().iter().filter(|rule| !is_settled(rule)).map(|rule| rule.id).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_rule_is_both_enforced_and_excused() {
    let named = named().await;
    let excused = catalogue::rules().iter().filter(|rule| rule.excused.is_some());
    let both: Vec<_> = excused.map(|rule| rule.id).filter(|rule| named.contains(rule)).collect();
    assert!(both.is_empty(), "{both:?}");
}

/// Firm rules that no fault violates, and why.
const WITHOUT_FAULT: &[(&str, &str)] = &[
    ("SH-CREATE-013", "Q03 also admits what came later, so that no answer breaks it"),
    ("SH-DELETE-006", "Q17 admits both that the entry goes and that it stays"),
    ("SH-DELETE-009", "to refuse it is to break SH-DELETE-003, which is named first"),
    ("SH-DELINV-004", "Q25 admits either reading of the texts"),
    ("SH-DISABLE-008", "Q27, N03, N04 and N48 leave open what is left, and findings go months later"),
    ("SH-INVITE-010", "N19 admits that the invitation is sent and that it is refused"),
    ("SH-WIRE-006", "admits a status, and demands none"),
    ("SH-WIRE-007", "a wrong status is named by the rule of the call that is refused with it"),
    ("SH-WIRE-019", "a wrong default is named by SH-LIST-001 and SH-LIST-003"),
    ("SH-XX-005", "named by the rule of the call that lets an account be both"),
    ("SH-XX-006", "named by the rule of the call that gives a second administrator"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_firm_rule_has_a_fault_that_violates_it_or_a_reason_why_not() {
    let named = named().await;
    let violated = |rule: &Rule| Fault::all().iter().any(|fault| fault.rule() == rule.id);
    let firm = catalogue::rules().iter().filter(|rule| named.contains(&rule.id) && rule.grade.is_firm());
    let without: Vec<_> = firm.filter(|rule| !violated(rule)).map(|rule| rule.id.0).collect();
    let mut known: Vec<_> = WITHOUT_FAULT.iter().map(|(id, _)| *id).collect();
    let mut found = without.clone();
    known.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, known);
}
