//! The members of one line, read one by one; what is left over at the end was not meant to be there.

use serde_json::Value;

use crate::domain::{Document, printable, suggestion};

/// A problem with a line, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineComplaint {
    pub(super) what: String,
    pub(super) fix: String,
}

impl LineComplaint {
    pub(super) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into() }
    }
}

/// The members of an object that have not been read yet.
pub(super) struct Fields {
    document: Document,
}

impl Fields {
    /// The members of an object, all of which have known names.
    pub(super) fn new(document: Document, known: &[&str]) -> Result<Self, LineComplaint> {
        match document.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(unknown_member("there is", name, known)),
            None => Ok(Self { document }),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.document.remove(name)
    }

    pub(super) fn required(&mut self, name: &str) -> Result<Value, LineComplaint> {
        self.take(name).ok_or_else(|| LineComplaint::new(format!("{name} is missing"), format!("give {name}")))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, LineComplaint> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a string that says something")),
        }
    }

    pub(super) fn required_text(&mut self, name: &str) -> Result<String, LineComplaint> {
        let missing = || LineComplaint::new(format!("{name} is missing"), format!("give {name} as a string"));
        self.text(name)?.ok_or_else(missing)
    }

    /// A list of strings; empty where it is left out.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, LineComplaint> {
        let Some(value) = self.take(name) else { return Ok(Vec::new()) };
        let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        let texts = value.as_array().and_then(|values| values.iter().map(text).collect());
        texts.ok_or_else(|| wrong(name, "a list of strings"))
    }

    /// A list of sizes; empty where it is left out.
    pub(super) fn sizes(&mut self, name: &str) -> Result<Vec<usize>, LineComplaint> {
        let Some(value) = self.take(name) else { return Ok(Vec::new()) };
        let size = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
        let sizes = value.as_array().and_then(|values| values.iter().map(size).collect());
        sizes.ok_or_else(|| wrong(name, "a list of numbers"))
    }
}

/// A member of the wrong type.
pub(super) fn wrong(name: &str, wanted: &str) -> LineComplaint {
    LineComplaint::new(format!("{name} is not {wanted}"), format!("give {name} as {wanted}"))
}

/// A name that stands for nothing.
fn unknown_member(place: &str, name: &str, known: &[&str]) -> LineComplaint {
    let fix = if known.is_empty() { "leave it out".to_owned() } else { suggestion(name, known) };
    LineComplaint::new(format!("{place} an unknown member {:?}", printable(name)), fix)
}

/// An object.
pub(super) fn object(name: &str, value: Value) -> Result<Document, LineComplaint> {
    match value {
        Value::Object(document) => Ok(document),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(wrong(name, "an object"))
        }
    }
}
