//! Tours: long scenarios that share what sets them up, each of whose calls shows as much that is new as any could: a rule,
//! a call in a coarse state that it was not made in, a read of what a change did or left alone. They rest on the model
//! alone, and take no search of all its states.

use std::cmp::Reverse;

use rustc_hash::FxHashSet;

use super::super::alphabet::{self, call, detail, enable, finding};
use super::super::naming::MANAGEMENT;
use super::super::play::bind;
use super::super::value::{Feature, Story, weight};
use super::WalkSettings;
use super::situation::JudgedCall;
use super::stage::WalkStage;
use passmuster_contract::domain::{
    Account, Input, InvitationRef, Operation, Page, Region, Request, Scenario, Transition,
};
use passmuster_contract::model::{Answers, step};

/// A tour is not led on after so many calls: what diverges early stands in the way of what comes later.
const MOST_CALLS: usize = 40;
/// All tours together have about so many calls: what is left shows too little that is new.
const MOST_CALLS_IN_ALL: usize = 1_200;
/// A call is worth so much, or a tour goes elsewhere.
const LEAST_WEIGHT: u64 = 5;
/// A tour is worth so much for each call, or it is none.
const LEAST_WEIGHT_OF_TOUR: u64 = 1;

/// The tours through what these settings allow, on an implementation with these answers, by turns of where they
/// begin.
pub(super) fn tours(settings: &WalkSettings, answers: &Answers) -> Vec<Scenario> {
    let mut stages = stages(settings);
    let mut seen = FxHashSet::default();
    let mut found: Vec<Scenario> = Vec::new();
    let mut calls = 0;
    while calls < MOST_CALLS_IN_ALL && !stages.is_empty() {
        // Stages take turns, each as long as it has anything to show.
        stages.retain(|stage| {
            let Some(tour) = Tour::begin(stage, answers, &mut seen).finish() else { return false };
            calls += tour.transitions.len();
            found.push(tour);
            true
        });
    }
    found
}

/// Where tours begin: at what a walk begins with, and in states that take many calls, which a look at what comes next
/// does not find.
fn stages(settings: &WalkSettings) -> Vec<WalkStage> {
    let mut stages = Vec::new();
    for mut stage in WalkStage::all(settings) {
        let has = |transition: &Transition| settings.operations.contains(&transition.request.operation);
        let may_call =
            |transition: &Transition| transition.caller.0 <= settings.callers || transition.caller == MANAGEMENT;
        let can = |transition: &Transition| has(transition) && may_call(transition);
        let further: Vec<Transition> = further(&stage).into_iter().filter(can).collect();
        stage.calls.extend(further);
        let deep = if stage.seed.is_empty() { alphabet::seeds() } else { alphabet::organization_seeds() };
        let deep = deep.into_iter().filter(|seed| seed.iter().all(can));
        let deep = deep.map(|seed| WalkStage { seed: elsewhere(seed, stage.regions), ..stage.clone() });
        stages.extend(deep);
    }
    stages
}

/// The same with the hubs in every Region.
fn elsewhere(seed: Vec<Transition>, regions: u8) -> Vec<Transition> {
    let mut calls = Vec::new();
    for transition in seed {
        let regions = if transition.request.operation == Operation::EnableSecurityHub { regions } else { 1 };
        calls.extend((0..regions).map(|region| Transition { region: Region(region), ..transition.clone() }));
    }
    calls
}

/// Calls that the walk has no use for, since they tell no states apart.
fn further(stage: &WalkStage) -> Vec<Transition> {
    let mut calls = Vec::new();
    for region in (0..stage.regions).map(Region) {
        for caller in stage.cast.iter().copied().filter(|account| account.0 <= 3) {
            let mut add = |operation, input| {
                calls.push(Transition { region, ..call(caller, operation, input) });
            };
            let page = |size| Input::Page(Page { max_results: Some(size), ..Page::default() });
            add(Operation::BatchImportFindings, finding(caller));
            add(Operation::GetFindings, Input::Page(Page::default()));
            add(Operation::GetEnabledStandards, Input::Page(Page::default()));
            add(Operation::ListMembers, page(1));
            add(Operation::ListInvitations, page(1));
            add(
                Operation::EnableSecurityHub,
                Input::Enable { standards: Some(false), generator: None, tags: None },
            );
            for generator in ["STANDARD_CONTROL", "SECURITY_CONTROL"] {
                let generator = Some(generator.to_owned());
                add(
                    Operation::UpdateSecurityHubConfiguration,
                    Input::Configure { auto_enable_controls: None, generator },
                );
            }
            add(Operation::EnableSecurityHub, enable(Some("STANDARD_CONTROL")));
            for member in stage.cast.iter().filter(|account| account.0 <= 3 && **account != caller) {
                add(Operation::BatchImportFindings, finding(*member));
                add(
                    Operation::CreateMembers,
                    Input::Create(Some(vec![detail(Some(*member), Some(address(*member)))])),
                );
            }
        }
    }
    calls
}

