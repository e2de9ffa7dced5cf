//! Method, path and query string: which operation is meant, and what its parameters may be read as.
//! It shares nothing with `wire::decode`.

use serde_json::Value;

use super::RefusalKind;
use super::expect::{Relief, RequestFault};
use passmuster_contract::domain::Operation;
use passmuster_contract::domain::shape::{Location, MemberShape, ShapeKind};
use passmuster_contract::wire::HttpRequest;

/// The route of a request: the operation to which its method and path lead, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// To this operation.
    To(Operation),
    /// To this operation, or nowhere: servers tidy paths up in different ways (rows D24, D25, D27, D31).
    Perhaps(Operation),
    /// To no operation that this tool knows. A server may know more.
    Elsewhere,
    /// To none at all: nearly the path of an operation, or not its method. The row says which.
    Nowhere(&'static str),
}

impl Route {
    /// The operation, if there may be one.
    pub(crate) const fn operation(self) -> Option<Operation> {
        match self {
            Self::To(operation) | Self::Perhaps(operation) => Some(operation),
            Self::Elsewhere | Self::Nowhere(_) => None,
        }
    }
}

/// Finds out where a request leads.
pub(crate) fn route(request: &HttpRequest) -> Route {
    let find = |path: &str| {
        let all = Operation::ALL.iter().copied();
        all.clone().find(|known| known.shape().method == request.method && known.shape().path == path)
    };
    if let Some(operation) = find(&request.path) {
        return Route::To(operation);
    }
    if let Some(operation) = find(&tidied(&request.path)) {
        return Route::Perhaps(operation);
    }
    // Other operations of the service have their paths below /findings.
    let nearly = |known: &&Operation| {
        let path = known.shape().path;
        path.eq_ignore_ascii_case(&request.path) && !path.starts_with("/findings")
    };
    // Another method of a known path may be an operation that this tool doesn't know, unless the path is misspelt.
    match Operation::ALL.iter().find(nearly) {
        Some(known) if known.shape().path != request.path => Route::Nowhere("D26"),
        Some(known) if known.shape().path.starts_with("/members") => Route::Nowhere("D21"),
        _ => Route::Elsewhere,
    }
}

/// The path as the most helpful of servers would see it.
fn tidied(path: &str) -> String {
    let path = path.split(['#', ';']).next().unwrap_or_default();
    let decoded = super::percent::decode(path).unwrap_or_else(|| path.to_owned());
    let mut parts: Vec<&str> = Vec::new();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether the request is one that any server of this API can be asked: characters that a request line may hold, and
/// nothing that leads to another service.
pub(crate) fn is_plain(request: &HttpRequest) -> bool {
    let graphic = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let header = |name: &str, value: &str| {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        name.bytes().all(token)
            && !name.is_empty()
            && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
    };
    graphic(&request.path)
        && graphic(&request.query)
        && !request.query.contains(['#', ';', '?'])
        && request.headers.iter().all(|(name, value)| header(name, value))
        && ["x-amz-target", "x-http-method-override", "expect"].iter().all(|name| request.header(name).is_none())
}

/// One value of a query parameter that the API model has.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// Decoded, as far as that is possible.
    pub(crate) text: String,
    /// Any text will do: the escapes are broken (row D94).
    vague: bool,
    /// It may also count as absent.
    pub(crate) optional: bool,
}

