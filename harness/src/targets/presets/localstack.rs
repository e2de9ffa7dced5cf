//! The preset for LocalStack.

use crate::targets::Target;

/// LocalStack takes a twelve-digit access key id for the account. The free edition has no reset address, so scenarios
/// take fresh accounts. Its usual server would listen on every interface; the other one does as it is told.
pub(super) fn target() -> Target {
    Target {
        name: "localstack".to_owned(),
        ready: Some("/_localstack/health".to_owned()),
        version_at: Some("/_localstack/health".to_owned()),
        spawn_hint: Some(
            "env GATEWAY_SERVER=hypercorn GATEWAY_LISTEN=127.0.0.1:{port} python -m localstack.runtime.main"
                .to_owned(),
        ),
        ..Target::default()
    }
}
