"""Hub, standards and findings operations: the modelled ("hub") error dialect."""
import json
import re
import time

from choices import choice
from defects import defect
from wire import ApiError, constraint
from world import page, partition, with_token


# ---------------------------------------------------------------- hub
def enable_security_hub(w, rs, given):
    if rs.hub is not None:                                        # SH-ENABLE-002, D111
        if defect("enable-again-succeeds"):
            return None
        raise ApiError("ResourceConflict", "Account is already subscribed to Security Hub",
                       int(choice("SH-ENABLE-002")))
    standards = given.get("EnableDefaultStandards", True)         # SH-ENABLE-003, SH-ENABLE-004
    if defect("opt-out-ignored"):
        standards = True
    w.enable_hub(rs, standards, given.get("ControlFindingGenerator", "SECURITY_CONTROL"))
    return None                                                   # SH-ENABLE-001, SH-ENABLE-007


def describe_hub(w, rs, given):
    if rs.hub is None and defect("describe-off-not-found"):
        raise ApiError("ResourceNotFound", "The hub was not found.")
    w.need_hub(rs)                                                # SH-HUB-002
    arn = w.hub_arn(rs)
    own = given.get("HubArn", arn) == arn and not ("HubArn" in given and defect("describe-own-arn-refused"))
    if not own:                                                   # SH-HUB-003, SH-HUB-004
        raise ApiError(choice("SH-HUB-003"), "The hub in the request was not found.")
    generator = rs.hub.generator
    if rs.administrator and not defect("member-generator-own"):   # SH-HUB-006
        above = w.rs(rs.administrator.account, rs.region)
        generator = above.hub.generator if above.hub else generator
    since = rs.hub.subscribed // 1000 if defect("subscribed-at-number") else w.iso(rs.hub.subscribed)
    return {"HubArn": arn, "SubscribedAt": since,                 # SH-HUB-001
            "AutoEnableControls": rs.hub.auto_controls, "ControlFindingGenerator": generator}


def update_security_hub_configuration(w, rs, given):
    w.need_hub(rs)
    if "ControlFindingGenerator" in given:
        if rs.administrator and not defect("member-sets-generator"):   # SH-HUB-005
            raise ApiError("InvalidAccess", "Request contains configurations that cannot be updated "
                           "by a member account %s" % rs.account)
        rs.hub.generator = given["ControlFindingGenerator"]
    if "AutoEnableControls" in given:
        rs.hub.auto_controls = given["AutoEnableControls"]
    return None


def disable_security_hub(w, rs, given):
    if rs.hub is None:                                            # SH-DISABLE-002, Q02
        if choice("Q02") == "ResourceNotFound":
            raise ApiError("ResourceNotFound", "Account %s is not subscribed to AWS Security Hub" % rs.account)
        w.need_hub(rs)
    on_administrator = "Cannot disable Security Hub on the Security Hub administrator"
    status = int(choice("SH-WIRE-006"))
    if w.designation(rs.account, rs.region) or rs.just_undesignated:   # SH-DISABLE-003, SH-DISABLE-010
        rs.just_undesignated = False
        raise ApiError("InvalidInput", on_administrator, status)
    if rs.administrator and not defect("disable-as-member"):      # SH-DISABLE-004, SH-DISABLE-005, T20
        raise ApiError("InvalidInput", "Member account cannot disable Security Hub", status)
    if rs.members and defect("disable-needs-empty-list"):
        raise ApiError("InvalidInput", on_administrator, status)
    if rs.has_enabled() and not defect("disable-as-administrator"):    # SH-DISABLE-006, Q26, T21
        text = on_administrator
        if choice("Q26") == "400-other-text":
            text = "Cannot disable Security Hub while there are enabled member accounts"
        raise ApiError("InvalidInput", text, 401 if choice("Q26") == "401" else 400)
    # SH-DISABLE-001, SH-DISABLE-007..009: only this Region; standards and associations go
    if defect("disable-leaves-standards"):
        rs.ghosts["standards"] = rs.hub.standards
    rs.hub = None
    for member in rs.members.values():
        there = w.unlink(rs, member.account)
        if choice("N04") == "Dropped":
            there.invitations.pop(rs.account, None)
    rs.saved, rs.members = rs.members, {}                         # Q27
    for other in w.of_account(rs.account) if defect("disable-clears-other-region") else []:
        other.members = {}
    if choice("N03") == "Dropped":
        rs.invitations = {}
    if choice("SH-DISABLE-008") == "FindingsGone":
        rs.findings = {}
    return None


# ---------------------------------------------------------------- standards
# Only a subscription of the caller changes them: not CreateMembers, not Accept (SH-STD-004, Q42).
CATALOG = (("::standards/aws-foundational-security-best-practices/v/1.0.0", True),
           ("::ruleset/cis-aws-foundations-benchmark/v/1.2.0", False),
           ("::standards/cis-aws-foundations-benchmark/v/1.4.0", True),
           ("::standards/cis-aws-foundations-benchmark/v/3.0.0", True),
           ("::standards/nist-800-53/v/5.0.0", True),
           ("::standards/pci-dss/v/3.2.1", True))


