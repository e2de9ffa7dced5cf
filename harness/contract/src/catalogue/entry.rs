//! The entries of the catalogue: rules, the sources they cite, and open questions. Plain data: `load` reads and checks
//! them, `index` looks them up.

use crate::domain::{Answer, Family, Grade, Oddity, Operation, QuestionId, RuleId};

/// The part of the contract a rule belongs to; each has a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// The rules of one family of operations.
    Family(Family),
    /// Rules for every operation.
    Cross,
    /// The form of answers on the wire.
    Wire,
}

impl Section {
    /// Every section, in the order in which rules are listed.
    pub const ALL: &'static [Self] = &[
        Self::Family(Family::Hub),
        Self::Family(Family::Members),
        Self::Family(Family::Invitations),
        Self::Family(Family::Administrator),
        Self::Family(Family::Organization),
        Self::Family(Family::Standards),
        Self::Family(Family::Findings),
        Self::Cross,
        Self::Wire,
    ];

    /// The name used in filters, and the stem of its file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Family(family) => family.name(),
            Self::Cross => "cross",
            Self::Wire => "wire",
        }
    }
}

/// In which way an observed rule was seen; a lesser way is weaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Code written for the real service matches exactly this error or text.
    Code,
    /// A test that runs against the real service asserts it.
    Test,
    /// A log or trace of a run against the real service quotes it.
    Log,
    /// A stored answer of the real service shows it.
    Recording,
}

impl Evidence {
    /// The name used in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Test => "test",
            Self::Log => "log",
            Self::Recording => "recording",
        }
    }
}

/// A part of a rule that is supported less firmly than its main statement.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePart {
    /// The part, as a noun phrase: "the message text".
    pub what: String,
    /// The support that this part has.
    pub grade: Grade,
}

/// Something a rule may rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The key by which rules cite it.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The address where it can be read.
    pub link: Option<String>,
    /// The date when it was written, as far as known.
    pub date: Option<String>,
    /// The Region it speaks of, as far as known.
    pub region: Option<String>,
}

/// A source, and the place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The source.
    pub source: Source,
    /// The page or test within the source.
    pub place: Option<String>,
}

/// One statement of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// The part of the contract it belongs to.
    pub section: Section,
    /// The operations it speaks of; none means all, unless [`Rule::outside`] names others.
    pub operations: Vec<Operation>,
    /// Operations it speaks of that the harness doesn't call.
    pub outside: Vec<String>,
    /// The statement in one line.
    pub title: String,
    /// The statement.
    pub statement: String,
    /// The support that the sources give it.
    pub grade: Grade,
    /// In which way it was seen, if it was.
    pub evidence: Option<Evidence>,
    /// A part that rests on weaker ground.
    pub part: Option<RulePart>,
    /// The unusual circumstances in which its sources show it; `None` for a rule on which they have no bearing.
    pub seen_with: Option<Vec<Oddity>>,
    /// Whether it describes former behaviour, which a target should not be held to.
    pub historical: bool,
    /// The reason why no run over HTTP can show whether it holds, where none can.
    pub excused: Option<String>,
    /// The places that it rests on.
    pub citations: Vec<Citation>,
    /// The reason why it cites nothing, if it doesn't.
    pub no_source: Option<String>,
    /// The effect that the user of an SDK notices when a target violates it.
    pub impact: String,
}

impl Rule {
    /// Whether the rule speaks of an operation, by name or because it speaks of all.
    #[must_use]
    pub fn applies_to(&self, operation: Operation) -> bool {
        self.operations.contains(&operation) || (self.operations.is_empty() && self.outside.is_empty())
    }

    /// The names of the operations it speaks of; empty for all.
    pub fn operation_names(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.name()).chain(self.outside.iter().map(String::as_str))
    }
}

/// A point on which the evidence is silent or contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Its id.
    pub id: QuestionId,
    /// The question.
    pub question: String,
    /// The rules it concerns.
    pub rules: Vec<RuleId>,
    /// The admissible answers; an expected one comes first.
    pub answers: Vec<AnswerText>,
    /// Whether the evidence leans towards the first answer.
    pub leans: bool,
    /// The places that say something about it.
    pub citations: Vec<Citation>,
}

impl OpenQuestion {
    /// The admissible answer of this name.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&AnswerText> {
        self.answers.iter().find(|text| text.answer.answer == name)
    }

    /// The answer the evidence leans towards.
    #[must_use]
    pub fn expected(&self) -> Option<&AnswerText> {
        self.answers.first().filter(|_| self.leans)
    }
}

/// An admissible answer in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerText {
    /// The question and the answer's name.
    pub answer: Answer,
    /// Its meaning.
    pub meaning: String,
}
