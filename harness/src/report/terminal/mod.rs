//! A run on a terminal: its progress while it goes on, and its summary at the end.
//!
//! Nothing here knows where it writes to, nor the environment: both are the caller's.

mod causes;
mod check;
mod finding;
mod history;
mod power;
mod progress;
mod screen;
mod summary;
pub(in crate::report) mod text;

pub use check::check;
pub use history::history;
pub use power::power;
pub use progress::{Mode, Progress};
pub(super) use summary::is_malformed_alone;
pub use summary::{summary, verdict};

use passmuster_contract::domain::Severity;

/// The word for how much a finding weighs, in its colour.
fn severity(style: TerminalStyle, severity: Severity) -> String {
    match severity {
        Severity::Divergence => style.red(severity.name()),
        Severity::Suspicion | Severity::Note => style.yellow(severity.name()),
    }
}

/// The style of text for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalStyle {
    /// Whether to use colours.
    pub colour: bool,
    /// The number of columns to fill at most; lines to be copied may be longer.
    pub width: usize,
    /// Whether to tell everything in full, instead of as much as fits on a screen.
    pub verbose: bool,
}

impl Default for TerminalStyle {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl TerminalStyle {
    /// The columns to fill where nothing is known of the terminal.
    pub const WIDTH: usize = 110;

    /// No colours.
    pub const PLAIN: Self = Self { colour: false, width: Self::WIDTH, verbose: false };

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// For what to look at first.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// For what fails.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// For what may be wrong.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// For what is well.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// For what matters less.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}
