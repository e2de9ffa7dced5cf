//! The constraints of the API model, held against the members of a request. Types are for `decode`.

use std::fmt;

use serde_json::Value;

use super::words::DocumentPlace;
use crate::domain::shape::{MemberShape, ShapeKind};
use crate::domain::{Document, Operation};

/// A constraint that a request breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The place, as a JSON pointer into the members.
    pub pointer: String,
    /// The problem, in words that fit after the place.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pointer, self.problem)
    }
}

/// More than anybody reads; a list of a million blanks must not become a million sentences.
const MOST_VIOLATIONS: usize = 100;

/// Every constraint of the API model that the members of a request break, in the order of the table, up to a hundred.
///
/// A null is a member that was not sent. Values of a wrong JSON type break no constraint: they can't be read at all,
/// which is [`decode_request`](super::decode_request)'s to say.
#[must_use]
pub fn violations(operation: Operation, members: &Document) -> Vec<Violation> {
    let mut found = Violations(Vec::new());
    found.structure(operation.shape().input, members, &DocumentPlace::Root);
    found.0
}

struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, place: &DocumentPlace<'_>, problem: impl Into<String>) {
        if self.0.len() < MOST_VIOLATIONS {
            self.0.push(Violation { pointer: place.to_string(), problem: problem.into() });
        }
    }

    fn structure(&mut self, known: &[MemberShape], members: &Document, place: &DocumentPlace<'_>) {
        for member in known {
            let place = DocumentPlace::Member(place, member.name);
            match members.get(member.name) {
                None | Some(Value::Null) if member.required => self.add(&place, "is required"),
                None | Some(Value::Null) => {}
                Some(value) => self.value(&member.kind, value, &place),
            }
        }
    }

    fn value(&mut self, kind: &ShapeKind, value: &Value, place: &DocumentPlace<'_>) {
        match (kind, value) {
            (ShapeKind::NonEmpty, Value::String(text)) if text.trim().is_empty() => {
                self.add(place, "must hold a character that is not white space");
            }
            (ShapeKind::Enum(allowed), Value::String(text)) if !allowed.contains(&text.as_str()) => {
                self.add(place, format!("must be one of {}", allowed.join(", ")));
            }
            (ShapeKind::Integer(Some((least, most))), Value::Number(number)) => {
                let integer = number.as_i64().or(number.is_u64().then_some(i64::MAX));
                if integer.is_some_and(|integer| !(*least..=*most).contains(&integer)) {
                    self.add(place, format!("must be {least} to {most}, is {number}"));
                }
            }
            (ShapeKind::List { bounds, item }, Value::Array(items)) => {
                if let Some((least, most)) = bounds {
                    self.length("entries", items.len(), *least, *most, place);
                }
                for (index, value) in items.iter().enumerate() {
                    self.value(item, value, &DocumentPlace::Item(place, index));
                }
            }
            (ShapeKind::Structure(known), Value::Object(members)) => self.structure(known, members, place),
            (ShapeKind::Tags, Value::Object(tags)) => self.tags(tags, place),
            _ => {}
        }
    }

    fn tags(&mut self, tags: &Document, place: &DocumentPlace<'_>) {
        self.length("tags", tags.len(), 1, 50, place);
        for (key, value) in tags {
            let place = DocumentPlace::Member(place, key);
            // The model's pattern holds a range, from the plus sign to the equals sign.
            let fits = |letter: char| {
                letter.is_ascii_alphabetic() || "._".contains(letter) || ('+'..='=').contains(&letter)
            };
            if !key.chars().all(fits) {
                self.add(&place, "must have a key of letters, digits and + - = . _ : /");
            }
            if key.starts_with("aws:") {
                self.add(&place, "must not have a key that begins with aws:");
            }
            self.length("characters in its key", key.chars().count(), 1, 128, &place);
            if let Value::String(text) = value {
                self.length("characters", text.chars().count(), 0, 256, &place);
            }
        }
    }

    fn length(&mut self, what: &str, length: usize, least: usize, most: usize, place: &DocumentPlace<'_>) {
        if !(least..=most).contains(&length) {
            self.add(place, format!("must hold {least} to {most} {what}, holds {length}"));
        }
    }
}
