//! Faults of the query string.

use super::class::{Class, Malformed, Part};
use super::edit::{changed, one, query_members};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::Operation;
use passmuster_contract::domain::shape::{Location, Method, ShapeKind};

const QUERY: Part = Part::Query;
const UNTAGGING: &str = "UntagResource is not among the operations under test";

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(232, QUERY, "a number that is none", &["D90"], not_a_number),
    Class::spoils(233, QUERY, "a number with a fraction", &["D90"], fraction),
    Class::spoils(234, QUERY, "a number with a sign or a blank", &["D90"], sign),
    Class::spoils(235, QUERY, "a number beyond its type", &["D90"], overflow),
    Class::spoils(236, QUERY, "a number out of range", &["D101"], out_of_range),
    Class::spoils(237, QUERY, "eleven results where ten are the most", &["D101"], eleven),
    Class::spoils(238, QUERY, "a number without a value", &["D92"], no_number),
    Class::spoils(239, QUERY, "a number with zeros in front", &["D90"], leading_zeros),
    Class::spoils(240, QUERY, "a boolean in another spelling", &["D91"], boolean_spelling),
    Class::spoils(241, QUERY, "an empty boolean", &["D92"], empty_boolean),
    Class::spoils(242, QUERY, "a key twice", &["D93"], twice),
    Class::spoils(243, QUERY, "a key in another case", &["D96"], key_case),
    Class::spoils(244, QUERY, "a key with an escape", &["D27"], escaped_key),
    Class::spoils(245, QUERY, "a key as of an array", &["D96"], array_key),
    Class::spoils(246, QUERY, "unknown keys", &["D30"], unknown_keys),
    Class::spoils(247, QUERY, "separators where none belong", &["D30"], separators),
    Class::spoils(248, QUERY, "a token that nobody gave", &["D114"], bogus_token),
    Class::spoils(249, QUERY, "an empty token", &["D114"], empty_token),
    Class::spoils(250, QUERY, "a token with a bad escape", &["D94"], badly_escaped_token),
    Class::spoils(251, QUERY, "a token with NUL or a line end", &["D114", "I16"], controls_in_token),
    Class::spoils(252, QUERY, "a token that somebody might run", &["D114", "I14"], token_as_code),
    Class::spoils(253, QUERY, "a plus sign", &["D95"], plus),
    Class::spoils(254, QUERY, "ten thousand parameters", &["I20"], many_parameters),
    Class::spoils(255, QUERY, "a member of the body in the query string", &["D97"], body_member),
    Class::excused(256, QUERY, "no keys of tags", &["D80"], UNTAGGING),
    Class::excused(257, QUERY, "keys of tags parted by commas", &["D105"], UNTAGGING),
    Class::excused(258, QUERY, "too many keys of tags, or an empty one", &["D105"], UNTAGGING),
    Class::spoils(259, QUERY, "an ARN of another hub, or none", &["D102", "D112"], hub_arn),
];

/// The name of a query parameter of such a kind, where the operation has one.
fn parameter(base: &Base, is_such: impl Fn(&ShapeKind) -> bool) -> Option<&'static str> {
    query_members(base.operation).find(|member| is_such(&member.kind)).map(|member| member.name)
}

pub(super) fn number(base: &Base) -> Option<&'static str> {
    parameter(base, |kind| matches!(kind, ShapeKind::Integer(_)))
}

pub(super) fn boolean(base: &Base) -> Option<&'static str> {
    parameter(base, |kind| matches!(kind, ShapeKind::Boolean))
}

fn token(base: &Base) -> Option<&'static str> {
    query_members(base.operation).map(|member| member.name).find(|name| *name == "NextToken")
}

/// A copy without a parameter.
fn without(message: &Message, name: &str) -> Message {
    let prefix = format!("{name}=");
    let is_other = |pair: &Vec<u8>| !pair.starts_with(prefix.as_bytes()) && pair != name.as_bytes();
    changed(message, |copy| copy.query.retain(is_other))
}

/// A copy with these pairs in place of a parameter.
pub(super) fn with(message: &Message, name: &str, pairs: &[&str]) -> Message {
    changed(&without(message, name), |copy| copy.query.extend(pairs.iter().map(|pair| pair.as_bytes().to_vec())))
}

/// One request for each value of a parameter.
pub(super) fn valued(message: &Message, name: Option<&str>, sets: &[Set], values: &[&str]) -> Vec<Malformed> {
    let Some(name) = name else { return Vec::new() };
    let make = |value: &&str| {
        let label = match value.len() {
            0 => "empty".to_owned(),
            1..=40 => (*value).to_owned(),
            length => format!("{length} digits"),
        };
        Malformed::new(label, with(message, name, &[&format!("{name}={value}")]), sets)
    };
    values.iter().map(make).collect()
}

fn not_a_number(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = ["abc", "0x10", "1e1", "1%2C000", "%D9%A3", "true", "NaN", "5x"];
    valued(message, number(base), &[Set::Parse], &values)
}

