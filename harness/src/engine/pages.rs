//! Follows the pages of a list to the end, within bounds.

use serde_json::Value;

use super::creation;
use crate::targets::{Caller, SystemUnderTest, TransportError};
use passmuster_contract::domain::{Document, Input, Operation, Outcome};
use passmuster_contract::wire::{self, HttpResponse};

/// The pages of one walk through a list may hold so many bytes together.
const MOST_BYTES: usize = 8 << 20;

/// No list of a scenario takes so many pages: it has no more than this many accounts, and a page may be empty now and
/// then.
const CERTAIN: usize = 400;

/// The whole answer to one call.
pub(super) struct Whole {
    pub(super) outcome: Outcome,
    /// The number of entries on each page.
    pub(super) pages: Vec<usize>,
    /// The last response as it came.
    pub(super) response: HttpResponse,
    /// HTTP calls made.
    pub(super) calls: u64,
}

/// A call that has no whole answer.
pub(super) struct Incomplete {
    pub(super) cause: Interruption,
    /// HTTP calls made.
    pub(super) calls: u64,
}

/// Why a call has no whole answer.
pub(super) enum Interruption {
    Transport(TransportError),
    /// The pages went on for ever; whether that can't be right.
    Endless {
        reason: String,
        is_certain: bool,
    },
    /// A token came back.
    Loop,
}

impl Whole {
    /// Whether it is the first of several pages, as its token says: one asked for in an odd way, which is not followed.
    pub(super) fn is_first_page(&self, input: &Input) -> bool {
        !matches!(input, Input::Page(_))
            && matches!(&self.outcome, Outcome::Success(page) if further_page(page).is_some())
    }
}

/// The token of the page after this one: absent, null and empty all say that there is none (SH-WIRE-021).
fn further_page(page: &Document) -> Option<&str> {
    page.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty())
}

/// Makes one call, without following pages.
pub(super) async fn once(
    sut: &impl SystemUnderTest,
    caller: &Caller,
    operation: Operation,
    document: &Document,
) -> Result<Whole, TransportError> {
    let response = sut.call(caller, wire::encode_request(operation, document)).await?;
    let outcome = wire::decode_response(operation, &response);
    let (outcome, polls) = creation::awaited(sut, caller, operation, outcome).await;
    Ok(Whole { outcome, pages: Vec::new(), response, calls: 1 + polls })
}

/// Makes a call; where it is a paged read without a token of its own, follows the pages.
pub(super) async fn call(
    sut: &impl SystemUnderTest,
    caller: &Caller,
    operation: Operation,
    input: &Input,
    document: &Document,
    max_pages: usize,
) -> Result<Whole, Incomplete> {
    let response = send(sut, caller, operation, document, 1).await?;
    let mut bytes = response.body.len();
    let mut outcome = wire::decode_response(operation, &response);
    let mut whole = Whole { outcome: Outcome::Success(Document::new()), pages: Vec::new(), response, calls: 1 };
    // A page that is asked for in an odd way is an answer by itself.
    let list = operation.paged_list().filter(|_| matches!(input, Input::Page(_)));
    let Some(list) = list else {
        let (outcome, polls) = creation::awaited(sut, caller, operation, outcome).await;
        whole.outcome = outcome;
        whole.calls += polls;
        return Ok(whole);
    };
    let mut entries: Vec<Value> = Vec::new();
    let mut tokens: Vec<String> = Vec::new();
    loop {
        let Outcome::Success(page) = &mut outcome else {
            whole.outcome = outcome;
            return Ok(whole);
        };
        // What is no list is left to the judge.
        match page.remove(list) {
            Some(Value::Array(mut shown)) => {
                whole.pages.push(shown.len());
                entries.append(&mut shown);
            }
            Some(other) => {
                page.insert(list.to_owned(), other);
                whole.outcome = outcome;
                return Ok(whole);
            }
            None => whole.pages.push(0),
        }
        let own = document.contains_key("NextToken");
        let Some(token) = further_page(page).filter(|_| !own).map(str::to_owned) else { break };
        if tokens.contains(&token) {
            return Err(Incomplete { cause: Interruption::Loop, calls: whole.calls });
        }
        if tokens.len() + 1 >= max_pages {
            let is_certain = max_pages >= CERTAIN;
            return Err(whole.endless(format!("the list has not ended after {max_pages} pages"), is_certain));
        }
        if bytes > MOST_BYTES {
            return Err(whole.endless(format!("the list has not ended after {MOST_BYTES} bytes"), true));
        }
        let mut next = document.clone();
        next.insert("NextToken".to_owned(), token.clone().into());
        tokens.push(token);
        whole.calls += 1;
        whole.response = send(sut, caller, operation, &next, whole.calls).await?;
        bytes += whole.response.body.len();
        outcome = wire::decode_response(operation, &whole.response);
    }
    let mut document = Document::new();
    document.insert(list.to_owned(), Value::Array(entries));
    whole.outcome = Outcome::Success(document);
    Ok(whole)
}

impl Whole {
    fn endless(&self, reason: String, is_certain: bool) -> Incomplete {
        Incomplete { cause: Interruption::Endless { reason, is_certain }, calls: self.calls }
    }
}

/// Sends what is the call of this number.
async fn send(
    sut: &impl SystemUnderTest,
    caller: &Caller,
    operation: Operation,
    document: &Document,
    calls: u64,
) -> Result<HttpResponse, Incomplete> {
    let sent = sut.call(caller, wire::encode_request(operation, document)).await;
    sent.map_err(|error| Incomplete { cause: Interruption::Transport(error), calls })
}
