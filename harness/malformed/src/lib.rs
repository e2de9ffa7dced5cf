//! Malformed requests to the AWS Security Hub membership API: what can be wrong with one, and what a server may
//! answer to it.
//!
//! A [`Message`] is a request as a tree that can be wrong in every part. A [`Class`] spoils it in one way; each of its
//! requests says which answers are [`Allowed`]. The [`classes`] are those of the catalogue, by part of the request.
//! [`kit`] holds parsers and servers of other people against them.
//!
//! Nothing here sends a request, and nothing here depends on a client, a runtime or a command line.

mod answers;
mod catalogue;
mod complaint;
mod compose;
mod dice;
mod invariants;
mod judge;
pub mod kit;
mod message;
pub mod protocol;
pub mod reader;
mod shrink;
mod strict;

pub use answers::{Allowed, ErrorAnswer, Set};
pub use catalogue::{Class, ClassId, HOMES, Malformed, Operator, Part, Procedure, Spoil, class, classes};
pub use complaint::{Aspect, Cause, Complaint, InvariantId};
pub use compose::{Composer, Composition, Ingredient};
pub use dice::{Dice, SplitMix};
pub use invariants::check_invariants;
pub use judge::{NormalResponse, Trial, in_order, kind_of, shortened};
pub use message::{Base, Delivery, Framing, HeadStyle, Host, Message, Signing, Spoilt, line};
pub use shrink::{Cut, Subject, cuts, is_still_wrong};
