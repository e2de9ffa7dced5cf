//! Where mutations begin: what clients send, one request for each row of the decision table, and corners of JSON.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Serializer, Value, json};

use super::{cases, corners, message};
use passmuster_contract::domain::shape::Kind;
use passmuster_contract::domain::well_formed::{Fill, InputForm, plain};
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::wire::{HttpRequest, encode_request};

/// A request to begin with, by a name that says what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Lower-case words joined by hyphens, fit for the name of a file.
    pub name: String,
    /// The request.
    pub request: HttpRequest,
}

/// How much of an input is filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What is required.
    Minimal,
    /// All members.
    Full,
    /// All members, and lists as long as they may be.
    Longest,
    /// All members, with addresses and tags beyond ASCII.
    Unicode,
}

/// Requests that every implementation has to accept, as clients of AWS write them.
#[must_use]
pub fn sound() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for operation in Operation::ALL.iter().copied() {
        let mut told: Vec<HttpRequest> = Vec::new();
        let forms = [
            ("minimal", Form::Minimal),
            ("full", Form::Full),
            ("longest", Form::Longest),
            ("unicode", Form::Unicode),
        ];
        for (word, form) in forms {
            let members = input(operation, form);
            let request = encode_request(operation, &members);
            // Few operations have as many forms.
            if told.contains(&request) {
                continue;
            }
            told.push(request.clone());
            let name = format!("{}-{word}", kebab(operation.name()));
            if form == Form::Full && !request.body.is_empty() {
                let spaced = HttpRequest { body: spaced(&request.body), ..request.clone() };
                seeds.push(Seed { name: format!("{name}-spaced"), request: spaced });
            }
            seeds.push(Seed { name, request });
        }
    }
    seeds
}

/// One request, or a few, for each row of the decision table that is about the content of a message.
#[must_use]
pub fn rows() -> Vec<Seed> {
    let row = |(name, text): &(&str, &[u8])| Seed { name: (*name).to_owned(), request: message::read(text) };
    cases::ROWS.iter().map(row).collect()
}

/// Corner cases of JSON in the value of a member that nobody knows, and in an address.
#[must_use]
pub fn json_corners() -> Vec<Seed> {
    let seed = |name: String, parts: [&[u8]; 3]| {
        let request = encode_request(Operation::CreateMembers, &input(Operation::CreateMembers, Form::Minimal));
        Seed { name, request: HttpRequest { body: parts.concat(), ..request } }
    };
    let wrapped = |corner: corners::Corner| {
        let text = corner.text.as_slice();
        let unknown: [&[u8]; 3] = [br#"{"AccountDetails":[{"AccountId":"222222222222"}],"x":"#, text, b"}"];
        let email: [&[u8]; 3] = [br#"{"AccountDetails":[{"AccountId":"222222222222","Email":"#, text, b"}]}"];
        [
            seed(format!("json-skipped-{}", corner.name), unknown),
            seed(format!("json-email-{}", corner.name), email),
        ]
    };
    corners::all().into_iter().flat_map(wrapped).collect()
}

/// All of them.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    [sound(), rows(), json_corners()].concat()
}

fn input(operation: Operation, form: Form) -> Document {
    let fill = if form == Form::Minimal { Fill::Required } else { Fill::All };
    let length = |bounds: Option<(usize, usize)>| match form {
        Form::Longest => bounds.map_or(50, |(_, most)| most),
        Form::Minimal | Form::Full | Form::Unicode => 1,
    };
    let leaf = |name: &str, kind: &Kind, place: usize| sample(name, kind, form, place);
    InputForm { fill, length: &length, leaf: &leaf }.input(operation)
}

/// A value of this kind that nobody finds fault with.
fn sample(name: &str, kind: &Kind, form: Form, place: usize) -> Value {
    let account = ["AccountId", "AccountIds", "MasterId", "AdministratorId"];
    match kind {
        Kind::String | Kind::NonEmpty | Kind::Timestamp => match name {
            _ if account.iter().any(|ending| name.ends_with(ending)) => {
                json!(format!("{:012}", 222_222_222_222 + place))
            }
            "Email" if form == Form::Unicode => json!(format!("zoë+{place}@exämple.com")),
            "Email" => json!(format!("member{place}@example.com")),
            "InvitationId" => json!("7ab938c5d52d7904ad09f9e7c20cc4eb"),
            "HubArn" => json!("arn:aws:securityhub:us-east-1:111111111111:hub/default"),
            "StandardsArn" => json!("arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
            "StandardsSubscriptionArns" => {
                json!(format!("arn:aws:securityhub:us-east-1:111111111111:subscription/s/v/1.2.{place}"))
            }
            _ => json!("a b/+=&"),
        },
        Kind::Integer(Some((_, most))) if form == Form::Longest => json!(most),
        Kind::Tags if form == Form::Longest => (0..50).map(|at| (format!("k{at}"), json!("v"))).collect(),
        Kind::Tags if form == Form::Unicode => json!({ "team": "Zürich 🙂" }),
        Kind::Tags => json!({ "team": "security" }),
        other => plain(other),
    }
}

/// `CreateMembers` as `create-members`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// The JSON text with a blank behind each comma and colon, as botocore writes it.
fn spaced(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = serde_json::from_slice::<Value>(body)
        .and_then(|value| value.serialize(&mut Serializer::with_formatter(&mut bytes, Spaced)));
    if written.is_ok() { bytes } else { body.to_vec() }
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
