//! The calls of a recorded conversation with their answers, the pages of a list as one.

use serde_json::Value;

use crate::domain::{Document, Outcome, Transition};
use crate::oracle::Observation;
use crate::trace::{Call, RecordedAnswer, TraceNaming};
use crate::wire::{self, HttpResponse};

/// One call with its whole answer.
pub(super) struct Exchange<'c> {
    pub(super) at: usize,
    pub(super) call: &'c Call,
    /// The call in the terms of the model, or why it has none.
    pub(super) transition: Result<Transition, String>,
    pub(super) outcome: Outcome,
    pages: Vec<usize>,
    /// Whether the list goes on after what was recorded.
    pub(super) cut_short: bool,
}

/// The calls with their answers; the pages of one walk through a list, one right after the other, are one.
pub(super) fn exchanges<'c>(calls: &'c [Call], naming: &TraceNaming) -> Vec<Exchange<'c>> {
    let mut exchanges: Vec<Exchange<'c>> = Vec::new();
    // The token under which the list of the last exchange goes on.
    let mut open: Option<String> = None;
    for (at, call) in calls.iter().enumerate() {
        let outcome = outcome(call);
        let token = next_token(call, &outcome);
        if let Some(first) = exchanges
            .last_mut()
            .filter(|first| open.as_deref().is_some_and(|open| continues(first.call, call, open)))
        {
            first.append(call, outcome);
        } else {
            let own = call.request.contains_key("NextToken");
            let pages = if call.pages.is_empty() { sizes(call, &outcome) } else { call.pages.clone() };
            let transition = call.transition(naming).map_err(|wrong| wrong.to_string());
            exchanges.push(Exchange { at, call, transition, outcome, pages, cut_short: false });
            open = None;
            if own || !call.pages.is_empty() {
                continue;
            }
        }
        open = token;
        if let Some(exchange) = exchanges.last_mut() {
            exchange.cut_short = open.is_some();
        }
    }
    exchanges
}

/// Whether a call asks for the page after the first one's.
fn continues(first: &Call, call: &Call, token: &str) -> bool {
    let mut request = first.request.clone();
    request.insert("NextToken".to_owned(), token.into());
    (first.account, &first.region, first.operation) == (call.account, &call.region, call.operation)
        && call.request == request
}

/// Absent, null and empty all say that there is no further page (SH-WIRE-021).
fn next_token(call: &Call, outcome: &Outcome) -> Option<String> {
    call.operation.paged_list()?;
    let Outcome::Success(document) = outcome else { return None };
    let token = document.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    token.map(str::to_owned)
}

fn sizes(call: &Call, outcome: &Outcome) -> Vec<usize> {
    match (call.operation.paged_list(), outcome) {
        (Some(list), Outcome::Success(document)) => {
            vec![document.get(list).and_then(Value::as_array).map_or(0, Vec::len)]
        }
        _ => Vec::new(),
    }
}

impl Exchange<'_> {
    /// The answer, as the judge takes it.
    pub(super) fn observation(&self) -> Observation<'_> {
        Observation { outcome: &self.outcome, pages: &self.pages, unknown: &self.call.unknown }
    }

    /// Adds a page, or takes an answer that is none for the whole.
    fn append(&mut self, call: &Call, page: Outcome) {
        let list = call.operation.paged_list().unwrap_or_default();
        let entries = match &page {
            Outcome::Success(document) => document.get(list).and_then(Value::as_array).cloned(),
            Outcome::Error(_) | Outcome::Undecodable { .. } => None,
        };
        let Outcome::Success(whole) = &mut self.outcome else { return };
        match (entries, whole.get_mut(list)) {
            (Some(entries), Some(Value::Array(known))) => {
                self.pages.push(entries.len());
                known.extend(entries);
            }
            _ => self.outcome = page,
        }
    }
}

/// The answer as a client reads it.
fn outcome(call: &Call) -> Outcome {
    match &call.answer {
        RecordedAnswer::Error(error) => Outcome::Error(error.clone()),
        RecordedAnswer::Unreadable { status, reason } => {
            Outcome::Undecodable { status: *status, pointer: String::new(), reason: reason.clone() }
        }
        RecordedAnswer::Response { body: None, .. } => Outcome::Success(Document::new()),
        RecordedAnswer::Response { status, body: Some(body) } => {
            let body = body.to_string().into_bytes();
            let response = HttpResponse { status: *status, headers: Vec::new(), body };
            wire::decode_response(call.operation, &response)
        }
    }
}
