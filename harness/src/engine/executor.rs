//! Runs one scenario: each call is made, judged, and followed by the reads that show what it did.

mod setup;

pub(super) use setup::is_possible;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::execution::{Execution, Found, Step};
use super::goals::{self, Moment};
use super::pages::{self, Cause, Incomplete, Whole};
use super::settings::{RunSettings, Selection};
use super::support::SupportTable;
use super::tally::Tally;
use super::views;
use crate::generate::{self, CastNaming, Intent, SituationId, Walk, WalkScenario, WalkStep, resolve};
use crate::targets::{Caller, OrganizationSetup, SystemUnderTest};
use passmuster_contract::domain::{
    Account, Divergence, DivergenceKind, Grade, Input, InvitationRef, Naming, Operation, Outcome, Page, Region,
    Request, Scenario, Transition,
};
use passmuster_contract::model::{self, choose};
use passmuster_contract::oracle::{Given, Noted, Observation, Question, Session, Verdict};
use passmuster_contract::wire::HttpResponse;

/// How long a scenario waits after a call that could not be judged.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs one scenario against one system under test.
pub struct Executor<'a, S> {
    sut: &'a S,
    support: &'a SupportTable,
    selection: &'a Selection,
    organization: &'a OrganizationSetup,
    max_pages: usize,
    single_caller: bool,
    regions: Arc<[Arc<str>]>,
    session: Session<'a, CastNaming>,
    /// Who called what where.
    so_far: Vec<(Account, Region, Operation)>,
    execution: Execution,
    /// The shortest way to the present step, where the walk goes.
    shortest: Option<Scenario>,
}

impl<'a, S: SystemUnderTest> Executor<'a, S> {
    /// An executor for one scenario.
    pub fn new(sut: &'a S, support: &'a SupportTable, settings: &'a RunSettings, naming: CastNaming) -> Self {
        Self {
            sut,
            support,
            selection: &settings.selection,
            organization: &settings.organization,
            max_pages: settings.max_pages,
            single_caller: settings.generate.single_caller,
            regions: settings.regions.clone(),
            session: Session::new(naming, settings.strictness, &settings.answers),
            so_far: Vec::new(),
            execution: Execution::default(),
            shortest: None,
        }
    }

    /// Goes the way, then runs intents, each resolved against what is believed when its turn comes; after each call
    /// that may change something, reads what it did.
    pub async fn intents(
        mut self,
        way: Option<&Scenario>,
        intents: &[Intent],
        settings: &generate::Settings,
    ) -> Execution {
        let turn = intents.first().map_or(0, |intent| intent.flavour);
        let way = way.map_or(&[][..], |way| &way.transitions);
        for (index, transition) in way.iter().enumerate() {
            // What the steps on the way do has been looked at by shorter ways.
            let last = index + 1 == way.len();
            let going = if last {
                self.step_and_look(transition, turn, settings).await
            } else {
                self.step(transition).await
            };
            if !going {
                return self.finish();
            }
        }
        for intent in intents {
            let transition = resolve(intent, self.session.state(), settings);
            if self.support.has(transition.request.operation)
                && self.can_take(&transition)
                && !self.step_and_look(&transition, intent.flavour >> 8, settings).await
            {
                break;
            }
        }
        self.finish()
    }

    async fn step_and_look(&mut self, transition: &Transition, turn: u32, settings: &generate::Settings) -> bool {
        if !self.step(transition).await {
            return false;
        }
        if !transition.request.operation.is_mutating() {
            return true;
        }
        let state = self.session.state().region(transition.region);
        for mut view in views::after(transition, state, settings.cast, turn) {
            if settings.single_caller {
                view.caller = Account(1);
            }
            if self.is_worth_a_look(&view) && !self.step(&view).await {
                return false;
            }
        }
        true
    }

    /// Whether something can be judged behind a view as well.
    fn is_worth_a_look(&self, view: &Transition) -> bool {
        self.support.has(view.request.operation)
            && !choose::may_lose(&model::step(self.session.state(), &self.session.naming().bind(view)))
    }

