//! The wide sweeps of the library: the tests that are too wide for the ordinary suite, all seeds, faults and answers.
//!
//! `cargo test -p passmuster --test sweeps` runs them; the ordinary suite takes samples.

mod answers;
mod boundary;
mod breadth;
mod cast_kills;
mod causes;
mod held;
mod laws;
mod malformed_breadth;
mod sample;
mod self_test;
mod support {
    pub(crate) mod cast;
    pub(crate) mod malformed;
}
mod walk;
mod wide;

/// These are the sweeps.
const SWEEPS: bool = true;
