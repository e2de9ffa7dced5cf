#!/usr/bin/env python3
"""Self-check: tells the main stories over HTTP and asserts firm facts of the evidence.

  python3 try.py                     default choices
  python3 try.py --seeds 20          also under 20 random sets of choices
  python3 try.py --defects           every planted defect must fail at least one check
"""
import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
A, B, C, D, E = "111111111111", "222222222222", "333333333333", "444444444444", "555555555555"
R, R2 = "us-east-1", "eu-west-1"


class Checks:
    def __init__(self):
        self.done, self.failed = 0, []

    def ok(self, rule, condition, detail=""):
        self.done += 1
        if not condition:
            self.failed.append("%s %s" % (rule, str(detail)[:200]))


class Api:
    def __init__(self, port):
        self.port, self.conn = port, None

    def raw(self, account, region, service, method, path, body=None, headers=None):
        sent = {"Authorization": "AWS4-HMAC-SHA256 Credential=%s/20261128/%s/%s/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=%s" % (account, region, service, "0" * 64)}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        if self.conn is None:
            self.conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        self.conn.request(method, path, data, {k: v for k, v in sent.items() if v is not None})
        answer = self.conn.getresponse()
        text = answer.read()
        try:
            value = json.loads(text) if text else {}
        except ValueError:
            value = text
        if isinstance(value, dict):
            value["_status"] = answer.status
            kind = answer.getheader("x-amzn-errortype")
            value["_type"] = kind.split(":")[0] if kind else value.get("__type")
            value["_text"] = value.get("Message") or value.get("message")
        else:
            value = {"_status": answer.status, "_type": None, "_body": value}
        return value

    def hub(self, account, method, path, body=None, region=R, **headers):
        return self.raw(account, region, "securityhub", method, path, body, headers)

    def org(self, account, target, **given):
        return self.raw(account, R, "organizations", "POST", "/", given, {
            "X-Amz-Target": "AWSOrganizationsV20161128." + target, "Content-Type": "application/x-amz-json-1.1"})

    # -- short forms
    def enable(self, account, region=R, **given):
        return self.hub(account, "POST", "/accounts", given, region)

    def ids(self, account, verb, *ids, region=R):
        return self.hub(account, "POST", verb, {"AccountIds": list(ids)}, region)

    def create(self, account, *ids, region=R):
        details = [i if isinstance(i, dict) else {"AccountId": i} for i in ids]
        return self.hub(account, "POST", "/members", {"AccountDetails": details}, region)

    def status(self, account, member, region=R):
        found = self.ids(account, "/members/get", member, region=region).get("Members", [])
        return found[0]["MemberStatus"] if found else None

    def members(self, account, only=None, region=R, size=None):
        out, token = [], None
        for _ in range(60):
            query = [] if only is None else ["OnlyAssociated=" + only]
            query += ["MaxResults=%d" % size] if size else []
            query += ["NextToken=" + token] if token else []
            answer = self.hub(account, "GET", "/members?" + "&".join(query), region=region)
            if size and len(answer["Members"]) > size:
                out.append("page too long")
            out += [m["AccountId"] for m in answer["Members"]]
            token = answer.get("NextToken")
            if not token:
                return out
        return out + ["endless"]

    def invitation(self, account, administrator, region=R):
        found = self.hub(account, "GET", "/invitations", region=region).get("Invitations", [])
        return next((i for i in found if i["AccountId"] == administrator), {})

    def count(self, account):
        return self.hub(account, "GET", "/invitations/count").get("InvitationsCount")

    def accept(self, account, administrator, ident, region=R):
        given = {"AdministratorId": administrator, "InvitationId": ident}
        return self.hub(account, "POST", "/administrator", given, region)

    def administrator(self, account, region=R):
        return self.hub(account, "GET", "/administrator", region=region).get("Administrator", {})

    def standards(self, account, region=R):
        found = self.hub(account, "POST", "/standards/get", {}, region).get("StandardsSubscriptions", [])
        return sorted(s["StandardsArn"] for s in found)

    def found(self, management, *accounts):
        """An organization of these accounts, with trusted access for Security Hub."""
        self.org(management, "CreateOrganization", FeatureSet="ALL")
        for account in accounts:
            target = {"Id": account, "Type": "ACCOUNT"}
            shake = self.org(management, "InviteAccountToOrganization", Target=target)["Handshake"]
            self.org(account, "AcceptHandshake", HandshakeId=shake["Id"])
        self.org(management, "EnableAWSServiceAccess", ServicePrincipal="securityhub.amazonaws.com")

    def designate(self, management, account, region=R):
        return self.hub(management, "POST", "/organization/admin/enable", {"AdminAccountId": account}, region)

    def designated(self, management, region=R):
        found = self.hub(management, "GET", "/organization/admin", region=region).get("AdminAccounts", [])
        return [a["AccountId"] for a in found]

    def bring_in(self, administrator, *accounts, region=R):
        for account in accounts:
            self.create(administrator, account, region=region)
            self.ids(administrator, "/members/invite", account, region=region)
            ident = self.invitation(account, administrator, region)["InvitationId"]
            self.accept(account, administrator, ident, region)


