//! The first part of a successful answer that is not as the API model says, so that some client can't read it, or reads
//! it as something else.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::words::{DocumentPlace, excerpt, json_type};
use crate::domain::Document;
use crate::domain::shape::{MemberShape, ShapeKind};

/// A part of an answer that does not fit the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The place as a JSON pointer, with a dash in the place of each index.
    pub(super) pointer: String,
    /// The place, what stands there, and what belongs there.
    pub(super) problem: String,
}

/// The first value in the members of an answer that has another type than the model says, or stands there under a name
/// in another case. Nulls of structures are members that were not sent; in what form an instant is written is for the
/// rules on instants to say.
pub(super) fn misfit(known: &[MemberShape], members: &Document) -> Option<Misfit> {
    among(known, members, &DocumentPlace::Root)
}

fn among(known: &[MemberShape], members: &Document, place: &DocumentPlace<'_>) -> Option<Misfit> {
    let of_type = known.iter().find_map(|member| {
        let value = members.get(member.name).filter(|value| !value.is_null())?;
        // An instant, too, though the model has it as any text.
        if member.name == "SubscribedAt" {
            return None;
        }
        of(&member.kind, value, &DocumentPlace::Member(place, member.name))
    });
    of_type.or_else(|| members.keys().find_map(|name| in_another_case(known, members, name, place)))
}

/// A member whose name is that of a known one but for its case, where the latter is not there.
fn in_another_case(
    known: &[MemberShape],
    members: &Document,
    name: &str,
    place: &DocumentPlace<'_>,
) -> Option<Misfit> {
    let meant = known.iter().find(|member| member.name != name && member.name.eq_ignore_ascii_case(name))?;
    let problem = format!("the name {} where {} belongs", excerpt(name.as_bytes()), meant.name);
    let is_there = members.get(meant.name).is_some_and(|value| !value.is_null());
    (!is_there).then(|| Misfit::new(&DocumentPlace::Member(place, meant.name), &problem))
}

fn of(kind: &ShapeKind, value: &Value, place: &DocumentPlace<'_>) -> Option<Misfit> {
    let fits = match (kind, value) {
        (ShapeKind::Structure(known), Value::Object(members)) => return among(known, members, place),
        (ShapeKind::List { item, .. }, Value::Array(items)) => {
            let mut numbered = items.iter().enumerate();
            return numbered.find_map(|(index, value)| of(item, value, &DocumentPlace::Item(place, index)));
        }
        (ShapeKind::Timestamp, _) => true,
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), value) => value.is_string(),
        (ShapeKind::Boolean, value) => value.is_boolean(),
        (ShapeKind::Integer(_), value) => value.is_i64() || value.is_u64(),
        (ShapeKind::Open | ShapeKind::Tags, value) => value.is_object(),
        (ShapeKind::Structure(_) | ShapeKind::List { .. }, _) => false,
    };
    let wrong = || format!("{} where {} belongs", shown(value), wanted(kind));
    (!fits).then(|| Misfit::new(place, &wrong()))
}

impl Misfit {
    fn new(place: &DocumentPlace<'_>, problem: &str) -> Self {
        Self { pointer: place.general(), problem: format!("{problem}, at {place}") }
    }
}

/// A value with its type, as far as it is short.
fn shown(value: &Value) -> String {
    let kind = json_type(value);
    if value.is_null() { kind.to_owned() } else { format!("{kind} {}", excerpt(value.to_string().as_bytes())) }
}

/// The value that a kind wants, with its article.
pub(super) fn wanted(kind: &ShapeKind) -> &'static str {
    match kind {
        ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_) => "a string",
        ShapeKind::Boolean => "a boolean",
        ShapeKind::Integer(_) => "an integer",
        ShapeKind::List { .. } => "a list",
        ShapeKind::Tags => "a map of strings",
        ShapeKind::Structure(_) | ShapeKind::Open => "an object",
    }
}

/// A JSON value, and the first name in it that stands twice in one object.
pub(super) fn read(body: &[u8]) -> Result<(Value, Option<String>), serde_json::Error> {
    let mut twice = None;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Careful { twice: &mut twice }.deserialize(&mut reader)?;
    reader.end()?;
    Ok((value, twice))
}

/// Builds a value, and keeps the first name that it meets twice.
struct Careful<'a> {
    twice: &'a mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Careful<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Careful<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Careful { twice: self.twice })? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Document::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Careful { twice: self.twice })?;
            if members.insert(name.clone(), value).is_some() {
                self.twice.get_or_insert(name);
            }
        }
        Ok(Value::Object(members))
    }
}
