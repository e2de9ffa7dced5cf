//! Known targets, by name. One file each; add a new one to [`ALL`].

pub(super) mod aws;
mod embedded;
mod floci;
mod localemu;
mod localstack;
mod ministack;
mod moto;
mod prism;
mod robotocore;

pub use aws::partition;
use thiserror::Error;

use super::Target;
use passmuster_contract::domain::nearest;

/// Makes the settings of one target.
type Preset = fn() -> Target;

/// Every preset: its name and its settings.
pub const ALL: [(&str, Preset); 9] = [
    ("embedded", embedded::target),
    ("moto", moto::target),
    ("localstack", localstack::target),
    ("ministack", ministack::target),
    ("floci", floci::target),
    ("robotocore", robotocore::target),
    ("localemu", localemu::target),
    ("prism", prism::target),
    ("aws", aws::target),
];

/// There is no preset of that name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no target is called {name:?}; {}", fix(name))]
pub struct UnknownTarget {
    /// The name as given.
    pub name: String,
}

/// The settings of a known target.
///
/// # Errors
/// When no preset has that name; the error says which is probably meant, or which there are.
pub fn by_name(name: &str) -> Result<Target, UnknownTarget> {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, target)| target()).ok_or_else(|| UnknownTarget { name: name.to_owned() })
}

fn fix(name: &str) -> String {
    let names = ALL.map(|(known, _)| known);
    match nearest(name, names) {
        Some(nearest) => format!("did you mean {nearest}? if it is a server of your own: --endpoint URL"),
        None => format!("choose from {}, or give its address with --endpoint URL", names.join(", ")),
    }
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
    fn a_request_that_is_known_to_clear_a_target_has_a_method_and_a_path() {
        for (name, target) in ALL {
            let is_request = |hint: &str| hint.split_once(' ').is_some_and(|(_, path)| path.starts_with('/'));
            assert!(target().reset_hint.is_none_or(|hint| is_request(&hint)), "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_is_recognised() {
        for (given, meant) in
            [("mto", "moto"), ("Moto", "moto"), ("local-stack", "localstack"), ("embeded", "embedded")]
        {
            let error = by_name(given).unwrap_err().to_string();
            assert!(error.contains(&format!("did you mean {meant}?")), "{error}");
        }
    }

    #[test]
    fn a_name_like_no_other_gets_the_list_alone() {
        for name in ["kubernetes", "azure", ""] {
            let error = by_name(name).unwrap_err().to_string();
            let list = "choose from embedded, moto, localstack, ministack, floci, robotocore, localemu, prism, aws, or give its address";
            assert!(error.starts_with(&format!("no target is called {name:?}; {list}")), "{error}");
        }
    }
}
