//! Rules and open questions by id, grades of support, and answers to questions. The texts are in `catalogue`.

use std::fmt;

/// The id of a rule of the contract, such as `SH-CREATE-005`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub &'static str);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The support that the sources give a statement; a lesser grade is weaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// No source says.
    Unknown,
    /// Reasoned, mostly from the sibling service GuardDuty.
    Inferred,
    /// Seen on the real service.
    Observed,
    /// An official text about Security Hub says it.
    Documented,
}

impl Grade {
    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Inferred => "inferred",
            Self::Observed => "observed",
            Self::Documented => "documented",
        }
    }

    /// Whether a violation fails a run by itself.
    #[must_use]
    pub fn is_firm(self) -> bool {
        self >= Self::Observed
    }
}

/// The id of an open question: `Q01` to `Q42` of the evidence, or `N…` for a point that no rule covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub &'static str);

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One admissible answer to an open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answer {
    /// The question.
    pub question: QuestionId,
    /// The answer's name, as in answers files.
    pub answer: &'static str,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.question, self.answer)
    }
}
