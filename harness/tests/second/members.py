"""The administrator's side: create, get, list, delete, invite, disassociate members.

Every operation first plans all outcomes (nothing changes while planning), then applies
the plan, so that a refused request changes nothing.
"""
import re
import uuid

from choices import choice
from defects import defect
from wire import ApiError, constraint, membership
from world import NO_RESOURCE, Member, page, with_token

REJECTED = "The request is rejected because "
ALREADY_MEMBER = REJECTED + "the given account ID is already a member or associated member of the current account."
SELF_MEMBER = REJECTED + "an account cannot become a member of itself."
SELF_INVITE = REJECTED + "the current account cannot invite itself."
OUT_OF_RANGE = REJECTED + "an invalid or out-of-range value is specified as an input parameter."
ALREADY_INVITED = REJECTED + ("the current account has already invited or is already the SecurityHub master "
                              "of the given member account ID.")
STILL_ASSOCIATED = REJECTED + ("the current account cannot delete the given member account ID "
                               "since it is still associated to it.")
NOT_CREATED = REJECTED + "the given account ID is not a member of the current account."
NOT_ASSOCIATED = REJECTED + ("the current account cannot disassociate the given member account ID "
                             "since the latter is not yet associated to it.")
CREATE_AS_MEMBER = REJECTED + ("the current account cannot create members since it is already "
                               "an associated member of another master account.")
INVITE_AS_MEMBER = REJECTED + ("the current account cannot invite other accounts since it is already "
                               "an associated member of another master account.")
ELSEWHERE = REJECTED + "the given account ID is already an associated member of another master account."
ORG_MASTER_OFF = "Operation failed because your organization master must first enable SecurityHub to be added as a member"
TOO_MANY = "Maximum number of results exceeded"
QUOTA = REJECTED + "the current account cannot create anymore members since it cannot exceed the maximum number of allowed members."
INVITE_QUOTA = REJECTED + "the current account cannot exceed the maximum number of outstanding invitations."
MAX_MEMBERS = MAX_INVITED = 1000      # SH-CREATE-031, SH-INVITE-013
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+\Z")


def refused(account, reason):
    return {"AccountId": account, "ProcessingResult": reason}


def malformed(ident):
    """Q05. In a request-level reading this raises; otherwise tells whether to refuse the entry."""
    if re.fullmatch(r"[0-9]{12}", ident, re.ASCII):
        return False
    if choice("Q05") == "Request400" and ident.strip():
        raise membership("BadRequest", OUT_OF_RANGE)
    return True


def by_organization(w, rs, member):
    """An entry that the organization made and whose account still is in the organization."""
    org = w.org(rs.account)
    return member.relation == "org" and org is not None and member.account in org.accounts


def once(ids, how, reason):
    """Same id twice (Q04): a list of ids to process, and results for the second copies."""
    seen, todo, results = set(), [], []
    for ident in ids:
        if ident not in seen:
            seen.add(ident)
            todo.append(ident)
        elif how == "Request400":
            raise constraint("AccountIds must be unique")
        elif how == "SecondRefused":
            results.append(refused(ident, reason))
    return todo, results


# ---------------------------------------------------------------- CreateMembers
def create_members(w, rs, given):
    """Only this Region's list changes (SH-CREATE-037) and reads see it at once (SH-CREATE-034)."""
    details = given["AccountDetails"]
    results = []
    if len(details) > 50:                                         # Q03, SH-CREATE-013..015
        if choice("Q03") != "PerAccount":
            kind = choice("Q03")
            text = "The request exceeds maximum number of members can be created in a single request (50)"
            raise membership(kind, text) if kind == "BadRequest" else ApiError(kind, text)
        results = [refused(d["AccountId"], TOO_MANY) for d in details[50:]]
        details = details[:50]
    if rs.administrator and choice("SH-CREATE-020") != "PerAccount":
        raise membership(choice("SH-CREATE-020"), CREATE_AS_MEMBER)
    emails = {}
    for d in details:
        emails.setdefault(d["AccountId"], d.get("Email"))
    todo, twice = once([d["AccountId"] for d in details], choice("Q04-create"), ALREADY_MEMBER)  # SH-CREATE-010
    plan, room = [], MAX_MEMBERS - len(rs.members)
    for ident in todo:
        reason, action = judge_create(w, rs, ident, emails[ident])
        if reason is None and action is add_plain and room <= 0:  # SH-CREATE-031
            if choice("SH-CREATE-031") == "LimitExceeded":
                raise ApiError("LimitExceeded", QUOTA)
            reason = QUOTA
        if reason is not None:
            results.append(refused(ident, reason))
        elif action:
            plan.append((action, ident))
            room -= action is add_plain
    if defect("batch-all-or-nothing") and results:
        plan = []
    if defect("create-last-email-for-all"):
        emails = dict.fromkeys(emails, details[-1].get("Email"))
    for action, ident in plan:                                    # SH-CREATE-030: partial success
        action(w, rs, ident, emails[ident])
    return {"UnprocessedAccounts": w.arrange(results + twice)}


