//! Servers that read what they should refuse.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};

use super::WireSabotage::{Method as AnyMethod, Service};
use super::{answer, body, has_body, is_broken, is_unreadable, mended, wire_faults, with_body};
use passmuster_contract::domain::Document;
use passmuster_contract::domain::shape::{Location, Method, ShapeKind};
use passmuster_contract::wire::{self, HttpRequest, HttpResponse};

wire_faults! {
    "wire-broken-json-accepted", "D60", "A body that is not JSON is answered with success.",
        Service(|request, serve| if is_broken(request) { done() } else { serve(request) });
    "wire-trailing-text-accepted", "D60", "What follows the JSON value of a body is ignored.",
        Service(|request, serve| serve(&first_value(request)));
    "wire-null-accepted", "D62", "A body that is null is answered with success.",
        Service(|request, serve| {
            if has_body(request) && body(request) == Some(Value::Null) { done() } else { serve(request) }
        });
    "wire-bad-utf8-accepted", "D63", "Bytes that are not UTF-8 are replaced in a body.",
        Service(|request, serve| {
            serve(&with_body(request, String::from_utf8_lossy(&request.body).into_owned()))
        });
    "wire-duplicates-both-count", "D67", "Of a member given twice, both values take effect.",
        Service(|request, serve| {
            if let Some(first) = first_copies(request) {
                serve(&first);
            }
            serve(request)
        });
    "wire-nan-accepted", "D71", "NaN is read as a number.",
        Service(|request, serve| {
            let text = String::from_utf8_lossy(&request.body);
            let lenient = || with_body(request, text.replace(":NaN", ":0"));
            if is_broken(request) { serve(&lenient()) } else { serve(request) }
        });
    "wire-number-as-text", "D75", "A number is read as text where a string belongs.",
        Service(|request, serve| serve(&mended(request, number_to_text)));
    "wire-text-as-boolean", "D76", "Words and numbers are read as booleans.",
        Service(|request, serve| serve(&mended(request, text_to_boolean)));
    "wire-null-entries-skipped", "D78", "Nulls in lists are left out.",
        Service(|request, serve| serve(&mended(request, skip_nulls)));
    "wire-required-missing", "D80", "A body without its required members is answered with success.",
        Service(|request, serve| if lacks_required(request) { done() } else { serve(request) });
    "wire-names-in-any-case", "D83", "The names of members are read in any case.",
        Service(|request, serve| serve(&mended(request, spell_names)));
    "wire-array-as-input", "D84", "An array in the order of the members is read as the whole input.",
        Service(|request, serve| serve(&array_as_input(request)));
    "wire-array-as-entry", "D84", "An array in the order of the members is read as an entry of a list.",
        Service(|request, serve| serve(&mended(request, entries_from_arrays)));
    "wire-text-as-integer", "D90", "A query parameter that is no integer is left out.",
        Service(|request, serve| serve(&without_wrong(request, |kind| matches!(kind, ShapeKind::Integer(_)))));
    "wire-text-as-flag", "D91", "A query parameter that is no boolean is left out.",
        Service(|request, serve| serve(&without_wrong(request, |kind| matches!(kind, ShapeKind::Boolean))));
    "wire-any-path", "D20", "A path that no operation has is answered with success.",
        Service(|request, serve| if wire::route(request).is_none() { done() } else { serve(request) });
    "wire-path-in-any-case", "D26", "Paths are read in any case.",
        Service(|request, serve| {
            let path = request.path.to_ascii_lowercase().into();
            serve(&HttpRequest { path, ..request.clone() })
        });
    "wire-put-is-post", "D21", "PUT is taken for POST.",
        AnyMethod(|name| (name == "PUT").then_some(Method::Post));
    "wire-text-ends-at-nul", "I24", "Strings end at their first NUL, so that another account is meant than named.",
        Service(|request, serve| serve(&mended(request, cut_at_nul)));
    "wire-half-a-batch", "I12", "The entries before one that can't be read are processed, then all are refused.",
        Service(|request, serve| {
            if let Some(readable) = readable_entries(request) {
                serve(&readable);
            }
            serve(request)
        });
    "wire-refused-yet-done", "I12", "A request that is refused for its media type is carried out.",
        Service(|request, serve| {
            let json = request.header("content-type").is_some_and(|value| value.contains("json"));
            if !has_body(request) || json {
                return serve(request);
            }
            let mut taken = request.clone();
            taken.headers.retain(|(name, _)| name != "content-type");
            taken.headers.push(("content-type".into(), "application/json".to_owned()));
            serve(&taken);
            let body = json!({ "Message": "Send application/json.", "Code": "UnsupportedMediaTypeException" });
            let mut refusal = answer(415, "application/json", &body.to_string());
            refusal.headers.push(("x-amzn-errortype".into(), "UnsupportedMediaTypeException".to_owned()));
            refusal
        });
}

fn done() -> HttpResponse {
    answer(200, "application/json", "{}")
}

