//! What was found, as data and as text.

use std::fmt;

use super::message;
use passmuster_contract::domain::{Severity, printable};
use passmuster_contract::wire::HttpRequest;

/// What a parser or a server was held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// No input makes it panic.
    NeverPanics,
    /// A server doesn't fail on what a client sent: no status above 500 but "not implemented" and its like.
    NeverFails,
    /// What is malformed is refused.
    RefusesMalformed,
    /// What is sound is accepted.
    AcceptsSound,
    /// A refusal says the right thing: no such address, unreadable, or against a constraint.
    NamesTheFault,
    /// What is accepted is read as it was written.
    ReadsWhatIsWritten,
    /// What was accepted is accepted again, and read the same, when it is written afresh.
    SurvivesTheRoundTrip,
    /// An answer can be read by a client.
    AnswersReadably,
}

impl Property {
    /// Every property, in the order of weight.
    pub const ALL: [Self; 8] = [
        Self::NeverPanics,
        Self::NeverFails,
        Self::RefusesMalformed,
        Self::AcceptsSound,
        Self::NamesTheFault,
        Self::ReadsWhatIsWritten,
        Self::SurvivesTheRoundTrip,
        Self::AnswersReadably,
    ];

    /// The name in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NeverPanics => "never-panics",
            Self::NeverFails => "never-fails",
            Self::RefusesMalformed => "refuses-malformed",
            Self::AcceptsSound => "accepts-sound",
            Self::NamesTheFault => "names-the-fault",
            Self::ReadsWhatIsWritten => "reads-what-is-written",
            Self::SurvivesTheRoundTrip => "survives-the-round-trip",
            Self::AnswersReadably => "answers-readably",
        }
    }
}

/// A property that does not hold, with the request that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The property.
    pub property: Property,
    /// A suspicion where the sources only advise against it.
    pub severity: Severity,
    /// What about the request brings it out, without what stands there.
    pub cause: String,
    /// Where in the request: the request line, the body, a JSON pointer into it, or a query parameter.
    pub place: String,
    /// What may happen.
    pub expected: String,
    /// What happened.
    pub observed: String,
    /// The request.
    pub request: HttpRequest,
}

/// What makes two findings one: property, cause, and the place without indices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Identity(Property, String, String);

impl Finding {
    pub(super) fn identity(&self) -> Identity {
        let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = self.place.split('/').map(|part| if is_index(part) { "*" } else { part });
        Identity(self.property, self.cause.clone(), parts.collect::<Vec<_>>().join("/"))
    }

    /// The request as bytes that [`check`](super::check) takes.
    #[must_use]
    pub fn input(&self) -> Vec<u8> {
        message::write(&self.request)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { property, cause, place, expected, observed, request, .. } = self;
        writeln!(f, "{}: {cause} (in {place})", property.name())?;
        writeln!(f, "  expected {expected}")?;
        writeln!(f, "  observed {}", printable(observed))?;
        for line in message::write(request).split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            writeln!(f, "    {}", line.escape_ascii().to_string().replace("\\\"", "\""))?;
        }
        Ok(())
    }
}

impl std::error::Error for Finding {}
