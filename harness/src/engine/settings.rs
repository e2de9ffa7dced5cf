//! The settings of a run, all in one place. They start nothing and know no target.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::waits::Waits;
use crate::generate;
use crate::targets::guard::is_kept_back;
use crate::targets::{OrganizationSetup, may_be_account};
use passmuster_contract::domain::{
    Account, Divergence, Family, Operation, Profile, RuleId, Scenario, Timestamp, Transition,
};
use passmuster_contract::model::Answers;
use passmuster_contract::oracle::Strictness;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// One call of each operation: what is there at all?
    Probe,
    /// Each constraint on either side of its edge.
    Boundary,
    /// Pairs of runs that may not differ.
    Laws,
    /// Every abstract state that the model can reach.
    Walk,
    /// Random scenarios.
    Random,
    /// Malformed requests.
    Malformed,
}

impl Phase {
    /// Every phase, in the order in which a run goes through them.
    pub const ALL: [Self; 6] =
        [Self::Probe, Self::Boundary, Self::Laws, Self::Walk, Self::Random, Self::Malformed];

    /// The name in `--phases` and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Boundary => "boundary",
            Self::Laws => "laws",
            Self::Walk => "walk",
            Self::Random => "random",
            Self::Malformed => "malformed",
        }
    }
}

/// One of several parts of a run, each of which takes every so-many-th scenario of every phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1 on.
    pub index: u64,
    /// Out of how many.
    pub of: u64,
}

impl Shard {
    /// All there is.
    pub const WHOLE: Self = Self { index: 1, of: 1 };

    /// Whether the scenario of this number belongs to it.
    #[must_use]
    pub const fn has(self, number: u64) -> bool {
        number % self.of == self.index - 1
    }
}

/// Selects a part of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// One operation.
    Operation(Operation),
    /// All operations of a family.
    Family(Family),
    /// The rules whose ids begin so.
    Rule(String),
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operation(operation) => operation.name(),
            Self::Family(family) => family.name(),
            Self::Rule(prefix) => prefix,
        })
    }
}

/// Whether a class of malformed requests is meant, by its id or a row that it rests on.
fn is_named(class: &passmuster_malformed::Class, name: &str) -> bool {
    class.id.to_string() == name || class.rows.contains(&name)
}

/// Which part of the contract a run is to judge. It makes the same calls whatever is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSelection {
    /// Only these; everything where empty.
    pub only: Vec<Filter>,
    /// And not these.
    pub skip: Vec<Filter>,
}

impl Filter {
    /// Whether it means an operation, or a rule by whose name this decides.
    fn fits(&self, operation: Operation, is_rule: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Operation(wanted) => *wanted == operation,
            Self::Family(family) => operation.family() == *family,
            Self::Rule(prefix) => is_rule(prefix),
        }
    }

    pub(super) const fn is_rule(&self) -> bool {
        matches!(self, Self::Rule(_))
    }
}

impl RunSelection {
    pub(super) fn has(&self, operation: Operation, rules: &[RuleId]) -> bool {
        let is_rule = |prefix: &str| rules.iter().any(|rule| rule.0.starts_with(prefix));
        let fits = |filter: &Filter| filter.fits(operation, is_rule);
        (self.only.is_empty() || self.only.iter().any(fits)) && !self.skip.iter().any(fits)
    }

    /// Whether it leaves anything to judge in answers of these operations.
    pub(super) fn leaves_any(&self, operations: &[Operation]) -> bool {
        let rules = passmuster_contract::model::rules::ALL;
        let is_known = |prefix: &str| {
            rules.iter().any(|rule| rule.0.starts_with(prefix))
                || passmuster_malformed::classes().any(|class| is_named(class, prefix))
        };
        operations.iter().any(|operation| {
            let only = self.only.is_empty() || self.only.iter().any(|filter| filter.fits(*operation, is_known));
            only && !self.skip.iter().any(|filter| filter.fits(*operation, |_| false))
        })
    }

    /// Whether the operation is one of those selected, whatever rules are.
    pub(super) fn has_operation(&self, operation: Operation) -> bool {
        let fits = |filter: &Filter| filter.fits(operation, |_| false);
        (self.only.iter().all(Filter::is_rule) || self.only.iter().any(fits)) && !self.skip.iter().any(fits)
    }

    /// Whether a class of malformed requests is one of those selected, whatever operations are.
    pub(super) fn has_class(&self, class: &passmuster_malformed::Class) -> bool {
        let fits = |filter: &Filter| matches!(filter, Filter::Rule(name) if is_named(class, name));
        let all = !self.only.iter().any(Filter::is_rule);
        (all || self.only.iter().any(fits)) && !self.skip.iter().any(fits)
    }

    pub(super) fn has_divergence(&self, divergence: &Divergence) -> bool {
        self.has(divergence.operation, divergence.rules.get(..1).unwrap_or_default())
    }
}

/// A divergence that an earlier run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDivergence {
    /// Its identity.
    pub fingerprint: String,
    /// The scenario that showed it.
    pub scenario: Scenario,
}

