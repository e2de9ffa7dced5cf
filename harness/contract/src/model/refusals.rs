//! The error answers of the service, by dialect.
//!
//! Hub calls use the modelled errors; membership calls answer from a backend of their own with the unmodelled
//! `BadRequestException`, and newer clients also expect `AccessDeniedException` with the same words.

use super::branch::{Refusal, RefusalForm, Wording};
use super::questions;
use crate::domain::{Answer, ErrorKind, Grade, QuestionId};

const fn form(kind: ErrorKind, text: Wording) -> RefusalForm {
    RefusalForm { kind, text, answer: None }
}

const fn answering(kind: ErrorKind, text: Wording, question: QuestionId, answer: &'static str) -> RefusalForm {
    RefusalForm { kind, text, answer: Some(Answer { question, answer }) }
}

/// Forms of a refusal whose error type is known.
macro_rules! firm {
    ($forms:expr) => {
        Refusal { forms: $forms, grade: Grade::Documented }
    };
}

/// Forms of a refusal whose error type is only inferred.
macro_rules! inferred {
    ($forms:expr) => {
        Refusal { forms: $forms, grade: Grade::Inferred }
    };
}

const NO_RESOURCE: Wording = Wording::Guess("The request is rejected since no such resource found.");
const NOT_SUBSCRIBED: Wording = Wording::Guess("Account {account} is not subscribed to AWS Security Hub");
const INVALID: Wording = Wording::Guess(
    "The request is rejected because an invalid or out-of-range value is specified as an input parameter.",
);

/// SH-XX-001: a membership call while the hub is off.
pub(super) const HUB_OFF: Refusal = firm!(&[
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::HUB_OFF, "bad-request"),
    answering(ErrorKind::AccessDenied, NO_RESOURCE, questions::HUB_OFF, "access-denied"),
    answering(ErrorKind::InvalidAccess, NOT_SUBSCRIBED, questions::HUB_OFF, "invalid-access"),
    // The body of a BadRequestException may name this one, here and below (SH-WIRE-010).
    form(ErrorKind::InvalidInput, NO_RESOURCE),
]);

/// SH-XX-002: a hub call while the hub is off.
pub(super) const NOT_ON: Refusal = firm!(&[form(ErrorKind::InvalidAccess, NOT_SUBSCRIBED)]);

/// SH-ENABLE-002: the hub is on already.
pub(super) const ALREADY_ON: Refusal = firm!(&[form(
    ErrorKind::ResourceConflict,
    Wording::Observed("Account is already subscribed to Security Hub")
)]);

/// SH-HUB-003: the ARN of some other hub.
pub(super) const NO_SUCH_HUB: Refusal = inferred!(&[
    answering(
        ErrorKind::ResourceNotFound,
        Wording::Guess("The hub was not found."),
        questions::FOREIGN_HUB,
        "not-found",
    ),
    answering(
        ErrorKind::InvalidInput,
        Wording::Guess("Invalid hub ARN."),
        questions::FOREIGN_HUB,
        "invalid-input"
    ),
    form(ErrorKind::InvalidAccess, NOT_SUBSCRIBED),
    form(ErrorKind::AccessDenied, Wording::Guess("Not authorized.")),
]);

/// SH-DISABLE-002: nothing to disable.
pub(super) const NOTHING_TO_DISABLE: Refusal = firm!(&[
    answering(
        ErrorKind::ResourceNotFound,
        Wording::Guess("Account {account} is not subscribed to AWS Security Hub"),
        questions::DISABLE_OFF,
        "not-found",
    ),
    answering(ErrorKind::InvalidAccess, NOT_SUBSCRIBED, questions::DISABLE_OFF, "invalid-access"),
]);

/// SH-DISABLE-005: a member keeps its hub.
pub(super) const MEMBER_KEEPS_HUB: Refusal =
    inferred!(&[form(ErrorKind::InvalidInput, Wording::Guess("Member account cannot disable Security Hub"))]);

