//! The preset for moto in server mode.

use crate::targets::{AccountSelection, Target};

/// moto knows the account by a header of its own; a twelve-digit access key id does *not* select it. It closes the
/// connection after each answer, and its reset works (1 to 6 ms).
pub(super) fn target() -> Target {
    Target {
        name: "moto".to_owned(),
        accounts: AccountSelection::Header("x-moto-account-id".to_owned()),
        reset_hint: Some("POST /moto-api/reset".to_owned()),
        lacks_by_error_page: true,
        ready: Some("/moto-api/data.json".to_owned()),
        spawn_hint: Some("moto_server -H 127.0.0.1 -p {port}".to_owned()),
        ..Target::default()
    }
}
