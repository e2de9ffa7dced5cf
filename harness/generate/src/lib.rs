//! The scenarios to try: random intents, resolved against what is believed when they run, and the shortest paths to a
//! rule.

mod alphabet;
mod boundary;
mod effect;
mod goals;
mod intent;
mod laws;
mod naming;
mod organization;
mod play;
mod regions;
mod resolve;
mod scenario_text;
mod search;
mod settings;
mod shrink;
mod story;
mod unsearched;
mod value;
mod walk;
mod ways;

pub use boundary::Case;
pub use boundary::WalkedList;
pub use goals::Script;
pub use intent::{Action, Intent, Intents};
pub use laws::{Law, LawCase};
pub use naming::{CastNaming, MANAGEMENT, callers, principal_name};
pub use resolve::resolve;
pub use scenario_text::{ScenarioError, extract_scenario, parse_scenario, step_request, write_scenario};
pub use settings::GenerateSettings;
pub use shrink::ScenarioTree;
pub use story::features;
pub use value::{Candidate, Feature, by_value};
pub use walk::{MOST_CAST, MOST_DEPTH, SituationId, Walk, WalkScenario, WalkSettings, WalkStep};
pub use ways::Ways;