/// SH-DISABLE-006: so does an administrator with enabled members.
pub(super) const ADMINISTRATOR_KEEPS_HUB: Refusal = inferred!(&[form(
    ErrorKind::InvalidInput,
    Wording::Guess("Cannot disable Security Hub on the Security Hub administrator"),
)]);

/// SH-HUB-005: settings that only the administrator may change.
pub(super) const MEMBER_CANNOT_CONFIGURE: Refusal = firm!(&[form(
    ErrorKind::InvalidAccess,
    Wording::Guess("Request contains configurations that cannot be updated by a member account {account}"),
)]);

/// A constraint of the API model is broken. Generated servers say `ValidationException`.
pub(super) const CONSTRAINT: Refusal = inferred!(&[
    answering(ErrorKind::InvalidInput, INVALID, questions::CONSTRAINT, "invalid-input"),
    answering(ErrorKind::BadRequest, INVALID, questions::CONSTRAINT, "bad-request"),
    answering(ErrorKind::Validation, INVALID, questions::CONSTRAINT, "validation"),
    form(ErrorKind::Serialization, INVALID),
]);

const TOO_MANY_TEXT: Wording =
    Wording::Guess("The request exceeds maximum number of members can be created in a single request");

/// SH-CREATE-014: more than fifty entries.
pub(super) const TOO_MANY: Refusal = firm!(&[
    answering(ErrorKind::InvalidInput, TOO_MANY_TEXT, questions::TOO_MANY, "invalid-input"),
    answering(ErrorKind::BadRequest, TOO_MANY_TEXT, questions::TOO_MANY, "bad-request"),
    answering(ErrorKind::LimitExceeded, TOO_MANY_TEXT, questions::TOO_MANY, "limit-exceeded"),
    form(ErrorKind::Validation, TOO_MANY_TEXT),
]);

/// A whole request refused where the evidence leaves the shape open.
pub(super) const SOME_4XX: Refusal = firm!(&[
    form(ErrorKind::BadRequest, INVALID),
    form(ErrorKind::InvalidInput, INVALID),
    form(ErrorKind::ResourceNotFound, NO_RESOURCE),
    form(ErrorKind::Validation, INVALID),
    form(ErrorKind::AccessDenied, INVALID),
    form(ErrorKind::Serialization, INVALID),
]);

/// SH-INVITE-014 and what is open of other calls: more than fifty ids.
pub(super) const LONG_LIST: Refusal = firm!(&[
    form(ErrorKind::BadRequest, TOO_MANY_TEXT),
    form(ErrorKind::InvalidInput, TOO_MANY_TEXT),
    form(ErrorKind::LimitExceeded, TOO_MANY_TEXT),
    form(ErrorKind::Validation, TOO_MANY_TEXT),
]);

/// SH-CREATE-031, SH-INVITE-013: a quota is reached.
pub(super) const QUOTA: Refusal = inferred!(&[form(ErrorKind::LimitExceeded, QUOTA_TEXT)]);

const QUOTA_TEXT: Wording = Wording::Guess(
    "The request is rejected because the current account cannot exceed the maximum number of allowed members.",
);

/// SH-INVITE-005: the account was never created.
pub(super) const NOT_CREATED: Refusal = firm!(&[
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::INVITE_UNCREATED, "bad-request"),
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::INVITE_UNCREATED, "not-found"),
    form(ErrorKind::InvalidInput, NO_RESOURCE),
]);

/// SH-GET-002: the account is on no list.
pub(super) const NO_SUCH_MEMBER: Refusal =
    firm!(&[answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::GET_UNKNOWN, "not-found"),]);

/// SH-DELETE-005: likewise, for calls that change.
pub(super) const NOTHING_TO_DELETE: Refusal = firm!(&[
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::DELETE_UNKNOWN, "not-found"),
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DELETE_UNKNOWN, "bad-request"),
    form(ErrorKind::InvalidInput, INVALID),
]);

