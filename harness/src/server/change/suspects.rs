//! Which deviations would show in the calls that a server answers as it should. What shows in none of them changes
//! nothing that follows, either, so that it need not be tried.

use std::collections::BTreeMap;

use super::Change;
use crate::server::{Fault, Reply};
use passmuster_contract::domain::{Operation, RuleId, Transition};
use passmuster_contract::model::{Branch, Branches, Expect, RefusalForm, RegionState, State, questions, rules};

/// A deviation of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspect {
    /// One of the catalogue.
    Fault(Fault),
    /// One that was put together.
    Change(Change),
}

/// One call that was answered as it should be.
pub(in crate::server) struct Moment<'a> {
    pub(in crate::server) whole: &'a State,
    pub(in crate::server) transition: &'a Transition,
    pub(in crate::server) branches: &'a Branches,
    pub(in crate::server) branch: &'a Branch,
    pub(in crate::server) before: &'a RegionState,
    pub(in crate::server) after: &'a RegionState,
    pub(in crate::server) reply: &'a Reply,
}

/// What a rule that refuses calls looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuardKind {
    /// Whether the caller's hub is on.
    Hub,
    /// Whether the request keeps the constraints of the API model.
    Request,
    /// Whether an account that the request names can be processed.
    Entry,
    /// Anything else: who calls, and how things stand.
    Standing,
}

/// What was seen by a server that looks out for deviations.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Whether each of them would have shown, in their order.
    pub touched: Vec<bool>,
    /// The rules without which a call would have been let through, by operation.
    pub guards: BTreeMap<(Operation, RuleId), GuardKind>,
}

/// The deviations that are looked out for, and those that would have shown.
#[derive(Debug, Default)]
pub(in crate::server) struct Suspects {
    suspects: Vec<Suspect>,
    seen: Seen,
}

impl Suspects {
    pub(in crate::server) fn new(suspects: Vec<Suspect>) -> Self {
        let touched = vec![false; suspects.len()];
        Self { suspects, seen: Seen { touched, guards: BTreeMap::new() } }
    }

    pub(in crate::server) fn are_any(&self) -> bool {
        !self.suspects.is_empty()
    }

    pub(in crate::server) const fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Takes note of those that show in this call.
    pub(in crate::server) fn look(&mut self, moment: &Moment<'_>) {
        for (suspect, touched) in self.suspects.iter().zip(&mut self.seen.touched) {
            *touched = *touched || suspect.shows(moment);
        }
        let operation = moment.transition.request.operation;
        for (rule, kind) in moment.guards() {
            self.seen.guards.entry((operation, rule)).or_insert(kind);
        }
    }
}

impl Suspect {
    fn shows(&self, moment: &Moment<'_>) -> bool {
        match self {
            Self::Fault(fault) => fault.shows(moment),
            Self::Change(change) => change.shows(moment),
        }
    }
}

impl Fault {
    fn shows(self, moment: &Moment<'_>) -> bool {
        if let Some(rule) = self.ignores() {
            return moment.may_be_decided_by(rule);
        }
        if let Some(leak) = self.leaks() {
            let here = moment.transition.region;
            return moment.whole.regions().filter(|region| *region != here).any(|region| {
                let mut leaked = moment.before.clone();
                leak(moment.whole.region(region), &mut leaked);
                leaked != *moment.before
            });
        }
        if self.refuses(moment.before, moment.transition).is_some() {
            return true;
        }
        let mut transition = moment.transition.clone();
        self.spoil_request(&mut transition);
        if transition != *moment.transition {
            return true;
        }
        let mut after = moment.after.clone();
        self.spoil_state(moment.before, &mut after, moment.transition);
        if after != *moment.after {
            return true;
        }
        let mut reply = moment.reply.clone();
        self.spoil_reply(moment.before, moment.transition, &mut reply);
        reply != *moment.reply
    }
}

impl Change {
    fn shows(&self, moment: &Moment<'_>) -> bool {
        let operation = moment.transition.request.operation;
        if operation != self.operation() {
            return false;
        }
        match self {
            Self::Ignores(_, rule) => moment.may_be_decided_by(*rule),
            Self::Refuses(..) => {
                self.refuses(operation, moment.branch).is_some_and(|reply| reply != *moment.reply)
            }
            Self::Overlooks(..) => self
                .overlooks(operation, moment.transition.region, moment.whole)
                .is_some_and(|overlooking| overlooking != *moment.whole),
            Self::Keeps(..) | Self::Gives(..) | Self::Drops(..) => {
                let mut after = moment.after.clone();
                self.spoil_state(moment.before, &mut after, moment.transition);
                after != *moment.after
            }
            Self::Rejects(..) | Self::Writes(..) | Self::Lists(..) | Self::ShowsDelegate(_) => {
                let mut reply = moment.reply.clone();
                self.spoil_reply(moment.whole, moment.before, moment.transition, &mut reply);
                reply != *moment.reply
            }
        }
    }
}

impl Moment<'_> {
    /// The rules without which the call would have been let through, with what they look at.
    fn guards(&self) -> Vec<(RuleId, GuardKind)> {
        let whole = self.branches.counterfactual.iter().flat_map(|branch| &branch.ignored);
        let whole = whole.map(|rule| (*rule, self.kind(*rule)));
        let all = self.branches.admissible.iter().chain(&self.branches.counterfactual);
        let entries = all.filter_map(|branch| match &branch.expect {
            Expect::Batch(entries) => Some(entries),
            _ => None,
        });
        let single = entries.flatten().flat_map(|entry| &entry.alternatives);
        let single = single.filter_map(|one| Some((one.ignored?, GuardKind::Entry)));
        whole.chain(single).collect()
    }

    fn kind(&self, rule: RuleId) -> GuardKind {
        let refusing = self.branches.admissible.iter().find(|branch| branch.rules.contains(&rule));
        let Some(Branch { expect: Expect::Refused(refusal), rules, .. }) = refusing else {
            return GuardKind::Standing;
        };
        let hub = [rules::MEMBERSHIP_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB];
        let request = [questions::CONSTRAINT, questions::TOO_MANY];
        let is_asked = |form: &RefusalForm| form.answer.is_some_and(|answer| request.contains(&answer.question));
        if rules.iter().any(|rule| hub.contains(rule)) {
            GuardKind::Hub
        } else if refusal.forms.iter().any(is_asked) {
            GuardKind::Request
        } else {
            GuardKind::Standing
        }
    }

    /// Whether any branch rests on the rule, or ignores it.
    fn may_be_decided_by(&self, rule: RuleId) -> bool {
        let decides = |branch: &Branch| {
            branch.rules.contains(&rule)
                || branch.ignored.contains(&rule)
                || matches!(&branch.expect, Expect::Batch(entries) if entries.iter().any(|entry| {
                    entry.alternatives.iter().any(|one| one.rules.contains(&rule) || one.ignored == Some(rule))
                }))
        };
        self.branches.admissible.iter().chain(&self.branches.counterfactual).any(decides)
    }
}
