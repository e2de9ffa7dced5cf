//! The preset for MiniStack.

use crate::targets::Target;

/// MiniStack takes a twelve-digit access key id for the account, and listens on every interface unless told otherwise.
pub(super) fn target() -> Target {
    Target {
        name: "ministack".to_owned(),
        reset_hint: Some("POST /_ministack/reset".to_owned()),
        ready: Some("/_ministack/ready".to_owned()),
        spawn_hint: Some("env BIND_HOST=127.0.0.1 GATEWAY_PORT={port} ministack".to_owned()),
        ..Target::default()
    }
}