const fn address(account: Account) -> &'static str {
    match account.0 {
        1 => "One.One@Example.com",
        2 => "Two.Two@Example.com",
        _ => "Three.Three@Example.com",
    }
}

/// A tour under way.
struct Tour<'a> {
    stage: &'a WalkStage,
    answers: &'a Answers,
    story: Story<'a>,
    seen: &'a mut FxHashSet<Feature>,
    calls: Vec<Transition>,
    weight: u64,
}

/// A call, as it is judged where a tour is.
struct TourStep {
    features: Vec<Feature>,
    judged: JudgedCall,
}

impl<'a> Tour<'a> {
    fn begin(stage: &'a WalkStage, answers: &'a Answers, seen: &'a mut FxHashSet<Feature>) -> Self {
        Self { stage, answers, story: Story::new(answers), seen, calls: Vec::new(), weight: 0 }
    }

    /// Goes on as long as there is anything to show.
    fn finish(mut self) -> Option<Scenario> {
        for call in &self.stage.seed {
            let step = judge(&self.story, call, self.answers);
            self.make(call, &step);
        }
        while self.calls.len() < MOST_CALLS && self.go_on() {}
        let is_worth_it = self.calls.len() > self.stage.seed.len()
            && self.weight >= LEAST_WEIGHT_OF_TOUR * self.calls.len() as u64;
        is_worth_it.then_some(Scenario { transitions: self.calls })
    }

    /// Makes the call that shows most, or the one after which another does.
    fn go_on(&mut self) -> bool {
        let calls: Vec<&Transition> = self.stage.calls.iter().filter(|call| !self.is_too_late(call)).collect();
        let steps: Vec<TourStep> = calls.iter().map(|call| judge(&self.story, call, self.answers)).collect();
        let best = (0..).zip(&steps).map(|(number, step)| (self.worth(step), Reverse(number))).max();
        let best = best.filter(|(worth, _)| *worth >= LEAST_WEIGHT).or_else(|| {
            let changes = (0..).zip(&steps).filter(|(_, step)| step.judged.moves && step.judged.certain);
            let ahead = changes.map(|(number, _)| (self.worth_after(calls[number]), Reverse(number)));
            ahead.max().filter(|(worth, _)| *worth > LEAST_WEIGHT)
        });
        let Some((_, Reverse(number))) = best else { return false };
        self.make(calls[number], &steps[number]);
        true
    }

    /// Whether it creates an account that had to have an id before.
    fn is_too_late(&self, call: &Transition) -> bool {
        let named = call.request.named_accounts();
        let has_had_id = |account: &Account| {
            let mut made = self.calls.iter();
            made.any(|made| made.caller == *account || made.request.named_accounts().contains(account))
        };
        call.request.operation == Operation::CreateAccount && named.iter().any(has_had_id)
    }

    /// The weight of what a call shows that is new; none where what follows could not be judged.
    fn worth(&self, step: &TourStep) -> u64 {
        if step.judged.certain { weight(&step.features, self.seen) } else { 0 }
    }

    /// The most that any call is worth after this one, among those that it has to do with.
    fn worth_after(&self, call: &Transition) -> u64 {
        let mut story = self.story.clone();
        story.make(call);
        let named = call.request.named_accounts();
        let is_near = |next: &&Transition| {
            let is_involved = next.caller == call.caller || named.contains(&next.caller);
            call.request.operation.is_setup() || next.region == call.region && is_involved
        };
        let near = self.stage.calls.iter().filter(is_near);
        let next = near.map(|call| self.worth(&judge(&story, call, self.answers)));
        next.max().unwrap_or(0)
    }

    fn make(&mut self, call: &Transition, step: &TourStep) {
        if matches!(&call.request.input, Input::Accept { invitation: Some(InvitationRef::Latest(_)), .. }) {
            // The id of an invitation is only known to who has listed it.
            let request = Request { operation: Operation::ListInvitations, input: Input::Page(Page::default()) };
            let list = Transition { request, ..call.clone() };
            let step = judge(&self.story, &list, self.answers);
            self.note(&list, &step);
        }
        self.note(call, step);
    }

    fn note(&mut self, call: &Transition, step: &TourStep) {
        self.weight += weight(&step.features, self.seen);
        self.seen.extend(&step.features);
        self.story.make(call);
        self.calls.push(call.clone());
    }
}

fn judge(story: &Story<'_>, call: &Transition, answers: &Answers) -> TourStep {
    let branches = step(&story.state, &bind(&story.state, call));
    let mut features = Vec::new();
    story.add_features(call, &branches, &mut features);
    let judged = JudgedCall::of(&branches, &answers.of(call.request.operation));
    TourStep { features, judged }
}