/// SH-DISASSOC-005: likewise, where nothing can be reported account by account.
pub(super) const NOTHING_TO_DISASSOCIATE: Refusal = firm!(&[
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::DISASSOCIATE_UNKNOWN, "not-found"),
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DISASSOCIATE_UNKNOWN, "bad-request"),
    form(ErrorKind::InvalidInput, INVALID),
]);

/// SH-DISASSOC-006: the member is removed or has resigned already.
pub(super) const NOT_ASSOCIATED: Refusal = firm!(&[
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DISASSOCIATE_AGAIN, "refused"),
    form(ErrorKind::InvalidInput, INVALID),
    form(ErrorKind::ResourceNotFound, NO_RESOURCE),
]);

/// SH-DECLINE-002: nothing to decline.
pub(super) const NOTHING_TO_DECLINE: Refusal = firm!(&[
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::DECLINE_NOTHING, "not-found"),
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DECLINE_NOTHING, "bad-request"),
    form(ErrorKind::InvalidInput, INVALID),
]);

/// SH-DECLINE-005: it was declined before.
pub(super) const DECLINED_BEFORE: Refusal = firm!(&[
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::DECLINE_TWICE, "not-found"),
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DECLINE_TWICE, "bad-request"),
    form(ErrorKind::InvalidInput, INVALID),
]);

/// N07: it belongs to a membership that was left.
pub(super) const LEFT_BEFORE: Refusal = firm!(&[
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DECLINE_LEFT, "refused"),
    form(ErrorKind::ResourceNotFound, NO_RESOURCE),
    form(ErrorKind::InvalidInput, INVALID),
]);

/// SH-DECLINE-003: it was accepted.
pub(super) const ACCEPTED_BEFORE: Refusal = firm!(&[
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::DECLINE_PRESENT, "not-found"),
    answering(ErrorKind::BadRequest, NO_RESOURCE, questions::DECLINE_PRESENT, "bad-request"),
    form(ErrorKind::InvalidInput, INVALID),
]);

/// SH-CREATE-020, SH-INVITE-007 as a refusal of the whole request.
pub(super) const MEMBER_CANNOT: Refusal = inferred!(&[
    answering(ErrorKind::AccessDenied, MEMBER_TEXT, questions::MEMBER_CREATES, "access-denied"),
    answering(ErrorKind::InvalidAccess, MEMBER_TEXT, questions::MEMBER_CREATES, "invalid-access"),
]);

const MEMBER_TEXT: Wording = Wording::Guess(
    "The request is rejected because the current account is already an associated member of another master account.",
);

const NO_INVITATION: Wording = Wording::Guess(
    "The request is rejected because the current account has no pending invitation from the given master account ID or is already an associated member of another master account.",
);

/// Q22: an accept that is refused.
pub(super) const CANNOT_ACCEPT: Refusal = inferred!(&[
    answering(ErrorKind::BadRequest, NO_INVITATION, questions::ACCEPT_ERROR, "bad-request"),
    answering(ErrorKind::ResourceNotFound, NO_INVITATION, questions::ACCEPT_ERROR, "not-found"),
    answering(ErrorKind::InvalidInput, NO_INVITATION, questions::ACCEPT_ERROR, "invalid-input"),
    answering(ErrorKind::AccessDenied, NO_INVITATION, questions::ACCEPT_ERROR, "access-denied"),
]);

/// SH-LEAVE-003: there is no administrator to leave.
pub(super) const NO_ADMINISTRATOR: Refusal =
    firm!(
        &[form(ErrorKind::BadRequest, NOT_ASSOCIATED_TEXT), form(ErrorKind::InvalidInput, NOT_ASSOCIATED_TEXT),]
    );

const NOT_ASSOCIATED_TEXT: Wording =
    Wording::Observed("The request is rejected because the current account is not associated to a master account");

