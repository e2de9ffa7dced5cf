//! Faults of a message as HTTP: its request line, its header lines, the end of its body, how it is sent.

use super::class::{Class, Malformed, Part};
use super::edit::{changed, each, one, query_members};
use super::framing_body::{
    abrupt_end, awaiting_continue, bad_chunk_sizes, bomb, bytewise, chunk_extensions, chunked,
    chunked_by_http_1_0, coded_in_other_ways, half_a_body, length_and_chunks, length_too_short, lengths_equal,
    lengths_unlike, lengths_vast, lengths_wrong, no_length, obscured_chunks, pipelined, pipelined_behind, stalled,
    truly_compressed, unended_chunk, unknown_codings, unknown_expectation, upgrades, wrongly_compressed,
};
use crate::answers::Set;
use crate::message::{Base, Host, Message, Signing};

const FRAMING: Part = Part::Framing;

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(1, FRAMING, "a method of random bytes", &["D01"], binary_method),
    Class::spoils(2, FRAMING, "a blank in the request target", &["D01"], blank_in_target),
    Class::spoils(3, FRAMING, "a request line without a version", &["D01"], no_version),
    Class::spoils(4, FRAMING, "another version, or none that there is", &["D10"], other_versions),
    Class::spoils(5, FRAMING, "HTTP/2.0 in a request line", &["D10"], http_2),
    Class::spoils(6, FRAMING, "HTTP/1.0", &["D10"], http_1_0),
    Class::spoils(7, FRAMING, "an empty line before the request line", &["D17"], line_before),
    Class::spoils(8, FRAMING, "lines that end with a line feed alone", &["D17"], line_feeds),
    Class::spoils(9, FRAMING, "lines that end with a carriage return alone", &["D01"], carriage_returns),
    Class::spoils(10, FRAMING, "no host", &["D02"], no_host),
    Class::spoils(11, FRAMING, "two hosts", &["D02"], two_hosts),
    Class::spoils(12, FRAMING, "an empty or invalid host", &["D02"], invalid_host),
    Class::spoils(13, FRAMING, "a blank before the colon of a header", &["D01"], blank_before_colon),
    Class::spoils(14, FRAMING, "a header name that is none", &["D01"], header_names),
    Class::spoils(15, FRAMING, "NUL in a header", &["D01"], nul_in_header),
    Class::spoils(16, FRAMING, "a folded header line", &["D17"], folded),
    Class::spoils(17, FRAMING, "bytes beyond ASCII in a header", &["D01"], high_bytes),
    Class::spoils(18, FRAMING, "two hundred headers more", &["D11"], many_headers),
    Class::spoils(19, FRAMING, "a header of seven kilobytes", &["D11"], long_header),
    Class::spoils(20, FRAMING, "a header of seventy kilobytes", &["D11"], too_long_header),
    Class::spoils(21, FRAMING, "a query string of seven kilobytes", &["D12"], long_query),
    Class::spoils(22, FRAMING, "a query string of seventy kilobytes", &["D12"], too_long_query),
    Class::spoils(23, FRAMING, "a request target in absolute form", &["D17"], absolute_form),
    Class::spoils(24, FRAMING, "a request target in the form of other methods", &["D22"], other_forms),
    Class::spoils(25, FRAMING, "a length that is no number", &["D03"], lengths_wrong),
    Class::spoils(26, FRAMING, "a length beyond 64 bits", &["D03"], lengths_vast),
    Class::spoils(27, FRAMING, "the length twice", &["D04"], lengths_equal),
    Class::spoils(28, FRAMING, "two unlike lengths", &["D03"], lengths_unlike),
    Class::spoils(29, FRAMING, "a length that is too short", &["D09"], length_too_short),
    Class::spoils(30, FRAMING, "half a body, and then the end", &["D08"], half_a_body),
    Class::spoils(31, FRAMING, "a body without a length", &["D08"], no_length),
    Class::spoils(32, FRAMING, "a body in chunks", &["I22"], chunked),
    Class::spoils(33, FRAMING, "chunks with extensions, and a trailer", &["D07"], chunk_extensions),
    Class::spoils(34, FRAMING, "the size of a chunk is no number", &["D07"], bad_chunk_sizes),
    Class::spoils(35, FRAMING, "a chunk that doesn't end", &["D07"], unended_chunk),
    Class::spoils(36, FRAMING, "chunks without the last one", &["D07"], abrupt_end),
    Class::spoils(37, FRAMING, "chunks and a length", &["D05", "I13"], length_and_chunks),
    Class::spoils(38, FRAMING, "a transfer coding that nobody knows", &["D06"], unknown_codings),
    Class::spoils(39, FRAMING, "chunks, obscurely announced", &["D06", "I13"], obscured_chunks),
    Class::spoils(40, FRAMING, "chunks by HTTP/1.0", &["D05"], chunked_by_http_1_0),
    Class::spoils(41, FRAMING, "the body waits to be asked for", &["D14"], awaiting_continue),
    Class::spoils(42, FRAMING, "an expectation that nobody knows", &["D14"], unknown_expectation),
    Class::spoils(43, FRAMING, "a segment for each byte", &["I22"], bytewise),
    Class::spoils(44, FRAMING, "the body never comes", &["D16", "I01"], stalled),
    Class::spoils(45, FRAMING, "another request right behind", &["I13"], pipelined),
    Class::spoils(46, FRAMING, "another request right behind one without an end", &["I13"], pipelined_behind),
    Class::spoils(47, FRAMING, "a plain body that is called compressed", &["D15"], wrongly_compressed),
    Class::spoils(48, FRAMING, "a compressed body", &["D15"], truly_compressed),
    Class::spoils(49, FRAMING, "a compressed body of ten megabytes", &["D15", "I20"], bomb),
    Class::spoils(50, FRAMING, "a content coding that nobody knows", &["D15"], coded_in_other_ways),
    Class::spoils(51, FRAMING, "another protocol is proposed", &["D10"], upgrades),
];

