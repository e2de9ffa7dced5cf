//! Answers to open questions: learnt from one target, they are what another is held to, and what the server gives.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use crate::breadth::sample;
use passmuster::domain::{DivergenceKind, Grade, Operation, Place};
use passmuster::engine::{
    AnswerSheet, ConfirmedFinding, Description, EmbeddedSupply, Interrupt, Phase, Run, RunSettings,
};
use passmuster::generate::{parse_scenario, write_scenario};
use passmuster::model::{Answers, questions};
use passmuster::server::ServerSettings;
use passmuster::targets::AccountSelection;

/// Runs against a server that answers so, and holds it to what is expected.
async fn run(given: &Answers, expected: &Answers, seed: u64, max_calls: u64) -> Run {
    let supply = EmbeddedSupply(ServerSettings { answers: given.clone(), ..ServerSettings::default() });
    let settings = RunSettings {
        seed,
        // To walk, every sheet of answers would be planned with.
        phases: vec![Phase::Probe, Phase::Laws, Phase::Random],
        max_calls,
        max_time: Duration::from_secs(600),
        workers: 2,
        answers: Arc::new(expected.clone()),
        ..RunSettings::default()
    };
    Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

/// Some admissible answer to each question; the questions don't move in step.
fn mixture(number: usize) -> Answers {
    let mut chosen = Answers::default();
    for (index, (question, answers)) in questions::ALL.iter().enumerate() {
        let pick = (number * (2 * index + 3) + index * index) % answers.len();
        chosen.choose(question.0, answers[pick]).unwrap();
    }
    chosen
}

fn description() -> Description {
    Description {
        target: "embedded".to_owned(),
        endpoint: "in process".to_owned(),
        curl_endpoint: "http://127.0.0.1:4599".to_owned(),
        curl_ca: None,
        accounts: AccountSelection::AccessKey,
        version: Some("1.2.3".to_owned()),
        replay_flags: String::new(),
    }
}

fn assert_silent(run: &Run, what: &str) {
    let found = run.findings.iter().map(|finding| {
        let scenario = write_scenario(&finding.scenario);
        format!("{:?}\n{scenario}", finding.divergence)
    });
    let found = found.collect::<Vec<_>>().join("\n");
    assert!(found.is_empty() && run.unconfirmed.is_empty(), "{what}:\n{found}\n{:?}", run.unconfirmed);
    assert!(run.tally.inconclusive.is_empty(), "{what}: {:?}", run.tally.inconclusive);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_clean_when_held_to_what_it_was_chosen_to_answer() {
    for number in sample(0..40, 3) {
        let chosen = mixture(number);
        assert_silent(&run(&chosen, &chosen, number as u64, 3_000).await, &format!("mixture {number}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_clean_when_held_to_what_was_learnt_from_it() {
    for number in sample(0..40, 2) {
        let chosen = mixture(number);
        let learnt = AnswerSheet::of(&run(&chosen, &Answers::default(), 3, 3_000).await);
        let (expected, vague) = learnt.answers();
        assert!(vague.is_empty(), "mixture {number}: {vague:?}");
        assert!(learnt.questions.len() > 20, "mixture {number}: {}", learnt.questions.len());
        // Another seed: what was learnt holds for calls that were never made before.
        assert_silent(&run(&chosen, &expected, 4, 3_000).await, &format!("mixture {number}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_that_is_other_than_expected_is_reported_and_nothing_else() {
    let given = Answers::default();
    let learnt = AnswerSheet::of(&run(&given, &given, 5, 5_000).await);
    for (question, entry) in sample(&learnt.questions, 3) {
        let (_, admitted) = questions::ALL.iter().find(|(known, _)| known == question).unwrap();
        let other = admitted.iter().find(|answer| **answer != entry.answer).unwrap();
        let mut expected = learnt.answers().0;
        expected.choose(question.0, other).unwrap();
        let run = run(&given, &expected, 5, 5_000).await;
        let of_it = |finding: &&ConfirmedFinding| finding.divergence.place == Place::Question(*question);
        let (of_it, others): (Vec<_>, Vec<_>) = run.findings.iter().partition(of_it);
        let others: Vec<_> = others.iter().map(|finding| &finding.divergence).collect();
        assert!(others.is_empty(), "{question}={other}: {others:?}");
        assert!(!of_it.is_empty(), "{question}={other} is not reported: {:?}", run.unconfirmed);
        for ConfirmedFinding { divergence, reproduced, .. } in of_it {
            assert_eq!((divergence.kind, divergence.grade), (DivergenceKind::OtherAnswer, Grade::Observed));
            assert!(divergence.expected.starts_with(&format!("{other}: ")), "{divergence:?}");
            assert!(divergence.observed.starts_with(&format!("{}: ", entry.answer)), "{divergence:?}");
            assert_eq!(reproduced.hits, reproduced.of, "{divergence:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_given_what_was_learnt_shows_the_same_again() {
    let held_to_none = Answers::default();
    let learnt = AnswerSheet::of(&run(&held_to_none, &held_to_none, 9, 3_000).await);
    let read = AnswerSheet::parse(&learnt.write(&description())).unwrap();
    assert_eq!(read, learnt);
    assert_eq!(AnswerSheet::of(&run(&read.answers().0, &held_to_none, 9, 3_000).await), learnt);
    for number in sample(1..20, 1) {
        let learnt = AnswerSheet::of(&run(&mixture(number), &held_to_none, 9, 3_000).await);
        // What was not learnt is answered as preferred: it may lead elsewhere, but not to other answers.
        let again = AnswerSheet::of(&run(&learnt.answers().0, &held_to_none, 9, 3_000).await);
        for (question, entry) in &again.questions {
            let same = learnt.questions.get(question).is_none_or(|learnt| learnt.agrees_with(entry));
            assert!(same, "mixture {number}, {question}: {entry:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_has_the_scenario_that_shows_each_answer_and_can_be_replayed() {
    let sheet = AnswerSheet::of(&run(&Answers::default(), &Answers::default(), 1, 3_000).await);
    let text = sheet.write(&description());
    assert!(text.starts_with("# How embedded 1.2.3 answers the open questions"), "{text}");
    for (question, entry) in &sheet.questions {
        let scenario = parse_scenario(&entry.scenarios[entry.answer]).unwrap();
        assert!(!scenario.transitions.is_empty() && scenario.transitions.len() < 200, "{question}");
    }
    // The shortest is the first that comes to mind.
    assert_eq!(
        parse_scenario(&sheet.questions[&questions::HUB_OFF].scenarios["bad-request"]).unwrap().transitions.len(),
        1
    );
}

#[test]
fn operations_that_answer_differently_are_held_to_their_own_answers() {
    let sheet = AnswerSheet::parse(
        "[Q01]\nanswer = \"bad-request\"\n[Q01.seen]\nCreateMembers = { bad-request = 9 }\n\
         GetMembers = { access-denied = 2 }\nListMembers = { bad-request = 1, invalid-access = 1 }\n",
    )
    .unwrap();
    let (answers, vague) = sheet.answers();
    let expected = |operation| answers.expected(questions::HUB_OFF, operation);
    assert_eq!(expected(Operation::CreateMembers), Some("bad-request"));
    assert_eq!(expected(Operation::GetMembers), Some("access-denied"));
    assert_eq!(expected(Operation::ListMembers), None, "what contradicts itself is not firm");
    assert_eq!(expected(Operation::DeleteMembers), None, "nobody saw it");
    assert_eq!(vague, ["Q01 is left open for ListMembers: the answers seen contradict each other"]);
    assert_eq!(answers.of(Operation::GetMembers).to(questions::HUB_OFF), Some("access-denied"));
    assert_eq!(answers.of(Operation::DeleteMembers).to(questions::HUB_OFF), Some("bad-request"));
}

#[test]
fn a_plain_answer_holds_for_every_operation() {
    let (answers, vague) = AnswerSheet::parse("Q01 = \"access-denied\"\n").unwrap().answers();
    assert!(vague.is_empty());
    for operation in Operation::ALL {
        assert_eq!(answers.expected(questions::HUB_OFF, *operation), Some("access-denied"));
    }
    assert_eq!(answers.expected(questions::TOO_MANY, Operation::CreateMembers), None);
}

#[test]
fn a_sheet_that_makes_no_sense_is_refused_with_the_place_and_the_fix() {
    let refused = |text: &str| AnswerSheet::parse(text).unwrap_err().to_string();
    for (text, wanted) in [
        ("Q01 = \"bad-request\"\nQ02 = \n", "line 2: "),
        ("Q99 = \"x\"", "no open question Q99; `passmuster rules --open` lists them"),
        (
            "Q01 = \"maybe\"",
            "Q01 can't be answered \"maybe\"; it admits bad-request, access-denied, invalid-access",
        ),
        ("Q01 = 3", "Q01: no answer is of type integer; write Q01 = \"ANSWER\""),
        ("[Q01]\nconsistent = true", "Q01: the entry has no answer"),
        (
            "[Q01]\nanswer = \"bad-request\"\n[Q01.seen]\nFly = { bad-request = 1 }",
            "no operation is called \"Fly\"",
        ),
        (
            "[Q01]\nanswer = \"bad-request\"\n[Q01.seen]\nGetMembers = { bad-request = 0 }",
            "how often bad-request was seen",
        ),
        (
            "[Q01]\nanswer = \"bad-request\"\n[Q01.seen]\nGetMembers = { access-denied = 1 }",
            "is none of those seen",
        ),
        ("[Q01]\nanswer = \"bad-request\"\nwhy = 1", "why is not what is expected here"),
    ] {
        assert!(refused(text).contains(wanted), "{text}: {}", refused(text));
    }
}

#[test]
fn sheets_are_compared_by_the_operations_that_both_have_seen() {
    let entry = |text: &str| AnswerSheet::parse(text).unwrap().questions.remove(&questions::HUB_OFF).unwrap();
    let plain = entry("Q01 = \"bad-request\"");
    let seen = |operation: &str, answer: &str| {
        entry(&format!("[Q01]\nanswer = \"{answer}\"\n[Q01.seen]\n{operation} = {{ {answer} = 4 }}"))
    };
    assert!(plain.agrees_with(&seen("GetMembers", "bad-request")));
    assert!(!seen("GetMembers", "access-denied").agrees_with(&plain));
    assert!(seen("GetMembers", "access-denied").agrees_with(&seen("GetMembers", "access-denied")));
    assert!(!seen("GetMembers", "access-denied").agrees_with(&seen("ListMembers", "bad-request")));
}
