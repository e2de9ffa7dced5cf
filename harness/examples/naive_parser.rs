//! A parser that looks right, and what is wrong with it: derived structures over a JSON reader, and a few slips.
//!
//! ```console
//! $ cargo run -p passmuster --example naive_parser
//! ```
//!
//! `naive` is how one might begin; `main` shows it to [`passmuster::malformed::kit`] and lists the faults, each with
//! the smallest request that shows it. `tests/kit.rs` holds that none of them is missed.

use std::panic::{set_hook, take_hook};
use std::sync::Arc;
use std::thread;

use passmuster::domain::{Document, Operation};
use passmuster::malformed::kit::{KitFinding, KitSettings, Profile, RefusalKind, run};
use passmuster::wire::HttpRequest;
use serde::Deserialize;
use serde_json::{Value, json};

/// Enough for every fault; a few seconds without optimization.
const MOST_INPUTS: usize = 6_000;

/// The faults: the beginning of what is said of each. Those that the decision table only advises against come last.
const PLANTED: &[(&str, &str)] = &[
    ("a panic at a character of several bytes", "panic I03: end byte index"),
    ("an array is taken for the input", "accepted D84: an array where an object belongs (in body)"),
    ("an array is taken for an entry", "accepted D84: an array where an object belongs (in /AccountDetails/"),
    ("entries that are null are dropped", "accepted D78: null where an object belongs (in /AccountDetails/"),
    ("numbers are taken for ids", "accepted D75: a number where a string belongs (in /AccountIds/"),
    ("what stands after the body is not looked at", "accepted D60: a body that is not JSON (in body)"),
    ("an empty body is refused", "wrong-answer I23: nothing is wrong (in the request)"),
    ("half an integer is an integer", "accepted D90: a text that is no integer (in query parameter MaxResults)"),
    (
        "1 and True are true",
        "accepted D91: a word that is neither true nor false (in query parameter OnlyAssociated)",
    ),
    ("names go in any case", "misread D96: a member by nearly its name (in query parameter "),
    ("a boolean may be a string", "accepted D76: a string where a boolean belongs (in /EnableDefaultStandards)"),
    ("what is skipped needn't be text", "note D63: bytes that are not UTF-8 in an unknown member (in body)"),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    account_id: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateMembers {
    account_details: Option<Vec<Option<Detail>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountIds {
    account_ids: Option<Vec<Id>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Enable {
    enable_default_standards: Option<Value>,
}

/// Reads some operations as one might at first, and leaves all others to a reader that knows better.
fn naive(request: &HttpRequest) -> Result<(Operation, Document), RefusalKind> {
    let (operation, careful) = match passmuster::malformed::kit::reference(request) {
        Ok((operation, members)) => (operation, Ok(members)),
        Err(RefusalKind::Route) => return Err(RefusalKind::Route),
        Err(refusal) => (by_address(request).ok_or(RefusalKind::Route)?, Err(refusal)),
    };
    let members = match operation {
        Operation::CreateMembers => create_members(&request.body)?,
        Operation::InviteMembers => account_ids(&request.body)?,
        Operation::EnableSecurityHub => enable(&request.body, careful)?,
        Operation::ListMembers => list_members(&request.query),
        _ => careful?,
    };
    Ok((operation, members))
}

fn by_address(request: &HttpRequest) -> Option<Operation> {
    Operation::ALL
        .iter()
        .copied()
        .find(|known| known.shape().method == request.method && known.shape().path == request.path)
}

fn create_members(body: &[u8]) -> Result<Document, RefusalKind> {
    // The first of a stream of values: what follows is never seen.
    let mut stream = serde_json::Deserializer::from_slice(body).into_iter::<CreateMembers>();
    let input = stream.next().and_then(Result::ok).ok_or(RefusalKind::Parse)?;
    let details = input.account_details.ok_or(RefusalKind::Constraint)?;
    let entries = details.into_iter().flatten().map(|detail| {
        let mut entry = Document::new();
        if let Some(id) = detail.account_id {
            // A partition, a Region, a place: the first ten characters are enough for a log.
            let _ = if id.len() > 10 { &id[..11] } else { &id[..] };
            entry.insert("AccountId".to_owned(), json!(id));
        }
        if let Some(email) = detail.email {
            entry.insert("Email".to_owned(), json!(email));
        }
        Value::Object(entry)
    });
    Ok([("AccountDetails".to_owned(), entries.collect())].into_iter().collect())
}

fn account_ids(body: &[u8]) -> Result<Document, RefusalKind> {
    let input: AccountIds = serde_json::from_slice(body).map_err(|_| RefusalKind::Parse)?;
    let ids = input.account_ids.ok_or(RefusalKind::Constraint)?;
    let text = |id| match id {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    };
    Ok([("AccountIds".to_owned(), ids.into_iter().map(text).collect())].into_iter().collect())
}

fn enable(body: &[u8], careful: Result<Document, RefusalKind>) -> Result<Document, RefusalKind> {
    let input: Enable = serde_json::from_slice(body).map_err(|_| RefusalKind::Parse)?;
    match input.enable_default_standards {
        Some(Value::String(text)) => {
            Ok([("EnableDefaultStandards".to_owned(), json!(text == "true"))].into_iter().collect())
        }
        _ => careful,
    }
}

fn list_members(query: &str) -> Document {
    let mut members = Document::new();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name.to_ascii_lowercase().as_str() {
            "maxresults" => {
                let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
                members.insert("MaxResults".to_owned(), json!(digits.parse::<i64>().unwrap_or(50)));
            }
            "onlyassociated" => {
                let yes = ["true", "1", "yes"].contains(&value.to_ascii_lowercase().as_str());
                members.insert("OnlyAssociated".to_owned(), json!(yes));
            }
            "nexttoken" => {
                members.insert("NextToken".to_owned(), json!(value.replace("%20", " ").replace("%2F", "/")));
            }
            _ => {}
        }
    }
    members
}

/// The faults that the kit finds in it.
pub(crate) fn findings() -> Vec<KitFinding> {
    // The panics of this thread are findings and would only be noise; other threads go on printing theirs.
    let (told, here) = (Arc::new(take_hook()), thread::current().id());
    let others = Arc::clone(&told);
    set_hook(Box::new(move |panic| {
        if thread::current().id() != here {
            others(panic)
        }
    }));
    let settings = KitSettings {
        max_inputs: MOST_INPUTS,
        profile: Profile::Union,
        suspicions: true,
        ..KitSettings::default()
    };
    let findings = run(naive, &settings);
    set_hook(Box::new(move |panic| told(panic)));
    findings
}

/// The planted faults that none of these findings is about.
pub(crate) fn missed(findings: &[KitFinding]) -> Vec<&'static str> {
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let found = |beginning: &str| texts.iter().any(|text| text.starts_with(beginning));
    PLANTED.iter().filter(|(_, beginning)| !found(beginning)).map(|(what, _)| *what).collect()
}

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() {
    let findings = findings();
    for finding in &findings {
        println!("{finding}");
    }
    println!("{} findings; planted and missed: {:?}", findings.len(), missed(&findings));
}
