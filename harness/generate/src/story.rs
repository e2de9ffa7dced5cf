//! A scenario as it is told call by call: what each call shows of where it is made, and of what led there.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::effect::{Altered, LeftAlone, RecordKey, Records, Stage, absent, altered, left_alone, records, shows};
use super::play::{Side, bind, next};
use super::value::{CoarseScene, Effect, EffectForm, Fate, Feature, Shown, add_rules, form_of};
use passmuster_contract::domain::{Account, Operation, Region, Transition};
use passmuster_contract::model::{Answers, Branches, State, step};

/// A scenario as it is told call by call: what is known of it, and what no read has shown yet.
#[derive(Clone)]
pub(super) struct Story {
    place: Rc<Place>,
    /// Its changes, with their outcomes.
    changes: Vec<Rc<Change>>,
    /// So many of the changes each view has shown.
    shown: FxHashMap<View, usize>,
}

/// Where a story is, whatever led there.
#[derive(Default)]
pub(super) struct Place {
    pub(super) state: State,
    records: Records,
}

/// What a call shows in one place, whatever led there.
pub(super) struct Still {
    /// Each once.
    pub(super) features: Vec<Feature>,
    /// It reads, and is answered.
    is_read: bool,
}

/// A change, with what it did.
pub(super) struct Change {
    call: Transition,
    altered: Vec<Altered>,
    left_alone: Vec<LeftAlone>,
}

/// Where a change leads.
#[derive(Clone)]
pub(super) struct After {
    pub(super) place: Rc<Place>,
    change: Rc<Change>,
}

impl Place {
    /// What a call shows here, which the model judges by these branches.
    pub(super) fn still(&self, call: &Transition, branches: &Branches) -> Still {
        let operation = call.request.operation;
        let region = self.state.region(call.region);
        let outcome = Fate::of(branches);
        let mut found = Vec::new();
        if operation.is_setup() {
            return Still { features: Vec::new(), is_read: false };
        }
        add_rules(&mut found, operation, branches);
        // Who has no hub is told that, whatever else is so.
        let is_told = outcome == Fate::Refused && !region.is_on(call.caller);
        if !is_told {
            found.push(Shown::Form(operation, form_of(&call.request.input), outcome));
            found.push(Shown::Scene(operation, CoarseScene::of(&self.state, call)));
            if operation.is_mutating() {
                self.add_apart(call, outcome, &mut found);
            }
        }
        let is_read = !operation.is_mutating() && outcome != Fate::Refused;
        if is_read {
            let form = form_of(&call.request.input);
            for (kind, sharing, stage) in absent(call, &self.state, &self.records) {
                found.push(Shown::Absent(operation, kind, sharing, stage));
                found.push(Shown::AbsentBy(operation, kind, sharing, form));
            }
        }
        let features = found.into_iter().collect::<FxHashSet<Shown>>().into_iter().map(Feature::from);
        Still { features: features.collect(), is_read }
    }

    /// Adds what a call shows of its Region's being apart: that what is so in another one makes no difference.
    fn add_apart(&self, call: &Transition, outcome: Fate, found: &mut Vec<Shown>) {
        for region in self.state.regions().filter(|region| *region != call.region) {
            if !self.state.region(region).hubs.is_empty() {
                let there = Transition { region, ..call.clone() };
                let branches = step(&self.state, &bind(&self.state, &there));
                let rule = branches.admissible.first().and_then(|branch| branch.rules.first());
                let apart = Shown::Apart(call.request.operation, outcome, rule.copied());
                found.extend((Fate::of(&branches) != outcome).then_some(apart));
            }
        }
    }

    /// Where a change leads, on an implementation with these answers.
    pub(super) fn after(&self, call: &Transition, answers: &Answers) -> After {
        let state = next(&self.state, call, answers, Side::Implementation);
        let records = records(&state);
        let altered = altered(call, &self.records, &records);
        let left_alone = left_alone(call, &altered, &self.records);
        let change = Change { call: call.clone(), altered, left_alone };
        After { place: Rc::new(Self { state, records }), change: Rc::new(change) }
    }
}

impl Story {
    /// A scenario that begins in this place.
    pub(super) fn new(place: Rc<Place>) -> Self {
        Self { place, changes: Vec::new(), shown: FxHashMap::default() }
    }

