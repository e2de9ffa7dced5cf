//! Runs scenarios against a target: budget, workers, belief, views, confirmation, shrinking.
//!
//! `run` conducts the phases, each of which returns its part as data; what they found is looked into by `finding`,
//! and told by `record`. The files stand in layers, and none imports one above it: `tests/architecture.rs` has the
//! table.

mod accounts;
mod ahead;
mod answer_sheet;
mod context;
mod creation;
mod curl;
mod description;
mod diagnosis;
mod ending;
mod erased;
mod execution;
mod executor;
mod feasible;
mod finding;
mod goals;
mod impact;
mod interrupt;
mod laws;
mod malformed;
mod outcome;
mod pages;
mod phase;
mod pool;
mod power;
mod python;
mod record;
mod recording;
mod replay;
mod run;
mod settings;
mod supply;
mod support;
mod symbols;
mod tally;
mod views;
mod waits;
mod well_formed;

pub use answer_sheet::{AnswerSheet, AnswersSeen, SheetEntry, SheetError};
pub use description::Description;
pub use diagnosis::{Diagnosis, Fate, diagnose, diagnose_within, what_if};
pub use execution::{ExecutedStep, Execution, FoundDivergence};
pub use executor::Executor;
pub use finding::ConfirmedFinding;
pub use goals::{GOALS, Goal, Needs};
pub use interrupt::Interrupt;
pub use malformed::MalformedOutcome;
pub use outcome::Run;
pub use phase::ProbeError;
pub use power::{PowerSettings, measure};
pub use replay::{ReplayedStep, replay};
pub use run::RunError;
pub use settings::{Filter, KnownDivergence, Phase, RunSelection, RunSettings, Shard};
pub use supply::{EmbeddedSupply, HttpSupply, RawTarget, Server, Supply};
pub use support::{Support, SupportTable};
pub use tally::Tally;
pub use waits::Waits;