/// SH-ADMIN-002: there is no administrator to show; clients tolerate this in place of an answer without one.
pub(super) const NOBODY_ADMINISTERS: Refusal = firm!(&[form(ErrorKind::ResourceNotFound, NO_RESOURCE)]);

/// Q28: `ListMembers` by an account that is no administrator.
pub(super) const NOT_AN_ADMINISTRATOR: Refusal = firm!(&[
    answering(
        ErrorKind::InvalidAccess,
        Wording::Guess("Account {account} is not an administrator"),
        questions::LIST_STANDALONE,
        "refused",
    ),
    form(ErrorKind::BadRequest, NO_RESOURCE),
    form(ErrorKind::InvalidInput, NO_RESOURCE),
    form(ErrorKind::AccessDenied, NO_RESOURCE),
    form(ErrorKind::Internal, Wording::Guess("Internal error")),
]);

/// SH-DISABLE-003: so does a delegated administrator.
pub(super) const DELEGATE_KEEPS_HUB: Refusal = firm!(&[form(
    ErrorKind::InvalidInput,
    Wording::Observed("Cannot disable Security Hub on the Security Hub administrator"),
)]);

/// SH-DISABLE-004: and a member by its organization.
pub(super) const COLLEAGUE_KEEPS_HUB: Refusal =
    firm!(&[form(ErrorKind::InvalidInput, Wording::Observed("Member account cannot disable Security Hub"))]);

/// SH-LEAVE-002: a member by its organization can't leave.
pub(super) const COLLEAGUE_CANNOT_LEAVE: Refusal = firm!(&[
    form(ErrorKind::BadRequest, COLLEAGUE_STAYS_TEXT),
    form(ErrorKind::InvalidInput, COLLEAGUE_STAYS_TEXT),
]);

const COLLEAGUE_STAYS_TEXT: Wording = Wording::Observed(
    "The request is rejected because member cannot disassociate from Organization administrator",
);

const NOT_MANAGING: Wording = Wording::Guess(
    "The request is rejected because the account is not the management account of the organization.",
);

/// SH-ORG-009: only the management account designates.
pub(super) const NOT_MANAGEMENT: Refusal = inferred!(&[
    answering(ErrorKind::AccessDenied, NOT_MANAGING, questions::NOT_MANAGEMENT, "access-denied"),
    answering(ErrorKind::InvalidAccess, NOT_MANAGING, questions::NOT_MANAGEMENT, "invalid-access"),
    answering(ErrorKind::InvalidInput, NOT_MANAGING, questions::NOT_MANAGEMENT, "invalid-input"),
]);

/// SH-ORG-017: only the management account is told who is designated; the error is unknown.
pub(super) const NOT_MANAGEMENT_READS: Refusal = inferred!(&[
    answering(ErrorKind::AccessDenied, NOT_MANAGING, questions::NOT_MANAGEMENT, "access-denied"),
    answering(ErrorKind::InvalidAccess, NOT_MANAGING, questions::NOT_MANAGEMENT, "invalid-access"),
    answering(ErrorKind::InvalidInput, NOT_MANAGING, questions::NOT_MANAGEMENT, "invalid-input"),
    form(ErrorKind::BadRequest, NOT_MANAGING),
    form(ErrorKind::ResourceNotFound, NOT_MANAGING),
]);

/// SH-ORG-015: an account that is in no organization.
pub(super) const NO_ORGANIZATION: Refusal =
    firm!(&[form(ErrorKind::AccessDenied, Wording::Guess("Your account is not a member of an organization."),)]);

/// SH-ORG-004: it is designated already.
pub(super) const DESIGNATED_ALREADY: Refusal = firm!(&[form(
    ErrorKind::ResourceConflict,
    Wording::Guess("The account is already enabled as an administrator account."),
)]);

const ONE_ADMINISTRATOR: Wording =
    Wording::Guess("The organization already has a delegated Security Hub administrator.");

