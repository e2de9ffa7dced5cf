"""The 30 operations: method, path, input shapes; decoding with the constraints of section 1."""
import re

from choices import choice
from wire import constraint, parse_error

ACCOUNT_IDS_OPS = {}     # filled below: operations whose input is AccountIds


class Shape:
    def __init__(self, kind, required=False, **more):
        self.kind, self.required, self.more = kind, required, more

    def get(self, name, default=None):
        return self.more.get(name, default)


def text(required=False, **more):
    return Shape("string", required, **more)


def nonblank(required=False):
    return Shape("string", required, nonblank=True)


def boolean(required=False):
    return Shape("boolean", required)


def integer(low, high):
    return Shape("integer", False, low=low, high=high)


def enum(*values):
    return Shape("string", False, values=values)


def listing(of, required=False, low=0, high=None):
    return Shape("list", required, of=of, low=low, high=high)


def struct(required=False, **members):
    return Shape("struct", required, members=members)


# SH-ENABLE-006: outside the enumeration is a constraint fault
GENERATOR = enum("STANDARD_CONTROL", "SECURITY_CONTROL")
FEATURE = enum("SecurityHub", "SecurityHubV2")
TAGS = Shape("map", low=1, high=50)
ANYTHING = Shape("any")
ORG_CONFIG = struct(ConfigurationType=enum("CENTRAL", "LOCAL"),
                    Status=enum("PENDING", "ENABLED", "FAILED", "DISABLED"), StatusMessage=nonblank())
ARNS = listing(nonblank(), low=1, high=25)
STANDARD_REQUEST = struct(StandardsArn=nonblank(True), StandardsInput=Shape("map", of="nonblank"))
FILTERS = Shape("filters")
SORT = listing(struct(Field=nonblank(), SortOrder=enum("asc", "desc")))


class Operation:
    def __init__(self, method, path, body=None, query=None):
        self.method, self.path, self.body, self.query = method, path, body, query or {}


PAGED = {"MaxResults": integer(1, 50), "NextToken": text()}
OPERATIONS = {
    "EnableSecurityHub": Operation("POST", "/accounts", {
        "Tags": TAGS, "EnableDefaultStandards": boolean(), "ControlFindingGenerator": GENERATOR}),
    "DisableSecurityHub": Operation("DELETE", "/accounts"),
    "DescribeHub": Operation("GET", "/accounts", None, {"HubArn": nonblank()}),
    "UpdateSecurityHubConfiguration": Operation("PATCH", "/accounts", {
        "AutoEnableControls": boolean(), "ControlFindingGenerator": GENERATOR}),
    # SH-CREATE-011, 012, 016, 019: list of at least one, AccountId required, Email not blank
    "CreateMembers": Operation("POST", "/members", {
        "AccountDetails": listing(struct(AccountId=text(True), Email=nonblank()), True, 1)}),
    "ListMembers": Operation("GET", "/members", None, dict(PAGED, OnlyAssociated=boolean())),
    "ListInvitations": Operation("GET", "/invitations", None, PAGED),
    "GetInvitationsCount": Operation("GET", "/invitations/count"),
    # SH-ACCEPT-005, SH-ACCEPT-017: both required and not blank
    "AcceptAdministratorInvitation": Operation("POST", "/administrator", {
        "AdministratorId": nonblank(True), "InvitationId": nonblank(True)}),
    "AcceptInvitation": Operation("POST", "/master", {
        "MasterId": nonblank(True), "InvitationId": nonblank(True)}),
    "DisassociateFromAdministratorAccount": Operation("POST", "/administrator/disassociate"),
    "DisassociateFromMasterAccount": Operation("POST", "/master/disassociate"),
    "GetAdministratorAccount": Operation("GET", "/administrator"),
    "GetMasterAccount": Operation("GET", "/master"),
    "EnableOrganizationAdminAccount": Operation("POST", "/organization/admin/enable", {
        "AdminAccountId": nonblank(True), "Feature": FEATURE}),
    "DisableOrganizationAdminAccount": Operation("POST", "/organization/admin/disable", {
        "AdminAccountId": nonblank(True), "Feature": FEATURE}),
    "ListOrganizationAdminAccounts": Operation("GET", "/organization/admin", None, {
        "MaxResults": integer(1, 10), "NextToken": text(), "Feature": FEATURE}),
    "DescribeOrganizationConfiguration": Operation("GET", "/organization/configuration"),
    "UpdateOrganizationConfiguration": Operation("POST", "/organization/configuration", {   # SH-ORG-022
        "AutoEnable": boolean(True), "AutoEnableStandards": enum("NONE", "DEFAULT"),
        "OrganizationConfiguration": ORG_CONFIG}),
    "GetEnabledStandards": Operation("POST", "/standards/get", {
        "StandardsSubscriptionArns": ARNS, "NextToken": text(), "MaxResults": integer(1, 100),
        "Providers": listing(enum("AWS", "Azure", "GCP"))}),
    "BatchEnableStandards": Operation("POST", "/standards/register", {
        "StandardsSubscriptionRequests": listing(STANDARD_REQUEST, True, 1, 25)}),
    "BatchDisableStandards": Operation("POST", "/standards/deregister", {
        "StandardsSubscriptionArns": listing(nonblank(), True, 1, 25)}),
    "BatchImportFindings": Operation("POST", "/findings/import", {
        "Findings": listing(ANYTHING, True, 1, 100)}),
    "GetFindings": Operation("POST", "/findings", {
        "Filters": FILTERS, "SortCriteria": SORT, "NextToken": text(), "MaxResults": integer(1, 100)}),
}
for _name, _path in (("GetMembers", "/members/get"), ("DeleteMembers", "/members/delete"),
                     ("InviteMembers", "/members/invite"), ("DisassociateMembers", "/members/disassociate"),
                     ("DeclineInvitations", "/invitations/decline"),
                     ("DeleteInvitations", "/invitations/delete")):
    OPERATIONS[_name] = Operation("POST", _path, {"AccountIds": listing(text(), True)})
    ACCOUNT_IDS_OPS[_name] = True

