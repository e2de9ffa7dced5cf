//! The reference server: the model as a stateful implementation of the API, with switchable faults.

mod change;
mod contents;
mod crowd;
mod embedded;
mod exchange;
mod fault;
mod forms;
mod front;
mod issued;
mod listen;
mod negotiate;
mod organizations;
mod page;
mod profile;
mod render;
mod settings;
mod sts;
mod tap;
mod verify;

use std::sync::Arc;

use crate::targets::Caller;
use change::{Moment, Suspects};
use contents::Contents;
use issued::Sessions;
use organizations::Organizations;
use passmuster_contract::domain::{
    Account, Document, ErrorKind, InvitationRef, Naming, Operation, QuestionId, Region, Request, RuleId,
    ServiceError, Timestamp, Transition,
};
use passmuster_contract::model::{Branch, Branches, Expect, Learned, Mint, State, choose, step_ignoring};
use passmuster_contract::wire::{self, Violation};

pub use change::{Change, GuardKind, Seen, Sight, StatePart, Suspect, Trait, ValueSource, Writing};
pub use embedded::Embedded;
pub use fault::{AnyFault, Fault, UnknownFault, WireFault};
pub use issued::SessionRules;
pub use listen::{ListenError, Listener};
pub use passmuster_contract::model::{Answers, AnswersError};
pub use render::Reply;
pub use settings::{ServerClock, ServerSettings};
pub use verify::Signatures;

/// The first instant of a clock that stands still.
pub(crate) const EPOCH: Timestamp = Timestamp(1_543_443_246_771);

/// The reference server.
#[derive(Debug)]
pub struct Reference {
    state: State,
    regions: Vec<Arc<str>>,
    settings: ServerSettings,
    ignoring: Vec<RuleId>,
    organizations: Organizations,
    contents: Contents,
    /// The sessions that STS has opened; a reset leaves them.
    sessions: Sessions,
    changes: u64,
    /// The instant at which the server was started.
    started: Timestamp,
    /// The instant of the last call.
    instant: Timestamp,
    requests: u64,
    /// The deviations that are looked out for.
    suspects: Suspects,
}

/// Accounts by their own numbers, Regions by the order in which they were first called.
struct RegionNames<'a>(&'a [Arc<str>]);

impl Naming for RegionNames<'_> {
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
    instant: Timestamp,
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
        Learned::Is(self.instant)
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

/// Whether a constraint that is violated is spoken of first: where the model has nothing to say, and where a call about
/// the organization is refused anyway.
fn is_for_constraints(expect: &Expect, operation: Operation) -> bool {
    let designates = matches!(
        operation,
        Operation::EnableOrganizationAdminAccount | Operation::DisableOrganizationAdminAccount
    );
    matches!(expect, Expect::Anything | Expect::AnySuccess) || designates && matches!(expect, Expect::Refused(_))
}

/// The branch that this implementation takes. Where it is open whether the call that documentation reserves for the
/// management account is refused to others, it is (SH-ORG-017).
fn chosen<'b>(branches: &'b Branches, operation: Operation, answers: &Answers) -> Option<&'b Branch> {
    let reserved = operation == Operation::ListOrganizationAdminAccounts;
    let mut refusals = branches.admissible.iter().filter(|branch| matches!(branch.expect, Expect::AnyRefusal));
    refusals.next().filter(|_| reserved).or_else(|| choose::branch(branches, answers))
}

impl Reference {
    /// A server without any state.
    #[must_use]
    pub fn new(seed: u64, answers: Answers, faults: &[Fault]) -> Self {
        Self::with(ServerSettings { seed, answers, faults: faults.to_vec(), ..ServerSettings::default() })
    }

    /// A server without any state, by all its settings.
    #[must_use]
    pub fn with(settings: ServerSettings) -> Self {
        let started = match settings.clock {
            ServerClock::Still => EPOCH,
            ServerClock::Running(now) => now(),
        };
        Self {
            state: State::default(),
            regions: Vec::new(),
            ignoring: settings.faults.iter().filter_map(|fault| fault.ignores()).collect(),
            organizations: Organizations::new(settings.seed),
            contents: Contents::default(),
            sessions: Sessions::default(),
            settings,
            changes: 0,
            started,
            instant: started,
            requests: 0,
            suspects: Suspects::default(),
        }
    }

    /// A server that looks out for further deviations: which of them would show in what it is asked.
    #[must_use]
    pub fn suspecting(suspects: Vec<Suspect>, settings: ServerSettings) -> Self {
        Self { suspects: Suspects::new(suspects), ..Self::with(settings) }
    }

    /// What it has seen of the deviations that it looks out for.
    #[must_use]
    pub const fn seen(&self) -> &Seen {
        self.suspects.seen()
    }

    /// Forgets all state.
    pub fn reset(&mut self) {
        self.state = State::default();
        self.organizations = Organizations::new(self.settings.seed);
        self.contents = Contents::default();
    }

