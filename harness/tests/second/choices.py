"""Open questions of the evidence as named choices; the first answer is the default.

Ids: Qnn = section 4 of aws-evidence.md (a letter where one question hides several),
Nnn = the "No rule" list of contradictions.md in its order, Cnn = a row of its table,
SH-... = a rule that is UNKNOWN or names alternatives, Dnn/P-... = rows of protocol.md.
"""
import json
import random

QUESTIONS = {
    # -- membership, hub off ---------------------------------------------------------
    "Q01": ["BadRequest", "AccessDenied", "InvalidAccess"],      # membership call, hub off
    "Q02": ["ResourceNotFound", "InvalidAccess"],                # DisableSecurityHub, hub off
    "Q03": ["InvalidInput", "BadRequest", "LimitExceeded", "PerAccount"],  # Create, 51 entries
    "Q04-create": ["Once", "SecondRefused", "Request400"],       # same id twice in one request
    "Q04-invite": ["Once", "SecondRefused", "Request400"],
    "Q04-delete": ["Once", "SecondRefused", "Request400"],
    "Q05": ["PerAccount", "Request400"],                         # malformed account id
    "Q06": ["Accepted", "PerAccount", "Request400"],             # malformed e-mail
    "Q07": ["AlreadyMember", "NoOp", "ResetCreated"],            # Create on Removed/Resigned
    "Q08-create": ["Created", "PerAccount"],                     # target Enabled elsewhere
    "Q08-invite": ["PerAccount", "Invited"],
    "Q09": ["PerAccount", "BadRequest", "ResourceNotFound"],     # Invite, never created
    "Q10": ["InvitedNewId", "InvitedSameId", "PerAccount"],      # Invite on Resigned
    "Q11": ["New", "Same"],                                      # InvitationId on re-invite
    "Q12": ["Omitted", "Unprocessed", "ResourceNotFound"],       # GetMembers, unknown id
    "Q13-delete": ["Silent200", "PerAccount", "ResourceNotFound", "BadRequest"],
    "Q13-disassociate": ["Silent200", "ResourceNotFound", "BadRequest"],
    "Q14": ["ProcessValid", "NothingAndError"],                  # mixed list, Disassociate
    "Q15": ["StaysInvited", "BecomesRemoved"],                   # Disassociate on Invited
    "Q16-disassociate": ["Removed", "Deleted", "Absent"],        # organization member after it
    "Q16-leave": ["Removed", "Deleted", "Absent"],               # after leaving (also C10, T48)
    "Q17": ["Gone", "PerAccount"],                               # Delete, organization member
    "Q18": ["Hidden", "ListedEnabled"],                          # accepted one in the list
    "Q19-removed": ["Dropped", "KeptRemoved"],
    "Q19-deleted": ["Dropped", "KeptRemoved"],
    "Q20": ["Enabled", "Refused"],                               # accept after decline
    "Q21": ["Refused", "Enabled"],                               # old id after Removed
    "Q22": ["BadRequest", "ResourceNotFound", "InvalidInput", "AccessDenied"],  # Accept errors
    "Q23": ["Refused", "Success"],                               # accept, own Created/Invited
    "Q24-none": ["Empty", "PerAccount", "ResourceNotFound", "BadRequest"],
    "Q24-twice": ["Empty", "PerAccount", "ResourceNotFound", "BadRequest"],
    "Q24-enabled": ["Empty", "PerAccount", "ResourceNotFound", "BadRequest", "EndsResigned"],
    "Q25-side": ["Invitee", "Inviter", "Both"],                  # DeleteInvitations: who calls
    "Q25-open": ["PerAccount", "Success"],                       # open invitation deleted
    "Q26": ["400", "401", "400-other-text"],                     # Disable, Enabled members
    "Q27": ["Nothing", "MembersRestored"],                       # disable and re-enable
    "Q28": ["Empty", "AccessDenied", "BadRequest"],              # ListMembers by a member
    "Q29-last": ["Absent", "Null", "EmptyString"],               # NextToken, last page
    "Q29-bogus": ["Error", "FirstPage", "EmptyPage"],
    "Q29-binding": ["Carried", "RequestWins", "Error"],          # other filter on later page
    "Q29-full": ["NoToken", "TokenThenEmptyPage"],               # exactly full last page
    "Q30": ["ById", "Insertion", "Shuffled"],
    "Q31": ["Empty200", "Request400"],                           # AccountIds = []
    "Q32": ["Object", "ZeroBytes", "SuccessString"],             # bodies of empty outputs
    "Q33-header": ["Bare", "UriSuffix"],                         # membership-dialect errors
    "Q33-message": ["Message", "message"],
    "Q33-code": ["Code", "__type", "None"],
    "Q34": ["EveryTransition", "InviteOnly"],                    # UpdatedAt
    "Q35": ["Kept", "Dropped"],                                  # Email when org takes over
    "Q36": ["Absent", "Present"],                                # InvitationId of org member
    "Q37": ["ResourceConflict", "InvalidInput", "AccessDenied"],  # second administrator
    "Q38": ["AccessDenied", "InvalidAccess", "InvalidInput"],    # not the management account
    "Q39": ["Ignored", "Request400"],                            # unknown JSON members
    "Q40": ["LimitExceeded", "TooManyRequests", "Throttling"],   # used when SH-XX-003 is on
    "Q41": ["Created", "Enabled"],                               # own org, no delegation
    # -- no rule ---------------------------------------------------------------------
    "N01": ["ValidationFirst", "HubFirst"],
    "N02": ["AccessDenied403", "UnknownOperation404", "MissingToken403"],
    "N03": ["Dropped", "Kept"],           # received invitations, invitee disables
    "N04": ["Dropped", "Kept"],           # sent invitations, inviter disables
    "N05": ["Resigned", "Invited"],       # ListInvitations status after leaving
    "N06": ["Counted", "NotCounted"],     # count after leaving
    "N07": ["Empty", "PerAccount"],       # decline after leaving
    "N08": ["Success", "PerAccount"],     # delete invitation after leaving
    "N09": ["None", "Default"],           # standards of the designated account's new hub
    "N10": ["Enables", "MustBeOnFirst"],  # designation and trusted access
    "N11": ["Kept", "Removed"],           # non-organization members, designation removed
    # -- contradictions --------------------------------------------------------------
    "C03": ["New", "Kept"],               # InvitedAt on re-invitation
    "C06": ["Same", "Split"],             # header BadRequest, body type InvalidInput
    "C07-designation": ["Unchanged", "Enabled"],   # Created/Invited org accounts
    "C07-create": ["AlreadyMember", "Enabled"],
    "C08": ["Refused", "Invited"],        # Invite on a Removed organization account
    # -- rules that name alternatives ------------------------------------------------
    "SH-ENABLE-002": ["409", "401"],      # addendum: ResourceConflictException with 401
    "SH-WIRE-006": ["400", "401"],        # status of Disable's InvalidInputException
    "SH-HUB-003": ["ResourceNotFound", "InvalidInput"],
    "SH-CREATE-020": ["PerAccount", "AccessDenied", "InvalidAccess"],
    "SH-CREATE-031": ["PerAccount", "LimitExceeded"],
    "SH-GET-006": ["Success", "Request400", "Truncated"],
    "SH-GET-007": ["Once", "Twice"],
    "SH-DELETE-008": ["Success", "Request400", "Surplus"],
    "SH-INVITE-013": ["PerAccount", "LimitExceeded"],
    "SH-INVITE-014": ["Surplus", "Request400"],
    "SH-LINV-REMOVED": ["Counted", "NotCounted"],  # table 2.4: count of kept Removed entries
    "SH-ACCEPT-014": ["Refused", "Success"],
    "SH-DELINV-005": ["Empty", "PerAccount"],
    "SH-DISASSOC-006": ["NoOp", "BadRequest"],
    "SH-DISASSOC-010": ["Success", "Request400"],
    "SH-ADMIN-004": ["Absent", "Invited"],
    "SH-ORG-003": ["InvalidInput", "InvalidAccess", "AccessDenied"],
    "SH-ORG-012": ["AtOnce", "InProgressOnce"],    # DISABLE_IN_PROGRESS seen by one list
    "SH-ORG-013": ["ResourceNotFound", "InvalidInput", "Silent200"],
    "SH-ORG-014": ["InvalidInput", "AccessDenied"],
    "SH-FIND-006": ["AccessDenied", "Accepted"],   # addendum: other ProductArn
    "SH-FIND-REQUIRED": ["Request400", "FailedFindings"],  # finding without required member
    "SH-DISABLE-008": ["FindingsKept", "FindingsGone"],    # seen after re-enabling
    "SH-STD-002": ["AfterTwoReads", "AfterOneSecond"],     # PENDING to READY
    "SH-STD-DELETING": ["GoneAtOnce", "DeletingOnce"],
    "SH-WIRE-022": ["FilterThenCut", "CutThenFilter"],
    # -- protocol.md -----------------------------------------------------------------
    "P-PARSE": ["SerializationException", "InvalidInputException", "BadRequestException"],
    "P-CONSTR": ["InvalidInputException", "BadRequestException", "ValidationException"],
    "D102": ["Request400", "PerAccount"],          # blank string in AccountIds
    "D21": ["ROUTE", "405"],
    "D24": ["ISO", "ROUTE"],
    "D35": ["Ignored", "406"],
    "D37": ["Ignored", "415"],
    "D41": ["403", "400"],
    "D65": ["Refused", "Accepted"],
    "D67": ["LastWins", "Refused"],
    "ORG-CREATEACCOUNT": ["InProgressFirst", "AtOnce"],
    "ORG-CLOSE": ["SUSPENDED", "PENDING_CLOSURE"],  # status just after CloseAccount
    # -- transients: only by --choices, never picked by --random-choices ---------------
    "SH-ENABLE-009": ["Settled", "OneTransientFailure"],
    "SH-DISABLE-010": ["Settled", "OneTransientFailure"],
    "SH-XX-003": ["Off", "Every50th"],             # each 50th membership call is throttled
    "SH-ORG-024": ["Settled", "OneTransientFailure"],
}

TRANSIENT = ("SH-ENABLE-009", "SH-DISABLE-010", "SH-ORG-024", "SH-XX-003")

CHOSEN = {name: answers[0] for name, answers in QUESTIONS.items()}


def choice(name):
    return CHOSEN[name]


def set_choices(mapping):
    for name, answer in mapping.items():
        if name not in QUESTIONS:
            raise SystemExit("unknown choice %r" % name)
        if answer not in QUESTIONS[name]:
            raise SystemExit("choice %s has no answer %r (has %s)" % (name, answer, QUESTIONS[name]))
        CHOSEN[name] = answer


def random_choices(seed):
    rng = random.Random("choices-%s" % seed)
    return {name: answers[0] if name in TRANSIENT else rng.choice(answers)
            for name, answers in QUESTIONS.items()}


def as_json(mapping):
    return json.dumps(mapping, indent=1)
