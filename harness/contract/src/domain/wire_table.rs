//! The wire table: members and modelled errors of every operation.
//!
//! Written from the public API model `securityhub/2018-10-26` (botocore 1.43.11); for the operations of AWS
//! Organizations from `organizations/2016-11-28`, as far as scenarios are set up with them.

use super::shape::{Kind, Location, Member, Messages};
use super::{ErrorKind, Operation};

const fn body(name: &'static str, kind: Kind) -> Member {
    Member { name, required: false, location: Location::Body, kind }
}

const fn required(name: &'static str, kind: Kind) -> Member {
    Member { name, required: true, location: Location::Body, kind }
}

const fn query(name: &'static str, kind: Kind) -> Member {
    Member { name, required: false, location: Location::Query, kind }
}

const ACCOUNT_DETAILS: &[Member] = &[required("AccountId", Kind::String), body("Email", Kind::NonEmpty)];
const RESULT: &[Member] = &[body("AccountId", Kind::String), body("ProcessingResult", Kind::NonEmpty)];
const MEMBER: &[Member] = &[
    body("AccountId", Kind::String),
    body("Email", Kind::NonEmpty),
    body("MasterId", Kind::NonEmpty),
    body("AdministratorId", Kind::NonEmpty),
    body("MemberStatus", Kind::NonEmpty),
    body("InvitedAt", Kind::Timestamp),
    body("UpdatedAt", Kind::Timestamp),
];
const INVITATION: &[Member] = &[
    body("AccountId", Kind::String),
    body("InvitationId", Kind::NonEmpty),
    body("InvitedAt", Kind::Timestamp),
    body("MemberStatus", Kind::NonEmpty),
];
const ADMIN_ACCOUNT: &[Member] =
    &[body("AccountId", Kind::NonEmpty), body("Status", Kind::Enum(&["ENABLED", "DISABLE_IN_PROGRESS"]))];
const ORGANIZATION_CONFIGURATION: &[Member] = &[
    body("ConfigurationType", Kind::Enum(&["CENTRAL", "LOCAL"])),
    body("Status", Kind::Enum(&["PENDING", "ENABLED", "FAILED", "DISABLED"])),
    body("StatusMessage", Kind::NonEmpty),
];
const STANDARDS_SUBSCRIPTION: &[Member] = &[
    required("StandardsSubscriptionArn", Kind::NonEmpty),
    required("StandardsArn", Kind::NonEmpty),
    required("StandardsInput", Kind::Open),
    required("StandardsStatus", Kind::NonEmpty),
    body("StandardsControlsUpdatable", Kind::NonEmpty),
    body("StandardsStatusReason", Kind::Open),
];
const STANDARDS_SUBSCRIPTION_REQUEST: &[Member] =
    &[required("StandardsArn", Kind::NonEmpty), body("StandardsInput", Kind::Open)];
const IMPORT_FINDINGS_ERROR: &[Member] = &[
    required("Id", Kind::NonEmpty),
    required("ErrorCode", Kind::NonEmpty),
    required("ErrorMessage", Kind::NonEmpty),
];

const ACCOUNT_IDS: &[Member] = &[required("AccountIds", Kind::List { bounds: None, item: &Kind::NonEmpty })];
const UNPROCESSED: Member =
    body("UnprocessedAccounts", Kind::List { bounds: None, item: &Kind::Structure(RESULT) });
const ENABLED_STANDARDS: Member =
    body("StandardsSubscriptions", Kind::List { bounds: None, item: &Kind::Structure(STANDARDS_SUBSCRIPTION) });

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
    }
}

