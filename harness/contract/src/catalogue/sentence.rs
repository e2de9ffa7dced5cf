//! A divergence in one sentence, with the words that the catalogue has for its rule.

use crate::domain::{Divergence, DivergenceKind, Place, clipped, printable};

/// The most bytes of a value that a sentence has room for.
const MOST_OF_A_VALUE: usize = 60;

/// One sentence on a divergence. Where a value is wrong it is told by what is shown and what is due: the rule that is
/// violated may be about the call that should have brought it about, long before.
#[must_use]
pub fn sentence(divergence: &Divergence) -> String {
    let operation = divergence.operation;
    let rule = divergence.rules.first();
    let title = rule.and_then(|rule| super::rule(rule.0)).map(|rule| rule.title.as_str());
    let whole = divergence.place == Place::Whole;
    let place = if whole { String::new() } else { format!(" at {}", divergence.place) };
    let what = match divergence.kind {
        DivergenceKind::MissingRefusal => format!("{operation} lets through what it should refuse"),
        DivergenceKind::UnexpectedRefusal => format!("{operation} refuses what it should let through"),
        DivergenceKind::WrongError => format!("{operation} refuses with another error"),
        DivergenceKind::WrongStatus => format!("{operation} refuses with another HTTP status"),
        DivergenceKind::WrongMessage => format!("{operation} says it in other words"),
        DivergenceKind::WrongValue => return wrong_value(divergence),
        DivergenceKind::MissingEffect => {
            let due = short(&divergence.expected);
            return format!("{operation} does not show what should be there{place}; due: {due}");
        }
        DivergenceKind::ExtraEffect => {
            let due = short(&divergence.expected);
            return format!("{operation} shows what should not be there{place}; due: {due}");
        }
        DivergenceKind::Wire if matches!(divergence.place, Place::Form(_)) => {
            format!("{operation} answers in another form than clients read, in its {}", divergence.place)
        }
        DivergenceKind::Wire if matches!(divergence.place, Place::Member(_)) => {
            format!("{operation} shows what clients can't read as the API model says{place}")
        }
        DivergenceKind::Wire => format!("{operation} brings no answer that a client could read"),
        DivergenceKind::Timeout => format!("{operation} brings no answer in time"),
        DivergenceKind::Law => format!("{operation} breaks the law {}", divergence.place),
        DivergenceKind::OtherAnswer => {
            let question =
                super::question(&divergence.place.to_string()).map_or("", |question| &question.question);
            return format!("{operation} answers {} otherwise than expected: {question}", divergence.place);
        }
    };
    match title {
        Some(title) if is_open(title) && !divergence.expected.is_empty() => {
            format!("{what}; due: {}", short(&divergence.expected))
        }
        Some(title) => format!("{what}: {title}"),
        None => what,
    }
}

/// Whether the title of a rule tells what is not known, instead of what is.
#[must_use]
pub fn is_open(title: &str) -> bool {
    title.starts_with("nobody says")
}

fn wrong_value(divergence: &Divergence) -> String {
    let Divergence { operation, place, .. } = divergence;
    let (expected, observed) = (short(&divergence.expected), short(&divergence.observed));
    let place = place.to_string();
    let member = match place.rsplit('/').next() {
        None | Some("") => "an answer",
        // An entry of a list has no name of its own.
        Some("-") => &place,
        Some(name) => name,
    };
    match (expected.as_str(), observed.as_str()) {
        ("absent", _) => format!("{operation} shows {member} {observed} where there should be none"),
        (_, "absent") => format!("{operation} shows no {member} where {expected} is due"),
        _ => format!("{operation} shows {member} {observed} where {expected} is due"),
    }
}

/// The beginning of a value, on one line.
fn short(value: &str) -> String {
    printable(&clipped(value, MOST_OF_A_VALUE)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Grade, Operation, RuleId};

    fn said(kind: DivergenceKind, place: &str, expected: &str, observed: &str) -> String {
        sentence(&Divergence {
            operation: Operation::GetMembers,
            kind,
            // The rule that had the account created, a call before.
            rules: vec![RuleId("SH-CREATE-002")],
            ignored: Vec::new(),
            place: place.to_owned().into(),
            expected: expected.to_owned(),
            observed: observed.to_owned(),
            grade: Grade::Observed,
            of_state: true,
        })
    }

    #[test]
    fn a_wrong_value_is_told_by_what_is_shown_and_due() {
        let wrong = |place, expected, observed| said(DivergenceKind::WrongValue, place, expected, observed);
        let status = wrong("/Members/-/MemberStatus", "Created", "\"ENABLED\"");
        assert_eq!(status, "GetMembers shows MemberStatus \"ENABLED\" where Created is due");
        let email = wrong("/Members/-/Email", "absent", "\"\"");
        assert_eq!(email, "GetMembers shows Email \"\" where there should be none");
        let master = wrong("/Members/-/MasterId", "\"<administrator>\"", "absent");
        assert_eq!(master, "GetMembers shows no MasterId where \"<administrator>\" is due");
        let entry = wrong("/Members/-", "one", "two");
        assert_eq!(entry, "GetMembers shows /Members/- two where one is due");
    }

    #[test]
    fn an_effect_is_told_by_what_is_due_and_no_value_takes_more_than_its_room() {
        let extra = said(DivergenceKind::ExtraEffect, "/Members/-", "<member-1> not listed", "Enabled");
        assert_eq!(extra, "GetMembers shows what should not be there at /Members/-; due: <member-1> not listed");
        let long = said(DivergenceKind::MissingEffect, "", &"a\n".repeat(100_000), "");
        assert!(long.len() < 200 && !long.contains('\n'), "{long}");
    }
}
