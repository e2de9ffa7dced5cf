//! The reference server: the model as a stateful implementation of the API, with switchable faults.

mod embedded;
mod fault;
mod forms;
mod listen;
mod organizations;
mod page;
mod render;

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::{
    Account, ErrorKind, InvitationRef, Naming, Operation, QuestionId, Region, Request, RuleId, ServiceError,
    Timestamp, Transition,
};
use crate::model::{Learned, Mint, State, choose, step_ignoring};
use crate::target::{AccountSelection, Caller, scope};
use crate::wire::{self, HttpRequest, HttpResponse};
use organizations::Organizations;

pub use crate::model::{Answers, AnswersError};
pub use embedded::Embedded;
pub use fault::{Fault, UnknownFault};
pub use listen::{ListenError, Listener};
pub use render::Reply;

/// The first instant of the server's own clock: one that never runs, but moves on by a millisecond a change.
pub(crate) const EPOCH: Timestamp = Timestamp(1_543_443_246_771);

/// The reference server.
#[derive(Debug)]
pub struct Reference {
    state: State,
    regions: Vec<Arc<str>>,
    answers: Answers,
    faults: Vec<Fault>,
    ignoring: Vec<RuleId>,
    organizations: Organizations,
    seed: u64,
    changes: u64,
    requests: u64,
}

/// Accounts by their own numbers, Regions by the order in which they were first called.
struct Names<'a>(&'a [Arc<str>]);

impl Naming for Names<'_> {
    fn account(&self, account: Account) -> String {
        account.to_string()
    }
    fn account_from(&self, text: &str) -> Option<Account> {
        Account::from_digits(text)
    }
    fn invitation(&self, _: Account, _: &InvitationRef) -> String {
        InvitationRef::UNKNOWN.to_owned()
    }
    fn region(&self, region: Region) -> String {
        self.0.get(usize::from(region.0)).map_or_else(String::new, ToString::to_string)
    }
    fn region_from(&self, text: &str) -> Option<Region> {
        let index = self.0.iter().position(|known| **known == *text)?;
        u8::try_from(index).ok().map(Region)
    }
}

struct ServerMint<'a> {
    answers: &'a Answers,
    seed: u64,
    changes: &'a mut u64,
}

impl Mint for ServerMint<'_> {
    fn invitation_id(&mut self) -> Learned<Arc<str>> {
        *self.changes += 1;
        let high = mix(self.seed ^ mix(*self.changes));
        Learned::Is(format!("{high:016x}{:016x}", mix(high)).into())
    }
    fn now(&mut self) -> Learned<Timestamp> {
        // Within one change all instants are the same (SH-INVITE-017); the handler moves the clock on.
        Learned::Is(Timestamp(EPOCH.0 + i64::try_from(*self.changes >> 20).unwrap_or(0)))
    }
    fn answer(&self, question: QuestionId) -> Option<&'static str> {
        self.answers.to(question)
    }
}

