//! Judges recorded conversations, without any target, and folds what it found into a record.

mod beside;
mod checker;
mod exchange;
mod fold;
mod record;

pub use checker::{Checked, check};
pub use fold::conversation_record;
pub use record::{
    CHECK_SCHEMA, CheckRecord, ConversationRecord, ConversationVerdict, LateAnswerRecord, TraceDivergenceRecord,
    UnjudgedRecord, UnreadRecord,
};
