//! Faults of the method and the path, and what is added to lead a server astray.

use super::class::{Class, Malformed, Part};
use super::edit::{changed, each, needs_body, one, text, with_body};
use crate::answers::Set;
use crate::message::{Base, Host, Message, line};
use passmuster_contract::domain::shape::Method;
use passmuster_contract::domain::{Document, Family, Operation};
use passmuster_contract::wire::encode_request;

const ROUTE: Part = Part::Route;
const NO_LABELS: &str = "no path of the operations under test has a label; those of tags are not among them";

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(52, ROUTE, "a path that nobody has", &["D20"], unknown_path),
    Class::spoils(53, ROUTE, "no path", &["D20"], root),
    Class::spoils(54, ROUTE, "a path that differs in one letter", &["D20"], near_paths),
    Class::spoils(55, ROUTE, "a path with one more segment", &["D20"], longer_path),
    Class::spoils(56, ROUTE, "a slash behind the path", &["D24"], trailing_slash),
    Class::spoils(57, ROUTE, "a slash twice", &["D25"], double_slash),
    Class::spoils(58, ROUTE, "segments of dots", &["D25"], dots),
    Class::spoils(59, ROUTE, "segments of dots that lead out", &["D25"], dots_out),
    Class::spoils(60, ROUTE, "a path in another case", &["D26"], other_case),
    Class::spoils(61, ROUTE, "a letter of the path as an escape", &["D27"], escaped_letter),
    Class::spoils(62, ROUTE, "a bad escape behind the path", &["D20"], bad_escapes),
    Class::spoils(63, ROUTE, "a slash as an escape", &["D26"], escaped_slash),
    Class::spoils(64, ROUTE, "escapes of NUL and of a line end", &["D20", "I16"], escaped_controls),
    Class::spoils(65, ROUTE, "a parameter behind a semicolon", &["D25"], semicolon),
    Class::spoils(66, ROUTE, "bytes beyond ASCII in the path", &["D01"], beyond_ascii),
    Class::spoils(67, ROUTE, "a fragment", &["D31"], fragment),
    Class::spoils(68, ROUTE, "a backslash", &["D20"], backslash),
    Class::spoils(69, ROUTE, "a stage or a version before the path", &["D20"], prefixes),
    Class::spoils(70, ROUTE, "a method that the path doesn't have", &["D21"], other_methods),
    Class::spoils(71, ROUTE, "HEAD", &["D23"], head),
    Class::spoils(72, ROUTE, "OPTIONS", &["D22"], options),
    Class::spoils(73, ROUTE, "TRACE", &["D21", "I15"], trace),
    Class::spoils(74, ROUTE, "a method that nobody knows", &["D21"], unknown_methods),
    Class::spoils(75, ROUTE, "GET with the body of POST", &["D97"], get_with_body),
    Class::spoils(76, ROUTE, "POST without a body where GET belongs", &["D39c"], post_without_body),
    Class::spoils(77, ROUTE, "a header that names another method", &["I12"], method_override),
    Class::spoils(78, ROUTE, "a header that names another operation", &["I12"], operation_target),
    Class::spoils(79, ROUTE, "the host of another service", &["D20"], other_service),
    Class::excused(80, ROUTE, "a slash in a label", &["D28"], NO_LABELS),
    Class::excused(81, ROUTE, "an escaped ARN as label", &["D28"], NO_LABELS),
    Class::excused(82, ROUTE, "a label escaped twice", &["D105"], NO_LABELS),
    Class::excused(83, ROUTE, "an empty label", &["D29"], NO_LABELS),
    Class::excused(84, ROUTE, "a label that is no ARN of this service", &["D105"], NO_LABELS),
    Class::excused(85, ROUTE, "a label that is not UTF-8", &["D29"], NO_LABELS),
    Class::excused(86, ROUTE, "a label of twenty kilobytes", &["D12"], NO_LABELS),
];

/// A path out of another.
type PathRewrite = fn(&str) -> String;

/// Requests with these paths, each made out of the right one.
fn paths(message: &Message, sets: &[Set], variants: &[(&str, PathRewrite)]) -> Vec<Malformed> {
    let right = String::from_utf8_lossy(&message.path).into_owned();
    each(message, sets, variants, |copy, path| copy.path = path(&right).into_bytes())
}

fn is_known(path: &str) -> bool {
    Operation::ALL.iter().any(|operation| operation.shape().path == path)
}

