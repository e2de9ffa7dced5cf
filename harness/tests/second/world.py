"""State: per account and Region (SH-XX-004), and organizations. No rule of refusal lives here."""
import base64
import hashlib
import json
import random
import time

from choices import choice
from defects import defect
from wire import ApiError, constraint, membership

NO_RESOURCE = "The request is rejected since no such resource found."
FSBP, CIS = "aws-foundational-security-best-practices", "cis-aws-foundations-benchmark"
SERVICE = "securityhub.amazonaws.com"


def partition(region):
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


class Hub:
    def __init__(self, now, generator):
        self.subscribed, self.generator, self.auto_controls = now, generator, True
        self.standards = {}                # subscription arn -> Subscription


class Subscription:
    def __init__(self, arn, standard, given, now):
        self.arn, self.standard, self.given, self.since = arn, standard, given, now
        self.reads, self.deleting = 0, False


class Member:
    """One entry of an administrator's list."""

    def __init__(self, account, email, now, seq):
        self.account, self.email, self.seq = account, email, seq
        self.status, self.relation = "Created", "invitation"
        self.invited, self.updated = None, now
        self.invitation_id, self.withdrawn = None, False


class Invitation:
    """One entry of an invitee's list, at most one per administrator (SH-LINV-009)."""

    def __init__(self, administrator, ident, invited, seq):
        self.account, self.ident, self.invited, self.seq = administrator, ident, invited, seq
        self.status = "Invited"
        self.declined = self.left = False


class Link:
    """The administrator of a member; at most one (SH-XX-006)."""

    def __init__(self, account, relation, ident, invited):
        self.account, self.relation, self.ident, self.invited = account, relation, ident, invited
        self.hidden = False                # only for planted defects


class RegionState:
    def __init__(self, account, region):
        self.account, self.region = account, region
        self.hub = None
        self.members, self.invitations, self.findings = {}, {}, {}
        self.administrator = None
        self.saved = None                  # Q27
        self.fresh = self.just_undesignated = False   # transients
        self.ghosts = {}                   # only for planted defects

    def has_enabled(self):
        return any(m.status == "Enabled" for m in self.members.values())


class Designation:
    """The delegated Security Hub administrator in one Region, with its configuration (SH-ORG-029)."""

    def __init__(self, account):
        self.account = account
        self.auto_enable, self.auto_standards = False, "DEFAULT"
        self.type, self.ending, self.synced = "LOCAL", False, False


class OrgAccount:
    def __init__(self, ident, name, email, method, now):
        self.ident, self.name, self.email, self.method, self.joined = ident, name, email, method, now
        self.status, self.closing, self.seq = "ACTIVE", False, 0


class Organization:
    def __init__(self, ident, management, feature_set):
        self.ident, self.management, self.feature_set = ident, management, feature_set
        self.accounts, self.services, self.delegated = {}, {}, {}
        self.designations = {}             # Region -> Designation
        self.ending = {}                   # Region -> account shown DISABLE_IN_PROGRESS once
        self.requests = {}

    def arn(self, account):
        return "arn:aws:organizations::%s:account/%s/%s" % (self.management, self.ident, account)


