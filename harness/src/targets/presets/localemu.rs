//! The preset for LocalEmu.

use crate::targets::Target;

/// LocalEmu takes a twelve-digit access key id for the account. It has no reset address, whatever other addresses
/// answer, so scenarios take fresh accounts. Its usual server would listen on every interface; the other one does as it
/// is told.
pub(super) fn target() -> Target {
    Target {
        name: "localemu".to_owned(),
        ready: Some("/_localemu/health".to_owned()),
        version_at: Some("/_localemu/health".to_owned()),
        spawn_hint: Some("env GATEWAY_SERVER=hypercorn GATEWAY_LISTEN=127.0.0.1:{port} localemu start".to_owned()),
        ..Target::default()
    }
}
