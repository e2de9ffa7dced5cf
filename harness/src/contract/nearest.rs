//! Finds the names closest to a mistyped one.

const MAX_SUGGESTIONS: usize = 3;

/// The known names nearest to `wanted`, the nearest first: at most three, and none that is far off.
///
/// Upper and lower case count as equal, and a name that `wanted` begins is near whatever its length.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_ascii_uppercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let upper = name.to_ascii_uppercase();
            let typed_in_part = wanted.len() > 2 && upper.starts_with(&wanted);
            let distance = if typed_in_part { 1 } else { distance(&wanted, &upper) };
            (distance <= limit).then_some((distance, name))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect()
}

/// How many characters to insert, delete or replace to turn one text into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, from_char) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (column, to_char) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(from_char != *to_char);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
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

    #[test]
    fn distance_counts_the_fewest_edits() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
