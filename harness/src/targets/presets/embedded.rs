//! The preset for the reference server inside this program: no address, no start, no reset.

use crate::targets::Target;

/// The embedded server: reached in process, the access key id naming the account.
pub(super) fn target() -> Target {
    Target { name: "embedded".to_owned(), ..Target::default() }
}
