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
        }
    }
}

macro_rules! operations {
    ($($name:ident: $family:ident,)*) => {
        /// An API operation, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)*
        }

        impl Operation {
            /// Every operation, in the order of the wire table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name as the API spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The family the operation belongs to.
            #[must_use]
            pub const fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)* }
            }
        }
    };
}

operations! {
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

impl Operation {
    /// Finds an operation by its exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
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
