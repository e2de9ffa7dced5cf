//! The chain by which the AWS tools find keys, beyond those that are written down: single sign-on, programs, roles,
//! containers, instances. It is in programs that are built with the feature `aws`.

use passmuster::targets::keys::KeyOrigin;

/// What a build without it says.
pub(super) const MISSING: &str = "this build reads only keys that are written down: take the packaged program, or build \
                                  with `--features aws`";

/// The origin of a profile's keys, or of those of whoever calls; none where this build knows no such origin.
pub(super) const fn origin(_: Option<&str>) -> Option<KeyOrigin> {
    None
}
