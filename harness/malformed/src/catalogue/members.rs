//! Faults of the members of a body: their names and the types of their values.

use serde_json::{Value, json};

use super::class::{Class, Malformed, Part};
use super::edit::{body_members, object, with_member, without_member};
use super::members_entries::{
    bare_entries, bare_ids, entry_as_array, entry_without_members, entry_without_required, id_in_other_type,
    id_null, id_number, id_with_leading_zero, ids_as_objects, null_among_entries, optional_null,
    optional_of_other_type,
};
use super::members_names::{
    hostile_names, legacy_name, of_another_operation, other_case, other_spelling, type_member, unknown_members,
    wrapped,
};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Document;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

const MEMBERS: Part = Part::Members;
const TAGGING: &str = "TagResource is not among the operations under test";

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(194, MEMBERS, "a required list is missing", &["D80"], list_missing),
    Class::spoils(195, MEMBERS, "a required list is null", &["D80"], list_null),
    Class::spoils(196, MEMBERS, "a list of another type", &["D75"], list_of_other_type),
    Class::spoils(197, MEMBERS, "a list as an object of numbered members", &["D75"], list_numbered),
    Class::spoils(198, MEMBERS, "an entry of another type", &["D75"], bare_entries),
    Class::spoils(199, MEMBERS, "the values of an entry as an array", &["D84"], entry_as_array),
    Class::spoils(200, MEMBERS, "null among the entries", &["D78", "I12"], null_among_entries),
    Class::spoils(201, MEMBERS, "an entry without members", &["D80"], entry_without_members),
    Class::spoils(202, MEMBERS, "an entry without its required member", &["D80"], entry_without_required),
    Class::spoils(203, MEMBERS, "a required member of an entry is null", &["D80"], id_null),
    Class::spoils(204, MEMBERS, "an id as a number", &["D75"], id_number),
    Class::spoils(205, MEMBERS, "an id as a number that begins with zero", &["D71"], id_with_leading_zero),
    Class::spoils(206, MEMBERS, "an id of another type", &["D75"], id_in_other_type),
    Class::spoils(207, MEMBERS, "an optional member of an entry is null", &["D79"], optional_null),
    Class::spoils(
        208,
        MEMBERS,
        "an optional member of an entry has another type",
        &["D75"],
        optional_of_other_type,
    ),
    Class::spoils(209, MEMBERS, "an unknown member", &["D81"], unknown_members),
    Class::spoils(210, MEMBERS, "an unknown member with a name of power", &["D81", "I14"], hostile_names),
    Class::spoils(211, MEMBERS, "a member __type", &["D82"], type_member),
    Class::spoils(212, MEMBERS, "a required member in another case", &["D83", "D80"], other_case),
    Class::spoils(213, MEMBERS, "a required member in another spelling", &["D83", "D80"], other_spelling),
    Class::spoils(214, MEMBERS, "the input of another operation", &["D80"], of_another_operation),
    Class::spoils(215, MEMBERS, "the input within another object", &["D80"], wrapped),
    Class::spoils(216, MEMBERS, "ids as objects", &["D75"], ids_as_objects),
    Class::spoils(217, MEMBERS, "ids as one string", &["D75"], ids_as_string),
    Class::spoils(218, MEMBERS, "null or a number among ids", &["D78", "D75"], bare_ids),
    Class::spoils(219, MEMBERS, "a required list of ids is missing", &["D80"], ids_missing),
    Class::spoils(220, MEMBERS, "an optional boolean as a text or a number", &["D76"], boolean_of_other_type),
    Class::spoils(221, MEMBERS, "an optional boolean is null", &["D79"], boolean_null),
    Class::spoils(222, MEMBERS, "tags as a list", &["D75"], tags_as_list),
    Class::spoils(223, MEMBERS, "a tag with a value of another type", &["D78", "D75"], tags_of_other_type),
    Class::spoils(224, MEMBERS, "tags are null", &["D79"], tags_null),
    Class::spoils(225, MEMBERS, "an optional word is a number, or null", &["D75", "D79"], word_of_other_type),
    Class::spoils(
        226,
        MEMBERS,
        "an optional boolean as the text of its contrary",
        &["D76", "I24"],
        boolean_as_text,
    ),
    Class::spoils(227, MEMBERS, "a required string is missing", &["D80"], string_missing),
    Class::spoils(228, MEMBERS, "a member by its former name", &["D80"], legacy_name),
    Class::spoils(
        229,
        MEMBERS,
        "a required boolean is missing, null or of another type",
        &["D80", "D76"],
        required_boolean,
    ),
    Class::spoils(230, MEMBERS, "a structure of another type", &["D75"], structure_of_other_type),
    Class::excused(231, MEMBERS, "tags of a resource are missing", &["D80"], TAGGING),
];

/// The members of the body that are such, each with the members that the body has.
fn such(
    base: &Base,
    message: &Message,
    is_such: impl Fn(&MemberShape) -> bool,
) -> Vec<(&'static MemberShape, Document)> {
    let Some(members) = object(base, message) else { return Vec::new() };
    body_members(base.operation).filter(|member| is_such(member)).map(|member| (member, members.clone())).collect()
}

/// One request for each value of each member that is such.
pub(super) fn valued(
    base: &Base,
    message: &Message,
    sets: &[Set],
    is_such: impl Fn(&MemberShape) -> bool,
    values: &[(&str, Value)],
) -> Vec<Malformed> {
    let mut requests = Vec::new();
    for (member, members) in such(base, message, is_such) {
        requests.extend(values.iter().map(|(label, value)| {
            let request = with_member(message, &members, member.name, value.clone());
            Malformed::new(format!("{} {label}", member.name), request, sets)
        }));
    }
    requests
}