const KILOBYTE: usize = 1024;

fn binary_method(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, &[u8])] = &[
        ("the beginning of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("high bytes", b"\xff\xfe\xfd"),
        ("empty", b""),
    ];
    each(message, &[Set::Http], variants, |copy, method| copy.method = method.to_vec())
}

fn blank_in_target(_: &Base, message: &Message) -> Vec<Malformed> {
    one("in the path", message, &[Set::Http], |copy| copy.path.insert(copy.path.len().min(4), b' '))
}

fn no_version(_: &Base, message: &Message) -> Vec<Malformed> {
    one("none", message, &[Set::Http], |copy| copy.version.clear())
}

fn versions(message: &Message, sets: &[Set], variants: &[&str]) -> Vec<Malformed> {
    let make = |version: &&str| {
        let request = changed(message, |copy| copy.version = format!(" {version}").into_bytes());
        Malformed::new(*version, request, sets)
    };
    variants.iter().map(make).collect()
}

fn other_versions(_: &Base, message: &Message) -> Vec<Malformed> {
    versions(message, &[Set::Http], &["HTTP/9.9", "HTTP/1", "http/1.1", "HTTP/1.10"])
}

fn http_2(_: &Base, message: &Message) -> Vec<Malformed> {
    versions(message, &[Set::Http], &["HTTP/2.0"])
}

fn http_1_0(_: &Base, message: &Message) -> Vec<Malformed> {
    versions(message, &[Set::AsRepaired], &["HTTP/1.0"])
}

fn line_before(_: &Base, message: &Message) -> Vec<Malformed> {
    one("CRLF", message, &[Set::AsRepaired, Set::Http], |copy| copy.before = b"\r\n".to_vec())
}

fn line_feeds(_: &Base, message: &Message) -> Vec<Malformed> {
    one("LF", message, &[Set::AsRepaired, Set::Http], |copy| copy.line_end = b"\n")
}

fn carriage_returns(_: &Base, message: &Message) -> Vec<Malformed> {
    one("CR", message, &[Set::Http], |copy| copy.line_end = b"\r")
}

/// Requests with these lines for the host.
fn hosts(message: &Message, sets: &[Set], variants: &[(&str, &[&str])]) -> Vec<Malformed> {
    each(message, sets, variants, |copy, lines| {
        copy.host = Host::Lines(lines.iter().map(|line| line.as_bytes().to_vec()).collect());
    })
}

fn tolerating_acceptance(requests: Vec<Malformed>) -> Vec<Malformed> {
    requests.into_iter().map(|malformed| malformed.tolerating(&[Set::AsRepaired])).collect()
}

fn no_host(_: &Base, message: &Message) -> Vec<Malformed> {
    tolerating_acceptance(hosts(message, &[Set::Http], &[("none", &[])]))
}

fn two_hosts(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, &[&str])] =
        &[("equal", &["host: {host}", "host: {host}"]), ("unlike", &["host: {host}", "host: localhost"])];
    tolerating_acceptance(hosts(message, &[Set::Http], variants))
}