const ENABLE_SECURITY_HUB: Messages = Messages {
    input: &[
        body("Tags", Kind::Tags),
        body("EnableDefaultStandards", Kind::Boolean),
        body("ControlFindingGenerator", Kind::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"])),
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
    input: &[query("HubArn", Kind::NonEmpty)],
    output: &[
        body("HubArn", Kind::NonEmpty),
        body("SubscribedAt", Kind::NonEmpty),
        body("AutoEnableControls", Kind::Boolean),
        body("ControlFindingGenerator", Kind::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"])),
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
        Kind::List { bounds: Some((1, 50)), item: &Kind::Structure(ACCOUNT_DETAILS) },
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
    output: &[body("Members", Kind::List { bounds: None, item: &Kind::Structure(MEMBER) }), UNPROCESSED],
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
        query("OnlyAssociated", Kind::Boolean),
        query("MaxResults", Kind::Integer(Some((1, 50)))),
        query("NextToken", Kind::String),
    ],
    output: &[
        body("Members", Kind::List { bounds: None, item: &Kind::Structure(MEMBER) }),
        body("NextToken", Kind::NonEmpty),
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
    input: &[query("MaxResults", Kind::Integer(Some((1, 50)))), query("NextToken", Kind::String)],
    output: &[
        body("Invitations", Kind::List { bounds: None, item: &Kind::Structure(INVITATION) }),
        body("NextToken", Kind::NonEmpty),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const GET_INVITATIONS_COUNT: Messages = Messages {
    input: &[],
    output: &[body("InvitationsCount", Kind::Integer(None))],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const ACCEPT_ADMINISTRATOR_INVITATION: Messages = Messages {
    input: &[required("AdministratorId", Kind::NonEmpty), required("InvitationId", Kind::NonEmpty)],
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
    input: &[required("MasterId", Kind::NonEmpty), required("InvitationId", Kind::NonEmpty)],
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
    output: &[body("Administrator", Kind::Structure(INVITATION))],
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
    output: &[body("Master", Kind::Structure(INVITATION))],
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
        required("AdminAccountId", Kind::NonEmpty),
        body("Feature", Kind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    output: &[
        body("AdminAccountId", Kind::NonEmpty),
        body("Feature", Kind::Enum(&["SecurityHub", "SecurityHubV2"])),
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
        required("AdminAccountId", Kind::NonEmpty),
        body("Feature", Kind::Enum(&["SecurityHub", "SecurityHubV2"])),
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
        query("MaxResults", Kind::Integer(Some((1, 10)))),
        query("NextToken", Kind::String),
        query("Feature", Kind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    output: &[
        body("AdminAccounts", Kind::List { bounds: None, item: &Kind::Structure(ADMIN_ACCOUNT) }),
        body("NextToken", Kind::String),
        body("Feature", Kind::Enum(&["SecurityHub", "SecurityHubV2"])),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const DESCRIBE_ORGANIZATION_CONFIGURATION: Messages = Messages {
    input: &[],
    output: &[
        body("AutoEnable", Kind::Boolean),
        body("MemberAccountLimitReached", Kind::Boolean),
        body("AutoEnableStandards", Kind::Enum(&["NONE", "DEFAULT"])),
        body("OrganizationConfiguration", Kind::Structure(ORGANIZATION_CONFIGURATION)),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const UPDATE_ORGANIZATION_CONFIGURATION: Messages = Messages {
    input: &[
        required("AutoEnable", Kind::Boolean),
        body("AutoEnableStandards", Kind::Enum(&["NONE", "DEFAULT"])),
        body("OrganizationConfiguration", Kind::Structure(ORGANIZATION_CONFIGURATION)),
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
        body("StandardsSubscriptionArns", Kind::List { bounds: Some((1, 25)), item: &Kind::NonEmpty }),
        body("NextToken", Kind::String),
        body("MaxResults", Kind::Integer(Some((1, 100)))),
    ],
    output: &[ENABLED_STANDARDS, body("NextToken", Kind::String)],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const BATCH_ENABLE_STANDARDS: Messages = Messages {
    input: &[required(
        "StandardsSubscriptionRequests",
        Kind::List { bounds: Some((1, 25)), item: &Kind::Structure(STANDARDS_SUBSCRIPTION_REQUEST) },
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
    input: &[required("StandardsSubscriptionArns", Kind::List { bounds: Some((1, 25)), item: &Kind::NonEmpty })],
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
    input: &[required("Findings", Kind::List { bounds: Some((1, 100)), item: &Kind::Open })],
    output: &[
        required("FailedCount", Kind::Integer(None)),
        required("SuccessCount", Kind::Integer(None)),
        body("FailedFindings", Kind::List { bounds: None, item: &Kind::Structure(IMPORT_FINDINGS_ERROR) }),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::LimitExceeded, ErrorKind::InvalidAccess],
};

const GET_FINDINGS: Messages = Messages {
    input: &[
        body("Filters", Kind::Open),
        body("SortCriteria", Kind::List { bounds: None, item: &Kind::Open }),
        body("NextToken", Kind::String),
        body("MaxResults", Kind::Integer(Some((1, 100)))),
    ],
    output: &[
        required("Findings", Kind::List { bounds: None, item: &Kind::Open }),
        body("NextToken", Kind::String),
    ],
    errors: &[ErrorKind::Internal, ErrorKind::InvalidInput, ErrorKind::InvalidAccess, ErrorKind::LimitExceeded],
};

const UPDATE_SECURITY_HUB_CONFIGURATION: Messages = Messages {
    input: &[
        body("AutoEnableControls", Kind::Boolean),
        body("ControlFindingGenerator", Kind::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"])),
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
const fn organizations(input: &'static [Member], output: &'static [Member]) -> Messages {
    Messages { input, output, errors: &[] }
}

const CREATE_ORGANIZATION: Messages =
    organizations(&[body("FeatureSet", Kind::String)], &[body("Organization", Kind::Open)]);
const CREATE_ACCOUNT: Messages = organizations(
    &[required("Email", Kind::NonEmpty), required("AccountName", Kind::NonEmpty)],
    &[body("CreateAccountStatus", Kind::Open)],
);
const SERVICE_ACCESS: Messages = organizations(&[required("ServicePrincipal", Kind::NonEmpty)], &[]);
const ONE_ACCOUNT: Messages = organizations(&[required("AccountId", Kind::NonEmpty)], &[]);
const LIST_ACCOUNTS: Messages = organizations(
    &[body("NextToken", Kind::String), body("MaxResults", Kind::Integer(Some((1, 20))))],
    &[body("Accounts", Kind::List { bounds: None, item: &Kind::Open }), body("NextToken", Kind::String)],
);
