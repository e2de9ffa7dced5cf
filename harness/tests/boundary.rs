//! Cases at the edge of each constraint: they cover all of them, are silent where nothing is wrong, and loud where
//! something is.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use passmuster::domain::Operation;
use passmuster::engine::{EmbeddedSupply, Execution, Executor, RunSettings, Supply, SupportTable};
use passmuster::generate::{Case, CastNaming, parse_scenario, write_scenario};
use passmuster::model::{Answers, questions};
use passmuster::server::Fault;

fn cases() -> Vec<Case> {
    Case::all(&[Operation::ALL, Operation::SETUP].concat(), 4, 2)
}

/// Runs a case against a server of its own.
async fn run(supply: &EmbeddedSupply, case: &Case) -> Execution {
    let settings = RunSettings::default();
    let support = SupportTable::default();
    let naming = CastNaming::new(100_000_000_000, 0, settings.regions.clone());
    let sut = supply.open();
    Executor::new(&sut, &support, &settings, naming).scenario(&case.scenario).await
}

fn assert_clean(case: &Case, execution: &Execution, what: &str) {
    let text = write_scenario(&case.scenario);
    assert!(execution.found.is_empty(), "{what}, {}: {:?}\n{text}", case.id, execution.found);
    assert!(execution.tally.inconclusive.is_empty(), "{what}, {}: {:?}\n{text}", case.id, execution.tally);
    assert!(execution.tally.judged > 0, "{what}, {}: nothing was judged\n{text}", case.id);
}

#[tokio::test]
async fn every_case_is_clean_against_an_untouched_server() {
    let (mut calls, mut of_walks) = (0, 0);
    for case in cases() {
        let execution = run(&EmbeddedSupply::default(), &case).await;
        assert_clean(&case, &execution, "untouched");
        *(if case.is_walk() { &mut of_walks } else { &mut calls }) += execution.tally.calls;
    }
    panic!("{calls} calls, walks {of_walks}, {} cases", cases().len());
}
