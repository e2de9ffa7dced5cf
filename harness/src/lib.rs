//! Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.

pub mod baseline;
pub mod cli;
pub mod contract;
pub mod domain;
pub mod engine;
pub mod event;
pub mod fuzzing;
pub mod generate;
pub mod malformation;
pub mod model;
pub mod oracle;
pub mod record;
pub mod report;
pub mod sdk;
pub mod server;
pub mod target;
pub mod trace;
pub mod wire;
