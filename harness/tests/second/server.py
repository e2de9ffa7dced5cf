#!/usr/bin/env python3
"""A second reference implementation of AWS Security Hub's membership API. See --help."""
import argparse
import asyncio
import json
import random
import sys
import traceback
import uuid

import choices
import defects
import hub
import invitations
import members
import model
import organizations
import orgadmin
from choices import choice
from defects import defect
from http1 import serve
from wire import ApiError, authenticate, check_accept, check_content_type, parse_query, strict_json
from world import World

# operation -> (gate, handler); gate is 'hub', 'membership' or None (SH-XX-001, SH-XX-002)
OPERATIONS = {
    "EnableSecurityHub": (None, hub.enable_security_hub),
    "DisableSecurityHub": (None, hub.disable_security_hub),
    "DescribeHub": (None, hub.describe_hub),
    "UpdateSecurityHubConfiguration": ("hub", hub.update_security_hub_configuration),
    "GetEnabledStandards": ("hub", hub.get_enabled_standards),
    "BatchEnableStandards": ("hub", hub.batch_enable_standards),
    "BatchDisableStandards": ("hub", hub.batch_disable_standards),
    "BatchImportFindings": ("hub", hub.batch_import_findings),
    "GetFindings": ("hub", hub.get_findings),
    "CreateMembers": ("membership", members.create_members),                 # SH-CREATE-005
    "GetMembers": ("membership", members.get_members),                       # SH-GET-004
    "ListMembers": ("membership", members.list_members),                     # SH-LIST-008
    "DeleteMembers": ("membership", members.delete_members),                 # SH-DELETE-007
    "InviteMembers": ("membership", members.invite_members),                 # SH-INVITE-015
    "DisassociateMembers": ("membership", members.disassociate_members),     # SH-DISASSOC-009
    "ListInvitations": ("membership", invitations.list_invitations),         # SH-LINV-003
    "GetInvitationsCount": ("membership", invitations.get_invitations_count),
    "AcceptAdministratorInvitation": ("membership", invitations.accept_administrator_invitation),  # SH-ACCEPT-002
    "AcceptInvitation": ("membership", invitations.accept_invitation),
    "DeclineInvitations": ("membership", invitations.decline_invitations),   # SH-DECLINE-004
    "DeleteInvitations": ("membership", invitations.delete_invitations),
    "DisassociateFromAdministratorAccount": ("membership", invitations.disassociate_from_administrator),
    "DisassociateFromMasterAccount": ("membership", invitations.disassociate_from_master),   # SH-LEAVE-004
    "GetAdministratorAccount": ("membership", invitations.get_administrator_account),   # SH-ADMIN-003
    "GetMasterAccount": ("membership", invitations.get_master_account),
    "EnableOrganizationAdminAccount": (None, orgadmin.enable_organization_admin_account),
    "DisableOrganizationAdminAccount": (None, orgadmin.disable_organization_admin_account),
    "ListOrganizationAdminAccounts": (None, orgadmin.list_organization_admin_accounts),
    "DescribeOrganizationConfiguration": ("hub", orgadmin.describe_organization_configuration),
    "UpdateOrganizationConfiguration": ("hub", orgadmin.update_organization_configuration),
}
assert set(OPERATIONS) == set(model.OPERATIONS) and len(OPERATIONS) == 30
# planted defects: operations that forget their gate
UNGUARDED = {"DeleteInvitations": "delete-invitations-without-hub", "GetFindings": "findings-without-hub"}


