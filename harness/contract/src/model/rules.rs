//! The rules that targets are held to, by name, made of `fixtures/contract/`; statements, grades and sources stand there.

use crate::domain::RuleId;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Whether the rule switches hubs on without a request to do so.
#[must_use]
pub fn is_automatic(rule: RuleId) -> bool {
    [
        DESIGNATE_SWITCHES_HUB_ON,
        JOIN_AUTO_ENABLED,
        CREATE_COLLEAGUE_HUB_OFF,
        CREATE_RELEASED,
        CREATE_COLLEAGUE_UNDELEGATED,
    ]
    .contains(&rule)
}

/// Whether the rule takes an entry off a list for good: read again, it is gone (SH-GET-003).
#[must_use]
pub fn is_deletion(rule: RuleId) -> bool {
    [DELETE_CREATED, DELETE_INVITED, DELETE_REMOVED].contains(&rule)
}