def judge_create(w, rs, ident, email):
    """(reason, None) or (None, action)."""
    if malformed(ident):                                          # SH-CREATE-017
        return OUT_OF_RANGE, None
    if email is not None and (len(email) > 320 or not EMAIL.match(email)):   # Q06, SH-CREATE-018
        if choice("Q06") == "Request400":
            raise constraint("Email is not a valid address")
        if choice("Q06") == "PerAccount":
            return OUT_OF_RANGE, None
    if email is None and defect("create-needs-email"):
        return OUT_OF_RANGE, None
    if w.rs(ident, rs.region).hub is None and defect("create-needs-target-hub"):
        return OUT_OF_RANGE, None
    if ident == rs.account:                                       # SH-CREATE-006
        return SELF_MEMBER, None
    if rs.administrator:                                          # SH-CREATE-020
        return CREATE_AS_MEMBER, None
    there, member = w.rs(ident, rs.region), rs.members.get(ident)
    org = w.org(rs.account)
    designation = w.designation(rs.account, rs.region)
    if member and member.status == "Enabled":                     # SH-CREATE-007, T16
        return already_member(), None
    if designation and ident in org.accounts and not defect("org-create-as-invitation"):
        if member and member.relation == "invitation" and member.status in ("Created", "Invited") \
                and choice("C07-create") == "AlreadyMember":
            return already_member(), None
        taken = there.administrator and not defect("create-steals-member")
        if taken or there.has_enabled():                          # SH-CREATE-027, SH-XX-005
            return ELSEWHERE, None
        if ident == org.management and there.hub is None:         # SH-CREATE-024, T52
            return ORG_MASTER_OFF, None
        return None, add_organization_account                     # SH-CREATE-022, 023, 025, 026, 028
    if member is None or member.status == "Deleted":
        if there.administrator and choice("Q08-create") == "PerAccount":   # Q08, SH-CREATE-021
            return ELSEWHERE, None
        if org and not designation and ident in org.accounts and choice("Q41") == "Enabled" \
                and not there.administrator and not there.has_enabled() \
                and not w.designation(ident, rs.region):          # SH-CREATE-035, Q41
            return None, add_undelegated
        return None, add_plain                                    # SH-CREATE-001..004, 009, T01, T19
    if member.status in ("Created", "Invited"):                   # SH-CREATE-007
        return already_member(), None
    if choice("Q07") == "AlreadyMember":                          # SH-CREATE-008, T17
        return ALREADY_MEMBER, None
    return None, add_plain if choice("Q07") == "ResetCreated" else None


def already_member():
    if defect("create-again-silent"):
        return None
    if defect("create-again-wrong-reason"):
        return "The request is rejected because the given account ID does not exist."
    return ALREADY_MEMBER


def add_plain(w, rs, ident, email):
    """T01: no look at the target's consent, hub or ownership (SH-CREATE-003, SH-CREATE-004)."""
    if email and defect("email-lower-case"):
        email = email.lower()
    if email is None and defect("recreate-keeps-email"):
        email = rs.ghosts.get(ident)
    if defect("create-leading-zero-lost"):
        ident = ident.lstrip("0")
    old = rs.members.get(ident)
    rs.members[ident] = Member(ident, email, w.now(), old.seq if old else w.next())   # SH-CREATE-002
    if old is not None:                                           # Q07 ResetCreated
        w.rs(ident, rs.region).invitations.pop(rs.account, None)
    if defect("recreate-restores-status") and ident in rs.ghosts:
        rs.members[ident].status = rs.ghosts.pop(ident)
    if defect("create-in-every-region"):
        for other in w.of_account(rs.account):
            if other.hub and other is not rs:
                other.members.setdefault(ident, Member(ident, email, w.now(), w.next()))


