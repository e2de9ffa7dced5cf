//! The wide sweeps of the program: the tests that are too wide for the ordinary suite, all seeds, faults and shards.
//!
//! `cargo test -p passmuster-cli --test sweeps` runs them; the ordinary suite takes samples.

#[path = "../../tests/breadth.rs"]
mod breadth;
mod goals;
mod recorded_runs;
#[path = "../../tests/sample/mod.rs"]
mod sample;
#[path = "../../tests/schema.rs"]
mod schema;
mod shards;
mod support;

/// These are the sweeps.
const SWEEPS: bool = true;
