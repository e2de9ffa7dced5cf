//! A divergence in one sentence, with the words that the catalogue has for its rule.

use crate::domain::{Divergence, DivergenceKind, Place};

/// One sentence on a divergence.
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
        DivergenceKind::WrongValue => format!("{operation} shows a wrong value{place}"),
        DivergenceKind::MissingEffect => format!("{operation} does not show what should be there{place}"),
        DivergenceKind::ExtraEffect => format!("{operation} shows what should not be there{place}"),
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
        Some(title) => format!("{what}: {title}"),
        None => what,
    }
}