ROUTES = {(op.method, op.path): name for name, op in OPERATIONS.items()}
PATHS = {op.path for op in OPERATIONS.values()}


def wrong(path, name):
    return parse_error("Invalid %s in the input: data.%s should be %s" % (path.split("[")[0], path, name))


def decode(shape, value, path, problems):
    """Type faults raise PARSE at once, constraint faults are collected (D75..D80)."""
    kind = shape.kind
    if kind == "any":
        if not isinstance(value, dict):
            raise wrong(path, "object")
        return value
    if kind == "string":
        if not isinstance(value, str):
            raise wrong(path, "string")
        if shape.get("nonblank") and not re.search(r"\S", value):
            problems.append("%s must satisfy the pattern .*\\S.*" % path)          # D102
        if shape.get("values") and value not in shape.get("values"):
            problems.append("%s must be one of %s" % (path, ", ".join(shape.get("values"))))  # D104
        return value
    if kind == "boolean":
        if not isinstance(value, bool):
            raise wrong(path, "boolean")                                           # D76
        return value
    if kind == "integer":
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2147483647:
            raise wrong(path, "integer")                                           # D77
        if not shape.get("low") <= value <= shape.get("high"):
            problems.append("%s is out-of-bounds" % path)                          # D101
        return value
    if kind == "list":
        if not isinstance(value, list):
            raise wrong(path, "array")
        if len(value) < shape.get("low") or shape.get("high") and len(value) > shape.get("high"):
            problems.append("%s has %d elements" % (path, len(value)))             # D100
        out = []
        for i, item in enumerate(value):
            if item is None:
                raise wrong("%s[%d]" % (path, i), shape.get("of").kind)            # D78
            out.append(decode(shape.get("of"), item, "%s[%d]" % (path, i), problems))
        return out
    if kind == "map":
        if not isinstance(value, dict):
            raise wrong(path, "object")
        if any(not isinstance(v, str) for v in value.values()):
            raise wrong(path + ".*", "string")                                     # D78
        if shape is TAGS:
            check_tags(value, problems)
        return value
    if kind == "filters":
        if not isinstance(value, dict):
            raise wrong(path, "object")
        for name, filters in value.items():
            if filters is not None and (not isinstance(filters, list)
                                        or any(not isinstance(f, dict) for f in filters)):
                raise wrong("%s.%s" % (path, name), "array of objects")
        return {k: v for k, v in value.items() if v is not None}
    return decode_struct(shape.get("members"), value, path + ".", problems)


def check_tags(tags, problems):
    """D105, SH-ENABLE-005."""
    if not 1 <= len(tags) <= 50:
        problems.append("Tags has %d entries, must have 1 to 50" % len(tags))
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or not re.fullmatch(r"(?!aws:)[a-zA-Z+-=._:/]+", key):
            problems.append("a tag key does not satisfy its constraints")
        if len(value) > 256:
            problems.append("a tag value is too long")


def decode_struct(members, value, prefix, problems):
    if not isinstance(value, dict):
        raise wrong(prefix.rstrip("."), "object")                                  # D75, D84
    if choice("Q39") == "Request400" and set(value) - set(members):                # D81, SH-CREATE-038
        raise parse_error("Invalid input: data should NOT have additional properties")
    out = {}
    for name, shape in members.items():
        item = value.get(name)
        if item is None:                                                           # D79, D80
            if shape.required:
                problems.append("%s must not be null" % (prefix + name))
            continue
        out[name] = decode(shape, item, prefix + name, problems)
    return out


def decode_query(shapes, query, problems):
    out = {}
    for name, shape in shapes.items():
        if name not in query:
            continue
        value = query[name]
        if shape.kind == "boolean":
            if value not in ("true", "false"):                                     # D91, SH-LIST-014
                raise parse_error("The request is rejected because the parameter %s has an invalid value." % name)
            value = value == "true"
        elif shape.kind == "integer":
            if not re.fullmatch(r"-?(0|[1-9][0-9]{0,9})", value, re.ASCII):        # D90
                raise parse_error("The request is rejected because the parameter %s has an invalid value." % name)
            value = int(value)
        if name == "NextToken" and value == "":
            continue
        out[name] = decode(shape, value, name, problems)
    return out


def decode_input(name, query, body):
    """AccountIds is required everywhere (SH-GET-008)."""
    op = OPERATIONS[name]
    problems = []
    out = decode_query(op.query, query, problems)
    if op.body is not None:
        out.update(decode_struct(op.body, body, "", problems))
    if name in ACCOUNT_IDS_OPS:
        ids = out.get("AccountIds", [])
        if not ids and "AccountIds" in out and choice("Q31") == "Request400":      # Q31, SH-GET-005
            problems.append("AccountIds must not be empty")
        strict = choice("D102") == "Request400" or name == "DisassociateMembers"
        if strict and any(not i.strip() for i in ids):                             # D102, M271
            problems.append("AccountIds has a blank element")
    if problems:
        raise constraint("%d validation error detected: %s" % (len(problems), problems[0]))
    return out