/// One request for each member that is such, without it.
fn missing(base: &Base, message: &Message, is_such: impl Fn(&MemberShape) -> bool) -> Vec<Malformed> {
    let found = such(base, message, is_such).into_iter();
    let make = |(member, members): (&MemberShape, Document)| {
        let request = without_member(message, &members, member.name);
        Malformed::new(format!("{} missing", member.name), request, &[Set::Constraint])
    };
    found.map(make).collect()
}

/// One request for each optional member that is such, with null in its place: as if it had not been sent.
fn null(base: &Base, message: &Message, is_such: impl Fn(&MemberShape) -> bool) -> Vec<Malformed> {
    let found = such(base, message, |member| !member.required && is_such(member)).into_iter();
    let make = |(member, members): (&MemberShape, Document)| {
        let request = with_member(message, &members, member.name, Value::Null);
        let malformed = Malformed::new(format!("{} null", member.name), request, &[Set::AsRepaired]);
        malformed.as_if(without_member(message, &members, member.name))
    };
    found.map(make).collect()
}

fn is_list(member: &MemberShape) -> bool {
    matches!(member.kind, ShapeKind::List { .. })
}

fn is_list_of_ids(member: &MemberShape) -> bool {
    matches!(member.kind, ShapeKind::List { item: ShapeKind::NonEmpty, .. })
}

fn is_boolean(member: &MemberShape) -> bool {
    matches!(member.kind, ShapeKind::Boolean)
}

fn is_word(member: &MemberShape) -> bool {
    matches!(member.kind, ShapeKind::Enum(_))
}

fn is_tags(member: &MemberShape) -> bool {
    matches!(member.kind, ShapeKind::Tags)
}

fn list_missing(base: &Base, message: &Message) -> Vec<Malformed> {
    missing(base, message, |member| member.required && is_list(member) && !is_list_of_ids(member))
}

fn ids_missing(base: &Base, message: &Message) -> Vec<Malformed> {
    missing(base, message, |member| member.required && is_list_of_ids(member))
}

fn string_missing(base: &Base, message: &Message) -> Vec<Malformed> {
    missing(base, message, |member| member.required && matches!(member.kind, ShapeKind::NonEmpty))
}

fn list_null(base: &Base, message: &Message) -> Vec<Malformed> {
    let is_such = |member: &MemberShape| member.required && is_list(member);
    valued(base, message, &[Set::Constraint], is_such, &[("null", Value::Null)])
}

fn list_of_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let values =
        [("an object", json!({})), ("a string", json!("x")), ("a number", json!(1)), ("a boolean", json!(true))];
    valued(base, message, &[Set::Parse], is_list, &values)
}

fn list_numbered(base: &Base, message: &Message) -> Vec<Malformed> {
    let found = such(base, message, is_list).into_iter();
    let make = |(member, members): (&MemberShape, Document)| {
        let first = members.get(member.name).and_then(|list| list.get(0)).cloned().unwrap_or_else(|| json!("x"));
        let request = with_member(message, &members, member.name, json!({ "0": first }));
        Malformed::new(format!("{} numbered", member.name), request, &[Set::Parse])
    };
    found.map(make).collect()
}

fn ids_as_string(base: &Base, message: &Message) -> Vec<Malformed> {
    let [first, second] = &base.strangers;
    let values = [("one id", json!(first)), ("parted by commas", json!(format!("{first},{second}")))];
    valued(base, message, &[Set::Parse], is_list_of_ids, &values)
}

fn boolean_of_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = [("\"true\"", json!("true")), ("1", json!(1)), ("0", json!(0)), ("\"yes\"", json!("yes"))];
    valued(base, message, &[Set::Parse], |member| !member.required && is_boolean(member), &values)
}

fn boolean_as_text(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = [("\"false\"", json!("false")), ("\"False\"", json!("False")), ("\"\"", json!(""))];
    valued(base, message, &[Set::Parse], |member| !member.required && is_boolean(member), &values)
}

fn boolean_null(base: &Base, message: &Message) -> Vec<Malformed> {
    null(base, message, is_boolean)
}

fn required_boolean(base: &Base, message: &Message) -> Vec<Malformed> {
    let is_such = |member: &MemberShape| member.required && is_boolean(member);
    let mut requests = missing(base, message, is_such);
    requests.extend(valued(base, message, &[Set::Constraint], is_such, &[("null", Value::Null)]));
    let values = [("\"true\"", json!("true")), ("\"false\"", json!("false")), ("1", json!(1))];
    requests.extend(valued(base, message, &[Set::Parse], is_such, &values));
    requests
}

fn tags_as_list(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = [("as pairs", json!([{ "Key": "a", "Value": "b" }])), ("empty", json!([]))];
    valued(base, message, &[Set::Parse], is_tags, &values)
}

fn tags_of_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = [
        ("with null", json!({ "a": null })),
        ("with a number", json!({ "a": 1 })),
        ("with an object", json!({ "a": {} })),
    ];
    valued(base, message, &[Set::Parse, Set::Constraint], is_tags, &values)
}

fn tags_null(base: &Base, message: &Message) -> Vec<Malformed> {
    null(base, message, is_tags)
}

fn word_of_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let mut requests = valued(base, message, &[Set::Parse], is_word, &[("a number", json!(1))]);
    requests.extend(null(base, message, is_word));
    requests
}

fn structure_of_other_type(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = [("a string", json!("LOCAL")), ("a list", json!([])), ("a number", json!(1))];
    valued(base, message, &[Set::Parse], |member| matches!(member.kind, ShapeKind::Structure(_)), &values)
}
