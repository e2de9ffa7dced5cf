//! The preset for robotocore.

use crate::targets::Target;

/// robotocore takes a twelve-digit access key id for the account, and its reset works.
pub(super) fn target() -> Target {
    Target {
        name: "robotocore".to_owned(),
        reset_hint: Some("POST /_robotocore/state/reset".to_owned()),
        ready: Some("/_robotocore/health".to_owned()),
        spawn_hint: Some(
            "env ROBOTOCORE_HOST=127.0.0.1 ROBOTOCORE_PORT={port} python -m robotocore.main".to_owned(),
        ),
        ..Target::default()
    }
}
