"""Forty planted mistakes, one active at a time: name -> (rule violated, sentence)."""

DEFECTS = {
    "enable-again-succeeds": ("SH-ENABLE-002", "A second EnableSecurityHub answers 200 instead of ResourceConflictException."),
    "opt-out-ignored": ("SH-ENABLE-004", "EnableDefaultStandards=false still enables the default standards."),
    "describe-off-not-found": ("SH-HUB-002", "DescribeHub without a hub answers ResourceNotFoundException 404."),
    "disable-as-administrator": ("SH-DISABLE-006", "An administrator with Enabled members may disable its hub."),
    "disable-leaves-standards": ("SH-DISABLE-008", "Standards survive DisableSecurityHub and are back in the second cycle."),
    "create-needs-email": ("SH-CREATE-001", "CreateMembers refuses an account without Email."),
    "email-lower-case": ("SH-CREATE-002", "The e-mail address is stored in lower case."),
    "create-again-silent": ("SH-CREATE-007", "CreateMembers on an existing member reports nothing."),
    "create-again-wrong-reason": ("SH-CREATE-007", "The per-account reason for an existing member speaks of an unknown account."),
    "batch-all-or-nothing": ("SH-CREATE-030", "One refused account keeps the whole CreateMembers batch from being created."),
    "recreate-restores-status": ("SH-CREATE-009", "A deleted member that is created again has its old status, not Created."),
    "create-in-every-region": ("SH-CREATE-037", "CreateMembers adds the member in every Region where the caller has a hub."),
    "list-default-shows-all": ("SH-LIST-001", "ListMembers without OnlyAssociated lists members of every status."),
    "list-false-hides-left": ("SH-LIST-002", "OnlyAssociated=false omits Removed and Resigned members."),
    "page-overlap": ("SH-LIST-004", "The second page of ListMembers begins with the last member of the first."),
    "max-results-ignored": ("SH-LIST-004", "ListMembers ignores MaxResults."),
    "get-unknown-500": ("SH-GET-002", "GetMembers for an id that was never created answers 500."),
    "delete-enabled": ("SH-DELETE-004", "DeleteMembers deletes an Enabled member."),
    "delete-removed-keeps": ("SH-DELETE-003", "DeleteMembers of a Removed member reports success but leaves the entry."),
    "invite-again-silent": ("SH-INVITE-003", "InviteMembers on an Invited member reports nothing."),
    "invite-removed-refused": ("SH-INVITE-008", "A Removed member cannot be invited again."),
    "invitation-status-upper": ("SH-WIRE-017", "ListInvitations writes MemberStatus in upper case."),
    "invitations-of-others": ("SH-LINV-001", "ListInvitations also shows invitations sent to other accounts in the Region."),
    "count-includes-accepted": ("SH-LINV-010", "GetInvitationsCount counts the accepted invitation."),
    "accept-one-sided": ("SH-ACCEPT-001", "After acceptance the administrator still sees Invited."),
    "accept-second-administrator": ("SH-ACCEPT-008", "A member may accept a second administrator."),
    "accept-legacy-refuses": ("SH-ACCEPT-015", "AcceptInvitation (MasterId) always refuses."),
    "decline-as-removed": ("SH-DECLINE-001", "After a decline the administrator sees Removed instead of Resigned."),
    "leave-drops-invitation": ("SH-LINV-007", "Leaving the administrator drops the invitation, so it cannot be accepted again."),
    "disassociate-keeps-administrator": ("SH-ADMIN-005", "A removed member still sees its administrator."),
    "leave-without-administrator": ("SH-LEAVE-003", "DisassociateFrom... answers 200 when there is no administrator."),
    "disassociate-drops-created": ("SH-DISASSOC-003", "DisassociateMembers removes the entry of a Created member."),
    "findings-after-removal": ("SH-FIND-003", "The administrator still sees findings of Invited, Removed and Resigned members."),
    "findings-across-regions": ("SH-XX-004", "GetFindings returns the caller's findings of all Regions."),
    "import-foreign-account": ("SH-FIND-004", "BatchImportFindings accepts a finding of another account."),
    "org-create-as-invitation": ("SH-CREATE-022", "CreateMembers by the delegated administrator leaves an organization account Created."),
    "org-member-may-leave": ("SH-LEAVE-002", "An organization member can disassociate itself."),
    "org-auto-enable-existing": ("SH-ORG-025", "Switching AutoEnable on also makes existing accounts members."),
    "org-config-for-all": ("SH-ORG-018", "Any account with a hub may update the organization configuration."),
    "org-disable-keeps-members": ("SH-ORG-012", "Members stay associated after DisableOrganizationAdminAccount."),
}

ACTIVE = set()


def defect(name):
    assert name in DEFECTS, name
    return name in ACTIVE


def activate(name):
    if name not in DEFECTS:
        raise SystemExit("unknown defect %r" % name)
    ACTIVE.add(name)
