//! Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.

pub mod contract;
pub mod domain;
pub mod wire;
