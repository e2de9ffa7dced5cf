//! Runs one scenario: each call is made, judged, and followed by the reads that show what it did.

mod invitations;
mod play;
mod setup;

use std::time::Duration;

use super::execution::Execution;
use super::goals::{self, Visit};
use super::pages::Whole;
use super::settings::RunSettings;
use super::support::SupportTable;
use super::tally::Tally;
use super::views;
use crate::generate::{self, CastNaming, Intent, SituationId, Walk, WalkScenario, WalkStep, resolve};
use crate::targets::SystemUnderTest;
use passmuster_contract::domain::{
    Account, Divergence, DivergenceKind, Grade, Input, InvitationRef, Operation, Page, Place, Region, Request,
    Scenario, Transition,
};
use passmuster_contract::model::{self, choose};
use passmuster_contract::oracle::{Given, Noted, Observation, Question, Verdict};
use passmuster_contract::wire::{self, HttpResponse};
use play::Play;

pub(super) use invitations::learn_invitations;
pub(super) use setup::is_possible;

/// The time for which a scenario waits after a call that could not be judged.
const PAUSE: Duration = Duration::from_millis(200);

/// An answer with a larger body is not kept to say what SDKs make of it, in bytes.
const LARGEST_SHOWN: usize = 64 << 10;

/// Runs one scenario against one system under test.
pub struct Executor<'a, S> {
    play: Play<'a, S>,
    support: &'a SupportTable,
    settings: &'a RunSettings,
    single_caller: bool,
    /// Who called what where.
    so_far: Vec<(Account, Region, Operation)>,
}

impl<'a, S: SystemUnderTest> Executor<'a, S> {
    /// An executor for one scenario.
    pub fn new(sut: &'a S, support: &'a SupportTable, settings: &'a RunSettings, naming: CastNaming) -> Self {
        let mut play = Play::new(sut, settings, naming);
        if support.is_given(Operation::EnableSecurityHub) {
            play.session.give_hubs(generate::callers(settings.generate.cast), settings.generate.regions);
        }
        Self { play, support, settings, single_caller: settings.generate.single_caller, so_far: Vec::new() }
    }

    /// Goes the path, then runs intents, each resolved against what is believed when its turn comes; after each call
    /// that may change something, reads what it did.
    pub async fn intents(
        mut self,
        way: Option<&Scenario>,
        intents: &[Intent],
        settings: &generate::GenerateSettings,
    ) -> Execution {
        let turn = intents.first().map_or(0, |intent| intent.flavour);
        let way = way.map_or(&[][..], |way| &way.transitions);
        for (index, transition) in way.iter().enumerate() {
            // What the steps on the path do has been looked at by shorter paths.
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
            let transition = resolve(intent, self.play.session.state(), settings);
            if self.may_take(&transition) && !self.step_and_look(&transition, intent.flavour >> 8, settings).await
            {
                break;
            }
        }
        self.finish()
    }