    /// Adds what a call shows of what led here.
    pub(super) fn add_shown(&self, call: &Transition, still: &Still, found: &mut Vec<Feature>) {
        if still.is_read {
            let seen = self.shown.get(&view(call)).copied().unwrap_or(0);
            // What was changed again since then is not shown by this read.
            let from = seen.max(self.changes.len().saturating_sub(MOST_SHOWN));
            for number in from..self.changes.len() {
                self.add_effects(call, number, found);
            }
        }
    }

    /// Adds what a read shows of a change.
    fn add_effects(&self, read: &Transition, number: usize, found: &mut Vec<Feature>) {
        let Change { call, altered, left_alone } = &*self.changes[number];
        let Place { state, records } = &*self.place;
        let change = call.request.operation;
        let read_operation = read.request.operation;
        let now = |key| records.get(key).copied().unwrap_or(0);
        let mut add = |shown: Shown| found.push(shown.into());
        for Altered { key, before, after, is_later } in altered {
            if shows(read, state, key, [*before, *after]) && now(key) == *after {
                let is_keeper = read.caller == key.2;
                let effect = Effect { change, kind: key.1, stages: [*before, *after], is_keeper };
                let form = if *is_later { EffectForm::Later } else { EffectForm::Plain };
                add(Shown::Effect(effect, form));
                if let Some(stage) = self.stage_before(key, number) {
                    add(Shown::Effect(effect, EffectForm::After(stage)));
                }
                let earlier = self.changes[..number].iter().flat_map(|earlier| &earlier.altered);
                for earlier in earlier.filter(|earlier| (earlier.before, earlier.after) == (*before, *after)) {
                    if earlier.key == *key {
                        add(Shown::Effect(effect, EffectForm::Again));
                    } else if (earlier.key.1, earlier.key.2) == (key.1, key.2) {
                        add(Shown::Effect(effect, EffectForm::Another));
                    }
                }
                if key.0 != call.region {
                    add(Shown::Effect(effect, EffectForm::Elsewhere));
                }
                add(Shown::EffectOf(effect, form_of(&call.request.input)));
                add(Shown::EffectBy(effect, read_operation, form_of(&read.request.input)));
            }
        }
        for LeftAlone { key, kinship, stage } in left_alone {
            if shows(read, state, key, [*stage, *stage]) && now(key) == *stage {
                add(Shown::LeftAlone(change, key.1, *kinship));
                add(Shown::LeftAloneBy(change, key.1, *kinship, read_operation));
                if kinship.is_of_named() {
                    add(Shown::LeftAloneOf(change, key.1, form_of(&call.request.input)));
                }
            }
        }
    }

    /// The stage of a record before the one that a change found it in.
    fn stage_before(&self, key: &RecordKey, number: usize) -> Option<Stage> {
        let mut earlier = self.changes[..number].iter().rev().flat_map(|earlier| &earlier.altered);
        let earlier = earlier.find(|altered| altered.key == *key)?;
        Some(earlier.before)
    }

    /// Notes a change that leads there.
    pub(super) fn go(&mut self, after: &After) {
        self.place = after.place.clone();
        self.changes.push(after.change.clone());
    }

    /// Notes a read.
    pub(super) fn read(&mut self, call: &Transition) {
        self.shown.insert(view(call), self.changes.len());
    }
}

/// A read shows so many changes at most: what is older has been written over, or would be blamed on something else.
const MOST_SHOWN: usize = 6;

/// The reads of one kind and form by one account in one Region.
type View = (Account, Region, Operation, u8);

fn view(read: &Transition) -> View {
    (read.caller, read.region, read.request.operation, form_of(&read.request.input))
}

/// What these calls show of an implementation with these answers.
pub fn features<'c>(calls: impl IntoIterator<Item = &'c Transition>, answers: &Answers) -> Vec<Feature> {
    let mut found = Vec::new();
    let mut story = Story::new(Rc::default());
    for call in calls {
        let place = story.place.clone();
        let branches = step(&place.state, &bind(&place.state, call));
        let still = place.still(call, &branches);
        found.extend(&still.features);
        story.add_shown(call, &still, &mut found);
        if call.request.operation.is_mutating() {
            story.go(&place.after(call, answers));
        } else {
            story.read(call);
        }
    }
    found
}
