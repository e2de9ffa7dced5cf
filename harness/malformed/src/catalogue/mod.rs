//! The catalogue: every class of malformed requests, in the order of their numbers.

mod class;
mod compress;
mod constraints;
mod edit;
mod framing;
mod framing_body;
mod generated;
mod headers;
mod members;
mod members_entries;
mod members_names;
mod parsers;
mod query;
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

pub use class::{Class, ClassId, HOMES, Malformed, Operator, Part, Procedure, Spoil};

/// The classes in the order of their numbers, by what they spoil.
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
    parsers::CLASSES,
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
