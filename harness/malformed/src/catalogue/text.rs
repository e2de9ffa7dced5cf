//! Faults of the text of a body: the bytes, whatever they were to say.

use super::class::{Class, Malformed, Part};
use super::edit::{body_members, changed, needs_body, object, text, with_body};
use super::text_form::{latin_1, other_formats, rewritten, utf_16};
use super::text_names::{
    duplicate_in_entry, duplicates_equal, duplicates_escaped, duplicates_unlike, empty_name, escaped_name,
    lookalikes,
};
use super::text_size::{
    bottomless, colliding, crowded, deep_member, deep_unknown, long_name, padded_by_megabytes,
};
use super::text_strings::{
    bad_escapes, bad_utf_8, bad_utf_8_in_name, bad_utf_8_in_unknown, controls, delete_and_c1, lone_surrogates,
    noncharacters, nul,
};
use super::text_syntax::{
    comma_first, comments, doubled, foreign_blanks, missing, misspelt, not_numbers, number_syntax, quotes,
    swapped_brackets, trailing_commas, truncated, vast_numbers,
};
use crate::answers::Set;
use crate::message::{Base, Message};

const TEXT: Part = Part::Text;

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(142, TEXT, "an empty body where members are required", &["D39c"], empty),
    Class::spoils(143, TEXT, "a blank body", &["D60"], blank),
    Class::spoils(144, TEXT, "an empty body where no member is required", &["D39c"], empty_for_optional),
    Class::spoils(145, TEXT, "the body is cut off", &["D60"], truncated),
    Class::spoils(146, TEXT, "one structural byte is missing", &["D60"], missing),
    Class::spoils(147, TEXT, "one structural byte is there twice", &["D60"], doubled),
    Class::spoils(148, TEXT, "a bracket is closed by one of the other kind", &["D60"], swapped_brackets),
    Class::spoils(149, TEXT, "a comma behind the last member or entry", &["D60"], trailing_commas),
    Class::spoils(150, TEXT, "a comma before the first one, or alone", &["D60"], comma_first),
    Class::spoils(151, TEXT, "a comment", &["D60"], comments),
    Class::spoils(152, TEXT, "other quotes, or none", &["D60"], quotes),
    Class::spoils(153, TEXT, "text behind the object", &["D60"], text_behind),
    Class::spoils(154, TEXT, "text before the object", &["D60"], text_before),
    Class::spoils(155, TEXT, "blanks behind the object", &["D72"], blanks_behind),
    Class::spoils(156, TEXT, "a blank that is none in JSON", &["D60"], foreign_blanks),
    Class::spoils(157, TEXT, "an array in place of the object", &["D61"], array),
    Class::spoils(158, TEXT, "the values of the members as an array", &["D84"], array_of_values),
    Class::spoils(159, TEXT, "a scalar in place of the object", &["D61"], scalar),
    Class::spoils(160, TEXT, "null in place of the object", &["D62"], null),
    Class::spoils(161, TEXT, "a literal is misspelt", &["D60", "D76"], misspelt),
    Class::spoils(162, TEXT, "NaN and infinities as bare words", &["D71"], not_numbers),
    Class::spoils(163, TEXT, "a number that JSON doesn't know", &["D71"], number_syntax),
    Class::spoils(164, TEXT, "a number beyond any type, where nobody reads it", &["D70"], vast_numbers),
    Class::spoils(165, TEXT, "an escape that JSON doesn't know", &["D60"], bad_escapes),
    Class::spoils(166, TEXT, "a control character in a string", &["D60"], controls),
    Class::spoils(167, TEXT, "an escaped NUL in a string", &["I24"], nul),
    Class::spoils(168, TEXT, "DEL and C1 characters in a string", &["D68"], delete_and_c1),
    Class::spoils(169, TEXT, "half a surrogate pair", &["D64"], lone_surrogates),
    Class::spoils(170, TEXT, "a whole surrogate pair, and non-characters", &["D68"], noncharacters),
    Class::spoils(171, TEXT, "bytes that are not UTF-8 in a string", &["D63"], bad_utf_8),
    Class::spoils(172, TEXT, "bytes that are not UTF-8 in a name", &["D63"], bad_utf_8_in_name),
    Class::spoils(173, TEXT, "bytes that are not UTF-8, where nobody reads them", &["D63"], bad_utf_8_in_unknown),
    Class::spoils(174, TEXT, "a byte order mark", &["D65"], byte_order_mark),
    Class::spoils(175, TEXT, "UTF-16", &["D66"], utf_16),
    Class::spoils(176, TEXT, "Latin-1", &["D63"], latin_1),
    Class::spoils(177, TEXT, "a member twice, with equal values", &["D67"], duplicates_equal),
    Class::spoils(178, TEXT, "a member twice, with unlike values", &["D67", "I24"], duplicates_unlike),
    Class::spoils(179, TEXT, "a member twice within an entry", &["D67"], duplicate_in_entry),
    Class::spoils(180, TEXT, "a member twice, one name with an escape", &["D67", "D68"], duplicates_escaped),
    Class::spoils(181, TEXT, "a name with an escape", &["D68"], escaped_name),
    Class::spoils(182, TEXT, "an empty name", &["D81"], empty_name),
    Class::spoils(183, TEXT, "a name that looks like that of a member", &["D83"], lookalikes),
    Class::spoils(184, TEXT, "deep nesting, where nobody reads it", &["D69", "I21"], deep_unknown),
    Class::spoils(185, TEXT, "deep nesting without an end", &["D60", "D69"], bottomless),
    Class::spoils(186, TEXT, "deep nesting in a list", &["D75", "D69"], deep_member),
    Class::spoils(187, TEXT, "a hundred thousand members", &["I20"], crowded),
    Class::spoils(188, TEXT, "a hundred thousand members whose names collide", &["I20"], colliding),
    Class::spoils(189, TEXT, "a name or a string of a megabyte", &["D13"], long_name),
    Class::spoils(190, TEXT, "blanks, eleven megabytes of them", &["D13"], padded_by_megabytes),
    Class::spoils(191, TEXT, "several JSON texts, or one in a sequence", &["D60"], several_texts),
    Class::spoils(192, TEXT, "the same value in another format", &["D60", "D38"], other_formats),
    Class::spoils(193, TEXT, "the same value, written another way", &["D72", "I23"], rewritten),
];