fn fraction(base: &Base, message: &Message) -> Vec<Malformed> {
    let mut requests = valued(message, number(base), &[Set::Parse], &["1.5"]);
    let Some(name) = number(base) else { return requests };
    let whole = valued(message, Some(name), &[Set::Parse, Set::AsRepaired], &["1.0"]).into_iter();
    requests.extend(whole.map(|malformed| malformed.as_if(with(message, name, &[&format!("{name}=1")]))));
    requests
}

fn sign(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let sets = [Set::Parse, Set::Constraint, Set::AsRepaired];
    let five = with(message, name, &[&format!("{name}=5")]);
    let requests = valued(message, Some(name), &sets, &["+5", "%2B5", "%205", "5%20"]).into_iter();
    let mut requests: Vec<_> = requests.map(|malformed| malformed.as_if(five.clone())).collect();
    requests.extend(valued(message, Some(name), &[Set::Parse, Set::Constraint], &["-0"]));
    requests
}

fn overflow(base: &Base, message: &Message) -> Vec<Malformed> {
    let hundred = "9".repeat(100);
    let values = ["2147483648", "9223372036854775808", "4294967297", &hundred];
    valued(message, number(base), &[Set::Parse, Set::Constraint], &values)
}

fn out_of_range(base: &Base, message: &Message) -> Vec<Malformed> {
    valued(message, number(base), &[Set::Constraint], &["0", "51", "-1"])
}

fn eleven(base: &Base, message: &Message) -> Vec<Malformed> {
    let few = parameter(base, |kind| matches!(kind, ShapeKind::Integer(Some((_, 10)))));
    valued(message, few, &[Set::Constraint], &["11"])
}

/// As if the parameter were not there; worth a note.
fn tolerating_absence(requests: Vec<Malformed>, message: &Message, name: &str) -> Vec<Malformed> {
    let absent = without(message, name);
    let make = |malformed: Malformed| malformed.tolerating(&[Set::AsRepaired]).as_if(absent.clone());
    requests.into_iter().map(make).collect()
}

fn no_number(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let sets = [Set::Parse, Set::Constraint];
    let mut requests = valued(message, Some(name), &sets, &[""]);
    requests.push(Malformed::new("no equals sign", with(message, name, &[name]), &sets));
    tolerating_absence(requests, message, name)
}

fn leading_zeros(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let five = with(message, name, &[&format!("{name}=5")]);
    let requests = valued(message, Some(name), &[Set::AsRepaired, Set::Parse], &["005"]).into_iter();
    requests.map(|malformed| malformed.as_if(five.clone())).collect()
}

fn boolean_spelling(base: &Base, message: &Message) -> Vec<Malformed> {
    valued(message, boolean(base), &[Set::Parse], &["TRUE", "True", "1", "0", "yes", "on", "t", "maybe"])
}

fn empty_boolean(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = boolean(base) else { return Vec::new() };
    tolerating_absence(valued(message, Some(name), &[Set::Parse], &[""]), message, name)
}

fn twice(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let [five, six] = [5, 6].map(|value| format!("{name}={value}"));
    let of =
        |label, pairs: &[&str]| Malformed::new(label, with(message, name, pairs), &[Set::AsRepaired, Set::Parse]);
    let first = with(message, name, &[&five]);
    let last = with(message, name, &[&six]);
    let mut requests = vec![
        of("equal", &[&five, &five]).as_if(first.clone()),
        of("unlike", &[&five, &six]).as_if(first).as_if(last),
    ];
    if let Some(flag) = boolean(base) {
        let [no, yes] = ["false", "true"].map(|value| format!("{flag}={value}"));
        let both =
            Malformed::new("unlike booleans", with(message, flag, &[&no, &yes]), &[Set::AsRepaired, Set::Parse]);
        requests.push(both.as_if(with(message, flag, &[&no])).as_if(with(message, flag, &[&yes])));
    }
    requests
}

/// Requests with a pair that no server reads: as if it were not there.
fn ignored(message: &Message, sets: &[Set], pairs: &[&str]) -> Vec<Malformed> {
    let make = |pair: &&str| {
        Malformed::new(*pair, changed(message, |copy| copy.query.push(pair.as_bytes().to_vec())), sets)
    };
    pairs.iter().map(make).collect()
}

fn key_case(base: &Base, message: &Message) -> Vec<Malformed> {
    let number = number(base).map(|name| format!("{}=1", name.to_lowercase()));
    let flag = boolean(base).map(|name| format!("{}=false", name.to_lowercase()));
    let pairs: Vec<String> = number.into_iter().chain(flag).collect();
    ignored(message, &[Set::AsRepaired], &pairs.iter().map(String::as_str).collect::<Vec<_>>())
}

fn escaped_key(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let first = name.bytes().next().unwrap_or_default();
    let pair = format!("%{first:02X}{}=5", &name[1..]);
    let malformed = Malformed::new("its first letter", with(message, name, &[&pair]), &[Set::AsRepaired]);
    vec![malformed.as_if(with(message, name, &[&format!("{name}=5")]))]
}

