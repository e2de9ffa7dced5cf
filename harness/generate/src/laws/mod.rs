//! Laws that hold between two runs whatever the service does, so that they hold without knowing what AWS does: an entry
//! of a batch is dealt with by itself, a refused request changes nothing, and an old name of an operation does what the
//! new one does.

mod batches;
mod refusals;
mod spellings;

use passmuster_contract::catalogue;
use passmuster_contract::domain::{Grade, Operation, RuleId, Scenario, Transition};

/// The kind of difference that changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// The order of the accounts in a batch.
    Permute,
    /// Naming each account of a batch twice.
    Duplicate,
    /// Making two calls with a part of the batch each.
    Split,
    /// One account more in the batch, which may be refused.
    Neighbour,
    /// Against not making the call: the accounts listed as unprocessed, and they alone, are left as they were.
    Partition,
    /// Against not making the call: all is left as it was, where the call is refused.
    Refusal,
    /// The deprecated name of an operation in place of the current one.
    Spelling,
}

impl Law {
    /// The name in reports and in the ids of cases.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permute => "permute",
            Self::Duplicate => "duplicate",
            Self::Split => "split",
            Self::Neighbour => "neighbour",
            Self::Partition => "partition",
            Self::Refusal => "refusal",
            Self::Spelling => "spelling",
        }
    }
}

/// Two ways that begin and end alike, and what a law says of the difference in the middle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawCase {
    /// Its name, the same in every version: `laws/CreateMembers/permute/mixed`.
    pub id: String,
    /// The difference that changes nothing.
    pub law: Law,
    /// The rule that says so, or the nearest one.
    pub rule: RuleId,
    /// The grade of the law's support, which may be less than the rule's.
    pub grade: Grade,
    /// The calls that both sides begin with.
    pub prepare: Vec<Transition>,
    /// The calls that one side makes then; there may be none.
    pub left: Vec<Transition>,
    /// The calls that the other side makes instead.
    pub right: Vec<Transition>,
    /// The reads that both sides end with.
    pub views: Vec<Transition>,
}

impl LawCase {
    /// The cases of all laws, the cheapest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut cases = [batches::plain(), refusals::all(), spellings::all(), batches::elaborate()].concat();
        for case in &mut cases {
            case.grade = case.grade.min(catalogue::grade(case.rule));
        }
        cases.sort_by_key(Self::calls);
        cases
    }

    /// The operation that the law speaks of.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.right.first().map(|transition| transition.request.operation)
    }

    /// The scenario of the left side.
    #[must_use]
    pub fn left_scenario(&self) -> Scenario {
        self.around(&self.left)
    }

    /// The scenario of the right side.
    #[must_use]
    pub fn right_scenario(&self) -> Scenario {
        self.around(&self.right)
    }

    /// The same with every read at the end made twice, so that it shows what moves by itself.
    #[must_use]
    pub fn read_twice(&self) -> Self {
        Self { views: [&self.views[..], &self.views].concat(), ..self.clone() }
    }

    /// The least number of calls it takes.
    #[must_use]
    pub fn calls(&self) -> u64 {
        (2 * (self.prepare.len() + self.views.len()) + self.left.len() + self.right.len()) as u64
    }

    fn around(&self, middle: &[Transition]) -> Scenario {
        Scenario { transitions: [&self.prepare, middle, &self.views].concat() }
    }
}
