//! A request as a tree whose every part can be wrong, and the bytes that it becomes. Nothing here sends it.

use passmuster_contract::domain::Operation;
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::HttpRequest;

/// The version as it ends a request line.
const VERSION: &[u8] = b" HTTP/1.1";

pub(crate) const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Patch, Method::Delete];

/// A request that may be wrong anywhere: each part is kept as it goes over the wire.
///
/// The parts without which no server hears it (a host, a date, a signature, the length of the body) are added when it
/// is sent, unless they say otherwise: see [`Message::host`], [`Message::framing`] and [`Message::signing`].
#[derive(Clone, Debug)]
pub struct Message {
    /// Bytes before the request line; mostly none.
    pub before: Vec<u8>,
    /// The method.
    pub method: Vec<u8>,
    /// The path, percent-encoded where it is well-formed.
    pub path: Vec<u8>,
    /// The pairs of the query string, encoded, as they stand between its `&`.
    pub query: Vec<Vec<u8>>,
    /// The end of the request line, after the request target, a blank before it included: ` HTTP/1.1`.
    pub version: Vec<u8>,
    /// The end of each line of the head.
    pub line_end: &'static [u8],
    /// The case and the order of the lines of the head.
    pub style: HeadStyle,
    /// The lines for the host.
    pub host: Host,
    /// Header lines without their ends, those apart that are added when it is sent.
    pub headers: Vec<Vec<u8>>,
    /// The way in which the end of the body is told.
    pub framing: Framing,
    /// The body, before any transfer coding.
    pub body: Vec<u8>,
    /// The signature that it bears.
    pub signing: Signing,
    /// The way in which the bytes are sent.
    pub delivery: Delivery,
}

/// The case of the names of header lines, and their order: neither says anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeadStyle {
    /// As they are.
    #[default]
    Plain,
    /// A capital for each word.
    Title,
    /// All capitals.
    Upper,
    /// Every other letter a capital.
    Mixed,
    /// The last line first.
    Reversed,
}

/// The lines for the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// One line that names the target.
    #[default]
    Own,
    /// These lines instead; `{host}` in them stands for the target.
    Lines(Vec<Vec<u8>>),
}

/// The way in which the end of the body is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// By its length, in one line; no line where there is no body and the method needs none.
    #[default]
    Length,
    /// By these lines, and these bytes in place of the body.
    Lines(Vec<Vec<u8>>, Vec<u8>),
}

/// The signature that a message bears.
#[derive(Clone, Debug, Default)]
pub enum Signing {
    /// The caller's, over the message as it is: a target that verifies signatures looks further.
    #[default]
    Fresh,
    /// The caller's, over another message, which was changed since.
    Of(Box<Message>),
    /// None, and no date either.
    None,
    /// Spoilt.
    Spoilt(Spoilt),
}

/// The faults of a signature.
#[derive(Clone, Debug, Default)]
pub struct Spoilt {
    /// The error of the date, in seconds; the scope and the signature go with it.
    pub shift: i64,
    /// The access key id in place of the caller's.
    pub access_key: Option<String>,
    /// The date, Region, service and last word of the scope, where they are others; the signature goes with them.
    pub scope: [Option<&'static str>; 4],
    /// The value of the date header in place of the right one; `Some("")` is an empty one.
    pub date: Option<String>,
    /// Whether the date header is left out.
    pub without_date: bool,
    /// Names to sign beside those that are there.
    pub also_signed: Vec<&'static str>,
    /// A name that is left out of those signed.
    pub not_signed: Option<&'static str>,
    /// The lines in place of the right one, out of its value.
    pub authorization: Option<fn(&str) -> Vec<String>>,
}

/// The way in which the bytes are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// All at once.
    #[default]
    Whole,
    /// Each byte in a segment of its own.
    Bytewise,
    /// The head; the body after an interim answer, or after a second.
    AwaitContinue,
    /// The head, and then nothing more.
    Stall,
    /// All, and then the end of the sending half.
    HalfClose,
    /// All, and then the connection is closed without waiting for an answer.
    Abandon,
    /// All, with a well-formed ListMembers after it in the same segment.
    Pipelined,
}

