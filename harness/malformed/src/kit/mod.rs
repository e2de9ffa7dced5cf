//! A kit for other people's parsers and servers: it shows them the requests of the catalogue, and judges their
//! reactions. It opens no connection: the subject is a function.
//!
//! The subject takes an [`HttpRequest`](passmuster_contract::wire::HttpRequest). The type that it gives back says what
//! it is:
//!
//! - a **parser** gives `Result<(Operation, Document), RefusalKind>`. It never panics, refuses what is malformed with
//!   the right [`RefusalKind`], accepts what is sound, reads what is written, and reads it again once it is written
//!   afresh. Members that were not sent stay out of the document: a default is for the code that handles the call;
//! - a **server** gives an [`HttpResponse`](passmuster_contract::wire::HttpResponse). It never panics or fails, and
//!   answers what the protocol and the service allow.
//!
//! Servers differ, and may: duplicate members, byte order marks, half characters, deep nesting, numbers beyond a double,
//! unknown members, `1.0` for an integer and much more is never found, whichever way it is read. A constraint that a
//! parser doesn't check isn't found either. What the sources only advise against is a suspicion, and left out unless
//! [`KitSettings::suspicions`] asks for it.
//!
//! A finding names the row of the decision table that it rests on (`D60`), and the classes that its request was made by
//! (`M145`): the same that `passmuster fuzz` reports of a server.
//!
//! In a test, with [`seeds`] and compositions that depend on the settings alone:
//!
//! ```
//! use passmuster_malformed::kit::{KitSettings, reference, run};
//!
//! let findings = run(reference, &KitSettings { max_inputs: 500, ..KitSettings::default() });
//! assert!(findings.is_empty(), "{}", findings[0]);
//! ```
//!
//! In a target of libFuzzer, whose corpus `passmuster corpus export DIR` writes:
//!
//! ```no_run
//! # use passmuster_malformed::kit::{Profile, check, reference};
//! # fn fuzz_target(bytes: &[u8]) {
//! if let Err(finding) = check(reference, bytes, Profile::Union) {
//!     panic!("{finding}");
//! }
//! # }
//! ```
//!
//! A handler that is asynchronous, such as a `tower::Service`, is a server once a runtime waits for it:
//!
//! ```text
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let server = |request: &HttpRequest| -> HttpResponse { runtime.block_on(from(service.clone().oneshot(to(request)))) };
//! let findings = run(server, &KitSettings::default());
//! ```
//!
//! A subject that overflows its stack takes the process with it, as no test can prevent.

mod corpus;
mod finding;
mod judge;
pub mod message;
mod reaction;
mod run;
mod seeds;

pub use crate::complaint::{Aspect, Cause, Complaint};
pub use crate::reader::RefusalKind;
pub use corpus::{File, dictionary, files};
pub use finding::KitFinding;
pub use passmuster_contract::domain::Profile;
pub use reaction::{Reaction, reference};
pub use run::{KitSettings, check, look, run};
pub use seeds::{Seed, malformed, seeds, sound};
