//! A mismatch between a target and the contract, as data with an identity.

use std::fmt;

use super::{Grade, Operation, QuestionId, RuleId};

/// In which way an answer differs from what the contract admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DivergenceKind {
    /// A call was let through that should have been refused.
    MissingRefusal,
    /// A call was refused that should have been let through.
    UnexpectedRefusal,
    /// Refused, with an error of another type.
    WrongError,
    /// Refused with the right type, under another HTTP status.
    WrongStatus,
    /// Refused with the right type, in other words.
    WrongMessage,
    /// A value in an answer is wrong, missing or superfluous.
    WrongValue,
    /// Something that should be there after what happened is not.
    MissingEffect,
    /// Something is there that nothing put there.
    ExtraEffect,
    /// HTTP or JSON itself is broken, or the answer can't be read as success or error.
    Wire,
    /// An open question is answered otherwise than the file of answers says.
    OtherAnswer,
    /// Two runs differ that a law says may not.
    Law,
    /// No answer at all, in all the time that there is.
    Timeout,
}

impl DivergenceKind {
    /// The name used in reports and fingerprints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingRefusal => "missing-refusal",
            Self::UnexpectedRefusal => "unexpected-refusal",
            Self::WrongError => "wrong-error",
            Self::WrongStatus => "wrong-status",
            Self::WrongMessage => "wrong-message",
            Self::WrongValue => "wrong-value",
            Self::MissingEffect => "missing-effect",
            Self::ExtraEffect => "extra-effect",
            Self::Wire => "wire",
            Self::OtherAnswer => "other-answer",
            Self::Law => "law",
            Self::Timeout => "timeout",
        }
    }
}

impl fmt::Display for DivergenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The weight of a divergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The contract doesn't say; recorded only.
    Note,
    /// The contract is inferred; doesn't fail a run unless asked to.
    Suspicion,
    /// The contract is documented or observed.
    Divergence,
}

impl Severity {
    /// The severity that a violation of something so supported has.
    #[must_use]
    pub const fn of(grade: Grade) -> Self {
        match grade {
            Grade::Documented | Grade::Observed => Self::Divergence,
            Grade::Inferred => Self::Suspicion,
            Grade::Unknown => Self::Note,
        }
    }

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Divergence => "divergence",
            Self::Suspicion => "suspicion",
            Self::Note => "note",
        }
    }
}

/// The place in which an answer differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The answer as a whole.
    Whole,
    /// A member of it, as a JSON pointer without indices.
    Member(String),
    /// The HTTP that carries the answer.
    Http,
    /// A part of the answer that is not in the form of the protocol: its status, or its body.
    Form(&'static str),
    /// The law that two answers break, by its name.
    Law(&'static str),
    /// The open question that is answered otherwise.
    Question(QuestionId),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole => "",
            Self::Member(pointer) => pointer,
            Self::Http => "http",
            Self::Form(name) | Self::Law(name) => name,
            Self::Question(question) => question.0,
        })
    }
}

impl From<String> for Place {
    /// A place in an answer: the empty pointer is the whole.
    fn from(pointer: String) -> Self {
        if pointer.is_empty() { Self::Whole } else { Self::Member(pointer) }
    }
}

/// One mismatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The operation whose answer shows it.
    pub operation: Operation,
    /// In which way.
    pub kind: DivergenceKind,
    /// The rules it violates, the one to blame first.
    pub rules: Vec<RuleId>,
    /// The rules whose being ignored would explain it; empty where nothing does.
    pub ignored: Vec<RuleId>,
    /// The place where it shows.
    pub place: Place,
    /// The value that the contract admits there, in words.
    pub expected: String,
    /// The value that the target answered there.
    pub observed: String,
    /// The weakest grade among what it rests on.
    pub grade: Grade,
    /// Whether another read of the same can tell if the state is wrong or this read of it.
    pub of_state: bool,
}

/// The identity of a divergence: the same in every run that finds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Divergence {
    /// A token that comes back in a list: whoever follows it never gets to the end (SH-WIRE-021, SH-WIRE-022).
    #[must_use]
    pub fn token_loop(operation: Operation) -> Self {
        Self {
            operation,
            kind: DivergenceKind::WrongValue,
            rules: vec![RuleId("SH-WIRE-022")],
            ignored: Vec::new(),
            place: Place::Member("/NextToken".to_owned()),
            expected: "a token that no page was asked for with, or none".to_owned(),
            observed: "a token that comes back".to_owned(),
            grade: Grade::Observed,
            of_state: false,
        }
    }

    /// Operation, rule to blame, kind, and place without indices.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let rule = self.rules.first().map_or("-", |rule| rule.0);
        Fingerprint(format!("{} {rule} {} {}", self.operation, self.kind, self.place))
    }

    /// Its weight.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of(self.grade)
    }
}

impl Fingerprint {
    /// A short name for people: `D-` and eight hexadecimal digits (FNV-1a).
    #[must_use]
    pub fn id(&self) -> String {
        let hash =
            self.0.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        format!("D-{hash:08x}")
    }
}
