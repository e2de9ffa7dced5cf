//! Writes conversations, one call a line. It opens no file: bytes go to the caller.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{Call, Conversation, Provenance, RecordedAnswer, SCHEMA};
use crate::domain::Document;

#[derive(Serialize)]
struct HeaderLine<'a> {
    schema: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sources: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excludes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patience: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejects: Option<RejectionLine<'a>>,
}

#[derive(Serialize)]
struct RejectionLine<'a> {
    call: u64,
    rule: &'a str,
}

#[derive(Serialize)]
struct CallLine<'a> {
    account: String,
    region: &'a str,
    operation: &'a str,
    request: &'a Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    pages: &'a [usize],
    provenance: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unknown: &'a [String],
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// Writes a conversation; [`super::parse`] reads it again.
///
/// # Errors
///
/// Those of the writer.
pub fn write(conversation: &Conversation, out: &mut dyn Write) -> io::Result<()> {
    let header = &conversation.header;
    line(
        out,
        &HeaderLine {
            schema: SCHEMA,
            title: &header.title,
            sources: &header.sources,
            date: header.date.as_deref(),
            region: header.region.as_deref(),
            note: header.note.as_deref(),
            excludes: header.excludes.iter().map(|cause| cause.name()).collect(),
            patience: header.patience,
            variant_of: header.variant_of.as_deref(),
            rejects: header
                .rejects
                .as_ref()
                .map(|rejects| RejectionLine { call: rejects.call, rule: &rejects.rule }),
        },
    )?;
    conversation.calls.iter().try_for_each(|call| line(out, &call_line(call)))
}

fn call_line(call: &Call) -> CallLine<'_> {
    let mut written = CallLine {
        account: call.account.to_string(),
        region: &call.region,
        operation: call.operation.name(),
        request: &call.request,
        status: None,
        response: None,
        error: None,
        unreadable: None,
        pages: &call.pages,
        provenance: Provenance::name(call.provenance),
        unknown: &call.unknown,
    };
    match &call.answer {
        RecordedAnswer::Response { status, body } => {
            written.status = Some(*status);
            written.response = body.as_ref();
        }
        RecordedAnswer::Error(error) => {
            written.status = Some(error.status).filter(|_| call.unknown.iter().all(|name| name != "status"));
            written.error = Some(ErrorLine { code: error.kind.code(), message: error.message.as_deref() });
        }
        RecordedAnswer::Unreadable { status, reason } => {
            written.status = Some(*status);
            written.unreadable = Some(reason);
        }
    }
    written
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
