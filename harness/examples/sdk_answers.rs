//! Writes scripted answers, and what botocore and the JavaScript client are predicted to make of them.
//!
//! `sdk_answers SEED NUMBER`: one JSON object a line. `.ci/sdk` lets the real clients read the same answers.
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::process::ExitCode;

use passmuster::domain::Operation;
use passmuster::sdk::{Sdk, Verdict, predict};
use passmuster::wire::HttpResponse;
use serde_json::{Value, json};

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let [seed, number] = numbers[..] else {
        println!("two numbers are needed: a seed, and how many answers to write");
        return ExitCode::from(2);
    };
    let mut draw = Draw(seed);
    for _ in 0..number {
        println!("{}", line(&mut draw));
    }
    ExitCode::SUCCESS
}

fn line(draw: &mut Draw) -> Value {
    let operation =
        draw.of(&[Operation::CreateMembers, Operation::GetInvitationsCount, Operation::EnableSecurityHub]);
    let status = draw.of(STATUSES);
    let headers = headers(draw);
    let success = status < 300;
    let whole = draw.below(if success { 4 } else { 6 }) == 0;
    let text = match (whole, success) {
        (true, _) => draw.of(BODIES).to_owned(),
        (false, true) => output(draw, operation),
        (false, false) => error(draw),
    };
    let body = if whole { text.into_bytes() } else { odd(draw, &text) };
    let response = HttpResponse { status, headers, body };
    let predicted = predict(operation, &response);
    let of = |sdk: Sdk| predicted.iter().find(|reading| reading.sdk == sdk).map(|reading| words(&reading.verdict));
    json!({
        "operation": operation.name(),
        "status": status,
        "headers": response.headers,
        "body": response.body.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "botocore": of(Sdk::Botocore),
        "javascript": of(Sdk::JavaScript),
    })
}

fn words(verdict: &Verdict) -> String {
    let detail = match verdict {
        Verdict::Crash(error) => Some(*error),
        other => other.code(),
    };
    detail.map_or_else(|| verdict.kind().to_owned(), |detail| format!("{} {detail}", verdict.kind()))
}

/// Draws that follow from a seed (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap_or_default()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

const STATUSES: &[u16] = &[
    400, 400, 400, 400, 401, 402, 403, 404, 409, 429, 500, 500, 501, 502, 503, 504, 300, 301, 307, 200, 200, 202,
];

const ERROR_TYPE: &[&str] = &["x-amzn-errortype", "x-amzn-ErrorType", "X-AMZN-ERRORTYPE"];

const CODES: &[&str] = &[
    "InvalidInputException",
    "InvalidInputException",
    "LimitExceededException",
    "ResourceInUseException",
    "BadCode",
    "",
    "400",
    "invalidinputexception",
    "ns#InvalidInputException",
    "a#InvalidInputException#b",
    "a#b#InvalidInputException",
    "InvalidInputException#",
    "InvalidInputException:http://example.com/x#y",
    "ns#InvalidInputException:x",
    "InvalidInputException,LimitExceededException",
    "x,ns#InvalidInputException",
    ":InvalidInputException",
    "#",
];

/// Whole bodies that are no object.
const BODIES: &[&str] = &[
    "",
    " ",
    "\r\n",
    "null",
    "[]",
    "[\"InvalidInputException\"]",
    "\"InvalidInputException\"",
    "\"\"",
    "5",
    "true",
    "NaN",
    "bad request",
    "<html><body>Bad Request</body></html>",
    " <html></html>",
    "<HTML></HTML>",
    "<Error><Code>InvalidInputException</Code></Error>",
    "{",
    "{}",
    "{}{}",
    "{'Code':'InvalidInputException'}",
    "{\"code\":\"InvalidInputException\",}",
    "/**/{\"code\":\"InvalidInputException\"}",
];

/// Values that stand where a code is looked for.
const ODD_CODES: &[&str] = &[
    "null",
    "400",
    "-0",
    "1.5",
    "1e2",
    "1E400",
    "-2.5e-7",
    "12345678901234567890123",
    "true",
    "false",
    "[]",
    "[\"InvalidInputException\"]",
    "[\"a\",[null,1]]",
    "[\"#\"]",
    "[\":\"]",
    "{}",
    "{\"Code\":\"BadCode\"}",
    "\"Invalid\\u0049nputException\"",
];

const NAMES: &[&str] = &["code", "Code", "__type", "__Type", "CODE", "c\\u006fde", "Error", "Type"];

