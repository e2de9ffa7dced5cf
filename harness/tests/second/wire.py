"""Errors, strict JSON, credentials and query strings (protocol.md)."""
import json
import re

from choices import choice

STATUS = {
    "BadRequestException": 400, "InvalidInputException": 400, "ValidationException": 400,
    "SerializationException": 400, "InvalidAccessException": 401, "AccessDeniedException": 403,
    "ResourceNotFoundException": 404, "ResourceConflictException": 409,
    "LimitExceededException": 429, "TooManyRequestsException": 429, "ThrottlingException": 429, "InternalException": 500, "DataUnavailableException": 400,
    "UnknownOperationException": 404, "MissingAuthenticationTokenException": 403,
    "UnrecognizedClientException": 403, "InvalidSignatureException": 403,
    "IncompleteSignatureException": 403, "UnsupportedMediaTypeException": 415,
    "NotAcceptableException": 406,
}


class ApiError(Exception):
    """dialect: 'hub' (modelled errors), 'membership' (GuardDuty-like) or 'json11'."""

    def __init__(self, kind, message, status=None, dialect="hub", reason=None):
        super().__init__(kind)
        self.kind = kind if kind.endswith("Exception") else kind + "Exception"
        self.message = message
        self.status = status or STATUS.get(self.kind, 400)
        self.dialect = dialect
        self.reason = reason

    def body(self):
        if self.dialect == "json11":
            out = {"__type": self.kind, "Message": self.message}
            if self.reason:
                out["Reason"] = self.reason
            return out
        if self.dialect == "membership":
            out = {choice("Q33-message"): self.message}           # Q33
            code = choice("Q33-code")
            if choice("C06") == "Split" and self.kind == "BadRequestException":
                out["__type"] = "InvalidInputException"           # SH-WIRE-010
            elif code == "Code":
                out["Code"] = self.kind
            elif code == "__type":
                out["__type"] = self.kind
            return out
        return {"Message": self.message, "Code": self.kind}       # SH-WIRE-008

    def header(self):
        if self.dialect == "membership" and choice("Q33-header") == "UriSuffix":
            return self.kind + ":http://internal.amazon.com/coral/com.amazonaws.securityhub/"
        return self.kind


def membership(kind, message):
    return ApiError(kind, message, dialect="membership")


def parse_error(message):
    """Set PARSE: malformed JSON or wrong JSON types (D60..D86, SH-XX-007)."""
    return ApiError(choice("P-PARSE"), message, 400)


def constraint(message):
    """Set CONSTR: a modelled constraint is violated (D80, D100..D105)."""
    return ApiError(choice("P-CONSTR"), message, 400)


# ---------------------------------------------------------------- strict JSON
LONE = re.compile("[\ud800-\udfff]")
ESCAPED_SURROGATE = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")


def _no_constant(name):
    raise ValueError("not JSON: " + name)                         # D71


def _pairs(pairs):
    out = dict(pairs)
    if len(out) != len(pairs) and choice("D67") == "Refused":
        raise ValueError("duplicate member")
    return out


def _has_surrogate(value):
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            if LONE.search(item):
                return True
        elif isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict):
            todo.extend(item.keys())
            todo.extend(item.values())
    return False


def strict_json(raw):
    """One JSON object or a PARSE error; zero bytes count as {} (D39c)."""
    if raw == b"":
        return {}
    if raw.startswith(b"\xef\xbb\xbf"):                           # D65
        if choice("D65") == "Refused":
            raise parse_error("The request is rejected because the JSON could not be processed.")
        raw = raw[3:]
    try:
        text = raw.decode("utf-8", "strict")                      # D63, D66
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_pairs)
        if ESCAPED_SURROGATE.search(text) and _has_surrogate(value):  # D64
            raise ValueError("lone surrogate")
    except (ValueError, RecursionError):                          # D60, D69, D70
        raise parse_error("The request is rejected because the JSON could not be processed.") from None
    if not isinstance(value, dict):                               # D61, D62
        raise parse_error("Invalid input: data should be object")
    return value


# ---------------------------------------------------------------- query string
BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _unescape(part):
    raw = part.encode("ascii")
    if BAD_ESCAPE.search(raw):
        raise parse_error("The query string could not be decoded.")   # D94
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise parse_error("The query string could not be decoded.") from None


def parse_query(text):
    """First value of each key (D93); a key without value is the empty string (D92)."""
    out = {}
    for part in text.split("&"):
        if part:
            key, _, value = part.partition("=")
            out.setdefault(_unescape(key), _unescape(value))
    return out


# ---------------------------------------------------------------- credentials
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}\Z")


class Caller:
    def __init__(self, account, region, service):
        self.account, self.region, self.service = account, region, service


def authenticate(headers):
    """Who calls. SH-XX-008, D40..D45: a 403 of the gateway before any business rule."""
    values = headers.get("authorization", [])
    if not values or values == [""]:                              # D40
        raise ApiError("MissingAuthenticationToken", "Missing Authentication Token")
    incomplete = ApiError("IncompleteSignature", "Authorization header requires 'Credential' parameter, "
                          "'SignedHeaders' parameter and 'Signature' parameter.", int(choice("D41")))
    if len(values) != 1 or not values[0].startswith("AWS4-HMAC-SHA256 "):
        raise incomplete                                          # D41
    fields = {}
    for part in values[0][len("AWS4-HMAC-SHA256 "):].split(","):
        key, equals, value = part.strip().partition("=")
        if not equals or not value or " " in value:
            raise incomplete
        fields[key] = value
    if not {"Credential", "SignedHeaders", "Signature"} <= set(fields):
        raise incomplete
    scope = fields["Credential"].split("/")
    if len(scope) != 5:
        raise incomplete
    key, date, region, service, end = scope
    if not re.fullmatch(r"[0-9]{12}", key, re.ASCII):             # D42
        raise ApiError("UnrecognizedClient", "The security token included in the request is invalid.")
    if end != "aws4_request" or not re.fullmatch(r"[0-9]{8}", date, re.ASCII):   # D45
        raise ApiError("InvalidSignature", "Credential should be scoped with a valid terminator: 'aws4_request'.")
    if not REGION.match(region):
        raise ApiError("InvalidSignature", "Credential should be scoped to a valid Region.")
    if service not in ("securityhub", "organizations"):
        raise ApiError("InvalidSignature", "Credential should be scoped to correct service: 'securityhub'.")
    return Caller(key, region, service)


# ---------------------------------------------------------------- content negotiation
def check_content_type(headers, body):
    """D37..D39; forms and multipart are never read as JSON (M093, M094)."""
    if not body:
        return
    values = headers.get("content-type", [])
    main = values[0].split(";")[0].strip().lower() if values else ""
    if main in ("application/json", "application/x-amz-json-1.1", "application/x-amz-json-1.0"):
        return                                                    # SH-CREATE-039, SH-WIRE-023
    form = main == "application/x-www-form-urlencoded" or main.startswith("multipart/")
    if form or choice("D37") == "415":
        raise ApiError("UnsupportedMediaType", "The content type is not supported.")


def check_accept(headers):
    if choice("D35") != "406":
        return
    ranges = [r.split(";")[0].strip().lower() for v in headers.get("accept", []) for r in v.split(",")]
    if ranges and not any(r in ("*/*", "application/*", "application/json", "*") for r in ranges):
        raise ApiError("NotAcceptable", "The Accept header excludes application/json.")
