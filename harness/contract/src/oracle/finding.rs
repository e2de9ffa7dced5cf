//! The result of comparing one branch with one answer.

use crate::domain::{Answer, DivergenceKind, Grade, RuleId};
use crate::model::{Because, Effect, rules};

use super::late::Lag;
use super::learn::Learn;

/// General rules, of which particular ones are instances.
const GENERAL: [RuleId; 5] = [
    rules::MEMBERSHIP_WITHOUT_HUB,
    rules::OTHER_CALLS_WITHOUT_HUB,
    rules::ONE_ROLE_AT_ONCE,
    rules::ONE_ADMINISTRATOR_AT_ONCE,
    rules::LEAVE_WITHOUT_ADMINISTRATOR,
];

/// A difference between an answer and a branch.
#[derive(Clone, Debug)]
pub(super) struct Mismatch {
    pub(super) kind: DivergenceKind,
    /// The rules to blame, first the one that made the state so.
    pub(super) rules: Vec<RuleId>,
    /// The rules whose weakest is its grade.
    pub(super) graded: Vec<RuleId>,
    /// The place, without indices.
    pub(super) pointer: String,
    pub(super) expected: String,
    pub(super) observed: String,
    /// A grade it can't exceed.
    pub(super) cap: Grade,
    /// Either the state or the read may be to blame; another read of the same can tell.
    pub(super) of_state: bool,
    /// The lag that may be behind it.
    pub(super) lag: Option<Lag>,
}

/// One way in which a branch and an answer go together.
#[derive(Clone, Debug, Default)]
pub(super) struct Continuation {
    pub(super) effects: Vec<(Effect, RuleId)>,
    /// Values that the contract leaves open.
    pub(super) learned: Vec<Learn>,
    /// Values shown against the contract.
    pub(super) adopted: Vec<Learn>,
    pub(super) answers: Vec<Answer>,
    pub(super) rules: Vec<RuleId>,
    pub(super) ignored: Vec<RuleId>,
    /// Whether any such answer would do.
    pub(super) is_anything: bool,
    /// Whether the whole call is refused by what is ignored, one way or another.
    pub(super) is_refused_at_all: bool,
    /// The refusal that the contract wanted instead, where rules are ignored.
    pub(super) refusal: Option<String>,
    pub(super) mismatches: Vec<Mismatch>,
}

impl Continuation {
    pub(super) fn conforms(&self) -> bool {
        self.mismatches.is_empty() && self.ignored.is_empty()
    }

    /// The general rules that it rests on, of which those ignored are instances.
    pub(super) fn general(&self) -> impl Iterator<Item = RuleId> + '_ {
        self.rules.iter().copied().filter(|rule| GENERAL.contains(rule))
    }

    /// The grade of what forbids it; none where nothing does. Each rule that is ignored does by itself, and one that
    /// leaves open how a call is refused leaves no doubt that it is.
    pub(super) fn forbidden(&self, grade: fn(RuleId) -> Grade) -> Option<Grade> {
        let firm = |rule: RuleId| {
            let known = grade(rule);
            if known == Grade::Unknown && self.is_refused_at_all { Grade::Observed } else { known }
        };
        let ignored = self.ignored.first().map(|_| self.ignored.iter().copied().chain(self.general()));
        ignored.and_then(|rules| rules.map(firm).max())
    }

    /// The distance from conforming: rules ignored count least, then values, then the wrong class of answer.
    pub(super) fn distance(&self) -> usize {
        let weight = |mismatch: &Mismatch| match mismatch.kind {
            DivergenceKind::WrongStatus | DivergenceKind::WrongMessage => 20,
            DivergenceKind::WrongError => 40,
            DivergenceKind::WrongValue | DivergenceKind::MissingEffect | DivergenceKind::ExtraEffect => 50,
            DivergenceKind::UnexpectedRefusal | DivergenceKind::MissingRefusal => 1000,
            DivergenceKind::Wire => 2000,
            // Which answers a way embodies is looked at when it has been chosen, laws speak of two runs, and without
            // an answer there is none to judge.
            DivergenceKind::OtherAnswer | DivergenceKind::Law | DivergenceKind::Timeout => 0,
        };
        let whole = |mismatch: &&Mismatch| weight(mismatch) >= 1000;
        let wholes: usize = self.mismatches.iter().filter(whole).map(weight).sum();
        // However many values are wrong, the answer is still nearer than one of another class.
        let values: usize = self.mismatches.iter().filter(|mismatch| !whole(mismatch)).map(weight).sum();
        self.ignored.len() + wholes + values.min(900)
    }

    /// Whether nothing but the words or the status of an error are others than they should be.
    pub(super) fn is_of_words(&self) -> bool {
        let of_words = [DivergenceKind::WrongMessage, DivergenceKind::WrongStatus];
        self.ignored.is_empty() && self.mismatches.iter().all(|mismatch| of_words.contains(&mismatch.kind))
    }
}

impl Mismatch {
    pub(super) fn new(
        kind: DivergenceKind,
        rules: &[RuleId],
        pointer: impl Into<String>,
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) -> Self {
        let mut once = rules.to_vec();
        once.dedup();
        Self {
            kind,
            graded: once.clone(),
            rules: once,
            pointer: pointer.into(),
            expected: expected.into(),
            observed: observed.into(),
            cap: Grade::Documented,
            of_state: false,
            lag: None,
        }
    }

    /// The value is as firm as the rule that gives it, whatever call is to blame for its being otherwise.
    pub(super) fn of_value(mut self, because: Because) -> Self {
        for rule in &mut self.graded {
            if *rule == because.0 {
                *rule = because.2;
            }
        }
        self
    }

    /// Its grade is that of these rules.
    pub(super) fn graded_by(mut self, rules: &[RuleId]) -> Self {
        self.graded = rules.to_vec();
        self
    }

    /// It may be late by this lag.
    pub(super) fn late_by(mut self, lag: Lag) -> Self {
        self.lag = Some(lag);
        self
    }

    /// Another read can tell whether the state or the read is wrong.
    pub(super) fn of_state(mut self) -> Self {
        self.of_state = true;
        self
    }
}
