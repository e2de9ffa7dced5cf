//! The preset for AWS itself, in all partitions.

use std::time::Duration;

use crate::targets::{AccountSelection, Limits, Target};

/// The service has an address in each Region, and so has STS. Each account signs with keys of its own.
pub(super) fn target() -> Target {
    Target {
        name: "aws".to_owned(),
        endpoint: Some("https://securityhub.{region}.{domain}".to_owned()),
        sts: Some("https://sts.{region}.{domain}".to_owned()),
        accounts: AccountSelection::Keys(Vec::new()),
        // Most operations take ten calls a second from an account, and bursts of thirty.
        limits: Limits { pause: Duration::from_millis(110), ..Limits::default() },
        ..Target::default()
    }
}

/// The domain of the partition that a Region belongs to.
pub(in crate::targets) fn domain(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 6] = [
        ("cn-", "amazonaws.com.cn"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
        ("eusc-", "amazonaws.eu"),
    ];
    let known = PARTITIONS.iter().find(|(beginning, _)| region.starts_with(beginning));
    known.map_or("amazonaws.com", |(_, domain)| domain)
}
