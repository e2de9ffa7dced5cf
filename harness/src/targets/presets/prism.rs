//! The preset for Prism, which answers what an OpenAPI document says.

use crate::targets::Target;

/// Prism keeps nothing, and takes no account from a request.
pub(super) fn target() -> Target {
    Target {
        name: "prism".to_owned(),
        spawn_hint: Some("prism mock -h 127.0.0.1 -p {port} DOCUMENT".to_owned()),
        ..Target::default()
    }
}
