//! The vocabulary: plain data that every other layer speaks in. Nothing here does I/O or knows the contract.

mod account;
mod cause;
mod clip;
mod divergence;
mod nearest;
mod oddity;
mod operation;
mod outcome;
mod printable;
mod profile;
mod request;
mod rule;
mod sent_members;
pub mod shape;
mod spelling;
mod status;
mod timestamp;
mod transition;
pub mod well_formed;
mod wire_table;

pub use account::{Account, AccountRef, Naming, PlainNaming, Region};
pub use cause::{Cause, Circumstances};
pub use clip::clipped;
pub use divergence::{Divergence, DivergenceKind, Fingerprint, Place, Severity};
pub(crate) use nearest::near;
pub use nearest::{nearest, suggestion};
pub use oddity::Oddity;
pub use operation::{Family, Operation, Role};
pub use outcome::{Document, ErrorKind, Outcome, ServiceError};
pub use printable::printable;
pub use profile::{Profile, UnknownProfile};
pub use request::{
    AccountDetail, FindingRef, HubArn, Input, InvitationRef, Page, ProductRef, Request, has_account_ids, partition,
};
pub use rule::{Answer, Grade, QuestionId, RuleId};
pub use sent_members::WrongType;
pub use status::MemberStatus;
pub use timestamp::Timestamp;
pub use transition::{Scenario, Transition};
