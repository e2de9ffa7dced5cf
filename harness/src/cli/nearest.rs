//! The name somebody probably meant.

use crate::domain::edits;

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
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        assert_eq!(nearest("mtoo", ["moto", "localstack"]), Some("moto"));
        assert_eq!(nearest("motto", ["embedded", "moto"]), Some("moto"));
        assert_eq!(nearest("LocalStak", ["moto", "localstack"]), Some("localstack"));
        assert_eq!(nearest("xyz", ["moto", "localstack"]), None);
    }
}
