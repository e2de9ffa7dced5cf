//! Reactions held against what the witness makes of a request.
//!
//! The witness says which answers are allowed, and the judge of the catalogue says which complaint there is: a parser's
//! refusal is the answer that its server would write.

use serde_json::Value;

use super::reaction::Reaction;
use crate::answers::{Allowed, Set};
use crate::complaint::{Aspect, Complaint, InvariantId};
use crate::judge::{NormalResponse, Trial, kind_of};
use crate::reader::RefusalKind;
use crate::reader::address::Route;
use crate::reader::expect::{Expectation, Relief, RequestFault, excerpt, expect};
use crate::{Malformed, Message};
use passmuster_contract::domain::{Document, ErrorKind, Operation, Outcome, Profile, ServiceError};
use passmuster_contract::wire::{HttpRequest, HttpResponse, decode_error, decode_response};

/// A complaint about a reaction, and the fault of the request that it is about.
#[derive(Clone, Debug)]
pub(super) struct ReadingVerdict {
    pub(super) complaint: Complaint,
    /// The row of the fault.
    pub(super) row: &'static str,
    /// The fault, without what stands there.
    pub(super) fault: String,
    pub(super) place: String,
}

impl ReadingVerdict {
    /// A complaint that is the same whichever fault a request has.
    fn anywhere(complaint: Complaint, fault: &str, place: &str) -> Self {
        Self { row: complaint.row, complaint, fault: fault.to_owned(), place: place.to_owned() }
    }
}

/// A fault of a request: its row, what it is, and its place.
type Blame = (&'static str, String, String);

/// The first complaint about a reaction, if there is any.
pub(super) fn judge(request: &HttpRequest, reaction: &Reaction, profile: Profile) -> Option<ReadingVerdict> {
    let case = Exposure { request, profile, expected: expect(request) };
    match reaction {
        Reaction::Panicked(words) => Some(panicked(words)),
        Reaction::Answered(response) => case.answered(response),
        _ if case.expected.anything => None,
        Reaction::Refused(refusal) => case.refused(*refusal),
        Reaction::Read(operation, members) => case.read(*operation, members),
    }
}

fn panicked(words: &str) -> ReadingVerdict {
    // Numbers and quotations differ from one input to the next.
    let head = words.split(['\'', '"', '`', '\n']).next().unwrap_or_default();
    let kind: String = head.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(60).collect();
    let fault = if kind.trim().is_empty() { "a panic" } else { kind.trim() }.to_owned();
    let observed = format!("a panic: {words}");
    let complaint = Complaint::by_invariant(InvariantId::I03, Aspect::Panic, "a result", &observed);
    ReadingVerdict::anywhere(complaint, &fault, "any place")
}

/// A request that a subject was shown, and what the witness makes of it.
struct Exposure<'a> {
    request: &'a HttpRequest,
    profile: Profile,
    expected: Expectation<'a>,
}

