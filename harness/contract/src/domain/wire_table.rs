//! The wire table: members and modelled errors of every operation.
//!
//! Written from the public API model `securityhub/2018-10-26` (botocore 1.43.11); for the operations of AWS
//! Organizations from `organizations/2016-11-28`, as far as scenarios are set up with them.

use super::shape::{Location, MemberShape, Messages, ShapeKind};
use super::{ErrorKind, Operation};

const fn body(name: &'static str, kind: ShapeKind) -> MemberShape {
    MemberShape { name, required: false, location: Location::Body, kind }
}

const fn required(name: &'static str, kind: ShapeKind) -> MemberShape {
    MemberShape { name, required: true, location: Location::Body, kind }
}

const fn query(name: &'static str, kind: ShapeKind) -> MemberShape {
    MemberShape { name, required: false, location: Location::Query, kind }
}

const ACCOUNT_DETAILS: &[MemberShape] =
    &[required("AccountId", ShapeKind::String), body("Email", ShapeKind::NonEmpty)];
const RESULT: &[MemberShape] =
    &[body("AccountId", ShapeKind::String), body("ProcessingResult", ShapeKind::NonEmpty)];
const MEMBER: &[MemberShape] = &[
    body("AccountId", ShapeKind::String),
    body("Email", ShapeKind::NonEmpty),
    body("MasterId", ShapeKind::NonEmpty),
    body("AdministratorId", ShapeKind::NonEmpty),
    body("MemberStatus", ShapeKind::NonEmpty),
    body("InvitedAt", ShapeKind::Timestamp),
    body("UpdatedAt", ShapeKind::Timestamp),
];
const INVITATION: &[MemberShape] = &[
    body("AccountId", ShapeKind::String),
    body("InvitationId", ShapeKind::NonEmpty),
    body("InvitedAt", ShapeKind::Timestamp),
    body("MemberStatus", ShapeKind::NonEmpty),
];
const ADMIN_ACCOUNT: &[MemberShape] = &[
    body("AccountId", ShapeKind::NonEmpty),
    body("Status", ShapeKind::Enum(&["ENABLED", "DISABLE_IN_PROGRESS"])),
];
const ORGANIZATION_CONFIGURATION: &[MemberShape] = &[
    body("ConfigurationType", ShapeKind::Enum(&["CENTRAL", "LOCAL"])),
    body("Status", ShapeKind::Enum(&["PENDING", "ENABLED", "FAILED", "DISABLED"])),
    body("StatusMessage", ShapeKind::NonEmpty),
];
const STANDARDS_SUBSCRIPTION: &[MemberShape] = &[
    required("StandardsSubscriptionArn", ShapeKind::NonEmpty),
    required("StandardsArn", ShapeKind::NonEmpty),
    required("StandardsInput", ShapeKind::Open),
    required("StandardsStatus", ShapeKind::NonEmpty),
    body("StandardsControlsUpdatable", ShapeKind::NonEmpty),
    body("StandardsStatusReason", ShapeKind::Open),
];
const STANDARDS_SUBSCRIPTION_REQUEST: &[MemberShape] =
    &[required("StandardsArn", ShapeKind::NonEmpty), body("StandardsInput", ShapeKind::Open)];
const IMPORT_FINDINGS_ERROR: &[MemberShape] = &[
    required("Id", ShapeKind::NonEmpty),
    required("ErrorCode", ShapeKind::NonEmpty),
    required("ErrorMessage", ShapeKind::NonEmpty),
];

const ACCOUNT_IDS: &[MemberShape] =
    &[required("AccountIds", ShapeKind::List { bounds: None, item: &ShapeKind::NonEmpty })];
const UNPROCESSED: MemberShape =
    body("UnprocessedAccounts", ShapeKind::List { bounds: None, item: &ShapeKind::Structure(RESULT) });
