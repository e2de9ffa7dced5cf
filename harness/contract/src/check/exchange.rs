//! The calls of a recorded conversation with their answers, the pages of a list as one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::beside;
use crate::domain::{Divergence, Document, Operation, Outcome, Transition};
use crate::oracle::{Observation, setup};
use crate::trace::{Call, Called, RecordedAnswer, TraceNaming};
use crate::wire::{self, HttpResponse};

/// One call with its whole answer.
pub(super) struct Exchange<'c> {
    pub(super) at: usize,
    pub(super) call: &'c Call,
    /// The call in the terms of the model, or why it has none.
    pub(super) transition: Result<Transition, String>,
    pub(super) outcome: Outcome,
    pages: Vec<usize>,
    /// The call of each page after the first.
    further: Vec<usize>,
    /// The tokens that pages were asked for with.
    tokens: Vec<String>,
    /// The call that answered with a token which a page had been asked for with.
    pub(super) loops: Option<usize>,
    /// Whether a further page was asked for with another filter than the first: it need not show the same list.
    is_mixed: bool,
    /// Whether the list goes on after what was recorded.
    pub(super) cut_short: bool,
    /// The exchange whose list this page goes on with, where a change stands between them.
    pub(super) goes_on_from: Option<usize>,
    /// Members that the source of any page does not show.
    unknown: Vec<String>,
}

/// More lists than these are not followed at a time: one whose pages come after so many others began is cut short.
pub(super) const MOST_LISTS: usize = 64;

/// The calls with their answers; the pages of one walk through a list are one, in the place of its first. Other calls
/// may stand between them as long as they change nothing: what does may show on the pages after it, or not.
pub(super) fn exchanges<'c>(calls: &'c [Call], naming: &TraceNaming) -> Vec<Exchange<'c>> {
    let mut exchanges: Vec<Exchange<'c>> = Vec::new();
    // The lists that go on, each with the token under which it does.
    let mut open: Vec<(usize, String)> = Vec::new();
    // Those that something was changed behind.
    let mut cut: Vec<(usize, String)> = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let outcome = outcome(call);
        let token = next_token(call, &outcome);
        let asked = call.request.get("NextToken").and_then(Value::as_str).map(str::to_owned);
        if may_change(call, &outcome) {
            cut.append(&mut open);
        }
        let first = open.iter().rposition(|(first, token)| continues(exchanges[*first].call, call, token));
        let number = first.map_or(exchanges.len(), |first| open.remove(first).0);
        if let Some(exchange) = exchanges.get_mut(number) {
            exchange.append(at, call, outcome);
        } else {
            let pages = if call.pages.is_empty() { sizes(call, &outcome) } else { call.pages.clone() };
            let before = cut.iter().rfind(|(first, token)| continues(exchanges[*first].call, call, token));
            let goes_on_from = before.map(|(first, _)| exchanges[*first].goes_on_from.unwrap_or(*first));
            cut.extend(goes_on_from.and(token.clone()).map(|token| (number, token)));
            exchanges.push(Exchange {
                at,
                call,
                transition: call.transition(naming),
                outcome,
                pages,
                further: Vec::new(),
                tokens: Vec::new(),
                loops: None,
                is_mixed: false,
                cut_short: false,
                goes_on_from,
                unknown: call.unknown.clone(),
            });
        }
        let exchange = &mut exchanges[number];
        exchange.tokens.extend(asked.clone());
        if token.as_ref().is_some_and(|token| exchange.tokens.contains(token)) {
            exchange.loops.get_or_insert(at);
        }
        // What begins in the middle, or stands in one call, is not followed.
        if exchange.further.is_empty() && (asked.is_some() || !call.pages.is_empty()) {
            continue;
        }
        exchange.cut_short = token.is_some();
        open.extend(token.map(|token| (number, token)));
        for lists in [&mut open, &mut cut] {
            lists.drain(..lists.len().saturating_sub(MOST_LISTS));
        }
    }
    complete_creations(&mut exchanges);
    exchanges
}

/// Whether a call may have changed what a list shows.
fn may_change(call: &Call, outcome: &Outcome) -> bool {
    let changes = match &call.operation {
        Called::Known(operation) => operation.is_mutating(),
        Called::Other(name) => !beside::is_apart(name),
    };
    changes && !matches!(outcome, Outcome::Error(_)) && !is_all_unprocessed(call, outcome)
}

/// Whether a batch leaves every account that it names unprocessed: then it has changed nothing.
fn is_all_unprocessed(call: &Call, outcome: &Outcome) -> bool {
    let Outcome::Success(document) = outcome else { return false };
    let length =
        |document: &Document, name: &str| document.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let named = length(&call.request, "AccountIds") + length(&call.request, "AccountDetails");
    named > 0 && length(document, "UnprocessedAccounts") == named
}

