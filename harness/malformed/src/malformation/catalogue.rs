//! The catalogue: every class of malformed requests, in the order of their numbers.

use super::class::{Class, ClassId};
use super::{constraints, framing, headers, members, query, routing, sequences, signing, text};

/// The classes by what they spoil, in the order of their numbers.
const CATALOGUE: &[&[Class]] = &[
    framing::CLASSES,
    routing::CLASSES,
    headers::CLASSES,
    signing::CLASSES,
    text::CLASSES,
    members::CLASSES,
    query::CLASSES,
    constraints::CLASSES,
    sequences::CLASSES,
];

/// Every class, in the order of their numbers.
pub fn classes() -> impl Iterator<Item = &'static Class> {
    CATALOGUE.iter().copied().flatten()
}

/// The class of this number.
#[must_use]
pub fn class(id: ClassId) -> Option<&'static Class> {
    classes().find(|class| class.id == id)
}
