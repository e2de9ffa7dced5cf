//! Causes of an answer that lie outside of the conversation it stands in, and what is known of them.

use std::collections::BTreeSet;

use super::{ErrorKind, Outcome, ServiceError};

/// A reason to refuse a call that no call of a conversation shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A policy of the caller or of its organization denies the call (SH-WIRE-013).
    Policy,
    /// The signature, the token or the clock is not right, or the Region is not opted in (SH-ENABLE-008, SH-XX-008).
    Credentials,
    /// Another change is in flight (SH-ORG-007).
    Concurrency,
    /// Too many calls in a short time (SH-XX-003).
    Throttling,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Policy, Self::Credentials, Self::Concurrency, Self::Throttling];

    /// The word by which a conversation rules it out.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Credentials => "credentials",
            Self::Concurrency => "concurrency",
            Self::Throttling => "throttling",
        }
    }

    /// The cause in words; what was answered may follow after a colon.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Policy => "a policy denies the call",
            Self::Credentials => "the credentials don't count here",
            Self::Concurrency => "another change is in flight",
            Self::Throttling => "the target throttles",
        }
    }

    /// The cause that an answer names.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Error(error) => Self::of_error(error),
            // A gateway in front of the target may say so without naming an error.
            Outcome::Undecodable { status: 429, .. } => Some(Self::Throttling),
            Outcome::Success(_) | Outcome::Undecodable { .. } => None,
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other errors are about the call")]
    fn of_error(error: &ServiceError) -> Option<Self> {
        let says = |words: &[&str]| {
            let text = error.message.as_deref().unwrap_or_default().to_ascii_lowercase();
            words.iter().any(|word| text.contains(word))
        };
        let cause = match &error.kind {
            ErrorKind::Throttling | ErrorKind::TooManyRequests => Self::Throttling,
            ErrorKind::LimitExceeded if says(&["already in progress"]) => Self::Concurrency,
            ErrorKind::LimitExceeded if says(&["rate exceeded", "throttl", "too many requests"]) => {
                Self::Throttling
            }
            ErrorKind::AccessDenied if says(&["not authorized to perform", "explicit deny"]) => Self::Policy,
            ErrorKind::UnrecognizedClient => Self::Credentials,
            ErrorKind::Other(code) if OF_CREDENTIALS.contains(&code.as_str()) => Self::Credentials,
            ErrorKind::Other(code) if OF_THROTTLING.contains(&code.as_str()) || error.status == 429 => {
                Self::Throttling
            }
            _ => return None,
        };
        Some(cause)
    }
}

/// The errors by which AWS says, in front of any service, that it doesn't know who calls.
const OF_CREDENTIALS: [&str; 12] = [
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidClientTokenId",
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "OptInRequired",
];

/// The errors by which services of AWS, and what stands in front of them, say that they are asked too much; SDKs know
/// them by these names.
const OF_THROTTLING: [&str; 10] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
];

/// The circumstances of a conversation, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The causes that are ruled out.
    pub excluded: BTreeSet<Cause>,
    /// The most answers that may be late, one after the other, by one lag that the evidence names.
    pub patience: u32,
    /// Whether the service is a stand-in, which makes no findings by itself: each was put there by a call that is judged.
    pub is_stand_in: bool,
    /// Year, month or day of the observation.
    pub date: Option<String>,
}

impl Circumstances {
    /// The bounds of the evidence: scripts poll for five minutes, every five seconds (SH-CREATE-034).
    pub const LONGEST_PATIENCE: u32 = 60;

    /// Of a run against a stand-in: it has no policies, and nobody else calls it. It is asked again a few times.
    #[must_use]
    pub fn of_stand_in() -> Self {
        Self {
            excluded: [Cause::Policy, Cause::Credentials, Cause::Concurrency].into(),
            patience: 3,
            is_stand_in: true,
            date: None,
        }
    }

    /// Whether what may be late is asked for again before it is judged, as a run does. In a conversation that somebody
    /// has written down, what one answer has shown is there.
    #[must_use]
    pub const fn asks_again(&self) -> bool {
        self.patience < Self::LONGEST_PATIENCE
    }

    /// Whether the observation may be from before this day, written `2020-11-23`.
    #[must_use]
    pub fn may_be_before(&self, day: &str) -> bool {
        self.date.as_deref().is_some_and(|date| date < day)
    }
}

impl Default for Circumstances {
    fn default() -> Self {
        Self { excluded: BTreeSet::new(), patience: Self::LONGEST_PATIENCE, is_stand_in: false, date: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> Outcome {
        let kind = ErrorKind::from_code(code);
        let message = Some(message.to_owned()).filter(|text| !text.is_empty());
        Outcome::Error(ServiceError { status: kind.status(), kind, message })
    }

    #[test]
    fn a_cause_is_told_by_the_error_and_where_that_has_other_uses_by_its_text() {
        let denied = "User: arn:aws:iam::1:user/x is not authorized to perform: securityhub:CreateMembers";
        assert_eq!(Cause::of(&error("AccessDeniedException", denied)), Some(Cause::Policy));
        assert_eq!(Cause::of(&error("AccessDeniedException", "no such resource found")), None);
        assert_eq!(Cause::of(&error("AccessDeniedException", "")), None);
        assert_eq!(Cause::of(&error("InvalidSignatureException", "")), Some(Cause::Credentials));
        assert_eq!(Cause::of(&error("UnrecognizedClientException", "")), Some(Cause::Credentials));
        assert_eq!(Cause::of(&error("LimitExceededException", "Rate exceeded")), Some(Cause::Throttling));
        let busy = "another request is already in progress. Try again later.";
        assert_eq!(Cause::of(&error("LimitExceededException", busy)), Some(Cause::Concurrency));
        assert_eq!(Cause::of(&error("LimitExceededException", "too many members")), None);
        assert_eq!(Cause::of(&error("BadRequestException", denied)), None);
        for code in OF_THROTTLING {
            assert_eq!(Cause::of(&error(code, "")), Some(Cause::Throttling), "{code}");
        }
    }

    #[test]
    fn a_year_alone_may_be_before_a_day_in_it_and_no_date_is_today() {
        let dated =
            |date: Option<&str>| Circumstances { date: date.map(str::to_owned), ..Circumstances::default() };
        assert!(dated(Some("2020")).may_be_before("2020-11-23"));
        assert!(dated(Some("2020-11")).may_be_before("2020-11-23"));
        assert!(!dated(Some("2020-11-23")).may_be_before("2020-11-23"));
        assert!(!dated(Some("2021")).may_be_before("2020-11-23"));
        assert!(!dated(None).may_be_before("2020-11-23"));
    }
}
