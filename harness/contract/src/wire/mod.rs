//! The protocol (AWS restJson1): typed members to HTTP and back. Pure; knows nothing of the contract.
//!
//! [`encode_request`] and [`decode_response`] are a client's half: the first sends what it is given, right or wrong,
//! the second reads whatever a client could read. [`decode_request`], [`encode_response`] and [`encode_error`] are a
//! server's half, and strict. [`violations`] says which constraints of the API model a request breaks, [`form_flaw`] what
//! an answer that can be read has against it.

mod constraint;
mod decode;
mod encode;
mod error;
mod http;
mod misfit;
mod outcome;
mod query;
mod words;

pub use constraint::{Violation, violations};
pub use decode::{RequestError, decode_request, route};
pub use encode::{
    encode_creation_status, encode_error, encode_organizations_error, encode_request, encode_response,
};
pub use error::{FormFlaw, decode_error, form_flaw};
pub use http::{HttpRequest, HttpResponse};
pub use outcome::decode_response;
pub use query::RESERVED;
