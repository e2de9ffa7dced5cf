//! What was done with a request, held against what may be done with it.

use super::answer;
use super::finding::{Finding, Property};
use super::reaction::Reaction;
use crate::reader::Refusal;
use crate::reader::address::Route;
use crate::reader::expect::{Expectation, Fault, Relief, excerpt, expect};
use passmuster_contract::domain::{Document, Operation, Profile, Severity};
use passmuster_contract::wire::HttpRequest;

/// What can be said against a reaction, if anything.
pub(super) fn judge(request: &HttpRequest, reaction: &Reaction, profile: Profile) -> Option<Finding> {
    let judge = Judge { request, profile, expected: expect(request) };
    match reaction {
        Reaction::Panicked(words) => Some(judge.panicked(words)),
        Reaction::Answered(response) => answer::judge(&judge, response),
        _ if judge.expected.anything => None,
        Reaction::Refused(refusal) => judge.refused(*refusal),
        Reaction::Read(operation, members) => judge.read(*operation, members),
    }
}

pub(super) struct Judge<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) profile: Profile,
    pub(super) expected: Expectation<'a>,
}

impl Judge<'_> {
    pub(super) fn finding(
        &self,
        property: Property,
        (cause, place): (&str, &str),
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) -> Finding {
        Finding {
            property,
            severity: Severity::Divergence,
            cause: cause.to_owned(),
            place: place.to_owned(),
            expected: expected.into(),
            observed: observed.into(),
            request: self.request.clone(),
        }
    }

    fn panicked(&self, words: &str) -> Finding {
        // Numbers and quotations differ from one input to the next.
        let head = words.split(['\'', '"', '`', '\n']).next().unwrap_or_default();
        let kind: String = head.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(60).collect();
        let cause = if kind.trim().is_empty() { "a panic" } else { kind.trim() };
        self.finding(Property::NeverPanics, (cause, "any place"), "a result", format!("a panic: {words}"))
    }

    /// Whether a stand-in for the service may report an entry instead of refusing the call (answer set PART).
    pub(super) fn may_be_partial(&self) -> bool {
        self.profile != Profile::Smithy
    }

    pub(super) fn refused(&self, refusal: Refusal) -> Option<Finding> {
        let observed = format!("refused as {}", name(refusal));
        if self.expected.route.operation().is_none() {
            let right = refusal == Refusal::Route;
            let line = ("an address of no operation", "the request line");
            return (!right)
                .then(|| self.finding(Property::NamesTheFault, line, "refused as an unknown address", observed));
        }
        if refusal == Refusal::Route {
            let wrong = matches!(self.expected.route, Route::To(_));
            let line = ("the address of an operation", "the request line");
            return wrong.then(|| self.finding(Property::AcceptsSound, line, "a known address", observed));
        }
        let faults = &self.expected.faults;
        if self.expected.tolerates(refusal) || faults.iter().any(|fault| fault.refusal == refusal) {
            return None;
        }
        let Some(fault) = faults.first() else {
            let sound = ("nothing is wrong", "the request");
            return Some(self.finding(Property::AcceptsSound, sound, "accepted", observed));
        };
        let place = (fault.cause.as_str(), fault.place.as_str());
        let expected = format!("refused as {}", name(fault.refusal));
        let finding = self.finding(Property::NamesTheFault, place, expected, observed);
        // The service was seen to say one for the other.
        let lenient = self.profile != Profile::Smithy && refusal != Refusal::Media;
        Some(if lenient { Finding { severity: Severity::Suspicion, ..finding } } else { finding })
    }

    fn read(&self, operation: Operation, members: &Document) -> Option<Finding> {
        let observed = || {
            let members = serde_json::Value::Object(members.clone()).to_string();
            format!("read as {operation} with {}", excerpt(members.as_bytes()))
        };
        let Some(known) = self.expected.route.operation() else {
            let line = ("an address of no operation", "the request line");
            return Some(self.finding(
                Property::RefusesMalformed,
                line,
                "refused as an unknown address",
                observed(),
            ));
        };
        if known != operation {
            let line = ("the address of an operation", "the request line");
            return Some(self.finding(Property::ReadsWhatIsWritten, line, known.name(), observed()));
        }
        let difference = self.expected.difference(operation, members);
        // Whoever reads types leaves constraints to others, and what was kept as it came, too.
        let unreadable = |fault: &&Fault| {
            let kept = fault.relief == Relief::Entry && self.may_be_partial() && difference.is_none();
            fault.refusal == Refusal::Parse && !kept
        };
        if let Some(fault) =
            self.expected.faults.iter().filter(unreadable).min_by_key(|fault| fault.relief == Relief::Skipped)
        {
            return Some(self.accepted(fault, observed()));
        }
        let difference = difference?;
        let cause = if self.is_misnamed(&difference.place) { "a member by nearly its name" } else { "a value" };
        let expected = format!("{} read as it was written: {}", difference.place, difference.written);
        let observed = format!("read as {}", difference.read);
        Some(self.finding(Property::ReadsWhatIsWritten, (cause, &difference.place), expected, observed))
    }

    pub(super) fn accepted(&self, fault: &Fault, observed: String) -> Finding {
        let place = (fault.cause.as_str(), fault.place.as_str());
        let expected = format!("refused as {}", name(fault.refusal));
        let finding = self.finding(Property::RefusesMalformed, place, expected, observed);
        let advice = fault.relief == Relief::Skipped;
        if advice { Finding { severity: Severity::Suspicion, ..finding } } else { finding }
    }

    /// Whether the request has the member under another spelling only.
    fn is_misnamed(&self, place: &str) -> bool {
        let wanted = place.rsplit(['/', ' ']).next().unwrap_or_default();
        let text = [self.request.query.as_bytes(), &self.request.body].concat();
        let mut windows = text.windows(wanted.len().max(1));
        !windows.clone().any(|window| window == wanted.as_bytes())
            && windows.any(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
    }
}

/// How a refusal is called in a finding.
pub(super) const fn name(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Route => "an unknown address",
        Refusal::Media => "a wrong media type",
        Refusal::Parse => "unreadable",
        Refusal::Constraint => "against a constraint",
    }
}
