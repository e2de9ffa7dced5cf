//! The expectation: what a request allows its reader to do, as a relation. Several readings may be right, several
//! refusals too. It shares nothing with `wire::decode`.
//!
//! The rows (D60 and so on) are those of the decision table in `fixtures/wire/README.md`. What they leave to each server
//! becomes leeway, never a fault.

use serde_json::Value;

use super::RefusalKind;
use super::address::{self, Parameter, Route};
use super::json::{self, JsonError, JsonNode, LosslessJson};
use super::values::BodyWalk;
use passmuster_contract::domain::shape::{Location, MemberShape, ShapeKind};
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::wire::HttpRequest;

/// Something wrong with a request: what may not be taken for sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestFault {
    /// The row of the decision table that it breaks.
    pub(crate) row: &'static str,
    /// The refusal that it calls for.
    pub(crate) refusal: RefusalKind,
    /// The cause, without what stands there.
    pub(crate) cause: String,
    /// The place: the body, a JSON pointer into it, or a query parameter.
    pub(crate) place: String,
    /// The relief that a stand-in for the service may give it.
    pub(crate) relief: Relief,
}

/// The leniency that a fault may meet instead of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relief {
    /// Nothing.
    None,
    /// It is in an entry of a list: the service takes the call and reports that entry as unprocessed (answer set PART).
    Entry,
    /// Readers that skip what they don't know miss it. That is careless, and no more (row D63).
    Skipped,
}

/// The reactions that a request allows.
#[derive(Debug)]
pub(crate) struct Expectation<'a> {
    pub(crate) route: Route,
    /// Every fault that could be made out.
    pub(crate) faults: Vec<RequestFault>,
    /// Refusals that are right though nothing is wrong.
    pub(crate) leeway: Vec<RefusalKind>,
    /// Nothing is known, but that a reader must not panic.
    pub(crate) anything: bool,
    pub(crate) body: Option<JsonBody<'a>>,
    pub(crate) query: Vec<Parameter>,
}

/// A body that is JSON.
#[derive(Debug)]
pub(crate) struct JsonBody<'a> {
    bytes: &'a [u8],
    root: JsonNode,
}

/// A difference between a value that was read and what was written.
#[derive(Debug)]
pub(crate) struct ReadingDifference {
    pub(crate) place: String,
    pub(crate) written: String,
    pub(crate) read: String,
}

/// Makes out what a request allows.
pub(crate) fn expect(request: &HttpRequest) -> Expectation<'_> {
    let mut expected = Expectation {
        route: address::route(request),
        faults: Vec::new(),
        leeway: Vec::new(),
        anything: !address::is_plain(request) || hides_its_body(request),
        body: None,
        query: Vec::new(),
    };
    if let (false, Some(operation)) = (expected.anything, expected.route.operation()) {
        let input = operation.shape().input;
        let takes_body = input.iter().any(|member| member.location == Location::Body);
        if !has_plain_media(request, takes_body) {
            expected.leeway.extend([RefusalKind::Media, RefusalKind::Parse]);
        }
        if takes_body {
            expected.read_body(input, &request.body);
        } else if !request.body.is_empty() {
            // Rows D39b and D97: ignored or refused.
            expected.leeway.extend([RefusalKind::Media, RefusalKind::Parse, RefusalKind::Constraint]);
        }
        expected.query = address::query(input, &request.query, &mut expected.faults, &mut expected.leeway);
    }
    expected
}

/// Whether the body is not what it seems: packed, or in another character set.
fn hides_its_body(request: &HttpRequest) -> bool {
    let charset = request
        .header("content-type")
        .and_then(|text| text.to_ascii_lowercase().split_once("charset").map(|(_, rest)| rest.to_owned()));
    let utf8 = |charset: &str| charset.trim_matches(['=', ' ', '"']).starts_with("utf-8");
    request.header("content-encoding").is_some()
        || request.header("transfer-encoding").is_some()
        || charset.is_some_and(|charset| !utf8(&charset))
}

/// Whether the media types are what a client of AWS sends (rows D35 to D39b).
fn has_plain_media(request: &HttpRequest, takes_body: bool) -> bool {
    let sent = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).count();
    let essence = request.header("content-type").map(|text| text.split(';').next().unwrap_or_default());
    let accepted = request.header("accept").is_none_or(|accept| matches!(accept, "*/*" | "application/json"));
    let written = match essence {
        None => request.body.is_empty() || !takes_body,
        Some(essence) => takes_body && essence == "application/json",
    };
    accepted && written && sent <= 1
}

impl<'a> Expectation<'a> {
    fn fault(&mut self, row: &'static str, cause: &str) {
        let fault = RequestFault {
            row,
            refusal: RefusalKind::Parse,
            cause: cause.to_owned(),
            place: "body".to_owned(),
            relief: Relief::None,
        };
        self.faults.push(fault);
    }

