//! The part of a run that its scenarios contribute, as data.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ending::Stop;
use super::super::finding::Lead;
use super::super::tally::Tally;
use crate::generate::SituationId;
use crate::record::WalkRecord;
use passmuster_contract::domain::{Answer, Fingerprint, Scenario};

/// The results of the scenarios of all phases that explore.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct PhasePart {
    /// The calls that each place of the queue took.
    pub(in crate::engine) calls: Vec<u64>,
    pub(in crate::engine) tally: Tally,
    /// The leads that have not been looked into yet, each divergence once.
    pub(in crate::engine) leads: Vec<Lead>,
    /// The shortest scenario seen to show an answer to an open question.
    pub(in crate::engine) examples: BTreeMap<Answer, Scenario>,
    pub(in crate::engine) walked: Walked,
    /// Why it ended early, in the order in which that showed.
    pub(in crate::engine) stops: Vec<Stop>,
}

/// The abstract states of the walk that scenarios covered, and those that they missed.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Walked {
    /// The size of the walk.
    pub(in crate::engine) plan: WalkRecord,
    /// The situations that there would be if every operation were supported, where they were counted in time.
    pub(in crate::engine) whole: Option<u64>,
    pub(in crate::engine) exercised: BTreeSet<SituationId>,
    /// The states that a scenario was to cover and didn't, and the divergence in the way with the scenario's number.
    pub(in crate::engine) missed: BTreeMap<SituationId, Option<(u64, Fingerprint)>>,
}

impl Walked {
    /// Takes note of what another scenario missed.
    pub(super) fn miss(&mut self, missed: &BTreeMap<SituationId, Option<(u64, Fingerprint)>>) {
        for (situation, why) in missed {
            let known = self.missed.entry(*situation).or_insert_with(|| why.clone());
            if known.is_none() {
                known.clone_from(why);
            }
        }
    }
}
