//! Judged calls a second: against the embedded server in process, and over loopback.
//!
//! Each sample is a whole run of random scenarios, probe included: generation, model, codec, transport, judge.

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use passmuster::engine::{EmbeddedSupply, HttpSupply, Interrupt, Phase, Run, RunSettings, Supply};
use passmuster::generate::Ways;
use passmuster::server::{Answers, Listener, Reference};
use passmuster::targets::guard::Guard;
use passmuster::targets::{HttpTransport, Target};

const CALLS: u64 = 10_000;

async fn run<S: Supply>(supply: Arc<S>, seed: u64, workers: usize) -> u64 {
    let settings = RunSettings {
        seed,
        phases: vec![Phase::Probe, Phase::Random],
        workers,
        max_calls: CALLS,
        max_time: Duration::from_secs(600),
        ..RunSettings::default()
    };
    let run = Run::start(supply, settings, &Interrupt::default(), |_| {}).await;
    run.map_or(0, |run| run.tally.judged)
}

fn throughput(criterion: &mut Criterion) {
    // Searched for once a process, and no part of a call.
    let _ = Ways::get();
    let mut group = criterion.benchmark_group("judged_calls");
    group.throughput(Throughput::Elements(CALLS)).sample_size(10);
    let Ok(one) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    group.bench_function("in_process_one_core", |bencher| {
        bencher.iter(|| one.block_on(run(Arc::new(EmbeddedSupply::default()), 1, 1)));
    });
    let Ok(both) = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() else {
        return;
    };
    for workers in [1, 4, 16] {
        let Ok(listener) = both.block_on(Listener::bind(0, Duration::ZERO)) else { return };
        let target = Target { endpoint: Some(listener.endpoint()), ..Target::default() };
        let server = both.spawn(listener.serve(Reference::new(1, Answers::default(), &[])));
        let Ok(transport) = HttpTransport::new(target, Guard::default()) else { return };
        let supply = Arc::new(HttpSupply { transport: Arc::new(transport), reset: None });
        let mut seed = 0;
        group.bench_function(format!("loopback_{workers}_workers"), |bencher| {
            bencher.iter(|| {
                // A seed of its own finds accounts of its own.
                seed += 1;
                both.block_on(run(supply.clone(), seed, workers))
            });
        });
        server.abort();
    }
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