    /// Runs a planned scenario as it is.
    pub async fn scenario(mut self, scenario: &Scenario) -> Execution {
        for transition in &scenario.transitions {
            if !self.step(transition).await {
                break;
            }
        }
        self.finish()
    }

    /// Goes a scenario of the walk.
    pub(super) async fn walk(mut self, walk: &Walk, scenario: &WalkScenario) -> Execution {
        for index in 0..scenario.steps.len() {
            if !self.go(walk, scenario, index).await {
                break;
            }
        }
        self.finish()
    }

    /// Goes one step of the walk: looks at what a call did where its situation is new, or something is in doubt.
    async fn go(&mut self, walk: &Walk, scenario: &WalkScenario, index: usize) -> bool {
        let Some(WalkStep { transition, new, look }) = scenario.steps.get(index) else { return false };
        if !self.support.has(transition.request.operation) || !self.can_take(transition) {
            return true;
        }
        let stage = scenario.stage();
        self.shortest = walk.shortest(scenario, index);
        if !self.list_invitations(transition).await || !self.come_by(walk, scenario, transition, *new).await {
            return false;
        }
        let doubt = || walk.is_in_doubt(stage, self.session.state());
        if !transition.request.operation.is_mutating() || !(*look || doubt()) {
            return true;
        }
        let state = self.session.state().region(transition.region);
        let turn = new.unwrap_or_default();
        for mut view in views::after(transition, state, walk.cast(stage), turn) {
            if self.single_caller {
                view.caller = Account(1);
            }
            if !self.is_worth_a_look(&view) {
                continue;
            }
            let mut way = walk.shortest(scenario, index).unwrap_or_default();
            way.transitions.push(view.clone());
            self.shortest = Some(way);
            if !self.come_by(walk, scenario, &view, None).await {
                return false;
            }
        }
        true
    }

    /// Makes a step, and takes note of its situation where its answer is judged.
    async fn come_by(
        &mut self,
        walk: &Walk,
        scenario: &WalkScenario,
        transition: &Transition,
        planned: Option<SituationId>,
    ) -> bool {
        let (stage, state) = (scenario.stage(), self.session.state());
        let situation = planned
            .filter(|situation| walk.may_be(stage, state, transition, *situation))
            .or_else(|| walk.situation(stage, state, transition));
        let unjudged = |tally: &Tally| tally.inconclusive.values().sum::<u64>();
        let before = unjudged(&self.execution.tally);
        let going = self.step(transition).await;
        if unjudged(&self.execution.tally) == before {
            self.execution.exercised.extend(situation);
        }
        going
    }

    /// Who accepts an invitation must have seen its id.
    async fn list_invitations(&mut self, transition: &Transition) -> bool {
        let Input::Accept { invitation: Some(InvitationRef::Latest(inviter)), .. } = &transition.request.input
        else {
            return true;
        };
        let region = self.session.state().region(transition.region);
        let held = region.invitations.get(&(transition.caller, *inviter));
        let unseen = held.is_some_and(|held| held.id.seen().is_none());
        if !unseen || !region.is_on(transition.caller) {
            return true;
        }
        let request = Request { operation: Operation::ListInvitations, input: Input::Page(Page::default()) };
        let look = Transition { request, ..transition.clone() };
        !self.is_worth_a_look(&look) || self.step(&look).await
    }

    fn finish(mut self) -> Execution {
        self.execution.tally.scenarios = 1;
        self.execution
    }

