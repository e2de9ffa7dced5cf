//! Judges the answer to a malformed request: by what its class allows, and by what holds for any bytes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::impact;
use super::super::symbols::Names;
use crate::generate::CastNaming;
use crate::targets::{End, RawExchange};
use passmuster_contract::domain::{Grade, Operation, Outcome, Profile, printable};
use passmuster_contract::wire::{self, HttpResponse};
use passmuster_malformed::{Allowed, Class, Delivery, ErrorAnswer, Malformed, Part, Set};

/// The most characters of an answer that a complaint repeats.
const MOST_SHOWN: usize = 200;

/// In which way an answer is wrong. The order is that in which only the first counts, where one answer is wrong in
/// several ways that follow from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Aspect {
    /// No answer came, and the connection stayed open.
    Hang,
    /// Others are served badly from then on.
    Busy,
    /// What came is no HTTP.
    NotHttp,
    /// The connection was closed without an answer where one was due.
    NoAnswer,
    /// The target failed on it.
    Crash,
    /// A wrong request was accepted.
    Accepted,
    /// A request that had to be accepted was refused, or a wrong one by another error.
    WrongAnswer,
    /// It was accepted, and taken for something else than it says.
    Misread,
    /// An error that names no code, or no JSON.
    Form,
    /// A refused request changed something.
    State,
    /// The next request on the connection was answered wrongly.
    Desync,
    /// The answer tells what is inside the server.
    Leak,
    /// The answer repeats a secret.
    Echo,
    /// Input became a header line.
    Injection,
    /// Worth a note, no more.
    Note,
}

impl Aspect {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hang => "hang",
            Self::Busy => "busy",
            Self::NotHttp => "not-http",
            Self::NoAnswer => "no-answer",
            Self::Crash => "crash",
            Self::Accepted => "accepted",
            Self::WrongAnswer => "wrong-answer",
            Self::Misread => "misread",
            Self::Form => "form",
            Self::State => "state",
            Self::Desync => "desync",
            Self::Leak => "leak",
            Self::Echo => "echo",
            Self::Injection => "injection",
            Self::Note => "note",
        }
    }
}

/// Something that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The invariant that is broken, or the row of the decision table.
    pub(super) row: &'static str,
    pub(super) aspect: Aspect,
    /// How firmly the row is supported.
    pub(super) grade: Grade,
    pub(super) expected: String,
    /// What was answered, the same for the same kind of answer.
    pub(super) observed: String,
    /// What clients make of an error answer, by their names.
    pub(super) impact: BTreeMap<String, String>,
}

/// An answer as far as two answers to the same request are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NormalResponse {
    pub(super) status: u16,
    /// The code of an error, or the body of a success with names in the place of what differs from run to run.
    pub(super) content: String,
}

impl NormalResponse {
    pub(super) fn of(operation: Operation, response: &HttpResponse, naming: &CastNaming) -> Self {
        let content = match wire::decode_response(operation, response) {
            Outcome::Success(document) => {
                Names::new(naming.clone()).symbolic(&Value::Object(document).to_string())
            }
            Outcome::Error(error) => error.kind.to_string(),
            Outcome::Undecodable { .. } => kind_of(response).to_owned(),
        };
        Self { status: response.status, content }
    }

    pub(super) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    pub(super) fn words(&self) -> String {
        shortened(&format!("{} {}", self.status, self.content))
    }
}

/// What a malformed request and its answer are held against.
pub(super) struct Trial<'a> {
    pub(super) profile: Profile,
    pub(super) class: &'a Class,
    /// Whether other parts are spoilt than that of its class.
    pub(super) is_composed: bool,
    pub(super) operation: Operation,
    pub(super) malformed: &'a Malformed,
    pub(super) naming: &'a CastNaming,
    /// The answer to the well-formed request that it began as.
    pub(super) base: &'a NormalResponse,
    /// The answers to the requests that it may be taken for, where it is accepted.
    pub(super) readings: &'a [NormalResponse],
    /// The answer to the well-formed request behind it.
    pub(super) follow: &'a NormalResponse,
    pub(super) canary: &'a str,
    /// Whether the target verifies signatures.
    pub(super) verifies: bool,
}