/// SH-ORG-005, SH-ORG-006: another account is, here or in another Region.
pub(super) const SECOND_ADMINISTRATOR: Refusal = inferred!(&[
    answering(ErrorKind::ResourceConflict, ONE_ADMINISTRATOR, questions::SECOND_ADMINISTRATOR, "conflict"),
    answering(ErrorKind::InvalidInput, ONE_ADMINISTRATOR, questions::SECOND_ADMINISTRATOR, "invalid-input"),
    answering(ErrorKind::AccessDenied, ONE_ADMINISTRATOR, questions::SECOND_ADMINISTRATOR, "access-denied"),
]);

const OWN_HUB_FIRST: Wording = Wording::Guess("The management account must first enable Security Hub.");

/// SH-ORG-003: the management account designates itself while its hub is off.
pub(super) const OWN_HUB_OFF: Refusal = inferred!(&[
    answering(ErrorKind::InvalidInput, OWN_HUB_FIRST, questions::DESIGNATE_SELF_OFF, "invalid-input"),
    answering(ErrorKind::InvalidAccess, OWN_HUB_FIRST, questions::DESIGNATE_SELF_OFF, "invalid-access"),
    answering(ErrorKind::AccessDenied, OWN_HUB_FIRST, questions::DESIGNATE_SELF_OFF, "access-denied"),
    form(ErrorKind::ResourceNotFound, OWN_HUB_FIRST),
    form(ErrorKind::BadRequest, OWN_HUB_FIRST),
    form(ErrorKind::ResourceConflict, OWN_HUB_FIRST),
]);

const CENTRALLY: Wording = Wording::Guess("The administrator can't be removed under central configuration.");

/// SH-ORG-014: the configuration is central.
pub(super) const CENTRAL_KEEPS_ADMINISTRATOR: Refusal = inferred!(&[
    answering(ErrorKind::InvalidInput, CENTRALLY, questions::UNDESIGNATE_CENTRAL, "invalid-input"),
    answering(ErrorKind::InvalidAccess, CENTRALLY, questions::UNDESIGNATE_CENTRAL, "invalid-access"),
    answering(ErrorKind::AccessDenied, CENTRALLY, questions::UNDESIGNATE_CENTRAL, "access-denied"),
    form(ErrorKind::ResourceNotFound, CENTRALLY),
    form(ErrorKind::BadRequest, CENTRALLY),
    form(ErrorKind::ResourceConflict, CENTRALLY),
]);

/// SH-ORG-013: no account is designated, or another one is.
pub(super) const NOBODY_DESIGNATED: Refusal = firm!(&[
    answering(ErrorKind::ResourceNotFound, NO_RESOURCE, questions::UNDESIGNATE_NOBODY, "not-found"),
    answering(ErrorKind::InvalidInput, INVALID, questions::UNDESIGNATE_NOBODY, "invalid-input"),
    form(ErrorKind::InvalidAccess, NO_RESOURCE),
    form(ErrorKind::BadRequest, NO_RESOURCE),
    form(ErrorKind::AccessDenied, NO_RESOURCE),
    form(ErrorKind::ResourceConflict, NO_RESOURCE),
]);

/// What is refused for a reason that no source names the error of, by calls about the organization.
pub(super) const SOME_REFUSAL: Refusal = firm!(&[
    form(ErrorKind::InvalidInput, INVALID),
    form(ErrorKind::InvalidAccess, NO_RESOURCE),
    form(ErrorKind::AccessDenied, INVALID),
    form(ErrorKind::BadRequest, INVALID),
    form(ErrorKind::ResourceNotFound, NO_RESOURCE),
    form(ErrorKind::ResourceConflict, INVALID),
    form(ErrorKind::Validation, INVALID),
    form(ErrorKind::Serialization, INVALID),
]);

/// SH-ORG-018, SH-ORG-019: only the delegated administrator configures.
pub(super) const NOT_DELEGATED: Refusal = firm!(&[form(
    ErrorKind::InvalidAccess,
    Wording::Guess("Account {account} is not an administrator for this organization"),
)]);

