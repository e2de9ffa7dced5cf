//! Chosen answers to the open questions about form: what an answer looks like where its content is settled.

use serde_json::Value;

use super::{Answers, Reply};
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::model::questions;
use passmuster_contract::wire::HttpResponse;

/// Gives a reply the chosen form: order, members that may be there, the last page's token.
pub(super) fn reply(reply: &mut Reply, operation: Operation, answers: &Answers) {
    let Reply::Success(document) = reply else { return };
    if operation.paged_list().is_some() && !document.contains_key("NextToken") {
        match answers.to(questions::LAST_TOKEN) {
            Some("null") => drop(document.insert("NextToken".to_owned(), Value::Null)),
            Some("empty-string") => drop(document.insert("NextToken".to_owned(), "".into())),
            _ => {}
        }
    }
    let other_order = answers.to(questions::ORDER_OF_LISTS) == Some("other-order");
    let early = answers.to(questions::INVITED_EARLY) == Some("present");
    for list in document.values_mut().filter_map(Value::as_array_mut) {
        if other_order {
            list.reverse();
        }
        if early {
            list.iter_mut().filter_map(Value::as_object_mut).for_each(invited_from_the_start);
        }
    }
}

fn invited_from_the_start(entry: &mut Document) {
    if let Some(at) = entry.get("UpdatedAt").filter(|_| !entry.contains_key("InvitedAt")).cloned() {
        entry.insert("InvitedAt".to_owned(), at);
    }
}

/// Gives a response the chosen form: the body of an answer without members, how an error says its type and text.
pub(super) fn response(response: &mut HttpResponse, answers: &Answers) {
    if response.status == 200 {
        if response.body.is_empty() {
            response.body = match answers.to(questions::EMPTY_BODY) {
                Some("empty-object") => b"{}".to_vec(),
                Some("success-string") => b"\"success\"".to_vec(),
                _ => Vec::new(),
            };
        }
        return;
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&response.body) else { return };
    let code = body.get("Code").cloned().unwrap_or(Value::Null);
    let in_header = |name: &str| name == "x-amzn-errortype";
    match answers.to(questions::ERROR_TYPE_PLACE) {
        Some("suffixed-header") => {
            for (_, value) in response.headers.iter_mut().filter(|(name, _)| in_header(name)) {
                value.push_str(":http://internal.amazon.com/coral/com.amazonaws.securityhub/");
            }
        }
        Some("type-member") => {
            response.headers.retain(|(name, _)| !in_header(name));
            body.remove("Code");
            body.insert("__type".to_owned(), code);
        }
        Some("code-member") => response.headers.retain(|(name, _)| !in_header(name)),
        _ => {}
    }
    if answers.to(questions::MESSAGE_CASE) == Some("lower-message")
        && let Some(message) = body.remove("Message")
    {
        body.insert("message".to_owned(), message);
    }
    response.body = Value::Object(body).to_string().into_bytes();
}