/// The known parameters of a query string, with what is wrong with them.
pub(crate) fn query(
    input: &'static [MemberShape],
    query: &str,
    faults: &mut Vec<RequestFault>,
    leeway: &mut Vec<RefusalKind>,
) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (raw, text) = pair.split_once('=').unwrap_or((pair, ""));
        let name = super::percent::decode(raw);
        if name.is_none() {
            leeway.push(RefusalKind::Parse);
        }
        let is_meant =
            |member: &&MemberShape| member.location == Location::Query && Some(member.name) == name.as_deref();
        let decoded = super::percent::decode(text);
        let Some(member) = input.iter().find(is_meant) else {
            // Row D30: unknown parameters are ignored, but broken ones may be refused (row D94).
            if decoded.is_none() {
                leeway.push(RefusalKind::Parse);
            }
            continue;
        };
        let vague = decoded.is_none();
        let text = decoded.unwrap_or_else(|| text.to_owned());
        // A plus is a plus or a space (row D95), an empty value may count as none (row D92).
        let optional = text.is_empty() || raw != member.name;
        found.push(Parameter { name: member.name, text, vague: vague || pair.contains('+'), optional });
    }
    for member in input.iter().filter(|member| member.location == Location::Query) {
        let given: Vec<&Parameter> = found.iter().filter(|parameter| parameter.name == member.name).collect();
        if given.len() > 1 {
            // Row D93: the first, the last, or none of them.
            leeway.extend([RefusalKind::Parse, RefusalKind::Constraint]);
        }
        let wrong: Vec<Option<RequestFault>> =
            given.iter().map(|parameter| parameter.fault(member, leeway)).collect();
        leeway.extend(wrong.iter().flatten().map(|fault| fault.refusal));
        // What is wrong with all of them is wrong with whichever counts.
        if wrong.windows(2).all(|pair| pair[0] == pair[1]) {
            faults.extend(wrong.into_iter().next().flatten());
        }
    }
    found
}

impl Parameter {
    fn fault(&self, member: &MemberShape, leeway: &mut Vec<RefusalKind>) -> Option<RequestFault> {
        let fault = |row, refusal, cause: &str| {
            let place = format!("query parameter {}", member.name);
            Some(RequestFault { row, refusal, cause: cause.to_owned(), place, relief: Relief::None })
        };
        if self.vague || (self.optional && self.text.is_empty()) {
            leeway.extend([RefusalKind::Parse, RefusalKind::Constraint]);
            return None;
        }
        match &member.kind {
            // Row D91.
            ShapeKind::Boolean if !matches!(self.text.as_str(), "true" | "false") => {
                fault("D91", RefusalKind::Parse, "a word that is neither true nor false")
            }
            // Row D90.
            ShapeKind::Integer(bounds) => match integer(&self.text) {
                None => {
                    leeway.push(RefusalKind::Constraint);
                    fault("D90", RefusalKind::Parse, "a text that is no integer")
                }
                Some((value, plain)) => {
                    if !plain || i32::try_from(value).is_err() {
                        leeway.extend([RefusalKind::Parse, RefusalKind::Constraint]);
                    }
                    let outside = bounds.is_some_and(|(least, most)| !(least..=most).contains(&value));
                    if outside { fault("D101", RefusalKind::Constraint, "a number out of bounds") } else { None }
                }
            },
            // Row D102.
            ShapeKind::NonEmpty if self.text.trim_ascii().is_empty() => {
                fault("D102", RefusalKind::Constraint, "a blank string")
            }
            // Row D104.
            ShapeKind::Enum(allowed) if !allowed.contains(&self.text.as_str()) => {
                fault("D104", RefusalKind::Constraint, "a word that is not on the list")
            }
            // Rows D112 and D114: a server may look closer at tokens and ARNs.
            ShapeKind::String | ShapeKind::NonEmpty => {
                leeway.push(RefusalKind::Constraint);
                None
            }
            _ => None,
        }
    }

    /// Whether the parameter may be read so.
    pub(crate) fn admits(&self, kind: &ShapeKind, read: &Value) -> bool {
        match (kind, read) {
            (ShapeKind::Boolean, Value::Bool(flag)) => self.vague || self.text == flag.to_string(),
            (ShapeKind::Integer(_), Value::Number(number)) => {
                self.vague || integer(&self.text).is_some_and(|(value, _)| number.as_f64() == Some(value as f64))
            }
            (
                ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_),
                Value::String(text),
            ) => self.vague || self.text == *text,
            _ => false,
        }
    }
}

/// An integer, and whether it is written as everybody writes it: signs, blanks, leading zeros and an empty fraction
/// are left to each server.
fn integer(text: &str) -> Option<(i64, bool)> {
    if let Ok(value) = text.parse::<i64>() {
        return Some((value, value.to_string() == text));
    }
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
    let whole = trimmed.strip_suffix(".0").unwrap_or(trimmed);
    whole
        .parse()
        .ok()
        .filter(|_| trimmed.len() != text.len() || whole.len() != trimmed.len())
        .map(|value| (value, false))
}