fn unknown_path(_: &Base, message: &Message) -> Vec<Malformed> {
    paths(message, &[Set::Route], &[("/nope", |_| "/nope".to_owned())])
}

fn root(_: &Base, message: &Message) -> Vec<Malformed> {
    paths(message, &[Set::Route], &[("/", |_| "/".to_owned())])
}

fn near_paths(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] = &[
        ("without its last letter", |path| path[..path.len() - 1].to_owned()),
        ("without its first letter", |path| format!("/{}", path.get(2..).unwrap_or_default())),
        ("with a letter more", |path| format!("{path}x")),
    ];
    let requests = paths(message, &[Set::Route], variants).into_iter();
    requests.filter(|malformed| !is_known(&String::from_utf8_lossy(&malformed.message.path))).collect()
}

fn longer_path(base: &Base, message: &Message) -> Vec<Malformed> {
    let segment = format!("/{}", base.strangers[0]);
    one("an account", message, &[Set::Route], |copy| copy.path.extend_from_slice(segment.as_bytes()))
}

fn trailing_slash(_: &Base, message: &Message) -> Vec<Malformed> {
    paths(message, &[Set::AsRepaired, Set::Route], &[("one", |path| format!("{path}/"))])
}

fn double_slash(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] =
        &[("before the path", |path| format!("/{path}")), ("behind the path", |path| format!("{path}//"))];
    paths(message, &[Set::AsRepaired, Set::Route], variants)
}

fn dots(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] =
        &[("one", |path| format!("/.{path}")), ("there and back", |path| format!("/x/..{path}"))];
    paths(message, &[Set::AsRepaired, Set::Route], variants)
}

fn dots_out(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] =
        &[("plain", |path| format!("/../..{path}")), ("escaped", |path| format!("/%2e%2e{path}"))];
    paths(message, &[Set::Route, Set::Http, Set::AsRepaired], variants)
}

fn other_case(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] = &[
        ("a capital", |path| format!("/{}{}", path[1..2].to_uppercase(), path.get(2..).unwrap_or_default())),
        ("capitals", |path| path.to_uppercase()),
    ];
    paths(message, &[Set::Route], variants)
}

fn escaped_letter(_: &Base, message: &Message) -> Vec<Malformed> {
    let escape: PathRewrite = |path| {
        let letter = path.as_bytes().get(1).copied().unwrap_or(b'/');
        format!("/%{letter:02X}{}", path.get(2..).unwrap_or_default())
    };
    paths(message, &[Set::AsRepaired, Set::Route], &[("the first", escape)])
}

fn bad_escapes(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] = &[
        ("%", |path| format!("{path}%")),
        ("%zz", |path| format!("{path}%zz")),
        ("%ff", |path| format!("{path}%ff")),
    ];
    paths(message, &[Set::Route, Set::Http], variants)
}

fn escaped_slash(_: &Base, message: &Message) -> Vec<Malformed> {
    let escape: PathRewrite = |path| match path.rsplit_once('/') {
        Some((head, tail)) if !head.is_empty() => format!("{head}%2F{tail}"),
        _ => format!("{path}%2Finvite"),
    };
    paths(message, &[Set::Route], &[("%2F", escape)])
}

fn escaped_controls(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] =
        &[("%00", |path| format!("{path}%00")), ("%0d%0a", |path| format!("{path}%0d%0aX-Injected:1"))];
    paths(message, &[Set::Route, Set::Http], variants)
}

fn semicolon(_: &Base, message: &Message) -> Vec<Malformed> {
    paths(message, &[Set::Route, Set::AsRepaired], &[(";a=b", |path| format!("{path};a=b"))])
}

fn beyond_ascii(_: &Base, message: &Message) -> Vec<Malformed> {
    let e: PathRewrite = |path| format!("{}\u{e9}{}", &path[..2], path.get(2..).unwrap_or_default());
    paths(message, &[Set::Route, Set::Http], &[("é", e)])
}

fn fragment(_: &Base, message: &Message) -> Vec<Malformed> {
    one("#x", message, &[Set::AsRepaired, Set::Route, Set::Http], |copy| match copy.query.last_mut() {
        Some(pair) => pair.extend_from_slice(b"#x"),
        None => copy.path.extend_from_slice(b"#x"),
    })
}

fn backslash(_: &Base, message: &Message) -> Vec<Malformed> {
    paths(message, &[Set::Route, Set::Http], &[("behind the path", |path| format!("{path}\\invite"))])
}