const MESSAGES: &[&str] = &["message", "Message", "errorMessage"];

const MESSAGE_VALUES: &[&str] =
    &["\"m\"", "\"m\"", "\"\"", "null", "5", "{\"a\":1}", "[\"m\"]", "\"\\ud800\"", "\"\\ud83d\\ude00 é\""];

fn headers(draw: &mut Draw) -> Vec<(std::borrow::Cow<'static, str>, String)> {
    let mut lines: Vec<(&str, String)> = Vec::new();
    let kind = draw.of(&[
        "application/json",
        "application/json",
        "application/x-amz-json-1.1; charset=utf-8",
        "text/html",
        "",
    ]);
    if !kind.is_empty() {
        lines.push(("content-type", kind.to_owned()));
    }
    lines.push((draw.of(&["x-amzn-RequestId", "x-amzn-RequestId", "x-amz-request-id"]), "1-2-3".to_owned()));
    if draw.below(8) == 0 {
        lines.push(("content-encoding", draw.of(&["gzip", "identity"]).to_owned()));
    }
    for _ in 0..draw.of(&[0, 0, 1, 1, 1, 1, 2]) {
        let blanks = ["", "", "", "", " ", "\t", "  "];
        let value = format!("{}{}{}", draw.of(&blanks), draw.of(CODES), draw.of(&blanks));
        lines.push((draw.of(ERROR_TYPE), value));
    }
    lines.into_iter().map(|(name, value)| (name.to_owned().into(), value)).collect()
}

/// An object with codes and messages in some places, in some order.
fn error(draw: &mut Draw) -> String {
    let mut members = Vec::new();
    for _ in 0..draw.below(4) {
        let name = draw.of(NAMES);
        let value = match draw.below(3) {
            0 => draw.of(ODD_CODES).to_owned(),
            _ => format!("\"{}\"", draw.of(CODES)),
        };
        members.push(format!("\"{name}\":{value}"));
    }
    for _ in 0..draw.below(3) {
        let at = draw.below(members.len() + 1);
        members.insert(at, format!("\"{}\": {}", draw.of(MESSAGES), draw.of(MESSAGE_VALUES)));
    }
    format!("{{{}}}", members.join(","))
}

/// An answer of an operation, or something like one.
fn output(draw: &mut Draw, operation: Operation) -> String {
    let list = [
        "[]",
        "null",
        "[null]",
        "[{\"AccountId\":\"1\"}]",
        "[{\"AccountId\":5,\"x\":{}}]",
        "[{}, null]",
        "\"x\"",
        "\"\"",
        "5",
        "true",
        "{}",
        "{\"a\":1}",
        "[5]",
        "[\"s\"]",
        "[[]]",
        "[{\"AccountId\":null}]",
        "[{\"ProcessingResult\":[]}]",
    ];
    match operation {
        Operation::GetInvitationsCount => format!("{{\"InvitationsCount\":{}}}", draw.of(&["0", "7", "null"])),
        _ => format!("{{\"x\":[1,{{}}],\"UnprocessedAccounts\":{}}}", draw.of(&list)),
    }
}

/// The text as it is, or with something that not every reader takes.
fn odd(draw: &mut Draw, text: &str) -> Vec<u8> {
    let with = |member: &str| text.replacen('{', &format!("{{\"odd\":{member}, "), 1).replace(", }", "}");
    match draw.below(40) {
        0 => format!("\u{feff}{text}"),
        1 => format!("{text}xyz"),
        2 => format!(" \r\n\t{text}\n "),
        3 => with("NaN"),
        4 => with("[-Infinity]"),
        5 => with("01"),
        6 => with("1."),
        7 => with("\"\\ud800\""),
        8 => with("\"\\udc00\\ud83d\\ude00\""),
        9 => with("\"\\u12G4\""),
        10 => with("\"\\q\""),
        11 => with("\"\u{1}\""),
        12 => with("\"\u{7f}\\u0000\\/\""),
        13 => with(&format!("{}{}", "[".repeat(250), "]".repeat(250))),
        14 => with("1e9999"),
        15 => text.get(..text.len() - 1).unwrap_or_default().to_owned(),
        16 => format!("{text}\0"),
        17 => return not_utf8(&with("\"\u{1}\"")),
        18 => return [&[0xef, 0xbf][..], text.as_bytes()].concat(),
        _ => text.to_owned(),
    }
    .into_bytes()
}

/// The text with a byte that no UTF-8 has in the place of the control character.
fn not_utf8(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect()
}
