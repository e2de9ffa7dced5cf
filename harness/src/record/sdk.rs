//! The readings of a run's answers by SDKs: of errors, and of what they can't read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The readings of answers that are errors or can't be read by SDKs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdkRecord {
    /// Answers that were graded: errors, and successes that can't be read.
    pub answers: u64,
    /// By SDK, how often it came to each kind of verdict: `typed`, `generic`, `code`, `no-code`, `decode-error`,
    /// `crash`, `success`, `not-predicted`.
    pub verdicts: BTreeMap<String, BTreeMap<String, u64>>,
    /// The properties of the answers that mislead SDKs, by the id of the rule (`explain` has its words).
    pub lints: BTreeMap<String, LintRecord>,
}

/// A rule on answers that was broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintRecord {
    /// The number of times.
    pub times: u64,
    /// The property of those answers.
    pub what: String,
    /// The SDKs that misread them; none where the rule is only a hint.
    pub misread_by: Vec<String>,
    /// The readings of them by those clients.
    pub misread: String,
    /// The first of them, by operation, status and body.
    pub example: ExampleRecord,
}

/// An answer, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExampleRecord {
    /// The operation that was called.
    pub operation: String,
    /// The status.
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
}

impl SdkRecord {
    /// The broken rules that make some client misread the answer.
    pub fn misleading(&self) -> impl Iterator<Item = (&str, &LintRecord)> {
        let listed = self.lints.iter().filter(|(_, lint)| !lint.misread_by.is_empty());
        listed.map(|(id, lint)| (id.as_str(), lint))
    }

    /// Adds what was made of other answers.
    pub(super) fn add(&mut self, other: &Self) {
        let add = |sum: &mut u64, times: u64| *sum = sum.saturating_add(times);
        add(&mut self.answers, other.answers);
        for (sdk, kinds) in &other.verdicts {
            let mine = self.verdicts.entry(sdk.clone()).or_default();
            for (kind, times) in kinds {
                add(mine.entry(kind.clone()).or_default(), *times);
            }
        }
        for (id, lint) in &other.lints {
            let mine = self.lints.entry(id.clone()).or_insert_with(|| LintRecord { times: 0, ..lint.clone() });
            add(&mut mine.times, lint.times);
            if lint.example < mine.example {
                mine.example = lint.example.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(times: u64, body: &str) -> SdkRecord {
        let example = ExampleRecord { operation: "CreateMembers".to_owned(), status: 400, body: body.to_owned() };
        let misread_by = vec!["botocore".to_owned()];
        let lint = LintRecord { times, what: "w".to_owned(), misread_by, misread: "m".to_owned(), example };
        SdkRecord {
            answers: times,
            verdicts: [("botocore".to_owned(), [("typed".to_owned(), times)].into())].into(),
            lints: [("L19".to_owned(), lint)].into(),
        }
    }

    #[test]
    fn sums_do_not_depend_on_the_order() {
        let (one, other) = (record(2, "b"), record(3, "a"));
        let sum = |parts: [&SdkRecord; 2]| {
            let mut sum = SdkRecord::default();
            parts.into_iter().for_each(|part| sum.add(part));
            sum
        };
        assert_eq!(sum([&one, &other]), sum([&other, &one]));
        assert_eq!(sum([&one, &other]), record(5, "a"));
    }
}