impl Exposure<'_> {
    /// A parser that refused it.
    fn refused(&self, refusal: RefusalKind) -> Option<ReadingVerdict> {
        let (response, blame) = (as_response(refusal), self.blame(|_| true));
        let normal = NormalResponse::of(self.operation(), &response, str::to_owned);
        let allowed = self.allowed(|fault| fault.relief == Relief::None);
        let mut verdict = self.judged(&response, &normal, allowed, &[], blame)?;
        verdict.complaint.observed = format!("refused as {}", name(refusal));
        Some(verdict)
    }

    /// A parser that read it. Constraints are for others to check.
    fn read(&self, operation: Operation, members: &Document) -> Option<ReadingVerdict> {
        let shown = excerpt(Value::Object(members.clone()).to_string().as_bytes());
        let normal = NormalResponse { status: 200, content: format!("read as {operation} with {shown}") };
        let meant = self.expected.route.operation();
        let difference =
            (meant == Some(operation)).then(|| self.expected.difference(operation, members)).flatten();
        let is_hard = |fault: &RequestFault| {
            let kept = fault.relief == Relief::Entry && self.may_be_partial() && difference.is_none();
            fault.refusal == RefusalKind::Parse && !kept && fault.relief != Relief::Skipped
        };
        let is_grave = |fault: &RequestFault| is_hard(fault) || fault.relief == Relief::Skipped;
        let mut blame = self.blame(is_grave);
        let mut wanted = normal.clone();
        if let Some(other) = meant.filter(|meant| *meant != operation) {
            wanted.content = other.name().to_owned();
        } else if let Some(difference) = &difference {
            wanted.content = format!("{} read as it was written: {}", difference.place, difference.written);
            if !self.expected.faults.iter().any(is_grave) {
                blame = self.misreading(difference.place.clone());
            }
        }
        let response = HttpResponse { status: 200, headers: Vec::new(), body: b"{}".to_vec() };
        let trial = self.allowed(is_hard);
        let mut verdict = self.judged(&response, &normal, trial, &[wanted], blame)?;
        verdict.complaint.observed = match difference.filter(|_| verdict.complaint.aspect == Aspect::Misread) {
            Some(difference) => format!("read as {}", difference.read),
            None => normal.content,
        };
        Some(verdict)
    }

    /// A server. Its state is not known here, so that there is no complaint but of what no state can explain.
    fn answered(&self, response: &HttpResponse) -> Option<ReadingVerdict> {
        let is_known = matches!(self.expected.route, Route::To(_));
        match response.status {
            // It says "not implemented", "not this version" or "not now".
            501 | 503 | 504 | 505 => return None,
            500.. => {}
            _ if self.expected.anything => return None,
            // What a server makes of such an address is its own business.
            200..300 if matches!(self.expected.route, Route::Perhaps(_) | Route::Elsewhere) => return None,
            200..300 => {}
            _ => match decode_error(response) {
                Outcome::Error(error) if !self.is_about_request(&error) => return None,
                Outcome::Error(_) if matches!(self.expected.route, Route::Perhaps(_) | Route::Elsewhere) => {
                    return None;
                }
                // Below the level of the API it needs no form.
                Outcome::Undecodable { .. } if response.status == 405 || !is_known => return None,
                _ => {}
            },
        }
        let is_hard = |fault: &RequestFault| match fault.relief {
            Relief::None => true,
            Relief::Entry => !self.may_be_partial() || self.reports(),
            Relief::Skipped => false,
        };
        let blame = self.blame(|fault| is_hard(fault) || fault.relief == Relief::Skipped);
        let operation = self.operation();
        if response.status < 300 && matches!(decode_response(operation, response), Outcome::Undecodable { .. }) {
            let observed = format!("{} {}", response.status, kind_of(response));
            let complaint = Complaint::by_invariant(InvariantId::I18, Aspect::Form, "a JSON object", &observed);
            return Some(ReadingVerdict::anywhere(complaint, "an answer that no client can read", "the answer"));
        }
        let normal = NormalResponse::of(operation, response, str::to_owned);
        let mut allowed = self.allowed(is_hard);
        if self.may_be_partial() && self.expected.faults.iter().all(|fault| fault.relief == Relief::Entry) {
            allowed.sets.extend((!self.expected.faults.is_empty()).then_some(Set::Partly));
        }
        self.judged(response, &normal, allowed, std::slice::from_ref(&normal), blame)
    }

    /// Whether an error is about the request alone, and not about state, permission or an operation that isn't there.
    fn is_about_request(&self, error: &ServiceError) -> bool {
        match &error.kind {
            ErrorKind::Serialization => true,
            // What the caller may not do here may be called a constraint, too.
            ErrorKind::Validation => !self.expected.faults.is_empty(),
            // A generated server says SerializationException, and no other, of what it can't read.
            ErrorKind::InvalidInput if self.profile == Profile::Smithy => {
                let faults = &self.expected.faults;
                !faults.is_empty() && faults.iter().all(|fault| fault.refusal == RefusalKind::Parse)
            }
            ErrorKind::Other(code) => {
                matches!(code.as_str(), "UnsupportedMediaTypeException" | "NotAcceptableException")
            }
            _ => false,
        }
    }

    /// Whether a stand-in for the service may report an entry instead of refusing the call.
    fn may_be_partial(&self) -> bool {
        self.profile != Profile::Smithy
    }

    /// Whether the operation has a place to report entries in.
    fn reports(&self) -> bool {
        let output = self.operation().shape().output;
        output.iter().any(|member| member.name == "UnprocessedAccounts")
    }

    /// The operation that is meant; any other where none is, as errors are the same for all.
    fn operation(&self) -> Operation {
        self.expected.route.operation().unwrap_or(Operation::ListMembers)
    }

    /// The answers that the witness allows, where these faults must be refused.
    fn allowed(&self, is_hard: impl Fn(&RequestFault) -> bool) -> Admissible {
        let Expectation { route, faults, leeway, .. } = &self.expected;
        let mut sets: Vec<Set> = Vec::new();
        sets.extend(faults.iter().map(|fault| fault.refusal).chain(leeway.iter().copied()).flat_map(sets_of));
        if !matches!(route, Route::To(_)) {
            sets.extend(sets_of(RefusalKind::Route));
        }
        let is_nowhere = matches!(route, Route::Nowhere(_) | Route::Elsewhere);
        let is_tolerated = faults.iter().any(|fault| fault.relief == Relief::Skipped);
        let may_succeed = !is_nowhere && !faults.iter().any(is_hard);
        Admissible { sets, success: may_succeed && !is_tolerated, tolerated: may_succeed && is_tolerated }
    }

    /// The fault to blame: the first of these; something odd where there is none.
    fn blame(&self, is_grave: impl Fn(&RequestFault) -> bool) -> Blame {
        let grave = self.expected.faults.iter().filter(|fault| is_grave(fault));
        if let Some(fault) = grave.min_by_key(|fault| fault.relief == Relief::Skipped) {
            return (fault.row, fault.cause.clone(), fault.place.clone());
        }
        let line = "the request line".to_owned();
        match self.expected.route {
            Route::Nowhere(row) => (row, "an address of no operation".to_owned(), line),
            Route::Elsewhere => ("D20", "an address of no operation".to_owned(), line),
            Route::To(_) | Route::Perhaps(_) => {
                let sound = "nothing is wrong".to_owned();
                (InvariantId::I23.name(), sound, "the request".to_owned())
            }
        }
    }

    /// The fault of a request that was read otherwise than it was written.
    fn misreading(&self, place: String) -> Blame {
        let wanted = place.rsplit(['/', ' ']).next().unwrap_or_default();
        let text = [self.request.query.as_bytes(), &self.request.body].concat();
        let mut windows = text.windows(wanted.len().max(1));
        let is_misnamed = !windows.clone().any(|window| window == wanted.as_bytes())
            && windows.any(|window| window.eq_ignore_ascii_case(wanted.as_bytes()));
        let is_plain = self.expected.leeway.is_empty() && self.expected.faults.is_empty();
        let row = match (is_misnamed, place.starts_with('/'), is_plain) {
            (true, true, _) => "D83",
            (true, false, _) => "D96",
            (false, _, true) => InvariantId::I23.name(),
            (false, _, false) => InvariantId::I24.name(),
        };
        (row, if is_misnamed { "a member by nearly its name" } else { "a value" }.to_owned(), place)
    }

    /// The complaint of the catalogue's judge.
    fn judged(
        &self,
        response: &HttpResponse,
        normal: &NormalResponse,
        allowed: Admissible,
        readings: &[NormalResponse],
        (row, fault, place): Blame,
    ) -> Option<ReadingVerdict> {
        let mut malformed = Malformed::new("shown", Message::of(self.request), &[]);
        malformed.allowed = allowed.into();
        let trial = Trial {
            profile: self.profile,
            operation: self.operation(),
            malformed: &malformed,
            row,
            part: None,
            base: None,
            readings,
            verifies: false,
        };
        let complaint = trial.judge(response, normal)?;
        Some(match complaint.aspect {
            Aspect::Crash => ReadingVerdict::anywhere(complaint, "a failure", "any place"),
            Aspect::Form => ReadingVerdict::anywhere(complaint, "an answer that no client can read", "the answer"),
            _ => ReadingVerdict { complaint, row, fault, place },
        })
    }
}

