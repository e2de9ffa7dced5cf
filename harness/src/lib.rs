//! Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.

pub use passmuster_contract::{catalogue, check, domain, model, oracle, trace, wire};
pub use passmuster_malformed::{fuzzing, malformation};

pub mod baseline;
pub mod engine;
pub mod event;
pub mod generate;
pub mod record;
pub mod report;
pub mod sdk;
pub mod server;
pub mod targets;
