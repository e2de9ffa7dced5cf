//! The names that a mistyped one was probably meant for.

/// The candidates near to a name, the nearest first: which ones are near is up to the number of characters to insert,
/// delete or replace, and the candidate.
///
/// Upper and lower case count as equal. A candidate that the name begins counts as one character away.
pub(crate) fn near<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    is_near: impl Fn(usize, &str) -> bool,
) -> Vec<&'a str> {
    /// Shorter beginnings are those of too many names.
    const LEAST_BEGINNING: usize = 3;
    let name = name.to_ascii_lowercase();
    let edits = |candidate: &str| {
        let candidate = candidate.to_ascii_lowercase();
        let begun = name.len() >= LEAST_BEGINNING && candidate.len() > name.len() && candidate.starts_with(&name);
        if begun { 1 } else { strsim::levenshtein(&name, &candidate) }
    };
    let candidates = candidates.into_iter().map(|candidate| (edits(candidate), candidate));
    let mut near: Vec<_> = candidates.filter(|(edits, candidate)| is_near(*edits, candidate)).collect();
    near.sort_unstable();
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The nearest candidate, unless even that one is far off.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(name, candidates, |edits, candidate| edits * 2 <= candidate.len()).first().copied()
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
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        assert_eq!(nearest("mtoo", ["moto", "localstack"]), Some("moto"));
        assert_eq!(nearest("motto", ["embedded", "moto"]), Some("moto"));
        assert_eq!(nearest("LocalStak", ["moto", "localstack"]), Some("localstack"));
        assert_eq!(nearest("xyz", ["moto", "localstack"]), None);
    }

    #[test]
    fn a_beginning_is_near_to_the_whole() {
        assert_eq!(nearest("local", ["moto", "localstack"]), Some("localstack"));
        assert_eq!(nearest("lo", ["moto", "localstack"]), None);
    }
}