/// The settings of a run: its phases, its limits, and when it stops.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Same seed, same scenarios.
    pub seed: u64,
    /// Same seed and nonce, same account ids: another one for each run, and a target that keeps its state between runs
    /// sees accounts that it does not know.
    pub nonce: u64,
    /// The phases to go through; `probe` always comes first, since the others need what it finds.
    pub phases: Vec<Phase>,
    /// The run as a whole stops after this time.
    pub max_time: Duration,
    /// The scenarios are planned with so many calls; confirming what they found comes on top, within `max_time`.
    pub max_calls: u64,
    /// Random scenarios stop after so many distinct divergences.
    pub max_findings: usize,
    /// Scenarios that run at once.
    pub workers: usize,
    /// Which differences in an error answer count.
    pub strictness: Strictness,
    /// The answers to open questions that the target is held to.
    pub answers: Arc<Answers>,
    /// The settings of random scenarios.
    pub generate: generate::GenerateSettings,
    /// Real names of the Regions, at least one.
    pub regions: Arc<[Arc<str>]>,
    /// The only account there is, where a target has but one.
    pub single_account: Option<Account>,
    /// The accounts there are, where no others may be called or named.
    pub cast: Option<Arc<[Account]>>,
    /// Where the organization of a scenario comes from.
    pub organization: OrganizationSetup,
    /// Whether hubs are on from the start, whatever the target says to `EnableSecurityHub`.
    pub given_hubs: bool,
    /// Whether a page of HTML with status 500 says that an operation is not there.
    pub lacks_by_error_page: bool,
    /// Which part of the contract is judged.
    pub selection: RunSelection,
    /// The divergences that are known: their scenarios are replayed first.
    pub known: Arc<[KnownDivergence]>,
    /// The number of times that a divergence is tried again before it is reported.
    pub confirmations: u32,
    /// The most scenarios run to make one divergence's scenario smaller.
    pub shrink_attempts: u32,
    /// The memory of what was waited for, which clones share: a run has one of its own.
    pub waits: Arc<Waits>,
    /// The most pages followed in one walk through a list.
    pub max_pages: usize,
    /// Whether each scenario takes accounts of its own, or finds the target reset.
    pub fresh_accounts: bool,
    /// Whether each scenario is told as a conversation.
    pub record: bool,
    /// Accounts that invite each other in the walk.
    pub walk_cast: u64,
    /// The most steps to an abstract state of the walk.
    pub walk_depth: u8,
    /// The profile that malformed requests are judged by.
    pub profile: Profile,
    /// The most malformed requests, random compositions among them as long as there is time; without it the catalogue
    /// is sent, and a few hundred compositions. Those that only confirm a finding or make it smaller are not counted.
    pub malformed: Option<u64>,
    /// Which part of the scenarios to run.
    pub shard: Shard,
    /// The wall clock when the run began; nothing else in it reads one.
    pub started: Timestamp,
}

/// Causes are sought so long even where a run has taken all its time.
const LEAST_FOR_CAUSES: Duration = Duration::from_millis(500);

impl RunSettings {
    /// The number of accounts of the cast that may call.
    pub(super) fn callers(&self) -> u64 {
        if self.generate.single_caller { 1 } else { self.generate.cast }
    }

    /// The time that is left for the search for causes, once so much was spent.
    #[must_use]
    pub fn time_for_causes(&self, spent: Duration) -> Duration {
        self.max_time.saturating_sub(spent).max(LEAST_FOR_CAUSES)
    }

    /// The account of the cast in the place of one that there may not be.
    pub(super) fn at_hand(&self, account: Account) -> Account {
        match &self.cast {
            Some(cast) => Account(account.0.clamp(1, cast.len() as u64)),
            None => account,
        }
    }

    /// Whether a call comes from an account there is, and names no other.
    pub(super) fn is_within_cast(&self, transition: &Transition) -> bool {
        let Some(cast) = &self.cast else { return true };
        let is_there = |account: Account| (1..=cast.len() as u64).contains(&account.0);
        is_there(transition.caller)
            && transition.request.named_accounts().into_iter().all(is_there)
            && !transition.request.account_texts().any(may_be_account)
            && !is_kept_back(transition.request.operation)
    }

    /// The phases stop after so many calls, whatever they have planned. Scenarios take a little more or less than
    /// planned; to cut a run at the very number would leave out some that its shards don't.
    pub(super) const fn most_calls(&self) -> u64 {
        self.max_calls.saturating_add(self.max_calls / 8)
    }
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            nonce: 0,
            phases: vec![Phase::Probe, Phase::Boundary, Phase::Laws, Phase::Walk, Phase::Random],
            max_time: Duration::from_secs(600),
            max_calls: 10_000,
            max_findings: 200,
            workers: 4,
            strictness: Strictness::default(),
            answers: Arc::default(),
            generate: generate::GenerateSettings::default(),
            regions: [Arc::from("us-east-1"), Arc::from("eu-west-1")].into(),
            single_account: None,
            cast: None,
            organization: OrganizationSetup::default(),
            given_hubs: false,
            lacks_by_error_page: false,
            selection: RunSelection::default(),
            known: Arc::new([]),
            confirmations: 3,
            shrink_attempts: 60,
            waits: Arc::default(),
            max_pages: 400,
            fresh_accounts: true,
            record: false,
            walk_cast: 3,
            walk_depth: 10,
            profile: Profile::default(),
            malformed: None,
            shard: Shard::WHOLE,
            started: Timestamp(0),
        }
    }
}
