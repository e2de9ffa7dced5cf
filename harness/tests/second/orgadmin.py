"""Security Hub's side of AWS Organizations: designation and organization configuration."""
from choices import choice
from defects import defect
from wire import ApiError
from world import SERVICE, Designation, page, with_token


def management(w, rs):
    """SH-ORG-009, SH-ORG-017, Q38; without an organization see SH-ORG-015."""
    org = w.org(rs.account)
    if org is None or org.management != rs.account:
        raise ApiError(choice("Q38"), "The account %s is not the management account of an organization" % rs.account)
    return org


def list_organization_admin_accounts(w, rs, given):
    if w.org(rs.account) is None:                                 # SH-ORG-015
        raise ApiError("AccessDenied", "Your account is not a member of an organization")
    org = management(w, rs)
    found = []
    if given.get("Feature", "SecurityHub") == "SecurityHub":
        designation = org.designations.get(rs.region)             # SH-ORG-001, SH-ORG-016, SH-XX-004
        if defect("org-list-other-regions"):
            designation = next(iter(org.designations.values()), None)
        if designation:
            found.append((designation.account, {"AccountId": designation.account, "Status": "ENABLED"}))
        ending = org.ending.pop(rs.region, None)
        if ending and not designation:                            # SH-ORG-012
            found.append((ending, {"AccountId": ending, "Status": "DISABLE_IN_PROGRESS"}))
    elif rs.region in org.requests.get("v2", {}):
        account = org.requests["v2"][rs.region]
        found.append((account, {"AccountId": account, "Status": "ENABLED"}))
    shown, following = page(sorted(found, key=lambda p: p[0]), ["ListOrganizationAdminAccounts", rs.account, rs.region],
                            given.get("NextToken"), given.get("MaxResults", 10))
    out = {"AdminAccounts": shown}
    if "Feature" in given:
        out["Feature"] = given["Feature"]
    return with_token(out, following)


def enable_organization_admin_account(w, rs, given):
    org = management(w, rs)
    account, feature = given["AdminAccountId"], given.get("Feature", "SecurityHub")
    if account not in org.accounts or org.accounts[account].status != "ACTIVE":
        raise ApiError("InvalidInput", "The account %s is not an active member of the organization" % account)
    if feature == "SecurityHubV2":
        org.requests.setdefault("v2", {})[rs.region] = account
        return {"AdminAccountId": account, "Feature": feature}
    there = w.rs(account, rs.region)
    here = org.designations.get(rs.region)
    if here and here.account == account:                          # SH-ORG-004
        raise ApiError("ResourceConflict", "The account is already the administrator of the organization")
    designated = {d.account for region, d in org.designations.items()
                  if region == rs.region or not defect("org-second-admin-other-region")}
    if designated - {account}:                                    # SH-ORG-005, SH-ORG-006, Q37
        raise ApiError(choice("Q37"), "Another account is already the administrator of the organization")
    if account == org.management and there.hub is None:           # SH-ORG-002, SH-ORG-003
        raise ApiError(choice("SH-ORG-003"), "The management account must enable Security Hub first")
    if there.administrator:                                       # SH-XX-005
        raise ApiError("InvalidInput", "The account %s is a member of another administrator" % account)
    if SERVICE not in org.services:                               # N10
        if choice("N10") == "MustBeOnFirst":
            raise ApiError("InvalidInput", "Trusted access for Security Hub is not enabled in the organization")
        org.services[SERVICE] = w.now()
    org.designations[rs.region] = Designation(account)            # SH-ORG-029
    org.ending.pop(rs.region, None)
    if account != org.management:
        org.delegated.setdefault(SERVICE, {}).setdefault(account, w.now())
    if there.hub is None and not defect("org-hub-not-enabled"):   # SH-ORG-010, N09
        w.enable_hub(there, choice("N09") == "Default")
    for member in list(there.members.values()):                   # SH-ORG-011, T50
        if member.account not in org.accounts:
            continue
        other = w.rs(member.account, rs.region)
        if member.status == "Enabled":
            member.relation = other.administrator.relation = "org"
            other.invitations.pop(account, None)                  # table 2.4: no entry for organization members
            if choice("Q35") == "Dropped":
                member.email = None
        elif member.status in ("Created", "Invited") and choice("C07-designation") == "Enabled":
            suspended = org.accounts[member.account].status != "ACTIVE"
            off = member.account == org.management and other.hub is None
            if not (other.administrator or other.has_enabled() or suspended or off):
                if other.hub is None:
                    w.enable_hub(other, True)
                w.add_org_member(there, member.account, email_kept=True)
    return {"AdminAccountId": account, "Feature": feature}


