//! Calls, as a line has them. What the request and the answer hold is judged later: one odd call is no reason to refuse a
//! file.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

use super::fields::{Fields, LineComplaint, object, wrong};
use super::{Call, Called, Provenance, RecordedAnswer};
use crate::domain::shape::{MemberShape, ShapeKind};
use crate::domain::{Account, Document, ErrorKind, Operation, ServiceError, near, printable};

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

/// Reads a call; `region` is where it goes when it doesn't say.
pub(super) fn call(document: Document, region: &str, line: u64) -> Result<Call, LineComplaint> {
    let mut fields = Fields::new(document, MEMBERS)?;
    let operation = Called::from_name(fields.required_text("operation")?);
    let request = fields.take("request").map_or(Ok(Document::new()), |value| object("request", value))?;
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
    check_unknown(&call.unknown)?;
    let answer = answer(fields, &call.operation, &call.unknown)?;
    check_pages(&call.operation, &answer, &call.pages)?;
    Ok(Call { answer, ..call })
}

/// A name that is nearly one of an answer's members was meant to be it. Others may be members that this contract does not
/// speak of.
fn check_unknown(unknown: &[String]) -> Result<(), LineComplaint> {
    /// More edits than these make another name.
    const MOST_EDITS: usize = 2;
    static KNOWN: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let mut names = BTreeSet::from(["status", "message", "code"]);
        Operation::ALL.iter().for_each(|operation| add_names(operation.shape().output, &mut names));
        names
    });
    for name in unknown.iter().filter(|name| !KNOWN.contains(name.as_str())) {
        let is_near = |edits, candidate: &str| edits <= MOST_EDITS && candidate.len() > 2 * MOST_EDITS;
        if let Some(meant) = near(name, KNOWN.iter().copied(), is_near).first() {
            let what = format!("unknown names {:?}, which no answer has", printable(name));
            return Err(LineComplaint::new(what, format!("did you mean {meant}?")));
        }
    }
    Ok(())
}

fn add_names(members: &'static [MemberShape], names: &mut BTreeSet<&'static str>) {
    for member in members {
        names.insert(member.name);
        let mut kind = &member.kind;
        while let ShapeKind::List { item, .. } = kind {
            kind = item;
        }
        if let ShapeKind::Structure(inner) = kind {
            add_names(inner, names);
        }
    }
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

fn answer(mut fields: Fields, operation: &Called, unknown: &[String]) -> Result<RecordedAnswer, LineComplaint> {
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
    let has_members = operation.known().is_some_and(|operation| !operation.shape().output.is_empty());
    if response.is_none() && has_members {
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
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => return Err(wrong("message", "a string")),
    };
    let left_open = unknown.iter().any(|name| name == "status");
    match status {
        Some(status) if (200..300).contains(&status) => Err(LineComplaint::new(
            format!("status {status} is a success, and there is an error"),
            "give one of them",
        )),
        None if !left_open => {
            let fix = "give the HTTP status, or name it in unknown where the source doesn't show it";
            Err(LineComplaint::new("status is missing", fix))
        }
        status => Ok(ServiceError { status: status.unwrap_or(kind.status()), kind, message }),
    }
}

/// Pages belong to a list, and have as many entries together as it has.
fn check_pages(operation: &Called, answer: &RecordedAnswer, pages: &[usize]) -> Result<(), LineComplaint> {
    let Some(operation) = operation.known().filter(|_| !pages.is_empty()) else { return Ok(()) };
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
