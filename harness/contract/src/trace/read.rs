//! Reads traces, one conversation at a time, within bounds. It opens no file: bytes come from the caller.

use std::io::{BufRead, Read as _};

use serde_json::Value;

use super::call::call;
use super::fields::LineComplaint;
use super::header::header;
use super::{Conversation, Header, TraceNaming, unrepeated};
use crate::domain::Document;

/// The longest line, in bytes. An answer has 8 MiB at most where a run reads it; a line holds one.
const LONGEST_LINE: u64 = 10 << 20;
/// The most calls of one conversation.
const MOST_CALLS: usize = 100_000;
/// The most lines of a trace.
const MOST_LINES: u64 = 50_000_000;
/// Some editors begin a file with it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The Region of calls when nothing says which.
const REGION: &str = "us-east-1";

/// A line that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}; {fix}")]
pub struct TraceError {
    /// The line, from 1.
    pub line: u64,
    /// The problem.
    pub what: String,
    /// The remedy.
    pub fix: String,
}

/// The conversations of a trace. The first error is the last item.
pub struct TraceReader<R> {
    input: R,
    line: u64,
    /// The header of the next conversation, which ended the one before it.
    next: Option<(u64, Header)>,
    ended: bool,
}

impl<R: BufRead> TraceReader<R> {
    /// Reads from here.
    pub const fn new(input: R) -> Self {
        Self { input, line: 0, next: None, ended: false }
    }

    fn conversation(&mut self) -> Result<Option<Conversation>, TraceError> {
        let (line, header) = match self.next.take() {
            Some(next) => next,
            None => match self.line()? {
                None => return Ok(None),
                Some(Line::Header(header)) => (self.line, *header),
                Some(Line::Call(_)) => {
                    let fix = "begin with {\"schema\": \"passmuster.trace/1\", \"title\": …}";
                    return Err(self.error(LineComplaint::new("a call stands before any header", fix)));
                }
            },
        };
        let mut conversation = Conversation { line, header, calls: Vec::new() };
        let mut naming = TraceNaming::default();
        loop {
            let document = match self.line()? {
                None => return Ok(Some(conversation)),
                Some(Line::Header(header)) => {
                    self.next = Some((self.line, *header));
                    return Ok(Some(conversation));
                }
                Some(Line::Call(document)) => document,
            };
            if conversation.calls.len() >= MOST_CALLS {
                let what = format!("the conversation has more than {MOST_CALLS} calls");
                return Err(self.error(LineComplaint::new(what, "begin another with a header")));
            }
            let region = conversation.header.region.as_deref().unwrap_or(REGION);
            let call = call(document, region, self.line).map_err(|problem| self.error(problem))?;
            naming.add(&call.region).map_err(|what| {
                self.error(LineComplaint::new(what, "begin another conversation with a header"))
            })?;
            conversation.calls.push(call);
        }
    }

    /// The next line that isn't blank.
    fn line(&mut self) -> Result<Option<Line>, TraceError> {
        let mut bytes = Vec::new();
        while bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes).trim_ascii().is_empty() {
            bytes.clear();
            self.line += 1;
            if self.line > MOST_LINES {
                let what = format!("the trace has more than {MOST_LINES} lines");
                return Err(self.error(LineComplaint::new(what, "split it")));
            }
            let read = self.input.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut bytes);
            match read {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) => {
                    let what = format!("it can't be read any further: {error}");
                    return Err(self.error(LineComplaint::new(what, "name a text file that can be read")));
                }
            }
            if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST_LINE) {
                let what = format!("it is longer than {LONGEST_LINE} bytes");
                return Err(self.error(LineComplaint::new(what, "write one call a line")));
            }
        }
        let text = if self.line == 1 { bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes) } else { &bytes };
        let parsed = unrepeated::parse(text).map_err(|error| {
            let what = format!("{}, column {}", unrepeated::words(&error), error.column());
            self.error(LineComplaint::new(what, "write one JSON object a line, each of its members once"))
        })?;
        let Value::Object(document) = parsed else {
            return Err(self.error(LineComplaint::new("it is not a JSON object", "write one JSON object a line")));
        };
        if !document.contains_key("schema") {
            return Ok(Some(Line::Call(document)));
        }
        let header = header(document).map_err(|problem| self.error(problem))?;
        Ok(Some(Line::Header(Box::new(header))))
    }

    fn error(&self, problem: LineComplaint) -> TraceError {
        TraceError { line: self.line, what: problem.what, fix: problem.fix }
    }
}

enum Line {
    Header(Box<Header>),
    Call(Document),
}

impl<R: BufRead> Iterator for TraceReader<R> {
    type Item = Result<Conversation, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let conversation = self.conversation();
        self.ended = !matches!(conversation, Ok(Some(_)));
        conversation.transpose()
    }
}

/// Reads all conversations of a text.
///
/// # Errors
///
/// At the first line that can't be read.
pub fn parse(text: &[u8]) -> Result<Vec<Conversation>, TraceError> {
    TraceReader::new(text).collect()
}
