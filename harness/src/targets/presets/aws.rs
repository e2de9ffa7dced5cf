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

/// The beginnings of the names of Regions, with the partition that these belong to, and its domain.
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
];

/// The partition that a Region belongs to, as ARNs name it.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    known(region).0
}

/// The domain of the partition that a Region belongs to.
pub(in crate::targets) fn domain(region: &str) -> &'static str {
    known(region).1
}

fn known(region: &str) -> (&'static str, &'static str) {
    let known = PARTITIONS.iter().find(|(beginning, ..)| region.starts_with(beginning));
    known.map_or(("aws", "amazonaws.com"), |(_, partition, domain)| (partition, domain))
}
