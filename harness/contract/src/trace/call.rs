//! Calls, held against what the API model says of their operation.

use serde_json::Value;

use super::fields::{Fields, LineComplaint, object, unknown_member, wrong};
use super::{Call, Provenance, RecordedAnswer};
use crate::domain::shape::{MemberShape, ShapeKind};
use crate::domain::{Account, Document, ErrorKind, Operation, ServiceError, printable, suggestion};

const MEMBERS: &[&str] = &[
    "account",
    "region",
    "operation",
    "request",
    "status",
    "response",
    "error",
    "unreadable",
    "pages",
    "provenance",
    "unknown",
];

/// The parts of an error that may be unknown.
const OF_ERRORS: &[&str] = &["status", "message"];

/// Reads a call; `region` is where it goes when it doesn't say.
pub(super) fn call(document: Document, region: &str, line: u64) -> Result<Call, LineComplaint> {
    let mut fields = Fields::new(document, MEMBERS)?;
    let operation = operation(&fields.required_text("operation")?)?;
    let request = fields.take("request").map_or(Ok(Document::new()), |value| object("request", value))?;
    known_members("request", operation.shape().input, &request)?;
    let call = Call {
        line,
        account: account(&fields.required_text("account")?)?,
        region: fields.text("region")?.unwrap_or_else(|| region.to_owned()),
        operation,
        request,
        pages: fields.sizes("pages")?,
        provenance: provenance(&fields.required_text("provenance")?)?,
        unknown: fields.texts("unknown")?,
        answer: RecordedAnswer::Response { status: 200, body: None },
    };
    let answer = answer(fields, operation, &call.unknown)?;
    check_unknown(operation, &answer, &call.unknown)?;
    check_pages(operation, &answer, &call.pages)?;
    Ok(Call { answer, ..call })
}

fn operation(name: &str) -> Result<Operation, LineComplaint> {
    Operation::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Operation::ALL.iter().map(|operation| operation.name()).collect();
        LineComplaint::new(format!("no operation is called {:?}", printable(name)), suggestion(name, &names))
    })
}

fn account(text: &str) -> Result<Account, LineComplaint> {
    let what = || format!("account {:?} is no account id", printable(text));
    Account::from_digits(text).ok_or_else(|| LineComplaint::new(what(), "write its twelve digits without dashes"))
}

fn provenance(word: &str) -> Result<Provenance, LineComplaint> {
    [Provenance::Observed, Provenance::Assumed].into_iter().find(|known| known.name() == word).ok_or_else(|| {
        let what = format!("provenance {:?} is neither observed nor assumed", printable(word));
        LineComplaint::new(what, "say observed where the source shows the call, else assumed")
    })
}

/// Holds the names of a request against those the API has, at any depth.
fn known_members(place: &str, known: &[MemberShape], document: &Document) -> Result<(), LineComplaint> {
    for (name, value) in document {
        let Some(member) = known.iter().find(|member| member.name == *name) else {
            let names: Vec<&str> = known.iter().map(|member| member.name).collect();
            return Err(unknown_member(&format!("{place} has"), name, &names));
        };
        let inside = |value: &Value, kind: &ShapeKind| match (kind, value) {
            (ShapeKind::Structure(known), Value::Object(inner)) => known_members(member.name, known, inner),
            _ => Ok(()),
        };
        match (&member.kind, value) {
            (ShapeKind::List { item, .. }, Value::Array(items)) => {
                items.iter().try_for_each(|value| inside(value, item))?;
            }
            (kind, value) => inside(value, kind)?,
        }
    }
    Ok(())
}

fn answer(mut fields: Fields, operation: Operation, unknown: &[String]) -> Result<RecordedAnswer, LineComplaint> {
    let (response, error) = (fields.take("response"), fields.take("error"));
    let unreadable = fields.text("unreadable")?;
    let status = fields.take("status").map(status).transpose()?;
    if [response.is_some(), error.is_some(), unreadable.is_some()].iter().filter(|given| **given).count() > 1 {
        return Err(LineComplaint::new(
            "the call has more than one answer",
            "give one of response, error, unreadable",
        ));
    }
    if let Some(error) = error {
        return service_error(object("error", error)?, status, unknown).map(RecordedAnswer::Error);
    }
    let status =
        status.ok_or_else(|| LineComplaint::new("status is missing", "give the HTTP status, such as 200"))?;
    if let Some(reason) = unreadable {
        return Ok(RecordedAnswer::Unreadable { status, reason });
    }
    if !(200..300).contains(&status) {
        let fix = "give its error as {\"code\": …}, or say why it is unreadable";
        return Err(LineComplaint::new(format!("status {status} is no success, and there is no error"), fix));
    }
    if response.is_none() && !operation.shape().output.is_empty() {
        let what = format!("{operation} answers with members, and there is no response");
        return Err(LineComplaint::new(what, "give the members that were sent; {} says that there were none"));
    }
    Ok(RecordedAnswer::Response { status, body: response })
}

