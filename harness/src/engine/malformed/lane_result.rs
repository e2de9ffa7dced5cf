//! Recipes, which are tried, and the result of a lane that tries them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::moving::ReadChange;
use super::stage::StageViews;
use crate::targets::RawExchange;
use passmuster_contract::domain::Operation;
use passmuster_malformed::{
    Aspect, Base, Class, ClassId, Complaint, InvariantId, Malformed, NormalResponse, Procedure, shortened,
};

/// A malformed request that can be made again on any stage: it names no account by its id.
pub(super) trait Recipe: std::fmt::Debug + Send + Sync {
    /// The class to blame.
    fn class(&self) -> &'static Class;
    /// The other classes that its requests are of.
    fn others(&self) -> &[&'static Class] {
        &[]
    }
    /// Which of its class.
    fn title(&self) -> String;
    /// Whether other parts are spoilt than that of its class.
    fn is_composed(&self) -> bool {
        false
    }
    /// The procedure, where it takes more than the request.
    fn procedure(&self) -> Option<Procedure> {
        None
    }
    /// The most requests that it takes.
    fn cost(&self) -> u64 {
        1
    }
    /// The same with fewer faults: each alone first.
    fn fewer(&self) -> Vec<Arc<dyn Recipe>> {
        Vec::new()
    }
    /// The request as a malformation of this well-formed one; none where it doesn't fit.
    fn make(&self, base: &Base) -> Option<Malformed>;
}

/// Something wrong that was seen.
#[derive(Clone)]
pub(super) struct Sighting {
    pub(super) complaint: Complaint,
    pub(super) class: &'static Class,
    pub(super) operation: Operation,
    pub(super) recipe: Arc<dyn Recipe>,
    /// The number of the recipe in the operation's list.
    pub(super) order: usize,
}

/// Why nothing can be told of an operation whose well-formed request is answered so, and so the second time.
pub(super) fn why_unfit(operation: Operation, answer: &NormalResponse, again: &NormalResponse) -> Option<String> {
    if answer != again {
        return Some(format!("a well-formed {operation} is answered otherwise each time"));
    }
    // Neither says anything of the request: a malformed one may be answered likewise, whatever is wrong with it.
    let is_put_off = answer.status == 429 || (300..400).contains(&answer.status);
    is_put_off.then(|| format!("a well-formed {operation} is answered {}", answer.words()))
}

/// The effect of the well-formed request.
#[derive(Clone)]
pub(super) struct Control {
    pub(super) answer: NormalResponse,
    /// The contents that it leaves after it, as far as two times it left the same.
    pub(super) effect: StageViews,
    /// The answers to the read that is sent after it: without it, and with it. One only, where that brings no answer.
    pub(super) follows: Vec<NormalResponse>,
    /// The time that a well-formed read took at first.
    pub(super) usual: Duration,
}

/// The result of trying recipes.
#[derive(Default)]
pub(super) struct LaneResult {
    /// Everything wrong, in the order of the recipes.
    pub(super) seen: Vec<Sighting>,
    /// Malformed requests sent.
    pub(super) requests: u64,
    /// Those of them that were throttled, which says nothing about them.
    pub(super) throttled: u64,
    /// Well-formed calls made around them.
    pub(super) calls: u64,
    /// The number of requests of each class that were sent.
    pub(super) classes: BTreeMap<ClassId, u64>,
    /// The classes that made the target hang.
    pub(super) hung: BTreeSet<ClassId>,
    /// The effect of the well-formed request, where it was found out.
    pub(super) reference: Option<Control>,
    /// Why nothing can be told of this operation.
    pub(super) unfit: Option<String>,
    /// Why not all recipes were tried.
    pub(super) stopped: Option<String>,
    /// Whether the target is gone.
    pub(super) lost: bool,
}

impl LaneResult {
    /// Counts an answer that says nothing of the request.
    pub(super) fn note_throttling(&mut self, exchange: &RawExchange) {
        self.throttled += u64::from(exchange.answers.iter().any(|answer| answer.response.status == 429));
    }

    /// What came since the last time; what is known of the target stays.
    pub(super) fn parted(&mut self) -> Self {
        let rest = Self { reference: self.reference.clone(), hung: self.hung.clone(), ..Self::default() };
        std::mem::replace(self, rest)
    }
}

pub(super) fn state_complaint(change: &ReadChange) -> Complaint {
    let ReadChange { read, before, after } = change;
    let observed = format!("{read} shows {}", shortened(after));
    let expected = format!("the state as before: {read} shows {}", shortened(before));
    Complaint::by_invariant(InvariantId::I12, Aspect::State, &expected, &observed)
}

pub(super) fn is_accepted(exchange: &RawExchange) -> bool {
    exchange.answers.first().is_some_and(|answer| (200..300).contains(&answer.response.status))
}
