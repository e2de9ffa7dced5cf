//! The name somebody probably meant.

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

/// The distance of Levenshtein, one row at a time.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, one) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let substituted = diagonal + usize::from(one != *other);
            diagonal = *cell;
            last = substituted.min(last + 1).min(*cell + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        assert_eq!(nearest("mtoo", ["moto", "localstack"]), Some("moto"));
        assert_eq!(nearest("motto", ["embedded", "moto"]), Some("moto"));
        assert_eq!(nearest("LocalStak", ["moto", "localstack"]), Some("localstack"));
        assert_eq!(nearest("xyz", ["moto", "localstack"]), None);
    }

    #[test]
    fn the_distance_counts_insertions_deletions_and_substitutions() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }
}
