//! The steps before the model: who calls, which operation, and whether its input can be read at all.

use std::borrow::Cow;

use super::{Answers, Reference, Reply, Signatures, WireFault, forms, mix, negotiate, profile, sts, verify};
use crate::targets::scope::CredentialScope;
use crate::targets::{AccountSelection, Caller, scope, write_date};
use passmuster_contract::domain::{Document, Operation, Profile, ServiceError, Timestamp};
use passmuster_contract::wire::{self, HttpRequest, HttpResponse};

impl Reference {
    /// Answers a signed request: account and Region come from its credential scope.
    #[must_use]
    pub fn handle(&mut self, request: &HttpRequest) -> HttpResponse {
        let caller = self.caller(request);
        self.conclude(&caller, request)
    }

    /// Answers a request by a known caller.
    #[must_use]
    pub fn handle_as(&mut self, caller: &Caller, request: &HttpRequest) -> HttpResponse {
        self.conclude(&Ok(caller.clone()), request)
    }

    fn conclude(&mut self, caller: &Result<Caller, ServiceError>, request: &HttpRequest) -> HttpResponse {
        if request.service() == "sts" {
            let at = self.present();
            let (rules, seed) = (&self.settings.sessions, self.settings.seed);
            let answer =
                sts::answer(caller, request, |account| self.sessions.open(account, rules, seed, at), rules);
            return self.finish(answer);
        }
        let faults = self.settings.wire_faults.clone();
        let response = self.spoilt(&faults, caller, request);
        self.finish(response)
    }

    /// The answer to a request that HTTP itself has something against, or that no operation can be meant by.
    pub(super) fn refuse(&mut self, error: &ServiceError) -> HttpResponse {
        self.finish(wire::encode_error(error))
    }

    /// The answer to a method that no operation has.
    pub(super) fn refuse_method(&mut self, method: &str) -> HttpResponse {
        let shown: String = method.chars().take(20).collect();
        let response = profile::unrouted(self.settings.profile, format!("no operation answers to {shown}"));
        self.finish(response)
    }

    fn caller(&mut self, request: &HttpRequest) -> Result<Caller, ServiceError> {
        let signed_by =
            request.header("authorization").and_then(CredentialScope::parse).map(|scope| scope.access_key);
        let caller = match &self.settings.signatures {
            Some(signatures) => verify::caller(signatures, &self.sessions, request)?,
            None => {
                let selection = AccountSelection::Header("x-moto-account-id".to_owned());
                let caller = scope::caller(&selection, request).ok_or_else(verify::unsigned)?;
                let session = self.sessions.of(&caller.account);
                session.map_or_else(|| caller.clone(), |session| Caller::new(&session.account, &caller.region))
            }
        };
        self.sessions.spend(signed_by.unwrap_or_default());
        Ok(caller)
    }

    /// The instant by which signatures are judged, or that of the last call.
    fn present(&self) -> Timestamp {
        self.settings.signatures.as_ref().map_or(self.instant, Signatures::now)
    }

    /// The date of an answer, where its clock need not be that of this machine.
    pub(super) fn date(&self) -> Option<String> {
        self.settings.signatures.as_ref().map(|signatures| write_date(signatures.now()))
    }

    /// Lets each fault of the protocol do with the request what it does, the last one nearest to the model.
    fn spoilt(
        &mut self,
        faults: &[WireFault],
        caller: &Result<Caller, ServiceError>,
        request: &HttpRequest,
    ) -> HttpResponse {
        match (faults.split_first(), caller) {
            (Some((fault, others)), _) => {
                fault.serve(request, &mut |request| self.spoilt(others, caller, request))
            }
            (None, Ok(caller)) => self.respond(caller, request),
            (None, Err(error)) => wire::encode_error(error),
        }
    }

    fn respond(&mut self, caller: &Caller, request: &HttpRequest) -> HttpResponse {
        let profile = self.settings.profile;
        let setup = request.service() == "organizations";
        let refuse = if setup { wire::encode_organizations_error } else { wire::encode_error };
        let Some(operation) = wire::route(request) else {
            let message = unrouted(request);
            return if setup {
                refuse(&profile::unknown_operation(message))
            } else {
                self.formed(profile::unrouted(profile, message), None)
            };
        };
        let answered = read(profile, operation, request)
            .and_then(|document| self.answer(caller, operation, &document))
            .unwrap_or_else(Reply::Error);
        let response = match answered {
            Reply::Success(document) => wire::encode_response(operation, &document),
            Reply::Error(error) => refuse(&error),
        };
        if setup { response } else { self.formed(response, Some(operation)) }
    }

    /// The response in the form that the answers choose for the operation.
    fn formed(&self, mut response: HttpResponse, operation: Option<Operation>) -> HttpResponse {
        let answers = &self.settings.answers;
        if answers.are_chosen() {
            let answers: Cow<'_, Answers> =
                operation.map_or(Cow::Borrowed(answers), |operation| answers.of(operation));
            forms::response(&mut response, &answers);
        }
        response
    }

    /// Every answer has an id of its own.
    pub(super) fn finish(&mut self, mut response: HttpResponse) -> HttpResponse {
        self.requests += 1;
        let id = mix(self.settings.seed ^ self.requests);
        response.headers.push(("x-amzn-requestid".into(), format!("{id:016x}{:016x}", mix(id))));
        response
    }
}

/// The members of a request, or why it is refused before the state is looked at.
fn read(profile: Profile, operation: Operation, request: &HttpRequest) -> Result<Document, ServiceError> {
    if operation.is_setup() {
        return members(profile, request);
    }
    if let Some(refusal) = negotiate::refusal(profile, operation, request) {
        return Err(refusal);
    }
    let document = members(profile, request)?;
    match profile::constrained(profile, &wire::violations(operation, &document)) {
        Some(refusal) => Err(refusal),
        None => Ok(document),
    }
}

fn members(profile: Profile, request: &HttpRequest) -> Result<Document, ServiceError> {
    let decoded = wire::decode_request(request);
    decoded.map(|(_, document)| document).map_err(|error| profile::unreadable(profile, error.to_string()))
}

fn unrouted(request: &HttpRequest) -> String {
    wire::decode_request(request).map_or_else(|error| error.to_string(), |(operation, _)| operation.to_string())
}