/// One request for each body.
pub(super) fn bodies<'v>(
    message: &Message,
    sets: &[Set],
    variants: impl IntoIterator<Item = (&'v str, Vec<u8>)>,
) -> Vec<Malformed> {
    let make = |(name, body)| Malformed::new(name, with_body(message, body), sets);
    variants.into_iter().map(make).collect()
}

/// One request for each of these texts, each put between what stands before and what stands after.
pub(super) fn put_between(
    message: &Message,
    sets: &[Set],
    (before, behind): (&[u8], &[u8]),
    variants: &[(&str, &[u8])],
) -> Vec<Malformed> {
    bodies(message, sets, variants.iter().map(|(name, bytes)| (*name, [before, *bytes, behind].concat())))
}

fn empty(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() || !needs_body(base.operation) {
        return Vec::new();
    }
    emptied(message, &[Set::Constraint, Set::Parse])
}

fn emptied(message: &Message, sets: &[Set]) -> Vec<Malformed> {
    let untyped = changed(message, |copy| copy.remove_header("content-type"));
    vec![
        Malformed::new("with its type", with_body(message, ""), sets),
        Malformed::new("without a type", with_body(&untyped, ""), sets),
    ]
}

fn blank(base: &Base, message: &Message) -> Vec<Malformed> {
    // Taken for an empty body it is no fault where nothing is required.
    if text(base, message).is_none() || !needs_body(base.operation) {
        return Vec::new();
    }
    bodies(
        message,
        &[Set::Parse, Set::Constraint],
        [("one blank", b" ".into()), ("all kinds", b" \n\t\r\n".into())],
    )
}

fn empty_for_optional(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() || needs_body(base.operation) {
        return Vec::new();
    }
    let requests = emptied(message, &[Set::AsRepaired]);
    requests.into_iter().map(|malformed| malformed.as_if(with_body(message, "{}"))).collect()
}

fn text_behind(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let variants: &[(&str, &[u8])] =
        &[("a word", b"abc"), ("the object again", body), ("NUL", b"\0"), ("a brace", b"}"), ("a comma", b",")];
    put_between(message, &[Set::Parse], (body, b""), variants)
}

fn text_before(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let variants: &[(&str, &[u8])] =
        &[("a word", b"abc"), ("a guard against scripts", b")]}',\n"), ("NUL", b"\0")];
    put_between(message, &[Set::Parse], (b"", body), variants)
}

fn blanks_behind(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let variants: &[(&str, &[u8])] = &[("line ends", b"\r\n\r\n"), ("blanks", b"  \t ")];
    put_between(message, &[Set::AsRepaired], (body, b""), variants)
}

fn array(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    bodies(message, &[Set::Parse], [("empty", b"[]".into()), ("of the object", [b"[", body, b"]"].concat())])
}

fn array_of_values(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let values: Vec<_> =
        body_members(base.operation).map(|member| members.get(member.name).cloned().unwrap_or_default()).collect();
    bodies(
        message,
        &[Set::Parse],
        [("in the order of the model", serde_json::Value::from(values).to_string().into())],
    )
}

fn scalar(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let variants = [("a number", "10"), ("a string", "\"x\""), ("a boolean", "true")];
    bodies(message, &[Set::Parse], variants.map(|(name, body)| (name, body.into())))
}

fn null(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    bodies(message, &[Set::Parse], [("null", b"null".into())])
}

fn byte_order_mark(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    put_between(message, &[Set::Parse, Set::AsRepaired], (b"", body), &[("UTF-8", b"\xef\xbb\xbf")])
}

fn several_texts(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(body) = text(base, message) else { return Vec::new() };
    let variants = [
        ("on lines", [body, b"\n", body, b"\n"].concat()),
        ("side by side", [body, body].concat()),
        ("behind a record separator", [b"\x1e", body, b"\n"].concat()),
    ];
    bodies(message, &[Set::Parse], variants)
}
