//! AWS itself.

use std::time::Duration;

use crate::targets::{AccountSelection, Limits, OrganizationSetup, Target};

/// Real accounts, each with keys of its own, which whoever makes the run fills in; nothing is sent to one that is not
/// allowed by name. One Region, for every Region touched is one more to clean up; and no organization, for an account
/// once created stays.
pub(super) fn target() -> Target {
    Target {
        name: "aws".to_owned(),
        endpoint: Some("https://securityhub.{region}.amazonaws.com".to_owned()),
        accounts: AccountSelection::Keys(Vec::new()),
        organization: OrganizationSetup::None,
        regions: vec!["us-east-1".to_owned()],
        limits: Limits {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            ..Limits::default()
        },
        ..Target::default()
    }
}