def disable_organization_admin_account(w, rs, given):
    org = management(w, rs)
    account = given["AdminAccountId"]
    if given.get("Feature", "SecurityHub") == "SecurityHubV2":
        org.requests.setdefault("v2", {}).pop(rs.region, None)
        return None
    found = org.designations.get(rs.region)
    if found is None or found.account != account:                 # SH-ORG-013
        if choice("SH-ORG-013") == "Silent200":
            return None
        raise ApiError(choice("SH-ORG-013"), "The account %s is not the administrator of the organization" % account)
    if found.type == "CENTRAL":                                   # SH-ORG-014
        raise ApiError(choice("SH-ORG-014"), "The administrator cannot be removed while central configuration is used")
    w.end_designation(org, rs.region)                             # SH-ORG-012, T49
    for region in list(org.designations) if defect("org-disable-every-region") else []:
        w.end_designation(org, region)
    if choice("SH-ORG-012") == "InProgressOnce":
        org.ending[rs.region] = account
    if not any(d.account == account for d in org.designations.values()):
        org.delegated.get(SERVICE, {}).pop(account, None)
    return None


def configuration_of(w, rs):
    """SH-ORG-018, SH-ORG-019 after SH-ORG-020."""
    w.need_hub(rs)
    found = w.designation(rs.account, rs.region)
    if found is None:
        raise ApiError("InvalidAccess", "Account %s is not an administrator for this organization" % rs.account)
    return found


def describe_organization_configuration(w, rs, given):
    found = configuration_of(w, rs)                               # SH-ORG-029
    return {"AutoEnable": found.auto_enable, "MemberAccountLimitReached": False,
            "AutoEnableStandards": found.auto_standards,
            "OrganizationConfiguration": {"ConfigurationType": found.type, "Status": "ENABLED"}}


def update_organization_configuration(w, rs, given):
    if defect("org-config-for-all") and rs.hub and not w.designation(rs.account, rs.region):
        return None
    found = configuration_of(w, rs)
    kind = given.get("OrganizationConfiguration", {}).get("ConfigurationType", found.type)
    if kind == "CENTRAL":
        if given["AutoEnable"] or given.get("AutoEnableStandards") == "DEFAULT":   # SH-ORG-023
            raise ApiError("InvalidInput", "Auto Enable and AutoEnableStandards can not be enabled for "
                           "Central Configuration")
        if not found.synced and choice("SH-ORG-024") == "OneTransientFailure":    # SH-ORG-024
            found.synced = True
            raise ApiError("DataUnavailable", "Central configuration couldn't be enabled because data from "
                           "organization %s is still syncing. Retry later." % w.org(rs.account).ident)
    found.type = kind
    stuck = found.auto_enable and defect("org-auto-enable-sticks")
    found.auto_enable = given["AutoEnable"] or stuck              # SH-ORG-021
    for other in w.org(rs.account).designations.values() if defect("org-config-shared") else []:
        other.auto_enable = found.auto_enable
    found.auto_standards = "NONE" if kind == "CENTRAL" else given.get("AutoEnableStandards", found.auto_standards)
    if defect("org-auto-enable-existing") and found.auto_enable:
        for account in sorted(w.org(rs.account).accounts):
            w.auto_enable(found, rs.region, account)
    return None