def finding(account, ident, region=R):
    return {"SchemaVersion": "2018-10-08", "Id": ident, "GeneratorId": "g", "AwsAccountId": account,
            "ProductArn": "arn:aws:securityhub:%s:%s:product/%s/default" % (region, account, account),
            "CreatedAt": "2026-11-28T00:00:00Z", "UpdatedAt": "2026-11-28T00:00:00Z", "Title": "t",
            "Description": "d", "Severity": {"Label": "LOW"}, "Types": ["Software"],
            "Resources": [{"Type": "Other", "Id": "r"}]}


def hub_story(t, api):
    r = api.hub(A, "GET", "/accounts")
    t.ok("SH-HUB-002", (r["_status"], r["_type"]) == (401, "InvalidAccessException")
         and r["Message"] == "Account %s is not subscribed to AWS Security Hub" % A, r)
    r = api.hub(A, "GET", "/members")
    t.ok("SH-XX-001", r["_status"] in (400, 401, 403), r)
    r = api.hub(A, "POST", "/standards/get", {})
    t.ok("SH-STD-001", r["_type"] == "InvalidAccessException", r)
    r = api.hub(A, "DELETE", "/accounts")
    t.ok("SH-DISABLE-002", r["_status"] in (401, 404), r)
    t.ok("SH-ENABLE-001", api.enable(A)["_status"] == 200)
    r = api.enable(A)
    t.ok("SH-ENABLE-002", r["_type"] == "ResourceConflictException" and r["_status"] in (409, 401)
         and r.get("Message") == "Account is already subscribed to Security Hub", r)
    r = api.hub(A, "GET", "/accounts")
    t.ok("SH-HUB-001", r.get("HubArn") == "arn:aws:securityhub:us-east-1:%s:hub/default" % A
         and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", r.get("SubscribedAt", "")), r)
    t.ok("SH-ENABLE-007", api.hub(A, "GET", "/accounts", region=R2)["_status"] == 401)
    r = api.hub(A, "POST", "/standards/get", {})
    t.ok("SH-ENABLE-003", len(r["StandardsSubscriptions"]) == 2, r)
    t.ok("SH-STD-002", r["StandardsSubscriptions"][0]["StandardsStatus"] in ("PENDING", "READY"), r)
    r = api.hub(A, "POST", "/standards/register", {"StandardsSubscriptionRequests": [{"StandardsArn": "x"}]})
    t.ok("SH-STD-005", r["_type"] == "InvalidInputException"
         and r["Message"].startswith("Invalid StandardsSubscriptionRequest(s): ["), r)
    t.ok("SH-DISABLE-001", api.hub(A, "DELETE", "/accounts")["_status"] == 200)
    t.ok("SH-DISABLE-001b", api.hub(A, "POST", "/standards/get", {})["_status"] == 401)
    api.enable(A, EnableDefaultStandards=False)
    r = api.hub(A, "POST", "/standards/get", {})
    t.ok("SH-DISABLE-008/SH-ENABLE-004", r["StandardsSubscriptions"] == [], r)
    api.enable(B, EnableDefaultStandards=False)
    r = api.hub(B, "POST", "/standards/get", {})
    t.ok("SH-ENABLE-004", r["StandardsSubscriptions"] == [], r)
    api.enable(A, R2)


def member_story(t, api):
    t.ok("SH-ADMIN-002", api.hub(B, "GET", "/administrator").get("Administrator") is None)
    t.ok("SH-LIST-009", api.members(A, "false") == [])
    r = api.create(A, B, {"AccountId": "023456789011", "Email": "Fake@Email.com"})
    t.ok("SH-CREATE-001", r["_status"] == 200 and not r["UnprocessedAccounts"], r)
    r = api.ids(A, "/members/get", B)["Members"]
    t.ok("SH-CREATE-001", r and r[0]["MemberStatus"] == "Created" and "Email" not in r[0]
         and r[0]["MasterId"] == r[0]["AdministratorId"] == A, r)
    r = api.ids(A, "/members/get", "023456789011")["Members"]
    t.ok("SH-CREATE-002", r and r[0].get("Email") == "Fake@Email.com", r)
    t.ok("SH-CREATE-037", api.members(A, "false", R2) == [])
    r = api.create(A, B, C)
    t.ok("SH-CREATE-007", [u["ProcessingResult"] for u in r["UnprocessedAccounts"]] == [
        "The request is rejected because the given account ID is already a member or associated member "
        "of the current account."], r)
    t.ok("SH-CREATE-030", api.status(A, C) == "Created")
    r = api.ids(A, "/members/get", "999999999999")
    t.ok("SH-GET-002", r["_status"] in (200, 404) and not r.get("Members"), r)
    t.ok("SH-LIST-001", api.members(A) == [])
    t.ok("SH-LIST-002", sorted(api.members(A, "false")) == sorted([B, "023456789011", C]))
    t.ok("SH-LIST-004", sorted(api.members(A, "false", size=2)) == sorted([B, "023456789011", C]))
    r = api.ids(A, "/members/disassociate", C)
    t.ok("SH-DISASSOC-003", r["_status"] == 200 and api.status(A, C) == "Created", r)
    r = api.ids(A, "/members/invite", B, C)
    t.ok("SH-INVITE-001", r["_status"] == 200 and not r["UnprocessedAccounts"] and api.status(A, B) == "Invited", r)
    r = api.ids(A, "/members/get", B)["Members"][0]
    t.ok("SH-INVITE-017", r.get("InvitedAt") == r["UpdatedAt"], r)
    r = api.ids(A, "/members/invite", B)
    t.ok("SH-INVITE-003", [u["ProcessingResult"] for u in r["UnprocessedAccounts"]] == [
        "The request is rejected because the current account has already invited or is already the SecurityHub "
        "master of the given member account ID."], r)
    i = api.invitation(B, A)
    t.ok("SH-LINV-001", i.get("MemberStatus") == "Invited" and re.fullmatch("[0-9a-f]{32}", i.get("InvitationId", "")), i)
    found = api.hub(B, "GET", "/invitations")["Invitations"]
    api.enable(C)
    t.ok("SH-LINV-001", len(found) == 1 and len(api.hub(C, "GET", "/invitations")["Invitations"]) == 1, found)
    api.enable(E)
    r = api.hub(E, "GET", "/invitations")
    t.ok("SH-LINV-002", r["Invitations"] == [], r)
    t.ok("SH-LINV-010", api.count(B) == 1)
    api.hub(B, "POST", "/findings/import", {"Findings": [finding(B, "f-b")]})
    r = api.hub(A, "POST", "/findings", {})
    t.ok("SH-FIND-003", r["Findings"] == [], r)
    t.ok("SH-ACCEPT-003", api.accept(B, A, "0" * 32)["_status"] in (400, 403, 404))
    ident = i.get("InvitationId", "x")
    r = api.accept(B, A, ident)
    t.ok("SH-ACCEPT-001", r["_status"] == 200, r)
    t.ok("SH-ACCEPT-001", api.status(A, B) == "Enabled", api.status(A, B))
    r = api.administrator(B)
    t.ok("SH-ADMIN-001", (r.get("AccountId"), r.get("MemberStatus"), r.get("InvitationId")) == (A, "Enabled", ident), r)
    r = api.hub(B, "GET", "/master").get("Master", {})
    t.ok("SH-ADMIN-001", r.get("AccountId") == A, r)
    t.ok("SH-LINV-010", api.count(B) == 0)
    t.ok("SH-LIST-001", api.members(A) == [B], api.members(A))
    t.ok("SH-FIND-001", [f["Id"] for f in api.hub(A, "POST", "/findings", {})["Findings"]] == ["f-b"])
    r = api.ids(A, "/members/delete", B)
    t.ok("SH-DELETE-004", len(r["UnprocessedAccounts"]) == 1 and api.status(A, B) == "Enabled", r)
    r = api.hub(B, "DELETE", "/accounts")
    t.ok("SH-DISABLE-005", r["_type"] == "InvalidInputException" and r["Message"] == "Member account cannot disable Security Hub", r)
    r = api.hub(A, "DELETE", "/accounts")
    t.ok("SH-DISABLE-006", r["_type"] == "InvalidInputException", r)
    if r["_status"] == 200:
        api.enable(A)
        return
    r = api.hub(B, "PATCH", "/accounts", {"ControlFindingGenerator": "STANDARD_CONTROL"})
    t.ok("SH-HUB-005", r["_type"] == "InvalidAccessException", r)
    r = api.ids(A, "/members/disassociate", B)
    t.ok("SH-DISASSOC-001", r["_status"] == 200 and "UnprocessedAccounts" not in r and api.status(A, B) == "Removed", r)
    t.ok("SH-ADMIN-005", not api.administrator(B))
    t.ok("SH-FIND-003", api.hub(A, "POST", "/findings", {})["Findings"] == [])
    t.ok("SH-LIST-002", B in api.members(A, "false"))
    r = api.ids(A, "/members/invite", B)
    t.ok("SH-INVITE-008", not r["UnprocessedAccounts"] and api.status(A, B) == "Invited", r)
    r = api.accept(B, A, api.invitation(B, A).get("InvitationId", "x"))
    t.ok("SH-ACCEPT-001 again", r["_status"] == 200, r)
    r = api.hub(B, "POST", "/master/disassociate")
    t.ok("SH-LEAVE-001", r["_status"] == 200 and api.status(A, B) == "Resigned", r)
    t.ok("SH-LINV-007", api.invitation(B, A).get("InvitationId"))
    t.ok("SH-LIST-002", B in api.members(A, "false"))
    r = api.hub(B, "POST", "/administrator/disassociate")
    t.ok("SH-LEAVE-003", (r["_status"], r["_type"]) == (400, "BadRequestException")
         and r["_text"] == "The request is rejected because the current account is not associated to a master account", r)
    r = api.hub(B, "POST", "/master", {"MasterId": A, "InvitationId": api.invitation(B, A).get("InvitationId", "x")})
    t.ok("SH-ACCEPT-010/015", r["_status"] == 200 and api.status(A, B) == "Enabled", r)
    api.ids(A, "/members/disassociate", B)
    r = api.ids(A, "/members/delete", B)
    t.ok("SH-DELETE-003", not r["UnprocessedAccounts"] and api.status(A, B) is None, r)
    api.create(A, B)
    t.ok("SH-CREATE-009", api.status(A, B) == "Created", api.status(A, B))
    api.ids(A, "/members/delete", B)
    api.bring_in(A, B)
    t.ok("second cycle", api.status(A, B) == "Enabled")
    # the second administrator, the decline
    api.create(D, B) if api.enable(D)["_status"] == 200 else None
    api.create(D, C)
    api.ids(D, "/members/invite", C)
    api.hub(C, "POST", "/invitations/decline", {"AccountIds": [D]})
    t.ok("SH-DECLINE-001", api.status(D, C) == "Resigned", api.status(D, C))
    api.create(D, E)
    api.ids(D, "/members/invite", E)
    api.create(A, E)
    api.ids(A, "/members/invite", E)
    first, second = api.invitation(E, A), api.invitation(E, D)
    api.accept(E, A, first["InvitationId"])
    r = api.accept(E, D, second["InvitationId"])
    t.ok("SH-ACCEPT-008", r["_status"] in (400, 403, 404) and api.administrator(E).get("AccountId") == A, r)
    api.create(D, A)
    api.ids(D, "/members/invite", A)
    r = api.accept(A, D, api.invitation(A, D).get("InvitationId", "x"))
    t.ok("SH-ACCEPT-007", r["_status"] in (400, 403, 404) and not api.administrator(A).get("MemberStatus") == "Enabled", r)


def finding_story(t, api):
    r = api.hub(A, "POST", "/findings/import", {"Findings": [finding(A, "one"), finding(A, "two")]})
    t.ok("SH-FIND-006", (r["FailedCount"], r["SuccessCount"], r["FailedFindings"]) == (0, 2, []), r)
    r = api.hub(A, "POST", "/findings/import", {"Findings": [finding(B, "x")]})
    t.ok("SH-FIND-004", (r["_status"], r["_type"]) == (403, "AccessDeniedException"), r)
    api.hub(A, "POST", "/findings/import", {"Findings": [finding(A, "far", R2)]}, R2)
    own = {"Filters": {"AwsAccountId": [{"Value": A, "Comparison": "EQUALS"}]}}
    found = [f["Id"] for f in api.hub(A, "POST", "/findings", own)["Findings"]]
    t.ok("SH-FIND-001 Region", sorted(found) == ["one", "two"], found)
    t.ok("SH-FIND-002", [f["Id"] for f in api.hub(B, "POST", "/findings", {})["Findings"]] == ["f-b"])
    seen, token = [], None
    for _ in range(5):
        r = api.hub(A, "POST", "/findings", dict(own, MaxResults=1, **({"NextToken": token} if token else {})))
        seen += [f["Id"] for f in r["Findings"]]
        token = r.get("NextToken")
        if not token:
            break
    t.ok("GetFindings paging", sorted(seen) == ["one", "two"], seen)


def org_story(t, api):
    m, d = "600000000001", "600000000002"
    others = ["60000000000%d" % i for i in range(3, 8)]
    r = api.hub(m, "GET", "/organization/admin")
    t.ok("SH-ORG-015", (r["_status"], r["_type"]) == (403, "AccessDeniedException")
         and "Your account is not a member of an organization" in r["_text"], r)
    t.ok("CreateOrganization", api.org(m, "CreateOrganization", FeatureSet="ALL")["_status"] == 200)
    for account in [d] + others[:3]:
        h = api.org(m, "InviteAccountToOrganization", Target={"Id": account, "Type": "ACCOUNT"})["Handshake"]
        t.ok("handshakes", api.org(account, "ListHandshakesForAccount")["Handshakes"][0]["Id"] == h["Id"])
        t.ok("accept", api.org(account, "AcceptHandshake", HandshakeId=h["Id"])["Handshake"]["State"] == "ACCEPTED")
    t.ok("ListAccounts", len(api.org(m, "ListAccounts")["Accounts"]) == 5)
    t.ok("ListAccounts denied", api.org(others[0], "ListAccounts")["_type"] == "AccessDeniedException")
    t.ok("SH-ORG-016", api.hub(m, "GET", "/organization/admin")["AdminAccounts"] == [])
    r = api.hub(others[0], "POST", "/organization/admin/enable", {"AdminAccountId": d})
    t.ok("SH-ORG-009", r["_status"] in (400, 401, 403), r)
    api.org(m, "EnableAWSServiceAccess", ServicePrincipal="securityhub.amazonaws.com")
    r = api.hub(m, "POST", "/organization/admin/enable", {"AdminAccountId": d})
    t.ok("SH-ORG-001", r["_status"] == 200 and r["AdminAccountId"] == d, r)
    r = api.hub(m, "GET", "/organization/admin")
    t.ok("SH-ORG-001", r["AdminAccounts"] == [{"AccountId": d, "Status": "ENABLED"}], r)
    t.ok("SH-XX-004", api.hub(m, "GET", "/organization/admin", region=R2)["AdminAccounts"] == [])
    t.ok("SH-ORG-010", api.hub(d, "GET", "/accounts")["_status"] == 200)
    r = api.hub(m, "POST", "/organization/admin/enable", {"AdminAccountId": d})
    t.ok("SH-ORG-004", r["_type"] == "ResourceConflictException", r)
    r = api.hub(d, "GET", "/organization/configuration")
    t.ok("SH-ORG-029", r["AutoEnable"] is False and r["AutoEnableStandards"] == "DEFAULT"
         and r["OrganizationConfiguration"]["ConfigurationType"] == "LOCAL", r)
    api.enable(others[0], EnableDefaultStandards=False)
    r = api.hub(others[0], "POST", "/organization/configuration", {"AutoEnable": True})
    t.ok("SH-ORG-018", (r["_status"], r["_type"], r["_text"]) == (401, "InvalidAccessException",
         "Account %s is not an administrator for this organization" % others[0]), r)
    r = api.create(d, others[0], {"AccountId": others[1], "Email": "a@b.co"}, m)
    t.ok("SH-CREATE-024", [u["AccountId"] for u in r["UnprocessedAccounts"]] == [m], r)
    t.ok("SH-CREATE-022", api.status(d, others[1]) == "Enabled" and api.status(d, others[0]) == "Enabled")
    t.ok("SH-CREATE-022 hub", api.hub(others[1], "GET", "/accounts")["_status"] == 200)
    t.ok("SH-CREATE-029", "Email" not in api.ids(d, "/members/get", others[1])["Members"][0])
    r = api.hub(others[0], "POST", "/standards/get", {})
    t.ok("SH-CREATE-023", r.get("StandardsSubscriptions") == [], r)
    r = api.hub(others[1], "POST", "/standards/get", {})
    t.ok("SH-STD-003", len(r.get("StandardsSubscriptions", [])) == 2, r)
    r = api.hub(others[1], "POST", "/administrator/disassociate")
    t.ok("SH-LEAVE-002", r["_type"] == "BadRequestException" and r["_text"] ==
         "The request is rejected because member cannot disassociate from Organization administrator", r)
    t.ok("SH-ADMIN-006", api.administrator(others[0]).get("AccountId") == d)
    r = api.hub(d, "DELETE", "/accounts")
    t.ok("SH-DISABLE-003", r["_text"] == "Cannot disable Security Hub on the Security Hub administrator", r)
    t.ok("SH-ORG-021", api.hub(d, "POST", "/organization/configuration", {"AutoEnable": True})["_status"] == 200)
    t.ok("SH-ORG-025 existing", api.status(d, others[2]) is None)
    new = api.org(m, "CreateAccount", Email="new@example.org", AccountName="new")["CreateAccountStatus"]
    new = api.org(m, "DescribeCreateAccountStatus", CreateAccountRequestId=new["Id"])["CreateAccountStatus"]["AccountId"]
    t.ok("SH-ORG-025", api.status(d, new) == "Enabled")
    api.org(m, "CloseAccount", AccountId=others[0])
    t.ok("T24", api.status(d, others[0]) == "Enabled")
    api.org(m, "CloseAccount", AccountId=others[2])
    api.create(d, others[2])
    t.ok("SH-CREATE-026", api.status(d, others[2]) == "AccountSuspended", api.status(d, others[2]))
    api.create(d, others[3])
    t.ok("SH-CREATE-035", api.status(d, others[3]) == "Created")
    api.ids(d, "/members/disassociate", new)
    t.ok("SH-DISASSOC-002", not api.administrator(new) and api.hub(new, "GET", "/accounts")["_status"] == 200)
    api.create(d, new)
    t.ok("SH-CREATE-028", api.status(d, new) == "Enabled")
    api.org(new, "LeaveOrganization")
    t.ok("SH-ORG-027", not api.administrator(new) and new not in api.members(d))
    r = api.hub(m, "POST", "/organization/admin/disable", {"AdminAccountId": d})
    t.ok("SH-ORG-012", r["_status"] == 200 and api.members(d) == [] and not api.administrator(others[1]), r)
    api.hub(m, "GET", "/organization/admin")
    t.ok("SH-ORG-012", api.hub(m, "GET", "/organization/admin")["AdminAccounts"] == [])
    t.ok("DeleteOrganization", api.org(m, "DeleteOrganization")["_type"] == "OrganizationNotEmptyException")


def fresh(start, count):
    return ["%012d" % (start + i) for i in range(count)]


def refusal(r):
    return r["_status"], r["_type"]


def short_story(t, api):
    """One account and its hub, then two accounts and one invitation."""
    a, b, c = fresh(710000000000, 3)
    off = (401, "InvalidAccessException")
    t.ok("SH-XX-002", refusal(api.hub(a, "POST", "/findings", {})) == off)
    t.ok("SH-XX-002", refusal(api.hub(a, "GET", "/organization/configuration")) == off)
    t.ok("SH-XX-001", api.ids(a, "/invitations/delete", b)["_status"] in (400, 401, 403))
    api.enable(a)
    r = api.hub(a, "GET", "/accounts")
    t.ok("SH-WIRE-014", isinstance(r["SubscribedAt"], str), r)
    r = api.hub(a, "GET", "/accounts?HubArn=arn:aws:securityhub:%s:%s:hub/default" % (R, a))
    t.ok("SH-HUB-004", r["_status"] == 200, r)
    t.ok("SH-ENABLE-003", len(api.standards(a)) == 2, api.standards(a))
    r = api.hub(a, "POST", "/standards/register", {"StandardsSubscriptionRequests": [{"StandardsArn": "arn:x"}]})
    t.ok("SH-STD-005", refusal(r) == (400, "InvalidInputException") and len(api.standards(a)) == 2, r)
    r = api.hub(a, "POST", "/findings/import", {"Findings": [finding(a, "1"), finding(a, "2"), finding(a, "3")]})
    t.ok("SH-FIND-006", r["SuccessCount"] == 3, r)
    r = api.hub(a, "GET", "/administrator")
    t.ok("SH-ADMIN-002", r["_status"] == 200, r)
    r = api.hub(a, "POST", "/administrator/disassociate")
    t.ok("SH-LEAVE-003", refusal(r) == (400, "BadRequestException"), r)
    r = api.create(a, b, c)
    t.ok("SH-CREATE-003", r["UnprocessedAccounts"] == [] and api.status(a, c) == "Created", r)
    t.ok("SH-LIST-002", sorted(api.members(a, "false")) == [b, c])
    r = api.ids(a, "/members/get", b, c)["Members"]
    t.ok("SH-GET-001", sorted(m["AccountId"] for m in r) == [b, c], r)
    t.ok("SH-WIRE-005b", [(m.get("MasterId"), m.get("AdministratorId")) for m in r] == [(a, a)] * 2, r)
    api.enable(b)
    r = api.ids(a, "/members/invite", b)
    t.ok("SH-INVITE-002", r["UnprocessedAccounts"] == [], r)
    r = api.ids(a, "/members/get", b)["Members"][0]
    t.ok("SH-INVITE-001/017", r.get("InvitedAt") == r["UpdatedAt"], r)
    r = api.hub(b, "GET", "/invitations")["Invitations"]
    t.ok("SH-LINV-001", [i["AccountId"] for i in r] == [a], r)
    t.ok("SH-WIRE-015", re.fullmatch("[0-9a-f]{32}", r[0]["InvitationId"]), r)
    api.accept(b, a, r[0]["InvitationId"])
    r = api.administrator(b)
    t.ok("SH-ADMIN-001", r.get("MemberStatus") == "Enabled", r)
    api.ids(a, "/members/disassociate", b)
    t.ok("SH-DISASSOC-001", api.status(a, b) == "Removed", api.status(a, b))


def batch_story(t, api):
    """Several members at once, then members that decline, leave and come back."""
    a, b, c, d = fresh(720000000000, 4)
    zero = "000720000009"
    for account in (a, b, c, d):
        api.enable(account, EnableDefaultStandards=False)
    r = api.create(a, zero, {"AccountId": b, "Email": "b@example.com"}, {"AccountId": c, "Email": "c@example.com"}, d)
    t.ok("SH-CREATE-003", api.status(a, zero) == "Created", r)
    found = {m["AccountId"]: m.get("Email") for m in api.ids(a, "/members/get", b, c, d)["Members"]}
    t.ok("SH-CREATE-002", found == {b: "b@example.com", c: "c@example.com", d: None}, found)
    t.ok("SH-LIST-004", len(api.members(a, "false", size=3)) == 4)
    t.ok("SH-DISABLE-007", api.hub(a, "DELETE", "/accounts")["_status"] == 200)
    api.enable(a)
    t.ok("SH-ENABLE-003", len(api.standards(a)) == 2, api.standards(a))
    api.create(a, zero, b, c, d)
    api.ids(a, "/members/delete", zero, b, c, d)
    t.ok("SH-GET-003", api.status(a, b) is None, api.status(a, b))
    api.bring_in(a, b, c)
    t.ok("SH-STD-004", api.standards(b) == [], api.standards(b))
    r = api.hub(b, "PATCH", "/accounts", {"ControlFindingGenerator": "STANDARD_CONTROL"})
    t.ok("SH-HUB-005", r["_type"] == "InvalidAccessException", r)
    t.ok("SH-DISABLE-005", api.hub(b, "DELETE", "/accounts")["_type"] == "InvalidInputException")
    r = api.ids(a, "/members/invite", b)
    t.ok("SH-INVITE-004", len(r["UnprocessedAccounts"]) == 1 and api.status(a, b) == "Enabled", r)
    api.create(a, d)
    r = api.ids(a, "/members/delete", b, d)
    t.ok("SH-DELETE-001/004", len(r["UnprocessedAccounts"]) == 1 and api.status(a, d) is None, r)
    api.ids(a, "/members/disassociate", b, c)
    t.ok("SH-DISASSOC-001", (api.status(a, b), api.status(a, c)) == ("Removed", "Removed"))
    api.ids(a, "/members/invite", b)
    i = api.invitation(b, a)
    t.ok("SH-INVITE-008", i.get("MemberStatus") == "Invited", i)
    r = api.hub(b, "POST", "/master", {"MasterId": a, "InvitationId": i.get("InvitationId", "x")})
    t.ok("SH-ACCEPT-015", api.administrator(b).get("AccountId") == a, r)
    api.hub(b, "POST", "/master/disassociate")
    t.ok("SH-LEAVE-001/004", api.status(a, b) == "Resigned" and not api.administrator(b), api.status(a, b))
    api.accept(b, a, api.invitation(b, a).get("InvitationId", "x"))
    t.ok("SH-ACCEPT-010", api.status(a, b) == "Enabled", api.status(a, b))
    api.create(a, d)
    api.ids(a, "/members/invite", d)
    api.hub(d, "POST", "/invitations/decline", {"AccountIds": [a]})
    t.ok("SH-DECLINE-001", api.status(a, d) == "Resigned", api.status(a, d))
    t.ok("SH-LINV-010", api.count(d) == 1, api.count(d))


def switch_story(t, api):
    """A designation and its configuration."""
    m, d = fresh(730000000000, 2)
    api.found(m, d)
    api.designate(m, d)
    t.ok("SH-ORG-010", api.hub(d, "GET", "/accounts")["_status"] == 200)
    for value in (True, False):
        api.hub(d, "POST", "/organization/configuration", {"AutoEnable": value})
        r = api.hub(d, "GET", "/organization/configuration")
        t.ok("SH-ORG-021", r.get("AutoEnable") is value, r)


def rival_story(t, api):
    """Two administrators invite one account."""
    a, d, e, f = fresh(740000000000, 4)
    for account in (a, d, e):
        api.enable(account, EnableDefaultStandards=False)
    api.hub(d, "PATCH", "/accounts", {"ControlFindingGenerator": "STANDARD_CONTROL"})
    for administrator in (a, d):
        api.create(administrator, e)
        api.ids(administrator, "/members/invite", e)
    t.ok("SH-LINV-001", api.invitation(e, a) and api.invitation(e, d))
    seen, token = set(), ""
    for _ in range(4):
        r = api.hub(e, "GET", "/invitations?MaxResults=1" + ("&NextToken=" + token if token else ""))
        seen |= {i["AccountId"] for i in r["Invitations"]}
        token = r.get("NextToken")
        if not token:
            break
    t.ok("SH-WIRE-021", seen == {a, d} and not token, seen)
    api.hub(e, "POST", "/invitations/decline", {"AccountIds": [a]})
    t.ok("SH-DECLINE-001", (api.status(a, e), api.status(d, e)) == ("Resigned", "Invited"), api.status(d, e))
    api.hub(e, "POST", "/invitations/delete", {"AccountIds": [a]})
    i = api.invitation(e, d)
    t.ok("SH-LINV-001", i.get("MemberStatus") == "Invited", i)
    api.accept(e, d, i.get("InvitationId", "x"))
    api.ids(a, "/members/delete", e)
    t.ok("SH-ADMIN-001", api.administrator(e).get("AccountId") == d, api.administrator(e))
    r = api.hub(e, "GET", "/accounts")
    t.ok("SH-HUB-006", r["ControlFindingGenerator"] == "STANDARD_CONTROL", r)
    for account in (d, e):
        api.hub(account, "POST", "/findings/import", {"Findings": [finding(account, "same")]})
    r = sorted(f["AwsAccountId"] for f in api.hub(d, "POST", "/findings", {})["Findings"])
    t.ok("SH-FIND-001", r == [d, e], r)
    best = "arn:aws:securityhub:%s::standards/aws-foundational-security-best-practices/v/1.0.0" % R
    api.hub(d, "POST", "/standards/register", {"StandardsSubscriptionRequests": [{"StandardsArn": best}]})
    t.ok("SH-STD-006", (api.standards(d), api.standards(e)) == ([best], []), api.standards(e))
    api.create(a, d)
    api.ids(a, "/members/invite", d)
    r = api.accept(d, a, api.invitation(d, a).get("InvitationId", "x"))
    t.ok("SH-ACCEPT-007", r["_status"] in (400, 403, 404) and api.status(a, d) == "Invited", r)
    api.create(a, {"AccountId": f, "Email": "f@example.com"})
    api.ids(a, "/members/delete", f)
    api.create(a, f)
    r = api.ids(a, "/members/get", f)["Members"]
    t.ok("SH-CREATE-009", r and "Email" not in r[0], r)


def region_story(t, api):
    """The same pair in two Regions."""
    a, b = fresh(750000000000, 2)
    for region in (R, R2):
        api.enable(a, region)
        api.enable(b, region)
        api.bring_in(a, b, region=region)
    api.hub(b, "POST", "/administrator/disassociate")
    t.ok("SH-XX-004", (api.status(a, b), api.status(a, b, R2)) == ("Resigned", "Enabled"), api.status(a, b, R2))
    t.ok("SH-XX-004", api.administrator(b, R2).get("AccountId") == a, api.administrator(b, R2))
    t.ok("SH-DISABLE-007", api.hub(a, "DELETE", "/accounts")["_status"] == 200)
    t.ok("SH-DISABLE-009", api.members(a, "false", R2) == [b], api.members(a, "false", R2))


def mixed_story(t, api):
    """An organization, and an administrator from outside that invites two of its accounts."""
    m, d, x, y, o = fresh(760000000000, 5)
    api.found(m, d, x, y)
    for account in (x, y, o):
        api.enable(account)
    api.bring_in(o, x)
    api.create(o, y)
    api.ids(o, "/members/invite", y)
    api.designate(m, d)
    api.create(d, x, y)
    above = api.administrator(x).get("AccountId")
    t.ok("SH-CREATE-027", api.status(d, x) != "Enabled" and above == o, above)
    r = api.accept(y, o, api.invitation(y, o).get("InvitationId", "x"))
    t.ok("SH-ACCEPT-013", api.administrator(y).get("AccountId") == d and api.status(o, y) != "Enabled", r)
    api.org(m, "CloseAccount", AccountId=y)
    t.ok("SH-LIST-011", api.members(d) == [y] and api.status(d, y) == "Enabled", api.status(d, y))


def two_region_story(t, api):
    """One designation in each of two Regions."""
    m, d, x = fresh(770000000000, 3)
    api.found(m, d, x)
    api.designate(m, d)
    t.ok("SH-XX-004", api.designated(m, R2) == [], api.designated(m, R2))
    r = api.designate(m, x, R2)
    t.ok("SH-ORG-006", r["_status"] in (400, 403, 409) and api.designated(m, R2) == [], r)
    t.ok("SH-ORG-001", api.designate(m, d, R2)["_status"] == 200)
    api.hub(d, "POST", "/organization/configuration", {"AutoEnable": True, "AutoEnableStandards": "NONE"})
    r = api.hub(d, "GET", "/organization/configuration", region=R2)
    t.ok("SH-XX-004", r.get("AutoEnable") is False, r)
    asked = api.org(m, "CreateAccount", Email="newer@example.org", AccountName="newer")["CreateAccountStatus"]["Id"]
    new = api.org(m, "DescribeCreateAccountStatus", CreateAccountRequestId=asked)["CreateAccountStatus"]["AccountId"]
    t.ok("SH-ORG-025", api.status(d, new) == "Enabled" and api.standards(new) == [], api.standards(new))
    api.hub(m, "POST", "/organization/admin/disable", {"AdminAccountId": d})
    t.ok("SH-ORG-012", api.designated(m, R2) == [d], api.designated(m, R2))


def error_story(t, api):
    bad = ("SerializationException", "InvalidInputException", "BadRequestException", "ValidationException")
    for body in (b"{", b"[]", b"null", b"{}", b'{"AccountDetails":{}}', b'{"AccountDetails":[]}', b'{"x":NaN}',
                 b'{"AccountDetails":[null]}', b"\xff", b"[" * 100000, b'{"AccountDetails":[{"AccountId":1}]}',
                 b'{"AccountDetails":[{"AccountId":"111111111111","Email":" "}]}'):
        r = api.hub(A, "POST", "/members", body)
        t.ok("D60..D102 %r" % body[:40], r["_status"] == 400 and r["_type"] in bad, r)
    for query in ("MaxResults=0", "MaxResults=51", "MaxResults=x", "OnlyAssociated=True", "MaxResults="):
        r = api.hub(A, "GET", "/members?" + query)
        t.ok("D90..D101 " + query, r["_status"] == 400 and r["_type"] in bad, r)
    t.ok("D20", api.hub(A, "GET", "/nope")["_status"] in (403, 404))
    t.ok("D40", api.hub(A, "GET", "/members", Authorization=None)["_status"] == 403)
    t.ok("D41", api.hub(A, "GET", "/members", Authorization="Bearer x")["_status"] in (403, 400))
    t.ok("D42", api.raw("AKIAXXXXXXXX", R, "securityhub", "GET", "/members")["_type"] == "UnrecognizedClientException")
    r = api.create(A, *["7%011d" % i for i in range(51)])
    t.ok("Q03", r["_status"] in (400, 429) or len(r["UnprocessedAccounts"]) == 1, r)
    r = api.create(A, *["8%011d" % i for i in range(50)])
    t.ok("SH-CREATE-015", r["_status"] == 200 and r["UnprocessedAccounts"] == [], r)
    seen = api.members(A, "false", size=7)
    t.ok("SH-LIST-004 pages", len(seen) == len(set(seen)) >= 50 and set(seen) == set(api.members(A, "false")), len(seen))


STORIES = (hub_story, member_story, finding_story, org_story, error_story,
           short_story, batch_story, switch_story, rival_story, region_story, mixed_story, two_region_story)


def run(*options):
    t = Checks()
    server = subprocess.Popen([sys.executable, os.path.join(HERE, "server.py"), "--port", "0", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        api = Api(port)
        for story in STORIES:
            try:
                story(t, api)
            except Exception as error:
                t.failed.append("%s stopped: %r line %s" % (
                    story.__name__, error, error.__traceback__.tb_next and error.__traceback__.tb_next.tb_lineno))
                api.conn = None
    finally:
        server.terminate()
        err = server.communicate()[1]
    if "Traceback" in err:
        t.failed.append("traceback on stderr: " + err[err.index("Traceback"):][:3000])
    return t


def listing(flag):
    return json.loads(subprocess.run([sys.executable, os.path.join(HERE, "server.py"), flag],
                                     capture_output=True, text=True).stdout)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seeds", type=int, default=0)
    args.add_argument("--defects", action="store_true")
    given = args.parse_args()
    bad = 0
    began = time.time()
    for options in [()] + [("--random-choices", str(s), "--seed", str(s)) for s in range(given.seeds)]:
        t = run(*options)
        print("%-45s %d checks, %d failed" % (" ".join(options) or "defaults", t.done, len(t.failed)))
        for line in t.failed:
            print("   " + line)
        bad += bool(t.failed)
    if given.defects:
        for entry in listing("--list-defects") + listing("--list-more-defects"):
            t = run("--defect", entry["name"])
            print("%-34s %s" % (entry["name"], t.failed[0] if t.failed else "NOT SEEN"))
            bad += not t.failed
    print("%s in %.1f s" % ("PROBLEMS" if bad else "all good", time.time() - began))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
