//! Versions of a target, and ranges of them. Targets number themselves as they like, so that this is no semver.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The longest range.
const LONGEST: usize = 200;

/// A range of versions, such as `>=5.1, <5.3`: all of its conditions hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    text: String,
    conditions: Vec<Condition>,
}

/// A condition on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    relation: Comparison,
    version: String,
}

/// The relation to the version that a condition names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Below,
    UpTo,
    Above,
    From,
    Is,
    IsNot,
    /// `5.2.*`: it begins so.
    Begins,
}

/// A text that is no range of versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no range of versions; write something like 5.2.5, 5.2.*, or >=5.1, <5.3")]
pub struct VersionsError;

impl Versions {
    /// Whether a version is one of them.
    #[must_use]
    pub fn have(&self, version: &str) -> bool {
        self.conditions.iter().all(|condition| condition.holds(version))
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Versions {
    type Err = VersionsError;

    fn from_str(text: &str) -> Result<Self, VersionsError> {
        if text.len() > LONGEST {
            return Err(VersionsError);
        }
        let conditions = text.split(',').map(|part| Condition::parse(part.trim())).collect::<Option<Vec<_>>>();
        let text = text.trim().to_owned();
        conditions.map(|conditions| Self { text, conditions }).ok_or(VersionsError)
    }
}

impl Condition {
    fn parse(text: &str) -> Option<Self> {
        let signs = [
            (">=", Comparison::From),
            ("<=", Comparison::UpTo),
            ("==", Comparison::Is),
            ("!=", Comparison::IsNot),
            (">", Comparison::Above),
            ("<", Comparison::Below),
            ("=", Comparison::Is),
        ];
        let signed = signs.into_iter().find_map(|(sign, relation)| Some((relation, text.strip_prefix(sign)?)));
        let (relation, version) = match (signed, text.strip_suffix(".*")) {
            (Some((relation, version)), _) => (relation, version.trim()),
            (None, Some(beginning)) => (Comparison::Begins, beginning),
            (None, None) => (Comparison::Is, text),
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
        let begins = version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        (begins && version.chars().all(is_plain)).then(|| Self { relation, version: version.to_owned() })
    }

    fn holds(&self, version: &str) -> bool {
        let order = compare(version, &self.version);
        match self.relation {
            Comparison::Below => order == Ordering::Less,
            Comparison::UpTo => order != Ordering::Greater,
            Comparison::Above => order == Ordering::Greater,
            Comparison::From => order != Ordering::Less,
            Comparison::Is => order == Ordering::Equal,
            Comparison::IsNot => order != Ordering::Equal,
            Comparison::Begins => {
                let (own, wanted) = (numbers(version).0, numbers(&self.version).0);
                (0..wanted.len()).all(|at| own.get(at).unwrap_or(&0) == wanted.get(at).unwrap_or(&0))
            }
        }
    }
}

/// The order of two versions: number by number, what is not there is 0; of the same numbers, one with anything behind
/// them (`5.2.0rc1`, `5.2.0.dev3`, `5.2.0-beta`) comes before the one without.
fn compare(one: &str, other: &str) -> Ordering {
    let ((one, one_rest), (other, other_rest)) = (numbers(one), numbers(other));
    let at = |numbers: &[u64], index: usize| numbers.get(index).copied().unwrap_or(0);
    let differing = (0..one.len().max(other.len())).map(|index| at(&one, index).cmp(&at(&other, index)));
    let rests = match (one_rest.is_empty(), other_rest.is_empty()) {
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ => one_rest.cmp(other_rest),
    };
    differing.fold(Ordering::Equal, Ordering::then).then(rests)
}

/// The numbers that a version begins with, and what is behind them, without the name of a build.
fn numbers(version: &str) -> (Vec<u64>, &str) {
    let version = version.trim().trim_start_matches('v');
    let mut rest = version.split('+').next().unwrap_or_default();
    let mut numbers = Vec::new();
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        if digits.is_empty() {
            return (numbers, rest);
        }
        numbers.push(digits.parse().unwrap_or(u64::MAX));
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None => return (numbers, after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(range: &str, version: &str) -> bool {
        range.parse::<Versions>().unwrap().have(version)
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        for (lower, higher) in [
            ("5.2.5", "5.10.0"),
            ("5.2", "5.2.1"),
            ("4.12.1.dev3", "4.12.1"),
            ("5.2.0rc1", "5.2.0"),
            ("5.2.0rc1", "5.2.0rc2"),
            ("1.0.0-beta", "v1.0.0"),
            ("2026.03.1", "2026.11"),
        ] {
            assert_eq!(compare(lower, higher), Ordering::Less, "{lower} {higher}");
            assert_eq!(compare(higher, lower), Ordering::Greater, "{lower} {higher}");
        }
        for (one, same) in [("5.2", "5.2.0"), ("v5.2", "5.2"), ("5.2+build7", "5.2"), ("2026.03", "2026.3")] {
            assert_eq!(compare(one, same), Ordering::Equal, "{one} {same}");
        }
    }

    #[test]
    fn a_range_holds_where_all_of_its_conditions_do() {
        for version in ["5.1", "5.1.0", "5.2.5", "5.2.99"] {
            assert!(have(">=5.1, <5.3", version), "{version}");
        }
        for version in ["5.0.9", "5.3", "6", "5.1rc1", "", "unknown"] {
            assert!(!have(">=5.1, <5.3", version), "{version}");
        }
        assert!(have("5.2.*", "5.2.7") && have("5.2.*", "5.2") && !have("5.2.*", "5.20.1"));
        assert!(have("5.2.5", "5.2.5") && have("=5.2.5", "v5.2.5") && !have("5.2.5", "5.2.5.1"));
        assert!(have("!=5.2.5", "5.2.6") && have("<=5, >4", "4.1") && !have(">5", "5"));
    }

    #[test]
    fn anything_else_is_no_range() {
        for text in
            ["", ",", ">=", "^5", "~5.1", "5.1 <6", "latest", ">=5.1,", "*", "5.*.1*", "5\n6", &"5".repeat(300)]
        {
            assert_eq!(text.parse::<Versions>(), Err(VersionsError), "{text}");
        }
    }
}
