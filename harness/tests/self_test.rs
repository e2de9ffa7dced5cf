//! The harness against its own server: silent where nothing is wrong, loud where something is.

use std::sync::Arc;
use std::time::Duration;

use passmuster::engine::{EmbeddedSupply, Interrupt, Run, RunSettings};
use passmuster::server::{Answers, Fault};

async fn run(supply: EmbeddedSupply, seed: u64, max_calls: u64) -> Run {
    let settings =
        RunSettings { seed, max_calls, max_time: Duration::from_secs(600), workers: 2, ..RunSettings::default() };
    Run::start(Arc::new(supply), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

fn report(run: &Run) -> String {
    let lines = run.findings.iter().map(|finding| {
        let scenario = passmuster::generate::write_scenario(&finding.scenario);
        format!("{:?}\n{scenario}", finding.divergence)
    });
    lines.chain(run.unconfirmed.iter().map(|lost| format!("{lost:?}"))).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_server_draws_nothing_over_twenty_seeds() {
    for seed in 0..20 {
        let run = run(EmbeddedSupply::default(), seed, 5_000).await;
        assert!(run.findings.is_empty() && run.unconfirmed.is_empty(), "seed {seed}:\n{}", report(&run));
        assert!(run.tally.inconclusive.is_empty(), "seed {seed}: {:?}", run.tally.inconclusive);
        assert!(run.tally.judged > 4_000, "seed {seed}: {} judged", run.tally.judged);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_admissible_answer_to_an_open_question_is_a_divergence() {
    for (question, answers) in passmuster::model::questions::ALL {
        for answer in *answers {
            let mut chosen = Answers::default();
            chosen.choose(question.0, answer).unwrap();
            let supply = EmbeddedSupply { answers: chosen, ..EmbeddedSupply::default() };
            let run = run(supply, 7, 5_000).await;
            assert!(
                run.findings.is_empty() && run.unconfirmed.is_empty(),
                "{question}={answer}:\n{}",
                report(&run)
            );
            assert!(run.tally.inconclusive.is_empty(), "{question}={answer}: {:?}", run.tally.inconclusive);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_found_and_blamed_on_its_rule() {
    let mut table = String::new();
    let mut wrong = Vec::new();
    for fault in Fault::ALL {
        let supply = EmbeddedSupply { faults: vec![*fault], ..EmbeddedSupply::default() };
        let run = run(supply, 3, 20_000).await;
        let blamed = run.findings.iter().find(|finding| finding.divergence.rules.first() == Some(&fault.rule()));
        match blamed {
            Some(finding) => table.push_str(&format!(
                "{:<28} {:<15} {:>6} {:>3}\n",
                fault.name(),
                fault.rule().0,
                finding.found_after_calls,
                finding.scenario.transitions.len()
            )),
            None => wrong.push(format!("{fault} ({}):\n{}", fault.rule(), report(&run))),
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}
