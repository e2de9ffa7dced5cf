//! Malformed requests: what can be wrong with one, and what a server may answer to it.
//!
//! A [`Message`] is a request as a tree that can be wrong in every part. A [`Class`] spoils it in one way; each of its
//! requests says which answers are [`Allowed`].

mod answers;
mod class;
mod message;

pub use answers::{Allowed, Refusal, Set};
pub use class::{Class, ClassId, Malformed, Operator, Part, Procedure};
pub use message::{Base, Delivery, Framing, Host, Message, Signing, Spoilt, line};

/// The classes.
pub const CATALOGUE: &[Class] = &[];