def known_standards(region):
    return ["arn:%s:securityhub:%s%s" % (partition(region), region if regional else "", tail)
            for tail, regional in CATALOG]


def status_of(w, sub):
    if sub.deleting:
        return "DELETING"
    if choice("SH-STD-002") == "AfterTwoReads":
        return "READY" if sub.reads > 2 else "PENDING"
    return "READY" if w.now() - sub.since >= 1000 else "PENDING"


def show(w, sub):
    return {"StandardsSubscriptionArn": sub.arn, "StandardsArn": sub.standard,
            "StandardsInput": sub.given, "StandardsStatus": status_of(w, sub)}


def get_enabled_standards(w, rs, given):
    w.need_hub(rs)                                                # SH-STD-001
    wanted = given.get("StandardsSubscriptionArns")
    providers = given.get("Providers")
    if providers and "AWS" not in providers:
        wanted = []
    subs = [s for s in rs.hub.standards.values() if wanted is None or s.arn in wanted]   # SH-STD-006
    scope = ["GetEnabledStandards", rs.account, rs.region]
    shown, following = page(sorted((s.arn, s) for s in subs), scope, given.get("NextToken"),
                            given.get("MaxResults", 100))
    for sub in shown:
        sub.reads += 1                                            # SH-STD-002: PENDING, later READY
    out = [show(w, sub) for sub in shown]
    for sub in shown:
        if sub.deleting:
            del rs.hub.standards[sub.arn]
    return with_token({"StandardsSubscriptions": out}, following)


def batch_enable_standards(w, rs, given):
    w.need_hub(rs)
    wanted = given["StandardsSubscriptionRequests"]
    known = known_standards(rs.region)
    bad = [r for r in wanted if r["StandardsArn"] not in known]
    if bad and not defect("standard-unknown-accepted"):           # SH-STD-005
        raise ApiError("InvalidInput", "Invalid StandardsSubscriptionRequest(s): %s"
                       % json.dumps([{"StandardsArn": r["StandardsArn"]} for r in bad]))
    if defect("standards-for-members"):
        enable_in_members(w, rs, wanted)
    return {"StandardsSubscriptions": [show(w, w.subscribe(rs, r["StandardsArn"], r.get("StandardsInput", {})))
                                       for r in wanted]}


def enable_in_members(w, rs, wanted):
    for member in rs.members.values():
        there = w.rs(member.account, rs.region)
        for one in wanted if member.status == "Enabled" and there.hub else []:
            w.subscribe(there, one["StandardsArn"], {})


def batch_disable_standards(w, rs, given):
    w.need_hub(rs)
    wanted = list(dict.fromkeys(given["StandardsSubscriptionArns"]))
    if any(arn not in rs.hub.standards for arn in wanted):
        raise ApiError("InvalidInput", "Invalid StandardsSubscriptionArn(s)")
    out = []
    for arn in wanted:
        sub = rs.hub.standards[arn]
        sub.deleting = True
        out.append(show(w, sub))
        if choice("SH-STD-DELETING") == "GoneAtOnce":
            del rs.hub.standards[arn]
    return {"StandardsSubscriptions": out}


# ---------------------------------------------------------------- findings
REQUIRED = ("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt",
            "UpdatedAt", "Title", "Description", "Resources")
KEPT = ("Note", "UserDefinedFields", "VerificationState", "Workflow")   # not updated by an import


def fault(finding):
    """The first reason why a finding does not follow the format, or None."""
    for name in REQUIRED:
        if finding.get(name) is None:
            return "data should have required property '%s'" % name
    for name in REQUIRED[:-1]:
        if not isinstance(finding[name], str):
            return "data.%s should be string" % name
        if not finding[name].strip():
            return "data.%s should NOT be shorter than 1 characters" % name
    if not isinstance(finding["Resources"], list) or any(not isinstance(r, dict) for r in finding["Resources"]):
        return "data.Resources should be array"
    for i, resource in enumerate(finding["Resources"]):
        for name in ("Type", "Id"):
            if not isinstance(resource.get(name), str) or not resource[name].strip():
                return "data.Resources[%d].%s should NOT be shorter than 1 characters" % (i, name)
    return None


