//! What parsers in use fail at: numbers without end, members and keys of which one copy is wrong, forms, columns of 255
//! characters, and blanks that only some languages know.

use serde_json::{Value, json};

use super::class::{Class, Malformed, Part};
use super::constraints::{Accounts, required_strings};
use super::edit::{
    body_members, changed, first_string, later_id, object, of_one_account, text, with_member, with_raw,
    with_raw_member,
};
use super::generated::{generated_flags, generated_ids, generated_numbers, generated_tokens, generated_words};
use super::query::{boolean, number, valued as valued_parameter, with as with_pairs};
use super::{Procedure, members};
use crate::answers::Set;
use crate::message::{Base, HeadStyle, Message};
use passmuster_contract::domain::Document;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(
        292,
        Part::Text,
        "a number of thousands of digits, where nobody reads it",
        &["D70"],
        vast_unread,
    ),
    Class::spoils(293, Part::Members, "a number of thousands of digits in a member", &["D75"], vast_member),
    Class::spoils(294, Part::Query, "a number of thousands of digits in the query", &["D90"], vast_parameter),
    Class::spoils(295, Part::Text, "a member twice, right and then wrong", &["D67", "I24"], right_then_wrong),
    Class::spoils(296, Part::Text, "a member twice, wrong and then right", &["D67", "I24"], wrong_then_right),
    Class::spoils(297, Part::Text, "a member of an entry twice, one of them wrong", &["D67"], one_wrong_in_entry),
    Class::spoils(298, Part::Query, "a key twice, one of the values wrong", &["D93"], one_wrong_value),
    Class::spoils(299, Part::Headers, "header lines in other case or order", &["I22"], head_style),
    Class::spoils(300, Part::Headers, "a form that says it is one", &["D38", "D60"], form),
    Class::spoils(301, Part::Members, "an id of 256 characters", &["D103"], long_ids),
    Class::spoils(302, Part::Members, "a text of blanks beyond ASCII", &["D102"], foreign_blanks),
    Class::spoils(303, Part::Members, "an integer of a body that is none", &["D77"], no_integer),
    Class::spoils(304, Part::Members, "a generated text as id or address", &["D103", "I03"], generated_ids),
    Class::spoils(305, Part::Query, "a generated text as number", &["D90"], generated_numbers),
    Class::spoils(306, Part::Query, "a generated text as boolean", &["D91"], generated_flags),
    Class::spoils(307, Part::Query, "a generated token", &["D114", "I03"], generated_tokens),
    Class::spoils(308, Part::Members, "a generated word", &["D104"], generated_words),
    Class::sequence(
        309,
        Part::Sequence,
        "a token that was given, escaped otherwise",
        &["D27", "D114"],
        Procedure::TokenEscaped,
    ),
];

/// Beyond what some languages turn into an integer: Python stops at 4,300 digits.
const DIGITS: usize = 4_301;

fn nines() -> String {
    "9".repeat(DIGITS)
}

fn vast_unread(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let values = [
        ("4301 digits", nines()),
        ("less than zero", format!("-{}", nines())),
        ("a fraction", format!("0.{}", nines())),
    ];
    let make = |(label, digits): (&str, String)| {
        let request = with_raw_member(message, b"\"x\"", digits.as_bytes())?;
        Some(Malformed::new(label, request, &[Set::AsRepaired, Set::Parse]))
    };
    values.into_iter().filter_map(make).collect()
}

