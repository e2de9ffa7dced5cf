//! Error answers, read as SDKs read them: the type from a header, else from the body.

use serde_json::Value;

use super::HttpResponse;
use super::words::{excerpt, is_html, is_markup, json_type, not_json};
use crate::domain::{
    Divergence, DivergenceKind, Document, ErrorKind, Grade, Operation, Outcome, Place, ServiceError, clipped,
};

/// The header that names the type of an error.
const ERROR_TYPE: &str = "x-amzn-errortype";

/// No exception of any AWS service has a longer name; what is longer is not a code but some text.
const LONGEST_CODE: usize = 128;

/// The longest message that is kept whole; those of AWS have a few hundred characters.
const LONGEST_MESSAGE: usize = 4 << 10;

/// Reads an answer that is no success.
///
/// The code is looked for in the header `x-amzn-errortype`, then in the body's `__type`, `code` and `Code`, or in the
/// `Code` element of an XML body. An empty text counts as none.
#[must_use]
pub fn decode_error(response: &HttpResponse) -> Outcome {
    let body = ParsedErrorBody::read(&response.body);
    let status = response.status;
    let code = response.header(ERROR_TYPE).and_then(sanitise).or_else(|| body.code());
    match code {
        Some(code) => {
            let kind = ErrorKind::from_code(&code);
            Outcome::Error(ServiceError { kind, status, message: body.message() })
        }
        None => Outcome::Undecodable { status, pointer: String::new(), reason: body.reason(response) },
    }
}

/// A flaw in the form of an answer whose content can be made out all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFlaw {
    /// The part of the answer: its status or its body.
    pub part: &'static str,
    /// The form that the protocol wants.
    pub expected: &'static str,
    /// The form that it has.
    pub observed: String,
}

impl FormFlaw {
    /// The divergence of an answer whose form is not that of the protocol, whatever it says.
    #[must_use]
    pub fn divergence(self, operation: Operation) -> Divergence {
        Divergence {
            operation,
            kind: DivergenceKind::Wire,
            rules: Vec::new(),
            ignored: Vec::new(),
            place: Place::Form(self.part),
            expected: self.expected.to_owned(),
            observed: self.observed,
            grade: Grade::Documented,
            of_state: false,
        }
    }
}

/// Statuses of HTTP itself, which a server may have to send before it knows what protocol is spoken.
const OF_HTTP: [u16; 9] = [405, 408, 411, 413, 414, 415, 417, 429, 431];

/// Finds the flaw in the form of an answer: an error in another body than a JSON object, which clients take for an error
/// without a code or fail on (Smithy, restJson1), or a success under another status than the API pages promise.
#[must_use]
pub fn form_flaw(response: &HttpResponse) -> Option<FormFlaw> {
    let HttpResponse { status, body, .. } = response;
    if (200..300).contains(status) {
        let observed =
            || FormFlaw { part: "status", expected: "status 200", observed: format!("status {status}") };
        return (*status != 200).then(observed);
    }
    if !(400..500).contains(status) || OF_HTTP.contains(status) || body.is_empty() {
        return None;
    }
    // What names no code can't be read at all, and that has been said.
    matches!(decode_error(response), Outcome::Error(_)).then_some(())?;
    let observed = match ParsedErrorBody::read(body) {
        ParsedErrorBody::Json(_) => return None,
        ParsedErrorBody::Xml(_) => format!("{status} with an XML document: {}", excerpt(body)),
        ParsedErrorBody::OtherJson(value) => format!("{status} with {}", json_type(&value)),
        ParsedErrorBody::Unreadable(what) => format!("{status} with {what}"),
    };
    Some(FormFlaw { part: "body", expected: "an error in a JSON object", observed })
}

/// Brings a code into its bare form: no URI after it, no namespace before it.
fn sanitise(text: &str) -> Option<String> {
    let name = text.split(':').next()?.rsplit('#').next()?.trim();
    let plausible = !name.is_empty() && name.len() <= LONGEST_CODE && !name.contains(char::is_control);
    plausible.then(|| name.to_owned())
}

/// The body of an error answer, as far as it can be read.
enum ParsedErrorBody {
    Json(Document),
    Xml(String),
    OtherJson(Value),
    Unreadable(String),
}

impl ParsedErrorBody {
    fn read(body: &[u8]) -> Self {
        if is_markup(body) && !is_html(body) {
            return Self::Xml(String::from_utf8_lossy(body).into_owned());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::Json(members),
            Ok(other) => Self::OtherJson(other),
            Err(error) => Self::Unreadable(not_json(body, &error)),
        }
    }

    fn code(&self) -> Option<String> {
        match self {
            Self::Json(members) => {
                ["__type", "code", "Code"].iter().find_map(|name| sanitise(members.get(*name)?.as_str()?))
            }
            Self::Xml(text) => sanitise(element(text, "<Code>", "</Code>")?),
            Self::OtherJson(_) | Self::Unreadable(_) => None,
        }
    }

    fn message(&self) -> Option<String> {
        let text = match self {
            Self::Json(members) => {
                ["message", "Message"].iter().find_map(|name| members.get(*name)?.as_str())?.to_owned()
            }
            Self::Xml(text) => unescape(element(text, "<Message>", "</Message>")?),
            Self::OtherJson(_) | Self::Unreadable(_) => return None,
        };
        (!text.is_empty()).then(|| clipped(&text, LONGEST_MESSAGE).into_owned())
    }

    /// The reason why the answer names no code.
    fn reason(&self, response: &HttpResponse) -> String {
        if (300..400).contains(&response.status) {
            return match response.header("location") {
                Some(location) => format!("a redirect to {}", excerpt(host(location).as_bytes())),
                None => "a redirect without a location".to_owned(),
            };
        }
        match self {
            Self::Json(_) => format!("a JSON object without an error code: {}", excerpt(&response.body)),
            Self::Xml(_) => format!("an XML document without an error code: {}", excerpt(&response.body)),
            Self::OtherJson(value) => format!("{} where an error object belongs", json_type(value)),
            Self::Unreadable(_) if response.body.is_empty() => format!("an empty body and no {ERROR_TYPE} header"),
            Self::Unreadable(what) => what.clone(),
        }
    }
}

/// The text of the first element with these tags.
fn element<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside.trim())
}

fn unescape(text: &str) -> String {
    // The ampersand last, or an escaped escape would be undone twice.
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

/// The host and port of an absolute URL; other texts as they are.
fn host(location: &str) -> &str {
    let (_, rest) = location.split_once("://").unwrap_or(("", location));
    if rest.len() == location.len() { location } else { rest.split(['/', '?', '#']).next().unwrap_or(rest) }
}