fn prefixes(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, PathRewrite)] =
        &[("/prod", |path| format!("/prod{path}")), ("/2018-10-26", |path| format!("/2018-10-26{path}"))];
    paths(message, &[Set::Route], variants)
}

fn methods(message: &Message, sets: &[Set], variants: &[&str]) -> Vec<Malformed> {
    let make = |method: &&str| {
        Malformed::new(*method, changed(message, |copy| copy.method = method.as_bytes().to_vec()), sets)
    };
    variants.iter().map(make).collect()
}

fn other_methods(base: &Base, message: &Message) -> Vec<Malformed> {
    // Findings have operations beyond those under test.
    if base.operation.family() == Family::Findings {
        return Vec::new();
    }
    let path = base.operation.shape().path;
    let taken = |method: &str| {
        Operation::ALL
            .iter()
            .map(|operation| operation.shape())
            .any(|shape| shape.path == path && shape.method.name() == method)
    };
    let free: Vec<&str> = ["PUT", "PATCH", "DELETE"].into_iter().filter(|method| !taken(method)).collect();
    methods(message, &[Set::Method], &free)
}

fn head(base: &Base, message: &Message) -> Vec<Malformed> {
    if base.operation.shape().method != Method::Get {
        return Vec::new();
    }
    methods(message, &[Set::Method, Set::Bare], &["HEAD"])
}

fn options(_: &Base, message: &Message) -> Vec<Malformed> {
    let mut requests = methods(message, &[Set::Method, Set::Bare], &["OPTIONS"]);
    requests.extend(one("as a browser asks", message, &[Set::Method, Set::Bare], |copy| {
        copy.method = b"OPTIONS".to_vec();
        copy.body.clear();
        copy.headers.push(line("origin", "https://example.com"));
        copy.headers.push(line("access-control-request-method", "POST"));
    }));
    requests
}

fn trace(_: &Base, message: &Message) -> Vec<Malformed> {
    methods(message, &[Set::Method, Set::Http], &["TRACE"])
}

fn unknown_methods(_: &Base, message: &Message) -> Vec<Malformed> {
    let lower = String::from_utf8_lossy(&message.method).to_lowercase();
    let long = "A".repeat(5000);
    let variants: &[(&str, &str)] = &[("in lower case", &lower), ("FOO", "FOO"), ("5000 letters", &long)];
    each(message, &[Set::Method, Set::Http], variants, |copy, method| copy.method = method.into())
}

fn get_with_body(base: &Base, message: &Message) -> Vec<Malformed> {
    if base.operation != Operation::CreateMembers {
        return Vec::new();
    }
    let sets = [Set::AsRepaired, Set::Parse, Set::MediaType, Set::Http];
    let list = Message::of(&encode_request(Operation::ListMembers, &Document::new()));
    let requests = one("of ListMembers", message, &sets, |copy| copy.method = b"GET".to_vec());
    requests.into_iter().map(|malformed| malformed.as_if(list.clone())).collect()
}

fn post_without_body(base: &Base, message: &Message) -> Vec<Malformed> {
    let shape = base.operation.shape();
    let twin = Operation::ALL.iter().find(|operation| {
        let other = operation.shape();
        shape.method == Method::Get && other.method == Method::Post && other.path == shape.path
    });
    if !twin.is_some_and(|twin| needs_body(*twin)) {
        return Vec::new();
    }
    let sets = [Set::Constraint, Set::Parse];
    one("nothing", &with_body(message, ""), &sets, |copy| copy.method = b"POST".to_vec())
}

fn method_override(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    let variants = [
        ("X-HTTP-Method-Override", "x-http-method-override: DELETE"),
        ("X-HTTP-Method", "x-http-method: DELETE"),
        ("X-Method-Override", "x-method-override: GET"),
    ];
    each(message, &[Set::AsRepaired], &variants, |copy, line| copy.headers.push(line.into()))
}

fn operation_target(base: &Base, message: &Message) -> Vec<Malformed> {
    if text(base, message).is_none() {
        return Vec::new();
    }
    one("DeleteMembers", message, &[Set::AsRepaired], |copy| {
        copy.headers.push(line("x-amz-target", "SecurityHub.DeleteMembers"));
    })
}

fn other_service(_: &Base, message: &Message) -> Vec<Malformed> {
    let sets = [Set::AsRepaired, Set::Route, Set::Authentication, Set::Http];
    one("guardduty", message, &sets, |copy| {
        copy.host = Host::Lines(vec![line("host", "guardduty.us-east-1.amazonaws.com")]);
    })
}