fn first_value(request: &HttpRequest) -> HttpRequest {
    let mut values = serde_json::Deserializer::from_slice(&request.body).into_iter::<Value>();
    let read = matches!(values.next(), Some(Ok(_)));
    let end = values.byte_offset();
    if read { with_body(request, request.body.get(..end).unwrap_or_default()) } else { request.clone() }
}

/// The members of an object as they stand, repetitions too.
pub(super) struct Pairs(pub(super) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// The request with the first of each repeated member; `None` where none is repeated.
pub(super) fn first_copies(request: &HttpRequest) -> Option<HttpRequest> {
    let Pairs(pairs) = serde_json::from_slice(&request.body).ok()?;
    let all = pairs.len();
    let mut first = Document::new();
    for (name, value) in pairs {
        first.entry(name).or_insert(value);
    }
    (first.len() < all).then(|| with_body(request, Value::Object(first).to_string()))
}

pub(super) fn is_text(kind: &ShapeKind) -> bool {
    matches!(kind, ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_))
}

fn number_to_text(kind: &ShapeKind, value: &mut Value) {
    if is_text(kind) && value.is_number() {
        *value = value.to_string().into();
    }
}

fn text_to_boolean(kind: &ShapeKind, value: &mut Value) {
    if matches!(kind, ShapeKind::Boolean) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_ascii_lowercase);
        match text.as_str() {
            "true" | "1" | "yes" | "on" => *value = true.into(),
            "false" | "0" | "no" | "off" => *value = false.into(),
            _ => {}
        }
    }
}

fn skip_nulls(kind: &ShapeKind, value: &mut Value) {
    if let (ShapeKind::List { .. }, Value::Array(items)) = (kind, value) {
        items.retain(|item| !item.is_null());
    }
}

fn spell_names(kind: &ShapeKind, value: &mut Value) {
    let (ShapeKind::Structure(known), Value::Object(members)) = (kind, value) else { return };
    let spell = |name: String| {
        let meant = known.iter().find(|member| member.name.eq_ignore_ascii_case(&name));
        meant.map_or(name, |member| member.name.to_owned())
    };
    *members = std::mem::take(members).into_iter().map(|(name, value)| (spell(name), value)).collect();
}

fn entries_from_arrays(kind: &ShapeKind, value: &mut Value) {
    if let (ShapeKind::List { item: ShapeKind::Structure(known), .. }, Value::Array(items)) = (kind, value) {
        for item in items {
            if let Value::Array(values) = item {
                let names = known.iter().map(|member| member.name.to_owned());
                *item = Value::Object(names.zip(std::mem::take(values)).collect());
            }
        }
    }
}

fn array_as_input(request: &HttpRequest) -> HttpRequest {
    let (Some(operation), Some(Value::Array(values))) = (wire::route(request), body(request)) else {
        return request.clone();
    };
    let members = operation.shape().input.iter().filter(|member| member.location == Location::Body);
    let input: Document = members.map(|member| member.name.to_owned()).zip(values).collect();
    with_body(request, Value::Object(input).to_string())
}

fn cut_at_nul(kind: &ShapeKind, value: &mut Value) {
    if is_text(kind)
        && let Some((before, _)) = value.as_str().and_then(|text| text.split_once('\0'))
    {
        *value = before.to_owned().into();
    }
}

fn lacks_required(request: &HttpRequest) -> bool {
    let (Some(operation), Some(Value::Object(members))) = (wire::route(request), body(request)) else {
        return false;
    };
    let missing = |name| members.get(name).is_none_or(Value::is_null);
    operation.shape().input.iter().any(|member| member.required && missing(member.name))
}

/// The request without those query parameters of some type that can't be read.
fn without_wrong(request: &HttpRequest, of: fn(&ShapeKind) -> bool) -> HttpRequest {
    let Some(operation) = wire::route(request).filter(|_| is_unreadable(request)) else { return request.clone() };
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let fits = |pair: &&str| {
        let member = operation.shape().input.iter().find(|member| member.name == name(pair));
        let alone = HttpRequest { query: (*pair).to_owned(), ..request.clone() };
        !(member.is_some_and(|member| of(&member.kind)) && is_unreadable(&alone))
    };
    let query: Vec<&str> = request.query.split('&').filter(fits).collect();
    HttpRequest { query: query.join("&"), ..request.clone() }
}

/// No more entries than this are tried one by one.
const MOST_ENTRIES: usize = 50;

/// The request with its entries up to the first that can't be read; `None` where there are none, or all can be.
fn readable_entries(request: &HttpRequest) -> Option<HttpRequest> {
    let members = body(request).filter(|_| is_unreadable(request))?;
    let (name, list) = members.as_object()?.iter().find_map(|(name, value)| Some((name, value.as_array()?)))?;
    let beginning = |length: &usize| {
        let mut members = members.clone();
        members[name] = list.iter().take(*length).cloned().collect();
        with_body(request, members.to_string())
    };
    let lengths = 1..list.len().min(MOST_ENTRIES);
    lengths.rev().map(|length| beginning(&length)).find(|request| !is_unreadable(request))
}
