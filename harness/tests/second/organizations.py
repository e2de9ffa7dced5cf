"""AWS Organizations (awsJson1_1), as far as Security Hub's membership depends on it."""
import re

from choices import choice
from defects import defect
from wire import ApiError, strict_json
from world import Organization, OrgAccount, page

PREFIX = "AWSOrganizationsV20161128."
PRINCIPAL = (r"[\w+=,.@-]{1,128}", True)
ACCOUNT = (r"[0-9]{12}", True)
TOKEN, COUNT = (None, False), ("count", False)
# operation -> member: (pattern, required); "count" is 1..20
INPUTS = {
    "CreateOrganization": {"FeatureSet": (r"ALL|CONSOLIDATED_BILLING", False)},
    "DescribeOrganization": {}, "LeaveOrganization": {}, "DeleteOrganization": {},
    "CreateAccount": {"Email": (r"(?=.{6,64}\Z)[^\s@]+@[^\s@]+\.[^\s@]+", True),
                      "AccountName": (r"[\x20-\x7e]{1,50}", True), "RoleName": (r"[\w+=,.@-]{1,64}", False),
                      "IamUserAccessToBilling": (r"ALLOW|DENY", False)},
    "DescribeCreateAccountStatus": {"CreateAccountRequestId": (r"car-[a-z0-9]{8,32}", True)},
    "ListAccounts": {"NextToken": TOKEN, "MaxResults": COUNT},
    "DescribeAccount": {"AccountId": ACCOUNT},
    "EnableAWSServiceAccess": {"ServicePrincipal": PRINCIPAL},
    "DisableAWSServiceAccess": {"ServicePrincipal": PRINCIPAL},
    "ListAWSServiceAccessForOrganization": {"NextToken": TOKEN, "MaxResults": COUNT},
    "InviteAccountToOrganization": {"Target": ("object", True), "Notes": (None, False)},
    "ListHandshakesForAccount": {"Filter": ("object", False), "NextToken": TOKEN, "MaxResults": COUNT},
    "AcceptHandshake": {"HandshakeId": (r"h-[0-9a-z]{8,32}", True)},
    "RemoveAccountFromOrganization": {"AccountId": ACCOUNT},
    "CloseAccount": {"AccountId": ACCOUNT},
    "RegisterDelegatedAdministrator": {"AccountId": ACCOUNT, "ServicePrincipal": PRINCIPAL},
    "DeregisterDelegatedAdministrator": {"AccountId": ACCOUNT, "ServicePrincipal": PRINCIPAL},
    "ListDelegatedAdministrators": {"ServicePrincipal": (PRINCIPAL[0], False), "NextToken": TOKEN,
                                    "MaxResults": COUNT},
}
NOT_IN_USE = "Your account is not a member of an organization."
NO_PERMISSION = "You don't have permissions to access this resource."


def error(kind, message, reason=None):
    return ApiError(kind, message, 400, "json11", reason)


def invalid(message, reason):
    return error("InvalidInput", message, reason)


def read_input(name, body):
    try:
        value = strict_json(body)
    except ApiError:
        raise error("Serialization", "The request body could not be read.") from None
    for member, (pattern, required) in INPUTS[name].items():
        item = value.get(member)
        if item is None:
            if required:
                raise invalid("You provided no value for %s." % member, "INPUT_REQUIRED")
            value.pop(member, None)
            continue
        if pattern == "object":
            if not isinstance(item, dict):
                raise error("Serialization", "%s should be an object." % member)
        elif pattern == "count":
            if isinstance(item, bool) or not isinstance(item, int):
                raise error("Serialization", "%s should be an integer." % member)
            if not 1 <= item <= 20:
                raise invalid("MaxResults must be between 1 and 20.",
                              "MIN_VALUE_EXCEEDED" if item < 1 else "MAX_VALUE_EXCEEDED")
        elif not isinstance(item, str):
            raise error("Serialization", "%s should be a string." % member)
        elif pattern and not re.fullmatch(pattern, item, re.ASCII):
            raise invalid("You specified an invalid value for %s." % member, "INVALID_PATTERN")
    return value


def need_org(w, caller):
    org = w.org(caller)
    if org is None:
        raise error("AWSOrganizationsNotInUse", NOT_IN_USE)
    return org


def need_management(w, caller, delegated_too=False):
    """ListAccounts and its like also for delegated administrators (addendum)."""
    org = need_org(w, caller)
    delegated = delegated_too and any(caller in found for found in org.delegated.values())
    if org.management != caller and not delegated:
        raise error("AccessDenied", NO_PERMISSION)
    return org