class World:
    def __init__(self, seed=None):
        self.seed = seed
        self.rng = random.Random(seed)
        self.regions, self.orgs, self.org_of = {}, {}, {}
        self.handshakes, self.emails = {}, {}
        self.seq = self.calls = 0
        self.last = 0

    # -- small helpers ---------------------------------------------------------------
    def now(self):
        self.last = max(self.last + 1, int(time.time() * 1000))
        return self.last

    @staticmethod
    def iso(ms):                           # SH-WIRE-014
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + ".%03dZ" % (ms % 1000)

    def hexid(self, digits=32):            # SH-WIRE-015
        return "%0*x" % (digits, self.rng.getrandbits(4 * digits))

    def next(self):
        self.seq += 1
        return self.seq

    def rs(self, account, region):
        key = (account, region)
        if key not in self.regions:
            self.regions[key] = RegionState(account, region)
        return self.regions[key]

    def of_account(self, account):
        return [r for (a, _), r in sorted(self.regions.items()) if a == account]

    def email_of(self, account):
        return self.emails.get(account, "root+%s@example.com" % account)

    def order_key(self, ident, seq):       # Q30, SH-LIST-013
        how = choice("Q30")
        if how == "ById":
            return ident
        if how == "Insertion":
            return "%012d" % seq
        return hashlib.sha1(("%s/%s" % (self.seed, ident)).encode()).hexdigest()

    def arrange(self, results):
        """Order of UnprocessedAccounts (SH-CREATE-040): a permutation of the request's order."""
        if choice("Q30") == "Insertion":
            return results
        return sorted(results, key=lambda r: self.order_key(r["AccountId"], 0))

    # -- gates -----------------------------------------------------------------------
    def need_hub(self, rs):                # SH-XX-002
        if rs.hub is None:
            raise not_subscribed(rs.account)

    def need_hub_membership(self, rs):     # SH-XX-001, SH-ENABLE-009
        self.calls += 1
        if choice("SH-XX-003") == "Every50th" and self.calls % 50 == 0:   # SH-XX-003, Q40, D50
            raise membership(choice("Q40"), "Too Many Requests")
        if rs.hub is not None:
            if not rs.fresh:
                return
            rs.fresh = False
        answer = choice("Q01")
        if answer == "InvalidAccess":
            raise not_subscribed(rs.account)
        raise membership(answer, NO_RESOURCE)

    # -- hub -------------------------------------------------------------------------
    def hub_arn(self, rs):                 # SH-WIRE-016
        return "arn:%s:securityhub:%s:%s:hub/default" % (partition(rs.region), rs.region, rs.account)

    def enable_hub(self, rs, standards, generator="SECURITY_CONTROL"):
        now = self.now()
        rs.hub = Hub(now, generator)
        rs.fresh = choice("SH-ENABLE-009") == "OneTransientFailure"
        standards = standards and not (defect("second-enable-without-standards") and rs.ghosts.get("was on"))
        rs.ghosts["was on"] = True
        if standards:                      # SH-ENABLE-003
            self.subscribe(rs, cis_arn(rs.region), {})
            self.subscribe(rs, fsbp_arn(rs.region), {})
            if defect("enable-three-standards"):
                self.subscribe(rs, cis_arn(rs.region).replace("v/1.2.0", "v/1.4.0"), {})
        if rs.saved is not None:
            if choice("Q27") == "MembersRestored":        # SH-ENABLE-010
                rs.members = rs.saved
                for member in rs.members.values():
                    if member.status == "Invited":
                        self.deliver(rs, member)
            rs.saved = None
        if rs.ghosts.get("standards"):
            rs.hub.standards = rs.ghosts.pop("standards")

    def subscribe(self, rs, standard, given):
        name = standard.split("/", 1)[-1]
        arn = "arn:%s:securityhub:%s:%s:subscription/%s" % (partition(rs.region), rs.region, rs.account, name)
        if arn not in rs.hub.standards or rs.hub.standards[arn].deleting:
            rs.hub.standards[arn] = Subscription(arn, standard, given, self.now())
        return rs.hub.standards[arn]

    # -- membership ------------------------------------------------------------------
    def deliver(self, rs, member):
        """Puts (or renews) the invitation at the invitee."""
        there = self.rs(member.account, rs.region)
        if defect("invitation-slot-single"):
            there.invitations.clear()
        there.invitations[rs.account] = Invitation(rs.account, member.invitation_id, member.invited, self.next())

    def touch(self, member):               # Q34: UpdatedAt never goes back
        if choice("Q34") == "EveryTransition":
            member.updated = self.now()

    def join_member(self, rs, member, relation):
        """The entry becomes Enabled and the other side gets its administrator."""
        member.status, member.relation = "Enabled", relation
        self.touch(member)
        there = self.rs(member.account, rs.region)
        there.administrator = Link(rs.account, relation, member.invitation_id, member.invited)
        return there

    def unlink(self, rs, account):
        there = self.rs(account, rs.region)
        if there.administrator and there.administrator.account == rs.account:
            there.administrator = None
        return there

    def add_org_member(self, rs, account, email_kept=False):
        """T40, T44, T46: the organization account is Enabled at once (SH-CREATE-022..028)."""
        old = rs.members.get(account)
        member = Member(account, None, self.now(), old.seq if old else self.next())
        if old and email_kept and choice("Q35") == "Kept":
            member.email = old.email
        rs.members[account] = member
        there = self.rs(account, rs.region)
        there.invitations.pop(rs.account, None)           # organization accounts hold no invitation
        self.join_member(rs, member, "org")
        member.updated = self.now()
        return there

    # -- organizations ---------------------------------------------------------------
    def org(self, account):
        return self.orgs.get(self.org_of.get(account))

    def designation(self, account, region):
        """The Designation if the account is delegated administrator in the Region."""
        org = self.org(account)
        found = org.designations.get(region) if org else None
        return found if found and found.account == account else None

    def join_org(self, org, entry):
        entry.seq = self.next()
        org.accounts[entry.ident] = entry
        self.org_of[entry.ident] = org.ident
        self.emails[entry.ident] = entry.email
        for region, found in sorted(org.designations.items()):
            if found.auto_enable:          # SH-ORG-025, T41; otherwise SH-ORG-026, T42
                self.auto_enable(found, region, entry.ident)

    def auto_enable(self, found, region, account):
        there, here = self.rs(account, region), self.rs(found.account, region)
        if there.administrator or there.has_enabled() or account == found.account:
            return                         # accounts under another administrator are skipped
        if there.hub is None:
            self.enable_hub(there, found.auto_standards == "DEFAULT" or defect("org-none-ignored"))   # SH-STD-003
        self.add_org_member(here, account, email_kept=True)

    def leave_org(self, org, account):
        """T48, SH-ORG-027, Q16-leave: the hub keeps running in both."""
        del org.accounts[account]
        self.org_of.pop(account, None)
        for region, found in sorted(org.designations.items()):
            here = self.rs(found.account, region)
            member = here.members.get(account)
            if member and member.relation == "org" and member.status in ("Enabled", "AccountSuspended"):
                self.part(here, member, choice("Q16-leave"))

    def part(self, rs, member, status):
        """An organization member stops being one; status is Removed, Deleted or Absent."""
        self.unlink(rs, member.account).invitations.pop(rs.account, None)
        if status == "Absent":
            rs.members.pop(member.account, None)
        else:
            member.status = status
            self.touch(member)

    def end_designation(self, org, region):
        """T49, SH-ORG-012, SH-ORG-028: members standalone, hubs on, only this Region."""
        found = org.designations.pop(region)
        here = self.rs(found.account, region)
        here.just_undesignated = choice("SH-DISABLE-010") == "OneTransientFailure"
        if defect("org-disable-keeps-members"):
            return
        for member in list(here.members.values()):
            if member.relation == "org" or choice("N11") == "Removed":
                there = self.unlink(here, member.account)
                there.invitations.pop(here.account, None)
                del here.members[member.account]