def batch_import_findings(w, rs, given):
    w.need_hub(rs)                                                # SH-FIND-005
    default = "arn:%s:securityhub:%s:%s:product/%s/default" % (
        partition(rs.region), rs.region, rs.account, rs.account)
    failed, good = [], []
    for finding in given["Findings"]:
        reason = fault(finding)
        if reason and choice("SH-FIND-REQUIRED") == "Request400":
            raise constraint("Invalid parameter 'Findings'. " + reason)
        if reason:
            ident = finding.get("Id")
            failed.append({"Id": ident if isinstance(ident, str) and ident.strip() else "unknown",
                           "ErrorCode": "InvalidInput", "ErrorMessage": "Invalid parameter 'Findings'. " + reason})
            continue
        foreign = finding["AwsAccountId"] != rs.account           # SH-FIND-004: whole request
        other = finding["ProductArn"] != default and choice("SH-FIND-006") == "AccessDenied"
        if foreign and not defect("import-foreign-account") or other and not foreign:
            raise ApiError("AccessDenied", "User is not authorized to perform: securityhub:BatchImportFindings "
                           "on resource: %s" % default)
        good.append(finding)
    for finding in good:
        key = (finding["ProductArn"], finding["Id"])
        old = rs.findings.get(key, {})
        new = {"RecordState": "ACTIVE", "WorkflowState": "NEW", "Workflow": {"Status": "NEW"},
               "ProductName": "Default", "CompanyName": "Personal", "Region": rs.region}
        new.update(finding)
        new.update({name: old[name] for name in KEPT if name in old})
        rs.findings[key] = new
    count = min(1, len(good)) if defect("import-counts-one") else len(good)
    return {"FailedCount": len(failed), "SuccessCount": count, "FailedFindings": failed}       # SH-FIND-006


STRING_FIELDS = {
    "ResourceId": "Resources.*.Id", "ResourceType": "Resources.*.Type", "SeverityLabel": "Severity.Label",
    "WorkflowStatus": "Workflow.Status", "ComplianceStatus": "Compliance.Status", "Type": "Types.*"}


def values(finding, path):
    found = [finding]
    for step in path.split("."):
        if step == "*":
            found = [x for f in found if isinstance(f, list) for x in f]
        else:
            found = [f[step] for f in found if isinstance(f, dict) and step in f]
    return [str(f) for f in found if isinstance(f, (str, int, float))]


def string_match(values_, filters):
    """Positive comparisons are joined by OR, negative ones by AND."""
    positive, verdict = [], True
    for one in filters:
        value, how = str(one.get("Value", "")), one.get("Comparison", "EQUALS")
        hits = {"EQUALS": lambda v: v == value, "PREFIX": lambda v: v.startswith(value),
                "CONTAINS": lambda v: value in v}
        base = how.replace("PREFIX_NOT_EQUALS", "NOT_PREFIX")
        negative = base.startswith("NOT_")
        test = hits.get(base[4:] if negative else base)
        if test is None:
            raise constraint("Filters: unknown comparison")
        hit = any(test(v) for v in values_)
        if negative:
            verdict = verdict and not hit
        else:
            positive.append(hit)
    return verdict and (any(positive) if positive else True)


def date_match(values_, filters):
    for one in filters:
        low, high = one.get("Start"), one.get("End")
        span = one.get("DateRange")
        if isinstance(span, dict):
            days = span.get("Value")
            if isinstance(days, bool) or not isinstance(days, (int, float)):
                raise ApiError("InvalidInput", "Invalid parameter 'Filters'. data.DateRange.Value should be number")
            low = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - days * 86400))
        if any((not low or v >= str(low)) and (not high or v <= str(high)) for v in values_):
            return True
    return not filters


def matches(finding, filters):
    for name, given in filters.items():
        path = STRING_FIELDS.get(name, name)
        check = date_match if re.search("At$", name) else string_match
        if not check(values(finding, path), given):
            return False
    return True


def get_findings(w, rs, given):
    if not defect("findings-without-hub"):
        w.need_hub(rs)                                            # SH-XX-002, addendum
    sources = [rs]                                                # SH-FIND-001, SH-FIND-002
    for member in rs.members.values():                            # SH-FIND-003, SH-CREATE-033
        if member.status == "Enabled" or defect("findings-after-removal"):
            sources.append(w.rs(member.account, rs.region))
    if defect("findings-across-regions"):
        sources += [r for r in w.of_account(rs.account) if r is not rs]
    found = [f for r in sources for f in r.findings.values() if matches(f, given.get("Filters", {}))]
    if defect("findings-same-id-once"):
        found = list({f["Id"]: f for f in found}.values())
    pairs = sorted((("|".join((f["AwsAccountId"], f["ProductArn"], f["Id"], str(f["Region"]))), f) for f in found),
                   key=lambda pair: pair[0])
    for criterion in reversed(given.get("SortCriteria", [])):
        field = STRING_FIELDS.get(criterion.get("Field", ""), criterion.get("Field", ""))
        pairs.sort(key=lambda p: values(p[1], field)[:1], reverse=criterion.get("SortOrder") == "desc")
    if given.get("SortCriteria"):
        pairs = [("%08d" % i, f) for i, (_, f) in enumerate(pairs)]
    shown, following = page(pairs, ["GetFindings", rs.account, rs.region], given.get("NextToken"),
                            given.get("MaxResults", 100))
    return with_token({"Findings": shown}, following)