impl Message {
    /// A well-formed request as a message.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let query = request.query.split('&').filter(|pair| !pair.is_empty());
        Self {
            before: Vec::new(),
            method: request.method.name().into(),
            path: request.path.as_bytes().to_vec(),
            query: query.map(|pair| pair.as_bytes().to_vec()).collect(),
            version: VERSION.to_vec(),
            line_end: b"\r\n",
            style: HeadStyle::Plain,
            host: Host::Own,
            headers: request.headers.iter().map(|(name, value)| line(name, value)).collect(),
            framing: Framing::Length,
            body: request.body.clone(),
            signing: Signing::Fresh,
            delivery: Delivery::Whole,
        }
    }

    /// Whether it says HTTP/1.1, by which another request may come after it on the connection.
    #[must_use]
    pub fn is_http_1_1(&self) -> bool {
        self.version == VERSION
    }

    /// The request as a parser of whole requests is shown it: none where its framing or its signature is spoilt, or
    /// where method, path or a header line is nothing that such a request can hold.
    #[must_use]
    pub fn as_request(&self) -> Option<HttpRequest> {
        let is_whole = self.before.is_empty()
            && self.is_http_1_1()
            && self.line_end == b"\r\n"
            && self.host == Host::Own
            && self.framing == Framing::Length
            && self.delivery == Delivery::Whole
            && matches!(self.signing, Signing::Fresh | Signing::Of(_));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let header = |line: &Vec<u8>| {
            let line = text(line)?;
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase().into(), value.trim().to_owned()))
        };
        let method = METHODS.into_iter().find(|method| method.name().as_bytes() == self.method)?;
        is_whole.then_some(())?;
        Some(HttpRequest {
            method,
            path: text(&self.path)?.into(),
            query: text(&self.query.join(&b'&'))?,
            headers: self.headers.iter().map(header).collect::<Option<Vec<_>>>()?,
            body: self.body.clone(),
        })
    }

    /// The path and the query string.
    #[must_use]
    pub fn target(&self) -> Vec<u8> {
        let mut target = self.path.clone();
        for (index, pair) in self.query.iter().enumerate() {
            target.push(if index == 0 { b'?' } else { b'&' });
            target.extend_from_slice(pair);
        }
        target
    }

    /// The first value of a header, by its name in any case, without blanks around it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find_map(|line| value_of(line, name))
    }

    /// Leaves out the lines of a header.
    pub fn remove_header(&mut self, name: &str) {
        self.headers.retain(|line| value_of(line, name).is_none());
    }

    /// Puts one line in the place of all lines of a header.
    pub fn set_header(&mut self, name: &str, value: impl AsRef<[u8]>) {
        self.remove_header(name);
        self.headers.push(line(name, value));
    }

    /// The bytes, with these lines (of signature and account) after those of the message; `host` is the target's.
    #[must_use]
    pub fn render(&self, host: &str, lines: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.before.clone();
        bytes.extend_from_slice(&self.method);
        bytes.push(b' ');
        bytes.extend_from_slice(&self.target());
        bytes.extend_from_slice(&self.version);
        bytes.extend_from_slice(self.line_end);
        let (framing, body) = self.framed();
        let head = self.host_lines(host).into_iter().chain(self.headers.iter().cloned());
        let mut head: Vec<Vec<u8>> = head.chain(lines.iter().cloned()).chain(framing).collect();
        self.style.dress(&mut head);
        for line in head {
            bytes.extend_from_slice(&line);
            bytes.extend_from_slice(self.line_end);
        }
        bytes.extend_from_slice(self.line_end);
        bytes.extend_from_slice(body);
        bytes
    }

    /// The length of the head of what [`Message::render`] gave.
    #[must_use]
    pub fn head_length(&self, rendered: &[u8]) -> usize {
        rendered.len() - self.framed().1.len()
    }

    fn host_lines(&self, host: &str) -> Vec<Vec<u8>> {
        match &self.host {
            Host::Own => vec![line("host", host)],
            Host::Lines(lines) => lines.iter().map(|line| replace(line, b"{host}", host.as_bytes())).collect(),
        }
    }

    fn framed(&self) -> (Vec<Vec<u8>>, &[u8]) {
        match &self.framing {
            Framing::Lines(lines, body) => (lines.clone(), body),
            Framing::Length => {
                let silent = self.body.is_empty() && matches!(&*self.method, b"GET" | b"HEAD" | b"OPTIONS");
                let length = (!silent).then(|| line("content-length", self.body.len().to_string()));
                (length.into_iter().collect(), &self.body)
            }
        }
    }
}

impl HeadStyle {
    /// Writes the lines of a head in this style.
    fn dress(self, lines: &mut [Vec<u8>]) {
        if self == Self::Reversed {
            lines.reverse();
        }
        for line in lines {
            let name = line.iter().position(|byte| *byte == b':').unwrap_or_default();
            for at in 0..name {
                let is_capital = match self {
                    Self::Plain | Self::Reversed => continue,
                    Self::Title => at == 0 || line[at - 1] == b'-',
                    Self::Upper => true,
                    Self::Mixed => at % 2 == 1,
                };
                if is_capital {
                    line[at].make_ascii_uppercase();
                } else {
                    line[at].make_ascii_lowercase();
                }
            }
        }
    }
}

/// A header line.
#[must_use]
pub fn line(name: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    let mut line = name.as_bytes().to_vec();
    line.extend_from_slice(b": ");
    line.extend_from_slice(value.as_ref());
    line
}

/// The value of a header line, where it is one of this name.
fn value_of<'l>(line: &'l [u8], name: &str) -> Option<&'l [u8]> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    line[..colon].eq_ignore_ascii_case(name.as_bytes()).then(|| line[colon + 1..].trim_ascii())
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match text.windows(from.len()).position(|window| window == from) {
        None => text.to_vec(),
        Some(at) => [&text[..at], to, &text[at + from.len()..]].concat(),
    }
}

/// A well-formed request of an operation, and what else a malformation of it may want to name.
#[derive(Clone, Debug)]
pub struct Base {
    /// The operation.
    pub operation: Operation,
    /// Its request.
    pub message: Message,
    /// The account that calls, by its id.
    pub caller: String,
    /// An account that the caller has created as a member.
    pub member: String,
    /// Two accounts that the caller has nothing to do with.
    pub strangers: [String; 2],
    /// The Region.
    pub region: String,
    /// A text that no answer may hold, for places where a secret would be.
    pub canary: String,
}

impl Base {
    /// The body as JSON, where the request has one.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        (!self.message.body.is_empty()).then(|| serde_json::from_slice(&self.message.body).ok())?
    }
}
