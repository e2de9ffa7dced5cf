//! Malformed requests to the AWS Security Hub membership API, and what may be answered to them.

pub mod fuzzing;
pub mod malformation;
