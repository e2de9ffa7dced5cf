//! Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.

pub mod baseline;
pub mod cli;
pub mod domain;
pub mod event;
pub mod model;
pub mod oracle;
pub mod record;
pub mod report;
pub mod server;
pub mod target;
pub mod wire;
