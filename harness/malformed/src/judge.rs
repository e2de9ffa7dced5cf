//! The judge: holds an answer against what may be answered to a malformed request.
//!
//! It knows a single answer. Connections, and what is read afterwards, are for the engine that sends requests.

use serde_json::Value;

use super::answers::{Allowed, ErrorAnswer, Set};
use super::catalogue::{Malformed, Part};
use super::complaint::{Aspect, Complaint, InvariantId};
use super::message::HeadStyle;
use passmuster_contract::domain::{Document, Operation, Outcome, Profile, printable};
use passmuster_contract::wire::{self, HttpResponse};

/// The most characters of an answer that a complaint repeats.
const MOST_SHOWN: usize = 200;

/// An answer, normalised: two answers that are alike are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalResponse {
    /// The status.
    pub status: u16,
    /// The code of an error, or the body of a success with names in the place of what differs from run to run.
    pub content: String,
}

impl NormalResponse {
    /// The answer to a request of this operation; `named` puts names in the place of what differs from run to run.
    #[must_use]
    pub fn of(operation: Operation, response: &HttpResponse, named: impl Fn(&str) -> String) -> Self {
        let content = match wire::decode_response(operation, response) {
            Outcome::Success(document) => named(&in_order(Value::Object(document), &named).to_string()),
            Outcome::Error(error) => error.kind.to_string(),
            Outcome::Undecodable { .. } => kind_of(response).to_owned(),
        };
        Self { status: response.status, content }
    }

    /// Whether it is a success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The answer in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        shortened(&format!("{} {}", self.status, self.content))
    }
}

/// An answer with its lists in the order of their entries' names: the API fixes none (question Q30), and a server may
/// give another one each time.
pub fn in_order(answer: Value, named: &impl Fn(&str) -> String) -> Value {
    match answer {
        Value::Array(entries) => {
            let mut entries: Vec<Value> = entries.into_iter().map(|entry| in_order(entry, named)).collect();
            entries.sort_by_cached_key(|entry| named(&entry.to_string()));
            Value::Array(entries)
        }
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, in_order(value, named))).collect())
        }
        plain => plain,
    }
}

/// A malformed request, and what its answer is held against.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// Whose answers are admissible.
    pub profile: Profile,
    /// The operation of the well-formed request.
    pub operation: Operation,
    /// The request.
    pub malformed: &'a Malformed,
    /// The row to blame.
    pub row: &'static str,
    /// The part of the request that is spoilt; none where that is several, or not known.
    pub part: Option<Part>,
    /// The answer to the well-formed request that it began as, where that is known.
    pub base: Option<&'a NormalResponse>,
    /// The answers to the requests that it may be taken for, where it is accepted.
    pub readings: &'a [NormalResponse],
    /// Whether the target verifies signatures.
    pub verifies: bool,
}

