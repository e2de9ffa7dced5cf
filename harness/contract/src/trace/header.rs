//! Reads the header of a conversation from its line, and checks its members.

use serde_json::Value;

use super::fields::{Fields, LineComplaint, object, wrong};
use super::{Header, Rejection, SCHEMA};
use crate::domain::{Cause, Circumstances, Document, printable, suggestion};

const MEMBERS: &[&str] =
    &["schema", "title", "sources", "date", "region", "note", "excludes", "patience", "variant_of", "rejects"];

/// Reads a header.
pub(super) fn header(document: Document) -> Result<Header, LineComplaint> {
    let mut fields = Fields::new(document, MEMBERS)?;
    let schema = fields.required_text("schema")?;
    if schema != SCHEMA {
        let what = format!("the schema is {:?}, and this version reads {SCHEMA}", printable(&schema));
        return Err(LineComplaint::new(what, "read it with the version that wrote it"));
    }
    Ok(Header {
        title: fields.required_text("title")?,
        sources: fields.texts("sources")?,
        date: fields.text("date")?.map(date).transpose()?,
        region: fields.text("region")?,
        note: fields.text("note")?,
        excludes: fields.texts("excludes")?.iter().map(|name| cause(name)).collect::<Result<_, _>>()?,
        patience: fields.take("patience").map(|value| patience(&value)).transpose()?,
        variant_of: fields.text("variant_of")?,
        rejects: fields.take("rejects").map(|value| rejection(object("rejects", value)?)).transpose()?,
    })
}

fn cause(name: &str) -> Result<Cause, LineComplaint> {
    let names = Cause::ALL.map(Cause::name);
    Cause::ALL.into_iter().find(|cause| cause.name() == name).ok_or_else(|| {
        let what = format!("excludes names {:?}, which is no cause", printable(name));
        LineComplaint::new(what, suggestion(name, &names))
    })
}

fn patience(value: &Value) -> Result<u32, LineComplaint> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| *number <= Circumstances::LONGEST_PATIENCE);
    number.ok_or_else(|| wrong("patience", "a number of answers up to 60"))
}

/// `2021`, `2021-09` or `2021-09-28`.
fn date(text: String) -> Result<String, LineComplaint> {
    let digits = |part: &str, width| part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    let widths = [4, 2, 2];
    if parts.len() <= widths.len() && parts.iter().zip(widths).all(|(part, width)| digits(part, width)) {
        return Ok(text);
    }
    Err(wrong("date", "a year, month or day such as 2021, 2021-09 or 2021-09-28"))
}

fn rejection(document: Document) -> Result<Rejection, LineComplaint> {
    let mut fields = Fields::new(document, &["call", "rule"])?;
    let call = fields.required("call")?.as_u64().filter(|call| *call > 0);
    Ok(Rejection {
        call: call.ok_or_else(|| wrong("call", "the number of a call, from 1"))?,
        rule: fields.required_text("rule")?,
    })
}