/// SplitMix64's finaliser.
fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Reference {
    /// A server without any state.
    #[must_use]
    pub fn new(seed: u64, answers: Answers, faults: &[Fault]) -> Self {
        let ignoring = faults.iter().filter_map(|fault| fault.ignores()).collect();
        Self {
            state: State::default(),
            regions: Vec::new(),
            answers,
            faults: faults.to_vec(),
            ignoring,
            organizations: Organizations::new(seed),
            seed,
            changes: 0,
            requests: 0,
        }
    }

    /// Forgets all state.
    pub fn reset(&mut self) {
        self.state = State::default();
        self.organizations = Organizations::new(self.seed);
    }

    /// Answers a signed request: account and Region come from its credential scope.
    #[must_use]
    pub fn handle(&mut self, request: &HttpRequest) -> HttpResponse {
        let selection = AccountSelection::Header("x-moto-account-id".to_owned());
        let Some(caller) = scope::caller(&selection, request) else {
            return self.finish(wire::encode_error(&ServiceError {
                kind: ErrorKind::Other("MissingAuthenticationTokenException".to_owned()),
                status: 403,
                message: Some("Missing Authentication Token".to_owned()),
            }));
        };
        self.handle_as(&caller, request)
    }

    /// Answers a request by a known caller.
    #[must_use]
    pub fn handle_as(&mut self, caller: &Caller, request: &HttpRequest) -> HttpResponse {
        let setup = request.service() == "organizations";
        let refuse = if setup { wire::encode_organizations_error } else { wire::encode_error };
        let response = match wire::decode_request(request) {
            Err(error) => self.formed(refuse(&error.to_service_error()), None),
            Ok((operation, document)) => {
                let response = match self.answer(caller, operation, &document) {
                    Ok(Reply::Success(document)) => wire::encode_response(operation, &document),
                    Ok(Reply::Error(error)) | Err(error) => refuse(&error),
                };
                if setup { response } else { self.formed(response, Some(operation)) }
            }
        };
        self.finish(response)
    }

    /// The response in the form that the answers choose for the operation.
    fn formed(&self, mut response: HttpResponse, operation: Option<Operation>) -> HttpResponse {
        if self.answers.are_chosen() {
            let answers = operation.map_or(Cow::Borrowed(&self.answers), |operation| self.answers.of(operation));
            forms::response(&mut response, &answers);
        }
        response
    }

    fn finish(&mut self, mut response: HttpResponse) -> HttpResponse {
        self.requests += 1;
        let id = mix(self.seed ^ self.requests);
        response.headers.push(("x-amzn-requestid".into(), format!("{id:016x}{:016x}", mix(id))));
        response
    }

    fn answer(
        &mut self,
        caller: &Caller,
        operation: Operation,
        document: &crate::domain::Document,
    ) -> Result<Reply, ServiceError> {
        let refuse = |kind, message: &str| ServiceError {
            status: ErrorKind::status(&kind),
            kind,
            message: Some(message.to_owned()),
        };
        let Some(account) = Account::from_digits(&caller.account) else {
            let message =
                "The security token included in the request is invalid: the access key id is no account id.";
            return Err(refuse(ErrorKind::UnrecognizedClient, message));
        };
        let region = self.region(&caller.region);
        let parsed = Request::from_document(operation, document, &Names(&self.regions));
        let request = parsed.map_err(|error| refuse(ErrorKind::Serialization, &error.to_string()))?;
        let transition = Transition { caller: account, region, request };
        Ok(self.transit(transition))
    }

    fn region(&mut self, name: &str) -> Region {
        let known = self.regions.iter().position(|known| **known == *name);
        let index = known.unwrap_or_else(|| {
            self.regions.push(name.into());
            self.regions.len() - 1
        });
        // Callers choose Region names: past the last number all further ones are one and the same.
        Region(u8::try_from(index).unwrap_or(u8::MAX))
    }

    /// Takes one transition as the model has it, then lets the faults spoil it.
    fn transit(&mut self, mut transition: Transition) -> Reply {
        for fault in &self.faults {
            fault.spoil_request(&mut transition);
        }
        let operation = transition.request.operation;
        self.organizations.assign(&mut transition, &self.state);
        if organizations::is_for_another_service(&transition, &self.state) {
            return Reply::Success(crate::domain::Document::new());
        }
        self.leak(transition.region);
        let here = self.state.region(transition.region);
        if let Some(refusal) = self.faults.iter().find_map(|fault| fault.refuses(here, &transition)) {
            return refusal;
        }
        let cursor = page::take(&mut transition);
        let branches = step_ignoring(&self.state, &transition, &self.ignoring);
        let answers = self.answers.of(transition.request.operation);
        let Some(branch) = choose::branch(&branches, &answers) else {
            return Reply::Success(crate::domain::Document::new());
        };
        let effects = choose::effects(branch, &answers);
        let reply = render::Renderer {
            answers: &answers,
            naming: &Names(&self.regions),
            transition: &transition,
            state: self.state.region(transition.region),
        }
        .reply(&branch.expect);
        let reply =
            if operation.is_setup() { self.organizations.reply(&reply, &transition, &self.state) } else { reply };
        let mut reply = page::cut(reply, &cursor, &transition, &answers);
        if answers.are_chosen() && !operation.is_setup() {
            forms::reply(&mut reply, operation, &answers);
        }
        let before = (!self.faults.is_empty()).then(|| self.state.region(transition.region).clone());
        // The clock moves on once a change; ids are drawn below it.
        self.changes = ((self.changes >> 20) + 1) << 20;
        let mut mint = ServerMint { answers: &answers, seed: self.seed, changes: &mut self.changes };
        for (effect, rule) in &effects {
            self.state.apply(transition.region, effect, *rule, &mut mint);
        }
        debug_assert!(
            !self.faults.is_empty() || self.state.broken_invariant().is_none(),
            "{:?}",
            self.state.broken_invariant()
        );
        if let Some(before) = before {
            let after = self.state.region_mut(transition.region);
            for fault in &self.faults {
                fault.spoil_state(&before, after, &transition);
                fault.spoil_reply(&before, &transition, &mut reply);
            }
        }
        reply
    }

    /// Lets what is the case in other Regions spill over into this one, where a fault does that.
    fn leak(&mut self, here: Region) {
        for leak in self.faults.iter().filter_map(|fault| fault.leaks()) {
            let elsewhere: Vec<Region> = self.state.regions().filter(|region| *region != here).collect();
            for region in elsewhere {
                let there = self.state.region(region).clone();
                leak(&there, self.state.region_mut(here));
            }
        }
    }
}
