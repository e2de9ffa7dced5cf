//! Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.

pub mod domain;
pub mod target;
pub mod wire;