    /// Makes a step and judges it; false when nothing after it could be judged.
    async fn step(&mut self, transition: &Transition) -> bool {
        if transition.request.operation.is_setup() {
            return self.set_up(transition).await;
        }
        let Some(whole) = self.call(transition).await else { return false };
        let noted = self.observe(transition, &whole);
        let was_lost = self.session.is_lost();
        let Whole { outcome, pages, response, .. } = whole;
        learn_invitations(self.session.naming_mut(), transition, &outcome);
        let operation = transition.request.operation;
        let shown = matches!(noted.verdict, Verdict::Diverges(_)) && !matches!(outcome, Outcome::Success(_));
        let answer = shown.then(|| (operation, response.clone()));
        self.execution.tally.sdk.note(operation, response);
        if let Verdict::Inconclusive(reason) = noted.verdict {
            self.execution.tally.could_not_judge(operation, &reason);
            self.execution.fruitless = self.execution.steps.is_empty();
            self.record(transition, Ok(outcome), pages, true);
            self.execution.ended = Some(reason);
            // A target that throttles is helped by fewer calls.
            tokio::time::sleep(PAUSE).await;
            return false;
        }
        self.execution.tally.judged += u64::from(self.is_judged(operation, &noted));
        for rule in &noted.held {
            *self.execution.tally.rules.entry(*rule).or_default() += 1;
        }
        let conforms = noted.verdict == Verdict::Conforms;
        self.record(transition, Ok(outcome), pages, conforms);
        self.answered(&noted.answers);
        let going = match noted.verdict {
            Verdict::Diverges(divergences) => self.look_closer(divergences, noted.question, answer).await,
            Verdict::Conforms | Verdict::Inconclusive(_) => true,
        };
        if noted.is_effect_unknown {
            self.execution.ended = Some(format!("{operation} broke: what it did can't be known"));
            return false;
        }
        if self.session.is_lost() && self.execution.ended.is_none() {
            self.execution.ended = Some("the model could not follow any further".to_owned());
        }
        going && !was_lost && !self.session.is_lost()
    }

    /// Judges an answer, and takes note of the goals that it reaches.
    fn observe(&mut self, transition: &Transition, whole: &Whole) -> Noted {
        let Whole { outcome, pages, .. } = whole;
        let bound = self.session.naming().bind(transition);
        self.so_far.push((bound.caller, bound.region, bound.request.operation));
        let moment = Moment::new(self.session.belief(), &bound, outcome, pages.len(), &self.so_far);
        let reached = goals::reached(&moment, |goal| self.execution.tally.goals.contains(goal));
        let noted = self.session.observe(&bound, &Observation { outcome, pages, unknown: &[] });
        if noted.verdict == Verdict::Conforms {
            self.execution.tally.goals.extend(reached);
        }
        noted
    }

    /// Whether the answer was held against what is selected.
    fn is_judged(&self, operation: Operation, noted: &Noted) -> bool {
        match &noted.verdict {
            Verdict::Diverges(found) => found.iter().any(|found| self.selection.has_divergence(found)),
            Verdict::Conforms | Verdict::Inconclusive(_) => self.selection.has(operation, &noted.held),
        }
    }

    /// Takes note of what diverges, once another read has told whom to blame; false where that read has no answer.
    async fn look_closer(
        &mut self,
        mut divergences: Vec<Divergence>,
        question: Option<Question>,
        answer: Option<(Operation, HttpResponse)>,
    ) -> bool {
        let at = self.execution.steps.len();
        let going = match question {
            Some(question) => self.second_opinion(question, &mut divergences).await,
            None => true,
        };
        for divergence in divergences {
            self.found(divergence, at, answer.clone());
        }
        going
    }

    /// Asks for the same by another read.
    async fn second_opinion(&mut self, question: Question, divergences: &mut [Divergence]) -> bool {
        let second = question.call.clone();
        if !self.support.has(second.request.operation) {
            return true;
        }
        let Some(Whole { outcome, pages, response, .. }) = self.call(&second).await else { return false };
        self.execution.tally.sdk.note(second.request.operation, response);
        let observation = Observation { outcome: &outcome, pages: &pages, unknown: &[] };
        let conforms = self.session.settle(question, &observation, divergences);
        learn_invitations(self.session.naming_mut(), &second, &outcome);
        self.record(&second, Ok(outcome), pages, conforms);
        true
    }

