//! Finds the names closest to a mistyped one.

use crate::domain::near;

const MAX_SUGGESTIONS: usize = 3;

/// The known names nearest to `wanted`, the nearest first: at most three, and none that is far off.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    let mut names = near(wanted, known, |edits, _| edits <= limit);
    names.truncate(MAX_SUGGESTIONS);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 4] = ["SH-CREATE-005", "SH-CREATE-007", "SH-GET-001", "Q07"];

    #[test]
    fn a_dropped_letter_still_finds_the_id() {
        assert_eq!(nearest("SH-CREAT-005", IDS), ["SH-CREATE-005", "SH-CREATE-007"]);
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(nearest("q07", IDS), ["Q07"]);
    }

    #[test]
    fn a_beginning_is_enough() {
        assert_eq!(nearest("SH-CREATE", IDS), ["SH-CREATE-005", "SH-CREATE-007"]);
    }

    #[test]
    fn nothing_is_suggested_for_something_else() {
        assert_eq!(nearest("banana", IDS), Vec::<&str>::new());
    }
}
