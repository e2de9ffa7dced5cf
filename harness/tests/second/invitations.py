"""The invitee's side: list, count, accept, decline, delete, leave, administrator."""
from choices import choice
from defects import defect
from members import OUT_OF_RANGE, REJECTED, malformed, refused
from wire import membership
from world import NO_RESOURCE, Link, cis_arn, fsbp_arn, page, with_token

NO_PENDING = REJECTED + ("the current account has no pending invitation from the given master account ID "
                         "or is already an associated member of another master account.")
OWN_MEMBERS = REJECTED + ("the current account cannot accept invitations since it still has created, "
                          "invited or associated members.")
HAS_MASTER = REJECTED + ("the current account cannot accept invitations since it is already "
                         "an associated member of some master account.")
INVITER_IS_MEMBER = REJECTED + ("the current account cannot accept the invitation from the given master account ID "
                                "since the latter is an associated member of another master account.")
CANNOT_DELETE = REJECTED + ("the current account cannot delete the invitation from the given master account ID "
                            "since it is still associated to it or has not declined their invitation yet.")
NO_INVITATION = REJECTED + "the current account has no invitation from the given master account ID."
NO_MASTER = REJECTED + "the current account is not associated to a master account"
ORG_MEMBER = REJECTED + "member cannot disassociate from Organization administrator"


# ---------------------------------------------------------------- reads
def seen_status(invitation):
    if invitation.left and not invitation.declined and invitation.status == "Resigned":
        return choice("N05")                                      # N05
    return invitation.status                                      # SH-LINV-005


def show(w, rs, invitation):
    """SH-LINV-001."""
    status = seen_status(invitation)
    if defect("invitation-status-upper"):
        status = status.upper()
    account = rs.account if defect("invitation-names-invitee") else invitation.account
    return {"AccountId": account, "InvitationId": invitation.ident,
            "InvitedAt": w.iso(invitation.invited), "MemberStatus": status}


def list_invitations(w, rs, given):
    found = [i for i in rs.invitations.values()                   # SH-LINV-002, SH-LINV-004..009
             if i.status != "Enabled" or choice("Q18") == "ListedEnabled"]
    if defect("invitations-of-others"):
        found += [i for r in w.regions.values() if r is not rs and r.region == rs.region
                  for i in r.invitations.values() if i.account not in rs.invitations]
    pairs = sorted(((w.order_key(i.account, i.seq) + i.ident, i) for i in found), key=lambda p: p[0])
    shown, following = page(pairs, ["ListInvitations", rs.account, rs.region], given.get("NextToken"),
                            given.get("MaxResults", 50))
    return with_token({"Invitations": [show(w, rs, i) for i in shown]}, following)


def get_invitations_count(w, rs, given):
    """SH-LINV-010: open and declined ones, without the accepted one."""
    count = 0
    for i in rs.invitations.values():
        if i.status == "Enabled":
            count += defect("count-includes-accepted")
        elif i.status == "Removed":
            count += choice("SH-LINV-REMOVED") == "Counted"
        elif i.left and not i.declined:
            count += choice("N06") == "Counted"
        elif i.declined and defect("count-leaves-out-declined"):
            continue
        else:
            count += 1
    return {"InvitationsCount": int(count)}


def administrator_of(w, rs):
    link = rs.administrator
    if link is None:                                              # SH-ADMIN-002, SH-ADMIN-005, SH-ADMIN-007
        opened = [i for i in rs.invitations.values() if i.status == "Invited"]
        if choice("SH-ADMIN-004") == "Invited" and opened and not rs.members:
            return show(w, rs, max(opened, key=lambda i: i.seq))
        return None
    status = "Associated" if defect("administrator-associated") else "Enabled"
    out = {"AccountId": link.account, "MemberStatus": status}     # SH-ADMIN-001, SH-ADMIN-006
    if link.ident is not None:
        out.update({"InvitationId": link.ident, "InvitedAt": w.iso(link.invited)})
    elif link.relation == "org" and choice("Q36") == "Present":   # Q36
        link.ident, link.invited = w.hexid(), w.now()
        out.update({"InvitationId": link.ident, "InvitedAt": w.iso(link.invited)})
    return out


