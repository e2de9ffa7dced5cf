//! Answers of a server. Its state is not known here, so that only what no state can explain is found.

use serde_json::Value;

use super::finding::{Finding, Property};
use super::judge::Judge;
use crate::reader::Refusal;
use crate::reader::address::Route;
use crate::reader::expect::{Fault, Relief, excerpt};
use passmuster_contract::domain::{ErrorKind, Operation, Outcome, Profile, ServiceError, Severity};
use passmuster_contract::wire::{HttpResponse, decode_error, decode_response};

/// What can be said against an answer, if anything.
pub(super) fn judge(judge: &Judge<'_>, response: &HttpResponse) -> Option<Finding> {
    match response.status {
        500.. => judge.failed(response),
        _ if judge.expected.anything => None,
        200..300 => judge.succeeded(response),
        _ => judge.told_off(response),
    }
}

impl Judge<'_> {
    /// Of all failures, those that say "not implemented", "not this version" or "not now" are no fault (invariant I03).
    fn failed(&self, response: &HttpResponse) -> Option<Finding> {
        if matches!(response.status, 501 | 503 | 504 | 505) {
            return None;
        }
        let told = match decode_error(response) {
            Outcome::Error(error) => error.kind.code().starts_with("Internal"),
            _ => false,
        };
        let cause = (if told { "an internal error" } else { "a failure" }, "any place");
        let finding = self.finding(Property::NeverFails, cause, "a status below 500", observed(response));
        Some(if told { Finding { severity: Severity::Suspicion, ..finding } } else { finding })
    }

    fn succeeded(&self, response: &HttpResponse) -> Option<Finding> {
        let operation = match self.expected.route {
            Route::To(operation) => operation,
            // What a server makes of such an address is its own business.
            Route::Perhaps(_) | Route::Elsewhere => return None,
            Route::Nowhere => {
                let line = ("an address of no operation", "the request line");
                let expected = "refused as an unknown address";
                return Some(self.finding(Property::RefusesMalformed, line, expected, observed(response)));
            }
        };
        let members = match decode_response(operation, response) {
            Outcome::Success(members) => members,
            Outcome::Error(_) | Outcome::Undecodable { .. } => {
                return Some(self.unreadable(response, "a JSON object"));
            }
        };
        let reported =
            members.get("UnprocessedAccounts").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        let relieved = |fault: &Fault| match fault.relief {
            Relief::None => false,
            Relief::Entry => self.may_be_partial() && (reported || !reports(operation)),
            Relief::Skipped => true,
        };
        let fault = self.expected.faults.iter().find(|fault| !relieved(fault))?;
        let finding = self.accepted(fault, observed(response));
        // Row D100: to do nothing for an empty list is only untidy.
        let untidy = fault.cause.contains("too short");
        Some(if untidy { Finding { severity: Severity::Suspicion, ..finding } } else { finding })
    }

    fn told_off(&self, response: &HttpResponse) -> Option<Finding> {
        let error = match decode_error(response) {
            Outcome::Error(error) => error,
            // A server may answer below the level of the API to what isn't addressed to it (invariant I05).
            _ if response.status == 405 || !matches!(self.expected.route, Route::To(_)) => return None,
            _ => return Some(self.unreadable(response, "an error with a code")),
        };
        match self.means(&error)? {
            // Many servers say so for operations that they don't have.
            Refusal::Route => None,
            // What the caller may not do here may be called a constraint, too.
            Refusal::Constraint if self.expected.faults.is_empty() => None,
            // At an address that may be another's, anything may be wrong.
            refusal if matches!(self.expected.route, Route::To(_)) => {
                self.refused(refusal).map(|finding| Finding { observed: observed(response), ..finding })
            }
            _ => None,
        }
    }

    /// Which refusal an error is; nothing for one that may have to do with state or with permissions.
    fn means(&self, error: &ServiceError) -> Option<Refusal> {
        let refusal = match &error.kind {
            ErrorKind::Serialization => Refusal::Parse,
            ErrorKind::Validation => Refusal::Constraint,
            ErrorKind::UnknownOperation => Refusal::Route,
            ErrorKind::Other(code) => match code.as_str() {
                "UnsupportedMediaTypeException" | "NotAcceptableException" => Refusal::Media,
                _ => return None,
            },
            // A generated server says SerializationException, and no other, of what it can't read (row D60).
            ErrorKind::InvalidInput if self.profile == Profile::Smithy => {
                let unreadable = self.expected.faults.iter().all(|fault| fault.refusal == Refusal::Parse);
                return (unreadable && !self.expected.faults.is_empty()).then_some(Refusal::Constraint);
            }
            _ => return None,
        };
        Some(refusal)
    }

    fn unreadable(&self, response: &HttpResponse, expected: &str) -> Finding {
        let place = ("an answer that no client can read", "the answer");
        self.finding(Property::AnswersReadably, place, expected, observed(response))
    }
}

/// Whether an operation has a place to report entries in.
fn reports(operation: Operation) -> bool {
    operation.shape().output.iter().any(|member| member.name == "UnprocessedAccounts")
}

fn observed(response: &HttpResponse) -> String {
    format!("{} {}", response.status, excerpt(&response.body))
}