fn array_key(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let mut requests =
        ignored(message, &[Set::AsRepaired], &[&format!("{name}%5B%5D=1"), &format!("{name}%5B0%5D=1")]);
    // Brackets must be escaped in a query string: RFC 3986, 3.4.
    requests.extend(ignored(message, &[Set::AsRepaired, Set::Http], &[&format!("{name}[]=1")]));
    requests
}

fn takes_query(base: &Base) -> bool {
    query_members(base.operation).next().is_some()
}

fn unknown_keys(base: &Base, message: &Message) -> Vec<Malformed> {
    if !takes_query(base) {
        return Vec::new();
    }
    ignored(message, &[Set::AsRepaired], &["foo=bar", "baz", "foo=bar&foo=baz"])
}

fn separators(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = number(base) else { return Vec::new() };
    let five = format!("{name}=5");
    let read = with(message, name, &[&five]);
    let absent = without(message, name);
    let variants: [(&str, &[&str]); 3] = [
        ("empty pairs", &["", "", &five, ""]),
        ("a semicolon alone", &[";"]),
        ("two question marks", &[&format!("?{five}")]),
    ];
    let make = |(label, pairs): (&str, &[&str])| {
        let malformed = Malformed::new(label, with(message, name, pairs), &[Set::AsRepaired]);
        malformed.as_if(read.clone()).as_if(absent.clone())
    };
    variants.into_iter().map(make).collect()
}

/// Requests with these tokens; it is not known whether the service heeds them.
pub(super) fn tokens(base: &Base, message: &Message, sets: &[Set], values: &[&str]) -> Vec<Malformed> {
    let requests = valued(message, token(base), sets, values).into_iter();
    requests.map(|malformed| malformed.tolerating(&[Set::AnyPage])).collect()
}

fn bogus_token(base: &Base, message: &Message) -> Vec<Malformed> {
    tokens(base, message, &[Set::Constraint, Set::Handled], &["bogus", "Ym9ndXM%3D", "0"])
}

fn empty_token(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = token(base) else { return Vec::new() };
    let requests =
        valued(message, Some(name), &[Set::Constraint, Set::Handled, Set::AsRepaired], &[""]).into_iter();
    requests.map(|malformed| malformed.as_if(without(message, name))).collect()
}

const REFUSED: [Set; 4] = [Set::Parse, Set::Constraint, Set::Handled, Set::Http];

fn badly_escaped_token(base: &Base, message: &Message) -> Vec<Malformed> {
    tokens(base, message, &REFUSED, &["%zz", "%", "%4", "%ff%fe"])
}

fn controls_in_token(base: &Base, message: &Message) -> Vec<Malformed> {
    tokens(base, message, &REFUSED, &["%0d%0aX-Injected:1", "%00"])
}

fn token_as_code(base: &Base, message: &Message) -> Vec<Malformed> {
    let values = ["%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%27%20or%201%3D1--", "%24%7B7*7%7D", "%7B%7B7*7%7D%7D"];
    tokens(base, message, &[Set::Constraint, Set::Handled], &values)
}

fn plus(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(name) = token(base) else { return Vec::new() };
    let as_if = ["a%20b", "a%2Bb"].map(|value| with(message, name, &[&format!("{name}={value}")]));
    let requests = tokens(base, message, &[Set::AsRepaired, Set::Constraint, Set::Handled], &["a+b"]).into_iter();
    requests.map(|malformed| as_if.iter().cloned().fold(malformed, Malformed::as_if)).collect()
}

fn many_parameters(base: &Base, message: &Message) -> Vec<Malformed> {
    if base.operation != Operation::ListMembers {
        return Vec::new();
    }
    one("10,000", message, &[Set::AsRepaired, Set::Http, Set::Size], |copy| {
        copy.query.extend((0..10_000).map(|number| format!("k{number}=v").into_bytes()));
    })
}

fn body_member(base: &Base, message: &Message) -> Vec<Malformed> {
    let shape = base.operation.shape();
    if shape.method != Method::Get || shape.input.iter().any(|member| member.location == Location::Body) {
        return Vec::new();
    }
    ignored(message, &[Set::AsRepaired], &["AccountDetails=x"])
}

fn hub_arn(base: &Base, message: &Message) -> Vec<Malformed> {
    let name = query_members(base.operation).map(|member| member.name).find(|name| *name == "HubArn");
    let arn =
        |region: &str, account: &str| format!("arn%3Aaws%3Asecurityhub%3A{region}%3A{account}%3Ahub%2Fdefault");
    let elsewhere = if base.region == "eu-west-1" { "us-west-2" } else { "eu-west-1" };
    let values = [
        ("of another account", arn(&base.region, &base.strangers[0])),
        ("of another Region", arn(elsewhere, &base.caller)),
        ("no ARN", "x".to_owned()),
        ("blank", "%20".to_owned()),
        ("empty", String::new()),
    ];
    let make = |(label, value): (&str, String)| {
        let mut malformed = valued(message, name, &[Set::Constraint, Set::NotFound], &[&value]);
        malformed.iter_mut().for_each(|malformed| malformed.variant = label.to_owned());
        malformed
    };
    values.into_iter().flat_map(make).collect()
}