/// The answers that the witness allows.
struct Admissible {
    sets: Vec<Set>,
    success: bool,
    /// Whether a success is worth a note.
    tolerated: bool,
}

impl From<Admissible> for Allowed {
    fn from(admissible: Admissible) -> Self {
        let Admissible { mut sets, success, tolerated } = admissible;
        sets.extend(success.then_some(Set::AsRepaired));
        let allowed = Self::one_of(&sets);
        if tolerated { allowed.tolerating(&[Set::AsRepaired]) } else { allowed }
    }
}

/// The sets of answers that say a refusal.
fn sets_of(refusal: RefusalKind) -> Vec<Set> {
    match refusal {
        RefusalKind::Route => vec![Set::Route, Set::Method],
        RefusalKind::Media => vec![Set::MediaType, Set::NotAcceptable],
        RefusalKind::Parse => vec![Set::Parse],
        RefusalKind::Constraint => vec![Set::Constraint],
    }
}

/// The answer that a server would write for a parser's refusal.
fn as_response(refusal: RefusalKind) -> HttpResponse {
    let (status, code) = match refusal {
        RefusalKind::Route => (404, "UnknownOperationException"),
        RefusalKind::Media => (415, "UnsupportedMediaTypeException"),
        RefusalKind::Parse => (400, "SerializationException"),
        RefusalKind::Constraint => (400, "ValidationException"),
    };
    HttpResponse { status, headers: vec![("x-amzn-errortype".into(), code.to_owned())], body: b"{}".to_vec() }
}

/// The name of a refusal in a finding.
const fn name(refusal: RefusalKind) -> &'static str {
    match refusal {
        RefusalKind::Route => "an unknown address",
        RefusalKind::Media => "a wrong media type",
        RefusalKind::Parse => "unreadable",
        RefusalKind::Constraint => "against a constraint",
    }
}