const ENABLED_STANDARDS: MemberShape = body(
    "StandardsSubscriptions",
    ShapeKind::List { bounds: None, item: &ShapeKind::Structure(STANDARDS_SUBSCRIPTION) },
);

/// The members of an operation's request and answer, and its errors.
pub(super) const fn messages(operation: Operation) -> &'static Messages {
    match operation {
        Operation::EnableSecurityHub => &ENABLE_SECURITY_HUB,
        Operation::DisableSecurityHub => &DISABLE_SECURITY_HUB,
        Operation::DescribeHub => &DESCRIBE_HUB,
        Operation::CreateMembers => &CREATE_MEMBERS,
        Operation::GetMembers => &GET_MEMBERS,
        Operation::ListMembers => &LIST_MEMBERS,
        Operation::DeleteMembers => &DELETE_MEMBERS,
        Operation::InviteMembers => &INVITE_MEMBERS,
        Operation::DisassociateMembers => &DISASSOCIATE_MEMBERS,
        Operation::ListInvitations => &LIST_INVITATIONS,
        Operation::GetInvitationsCount => &GET_INVITATIONS_COUNT,
        Operation::AcceptAdministratorInvitation => &ACCEPT_ADMINISTRATOR_INVITATION,
        Operation::AcceptInvitation => &ACCEPT_INVITATION,
        Operation::DeclineInvitations => &DECLINE_INVITATIONS,
        Operation::DeleteInvitations => &DELETE_INVITATIONS,
        Operation::DisassociateFromAdministratorAccount => &DISASSOCIATE_FROM_ADMINISTRATOR_ACCOUNT,
        Operation::DisassociateFromMasterAccount => &DISASSOCIATE_FROM_MASTER_ACCOUNT,
        Operation::GetAdministratorAccount => &GET_ADMINISTRATOR_ACCOUNT,
        Operation::GetMasterAccount => &GET_MASTER_ACCOUNT,
        Operation::EnableOrganizationAdminAccount => &ENABLE_ORGANIZATION_ADMIN_ACCOUNT,
        Operation::DisableOrganizationAdminAccount => &DISABLE_ORGANIZATION_ADMIN_ACCOUNT,
        Operation::ListOrganizationAdminAccounts => &LIST_ORGANIZATION_ADMIN_ACCOUNTS,
        Operation::DescribeOrganizationConfiguration => &DESCRIBE_ORGANIZATION_CONFIGURATION,
        Operation::UpdateOrganizationConfiguration => &UPDATE_ORGANIZATION_CONFIGURATION,
        Operation::GetEnabledStandards => &GET_ENABLED_STANDARDS,
        Operation::BatchEnableStandards => &BATCH_ENABLE_STANDARDS,
        Operation::BatchDisableStandards => &BATCH_DISABLE_STANDARDS,
        Operation::BatchImportFindings => &BATCH_IMPORT_FINDINGS,
        Operation::GetFindings => &GET_FINDINGS,
        Operation::UpdateSecurityHubConfiguration => &UPDATE_SECURITY_HUB_CONFIGURATION,
        Operation::CreateOrganization => &CREATE_ORGANIZATION,
        Operation::CreateAccount => &CREATE_ACCOUNT,
        Operation::EnableAWSServiceAccess | Operation::DisableAWSServiceAccess => &SERVICE_ACCESS,
        Operation::RemoveAccountFromOrganization | Operation::CloseAccount => &ONE_ACCOUNT,
        Operation::ListAccounts => &LIST_ACCOUNTS,
        Operation::LeaveOrganization => &LEAVE_ORGANIZATION,
        Operation::RegisterDelegatedAdministrator | Operation::DeregisterDelegatedAdministrator => &DELEGATION,
        Operation::CreateFindingAggregator => &CREATE_FINDING_AGGREGATOR,
    }
}

const ENABLE_SECURITY_HUB: Messages = Messages {
    input: &[
        body("Tags", ShapeKind::Tags),
        body("EnableDefaultStandards", ShapeKind::Boolean),
        body("ControlFindingGenerator", ShapeKind::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"])),
    ],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::LimitExceeded,
        ErrorKind::InvalidAccess,
        ErrorKind::ResourceConflict,
        ErrorKind::AccessDenied,
    ],
};

