//! The operations of the API.

use std::fmt;

use super::shape::OperationShape;
use super::wire_table;

/// A part of the API whose operations share state and rules; the same name in every layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Switching Security Hub on and off in an account.
    Hub,
    /// The administrator's list of members.
    Members,
    /// Invitations, on both sides.
    Invitations,
    /// The member's view of its administrator.
    Administrator,
    /// Delegated administration by AWS Organizations.
    Organization,
    /// Security standards of a hub.
    Standards,
    /// Findings and who may see them.
    Findings,
    /// The organization around it all, by the API of AWS Organizations: what a scenario is set in, never judged.
    Accounts,
}

impl Family {
    /// The name used in filters and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Members => "members",
            Self::Invitations => "invitations",
            Self::Administrator => "administrator",
            Self::Organization => "organization",
            Self::Standards => "standards",
            Self::Findings => "findings",
            Self::Accounts => "accounts",
        }
    }
}

macro_rules! operations {
    ({ $($name:ident: $family:ident,)* } $($setup:ident,)*) => {
        /// An API operation, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)*
            $(#[doc = concat!("`", stringify!($setup), "` of AWS Organizations")] $setup,)*
        }

        impl Operation {
            /// Every operation under test, in the order of the wire table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The operations of AWS Organizations that scenarios are set up with.
            pub const SETUP: &'static [Self] = &[$(Self::$setup,)*];

            /// The name as the API spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                    $(Self::$setup => stringify!($setup),)*
                }
            }

            /// The family the operation belongs to.
            #[must_use]
            pub const fn family(self) -> Family {
                match self {
                    $(Self::$name => Family::$family,)*
                    $(Self::$setup => Family::Accounts,)*
                }
            }
        }
    };
}

operations! {
    {
        EnableSecurityHub: Hub,
        DisableSecurityHub: Hub,
        DescribeHub: Hub,
        CreateMembers: Members,
        GetMembers: Members,
        ListMembers: Members,
        DeleteMembers: Members,
        InviteMembers: Invitations,
        DisassociateMembers: Members,
        ListInvitations: Invitations,
        GetInvitationsCount: Invitations,
        AcceptAdministratorInvitation: Invitations,
        AcceptInvitation: Invitations,
        DeclineInvitations: Invitations,
        DeleteInvitations: Invitations,
        DisassociateFromAdministratorAccount: Administrator,
        DisassociateFromMasterAccount: Administrator,
        GetAdministratorAccount: Administrator,
        GetMasterAccount: Administrator,
        EnableOrganizationAdminAccount: Organization,
        DisableOrganizationAdminAccount: Organization,
        ListOrganizationAdminAccounts: Organization,
        DescribeOrganizationConfiguration: Organization,
        UpdateOrganizationConfiguration: Organization,
        GetEnabledStandards: Standards,
        BatchEnableStandards: Standards,
        BatchDisableStandards: Standards,
        BatchImportFindings: Findings,
        GetFindings: Findings,
        UpdateSecurityHubConfiguration: Hub,
    }
    CreateOrganization,
    CreateAccount,
    EnableAWSServiceAccess,
    DisableAWSServiceAccess,
    RemoveAccountFromOrganization,
    CloseAccount,
    ListAccounts,
}

impl Operation {
    /// Finds an operation by its exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().chain(Self::SETUP).copied().find(|operation| operation.name() == name)
    }

    /// Whether it belongs to AWS Organizations, and so sets a scenario up rather than being tested by it.
    #[must_use]
    pub const fn is_setup(self) -> bool {
        matches!(self.family(), Family::Accounts)
    }

    /// Method, path, members and modelled errors.
    #[must_use]
    pub const fn shape(self) -> &'static OperationShape {
        wire_table::shape(self)
    }

    /// Whether a successful call may change state.
    #[must_use]
    pub fn is_mutating(self) -> bool {
        let name = self.name();
        !(name.starts_with("Get") || name.starts_with("List") || name.starts_with("Describe"))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