def add_undelegated(w, rs, ident, email):
    """Q41 'Enabled': an account of the caller's organization without delegation."""
    add_plain(w, rs, ident, email)
    there = w.join_member(rs, rs.members[ident], "invitation")
    if there.hub is None:
        w.enable_hub(there, True)


def add_organization_account(w, rs, ident, email):
    """T40, T43, T44, T46; Email isn't kept (SH-CREATE-029)."""
    there = w.rs(ident, rs.region)
    if w.org(rs.account).accounts[ident].status != "ACTIVE":      # SH-CREATE-026, T43
        old = rs.members.get(ident)
        member = rs.members[ident] = Member(ident, None, w.now(), old.seq if old else w.next())
        member.status, member.relation = "AccountSuspended", "org"
        return
    if there.hub is None:                                         # SH-CREATE-022; 023 leaves hubs alone
        w.enable_hub(there, True)
    w.add_org_member(rs, ident)


# ---------------------------------------------------------------- reads
def show(w, rs, member):
    """SH-GET-001, SH-WIRE-005b."""
    out = {"AccountId": member.account, "MasterId": rs.account, "AdministratorId": rs.account,
           "MemberStatus": member.status, "UpdatedAt": w.iso(member.updated)}
    if defect("members-without-master-id"):
        del out["MasterId"]
    if member.email is not None:
        out["Email"] = member.email
    if member.invited is not None and not defect("invited-at-missing"):
        out["InvitedAt"] = w.iso(member.invited)
    return out


def get_members(w, rs, given):
    ids = given["AccountIds"]
    results = []
    if len(ids) > 50:                                             # SH-GET-006
        if choice("SH-GET-006") == "Request400":
            raise constraint("AccountIds has %d elements" % len(ids))
        if choice("SH-GET-006") == "Truncated":
            results = [refused(i, TOO_MANY) for i in ids[50:]]
            ids = ids[:50]
    if choice("SH-GET-007") == "Once":
        ids = list(dict.fromkeys(ids))
    members = []
    for ident in ids:
        if malformed(ident):
            results.append(refused(ident, OUT_OF_RANGE))
        elif ident in rs.members:
            members.append(rs.members[ident])
        elif defect("get-shows-deleted") and ident in rs.ghosts:
            members.append(rs.ghosts[ident])
        elif defect("get-unknown-500"):
            raise ApiError("Internal", "Internal server error")
        elif choice("Q12") == "ResourceNotFound":                 # Q12, SH-GET-002, SH-GET-003, SH-GET-009
            raise membership("ResourceNotFound", NO_RESOURCE)
        elif choice("Q12") == "Unprocessed":
            results.append(refused(ident, NOT_CREATED))
    if defect("get-first-only"):
        members = members[:1]
    members.sort(key=lambda m: w.order_key(m.account, m.seq))
    return {"Members": [show(w, rs, m) for m in members], "UnprocessedAccounts": w.arrange(results)}


def list_members(w, rs, given):
    """SH-LIST-009, SH-LIST-010 (no type, not the administrator itself), SH-LIST-011."""
    if rs.administrator and choice("Q28") != "Empty":             # SH-LIST-012, Q28
        raise membership(choice("Q28"), REJECTED + "the current account is a member account.")
    only = given.get("OnlyAssociated", not defect("list-default-shows-all"))   # SH-LIST-001, SH-WIRE-019

    def keep(member, binding):                                    # SH-LIST-002, SH-LIST-003
        if binding or defect("list-false-means-true"):
            return member.status == "Enabled"
        return not (defect("list-false-hides-left") and member.status in ("Removed", "Resigned"))
    pairs = sorted(((w.order_key(m.account, m.seq), m) for m in rs.members.values()), key=lambda p: p[0])
    shown, following = page(pairs, ["ListMembers", rs.account, rs.region], given.get("NextToken"),
                            given.get("MaxResults", 50), keep, only)   # SH-LIST-004
    return with_token({"Members": [show(w, rs, m) for m in shown]}, following)


