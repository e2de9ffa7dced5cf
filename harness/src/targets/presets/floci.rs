//! The preset for floci.

use crate::targets::Target;

/// floci takes a twelve-digit access key id for the account, and answers at LocalStack's health address.
pub(super) fn target() -> Target {
    Target {
        name: "floci".to_owned(),
        ready: Some("/_localstack/health".to_owned()),
        version_at: Some("/_localstack/health".to_owned()),
        ..Target::default()
    }
}