    /// Makes the call; `None` when it brought no answer that could be judged.
    async fn call(&mut self, transition: &Transition) -> Option<Whole> {
        let bound = self.session.naming().bind(transition);
        let operation = bound.request.operation;
        let document = bound.request.to_document(bound.caller, bound.region, self.session.naming());
        let caller = Caller {
            account: self.session.naming().account(bound.caller).into(),
            region: self.region(bound.region),
        };
        let called =
            pages::call(self.sut, &caller, operation, &bound.request.input, &document, self.max_pages).await;
        let tally = &mut self.execution.tally;
        if !operation.is_setup() {
            *tally.operations.entry(operation).or_default() += 1;
        }
        match called {
            Ok(whole) => {
                tally.calls += whole.calls;
                Some(whole)
            }
            Err(Incomplete { cause: Cause::Endless(reason), calls }) => {
                tally.calls += calls;
                tally.could_not_judge(operation, &reason);
                self.execution.fruitless = self.execution.steps.is_empty();
                self.record(transition, Err(reason.clone()), Vec::new(), true);
                self.execution.ended = Some(reason);
                None
            }
            Err(Incomplete { cause: Cause::Transport(error), calls }) => {
                tally.calls += calls;
                let text = format!("failed to {error}");
                self.execution.unreachable = self.execution.steps.is_empty() && calls == 1;
                self.execution.fruitless = self.execution.steps.is_empty();
                self.record(transition, Err(text.clone()), Vec::new(), true);
                if error.is_protocol_violation() && !operation.is_setup() {
                    let at = self.execution.steps.len();
                    let broken = Divergence {
                        operation,
                        kind: DivergenceKind::Wire,
                        rules: Vec::new(),
                        ignored: Vec::new(),
                        pointer: "http".to_owned(),
                        expected: "an HTTP response".to_owned(),
                        observed: text.clone(),
                        grade: Grade::Observed,
                        of_state: false,
                    };
                    self.found(broken, at, None);
                } else {
                    self.execution.tally.could_not_judge(operation, &text);
                }
                self.execution.ended = Some(text);
                None
            }
        }
    }

    fn region(&self, region: Region) -> Arc<str> {
        let index = usize::from(region.0).min(self.regions.len().saturating_sub(1));
        self.regions.get(index).cloned().unwrap_or_else(|| "us-east-1".into())
    }

    fn record(
        &mut self,
        transition: &Transition,
        answer: Result<Outcome, String>,
        pages: Vec<usize>,
        conforms: bool,
    ) {
        self.execution.steps.push(Step { transition: transition.clone(), answer, pages, conforms });
    }

    fn answered(&mut self, given: &[Given]) {
        for given in given {
            let first = !self.execution.answered.iter().any(|(known, _)| known == given);
            if first {
                self.execution.answered.push((*given, self.execution.steps.len()));
            }
            self.execution.tally.answered(given.answer, given.operation);
        }
    }

    fn found(&mut self, divergence: Divergence, steps: usize, answer: Option<(Operation, HttpResponse)>) {
        let calls = self.execution.tally.calls;
        let shortest = self.shortest.clone();
        self.execution.found.push(Found { divergence, steps, calls, shortest, answer });
    }
}

/// Remembers the ids of the invitations that an answer shows.
pub(super) fn learn_invitations(naming: &mut CastNaming, transition: &Transition, outcome: &Outcome) {
    // What is shown for a token that nobody handed out isn't judged, so it can't be built on either.
    let whole = matches!(&transition.request.input, Input::Page(page) if page.next_token.is_none());
    if transition.request.operation != Operation::ListInvitations || !whole {
        return;
    }
    let Outcome::Success(document) = outcome else { return };
    let shown = document.get("Invitations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for entry in shown {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        if let (Some(inviter), Some(id)) = (text("AccountId"), text("InvitationId"))
            && let Some(inviter) = naming.account_from(inviter)
        {
            naming.learn_invitation(transition.region, transition.caller, inviter, id);
        }
    }
}