def get_administrator_account(w, rs, given):
    found = administrator_of(w, rs)
    if not found and defect("administrator-none-refused"):
        raise membership("BadRequest", NO_MASTER)
    if rs.administrator and rs.administrator.hidden:
        return {}
    return {"Administrator": found} if found else {}


def get_master_account(w, rs, given):
    found = administrator_of(w, rs)
    return {"Master": found} if found else {}


# ---------------------------------------------------------------- accept
def accept_administrator_invitation(w, rs, given):
    return accept(w, rs, given["AdministratorId"], given["InvitationId"])


def accept_invitation(w, rs, given):                              # SH-ACCEPT-015
    if defect("accept-legacy-refuses"):
        raise membership(choice("Q22"), NO_PENDING)
    out = accept(w, rs, given["MasterId"], given["InvitationId"])
    if defect("accept-legacy-hidden"):
        rs.administrator.hidden = True
    return out


def accept(w, rs, administrator, ident):
    def no(text):                                                 # Q22
        return membership(choice("Q22"), text)
    above = w.rs(administrator, rs.region)
    member = above.members.get(rs.account)
    invitation = rs.invitations.get(administrator)
    link = rs.administrator
    if link and link.relation == "org" and defect("accept-by-org-member"):
        link = None
    if link and link.account == administrator and link.ident == ident \
            and choice("SH-ACCEPT-014") == "Success":             # SH-ACCEPT-014
        return None
    if link and not (defect("accept-second-administrator") and link.account != administrator):
        raise no(HAS_MASTER)                                      # SH-ACCEPT-008, SH-ACCEPT-013
    if member is None or invitation is None and member.status != "Removed":
        raise no(NO_PENDING)                                      # SH-ACCEPT-003
    if member.invitation_id != ident or member.relation != "invitation" or member.withdrawn:
        raise no(NO_PENDING)                                      # SH-ACCEPT-004
    if member.status == "Removed":                                # Q21, SH-ACCEPT-012
        if choice("Q21") == "Refused":
            raise no(NO_PENDING)
    elif member.status not in ("Invited", "Resigned"):
        raise no(NO_PENDING)
    elif invitation.declined and choice("Q20") == "Refused":      # Q20, SH-ACCEPT-011, T09
        raise no(NO_PENDING)
    if above.administrator:                                       # SH-ACCEPT-009
        raise no(INVITER_IS_MEMBER)
    has_enabled = rs.has_enabled() and not defect("accept-as-administrator")
    if has_enabled or w.designation(rs.account, rs.region):       # SH-ACCEPT-007, SH-XX-005
        raise no(OWN_MEMBERS)
    if any(m.status in ("Created", "Invited") for m in rs.members.values()) and choice("Q23") == "Refused":
        raise no(OWN_MEMBERS)                                     # SH-ACCEPT-006, Q23
    if invitation and invitation.left and defect("accept-after-leave-no-effect"):
        return None
    if invitation:
        invitation.status, invitation.declined, invitation.left = "Enabled", False, False
    if defect("accept-one-sided"):
        rs.administrator = Link(administrator, "invitation", ident, member.invited)
    else:                                                         # SH-ACCEPT-001, SH-ACCEPT-010, T03, T08
        w.join_member(above, member, "invitation")
    if defect("accept-adds-standards"):
        for arn in (fsbp_arn(rs.region), cis_arn(rs.region)):
            w.subscribe(rs, arn, {})
    return None                                                   # SH-ACCEPT-016: standards untouched


# ---------------------------------------------------------------- decline, delete
def per_answer(answer, ident, text):
    if answer in ("ResourceNotFound", "BadRequest"):
        raise membership(answer, NO_RESOURCE if answer == "ResourceNotFound" else text)
    return [refused(ident, text)] if answer == "PerAccount" else []


