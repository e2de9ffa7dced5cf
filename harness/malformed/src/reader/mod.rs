//! The independent witness: reads a request as it was written, and says what its reader may do with it.
//!
//! It shares nothing with the decoder in `passmuster_contract::wire`, so that the two can be held against each other.

pub(crate) mod address;
pub(crate) mod expect;
pub mod json;
mod percent;
pub(crate) mod values;

/// The kind of reason why a request was refused, as coarsely as servers agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// No operation has this method and path (`UnknownOperationException`, and what gateways say instead).
    Route,
    /// The media type is none that the server reads or writes (415, 406).
    Media,
    /// The text or the types are wrong (`SerializationException`).
    Parse,
    /// A constraint of the API model is broken (`ValidationException`).
    Constraint,
}
