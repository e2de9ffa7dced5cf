//! A complaint about an answer, as data, and the cause that complaints have in common.

use std::collections::BTreeMap;

use passmuster_contract::domain::{Grade, Severity};

use super::protocol;

/// In which way an answer is wrong. Where one answer is wrong in several ways that follow from each other, the first
/// one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// A parser or server in this process panicked.
    Panic,
    /// No answer came, and the connection stayed open.
    Hang,
    /// Others are served badly from then on.
    Busy,
    /// The answer is no HTTP.
    NotHttp,
    /// The connection was closed without an answer where one was due.
    NoAnswer,
    /// The target failed on it.
    Crash,
    /// A wrong request was accepted.
    Accepted,
    /// A request that had to be accepted was refused, or a wrong one by another error.
    WrongAnswer,
    /// It was accepted, and taken for something else than it says.
    Misread,
    /// A document that was read is not read again once it is written afresh.
    RoundTrip,
    /// An error that names no code, or no JSON.
    Form,
    /// A refused request changed something.
    State,
    /// Well-formed reads fail from then on.
    Aftermath,
    /// The next request on the connection was answered wrongly.
    Desync,
    /// The answer tells what is inside the server.
    Leak,
    /// The answer repeats a secret.
    Echo,
    /// Input became a header line.
    Injection,
    /// Worth a note, no more.
    Note,
}

impl Aspect {
    /// The name in fingerprints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Hang => "hang",
            Self::Busy => "busy",
            Self::NotHttp => "not-http",
            Self::NoAnswer => "no-answer",
            Self::Crash => "crash",
            Self::Accepted => "accepted",
            Self::WrongAnswer => "wrong-answer",
            Self::Misread => "misread",
            Self::RoundTrip => "round-trip",
            Self::Form => "form",
            Self::State => "state",
            Self::Aftermath => "aftermath",
            Self::Desync => "desync",
            Self::Leak => "leak",
            Self::Echo => "echo",
            Self::Injection => "injection",
            Self::Note => "note",
        }
    }
}

/// An invariant of `fixtures/wire/protocol.toml` by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fixture says what each of them is")]
pub enum InvariantId {
    I01,
    I02,
    I03,
    I04,
    I05,
    I06,
    I08,
    I09,
    I10,
    I11,
    I12,
    I13,
    I14,
    I15,
    I16,
    I17,
    I18,
    I19,
    I21,
    I23,
    I24,
}

impl InvariantId {
    /// Every invariant that some complaint is about.
    pub const ALL: [Self; 21] = [
        Self::I01,
        Self::I02,
        Self::I03,
        Self::I04,
        Self::I05,
        Self::I06,
        Self::I08,
        Self::I09,
        Self::I10,
        Self::I11,
        Self::I12,
        Self::I13,
        Self::I14,
        Self::I15,
        Self::I16,
        Self::I17,
        Self::I18,
        Self::I19,
        Self::I21,
        Self::I23,
        Self::I24,
    ];

    /// The id.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::I01 => "I01",
            Self::I02 => "I02",
            Self::I03 => "I03",
            Self::I04 => "I04",
            Self::I05 => "I05",
            Self::I06 => "I06",
            Self::I08 => "I08",
            Self::I09 => "I09",
            Self::I10 => "I10",
            Self::I11 => "I11",
            Self::I12 => "I12",
            Self::I13 => "I13",
            Self::I14 => "I14",
            Self::I15 => "I15",
            Self::I16 => "I16",
            Self::I17 => "I17",
            Self::I18 => "I18",
            Self::I19 => "I19",
            Self::I21 => "I21",
            Self::I23 => "I23",
            Self::I24 => "I24",
        }
    }
}

/// Something that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The invariant that is broken, or the row of the decision table.
    pub row: &'static str,
    /// The way in which the answer is wrong.
    pub aspect: Aspect,
    /// The support that the row has.
    pub grade: Grade,
    /// The answers that are admissible, in words.
    pub expected: String,
    /// The answer in words, the same for the same kind of answer.
    pub observed: String,
    /// The readings of an error answer by clients, by their names; empty where none were asked.
    pub impact: BTreeMap<String, String>,
}

impl Complaint {
    /// A complaint by an invariant, as firm as the fixture says.
    #[must_use]
    pub fn by_invariant(id: InvariantId, aspect: Aspect, expected: &str, observed: &str) -> Self {
        Self::by_row(id.name(), aspect, expected, observed)
    }

    /// A complaint by a row of the decision table, as firm as the fixture says.
    #[must_use]
    pub fn by_row(row: &'static str, aspect: Aspect, expected: &str, observed: &str) -> Self {
        Self {
            row,
            aspect,
            grade: protocol::grade(row),
            expected: expected.to_owned(),
            observed: observed.to_owned(),
            impact: BTreeMap::new(),
        }
    }

    /// The weight of it: a note weighs nothing, whatever its row says.
    #[must_use]
    pub fn severity(&self) -> Severity {
        if self.aspect == Aspect::Note { Severity::Note } else { Severity::of(self.grade) }
    }
}

/// The cause of a complaint, as a fingerprint: complaints of one cause are one finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(pub String);

impl Cause {
    /// The cause of a complaint about a request whose fault is that of a row.
    ///
    /// A server that fails on whatever is no JSON has one fault, and so has one that takes one thing for another in
    /// every operation.
    #[must_use]
    pub fn of(complaint: &Complaint, fault: &str) -> Self {
        Self::by_row(complaint, complaint.row, fault)
    }

    /// The cause, where the complaint were by another row.
    #[must_use]
    pub fn by_row(complaint: &Complaint, row: &str, fault: &str) -> Self {
        let (aspect, family) = (complaint.aspect.name(), protocol::family(fault));
        Self(match complaint.aspect {
            Aspect::Accepted => format!("wire {family} {aspect}"),
            Aspect::Crash => {
                let family = if protocol::hides_body(fault) { "D60" } else { family };
                format!("wire {family} {row} {aspect}")
            }
            Aspect::WrongAnswer => format!("wire {fault} {row} {aspect} {}", complaint.observed),
            Aspect::Form | Aspect::Note => format!("wire {row} {aspect} {}", complaint.observed),
            Aspect::Leak | Aspect::Echo | Aspect::Injection => format!("wire {row} {aspect}"),
            Aspect::Panic
            | Aspect::Hang
            | Aspect::Busy
            | Aspect::NotHttp
            | Aspect::NoAnswer
            | Aspect::Misread
            | Aspect::RoundTrip
            | Aspect::State
            | Aspect::Aftermath
            | Aspect::Desync => format!("wire {fault} {row} {aspect}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_as_firm_as_the_fixture_says() {
        for id in InvariantId::ALL {
            let known = protocol::invariant(id.name()).unwrap();
            let complaint = Complaint::by_invariant(id, Aspect::State, "", "");
            assert_eq!((complaint.row, complaint.grade), (known.id.as_str(), known.grade));
        }
        let grade = |id| Complaint::by_invariant(id, Aspect::Note, "", "").grade;
        assert_eq!(grade(InvariantId::I11), Grade::Observed);
        assert_eq!(grade(InvariantId::I06), Grade::Documented);
        assert_eq!(Complaint::by_invariant(InvariantId::I11, Aspect::Note, "", "").severity(), Severity::Note);
    }
}
