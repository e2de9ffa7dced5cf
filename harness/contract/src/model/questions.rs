//! The open questions that branch in this model, with the admissible answers, the preferred one first.
//!
//! Their wording and sources are in `fixtures/contract/questions.toml`; a test holds the two against each other.

use crate::domain::{Answer, QuestionId};

macro_rules! questions {
    ($($(#[$doc:meta])* $name:ident = $id:literal: $($answer:literal),+;)*) => {
        $($(#[$doc])* pub const $name: QuestionId = QuestionId($id);)*

        /// Every question with its answers.
        pub const ALL: &[(QuestionId, &[&str])] = &[$(($name, &[$($answer),+]),)*];
    };
}

questions! {
    /// The error of a membership call while the hub is off.
    HUB_OFF = "Q01": "bad-request", "access-denied", "invalid-access";
    /// Disabling a hub that is off.
    DISABLE_OFF = "Q02": "not-found", "invalid-access";
    /// More than 50 entries in one `CreateMembers`.
    TOO_MANY = "Q03": "invalid-input", "bad-request", "limit-exceeded", "unprocessed";
    /// The same account twice in one request.
    DUPLICATE = "Q04": "silent", "unprocessed", "refused";
    /// A malformed account id in a list.
    MALFORMED_ID = "Q05": "unprocessed", "refused";
    /// A malformed email.
    MALFORMED_EMAIL = "Q06": "accepted", "unprocessed", "refused";
    /// `CreateMembers` on a member that was removed or has resigned.
    CREATE_AGAIN = "Q07": "unprocessed", "unchanged", "recreated";
    /// `CreateMembers` on an account that is enabled under another administrator.
    CREATE_TAKEN = "Q08": "created", "unprocessed";
    /// `InviteMembers` on an account that was never created.
    INVITE_UNCREATED = "Q09": "unprocessed", "bad-request", "not-found";
    /// `InviteMembers` on a member that has resigned.
    INVITE_RESIGNED = "Q10": "invited", "unprocessed";
    /// Whether inviting again changes the invitation's id.
    REINVITE = "Q11": "same-id", "new-id";
    /// An unknown id in `GetMembers`.
    GET_UNKNOWN = "Q12": "omitted", "unprocessed", "not-found";
    /// An unknown id in `DeleteMembers`.
    DELETE_UNKNOWN = "Q13": "silent", "unprocessed", "not-found", "bad-request";
    /// Known and unknown ids in one `DisassociateMembers`.
    DISASSOCIATE_MIXED = "Q14": "skipped", "refused";
    /// `DisassociateMembers` on an invited account.
    DISASSOCIATE_INVITED = "Q15": "unchanged", "removed";
    /// What a member by its organization shows after it was disassociated.
    AFTER_RELEASE = "Q16": "removed", "deleted", "absent";
    /// `DeleteMembers` on such a member.
    DELETE_RELEASED = "Q17": "deleted", "unprocessed";
    /// Whether an accepted invitation is listed.
    ACCEPTED_LISTED = "Q18": "omitted", "listed";
    /// Whether an invitation outlives the administrator's removing the member.
    AFTER_REMOVAL = "Q19": "kept", "dropped";
    /// Accepting after declining.
    ACCEPT_DECLINED = "Q20": "enabled", "refused";
    /// Accepting the old invitation after being removed.
    ACCEPT_REMOVED = "Q21": "refused", "enabled";
    /// The error of a refused accept.
    ACCEPT_ERROR = "Q22": "bad-request", "not-found", "invalid-input", "access-denied";
    /// Accepting while the caller has entries of its own that are not enabled.
    ACCEPT_AS_INVITER = "Q23": "refused", "accepted";
    /// Declining where no invitation was sent.
    DECLINE_NOTHING = "Q24": "silent", "unprocessed", "not-found", "bad-request";
    /// Whose invitations `DeleteInvitations` deletes.
    DELETE_WHOSE = "Q25": "invitee", "inviter";
    /// The error for disabling as an administrator with enabled members.
    DISABLE_ADMINISTRATOR = "Q26": "status-400", "status-401", "other-text";
    /// What disabling and enabling again brings back.
    REENABLE = "Q27": "dropped", "restored";
    /// `ListMembers` by an account that is nobody's administrator.
    LIST_STANDALONE = "Q28": "empty", "refused";
    /// A token that was never handed out.
    BOGUS_TOKEN = "Q29": "refused", "first-page", "empty";
    /// The order of entries in a list.
    ORDER_OF_LISTS = "Q30": "request-order", "other-order";
    /// The body of an answer without members.
    EMPTY_BODY = "Q32": "empty-body", "empty-object", "success-string";
    /// How the text of an error is spelled.
    MESSAGE_CASE = "Q33": "upper-message", "lower-message";
    /// `InvitedAt` of an account that was never invited.
    INVITED_EARLY = "Q34": "omitted", "present";
    /// Empty lists of account ids.
    EMPTY_LIST = "Q31": "accepted", "refused";
    /// Whether an invitation member that becomes a member by its organization keeps its email address.
    EMAIL_OF_CONVERT = "Q35": "kept", "dropped";
    /// Whether a member by its organization is shown an invitation with its administrator.
    ADMINISTRATOR_DETAILS = "Q36": "omitted", "present";
    /// The error of a second delegated administrator.
    SECOND_ADMINISTRATOR = "Q37": "conflict", "invalid-input", "access-denied";
    /// The error of organization calls by an account that doesn't manage the organization.
    NOT_MANAGEMENT = "Q38": "access-denied", "invalid-access", "invalid-input";
    /// `CreateMembers` on an account of the caller's organization, without delegation.
    CREATE_COLLEAGUE = "Q41": "created", "enabled";
    /// Whether a faulty request is refused as such while the hub is off.
    ORDER = "N01": "hub-first", "validation-first";
    /// Invitations received by an account that switches its hub off.
    RECEIVED_AFTER_DISABLE = "N03": "kept", "dropped";
    /// Invitations sent by an account that switches its hub off.
    SENT_AFTER_DISABLE = "N04": "kept", "dropped";
    /// How an invitation is shown after the member left.
    STATUS_AFTER_LEAVING = "N05": "resigned", "invited", "enabled";
    /// Whether an invitation is counted after the member left.
    COUNT_AFTER_LEAVING = "N06": "counted", "not-counted";
    /// Declining the invitation of an administrator one has left.
    DECLINE_LEFT = "N07": "silent", "unprocessed", "refused";
    /// Deleting the invitation of an administrator one has left.
    DELETE_LEFT = "N08": "deleted", "unprocessed";
    /// Whether the hub of a delegated administrator is switched on with the default standards.
    STANDARDS_OF_ADMINISTRATOR = "N09": "default-standards", "no-standards";
    /// Whether designating needs trusted access.
    UNTRUSTED_DESIGNATION = "N10": "refused", "accepted";
    /// Members by invitation after their administrator's designation has ended.
    INVITED_AFTER_DESIGNATION = "N11": "kept", "removed", "absent";
    /// Entries that are Created or Invited when their administrator is designated.
    LISTED_AT_DESIGNATION = "N16": "unchanged", "enabled";
    /// `CreateMembers` by the delegated administrator on such an entry.
    CREATE_LISTED = "N17": "unprocessed", "enabled";
    /// `InviteMembers` on a member by its organization that was disassociated.
    INVITE_RELEASED = "N18": "unprocessed", "invited";
    /// What a member shows after its account left the organization.
    AFTER_DEPARTURE = "N20": "removed", "deleted", "absent";
    /// Removing a delegated administrator that is none.
    UNDESIGNATE_NOBODY = "N36": "not-found", "invalid-input", "silent";
    /// How the management account is refused as a member while its hub is off.
    CREATE_MANAGEMENT = "N39": "unprocessed", "refused";
    /// How an account is refused that is enabled under another administrator.
    CREATE_TAKEN_COLLEAGUE = "N40": "unprocessed", "refused";
    /// The error of a management account that designates itself without a hub.
    DESIGNATE_SELF_OFF = "N45": "invalid-input", "invalid-access", "access-denied";
    /// The error of removing a delegated administrator under central configuration.
    UNDESIGNATE_CENTRAL = "N46": "invalid-input", "invalid-access", "access-denied";
    /// Whether declining one's present administrator ends the membership.
    DECLINE_ENDS = "N12": "unchanged", "resigned";
    /// `InviteMembers` on an account that is enabled under another administrator.
    INVITE_TAKEN = "N19": "invited", "unprocessed";
    /// Whether an invitation outlives the administrator's deleting the member.
    AFTER_DELETION = "N21": "kept", "dropped";
    /// Declining what was declined before.
    DECLINE_TWICE = "N22": "silent", "unprocessed", "not-found", "bad-request";
    /// Declining one's present administrator.
    DECLINE_PRESENT = "N23": "silent", "unprocessed", "not-found", "bad-request";
    /// An unknown id in `DisassociateMembers`.
    DISASSOCIATE_UNKNOWN = "N24": "silent", "not-found", "bad-request";
    /// `DeleteInvitations` on an open invitation.
    DELETE_OPEN = "N25": "unprocessed", "deleted";
    /// How the last page says that it is the last.
    LAST_TOKEN = "N27": "absent", "null", "empty-string";
    /// Where an error says its type.
    ERROR_TYPE_PLACE = "N28": "bare-header", "suffixed-header", "type-member", "code-member";
    /// More than 50 ids in `GetMembers`.
    GET_MANY = "N29": "accepted", "refused", "unprocessed";
    /// An id given twice in `GetMembers`.
    GET_TWICE = "N30": "once", "twice", "unprocessed", "refused";
    /// More than 50 ids in the other lists of ids.
    LONG_LIST = "N31": "accepted", "refused", "unprocessed";
    /// Whether an open invitation already shows an administrator.
    ADMINISTRATOR_INVITED = "N32": "omitted", "present";
    /// Accepting what was accepted before.
    ACCEPT_TWICE = "N33": "refused", "silent";
    /// Deleting an invitation that doesn't exist.
    DELETE_NOTHING = "N34": "silent", "unprocessed";
    /// Disassociating a member that is removed or has resigned already.
    DISASSOCIATE_AGAIN = "N35": "silent", "refused";
    /// Creating or inviting while being a member oneself.
    MEMBER_CREATES = "N38": "unprocessed", "access-denied", "invalid-access";
    /// A broken constraint of the API model.
    CONSTRAINT = "N43": "invalid-input", "bad-request", "validation";
    /// `DescribeHub` for somebody else's hub.
    FOREIGN_HUB = "N44": "not-found", "invalid-input";
    /// Whether configuration can be made central at once.
    CENTRAL_AT_ONCE = "N49": "at-once", "still-syncing";
    /// Entries on other accounts' lists of an account that switches its hub off.
    LISTED_AFTER_DISABLE = "N48": "kept", "dropped";
}

/// The answer of this name to this question.
///
/// The name is one of [`ALL`]; a test asks for each.
#[must_use]
pub const fn answer(question: QuestionId, answer: &'static str) -> Answer {
    Answer { question, answer }
}
