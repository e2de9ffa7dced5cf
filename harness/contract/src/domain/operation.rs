//! The operations of the API, as one table: family, method and path, whether they change anything, what they list, and
//! who calls them.

use std::fmt;

use super::shape::{Method, OperationShape};
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

/// The account that calls an operation where it has something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An account without a hub.
    Newcomer,
    /// An account with a list of members.
    Administrator,
    /// An account that an administrator has invited, or that has accepted.
    Member,
    /// The delegated administrator of an organization.
    Delegate,
    /// The management account of an organization.
    Management,
}

/// The effect of a successful call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    Reads,
    Changes,
}

/// The facts about one operation.
struct OperationFacts {
    name: &'static str,
    family: Family,
    nature: Nature,
    paged_list: Option<&'static str>,
    role: Role,
    shape: OperationShape,
}

macro_rules! paged_list {
    (-) => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}

macro_rules! operations {
    (
        SecurityHub {
            $($name:ident: $family:ident, $method:ident $path:literal, $nature:ident, $list:tt, $role:ident;)*
        }
        Organizations {
            $($setup:ident: $setup_method:ident $setup_path:literal, $setup_nature:ident, $setup_list:tt,
              $setup_role:ident;)*
        }
        Beside {
            $($beside:ident: $beside_family:ident, $beside_method:ident $beside_path:literal, $beside_nature:ident,
              $beside_role:ident;)*
        }
    ) => {
        /// An API operation, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)*
            $(#[doc = concat!("`", stringify!($setup), "` of AWS Organizations")] $setup,)*
            $(#[doc = concat!("`", stringify!($beside), "`, which no run calls")] $beside,)*
        }

        impl Operation {
            /// Every operation under test, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The operations of AWS Organizations that scenarios are set up with.
            pub const SETUP: &'static [Self] = &[$(Self::$setup,)*];

            /// The operations that no run calls, and recorded conversations do: what follows from them is known.
            pub const BESIDE: &'static [Self] = &[$(Self::$beside,)*];

            const fn facts(self) -> &'static OperationFacts {
                match self {
                    $(Self::$name => facts!($name, $family, $method $path, $nature, $list, $role),)*
                    $(Self::$setup => facts!(
                        $setup, Accounts, $setup_method $setup_path, $setup_nature, $setup_list, $setup_role
                    ),)*
                    $(Self::$beside => facts!(
                        $beside, $beside_family, $beside_method $beside_path, $beside_nature, -, $beside_role
                    ),)*
                }
            }
        }
    };
}

macro_rules! facts {
    ($name:ident, $family:ident, $method:ident $path:literal, $nature:ident, $list:tt, $role:ident) => {{
        const FACTS: OperationFacts = OperationFacts {
            name: stringify!($name),
            family: Family::$family,
            nature: Nature::$nature,
            paged_list: paged_list!($list),
            role: Role::$role,
            shape: wire_table::messages(Operation::$name).at(Method::$method, $path),
        };
        &FACTS
    }};
}

