//! Tours: long scenarios that share what sets them up, each of whose calls shows as much that is new as any could: a rule,
//! a call in a coarse state that it was not made in, a read of what a change did or left alone. They rest on the model
//! alone, and take no search of all its states.

use std::cell::{OnceCell, RefCell};
use std::cmp::Reverse;
use std::rc::{Rc, Weak};

use rustc_hash::FxHashMap;

use super::super::alphabet::{self, address, call, detail, enable, entry, finding};
use super::super::naming::MANAGEMENT;
use super::super::play::bind;
use super::super::settings::NEWCOMER;
use super::super::story::{After, Place, Still, Story};
use super::super::value::FeatureSet;
use super::WalkSettings;
use super::situation::JudgedCall;
use super::stage::WalkStage;
use passmuster_contract::domain::{
    Account, AccountRef, Input, InvitationRef, Operation, Page, Region, Request, Scenario, Transition,
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
    let terrains: Vec<(Terrain, Vec<Vec<Transition>>)> =
        stages(settings).into_iter().map(|(stage, seeds)| (Terrain::new(stage.calls, answers), seeds)).collect();
    let mut seen = FeatureSet::default();
    let mut found: Vec<Scenario> = Vec::new();
    for least in LEAST_WEIGHTS {
        let mut calls = 0;
        let mut open: Vec<(&Terrain, &Vec<Transition>)> =
            terrains.iter().flat_map(|(terrain, seeds)| seeds.iter().map(move |seed| (terrain, seed))).collect();
        while calls < MOST_CALLS_IN_ALL && !open.is_empty() {
            // They take turns, each as long as it has anything to show.
            open.retain(|(terrain, seed)| {
                let Some(tour) = Tour::begin(terrain, least, &mut seen).finish(seed) else { return false };
                calls += tour.transitions.len();
                found.push(tour);
                true
            });
        }
    }
    found
}

/// The stages of tours, with what sets each: what a walk begins with, and states that take many calls, which a look at
/// what comes next does not find.
fn stages(settings: &WalkSettings) -> Vec<(WalkStage, Vec<Vec<Transition>>)> {
    let may_call =
        |transition: &Transition| transition.caller.0 <= settings.callers || transition.caller == MANAGEMENT;
    let can = |transition: &Transition| settings.has(transition) && may_call(transition);
    let with_seeds = |mut stage: WalkStage| {
        stage.calls.iter_mut().for_each(give_addresses);
        stage.calls.extend(further(&stage).into_iter().filter(can));
        let seeds = if stage.seed.is_empty() { alphabet::seeds() } else { alphabet::organization_seeds() };
        let seeds = seeds.into_iter().filter(|seed| settings.allows(seed) && seed.iter().all(may_call));
        let mut seeds: Vec<_> = seeds.map(|seed| elsewhere(seed, stage.regions)).collect();
        seeds.iter_mut().flatten().for_each(give_addresses);
        (stage, seeds)
    };
    WalkStage::all(settings).into_iter().map(with_seeds).collect()
}

/// Puts accounts on lists as most calls do.
fn give_addresses(call: &mut Transition) {
    if let Input::Create(Some(details)) = &mut call.request.input {
        for detail in details {
            if let Some(account) = detail.account.as_ref().and_then(AccountRef::account) {
                *detail = entry(account);
            }
        }
    }
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
                // The other way round than most calls do it.
                let email = entry(*member).email.is_none().then(|| address(*member));
                add(Operation::CreateMembers, Input::Create(Some(vec![detail(Some(*member), email)])));
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

/// The calls of a stage, with what they show in the states that its tours have come by, as far as it was asked for: tours begin
/// alike, and what one looked ahead at is where it goes next.
struct Terrain<'a> {
    calls: Vec<Transition>,
    answers: &'a Answers,
    /// The calls that have to do with each, once it was asked for.
    near: Vec<OnceCell<Vec<usize>>>,
    spots: RefCell<FxHashMap<State, Rc<Spot>>>,
}

