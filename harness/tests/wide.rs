//! Tests too wide for the ordinary suite that have no smaller sample.

use crate::support::malformed::{recorded, settings as malformed, supply};
use crate::walk::{settings, walk};
use passmuster::domain::Profile;
use passmuster::engine::{EmbeddedSupply, RunSettings};
use passmuster::malformed::{Operator, classes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_was_cut_short_is_never_complete() {
    let settings = RunSettings { max_calls: 1_000, ..settings(4, 9) };
    let record = walk(settings, EmbeddedSupply::default()).await;
    assert!(record.walk.truncated && !record.walk.complete, "{:?}", record.walk);
}

/// The untouched server draws nothing, and every class that can be sent by itself is.
async fn is_silent(profile: Profile) {
    let settings = RunSettings { profile, ..malformed() };
    let run = recorded(supply(profile, &[]), settings).await;
    assert!(run.divergences.is_empty(), "{profile:?}: {:#?}", run.divergences);
    assert!(run.remarks.is_empty() && run.stopped.is_none(), "{profile:?}: {:?} {:?}", run.remarks, run.stopped);
    let left_out: Vec<&String> = run.wire.not_sent.values().flatten().collect();
    for class in classes().filter(|class| matches!(class.operator, Operator::Spoils(_))) {
        assert!(!left_out.contains(&&class.id.to_string()), "{profile:?}: {:?}", run.wire.not_sent);
    }
    assert_eq!(run.wire.operations.len(), 30);
    assert!(run.wire.compositions > 500 && run.totals.wire_requests > 5_000, "{:?}", run.wire);
    assert!(run.goals.is_empty(), "{:?}", run.goals);
    assert_eq!(run.exit_code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_server_draws_nothing_whatever_it_answers_as() {
    for profile in [Profile::Smithy, Profile::Union, Profile::Aws] {
        is_silent(profile).await;
    }
}