# ---------------------------------------------------------------- DeleteMembers
def delete_members(w, rs, given):
    ids, results = given["AccountIds"], []
    if len(ids) > 50:                                             # SH-DELETE-008
        if choice("SH-DELETE-008") == "Request400":
            raise constraint("AccountIds has %d elements" % len(ids))
        if choice("SH-DELETE-008") == "Surplus":
            results = [refused(i, TOO_MANY) for i in ids[50:]]
            ids = ids[:50]
    todo, twice = once(ids, choice("Q04-delete"), NOT_CREATED)
    gone = []
    for ident in todo:
        member = rs.members.get(ident)
        if results and defect("delete-stops-at-refusal"):
            break
        if malformed(ident):
            results.append(refused(ident, OUT_OF_RANGE))
        elif member is None:                                      # Q13, SH-DELETE-005
            answer = choice("Q13-delete")
            if answer in ("ResourceNotFound", "BadRequest"):
                raise membership(answer, NO_RESOURCE)
            if answer == "PerAccount":
                results.append(refused(ident, NOT_CREATED))
        elif member.status == "Enabled" and not defect("delete-enabled"):   # SH-DELETE-004, T15, T51
            results.append(refused(ident, STILL_ASSOCIATED))
        elif by_organization(w, rs, member) and choice("Q17") == "PerAccount":   # Q17, SH-DELETE-006
            results.append(refused(ident, REJECTED + "the given account ID belongs to the organization."))
        elif not (member.status == "Removed" and defect("delete-removed-keeps")):
            gone.append(ident)                                    # SH-DELETE-001..003, 009, T13, T14
    for ident in gone:
        member = rs.members.pop(ident)
        if defect("recreate-restores-status"):
            rs.ghosts[ident] = member.status
        if defect("get-shows-deleted"):
            member.status, rs.ghosts[ident] = "Deleted", member
        if defect("recreate-keeps-email"):
            rs.ghosts[ident] = member.email
        there = w.unlink(rs, ident)
        if defect("delete-ends-other-link"):
            there.administrator = None
        end_invitation(there, rs.account, choice("Q19-deleted"))  # SH-DELETE-010
    return {"UnprocessedAccounts": w.arrange(results + twice)}


def end_invitation(there, administrator, how):
    """Q19: what the invitee still sees after the administrator removed or deleted it."""
    invitation = there.invitations.get(administrator)
    if invitation is None:
        return
    if how == "Dropped":
        del there.invitations[administrator]
    else:
        invitation.status = "Removed"


# ---------------------------------------------------------------- InviteMembers
def invite_members(w, rs, given):
    ids, results = given["AccountIds"], []
    if len(ids) > 50:                                             # SH-INVITE-014
        if choice("SH-INVITE-014") == "Request400":
            raise constraint("AccountIds has %d elements" % len(ids))
        results = [refused(i, TOO_MANY) for i in ids[50:]]
        ids = ids[:50]
    todo, twice = once(ids, choice("Q04-invite"), ALREADY_INVITED)   # SH-INVITE-016
    room = MAX_INVITED - sum(m.status == "Invited" for m in rs.members.values())
    plan = []
    for ident in todo:
        reason = judge_invite(w, rs, ident)
        if reason is None and room <= 0:                          # SH-INVITE-013
            if choice("SH-INVITE-013") == "LimitExceeded":
                raise ApiError("LimitExceeded", INVITE_QUOTA)
            reason = INVITE_QUOTA
        if reason is None:
            plan.append(ident)
            room -= 1
        elif reason:
            results.append(refused(ident, reason))
    for ident in plan:
        send_invitation(w, rs, rs.members[ident])
    return {"UnprocessedAccounts": w.arrange(results + twice)}