    fn read_body(&mut self, input: &'static [MemberShape], bytes: &'a [u8]) {
        let required = input.iter().find(|member| member.required);
        if bytes.trim_ascii().is_empty() {
            // Row D39c: no body is an object without members. Row D60: blanks are not JSON, though some trim them first.
            match required {
                Some(member) => {
                    self.leeway.push(RefusalKind::Parse);
                    self.faults
                        .push(RequestFault { place: format!("/{}", member.name), ..RequestFault::missing() });
                }
                None if !bytes.is_empty() => self.leeway.push(RefusalKind::Parse),
                None => {}
            }
            return;
        }
        // Row D65: a byte order mark may be skipped or refused.
        let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf");
        if unmarked.is_some() {
            self.leeway.push(RefusalKind::Parse);
        }
        let bytes = unmarked.unwrap_or(bytes);
        let root = match json::read(bytes) {
            Err(JsonError::NotJson { .. }) => return self.fault("D60", "a body that is not JSON"),
            Err(JsonError::TooDeep) => return self.anything = true,
            Ok(root) => root,
        };
        let mut walk = BodyWalk::new(bytes);
        match &root.value {
            LosslessJson::Object(members) => walk.structure(input, members, "", Relief::None),
            other => {
                let cause = format!("{} where an object belongs", other.described());
                let row = match other {
                    LosslessJson::Null => "D62",
                    LosslessJson::Array(items) if !items.is_empty() => "D84",
                    _ => "D61",
                };
                self.fault(row, &cause);
            }
        }
        self.anything |= walk.anything;
        self.faults.append(&mut walk.faults);
        self.leeway.append(&mut walk.leeway);
        self.body = Some(JsonBody { bytes, root });
    }

    /// The first place where members that were read are not what was written, in any way that a server may read it.
    pub(crate) fn difference(&self, operation: Operation, members: &Document) -> Option<ReadingDifference> {
        operation.shape().input.iter().find_map(|member| match member.location {
            Location::Body => self.in_body(member, members.get(member.name)),
            Location::Query => self.in_query(member, members.get(member.name)),
        })
    }

    fn in_body(&self, member: &MemberShape, read: Option<&Value>) -> Option<ReadingDifference> {
        let written: Vec<&JsonNode> = self.body.iter().flat_map(|body| named(&body.root, member.name)).collect();
        let walk = BodyWalk::new(self.body.as_ref().map_or(&[], |body| body.bytes));
        if walk.admits(&member.kind, &written, read) {
            return None;
        }
        let text = |node: &&JsonNode| excerpt(&walk.bytes[node.span.clone()]);
        Some(ReadingDifference {
            place: format!("/{}", member.name),
            written: written.first().map_or_else(|| "nothing".to_owned(), text),
            read: shown(read),
        })
    }

    fn in_query(&self, member: &MemberShape, read: Option<&Value>) -> Option<ReadingDifference> {
        let mut written = self.query.iter().filter(|parameter| parameter.name == member.name).peekable();
        let first = written.peek().map_or_else(|| "nothing".to_owned(), |first| excerpt(first.text.as_bytes()));
        let admitted = match read {
            None | Some(Value::Null) => written.all(|parameter| parameter.optional),
            Some(value) => written.any(|parameter| parameter.admits(&member.kind, value)),
        };
        (!admitted).then(|| ReadingDifference {
            place: format!("query parameter {}", member.name),
            written: first,
            read: shown(read),
        })
    }
}

impl RequestFault {
    /// A required member that isn't there (row D80); its place is for the caller to fill in.
    pub(crate) fn missing() -> Self {
        Self {
            row: "D80",
            refusal: RefusalKind::Constraint,
            cause: "a required member that is missing".to_owned(),
            place: String::new(),
            relief: Relief::None,
        }
    }
}

impl LosslessJson {
    /// The type, with its article.
    pub(crate) const fn described(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Every value that an object has under this name.
fn named<'n>(object: &'n JsonNode, name: &str) -> Vec<&'n JsonNode> {
    let LosslessJson::Object(members) = &object.value else { return Vec::new() };
    members.iter().filter(|member| member.name.plain() == Some(name)).map(|member| &member.value).collect()
}

/// The value that a kind wants, with its article.
pub(crate) const fn wanted(kind: &ShapeKind) -> &'static str {
    match kind {
        ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_) => "a string",
        ShapeKind::Boolean => "a boolean",
        ShapeKind::Integer(_) => "an integer",
        ShapeKind::List { .. } => "a list",
        ShapeKind::Tags => "a map of strings",
        ShapeKind::Structure(_) | ShapeKind::Open => "an object",
    }
}

fn shown(read: Option<&Value>) -> String {
    read.map_or_else(|| "nothing".to_owned(), |value| excerpt(value.to_string().as_bytes()))
}

/// The beginning of a text, printable.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 80;
    let head = bytes.get(..LONGEST).unwrap_or(bytes);
    let more = if head.len() < bytes.len() { " and more" } else { "" };
    format!("{}{more}", head.escape_ascii().to_string().replace("\\\"", "\""))
}