def decline_invitations(w, rs, given):
    plan, results = [], []
    for ident in dict.fromkeys(given["AccountIds"]):
        if malformed(ident):
            results.append(refused(ident, OUT_OF_RANGE))
            continue
        invitation = rs.invitations.get(ident)
        linked = rs.administrator and rs.administrator.account == ident
        if linked and rs.administrator.relation == "invitation":  # SH-DECLINE-003, Q24-enabled
            if choice("Q24-enabled") == "EndsResigned":
                plan.append(ident)
            else:
                results += per_answer(choice("Q24-enabled"), ident, NO_PENDING)
        elif invitation is None or invitation.status == "Removed":   # SH-DECLINE-002, Q24-none
            results += per_answer(choice("Q24-none"), ident, NO_PENDING)
        elif invitation.declined:                                 # SH-DECLINE-005, Q24-twice
            results += per_answer(choice("Q24-twice"), ident, NO_PENDING)
        elif invitation.left and choice("N07") == "PerAccount":   # N07
            results.append(refused(ident, NO_PENDING))
        else:
            plan.append(ident)
    if plan and defect("decline-all"):
        plan = [i.account for i in rs.invitations.values() if i.status == "Invited"]
    for ident in plan:                                            # SH-DECLINE-001, T04
        if rs.administrator and rs.administrator.account == ident:
            leave(w, rs)
            continue
        invitation, member = rs.invitations[ident], w.rs(ident, rs.region).members.get(rs.account)
        invitation.status, invitation.declined = "Resigned", True
        if member:
            member.status = "Removed" if defect("decline-as-removed") else "Resigned"
            w.touch(member)
        if member and defect("decline-drops-entry"):
            del w.rs(ident, rs.region).members[rs.account]
    return {"UnprocessedAccounts": w.arrange(results)}


def delete_invitations(w, rs, given):
    """SH-DELINV-004, Q25: the caller is the invitee, the inviter, or either."""
    plan, results = [], []
    side = choice("Q25-side")
    for ident in dict.fromkeys(given["AccountIds"]):
        if malformed(ident):
            results.append(refused(ident, OUT_OF_RANGE))
            continue
        received = rs.invitations.get(ident) if side != "Inviter" else None
        sent = w.rs(ident, rs.region).invitations.get(rs.account) if side != "Invitee" else None
        invitation, holder, key = (received, rs, ident) if received else (sent, w.rs(ident, rs.region), rs.account)
        if invitation is None:                                    # SH-DELINV-005
            results += per_answer(choice("SH-DELINV-005"), ident, NO_INVITATION)
        elif invitation.status == "Enabled":                      # SH-DELINV-003
            results.append(refused(ident, CANNOT_DELETE))
        elif invitation.status == "Invited" and choice("Q25-open") == "PerAccount":   # SH-DELINV-002
            results.append(refused(ident, CANNOT_DELETE))
        elif invitation.left and not invitation.declined and choice("N08") == "PerAccount":   # N08
            results.append(refused(ident, CANNOT_DELETE))
        else:
            plan.append((holder, key))                            # SH-DELINV-001
    for holder, key in plan:
        holder.invitations.pop(key, None)
        member = w.rs(key, rs.region).members.get(holder.account)
        if member:
            member.withdrawn = True                               # the old pair is worth nothing now
    if plan and defect("delete-invitations-all"):
        rs.invitations.clear()
    return {"UnprocessedAccounts": w.arrange(results)}


# ---------------------------------------------------------------- leave
def leave(w, rs):
    """T06, SH-LEAVE-001: Resigned; the invitation remains (SH-LINV-007)."""
    link, rs.administrator = rs.administrator, None
    member = w.rs(link.account, rs.region).members.get(rs.account)
    if member:
        member.status = "Resigned"
        w.touch(member)
    invitation = rs.invitations.get(link.account)
    if invitation and defect("leave-drops-invitation"):
        del rs.invitations[link.account]
    elif invitation:
        invitation.status, invitation.left, invitation.declined = "Resigned", True, False


def disassociate_from_administrator(w, rs, given):
    if rs.administrator is None:                                  # SH-LEAVE-003, SH-LEAVE-006
        if defect("leave-without-administrator"):
            return None
        if defect("leave-none-not-found"):
            raise membership("ResourceNotFound", NO_RESOURCE)
        raise membership("BadRequest", NO_MASTER)
    if rs.administrator.relation == "org" and not defect("org-member-may-leave"):   # SH-LEAVE-002, T47
        raise membership("BadRequest", ORG_MEMBER)
    for other in w.of_account(rs.account) if defect("leave-every-region") else []:
        if other is not rs and other.administrator:
            leave(w, other)
    leave(w, rs)
    return None


def disassociate_from_master(w, rs, given):                       # SH-LEAVE-004
    if rs.administrator and defect("leave-legacy-no-effect"):
        return None
    return disassociate_from_administrator(w, rs, given)
