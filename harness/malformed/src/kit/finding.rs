//! A finding of the kit, as data and as text: a complaint, with the request that shows it.

use std::fmt;

use super::judge::ReadingVerdict;
use super::message;
use crate::complaint::{Aspect, Cause, Complaint};
use crate::protocol;
use crate::{ClassId, class};
use passmuster_contract::domain::{Severity, printable};
use passmuster_contract::wire::HttpRequest;

/// A complaint about a parser or a server, with the request that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitFinding {
    /// The complaint: in which way the reaction is wrong, by which row or invariant.
    pub complaint: Complaint,
    /// The row of what is wrong with the request; that of the complaint where nothing is.
    pub row: &'static str,
    /// The classes of malformed requests that the request was made by; none where it was sound, or not our own.
    pub classes: Vec<ClassId>,
    /// The fault of the request that brings it out, without what stands there.
    pub fault: String,
    /// Its place in the request: the request line, the body, a JSON pointer into it, or a query parameter.
    pub place: String,
    /// The request.
    pub request: HttpRequest,
}

/// The identity of a finding: the cause, the fault, and its place without indices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FindingKey(Aspect, Cause, String, String);

impl KitFinding {
    pub(super) fn new(verdict: ReadingVerdict, classes: &[ClassId], request: HttpRequest) -> Self {
        let ReadingVerdict { complaint, row, fault, place } = verdict;
        Self { complaint, row, classes: classes.to_vec(), fault, place, request }
    }

    pub(super) fn identity(&self) -> FindingKey {
        let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = self.place.split('/').map(|part| if is_index(part) { "*" } else { part });
        FindingKey(self.complaint.aspect, self.cause(), self.fault.clone(), parts.collect::<Vec<_>>().join("/"))
    }

    /// The cause, by the fingerprint that a campaign against a server gives it.
    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause::of(&self.complaint, self.row)
    }

    /// The weight of it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.complaint.severity()
    }

    /// The request as bytes that [`check`](super::check) takes.
    #[must_use]
    pub fn input(&self) -> Vec<u8> {
        message::write(&self.request)
    }
}

impl fmt::Display for KitFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { complaint, row, classes, fault, place, request } = self;
        writeln!(f, "{} {row}: {fault} (in {place})", complaint.aspect.name())?;
        if let Some(known) = protocol::row(row) {
            writeln!(f, "  row {row}: {}", known.statement)?;
        } else if let Some(known) = protocol::invariant(row) {
            writeln!(f, "  invariant {row}: {}", known.statement)?;
        }
        for id in classes {
            writeln!(f, "  class {id}: {}", class(*id).map_or("", |class| class.title))?;
        }
        writeln!(f, "  expected {}", complaint.expected)?;
        writeln!(f, "  observed {}", printable(&complaint.observed))?;
        for line in message::write(request).split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            writeln!(f, "    {}", line.escape_ascii().to_string().replace("\\\"", "\""))?;
        }
        Ok(())
    }
}

impl std::error::Error for KitFinding {}