fn vast_member(base: &Base, message: &Message) -> Vec<Malformed> {
    let in_text = first_string(base, message).and_then(|(members, pointer)| {
        let request = with_raw(message, &members, &pointer, nines().as_bytes())?;
        let sets = [Set::Parse, of_one_account(base.operation)];
        Some(Malformed::new(format!("at {pointer}"), request, &sets))
    });
    let Some(members) = object(base, message) else { return Vec::new() };
    let is_such = |member: &&MemberShape| {
        matches!(member.kind, ShapeKind::Boolean | ShapeKind::Integer(_) | ShapeKind::List { .. })
    };
    let of = |member: &'static MemberShape| {
        let mut members = members.clone();
        members.insert(member.name.to_owned(), Value::Null);
        let request = with_raw(message, &members, &format!("/{}", member.name), nines().as_bytes())?;
        // A number may be too great before it is of another type.
        Some(Malformed::new(member.name, request, &[Set::Parse, Set::Constraint]))
    };
    in_text.into_iter().chain(body_members(base.operation).filter(is_such).filter_map(of)).collect()
}

fn vast_parameter(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let mut requests = valued_parameter(message, Some(name), &[Set::Parse, Set::Constraint], &[&nines()]);
    let zeros = format!("{}5", "0".repeat(DIGITS));
    let five = with_pairs(message, name, &[&format!("{name}=5")]);
    let padded = with_pairs(message, name, &[&format!("{name}={zeros}")]);
    let sets = [Set::AsRepaired, Set::Parse, Set::Constraint];
    requests.push(Malformed::new("zeros in front of it", padded, &sets).as_if(five));
    requests
}

/// Values that a member may not have.
fn wrong_values(member: &MemberShape) -> Vec<(&'static str, Value)> {
    match member.kind {
        ShapeKind::List { bounds: Some(_), .. } => vec![("a text", json!("x")), ("no entries", json!([]))],
        ShapeKind::List { .. } => vec![("a text", json!("x")), ("null", Value::Null)],
        ShapeKind::NonEmpty | ShapeKind::String => vec![("a blank", json!(" ")), ("a number", json!(1))],
        _ => vec![("a list", json!(["x"]))],
    }
}

/// A member twice, with the value it has and with one that it may not have. Whichever counts, it counts alone.
fn one_wrong(base: &Base, message: &Message, is_wrong_first: bool) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let found = body_members(base.operation).find_map(|member| Some((member, members.get(member.name)?.clone())));
    let Some((member, right)) = found else { return Vec::new() };
    let make = |(label, wrong): (&str, Value)| {
        let (first, last) = if is_wrong_first { (&wrong, &right) } else { (&right, &wrong) };
        let rest = with_member(message, &members, member.name, last.clone());
        let name = format!("\"{}\"", member.name);
        let request = with_raw_member(&rest, name.as_bytes(), first.to_string().as_bytes())?;
        let winner = |value: &Value| with_member(message, &members, member.name, value.clone());
        let malformed = Malformed::new(label, request, &[Set::Parse, Set::Constraint, Set::AsRepaired]);
        Some(malformed.as_if(winner(&right)).as_if(winner(&wrong)))
    };
    wrong_values(member).into_iter().filter_map(make).collect()
}

fn right_then_wrong(base: &Base, message: &Message) -> Vec<Malformed> {
    one_wrong(base, message, false)
}

fn wrong_then_right(base: &Base, message: &Message) -> Vec<Malformed> {
    one_wrong(base, message, true)
}

fn one_wrong_in_entry(base: &Base, message: &Message) -> Vec<Malformed> {
    let entry = |members: &Document| members.get("AccountDetails")?.get(0)?.as_object().cloned();
    let Some((members, entry)) =
        object(base, message).and_then(|members| Some((members.clone(), entry(&members)?)))
    else {
        return Vec::new();
    };
    let Some(own) = entry.get("AccountId").cloned() else { return Vec::new() };
    let of = |value: &Value| {
        let mut entry = entry.clone();
        entry.insert("AccountId".to_owned(), value.clone());
        with_member(message, &members, "AccountDetails", vec![Value::Object(entry)])
    };
    let make = |(label, first, last): (&str, Value, Value)| {
        let raw = format!("{{\"AccountId\":{first},\"AccountId\":{last}}}");
        let mut alone = members.clone();
        alone.insert("AccountDetails".to_owned(), vec![Value::Null].into());
        let request = with_raw(message, &alone, "/AccountDetails/0", raw.as_bytes())?;
        let sets = [Set::Parse, Set::AsRepaired, of_one_account(base.operation)];
        Some(Malformed::new(label, request, &sets).as_if(of(&first)).as_if(of(&last)))
    };
    let wrong = [("a list", json!([])), ("a blank", json!(" "))];
    let orders = wrong.into_iter().flat_map(|(label, wrong)| {
        let names = if label == "a list" {
            ["right and then a list", "a list and then right"]
        } else {
            ["right and then a blank", "a blank and then right"]
        };
        [(names[0], own.clone(), wrong.clone()), (names[1], wrong, own.clone())]
    });
    orders.filter_map(make).collect()
}