/// A state that tours come by.
struct Spot {
    place: Rc<Place>,
    /// What is known of each call here.
    calls: Vec<OnceCell<Box<KnownCall>>>,
}

/// What a call shows in a state, and how the model judges it there.
struct KnownCall {
    still: Still,
    judged: JudgedCall,
    /// Where it leads, if it is a change.
    after: OnceCell<After>,
    /// What is known there.
    there: RefCell<Weak<Spot>>,
}

/// More states than these are not kept.
const MOST_SPOTS: usize = 1_024;

impl<'a> Terrain<'a> {
    fn new(calls: Vec<Transition>, answers: &'a Answers) -> Self {
        let near = calls.iter().map(|_| OnceCell::new()).collect();
        Self { calls, answers, near, spots: RefCell::default() }
    }

    fn spot(&self, place: Rc<Place>) -> Rc<Spot> {
        let mut spots = self.spots.borrow_mut();
        if let Some(known) = spots.get(&place.state) {
            return known.clone();
        }
        if spots.len() >= MOST_SPOTS {
            spots.clear();
        }
        let calls = self.calls.iter().map(|_| OnceCell::new()).collect();
        let spot = Rc::new(Spot { place: place.clone(), calls });
        spots.insert(place.state.clone(), spot.clone());
        spot
    }

    /// What is known of the call of this number.
    fn know<'s>(&self, spot: &'s Spot, number: usize) -> &'s KnownCall {
        spot.calls[number].get_or_init(|| Box::new(self.judge(&spot.place, &self.calls[number])))
    }

    fn judge(&self, place: &Place, call: &Transition) -> KnownCall {
        let branches = step(&place.state, &bind(&place.state, call));
        let judged = JudgedCall::of(&branches, &self.answers.of(call.request.operation));
        KnownCall {
            still: place.still(call, &branches),
            judged,
            after: OnceCell::new(),
            there: RefCell::default(),
        }
    }

    /// Where a change leads, and what is known there.
    fn after<'k>(&self, spot: &Spot, call: &Transition, known: &'k KnownCall) -> (&'k After, Rc<Spot>) {
        let after = known.after.get_or_init(|| spot.place.after(call, self.answers));
        let there = known.there.borrow().upgrade();
        let there = there.unwrap_or_else(|| {
            let there = self.spot(after.place.clone());
            known.there.replace(Rc::downgrade(&there));
            there
        });
        (after, there)
    }

    /// The calls that have to do with this one: in the same Region, by who takes part in it.
    fn near(&self, number: usize) -> &[usize] {
        self.near[number].get_or_init(|| {
            let call = &self.calls[number];
            let named = call.request.named_accounts();
            let is_near = |next: &Transition| {
                let is_involved = next.caller == call.caller || named.contains(&next.caller);
                call.request.operation.is_setup() || next.region == call.region && is_involved
            };
            (0..).zip(&self.calls).filter_map(|(number, next)| is_near(next).then_some(number)).collect()
        })
    }
}

/// A tour under way.
struct Tour<'a> {
    terrain: &'a Terrain<'a>,
    /// The least that a call is worth.
    least: u64,
    story: Story,
    spot: Rc<Spot>,
    seen: &'a mut FeatureSet,
    calls: Vec<Transition>,
    weight: u64,
}

impl<'a> Tour<'a> {
    fn begin(terrain: &'a Terrain<'a>, least: u64, seen: &'a mut FeatureSet) -> Self {
        let place = Rc::<Place>::default();
        let spot = terrain.spot(place.clone());
        Self { terrain, least, story: Story::new(place), spot, seen, calls: Vec::new(), weight: 0 }
    }