class Service:
    def __init__(self, seed):
        self.world = World(seed)

    def handle(self, request):
        """(status, headers, body) for one HTTP request."""
        caller, dialect = None, "application/json"
        try:
            caller = authenticate(request.headers)
            if caller.service == "organizations":
                dialect = "application/x-amz-json-1.1"
                out = self.organizations(caller, request)
                status, body = 200, json.dumps({} if out is None else out).encode()
            else:
                name = self.route(request)
                out = self.security_hub(caller, name, request)
                status, body = 200, self.output(name, out)
            headers = []
        except ApiError as error:
            if dialect.endswith("1.1"):
                error.dialect = "json11"
            status, body = error.status, json.dumps(error.body()).encode()
            headers = [("x-amzn-errortype", error.header())]
            if status == 405:
                allowed = sorted(m for m, p in model.ROUTES if p == request.path.rstrip("/"))
                headers.append(("Allow", ", ".join(allowed)))
        except Exception:                       # a bug of this program, never the caller's business
            traceback.print_exc(file=sys.stderr)
            status, headers = 500, [("x-amzn-errortype", "InternalException")]
            body = b'{"Message": "Internal error", "Code": "InternalException"}'
        ident = str(uuid.uuid4())
        headers += [("Content-Type", dialect), ("x-amzn-RequestId", ident)]        # SH-WIRE-001
        if dialect == "application/json":
            headers += [("x-amz-apigw-id", ident.replace("-", "")[:15] + "="),
                        ("X-Amzn-Trace-Id", "Root=1-%s-%s" % (ident[:8], ident.replace("-", "")[8:]))]
        return status, headers, body

    def route(self, request):
        path = request.path
        if choice("D24") == "ISO" and len(path) > 1 and path.endswith("/") and not path.endswith("//"):
            path = path[:-1]
        name = model.ROUTES.get((request.method, path))
        if name is None:                        # D20..D28, N02
            if path in model.PATHS and choice("D21") == "405":
                raise ApiError("AccessDenied", "The method is not allowed for this resource.", 405)
            answer = choice("N02")
            if answer == "UnknownOperation404":
                raise ApiError("UnknownOperation", "The operation is not known.")
            if answer == "MissingToken403":
                raise ApiError("MissingAuthenticationToken", "Missing Authentication Token")
            raise ApiError("AccessDenied", "Unable to determine service/operation name to be authorized")
        return name

    def security_hub(self, caller, name, request):
        operation = model.OPERATIONS[name]
        gate, handler = OPERATIONS[name]
        rs = self.world.rs(caller.account, caller.region)         # SH-XX-004
        check_accept(request.headers)
        body = {}

        def read():
            if operation.body is not None:
                check_content_type(request.headers, request.body)
                return strict_json(request.body)
            return {}

        def enter():
            if name in UNGUARDED and defect(UNGUARDED[name]):
                return
            if gate == "hub":
                self.world.need_hub(rs)
            elif gate == "membership":
                self.world.need_hub_membership(rs)
        query = parse_query(request.query)
        if choice("N01") == "HubFirst":                           # N01
            enter()
            given = model.decode_input(name, query, read())
        else:
            body = read()
            given = model.decode_input(name, query, body)
            enter()
        return handler(self.world, rs, given)

    def output(self, name, out):
        if out is not None:
            return json.dumps(out).encode()
        answer = choice("Q32")                                    # Q32, SH-WIRE-002, SH-WIRE-003
        if answer == "ZeroBytes":
            return b""
        if answer == "SuccessString" and name in ("EnableSecurityHub", "DisableSecurityHub"):
            return b'"success"'
        return b"{}"

    def organizations(self, caller, request):
        if request.method != "POST" or request.path != "/":
            raise ApiError("UnknownOperation", "The operation is not known.", 404, "json11")
        target = request.headers.get("x-amz-target", [""])[0]
        return organizations.call(self.world, caller, target, request.body)


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--port", type=int, default=0, help="0 picks a free port")
    args.add_argument("--seed", type=int, help="identifiers and shuffles become repeatable")
    args.add_argument("--choices", metavar="FILE.json", help="answers of open questions")
    args.add_argument("--random-choices", metavar="SEED", help="one answer per question, printed to stderr")
    args.add_argument("--list-choices", action="store_true")
    args.add_argument("--defect", action="append", default=[], metavar="NAME")
    args.add_argument("--list-defects", action="store_true")
    args.add_argument("--list-more-defects", action="store_true")
    given = args.parse_args()
    if given.list_choices:
        print(choices.as_json(choices.QUESTIONS))
        return
    if given.list_defects or given.list_more_defects:
        table = defects.DEFECTS if given.list_defects else defects.MORE
        print(json.dumps([{"name": n, "rule": r, "sentence": s} for n, (r, s) in table.items()], indent=1))
        return
    if given.random_choices is not None:
        choices.set_choices(choices.random_choices(given.random_choices))
    if given.choices:
        with open(given.choices) as file:
            choices.set_choices(json.load(file))
    if given.random_choices is not None:
        print(choices.as_json(choices.CHOSEN), file=sys.stderr, flush=True)
    for name in given.defect:
        defects.activate(name)
    service = Service(given.seed if given.seed is not None else random.randrange(1 << 32))
    try:
        asyncio.run(serve(given.port, service.handle,
                          lambda port: print("listening http://127.0.0.1:%d" % port, flush=True)))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