impl Trial<'_> {
    /// Everything that is wrong with what came back.
    pub(super) fn judge(&self, exchange: &RawExchange) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let Some(answer) = exchange.answers.first() else {
            complaints.extend(self.without_answer(exchange));
            return complaints;
        };
        let response = &answer.response;
        if let Some(flaw) = &answer.flaw {
            complaints.push(invariant("I02", Aspect::NotHttp, Grade::Documented, "an answer in valid HTTP", flaw));
        } else if let Some(mut complaint) = self.answer(response) {
            if response.status >= 300 {
                complaint.impact = impact::of_answer(&(self.operation, response.clone()));
            }
            complaints.push(complaint);
        }
        complaints.extend(self.desync(exchange));
        super::invariants::check(response, self.canary, &self.malformed.message, &mut complaints);
        // Whoever answers before it knows what was asked owes nobody a form.
        if (self.is_free_in_form() || self.malformed.is_open)
            && matches!(wire::decode_error(response), Outcome::Undecodable { .. })
        {
            complaints.retain(|complaint| complaint.aspect != Aspect::Note);
        }
        complaints
    }

    fn allowed(&self) -> &Allowed {
        &self.malformed.allowed
    }

    /// Whether an answer may be missing, or free in its form.
    fn may_close(&self) -> bool {
        self.allowed().sets().chain(self.allowed().tolerated()).any(Set::may_close)
    }

    fn is_free_in_form(&self) -> bool {
        self.allowed().sets().chain(self.allowed().tolerated()).any(Set::is_free_in_form)
    }

    fn without_answer(&self, exchange: &RawExchange) -> Option<Complaint> {
        let stalled = self.malformed.message.delivery == Delivery::Stall;
        if exchange.end == End::Abandoned || stalled && exchange.garbage.is_none() {
            return None;
        }
        if let Some(garbage) = &exchange.garbage {
            let observed = format!("{}: {:?}", garbage.problem, shortened(&garbage.excerpt));
            return Some(invariant(
                "I02",
                Aspect::NotHttp,
                Grade::Documented,
                "an answer in valid HTTP",
                &observed,
            ));
        }
        let expected = self.expected();
        match exchange.end {
            // Who waits for the rest of a request whose end can't be made out does no wrong.
            End::Silent if exchange.waited && self.class.part == Part::Framing => None,
            End::Silent => Some(invariant(
                "I01",
                Aspect::Hang,
                Grade::Documented,
                &expected,
                "no answer, and the connection stays open",
            )),
            _ if exchange.waited && self.class.part != Part::Framing => Some(invariant(
                "I01",
                Aspect::Hang,
                Grade::Documented,
                &expected,
                "no answer before the client ended its half of the connection",
            )),
            _ if self.may_close() || self.malformed.is_open => None,
            _ => Some(invariant(
                "I01",
                Aspect::NoAnswer,
                Grade::Documented,
                &expected,
                "the connection is closed without an answer",
            )),
        }
    }

    /// Whether the answer is one of those allowed.
    fn answer(&self, response: &HttpResponse) -> Option<Complaint> {
        let status = response.status;
        let normal = NormalResponse::of(self.operation, response, self.naming);
        let code = match wire::decode_error(response) {
            Outcome::Error(error) if !(200..300).contains(&status) => Some(error.kind.to_string()),
            _ => None,
        };
        let refusal = ErrorAnswer { status, code: code.as_deref() };
        // The order of checks is nobody's business: what the request would earn anyway it may earn now.
        if normal == *self.base && !normal.is_success() {
            return None;
        }
        if status >= 500 && !matches!(status, 501 | 505) {
            let observed = format!("{} {}", status, code.as_deref().unwrap_or(kind_of(response)));
            let internal = matches!(
                code.as_deref(),
                Some("InternalException" | "InternalFailure" | "InternalServerException")
            );
            let aspect = if internal { Aspect::Note } else { Aspect::Crash };
            return Some(invariant("I03", aspect, Grade::Documented, &self.expected(), &observed));
        }
        if normal.is_success() && !self.malformed.is_open {
            return self.success(response, &normal);
        }
        if self.malformed.is_open {
            return None;
        }
        // Whoever throttles says nothing about the request. What is signed of a head that is wrong is anybody's guess.
        let unsure = self.is_composed || matches!(self.class.part, Part::Framing | Part::Headers | Part::Route);
        if status == 429 || self.verifies && unsure && Set::Authentication.has(self.profile, refusal) {
            return None;
        }
        if let Some(set) = self.allowed().sets().find(|set| set.has(self.profile, refusal)) {
            let unread = (code.is_none() && !set.is_free_in_form()).then(|| self.form(response));
            return unread.or_else(|| self.no_object(response));
        }
        if self.allowed().tolerated().any(|set| set.has(self.profile, refusal)) {
            return Some(self.row(Aspect::Note, &normal.words()));
        }
        let unrouted =
            matches!(status, 404 | 405) && [Set::Route, Set::Method].iter().any(|set| self.allowed().has(*set));
        if code.is_none() && (unrouted || !self.is_free_in_form() && (400..500).contains(&status)) {
            return Some(self.form(response));
        }
        Some(self.row(Aspect::WrongAnswer, &normal.words()))
    }

    fn success(&self, response: &HttpResponse, normal: &NormalResponse) -> Option<Complaint> {
        let allowed = self.allowed();
        let has = |set: Set| allowed.has(set) || allowed.tolerates(set);
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
                return allowed.tolerates(Set::AsRepaired).then(|| self.row(Aspect::Note, &normal.words()));
            }
            let expected = self.readings.first().map_or_else(|| self.expected(), NormalResponse::words);
            let complaint = self.row(Aspect::Misread, &normal.words());
            return Some(Complaint { row: "I24", expected, ..complaint });
        }
        Some(self.row(Aspect::Accepted, &format!("{} as if it were well-formed", normal.status)))
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

    fn desync(&self, exchange: &RawExchange) -> Option<Complaint> {
        // Behind all that is wrong with the framing there is another request; most of it leaves open where it begins.
        let is_followed = match self.malformed.message.delivery {
            Delivery::Pipelined => true,
            Delivery::Whole => self.class.part == Part::Framing && self.class.rows.contains(&"I13"),
            _ => false,
        };
        if !is_followed {
            return None;
        }
        let expected = "a closed connection, or the answer to the next request and nothing more";
        let complain =
            |observed: &str| Some(invariant("I13", Aspect::Desync, Grade::Documented, expected, observed));
        match &exchange.answers[1..] {
            [] if exchange.end == End::Silent && exchange.garbage.is_none() => {
                complain("one answer to two requests, and the connection stays open")
            }
            [] => None,
            [second] => {
                let normal = NormalResponse::of(Operation::ListMembers, &second.response, self.naming);
                // Who refuses a length beside chunks closes: RFC 9112, section 6.1.
                let has_to_close =
                    self.class.rows.starts_with(&["D05", "I13"]) && exchange.answers[0].response.status >= 400;
                let closes = second.response.status == 400 && exchange.end != End::Open && !has_to_close;
                // What was done before shows in the read behind it.
                let done = exchange.answers[0].response.status < 300 && self.operation.is_mutating();
                let fine = normal == *self.follow
                    || closes
                    || second.response.status == 429
                    || done && normal.is_success();
                if fine { None } else { complain(&format!("the next request is answered {}", normal.words())) }
            }
            _ => complain("more than two answers to two requests"),
        }
    }

    fn form(&self, response: &HttpResponse) -> Complaint {
        let observed = format!("{} without a code", response.status);
        invariant("I05", Aspect::Form, Grade::Documented, "an error whose code a client can make out", &observed)
    }

    /// Behind what HTTP and the signature demand, an error is told in a JSON object, or by the header alone.
    fn no_object(&self, response: &HttpResponse) -> Option<Complaint> {
        let is_read = matches!(self.class.part, Part::Text | Part::Members | Part::Query) && !self.is_composed;
        let fits = response.body.is_empty()
            || serde_json::from_slice::<passmuster_contract::domain::Document>(&response.body).is_ok();
        let observed = format!("{} {}", response.status, kind_of(response));
        let expected = "an error in a JSON object";
        (is_read && !fits).then(|| invariant("I04", Aspect::Form, Grade::Documented, expected, &observed))
    }

    /// A complaint by the first row of the class.
    fn row(&self, aspect: Aspect, observed: &str) -> Complaint {
        let row = self.class.rows.first().copied().unwrap_or("-");
        let observed = observed.to_owned();
        let impact = BTreeMap::new();
        Complaint { row, aspect, grade: self.class.grade, expected: self.expected(), observed, impact }
    }

    pub(super) fn expected(&self) -> String {
        let sets: Vec<&str> = self.allowed().sets().map(|set| set.words(self.profile)).collect();
        sets.join("; or ")
    }
}

/// A complaint by an invariant.
pub(super) fn invariant(
    row: &'static str,
    aspect: Aspect,
    grade: Grade,
    expected: &str,
    observed: &str,
) -> Complaint {
    let impact = BTreeMap::new();
    Complaint { row, aspect, grade, expected: expected.to_owned(), observed: observed.to_owned(), impact }
}

/// What a body without a code is.
pub(super) fn kind_of(response: &HttpResponse) -> &'static str {
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

pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MOST_SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    printable(&short).into_owned()
}