def need_account(org, account):
    if account not in org.accounts:
        raise error("AccountNotFound", "You specified an account that doesn't exist in this organization.")
    return org.accounts[account]


def show_account(org, entry):
    state = entry.status
    if entry.closing:                                             # ORG-CLOSE: seen once
        entry.closing, state = False, "PENDING_CLOSURE"
    return {"Id": entry.ident, "Arn": org.arn(entry.ident), "Email": entry.email, "Name": entry.name,
            "Status": state, "State": state, "JoinedMethod": entry.method, "JoinedTimestamp": entry.joined / 1000}


def show_org(w, org):
    return {"Organization": {
        "Id": org.ident, "Arn": "arn:aws:organizations::%s:organization/%s" % (org.management, org.ident),
        "FeatureSet": org.feature_set, "MasterAccountArn": org.arn(org.management),
        "MasterAccountId": org.management, "MasterAccountEmail": w.email_of(org.management),
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}}


def paged(member, pairs, name, caller, given, extra=20):
    try:
        shown, following = page(sorted(pairs, key=lambda p: p[0]), [name, caller], given.get("NextToken"),
                                given.get("MaxResults", extra))
    except ApiError:
        raise invalid("You provided an invalid NextToken.", "INVALID_NEXT_TOKEN") from None
    out = {member: shown}
    if following:
        out["NextToken"] = following
    return out


# ---------------------------------------------------------------- organization and accounts
def create_organization(w, caller, given):
    if w.org(caller):
        raise error("AlreadyInOrganization", "The provided account is already a member of an organization.")
    org = Organization("o-" + w.hexid(10), caller, given.get("FeatureSet", "ALL"))
    w.orgs[org.ident] = org
    w.join_org(org, OrgAccount(caller, "management", w.email_of(caller), "INVITED", w.now()))
    return show_org(w, org)


def describe_organization(w, caller, given):
    return show_org(w, need_org(w, caller))


def delete_organization(w, caller, given):
    org = need_management(w, caller)
    if len(org.accounts) > 1:
        raise error("OrganizationNotEmpty", "The organization isn't empty.")
    for region in sorted(org.designations):
        w.end_designation(org, region)
    w.org_of.pop(caller, None)
    del w.orgs[org.ident]
    return None


def create_account(w, caller, given):
    org = need_management(w, caller)
    now, ident = w.now(), "car-" + w.hexid(32)
    status = {"Id": ident, "AccountName": given["AccountName"], "State": "IN_PROGRESS",
              "RequestedTimestamp": now / 1000}
    final = dict(status, CompletedTimestamp=now / 1000)
    used = {e.email.lower() for o in w.orgs.values() for e in o.accounts.values()}
    if given["Email"].lower() in used:
        final.update(State="FAILED", FailureReason="EMAIL_ALREADY_EXISTS")
    else:
        account = "%012d" % w.rng.randrange(100000000000, 1000000000000)
        while any(a == account for a, _ in w.regions) or account in w.org_of:
            account = "%012d" % w.rng.randrange(100000000000, 1000000000000)
        w.join_org(org, OrgAccount(account, given["AccountName"], given["Email"], "CREATED", now))
        final.update(State="SUCCEEDED", AccountId=account)
    org.requests[ident] = final
    return {"CreateAccountStatus": final if choice("ORG-CREATEACCOUNT") == "AtOnce" else status}


def describe_create_account_status(w, caller, given):
    org = need_management(w, caller, True)
    found = org.requests.get(given["CreateAccountRequestId"])
    if found is None:
        raise error("CreateAccountStatusNotFound", "You specified a request that doesn't exist.")
    return {"CreateAccountStatus": found}


def list_accounts(w, caller, given):
    org = need_management(w, caller, True)
    out = paged("Accounts", [("%012d" % e.seq, e) for e in org.accounts.values()], "ListAccounts", caller, given)
    out["Accounts"] = [show_account(org, e) for e in out["Accounts"]]
    return out


def describe_account(w, caller, given):
    org = need_management(w, caller, True)
    return {"Account": show_account(org, need_account(org, given["AccountId"]))}


