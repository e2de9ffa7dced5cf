//! How far one name is from another, and which one somebody probably meant.

/// How many characters to insert, delete or replace to turn one text into the other (Levenshtein's distance).
#[must_use]
pub fn edits(from: &str, to: &str) -> usize {
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

/// The candidate that is the fewest edits away from `name`, unless even that one is far off.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (edits(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(edits, candidate)| *edits * 2 <= candidate.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?", or what there is to choose from.
#[must_use]
pub fn suggestion(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => format!("choose from {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn the_distance_counts_insertions_deletions_and_replacements() {
        for (left, right, changes) in [
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("same", "same", 0),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(edits(left, right), changes, "{left} {right}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        assert_eq!(nearest("mtoo", ["moto", "localstack"]), Some("moto"));
        assert_eq!(nearest("motto", ["embedded", "moto"]), Some("moto"));
        assert_eq!(nearest("LocalStak", ["moto", "localstack"]), Some("localstack"));
        assert_eq!(nearest("xyz", ["moto", "localstack"]), None);
    }
}
