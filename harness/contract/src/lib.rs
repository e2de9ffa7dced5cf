//! The contract of the AWS Security Hub membership API: vocabulary, catalogue, executable model, judge, traces and
//! their check.
//!
//! Nothing in this crate does I/O, reads a clock or draws a random number.

// A new operation, effect or expectation: the compiler names what it has to decide.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod catalogue;
pub mod check;
pub mod domain;
pub mod model;
pub mod oracle;
pub mod trace;
pub mod wire;

#[cfg(test)]
#[path = "../build/names.rs"]
mod names;