fn one_wrong_value(base: &Base, message: &Message) -> Vec<Malformed> {
    let of = |name: &str, right: &str, wrong: &str, sets: &[Set]| -> Vec<Malformed> {
        let [good, bad] = [right, wrong].map(|value| format!("{name}={value}"));
        let read = with_pairs(message, name, &[&good]);
        let make = |(label, pairs): (String, [&str; 2])| {
            Malformed::new(label, with_pairs(message, name, &pairs), sets).as_if(read.clone())
        };
        let orders =
            [(format!("{good} and {wrong}"), [&*good, &*bad]), (format!("{bad} and {right}"), [&*bad, &*good])];
        orders.into_iter().map(make).collect()
    };
    let mut requests = Vec::new();
    if let Some(name) = number(base) {
        requests.extend(of(name, "5", "abc", &[Set::AsRepaired, Set::Parse]));
        requests.extend(of(name, "5", "0", &[Set::AsRepaired, Set::Parse, Set::Constraint]));
    }
    if let Some(name) = boolean(base) {
        requests.extend(of(name, "false", "maybe", &[Set::AsRepaired, Set::Parse]));
    }
    requests
}

fn head_style(_: &Base, message: &Message) -> Vec<Malformed> {
    let styles = [
        ("a capital for each word", HeadStyle::Title),
        ("capitals", HeadStyle::Upper),
        ("every other letter a capital", HeadStyle::Mixed),
        ("last to first", HeadStyle::Reversed),
    ];
    let make =
        |(label, style)| Malformed::new(label, changed(message, |copy| copy.style = style), &[Set::AsRepaired]);
    styles.into_iter().map(make).collect()
}

/// A text as forms escape it.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// A value as a form has it: a text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The pairs of the protocols of AWS that take forms: lists by number, from 1.
fn query_pairs(name: &str, value: &Value, pairs: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                query_pairs(&format!("{name}.member.{}", index + 1), item, pairs);
            }
        }
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| query_pairs(&format!("{name}.{member}"), value, pairs));
        }
        value => pairs.push(format!("{name}={}", escaped(&plain(value)))),
    }
}

fn form(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message).filter(|members| !members.is_empty()) else { return Vec::new() };
    let flat: Vec<String> =
        members.iter().map(|(name, value)| format!("{name}={}", escaped(&plain(value)))).collect();
    let mut pairs = vec![format!("Action={}", base.operation), "Version=2018-10-26".to_owned()];
    members.iter().for_each(|(name, value)| query_pairs(name, value, &mut pairs));
    let parts: String = members
        .iter()
        .map(|(name, value)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n", plain(value))
        })
        .collect();
    let urlencoded = "application/x-www-form-urlencoded";
    let variants = [
        ("names and values", urlencoded, flat.join("&")),
        ("as the query protocol of AWS", urlencoded, pairs.join("&")),
        ("in parts", "multipart/form-data; boundary=x", format!("{parts}--x--\r\n")),
    ];
    let make = |(label, media, body): (&str, &str, String)| {
        let request = changed(message, |copy| {
            copy.body = body.into();
            copy.set_header("content-type", media);
        });
        Malformed::new(label, request, &[Set::MediaType, Set::Parse])
    };
    variants.into_iter().map(make).collect()
}