/// AWS Organizations may create an account after it has answered, and tell its id to those who ask for it.
fn complete_creations(exchanges: &mut [Exchange<'_>]) {
    let told = |exchange: &Exchange<'_>| {
        // The outcome of a call that the model has no place for holds no members.
        let document = exchange.response()?;
        let asks = exchange.call.operation.name() == "DescribeCreateAccountStatus";
        let id = setup::status_member(document, "Id").filter(|_| asks)?;
        setup::assigned_id(document).map(|_| (id.to_owned(), document.clone()))
    };
    let told: BTreeMap<String, Document> = exchanges.iter().filter_map(told).collect();
    for exchange in exchanges.iter_mut().filter(|exchange| exchange.creates()) {
        if let Outcome::Success(document) = &mut exchange.outcome
            && setup::assigned_id(document).is_none()
            && let Some(known) = setup::status_member(document, "Id").and_then(|id| told.get(id))
        {
            document.clone_from(known);
        }
    }
}

/// Whether a call asks for the page after the first one's. It may leave the filter out, as one client does
/// (SH-LIST-007).
fn continues(first: &Call, call: &Call, token: &str) -> bool {
    (first.account, &first.region, &first.operation) == (call.account, &call.region, &call.operation)
        && call.request.get("NextToken").and_then(Value::as_str) == Some(token)
}

/// Whether the calls ask for the same list, in pages of the same size.
fn is_alike(first: &Call, call: &Call) -> bool {
    let mut request = call.request.clone();
    request.remove("NextToken");
    first.request == request
}

/// Absent, null and empty all say that there is no further page (SH-WIRE-021).
fn next_token(call: &Call, outcome: &Outcome) -> Option<String> {
    paged_list(call)?;
    let Outcome::Success(document) = outcome else { return None };
    let token = document.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    token.map(str::to_owned)
}

fn paged_list(call: &Call) -> Option<&'static str> {
    call.operation.known()?.paged_list()
}

fn sizes(call: &Call, outcome: &Outcome) -> Vec<usize> {
    match (paged_list(call), outcome) {
        (Some(list), Outcome::Success(document)) => {
            vec![document.get(list).and_then(Value::as_array).map_or(0, Vec::len)]
        }
        _ => Vec::new(),
    }
}

impl Exchange<'_> {
    /// Whether it creates an account.
    pub(super) fn creates(&self) -> bool {
        self.call.operation.known() == Some(Operation::CreateAccount)
    }

    /// The answer, as the judge takes it.
    pub(super) fn observation(&self) -> Observation<'_> {
        let partial = self.is_partial();
        Observation { outcome: &self.outcome, pages: &self.pages, unknown: &self.unknown, partial }
    }

    /// The members of a success as they were recorded, of whatever service.
    pub(super) fn response(&self) -> Option<&Document> {
        match &self.call.answer {
            RecordedAnswer::Response { body: Some(Value::Object(document)), .. } => Some(document),
            RecordedAnswer::Response { .. } | RecordedAnswer::Error(_) | RecordedAnswer::Unreadable { .. } => None,
        }
    }

    /// The flaw of a success under another status than 200: of the form of an answer no more is recorded.
    pub(super) fn form_flaw(&self, operation: Operation) -> Option<Divergence> {
        let RecordedAnswer::Response { status, .. } = self.call.answer else { return None };
        let response = HttpResponse { status, headers: Vec::new(), body: Vec::new() };
        wire::form_flaw(&response).map(|flaw| flaw.divergence(operation))
    }

    /// Members that the source of any page does not show.
    pub(super) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Whether only a part of the list is known to be shown.
    pub(super) fn is_partial(&self) -> bool {
        self.cut_short || self.is_mixed || self.loops.is_some()
    }

    /// The beginnings of the list, the shortest first, each with the call that shows its end.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = (usize, Outcome, &[usize])> + '_ {
        let calls = [self.at].into_iter().chain(self.further.iter().copied());
        calls.enumerate().filter_map(move |(page, at)| {
            let pages = self.pages.get(..=page)?;
            let shown = pages.iter().sum();
            let Outcome::Success(whole) = &self.outcome else { return None };
            let mut whole = whole.clone();
            let list = paged_list(self.call).and_then(|list| whole.get_mut(list)?.as_array_mut())?;
            list.truncate(shown);
            Some((at, Outcome::Success(whole), pages))
        })
    }

    /// Adds a page, or takes an answer that is none for the whole.
    fn append(&mut self, at: usize, call: &Call, page: Outcome) {
        let list = paged_list(call).unwrap_or_default();
        self.is_mixed |= !is_alike(self.call, call);
        self.unknown.extend(call.unknown.iter().cloned());
        let entries = match &page {
            Outcome::Success(document) => document.get(list).and_then(Value::as_array).cloned(),
            // Such a page need not be given at all.
            Outcome::Error(_) if self.is_mixed => return self.further.push(at),
            Outcome::Error(_) | Outcome::Undecodable { .. } => None,
        };
        let Outcome::Success(whole) = &mut self.outcome else { return };
        match (entries, whole.get_mut(list)) {
            (Some(entries), Some(Value::Array(known))) => {
                self.pages.push(entries.len());
                self.further.push(at);
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
            match call.operation {
                Called::Known(operation) => wire::decode_response(operation, &response),
                Called::Other(_) => Outcome::Success(Document::new()),
            }
        }
    }
}
