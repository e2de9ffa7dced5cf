//! Deliberate violations of the protocol, to test the harness with. The tables are the catalogue.

mod answers;
mod connection;
mod parsers;
mod reading;

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

use super::UnknownFault;
use passmuster_contract::domain::shape::{Location, Method, ShapeKind};
use passmuster_contract::wire::{self, HttpRequest, HttpResponse};

/// A deliberate violation of the protocol: what the server does with a request that it should refuse.
#[derive(Clone, Copy)]
pub struct WireFault(&'static WireFaultEntry);

/// A row of the catalogue.
struct WireFaultEntry {
    name: &'static str,
    row: &'static str,
    summary: &'static str,
    sabotage: WireSabotage,
}

/// A table of faults: name, row of the decision table or invariant violated, summary, sabotage.
macro_rules! wire_faults {
    ($($name:literal, $row:literal, $summary:literal, $sabotage:expr;)*) => {
        pub(super) static FAULTS: &[super::WireFaultEntry] = &[$(super::WireFaultEntry {
            name: $name,
            row: $row,
            summary: $summary,
            sabotage: $sabotage,
        },)*];
    };
}
use wire_faults;

/// The service that a fault stands in front of.
type Serve<'a> = dyn FnMut(&HttpRequest) -> HttpResponse + 'a;

/// The means by which a fault changes what is read or answered.
enum WireSabotage {
    /// The server is asked something else, or answers something else.
    Service(fn(&HttpRequest, &mut Serve<'_>) -> HttpResponse),
    /// A method that no operation has is taken for another.
    Method(fn(&str) -> Option<Method>),
    /// Bytes that a connection received are read as something else, of the same length.
    Bytes(fn(&mut [u8])),
    /// The answer takes so long.
    Delay(fn(&HttpRequest) -> Option<Duration>),
    /// The connection is closed without an answer.
    Close(fn(&HttpRequest) -> bool),
    /// No answer comes, and from then on everything takes long.
    Exhaust(fn(&HttpRequest) -> bool),
    /// The answer ends before its length is reached.
    Cut(fn(&HttpRequest) -> bool),
}

impl WireFault {
    /// Every fault.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<WireFault>> = LazyLock::new(|| {
            let tables = [reading::FAULTS, answers::FAULTS, connection::FAULTS, parsers::FAULTS];
            tables.into_iter().flatten().map(WireFault).collect()
        });
        &ALL
    }

    /// The name that `serve --fault` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The row of the decision table, or the invariant, that it violates: `D60` or `I12`, say.
    #[must_use]
    pub const fn row(self) -> &'static str {
        self.0.row
    }

    /// Its effect, in one sentence.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        self.0.summary
    }

    /// Finds a fault by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownFault> {
        Self::all().iter().copied().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }

    /// Answers in the place of the server, which it may ask.
    pub(in crate::server) fn serve(self, request: &HttpRequest, serve: &mut Serve<'_>) -> HttpResponse {
        if let WireSabotage::Service(service) = self.0.sabotage { service(request, serve) } else { serve(request) }
    }

    /// The method that a foreign one is taken for.
    pub(in crate::server) fn method(self, name: &str) -> Option<Method> {
        if let WireSabotage::Method(method) = self.0.sabotage { method(name) } else { None }
    }

    /// Changes what a connection received.
    pub(in crate::server) fn spoil_bytes(self, bytes: &mut [u8]) {
        if let WireSabotage::Bytes(spoil) = self.0.sabotage {
            spoil(bytes);
        }
    }

    /// The time for which the answer waits.
    pub(in crate::server) fn delay(self, request: &HttpRequest) -> Option<Duration> {
        if let WireSabotage::Delay(delay) = self.0.sabotage { delay(request) } else { None }
    }

    /// Whether the connection is closed without an answer.
    pub(in crate::server) fn closes(self, request: &HttpRequest) -> bool {
        matches!(self.0.sabotage, WireSabotage::Close(spoilt) | WireSabotage::Exhaust(spoilt) if spoilt(request))
    }

    /// Whether the server is slow from then on.
    pub(in crate::server) fn exhausts(self, request: &HttpRequest) -> bool {
        matches!(self.0.sabotage, WireSabotage::Exhaust(exhausts) if exhausts(request))
    }

    /// Whether the answer ends too early.
    pub(in crate::server) fn cuts(self, request: &HttpRequest) -> bool {
        matches!(self.0.sabotage, WireSabotage::Cut(cuts) if cuts(request))
    }
}

impl PartialEq for WireFault {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for WireFault {}

impl fmt::Debug for WireFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for WireFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the request calls an operation that reads a body, and has one.
fn has_body(request: &HttpRequest) -> bool {
    let reads = |kind: &passmuster_contract::domain::Operation| {
        kind.shape().input.iter().any(|member| member.location == Location::Body)
    };
    !request.body.is_empty() && wire::route(request).as_ref().is_some_and(reads)
}

/// Whether the body is not JSON at all.
fn is_broken(request: &HttpRequest) -> bool {
    has_body(request) && body(request).is_none()
}

/// Whether an operation is called, but its input can't be read.
fn is_unreadable(request: &HttpRequest) -> bool {
    wire::route(request).is_some() && wire::decode_request(request).is_err()
}

/// The body as JSON.
fn body(request: &HttpRequest) -> Option<Value> {
    serde_json::from_slice(&request.body).ok()
}

/// The same request with another body.
fn with_body(request: &HttpRequest, body: impl Into<Vec<u8>>) -> HttpRequest {
    HttpRequest { body: body.into(), ..request.clone() }
}

/// The same request, each value in its body changed with the type that belongs in its place, from the outside in.
fn mended(request: &HttpRequest, mend: fn(&ShapeKind, &mut Value)) -> HttpRequest {
    let (Some(operation), Some(mut value)) = (wire::route(request).filter(|_| has_body(request)), body(request))
    else {
        return request.clone();
    };
    walk(&ShapeKind::Structure(operation.shape().input), &mut value, mend);
    with_body(request, value.to_string())
}

/// Visits a value as deep as the API model goes.
fn walk(kind: &ShapeKind, value: &mut Value, mend: fn(&ShapeKind, &mut Value)) {
    mend(kind, value);
    match (kind, value) {
        (ShapeKind::List { item, .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|value| walk(item, value, mend))
        }
        (ShapeKind::Structure(known), Value::Object(members)) => {
            for member in *known {
                if let Some(value) = members.get_mut(member.name) {
                    walk(&member.kind, value, mend);
                }
            }
        }
        _ => {}
    }
}

/// An answer that doesn't come from the server.
fn answer(status: u16, content_type: &str, body: &str) -> HttpResponse {
    let headers = vec![("content-type".into(), content_type.to_owned())];
    HttpResponse { status, headers, body: body.as_bytes().to_vec() }
}