/// SH-ORG-023: what central configuration rules out.
pub(super) const NOT_WHILE_CENTRAL: Refusal = firm!(&[form(
    ErrorKind::InvalidInput,
    Wording::Observed("Auto Enable and AutoEnableStandards can not be enabled for Central Configuration"),
)]);

/// SH-ORG-024: central configuration before the organization's data is there.
pub(super) const STILL_SYNCING: Refusal = firm!(&[form(
    ErrorKind::DataUnavailable,
    Wording::Guess(
        "Central configuration couldn't be enabled because data from the organization is still syncing."
    ),
)]);

/// SH-STD-005: an ARN that is none.
pub(super) const NO_SUCH_STANDARD: Refusal =
    firm!(&[form(ErrorKind::InvalidInput, Wording::Guess("Invalid StandardsSubscriptionRequest(s)"))]);

/// SH-FIND-004: a finding of another account.
pub(super) const FOREIGN_FINDING: Refusal = firm!(&[form(
    ErrorKind::AccessDenied,
    Wording::Guess("A finding of the default product must carry the id of the account that imports it."),
)]);

/// SH-FIND-007: a member can't have an aggregator.
pub(super) const MEMBER_CANNOT_AGGREGATE: Refusal = firm!(&[form(
    ErrorKind::InvalidInput,
    Wording::Observed("A finding aggregator cannot be created by a member account."),
)]);

/// The refusal of AWS Organizations, which is no matter of this contract.
pub(super) const UNFIT_FOR_ORGANIZATION: Refusal =
    firm!(&[form(ErrorKind::InvalidInput, Wording::Guess("The organization does not allow this."),)]);

/// Per-account reasons.
pub(super) mod reasons {
    use super::Wording;

    pub(in crate::model) const SELF: Wording =
        Wording::Guess("The request is rejected because an account cannot become a member of itself.");
    pub(in crate::model) const ALREADY_MEMBER: Wording = Wording::Observed(
        "The request is rejected because the given account ID is already a member or associated member of the current account.",
    );
    pub(in crate::model) const INVALID: Wording = super::INVALID;
    pub(in crate::model) const MEMBER: Wording = super::MEMBER_TEXT;
    pub(in crate::model) const TAKEN: Wording = Wording::Guess(
        "The request is rejected because the given account ID is already an associated member of another master account.",
    );
    pub(in crate::model) const QUOTA: Wording = super::QUOTA_TEXT;
    pub(in crate::model) const TOO_MANY: Wording = Wording::Guess("Maximum number of results exceeded");
    pub(in crate::model) const STILL_ASSOCIATED: Wording = Wording::Guess(
        "The request is rejected because the current account cannot delete the given member account ID since it is still associated to it.",
    );
    pub(in crate::model) const NO_RESOURCE: Wording = super::NO_RESOURCE;
    pub(in crate::model) const ALREADY_INVITED: Wording = Wording::Observed(
        "The request is rejected because the current account has already invited or is already the SecurityHub master of the given member account ID.",
    );
    pub(in crate::model) const INVITES_SELF: Wording =
        Wording::Guess("The request is rejected because the current account cannot invite itself.");
    pub(in crate::model) const MANAGEMENT_OFF: Wording = Wording::Guess(
        "Operation failed because your organization master must first enable SecurityHub to be added as a member",
    );
    pub(in crate::model) const COLLEAGUE: Wording =
        Wording::Guess("The request is rejected because the given account ID belongs to your organization.");
    /// SH-INVITE-011: the text that scripts know is likely for those that get no invitation.
    pub(in crate::model) const INVITES_COLLEAGUE: Wording = Wording::Guess(ALREADY_INVITED.words());
    pub(in crate::model) const NOT_DECLINED: Wording = Wording::Guess(
        "The request is rejected because the current account cannot delete the invitation from the given master account ID since it is still associated to it or has not declined their invitation yet.",
    );
}
