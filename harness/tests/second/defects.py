"""Planted mistakes, one active at a time: name -> (rule violated, sentence). Forty, and sixty more."""

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

MORE = {
    # seen by a call or two of one account
    "enable-three-standards": ("SH-ENABLE-003", "EnableSecurityHub enables a third standard by default."),
    "subscribed-at-number": ("SH-WIRE-014", "DescribeHub writes SubscribedAt as a number of seconds."),
    "describe-own-arn-refused": ("SH-HUB-004", "DescribeHub answers ResourceNotFoundException to the account's own HubArn."),
    "not-subscribed-403": ("SH-XX-002", "Hub, standards and findings calls without a hub answer with status 403 instead of 401."),
    "findings-without-hub": ("SH-XX-002", "GetFindings answers 200 where there is no hub."),
    "standard-unknown-accepted": ("SH-STD-005", "BatchEnableStandards subscribes to a malformed standard."),
    "import-counts-one": ("SH-FIND-006", "BatchImportFindings says SuccessCount 1 however many findings it took."),
    "create-needs-target-hub": ("SH-CREATE-003", "CreateMembers refuses an account that has no hub."),
    "get-first-only": ("SH-GET-001", "GetMembers returns only the first of several members."),
    "members-without-master-id": ("SH-WIRE-005b", "Members have AdministratorId but no MasterId."),
    "list-false-means-true": ("SH-LIST-002", "ListMembers takes any OnlyAssociated, even false, for true."),
    "invite-needs-email": ("SH-INVITE-002", "InviteMembers refuses a member without Email."),
    "invited-at-missing": ("SH-INVITE-001", "An invited member has no InvitedAt."),
    "disassociate-deletes-entry": ("SH-DISASSOC-001", "DisassociateMembers deletes the entry of an Enabled member."),
    "invitation-id-uuid": ("SH-WIRE-015", "InvitationId has the hyphens of a UUID."),
    "invitation-names-invitee": ("SH-LINV-001", "AccountId in ListInvitations is the invited account, not the administrator."),
    "administrator-none-refused": ("SH-ADMIN-002", "GetAdministratorAccount without an administrator answers BadRequestException."),
    "administrator-associated": ("SH-ADMIN-001", "The administrator has MemberStatus Associated, the name that Enabled once had."),
    "leave-none-not-found": ("SH-LEAVE-003", "DisassociateFrom... without an administrator answers ResourceNotFoundException 404."),
    "delete-invitations-without-hub": ("SH-XX-001", "DeleteInvitations answers 200 where there is no hub."),
    # seen once two or three accounts have gone some way
    "second-enable-without-standards": ("SH-ENABLE-003", "A hub that was off and is enabled again gets no default standards."),
    "member-sets-generator": ("SH-HUB-005", "A member may set ControlFindingGenerator."),
    "disable-as-member": ("SH-DISABLE-005", "A member may disable its hub."),
    "disable-needs-empty-list": ("SH-DISABLE-007", "Entries that aren't Enabled keep the hub from being disabled."),
    "create-leading-zero-lost": ("SH-CREATE-003", "CreateMembers reads account ids as numbers and loses leading zeros."),
    "create-last-email-for-all": ("SH-CREATE-002", "All members of one CreateMembers batch get the e-mail address of the last."),
    "get-shows-deleted": ("SH-GET-003", "GetMembers still returns a deleted member, with status Deleted."),
    "list-short-last-page-lost": ("SH-LIST-004", "ListMembers gives no NextToken when less than a full page remains."),
    "delete-stops-at-refusal": ("SH-DELETE-001", "DeleteMembers leaves the entries after a refused one alone, and doesn't report them."),
    "invite-enabled-resets": ("SH-INVITE-004", "InviteMembers on an Enabled member makes it Invited."),
    "invite-again-undelivered": ("SH-INVITE-008", "A Removed member that is invited again has no invitation on its side."),
    "count-leaves-out-declined": ("SH-LINV-010", "GetInvitationsCount leaves declined invitations out."),
    "accept-adds-standards": ("SH-STD-004", "Acceptance enables the default standards in the member."),
    "accept-legacy-hidden": ("SH-ACCEPT-015", "After AcceptInvitation only GetMasterAccount knows the administrator."),
    "accept-after-leave-no-effect": ("SH-ACCEPT-010", "Accepting again after leaving answers 200 and changes nothing."),
    "decline-drops-entry": ("SH-DECLINE-001", "A decline deletes the administrator's entry instead of making it Resigned."),
    "disassociate-first-only": ("SH-DISASSOC-001", "DisassociateMembers removes only the first of several members."),
    "leave-legacy-no-effect": ("SH-LEAVE-001", "DisassociateFromMasterAccount answers 200 and changes nothing."),
    "org-hub-not-enabled": ("SH-ORG-010", "Designation doesn't enable the hub of the designated account."),
    "org-auto-enable-sticks": ("SH-ORG-021", "AutoEnable can be switched on but not off."),
}

ACTIVE = set()


def defect(name):
    assert name in DEFECTS or name in MORE, name
    return name in ACTIVE


def activate(name):
    if name not in DEFECTS and name not in MORE:
        raise SystemExit("unknown defect %r" % name)
    ACTIVE.add(name)