impl<'a> Trial<'a> {
    /// The answers that are allowed.
    #[must_use]
    pub fn allowed(&self) -> &'a Allowed {
        &self.malformed.allowed
    }

    /// Whether no answer need come.
    #[must_use]
    pub fn may_close(&self) -> bool {
        self.allowed().sets().chain(self.allowed().tolerated()).any(Set::may_close)
    }

    /// Whether an answer need not say a code.
    #[must_use]
    pub fn is_free_in_form(&self) -> bool {
        self.allowed().sets().chain(self.allowed().tolerated()).any(Set::is_free_in_form)
    }

    /// Whether the rows let an answer of this status have a code that commonly goes with another one, or say nothing of
    /// either.
    #[must_use]
    pub fn admits_pair(&self, refusal: ErrorAnswer<'_>) -> bool {
        let allowed = self.allowed();
        self.malformed.is_open
            || allowed.sets().chain(allowed.tolerated()).any(|set| set.has(self.profile, refusal))
    }

    /// A complaint, where the answer is none of those allowed.
    #[must_use]
    pub fn judge(&self, response: &HttpResponse, normal: &NormalResponse) -> Option<Complaint> {
        let status = response.status;
        let code = match wire::decode_error(response) {
            Outcome::Error(error) if !(200..300).contains(&status) => Some(error.kind.to_string()),
            _ => None,
        };
        let refusal = ErrorAnswer { status, code: code.as_deref() };
        // The order of checks is free: what the request would earn anyway it may earn now.
        if self.base == Some(normal) && !normal.is_success() {
            return None;
        }
        if status >= 500 && !matches!(status, 501 | 505) {
            let observed = format!("{} {}", status, code.as_deref().unwrap_or(kind_of(response)));
            let complaint = Complaint::by_invariant(InvariantId::I03, Aspect::Crash, &self.expected(), &observed);
            return Some(complaint);
        }
        if normal.is_success() && !self.malformed.is_open {
            return self.success(response, normal);
        }
        if self.malformed.is_open {
            return None;
        }
        // An answer that throttles says nothing about the request. What is signed of a head that is wrong is anybody's guess.
        let unsure = self.part.is_none_or(|part| matches!(part, Part::Framing | Part::Headers | Part::Route))
            && self.malformed.message.style == HeadStyle::Plain;
        if status == 429 || self.verifies && unsure && Set::Authentication.has(self.profile, refusal) {
            return None;
        }
        let fitting: Vec<Set> = self.allowed().sets().filter(|set| set.has(self.profile, refusal)).collect();
        if !fitting.is_empty() {
            let is_free = fitting.into_iter().any(Set::is_free_in_form);
            let unread = (code.is_none() && !is_free).then(|| self.form(response));
            return unread.or_else(|| if is_free { None } else { self.no_object(response) });
        }
        if self.allowed().tolerated().any(|set| set.has(self.profile, refusal)) {
            return Some(self.blaming(Aspect::Note, &normal.words()));
        }
        let unrouted =
            matches!(status, 404 | 405) && [Set::Route, Set::Method].iter().any(|set| self.allowed().has(*set));
        if code.is_none() && (unrouted || !self.is_free_in_form() && (400..500).contains(&status)) {
            return Some(self.form(response));
        }
        Some(self.blaming(Aspect::WrongAnswer, &normal.words()))
    }

    fn success(&self, response: &HttpResponse, normal: &NormalResponse) -> Option<Complaint> {
        let allowed = self.allowed();
        let has = |set: Set| allowed.has(set) || allowed.tolerates(set);
        // A question of CORS is answered in front of the operation, whatever else is wrong with it.
        if self.malformed.asks_for_cors() && response.body.is_empty() {
            return None;
        }
        if has(Set::Bare) && response.body.is_empty() || has(Set::AnyPage) && has_no_surprise(normal) {
            return None;
        }
        // A read may leave out what it doesn't know: the contract doesn't say that it must tell.
        let left_out = !self.operation.is_mutating() && is_empty_handed(response);
        if has(Set::Partly) && (left_out || self.leaves_offending_unprocessed(response)) {
            return None;
        }
        if has(Set::NothingDone) && is_empty_handed(response) {
            return None;
        }
        if has(Set::AsRepaired) {
            if self.readings.iter().any(|reading| reading == normal) {
                return allowed.tolerates(Set::AsRepaired).then(|| self.blaming(Aspect::Note, &normal.words()));
            }
            let expected = self.readings.first().map_or_else(|| self.expected(), NormalResponse::words);
            let complaint = self.blaming(Aspect::Misread, &normal.words());
            // How it shows is the invariant's, and how firm that is the row's, which says what it is to be taken for.
            return Some(Complaint { row: InvariantId::I24.name(), expected, ..complaint });
        }
        Some(self.blaming(Aspect::Accepted, &format!("{} as if it were well-formed", normal.status)))
    }

    /// Whether exactly the accounts that are wrong are reported as unprocessed.
    fn leaves_offending_unprocessed(&self, response: &HttpResponse) -> bool {
        let Outcome::Success(document) = wire::decode_response(self.operation, response) else { return false };
        let Some(list) = document.get("UnprocessedAccounts").and_then(Value::as_array) else { return false };
        let listed: Vec<&str> =
            list.iter().filter_map(|entry| entry.get("AccountId")).filter_map(Value::as_str).collect();
        let offending = &self.malformed.offending;
        // An entry that has no id can only be reported without one.
        if offending.is_empty() {
            !list.is_empty()
        } else {
            offending.iter().all(|id| listed.contains(&id.as_str()))
        }
    }

    fn form(&self, response: &HttpResponse) -> Complaint {
        let observed = format!("{} without a code", response.status);
        Complaint::by_invariant(
            InvariantId::I05,
            Aspect::Form,
            "an error whose code a client can make out",
            &observed,
        )
    }

    /// After what HTTP and the signature demand, an error is told in a JSON object, or by the header alone.
    fn no_object(&self, response: &HttpResponse) -> Option<Complaint> {
        let is_read = self.part.is_some_and(|part| matches!(part, Part::Text | Part::Members | Part::Query));
        let fits = response.body.is_empty() || serde_json::from_slice::<Document>(&response.body).is_ok();
        let observed = format!("{} {}", response.status, kind_of(response));
        let expected = "an error in a JSON object";
        (is_read && !fits).then(|| Complaint::by_invariant(InvariantId::I04, Aspect::Form, expected, &observed))
    }

    /// A complaint by the row to blame.
    #[must_use]
    pub fn blaming(&self, aspect: Aspect, observed: &str) -> Complaint {
        Complaint::by_row(self.row, aspect, &self.expected(), observed)
    }

    /// The answers that are allowed, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        let sets: Vec<&str> = self.allowed().sets().map(|set| set.words(self.profile)).collect();
        sets.join("; or ")
    }
}

/// Says of which kind a body without a code is.
#[must_use]
pub fn kind_of(response: &HttpResponse) -> &'static str {
    let body = response.body.trim_ascii_start();
    match body.first() {
        None => "with an empty body",
        Some(b'<') if body.windows(5).take(256).any(|part| part.eq_ignore_ascii_case(b"<html")) => {
            "with an HTML page"
        }
        Some(b'<') => "with markup",
        _ => match serde_json::from_slice(body) {
            Ok(Value::Object(_)) => "with a JSON object without a code",
            Ok(_) => "with JSON that is no object",
            Err(_) => "with a text that is no JSON",
        },
    }
}

/// Whether nothing of an answer comes as a surprise where any page will do.
fn has_no_surprise(normal: &NormalResponse) -> bool {
    normal.content.starts_with('{')
}

/// Whether a success lists no account as processed: all its lists are empty.
fn is_empty_handed(response: &HttpResponse) -> bool {
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(members)) => members.values().all(|member| member.as_array().is_none_or(Vec::is_empty)),
        Ok(_) => false,
        Err(_) => response.body.is_empty(),
    }
}

/// The beginning of a text, fit to be printed.
#[must_use]
pub fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MOST_SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    printable(&short).into_owned()
}