    async fn step_and_look(
        &mut self,
        transition: &Transition,
        turn: u32,
        settings: &generate::GenerateSettings,
    ) -> bool {
        if !self.step(transition).await {
            return false;
        }
        if !transition.request.operation.is_mutating() {
            return true;
        }
        let state = self.play.session.state().region(transition.region);
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

    /// Whether a call can be made now, on this target and with the accounts there are.
    fn may_take(&self, transition: &Transition) -> bool {
        self.support.has(transition.request.operation)
            && self.settings.is_within_cast(transition)
            && self.play.can_take(transition)
    }

    /// Whether something can be judged after a view as well.
    fn is_worth_a_look(&self, view: &Transition) -> bool {
        self.support.has(view.request.operation)
            && self.settings.is_within_cast(view)
            && !choose::may_lose(&model::step(self.play.session.state(), &self.play.session.naming().bind(view)))
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

    /// Goes one step of the walk: looks at what a call did where its abstract state is new, or something is in doubt.
    async fn go(&mut self, walk: &Walk, scenario: &WalkScenario, index: usize) -> bool {
        let Some(WalkStep { transition, new, look }) = scenario.steps.get(index) else { return false };
        if !self.may_take(transition) {
            return true;
        }
        if self.support.is_given(transition.request.operation) {
            return self.step(transition).await;
        }
        let stage = scenario.stage();
        self.play.shortest = walk.shortest(scenario, index);
        if !self.list_invitations(transition).await || !self.come_by(walk, scenario, transition, *new).await {
            return false;
        }
        let doubt = || walk.is_in_doubt(stage, self.play.session.state());
        if !transition.request.operation.is_mutating() || !(*look || doubt()) {
            return true;
        }
        let state = self.play.session.state().region(transition.region);
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
            self.play.shortest = Some(way);
            if !self.come_by(walk, scenario, &view, None).await {
                return false;
            }
        }
        true
    }

    /// Makes a step, and takes note of its abstract state where its answer is judged.
    async fn come_by(
        &mut self,
        walk: &Walk,
        scenario: &WalkScenario,
        transition: &Transition,
        planned: Option<SituationId>,
    ) -> bool {
        let (stage, state) = (scenario.stage(), self.play.session.state());
        let situation = planned
            .filter(|situation| walk.may_be(stage, state, transition, *situation))
            .or_else(|| walk.situation(stage, state, transition));
        let unjudged = |tally: &Tally| tally.inconclusive.values().sum::<u64>();
        let before = unjudged(&self.play.execution.tally);
        let going = self.step(transition).await;
        if unjudged(&self.play.execution.tally) == before {
            self.play.execution.exercised.extend(situation);
        }
        going
    }

    /// Who accepts an invitation must have seen its id.
    async fn list_invitations(&mut self, transition: &Transition) -> bool {
        let Input::Accept { invitation: Some(InvitationRef::Latest(inviter)), .. } = &transition.request.input
        else {
            return true;
        };
        let region = self.play.session.state().region(transition.region);
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
        self.play.execution.tally.scenarios = 1;
        self.play.execution
    }

    /// Makes a step and judges it; false when nothing after it could be judged.
    async fn step(&mut self, transition: &Transition) -> bool {
        if self.support.is_given(transition.request.operation) {
            self.play.pass(transition);
            return true;
        }
        if !self.settings.is_within_cast(transition) {
            return self.play.beyond_cast(transition);
        }
        if transition.request.operation.is_setup() {
            return self.play.set_up(transition).await;
        }
        let Some((whole, mut noted)) = self.ask(transition).await else { return false };
        blame_the_missing_body(transition, &whole.response, &mut noted);
        let was_lost = self.play.session.is_lost();
        let Whole { outcome, pages, response, .. } = whole;
        learn_invitations(self.play.session.naming_mut(), transition, &outcome);
        let operation = transition.request.operation;
        let flaw = wire::form_flaw(&response).map(|flaw| flaw.divergence(operation));
        let shown = flaw.is_some() || matches!(noted.verdict, Verdict::Diverges(_));
        let answer = (shown && response.body.len() <= LARGEST_SHOWN).then(|| (operation, response.clone()));
        self.play.execution.tally.sdk.note(operation, response, &outcome);
        if let Verdict::Inconclusive(reason) = noted.verdict {
            self.play.execution.tally.could_not_judge(operation, &reason);
            self.play.execution.fruitless = self.play.execution.steps.is_empty();
            self.play.record(transition, Ok(outcome), pages, true);
            self.play.execution.ended = Some(reason);
            // A target that throttles is helped by fewer calls.
            if self.play.may_lag() {
                tokio::time::sleep(PAUSE).await;
            }
            return false;
        }
        *self.play.execution.tally.told.entry(operation).or_default() += 1;
        self.play.execution.tally.judged += u64::from(self.is_judged(operation, &noted));
        for rule in &noted.held {
            *self.play.execution.tally.rules.entry(*rule).or_default() += 1;
        }
        let conforms = noted.verdict == Verdict::Conforms && flaw.is_none();
        self.play.record(transition, Ok(outcome), pages, conforms);
        self.answered(&noted.answers);
        if let Some(flaw) = flaw {
            self.play.found(flaw, self.play.execution.steps.len(), answer.clone());
        }
        let going = match noted.verdict {
            Verdict::Diverges(divergences) => self.look_closer(divergences, noted.question, answer).await,
            Verdict::Conforms | Verdict::Late(..) | Verdict::Inconclusive(_) => true,
        };
        if noted.is_effect_unknown {
            self.play.execution.ended = Some(format!("{operation} broke: what it did can't be known"));
            return false;
        }
        if self.play.session.is_lost() && self.play.execution.ended.is_none() {
            self.play.execution.ended = Some("the model could not follow any further".to_owned());
        }
        going && !was_lost && !self.play.session.is_lost()
    }

    /// Makes a call and judges the answer, once more while it may be late; none where none came.
    async fn ask(&mut self, transition: &Transition) -> Option<(Whole, Noted)> {
        let mut late = Vec::new();
        loop {
            let whole = self.play.call(transition).await?;
            let noted = self.observe(transition, &whole);
            if let Verdict::Late(rule, wrong) = &noted.verdict {
                // It may come yet, within the bounds of the evidence.
                let lateness = (*rule, !wrong.is_empty());
                late.push((lateness, whole.outcome.clone()));
                self.play.record(transition, Ok(whole.outcome), whole.pages, true);
                if self.play.may_lag() {
                    tokio::time::sleep(self.settings.waits.next(lateness, late.len())).await;
                }
                continue;
            }
            if let Some((lateness, before)) = late.first() {
                // What did not come in the end was not late, nor what was the same all the while.
                let came = *before != whole.outcome && !matches!(noted.verdict, Verdict::Diverges(_));
                self.settings.waits.ended(*lateness, came);
                if came {
                    self.play.late(transition.request.operation, lateness.0, late.len() as u64);
                }
            }
            return Some((whole, noted));
        }
    }

    /// Judges an answer, and takes note of the goals that it reaches.
    fn observe(&mut self, transition: &Transition, whole: &Whole) -> Noted {
        let Whole { outcome, pages, .. } = whole;
        let bound = self.play.session.naming().bind(transition);
        self.so_far.push((bound.caller, bound.region, bound.request.operation));
        let moment = Visit::new(self.play.session.belief(), &bound, outcome, pages.len(), &self.so_far);
        let reached = goals::reached(&moment, |goal| self.play.execution.tally.goals.contains(goal));
        let partial = whole.is_first_page(&transition.request.input);
        let noted = self.play.session.observe(&bound, &Observation { outcome, pages, unknown: &[], partial });
        if noted.verdict == Verdict::Conforms {
            self.play.execution.tally.goals.extend(reached);
        }
        noted
    }

    /// Whether the answer was held against what is selected.
    fn is_judged(&self, operation: Operation, noted: &Noted) -> bool {
        match &noted.verdict {
            Verdict::Diverges(found) => found.iter().any(|found| self.settings.selection.has_divergence(found)),
            Verdict::Conforms | Verdict::Late(..) | Verdict::Inconclusive(_) => {
                self.settings.selection.has(operation, &noted.rests)
            }
        }
    }

    /// Takes note of what diverges, once another read has told whom to blame; false where that read has no answer.
    async fn look_closer(
        &mut self,
        mut divergences: Vec<Divergence>,
        question: Option<Question>,
        answer: Option<(Operation, HttpResponse)>,
    ) -> bool {
        let at = self.play.execution.steps.len();
        let going = match question {
            Some(question) => self.second_opinion(question, &mut divergences).await,
            None => true,
        };
        for divergence in divergences {
            self.play.found(divergence, at, answer.clone());
        }
        going
    }

    /// Asks for the same by another read.
    async fn second_opinion(&mut self, question: Question, divergences: &mut [Divergence]) -> bool {
        let second = question.call.clone();
        if !self.support.has(second.request.operation) || !self.settings.is_within_cast(&second) {
            return true;
        }
        let Some(Whole { outcome, pages, response, .. }) = self.play.call(&second).await else { return false };
        self.play.execution.tally.sdk.note(second.request.operation, response, &outcome);
        let observation = Observation { outcome: &outcome, pages: &pages, unknown: &[], partial: false };
        let conforms = self.play.session.settle(question, &observation, divergences);
        learn_invitations(self.play.session.naming_mut(), &second, &outcome);
        self.play.record(&second, Ok(outcome), pages, conforms);
        true
    }

    fn answered(&mut self, given: &[Given]) {
        for given in given {
            let first = !self.play.execution.answered.iter().any(|(known, _)| known == given);
            if first {
                self.play.execution.answered.push((*given, self.play.execution.steps.len()));
            }
            self.play.execution.tally.answered(given.answer, given.operation);
        }
    }
}

/// Where nothing was answered, it is that which is wrong, rather than the state that it seems to show.
fn blame_the_missing_body(transition: &Transition, response: &HttpResponse, noted: &mut Noted) {
    let operation = transition.request.operation;
    let is_due = !operation.shape().output.is_empty() && (200..300).contains(&response.status);
    let Verdict::Diverges(divergences) = &mut noted.verdict else { return };
    if !is_due || !response.body.is_empty() {
        return;
    }
    divergences.truncate(1);
    for divergence in divergences {
        *divergence = Divergence {
            kind: DivergenceKind::Wire,
            rules: Vec::new(),
            ignored: Vec::new(),
            place: Place::Form("body"),
            observed: format!("{} with an empty body", response.status),
            grade: Grade::Documented,
            of_state: false,
            ..divergence.clone()
        };
    }
    (noted.question, noted.is_effect_unknown) = (None, true);
}