/// Whatever may come of a text that names nobody.
const OPEN: [Set; 3] = [Set::AsRepaired, Set::Constraint, Set::NotFound];

/// Columns of databases end at 255 characters.
fn long_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let texts =
        [("255 digits", "1".repeat(255)), ("256 digits", "1".repeat(256)), ("256 letters", "a".repeat(256))];
    let mut requests = Accounts::of(base, message)
        .map(|accounts| accounts.ids(message, texts.iter().map(|(label, id)| (*label, id.clone())).collect()))
        .unwrap_or_default();
    let Some(members) = object(base, message) else { return requests };
    for member in required_strings(base) {
        for (label, id) in &texts {
            let request = with_member(message, &members, member.name, id.as_str());
            let mut malformed = Malformed::new(format!("{} {label}", member.name), request, &OPEN).as_it_stands();
            // Whether it is refused as malformed or as unknown is not known, nor which error says so.
            malformed.is_open = true;
            requests.push(malformed);
        }
    }
    requests
}

/// Blanks to most languages, and to the dialect of the model's patterns.
const BLANKS: [(&str, &str); 4] =
    [("U+00A0", "\u{a0}"), ("U+2003", "\u{2003}"), ("U+3000", "\u{3000}"), ("U+2028", "\u{2028}")];
/// Blanks to some languages.
const HALF_BLANKS: [(&str, &str); 4] =
    [("U+FEFF", "\u{feff}"), ("U+0085", "\u{85}"), ("U+200B", "\u{200b}"), ("U+180E", "\u{180e}")];

fn foreign_blanks(base: &Base, message: &Message) -> Vec<Malformed> {
    let mut requests = Vec::new();
    if let Some(accounts) = Accounts::of(base, message) {
        if accounts.are_created() {
            let id = later_id(&base.strangers[1], 1);
            let address = |(label, blank): (&str, &str), is_firm: bool| {
                let entry = json!({ "AccountId": id, "Email": blank.repeat(3) });
                let sets: &[Set] = if is_firm { &[Set::Partly] } else { &[Set::Partly, Set::AsRepaired] };
                let request = accounts.with(message, vec![entry]);
                let malformed = Malformed::new(format!("Email {label}"), request, sets).as_it_stands();
                malformed.tolerating(&[Set::AsRepaired]).offending([id.clone()])
            };
            requests.extend(BLANKS.map(|blank| address(blank, true)));
            requests.extend(HALF_BLANKS.map(|blank| address(blank, false)));
        }
        let all = || BLANKS.into_iter().chain(HALF_BLANKS);
        requests.extend(accounts.ids(message, all().map(|(label, text)| (label, text.repeat(3))).collect()));
    }
    let Some(members) = object(base, message) else { return requests };
    for member in required_strings(base) {
        for (label, blank) in BLANKS.into_iter().chain(HALF_BLANKS) {
            let request = with_member(message, &members, member.name, blank.repeat(3));
            let mut malformed = Malformed::new(format!("{} {label}", member.name), request, &OPEN).as_it_stands();
            // Taken for a text it names nobody, and which error says so is open.
            malformed.is_open = true;
            requests.push(malformed);
        }
    }
    requests
}

fn no_integer(base: &Base, message: &Message) -> Vec<Malformed> {
    let is_integer = |member: &MemberShape| matches!(member.kind, ShapeKind::Integer(_));
    let values = [
        ("\"5\"", json!("5")),
        ("a boolean", json!(true)),
        ("1.5", json!(1.5)),
        ("a list", json!([5])),
        ("an object", json!({})),
    ];
    let mut requests = members::valued(base, message, &[Set::Parse], is_integer, &values);
    let vast = [("beyond 32 bits", json!(4_294_967_297_u64)), ("beyond 64 bits", json!(1e30))];
    requests.extend(members::valued(base, message, &[Set::Parse, Set::Constraint], is_integer, &vast));
    requests
}
