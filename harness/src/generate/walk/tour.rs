//! Tours: long scenarios that share what sets them up, each of whose calls shows as much that is new as any could: a rule,
//! a call in a coarse state that it was not made in, a read of what a change did or left alone. They rest on the model
//! alone, and take no search of all its states.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::alphabet::{self, call, detail, enable, finding};
use super::super::naming::MANAGEMENT;
use super::super::play::bind;
use super::super::settings::NEWCOMER;
use super::super::value::{Feature, Still, Story, weight};
use super::WalkSettings;
use super::situation::JudgedCall;
use super::stage::WalkStage;
use passmuster_contract::domain::{
    Account, Input, InvitationRef, Operation, Page, Region, Request, Scenario, Transition,
};
use passmuster_contract::model::{Answers, State, step};

/// A tour is not led on after so many calls: what diverges early stands in the way of what comes later.
const MOST_CALLS: usize = 40;
/// The tours of one worth have about so many calls: what is left shows too little that is new.
const MOST_CALLS_IN_ALL: usize = 1_200;
/// A call is worth so much, or a tour goes elsewhere: first for what is worth most, then for the rest.
const LEAST_WEIGHTS: [u64; 2] = [5, 3];
/// A tour is worth so much for each call, or it is none.
const LEAST_WEIGHT_OF_TOUR: u64 = 1;

/// The tours through what these settings allow, on an implementation with these answers, by turns of where they
/// begin.
pub(super) fn tours(settings: &WalkSettings, answers: &Answers) -> Vec<Scenario> {
    let stages: Vec<(WalkStage, RefCell<Outlook>)> =
        stages(settings).into_iter().map(|stage| (stage, RefCell::default())).collect();
    let mut seen = FxHashSet::default();
    let mut found: Vec<Scenario> = Vec::new();
    for least in LEAST_WEIGHTS {
        let mut calls = 0;
        let mut open: Vec<_> = stages.iter().collect();
        while calls < MOST_CALLS_IN_ALL && !open.is_empty() {
            // Stages take turns, each as long as it has anything to show.
            open.retain(|stage| {
                let (stage, outlook) = stage;
                let Some(tour) = Tour::begin(stage, answers, outlook, least, &mut seen).finish() else {
                    return false;
                };
                calls += tour.transitions.len();
                found.push(tour);
                true
            });
        }
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
    let mut calls = if stage.seed.is_empty() { Vec::new() } else { about_newcomers(stage.regions) };
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
            // The last first: what is answered need not be in the order of what came to be.
            let others = stage.cast.iter().rev().copied().filter(|other| other.0 <= 3 && *other != caller);
            let others: Vec<Account> = others.collect();
            if others.len() > 1 && (region, caller) == (Region::default(), alphabet::CAST[0]) {
                let named = others.iter().map(|other| detail(Some(*other), Some(address(*other))));
                add(Operation::CreateMembers, Input::Create(Some(named.collect())));
                for operation in LISTED {
                    add(operation, alphabet::ids(&others));
                }
            }
        }
    }
    calls
}

/// The operations that name several accounts at once.
const LISTED: [Operation; 6] = [
    Operation::InviteMembers,
    Operation::GetMembers,
    Operation::DisassociateMembers,
    Operation::DeleteMembers,
    Operation::DeclineInvitations,
    Operation::DeleteInvitations,
];

/// Calls about accounts that come into an organization, the second one of them too, and about its member elsewhere.
fn about_newcomers(regions: u8) -> Vec<Transition> {
    let [a, b, c] = alphabet::CAST;
    let newcomer = Account(NEWCOMER);
    let mut calls = vec![call(MANAGEMENT, Operation::CreateAccount, alphabet::one(c))];
    for region in (0..regions).map(Region) {
        let here = [
            call(a, Operation::GetMembers, alphabet::ids(&[newcomer])),
            call(a, Operation::DisassociateMembers, alphabet::ids(&[b])),
            call(newcomer, Operation::DescribeHub, Input::Describe(None)),
            call(newcomer, Operation::GetAdministratorAccount, Input::Empty),
            call(b, Operation::DescribeHub, Input::Describe(None)),
        ];
        calls.extend(here.map(|transition| Transition { region, ..transition }));
    }
    calls
}

const fn address(account: Account) -> &'static str {
    match account.0 {
        1 => "One.One@Example.com",
        2 => "Two.Two+2@Example.com",
        _ => "Three.Three@Example.com",
    }
}

/// What the calls of a stage show in the states that its tours have come by, as far as it was asked for: tours begin
/// alike, and what one looked ahead at is where it goes next.
#[derive(Default)]
struct Outlook(FxHashMap<State, KnownCalls>);

/// What is known of each call of a stage, in one state.
type KnownCalls = Rc<RefCell<Vec<Option<Rc<KnownCall>>>>>;

/// What a call shows in a state, and how the model judges it there.
struct KnownCall {
    still: Still,
    judged: JudgedCall,
}

/// More states than these are not kept.
const MOST_STATES: usize = 512;

impl Outlook {
    fn of(&mut self, state: &State, calls: usize) -> KnownCalls {
        if let Some(known) = self.0.get(state) {
            return known.clone();
        }
        if self.0.len() >= MOST_STATES {
            self.0.clear();
        }
        self.0.entry(state.clone()).or_insert_with(|| Rc::new(RefCell::new(vec![None; calls]))).clone()
    }
}

