//! Servers that refuse in a way that no client can make sense of, or that tells too much.

use serde_json::{Value, json};

use super::WireSabotage::Service;
use super::{answer, body, has_body, is_broken, is_unreadable, wire_faults, with_body};
use passmuster_contract::domain::Document;
use passmuster_contract::wire::{self, HttpRequest, HttpResponse};

wire_faults! {
    "wire-broken-json-500", "I03", "A body that is not JSON is answered with status 500.",
        Service(|request, serve| if is_broken(request) { failed() } else { serve(request) });
    "wire-broken-json-page-500", "I03", "A body that is not JSON is answered with a page of status 500.",
        Service(|request, serve| if is_broken(request) { page(500, "Internal Server Error") } else { serve(request) });
    "wire-broken-json-page", "I04", "A body that is not JSON is answered with a page of status 400.",
        Service(|request, serve| if is_broken(request) { page(400, "Bad Request") } else { serve(request) });
    "wire-deep-nesting-500", "I03", "A deeply nested body is answered with status 500.",
        Service(|request, serve| if is_deep(request) { failed() } else { serve(request) });
    "wire-unknown-member-500", "I03", "A member that the API doesn't have is answered with status 500.",
        Service(|request, serve| if has_unknown_member(request) { failed() } else { serve(request) });
    "wire-wrong-type-500", "I03", "A value of a wrong type is answered with a modelled internal error.",
        Service(|request, serve| {
            if is_unreadable(request) && !is_broken(request) { internal() } else { serve(request) }
        });
    "wire-half-pair-kept", "I03", "Half of a surrogate pair is stored, and reads that come upon it fail.",
        Service(|request, serve| {
            let response = serve(&half_pairs_named(request));
            let comes_upon = response.body.windows(HALF_PAIR.len()).any(|part| part == HALF_PAIR.as_bytes());
            if comes_upon { internal() } else { response }
        });
    "wire-error-as-array", "I04", "The error of an input that can't be read is in a JSON array.",
        Service(|request, serve| spoilt(request, serve, |response| {
            response.headers.retain(|(name, _)| name != "x-amzn-errortype");
            response.body = [b"[", response.body.as_slice(), b"]"].concat();
        }));
    "wire-error-twice", "I04", "The error of an input that can't be read stands twice in the body.",
        Service(|request, serve| spoilt(request, serve, |response| response.body = response.body.repeat(2)));
    "wire-error-without-type", "I05", "The error of an input that can't be read has no type.",
        Service(|request, serve| spoilt(request, serve, |response| {
            response.headers.retain(|(name, _)| name != "x-amzn-errortype");
            change(response, |members| members.retain(|name, _| name.eq_ignore_ascii_case("message")));
        }));
    "wire-stack-trace", "I14", "The error of an input that can't be read tells where the server's code is.",
        Service(|request, serve| spoilt(request, serve, |response| change(response, |members| {
            members.insert("Message".to_owned(), TRACE.into());
        })));
    "wire-cookie-echoed", "I15", "Cookies are sent back.",
        Service(|request, serve| {
            let mut response = serve(request);
            let cookie = request.header("cookie").map(|value| ("set-cookie".into(), value.to_owned()));
            response.headers.extend(cookie);
            response
        });
    "wire-token-echoed", "I15", "A session token is repeated in the answer.",
        Service(|request, serve| {
            let mut response = serve(request);
            if let Some(token) = request.header("x-amz-security-token") {
                change(&mut response, |members| {
                    members.insert("Message".to_owned(), json!(format!("The token {token} is not valid.")));
                });
            }
            response
        });
    "wire-header-injection", "I16", "A line break in the query begins a header of the answer.",
        Service(|request, serve| {
            let mut response = serve(request);
            response.headers.extend(injected(&request.query).map(|(name, value)| (name.into(), value)));
            response
        });
}

const TRACE: &str = "Traceback (most recent call last):\n  File \"/srv/app/handlers.py\", line 42, in dispatch\n    \
                     body = json.loads(request.data)\nTypeError: list indices must be integers";

/// The answer of a framework to an exception that no code has caught.
fn failed() -> HttpResponse {
    answer(500, "application/json", "{\"message\":\"Internal Server Error\"}")
}

/// The answer of a handler that catches whatever it didn't expect.
fn internal() -> HttpResponse {
    let mut response =
        answer(500, "application/json", "{\"Message\":\"Internal error\",\"Code\":\"InternalException\"}");
    response.headers.push(("x-amzn-errortype".into(), "InternalException".to_owned()));
    response
}

/// Stands for half of a surrogate pair in what is stored.
const HALF_PAIR: &str = "half-a-pair";

/// The request with a name in the place of the escape for half of a pair, where that is all that is wrong with it.
fn half_pairs_named(request: &HttpRequest) -> HttpRequest {
    let text = String::from_utf8_lossy(&request.body);
    let Some(at) = text.find("\\ud8").or_else(|| text.find("\\uD8")).filter(|_| is_broken(request)) else {
        return request.clone();
    };
    let (head, tail) = text.split_at(at);
    let named = with_body(request, format!("{head}{HALF_PAIR}{}", tail.get(6..).unwrap_or_default()));
    if is_broken(&named) { request.clone() } else { named }
}

fn page(status: u16, title: &str) -> HttpResponse {
    let text = format!("<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n");
    answer(status, "text/html; charset=utf-8", &text)
}

/// The answer, spoilt where the input can't be read.
fn spoilt(request: &HttpRequest, serve: &mut super::Serve<'_>, spoil: fn(&mut HttpResponse)) -> HttpResponse {
    let mut response = serve(request);
    if is_unreadable(request) {
        spoil(&mut response);
    }
    response
}

fn change(response: &mut HttpResponse, change: impl FnOnce(&mut Document)) {
    let mut members = match serde_json::from_slice(&response.body) {
        Ok(Value::Object(members)) => members,
        _ => Document::new(),
    };
    change(&mut members);
    response.body = Value::Object(members).to_string().into_bytes();
}

/// The depth from which on a nested body makes the server fail.
const DEEPEST: usize = 100;

fn is_deep(request: &HttpRequest) -> bool {
    let mut depth = 0_usize;
    has_body(request)
        && request.body.iter().any(|byte| {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > DEEPEST
        })
}

fn has_unknown_member(request: &HttpRequest) -> bool {
    let (Some(operation), Some(Value::Object(members))) = (wire::route(request), body(request)) else {
        return false;
    };
    let known = |name: &String| operation.shape().input.iter().any(|member| member.name == name);
    has_body(request) && !members.keys().all(known)
}

/// The header that a line break in a query begins.
fn injected(query: &str) -> Option<(String, String)> {
    let lower = query.to_ascii_lowercase();
    let (_, rest) = lower.split_once("%0d%0a")?;
    let line = rest.split(['&', '%']).next()?.to_owned();
    let whole = rest.replacen("%3a", ":", 1);
    let line = if line.contains(':') { line } else { whole.split(['&', '%']).next()?.to_owned() };
    let (name, value) = line.split_once(':')?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte));
    (!name.is_empty() && plain(name) && plain(value)).then(|| (name.to_owned(), value.to_owned()))
}