// Every fact about an operation that is not about its members (those stand in `wire_table.rs`): its family, method and
// path, its effect, the list in its answer that comes in pages, and its caller.
operations! {
    SecurityHub {
        EnableSecurityHub:                    Hub,           Post   "/accounts",                   Changes, -,                        Newcomer;
        DisableSecurityHub:                   Hub,           Delete "/accounts",                   Changes, -,                        Administrator;
        DescribeHub:                          Hub,           Get    "/accounts",                   Reads,   -,                        Administrator;
        CreateMembers:                        Members,       Post   "/members",                    Changes, -,                        Administrator;
        GetMembers:                           Members,       Post   "/members/get",                Reads,   -,                        Administrator;
        ListMembers:                          Members,       Get    "/members",                    Reads,   "Members",                Administrator;
        DeleteMembers:                        Members,       Post   "/members/delete",             Changes, -,                        Administrator;
        InviteMembers:                        Invitations,   Post   "/members/invite",             Changes, -,                        Administrator;
        DisassociateMembers:                  Members,       Post   "/members/disassociate",       Changes, -,                        Administrator;
        ListInvitations:                      Invitations,   Get    "/invitations",                Reads,   "Invitations",            Member;
        GetInvitationsCount:                  Invitations,   Get    "/invitations/count",          Reads,   -,                        Member;
        AcceptAdministratorInvitation:        Invitations,   Post   "/administrator",              Changes, -,                        Member;
        AcceptInvitation:                     Invitations,   Post   "/master",                     Changes, -,                        Member;
        DeclineInvitations:                   Invitations,   Post   "/invitations/decline",        Changes, -,                        Member;
        DeleteInvitations:                    Invitations,   Post   "/invitations/delete",         Changes, -,                        Member;
        DisassociateFromAdministratorAccount: Administrator, Post   "/administrator/disassociate", Changes, -,                        Member;
        DisassociateFromMasterAccount:        Administrator, Post   "/master/disassociate",        Changes, -,                        Member;
        GetAdministratorAccount:              Administrator, Get    "/administrator",              Reads,   -,                        Member;
        GetMasterAccount:                     Administrator, Get    "/master",                     Reads,   -,                        Member;
        EnableOrganizationAdminAccount:       Organization,  Post   "/organization/admin/enable",  Changes, -,                        Management;
        DisableOrganizationAdminAccount:      Organization,  Post   "/organization/admin/disable", Changes, -,                        Management;
        ListOrganizationAdminAccounts:        Organization,  Get    "/organization/admin",         Reads,   "AdminAccounts",          Management;
        DescribeOrganizationConfiguration:    Organization,  Get    "/organization/configuration", Reads,   -,                        Delegate;
        UpdateOrganizationConfiguration:      Organization,  Post   "/organization/configuration", Changes, -,                        Delegate;
        GetEnabledStandards:                  Standards,     Post   "/standards/get",              Reads,   "StandardsSubscriptions", Administrator;
        BatchEnableStandards:                 Standards,     Post   "/standards/register",         Changes, -,                        Administrator;
        BatchDisableStandards:                Standards,     Post   "/standards/deregister",       Changes, -,                        Administrator;
        BatchImportFindings:                  Findings,      Post   "/findings/import",            Changes, -,                        Administrator;
        GetFindings:                          Findings,      Post   "/findings",                   Reads,   "Findings",               Administrator;
        UpdateSecurityHubConfiguration:       Hub,           Patch  "/accounts",                   Changes, -,                        Administrator;
    }
    Organizations {
        CreateOrganization:            Post "/", Changes, -,          Management;
        CreateAccount:                 Post "/", Changes, -,          Management;
        EnableAWSServiceAccess:        Post "/", Changes, -,          Management;
        DisableAWSServiceAccess:       Post "/", Changes, -,          Management;
        RemoveAccountFromOrganization: Post "/", Changes, -,          Management;
        CloseAccount:                  Post "/", Changes, -,          Management;
        ListAccounts:                  Post "/", Reads,   "Accounts", Management;
    }
    Beside {
        LeaveOrganization:                Accounts, Post "/",                         Changes, Member;
        RegisterDelegatedAdministrator:   Accounts, Post "/",                         Changes, Management;
        DeregisterDelegatedAdministrator: Accounts, Post "/",                         Changes, Management;
        CreateFindingAggregator:          Findings, Post "/findingAggregator/create", Changes, Administrator;
    }
}

impl Operation {
    /// The operation of this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().chain(Self::SETUP).chain(Self::BESIDE).copied().find(|operation| operation.name() == name)
    }

    /// The name as the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// The family the operation belongs to.
    #[must_use]
    pub const fn family(self) -> Family {
        self.facts().family
    }

    /// Whether it belongs to AWS Organizations, and so sets a scenario up rather than being tested by it.
    #[must_use]
    pub const fn is_setup(self) -> bool {
        matches!(self.family(), Family::Accounts)
    }

    /// Method, path, members and modelled errors.
    #[must_use]
    pub const fn shape(self) -> &'static OperationShape {
        &self.facts().shape
    }

    /// Whether a successful call may change state.
    #[must_use]
    pub const fn is_mutating(self) -> bool {
        matches!(self.facts().nature, Nature::Changes)
    }

    /// The member of its answer that holds a list which comes in pages; `None` where the answer is always whole.
    #[must_use]
    pub const fn paged_list(self) -> Option<&'static str> {
        self.facts().paged_list
    }

    /// The account that calls it where it has something to do.
    #[must_use]
    pub const fn role(self) -> Role {
        self.facts().role
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::shape::ShapeKind;

    fn all() -> impl Iterator<Item = Operation> {
        Operation::ALL.iter().chain(Operation::SETUP).chain(Operation::BESIDE).copied()
    }

    /// Finds rows that forget the list, and lists that the API doesn't have.
    #[test]
    fn a_list_comes_in_pages_exactly_where_request_and_answer_have_a_token() {
        for operation in all() {
            let shape = operation.shape();
            let has_token = |members: &[crate::domain::shape::MemberShape]| {
                members.iter().any(|member| member.name == "NextToken")
            };
            let is_paged = has_token(shape.input) && has_token(shape.output);
            assert_eq!(operation.paged_list().is_some(), is_paged, "{operation}");
            if let Some(list) = operation.paged_list() {
                let member = shape.output.iter().find(|member| member.name == list);
                assert!(member.is_some_and(|member| matches!(member.kind, ShapeKind::List { .. })), "{operation}");
            }
        }
    }

    #[test]
    fn an_operation_is_found_by_its_exact_name_only() {
        for operation in all() {
            assert_eq!(Operation::from_name(operation.name()), Some(operation));
        }
        assert_eq!(Operation::from_name("createMembers"), None);
    }

    #[test]
    fn no_two_operations_share_method_and_path() {
        let mut routes: Vec<_> = Operation::ALL.iter().map(|operation| operation.shape()).collect();
        routes.sort_by_key(|shape| (shape.path, shape.method.name()));
        let twice =
            routes.windows(2).find(|pair| (pair[0].path, pair[0].method) == (pair[1].path, pair[1].method));
        assert!(twice.is_none(), "{twice:?}");
    }
}