const DISABLE_SECURITY_HUB: Messages = Messages {
    input: &[],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::LimitExceeded,
        ErrorKind::InvalidAccess,
        ErrorKind::ResourceNotFound,
        ErrorKind::AccessDenied,
    ],
};

const DESCRIBE_HUB: Messages = Messages {
    input: &[query("HubArn", ShapeKind::NonEmpty)],
    output: &[
        body("HubArn", ShapeKind::NonEmpty),
        body("SubscribedAt", ShapeKind::NonEmpty),
        body("AutoEnableControls", ShapeKind::Boolean),
        body("ControlFindingGenerator", ShapeKind::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"])),
    ],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::LimitExceeded,
        ErrorKind::InvalidAccess,
        ErrorKind::InvalidInput,
        ErrorKind::ResourceNotFound,
    ],
};

const CREATE_MEMBERS: Messages = Messages {
    input: &[required(
        "AccountDetails",
        ShapeKind::List { bounds: Some((1, 50)), item: &ShapeKind::Structure(ACCOUNT_DETAILS) },
    )],
    output: &[UNPROCESSED],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::LimitExceeded,
        ErrorKind::InvalidAccess,
        ErrorKind::ResourceConflict,
        ErrorKind::AccessDenied,
    ],
};

const GET_MEMBERS: Messages = Messages {
    input: ACCOUNT_IDS,
    output: &[body("Members", ShapeKind::List { bounds: None, item: &ShapeKind::Structure(MEMBER) }), UNPROCESSED],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const LIST_MEMBERS: Messages = Messages {
    input: &[
        query("OnlyAssociated", ShapeKind::Boolean),
        query("MaxResults", ShapeKind::Integer(Some((1, 50)))),
        query("NextToken", ShapeKind::String),
    ],
    output: &[
        body("Members", ShapeKind::List { bounds: None, item: &ShapeKind::Structure(MEMBER) }),
        body("NextToken", ShapeKind::NonEmpty),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const DELETE_MEMBERS: Messages = Messages {
    input: ACCOUNT_IDS,
    output: &[UNPROCESSED],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const INVITE_MEMBERS: Messages = Messages {
    input: ACCOUNT_IDS,
    output: &[UNPROCESSED],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const DISASSOCIATE_MEMBERS: Messages = Messages {
    input: ACCOUNT_IDS,
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
        ErrorKind::AccessDenied,
    ],
};

const LIST_INVITATIONS: Messages = Messages {
    input: &[query("MaxResults", ShapeKind::Integer(Some((1, 50)))), query("NextToken", ShapeKind::String)],
    output: &[
        body("Invitations", ShapeKind::List { bounds: None, item: &ShapeKind::Structure(INVITATION) }),
        body("NextToken", ShapeKind::NonEmpty),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const GET_INVITATIONS_COUNT: Messages = Messages {
    input: &[],
    output: &[body("InvitationsCount", ShapeKind::Integer(None))],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const ACCEPT_ADMINISTRATOR_INVITATION: Messages = Messages {
    input: &[required("AdministratorId", ShapeKind::NonEmpty), required("InvitationId", ShapeKind::NonEmpty)],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
        ErrorKind::InvalidAccess,
    ],
};

const ACCEPT_INVITATION: Messages = Messages {
    input: &[required("MasterId", ShapeKind::NonEmpty), required("InvitationId", ShapeKind::NonEmpty)],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
        ErrorKind::InvalidAccess,
    ],
};

const DECLINE_INVITATIONS: Messages = Messages {
    input: ACCOUNT_IDS,
    output: &[UNPROCESSED],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::ResourceNotFound],
};

const DELETE_INVITATIONS: Messages = Messages {
    input: ACCOUNT_IDS,
    output: &[UNPROCESSED],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
        ErrorKind::InvalidAccess,
    ],
};

const DISASSOCIATE_FROM_ADMINISTRATOR_ACCOUNT: Messages = Messages {
    input: &[],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const DISASSOCIATE_FROM_MASTER_ACCOUNT: Messages = Messages {
    input: &[],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const GET_ADMINISTRATOR_ACCOUNT: Messages = Messages {
    input: &[],
    output: &[body("Administrator", ShapeKind::Structure(INVITATION))],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const GET_MASTER_ACCOUNT: Messages = Messages {
    input: &[],
    output: &[body("Master", ShapeKind::Structure(INVITATION))],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
    ],
};

const ENABLE_ORGANIZATION_ADMIN_ACCOUNT: Messages = Messages {
    input: &[
        required("AdminAccountId", ShapeKind::NonEmpty),
        body("Feature", ShapeKind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    output: &[
        body("AdminAccountId", ShapeKind::NonEmpty),
        body("Feature", ShapeKind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::AccessDenied,
    ],
};

const DISABLE_ORGANIZATION_ADMIN_ACCOUNT: Messages = Messages {
    input: &[
        required("AdminAccountId", ShapeKind::NonEmpty),
        body("Feature", ShapeKind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::AccessDenied,
    ],
};

const LIST_ORGANIZATION_ADMIN_ACCOUNTS: Messages = Messages {
    input: &[
        query("MaxResults", ShapeKind::Integer(Some((1, 10)))),
        query("NextToken", ShapeKind::String),
        query("Feature", ShapeKind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    output: &[
        body("AdminAccounts", ShapeKind::List { bounds: None, item: &ShapeKind::Structure(ADMIN_ACCOUNT) }),
        body("NextToken", ShapeKind::String),
        body("Feature", ShapeKind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const DESCRIBE_ORGANIZATION_CONFIGURATION: Messages = Messages {
    input: &[],
    output: &[
        body("AutoEnable", ShapeKind::Boolean),
        body("MemberAccountLimitReached", ShapeKind::Boolean),
        body("AutoEnableStandards", ShapeKind::Enum(&["NONE", "DEFAULT"])),
        body("OrganizationConfiguration", ShapeKind::Structure(ORGANIZATION_CONFIGURATION)),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const UPDATE_ORGANIZATION_CONFIGURATION: Messages = Messages {
    input: &[
        required("AutoEnable", ShapeKind::Boolean),
        body("AutoEnableStandards", ShapeKind::Enum(&["NONE", "DEFAULT"])),
        body("OrganizationConfiguration", ShapeKind::Structure(ORGANIZATION_CONFIGURATION)),
    ],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::AccessDenied,
        ErrorKind::ResourceNotFound,
        ErrorKind::ResourceConflict,
    ],
};

const GET_ENABLED_STANDARDS: Messages = Messages {
    input: &[
        body("StandardsSubscriptionArns", ShapeKind::List { bounds: Some((1, 25)), item: &ShapeKind::NonEmpty }),
        body("NextToken", ShapeKind::String),
        body("MaxResults", ShapeKind::Integer(Some((1, 100)))),
    ],
    output: &[ENABLED_STANDARDS, body("NextToken", ShapeKind::String)],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const BATCH_ENABLE_STANDARDS: Messages = Messages {
    input: &[required(
        "StandardsSubscriptionRequests",
        ShapeKind::List { bounds: Some((1, 25)), item: &ShapeKind::Structure(STANDARDS_SUBSCRIPTION_REQUEST) },
    )],
    output: &[ENABLED_STANDARDS],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::AccessDenied,
    ],
};

const BATCH_DISABLE_STANDARDS: Messages = Messages {
    input: &[required(
        "StandardsSubscriptionArns",
        ShapeKind::List { bounds: Some((1, 25)), item: &ShapeKind::NonEmpty },
    )],
    output: &[ENABLED_STANDARDS],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::AccessDenied,
    ],
};

const BATCH_IMPORT_FINDINGS: Messages = Messages {
    input: &[required("Findings", ShapeKind::List { bounds: Some((1, 100)), item: &ShapeKind::Open })],
    output: &[
        required("FailedCount", ShapeKind::Integer(None)),
        required("SuccessCount", ShapeKind::Integer(None)),
        body(
            "FailedFindings",
            ShapeKind::List { bounds: None, item: &ShapeKind::Structure(IMPORT_FINDINGS_ERROR) },
        ),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::LimitExceeded, ErrorKind::InvalidAccess],
};

const GET_FINDINGS: Messages = Messages {
    input: &[
        body("Filters", ShapeKind::Open),
        body("SortCriteria", ShapeKind::List { bounds: None, item: &ShapeKind::Open }),
        body("NextToken", ShapeKind::String),
        body("MaxResults", ShapeKind::Integer(Some((1, 100)))),
    ],
    output: &[
        required("Findings", ShapeKind::List { bounds: None, item: &ShapeKind::Open }),
        body("NextToken", ShapeKind::String),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const UPDATE_SECURITY_HUB_CONFIGURATION: Messages = Messages {
    input: &[
        body("AutoEnableControls", ShapeKind::Boolean),
        body("ControlFindingGenerator", ShapeKind::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"])),
    ],
    output: &[],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::InvalidInput,
        ErrorKind::InvalidAccess,
        ErrorKind::LimitExceeded,
        ErrorKind::ResourceNotFound,
        ErrorKind::AccessDenied,
    ],
};

/// A call to AWS Organizations, whose protocol names the operation in a header.
const fn organizations(input: &'static [MemberShape], output: &'static [MemberShape]) -> Messages {
    Messages { input, output, errors: &[] }
}

const CREATE_ORGANIZATION: Messages =
    organizations(&[body("FeatureSet", ShapeKind::String)], &[body("Organization", ShapeKind::Open)]);
const CREATE_ACCOUNT: Messages = organizations(
    &[required("Email", ShapeKind::NonEmpty), required("AccountName", ShapeKind::NonEmpty)],
    &[body("CreateAccountStatus", ShapeKind::Open)],
);
const SERVICE_ACCESS: Messages = organizations(&[required("ServicePrincipal", ShapeKind::NonEmpty)], &[]);
const ONE_ACCOUNT: Messages = organizations(&[required("AccountId", ShapeKind::NonEmpty)], &[]);
const LIST_ACCOUNTS: Messages = organizations(
    &[body("NextToken", ShapeKind::String), body("MaxResults", ShapeKind::Integer(Some((1, 20))))],
    &[
        body("Accounts", ShapeKind::List { bounds: None, item: &ShapeKind::Open }),
        body("NextToken", ShapeKind::String),
    ],
);

const LEAVE_ORGANIZATION: Messages = organizations(&[], &[]);
const DELEGATION: Messages = organizations(
    &[required("AccountId", ShapeKind::NonEmpty), required("ServicePrincipal", ShapeKind::NonEmpty)],
    &[],
);

const CREATE_FINDING_AGGREGATOR: Messages = Messages {
    input: &[
        required("RegionLinkingMode", ShapeKind::NonEmpty),
        body("Regions", ShapeKind::List { bounds: None, item: &ShapeKind::NonEmpty }),
    ],
    output: &[
        body("FindingAggregatorArn", ShapeKind::NonEmpty),
        body("FindingAggregationRegion", ShapeKind::NonEmpty),
        body("RegionLinkingMode", ShapeKind::NonEmpty),
        body("Regions", ShapeKind::List { bounds: None, item: &ShapeKind::NonEmpty }),
    ],
    errors: &[
        ErrorKind::Internal,
        ErrorKind::LimitExceeded,
        ErrorKind::InvalidAccess,
        ErrorKind::AccessDenied,
        ErrorKind::InvalidInput,
    ],
};
