//! Recorded conversations with a Security Hub endpoint: the format `passmuster.trace/1`.
//!
//! A trace is a text of JSON objects, one a line; blank lines are passed over. A line with `schema` is a **header**
//! and begins a conversation; each line after it is a **call**. Conversations share nothing: each begins in an
//! account where nothing has happened yet, so that a call which brought the accounts where the source finds them
//! belongs into the trace, marked as assumed.
//!
//! | member of a header | meaning |
//! | --- | --- |
//! | `schema` | `passmuster.trace/1` |
//! | `title` | what it shows, in one line; required |
//! | `sources` | keys of `fixtures/contract/sources.toml`; left out in a recorded run |
//! | `date` | year, month or day of the observation, as far as known |
//! | `region` | where calls go that name no Region; `us-east-1` where left out |
//! | `note` | anything else worth knowing |
//! | `excludes` | causes that can't be behind any refusal: `policy`, `credentials`, `concurrency`, `throttling`; a refusal that names any other of them is not judged |
//! | `patience` | how many answers in a row may be late where the evidence names a lag; 60 where left out |
//! | `variant_of`, `rejects` | for a near-miss: the title of the admissible conversation it is made of, and the call (its number, from 1) and rule at which it must be rejected: `{"call": 4, "rule": "SH-GET-003"}` |
//!
//! | member of a call | meaning |
//! | --- | --- |
//! | `account` | who calls: twelve digits |
//! | `region` | where, if not where the header says |
//! | `operation`, `request` | what, with its members as they were sent; any operation, of AWS Organizations, too |
//! | `status` | the HTTP status of the answer |
//! | `response` | the members of a successful answer; left out where the operation has none |
//! | `error` | or its error: `{"code": …, "message": …}`, the message left out where it had none |
//! | `unreadable` | or why no client could read it |
//! | `pages` | how many entries each page of a list had, where all of them stand in one call |
//! | `provenance` | `observed`: the source shows it; `assumed`: it is needed to get there |
//! | `unknown` | names of members of the answer (or `status`, `message`) that the source doesn't show; they are not judged |
//!
//! Members that the source doesn't show are left out *and* named in `unknown`: what is left out otherwise was not sent.
//! Of several entries that have a member of that name, it is unknown in those where it is missing.
//! A list read page by page is either one call with `pages`, or a call for each page; calls that change nothing may stand
//! between them.

mod call;
mod called;
mod fields;
mod header;
mod naming;
mod read;
mod unrepeated;
mod write;

use crate::domain::{Account, Cause, Circumstances, Document, Request, ServiceError, Transition};
use serde_json::Value;

pub use called::Called;
pub use naming::TraceNaming;
pub use read::{TraceError, TraceReader, parse};
pub use write::write;

/// The schema that every header names.
pub const SCHEMA: &str = "passmuster.trace/1";

/// One conversation: everything that some accounts did, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// The line of its header, from 1.
    pub line: u64,
    /// Its header.
    pub header: Header,
    /// Its calls.
    pub calls: Vec<Call>,
}

/// The title and the origin of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its title: what it shows.
    pub title: String,
    /// Keys of the sources it is taken from.
    pub sources: Vec<String>,
    /// The date of the observation.
    pub date: Option<String>,
    /// The Region of calls that name none.
    pub region: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// The causes of refusals that are ruled out.
    pub excludes: Vec<Cause>,
    /// The most answers in a row that may be late.
    pub patience: Option<u32>,
    /// The title of the admissible conversation that a near-miss is made of.
    pub variant_of: Option<String>,
    /// The call at which a near-miss must be rejected.
    pub rejects: Option<Rejection>,
}

/// The call and the rule at which a near-miss must be rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The number of the call, from 1.
    pub call: u64,
    /// The rule to blame first.
    pub rule: String,
}

/// One call and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its line, from 1.
    pub line: u64,
    /// The account that called.
    pub account: Account,
    /// The Region.
    pub region: String,
    /// The operation.
    pub operation: Called,
    /// Its members.
    pub request: Document,
    /// The answer.
    pub answer: RecordedAnswer,
    /// The number of entries of each page, where this call stands for all of them.
    pub pages: Vec<usize>,
    /// The evidence for it.
    pub provenance: Provenance,
    /// Members of the answer that the source doesn't show.
    pub unknown: Vec<String>,
}

/// An answer as a trace holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordedAnswer {
    /// A success; the body is missing where there was none.
    Response {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Option<Value>,
    },
    /// An error. Its status is the API model's where the source doesn't show it.
    Error(ServiceError),
    /// No client could read it.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// The problem with it.
        reason: String,
    },
}

/// The evidence for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The source shows it.
    Observed,
    /// It is needed to reach what the source shows.
    Assumed,
}

impl Provenance {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }
}

impl Header {
    /// What it says of the circumstances.
    #[must_use]
    pub fn circumstances(&self) -> Circumstances {
        let usual = Circumstances::default();
        let excluded = self.excludes.iter().copied().collect();
        Circumstances {
            // A recorded run says so.
            is_stand_in: excluded == Circumstances::of_stand_in().excluded,
            excluded,
            patience: self.patience.unwrap_or(usual.patience),
            date: self.date.clone(),
        }
    }
}

impl Conversation {
    /// The Regions called, in the order in which they appear.
    ///
    /// # Errors
    ///
    /// When there are more than the model can number.
    pub fn naming(&self) -> Result<TraceNaming, String> {
        let mut naming = TraceNaming::default();
        self.calls.iter().try_for_each(|call| naming.add(&call.region))?;
        Ok(naming)
    }
}

impl Call {
    /// The call in the terms of the model.
    ///
    /// # Errors
    ///
    /// When the model has no place for the operation, or a member has the wrong type.
    pub fn transition(&self, naming: &TraceNaming) -> Result<Transition, String> {
        let operation = self.operation.known().ok_or_else(|| format!("the model knows no {}", self.operation))?;
        let request =
            Request::from_document(operation, &self.request, naming).map_err(|wrong| wrong.to_string())?;
        Ok(Transition { caller: self.account, region: naming.number(&self.region), request })
    }
}
