//! One scenario while it is played: makes its calls, and keeps their answers.

use std::sync::Arc;

use super::super::execution::{ExecutedStep, Execution, FoundDivergence};
use super::super::pages::{self, Incomplete, Interruption, Whole};
use super::super::settings::RunSettings;
use crate::generate::CastNaming;
use crate::targets::{Caller, OrganizationSetup, SystemUnderTest};
use passmuster_contract::domain::{
    Circumstances, Divergence, DivergenceKind, Document, Grade, Naming, Operation, Outcome, Place, Region, RuleId,
    Scenario, Transition, clipped,
};
use passmuster_contract::oracle::Session;
use passmuster_contract::wire::HttpResponse;

/// The most bytes that are kept of the reason why a call brought no answer.
const MOST_OF_REASON: usize = 1 << 10;

/// One scenario while it is played.
pub(super) struct Play<'a, S> {
    sut: &'a S,
    pub(super) organization: &'a OrganizationSetup,
    max_pages: usize,
    regions: Arc<[Arc<str>]>,
    pub(super) session: Session<'a, CastNaming>,
    pub(super) execution: Execution,
    /// The shortest path to the present step, where the walk plays.
    pub(super) shortest: Option<Scenario>,
}

impl<'a, S: SystemUnderTest> Play<'a, S> {
    pub(super) fn new(sut: &'a S, settings: &'a RunSettings, naming: CastNaming) -> Self {
        Self {
            sut,
            organization: &settings.organization,
            max_pages: settings.max_pages,
            regions: settings.regions.clone(),
            session: Session::new(naming, settings.strictness, &settings.answers)
                .with(Circumstances::of_stand_in()),
            execution: Execution::default(),
            shortest: None,
        }
    }

    /// Whether waiting can change what the system answers.
    pub(super) fn may_lag(&self) -> bool {
        self.sut.may_lag()
    }

    /// Makes the call; `None` when it brought no answer that could be judged.
    pub(super) async fn call(&mut self, transition: &Transition) -> Option<Whole> {
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
            Err(Incomplete { cause: Interruption::Endless { reason, is_certain }, calls }) => {
                tally.calls += calls;
                *tally.unending.entry(operation).or_default() += u64::from(!is_certain);
                let place = Place::Member("/NextToken".to_owned());
                let fault = is_certain.then(|| broken(operation, place, "a list that ends", reason.clone()));
                self.unanswered(transition, reason, fault);
                None
            }
            Err(Incomplete { cause: Interruption::Loop, calls }) => {
                tally.calls += calls;
                let reason = "the pages go round in a circle: a NextToken came twice".to_owned();
                self.unanswered(transition, reason, Some(Divergence::token_loop(operation)));
                None
            }
            Err(Incomplete { cause: Interruption::Transport(error), calls }) => {
                tally.calls += calls;
                self.execution.unreachable = self.execution.steps.is_empty() && calls == 1;
                let fault = error.fault_of_target();
                let fault = fault.map(|words| broken(operation, Place::Http, "an HTTP response", words));
                let seen = self.execution.found.len();
                self.unanswered(transition, format!("failed to {error}"), fault);
                for found in self.execution.found.iter_mut().skip(seen) {
                    found.hung_up = error.is_hang_up();
                }
                None
            }
        }
    }

    /// Takes note of a call that brought no whole answer, after which nothing can be judged.
    fn unanswered(&mut self, transition: &Transition, reason: String, fault: Option<Divergence>) {
        let reason = clipped(&reason, MOST_OF_REASON).into_owned();
        let operation = transition.request.operation;
        self.execution.fruitless = self.execution.steps.is_empty();
        self.record(transition, Err(reason.clone()), Vec::new(), true);
        match fault.filter(|_| !operation.is_setup()) {
            Some(fault) => {
                *self.execution.tally.told.entry(operation).or_default() += 1;
                self.found(fault, self.execution.steps.len(), None);
            }
            None => self.execution.tally.could_not_judge(operation, &reason),
        }
        self.execution.ended = Some(reason);
    }

    /// Ends the scenario at a step that takes an account outside of the cast.
    pub(super) fn beyond_cast(&mut self, transition: &Transition) -> bool {
        self.unanswered(transition, "it takes an account outside of the cast".to_owned(), None);
        false
    }

    fn region(&self, region: Region) -> Arc<str> {
        let index = usize::from(region.0).min(self.regions.len().saturating_sub(1));
        self.regions.get(index).cloned().unwrap_or_else(|| "us-east-1".into())
    }

    /// Takes note of a step.
    pub(super) fn record(
        &mut self,
        transition: &Transition,
        answer: Result<Outcome, String>,
        pages: Vec<usize>,
        conforms: bool,
    ) {
        let transition = transition.clone();
        self.execution.steps.push(ExecutedStep { transition, answer, pages, conforms, given: false });
    }

    /// Takes note of a step that is not made, as what it does is given.
    pub(super) fn pass(&mut self, transition: &Transition) {
        let answer = Ok(Outcome::Success(Document::new()));
        let (transition, pages) = (transition.clone(), Vec::new());
        self.execution.steps.push(ExecutedStep { transition, answer, pages, conforms: true, given: true });
    }

    /// Takes note that so many answers were late by a lag which a rule names.
    pub(super) fn late(&mut self, operation: Operation, rule: RuleId, times: u64) {
        *self.execution.tally.late.entry((operation, rule)).or_default() += times;
    }

    /// Takes note of a divergence after so many steps.
    pub(super) fn found(
        &mut self,
        divergence: Divergence,
        steps: usize,
        answer: Option<(Operation, HttpResponse)>,
    ) {
        let divergence = divergence.clipped();
        let calls = self.execution.tally.calls;
        let shortest = self.shortest.clone();
        self.execution.found.push(FoundDivergence { divergence, steps, calls, shortest, answer, hung_up: false });
    }
}

/// The divergence of a target that brings no whole answer.
fn broken(operation: Operation, place: Place, expected: &str, observed: String) -> Divergence {
    Divergence {
        operation,
        kind: DivergenceKind::Wire,
        rules: Vec::new(),
        ignored: Vec::new(),
        place,
        expected: expected.to_owned(),
        observed,
        grade: Grade::Observed,
        of_state: false,
    }
}
