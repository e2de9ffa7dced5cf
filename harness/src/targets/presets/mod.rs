//! Known targets, by name. One file each; add a new one to [`ALL`].

mod aws;
mod embedded;
mod floci;
mod localstack;
mod ministack;
mod moto;

use thiserror::Error;

use super::Target;
use passmuster_contract::domain::near;

/// Makes the settings of one target.
type Preset = fn() -> Target;

/// Every preset: its name and its settings.
pub const ALL: [(&str, Preset); 6] = [
    ("embedded", embedded::target),
    ("moto", moto::target),
    ("localstack", localstack::target),
    ("ministack", ministack::target),
    ("floci", floci::target),
    ("aws", aws::target),
];

/// There is no preset of that name. Fits behind "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("find a target named `{name}`: {}choose one of {}, or give --endpoint URL", suggestion(*nearest), names())]
pub struct UnknownTarget {
    /// The name as given.
    pub name: String,
    /// The preset that is probably meant.
    pub nearest: Option<&'static str>,
}

/// The settings of a known target.
///
/// # Errors
/// When no preset has that name; the error says which there are.
pub fn by_name(name: &str) -> Result<Target, UnknownTarget> {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, target)| target())
        .ok_or_else(|| UnknownTarget { name: name.to_owned(), nearest: nearest(name) })
}

fn nearest(name: &str) -> Option<&'static str> {
    // Farther than a third of the name it is a guess, not a misspelling.
    near(name, ALL.map(|(known, _)| known), |edits, known| edits <= known.len().div_ceil(3)).first().copied()
}

fn names() -> String {
    ALL.map(|(name, _)| name).join(", ")
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ALL, by_name};

    #[test]
    fn every_preset_is_found_by_the_name_it_bears() {
        for (name, target) in ALL {
            assert_eq!(target().name, name);
            assert_eq!(by_name(name).unwrap(), target());
        }
    }

    #[test]
    fn every_line_that_starts_a_target_says_where_its_port_goes() {
        for (name, target) in ALL {
            assert!(target().spawn_hint.is_none_or(|line| line.contains("{port}")), "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_is_recognised() {
        for (given, meant) in
            [("mto", "moto"), ("Moto", "moto"), ("local-stack", "localstack"), ("embeded", "embedded")]
        {
            assert_eq!(by_name(given).unwrap_err().nearest, Some(meant), "{given}");
        }
        let error = by_name("mto").unwrap_err().to_string();
        assert!(error.contains("did you mean `moto`?") && error.contains("floci, aws"), "{error}");
    }

    #[test]
    fn a_name_like_no_other_gets_the_list_alone() {
        assert_eq!(by_name("kubernetes").unwrap_err().nearest, None);
        assert_eq!(by_name("").unwrap_err().nearest, None);
    }
}
