//! The terms on which a divergence was accepted: why, until when, and for which versions of the target.

use std::fmt;
use std::str::FromStr;

use super::versions::{Versions, VersionsError};
use crate::record::{AcceptedRecord, RunRecord};
use passmuster_contract::domain::{Timestamp, printable};

/// The terms on which a divergence was accepted. Without any it is accepted for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Why.
    pub reason: Option<String>,
    /// A place that tells more, such as the address of an issue.
    pub link: Option<String>,
    /// The last day on which it is accepted.
    pub expires: Option<Date>,
    /// The versions of the target that it is accepted for.
    pub versions: Option<Versions>,
}

impl Terms {
    /// A reason, and no end.
    #[must_use]
    pub fn because(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()).filter(|reason| !reason.trim().is_empty()), ..Self::default() }
    }

    /// The terms as a report tells them; none where nobody gave any.
    pub(super) fn record(&self) -> Option<AcceptedRecord> {
        let Self { reason, link, expires, versions } = self;
        let record = AcceptedRecord {
            reason: reason.clone(),
            link: link.clone(),
            expires: expires.as_ref().map(ToString::to_string),
            versions: versions.as_ref().map(ToString::to_string),
        };
        (record != AcceptedRecord::default()).then_some(record)
    }

    /// Why they don't hold for a run, if they don't.
    #[must_use]
    pub fn lapse(&self, run: &RunRecord) -> Option<Lapse> {
        if let Some(versions) = &self.versions {
            let Some(version) = &run.target.version else { return Some(Lapse::NoVersion(versions.clone())) };
            if !versions.have(version) {
                return Some(Lapse::OtherVersion(versions.clone(), version.clone()));
            }
        }
        // A run that does not say when it was is none that an end can be held against.
        let expires = self.expires.clone()?;
        let is_in_time = Date::of(run).is_some_and(|today| today <= expires);
        (!is_in_time).then_some(Lapse::Expired(expires))
    }
}

impl From<&str> for Terms {
    fn from(reason: &str) -> Self {
        Self::because(reason)
    }
}

/// Why something that was accepted is not: it fits after "D-1a2b3c4d was reviewed ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// Its last day is over.
    Expired(Date),
    /// The target has none of the versions.
    OtherVersion(Versions, String),
    /// Nobody knows which version the target has.
    NoVersion(Versions),
}

impl Lapse {
    /// Whether it was reviewed for what this target is not, as far as is known.
    pub(super) const fn is_of_version(&self) -> bool {
        matches!(self, Self::OtherVersion(..) | Self::NoVersion(_))
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired(date) => write!(f, "until {date}, which is over"),
            Self::OtherVersion(versions, version) => {
                write!(f, "for versions {versions}, and the target is {}", printable(version))
            }
            Self::NoVersion(versions) => {
                write!(f, "for versions {versions}, and the target does not tell its own: --target-version does")
            }
        }
    }
}

/// A day, such as 2027-01-31.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// The day, in UTC, on which a run started.
    fn of(run: &RunRecord) -> Option<Self> {
        run.started.get(..10)?.parse().ok()
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let is_whole = text.len() == 10 && text.is_ascii();
        // The thirtieth of February is read as a day in March.
        let is_day = is_whole
            && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some_and(|day| day.to_string().starts_with(text));
        if is_day { Ok(Self(text.to_owned())) } else { Err(DateError) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no day; write year, month and day, such as 2027-01-31")]
pub struct DateError;

/// The words of terms that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TermsError {
    /// An end that is no day.
    #[error("its info has an expires that is {0}")]
    Expires(#[from] DateError),
    /// Versions that are none.
    #[error("its info has versions that are {0}")]
    Versions(#[from] VersionsError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_year_a_month_and_a_day() {
        assert_eq!("2028-02-29".parse::<Date>().unwrap().to_string(), "2028-02-29");
        for text in [
            "",
            "2027-02-29",
            "2027-13-01",
            "2027-1-1",
            "27-01-01",
            "2027-01-01T00:00:00Z",
            "tomorrow",
            "2027/01/01",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError), "{text}");
        }
    }
}
