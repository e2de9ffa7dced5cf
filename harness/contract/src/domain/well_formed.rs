//! Well-formed inputs, made out of the shapes of operations: who needs one says which members it has and what stands in
//! them.

use serde_json::{Value, json};

use super::shape::{MemberShape, ShapeKind};
use super::{Document, Operation};

/// The members of an input that are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Those that are required.
    Required,
    /// Those that are required, with all that may stand within them.
    RequiredWhole,
    /// All.
    All,
}

/// A form for inputs. It fills in structures and lists; what stands in their leaves is the caller's to say.
pub struct InputForm<'a> {
    /// The members that are filled in.
    pub fill: Fill,
    /// The length of lists, by their bounds.
    pub length: &'a dyn Fn(Option<(usize, usize)>) -> usize,
    /// The value of a member that is neither a structure nor a list, by its name, its kind, and the place of the entry
    /// that it stands in: one that the constraints of the kind admit.
    pub leaf: &'a dyn Fn(&str, &ShapeKind, usize) -> Value,
}

impl InputForm<'_> {
    /// A length for lists of one entry.
    pub const ONE: &'static dyn Fn(Option<(usize, usize)>) -> usize = &|_| 1;

    /// The input of an operation.
    #[must_use]
    pub fn input(&self, operation: Operation) -> Document {
        self.entry(operation.shape().input, self.fill != Fill::All, 0)
    }

    /// The value of one member.
    #[must_use]
    pub fn member(&self, member: &MemberShape) -> Value {
        self.value(member.name, &member.kind, 0)
    }

    fn entry(&self, members: &[MemberShape], required_alone: bool, place: usize) -> Document {
        let filled = members.iter().filter(|member| member.required || !required_alone);
        filled.map(|member| (member.name.to_owned(), self.value(member.name, &member.kind, place))).collect()
    }

    fn value(&self, name: &str, kind: &ShapeKind, place: usize) -> Value {
        match kind {
            ShapeKind::List { bounds, item } => {
                (0..(self.length)(*bounds)).map(|place| self.value(name, item, place)).collect()
            }
            ShapeKind::Structure(members) => self.entry(members, self.fill == Fill::Required, place).into(),
            ShapeKind::String
            | ShapeKind::NonEmpty
            | ShapeKind::Timestamp
            | ShapeKind::Boolean
            | ShapeKind::Integer(_)
            | ShapeKind::Enum(_)
            | ShapeKind::Tags
            | ShapeKind::Open => (self.leaf)(name, kind, place),
        }
    }
}

/// A value for a leaf whose text doesn't matter: the first that its kind admits.
#[must_use]
pub fn plain(kind: &ShapeKind) -> Value {
    match kind {
        ShapeKind::String | ShapeKind::NonEmpty => json!("text"),
        ShapeKind::Timestamp => json!("2026-01-01T00:00:00Z"),
        ShapeKind::Boolean => json!(true),
        ShapeKind::Integer(bounds) => json!(bounds.map_or(1, |(least, _)| least)),
        ShapeKind::Enum(words) => json!(words.first()),
        ShapeKind::Tags => json!({ "team": "one" }),
        ShapeKind::List { .. } => json!([]),
        ShapeKind::Structure(_) | ShapeKind::Open => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(fill: Fill, operation: Operation) -> Value {
        InputForm { fill, length: InputForm::ONE, leaf: &|_, kind, _| plain(kind) }.input(operation).into()
    }

    #[test]
    fn a_form_fills_in_what_it_is_to() {
        let create = |fill| input(fill, Operation::CreateMembers);
        assert_eq!(create(Fill::Required), json!({ "AccountDetails": [{ "AccountId": "text" }] }));
        let whole = json!({ "AccountDetails": [{ "AccountId": "text", "Email": "text" }] });
        assert_eq!((create(Fill::RequiredWhole), create(Fill::All)), (whole.clone(), whole));
        assert_eq!(input(Fill::RequiredWhole, Operation::ListMembers), json!({}));
        assert_eq!(input(Fill::All, Operation::GetInvitationsCount), json!({}));
    }

    #[test]
    fn each_entry_of_a_list_knows_its_place() {
        let leaf = |_: &str, _: &ShapeKind, place: usize| json!(place);
        let form = InputForm { fill: Fill::Required, length: &|_| 3, leaf: &leaf };
        assert_eq!(Value::from(form.input(Operation::GetMembers)), json!({ "AccountIds": [0, 1, 2] }));
    }
}