def not_subscribed(account):
    return ApiError("InvalidAccess", "Account %s is not subscribed to AWS Security Hub" % account,
                    403 if defect("not-subscribed-403") else None)


def fsbp_arn(region):                      # SH-WIRE-018
    return "arn:%s:securityhub:%s::standards/%s/v/1.0.0" % (partition(region), region, FSBP)


def cis_arn(region):
    return "arn:%s:securityhub:::ruleset/%s/v/1.2.0" % (partition(region), CIS)


# ------------------------------------------------------------------------------ paging
def _seal(fields):
    raw = json.dumps(fields).encode()
    return base64.urlsafe_b64encode(hashlib.sha1(b"page" + raw).digest()[:6] + raw).decode()


def _open(token, scope):
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii"))
        fields = json.loads(raw[6:])
        if _seal(fields) != token or fields[0] != scope:
            return None
        return fields
    except (ValueError, IndexError, KeyError, TypeError):
        return None


def page(items, scope, token, limit, keep=None, binding=None):
    """items: sorted (key, object) pairs; keep(object, binding) is the filter.

    Returns (objects, next token or the choice of Q29-last). Q29, SH-LIST-004..007, SH-WIRE-021/022.
    """
    after = ""
    if token:
        fields = _open(token, scope)
        if fields is None:
            if choice("Q29-bogus") == "Error" or not token.isascii() \
                    or not all(c.isalnum() or c in "+/=_-" for c in token):
                raise constraint("The request is rejected because the parameter nextToken has an invalid value.")
            if choice("Q29-bogus") == "EmptyPage":        # SH-LIST-006, D114
                return [], None
        else:
            after = fields[1]
            if fields[2] != binding:                      # SH-LIST-007
                if choice("Q29-binding") == "Error":
                    raise constraint("The request is rejected because the parameter nextToken has an invalid value.")
                if choice("Q29-binding") == "Carried":
                    binding = fields[2]
    chosen = keep and (lambda pair: keep(pair[1], binding))
    if chosen and choice("SH-WIRE-022") == "FilterThenCut":
        items = list(filter(chosen, items))
    rest = [pair for pair in items if pair[0] > after]
    if defect("max-results-ignored") and scope[0] == "ListMembers":
        limit = len(rest) + 1
    cut = rest[:limit]
    full = len(cut) == limit and choice("Q29-full") == "TokenThenEmptyPage"
    following = None
    lost = defect("list-short-last-page-lost") and scope[0] == "ListMembers" and len(rest) < 2 * limit
    lost = lost or defect("invitations-no-token") and scope[0] == "ListInvitations"
    if (len(rest) > limit or full) and not lost:
        last = cut[-1][0]
        if defect("page-overlap") and scope[0] == "ListMembers" and len(cut) > 1:
            last = cut[-2][0]
        following = _seal([scope, last, binding])
    if chosen and choice("SH-WIRE-022") == "CutThenFilter":
        cut = list(filter(chosen, cut))
    return [obj for _, obj in cut], following


def with_token(out, following):
    """NextToken on the last page: absent, null or empty (Q29-last)."""
    if following:
        out["NextToken"] = following
    elif choice("Q29-last") != "Absent":
        out["NextToken"] = None if choice("Q29-last") == "Null" else ""
    return out
