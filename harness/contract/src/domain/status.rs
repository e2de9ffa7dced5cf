//! The relation between an administrator and a member, as `MemberStatus` spells it.

use std::fmt;

/// `MemberStatus` on the wire (section 2.1 of the lifecycle); absent entries have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberStatus {
    /// On the administrator's list, not invited.
    Created,
    /// Invited, no answer yet.
    Invited,
    /// An active member.
    Enabled,
    /// Disassociated by the administrator.
    Removed,
    /// Left by itself, or declined.
    Resigned,
    /// Deleted by the administrator; deleted entries vanish, so that hardly anybody sees it.
    Deleted,
    /// An organization account that was suspended when it was to become a member.
    AccountSuspended,
}

impl MemberStatus {
    const ALL: [Self; 7] = [
        Self::Created,
        Self::Invited,
        Self::Enabled,
        Self::Removed,
        Self::Resigned,
        Self::Deleted,
        Self::AccountSuspended,
    ];

    /// The word on the wire, always in Pascal case (SH-WIRE-017).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Invited => "Invited",
            Self::Enabled => "Enabled",
            Self::Removed => "Removed",
            Self::Resigned => "Resigned",
            Self::Deleted => "Deleted",
            Self::AccountSuspended => "AccountSuspended",
        }
    }

    /// Reads the word in whatever case, for what a server means rather than what it says.
    #[must_use]
    pub fn meant_by(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