def close_account(w, caller, given):
    org = need_management(w, caller)
    entry = need_account(org, given["AccountId"])
    if entry.ident == org.management:
        raise error("ConstraintViolation", "You can't close the management account.", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
    if any(entry.ident in found for found in org.delegated.values()):
        raise error("ConstraintViolation", "The account is a delegated administrator.",
                    "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    if entry.status != "ACTIVE":
        raise error("AccountAlreadyClosed", "You attempted to close an account that is already closed.")
    entry.status, entry.closing = "SUSPENDED", choice("ORG-CLOSE") == "PENDING_CLOSURE"
    for region, found in org.designations.items() if defect("close-account-suspends") else []:
        member = w.rs(found.account, region).members.get(entry.ident)
        if member:
            member.status = "AccountSuspended"
    return None                                                   # T24, SH-LIST-011: members stay Enabled


# ---------------------------------------------------------------- joining and leaving
def show_handshake(w, shake):
    org = shake["org"]
    return {"Id": shake["id"], "Arn": "arn:aws:organizations::%s:handshake/%s/invite/%s"
            % (org.management, org.ident, shake["id"]),
            "Parties": [{"Id": org.ident[2:], "Type": "ORGANIZATION"}, {"Id": shake["target"], "Type": "ACCOUNT"}],
            "State": shake["state"], "RequestedTimestamp": shake["at"] / 1000,
            "ExpirationTimestamp": shake["at"] / 1000 + 15 * 86400, "Action": "INVITE",
            "Resources": [{"Value": org.ident, "Type": "ORGANIZATION", "Resources": [
                {"Value": w.email_of(org.management), "Type": "MASTER_EMAIL"},
                {"Value": "management", "Type": "MASTER_NAME"},
                {"Value": org.feature_set, "Type": "ORGANIZATION_FEATURE_SET"}]},
                {"Value": shake["target"], "Type": "ACCOUNT"}]}


def invite_account_to_organization(w, caller, given):
    org = need_management(w, caller)
    target = given["Target"]
    ident, kind = target.get("Id"), target.get("Type")
    if not isinstance(ident, str) or kind not in ("ACCOUNT", "EMAIL", "ORGANIZATION"):
        raise invalid("You specified an invalid target.", "INPUT_REQUIRED")
    if kind == "EMAIL":
        known = {email.lower(): account for account, email in w.emails.items()}
        match = re.fullmatch(r"root\+([0-9]{12})@example\.com", ident.lower())
        ident = known.get(ident.lower()) or (match and match.group(1))
        if not ident:
            raise invalid("You specified an invalid e-mail address.", "INVALID_EMAIL_ADDRESS_TARGET")
    elif kind == "ORGANIZATION" or not re.fullmatch(r"[0-9]{12}", ident, re.ASCII):
        raise invalid("You specified an invalid target.", "INVALID_PARTY_TYPE_TARGET"
                      if kind == "ORGANIZATION" else "INVALID_PATTERN_TARGET_ID")
    if ident in org.accounts:
        raise error("HandshakeConstraintViolation", "The account is already a member of the organization.",
                    "ALREADY_IN_AN_ORGANIZATION")
    if any(s["org"] is org and s["target"] == ident and s["state"] == "OPEN" for s in w.handshakes.values()):
        raise error("DuplicateHandshake", "A handshake with the same action and target already exists.")
    shake = {"id": "h-" + w.hexid(32), "org": org, "target": ident, "state": "OPEN", "at": w.now(), "seq": w.next()}
    w.handshakes[shake["id"]] = shake
    return {"Handshake": show_handshake(w, shake)}


def list_handshakes_for_account(w, caller, given):
    wanted = given.get("Filter", {}).get("ActionType", "INVITE")
    pairs = [("%012d" % s["seq"], s) for s in w.handshakes.values() if s["target"] == caller and wanted == "INVITE"]
    out = paged("Handshakes", pairs, "ListHandshakesForAccount", caller, given)
    out["Handshakes"] = [show_handshake(w, s) for s in out["Handshakes"]]
    return out


def accept_handshake(w, caller, given):
    shake = w.handshakes.get(given["HandshakeId"])
    if shake is None or shake["target"] != caller:
        raise error("HandshakeNotFound", "We can't find a handshake with the id that you specified.")
    if shake["state"] == "ACCEPTED":
        raise error("HandshakeAlreadyInState", "The handshake is already in the state ACCEPTED.")
    if shake["state"] != "OPEN" or shake["org"].ident not in w.orgs:
        raise error("InvalidHandshakeTransition", "You can't perform the operation on the handshake in its state.")
    if w.org(caller):
        raise error("HandshakeConstraintViolation", "The account is already a member of an organization.",
                    "ALREADY_IN_AN_ORGANIZATION")
    shake["state"] = "ACCEPTED"
    w.join_org(shake["org"], OrgAccount(caller, "account-" + caller, w.email_of(caller), "INVITED", w.now()))
    return {"Handshake": show_handshake(w, shake)}


def depart(w, org, account):
    if account == org.management:
        raise error("MasterCannotLeaveOrganization", "You can't remove the management account from an organization.")
    if any(account in found for found in org.delegated.values()):
        raise error("ConstraintViolation", "The account is a delegated administrator.",
                    "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    w.leave_org(org, account)


def leave_organization(w, caller, given):
    depart(w, need_org(w, caller), caller)


def remove_account_from_organization(w, caller, given):
    org = need_management(w, caller)
    need_account(org, given["AccountId"])
    depart(w, org, given["AccountId"])


# ---------------------------------------------------------------- trusted access, delegation
def known_principal(given):
    if not given["ServicePrincipal"].endswith(".amazonaws.com"):
        raise invalid("You specified a service principal that isn't recognized.", "UNRECOGNIZED_SERVICE_PRINCIPAL")
    return given["ServicePrincipal"]


def enable_service_access(w, caller, given):
    org = need_management(w, caller)
    org.services.setdefault(known_principal(given), w.now())


def disable_service_access(w, caller, given):
    org = need_management(w, caller)
    principal = known_principal(given)
    org.services.pop(principal, None)
    org.delegated.pop(principal, None)
    if principal == "securityhub.amazonaws.com":                  # SH-ORG-028
        for region in sorted(org.designations):
            w.end_designation(org, region)


def list_service_access(w, caller, given):
    org = need_management(w, caller, True)
    pairs = [(p, {"ServicePrincipal": p, "DateEnabled": at / 1000}) for p, at in org.services.items()]
    return paged("EnabledServicePrincipals", pairs, "ListAWSServiceAccess", caller, given)


def register_delegated(w, caller, given):
    org = need_management(w, caller)
    account, principal = given["AccountId"], known_principal(given)
    entry = need_account(org, account)
    if account == org.management:
        raise error("ConstraintViolation", "You can't register the management account as a delegated administrator.",
                    "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
    if entry.status != "ACTIVE":
        raise error("ConstraintViolation", "You can't register a suspended account.",
                    "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR")
    if principal not in org.services:
        raise error("ConstraintViolation", "Enable access for the service first.", "SERVICE_ACCESS_NOT_ENABLED")
    if account in org.delegated.get(principal, {}):
        raise error("AccountAlreadyRegistered", "The account is already a delegated administrator for the service.")
    org.delegated.setdefault(principal, {})[account] = w.now()


def deregister_delegated(w, caller, given):
    org = need_management(w, caller)
    account, principal = given["AccountId"], known_principal(given)
    need_account(org, account)
    if account not in org.delegated.get(principal, {}):
        raise error("AccountNotRegistered", "The account is not a delegated administrator for the service.")
    del org.delegated[principal][account]
    if principal == "securityhub.amazonaws.com":                  # addendum to SH-ORG-012: ends it in all Regions
        for region in sorted(r for r, d in org.designations.items() if d.account == account):
            w.end_designation(org, region)


def list_delegated(w, caller, given):
    org = need_management(w, caller, True)
    wanted = given.get("ServicePrincipal")
    since = {}
    for principal, found in org.delegated.items():
        if wanted in (None, principal):
            for account, at in found.items():
                since[account] = min(at, since.get(account, at))
    pairs = [(a, dict(show_account(org, org.accounts[a]), DelegationEnabledDate=at / 1000)) for a, at in since.items()]
    return paged("DelegatedAdministrators", pairs, "ListDelegatedAdministrators", caller, given)


HANDLERS = {
    "CreateOrganization": create_organization, "DescribeOrganization": describe_organization,
    "DeleteOrganization": delete_organization, "CreateAccount": create_account,
    "DescribeCreateAccountStatus": describe_create_account_status, "ListAccounts": list_accounts,
    "DescribeAccount": describe_account, "CloseAccount": close_account,
    "EnableAWSServiceAccess": enable_service_access, "DisableAWSServiceAccess": disable_service_access,
    "ListAWSServiceAccessForOrganization": list_service_access,
    "InviteAccountToOrganization": invite_account_to_organization,
    "ListHandshakesForAccount": list_handshakes_for_account, "AcceptHandshake": accept_handshake,
    "LeaveOrganization": leave_organization, "RemoveAccountFromOrganization": remove_account_from_organization,
    "RegisterDelegatedAdministrator": register_delegated,
    "DeregisterDelegatedAdministrator": deregister_delegated, "ListDelegatedAdministrators": list_delegated,
}


def call(w, caller, target, body):
    name = target[len(PREFIX):] if target.startswith(PREFIX) else None
    if name not in HANDLERS:
        raise error("UnknownOperation", "The operation is not known.")
    return HANDLERS[name](w, caller.account, read_input(name, body))