fn invalid_host(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, &[&str])] =
        &[("empty", &["host:"]), ("with a blank", &["host: a b"]), ("half an address", &["host: [::1"])];
    hosts(message, &[Set::Http, Set::AsRepaired, Set::Route], variants)
}

/// Requests with one more header line.
fn lines(message: &Message, sets: &[Set], variants: &[(&str, &[u8])]) -> Vec<Malformed> {
    each(message, sets, variants, |copy, line| copy.headers.push(line.to_vec()))
}

fn blank_before_colon(_: &Base, message: &Message) -> Vec<Malformed> {
    lines(message, &[Set::Http], &[("a blank", b"x-a : b"), ("a tab", b"x-a\t: b")])
}

fn header_names(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants: &[(&str, &[u8])] = &[
        ("a control character", b"x\x01: b"),
        ("a parenthesis", b"x(: b"),
        ("empty", b": b"),
        ("no colon", b"x-a"),
    ];
    lines(message, &[Set::Http], variants)
}

fn nul_in_header(_: &Base, message: &Message) -> Vec<Malformed> {
    tolerating_acceptance(lines(message, &[Set::Http], &[("NUL", b"x-a: a\0b")]))
}

fn folded(_: &Base, message: &Message) -> Vec<Malformed> {
    lines(
        message,
        &[Set::AsRepaired, Set::Http],
        &[("by a blank", b"x-a: a\r\n b"), ("by a tab", b"x-a: a\r\n\tb")],
    )
}

fn high_bytes(_: &Base, message: &Message) -> Vec<Malformed> {
    lines(message, &[Set::AsRepaired, Set::Http], &[("not UTF-8", b"x-a: \xff\xfe"), ("UTF-8", b"x-a: \xc3\xa9")])
}

fn many_headers(_: &Base, message: &Message) -> Vec<Malformed> {
    one("200", message, &[Set::AsRepaired, Set::Http], |copy| {
        copy.headers.extend((0..200).map(|number| format!("x-{number}: 1").into_bytes()));
    })
}

fn header_of(message: &Message, length: usize, sets: &[Set]) -> Vec<Malformed> {
    let line = [b"x-a: ".to_vec(), b"a".repeat(length)].concat();
    one("one", message, sets, |copy| copy.headers.push(line))
}

fn long_header(_: &Base, message: &Message) -> Vec<Malformed> {
    header_of(message, 7 * KILOBYTE, &[Set::AsRepaired])
}

fn too_long_header(_: &Base, message: &Message) -> Vec<Malformed> {
    header_of(message, 70 * KILOBYTE, &[Set::AsRepaired, Set::Http])
}

/// A query string so long: in a token that was never given, where the operation takes one, else in an unknown key.
fn query_of(base: &Base, message: &Message, length: usize, sets: &[Set]) -> Vec<Malformed> {
    let takes_token = query_members(base.operation).any(|member| member.name == "NextToken");
    let key = if takes_token { "NextToken=" } else { "unknown=" };
    let pair = [key.as_bytes().to_vec(), b"a".repeat(length)].concat();
    let token: &[Set] =
        if takes_token { &[Set::Constraint, Set::Handled, Set::AnyPage] } else { &[Set::AsRepaired] };
    one("in one value", message, &[sets, token].concat(), |copy| copy.query.push(pair))
}

fn long_query(base: &Base, message: &Message) -> Vec<Malformed> {
    query_of(base, message, 7 * KILOBYTE, &[])
}

fn too_long_query(base: &Base, message: &Message) -> Vec<Malformed> {
    query_of(base, message, 70 * KILOBYTE, &[Set::Http])
}

fn absolute_form(_: &Base, message: &Message) -> Vec<Malformed> {
    one("http://localhost", message, &[Set::AsRepaired, Set::Http], |copy| {
        copy.signing = Signing::Of(Box::new(message.clone()));
        copy.path = [b"http://localhost", &*message.path].concat();
    })
}

fn other_forms(_: &Base, message: &Message) -> Vec<Malformed> {
    let variants = [("OPTIONS *", ("OPTIONS", "*")), ("CONNECT", ("CONNECT", "x:443"))];
    each(message, &[Set::Method, Set::Http, Set::Bare], &variants, |copy, (method, target)| {
        copy.method = method.into();
        copy.path = target.into();
        copy.query.clear();
    })
}
