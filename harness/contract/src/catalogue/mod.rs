//! The contract as data: every rule with its evidence, every open question with its admissible answers.
//!
//! The statements live in `fixtures/contract/`; this module reads them, looks them up and puts them into words.

mod entry;
pub mod explain;
mod index;
mod load;
mod nearest;
mod selection;
mod sentence;
pub mod table;
mod wrap;

pub use entry::{AnswerText, Citation, Evidence, OpenQuestion, Rule, RulePart, Section, Source};
pub use index::{Catalogue, catalogue, grade, question, questions, rule, rules};
pub use load::{CatalogueError, FixtureText, Problem};
pub use nearest::nearest;
pub use selection::{RuleSelection, Scope};
pub use sentence::{is_open, sentence};
pub use wrap::{Breaks, paragraph, wrap};
