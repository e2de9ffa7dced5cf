//! The protocol (AWS restJson1): typed members to HTTP and back. Pure; knows nothing of the contract.

mod http;

pub use http::{HttpRequest, HttpResponse};