def judge_invite(w, rs, ident):
    """A reason, '' for 'nothing to do', None for 'invite'."""
    member = rs.members.get(ident)
    if malformed(ident):
        return OUT_OF_RANGE
    if ident == rs.account:                                       # SH-INVITE-006
        return SELF_INVITE
    if rs.administrator:                                          # SH-INVITE-007
        return INVITE_AS_MEMBER
    if member is None or member.status == "Deleted":              # Q09, SH-INVITE-005
        if choice("Q09") != "PerAccount":
            raise membership(choice("Q09"), NO_RESOURCE)
        return NOT_CREATED
    if member.email is None and defect("invite-needs-email"):
        return OUT_OF_RANGE
    if member.status == "Invited" and defect("invite-again-silent"):
        return ""
    if member.status == "Enabled" and defect("invite-enabled-resets"):
        return None
    if member.status in ("Invited", "Enabled"):                   # SH-INVITE-003, SH-INVITE-004, T18
        return ALREADY_INVITED
    if member.status == "AccountSuspended":
        return ALREADY_INVITED
    if by_organization(w, rs, member) and choice("C08") == "Refused":   # C08, SH-INVITE-011
        return ALREADY_INVITED
    if w.rs(ident, rs.region).administrator and choice("Q08-invite") == "PerAccount":   # Q08, SH-INVITE-010
        return ELSEWHERE
    if member.status == "Resigned" and choice("Q10") == "PerAccount":   # Q10, SH-INVITE-009
        return ALREADY_INVITED
    if member.status == "Removed" and defect("invite-removed-refused"):
        return ALREADY_INVITED
    return None                                                   # SH-INVITE-001, 002, 008, 012


def send_invitation(w, rs, member):
    """T02, T07: Invited, InvitedAt = UpdatedAt (SH-INVITE-017)."""
    first = member.invitation_id is None
    again = {"Removed": choice("Q11") == "Same", "Resigned": choice("Q10") == "InvitedSameId"}
    if first or not again.get(member.status, False):              # Q11, SH-LINV-008
        member.invitation_id = w.hexid()
        if defect("invitation-id-uuid"):
            member.invitation_id = str(uuid.UUID(member.invitation_id))
    member.updated = w.now()
    if first or choice("C03") == "New":
        member.invited = member.updated
    lost = defect("invite-again-undelivered") and member.status == "Removed"
    member.status, member.relation, member.withdrawn = "Invited", "invitation", False
    if not lost:
        w.deliver(rs, member)


# ---------------------------------------------------------------- DisassociateMembers
def disassociate_members(w, rs, given):
    """No place for per-account failures in the answer (SH-DISASSOC-001, fact 2)."""
    ids = given["AccountIds"]
    if len(ids) > 50 and choice("SH-DISASSOC-010") == "Request400":
        raise constraint("AccountIds has %d elements" % len(ids))
    ids = list(dict.fromkeys(ids))[:1 if defect("disassociate-first-only") else None]
    for ident in ids:
        malformed(ident)                                          # Q05; otherwise like an unknown id
    unknown = [i for i in ids if i not in rs.members]
    gone = [i for i in ids if i in rs.members
            and rs.members[i].status in ("Removed", "Resigned", "Deleted")]
    if gone and choice("SH-DISASSOC-006") == "BadRequest":
        raise membership("BadRequest", NOT_ASSOCIATED)
    if unknown:                                                   # Q13, Q14, SH-DISASSOC-005, SH-DISASSOC-007
        kind = choice("Q13-disassociate")
        if len(unknown) == len(ids):
            if kind != "Silent200":
                raise membership(kind, NO_RESOURCE if kind == "ResourceNotFound" else NOT_ASSOCIATED)
        elif choice("Q14") == "NothingAndError":
            raise membership("BadRequest" if kind == "Silent200" else kind, NOT_ASSOCIATED)
    for ident in ids:
        member = rs.members.get(ident)
        if member is None:
            continue
        if member.status == "Enabled":
            if member.relation == "org":                          # SH-DISASSOC-002, T45
                w.part(rs, member, choice("Q16-disassociate"))
                continue
            member.status = "Removed"                             # SH-DISASSOC-001, SH-DISASSOC-008, T05
            w.touch(member)
            there = w.rs(ident, rs.region)
            if not defect("disassociate-keeps-administrator"):
                w.unlink(rs, ident)
            end_invitation(there, rs.account, choice("Q19-removed"))
            if defect("disassociate-deletes-entry"):
                del rs.members[ident]
        elif member.status == "Invited" and choice("Q15") == "BecomesRemoved":   # SH-DISASSOC-004, T12
            member.status = "Removed"
            w.touch(member)
            end_invitation(w.rs(ident, rs.region), rs.account, choice("Q19-removed"))
        elif member.status == "Created" and defect("disassociate-drops-created"):
            del rs.members[ident]                                 # SH-DISASSOC-003, T11: it must stay
    return None
