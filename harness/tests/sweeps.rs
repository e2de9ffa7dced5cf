//! The wide sweeps of the library: the tests whose breadth takes an optimised build, all seeds, faults and answers.
//!
//! `cargo test --profile sweep -p passmuster --test sweeps` runs them; the ordinary suite takes samples.

mod answers;
mod boundary;
mod breadth;
mod cast_kills;
mod causes;
mod held;
mod laws;
mod malformed_shards;
mod sample;
mod self_test;
mod support {
    pub(crate) mod cast;
    pub(crate) mod malformed;
}
mod walk;

/// These are the sweeps.
const SWEEPS: bool = true;
