//! Paging of the reference server: tokens that say where to go on.

use serde_json::Value;

use super::{Answers, Reply};
use passmuster_contract::domain::{Document, Input, Transition};
use passmuster_contract::model::questions;

/// The page size where none is asked for.
const DEFAULT: usize = 50;
/// The largest page of AWS Organizations, which is also that where none is asked for.
const OF_ORGANIZATIONS: usize = 20;

/// Where to go on.
pub(super) struct Cursor {
    from: usize,
    size: usize,
    bogus: bool,
}

/// Takes the token out of a request, so that the model sees the whole list; a token never handed out stays in.
pub(super) fn take(transition: &mut Transition) -> Cursor {
    let operation = transition.request.operation;
    let (size, token) = match &mut transition.request.input {
        Input::Page(page) => {
            let own = page.next_token.take_if(|token| from_token(token).is_some());
            (page.max_results, own.or_else(|| page.next_token.clone()))
        }
        Input::Open(text) if operation.paged_list().is_some() => {
            let mut members: Document = serde_json::from_str(text).unwrap_or_default();
            let token = members.get("NextToken").and_then(Value::as_str).map(str::to_owned);
            let size = members.get("MaxResults").and_then(Value::as_i64);
            if token.as_deref().and_then(from_token).is_some() {
                members.remove("NextToken");
                *text = Value::Object(members).to_string();
            }
            (size, token)
        }
        _ => return Cursor { from: 0, size: usize::MAX, bogus: false },
    };
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    let size = if operation.is_setup() {
        size.map_or(OF_ORGANIZATIONS, |size| size.min(OF_ORGANIZATIONS))
    } else {
        size.unwrap_or(DEFAULT)
    };
    let from = token.as_deref().map(from_token);
    Cursor { from: from.flatten().unwrap_or(0), size, bogus: from == Some(None) }
}

/// Cuts the page out of a whole list.
pub(super) fn cut(reply: Reply, cursor: &Cursor, transition: &Transition, answers: &Answers) -> Reply {
    let (Input::Page(_) | Input::Open(_), Reply::Success(mut document)) =
        (&transition.request.input, reply.clone())
    else {
        return reply;
    };
    let list = transition.request.operation.paged_list().and_then(|list| document.get_mut(list));
    let Some(Value::Array(list)) = list else { return reply };
    if cursor.bogus && answers.to(questions::BOGUS_TOKEN) == Some("empty") {
        list.clear();
    }
    let whole = list.len();
    let end = cursor.from.saturating_add(cursor.size).min(whole);
    *list = list.get(cursor.from.min(end)..end).unwrap_or_default().to_vec();
    if end < whole {
        document.insert("NextToken".to_owned(), format!("from-{end}").into());
    }
    Reply::Success(document)
}

fn from_token(token: &str) -> Option<usize> {
    token.strip_prefix("from-")?.parse().ok()
}