    fn answer(
        &mut self,
        caller: &Caller,
        operation: Operation,
        document: &Document,
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
        let parsed = Request::from_document(operation, document, &RegionNames(&self.regions));
        let request = parsed.map_err(|error| profile::unreadable(self.settings.profile, error.to_string()))?;
        let mut transition = Transition { caller: account, region, request };
        let violations = wire::violations(operation, document);
        self.tick();
        self.organizations.assign(&mut transition, document, &self.state, self.instant);
        Ok(self.transit(transition, document, violations.first().filter(|_| !operation.is_setup())))
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

    /// Takes one transition as the model has it, then lets the faults spoil it. Where the model has nothing to say, a
    /// constraint that is violated is reason enough to refuse.
    fn transit(&mut self, mut transition: Transition, sent: &Document, violated: Option<&Violation>) -> Reply {
        for fault in &self.settings.faults {
            fault.spoil_request(&mut transition);
        }
        let operation = transition.request.operation;
        self.leak(transition.region);
        let here = self.state.region(transition.region);
        if let Some(refusal) = self.settings.faults.iter().find_map(|fault| fault.refuses(here, &transition)) {
            return refusal;
        }
        let cursor = page::take(&mut transition);
        let own = self.settings.changes.iter().filter_map(|change| change.ignores(operation));
        let ignoring: Vec<RuleId> = self.ignoring.iter().copied().chain(own).collect();
        let (state, here) = (&self.state, transition.region);
        let overlooking = self.settings.changes.iter().find_map(|change| change.overlooks(operation, here, state));
        let branches = step_ignoring(overlooking.as_ref().unwrap_or(state), &transition, &ignoring);
        let answers = self.settings.answers.of(transition.request.operation);
        let Some(branch) = chosen(&branches, operation, &answers) else {
            return Reply::Success(Document::new());
        };
        // Who does without a rule on requests does without the constraint that it states.
        let unchecked = ignoring.len() > self.ignoring.len();
        if let Some(violation) = violated.filter(|_| !unchecked && is_for_constraints(&branch.expect, operation)) {
            return Reply::Error(profile::invalid(violation));
        }
        if let Some(refusal) = self.settings.changes.iter().find_map(|change| change.refuses(operation, branch)) {
            return refusal;
        }
        let effects = choose::effects(branch, &answers);
        let reply = render::Renderer {
            answers: &answers,
            naming: &RegionNames(&self.regions),
            transition: &transition,
            state: self.state.region(transition.region),
            unseen: self.started,
        }
        .reply(&branch.expect);
        let reply =
            if operation.is_setup() { self.organizations.reply(&reply, &transition, &self.state) } else { reply };
        let mut reply = page::cut(self.contents.fill(&transition, sent, reply), &cursor, &transition, &answers);
        if answers.are_chosen() && !operation.is_setup() {
            forms::reply(&mut reply, operation, &answers);
        }
        let deviates = !(self.settings.faults.is_empty() && self.settings.changes.is_empty());
        let before = (deviates || self.suspects.are_any()).then(|| self.state.clone());
        let (seed, instant) = (self.settings.seed, self.instant);
        let mut mint = ServerMint { answers: &answers, seed, instant, changes: &mut self.changes };
        for (effect, rule) in &effects {
            self.state.apply(transition.region, effect, *rule, &mut mint);
        }
        debug_assert!(
            deviates || self.state.broken_invariant().is_none(),
            "after {transition:?}: {:?}",
            self.state.broken_invariant()
        );
        if let Some(before) = before {
            let (whole, before) = (&before, before.region(transition.region));
            let after = self.state.region_mut(transition.region);
            if self.suspects.are_any() {
                let (transition, branches, reply) = (&transition, &branches, &reply);
                self.suspects.look(&Moment { whole, transition, branches, branch, before, after, reply });
            }
            for fault in &self.settings.faults {
                fault.spoil_state(before, after, &transition);
                fault.spoil_reply(before, &transition, &mut reply);
            }
            for change in &self.settings.changes {
                change.spoil_state(before, after, &transition);
                change.spoil_reply(whole, before, &transition, &mut reply);
            }
        }
        reply
    }

    /// Moves the clock on, once a call; ids are drawn below it.
    fn tick(&mut self) {
        self.changes = ((self.changes >> 20) + 1) << 20;
        self.instant = match self.settings.clock {
            ServerClock::Still => Timestamp(EPOCH.0 + i64::try_from(self.changes >> 20).unwrap_or(0)),
            // It never goes back.
            ServerClock::Running(now) => Timestamp(now().0.max(self.instant.0)),
        };
    }

    /// Lets what is the case in other Regions spill over into this one, where a fault does that.
    fn leak(&mut self, here: Region) {
        for leak in self.settings.faults.iter().filter_map(|fault| fault.leaks()) {
            let elsewhere: Vec<Region> = self.state.regions().filter(|region| *region != here).collect();
            for region in elsewhere {
                let there = self.state.region(region).clone();
                leak(&there, self.state.region_mut(here));
            }
        }
    }
}
