//! Texts and values of a record as parts of the page, cut where they are too long.

use std::borrow::Cow;

use maud::{Markup, html};
use serde_json::Value;

use crate::report::terminal::text::abbreviated;
use passmuster_contract::catalogue::{self, Citation};
use passmuster_contract::domain::printable;

/// The most characters that are shown of a request.
pub(super) const REQUEST: usize = 1_000;

/// The most characters that are shown of an answer.
pub(super) const ANSWER: usize = 600;

/// The most characters that are shown of an expected or observed value.
pub(super) const VALUE: usize = 1_500;

/// The most characters that are shown of a command line or of the bytes of a request: a longer one is left out, for
/// a part of it is of no use.
pub(super) const COMMAND: usize = 6_000;

/// The lines of a text, each with everything escaped that could not be seen or would be seen elsewhere.
pub(in crate::report) fn lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(printable).collect();
    lines.join("\n")
}

/// A value: words as they are, anything else as JSON.
pub(super) fn value(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    };
    abbreviated(&lines(&text), VALUE)
}

/// A command line to copy.
pub(super) fn command(label: &str, text: &str) -> Markup {
    html! {
        @if !text.is_empty() {
            dt { (label) }
            dd {
                @if text.len() <= COMMAND { pre tabindex="0" { code { (printable(text.trim())) } } }
                @else { span.note { "It has " (text.len()) " bytes; the JSON report has it." } }
            }
        }
    }
}

/// A rule as a link to its row in the table.
pub(super) fn rule_link(id: &str) -> Markup {
    html! {
        @if catalogue::rule(id).is_some() { a href={ "#" (id) } { code { (id) } } }
        @else { code { (id) } }
    }
}

/// A list of names with commas between them.
pub(super) fn commas<'n>(names: impl IntoIterator<Item = &'n String>, one: impl Fn(&str) -> Markup) -> Markup {
    html! {
        @for (index, name) in names.into_iter().enumerate() {
            @if index > 0 { ", " }
            (one(name))
        }
    }
}

/// The place that says so. Only the catalogue has links, and only those of the web are made to be followed.
pub(super) fn citation(citation: &Citation) -> Markup {
    let source = &citation.source;
    let link = source.link.as_deref().filter(|link| link.starts_with("https://"));
    html! {
        @if let Some(link) = link { a href=(link) rel="noreferrer noopener" { (source.title) } }
        @else { (source.title) }
        @if let Some(place) = &citation.place { ", " (place) }
        @if let Some(date) = &source.date { " (" (date) ")" }
    }
}