    /// Sets the stage, and goes on as long as there is anything to show.
    fn finish(mut self, seed: &[Transition]) -> Option<Scenario> {
        for call in seed {
            let known = self.terrain.judge(&self.spot.place, call);
            self.make(call, &known);
        }
        while self.calls.len() < MOST_CALLS && self.go_on() {}
        let is_worth_it =
            self.calls.len() > seed.len() && self.weight >= LEAST_WEIGHT_OF_TOUR * self.calls.len() as u64;
        is_worth_it.then_some(Scenario { transitions: self.calls })
    }

    /// Makes the call that shows most, or the one after which another does.
    fn go_on(&mut self) -> bool {
        let calls = &self.terrain.calls;
        let in_place: Vec<usize> =
            (0..calls.len()).filter(|number| !self.is_out_of_place(&calls[*number])).collect();
        let worth = in_place.iter().map(|number| (self.worth(&self.story, &self.spot, *number), Reverse(*number)));
        let best = worth.max().filter(|(worth, _)| *worth >= self.least).or_else(|| {
            let changes = in_place.iter().filter(|number| {
                let judged = &self.terrain.know(&self.spot, **number).judged;
                judged.moves && judged.certain
            });
            let ahead = changes.map(|number| (self.worth_after(*number), Reverse(*number)));
            ahead.max().filter(|(worth, _)| *worth > self.least)
        });
        let Some((_, Reverse(best))) = best else { return false };
        let spot = self.spot.clone();
        self.make(&calls[best], self.terrain.know(&spot, best));
        true
    }

    /// Whether it creates an account that had to have an id before, or closes one that AWS Organizations keeps open as a
    /// delegated administrator.
    fn is_out_of_place(&self, call: &Transition) -> bool {
        let named = call.request.named_accounts();
        let has_had_id = |account: &Account| {
            let mut made = self.calls.iter();
            made.any(|made| made.caller == *account || made.request.named_accounts().contains(account))
        };
        let state = &self.spot.place.state;
        let is_delegate = |account: &Account| {
            state.regions().any(|region| state.region(region).designated_by(*account).is_some())
        };
        match call.request.operation {
            Operation::CreateAccount => named.iter().any(has_had_id),
            Operation::CloseAccount => named.iter().any(is_delegate),
            _ => false,
        }
    }

    /// The weight of what the call of this number shows that is new, where a story is; none where what follows could not
    /// be judged.
    fn worth(&self, story: &Story, spot: &Spot, number: usize) -> u64 {
        let known = self.terrain.know(spot, number);
        if !known.judged.certain {
            return 0;
        }
        let mut features = known.still.features.clone();
        story.add_shown(&self.terrain.calls[number], &known.still, &mut features);
        self.seen.weight_beside(&features)
    }

    /// The most that any call is worth after the one of this number, among those that it has to do with.
    fn worth_after(&self, number: usize) -> u64 {
        let known = self.terrain.know(&self.spot, number);
        let (after, there) = self.terrain.after(&self.spot, &self.terrain.calls[number], known);
        let mut story = self.story.clone();
        story.go(after);
        self.terrain.near(number).iter().map(|next| self.worth(&story, &there, *next)).max().unwrap_or(0)
    }

    fn make(&mut self, call: &Transition, known: &KnownCall) {
        if matches!(&call.request.input, Input::Accept { invitation: Some(InvitationRef::Latest(_)), .. }) {
            // The id of an invitation is only known to who has listed it.
            let request = Request { operation: Operation::ListInvitations, input: Input::Page(Page::default()) };
            let list = Transition { request, ..call.clone() };
            let known = self.terrain.judge(&self.spot.place, &list);
            self.note(&list, &known);
        }
        self.note(call, known);
    }

    fn note(&mut self, call: &Transition, known: &KnownCall) {
        let mut features = known.still.features.clone();
        self.story.add_shown(call, &known.still, &mut features);
        self.weight += self.seen.weight_beside(&features);
        self.seen.extend(&features);
        if call.request.operation.is_mutating() {
            let (after, there) = self.terrain.after(&self.spot, call, known);
            self.story.go(after);
            self.spot = there;
        } else {
            self.story.read(call);
        }
        self.calls.push(call.clone());
    }
}
