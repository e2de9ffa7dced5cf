//! Malformed requests: what can be wrong with one, and what a server may answer to it.
//!
//! A [`Message`] is a request as a tree that can be wrong in every part. A [`Class`] spoils it in one way; each of its
//! requests says which answers are [`Allowed`]. The [`classes`] are those of the catalogue, by part of the request.

mod answers;
mod catalogue;
mod class;
mod compose;
mod compress;
mod constraints;
mod edit;
mod framing;
mod framing_body;
mod headers;
mod members;
mod members_entries;
mod members_names;
mod message;
pub mod protocol;
mod query;
mod reading;
mod routing;
mod sample;
mod sequences;
mod signing;
mod text;
mod text_form;
mod text_names;
mod text_size;
mod text_strings;
mod text_syntax;

pub use answers::{Allowed, Refusal, Set};
pub use catalogue::{class, classes};
pub use class::{Class, ClassId, HOMES, Malformed, Operator, Part, Procedure, Spoil};
pub use compose::{Composer, Composition, Ingredient};
pub use message::{Base, Delivery, Framing, Host, Message, Signing, Spoilt, line};