fn status(value: Value) -> Result<u16, LineComplaint> {
    let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| (100..600).contains(status));
    status.ok_or_else(|| wrong("status", "an HTTP status, such as 200"))
}

fn service_error(
    document: Document,
    status: Option<u16>,
    unknown: &[String],
) -> Result<ServiceError, LineComplaint> {
    let mut fields = Fields::new(document, &["code", "message"])?;
    let kind = ErrorKind::from_code(&fields.required_text("code")?);
    // A target may say nothing at length: any string will do.
    let message = match fields.take("message") {
        None => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => return Err(wrong("message", "a string")),
    };
    let left_open = unknown.iter().any(|name| name == "status");
    match status {
        Some(status) if (200..300).contains(&status) => Err(LineComplaint::new(
            format!("status {status} is a success, and there is an error"),
            "give one of them",
        )),
        Some(_) if left_open => {
            Err(LineComplaint::new("status is given, and said to be unknown", "give one of them"))
        }
        None if !left_open => {
            let fix = "give the HTTP status, or name it in unknown where the source doesn't show it";
            Err(LineComplaint::new("status is missing", fix))
        }
        status => Ok(ServiceError { status: status.unwrap_or(kind.status()), kind, message }),
    }
}

/// Checks that unknown members have a place in the answer, and don't stand there.
fn check_unknown(operation: Operation, answer: &RecordedAnswer, unknown: &[String]) -> Result<(), LineComplaint> {
    let mut known = Vec::new();
    let shown = |name: &str| match answer {
        RecordedAnswer::Error(error) => name == "message" && error.message.is_some(),
        RecordedAnswer::Response { body, .. } => body.as_ref().is_some_and(|body| holds(body, name)),
        RecordedAnswer::Unreadable { .. } => false,
    };
    match answer {
        RecordedAnswer::Error(_) => known.extend(OF_ERRORS),
        RecordedAnswer::Response { .. } => leaves(operation.shape().output, &mut known),
        RecordedAnswer::Unreadable { .. } => {}
    }
    for name in unknown {
        if !known.contains(&name.as_str()) {
            let what = format!("unknown names {:?}, which the answer can't have", printable(name));
            let fix = if known.is_empty() { "leave it out".to_owned() } else { suggestion(name, &known) };
            return Err(LineComplaint::new(what, fix));
        }
        if shown(name) {
            let fix = "leave it out of one of them";
            return Err(LineComplaint::new(format!("{name} is shown, and said to be unknown"), fix));
        }
    }
    Ok(())
}

/// The members that hold a value rather than further members.
fn leaves(members: &[MemberShape], names: &mut Vec<&'static str>) {
    for member in members {
        match &member.kind {
            ShapeKind::Structure(inner) | ShapeKind::List { item: ShapeKind::Structure(inner), .. } => {
                leaves(inner, names)
            }
            ShapeKind::String
            | ShapeKind::NonEmpty
            | ShapeKind::Timestamp
            | ShapeKind::Boolean
            | ShapeKind::Integer(_)
            | ShapeKind::Enum(_)
            | ShapeKind::List { .. }
            | ShapeKind::Tags
            | ShapeKind::Open => {
                if !names.contains(&member.name) {
                    names.push(member.name);
                }
            }
        }
    }
}

/// Whether a member of this name stands anywhere in the value.
fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| key == name || holds(value, name)),
        Value::Array(items) => items.iter().any(|item| holds(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Pages belong to a list, and have as many entries together as it has.
fn check_pages(operation: Operation, answer: &RecordedAnswer, pages: &[usize]) -> Result<(), LineComplaint> {
    if pages.is_empty() {
        return Ok(());
    }
    let fix = "give the number of entries of each page, or leave pages out";
    let Some(list) = operation.paged_list() else {
        return Err(LineComplaint::new(format!("{operation} has no pages"), "leave pages out"));
    };
    let shown = match answer {
        RecordedAnswer::Response { body: Some(body), .. } => {
            body.get(list).and_then(Value::as_array).map_or(0, Vec::len)
        }
        RecordedAnswer::Response { body: None, .. }
        | RecordedAnswer::Error(_)
        | RecordedAnswer::Unreadable { .. } => 0,
    };
    let together = pages.iter().fold(0_usize, |sum, size| sum.saturating_add(*size));
    if together != shown {
        let what = format!("the pages have {together} entries together, and the answer has {shown}");
        return Err(LineComplaint::new(what, fix));
    }
    Ok(())
}
