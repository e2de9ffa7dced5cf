//! Promises of the program, seen from outside: one test program, since each would link everything once more.
//!
//! `cargo test -p passmuster-cli --test all shards::` runs one file.

#[path = "../../tests/breadth.rs"]
mod breadth;
mod check;
mod check_beside;
mod check_files;
mod cli;
mod cli_answers;
mod cli_cast;
mod cli_config;
mod cli_corpus;
mod cli_errors;
mod cli_fuzz;
mod cli_help;
mod cli_protocol;
mod cli_reports;
mod cli_review;
mod cli_roles;
mod cli_rules;
mod cli_signals;
mod doctor;
mod goals;
mod hostile;
mod known;
mod power;
mod recorded_runs;
#[path = "../../tests/sample/mod.rs"]
mod sample;
#[path = "../../tests/schema.rs"]
mod schema;
mod sdk_impact;
mod secrets;
mod shards;
mod spawn;
mod support;

/// The ordinary suite takes samples of what `sweeps` goes through as a whole.
const SWEEPS: bool = false;
