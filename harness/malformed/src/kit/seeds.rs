//! The requests that a subject is shown: what clients send, and what the catalogue makes of it.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Serializer, Value, json};

use crate::compose::{LONGEST, is_small};
use crate::{Base, ClassId, Composition, Message, classes};
use passmuster_contract::domain::shape::ShapeKind;
use passmuster_contract::domain::well_formed::{Fill, InputForm, plain};
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::wire::{HttpRequest, encode_request};

/// A request, by a name that says what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Lower-case words joined by hyphens, fit for the name of a file.
    pub name: String,
    /// The classes of malformed requests that it belongs to; none where it is sound.
    pub classes: Vec<ClassId>,
    /// The request.
    pub request: HttpRequest,
}

impl Seed {
    /// A composition of the catalogue, where a parser of whole requests can be shown it.
    pub(super) fn of(composition: Composition) -> Option<Self> {
        Some(Self {
            name: slug(&composition.malformed.variant),
            classes: composition.ingredients.iter().map(|one| one.class).collect(),
            request: composition.malformed.message.as_request()?,
        })
    }
}

/// No class has more variants of one request.
const MOST_VARIANTS: usize = 24;

/// The extent to which an input is filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filling {
    /// The required members.
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
            ("minimal", Filling::Minimal),
            ("full", Filling::Full),
            ("longest", Filling::Longest),
            ("unicode", Filling::Unicode),
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
            if form == Filling::Full && !request.body.is_empty() {
                let spaced = HttpRequest { body: spaced(&request.body), ..request.clone() };
                seeds.push(Seed { name: format!("{name}-spaced"), classes: Vec::new(), request: spaced });
            }
            seeds.push(Seed { name, classes: Vec::new(), request });
        }
    }
    seeds
}

/// The requests of the catalogue, but for those that are wrong in their framing or their signature: a parser of whole
/// requests never sees that.
///
/// They are those that a campaign sends, and more: what is made of an operation's request as it is at least, and of
/// one with all its members.
#[must_use]
pub fn malformed() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = Vec::new();
    for base in bases() {
        let operation = kebab(base.operation.name());
        for class in classes().filter(|class| is_small(class.id)) {
            for made in class.requests(&base) {
                let Some(request) = made.message.as_request() else { continue };
                let known = |seed: &Seed| seed.request == request && seed.classes == [class.id];
                if request.body.len() > LONGEST || seeds.iter().rev().take(MOST_VARIANTS).any(known) {
                    continue;
                }
                let name = format!("{}-{operation}-{}", class.id, made.variant);
                seeds.push(Seed { name: slug(&name), classes: vec![class.id], request });
            }
        }
    }
    number(&mut seeds);
    seeds
}

/// The well-formed requests that are spoilt: of each operation the least, and all that it may have.
pub(super) fn bases() -> Vec<Base> {
    let mut bases = Vec::new();
    for operation in Operation::ALL.iter().copied() {
        let least = Base::sample(operation);
        let whole = Message::of(&encode_request(operation, &input(operation, Filling::Full)));
        bases.push(Base { message: whole, ..least.clone() });
        bases.push(least);
    }
    bases
}

/// Tells seeds of the same name apart.
fn number(seeds: &mut [Seed]) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for seed in seeds {
        let times = known.entry(seed.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            seed.name = format!("{}-{times}", seed.name);
        }
    }
}

/// All of them.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    [sound(), malformed()].concat()
}

fn input(operation: Operation, form: Filling) -> Document {
    let fill = if form == Filling::Minimal { Fill::Required } else { Fill::All };
    let length = |bounds: Option<(usize, usize)>| match form {
        Filling::Longest => bounds.map_or(50, |(_, most)| most),
        Filling::Minimal | Filling::Full | Filling::Unicode => 1,
    };
    let leaf = |name: &str, kind: &ShapeKind, place: usize| sample(name, kind, form, place);
    InputForm { fill, length: &length, leaf: &leaf }.input(operation)
}

/// A value of this kind that is right in every way.
fn sample(name: &str, kind: &ShapeKind, form: Filling, place: usize) -> Value {
    let account = ["AccountId", "AccountIds", "MasterId", "AdministratorId"];
    match kind {
        ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp => match name {
            _ if account.iter().any(|ending| name.ends_with(ending)) => {
                json!(format!("{:012}", 222_222_222_222 + place))
            }
            "Email" if form == Filling::Unicode => json!(format!("zoë+{place}@exämple.com")),
            "Email" => json!(format!("member{place}@example.com")),
            "InvitationId" => json!("7ab938c5d52d7904ad09f9e7c20cc4eb"),
            "HubArn" => json!("arn:aws:securityhub:us-east-1:111111111111:hub/default"),
            "StandardsArn" => json!("arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
            "StandardsSubscriptionArns" => {
                json!(format!("arn:aws:securityhub:us-east-1:111111111111:subscription/s/v/1.2.{place}"))
            }
            _ => json!("a b/+=&"),
        },
        ShapeKind::Integer(Some((_, most))) if form == Filling::Longest => json!(most),
        ShapeKind::Tags if form == Filling::Longest => (0..50).map(|at| (format!("k{at}"), json!("v"))).collect(),
        ShapeKind::Tags if form == Filling::Unicode => json!({ "team": "Zürich 🙂" }),
        ShapeKind::Tags => json!({ "team": "security" }),
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

/// Lower-case words of letters and digits, joined by hyphens.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The JSON text with a blank after each comma and colon, as botocore writes it.
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
