//! Texts that nobody has listed: drawn from characters that readers stumble over, by a generator that gives the same
//! ones each time.

use std::collections::BTreeSet;

use serde_json::json;

use super::class::Malformed;
use super::constraints::{Accounts, words};
use super::query::{boolean, number, tokens, valued};
use crate::answers::Set;
use crate::dice::{Dice, SplitMix};
use crate::message::{Base, Message};

/// So many texts of each kind.
const MANY: usize = 10;
/// The most characters of one.
const LONGEST: usize = 12;

/// Characters that end, escape, quote, name or change something somewhere.
const ODD: [&str; 40] = [
    "0",
    "1",
    "9",
    "a",
    "Z",
    " ",
    "'",
    "\"",
    "\\",
    "%",
    ";",
    "<",
    ">",
    "&",
    "=",
    "+",
    "{",
    "}",
    "[",
    "$",
    "/",
    "..",
    "`",
    "|",
    "*",
    "\u{0}",
    "\n",
    "\r",
    "\t",
    "\u{7f}",
    "\u{e9}",
    "\u{df}",
    "\u{130}",
    "\u{663}",
    "\u{ff11}",
    "\u{200b}",
    "\u{202e}",
    "e\u{301}",
    "\u{1f600}",
    "\u{10ffff}",
];
/// What numbers are made of, in one language or another.
const OF_NUMBERS: [&str; 12] = ["0", "1", "5", "9", "5", "1", "e", "x", ".", "-", "+", "0"];
/// What no integer has, in any reading that is allowed.
const OF_NO_NUMBER: [&str; 10] = ["_", "'", ",", "a", "/", "\u{663}", "\u{ff11}", "\u{b2}", "l", "%"];
/// The letters of booleans.
const OF_FLAGS: [&str; 14] = ["t", "r", "u", "e", "f", "a", "l", "s", "T", "F", "0", "1", "\u{131}", "y"];

/// Texts by a seed, each but once.
fn texts(seed: u64, make: impl Fn(&mut SplitMix) -> String) -> Vec<String> {
    let mut dice = SplitMix::new(seed);
    let mut known = BTreeSet::new();
    let drawn = (0..MANY).map(|_| make(&mut dice)).filter(|text| known.insert(text.clone()));
    drawn.collect()
}

fn draw(dice: &mut SplitMix, from: &[&str], most: usize) -> String {
    (0..=dice.below(most)).map(|_| from[dice.below(from.len())]).collect()
}

/// A text escaped for a query string, all that could mean something there.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// Escaped texts, and each of them between two that it parts.
fn odd(seed: u64) -> Vec<String> {
    texts(seed, |dice| format!("{}q{}", draw(dice, &ODD, LONGEST), draw(dice, &ODD, LONGEST)))
}

fn numbered(texts: Vec<String>) -> Vec<(String, String)> {
    texts.into_iter().enumerate().map(|(number, text)| (format!("text {}", number + 1), text)).collect()
}

pub(super) fn generated_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message) else { return Vec::new() };
    let ids = numbered(odd(304));
    let mut requests = Vec::new();
    if accounts.are_created() {
        let id = &base.strangers[0];
        requests.extend(numbered(odd(1304)).into_iter().map(|(label, text)| {
            let entry = json!({ "AccountId": id, "Email": text });
            let request = accounts.with(message, vec![entry]);
            let malformed = Malformed::new(format!("Email {label}"), request, &[Set::Partly, Set::AsRepaired]);
            malformed.as_it_stands().offending([id.clone()])
        }));
    }
    requests
        .extend(accounts.ids(message, ids.iter().map(|(label, text)| (label.as_str(), text.clone())).collect()));
    requests
}

pub(super) fn generated_numbers(base: &Base, message: &Message) -> Vec<Malformed> {
    let made = texts(305, |dice| {
        let wrong = OF_NO_NUMBER[dice.below(OF_NO_NUMBER.len())];
        format!("{}{wrong}{}", draw(dice, &OF_NUMBERS[..6], 2), draw(dice, &OF_NUMBERS, 3))
    });
    let escaped: Vec<String> = made.iter().map(|text| escaped(text)).collect();
    // What one language reads as an integer, or takes for its digits, and others do not.
    let mut values = vec!["1_0", "%C2%B2", "%D9%A1%D9%A0"];
    values.extend(escaped.iter().map(String::as_str).filter(|text| !values.contains(text)).collect::<Vec<_>>());
    valued(message, number(base), &[Set::Parse], &values)
}

pub(super) fn generated_flags(base: &Base, message: &Message) -> Vec<Malformed> {
    let made = texts(306, |dice| draw(dice, &OF_FLAGS, 5));
    let escaped: Vec<String> =
        made.iter().filter(|text| *text != "true" && *text != "false").map(|text| escaped(text)).collect();
    let mut values = vec!["tru", "true%00", "falsee", "t%C4%B1rue"];
    values.extend(escaped.iter().map(String::as_str).filter(|text| !values.contains(text)).collect::<Vec<_>>());
    valued(message, boolean(base), &[Set::Parse], &values)
}

pub(super) fn generated_tokens(base: &Base, message: &Message) -> Vec<Malformed> {
    let escaped: Vec<String> = odd(307).iter().map(|text| escaped(text)).collect();
    let values: Vec<&str> = escaped.iter().map(String::as_str).collect();
    let mut requests = tokens(base, message, &[Set::Parse, Set::Constraint, Set::Handled, Set::Http], &values);
    for (number, malformed) in requests.iter_mut().enumerate() {
        malformed.variant = format!("text {}", number + 1);
    }
    requests
}

pub(super) fn generated_words(base: &Base, message: &Message) -> Vec<Malformed> {
    let made: Vec<String> = odd(308).into_iter().take(4).collect();
    let values: Vec<&str> = made.iter().map(String::as_str).collect();
    words(base, message, |member| member.name != "Feature", &values)
}