/// A tour under way.
struct Tour<'a> {
    stage: &'a WalkStage,
    answers: &'a Answers,
    outlook: &'a RefCell<Outlook>,
    /// The least that a call is worth.
    least: u64,
    story: Story<'a>,
    seen: &'a mut FxHashSet<Feature>,
    calls: Vec<Transition>,
    weight: u64,
}

/// A call, as it is judged where a tour is.
struct TourStep {
    features: Vec<Feature>,
    known: Rc<KnownCall>,
}

impl<'a> Tour<'a> {
    fn begin(
        stage: &'a WalkStage,
        answers: &'a Answers,
        outlook: &'a RefCell<Outlook>,
        least: u64,
        seen: &'a mut FxHashSet<Feature>,
    ) -> Self {
        Self { stage, answers, outlook, least, story: Story::new(answers), seen, calls: Vec::new(), weight: 0 }
    }

    /// Goes on as long as there is anything to show.
    fn finish(mut self) -> Option<Scenario> {
        for call in &self.stage.seed {
            let step = self.judge(call);
            self.make(call, &step);
        }
        while self.calls.len() < MOST_CALLS && self.go_on() {}
        let is_worth_it = self.calls.len() > self.stage.seed.len()
            && self.weight >= LEAST_WEIGHT_OF_TOUR * self.calls.len() as u64;
        is_worth_it.then_some(Scenario { transitions: self.calls })
    }

    /// Makes the call that shows most, or the one after which another does.
    fn go_on(&mut self) -> bool {
        let stage = self.stage;
        let in_place = (0..stage.calls.len()).filter(|number| !self.is_out_of_place(&stage.calls[*number]));
        let steps: Vec<(usize, TourStep)> = self.steps(&self.story, in_place).collect();
        let best = steps.iter().map(|(number, step)| (self.worth(step), Reverse(*number))).max();
        let best = best.filter(|(worth, _)| *worth >= self.least).or_else(|| {
            let changes = steps.iter().filter(|(_, step)| step.known.judged.moves && step.known.judged.certain);
            let ahead = changes.map(|(number, _)| (self.worth_after(&stage.calls[*number]), Reverse(*number)));
            ahead.max().filter(|(worth, _)| *worth > self.least)
        });
        let Some((_, Reverse(best))) = best else { return false };
        let Some((_, step)) = steps.iter().find(|(number, _)| *number == best) else { return false };
        self.make(&stage.calls[best], step);
        true
    }

    /// These calls of the stage, as they are judged where a story is.
    fn steps(
        &self,
        story: &Story<'_>,
        numbers: impl Iterator<Item = usize>,
    ) -> impl Iterator<Item = (usize, TourStep)> {
        let calls = &self.stage.calls;
        let known = self.outlook.borrow_mut().of(&story.state, calls.len());
        numbers.map(move |number| {
            let call = &calls[number];
            let known = known.borrow_mut()[number].get_or_insert_with(|| know(story, call, self.answers)).clone();
            (number, TourStep::of(story, call, known))
        })
    }

    /// Whether it creates an account that had to have an id before, or closes one that AWS Organizations keeps open as a
    /// delegated administrator.
    fn is_out_of_place(&self, call: &Transition) -> bool {
        let named = call.request.named_accounts();
        let has_had_id = |account: &Account| {
            let mut made = self.calls.iter();
            made.any(|made| made.caller == *account || made.request.named_accounts().contains(account))
        };
        let state = &self.story.state;
        let is_delegate = |account: &Account| {
            state.regions().any(|region| state.region(region).designated_by(*account).is_some())
        };
        match call.request.operation {
            Operation::CreateAccount => named.iter().any(has_had_id),
            Operation::CloseAccount => named.iter().any(is_delegate),
            _ => false,
        }
    }

    /// The weight of what a call shows that is new; none where what follows could not be judged.
    fn worth(&self, step: &TourStep) -> u64 {
        if step.known.judged.certain { weight(&step.features, self.seen) } else { 0 }
    }

    /// The most that any call is worth after this one, among those that it has to do with.
    fn worth_after(&self, call: &Transition) -> u64 {
        let mut story = self.story.clone();
        story.make(call);
        let named = call.request.named_accounts();
        let is_near = |next: &Transition| {
            let is_involved = next.caller == call.caller || named.contains(&next.caller);
            call.request.operation.is_setup() || next.region == call.region && is_involved
        };
        let near = (0..self.stage.calls.len()).filter(|number| is_near(&self.stage.calls[*number]));
        self.steps(&story, near).map(|(_, step)| self.worth(&step)).max().unwrap_or(0)
    }

    fn judge(&self, call: &Transition) -> TourStep {
        TourStep::of(&self.story, call, know(&self.story, call, self.answers))
    }

    fn make(&mut self, call: &Transition, step: &TourStep) {
        if matches!(&call.request.input, Input::Accept { invitation: Some(InvitationRef::Latest(_)), .. }) {
            // The id of an invitation is only known to who has listed it.
            let request = Request { operation: Operation::ListInvitations, input: Input::Page(Page::default()) };
            let list = Transition { request, ..call.clone() };
            let step = self.judge(&list);
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

impl TourStep {
    fn of(story: &Story<'_>, call: &Transition, known: Rc<KnownCall>) -> Self {
        let mut features = known.still.features.clone();
        story.add_shown(call, &known.still, &mut features);
        Self { features, known }
    }
}

fn know(story: &Story<'_>, call: &Transition, answers: &Answers) -> Rc<KnownCall> {
    let branches = step(&story.state, &bind(&story.state, call));
    let judged = JudgedCall::of(&branches, &answers.of(call.request.operation));
    Rc::new(KnownCall { still: story.still(call, &branches), judged })
}
